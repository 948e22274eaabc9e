"""The facts between two events: a verdict for each direction, and the differences that explain it. The verdict wins."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemacheck.formats.json_schema import rules
from schemacheck.formats.json_schema.load import Schema
from schemacheck.formats.json_schema.notes import of_files
from schemacheck.formats.json_schema.places import Candidate, Pair
from schemacheck.formats.json_schema.pool import Exhausted
from schemacheck.formats.json_schema.verdict import Answer, Comparison, Refutation
from schemacheck.formats.json_schema.walk import Walk
from schemacheck.model import Change, Direction, Surface

_B, _F = Direction.BACKWARD, Direction.FORWARD
WAYS = (_B, _F)
_SUSPECTS = 3
_LIKELY = 3  # differences that are tried before a search in all that the schemas say
_LONG = 200


class Judgement:
    """What holds between two events, kept for the witnesses."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self.old = old
        self.new = new
        self.comparison = Comparison(old.files, new.files)
        self._refutations: dict[Direction, Refutation | None] = {}
        self.answers = {way: self._answer(way) for way in WAYS}

    def refutation(self, way: Direction) -> Refutation | None:
        """A document that shows what a direction breaks, however it was judged."""
        if way not in self._refutations:
            likely = [
                one for one in self.candidates if one.rule.surface == Surface.WIRE and way in one.rule.breaks & one.ways
            ]
            own = (self._own(way, one) for one in likely[:_LIKELY])
            found = next((one for one in own if one is not None), None)
            self._refutations[way] = found or self.comparison.refuted(writer(way))
        return self._refutations[way]

    def closest(self, way: Direction, change: Change) -> Refutation | None:
        """The document that is refused for a change, or any if none is found."""
        about = (change.where, change.pointer, change.values)
        candidate = next((one for one in self.candidates if (one.where, one.pointer, one.values) == about), None)
        return (candidate and self._own(way, candidate)) or self.refutation(way)

    def _own(self, way: Direction, candidate: Candidate) -> Refutation | None:
        return self.comparison.refuted_by(writer(way), candidate)

    @functools.cached_property
    def candidates(self) -> Sequence[Candidate]:
        """What the walk finds before its budget ends."""
        found: list[Candidate] = []
        start = Pair(*self.comparison.roots, "", f"{self.new.path}#", f"{self.old.path}#")
        with contextlib.suppress(Exhausted, RecursionError):
            found.extend(Walk(self.comparison).candidates(start))
        return found

    def _answer(self, way: Direction) -> Answer:
        if self.comparison.proven(writer(way)):
            return Answer.PROVEN
        if self.new.open_model == "declared" and self.comparison.assumed(writer(way)):
            return Answer.ASSUMED
        return Answer.UNPROVEN if self.refutation(way) is None else Answer.REFUTED

    def only(self, answer: Answer) -> Direction:
        """The directions with this answer."""
        return functools.reduce(
            lambda found, way: found | way, (way for way in WAYS if self.answers[way] is answer), Direction.NONE
        )


def writer(way: Direction) -> int:
    """Which side writes: 0 the old one."""
    return 0 if way == _B else 1


@functools.lru_cache(maxsize=32)
def judged(old: Schema, new: Schema) -> Judgement:
    """The judgement on two events, kept for a while."""
    return Judgement(old, new)


def diff(old: Schema, new: Schema) -> Iterator[Change]:
    """The facts between two events."""
    judgement = judged(old, new)
    roots = judgement.comparison.roots
    pointers = (f"{new.path}#", f"{old.path}#")
    found = judgement.candidates
    refuted = judgement.only(Answer.REFUTED)
    changes = [change for one in found if (change := _change(one, refuted)) is not None]
    wire = [change for change in changes if change.rule.surface == Surface.WIRE]
    covered = functools.reduce(lambda ways, change: ways | change.breaks, wire, Direction.NONE)
    yield from (
        Change(rule, values, "", f"{new.path}#{inner}", f"{old.path}#{inner}")
        for rule, values, inner in of_files(judgement.comparison)
    )
    yield from changes
    for way in WAYS:
        index = writer(way)
        if way in refuted and way not in covered:
            yield _fallback(judgement, way, pointers)
        for answer, pair in ((Answer.UNPROVEN, rules.UNPROVEN), (Answer.ASSUMED, rules.ASSUMED)):
            if judgement.answers[way] is answer:
                yield Change(pair[index], {"suspects": _suspects(found, way)}, "", *pointers)
    same = judgement.comparison.prover.same
    equal = same.exprs(*roots) and same.exprs(*reversed(roots))
    equal = equal or any(change.rule in rules.WITHIN_COVER for change in changes)
    if judgement.only(Answer.PROVEN) == Direction.FULL and not equal:
        yield Change(rules.REWRITTEN, {}, "", *pointers)


def _change(one: Candidate, refuted: Direction) -> Change | None:
    """The candidate as a change; None if what it would break is not broken."""
    if one.rule in rules.VALUE and not one.where:
        one = replace(one, rule=rules.SATISFIABLE[rules.VALUE.index(one.rule)])
    if one.rule.surface != Surface.WIRE:
        return Change(one.rule, one.values, one.where, one.pointer, one.old_pointer)
    broken = one.rule.breaks & one.ways & refuted
    if not broken:
        return None
    within = broken if one.rule.breaks == Direction.FULL else Direction.FULL
    return Change(one.rule, one.values, one.where, one.pointer, one.old_pointer, within)


def _fallback(judgement: Judgement, way: Direction, pointers: tuple[str, str]) -> Change:
    """What a document shows and no single difference explains."""
    refutation = judgement.refutation(way)
    assert refutation is not None
    error = refutation.message if len(refutation.message) <= _LONG else f"{refutation.message[:_LONG]}..."
    return Change(rules.ACCEPTED[writer(way)], {"error": error}, refutation.where, *pointers)


def _suspects(found: Sequence[Candidate], way: Direction) -> str:
    """What may be the reason, in words."""
    names = dict.fromkeys(
        f"{one.rule.id.partition('/')[2]}{f' at {one.where}' if one.where else ''}"
        for one in found
        if one.rule.surface == Surface.WIRE and way in one.rule.breaks & one.ways
    )
    shown = [*names][:_SUSPECTS] + ([f"{len(names) - _SUSPECTS} more"] if len(names) > _SUSPECTS else [])
    return f": {', '.join(shown)}" if shown else ""
