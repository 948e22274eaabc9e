"""What one changed JSON Schema costs: reading and comparing an event, and a family of types that hold each other.

python benchmarks/json_schema.py [--properties 30] [--types 12] [--rounds 20]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from typing import Any

from schemacheck.formats.json_schema import FORMAT
from schemacheck.formats.json_schema.load import Schema, Workspace
from schemacheck.model import Document, Subject, Version
from schemacheck.sources.tree import MemoryTree

PATH = "event.schema.json"


def event(properties: int, least: int) -> dict[str, Any]:
    """An object of so many properties."""
    kinds = [{"type": "integer", "minimum": 0}, {"type": "string", "maxLength": 20}, {"type": ["string", "null"]}]
    props: dict[str, Any] = {f"part_{n}": kinds[n % 3] for n in range(properties)}
    props["part_3"] = {"type": "integer", "minimum": least}
    return {"type": "object", "properties": props, "required": [f"part_{n}" for n in range(0, properties, 2)]}


def family(types: int, further: bool) -> dict[str, Any]:
    """So many tagged objects, each of which holds any of them."""
    made: dict[str, Any] = {}
    for n in range(types):
        props = {"kind": {"const": f"T{n}"}, "parts": {"type": "array", "items": {"$ref": "#/definitions/any"}}}
        made[f"T{n}"] = {"type": "object", "properties": props, "required": ["kind"], "additionalProperties": False}
    if further:
        made["T0"]["properties"]["note"] = {"type": "string"}
    made["any"] = {"oneOf": [{"$ref": f"#/definitions/T{n}"} for n in range(types)]}
    return {"definitions": made, "$ref": "#/definitions/any"}


def parsed(raw: Any) -> Schema:
    tree = MemoryTree("bench", {PATH: json.dumps(raw).encode()})
    found = Workspace(tree, {}).parse([Document(Subject("event", Version(1)), "json-schema", PATH, tree)], False)[PATH]
    assert isinstance(found, Schema)
    return found


def measured(name: str, old: Any, new: Any, rounds: int) -> str:
    reading, comparing = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        sides = parsed(old), parsed(new)
        read = time.perf_counter()
        changes = len(list(FORMAT.diff(*sides)))
        reading.append(read - start)
        comparing.append(time.perf_counter() - read)
    both = f"{statistics.median(reading) * 1000:8.1f} ms {statistics.median(comparing) * 1000:8.1f} ms"
    return f"{name:<40} {both} {changes:4} changes"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    for name, default in (("properties", 30), ("types", 12), ("rounds", 20)):
        options.add_argument(f"--{name}", type=int, default=default)
    said = options.parse_args()
    print(f"{'':<40} {'read both':>11} {'compare':>11}")
    print(measured(f"{said.properties} properties", event(said.properties, 0), event(said.properties, 1), said.rounds))
    print(measured(f"{said.types} types in a oneOf", family(said.types, False), family(said.types, True), said.rounds))


if __name__ == "__main__":
    main()
