"""Hostile text becomes one harmless line."""

from __future__ import annotations

import pytest

from schemacheck.render.escape import clean


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain text, é and 日本", "plain text, é and 日本"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\x9b31mb", "a\\x9b31mb"),
        ("abc\u202ecba", "abc\\u202ecba"),
        ("a\u2028b", "a\\u2028b"),
        ("\udce9", "\\udce9"),
        ("::error::x", ":\\:error::x"),
        ("  ::set-output x", "  :\\:set-output x"),
        ("a::b", "a::b"),
        ("x ##[group]y", "x ##\\[group]y"),
        ("##vso[task.complete]", "##\\vso[task.complete]"),
    ],
)
def test_what_a_terminal_or_a_ci_log_would_obey_is_broken(text: str, expected: str) -> None:
    assert expected == clean(text)
