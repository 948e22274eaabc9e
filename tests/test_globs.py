"""Patterns of the configuration: both ways of matching agree, and neither takes long on what was made to take long."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemacheck import globs
from schemacheck.globs import matches, walked

PIECES = ("**/", "**", "*", "?", "a", "b", "/", "a/b", ".")


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("schemas/a", "schemas/a/v1.avsc", True),
        ("schemas/a/", "schemas/a/v1.avsc", True),
        ("schemas/a", "schemas/ab/v1.avsc", False),
        ("schemas/*", "schemas/a/b/v1.avsc", True),
        ("schemas/*.avsc", "schemas/a/v1.avsc", False),
        ("**/*.avsc", "v1.avsc", True),
        ("**/*.avsc", "a/b/v1.avsc", True),
        ("schemas/**/test/*.avsc", "schemas/test/v1.avsc", True),
        ("schemas/v?.avsc", "schemas/v12.avsc", False),
        ("**", "a\nb/v1.avsc", True),
    ],
)
def test_a_pattern_covers_what_its_words_say(pattern: str, path: str, expected: bool) -> None:
    assert (expected, expected) == (matches(path, pattern), walked(path, globs._compiled(pattern)[1]))


@settings(derandomize=True, max_examples=600, deadline=None, database=None)
@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), st.text("ab/.", max_size=10))
def test_both_ways_of_matching_agree(pattern: str, path: str) -> None:
    expression, pieces, _ = globs._compiled(pattern)
    assert (expression.fullmatch(path) is not None) == walked(path, pieces)


@pytest.mark.parametrize(
    "pattern", ["**/*a" * 30 + "b", "*a" * 200 + "b", "**a" * 40 + "/", "**/" * 300 + "x", "?*" * 90]
)
@pytest.mark.parametrize(
    "path", ["/".join(["a" * 60] * 60) + "c", "a" * 4000, "/" * 4000], ids=["deep", "long", "none"]
)
def test_no_pattern_tries_every_way(pattern: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Never:
        def fullmatch(self, _path: str) -> re.Match[str]:
            raise AssertionError("it would not end")

    _, pieces, wild = globs._compiled(pattern)
    monkeypatch.setattr(globs, "_compiled", lambda _pattern: (Never(), pieces, wild))
    assert isinstance(matches(path, pattern), bool)
