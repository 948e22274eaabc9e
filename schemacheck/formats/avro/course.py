"""The way from the root of a writer's event to the place of a change, and what fastavro makes of events on it.

An event is steered to the place and takes, wherever it has a choice, what the reader understands. Beside the whole
event a slice of it is read, schemas and all cut down to the fields that lead to the place: so another break beside it
is not taken for this one.
"""

from __future__ import annotations

import heapq
import io
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from schemacheck.formats.avro import rules
from schemacheck.formats.avro.diff import walk
from schemacheck.formats.avro.generate import LARGEST, Generator
from schemacheck.formats.avro.pairs import Pairs
from schemacheck.formats.avro.portable import portable
from schemacheck.formats.avro.resolution import B, Edge, F, Pair
from schemacheck.formats.avro.tree import Enum, Record, Schema, Type, Union, Use
from schemacheck.formats.avro.values import WHOLE, Keep, Value, encode
from schemacheck.model import Change, Direction, Surface

# Wire breaks that an event avoids by taking another symbol or branch; all others it meets wherever it passes by.
_AVOIDABLE = frozenset(
    rule.id
    for rule in (
        rules.ENUM_SYMBOL_ADDED,
        rules.ENUM_SYMBOL_REMOVED,
        rules.MADE_NULLABLE,
        rules.MADE_NON_NULLABLE,
        rules.UNION_BRANCH_ADDED,
        rules.UNION_BRANCH_REMOVED,
    )
)
_DETOUR = 1000  # steps that are better than one through a pair that no event passes without a break


class Unjudged(Exception):  # noqa: N818 - no error of ours: there is no judge
    """fastavro does not take one of the schemas, so it reads no event."""


@dataclass(frozen=True, slots=True)
class Read:
    """What came of reading: a value, or the error."""

    value: Any = None
    error: Exception | None = None


