"""What is no fact, where facts stand, and what an edit of shared or recursive types gives. Edits by rule are cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from schemacheck import formats
from schemacheck.model import Change, Direction, Document, Level, Subject, Surface, Version
from schemacheck.sources.tree import MemoryTree

Side = str | Mapping[str, str]


def diff(old: Side, new: Side, path: str = "event.proto", **options: object) -> list[Change]:
    """The facts between two sides; a side is the text of the event's file, or several files."""
    return list(formats.load("protobuf").diff(*sides(old, new, path, **options)))


def sides(old: Side, new: Side, path: str = "event.proto", **options: object) -> list[Any]:
    """The two schemas."""
    schemas = []
    for side in (old, new):
        files = {"event.proto": side} if isinstance(side, str) else side
        tree = MemoryTree("side", {name: text.encode() for name, text in files.items()})
        document = Document(Subject("event", Version(1)), "protobuf", path, tree)
        schema = formats.load("protobuf").open(tree, options).parse([document], published=False)[path]
        assert not isinstance(schema, list), schema
        schemas.append(schema)
    return schemas


def told(old: Side, new: Side, **options: object) -> list[str]:
    """The facts as `rule where`."""
    return [f"{c.rule.id.partition('/')[2]} {c.where}".strip() for c in diff(old, new, **options)]


def proto3(body: str, head: str = "") -> str:
    return f'syntax = "proto3";\npackage ev.v1;\n{head}\n{body}\n'


def proto2(body: str, head: str = "") -> str:
    return f'syntax = "proto2";\npackage ev.v1;\n{head}\n{body}\n'


def edition(body: str, head: str = "") -> str:
    return f'edition = "2023";\npackage ev.v1;\n{head}\n{body}\n'


