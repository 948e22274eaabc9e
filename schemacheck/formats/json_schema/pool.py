"""The subschemas of two sides as atoms, and the shapes of their conjunctions."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from schemacheck.formats.json_schema.document import File, Files, Loc, file_of, known
from schemacheck.formats.json_schema.shape import (
    ALL_TYPES,
    ANY,
    SPELLING,
    VALUE,
    Choice,
    Contains,
    Expr,
    Names,
    Shape,
    Tuple,
    least,
    lower,
    upper,
)
from schemacheck.formats.json_schema.values import NUMBER, frozen

WORK = 400_000  # units that one question may cost, of some microseconds each
MAX_SHAPES = 20_000
_LARGE = 500  # entries of a value whose key is kept
_KEPT = 50
OPAQUE = ("unevaluatedItems",)
REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_MISSING = object()
APPLICATORS = ("$ref", "allOf", "anyOf", "oneOf", "if", "dependentSchemas", "$dynamicRef", "$recursiveRef")
INTEGER_BY_VALUE = 6  # the first draft in which 1.0 is an integer


class Exhausted(Exception):  # noqa: N818 - no error: the answer is "unproven"
    """The budget is spent."""


class Pool:
    """Gives every subschema a number."""

    def __init__(self, *sides: Files) -> None:
        self.left = WORK
        self.locs: list[Loc] = []
        self._files = {id(file): side for side in sides for file in side.files}
        drafts = {file.draft < INTEGER_BY_VALUE for side in sides for file in side.files}
        self.mixed = len(drafts) > 1  # whether the sides differ in what `1.0` is
        self._known: dict[Any, int] = {}
        self._shapes: dict[Expr, Shape] = {}
        self._single: dict[int, Shape] = {}
        self._further: dict[int, Expr] = {}
        self._made: dict[int, File] = {}
        self._plain: dict[Expr, Expr] = {}
        self._keys: dict[int, tuple[Any, Hashable]] = {}  # by the identity of a value, with the value, so that it stays
        self.never = self.make(2020, False)

    def refill(self, units: int = WORK) -> None:
        """Begin another question."""
        self.left = units

    def spend(self, units: int) -> None:
        """Count work that was done; raises Exhausted where it is too much for one question."""
        self.left -= units
        if self.left < 0:
            raise Exhausted

    def key(self, value: Any) -> Hashable:
        """The key of a value, kept for a few large ones."""
        if not isinstance(value, list | dict) or len(value) < _LARGE:
            return frozen(value)
        found = self._keys.get(id(value))
        if found is None:
            found = value, frozen(value)
            if len(self._keys) < _KEPT:
                self._keys[id(value)] = found
        return found[1]

    def add(self, loc: Loc) -> int:
        """The atom of a subschema."""
        key = (id(loc.file), loc.pointer)
        if key not in self._known:
            self._known[key] = len(self.locs)
            self.locs.append(loc)
        return self._known[key]

    def make(self, draft: int, raw: Any) -> int:
        """The atom of a subschema that no file holds."""
        key = (draft, frozen(raw))
        if key not in self._known:
            file = self._made.setdefault(draft, file_of("", {}, draft))
            self._known[key] = len(self.locs)
            self.locs.append(Loc(file, f"made/{len(self.locs)}", "", raw))
        return self._known[key]

    def of(self, loc: Loc) -> Expr:
        """The expression of a subschema alone; nothing for one that says nothing."""
        if loc.raw is True or loc.raw == {}:
            return ANY
        return frozenset([self.never if loc.raw is False else self.add(loc)])

    def targets(self, loc: Loc, base: str, raw: Any) -> dict[str, Loc | None]:
        """What the references in a subschema mean, by keyword; None where that depends on who refers to it."""
        side = self._files.get(id(loc.file))
        found = {}
        for keyword in REFERENCES:
            if side is None or not isinstance(raw.get(keyword), str) or not known(keyword, loc.draft):
                continue
            name = raw[keyword].rpartition("#")[2]
            several = keyword != "$ref" and sum(len(file.dynamic.get(name, ())) for file in side.files) > 1
            found[keyword] = None if several else side.resolve(base, raw[keyword])
        return found

    def plain(self, expr: Expr) -> Expr:
        """The expression with the targets of references in the place of atoms that say nothing else."""
        found = self._plain.get(expr)
        if found is None:
            found = self._plain[expr] = ANY.union(*map(self._target, expr))
        return found

    def _target(self, atom: int) -> Expr:
        """What an atom refers to, as long as that is all it does; the loader has refused references without end."""
        while True:
            loc = self.locs[atom]
            if not isinstance(loc.raw, dict) or "$ref" not in loc.raw or (len(loc.raw) > 1 and loc.draft > 7):
                return frozenset([atom])
            target = self.targets(loc, loc.base, loc.raw).get("$ref")
            if target is None:
                return frozenset([atom])
            further = self.of(target)
            if len(further) != 1:
                return further
            (atom,) = further

    def conjuncts(self, expr: Expr) -> list[int]:
        """The atoms, with those that they refer to and hold in `allOf`."""
        found: list[int] = []
        seen = set(expr)
        waiting = sorted(expr, reverse=True)
        while waiting:
            self.spend(1)
            atom = waiting.pop()
            found.append(atom)
            fresh = sorted(self._beside(atom) - seen, reverse=True)
            seen.update(fresh)
            waiting += fresh
        return found

    def _beside(self, atom: int) -> Expr:
        """What an atom refers to, and holds in `allOf`."""
        if atom not in self._further:
            loc = self.locs[atom]
            further = []
            if isinstance(loc.raw, dict):
                further += [self.of(target) for target in self.targets(loc, loc.base, loc.raw).values() if target]
            for keyword in ("allOf", "anyOf", "oneOf"):
                branches = loc.get(keyword, ())
                if keyword == "allOf" or len(branches) == 1:
                    further += [self.of(loc.child(keyword, index)) for index in range(len(branches))]
            self._further[atom] = ANY.union(*further)
        return self._further[atom]

    def _own(self, atom: int) -> Shape:
        """What an atom alone says."""
        if atom not in self._single:
            shape = Shape()
            raw = self.locs[atom].raw
            self.spend(8 + (len(raw) if isinstance(raw, dict) else 0))
            if raw is False:
                shape.types = frozenset()
            elif isinstance(raw, Negated):
                self.exclude(shape, raw.inner)
            elif raw is not True:
                _Reader(self, self.locs[atom], atom, shape).read()
            self._single[atom] = shape
        return self._single[atom]

    def shape(self, expr: Expr) -> Shape:
        """What an expression says."""
        shape = self._shapes.get(expr)
        if shape is None:
            if len(self._shapes) >= MAX_SHAPES:
                raise Exhausted
            shape = Shape()
            for atom in self.conjuncts(expr):
                shape.merge(self._own(atom))
                self.spend(4 + shape.size() // 8)
            shape.settle()
            self._shapes[expr] = shape
        return shape

    def negation(self, inner: Expr) -> int:
        """The atom of what an expression does not allow."""
        key = ("not", inner)
        if key not in self._known:
            self._known[key] = len(self.locs)
            file = self._made.setdefault(2020, file_of("", {}, 2020))
            self.locs.append(Loc(file, f"made/{len(self.locs)}", "", Negated(inner)))
        return self._known[key]

    def exclude(self, shape: Shape, inner: Expr) -> None:
        """Adds `not` to a shape; where it only names types, they are simply no longer there."""
        own = self.shape(inner)
        if own.only_types():
            shape.types &= ALL_TYPES - own.types
            return
        shape.nots.append(inner)


@dataclass(frozen=True, slots=True)
class Negated:
    """Stands for a subschema that forbids another."""

    inner: Expr


class _Reader:
    """Adds one subschema to a shape."""

    def __init__(self, pool: Pool, loc: Loc, atom: int, shape: Shape) -> None:
        self.pool = pool
        self.loc = loc
        self.atom = atom
        self.shape = shape

    def read(self) -> None:
        for step in (self.kinds, self.numbers, self.sizes, self.items, self.properties, self.logic):
            step()

    def sub(self, *steps: str | int) -> Expr:
        return self.pool.of(self.loc.child(*steps))

    def made(self, raw: Any) -> Expr:
        return frozenset([self.pool.make(self.loc.draft, raw)])

    def kinds(self) -> None:
        shape, get = self.shape, self.loc.get
        types = get("type")
        if types is not None:
            types = {types} if isinstance(types, str) else set(types)
            integer = "integer" in types and NUMBER not in types
            if integer:
                by = VALUE if self.loc.draft >= INTEGER_BY_VALUE else SPELLING
                shape.integral = max(shape.integral, by)
            shape.types &= {NUMBER if one == "integer" else one for one in types}
        const = get("const", _MISSING)
        for listed in (None if const is _MISSING else [const], get("enum")):
            if listed is not None:
                enum = {frozen(value): value for value in listed}
                kept = enum if shape.enum is None else {k: v for k, v in shape.enum.items() if k in enum}
                shape.enum, shape.listed = kept, True

    def numbers(self) -> None:
        shape, get = self.shape, self.loc.get
        for key, exclusive, bound in (("minimum", "exclusiveMinimum", lower), ("maximum", "exclusiveMaximum", upper)):
            name = "low" if bound is lower else "high"
            strict = get(exclusive)
            found = [(get(key), strict is True), (strict if not isinstance(strict, bool) else None, True)]
            for value, excluded in found:
                if value is not None:
                    setattr(shape, name, bound(getattr(shape, name), (Fraction(value), excluded)))
        if get("multipleOf") is not None:
            shape.steps |= {Fraction(get("multipleOf"))}

    def sizes(self) -> None:
        shape, get = self.shape, self.loc.get
        for word, kind in (("length", "Length"), ("items", "Items"), ("props", "Properties")):
            low, high = f"min_{word}", f"max_{word}"
            setattr(shape, low, max(getattr(shape, low), int(get(f"min{kind}", 0))))
            most = get(f"max{kind}")
            setattr(shape, high, least(getattr(shape, high), None if most is None else int(most)))
        if get("pattern") is not None:
            shape.patterns |= {get("pattern")}
        shape.unique = shape.unique or get("uniqueItems") is True
        shape.required |= {*get("required", ())}

    def items(self) -> None:
        get = self.loc.get
        key = "prefixItems" if get("prefixItems") is not None else "items"
        first = get(key) if isinstance(get(key), list) else []
        tail = "items" if key == "prefixItems" or not isinstance(get("items"), list) else "additionalItems"
        rest = ANY if get(tail) is None else self.sub(tail)
        if first or rest:
            self.shape.tuples.append(Tuple(tuple(self.sub(key, index) for index in range(len(first))), rest))

    def properties(self) -> None:
        shape, get = self.shape, self.loc.get
        key = "additionalProperties"
        if get("unevaluatedProperties") is not None:
            if any(get(other) is not None for other in APPLICATORS) or isinstance(get("dependencies"), dict):
                shape.opaque.append(("unevaluatedProperties", self.atom))
            elif get(key) is None:
                key = "unevaluatedProperties"
        props = {name: self.sub("properties", name) for name in get("properties", {})}
        patterns = {name: self.sub("patternProperties", name) for name in get("patternProperties", {})}
        rest = ANY if get(key) is None else self.sub(key)
        if props or patterns or rest:
            shape.names.append(Names(props, patterns, rest, get(key) in (None, True)))
        if get("propertyNames") is not None:
            shape.key_names |= self.sub("propertyNames")
        for keyword in ("dependentRequired", "dependentSchemas", "dependencies"):
            for name, needed in get(keyword, {}).items():
                then = self.made({"required": needed}) if isinstance(needed, list) else self.sub(keyword, name)
                self.condition(self.made({"type": "object", "required": [name]}), then, ANY)

    def logic(self) -> None:
        shape, get = self.shape, self.loc.get
        if get("not") is not None:
            self.pool.exclude(shape, self.sub("not"))
        for keyword in ("anyOf", "oneOf"):
            if get(keyword) is not None:
                branches = tuple(self.sub(keyword, index) for index in range(len(get(keyword))))
                if len(branches) > 1:
                    shape.choices.append(Choice(branches, keyword == "oneOf"))
        if get("if") is not None:
            then, other = (ANY if get(key) is None else self.sub(key) for key in ("then", "else"))
            self.condition(self.sub("if"), then, other)
        if get("contains") is not None:
            most = get("maxContains")
            found = Contains(self.sub("contains"), int(get("minContains", 1)), None if most is None else int(most))
            shape.contains.append(found)
        for keyword in OPAQUE:
            if get(keyword) is not None:
                shape.opaque.append((keyword, self.atom))
        for keyword, target in self.pool.targets(self.loc, self.loc.base, self.loc.raw).items():
            if target is None:
                shape.opaque.append((keyword, self.atom))

    def condition(self, when: Expr, then: Expr, other: Expr) -> None:
        if then or other:
            without = frozenset([self.pool.negation(when)])
            self.shape.choices.append(Choice((when | then, without | other), condition=(when, then, other)))
