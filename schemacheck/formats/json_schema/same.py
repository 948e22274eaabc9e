"""Whether two subschemas say the same in the same words, their references followed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from schemacheck.formats.json_schema.document import Loc, based
from schemacheck.formats.json_schema.pool import REFERENCES, Negated, Pool
from schemacheck.formats.json_schema.shape import Expr
from schemacheck.formats.json_schema.values import frozen

ANNOTATIONS = {
    *("$schema", "$id", "id", "$anchor", "$comment", "$defs", "definitions", "title", "description", "default"),
    *("examples", "deprecated", "readOnly", "writeOnly", "format", "discriminator"),
    *("contentEncoding", "contentMediaType", "contentSchema"),
}
DATA = frozenset({"enum", "const"})
NAMED = frozenset(["properties", "patternProperties", "dependentSchemas", "dependencies"])


WORDS = 500_000  # that are compared; all further ones are taken to be different
_REFERENCE = 10  # words that cost as much as to follow one


class Same:
    """Compares by one pool, and remembers."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.left = WORDS
        self._equal: set[tuple[int, int]] = set()
        self._different: set[tuple[int, int]] = set()

    def exprs(self, one: Expr, other: Expr) -> bool:
        """Whether each atom of the second is the same as one of the first."""
        return all(any(self.atoms(a, b) for a in sorted(one)) for b in sorted(other))

    def atoms(self, one: int, other: int) -> bool:
        """Whether two atoms are the same."""
        if one == other or (one, other) in self._equal:
            return True
        if (one, other) in self._different:
            return False
        above: dict[tuple[int, int], tuple[int, int] | None] = {(one, other): None}  # each pair to one that needs it
        waiting = [(one, other)]
        while waiting:
            pair = waiting.pop()
            known = pair in self._different or self.left < 0
            further = None if known else self._words(*(self.pool.locs[atom] for atom in pair))
            if further is None:
                up: tuple[int, int] | None = pair
                while up is not None:
                    self._different.add(up)
                    up = above[up]
                return False
            for mine, theirs in further:
                atoms = (self.pool.add(mine), self.pool.add(theirs))
                if atoms not in above and atoms not in self._equal:
                    above[atoms] = pair
                    waiting.append(atoms)
        self._equal |= above.keys()
        return True

    def beside(self, one: int, other: int, keyword: str) -> bool:
        """Whether two atoms are the same in all but a keyword."""
        locs = [self.pool.locs[atom] for atom in (one, other)]
        rests = [replace(loc, raw={key: raw for key, raw in loc.raw.items() if key != keyword}) for loc in locs]
        further = self._words(rests[0], rests[1])
        return further is not None and all(self.atoms(self.pool.add(a), self.pool.add(b)) for a, b in further)

    def _words(self, one: Loc, other: Loc) -> list[tuple[Loc, Loc]] | None:
        """The targets that must be the same too; None if the words already differ."""
        if isinstance(one.raw, Negated) or isinstance(other.raw, Negated):
            return None
        if one.draft != other.draft:
            return None
        pairs: list[tuple[Loc, Loc]] = []
        return pairs if self._raw(one, other, one.raw, other.raw, one.base, other.base, pairs) else None

    def _raw(self, a: Loc, b: Loc, one: Any, other: Any, base: str, beside: str, pairs: list[tuple[Loc, Loc]]) -> bool:
        self.left -= 1
        if isinstance(one, list) and isinstance(other, list):
            return len(one) == len(other) and all(
                self._raw(a, b, x, y, base, beside, pairs) for x, y in zip(one, other, strict=True)
            )
        if not isinstance(one, dict) or not isinstance(other, dict):
            return frozen(one) == frozen(other)
        base, beside = based(one, base, a.draft), based(other, beside, b.draft)
        keys = one.keys() - ANNOTATIONS
        if keys != other.keys() - ANNOTATIONS:
            return False
        for key in sorted(keys):
            x, y = one[key], other[key]
            if key in DATA:
                if frozen(x) != frozen(y):
                    return False
            elif key in REFERENCES and isinstance(x, str) and isinstance(y, str):
                self.left -= _REFERENCE
                mine, theirs = (self.pool.targets(*of).get(key) for of in ((a, base, one), (b, beside, other)))
                if mine is None or theirs is None:
                    return False
                pairs.append((mine, theirs))
            elif key in NAMED and isinstance(x, dict) and isinstance(y, dict):
                if x.keys() != y.keys() or not all(
                    self._raw(a, b, x[name], y[name], base, beside, pairs) for name in sorted(x)
                ):
                    return False
            elif not self._raw(a, b, x, y, base, beside, pairs):
                return False
        return True
