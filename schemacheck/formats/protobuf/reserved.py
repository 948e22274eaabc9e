"""Reserved numbers and names, as sets that do not care how they are split."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any, TypeAlias

from schemacheck.formats.protobuf import rules
from schemacheck.formats.protobuf.side import Side
from schemacheck.formats.protobuf.walk import Spot
from schemacheck.model import Change

Ranges: TypeAlias = Sequence[tuple[int, int]]  # first and last number, both inside; sorted, apart
Reserved: TypeAlias = tuple[Ranges, set[str]]
Used: TypeAlias = tuple[Collection[int], Collection[str]]

_MAX = 536870911  # the highest field number


def of(side: Side, element: Any) -> Reserved:
    """The reserved numbers and names of a message or an enum."""
    proto = side.proto(element)
    beyond = 1 if proto.DESCRIPTOR.name == "DescriptorProto" else 0  # messages write the first number after a range
    return merged((r.start, r.end - beyond) for r in proto.reserved_range), set(proto.reserved_name)


def number_reused(spot: Spot, kept: Reserved, name: str, number: int) -> Iterator[Change]:
    """Whether an element takes a number that the published side had reserved."""
    if holds(kept[0], number):
        yield spot.tell(rules.RESERVED_NUMBER_REUSED, {"name": name, "number": number})


def name_reused(spot: Spot, kept: Reserved, name: str) -> Iterator[Change]:
    """Whether an element takes a name that the published side had reserved."""
    if name in kept[1]:
        yield spot.tell(rules.RESERVED_NAME_REUSED, {"name": name})


def diff_reserved(spot: Spot, old: Reserved, new: Reserved, used: Used, uses: Used) -> Iterator[Change]:
    """What came to be reserved, or is no longer; what goes with an element, or is taken again, is told there.

    `used` and `uses` are the numbers and names that the elements of the two sides have.
    """
    taken = [(number, number) for number in uses[0] if number not in used[0]]
    freed = [(number, number) for number in used[0] if number not in uses[0]]
    for span in without(without(old[0], new[0]), taken):
        yield spot.tell(rules.RESERVED_NUMBER_REMOVED, {"numbers": spelt(span)})
    for span in without(without(new[0], old[0]), freed):
        yield spot.tell(rules.RESERVED_NUMBER_ADDED, {"numbers": spelt(span)})
    for name in sorted(old[1] - new[1] - set(uses[1])):
        yield spot.tell(rules.RESERVED_NAME_REMOVED, {"name": name})
    for name in sorted(new[1] - old[1] - set(used[1])):
        yield spot.tell(rules.RESERVED_NAME_ADDED, {"name": name})


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
    found = []
    cuts = merged(others)
    at = 0
    for low, high in ranges:
        while at < len(cuts) and cuts[at][1] < low:
            at += 1
        for first, last in islice(cuts, at, None):
            if first > high:
                break
            if first > low:
                found.append((low, first - 1))
            low = last + 1
        if low <= high:
            found.append((low, high))
    return found


def holds(ranges: Ranges, number: int) -> bool:
    """Whether a number is in one of the ranges."""
    at = bisect_right(ranges, number, key=itemgetter(0))
    return at > 0 and number <= ranges[at - 1][1]


def spelt(span: tuple[int, int]) -> str:
    """A range as people write it."""
    low, high = span
    return f"number {low}" if low == high else f"numbers {low} to {'max' if high >= _MAX else high}"
