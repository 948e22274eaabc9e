"""A `.proto` as tokens with their places, for what must keep or read the text as its author wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_LEX = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?(?:\*/|\Z))"""
    r"""|(?P<string>"(?:\\.|[^"\\\n])*+(?:"|\\?\Z|(?=\n))|'(?:\\.|[^'\\\n])*+(?:'|\\?\Z|(?=\n)))"""  # see imports.py
    r"""|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"""
    r"""|(?P<number>\.?[0-9](?:[eE][+-]|[A-Za-z0-9_.])*)"""
    r"""|(?P<sign>.)""",
    re.DOTALL,
)
# After these a name begins anew, also with a dot.
_LABELS = frozenset({"repeated", "optional", "required", "stream", "extend", "returns"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a string with its quotes, a number or a sign."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Name:
    """A name with dots in it, or one word. `absolute` if it begins with a dot."""

    parts: tuple[Token, ...]
    absolute: bool
    start: int
    next: int  # index of the token behind it

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(part.text for part in self.parts)

    @property
    def text(self) -> str:
        return ("." if self.absolute else "") + ".".join(self.texts)


def tokens_of(text: str) -> list[Token]:
    """All but blanks and comments."""
    return [
        Token(str(match.lastgroup), match[0], match.start(), match.end())
        for match in _LEX.finditer(text)
        if match.lastgroup != "blank"
    ]


def name_at(tokens: Sequence[Token], at: int) -> Name | None:
    """The name that begins at a token, if one does."""
    first = tokens[at]
    absolute = first.text == "." and at + 1 < len(tokens) and tokens[at + 1].kind == "word"
    if first.kind != "word" and not absolute:
        return None
    index = at + absolute
    parts = [tokens[index]]
    while (
        index + 2 < len(tokens)
        and tokens[index + 1].text == "."
        and tokens[index + 2].kind == "word"
        and not (tokens[index].text in _LABELS and tokens[index].end < tokens[index + 1].start)
    ):
        index += 2
        parts.append(tokens[index])
    return Name(tuple(parts), absolute, first.start, index + 1)


def names_in(tokens: Sequence[Token]) -> Iterator[Name]:
    """Every name, in order."""
    at = 0
    while at < len(tokens):
        name = name_at(tokens, at)
        if name is not None:
            yield name
        at = name.next if name is not None else at + 1


def statements(tokens: Sequence[Token]) -> Iterator[tuple[int, Sequence[Token]]]:
    """The statements at the top of a file: index of the first token, and the tokens up to its `;` or `{`."""
    depth, start = 0, 0
    for index, token in enumerate(tokens):
        if token.text == "}":
            depth -= 1
            start = index + 1
        elif token.text == "{":
            if depth == 0 and start < index:
                yield start, tokens[start:index]
            depth += 1
            start = index + 1
        elif token.text == ";":
            if depth == 0 and start < index:
                yield start, tokens[start:index]
            start = index + 1
