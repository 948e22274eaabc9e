"""Reserved numbers as sets, and what a reader of one kind makes of another: against the plain way to compute it."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable

import pytest

from schemacheck.formats.protobuf.reserved import holds, merged, spelt, without
from schemacheck.formats.protobuf.scalars import Kind, Reads, reads

BOOL = Kind("bool", "varint", "twos", 0, 1)
UINT32 = Kind("uint32", "varint", "twos", 0, 2**32 - 1)
INT32 = Kind("int32", "varint", "twos", -(2**31), 2**31 - 1)
SINT32 = Kind("sint32", "varint", "zigzag", -(2**31), 2**31 - 1)
STRING, BYTES = Kind("string", "length", "text"), Kind("bytes", "length", "bytes")


def closed(*numbers: int) -> Kind:
    return Kind("Enum", "varint", "twos", numbers=numbers)


def numbers(ranges: Iterable[tuple[int, int]]) -> set[int]:
    return {number for low, high in ranges for number in range(low, high + 1)}


def some(chance: random.Random) -> list[tuple[int, int]]:
    starts = [chance.randrange(40) for _ in range(chance.randrange(7))]
    return [(start, start + chance.randrange(6)) for start in starts]


@pytest.mark.parametrize("seed", range(60))
def test_ranges_are_the_sets_that_they_spell(seed: int) -> None:
    chance = random.Random(seed)
    left, right = some(chance), some(chance)
    one = merged(left)
    assert numbers(left) == numbers(one)
    assert all(low <= high for low, high in one)
    assert all(before[1] + 1 < after[0] for before, after in itertools.pairwise(one))
    rest = without(one, right)
    assert numbers(left) - numbers(right) == numbers(rest)
    assert sorted(rest) == list(rest)
    assert numbers(left) == {number for number in range(-2, 60) if holds(one, number)}


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ((5, 5), "number 5"),
        ((5, 6), "numbers 5 to 6"),
        ((5, 2**29 - 2), f"numbers 5 to {2**29 - 2}"),
        ((5, 2**29 - 1), "numbers 5 to max"),
        ((5, 2**31 - 1), "numbers 5 to max"),
    ],
)
def test_a_range_is_spelt_as_people_write_it(span: tuple[int, int], words: str) -> None:
    assert words == spelt(span)


@pytest.mark.parametrize(
    ("reader", "writer", "expected"),
    [
        (closed(0, 1), BOOL, Reads.SAME),
        (closed(1, 0, 7), BOOL, Reads.SAME),
        (closed(0, 2), BOOL, Reads.NOT),
        (closed(0), BOOL, Reads.NOT),
        (closed(0, 1), UINT32, Reads.NOT),
        (closed(0, 1), closed(1), Reads.SAME),
        (closed(0, 1), closed(0, 1), Reads.SAME),
        (closed(0, 1), closed(0, 1, 2), Reads.NOT),
        (BOOL, closed(0, 1), Reads.SAME),
        (BOOL, closed(0, 2), Reads.OTHER_VALUE),
        (UINT32, closed(-1), Reads.OTHER_VALUE),
        (INT32, closed(-1, 5), Reads.SAME),
        (INT32, UINT32, Reads.OTHER_VALUE),
        (UINT32, BOOL, Reads.SAME),
        (INT32, SINT32, Reads.OTHER_VALUE),
        (BYTES, STRING, Reads.SAME),
        (STRING, BYTES, Reads.NOT),
        (STRING, STRING, Reads.SAME),
        (STRING, INT32, Reads.NOT),
    ],
)
def test_a_reader_of_a_kind_reads_all_that_a_writer_can_write_or_not(
    reader: Kind, writer: Kind, expected: Reads
) -> None:
    assert expected == reads(reader, writer)
