"""The diff against the real decoder: what it calls whole is read whole, and what it calls broken is not."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from itertools import product
from typing import Any

from google.protobuf.message_factory import GetMessageClass
from protobuf_pairs import SCALARS, Author, event, lost, lost_in_json, parsed, respelt, values
from protobuf_wide import Wide, compiled

from schemacheck import formats
from schemacheck.formats.protobuf.model import Schema
from schemacheck.model import Change, Direction, Surface

SEED, PAIRS, WIDE = 20, 3000, 800
WAYS = (Direction.BACKWARD, Direction.FORWARD)
BINARY = (Surface.WIRE, Surface.MEANING)
# Breaks whose harm is not that a number which both sides know has another value.
UNSEEN = {
    "protobuf/field-renumbered": "the number that was known is gone",
    "protobuf/field-removed": "the number is no longer known to both",
    "protobuf/field-removed-without-reserving-number": "a hazard",
    "protobuf/enum-value-removed-without-reserving-number": "a hazard",
    "protobuf/oneof-member-added": "the number is not known to both",
    "protobuf/oneof-member-removed": "the number is not known to both",
    "protobuf/utf8-validation-added": "this encoder writes nothing but UTF-8",
    "protobuf/utf8-validation-removed": "this encoder writes nothing but UTF-8",
    "protobuf/field-string-became-bytes": "this decoder takes all bytes for a string that is not validated",
    "protobuf/field-bytes-became-string": "this decoder takes all bytes for a string that is not validated",
}


def diff(old: Schema, new: Schema) -> list[Change]:
    return list(formats.load("protobuf").diff(old, new))


def broken(changes: list[Change], *surfaces: Surface) -> Direction:
    found = Direction.NONE
    for change in changes:
        if change.rule.surface in surfaces:
            found |= change.breaks
    return found


def roles(old: Any, new: Any) -> list[tuple[Direction, Any, Any]]:
    """Direction, writer and reader."""
    return [(Direction.BACKWARD, old, new), (Direction.FORWARD, new, old)]


@cache
def pairs() -> list[tuple[Schema, Schema, list[Change]]]:
    made = list(Author(SEED).pairs(PAIRS))
    old = parsed([before.text(f"p{number}") for number, (before, _) in enumerate(made)], "old")
    new = parsed([after.text(f"p{number}") for number, (_, after) in enumerate(made)], "new")
    return [(before, after, diff(before, after)) for before, after in zip(old, new, strict=True)]


def root(schema: Schema) -> Any:
    return schema.file.message_types_by_name["Event"]


def test_what_the_diff_calls_whole_is_read_whole() -> None:
    chance, wrong, seen = random.Random(SEED), [], 0
    for old, new, changes in pairs():
        for way, writer, reader in roles(root(old), root(new)):
            if way in broken(changes, *BINARY):
                continue
            json = way not in broken(changes, *BINARY, Surface.JSON)
            for _ in range(5):
                written = event(chance, writer)
                seen += 1
                harm = lost(written, reader) or (json and lost_in_json(written, reader))
                if harm:
                    wrong.append((old.path, way.name, harm))
    assert [] == wrong
    assert seen > PAIRS  # the edits are not all breaks


def test_what_the_diff_calls_broken_is_shown_by_an_event() -> None:
    chance, unshown, seen = random.Random(SEED), [], 0
    for old, new, changes in pairs():
        told = [change for change in changes if change.where.startswith(root(new).full_name)]
        if any(change.rule.id in UNSEEN or change not in told for change in changes):
            continue
        for way, writer, reader in roles(root(old), root(new)):
            if way not in broken(told, *BINARY):
                continue
            seen += 1
            if not any(lost(event(chance, writer), reader) for _ in range(200)):
                unshown.append((old.path, way.name, [(change.rule.id, change.where) for change in told]))
    assert [] == unshown
    assert seen > PAIRS / 5


def test_the_reversed_edit_reports_the_mirrors() -> None:
    for old, new, changes in pairs():
        there = Counter((c.rule.mirror, c.within.mirrored) for c in changes if c.rule.mirror)
        back = Counter((c.rule.id, c.within) for c in diff(new, old) if c.rule.mirror)
        assert there == back, old.path


def test_order_and_a_new_start_are_no_change() -> None:
    made = [before for before, _ in Author(SEED + 1).pairs(150)]
    texts = [file.text(f"p{number}") for number, file in enumerate(made)]
    turned = [respelt(file).text(f"p{number}") for number, file in enumerate(made)]
    for old, new in zip(parsed(texts, "old"), parsed(turned, "new"), strict=True):
        assert [] == diff(old, old)
        assert [] == diff(old, new)


def test_no_fact_is_told_twice_and_every_place_is_in_the_new_file() -> None:
    for _, new, changes in pairs():
        facts = [(change.rule.id, change.where, repr(change.values)) for change in changes]
        assert len(set(facts)) == len(facts)
        places = [[int(part) for part in change.pointer.partition("#")[2].split("/") if part] for change in changes]
        assert sorted(places) == places
        assert {change.pointer.partition("#")[0] for change in changes} <= {new.path}


# two files, groups, recursion, well-known types


@cache
def wide_pairs() -> list[tuple[Schema, Schema, list[Change]]]:
    made = list(Wide(SEED).two(WIDE))
    old, new = ([pair[side] for pair in made] for side in (0, 1))
    sides = zip(compiled(old, "old"), compiled(new, "new"), strict=True)
    return [(before, after, diff(before, after)) for before, after in sides]


def test_what_the_diff_calls_whole_is_read_whole_across_files() -> None:
    chance, wrong, seen = random.Random(SEED), [], 0
    for old, new, changes in wide_pairs():
        for way, writer, reader in roles(root(old), root(new)):
            if way in broken(changes, *BINARY):
                continue
            json = way not in broken(changes, *BINARY, Surface.JSON)
            for _ in range(5):
                written = event(chance, writer)
                seen += 1
                harm = lost(written, reader) or (json and lost_in_json(written, reader))
                if harm:
                    wrong.append((old.path, way.name, harm))
    assert [] == wrong
    assert seen > WIDE


def test_the_reversed_edit_reports_the_mirrors_across_files() -> None:
    for old, new, changes in wide_pairs():
        there = Counter((c.rule.mirror, c.within.mirrored) for c in changes if c.rule.mirror)
        back = Counter((c.rule.id, c.within) for c in diff(new, old) if c.rule.mirror)
        assert there == back, old.path


# the table of kinds

KINDS = [*SCALARS, "Open", "Closed"]
SHAPES = ("{} it = 1;", "repeated {} it = 1 [features.repeated_field_encoding = EXPANDED];", "map<int32, {}> it = 1;")
ENUMS = """enum Open { ZERO = 0; ONE = 1; TWO = 2; }
enum Closed { option features.enum_type = CLOSED; NIL = 0; UN = 1; DEUX = 2; }
"""


def filled(message: Any, value: Any) -> Any:
    made = GetMessageClass(message)()
    it = message.fields_by_name["it"]
    if not it.is_repeated:
        made.it = value
    elif it.message_type is not None:
        made.it[1] = value
    else:
        made.it.append(value)
    return made


def shown(writer: Any, reader: Any) -> list[str]:
    it = writer.fields_by_name["it"]
    single = it.message_type.fields_by_name["value"] if it.message_type is not None else it
    return [harm for value in values(single) if (harm := lost(filled(writer, value), reader))]


def test_the_table_of_kinds_agrees_with_the_decoder() -> None:
    rows = list(product(SHAPES, KINDS, KINDS))

    def text(number: int, shape: str, kind: str) -> str:
        line = shape.format(kind)
        return f'edition = "2023";\npackage p{number};\n{ENUMS}message Event {{ {line} }}\n'

    old = parsed([text(number, shape, before) for number, (shape, before, _) in enumerate(rows)], "old")
    new = parsed([text(number, shape, after) for number, (shape, _, after) in enumerate(rows)], "new")
    wrong = []
    for row, before, after in zip(rows, old, new, strict=True):
        told = broken(diff(before, after), *BINARY)
        for way, writer, reader in roles(root(before), root(after)):
            if bool(shown(writer, reader)) != (way in told):
                wrong.append((row, way.name))
    assert 867 == len(rows)
    assert [] == wrong