OPTIONS = """message Owner { string team = 1; string mail = 2; }
extend google.protobuf.FieldOptions { Owner owner = 50001; repeated int32 days = 50002; }
"""
DESCRIPTOR = 'import "google/protobuf/descriptor.proto";'
EMPTY = 'import "google/protobuf/empty.proto";'
TREE = "message {0} {{ {0} left = 1; repeated {1} rest = 2; }} message {1} {{ {0} back = 1; map<string, {1}> by = 2; }}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            proto3("message Event { int32 a = 1; string b = 2; } message Other { Event e = 1; }"),
            proto3("// moved\nmessage Other { .ev.v1.Event e = 1; } message Event { string b = 2; int32 a = 1; }"),
            id="order, comments and spelling",
        ),
        pytest.param(
            proto3("message Event { reserved 2 to 9, 12; reserved 'x', 'y'; int32 a = 1; }"),
            proto3("message Event { int32 a = 1; reserved 12; reserved 5 to 9; reserved 2, 3, 4; reserved 'y', 'x'; }"),
            id="reserved ranges split",
        ),
        pytest.param(
            proto2("message Event { optional int32 a = 1; extensions 10 to 20, 21 to 30; }"),
            proto2("message Event { optional int32 a = 1; extensions 25 to 30; extensions 10 to 24; }"),
            id="extension ranges split",
        ),
        pytest.param(
            proto3("message Event { int32 a = 1; }", EMPTY),
            proto3("message Event { int32 a = 1; }"),
            id="unused import",
        ),
        pytest.param(
            proto3(OPTIONS + 'message Event { int32 a = 1 [(owner) = {team: "x" mail: "y"}]; }', DESCRIPTOR),
            proto3(OPTIONS + 'message Event { int32 a = 1 [(owner).mail = "y", (owner).team = "x"]; }', DESCRIPTOR),
            id="an option spelt otherwise",
        ),
        pytest.param(
            proto2("message Event { optional float a = 1 [default = 1.50]; optional int32 b = 2 [default = 0x10]; }"),
            proto2("message Event { optional float a = 1 [default = 1.5]; optional int32 b = 2 [default = 16]; }"),
            id="a default spelt otherwise",
        ),
        pytest.param(
            proto2("message Event { optional int32 a = 1; }"),
            proto2("message Event { optional int32 a = 1 [default = 0, json_name = 'a']; }"),
            id="what holds anyway said",
        ),
        pytest.param(
            proto3("message Event { int32 a_b = 1; }"),
            proto3("message Event { int32 a_b = 1 [json_name = 'aB']; }"),
            id="the JSON name of the compiler said",
        ),
        pytest.param(
            proto3("enum K { option allow_alias = true; A = 0; B = 1; C = 1; D = 1; } message Event { K k = 1; }"),
            proto3("enum K { option allow_alias = true; A = 0; B = 1; D = 1; C = 1; } message Event { K k = 1; }"),
            id="later aliases exchanged",
        ),
    ],
)
def test_what_changes_nothing_is_no_fact(old: str, new: str) -> None:
    assert [] == told(old, new)
    assert [] == told(new, old)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            proto3(
                "message Event { int32 a = 1; optional string b = 2; repeated int32 c = 3; map<string, bytes> d = 4; }"
            ),
            edition(
                "message Event { int32 a = 1 [features.field_presence = IMPLICIT]; string b = 2; repeated int32 c = 3;"
                " map<string, bytes> d = 4; }"
            ),
            id="proto3",
        ),
        pytest.param(
            proto2(
                "enum K { A = 0; } message Event { required int32 a = 1; optional group G = 2 { optional K k = 1; }"
                " repeated int32 r = 3; optional string s = 4; }"
            ),
            edition(
                "option features.enum_type = CLOSED; option features.json_format = LEGACY_BEST_EFFORT;"
                "option features.repeated_field_encoding = EXPANDED; option features.utf8_validation = NONE;"
                "enum K { A = 0; } message Event { int32 a = 1 [features.field_presence = LEGACY_REQUIRED];"
                " message G { K k = 1; } G g = 2 [features.message_encoding = DELIMITED]; repeated int32 r = 3;"
                " string s = 4; }"
            ),
            id="proto2",
        ),
    ],
)
def test_an_equivalent_edition_changes_nothing_but_the_syntax(old: str, new: str) -> None:
    assert ["syntax-changed"] == told(old, new)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (TREE.format("A", "B"), TREE.format("C", "D"), ["field-message-type-renamed"] * 2),
        (
            TREE.format("A", "B"),
            TREE.format("C", "D").replace("back = 1", "back = 3"),
            ["field-message-type-renamed ev.v1.Event.tree", "field-renumbered ev.v1.Event.leaf.back"],
        ),
    ],
)
def test_recursive_types_that_were_renamed_are_compared_once(old: str, new: str, expected: list[str]) -> None:
    event = "message Event {{ {0} tree = 1; {0} twin = 2; {1} leaf = 3; }}"
    before, after = proto3(old + event.format("A", "B")), proto3(new + event.format("C", "D"))
    found = told(before, after)
    assert expected == [line if " " in expected[0] else line.partition(" ")[0] for line in found]


def test_a_break_in_a_type_that_many_fields_share_is_told_once() -> None:
    text = proto3("message M { int32 n = 1; } message Event { M a = 1; repeated M b = 2; map<int32, M> c = 3; }")
    assert ["field-type-changed ev.v1.Event.a.n"] == told(text, text.replace("int32 n", "string n"))


def test_an_enum_in_messages_of_two_syntaxes_is_told_for_each_kind_of_reader() -> None:
    kind = 'syntax = "proto3"; package ev.v1; enum Kind { A = 0; B = 1; }'
    part = 'syntax = "proto2"; package ev.v1; import "kind.proto"; message Part { optional Kind kind = 1; }'
    event = proto3("message Event { Kind kind = 1; Part part = 2; }", 'import "kind.proto";\nimport "part.proto";')
    old = {"event.proto": event, "kind.proto": kind, "part.proto": part}
    new = {**old, "kind.proto": kind.replace("B = 1;", "B = 1; C = 2;")}
    assert [
        "enum-value-added ev.v1.Event.kind.C",
        "enum-value-added-to-closed-enum ev.v1.Event.part.kind.C",
    ] == told(old, new)


def test_a_feature_makes_an_enum_closed_for_one_language() -> None:
    head = 'import "google/protobuf/cpp_features.proto";'
    text = "enum K {{ A = 0; B = 1; {0} }} message Event {{ K k = 1 [features.(pb.cpp).legacy_closed_enum = true]; }}"
    old, new = edition(text.format(""), head), edition(text.format("C = 2;"), head)
    assert ["enum-value-added-to-closed-enum ev.v1.Event.k.C"] == told(old, new)


