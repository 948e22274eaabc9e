"""Repositories and settings that mean harm, or only look like it: nothing is run, followed, changed or waited for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sources.repos import Repo
from sources.teams import Open, Team

import schemacheck
from schemacheck.formats.text import MAX_BYTES, read_text
from schemacheck.model import Problem
from schemacheck.sources import Repository, Select, Settings, Sides

A, B = "schemas/a/v1.avsc", "schemas/b/v1.avsc"
POSIX = pytest.mark.skipif(os.name == "nt", reason="there are none of these")
RUNS = (["check"], ["check", "--staged"], ["check", "--all"], ["baseline"], ["diff"])


def _record(name: str, doc: str = "") -> str:
    return json.dumps({"type": "record", "name": name, "namespace": f"{name.lower()}.v1", "doc": doc, "fields": []})


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Two events that are published, and one edit."""
    repo = Repo(tmp_path / "repo")
    repo.commit({A: _record("A"), B: _record("B")})
    repo.write({A: _record("A", "edited")})
    return repo


def _run(repo: Repo, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command line, in a process of its own."""
    path = str(Path(schemacheck.__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-m", "schemacheck", *arguments],
        cwd=repo.path,
        env={**os.environ, "PYTHONPATH": path, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


# nothing is run

PROGRAMS = (
    "alias.ls-files",
    "core.alternateRefsCommand",
    "core.editor",
    "core.fsmonitor",
    "core.pager",
    "core.sshCommand",
    "credential.helper",
    "diff.evil.command",
    "diff.evil.textconv",
    "diff.external",
    "gpg.program",
    "interactive.diffFilter",
    "merge.evil.driver",
    "pager.log",
)
HOOKS = (
    "fsmonitor-watchman",
    "post-checkout",
    "post-index-change",
    "pre-auto-gc",
    "pre-commit",
    "reference-transaction",
)


@POSIX
@pytest.mark.parametrize("run", RUNS, ids=" ".join)
def test_no_program_that_a_repository_names_is_run(repo: Repo, tmp_path: Path, run: list[str]) -> None:
    evil, marker, hooks = tmp_path / "evil", tmp_path / "marker", tmp_path / "hooks"
    hooks.mkdir()
    for path in (evil, *(hooks / name for name in HOOKS)):
        path.write_text(f'#!/bin/sh\necho "$0 $*" >> {marker}\ncat\n', encoding="utf-8")
        path.chmod(0o755)
    repo.commit({".gitattributes": "*.avsc diff=evil merge=evil filter=unknown ident\n"})
    for name in PROGRAMS:
        repo.git("config", name, f"!{evil}" if name.startswith("alias.") else str(evil))
    repo.git("config", "log.showSignature", "true")
    repo.git("config", "core.hooksPath", str(hooks))
    repo.write({A: _record("A", "edited again")})
    done = _run(repo, *run, GIT_PAGER=str(evil), GIT_EXTERNAL_DIFF=str(evil))
    assert "" == (marker.read_text(encoding="utf-8") if marker.exists() else "")
    assert done.returncode in (0, 1)
    assert "bug" not in done.stderr


@POSIX
def test_no_signature_is_verified(team: Team, sides: Open, tmp_path: Path) -> None:
    evil, marker = tmp_path / "evil", tmp_path / "marker"
    evil.write_text(f"#!/bin/sh\ntouch {marker}\n", encoding="utf-8")
    evil.chmod(0o755)
    tree = team.clone.git("rev-parse", "HEAD^{tree}")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n"
    who = "A <a@example.org> 1 +0000"
    text = f"tree {tree}\nparent {team.old}\nauthor {who}\ncommitter {who}\n{signature}\nsigned\n"
    (tmp_path / "commit").write_text(text, encoding="utf-8", newline="")
    commit = team.clone.git("hash-object", "-t", "commit", "-w", str(tmp_path / "commit"))
    team.clone.git("config", "gpg.program", str(evil))
    team.clone.git("config", "log.showSignature", "true")
    opened = sides(team.clone)
    states = opened.baseline(f"git:{commit}", opened.current("worktree")).history()
    assert ([commit, team.old], False) == ([tree.revision for tree, _ in states], marker.exists())


# nothing is changed


def _everything(repo: Repo) -> dict[str, tuple[bytes, int]]:
    files = (path for path in sorted(repo.path.rglob("*")) if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@pytest.mark.parametrize("run", RUNS, ids=" ".join)
def test_a_run_leaves_every_file_as_it_was(repo: Repo, run: list[str]) -> None:
    for path in (A, B):
        os.utime(repo.path / path, (1, 1))  # git would like to put that into its index
    objects, config = repo.git("count-objects", "-v"), repo.git("config", "--list", "--show-origin")
    before = _everything(repo)
    assert _run(repo, *run).returncode in (0, 1)
    assert before == _everything(repo)
    assert (objects, config) == (repo.git("count-objects", "-v"), repo.git("config", "--list", "--show-origin"))


# nothing is waited for, and no more is read than can be a schema


@POSIX
def test_a_pipe_is_never_opened(repo: Repo) -> None:
    (repo.path / A).unlink()
    for path in (A, "schemas/new.avsc", "schemas/c.proto"):
        os.mkfifo(repo.path / path)
    done = _run(repo, "check")
    assert (3, True) == (done.returncode, f"{A}: not checked: it is no plain file" in done.stdout), done.stdout


@POSIX
def test_a_pipe_in_a_directory_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    os.mkfifo(tmp_path / A.replace("/a/", "/"))
    with Repository(tmp_path) as repository:
        tree = Sides(repository, Select(("schemas",)), Settings(), {}).current(f"dir:{tmp_path}").tree
        assert {"schemas/v1.avsc": "it is no plain file"} == {p: found.message for p, found in tree.problems.items()}


@pytest.mark.parametrize("run", [["check"], ["check", "--against", "empty"]], ids=" ".join)
def test_a_file_of_a_hundred_megabytes_is_not_checked(repo: Repo, run: list[str]) -> None:
    with (repo.path / "schemas/a/v2.avsc").open("wb") as file:
        file.truncate(105_000_000)
    done = _run(repo, *run)
    assert (3, True) == (done.returncode, "schemas/a/v2.avsc: not checked: " in done.stdout), done.stdout
    assert "105000000 bytes" in done.stdout


# what is no schema text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "it is a Git LFS pointer"),
        (b"\xff\xfe{\x00}\x00", "it is a binary file, or not UTF-8"),
        (b'{"doc": "caf\xe9"}', "byte 0xe9 is not UTF-8"),
        (b" \n", "the file is empty"),
        (b" " * (MAX_BYTES + 1), f"{MAX_BYTES + 1} bytes, more than {MAX_BYTES}"),
    ],
    ids=["lfs", "utf-16", "latin-1", "empty", "large"],
)
@pytest.mark.parametrize("spec", ["worktree", "index", "git:HEAD"])
def test_what_is_no_schema_text_is_a_problem_on_every_side(
    team: Team, sides: Open, spec: str, content: bytes, words: str
) -> None:
    (team.clone.path / "schemas/odd.avsc").write_bytes(content)
    if spec != "worktree":
        team.clone.commit({})
    problem = read_text(sides(team.clone).current(spec).tree, "schemas/odd.avsc")
    assert isinstance(problem, Problem)
    assert words in problem.message
    assert problem.hint


def test_a_byte_order_mark_is_no_part_of_the_text(team: Team, sides: Open) -> None:
    (team.clone.path / "schemas/bom.avsc").write_bytes(b"\xef\xbb\xbf{}\r\n")
    team.clone.commit({})
    for spec in ("worktree", "index", "git:HEAD"):
        assert "{}\r\n" == read_text(sides(team.clone).current(spec).tree, "schemas/bom.avsc")
