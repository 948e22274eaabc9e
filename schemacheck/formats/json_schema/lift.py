"""A document that shows one difference: a value for its place, put into documents of the writer, level by level."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from schemacheck.formats.json_schema.places import Candidate, Pair
from schemacheck.formats.json_schema.search import Search
from schemacheck.formats.json_schema.shape import ANY, Expr

_VALUES = 24  # that are tried at the place
_EACH = 3  # documents that are tried around each
_LOOKED = 200  # documents that are looked at
_JUDGED = 12  # that are handed out


class Lift:
    """Lifts by one search; `writer` is the side that writes, 0 the old one."""

    def __init__(self, search: Search, writer: int) -> None:
        self.search = search
        self.writer = writer

    def documents(self, candidate: Candidate) -> Iterator[Any]:
        """Documents that are wrong for the reader at a place; first in a property, and only in a branch, of it."""
        pair, name = candidate.pair, candidate.values.get("name")
        own, other = (self._said(pair, side) for side in (self.writer, 1 - self.writer))
        own |= candidate.branch or ANY
        about = self.search.about(own, other, name) if name is not None else ()
        found = itertools.chain(about, self.search.against(own, other))
        left, right = self._whole(pair)
        whole = itertools.islice(self._lifted(pair, itertools.islice(found, _VALUES)), _LOOKED)
        yield from itertools.islice((one for one in whole if self.search.fits(left, right, one)), _JUDGED)

    def _whole(self, pair: Pair) -> tuple[Expr, Expr]:
        """What the writer and the reader say of whole documents."""
        while pair.above is not None:
            pair = pair.above
        return (pair.old, pair.new) if self.writer == 0 else (pair.new, pair.old)

    def _said(self, pair: Pair, side: int) -> Expr:
        """What a side says of a place, with what it says beside the branch that the place is in."""
        expr = (pair.old, pair.new)[side]
        while pair.above is not None and pair.step is None:
            pair = pair.above
            expr |= (pair.old, pair.new)[side]
        return expr

    def _lifted(self, pair: Pair, values: Iterator[Any]) -> Iterator[Any]:
        """The values in documents of the whole."""
        while pair.above is not None and pair.step is None:
            pair = pair.above
        if pair.above is None:
            return values
        own = self._said(pair.above, self.writer)
        return self._lifted(pair.above, self._around(own, pair.step, values))

    def _around(self, own: Expr, step: str | int | None, values: Iterator[Any]) -> Iterator[Any]:
        bases = self.search.valid(own, 0, _EACH)
        for value in values:
            held = (_with(base, step, value) for base in bases)
            yield from (one for one in held if one is not None and self.search.evaluator.holds(own, one) is not False)


def _with(base: Any, step: str | int | None, value: Any) -> Any:
    """A document with a value under a name or a number; None if it has no such place."""
    if isinstance(step, str) and isinstance(base, dict):
        return base | {step: value}
    if isinstance(step, int) and isinstance(base, list) and step <= len(base):
        return [*base[:step], value, *base[step + 1 :]]
    return None