def test_only_what_an_event_reaches_in_an_imported_file_is_compared() -> None:
    shared = 'syntax = "proto3"; package s.v1; message Used { int32 n = 1; } message Other { int32 n = 1; }'
    event = proto3("message Event { s.v1.Used used = 1; }", 'import "shared.proto";')
    old = {"event.proto": event, "shared.proto": f"{shared} service S {{}}"}
    new = {"event.proto": event, "shared.proto": shared.replace("int32 n", "string n") + " option go_package = 'x';"}
    (change,) = diff(old, new)
    assert "ev.v1.Event.used.n" == change.where
    assert ("shared.proto#4/0/2/0", "shared.proto#4/0/2/0") == (change.pointer, change.old_pointer)


def test_a_removal_stands_at_its_parent_and_says_where_it_was() -> None:
    old = proto3("message Event { int32 a = 1; oneof o { int32 b = 2; int32 c = 3; } } enum K { A = 0; B = 1; }")
    new = proto3(
        "enum K { A = 0; reserved 1; reserved 'B'; }"
        "message Event { int32 a = 1; oneof o { int32 b = 2; } reserved 3; reserved 'c'; }"
    )
    assert [
        ("oneof-member-removed", "event.proto#4/0", "event.proto#4/0/2/2"),
        ("enum-value-removed", "event.proto#5/0", "event.proto#5/0/2/1"),
    ] == [(c.rule.id.partition("/")[2], c.pointer, c.old_pointer) for c in diff(old, new)]


def test_what_is_in_a_shipped_file_stands_at_the_field_that_leads_there() -> None:
    head = 'import "google/protobuf/wrappers.proto";'
    old = proto3("message Event { int32 a = 1; google.protobuf.Int64Value n = 2; }", head)
    (change, _) = diff(old, old.replace("Int64Value", "Int32Value"))
    assert ("field-type-narrowed", "event.proto#4/0/2/1") == (change.rule.id.partition("/")[2], change.pointer)


def test_names_of_the_inside_are_no_fact_where_the_whole_has_another_json_form() -> None:
    own = "message Instant { int64 secs = 1; int32 nanoseconds = 2; }"
    head = 'import "google/protobuf/timestamp.proto";'
    old = proto3(own + "message Event { google.protobuf.Timestamp at = 1; }", head)
    new = proto3(own + "message Event { Instant at = 1; }")
    assert ["field-json-form-changed ev.v1.Event.at"] == told(old, new)
    old, new = (text.replace("secs", "seconds").replace("nanoseconds", "nanos") for text in (old, new))
    assert ["field-message-type-renamed ev.v1.Event.at"] == told(old, new, json=False)


def test_without_json_no_json_fact_is_left_and_a_rename_is_a_warning() -> None:
    old = proto3("enum K { A = 0; B = 1; } message Event { int32 a = 1; int64 b = 2; bool c = 3; K k = 4; }")
    new = proto3(
        "enum K { A = 0; C = 1; } message Event { int32 x = 1; string b = 2; bool c = 3 [json_name='d']; K k = 4; }"
    )
    changes = diff(old, new, json=False)
    assert [("field-renamed", Surface.MEANING, Level.WARNING), ("field-type-changed", Surface.WIRE, Level.ERROR)] == [
        (c.rule.id.partition("/")[2], c.rule.surface, c.rule.level) for c in changes
    ]


def test_a_renamed_field_that_json_reads_in_one_direction_breaks_only_the_other() -> None:
    old = proto3("message Event { int32 a = 1; }")
    (change,) = diff(old, old.replace("a = 1", "b = 1 [json_name = 'c']"))
    assert Direction.FULL == change.breaks
    (change,) = diff(old.replace("a = 1", "a = 1 [json_name = 'b']"), old.replace("a = 1", "b = 1 [json_name = 'c']"))
    assert Direction.FORWARD == change.breaks


def test_the_json_fact_of_an_edit_is_only_about_what_its_binary_fact_leaves_whole() -> None:
    old = proto3("message Event { int32 a = 1; }")
    widened, quoted = diff(old, old.replace("int32", "int64"))
    assert (Direction.FORWARD, Direction.BACKWARD) == (widened.breaks, quoted.breaks)


