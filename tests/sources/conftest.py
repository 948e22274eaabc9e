"""Opens what the tests of sources look at, and closes it in the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sources.repos import Repo
from sources.teams import DEFAULTS, Find, Open, Team, team_in

from schemacheck.model import Baseline
from schemacheck.sources import Repository, Select, Settings, Sides


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return team_in(tmp_path)


@pytest.fixture
def sides() -> Iterator[Open]:
    """Opens the sides of a repository; all is closed in the end."""
    open_ones: list[Repository] = []

    def open_(repo: Repo, settings: Settings = DEFAULTS, environ: Mapping[str, str] | None = None) -> Sides:
        open_ones.append(Repository(repo.path))
        return Sides(open_ones[-1], Select(("schemas",)), settings, environ or {})

    yield open_
    for one in open_ones:
        one.close()


@pytest.fixture
def find(sides: Open) -> Find:
    """The baseline that the ladder finds."""

    def find_(
        repo: Repo, settings: Settings = DEFAULTS, environ: Mapping[str, str] | None = None, spec: str = "worktree"
    ) -> Baseline:
        opened = sides(repo, settings, environ)
        return opened.baseline("auto", opened.current(spec)).about

    return find_
