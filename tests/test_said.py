"""What every case says, whole: each change with its places, there and back, and the verdicts of the event cases.

The files in `tests/said` hold it; `make golden` writes them anew. Who changes a message, or a place that one points
at, sees in the diff every case that is told otherwise.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from cases import Case, from_folders, from_pages, side
from test_event_cases import FOLDERS, SIDES, judged

from schemacheck import formats
from schemacheck.model import Direction, Document, Subject, Version
from schemacheck.report import Finding, Report
from schemacheck.sources.tree import MemoryTree

SAID = Path(__file__).parent / "said"
WRITE = bool(os.environ.get("SCHEMACHECK_WRITE_GOLDEN"))
KINDS = ("avro", "protobuf", "json-schema")
CASES = [case for kind in KINDS for case in [*from_folders(kind), *from_pages(kind)]]
DIRECTIONS = {Direction.NONE: "none", Direction.BACKWARD: "backward", Direction.FORWARD: "forward"}
# What changes with every rule that is added anywhere.
COUNTED, MARK = re.compile(r"and \d\d+ more"), re.compile(r"waive [0-9a-f]{12}")


def kept(kind: str) -> dict[str, list[str]]:
    """The blocks of a file: the lines below each `# case`."""
    path = SAID / f"{kind}.txt"
    blocks = path.read_text(encoding="utf-8").split("\n# ")[1:] if path.is_file() else []
    return {name: lines for name, *lines in (block.strip("\n").split("\n") for block in blocks)}


KEPT = {kind: kept(kind) for kind in (*KINDS, "event")}


def compare(kind: str, name: str, lines: list[str]) -> None:
    if WRITE:
        KEPT[kind][name] = lines
        blocks = [f"\n# {name}\n" + "".join(f"{line}\n" for line in KEPT[kind][name]) for name in sorted(KEPT[kind])]
        (SAID / f"{kind}.txt").write_text("".join(blocks), encoding="utf-8")
    assert KEPT[kind].get(name) == lines


SIDES_OF: dict[str, tuple[Side, Side]] = {}  # for `make mutants`, which asks for each case a thousand times


class Side:
    """One side of a case, parsed, with the places in it."""

    def __init__(self, case: Case, files: Mapping[str, bytes]) -> None:
        document = Document(Subject("event", Version(1)), case.format, case.event, MemoryTree("side", files))
        self.workspace = formats.load(case.format).open(document.tree, case.options)
        self.schema: Any = self.workspace.parse([document], published=False)[case.event]

    def at(self, pointer: str | None) -> str:
        found = None if pointer is None else self.workspace.locate(pointer)
        return f"{pointer} {found.line}:{found.column}" if found else "-"


def changes(case: Case) -> Iterator[str]:
    """Every change, there and back."""
    if case.id not in SIDES_OF:
        SIDES_OF[case.id] = Side(case, case.before), Side(case, case.after)
    before, after = SIDES_OF[case.id]
    for way, old, new in (("there", before, after), ("back", after, before)):
        for change in formats.load(case.format).diff(old.schema, new.schema):
            breaks = DIRECTIONS.get(change.breaks, "full")
            yield f"{way} {change.rule.id} ({breaks}) {change.where}: {change.message}"
            yield f"    at {new.at(change.pointer)}, was {old.at(change.old_pointer)}"


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_case_says_what_it_said(case: Case) -> None:
    compare(case.format, case.id, list(changes(case)))


def verdicts(report: Report) -> Iterator[str]:
    """Every verdict and every finding."""
    for verdict in report.verdicts:
        deploy = f", {verdict.deploy}" if verdict.deploy else ""
        follows = f", next {verdict.next}" if verdict.next else ""
        yield f"{verdict.subject} {verdict.outcome} in {verdict.file}{deploy}{follows}"
    for finding in report.findings:
        message = COUNTED.sub("and some more", finding.message)
        yield f"{finding.level.name.lower()} {finding.rule.id} {finding.subject} {finding.where}: {message}"
        yield f"    {told(finding)}"
        for word in ("hint", "fix"):
            if text := getattr(finding, word):
                yield f"    {word}: {MARK.sub('waive MARK', text)}"


def told(finding: Finding) -> str:
    was = f", was {finding.was.file}:{finding.was.line}:{finding.was.column}" if finding.was else ""
    older = f", and {finding.older} older" if finding.older else ""
    known = ", known" if finding.preexisting else ""
    breaks = DIRECTIONS.get(finding.directions, "full")
    place = f"{finding.side} {finding.file}:{finding.line}:{finding.column}"
    return f"{place}{was}, against {finding.against}{older}{known}, breaks {breaks}"


@pytest.mark.parametrize("folder", FOLDERS, ids=[f"{f.parent.name}/{f.name}" for f in FOLDERS])
def test_an_event_case_says_what_it_said(folder: Path) -> None:
    files = {name: side(folder, name) if (folder / name).is_dir() else {} for name in SIDES}
    compare("event", f"{folder.parent.name}/{folder.name}", list(verdicts(judged(files))))


@pytest.mark.parametrize("kind", KEPT)
def test_nothing_is_kept_of_a_case_that_is_gone(kind: str) -> None:
    known = {case.id for case in CASES} | {f"{folder.parent.name}/{folder.name}" for folder in FOLDERS}
    assert set() == KEPT[kind].keys() - known
