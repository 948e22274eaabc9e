"""What one changed Avro event costs, beside the `avro` package, in one go: medians and ratios.

    python benchmarks/avro_event.py [--fields 200] [--rounds 30]

The event has records, enums, unions, arrays and docs, and one field in ten changed. Reading is parsing and validating
from bytes; comparing is both directions, all rules; the `avro` package checks a direction at a time, so twice.
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import avro.compatibility
import avro.schema

from schemacheck.formats.avro import FORMAT
from schemacheck.formats.avro.tree import Schema
from schemacheck.model import Direction, Document, Subject, Version
from schemacheck.sources.tree import MemoryTree

WAYS = (Direction.BACKWARD, Direction.FORWARD)


def event(fields: int) -> dict[str, Any]:
    """A record of so many fields of ten kinds."""
    kinds: list[Any] = ["string", "long", ["null", "string"], {"type": "array", "items": "double"}, "boolean"]
    made = []
    for i in range(fields):
        kind = kinds[i % 10] if i % 10 < len(kinds) else _named(i)
        doc = f"What the producer knows of part {i}, in the words of its domain."
        made.append({"name": f"part_{i}", "type": kind, "doc": doc})
    return {"type": "record", "name": "OrderPlaced", "namespace": "bench.orders", "fields": made}


def _named(i: int) -> Any:
    if i % 2:
        return {"type": "enum", "name": f"State{i}", "symbols": ["NEW", "PAID", "SENT"]}
    fields = [{"name": "amount", "type": "long"}, {"name": "unit", "type": ["null", "string"], "default": None}]
    return ["null", {"type": "record", "name": f"Part{i}", "fields": fields}]


def edited(schema: dict[str, Any]) -> dict[str, Any]:
    """The same with every tenth field changed, half of them in a breaking way."""
    new = copy.deepcopy(schema)
    for i, field in enumerate(new["fields"]):
        if i % 10 == 1:
            field["type"] = "int" if i % 20 == 1 else field["type"]
            field["doc"] += " Changed."
    return new


def parsed(raw: bytes) -> Schema:
    tree = MemoryTree("bench", {"event.avsc": raw})
    document = Document(Subject("event", Version(1)), "avro", "event.avsc", tree)
    schema = FORMAT.open(tree, {}).parse([document], published=False)["event.avsc"]
    assert isinstance(schema, Schema), schema
    return schema


def checked(one: Any, other: Any) -> None:
    """Both directions with the `avro` package; a new checker each, as it remembers pairs."""
    for reader, writer in ((one, other), (other, one)):
        avro.compatibility.ReaderWriterCompatibilityChecker().get_compatibility(reader, writer)


def proven(texts: list[bytes]) -> list[object]:
    """Every witness of a comparison; read anew, as witnesses of one comparison share what they need."""
    old, new = map(parsed, texts)
    changes = list(FORMAT.diff(old, new))
    return [FORMAT.witness(old, new, change, way) for change in changes for way in WAYS if way in change.breaks]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--fields", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=30)
    wanted = parser.parse_args()
    warnings.simplefilter("ignore")
    before = event(wanted.fields)
    texts = [json.dumps(schema, indent=2).encode() for schema in (before, edited(before))]
    old, new = map(parsed, texts)
    their_old, their_new = (avro.schema.parse(text.decode()) for text in texts)
    changes = list(FORMAT.diff(old, new))
    breaks = proven(texts)
    tasks: dict[str, tuple[Callable[[], object], str]] = {
        "read: avro": (lambda: avro.schema.parse(texts[0].decode()), ""),
        "read: schemacheck": (lambda: parsed(texts[0]), "read: avro"),
        "compare: avro": (lambda: checked(their_new, their_old), ""),
        "compare: schemacheck": (lambda: list(FORMAT.diff(old, new)), "compare: avro"),
        "registry's view": (lambda: [FORMAT.registry(old, new, way) for way in WAYS], "compare: avro"),
        "all witnesses, anew": (lambda: proven(texts), ""),
    }
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(wanted.rounds + 1):  # taking turns, so that a busy moment hits all
        for name, (task, _) in tasks.items():
            start = time.perf_counter()
            task()
            times[name].append(time.perf_counter() - start)
    print(f"{wanted.fields} fields, {len(texts[0]) // 1024} kB, {len(changes)} changes, {len(breaks)} breaks")
    for name, (_, beside) in tasks.items():
        median = statistics.median(times[name][1:])
        factor = f"   {statistics.median(times[beside][1:]) / median:5.1f} x faster than {beside}" if beside else ""
        print(f"{name:22} {median * 1000:8.2f} ms{factor}")


if __name__ == "__main__":
    main()
