"""The fields of a Protobuf event as anybody sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemacheck.formats.protobuf.model import Descriptor, FieldDescriptor, Schema
from schemacheck.formats.protobuf.shapes import is_map
from schemacheck.formats.protobuf.side import Side
from schemacheck.model import Member

_TIMESTAMP = "google.protobuf.Timestamp"
_OTHER_NAMES = {"int64": "long", "int32": "int", "bool": "boolean"}


def outline(schema: Schema) -> Sequence[Member]:
    """The fields of the first message that is the event."""
    return tuple(_members(Side(schema), schema.roots[0], frozenset())) if schema.roots else ()


def _members(side: Side, message: Descriptor, above: frozenset[str]) -> Iterator[Member]:
    if message.full_name not in above:
        yield from (_member(side, field, above | {message.full_name}) for field in message.fields)


def _member(side: Side, field: FieldDescriptor, above: frozenset[str]) -> Member:
    message = field.message_type
    mapped = is_map(field)
    known = message is not None and message.full_name.startswith("google.protobuf.")
    return Member(
        name=field.name,
        types=frozenset(_names(field)),
        pointer=side.pointer(field),
        # A message may always be left out and none can be demanded; a scalar only if somebody wrote that it may.
        nullable=message is None and field.containing_oneof is not None,
        repeated=field.is_repeated and not mapped,
        mapped=mapped,
        members=() if message is None or mapped or known else tuple(_members(side, message, above)),
    )


def _names(field: FieldDescriptor) -> Iterator[str]:
    if field.message_type is not None:
        yield "record"
        yield field.message_type.full_name
        if field.message_type.full_name == _TIMESTAMP:
            yield "timestamp"
        return
    name = "enum" if field.enum_type is not None else _SCALARS[field.type]
    yield name
    if name in _OTHER_NAMES:
        yield _OTHER_NAMES[name]


# FieldDescriptorProto.Type, without the types that name a message or an enum
_SCALARS = {
    1: "double",
    2: "float",
    3: "int64",
    4: "uint64",
    5: "int32",
    6: "fixed64",
    7: "fixed32",
    8: "bool",
    9: "string",
    12: "bytes",
    13: "uint32",
    15: "sfixed32",
    16: "sfixed64",
    17: "sint32",
    18: "sint64",
}
