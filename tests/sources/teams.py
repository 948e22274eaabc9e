"""A remote and a clone that has gone its own way: what most baselines are about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sources.repos import Repo

from schemacheck.model import Baseline
from schemacheck.sources import Settings, Sides

DEFAULTS = Settings()
Open = Callable[..., Sides]
Find = Callable[..., Baseline]


@dataclass
class Team:
    """A remote whose main moved on from `old` to `new`, and a clone on `feature`, one commit after `old`."""

    remote: Repo
    clone: Repo
    old: str
    new: str
    mine: str


def team_in(folder: Path) -> Team:
    """Builds both below a folder."""
    remote = Repo(folder / "remote")
    old = remote.commit({"schemas/a.avsc": "1"})
    clone = remote.clone(folder / "clone")
    clone.branch("feature")
    mine = clone.commit({"schemas/mine.avsc": "1"})
    new = remote.commit({"schemas/theirs.avsc": "1"})
    clone.git("fetch", "-q")
    return Team(remote, clone, old, new, mine)
