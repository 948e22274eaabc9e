"""HTML that nothing in it can break: a plain string is escaped, only Markup is not."""

from __future__ import annotations

import html
import re

from schemacheck.render.escape import visible

_VOID = frozenset({"meta", "br"})
_CODE = re.compile(r"`([^`]+)`")
_UNSAFE = re.compile(r"[^a-z0-9_.-]+")


class Markup(str):
    """HTML that is safe to insert as it is."""

    __slots__ = ()


def safe(value: object) -> Markup:
    """A text as HTML: every character of it is text."""
    return value if isinstance(value, Markup) else Markup(html.escape(visible(value)))


def join(*parts: object) -> Markup:
    """Parts, one after the other."""
    return Markup("".join(map(safe, parts)))


def tag(name: str, /, *children: object, **attributes: str | None) -> Markup:
    """An element. `class_` is class, `aria_label` is aria-label; None leaves an attribute out, "" gives its name."""
    shown = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + (f'="{safe(value)}"' if value else "")
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{shown}>")
    return Markup(f"<{name}{shown}>{join(*children)}</{name}>")


def prose(text: str) -> Markup:
    """Paragraphs and lists of a rule's page, with their code spans."""
    return join(*(_block(block) for block in re.split(r"\n\s*\n", text.strip()) if block))


def _block(block: str) -> Markup:
    if block.startswith("- "):
        items = re.split(r"\n- ", block.removeprefix("- "))
        return tag("ul", *(tag("li", _spans(item)) for item in items))
    return tag("p", _spans(block))


def _spans(text: str) -> Markup:
    pieces = _CODE.split(" ".join(text.split()))
    return join(*(tag("code", piece) if number % 2 else piece for number, piece in enumerate(pieces)))


class Names:
    """Fragments of a page: readable, safe in an address, each given once."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, ...], str] = {}
        self._used: dict[str, int] = {}

    def __call__(self, *parts: str) -> str:
        """The fragment of a thing: what kind of thing it is, then its names."""
        if parts not in self._given:
            # A double dash only before a number: no other fragment can be equal to a numbered one.
            slug = "-".join(re.sub("-{2,}", "-", _UNSAFE.sub("-", part.lower())).strip("-") or "x" for part in parts)
            self._used[slug] = number = self._used.get(slug, 0) + 1
            self._given[parts] = slug if number == 1 else f"{slug}--{number}"
        return self._given[parts]
