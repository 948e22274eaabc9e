"""What is compared though no event leads to it, wherever it stands now; who may import it; lists, maps and entries."""

from __future__ import annotations

import pytest
from test_protobuf_diff import DESCRIPTOR, diff, edition, proto2, proto3, sides, told

from schemacheck.formats.protobuf.reach import changed_reach
from schemacheck.model import Change

EVENT = "message Event { optional int32 a = 1; }"
IMPORT = 'import "other.proto";'
SERVICE = "message Q {{ optional int32 a = 1; }} service S {{ {} }}"


def sides_of(old: str, new: str, *, leaves: bool) -> tuple[dict[str, str], dict[str, str]]:
    """Two sides: what stands in the event's file and then in one that it imports, or the other way round."""

    def files(here: str, there: str) -> dict[str, str]:
        return {"event.proto": proto2(f"{EVENT} {here}", IMPORT), "other.proto": proto2(there)}

    return (files(old, ""), files("", new)) if leaves else (files("", old), files(new, ""))


def said(change: Change) -> str:
    return f"{change.rule.id.partition('/')[2]} {change.where} at {change.pointer}, was {change.old_pointer}"


@pytest.mark.parametrize("leaves", [True, False])
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "message Extra { optional int32 a = 1; }",
            "message Extra { optional string a = 1; }",
            ["field-type-changed ev.v1.Extra.a at {new}#4/{n}/2/0, was {old}#4/{o}/2/0"],
        ),
        (
            "enum Kind { A = 0; }",
            "enum Kind { A = 0; B = 1; }",
            ["enum-value-added-to-closed-enum ev.v1.Kind.B at {new}#5/0/2/1, was None"],
        ),
        (
            SERVICE.format("rpc Do(Q) returns (Q);"),
            SERVICE.format("option deprecated = true; rpc Did(Q) returns (Q);"),
            [
                "type-moved-to-other-file ev.v1.S at {new}#6/0, was {old}#6/0",
                "deprecated-set ev.v1.S at {new}#6/0, was {old}#6/0",
                "rpc-removed ev.v1.S.Do at {new}#6/0, was {old}#6/0/2/0",
                "rpc-added ev.v1.S.Did at {new}#6/0/2/0, was None",
            ],
        ),
    ],
    ids=["message", "enum", "service"],
)
def test_what_no_event_leads_to_is_compared_with_itself_in_another_file(
    old: str, new: str, expected: list[str], leaves: bool
) -> None:
    names = ("event.proto", "other.proto") if leaves else ("other.proto", "event.proto")
    files = {"old": names[0], "new": names[1], "o": int(leaves), "n": int(not leaves)}
    moved, *found = diff(*sides_of(old, new, leaves=leaves))
    assert {"old": names[0], "new": names[1]} == {side: moved.values[side] for side in ("old", "new")}
    assert "protobuf/type-moved-to-other-file" == moved.rule.id
    assert [each.format(**files) for each in expected] == [said(change) for change in found]


def test_each_service_that_left_is_told() -> None:
    gone = "service A { rpc Do(Event) returns (Event); } service B { rpc Do(Event) returns (Event); }"
    stays = "service S { rpc Do(Event) returns (Event); }"
    expected = ["service-removed ev.v1.A", "service-removed ev.v1.B"]
    assert expected == told(proto2(f"{EVENT} {stays} {gone}"), proto2(f"{EVENT} {stays}"))
    assert expected == told(proto2(f"{EVENT} {gone} {stays}"), proto2(f"{EVENT} {stays}"))


