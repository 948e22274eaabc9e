"""The fields of an Avro event as anybody sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemacheck.formats.avro.tree import Container, Field, Record, Schema, Type, Union, Use
from schemacheck.model import Member


def outline(schema: Schema) -> Sequence[Member]:
    """The fields of the root, if it is a record."""
    root = schema.node(schema.root)
    return tuple(_members(schema, root, frozenset())) if isinstance(root, Record) else ()


def _members(schema: Schema, record: Record, above: frozenset[str]) -> Iterator[Member]:
    if record.name not in above:
        yield from (_member(schema, field, above | {record.name}) for field in record.fields)


def _member(schema: Schema, field: Field, above: frozenset[str]) -> Member:
    branches = list(_branches(schema, field.type))
    kinds = [node.kind for node in branches]
    inner = [schema.node(node.items) if isinstance(node, Container) else node for node in branches]
    records = [node for node in inner if isinstance(node, Record)]
    return Member(
        name=field.name,
        types=frozenset(name for node in inner if node.kind != "null" for name in _names(node)),
        pointer=field.pointer,
        nullable="null" in kinds,
        repeated="array" in kinds,
        mapped="map" in kinds,
        members=tuple(member for record in records for member in _members(schema, record, above)),
    )


def _branches(schema: Schema, use: Use) -> Iterator[Type]:
    node = schema.node(use)
    if isinstance(node, Union):
        yield from (schema.node(branch) for branch in node.branches)
    else:
        yield node


def _names(node: Type) -> Iterator[str]:
    """A type by its kind and by its logical type: timestamp-millis is a timestamp, too."""
    yield node.kind
    if node.logical is not None:
        yield node.logical.name
        if "timestamp" in node.logical.name:
            yield "timestamp"