class Course:
    """One direction between two events: a writer, a reader, and how the one's values face the other's types."""

    def __init__(self, old: Schema, new: Schema, direction: Direction) -> None:
        self.way = B if direction == Direction.BACKWARD else F
        self.writer, self.reader = (old, new) if self.way == B else (new, old)
        self.pairs = Pairs(old, new)
        self.generator = Generator(self.writer)
        self._records: dict[int, Value] = {}  # what `record` makes of a pair by itself
        self._places: dict[tuple[str, str], list[tuple[Pair, Change]]] = defaultdict(list)
        for pair, change in walk(self.pairs):
            self._places[change.rule.id, change.where].append((pair, change))

    def pair_of(self, change: Change) -> Pair | None:
        """The pair that a change is about."""
        return next((pair for pair, other in self._places[change.rule.id, change.where] if other == change), None)

    def sides(self, pair: Pair) -> tuple[Type, Type]:
        """The writer's and the reader's type of a pair."""
        return (pair.old, pair.new) if self.way == B else (pair.new, pair.old)

    def uses(self, edge: Edge) -> tuple[Use, Use]:
        """The writer's and the reader's use that an edge leads to."""
        return (edge.old, edge.new) if self.way == B else (edge.new, edge.old)

    def edges(self, pair: Pair) -> Iterator[Edge]:
        """The edges on which the reader goes on from a pair."""
        if self.way & pair.resolving:
            yield from (edge for edge in pair.edges if edge.dirs & self.way)

    @cached_property
    def _fine(self) -> Mapping[int, int]:
        """The size of the smallest value of each pair that the reader takes, by the pair's id; missing if none."""
        spoilt = {
            id(pair)
            for places in self._places.values()
            for pair, change in places
            if change.rule.surface == Surface.WIRE
            and change.rule.id not in _AVOIDABLE
            and change.breaks.value & self.way
        }
        pairs = [pair for pair in reversed(self.pairs.all()) if id(pair) not in spoilt]
        known: dict[int, int] = {}
        changed = True
        while changed:
            changed = False
            for pair in pairs:
                size = self._fine_size(pair, known)
                if size is not None and size < known.get(id(pair), size + 1):
                    known[id(pair)] = size
                    changed = True
        return known

    def _fine_size(self, pair: Pair, known: Mapping[int, int]) -> int | None:
        node, faced = self.sides(pair)
        if isinstance(node, Enum) and isinstance(faced, Enum):
            return None if set(node.symbols).isdisjoint(faced.symbols) else 1
        below = {use: known.get(id(inner)) for use, inner in self._below(pair).items()}
        if isinstance(node, Union) or isinstance(faced, Union):
            there = [size for size in below.values() if size is not None]
            return min(there) + 1 if there else None
        if not isinstance(node, Record):
            return 1
        sizes = [below[f.type] if f.type in below else self.generator.size(f.type) for f in node.fields]
        there = [size for size in sizes if size is not None]
        return min(1 + sum(there), LARGEST) if len(there) == len(sizes) else None

    def _below(self, pair: Pair) -> Mapping[Use, Pair]:
        """The writer's uses below a pair that face something, and the pairs they lead to."""
        found = {self.uses(edge)[0]: self.pairs.of(edge) for edge in self.edges(pair)}
        return {use: inner for use, inner in found.items() if inner is not None}

    # --- the way ------------------------------------------------------------------------------------------------------

    @cached_property
    def _before(self) -> Mapping[int, tuple[Pair, Edge] | None]:
        """To each pair the one before it on the best way from the root: through few spoilt pairs, and short."""
        start = self.pairs.of(self.pairs.root)
        assert start is not None
        known: dict[int, tuple[Pair, Edge] | None] = {}
        number = itertools.count()
        waiting: list[tuple[int, int, Pair, tuple[Pair, Edge] | None]] = [(0, next(number), start, None)]
        while waiting:
            cost, _, pair, before = heapq.heappop(waiting)
            if id(pair) in known:
                continue
            known[id(pair)] = before
            for edge in self.edges(pair):
                below = self.pairs.of(edge)
                if below is not None and self.generator.size(self.uses(edge)[0]) <= LARGEST:
                    more = 1 if id(below) in self._fine else _DETOUR
                    heapq.heappush(waiting, (cost + more, next(number), below, (pair, edge)))
        return known

    def way_to(self, pair: Pair) -> Sequence[tuple[Pair, Edge]] | None:
        """The pairs from the root to a pair, each with the edge to the next; None if no event leads there."""
        if id(pair) not in self._before:
            return None
        steps = []
        at = self._before[id(pair)]
        while at is not None:
            steps.append(at)
            at = self._before[id(at[0])]
        return steps[::-1]

    def event(self, steps: Sequence[tuple[Pair, Edge]], target: Value) -> Value:
        """An event with a value at the end of a way."""
        value = target
        for pair, edge in reversed(steps):
            value = self._around(pair, edge, value)
        return value

    def _around(self, pair: Pair, edge: Edge, inner: Value) -> Value:
        """The value of a pair around one that stands on an edge below it."""
        node, faced = self.sides(pair)
        use = self.uses(edge)[0]
        if isinstance(node, Union):
            return Value(node, (node.branches.index(use), inner))
        if isinstance(faced, Union):
            return inner
        if isinstance(node, Record):
            return self.record(pair, {field_at(node, use): inner})
        return Value(node, {"k0": inner} if node.kind == "map" else [inner])

    def record(self, pair: Pair, given: Mapping[str, Value]) -> Value:
        """A record of a pair with the values of some fields given, the others such that the reader takes them."""
        node = self.sides(pair)[0]
        assert isinstance(node, Record)
        if id(pair) not in self._records:
            below = self._below(pair)
            made = {field.name: self.fitting(field.type, below.get(field.type)) for field in node.fields}
            self._records[id(pair)] = Value(node, made)
        return Value(node, {**self._records[id(pair)].content, **given})

    def fitting(self, use: Use, pair: Pair | None) -> Value:
        """The smallest value of a use that the reader takes, if there is one. `pair`: what it faces, if anything."""
        if pair is None:
            return self.generator.least(use)
        node, faced = self.sides(pair)
        below = self._below(pair)
        if isinstance(node, Record) and isinstance(faced, Record):
            return self.record(pair, {})
        if isinstance(node, Enum) and isinstance(faced, Enum):
            return Value(node, next((symbol for symbol in node.symbols if symbol in faced.symbols), node.symbols[0]))
        if isinstance(node, Union):
            fine = {use: self._fine[id(inner)] for use, inner in below.items() if id(inner) in self._fine}
            branch = min(fine or node.branches, key=lambda use: fine.get(use, self.generator.size(use)))
            return Value(node, (node.branches.index(branch), self.fitting(branch, below.get(branch))))
        if isinstance(faced, Union) and below:
            return self.fitting(use, next(iter(below.values())))
        return self.generator.least(use)

    # --- reading ------------------------------------------------------------------------------------------------------

    def slices(
        self, steps: Sequence[tuple[Pair, Edge]], pair: Pair, written: Collection[str], read: Collection[str]
    ) -> tuple[Keep, Keep]:
        """The fields of writer and reader that lead to a pair, and of the pair itself the named ones."""
        mine: dict[int, set[str]] = defaultdict(set)
        its: dict[int, set[str]] = defaultdict(set)
        for outer, edge in steps:
            if outer.fields:
                for node, use, kept in zip(self.sides(outer), self.uses(edge), (mine, its), strict=True):
                    kept[id(node)].add(field_at(node, use))
        for node, names, kept in zip(self.sides(pair), (written, read), (mine, its), strict=True):
            if isinstance(node, Record):
                kept[id(node)] |= {field.name for field in node.fields if field.name in names}
        self._keep_below(steps, pair, (written, read), (mine, its))
        return mine, its

    def _keep_below(
        self,
        steps: Sequence[tuple[Pair, Edge]],
        pair: Pair,
        names: tuple[Collection[str], Collection[str]],
        kept: tuple[dict[int, set[str]], dict[int, set[str]]],
    ) -> None:
        """Keep whole what stands below the place too, and whatever such a record faces."""
        whole = {
            id(record)
            for node, schema, wanted in zip(self.sides(pair), (self.writer, self.reader), names, strict=True)
            for record in _below(schema, node, wanted)
        }
        records = [self.sides(outer) for outer in (*(outer for outer, _ in steps), pair)]
        for _ in records:
            whole |= {id(node) for sides in records if any(id(one) in whole for one in sides) for node in sides}
        for side in kept:
            for node in whole & side.keys():
                del side[node]

    def read(self, event: Value, mine: Keep = WHOLE, its: Keep = WHOLE) -> Read:
        """What fastavro makes of an event under the reader's schema, logical types aside."""
        return self._read(encode(event, mine), self._schema(self.writer, mine), self._schema(self.reader, its))

    def itself(self, event: Value, mine: Keep = WHOLE) -> Read:
        """What fastavro makes of an event under the writer's own schema; an error would be one of our encoder."""
        return self._read(encode(event, mine), self._schema(self.writer, mine), None)

    def _read(self, raw: bytes, writer: Any, reader: Any) -> Read:
        import fastavro

        stream = io.BytesIO(raw)
        try:
            value = fastavro.schemaless_reader(stream, writer, reader, return_named_type=True)
        except Exception as error:  # noqa: BLE001 - whatever fastavro raises is a failure to read
            return Read(error=error)
        if stream.tell() != len(raw):
            return Read(error=EOFError("bytes left over"))
        return Read(value)

    def _schema(self, schema: Schema, keep: Keep) -> Any:
        import fastavro

        if keep is WHOLE and schema in self._parsed:
            return self._parsed[schema]
        text = portable(schema, logical=False, keep=keep)
        try:
            parsed = fastavro.parse_schema(text, {})
        except Exception as error:  # what is published may be unsound, and fastavro then raises anything
            raise Unjudged from error
        if keep is WHOLE:
            self._parsed[schema] = parsed
        return parsed

    @cached_property
    def _parsed(self) -> dict[Schema, Any]:
        return {}

    def at(self, value: Any, steps: Sequence[tuple[Pair, Edge]], side: int = 1) -> Any:
        """What was read at the end of a way. `side`: 1 if the reader's schema was used, 0 for the writer's own."""
        for pair, edge in steps:
            value = unnamed(value)
            node, use = self.sides(pair)[side], self.uses(edge)[side]
            if pair.fields:
                value = value[field_at(node, use)]
            elif not any(isinstance(one, Union) for one in self.sides(pair)):
                value = value["k0"] if node.kind == "map" else value[0]
        return value


def field_at(node: Type, use: Use) -> str:
    """The name of the field whose type stands at a use."""
    assert isinstance(node, Record)
    return next(field.name for field in node.fields if field.type is use)


def unnamed(value: Any) -> Any:
    """What fastavro read, without the name that it puts beside a branch of a union."""
    return value[1] if isinstance(value, tuple) else value


def _below(schema: Schema, node: Type, names: Collection[str]) -> Iterator[Record]:
    """Every record below a type; of a record, below the named fields."""
    uses = [field.type for field in node.fields if field.name in names] if isinstance(node, Record) else node.uses
    waiting, seen = [schema.node(use) for use in uses], set[int]()
    while waiting:
        inner = waiting.pop()
        if id(inner) not in seen:
            seen.add(id(inner))
            waiting += [schema.node(use) for use in inner.uses]
            if isinstance(inner, Record):
                yield inner


@lru_cache(maxsize=4)
def course(old: Schema, new: Schema, direction: Direction) -> Course:
    """The course between two events; remembered, since every finding of a comparison asks for it."""
    return Course(old, new, direction)
