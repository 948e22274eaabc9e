"""What is wrong with an event although each of its files is well made: defaults, and records without an end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemacheck.formats.avro.generate import sizes
from schemacheck.formats.avro.tree import NO_DEFAULT, Container, Enum, Fixed, Record, Schema, Type, Union, Use
from schemacheck.formats.pointer import join
from schemacheck.formats.strict import Flaw, shown

_RANGES = {"int": 2**31, "long": 2**63}


def flaws(schema: Schema) -> Iterator[Flaw]:
    """Everything that is wrong, in the order of reach; the pointers carry the path of the file."""
    endless = _endless(schema)
    for node in schema.reach():
        if not isinstance(node, Record):
            continue
        if id(node) in endless:
            yield Flaw(
                node.pointer,
                f'record "{node.name}" always contains itself, so no event can exist',
                'let it end, e.g. with ["null", ...] or an array',
                fatal=False,
            )
        for field in node.fields:
            if not field.has_default:
                continue
            for pointer, message in misfits(schema, field.type, field.default, f"{field.pointer}/default"):
                yield Flaw(pointer, message, f'give field "{field.name}" a default of its type', fatal=False)


def misfits(schema: Schema, use: Use, value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Why a JSON value is no default of a type: pointer and reason, nothing if it is one.

    As Java judges (`Schema.isValidDefault` since 1.12: any branch of a union will do), and beyond it what all parsers
    let pass and no reader survives: an enum's symbol, a fixed's length, bytes beyond U+00FF, a number as text.
    """
    node = schema.node(use)
    if isinstance(node, Union):
        if not any(fits(schema, branch, value) for branch in node.branches):
            yield pointer, f"the default {shown(value)} fits no branch of the union"
    elif isinstance(node, Record):
        yield from _record_misfits(schema, node, value, pointer)
    elif isinstance(node, Container):
        if not isinstance(value, list if node.kind == "array" else dict):
            yield pointer, f'the default {shown(value)} is no "{node.kind}"'
            return
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from misfits(schema, node.items, inner, join(pointer, key))
    else:
        wrong = _scalar_misfit(node, value)
        if wrong:
            yield pointer, wrong


def fits(schema: Schema, use: Use, value: Any) -> bool:
    """Whether a JSON value is a default of a type."""
    return next(misfits(schema, use, value), None) is None


def fits_first_branch(schema: Schema, use: Use, value: Any) -> bool:
    """Whether a default is one that readers before Avro 1.12 accept: for a union, of its first branch."""
    node = schema.node(use)
    return not isinstance(node, Union) or (bool(node.branches) and fits(schema, node.branches[0], value))


def fields_with_default(schema: Schema, record: Record, name: str) -> Iterator[str]:
    """The fields, by record and name, whose default holds a value of a record in which a field is given."""
    for node in schema.reach():
        for field in node.fields if isinstance(node, Record) else ():
            if field.has_default and _gives(schema, field.type, field.default, record, name):
                yield field.name


def _gives(schema: Schema, use: Use, value: Any, record: Record, name: str) -> bool:
    node = schema.node(use)
    if isinstance(node, Union):
        branch = next((branch for branch in node.branches if fits(schema, branch, value)), None)
        return branch is not None and _gives(schema, branch, value, record, name)
    if isinstance(node, Record) and isinstance(value, dict):
        given = [field for field in node.fields if field.name in value]
        return (node is record and name in value) or any(
            _gives(schema, field.type, value[field.name], record, name) for field in given
        )
    if isinstance(node, Container) and isinstance(value, list | dict):
        items = value.values() if isinstance(value, dict) else value
        return any(_gives(schema, node.items, item, record, name) for item in items)
    return False


def _record_misfits(schema: Schema, node: Record, value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        yield pointer, f'the default {shown(value)} is no record "{node.name}"'
        return
    for field in node.fields:
        if field.name in value:
            yield from misfits(schema, field.type, value[field.name], join(pointer, field.name))
        elif field.default is NO_DEFAULT:
            yield pointer, f'the default leaves out field "{field.name}" of "{node.name}", which has no default'


def _scalar_misfit(node: Type, value: Any) -> str | None:
    said = f"the default {shown(value)}"
    kind = node.kind
    if isinstance(node, Enum):
        return None if isinstance(value, str) and value in node.symbols else f'{said} is no symbol of "{node.name}"'
    if isinstance(node, Fixed):
        if not _is_bytes(value):
            return f"{said} is no text of bytes, U+0000 to U+00FF"
        return None if len(value) == node.size else f'{said} has {len(value)} bytes, and "{node.name}" has {node.size}'
    if kind == "bytes":
        return None if _is_bytes(value) else f"{said} is no text of bytes, U+0000 to U+00FF"
    if kind in _RANGES:
        if not isinstance(value, int) or isinstance(value, bool):
            return f'{said} is no "{kind}"'
        return None if -_RANGES[kind] <= value < _RANGES[kind] else f'{said} is out of the range of "{kind}"'
    if kind == "unknown":
        return None  # its name was not found, and that is said already
    good = {
        "null": value is None,
        "boolean": isinstance(value, bool),
        "string": isinstance(value, str),
        "float": isinstance(value, int | float) and not isinstance(value, bool),
        "double": isinstance(value, int | float) and not isinstance(value, bool),
    }
    return None if good[kind] else f'{said} is no "{kind}"'


def _is_bytes(value: Any) -> bool:
    return isinstance(value, str) and all(char <= "\xff" for char in value)


def _endless(schema: Schema) -> set[int]:
    """The records that contain themselves on every path, by id."""
    nodes = list(schema.reach())
    if not any(use.node is None and isinstance(schema.node(use), Record) for node in nodes for use in node.uses):
        return set()  # only a use by name leads back
    known = sizes(schema)
    found = set()
    for node in nodes:
        if id(node) in known or not isinstance(node, Record):
            continue
        seen: set[int] = set()
        waiting: list[Type] = [node]
        while waiting:
            for use in waiting.pop().uses:
                inner = schema.node(use)
                if id(inner) not in seen and id(inner) not in known and not isinstance(inner, Container):
                    seen.add(id(inner))
                    waiting.append(inner)
        if id(node) in seen:
            found.add(id(node))
    return found
