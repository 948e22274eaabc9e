"""What a run does, counted and never timed: modules, git processes, blobs, calls. A large repository costs no more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from sources.repos import Repo

SMALL, LARGE = 120, 1000
AVRO, PROTO, COMMON = "schemas/shop/event1/v1.avsc", "schemas/shop1/v1/event1.proto", "schemas/common/v1/money.proto"
FORMATS = {"fastavro", "avro", "google", "grpc_tools", "jsonschema", "referencing"}
# Of the standard library what takes longest to import, and is not needed by everybody.
SLOW = {"hashlib", "tomllib", "tempfile", "shutil", "random", "urllib.request", "http", "ssl", "asyncio", "difflib"}
MONEY = 'syntax = "proto3";\npackage common.v1;\nmessage Money { int64 units = 1; }\n'
# Runs a command under a hook that counts the calls of our own functions, and what they read of git.
PROGRAM = """
import collections, json, sys
calls, read = collections.Counter(), []
def hook(frame, event, result):
    name = frame.f_globals.get("__name__", "")
    if name.startswith("schemacheck"):
        name = f"{name}:{frame.f_code.co_qualname}"
        if event == "call":
            calls[name] += 1
        elif event == "return" and name == "schemacheck.sources.git:Repository.object" and result:
            read.append(len(result[2])) if result[1] == "blob" else None
