"""The state of one comparison: which pairs were met, at which places, and how a change is written down."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemacheck.formats.protobuf.model import Schema
from schemacheck.formats.protobuf.names import Names
from schemacheck.model import Change, Direction, Rule


@dataclass(frozen=True, slots=True)
class Pair:
    """Two descriptors of one kind that face each other, and where readers meet them.

    `pointer` and `old_pointer` stand for elements of files that are not of the tree, such as well-known types.
    """

    old: Any
    new: Any
    where: str
    pointer: str
    old_pointer: str | None

    @property
    def key(self) -> tuple[str, str]:
        return self.old.full_name, self.new.full_name


@dataclass
class Walk:
    """Pairs of messages and enums that wait to be compared, each once: a pair that was met counts as compared."""

    old: Schema
    new: Schema
    messages: deque[Pair] = field(default_factory=deque)
    enums: deque[Pair] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._met: set[tuple[str, str]] = set()
        self._old_names = Names(self.old)
        self._new_names = Names(self.new)

    def meet(self, waiting: deque[Pair], pair: Pair) -> None:
        """Lets a pair wait for its comparison, unless it was met before."""
        if pair.key not in self._met:
            self._met.add(pair.key)
            waiting.append(pair)

    def met(self, old: Any, new: Any) -> bool:
        return (old.full_name, new.full_name) in self._met

    def pair(self, old: Any, new: Any, where: str, inside: Pair | None = None) -> Pair:
        """Two descriptors with their places; those of foreign files stand where the pair is that leads to them."""
        pointer = self._new_names.pointer(new.file, new.full_name)
        old_pointer = self._old_names.pointer(old.file, old.full_name)
        fallback = inside.pointer if inside else f"{self.new.path}#"
        return Pair(old, new, where, pointer or fallback, old_pointer or (inside.old_pointer if inside else None))

    def change(
        self,
        rule: Rule,
        values: Mapping[str, Any],
        pair: Pair,
        name: str | None = None,
        old_name: str | None = None,
        *,
        within: Direction = Direction.FULL,
    ) -> Change:
        """A change of the pair itself, or of an element of it: `name` in the new one, `old_name` in the old one."""
        shown = name or old_name
        where = f"{pair.where}.{shown}" if shown else pair.where
        pointer, old_pointer = pair.pointer, pair.old_pointer
        if name:
            pointer = self._element(self._new_names, pair.new, name) or pointer
            old_pointer = self._element(self._old_names, pair.old, old_name or name) or old_pointer
        elif old_name:
            old_pointer = self._element(self._old_names, pair.old, old_name) or old_pointer
        return Change(rule, values, where, pointer, old_pointer, within)

    def method_pointers(self, old: Any, new: Any) -> tuple[str, str | None]:
        """Where a method of a service stands, in both sides."""
        services = old.containing_service, new.containing_service
        pointer = self._new_names.pointer(services[1].file, new.full_name)
        return pointer or f"{self.new.path}#", self._old_names.pointer(services[0].file, old.full_name)

    def came(self, rule: Rule, values: Mapping[str, Any], new: Any, where: str) -> Change:
        """An element that only the new side has."""
        pointer = self._new_names.pointer(new.file, new.full_name)
        return Change(rule, values, where, pointer or f"{self.new.path}#")

    def went(self, rule: Rule, values: Mapping[str, Any], old: Any, where: str) -> Change:
        """An element that only the old side has; nothing of it is left but the file."""
        pointer = self._old_names.pointer(old.file, old.full_name)
        return Change(rule, values, where, f"{self.new.path}#", pointer)

    def _element(self, names: Names, owner: Any, name: str) -> str | None:
        full = owner.full_name
        return names.pointer(owner.file, f"{full}/{name}", f"{full}.{name}", full)
