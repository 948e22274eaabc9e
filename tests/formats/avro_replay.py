"""Reads a witness again, without the code that made it: from its JSON text to bytes, and with fastavro to a value."""

from __future__ import annotations

import io
import json
import struct
from typing import Any

import fastavro

from schemacheck.formats.avro.portable import portable
from schemacheck.formats.avro.tree import Schema
from schemacheck.model import Direction, Witness


def sides(old: Schema, new: Schema, direction: Direction) -> tuple[Schema, Schema]:
    """Writer and reader."""
    return (old, new) if direction == Direction.BACKWARD else (new, old)


def encoded(schema: Schema, event: str) -> bytes:
    """An event in Avro's JSON encoding as bytes, by the schema's JSON."""
    return _encoded(portable(schema, logical=False), json.loads(event), {})


def _encoded(schema: Any, value: Any, known: dict[str, Any]) -> bytes:
    if isinstance(schema, str):
        return _encoded(known[schema], value, known) if schema in known else _scalar(schema, value)
    if isinstance(schema, list):
        name = "null" if value is None else next(iter(value))
        names = [one if isinstance(one, str) else one.get("name", one["type"]) for one in schema]
        for one in schema:  # definitions in branches that are not taken count too
            _learn(one, known)
        index = names.index(name)
        return _number(index) + _encoded(schema[index], None if value is None else value[name], known)
    kind = schema["type"]
    _learn(schema, known)
    if kind == "record":
        return b"".join(_encoded(field["type"], value[field["name"]], known) for field in schema["fields"])
    if kind == "enum":
        return _number(schema["symbols"].index(value))
    if kind == "fixed":
        return bytes(value.encode("latin-1"))
    if kind == "array":
        items = [_encoded(schema["items"], item, known) for item in value]
        return (_number(len(items)) if items else b"") + b"".join(items) + b"\0"
    if kind == "map":
        items = [_scalar("string", key) + _encoded(schema["values"], item, known) for key, item in value.items()]
        return (_number(len(items)) if items else b"") + b"".join(items) + b"\0"
    return _scalar(kind, value)


def _learn(schema: Any, known: dict[str, Any]) -> None:
    """Note every definition in a schema, so that a later use by name is understood."""
    if isinstance(schema, list):
        for one in schema:
            _learn(one, known)
    elif isinstance(schema, dict) and schema.get("name") not in known:
        if "name" in schema:
            known[schema["name"]] = schema
        for inner in (schema.get("items"), schema.get("values"), *(f["type"] for f in schema.get("fields", ()))):
            _learn(inner, known)


def _scalar(kind: str, value: Any) -> bytes:
    if kind == "null":
        return b""
    if kind == "boolean":
        return b"\1" if value else b"\0"
    if kind in ("int", "long"):
        return _number(value)
    if kind in ("float", "double"):
        return struct.pack("<f" if kind == "float" else "<d", float(value))
    raw = value.encode("latin-1" if kind == "bytes" else "utf-8")
    return _number(len(raw)) + bytes(raw)


def _number(value: int) -> bytes:
    rest = 2 * value if value >= 0 else -2 * value - 1
    digits = [rest & 0x7F]
    while rest := rest >> 7:
        digits[-1] |= 0x80
        digits.append(rest & 0x7F)
    return bytes(digits)


def decoded(raw: bytes, writer: Schema, reader: Schema | None, logical: bool = False) -> Any:
    """What fastavro reads, with the names of union branches; raises what fastavro raises."""
    schemas = [
        None if side is None else fastavro.parse_schema(portable(side, logical), {}) for side in (writer, reader)
    ]
    stream = io.BytesIO(raw)
    value = fastavro.schemaless_reader(stream, *schemas, return_named_type=True)
    assert stream.tell() == len(raw), "bytes left over"
    return value


def replayed(old: Schema, new: Schema, direction: Direction, witness: Witness) -> tuple[Any, Any]:
    """What the writer's own reader makes of a witness, and what the other side's does: a value or an exception."""
    writer, reader = sides(old, new, direction)
    raw = encoded(writer, witness.event)
    mine = decoded(raw, writer, None)
    try:
        return mine, decoded(raw, writer, reader)
    except Exception as error:  # noqa: BLE001 - whatever fastavro raises is a failure to read
        return mine, error