def test_the_readers_of_each_side_decide_whether_an_enum_that_no_field_has_is_closed() -> None:
    closed = edition("enum K { A = 0; } message Event { int32 a = 1; }", "option features.enum_type = CLOSED;")
    opened = closed.replace("CLOSED", "OPEN")
    more = "A = 0; B = 1;"
    values = {
        "closed": ["enum-value-added-to-closed-enum ev.v1.K.B"],
        "open": ["enum-value-added ev.v1.K.B"],
        "became open": ["enum-became-open ev.v1.K", "enum-value-added-to-closed-enum ev.v1.K.B"],
        "became closed": ["enum-became-closed ev.v1.K", "enum-value-added ev.v1.K.B"],
    }
    found = {
        "closed": told(closed, closed.replace("A = 0;", more)),
        "open": told(opened, opened.replace("A = 0;", more)),
        "became open": told(closed, opened.replace("A = 0;", more)),
        "became closed": told(opened, closed.replace("A = 0;", more)),
    }
    assert values == {name: [each for each in facts if " ev.v1.K" in each] for name, facts in found.items()}


def test_of_types_in_types_that_went_only_the_outermost_is_told() -> None:
    inner = "message Inner { optional int32 z = 1; message Core {} enum K { A = 0; } }"
    old = proto2(f"{EVENT} message Outer {{ {inner} }}")
    assert ["nested-message-removed ev.v1.Outer"] == told(old, proto2(EVENT))
    assert ["nested-message-added ev.v1.Outer"] == told(proto2(EVENT), old)
    assert ["nested-message-removed ev.v1.Outer.Inner"] == told(old, proto2(f"{EVENT} message Outer {{ }}"))


DEFAULTS = {  # what other files may use without a word of its own: the message at the top, the message and enum in it
    "": (True, False, False),
    "EXPORT_ALL": (True, True, True),
    "EXPORT_TOP_LEVEL": (True, False, False),
    "LOCAL_ALL": (False, False, False),
    "STRICT": (False, False, False),
}


@pytest.mark.parametrize("default", DEFAULTS)
@pytest.mark.parametrize("word", ["", "export", "local"])
def test_a_type_is_as_visible_as_its_file_says_unless_it_says_so_itself(default: str, word: str) -> None:
    body = "%s message Event { int32 a = 1; %s message In { int32 z = 1; } %s enum K { A = 0; } }"
    head = f"option features.default_symbol_visibility = {default};" if default else ""
    words = (word,) * 3 if default != "STRICT" else (word, "", "")  # which lets nothing inside be exported
    new = f'edition = "2024";\npackage ev.v1;\n{head}\n{body % words}\n'
    exported = [
        {"export": True, "local": False}.get(own, kept) for own, kept in zip(words, DEFAULTS[default], strict=True)
    ]
    names = ("ev.v1.Event", "ev.v1.Event.In", "ev.v1.Event.K")
    local = [name for name, open_ in zip(names, exported, strict=True) if not open_]
    old = edition(body % ("", "", ""))
    for rule, found in (("local", told(old, new)), ("exported", told(new, old))):
        assert ["syntax-changed", *(f"symbol-became-{rule} {name}" for name in local)] == found


def test_an_option_that_protoc_keeps_to_itself_is_compared() -> None:
    own = "extend google.protobuf.FieldOptions { int32 own = 50001 [retention = RETENTION_SOURCE]; }"
    text = proto3(f"{own} message Event {{ int32 a = 1 [(own) = 1]; }}", DESCRIPTOR)
    assert ["custom-option-changed ev.v1.Event.a"] == told(text, text.replace("(own) = 1", "(own) = 2"))


MAP = "map<string, int32> m = 1;"
ENTRIES = {
    "int32 m = 1;": "int32",
    "repeated int32 m = 1;": "repeated int32",
    "E m = 1; message E { string key = 1; int32 value = 2; }": "ev.v1.Event.E",
    "repeated E m = 1; message E { string key = 1; int32 value = 3; }": "repeated ev.v1.Event.E",
    "repeated E m = 1; message E { string key = 1; repeated int32 value = 2; }": "repeated ev.v1.Event.E",
    "repeated E m = 1; message E { string key = 1; string value = 2; }": "repeated ev.v1.Event.E",
    "repeated E m = 1; message E { int32 key = 1; int32 value = 2; }": "repeated ev.v1.Event.E",
    "repeated E m = 1; message E { string key = 1; int32 value = 2; int32 z = 3; }": "repeated ev.v1.Event.E",
    "repeated E m = 1; message E { string key = 1; }": "repeated ev.v1.Event.E",
}


