"""Who can read whom: every version of every event on the current side, as writer and as reader of each other one.

The facts are those of the formats' diffs, and no policy is asked: a cell says what a reader makes of the bytes as they
stand. That another version has another namespace or package is what makes it one, and is not counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import combinations, islice
from typing import NamedTuple

from schemacheck import log
from schemacheck.config import Policy
from schemacheck.errors import NotChecked, UsageError
from schemacheck.formats import format_of
from schemacheck.layout import Layout, Placed
from schemacheck.line import Line
from schemacheck.log import Move, Step
from schemacheck.model import Change, Direction, Level, Schema, Source, Subject, Surface, Tree, Version
from schemacheck.readings import Catalogue, Cell, Entry, Past, Reading, Versioned
from schemacheck.schemas import Parsed, Schemas, changes_between

STEPS = 20  # of the history of one event
TOGETHER = 50  # events whose past is compiled at once
# The rules that fire because two names differ, where decoders read on.
_NAMING = frozenset({"avro/root-renamed", "avro/namespace-changed", "protobuf/message-renamed"})
_VERSION = re.compile(r"(?<![A-Za-z0-9])v[0-9]+(?:(?:alpha|beta)[0-9]*)?(?![A-Za-z0-9])|(?<=[a-z0-9])V[0-9]+$")
_ASSUMED = frozenset({"json-schema/old-documents-assumed-declared", "json-schema/new-documents-assumed-declared"})
_READINGS = ((Surface.WIRE, Reading.FAILS), (Surface.MEANING, Reading.MISREADS), (Surface.JSON, Reading.JSON))


def catalogue(
    tree: Tree,
    policy: Policy,
    *,
    published: Source | None = None,
    only: Collection[str] | None = None,
    dated: Callable[[Step], tuple[str, Step]] = lambda step: ("", step),
    progress: Callable[[int, int], None] | None = None,
) -> Catalogue:
    """The events of a tree, or `only` these. The history is that of the published line; `dated` dates its steps."""
    layout = policy.layout(policy.roots or ("",))
    files: dict[str, dict[Version, list[Placed]]] = {}
    for path in sorted(filter(format_of, tree.files)):
        placed = layout.place(path)
        subject = placed.subject
        if only is None or subject.event in only:
            files.setdefault(subject.event, {}).setdefault(subject.version, []).append(placed)
    line = _line(published, layout) if files else ""
    entries: list[Entry] = []
    names = sorted(files)
    for first in range(0, len(names), TOGETHER):
        # A view of the trees for these events: what they need is let go before the next.
        schemas = Schemas(policy.options)
        pasts = {event: _past(line, layout, schemas, event) for event in names[first : first + TOGETHER]}
        sides = [side for past in pasts.values() for move in past.moves for side in move.sides]
        several = [p for event in pasts if len(files[event]) > 1 for places in files[event].values() for p in places]
        schemas.compile_ahead([*sides, *((tree, placed) for placed in several)])
        for event, past in pasts.items():
            if progress is not None:
                progress(len(entries), len(files))
            versions = dict(sorted(files[event].items()))
            history, cut = _history(past, schemas, dated)
            entries.append(
                Entry(
                    event,
                    tuple(_versioned(event, version, places) for version, places in versions.items()),
                    tuple(sorted(_cells(tree, versions, schemas, policy), key=lambda cell: (cell.writer, cell.reader))),
                    history,
                    cut,
                    all(policy.shares(placed.path) for places in versions.values() for placed in places),
                )
            )
    return Catalogue(tuple(entries))


def _versioned(event: str, version: Version, places: Sequence[Placed]) -> Versioned:
    paths = tuple(placed.path for placed in places)
    return Versioned(Subject(event, version), paths, tuple(dict.fromkeys(format_of(path) or "" for path in paths)))


def _line(published: Source | None, layout: Layout) -> Line | str:
    """The published line, or why it is not known."""
    if published is None:
        return "not known: it is compared with no git history"
    try:
        return Line(published, layout)
    except NotChecked as error:
        return f"not known: {error.message}"


class _Past(NamedTuple):
    """The newest moves of an event; `cut` says why there are none, or no more."""

    moves: Sequence[Move] = ()
    cut: str = ""


def _past(line: Line | str, layout: Layout, schemas: Schemas, event: str) -> _Past:
    if isinstance(line, str):
        return _Past(cut=line)
    try:
        moves = list(islice(log.moves(line, layout, schemas, event), STEPS + 1))
    except UsageError:
        return _Past(cut="not published yet")
    except NotChecked as error:
        return _Past(cut=f"not known: {error.message}")
    cut = f"only the newest {STEPS} steps; schemacheck log tells all" if len(moves) > STEPS else ""
    return _Past(moves[:STEPS], cut)


def _history(past: _Past, schemas: Schemas, dated: Callable[[Step], tuple[str, Step]]) -> tuple[tuple[Past, ...], str]:
    """The steps of an event, newest first; and why there are none, or no more."""
    try:
        steps = [log.compared(move, schemas) for move in past.moves]
    except NotChecked as error:
        return (), f"not known: {error.message}"
    return tuple(Past(day, step) for day, step in map(dated, steps)), past.cut


# who can read whom


def _cells(
    tree: Tree, versions: Mapping[Version, Sequence[Placed]], schemas: Schemas, policy: Policy
) -> Iterator[Cell]:
    yield from (Cell(version, version, Reading.SAME) for version in versions)
    for first, second in combinations(versions, 2):
        changes = _changes(tree, versions[first], versions[second], schemas)
        if isinstance(changes, tuple):
            reading, note = changes
            yield Cell(first, second, reading, note=note)
            yield Cell(second, first, reading, note=note)
        else:
            path = versions[second][0].path
            yield _cell(first, second, changes, Direction.BACKWARD, path, policy)
            yield _cell(second, first, changes, Direction.FORWARD, path, policy)


def _changes(
    tree: Tree, olds: Sequence[Placed], news: Sequence[Placed], schemas: Schemas
) -> list[Change] | tuple[Reading, str]:
    """What differs between two versions; or what is known without a comparison, and why there is none."""
    for places in (olds, news):
        if len(places) > 1:
            files = " and ".join(placed.path for placed in places)
            return Reading.UNKNOWN, f"several files claim to be {places[0].subject.version}: {files}"
    old, new = olds[0], news[0]
    kinds = format_of(old.path), format_of(new.path)
    if kinds[0] != kinds[1]:
        return Reading.FAILS, f"{old.subject.version} is {kinds[0]}, {new.subject.version} is {kinds[1]}"
    # One by one: two versions in one compiler run would find each other's types, and no difference.
    before, after = (schemas.get(tree, placed, published=True) for placed in (old, new))
    for placed, parsed in ((old, before), (new, after)):
        if isinstance(parsed, Sequence):
            return Reading.UNKNOWN, f"{placed.subject.version} cannot be read: {_reason(parsed)}"
    assert not isinstance(before, Sequence)
    assert not isinstance(after, Sequence)
    for resting, other in ((new, old), (old, new)):
        if kinds[0] == "protobuf" and other.path in schemas.closure(tree, resting.path):
            return Reading.UNKNOWN, f"{resting.subject.version} imports {other.subject.version}"
    changes = changes_between(before, after, new.path)
    if kinds[0] == "protobuf" and not _met(before, after, changes):
        return Reading.UNKNOWN, "no message of the one is known to be a message of the other"
    return changes


def _reason(parsed: Parsed) -> str:
    return parsed[0].message if isinstance(parsed, Sequence) and parsed else "no reason is known"


def _met(old: Schema, new: Schema, changes: Sequence[Change]) -> bool:
    """Whether two Protobuf versions were compared as one event, by their name or as one that was renamed."""
    renamed = any(change.rule.id == "protobuf/message-renamed" for change in changes)
    return renamed or not old.names.keys().isdisjoint(new.names)


def _cell(
    writer: Version, reader: Version, changes: Sequence[Change], direction: Direction, path: str, policy: Policy
) -> Cell:
    """What breaks in one direction, the worst first."""
    breaking = [change for change in changes if direction in change.breaks and _counts(change, path, policy)]
    assumed = [change for change in breaking if change.rule.id in _ASSUMED]
    breaking = [change for change in breaking if change not in assumed]
    if breaking and not any(change.rule.proven and change.rule.surface == Surface.WIRE for change in breaking):
        open_ones = [change for change in breaking if not change.rule.proven]
        if open_ones:
            return Cell(writer, reader, Reading.UNKNOWN, tuple(open_ones))
    for surface, reading in _READINGS:
        worst = [change for change in breaking if change.rule.surface == surface]
        if worst:
            rest = [change for change in breaking if change.rule.surface != surface]
            return Cell(writer, reader, reading, (*worst, *rest))
    return Cell(writer, reader, Reading.READS, note="if writers emit only what they declare" if assumed else "")


def _counts(change: Change, path: str, policy: Policy) -> bool:
    """Whether a change matters to who reads the bytes, or their JSON form where that is judged."""
    if change.rule.id in _NAMING:
        old, new = (_VERSION.sub("v", str(change.values.get(side))) for side in ("old", "new"))
        return old != new
    if change.rule.surface == Surface.JSON:
        return policy.level(change.rule, path) >= Level.WARNING
    return change.rule.surface in (Surface.WIRE, Surface.MEANING)
