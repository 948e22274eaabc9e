"""Random pairs of Avro schemas, one to three edits apart, and random events of them in binary.

Seeded: a number names a pair for ever. No logical types, since they change no byte.
"""

from __future__ import annotations

import copy
import json
import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from schemacheck.formats.avro import FORMAT
from schemacheck.formats.avro.tree import Container, Enum, Fixed, Record, Schema, Type, Union, Use
from schemacheck.formats.avro.validate import heights
from schemacheck.model import Change, Direction, Document, Subject, Surface, Version
from schemacheck.sources.tree import MemoryTree

PRIMITIVES = ("boolean", "int", "long", "float", "double", "bytes", "string")
WIDER = {"int": ("long", "float", "double"), "long": ("float", "double"), "float": ("double",)}
WIDER |= {"string": ("bytes",), "bytes": ("string",)}
SPACES = ("x", "y")


def load(schema: Any) -> Schema | Any:
    """The event of a schema, or the problems with it."""
    tree = MemoryTree("generated", {"event.avsc": json.dumps(schema).encode()})
    document = Document(Subject("event", Version(1)), "avro", "event.avsc", tree)
    return FORMAT.open(tree, {}).parse([document], published=False)["event.avsc"]


@dataclass(frozen=True)
class Pair:
    """Two events and what the diff says about them."""

    seed: int
    old_text: Any
    new_text: Any
    old: Schema
    new: Schema

    @property
    def changes(self) -> list[Change]:
        return list(FORMAT.diff(self.old, self.new))

    def wire(self, direction: Direction) -> list[str]:
        """The wire rules that break a direction."""
        return [c.rule.id for c in self.changes if c.rule.surface == Surface.WIRE and direction in c.breaks]

    def __str__(self) -> str:
        return f"pair {self.seed}\n  old {json.dumps(self.old_text)}\n  new {json.dumps(self.new_text)}"


def pairs(seeds: range) -> Iterator[Pair]:
    """A valid pair for each seed."""
    for seed in seeds:
        yield pair(seed)


def pair(seed: int) -> Pair:
    rng = random.Random(seed)
    while True:
        maker = Maker(rng)
        old_text = maker.record("Event", 0)
        new_text = copy.deepcopy(old_text)
        for _ in range(rng.choice((1, 1, 2, 3))):
            new_text = maker.edited(new_text)
        if rng.random() < 0.4:  # the undone edit: the old side is the richer one
            old_text, new_text = new_text, old_text
        old, new = load(old_text), load(new_text)
        if isinstance(old, Schema) and isinstance(new, Schema):
            return Pair(seed, old_text, new_text, old, new)


