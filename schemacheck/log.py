"""What became of an event, version by version, on the published line: each step in terms of its schema."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from schemacheck.errors import UsageError
from schemacheck.formats import format_of
from schemacheck.layout import Layout, Placed
from schemacheck.line import Line
from schemacheck.model import Change, Problem, Subject, Tree
from schemacheck.render.escape import clean
from schemacheck.render.words import short
from schemacheck.schemas import Schemas, changes_between

FIRST, NEXT, CHANGED, REMOVED, UNREADABLE = "first", "new_version", "changed", "removed", "unreadable"


@dataclass(frozen=True, slots=True)
class Step:
    """One published change of one version. `changes` compare it with what it was, or with the version before it."""

    revision: str | None
    subject: Subject
    file: str
    kind: str
    changes: tuple[Change, ...] = ()
    through: tuple[str, ...] = ()  # the files it rests on that changed, if its own text did not
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A step of which nobody has compared the schemas yet."""

    tree: Tree
    placed: Placed
    kind: str
    before: tuple[Tree, Placed] | None = None  # what it is compared with
    through: tuple[str, ...] = ()

    @property
    def sides(self) -> Sequence[tuple[Tree, Placed]]:
        """What has to be parsed."""
        return ((self.tree, self.placed), self.before) if self.before else ()


def steps(line: Line, layout: Layout, schemas: Schemas, event: str) -> Iterator[Step]:
    """The steps of an event, newest first. Raises UsageError for an event that was never published."""
    return (compared(move, schemas) for move in moves(line, layout, schemas, event))


def moves(line: Line, layout: Layout, schemas: Schemas, event: str) -> Iterator[Move]:
    """The same steps, uncompared: of the schemas it was read only what they rest on."""
    known = line.events.get(event)
    if known is None:
        raise _unknown(line.events, event)
    watched = {*known, *_resting(line.states[0][0], known, schemas)}  # what the event is made of, in the state at hand
    place = line.changed(watched)
    while place is not None:
        tree = line.states[place][0]
        older = line.states[place + 1][0] if place + 1 < len(line.states) else None
        now, then = _present(tree, known, layout), _present(older, known, layout)
        for subject in sorted({*now, *then}, reverse=True):
            move = _move(tree, older, now, then, subject, schemas)
            if move is not None:
                yield move
        if older is not None:
            watched = {*known, *_resting(older, known, schemas)}
        place = line.changed(watched, place)


def _unknown(known: Collection[str], event: str) -> UsageError:
    near = difflib.get_close_matches(event, sorted(known), 3)
    hint = f"did you mean {' or '.join(near)}" if near else "schemacheck check --all lists the events"
    return UsageError(f'the event "{event}" was never published', hint)


def _resting(tree: Tree, known: Sequence[str], schemas: Schemas) -> set[str]:
    """The files that the versions of an event rest on, themselves among them."""
    return {path for one in known if one in tree.files for path in schemas.closure(tree, one)}


def _present(tree: Tree | None, known: Sequence[str], layout: Layout) -> dict[Subject, Placed]:
    """The versions of an event in a state."""
    placed = (layout.place(path) for path in known if tree is not None and path in tree.files)
    return {one.subject: one for one in placed}


def _move(
    tree: Tree,
    older: Tree | None,
    versions: Mapping[Subject, Placed],
    before: Mapping[Subject, Placed],
    subject: Subject,
    schemas: Schemas,
) -> Move | None:
    """What happened to one version between two states; None if nothing did."""
    now, then = versions.get(subject), before.get(subject)
    if now is None:
        assert then is not None
        return Move(tree, then, REMOVED)
    if then is None or older is None:
        lower = [other for other in versions if other.version < subject.version]
        return Move(tree, now, NEXT, (tree, versions[max(lower)])) if lower else Move(tree, now, FIRST)
    old, new = schemas.closure(older, then.path), schemas.closure(tree, now.path)
    if sorted(old.values()) == sorted(new.values()):
        return None
    if old.get(then.path) != new.get(now.path):
        return Move(tree, now, CHANGED, (older, then))
    through = tuple(sorted(path for path in {*old, *new} if old.get(path) != new.get(path)))
    return Move(tree, now, CHANGED, (older, then), through)


def compared(move: Move, schemas: Schemas) -> Step:
    """A step in terms of its schemas."""
    step = Step(move.tree.revision, move.placed.subject, move.placed.path, move.kind, through=move.through)
    if move.before is None:
        return step
    new, old = (schemas.get(*side, published=True) for side in move.sides)
    for schema in (new, old):
        if isinstance(schema, Sequence):
            problem: Problem = schema[0]
            return replace(step, kind=UNREADABLE, problem=problem.message)
    kinds = [format_of(placed.path) for _, placed in move.sides]
    if kinds[0] != kinds[1]:
        return replace(step, problem=f"the format changed from {kinds[1]} to {kinds[0]}")
    assert not isinstance(new, Sequence)
    assert not isinstance(old, Sequence)
    return replace(step, changes=tuple(changes_between(old, new, move.placed.path)))


def text(found: Sequence[tuple[str, Step]]) -> Iterator[str]:
    """The steps for people; `found` holds each with its date."""
    for day, step in found:
        head, *more = _words(step)
        yield f"{day[:10]}  {short(step.revision)}  {step.subject.version!s:4}  {head}"
        yield from (f"{'':27}{line}" for line in more)


def _words(step: Step) -> list[str]:
    said = [clean(change.message) for change in step.changes]
    if step.kind == FIRST:
        return ["first version"]
    if step.kind == REMOVED:
        return ["removed"]
    if step.problem:
        return [f"cannot be compared: {clean(step.problem)}" if step.kind == UNREADABLE else clean(step.problem)]
    if step.kind == NEXT:
        return ["new version", *said]
    through = [f"through {clean(' and '.join(step.through))}"] if step.through else []
    return [*through, *(said or ["nothing that a reader meets"])]


def document(found: Sequence[tuple[str, Step]]) -> str:
    """The steps as JSON."""
    return json.dumps(
        [
            {
                "date": day,
                "revision": step.revision,
                "event": step.subject.event,
                "version": str(step.subject.version),
                "file": step.file,
                "kind": step.kind,
                "through": list(step.through),
                "problem": step.problem or None,
                "changes": [
                    {
                        "rule": change.rule.id,
                        "where": change.where,
                        "message": change.message,
                        "breaks": change.breaks.words,
                        "surface": str(change.rule.surface),
                    }
                    for change in step.changes
                ],
            }
            for day, step in found
        ],
        indent=1,
    )
