"""A large run in batches finds what it would have found in one go, to the letter."""

from __future__ import annotations

import faulthandler
import json
import os
import pickle
import signal
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from cases import Case, from_folders, from_pages

from schemacheck import batches, check, config, isolation, workers
from schemacheck.formats.protobuf import FORMAT, load, registry, ties
from schemacheck.formats.protobuf.compile import compile_files
from schemacheck.formats.protobuf.walk import Walk
from schemacheck.model import Baseline, Direction
from schemacheck.render import renderer
from schemacheck.report import Report
from schemacheck.sources.tree import MemoryTree, TreeSource
from schemacheck.waivers import FILE

FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
WAYS = (Direction.BACKWARD, Direction.FORWARD)
PROTOBUF = [*from_folders("protobuf"), *from_pages("protobuf")]
CASES = [*PROTOBUF, *from_folders("avro"), *from_folders("json-schema")]


def judged(old: Mapping[str, bytes], new: Mapping[str, bytes], policy: config.Policy | None = None) -> Report:
    sides = [TreeSource(Baseline("dir", name), MemoryTree(name, files)) for name, files in (("old", old), ("new", new))]
    return check.run("check", sides[1], [sides[0]], config.rooted(policy or config.Policy(), ("",)))


def told(report: Report) -> Any:
    return json.loads(renderer("json")(report))


def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LARGE", "LEAST", "MOST"):
        monkeypatch.setattr(batches, name, 1)


def several(case: Case) -> bool:
    """Whether a case has more files than its event, so that a batch may lack some."""
    return any(len(files) > 1 for files in (case.before, case.after))


@pytest.mark.parametrize("forked", [pytest.param(True, marks=FORKS, id="forked"), pytest.param(False, id="here")])
def test_batches_of_one_file_find_what_one_run_finds(monkeypatch: pytest.MonkeyPatch, forked: bool) -> None:
    chosen = [case for case in CASES if several(case)]
    whole = {case.id: told(judged(case.before, case.after)) for case in chosen}
    one_by_one(monkeypatch)
    monkeypatch.setattr(isolation, "ON", forked)
    assert whole == {case.id: told(judged(case.before, case.after)) for case in chosen}