class Maker:
    """Makes schemas as JSON data, and edits them."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.count = 0
        self.known: list[str] = []  # full names of finished types

    def fresh(self, letter: str) -> str:
        self.count += 1
        space = self.rng.choice(SPACES)
        # Now and then a namesake of an earlier type in the other namespace.
        others = [name for name in self.known if name.split(".")[1].startswith(letter)]
        if others and self.rng.random() < 0.15:
            name = self.rng.choice(others)
            other = f"{'y' if name[0] == 'x' else 'x'}.{name.split('.')[1]}"
            if other not in self.known:
                return other
        return f"{space}.{letter}{self.count}"

    def record(self, name: str, depth: int) -> dict[str, Any]:
        fields = [self.field(f"f{index}", depth) for index in range(self.rng.randint(1, 4 if depth else 6))]
        return {"type": "record", "name": name, "fields": fields}

    def field(self, name: str, depth: int) -> dict[str, Any]:
        kind = self.type(depth + 1)
        made: dict[str, Any] = {"name": name, "type": kind}
        if self.rng.random() < 0.04:
            made["aliases"] = [self.rng.choice(("f0", "f1", "h1", "h2", "h3"))]
        if self.rng.random() < 0.4:
            default = self.default(kind)
            if default is not NO:
                made["default"] = default
        return made

    def type(self, depth: int, union: bool = True) -> Any:
        roll = self.rng.random()
        if depth > 3 or roll < 0.45:
            return self.rng.choice(PRIMITIVES)
        if roll < 0.52 and self.known:
            return self.rng.choice(self.known)
        if roll < 0.6:
            return {"type": "array", "items": self.type(depth + 1)}
        if roll < 0.66:
            return {"type": "map", "values": self.type(depth + 1)}
        if roll < 0.82 and union:
            return self.union(depth)
        letter = self.rng.choice("REX")
        name = self.fresh(letter)
        if letter == "E":
            made: Any = {"type": "enum", "name": name, "symbols": self.rng.sample("ABCD", self.rng.randint(1, 3))}
            if self.rng.random() < 0.3:
                made["default"] = made["symbols"][0]
        elif letter == "X":
            made = {"type": "fixed", "name": name, "size": self.rng.randint(1, 3)}
        else:
            made = self.record(name, depth + 1)
        self.known.append(name)
        return made

    def union(self, depth: int) -> list[Any]:
        branches: list[Any] = ["null"] if self.rng.random() < 0.7 else []
        if not branches and self.rng.random() < 0.3:
            branches.append({"type": "array", "items": "int"})
        for _ in range(self.rng.randint(1, 3)):
            branch = self.type(depth + 1, union=False)
            if key(branch) not in [key(one) for one in branches]:
                branches.append(branch)
        return branches

    def default(self, kind: Any) -> Any:
        if isinstance(kind, list):
            return self.default(kind[0])
        if isinstance(kind, dict):
            name = kind["type"]
            if name == "enum":
                return self.rng.choice(kind["symbols"])
            if name == "fixed":
                return "a" * kind["size"]
            return {"array": [], "map": {}}.get(name, NO)
        simple = {"null": None, "boolean": True, "int": 7, "long": 7, "float": 1.5, "double": 1.5}
        return simple.get(kind, "d" if kind in ("bytes", "string") else NO)

    # --- edits --------------------------------------------------------------------------------------------------------

    def edited(self, schema: Any) -> Any:
        """The schema after one random edit."""
        records = [node for node in walk(schema) if isinstance(node, dict) and node.get("type") == "record"]
        edits: list[Callable[[], Any]] = [lambda: self.edit_fields(self.rng.choice(records))] * 6
        edits += [lambda: self.edit_type(schema)] * 6
        named = [node for node in walk(schema) if isinstance(node, dict) and "name" in node and "symbols" in node]
        if named:
            edits += [lambda: self.edit_enum(self.rng.choice(named))] * 3
        fixed = [node for node in walk(schema) if isinstance(node, dict) and node.get("type") == "fixed"]
        if fixed:
            edits.append(lambda: self.rng.choice(fixed).update(size=self.rng.randint(1, 3)))
        unions = [node for node in walk(schema) if isinstance(node, list)]
        if unions:
            edits += [lambda: self.edit_union(self.rng.choice(unions))] * 3
        types = [node for node in walk(schema) if isinstance(node, dict) and "." in node.get("name", "")]
        if types:
            edits += [lambda: self.rename(schema, self.rng.choice(types))] * 2
        inner = [node for node in types if node.get("fields")]
        if inner:
            edits.append(lambda: self.rename_both(schema, self.rng.choice(inner)))
        self.rng.choice(edits)()
        return schema

    def edit_fields(self, record: dict[str, Any]) -> None:
        fields = record["fields"]
        field = self.rng.choice(fields) if fields else None
        choice = self.rng.choice(("add", "remove", "rename", "alias", "default", "move", "type"))
        if choice == "add" or field is None:
            fields.insert(self.rng.randint(0, len(fields)), self.field(f"g{self.rng.randint(0, 9)}", 2))
        elif choice == "remove":
            fields.remove(field)
        elif choice == "rename":
            old, field["name"] = field["name"], f"h{self.rng.randint(0, 9)}"
            if self.rng.random() < 0.6:
                field["aliases"] = [old]
        elif choice == "alias":
            field["aliases"] = [self.rng.choice([one["name"] for one in fields] + ["f0", "zz"])]
        elif choice == "default":
            if "default" in field:
                del field["default"]
            elif (default := self.default(field["type"])) is not NO:
                field["default"] = default
        elif choice == "move":
            self.rng.shuffle(fields)
        else:
            field["type"] = self.type(2)
            field.pop("default", None)

    def edit_type(self, schema: Any) -> None:
        """Another type at one place: promoted or narrowed, wrapped in a union, or any."""
        slots = [(holder, at) for holder, at, _ in slots_of(schema)]
        if not slots:
            return
        holder, at = self.rng.choice(slots)
        kind = holder[at]
        roll = self.rng.random()
        if isinstance(kind, str) and kind in WIDER and roll < 0.6:
            holder[at] = self.rng.choice(WIDER[kind])
        elif isinstance(kind, str) and roll < 0.75:
            holder[at] = self.rng.choice([one for one in WIDER if kind in WIDER[one]] or ["int"])
        elif not isinstance(kind, list) and roll < 0.9 and not isinstance(holder, list):
            holder[at] = ["null", kind] if self.rng.random() < 0.7 else [kind]
        elif isinstance(kind, list) and kind:
            holder[at] = self.rng.choice(kind)
        if isinstance(holder, dict) and "default" in holder:
            holder.pop("default")
            if self.rng.random() < 0.7 and (default := self.default(holder[at])) is not NO:
                holder["default"] = default

    def edit_enum(self, enum: dict[str, Any]) -> None:
        choice = self.rng.choice(("add", "remove", "shuffle", "default"))
        if choice == "add":
            enum["symbols"].append(self.rng.choice([s for s in "ABCDEFG" if s not in enum["symbols"]]))
        elif choice == "remove" and len(enum["symbols"]) > 1:
            enum["symbols"].pop(self.rng.randrange(len(enum["symbols"])))
        elif choice == "shuffle":
            self.rng.shuffle(enum["symbols"])
        elif "default" in enum:
            del enum["default"]
        else:
            enum["default"] = self.rng.choice(enum["symbols"])

    def edit_union(self, union: list[Any]) -> None:
        choice = self.rng.choice(("add", "remove", "shuffle"))
        if choice == "add":
            union.append(self.rng.choice(("null", *PRIMITIVES)))
        elif choice == "remove" and len(union) > 1:
            union.pop(self.rng.randrange(len(union)))
        else:
            self.rng.shuffle(union)

    def rename(self, schema: Any, node: dict[str, Any]) -> None:
        old = node["name"]
        space, short = old.split(".")
        new = self.rng.choice((f"{space}.{short}n", f"{'y' if space == 'x' else 'x'}.{short}"))
        for holder, at, kind in slots_of(schema):
            if kind == old:
                holder[at] = new
        node["name"] = new
        if self.rng.random() < 0.5:
            node["aliases"] = [old]

    def rename_both(self, schema: Any, record: dict[str, Any]) -> None:
        """A record in another namespace, and one of its fields under another name with an alias."""
        self.rename(schema, record)
        field = self.rng.choice(record["fields"])
        field["aliases"] = [field["name"]]
        field["name"] = f"h{self.rng.randint(0, 9)}"


NO = object()


def key(kind: Any) -> str:
    """What may be in a union only once."""
    if isinstance(kind, dict):
        return str(kind.get("name") or kind["type"])
    return str(kind)


def slots_of(schema: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Every place where a type stands: the holder, the key or index, the type."""
    if isinstance(schema, list):
        for index, kind in enumerate(schema):
            yield schema, index, kind
            yield from slots_of(kind)
    elif isinstance(schema, dict):
        for field in schema.get("fields", ()):
            yield field, "type", field["type"]
            yield from slots_of(field["type"])
        for inner in ("items", "values"):
            if inner in schema:
                yield schema, inner, schema[inner]
                yield from slots_of(schema[inner])


