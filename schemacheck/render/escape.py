"""Text that a schema, a file name, a ref or a registry wrote, made harmless for a terminal and a CI log."""

from __future__ import annotations

import re

# C0 and C1 controls, line and paragraph separators, bidi controls, lone surrogates
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_COMMAND = re.compile(r"^(\s*:)(?=:)|(##)(?=\[|vso\[)", re.IGNORECASE)


def clean(text: object) -> str:
    """One line without control characters; what a CI runner would take for a command is broken by a backslash."""
    return unarmed(visible(text))


def visible(text: object) -> str:
    """One line in which every control character is seen as an escape; enough where no CI runner reads along."""
    return _CONTROL.sub(_escaped, str(text))


def unarmed(line: str) -> str:
    """A line in which no CI runner finds a command, even if two harmless parts make one."""
    return _COMMAND.sub(lambda m: f"{m[0]}\\", line)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return {10: "\\n", 13: "\\r", 9: "\\t"}.get(code) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")