PLACES = {
    "a type that moved": (
        {"a.proto": "package p; message A { optional string id = 1; }", "b.proto": "package p; message B {}"},
        {
            "a.proto": "package p; message C {}",
            "b.proto": "package p; message B {} message A { optional int32 id = 1; }",
        },
    ),
    "an extension that became a field": (
        {
            "a.proto": "package p; message A { extensions 5 to 9; }",
            "b.proto": 'package q; import "a.proto"; extend p.A { optional string x = 5; }',
        },
        {
            "a.proto": "package p; message A { extensions 6 to 9; optional string x = 5; }",
            "b.proto": "package q; message B {}",
        },
    ),
    "a package that was a message": (
        {"a.proto": "package p; message A { message B { optional string id = 1; } }", "b.proto": "package z;"},
        {"a.proto": "package p;", "b.proto": "package p.A; message B { optional int32 id = 1; }"},
    ),
    "a service that moved": (
        {"a.proto": "package p; message A {} service S { rpc Do(A) returns (A); }", "b.proto": "package p;"},
        {"a.proto": "package p; message A {}", "b.proto": 'package p; import "a.proto"; service S {}'},
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_what_moved_between_files_is_found_though_they_could_be_in_two_batches(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    sides = [{path: f'syntax = "proto2"; {text}'.encode() for path, text in side.items()} for side in PLACES[name]]
    whole = told(judged(*sides))
    assert not whole["not_checked"]
    one_by_one(monkeypatch)
    assert whole == told(judged(*sides))
    monkeypatch.setattr(ties, "ties", lambda versions: [set() for _ in versions])
    assert whole != told(judged(*sides))  # so that the files matter to one another


def test_a_waiver_knows_what_it_hides_in_every_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    record = '{"type": "record", "name": "%s", "fields": [%s]}'
    old = {f"{n}/v1.avsc": (record % (n, '{"name": "id", "type": "string"}')).encode() for n in "abc"}
    new = {path: text.replace(b'"string"', b'"int"') for path, text in old.items()}
    lines = ('rule = "avro/type-changed"', 'path = "*/v1.avsc"', 'reason = "r"', 'owner = "o"')
    waiver = "\n".join(["[[waiver]]", *lines, "expires = 2026-02-01"]).encode()
    sides = [{**files, FILE: waiver} for files in (old, new)]
    policy = config.Policy(today=date(2026, 1, 1))
    whole = told(judged(*sides, policy))
    one_by_one(monkeypatch)
    assert whole == told(judged(*sides, policy))
    assert [3] == [found["used"] for found in whole["waivers"]]


@FORKS
def test_the_events_of_a_batch_that_died_are_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    real = check._Run._batch

    def dying(self: Any, facings: Any) -> Any:
        if any(facing.path == "b/v1.avsc" for facing in facings):
            faulthandler.disable()
            os.kill(os.getpid(), signal.SIGSEGV)
        return real(self, facings)

    monkeypatch.setattr(check._Run, "_batch", dying)
    monkeypatch.setattr(isolation, "ON", True)
    monkeypatch.setattr(workers, "at_once", lambda: 2)
    one_by_one(monkeypatch)
    old = {f"{n}/v1.avsc": f'{{"type": "fixed", "name": "{n}", "size": 1}}'.encode() for n in "abc"}
    new = {path: text.replace(b"}", b', "doc": "x"}') for path, text in old.items()}
    report = judged(old, new)
    assert 3 == report.exit_code
    assert ["compatible", "not_checked", "compatible"] == [str(verdict.outcome) for verdict in report.verdicts]
    assert [("b/v1.avsc", "internal")] == [(problem.file, problem.reason) for problem in report.not_checked]
    assert "with 0 other files, died: signal 11 ended it" in report.not_checked[0].message


@pytest.mark.parametrize("few", [0, 1000], ids=["all at once", "one by one"])
def test_positions_that_are_fetched_later_are_the_same(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    chosen = [case for case in PROTOBUF if several(case)]
    whole = [told(judged(case.before, case.after)) for case in chosen]
    monkeypatch.setattr(load, "_PLACED", 0)
    monkeypatch.setattr(load, "_FEW_ASKED", few)
    assert whole == [told(judged(case.before, case.after)) for case in chosen]


def test_what_a_walk_passes_over_would_have_said_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [(case, case.parse(case.before, "old"), case.parse(case.after, "new")) for case in PROTOBUF]

    def everything() -> Iterator[Any]:
        for case, *sides in pairs:
            for old, new in (sides, sides[::-1]):
                facts = [pickle.loads(pickle.dumps(change)) for change in FORMAT.diff(old, new)]
                yield case.id, facts, [FORMAT.registry(old, new, way) for way in WAYS]

    quick = list(everything())
    monkeypatch.setattr(Walk, "settled", lambda *_: False)
    monkeypatch.setattr(registry._Check, "_same", lambda *_: False)
    assert quick == list(everything())


HEADS = {
    "package a.b;": "a.b",
    "package a .\n b\t;": "a.b",
    "package/* c; */a/**/.// d;\nb;": "a.b",
    "// package x;\n/* package y; */ package z;": "z",
    'option java_package = "package x;"; package z;': "z",
    "message M { optional int32 package = 1; } package z;": "z",
    "message M { message package {} }": "",
    "/* package x; */": "",
    "": "",
}


@pytest.mark.parametrize("head", HEADS)
def test_the_package_of_a_file_is_the_one_that_protoc_finds(head: str) -> None:
    text = f'syntax = "proto2"; {head}'
    compiled = compile_files({"a.proto": text.encode()}, ["a.proto"])
    assert compiled.files is not None, compiled.flaws
    assert (HEADS[head], HEADS[head]) == (compiled.files.file[0].package, ties.scan(text).package)


def test_only_what_stands_at_the_top_of_a_file_ties_it() -> None:
    text = "message A { message B { enum C { X = 0; } } enum D { Y = 0; } } enum E { Z = 0; } service S {} message F {}"
    found = ties.scan(f"package p; {text}")
    assert ties.Scan("p", ("A", "E", "F"), ("S",)) == found
    assert ("p.A", "A") == (found.full("A"), ties.scan(text).full("A"))


def test_files_are_tied_by_the_names_that_both_have_and_no_others() -> None:
    def tied(*texts: str) -> list[set[str]]:
        tree = MemoryTree("side", {f"{n}.proto": text.encode() for n, text in enumerate(texts)})
        return ties.ties([[(tree, path)] for path in sorted(tree.all_files)])

    assert [{"type p.A"}, {"type p.B"}] == tied("package p; message A {}", "package p; message B {}")
    assert [{"type A"}, {"type A"}] == tied("message A {}", "enum A { X = 0; }")
    assert [{"type p.A"}, {"type p.A.B", "type p.A"}] == tied("package p; message A {}", "package p.A; message B {}")
    extended = "package p; message A { extensions 5; }"
    assert [{"type p.A", "extensions of A"}, {"extensions of A"}, {"type q.B"}] == tied(
        extended, "package q; extend p.A { optional int32 x = 5; }", "package q; message B { extensions 5; }"
    )


def test_what_is_extended_is_found_however_it_is_written() -> None:
    text = "extend .a.B { } extend/* c */ a . C\n{ } // extend D {\n message extends { }"
    assert ties.Scan(types=("extends",), extends=("B", "C")) == ties.scan(text)


def test_a_long_row_of_comments_is_scanned_at_once() -> None:
    text = "package " + "/**/ " * 50_000 + "= extend " + "/**/ " * 50_000
    assert ties.Scan() == ties.scan(text)
