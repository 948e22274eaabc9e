"""The README shows what really happens: its runs, its configuration, its rule table."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from sources.repos import Repo

from schemacheck import config, docs, init
from schemacheck.model import MODES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FIELDS = """
    {"name": "order_id", "type": "string"},
    {"name": "amount", "type": "long"},
    {"name": "currency", "type": "string"}
"""
V1 = f"""{{
  "type": "record",
  "namespace": "orders.v1",
  "name": "OrderPlaced",
  "fields": [{FIELDS}  ]
}}
"""
BROKEN = V1.replace(',\n    {"name": "currency", "type": "string"}', "")
PATH = "schemas/orders/order_placed/v1.avsc"


def console(repo: Repo, *commands: Sequence[str]) -> str:
    """What a terminal shows of some commands: standard output only."""
    shown = ""
    for command in commands:
        shown += f"$ {shlex.join(command)}\n"
        words = [sys.executable, "-m", *command]
        shown += subprocess.run(words, cwd=repo.path, capture_output=True, text=True, check=False).stdout
    return shown


def readme_with_real_runs(folder: Path) -> str:
    """The README with its console blocks and its rule table made anew."""
    repo = Repo(folder / "shop")
    repo.commit({PATH: V1})
    repo.write({PATH: BROKEN})
    check = ["schemacheck", "check"]
    runs = {"diff": console(repo, ["schemacheck", "diff"]), "red": console(repo, check)}
    runs["bump"] = console(repo, ["schemacheck", "bump", "orders/order_placed"])
    repo.git("add", "-A")
    runs["green"] = console(repo, check)
    text = README
    for name, shown in runs.items():
        block = f"<!-- run: {name} -->\n```console\n{shown}```\n"
        text = re.sub(
            rf"<!-- run: {name} -->\n```console\n.*?```\n", lambda _, block=block: block, text, flags=re.DOTALL
        )
    return docs.with_table(text)


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
