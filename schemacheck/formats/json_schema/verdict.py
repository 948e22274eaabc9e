"""What holds between two schemas in one direction: proven, refuted by a document, or neither."""

from __future__ import annotations

import contextlib
import enum
import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from schemacheck.formats.json_schema.document import Files
from schemacheck.formats.json_schema.lift import Lift
from schemacheck.formats.json_schema.places import Candidate
from schemacheck.formats.json_schema.pool import WORK, Exhausted, Pool
from schemacheck.formats.json_schema.prove import Prover
from schemacheck.formats.json_schema.referee import ALL_STEPS, Referee, Undecided
from schemacheck.formats.json_schema.search import Search
from schemacheck.formats.json_schema.shape import Expr
from schemacheck.formats.json_schema.values import text

_SHOWN = 4  # questions that may be spent on showing each difference by itself
_ERRORS = 20  # that one document is refused for
_JUDGED = 60  # documents that the judge is asked about


class Answer(enum.Enum):
    PROVEN = "proven"
    ASSUMED = "assumed"  # proven if writers emit only what they declare
    REFUTED = "refuted"
    UNPROVEN = "unproven"


@dataclass(frozen=True)
class Refutation:
    """A document of the writer that the reader refuses, why, and where in the document."""

    document: Any
    message: str
    path: tuple[str | int, ...]

    @functools.cached_property
    def event(self) -> str:
        """The document as JSON."""
        return text(self.document)

    @property
    def where(self) -> str:
        """The path as changes write it."""
        where = ""
        for step in self.path:
            where += "[]" if isinstance(step, int) else f".{step}" if where else step
        return where


class Comparison:
    """Two sides, their pool, and what is known of them."""

    def __init__(self, old: Files, new: Files) -> None:
        self.sides = (old, new)
        self.pool = Pool(old, new)
        self.roots: tuple[Expr, Expr] = (self.pool.of(old.root), self.pool.of(new.root))
        self.prover = Prover(self.pool)
        self.referees = (Referee(old), Referee(new))
        self._work, self._steps = _SHOWN * WORK, _SHOWN * ALL_STEPS

    def proven(self, writer: int) -> bool:
        """Whether every document of a side is valid on the other."""
        self.pool.refill()
        return self.prover.proves(self.roots[writer], self.roots[1 - writer])

    def assumed(self, writer: int) -> bool:
        """The same, if writers emit only what they declare."""
        self.pool.refill()
        return Prover(self.pool, closed=True).proves(self.roots[writer], self.roots[1 - writer])

    def refuted(self, writer: int) -> Refutation | None:
        """A document of a side that the other refuses."""
        return next(self.refutations(writer), None)

    def refutations(self, writer: int) -> Iterator[Refutation]:
        """All such documents that are found."""
        self.pool.refill()
        search = Search(self.prover.again())
        for referee in self.referees:
            referee.refill()
        tried = search.against(self.roots[writer], self.roots[1 - writer])
        with contextlib.suppress(Exhausted, RecursionError):
            for document in itertools.islice(tried, _JUDGED):
                found = self.judged(writer, document)
                if found is not None:
                    yield found

    def refuted_by(self, writer: int, candidate: Candidate) -> Refutation | None:
        """Such a document that shows a difference: refused at its place, and for the property that it names."""
        place, name = candidate.pair.path, candidate.values.get("name")
        near = None
        with self._shown(), contextlib.suppress(Exhausted, RecursionError):
            for document in Lift(Search(self.prover.again()), writer).documents(candidate):
                for found in self._judged(writer, document):
                    near_by = _same(found.path, place) or _same(found.path[:-1], place)
                    if candidate.branch is not None or (name is None and near_by):
                        return found
                    if name is not None and _same(found.path, (*place, name)):
                        return found
                    if name is not None and _same(found.path, place):
                        if repr(name) in found.message:
                            return found
                        near = near or found
        return near

    @contextlib.contextmanager
    def _shown(self) -> Iterator[None]:
        """Gives one difference a share of what all may cost to show."""
        work, steps = min(WORK, self._work), min(ALL_STEPS, self._steps)
        self.pool.refill(work)
        for referee in self.referees:
            referee.refill(steps)
        try:
            yield
        finally:
            self._work -= work - max(self.pool.left, 0)
            self._steps -= sum(steps - referee.rest for referee in self.referees)

    def judged(self, writer: int, document: Any) -> Refutation | None:
        """The refutation that a document is, if it is one."""
        return next(self._judged(writer, document), None)

    def _judged(self, writer: int, document: Any) -> Iterator[Refutation]:
        """The same, for each thing that the reader has against it."""
        with contextlib.suppress(Undecided):
            if self.referees[writer].error(document) is None:
                for error in self.referees[1 - writer].errors(document, _ERRORS):
                    for inner in _innermost(error):
                        yield Refutation(document, inner.message, tuple(inner.absolute_path))


def _same(path: Sequence[str | int], steps: Sequence[str | int]) -> bool:
    """Whether a path leads to a place, in whichever item of an array."""
    pairs = zip(path, steps, strict=False)
    return len(path) == len(steps) and all(a == b or (isinstance(a, int) and isinstance(b, int)) for a, b in pairs)


def _innermost(error: Any) -> Iterator[Any]:
    """The errors of the branch that the document is meant for; the error itself if it is of no choice."""
    if not error.context:
        yield error
    for inner in _meant(error)[:_ERRORS]:
        yield from _innermost(inner)


def _meant(error: Any) -> list[Any]:
    """What is wrong in the branch that is not refused for its type or tag, and for little else."""
    branches: dict[Any, list[Any]] = {}
    for inner in error.context:
        deeper = _meant(inner) if inner.context and not inner.relative_path else [inner]
        branches.setdefault(inner.schema_path[0], []).extend(deeper)
    return min(branches.values(), key=_strangeness, default=[])


def _strangeness(errors: list[Any]) -> tuple[bool, bool, int]:
    return (
        any(error.validator == "type" and not error.relative_path for error in errors),
        any(error.validator in ("const", "enum") for error in errors),
        len(errors),
    )
