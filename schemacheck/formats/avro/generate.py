"""Events that some producer could send: the shortest one, and many that together take every choice a schema leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from schemacheck.formats.avro.tree import Container, Enum, Fixed, Record, Schema, Type, Union, Use
from schemacheck.formats.avro.values import Value

# Ordinary values first, then the edges of ranges, of precision (2^24 and 2^53 for floats) and of encodings.
_INTS = (0, 1, -1, 2**31 - 1, -(2**31), 2**24 + 1)
_FLOATS = (0.0, 1.5, -2.0, float("nan"), float("inf"), float("-inf"))
POOLS: Mapping[str, Sequence[Any]] = {
    "null": (None,),
    "boolean": (False, True),
    "int": _INTS,
    "long": (*_INTS, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)),
    "float": _FLOATS,
    "double": (*_FLOATS, 1e300),
    "bytes": (b"", b"a", b"\xff", "\u00e9".encode()),
    "string": ("", "a", "\u00e9", "\u0000"),
}
_DEEP = 6  # levels after which only what ends soon is taken
LARGEST = 5_000  # values in one event


def sizes(schema: Schema) -> Mapping[int, int]:
    """How many values the smallest value of each type holds, by the node's id; without finite values it is missing.

    Counted to one more than `LARGEST`: types may double at each level.
    """
    nodes = list(schema.reach())
    known: dict[int, int] = {}
    changed = True
    while changed:
        changed = False
        for node in reversed(nodes):
            size = _size(schema, node, known)
            if size is not None and size < known.get(id(node), size + 1):
                known[id(node)] = size
                changed = True
    return known


def _size(schema: Schema, node: Type, known: Mapping[int, int]) -> int | None:
    if isinstance(node, Container):
        return 1
    if isinstance(node, Enum):
        return 1 if node.symbols else None
    if isinstance(node, Fixed):
        return min(1 + node.size // 8, LARGEST + 1)
    inner = [known.get(id(schema.node(use))) for use in node.uses]
    there = [size for size in inner if size is not None]
    if isinstance(node, Union):
        return min(there) + 1 if there else None
    return min(1 + sum(there), LARGEST + 1) if len(there) == len(inner) else None


class Generator:
    """Makes values of one event's types, always the same ones in the same order."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.sizes = sizes(schema)

    def size(self, use: Use) -> int:
        """How many values the smallest value of a use holds; more than `LARGEST` if there is none."""
        return self.sizes.get(id(self.schema.node(use)), LARGEST + 1)

    def least(self, use: Use) -> Value:
        """The smallest value of a use."""
        node = self.schema.node(use)
        if isinstance(node, Record):
            return Value(node, {field.name: self.least(field.type) for field in node.fields})
        if isinstance(node, Union):
            index = min(range(len(node.branches)), key=lambda i: self.size(node.branches[i]))
            return Value(node, (index, self.least(node.branches[index])))
        if isinstance(node, Container):
            return Value(node, {} if node.kind == "map" else [])
        if isinstance(node, Enum):
            return Value(node, node.symbols[0])
        if isinstance(node, Fixed):
            return Value(node, bytes(node.size))
        return Value(node, POOLS[node.kind][0])

    def varied(self, use: Use) -> Iterator[Value]:
        """Values of a use without end: each takes at every choice what the earlier ones took least often."""
        varied = _Varied(self)
        while True:
            yield varied.next(use)


class _Varied:
    """One run of values, and what they took so far: counted by the way to a place, since a type may stand in many."""

    def __init__(self, generator: Generator) -> None:
        self.generator = generator
        self.schema = generator.schema
        self._taken: Counter[tuple[int, int]] = Counter()
        self._left = LARGEST

    def next(self, use: Use) -> Value:
        self._left = LARGEST
        return self._value(use, 0, 0)

    def _value(self, use: Use, depth: int, way: int) -> Value:
        self._left -= 1
        if depth > _DEEP or self._left < 0:
            return self.generator.least(use)
        node = self.schema.node(use)
        depth, way = depth + 1, hash((way, id(use)))
        if isinstance(node, Record):
            return Value(node, {field.name: self._value(field.type, depth, way) for field in node.fields})
        if isinstance(node, Union):
            ending = [i for i, branch in enumerate(node.branches) if self.generator.size(branch) <= LARGEST]
            index = self._choice(way, ending)
            return Value(node, (index, self._value(node.branches[index], depth, way)))
        if isinstance(node, Container):
            count = self._choice(way, (1, 0, 2)) if self.generator.size(node.items) <= LARGEST else 0
            items = [self._value(node.items, depth, way) for _ in range(count)]
            return Value(node, {f"k{i}": item for i, item in enumerate(items)} if node.kind == "map" else items)
        if isinstance(node, Enum):
            return Value(node, self._choice(way, node.symbols))
        if isinstance(node, Fixed):
            return Value(node, self._choice(way, (b"\0", b"\xff", b"a")) * node.size)
        return Value(node, self._choice(way, POOLS[node.kind]))

    def _choice(self, way: int, options: Sequence[Any]) -> Any:
        place = min(range(len(options)), key=lambda i: self._taken[way, i])
        self._taken[way, place] += 1
        return options[place]
