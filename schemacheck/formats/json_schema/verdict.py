"""What holds between two schemas in one direction: proven, refuted by a document, or neither."""

from __future__ import annotations

import contextlib
import enum
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from schemacheck.formats.json_schema.document import Files
from schemacheck.formats.json_schema.pool import Exhausted, Pool
from schemacheck.formats.json_schema.prove import Prover
from schemacheck.formats.json_schema.referee import Referee, Undecided
from schemacheck.formats.json_schema.search import Search
from schemacheck.formats.json_schema.shape import Expr

_JUDGED = 60  # documents that the judge is asked about


class Answer(enum.Enum):
    PROVEN = "proven"
    ASSUMED = "assumed"  # proven if writers emit only what they declare
    REFUTED = "refuted"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class Refutation:
    """A document of the writer that the reader refuses, why, and where in the document."""

    document: Any
    message: str
    path: tuple[str | int, ...]

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

    def proven(self, writer: int) -> bool:
        """Whether every document of a side is valid on the other."""
        return self.prover.proves(self.roots[writer], self.roots[1 - writer])

    def assumed(self, writer: int) -> bool:
        """The same, if writers emit only what they declare."""
        return Prover(self.pool, closed=True).proves(self.roots[writer], self.roots[1 - writer])

    def refuted(self, writer: int) -> Refutation | None:
        """A document of a side that the other refuses."""
        return next(self.refutations(writer), None)

    def refutations(self, writer: int) -> Iterator[Refutation]:
        """All such documents that are found."""
        search = Search(self.prover.again())
        tried = search.against(self.roots[writer], self.roots[1 - writer])
        with contextlib.suppress(Exhausted, RecursionError):
            for document in itertools.islice(tried, _JUDGED):
                found = self.judged(writer, document)
                if found is not None:
                    yield found

    def judged(self, writer: int, document: Any) -> Refutation | None:
        """The refutation that a document is, if it is one."""
        try:
            if self.referees[writer].error(document) is not None:
                return None
            error = self.referees[1 - writer].error(document)
        except Undecided:
            return None
        return None if error is None else Refutation(document, error.message, tuple(error.absolute_path))
