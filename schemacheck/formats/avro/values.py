"""A value of an Avro type, with its two written forms: binary, and JSON with the branch of each union named.

fastavro's own writer chooses union branches anew, so a value that shall take a certain one must be written here.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from schemacheck.formats.avro.resolution import title
from schemacheck.formats.avro.tree import Enum, Record, Type, Union

# The fields of some records, by the record's id: the others are left out.
Keep = Mapping[int, Collection[str]]
WHOLE: Keep = {}


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A value of a type.

    `content`: of a record, its fields by name; of an array, a list; of a map, a dict; of a union, the index of the
    branch and its value; of an enum, the symbol; of bytes and fixed, bytes; else the Python value.
    """

    node: Type
    content: Any


def encode(value: Value, keep: Keep = WHOLE) -> bytes:
    """A value in Avro's binary encoding (specification, "Binary Encoding")."""
    out = bytearray()
    _encode(value, keep, out)
    return bytes(out)


def _encode(value: Value, keep: Keep, out: bytearray) -> None:
    node, content = value.node, value.content
    if isinstance(node, Record):
        for field in node.fields:
            if id(node) not in keep or field.name in keep[id(node)]:
                _encode(content[field.name], keep, out)
    elif isinstance(node, Union):
        index, inner = content
        out += zigzag(index)
        _encode(inner, keep, out)
    elif node.kind in ("array", "map"):
        if content:
            out += zigzag(len(content))
        for inner in content:
            if node.kind == "map":
                out += _sized(inner.encode())
            _encode(content[inner] if node.kind == "map" else inner, keep, out)
        out += zigzag(0)
    elif isinstance(node, Enum):
        out += zigzag(node.symbols.index(content))
    else:
        out += _SCALARS[node.kind](content)


def _sized(raw: bytes) -> bytes:
    return zigzag(len(raw)) + raw


def zigzag(number: int) -> bytes:
    """An int or long in Avro's variable-length encoding."""
    number = (number << 1) ^ (number >> 63)
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


_SCALARS: Mapping[str, Callable[[Any], bytes]] = {
    "null": lambda _: b"",
    "boolean": lambda value: bytes([value]),
    "int": zigzag,
    "long": zigzag,
    "float": lambda value: struct.pack("<f", value),
    "double": lambda value: struct.pack("<d", value),
    "bytes": _sized,
    "string": lambda value: _sized(value.encode()),
    "fixed": lambda value: value,
}


def avro_json(value: Value) -> str:
    """A value in Avro's JSON encoding (specification, "JSON Encoding"), on one line, ASCII only."""
    return json.dumps(as_json(value, named=True))


def as_json(value: Value, named: bool) -> Any:
    """A value as JSON data. `named`: the branches of unions by their names; without, as a default would be written."""
    node, content = value.node, value.content
    if isinstance(node, Record):
        return {name: as_json(inner, named) for name, inner in content.items()}
    if isinstance(node, Union):
        _, inner = content
        told = as_json(inner, named)
        return {title(inner.node): told} if named and inner.node.kind != "null" else told
    if node.kind == "array":
        return [as_json(inner, named) for inner in content]
    if node.kind == "map":
        return {key: as_json(inner, named) for key, inner in content.items()}
    if isinstance(content, bytes):
        return content.decode("latin-1")
    if isinstance(content, float) and not math.isfinite(content):
        return str(content).replace("nan", "NaN").replace("inf", "Infinity")
    return content
