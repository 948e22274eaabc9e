"""The README shows what really happens: its runs, its configuration, its rule table."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from registry.fake import Fake, reject
from runs import BROKEN, PATH, V1, console, quick_start, renewed
from sources.repos import Repo

from schemacheck import config, docs, init
from schemacheck.model import MODES
from schemacheck.render import RENDERERS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def registry_run(folder: Path) -> str:
    """The way of one event into a registry, with what happens to it there."""
    repo = Repo(folder / "registered")
    repo.commit({PATH: V1})

    def say(*words: str) -> str:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SCHEMACHECK_REGISTRY_URL", fake.url)
            return console(repo, ["schemacheck", *words]).replace(fake.url, "http://localhost:8081")

    with Fake() as fake:
        shown = say("plan") + say("publish", "--yes")
        repo.write({PATH: BROKEN.replace('"amount"', '"total"')})
        fake.judge = reject
        shown += say("check", "--against", "registry:")
        fake.add("orders.v1.OrderPlaced", V1.replace('"string"}\n', '"string"},\n{"name": "extra", "type": "long"}\n'))
        return shown + say("drift")


def readme_with_real_runs(folder: Path) -> str:
    """The README with its console blocks and its rule table made anew."""
    runs = {**quick_start(folder), "registry": registry_run(folder)}
    return docs.with_table(renewed(README, runs))


def test_the_readme_shows_real_runs_and_all_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make readme` sets SCHEMACHECK_WRITE_README, which writes it anew instead."""
    write = os.environ.get("SCHEMACHECK_WRITE_README")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_DATE", "2026-11-20T09:12:44Z")
    real = readme_with_real_runs(tmp_path)
    if write:
        (ROOT / "README.md").write_text(real, encoding="utf-8")
    else:
        assert README == real


def test_the_configuration_in_the_readme_is_understood() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL)
    assert config.parse(text, "schemacheck.toml").roots == ("schemas",)


def test_every_mode_is_in_the_table() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)`", README, flags=re.MULTILINE)
    assert {str(mode) for mode in MODES} == set(rows)


def test_the_hook_in_the_readme_is_the_one_that_init_writes() -> None:
    written = re.sub(r"==[0-9.]+", "", init.HOOK)
    assert written in README


def test_every_option_of_check_is_named() -> None:
    from schemacheck.cli.judge import check

    for parameter in check.params:
        assert f"`{parameter.opts[0]}" in README


def test_every_format_of_a_report_has_its_row() -> None:
    (section,) = re.findall(r"^### Reports\n(.*?)^### ", README, flags=re.DOTALL | re.MULTILINE)
    assert list(RENDERERS) == re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)
