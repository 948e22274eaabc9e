"""What a hook sees, run by a real `git commit` in each of its forms."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sources.repos import Repo
from sources.teams import Team

import schemacheck

_SCRIPT = """#!{python}
import json, os, sys
sys.path.insert(0, {package!r})
from pathlib import Path
from schemacheck.sources import Repository, Select, Settings, Sides
with Repository(Path.cwd()) as repository:
    sides = Sides(repository, Select(("schemas",)), Settings(), os.environ)
    current = sides.current("index")
    baseline = sides.baseline("auto", current)
    tree = current.tree
    files = {{path: tree.read(path).decode() for path in sorted(tree.files)}}
    Path({out!r}).write_text(json.dumps([files, baseline.about.revision]))
"""


@pytest.fixture
def seen(team: Team, tmp_path: Path) -> Path:
    """Installs the hooks; each run leaves here what it saw."""
    out = tmp_path / "seen.json"
    package = str(Path(schemacheck.__file__).parents[1])
    for name in ("pre-commit", "pre-merge-commit"):
        hook = team.clone.path / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(_SCRIPT.format(python=sys.executable, package=package, out=str(out)), encoding="utf-8")
        hook.chmod(0o755)
    return out


def _git(folder: Path, seen: Path, *arguments: str) -> tuple[dict[str, str], str]:
    """Runs git with its hooks: the files that the hook saw, and its baseline."""
    seen.unlink(missing_ok=True)
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    files, revision = _loaded(seen)
    return files, revision


def _loaded(seen: Path) -> Any:
    return json.loads(seen.read_text(encoding="utf-8"))


A, MINE = "schemas/a.avsc", "schemas/mine.avsc"


def test_each_form_of_commit_shows_what_it_will_hold(team: Team, seen: Path) -> None:
    clone = team.clone
    clone.write({A: "staged", MINE: "unstaged", "schemas/new.avsc": "untracked"})
    clone.git("add", A)
    clone.write({A: "later"})
    folder = clone.path
    assert ({A: "staged", MINE: "1"}, team.old) == _git(folder, seen, "commit", "-m", "staged")
    assert ({A: "staged", MINE: "1"}, team.old) == _git(folder, seen, "commit", "--amend", "-m", "again")
    assert ({A: "staged", MINE: "unstaged"}, team.old) == _git(folder, seen, "commit", "-m", "one path", MINE)
    assert ({A: "later", MINE: "unstaged"}, team.old) == _git(folder, seen, "commit", "-a", "-m", "all")


def test_a_deletion_is_seen(team: Team, seen: Path) -> None:
    team.clone.git("rm", "-q", A)
    assert ({MINE: "1"}, team.old) == _git(team.clone.path, seen, "commit", "-m", "delete")


def test_a_merge_counts_what_it_brings_as_published(team: Team, seen: Path) -> None:
    merged = {A: "1", MINE: "1", "schemas/theirs.avsc": "1"}
    assert (merged, team.new) == _git(team.clone.path, seen, "merge", "--no-ff", "-m", "merge", "origin/main")
    team.clone.git("reset", "-q", "--hard", "HEAD^1")
    team.clone.git("merge", "-q", "--no-ff", "--no-commit", "origin/main")
    assert (merged, team.new) == _git(team.clone.path, seen, "commit", "-m", "merge by hand")


def test_a_linked_worktree_has_its_own_index(team: Team, seen: Path, tmp_path: Path) -> None:
    team.clone.git("worktree", "add", "-q", "-b", "linked", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked")
    linked.write({A: "linked"})
    linked.git("add", "-A")
    team.clone.write({A: "main tree"})
    team.clone.git("add", "-A")
    assert ({A: "linked", MINE: "1"}, team.old) == _git(linked.path / "schemas", seen, "commit", "-m", "linked")
    assert ({A: "main tree", MINE: "1"}, team.old) == _git(team.clone.path, seen, "commit", "-m", "main")