def walk(schema: Any) -> Iterator[Any]:
    yield schema
    for _, _, kind in slots_of(schema):
        yield kind


# --- events -----------------------------------------------------------------------------------------------------------


class Events:
    """Random events of a schema in Avro's binary encoding, written from our own tree."""

    def __init__(self, schema: Schema, rng: random.Random) -> None:
        self.schema = schema
        self.rng = rng
        self.heights = heights(schema)
        self.seen: dict[tuple[int, int], int] = {}

    def event(self) -> bytes:
        out = bytearray()
        self._use(self.schema.root, out, 0)
        return bytes(out)

    def _use(self, use: Use, out: bytearray, depth: int) -> None:
        node = self.schema.node(use)
        if isinstance(node, Record):
            for field in node.fields:
                self._use(field.type, out, depth + 1)
        elif isinstance(node, Union):
            index = self._branch(node, depth)
            out += zigzag(index)
            self._use(node.branches[index], out, depth + 1)
        elif isinstance(node, Container):
            self._items(node, out, depth)
        elif isinstance(node, Enum):
            out += zigzag(self._choice(node, list(range(len(node.symbols)))))
        elif isinstance(node, Fixed):
            out += bytes(node.size)
        else:
            out += self._scalar(node.kind)

    def _branch(self, node: Union, depth: int) -> int:
        least = [self.heights[id(self.schema.node(use))] for use in node.branches]
        if depth > 8:
            return least.index(min(least))
        return self._choice(node, list(range(len(least))))

    def _choice(self, node: Type, options: list[int]) -> int:
        """The option taken least often so far, so that few events cover all of them."""
        counts = [self.seen.get((id(node), option), 0) for option in options]
        chosen = self.rng.choice([o for o, count in zip(options, counts, strict=True) if count == min(counts)])
        self.seen[id(node), chosen] = min(counts) + 1
        return chosen

    def _items(self, node: Container, out: bytearray, depth: int) -> None:
        size = 0 if depth > 8 else self.rng.choice((1, 1, 2))
        if size:
            out += zigzag(size)
        for index in range(size):
            if node.kind == "map":
                out += self._text(f"k{index}")
            self._use(node.items, out, depth + 1)
        out += zigzag(0)

    def _scalar(self, kind: str) -> bytes:
        if kind == "null":
            return b""
        if kind == "boolean":
            return bytes([self.rng.randint(0, 1)])
        if kind in ("int", "long"):
            return zigzag(self.rng.choice((0, 1, -1, 2**31 - 1, -(2**31))))
        if kind in ("float", "double"):
            return struct.pack("<f" if kind == "float" else "<d", self.rng.choice((0.0, 1.5, -2.0)))
        return self._text(self.rng.choice(("", "a", "é")))

    def _text(self, text: str) -> bytes:
        raw = text.encode()
        return zigzag(len(raw)) + raw


def zigzag(value: int) -> bytes:
    """An int or long in Avro's variable-length encoding."""
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
