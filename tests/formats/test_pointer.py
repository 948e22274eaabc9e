"""JSON pointers to lines and columns."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemacheck.formats.pointer import MAX_DEPTH, Positions, escape, join, parent

TEXT = """{
  "name" : "Order", "fields":[
    {"name": "id"},  -1.5e3,
    [ ], {}, true, "ä\\"\\u00e9" , {"a/b~c": {"": null}}
  ]
}
"""


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("", (1, 1)),
        ("/name", (2, 12)),
        ("/fields", (2, 30)),
        ("/fields/0", (3, 5)),
        ("/fields/0/name", (3, 14)),
        ("/fields/1", (3, 22)),
        ("/fields/2", (4, 5)),
        ("/fields/3", (4, 10)),
        ("/fields/4", (4, 14)),
        ("/fields/5", (4, 20)),
        ("/fields/6/a~1b~0c", (4, 44)),
        ("/fields/6/a~1b~0c/", (4, 49)),
    ],
)
def test_a_pointer_has_an_exact_line_and_column(pointer: str, place: tuple[int, int]) -> None:
    assert place == Positions.of(TEXT).find(pointer)


def test_a_pointer_that_is_not_there_is_shown_at_its_nearest_ancestor() -> None:
    positions = Positions.of(TEXT)
    assert positions.find("/fields/0") == positions.find("/fields/0/type/items")
    assert (1, 1) == positions.find("/nowhere/at/all")


def test_a_key_written_twice_is_found_with_its_place() -> None:
    positions = Positions.of('{"a": 1,\n "b": {"c": 1, "c": 2}, "a": 3}')
    assert [("/b", "c", (2, 16)), ("", "a", (2, 25))] == [
        (pointer, key, positions.place(at)) for pointer, key, at in positions.repeated
    ]


def test_words_that_are_no_json_are_found() -> None:
    positions = Positions.of("[NaN, -Infinity, 1, Infinity]")
    assert ["NaN", "-Infinity", "Infinity"] == [word for _, word, _ in positions.odd]


@pytest.mark.parametrize("text", ["", "{", '{"a"', '{"a":', '{"a": 1,', "{1: 2}", '["a', "[1 2]", "]", '{"a" 1}', "@"])
def test_a_text_that_is_no_json_does_not_fail(text: str) -> None:
    assert (1, 1) == Positions.of(text).find("")


def test_bottomless_nesting_ends_the_search() -> None:
    assert (1, 5) == Positions.of("[" * 1_000_000).find("/0/0/0/0")
    assert MAX_DEPTH == len(Positions.of("[" * 1_000_000).values) - 1


def test_keys_are_escaped_and_joined() -> None:
    assert "a~1b~0c" == escape("a/b~c")
    assert "/fields/0/a~1b" == join("/fields", 0, "a/b")
    assert "/fields/0" == parent("/fields/0/type")


def test_carriage_returns_and_tabs_count_as_one_column() -> None:
    assert (2, 2) == Positions.of("[1,\r\n\t2]").find("/1")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def pointers(value: Any, pointer: str = "") -> Any:
    yield pointer, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from pointers(inner, join(pointer, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from pointers(inner, join(pointer, index))


@given(value=JSON, indent=st.sampled_from([None, 0, 2]), ascii_only=st.booleans())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_every_value_stands_where_its_pointer_says(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    positions = Positions.of(text)
    expected = dict(pointers(value))
    assert list(expected) == list(positions.values)
    for pointer, inner in expected.items():
        found, _ = json.JSONDecoder().raw_decode(text, positions.values[pointer])
        assert inner == found