@pytest.mark.parametrize("other", ENTRIES)
def test_a_map_is_no_list_of_what_is_not_its_entries(other: str) -> None:
    texts = [proto3(f"message Event {{ {field} }}") for field in (MAP, other)]
    spelt = ["map<string, int32>", ENTRIES[other]]
    for (old, new), (was, now) in ((texts, spelt), (texts[::-1], spelt[::-1])):
        found = [dict(change.values) for change in diff(old, new) if change.rule.id == "protobuf/field-type-changed"]
        assert [{"name": "m", "old": was, "new": now}] == found


@pytest.mark.parametrize("json", [True, False])
def test_a_map_is_the_list_of_its_entries(json: bool) -> None:
    entries = "repeated E m = 1; message E { string key = 1; int32 value = 2; }"
    old, new = (proto3(f"message Event {{ {field} }}") for field in (MAP, entries))
    form = ["field-json-form-changed ev.v1.Event.m"] if json else []
    added, removed = (f"nested-message-{word} ev.v1.Event.E" for word in ("added", "removed"))
    assert ["map-became-list ev.v1.Event.m", *form, added] == told(old, new, json=json)
    assert [removed, "list-became-map ev.v1.Event.m", *form] == told(new, old, json=json)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("repeated int32 m = 1;", "repeated fixed32 m = 1 [packed = false];", ("repeated int32", "repeated fixed32")),
        ("repeated int32 m = 1 [packed = false];", "repeated fixed32 m = 1;", ("repeated int32", "repeated fixed32")),
        ("repeated int32 m = 1;", "repeated fixed32 m = 1;", ("repeated int32", "repeated fixed32")),
        ("repeated int32 m = 1 [packed = false];", "repeated int64 m = 1;", ("int32", "int64")),
        ("repeated int32 m = 1;", "int64 m = 1;", ("int32", "int64")),
        ("repeated int32 m = 1;", "string m = 1;", ("repeated int32", "string")),
    ],
)
def test_elements_of_another_form_change_a_list_where_it_is_packed(
    old: str, new: str, expected: tuple[str, str]
) -> None:
    changes = diff(proto3(f"message Event {{ {old} }}"), proto3(f"message Event {{ {new} }}"), json=False)
    found = [change for change in changes if change.rule.id.startswith("protobuf/field-type-")]
    assert [{"name": "m", "old": expected[0], "new": expected[1]}] == [dict(change.values) for change in found]
    assert all(change.where == "ev.v1.Event.m" for change in changes)


def importing(other: str, event: str) -> dict[str, str]:
    return {"other.proto": proto2(other), "event.proto": proto2(event, IMPORT)}


NESTED = "message Outer { message Inner { optional int32 a = 1; enum K { A = 0; } } } message Other { extensions 9; }"
LEADS = {
    "a field": "message Event { optional Outer.Inner it = 1; }",
    "a field of an enum": "message Event { optional Outer.Inner.K it = 1; }",
    "a map": "message Event { map<string, Outer.Inner> it = 1; }",
    "a field of a type in it": "message Event { message In { optional Outer.Inner it = 1; } optional In in = 1; }",
    "an extension in it": "message Event { optional int32 z = 1; extend Other { optional Outer.Inner it = 9; } }",
    "a message in between": "message Event { optional Far far = 1; } message Far { optional Outer.Inner it = 1; }",
}
EDITS = {
    "itself": ("int32 a", "string a"),
    "what is in it": ("A = 0;", "A = 0; B = 1;"),
}


@pytest.mark.parametrize("lead", LEADS)
@pytest.mark.parametrize("edit", EDITS)
def test_a_change_reaches_all_that_lead_there_and_nothing_else(lead: str, edit: str) -> None:
    untouched = (
        " message Apart { optional int32 z = 1; optional Fine fine = 2; } message Fine { optional int32 y = 1; }"
    )
    old, new = sides(
        importing(NESTED, LEADS[lead] + untouched), importing(NESTED.replace(*EDITS[edit]), LEADS[lead] + untouched)
    )
    touched = {"Outer", "Event", *(["Far"] if "between" in lead else [])}
    assert {f"ev.v1.{name}" for name in touched} == changed_reach(old, new) == changed_reach(new, old)
    assert changed_reach(old, new) is changed_reach(new, old)
    assert frozenset() == changed_reach(old, sides(importing(NESTED, LEADS[lead] + untouched), "message X {}")[0])


