"""Random pairs of Avro schemas, one to three edits apart.

Seeded: a number names a pair for ever. No logical types, since they change no byte.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from schemacheck.formats.avro import FORMAT
from schemacheck.formats.avro.tree import Schema
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
        self.open: list[str] = []  # of the records around the place

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
        self.open.append(name)
        fields = [self.field(f"f{index}", depth) for index in range(self.rng.randint(1, 4 if depth else 6))]
        self.open.pop()
        return {"type": "record", "name": name, "fields": fields}

    def field(self, name: str, depth: int) -> dict[str, Any]:
        kind = self.type(depth + 1)
        made: dict[str, Any] = {"name": name, "type": kind}
        if self.rng.random() < 0.04:
            made["aliases"] = self.rng.sample(("f0", "f1", "h1", "h2", "h3"), self.rng.choice((1, 1, 2)))
        if self.rng.random() < 0.4:
            default = self.default(kind)
            if default is not NO:
                made["default"] = default
        return made

    def type(self, depth: int, union: bool = True) -> Any:
        roll = self.rng.random()
        if roll < 0.04 and union:
            around = self.rng.choice(self.open or ["Event"])
            return self.rng.choice((["null", around], {"type": "array", "items": around}, ["null", "int", around]))
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
            return self.default(kind[-1 if self.rng.random() < 0.1 else 0])
        if isinstance(kind, dict):
            name = kind["type"]
            if name == "record":
                inner = {field["name"]: self.default(field["type"]) for field in kind["fields"]}
                return NO if NO in inner.values() else inner
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
            edits.append(lambda: self.edit_aliases(self.rng.choice(types), types))
        inner = [node for node in types if node.get("fields")]
        if inner:
            edits.append(lambda: self.rename_both(schema, self.rng.choice(inner)))
        self.rng.choice(edits)()
        return schema

    def edit_fields(self, record: dict[str, Any]) -> None:
        fields = record["fields"]
        field = self.rng.choice(fields) if fields else None
        choice = self.rng.choice(("add", "remove", "rename", "alias", "swap", "default", "move", "type"))
        if choice == "add" or field is None:
            fields.insert(self.rng.randint(0, len(fields)), self.field(f"g{self.rng.randint(0, 9)}", 2))
        elif choice == "remove":
            fields.remove(field)
        elif choice == "rename":
            old, field["name"] = field["name"], f"h{self.rng.randint(0, 9)}"
            if self.rng.random() < 0.6:
                field["aliases"] = [old]
        elif choice == "alias":
            known = [name for one in fields for name in (one["name"], *one.get("aliases", ()))]
            field["aliases"] = self.rng.sample([*known, "f0", "zz"], self.rng.choice((1, 1, 2)))
        elif choice == "swap":
            other = self.rng.choice(fields)
            field["aliases"], other["aliases"] = [field["name"]], [other["name"]]
            field["name"], other["name"] = other["name"], field["name"]
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

    def edit_aliases(self, node: dict[str, Any], types: list[dict[str, Any]]) -> None:
        """Other aliases of a type: names of other types, full or relative, or none."""
        names = [one["name"] for one in types] + ["R9", f"R{self.rng.randint(1, 3)}", "x.E1"]
        node["aliases"] = self.rng.sample(names, self.rng.randint(0, 2))

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
