"""Reserved numbers and names, as sets that do not care how they are split."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemacheck.formats.protobuf.model import Descriptor, EnumDescriptor

Ranges = Sequence[tuple[int, int]]  # first and last number, both inside; sorted, apart


def of_message(message: Descriptor) -> tuple[Ranges, set[str]]:
    """The reserved numbers and names of a message."""
    from google.protobuf.descriptor_pb2 import DescriptorProto

    proto = DescriptorProto()
    message.CopyToProto(proto)
    return merged((r.start, r.end - 1) for r in proto.reserved_range), set(proto.reserved_name)


def of_enum(enum: EnumDescriptor) -> tuple[Ranges, set[str]]:
    """The reserved numbers and names of an enum."""
    from google.protobuf.descriptor_pb2 import EnumDescriptorProto

    proto = EnumDescriptorProto()
    enum.CopyToProto(proto)
    return merged((r.start, r.end) for r in proto.reserved_range), set(proto.reserved_name)


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The same numbers as the fewest ranges."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(high, found[-1][1])
        else:
            found.append((low, high))
    return found


def without(ranges: Ranges, others: Iterable[tuple[int, int]]) -> Ranges:
    """The numbers of the ranges that are not in the others."""
    rest = list(ranges)
    for low, high in others:
        pieces = []
        for first, last in rest:
            if last < low or first > high:
                pieces.append((first, last))
                continue
            if first < low:
                pieces.append((first, low - 1))
            if last > high:
                pieces.append((high + 1, last))
        rest = pieces
    return rest


def holds(ranges: Ranges, number: int) -> bool:
    return any(low <= number <= high for low, high in ranges)


def spelt(span: tuple[int, int]) -> str:
    """A range as people write it."""
    low, high = span
    return f"number {low}" if low == high else f"numbers {low} to {'max' if high >= 536870911 else high}"
