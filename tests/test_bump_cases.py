"""Every edit of every case, made the next version: the result of a bump is always green."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import PurePosixPath

import pytest
from cases import Case, from_folders, from_pages

from schemacheck import bump, check, config
from schemacheck.bump import Disk, Wanted, overlaid
from schemacheck.model import Baseline, Level, Mode
from schemacheck.report import Outcome
from schemacheck.sources.tree import MemoryTree, TreeSource


def own(case: Case) -> bool:
    """Whether the edit is one of the event's own file, and not of what it rests on."""
    return all(case.before.get(path) == case.after.get(path) for path in {*case.before, *case.after} - {case.event})


KINDS = ("avro", "protobuf")
CASES = [case for kind in KINDS for case in [*from_folders(kind), *from_pages(kind)] if own(case)]


def laid_out(case: Case, side: Mapping[str, bytes]) -> dict[str, bytes]:
    """The side with its event as v1 of `shop/event`, and everything else where it was, below the root."""
    event = PurePosixPath(case.event)
    moved = {}
    for path, content in side.items():
        first = "schemas/shop/event/v1" if case.format == "avro" else "schemas/shop/v1/event"
        moved[f"{first}{event.suffix}" if path == case.event else f"schemas/{path}"] = content
    return moved


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_the_edit_of_a_case_passes_as_the_next_version(case: Case) -> None:
    before, after = laid_out(case, case.before), laid_out(case, case.after)
    first = "schemas/shop/event/v1" if case.format == "avro" else "schemas/shop/v1/event"
    path = next(path for path in after if path.startswith(f"{first}."))
    published = TreeSource(Baseline("dir", "before"), MemoryTree("before", before))
    current = TreeSource(Baseline("dir", "after"), MemoryTree("after", after))
    policy = config.rooted(
        config.Policy(options={case.format: case.options}, mode_override=Mode.parse("FULL")), ("schemas",)
    )
    disk = Disk(read=after.get, checkout=lambda tree, path: tree.read(path), kept=lambda path: False)
    edits = bump.plan(Wanted("shop/event", force=True), current, [published], policy, disk, date(2026, 1, 1))
    result = overlaid(current.tree, {edit.path: edit.content for edit in edits})
    assert before[path] == result.read(path)
    report = check.run("check", TreeSource(current.about, result), [published], policy)
    assert [] == [f.message for f in report.findings if f.level == Level.ERROR]
    assert () == report.not_checked
    outcomes = {str(v.subject): v.outcome for v in report.verdicts if v.subject.event == "shop/event"}
    assert {"shop/event v1": Outcome.UNCHANGED, "shop/event v2": Outcome.NEW_VERSION} == outcomes
