"""What a reader of one kind makes of bytes that a writer of another kind wrote, by one table.

A kind is a wire form, a coding and a domain. Another wire form: the bytes do not reach the field. The same form and
another coding: other values. The same coding: the same values, if the writer's domain lies in the reader's.
See https://protobuf.dev/programming-guides/encoding/.
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass

from schemacheck.formats.protobuf.model import FieldDescriptor
from schemacheck.formats.protobuf.side import Side


class Reads(enum.IntEnum):
    """How a reader fares, from good to bad."""

    SAME = 0
    OTHER_VALUE = 1
    NOT = 2


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of element. `numbers` holds the values of a closed enum, which alone may meet others and drop them."""

    name: str
    form: str  # varint, 4 bytes, 8 bytes, length, group
    coding: str
    low: int = 0
    high: int = 0
    numbers: Collection[int] | None = None
    json: str = ""

    @property
    def scalar(self) -> bool:
        return self.coding not in ("message", "group")


_INTEGERS = {
    5: Kind("int32", "varint", "twos", -(2**31), 2**31 - 1, json="32-bit integer"),
    3: Kind("int64", "varint", "twos", -(2**63), 2**63 - 1, json="64-bit integer"),
    13: Kind("uint32", "varint", "twos", 0, 2**32 - 1, json="32-bit integer"),
    4: Kind("uint64", "varint", "twos", 0, 2**64 - 1, json="64-bit integer"),
    8: Kind("bool", "varint", "twos", 0, 1, json="bool"),
    17: Kind("sint32", "varint", "zigzag", -(2**31), 2**31 - 1, json="32-bit integer"),
    18: Kind("sint64", "varint", "zigzag", -(2**63), 2**63 - 1, json="64-bit integer"),
    7: Kind("fixed32", "4 bytes", "integer", 0, 2**32 - 1, json="32-bit integer"),
    15: Kind("sfixed32", "4 bytes", "integer", -(2**31), 2**31 - 1, json="32-bit integer"),
    6: Kind("fixed64", "8 bytes", "integer", 0, 2**64 - 1, json="64-bit integer"),
    16: Kind("sfixed64", "8 bytes", "integer", -(2**63), 2**63 - 1, json="64-bit integer"),
}
_OTHERS = {
    2: Kind("float", "4 bytes", "ieee", json="float"),
    1: Kind("double", "8 bytes", "ieee", json="float"),
    9: Kind("string", "length", "text", json="string"),
    12: Kind("bytes", "length", "bytes", json="bytes"),
}


def kind_of(side: Side, field: FieldDescriptor) -> Kind:
    """The kind of a field's elements."""
    if field.type in (10, 11):
        group = field.type == 10
        coding = "group" if group else "message"
        return Kind(field.message_type.full_name, "group" if group else "length", coding, json="message")
    if field.type == 14:
        name = field.enum_type.full_name
        if not side.closed(field):
            return Kind(name, "varint", "twos", -(2**31), 2**31 - 1, json="enum")
        return Kind(name, "varint", "twos", numbers=side.numbers(field.enum_type), json="enum")
    return _INTEGERS.get(field.type) or _OTHERS[field.type]


def reads(reader: Kind, writer: Kind) -> Reads:
    """What a reader makes of all that a writer can write."""
    if reader.form != writer.form:
        return Reads.NOT
    if reader.form == "length":
        if reader.coding == writer.coding or reader.coding == "bytes":
            return Reads.SAME
        return Reads.NOT
    if reader.coding != writer.coding:
        return Reads.OTHER_VALUE
    if reader.numbers is not None:
        return Reads.SAME if _lists_all(reader.numbers, writer) else Reads.NOT
    written = writer.numbers if writer.numbers is not None else (writer.low, writer.high)
    return Reads.SAME if all(reader.low <= number <= reader.high for number in written) else Reads.OTHER_VALUE


def _lists_all(listed: Collection[int], writer: Kind) -> bool:
    if writer.numbers is not None:
        return set(writer.numbers) <= set(listed)
    return writer.high - writer.low < len(listed) and set(range(writer.low, writer.high + 1)) <= set(listed)
