"""What a registry would object to, in both directions, where it agrees with us and where it does not."""

from __future__ import annotations

import pytest
from test_protobuf_diff import Side, edition, proto2, proto3, sides

from schemacheck import formats
from schemacheck.model import Direction, Surface

B, F, BF, NONE = Direction.BACKWARD, Direction.FORWARD, Direction.FULL, Direction.NONE
MONEY = 'syntax = "proto3"; package common.v1; message Money { int64 units = 1; } enum Kind { NONE = 0; }'


def event(body: str) -> str:
    return proto3(f"message Event {{ {body} }}")


def old_event(body: str) -> str:
    return proto2(f"message Event {{ {body} }}")


def importing(body: str, money: str = MONEY) -> dict[str, str]:
    return {"event.proto": proto3(f"message Event {{ {body} }}", 'import "money.proto";'), "money.proto": money}


# old, new, who is refused; whose readers really break on the wire or in meaning
TABLE = [
    ("nothing", event("int32 a = 1;"), event("int32 a = 1;"), NONE, NONE),
    ("field added", event("int32 a = 1;"), event("int32 a = 1; int32 b = 2;"), NONE, NONE),
    ("narrowed", event("int64 a = 1;"), event("int32 a = 1;"), NONE, B),
    ("signed to unsigned", event("int32 a = 1;"), event("uint32 a = 1;"), NONE, BF),
    ("integer to bool", event("int32 a = 1;"), event("bool a = 1;"), NONE, B),
    ("bytes to string", event("bytes a = 1;"), event("string a = 1;"), NONE, B),
    ("to a list without a label", event("int32 a = 1;"), event("repeated int32 a = 1;"), NONE, F),
    ("to a list with one", old_event("optional int32 a = 1;"), old_event("repeated int32 a = 1;"), BF, F),
    ("a list of text", old_event("optional string a = 1;"), old_event("repeated string a = 1;"), NONE, F),
    ("to another kind of integer", event("int32 a = 1;"), event("sint32 a = 1;"), BF, BF),
    ("integer to text", event("int32 a = 1;"), event("string a = 1;"), BF, BF),
    ("integer to float", event("fixed32 a = 1;"), event("float a = 1;"), BF, BF),
    ("message to bytes", event("M a = 1; message M { int32 n = 1; }"), event("bytes a = 1;"), BF, F),
    ("renumbered", event("int32 a = 1;"), event("int32 a = 2; reserved 1;"), NONE, BF),
    ("renamed", event("int32 a = 1;"), event("int32 b = 1; reserved 'a';"), NONE, NONE),
    ("reserved reused", event("reserved 2; int32 a = 1;"), event("int32 a = 1; int32 b = 2;"), NONE, BF),
    ("to required, a number", old_event("optional int32 a = 1;"), old_event("required int32 a = 1;"), BF, B),
    ("to required, text", old_event("optional string a = 1;"), old_event("required string a = 1;"), NONE, B),
    (
        "required added",
        old_event("optional int32 a = 1;"),
        old_event("optional int32 a = 1; required int32 b = 2;"),
        BF,
        B,
    ),
    ("default changed", old_event("optional int32 a = 1 [default = 1];"), old_event("optional int32 a = 1;"), NONE, BF),
    ("package changed", event("int32 a = 1;"), event("int32 a = 1;").replace("ev.v1", "ev.v2"), BF, BF),
    (
        "helper removed",
        proto3("message Event { int32 a = 1; } message M { int32 n = 1; }"),
        event("int32 a = 1;"),
        B,
        NONE,
    ),
    ("helper inside removed", event("int32 a = 1; message M { int32 n = 1; }"), event("int32 a = 1;"), B, NONE),
    (
        "message added",
        event("int32 a = 1;"),
        proto3("message Event { int32 a = 1; } message M { int32 n = 1; }"),
        F,
        NONE,
    ),
    (
        "type renamed",
        event("M a = 1; message M { int32 n = 1; }"),
        event("N a = 1; message N { int32 n = 1; }"),
        BF,
        NONE,
    ),
    ("oneof member added", event("oneof o { int32 a = 1; }"), event("oneof o { int32 a = 1; int32 b = 2; }"), F, F),
    (
        "oneof member removed",
        event("oneof o { int32 a = 1; int32 b = 2; }"),
        event("oneof o { int32 a = 1; } reserved 2;"),
        B,
        B,
    ),
    ("oneof removed with its fields", event("oneof o { int32 a = 1; }"), event("reserved 1;"), NONE, F),
    (
        "two fields into a oneof",
        event("int32 a = 1; int32 b = 2;"),
        event("oneof o { int32 a = 1; int32 b = 2; }"),
        B,
        B,
    ),
    (
        "one field into a oneof",
        event("int32 a = 1; int32 b = 2;"),
        event("int32 b = 2; oneof o { int32 a = 1; }"),
        NONE,
        B,
    ),
    (
        "into an old oneof",
        event("int32 a = 1; oneof o { int32 b = 2; }"),
        event("oneof o { int32 b = 2; int32 a = 1; }"),
        BF,
        B,
    ),
    (
        "map to list",
        event("map<string, int32> a = 1;"),
        event("repeated E a = 1; message E { string key = 1; int32 value = 2; }"),
        BF,
        F,
    ),
    ("map value", event("map<string, int32> a = 1;"), event("map<string, string> a = 1;"), BF, BF),
    (
        "closed enum grows",
        proto2("message Event { optional K k = 1; } enum K { A = 0; }"),
        proto2("message Event { optional K k = 1; } enum K { A = 0; B = 1; }"),
        NONE,
        F,
    ),
    (
        "an import changed",
        importing("common.v1.Money m = 1;"),
        importing("common.v1.Money m = 1;", MONEY.replace("int64", "string")),
        BF,
        BF,
    ),
    (
        "an import that no field uses",
        importing("int32 a = 1;"),
        importing("int32 a = 1;", MONEY.replace("int64", "string")),
        NONE,
        NONE,
    ),
    (
        "moved into an import",
        proto3("message Event { Money m = 1; } message Money { int64 units = 1; }"),
        importing("common.v1.Money m = 1;"),
        BF,
        NONE,
    ),
]