def test_messages_that_changed_places_are_not_renamed_into_each_other() -> None:
    old = proto3("message Placed { string id = 1; int32 n = 2; } message Paid { bool ok = 7; }")
    new = proto3("message Sent { string id = 1; int32 n = 2; } message Lost { bytes why = 9; }")
    assert ["message-removed ev.v1.Paid", "message-renamed ev.v1.Sent", "message-added ev.v1.Lost"] == told(old, new)


def test_a_package_that_changed_is_no_rename_of_each_type() -> None:
    old = proto3(
        "enum K { A = 0; } message M { K k = 1; } message Event { M m = 1; K k = 2; message N { K k = 1; } }"
        "service S { rpc R(Event) returns (M); }"
    )
    assert ["package-changed", "message-renamed ev.v2.Event"] == told(old, old.replace("ev.v1", "ev.v2"))


def test_a_long_way_to_a_type_is_named_by_the_type() -> None:
    chain = "".join(f"message M{n} {{ int32 a = 1; M{n + 1} next = 2; }}" for n in range(2000))
    text = proto3(f"{chain} message M2000 {{ int32 a = 1; }} message Event {{ M0 next = 1; }}")
    changes = diff(text, text.replace("int32 a", "string a"))
    assert 2001 == len(changes)
    assert max(len(change.where) for change in changes) < 1100


OTHER = 'import "other.proto";'


def moved(body: str, what: str) -> tuple[dict[str, str], dict[str, str]]:
    """Two sides: what stands in the event's file, and then in a file that it imports."""
    base = f"{proto2('message Order { optional int32 a = 1; extensions 10 to 20; }')}"
    old = {"base.proto": base, "event.proto": proto2(f"{body} {what}", 'import "base.proto";')}
    new = {
        "base.proto": base,
        "other.proto": proto2(what, 'import "base.proto";'),
        "event.proto": proto2(body, 'import public "other.proto"; import "base.proto";'),
    }
    return old, new


EVENT = "message Event { optional Order order = 1; }"


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("extend Order { optional int32 more = 10; }", ("[ev.v1.more]", "ev.v1.more")),
        ("enum Kind { NONE = 0; }", ("ev.v1.Kind", "ev.v1.Kind")),
    ],
)
def test_what_moves_to_a_file_that_is_imported_is_named_with_both_files(what: str, expected: tuple[str, str]) -> None:
    old, new = moved(EVENT, what)
    found = [c for c in diff(old, new) if c.rule.id == "protobuf/type-moved-to-other-file"]
    values = {"name": expected[1], "old": "event.proto", "new": "other.proto"}
    assert [(expected[0], values)] == [(c.where, c.values) for c in found]


@pytest.mark.parametrize(("rejected", "keys"), [("rejected", ["added", "removed"]), ("ignored", [])])
def test_an_extension_is_a_key_of_the_json_form_where_unknown_ones_are_rejected(rejected: str, keys: list[str]) -> None:
    order = "message Order { optional int32 a = 1; extensions 10 to 20; }"
    plain, extended = proto2(order), proto2(f"{order} extend Order {{ optional int32 more = 10; }}")
    options = {"json_unknown_fields": rejected}
    there, back = diff(plain, extended, **options), diff(extended, plain, **options)
    found = [c for c in (*there, *back) if c.rule.id.startswith("protobuf/json-key-")]
    assert [f"protobuf/json-key-{word}" for word in keys] == [c.rule.id for c in found]
    assert [{"name": "[ev.v1.more]"}] * len(keys) == [dict(c.values) for c in found]


RPC = "service Shop {{ rpc {0}({1}) returns ({2}); }} message Order {{ int32 a = 1; }} message Done {{ int32 b = 1; }}"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (("Buy", "Order", "Done"), ("Buy", "Order", "stream Done"), ["rpc-streaming-changed ev.v1.Shop.Buy"]),
        (("Buy", "Order", "Done"),
         ("Get", "Order", "Done"), ["rpc-removed ev.v1.Shop.Buy", "rpc-added ev.v1.Shop.Get"]),
        (("Buy", "Order", "Done"), ("Buy", "Done", "Done"), ["field-renamed ev.v1.Shop.Buy(request).b"]),
    ],
)  # fmt: skip
def test_the_methods_of_a_service_are_compared(old: tuple[str, ...], new: tuple[str, ...], expected: list[str]) -> None:
    assert expected == told(proto3(RPC.format(*old)), proto3(RPC.format(*new)))