def test_what_a_file_says_of_all_its_types_touches_each() -> None:
    body = "message Event { int32 a = 1; } enum K { A = 0; }"
    old, new = sides(edition(body), edition(body, "option features.enum_type = CLOSED;"))
    assert {"ev.v1.Event", "ev.v1.K"} == changed_reach(old, new)
    old, new = sides(edition(body), edition(body).replace("2023", "2024"))
    assert {"ev.v1.Event", "ev.v1.K"} == changed_reach(old, new)
    old, new = sides(edition(body), edition(body).replace("enum K { A = 0; }", "message K {}"))
    assert {"ev.v1.K"} == changed_reach(old, new)


@pytest.mark.parametrize("names", [("Order", "Purchase"), ("Purchase", "Order")])
def test_an_extension_follows_the_message_that_it_extends_to_its_new_name(names: tuple[str, str]) -> None:
    other = "message {0} {{ optional int32 a = 1; extensions 10 to 20; }}"
    event = "message Event {{ optional {0} o = 1; }} extend {0} {{ optional {1} more = 10; }}"
    old, new = (
        importing(other.format(name), event.format(name, kind))
        for name, kind in zip(names, ("int32", "string"), strict=True)
    )
    expected = ["field-type-changed [ev.v1.more]", "field-message-type-renamed ev.v1.Event.o"]
    assert expected == told(old, new)


def test_what_is_in_an_enum_of_a_shipped_file_stands_at_the_field_that_leads_there() -> None:
    head = 'import "google/protobuf/type.proto";'
    own = proto3("enum Own { SYNTAX_PROTO2 = 0; THREE = 1; GONE = 7; } message Event { Own k = 1; }", head)
    shipped = proto3("message Event { google.protobuf.Syntax k = 1; }", head)
    field = "event.proto#4/0/2/0"
    assert [
        f"enum-value-renamed ev.v1.Event.k.SYNTAX_PROTO3 at {field}, was event.proto#5/0/2/1",
        f"enum-value-added ev.v1.Event.k.SYNTAX_EDITIONS at {field}, was None",
        f"enum-value-removed ev.v1.Event.k.GONE at {field}, was event.proto#5/0/2/2",
    ] == [said(change) for change in diff(own, shipped) if "reserving" not in change.rule.id]
    assert [
        f"enum-value-removed ev.v1.Event.k.SYNTAX_EDITIONS at event.proto#5/0, was {field}",
        f"enum-value-renamed ev.v1.Event.k.THREE at event.proto#5/0/2/1, was {field}",
        "enum-value-added ev.v1.Event.k.GONE at event.proto#5/0/2/2, was None",
    ] == [said(change) for change in diff(shipped, own) if "reserving" not in change.rule.id]


@pytest.mark.parametrize(("before", "after"), [("package ev.v1;", ""), ("", "package ev.v1;")])
def test_a_package_that_came_or_went_renames_the_events_alone(before: str, after: str) -> None:
    text = 'syntax = "proto2"; {} message M {{ optional int32 z = 1; }} message Event {{ optional M m = 1; }}'
    name = "ev.v1.Event" if after else "Event"
    assert ["package-changed", f"message-renamed {name}"] == told(text.format(before), text.format(after))


def test_events_of_another_package_keep_their_short_names_whatever_is_in_them() -> None:
    old = proto2("message Sent { optional int32 a = 1; } message Paid { optional int32 b = 2; }")
    new = old.replace("ev.v1", "ev.v2").replace("a = 1", "c = 2").replace("b = 2", "a = 1")
    renamed = [dict(c.values) for c in diff(old, new) if c.rule.id == "protobuf/message-renamed"]
    assert [{"old": f"ev.v1.{name}", "new": f"ev.v2.{name}"} for name in ("Sent", "Paid")] == renamed