@pytest.mark.parametrize(("old", "new", "refused"), [row[1:4] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_registry_objects_in_the_directions_of_the_table(old: Side, new: Side, refused: Direction) -> None:
    schemas = sides(old, new)
    said = {way: formats.load("protobuf").registry(*schemas, way) for way in (B, F)}
    assert refused == (B if said[B] else NONE) | (F if said[F] else NONE), said


@pytest.mark.parametrize(
    ("old", "new", "broken"), [(*row[1:3], row[4]) for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_what_breaks_is_another_question(old: Side, new: Side, broken: Direction) -> None:
    found = NONE
    for change in formats.load("protobuf").diff(*sides(old, new)):
        if change.rule.surface in (Surface.WIRE, Surface.MEANING):
            found |= change.breaks
    assert broken == found


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_forward_is_backward_with_the_schemas_exchanged(row: tuple[str, Side, Side, Direction, Direction]) -> None:
    old, new = sides(row[1], row[2])
    registry = formats.load("protobuf").registry
    assert len(registry(old, new, F) or ()) == len(registry(new, old, B) or ())


def test_the_objection_speaks_of_the_edit() -> None:
    old, new = sides(event("oneof o { int32 a = 1; }"), event("oneof o { int32 a = 1; int32 b = 2; }"))
    assert ['field "ev.v1.Event.b" was added in the oneof "o"'] == formats.load("protobuf").registry(old, new, F)


def test_nothing_is_said_of_editions() -> None:
    old, new = sides(edition("message Event { int32 a = 1; }"), event("int32 a = 1;"))
    assert formats.load("protobuf").registry(old, new, B) is None
