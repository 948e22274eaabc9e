"""What a conjunction of subschemas says, as one record: the normal form of all drafts.

An expression is a set of atoms; an instance must be valid under each. An atom is a subschema of one of the two sides,
or one that the prover makes. References and `allOf` are followed, keywords that say nothing are gone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from schemacheck.formats.json_schema.values import ARRAY, BOOLEAN, NULL, NUMBER, OBJECT, STRING, TYPES

Expr = frozenset[int]
ANY: Expr = frozenset()
ALL_TYPES = frozenset(TYPES)
NO, VALUE, SPELLING = 0, 1, 2  # no integer; a number without fraction; one that is written without (draft 4)


@dataclass(slots=True)
class Names:
    """One object's `properties`, `patternProperties` and `additionalProperties`, which belong together."""

    props: dict[str, Expr]
    patterns: dict[str, Expr]
    rest: Expr
    free: bool  # `rest` is not written, or true


@dataclass(slots=True)
class Tuple:
    """One array's first items and all that follow."""

    first: tuple[Expr, ...]
    rest: Expr


@dataclass(slots=True)
class Choice:
    """Branches, of which any, or exactly one, must hold; `condition` if they come from `if`, `then` and `else`."""

    branches: tuple[Expr, ...]
    one: bool = False
    condition: tuple[Expr, Expr, Expr] | None = None


@dataclass(slots=True)
class Contains:
    """How many items must fit an expression."""

    inner: Expr
    least: int
    most: int | None


@dataclass(slots=True)
class Shape:
    """All that the atoms of one expression say."""

    types: frozenset[str] = ALL_TYPES
    integral: int = NO
    enum: dict[Any, Any] | None = None  # a value's key to the value
    listed: bool = False  # `enum` or `const` is written
    low: tuple[Fraction, bool] | None = None  # the bound, and whether it is itself excluded
    high: tuple[Fraction, bool] | None = None
    steps: frozenset[Fraction] = frozenset()
    min_length: int = 0
    max_length: int | None = None
    patterns: frozenset[str] = frozenset()
    tuples: list[Tuple] = field(default_factory=list)
    min_items: int = 0
    max_items: int | None = None
    unique: bool = False
    names: list[Names] = field(default_factory=list)
    required: frozenset[str] = frozenset()
    min_props: int = 0
    max_props: int | None = None
    key_names: Expr = ANY
    nots: list[Expr] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    contains: list[Contains] = field(default_factory=list)
    opaque: list[tuple[str, int]] = field(default_factory=list)  # a keyword that is not modelled, and its atom

    def declared(self) -> Iterator[str]:
        """The names of properties that it has a schema for."""
        return (name for names in self.names for name in names.props)

    def only_types(self) -> bool:
        """Whether it says nothing but which types there may be."""
        return replace(self, types=ALL_TYPES, enum=None) == Shape()

    def size(self) -> int:
        """How much there is to merge."""
        lists = len(self.names) + len(self.nots) + len(self.choices) + len(self.contains) + len(self.tuples)
        return lists + len(self.required) + len(self.patterns) + len(self.steps) + len(self.enum or ())

    def prefix(self) -> int:
        """How many items have a schema of their own."""
        return max((len(one.first) for one in self.tuples), default=0)

    def at(self, index: int) -> Expr:
        """What an item must be."""
        return ANY.union(*(one.first[index] if index < len(one.first) else one.rest for one in self.tuples))

    def merge(self, other: Shape) -> None:
        """Add what another one says."""
        self.types &= other.types
        self.integral = max(self.integral, other.integral)
        if other.enum is not None:
            mine = other.enum if self.enum is None else self.enum
            self.enum = {key: value for key, value in mine.items() if key in other.enum}
        self.low, self.high = lower(self.low, other.low), upper(self.high, other.high)
        self.min_length = max(self.min_length, other.min_length)
        self.min_items = max(self.min_items, other.min_items)
        self.min_props = max(self.min_props, other.min_props)
        self.max_length = least(self.max_length, other.max_length)
        self.max_items = least(self.max_items, other.max_items)
        self.max_props = least(self.max_props, other.max_props)
        self.steps |= other.steps
        self.patterns |= other.patterns
        self.required |= other.required
        self.key_names |= other.key_names
        self.unique = self.unique or other.unique
        self.listed = self.listed or other.listed
        self.tuples += other.tuples
        self.names += other.names
        self.nots += other.nots
        self.choices += other.choices
        self.contains += other.contains
        self.opaque += other.opaque

    def settle(self) -> None:
        """Round bounds of integers inwards, and drop the types of which nothing is left."""
        if not self.integral and any(step.denominator == 1 for step in self.steps):
            self.integral = VALUE
        unit = Fraction(1) if self.integral else None
        if self.steps:
            whole = [step.numerator for step in self.steps]
            unit = Fraction(math.lcm(*whole)) if self.integral else min(self.steps) if len(whole) == 1 else None
        if unit is not None:
            self.low = _rounded(self.low, unit, 1)
            self.high = _rounded(self.high, unit, -1)
        if self.integral:
            self.steps = frozenset(Fraction(step.numerator) for step in self.steps if step.numerator != 1)
        if self.max_items is not None and self.max_items <= 1:
            self.unique = True
        gone = set()
        if self.low and self.high:
            (low, above), (high, below) = self.low, self.high
            if low > high or (low == high and (above or below)):
                gone.add(NUMBER)
        for kind, least, most in (
            (STRING, self.min_length, self.max_length),
            (ARRAY, self.min_items, self.max_items),
            (OBJECT, max(self.min_props, len(self.required)), self.max_props),
        ):
            if most is not None and least > most:
                gone.add(kind)
        self.types -= gone
        if self.enum is not None:
            self.enum = {key: value for key, value in self.enum.items() if key[0] in self.types}
            self.types &= {key[0] for key in self.enum}
        elif self.types <= {NULL, BOOLEAN}:
            every = [*([None] if NULL in self.types else []), *([False, True] if BOOLEAN in self.types else [])]
            self.enum = {(NULL if value is None else BOOLEAN, value): value for value in every}


def _rounded(bound: tuple[Fraction, bool] | None, unit: Fraction, way: int) -> tuple[Fraction, bool] | None:
    """The same bound for multiples of a unit: itself one, and included."""
    if bound is None:
        return None
    count = bound[0] / unit
    if count.denominator == 1:
        return (bound[0] + way * unit if bound[1] else bound[0]), False
    return unit * (count.__ceil__() if way > 0 else count.__floor__()), False


def lower(one: tuple[Fraction, bool] | None, other: tuple[Fraction, bool] | None) -> tuple[Fraction, bool] | None:
    """The stricter of two lower bounds."""
    return max((bound for bound in (one, other) if bound is not None), default=None)


def upper(one: tuple[Fraction, bool] | None, other: tuple[Fraction, bool] | None) -> tuple[Fraction, bool] | None:
    """The stricter of two upper bounds."""
    return min((b for b in (one, other) if b is not None), key=lambda bound: (bound[0], not bound[1]), default=None)


def least(one: int | None, other: int | None) -> int | None:
    """The stricter of two upper limits."""
    return min((limit for limit in (one, other) if limit is not None), default=None)