@pytest.mark.parametrize(
    ("old", "new", "renamed"),
    [
        ("message A {}", "message B {}", True),
        ("message A { optional int32 a = 1; }", "message B {}", False),
        ("message A { optional int32 a = 1; }", "message B { optional int32 a = 1; optional int32 b = 2; }", True),
        ("message A { optional int32 a = 1; }",
         "message B { optional int32 a = 1; optional int32 b = 2; optional int32 c = 3; }", False),
    ],
)  # fmt: skip
def test_an_event_was_renamed_if_half_of_the_fields_are_the_same(old: str, new: str, renamed: bool) -> None:
    found = told(proto2(old), proto2(new))
    assert renamed is ("message-renamed ev.v1.B" in found)
    assert renamed is not ("message-removed ev.v1.A" in found and "message-added ev.v1.B" in found)


def test_defaults_are_told_as_json_can_hold_them() -> None:
    def values(kind: str, old: str, new: str) -> list[tuple[object, object]]:
        texts = (proto2(f"message Event {{ optional {kind} d = 1 [default = {value}]; }}") for value in (old, new))
        return [(change.values["old"], change.values["new"]) for change in diff(*texts)]

    assert [(1, "2.5")] == values("double", "1.0", "2.5")
    assert [("inf", "nan")] == values("double", "inf", "nan")
    assert [("00ff", "")] == values("bytes", '"\\000\\377"', '""')
    assert [("a", "b")] == values("string", '"a"', '"b"')


def test_options_of_generated_code_are_told_in_words() -> None:
    text = proto2(EVENT)
    found = diff(text, proto2(EVENT, "option optimize_for = CODE_SIZE; option java_multiple_files = true;"))
    expected = {"java_multiple_files": (False, True), "optimize_for": ("SPEED", "CODE_SIZE")}
    assert expected == {c.values["option"]: (c.values["old"], c.values["new"]) for c in found}


def test_what_came_hides_nothing_that_stands_after_it() -> None:
    old = proto3("message Event { int32 a = 1; int32 b = 2; int32 c = 3; }")
    new = proto3(
        "message Event { int32 z = 9; string a = 1; oneof y { string b = 2; } oneof x { int32 c = 3; int32 w = 8; } }"
    )
    assert [
        "field-added ev.v1.Event.z",
        "field-type-changed ev.v1.Event.a",
        "field-type-changed ev.v1.Event.b",
        "field-moved-into-own-oneof ev.v1.Event.b",
        "field-moved-into-own-oneof ev.v1.Event.c",
        "field-added ev.v1.Event.w",
    ] == [fact for fact in told(old, new) if "presence" not in fact]


def test_numbers_and_names_that_were_reserved_are_told_once_each() -> None:
    old = proto3("enum K { A = 0; B = 1; reserved 2, 4; reserved 'C', 'D'; } message Event { K k = 1; }")
    new = proto3("enum K { A = 0; B = 1; C = 2; E = 4; reserved 'D'; } message Event { K k = 1; }")
    assert [
        "enum-value-added ev.v1.Event.k.C",
        "reserved-number-reused ev.v1.Event.k.C",
        "reserved-name-reused ev.v1.Event.k.C",
        "enum-value-added ev.v1.Event.k.E",
        "reserved-number-reused ev.v1.Event.k.E",
    ] == told(old, new)


@pytest.mark.parametrize("alike", [True, False])
def test_the_largest_share_decides_which_oneof_was_renamed(alike: bool) -> None:
    old = proto3("message Event { oneof a { int32 x = 1; int32 y = 2; int32 z = 3; } }")
    new = proto3("message Event { oneof b { int32 x = 1; } oneof c { int32 y = 2; int32 z = 3; } }")
    found = [
        dict(change.values) for change in diff(*((old, new) if alike else (new, old))) if "renamed" in change.rule.id
    ]
    assert [{"old": "a", "new": "c"} if alike else {"old": "c", "new": "a"}] == found
