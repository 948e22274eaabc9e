"""The version in a dotted name: the part that holds it, and that part in another version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from schemacheck.model import Version

_TOKEN = re.compile(r"(?<![A-Za-z0-9])([vV])((?:0|[1-9][0-9]*)(?:(?:alpha|beta)[0-9]*)?)(?![A-Za-z0-9])")
_GLUED = re.compile(r"(?<=[a-z])([vV])([1-9][0-9]*)$")


@dataclass(frozen=True)
class Base:
    """The beginning of a namespace or package up to its version, in the old and the new version.

    A name without a version is itself the base, and the new version is appended.
    """

    name: str
    old: Version
    new: Version

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The components of the old base."""
        parts = tuple(self.name.split(".")) if self.name else ()
        holding = [index for index, part in enumerate(parts) if _TOKEN.search(part)]
        exact = [index for index in holding if str(self.old) in (found[0] for found in _TOKEN.finditer(parts[index]))]
        for index in reversed(exact or holding):
            return parts[: index + 1]
        return parts

    @cached_property
    def versioned(self) -> bool:
        """Whether the name held a version."""
        return bool(self.parts) and self.part != self.parts[-1]

    @cached_property
    def part(self) -> str:
        """The last component of the old base, in the new version; itself if it holds none."""
        last = self.parts[-1] if self.parts else ""
        return _any_retold(last, self.old, self.new)

    @cached_property
    def moved(self) -> str:
        """The new base."""
        if self.versioned:
            return ".".join([*self.parts[:-1], self.part])
        return ".".join([*self.parts, str(self.new)])

    def holds(self, name: str) -> bool:
        """Whether a namespace or package is the old base, or below it."""
        base = ".".join(self.parts)
        return name == base or (bool(base) and name.startswith(f"{base}."))

    def of(self, name: str) -> str:
        """A namespace or package in the new version; one elsewhere stays."""
        return self.moved + name[len(".".join(self.parts)) :] if self.holds(name) else name


def retold(text: str, old: Version, new: Version) -> str:
    """A text with the last mention of the old version replaced; also one that is glued to the end of a word."""
    return _replaced(text, [match for match in _TOKEN.finditer(text) if match[2] == str(old)[1:]], old, new)


def _any_retold(text: str, old: Version, new: Version) -> str:
    """The same; where the old version is not mentioned, whatever version is."""
    return _replaced(text, list(_TOKEN.finditer(text)), old, new)


def _replaced(text: str, found: list[re.Match[str]], old: Version, new: Version) -> str:
    exact = [match for match in found if match[2] == str(old)[1:]] or found
    if not exact and (glued := _GLUED.search(text)) and glued[2] == str(old)[1:]:
        exact = [glued]
    if not exact:
        return text
    match = exact[-1]
    return f"{text[: match.start(2)]}{str(new)[1:]}{text[match.end(2) :]}"


def splice(text: str, edits: list[tuple[int, int, str]]) -> str:
    """A text with some spans replaced."""
    pieces, at = [], 0
    for start, end, new in sorted(edits):
        pieces += [text[at:start], new]
        at = end
    return "".join([*pieces, text[at:]])
