"""What became of an event, version by version, on the published line: each step in terms of its schema."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

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


def steps(line: Line, layout: Layout, schemas: Schemas, event: str) -> Iterator[Step]:
    """The steps of an event, newest first. Raises UsageError for an event that was never published."""
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
            step = _step(tree, older, now, then, subject, schemas)
            if step is not None:
                yield step
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


def _step(
    tree: Tree,
    older: Tree | None,
    versions: Mapping[Subject, Placed],
    before: Mapping[Subject, Placed],
    subject: Subject,
    schemas: Schemas,
) -> Step | None:
    """What happened to one version between two states; None if nothing did."""
    now, then = versions.get(subject), before.get(subject)
    if now is None:
        assert then is not None
        return Step(tree.revision, then.subject, then.path, REMOVED)
    if then is None or older is None:
        lower = [other for other in versions if other.version < subject.version]
        if not lower:
            return Step(tree.revision, now.subject, now.path, FIRST)
        return _compared(tree, tree, now, versions[max(lower)], schemas, NEXT)
    old, new = schemas.closure(older, then.path), schemas.closure(tree, now.path)
    if sorted(old.values()) == sorted(new.values()):
        return None
    step = _compared(tree, older, now, then, schemas, CHANGED)
    if old.get(then.path) != new.get(now.path):
        return step
    through = tuple(sorted(path for path in {*old, *new} if old.get(path) != new.get(path)))
    return Step(step.revision, step.subject, step.file, step.kind, step.changes, through, step.problem)


def _compared(tree: Tree, older: Tree, now: Placed, then: Placed, schemas: Schemas, kind: str) -> Step:
    new, old = schemas.get(tree, now, published=True), schemas.get(older, then, published=True)
    for schema in (new, old):
        if isinstance(schema, Sequence):
            problem: Problem = schema[0]
            return Step(tree.revision, now.subject, now.path, UNREADABLE, problem=problem.message)
    if format_of(then.path) != format_of(now.path):
        words = f"the format changed from {format_of(then.path)} to {format_of(now.path)}"
        return Step(tree.revision, now.subject, now.path, kind, problem=words)
    assert not isinstance(new, Sequence)
    assert not isinstance(old, Sequence)
    return Step(tree.revision, now.subject, now.path, kind, tuple(changes_between(old, new, now.path)))


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