from schemacheck.__main__ import _run
sys.setprofile(hook)
code = _run({"code": 3})
sys.setprofile(None)
print()
print(json.dumps({"code": code, "modules": sorted(sys.modules), "calls": calls, "read": read}))
"""


@dataclass(frozen=True)
class Work:
    """What one run did."""

    code: int
    modules: set[str]
    calls: Counter[str]
    read: list[int]  # bytes of each blob
    git: list[str]  # its commands

    @property
    def libraries(self) -> set[str]:
        """What was imported that is not part of Python."""
        return {name.partition(".")[0] for name in self.modules} & {*FORMATS, "git"}

    @property
    def formats(self) -> set[str]:
        """Our own formats that were opened."""
        prefix = "schemacheck.formats."
        known = {"avro", "protobuf", "json_schema"}
        return {name.removeprefix(prefix).partition(".")[0] for name in self.modules if name.startswith(prefix)} & known


def run(folder: Path, *arguments: str) -> Work:
    """Runs a command in a process of its own."""
    trace = folder / ".git" / "trace"
    environ = {**os.environ, "GIT_TRACE2_EVENT": str(trace)}
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=True, timeout=120)
    events = map(json.loads, trace.read_text(encoding="utf-8").splitlines()) if trace.exists() else ()
    git = [_command(event["argv"]) for event in events if event["event"] == "start"]
    trace.unlink(missing_ok=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return Work(told["code"], set(told["modules"]), Counter(told["calls"]), told["read"], sorted(git))


def _command(argv: list[str]) -> str:
    """The name of a git command, without the settings before it."""
    words = iter(argv[1:])
    for word in words:
        if word != "-c":
            return word
        next(words)
    return ""


def avro(number: int) -> str:
    fields = [{"name": "a", "type": "string"}, {"name": "b", "type": ["null", "string"], "default": None}]
    return json.dumps({"type": "record", "name": f"Event{number}", "namespace": "shop.v1", "fields": fields})


def proto(number: int) -> str:
    return (
        f'syntax = "proto3";\npackage shop{number}.v1;\nimport "common/v1/money.proto";\n'
        f"message Event{number} {{ string a = 1; common.v1.Money b = 2; }}\n"
    )


def _repository(folder: Path, schemas: int) -> Repo:
    """A clone with half Avro and half Protobuf, on a branch of its own."""
    repo = Repo(folder / "shop")
    files: dict[str, str | None] = {COMMON: MONEY}
    for number in range(1, schemas // 2 + 1):
        files[f"schemas/shop/event{number}/v1.avsc"] = avro(number)
        files[f"schemas/shop{number}/v1/event{number}.proto"] = proto(number)
    repo.commit(files)
    clone = repo.clone(folder / "clone")
    clone.branch("feature")
    clone.commit({"README.md": "more"})
    return clone


Counted = Callable[[int, str, str], Work]
EDITS: Mapping[str, Mapping[str, str]] = {
    "nothing": {},
    "avro": {AVRO: avro(1).replace('"b"', '"c"')},
    "proto": {PROTO: proto(1).replace("b = 2", "c = 2")},
    "two avro": {AVRO: avro(1).replace('"b"', '"c"'), AVRO.replace("1/", "2/"): avro(2).replace('"b"', '"c"')},
}


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    """The work of a check in a repository of so many schemas, with an edit, in the worktree or the index."""
    repos: dict[int, Repo] = {}
    known: dict[tuple[int, str, str], Work] = {}

    def counted_(schemas: int, edit: str, mode: str = "--staged") -> Work:
        if (schemas, edit, mode) not in known:
            if schemas not in repos:
                repos[schemas] = _repository(tmp_path_factory.mktemp("work"), schemas)
            repo = repos[schemas]
            repo.write(EDITS[edit])
            if mode:
                repo.git("add", "-A")
            known[schemas, edit, mode] = run(repo.path, "check", *filter(None, [mode]))
            repo.git("reset", "-q", "--hard")
        return known[schemas, edit, mode]

    return counted_


# what is imported


def test_the_version_is_told_without_any_library() -> None:
    done = run(Path.cwd(), "--version")
    assert set() == done.libraries
    assert set() == done.modules & SLOW
    own = {name for name in done.modules if name.startswith("schemacheck.")}
    assert {"cli", "errors", "isolation", "render", "render.escape", "__main__"} == {n[12:] for n in own}


@pytest.mark.parametrize("mode", ["", "--staged"])
def test_a_run_that_finds_nothing_imports_no_format(counted: Counted, mode: str) -> None:
    done = counted(SMALL, "nothing", mode)
    assert 0 == done.code
    assert set() == done.formats
    assert set() == done.libraries
    assert set() == done.modules & SLOW


@pytest.mark.parametrize(
    ("edit", "format_", "libraries"),
    [("avro", "avro", {"fastavro"}), ("proto", "protobuf", {"google", "grpc_tools"})],
)
def test_an_edit_imports_the_libraries_of_its_format_alone(
    counted: Counted, edit: str, format_: str, libraries: set[str]
) -> None:
    done = counted(SMALL, edit)
    assert {format_} == done.formats
    assert libraries == done.libraries


@pytest.mark.parametrize("edit", EDITS)
def test_a_large_repository_imports_nothing_more(counted: Counted, edit: str) -> None:
    assert counted(SMALL, edit).modules == counted(LARGE, edit).modules


# which git processes are started, each once

OPEN = ["cat-file", "diff-index", "for-each-ref", "ls-files", "merge-base", "rev-parse"]


@pytest.mark.parametrize("schemas", [SMALL, LARGE])
@pytest.mark.parametrize(
    ("edit", "mode", "more"),
    [
        ("nothing", "--staged", []),
        ("nothing", "", ["ls-files"]),  # what git does not know
        ("avro", "--staged", ["grep", "log"]),  # who rests on it, and what it was
        ("proto", "--staged", ["grep", "log"]),
        ("two avro", "--staged", ["grep", "log"]),
        ("avro", "", ["grep", "hash-object", "log", "ls-files"]),
    ],
)
def test_a_run_starts_few_git_processes(counted: Counted, schemas: int, edit: str, mode: str, more: list[str]) -> None:
    assert sorted([*OPEN, *more]) == counted(schemas, edit, mode).git


@pytest.mark.parametrize(("mode", "most"), [("", 9), ("--staged", 8)])
def test_a_repository_without_a_remote_takes_few_more(tmp_path: Path, mode: str, most: int) -> None:
    repo = Repo(tmp_path / "alone")
    repo.commit({AVRO: avro(1)})
    repo.commit({"README.md": "more"})
    git = run(repo.path, "check", *filter(None, [mode])).git
    more = ["diff-index", "ls-files", "remote"] if not mode else ["diff-index", "remote"]
    assert sorted([*(name for name in OPEN if name != "merge-base"), *more]) == git
    assert len(git) < most


# what is read and parsed


@pytest.mark.parametrize("mode", ["", "--staged"])
def test_a_run_that_finds_nothing_reads_no_file_of_git(counted: Counted, mode: str) -> None:
    assert [] == counted(LARGE, "nothing", mode).read


@pytest.mark.parametrize(
    ("edit", "files"),
    [
        ("avro", [AVRO, AVRO]),  # both sides
        ("proto", [PROTO, PROTO, COMMON]),  # and what they import, which is the same
        ("two avro", [AVRO] * 4),
    ],
)
@pytest.mark.parametrize("schemas", [SMALL, LARGE])
def test_an_edit_reads_what_it_changes_and_what_that_rests_on(
    counted: Counted, schemas: int, edit: str, files: list[str]
) -> None:
    sizes = {AVRO: avro(1), PROTO: proto(1), COMMON: MONEY}
    assert sorted(len(sizes[path]) for path in files) == sorted(counted(schemas, edit).read)


@pytest.mark.parametrize("schemas", [SMALL, LARGE])
@pytest.mark.parametrize(("edit", "parsed"), [("nothing", 0), ("avro", 2), ("two avro", 4)])
def test_an_edit_parses_both_sides_of_it(counted: Counted, schemas: int, edit: str, parsed: int) -> None:
    assert parsed == counted(schemas, edit).calls["schemacheck.formats.avro.build:build"]


# how the work grows


def _steps(work: Work) -> int:
    """All calls of our own functions."""
    return sum(work.calls.values())


@pytest.mark.parametrize("mode", ["", "--staged"])
def test_a_schema_that_nothing_touches_costs_three_calls(counted: Counted, mode: str) -> None:
    more = _steps(counted(LARGE, "nothing", mode)) - _steps(counted(SMALL, "nothing", mode))
    assert 3 * (LARGE - SMALL) == more  # its path is placed


@pytest.mark.parametrize("mode", ["", "--staged"])
@pytest.mark.parametrize("edit", ["avro", "proto", "two avro"])
def test_an_edit_costs_the_same_in_a_large_repository(counted: Counted, edit: str, mode: str) -> None:
    small, large = (_steps(counted(n, edit, mode)) - _steps(counted(n, "nothing", mode)) for n in (SMALL, LARGE))
    assert small <= large <= 1.2 * small


@pytest.mark.parametrize("schemas", [SMALL, LARGE])
def test_a_second_edit_costs_less_than_the_first(counted: Counted, schemas: int) -> None:
    nothing, one, two = (_steps(counted(schemas, edit)) for edit in ("nothing", "avro", "two avro"))
    assert 0 < two - one < one - nothing


def test_no_verdict_is_made_for_what_nothing_touches(counted: Counted) -> None:
    made = "schemacheck.watch:Watch.passed"
    assert [0, 0] == [counted(LARGE, edit).calls[made] for edit in ("nothing", "avro")]
