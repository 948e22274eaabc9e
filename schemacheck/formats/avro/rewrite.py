"""An event as another version: its namespace, the names in it and the references to them; not a character more.

Aliases stay: one to the old version would tie the new one to it. A name that another file defines keeps its namespace,
and is written in full where the short form would now mean something else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from json.decoder import scanstring  # type: ignore[attr-defined]  # it is there, and undocumented
from typing import Any

from schemacheck.errors import NotChecked
from schemacheck.formats.avro.build import File, build
from schemacheck.formats.avro.tree import NAMED, PRIMITIVES
from schemacheck.formats.pointer import Positions, join
from schemacheck.formats.renaming import Base, splice
from schemacheck.formats.strict import read_json
from schemacheck.formats.text import read_text
from schemacheck.model import Move, Moved, Problem

_TAIL = re.compile(r"(?<=[a-z0-9])V([1-9][0-9]*)$")


def rewrite(move: Move) -> Sequence[Moved]:
    """The file as the new version."""
    text = read_text(move.tree, move.path)
    if isinstance(text, Problem):
        raise NotChecked(f"{move.path}: {text.message}", text.hint, reason=text.reason)
    file = build(move.path, text)
    if file.root is None or any(flaw.fatal for flaw in file.flaws):
        raise NotChecked(f"{move.path} is no schema that can be read", "mend it first", reason="unreadable")
    value, _ = read_json(text)
    if not move.named:
        return [Moved(move.path, move.new_path, text)]
    writer = _Writer(text, file, _namespace(file, value), move)
    writer.root(value)
    if writer.stuck:
        return [Moved(move.path, move.new_path, text, "names kept, since it uses types without a namespace")]
    return [Moved(move.path, move.new_path, splice(text, writer.edits), writer.words)]


def _namespace(file: File, value: Any) -> str:
    """The namespace of the event: of the root, or of the first root in a union that defines a type."""
    if isinstance(value, list):
        return next(iter(file.definitions), "").rpartition(".")[0]
    return file.namespace


class _Writer:
    """Walks the JSON as the parser does, with the namespace that holds at each place, and collects text edits."""

    def __init__(self, text: str, file: File, namespace: str, move: Move) -> None:
        self.text = text
        self.defined = file.definitions
        self.positions = Positions.of(text)
        self.move = move
        self.base = Base(namespace, move.old, move.new)
        self.edits: list[tuple[int, int, str]] = []
        self.roots = _roots(file)
        self.tailed = any(_TAIL.search(name) for name in self.roots)  # the name itself says the version
        self.stuck = False  # a name cannot be written in the new namespace

    @property
    def words(self) -> str:
        """What became of the names."""
        old, new = self.base.name, self.space(self.base.name)
        if old != new:
            return f"namespace {old} -> {new}" if old else f"namespace {new}"
        renamed = [(name, self.full(name)) for name in self.roots if self.full(name) != name]
        return ", ".join(f"name {old} -> {new}" for old, new in renamed)

    def space(self, namespace: str) -> str:
        """A namespace in the new version."""
        if self.tailed and not self.base.versioned:
            return namespace
        return self.base.of(namespace)

    def around(self, namespace: str | None) -> str:
        """The namespace around a place, in the new version."""
        return "" if namespace is None else self.space(namespace)

    def full(self, name: str) -> str:
        """The full name that a type of this file has in the new version; one of another file keeps its own."""
        if name not in self.defined:
            return name
        namespace, _, short = name.rpartition(".")
        tail = _TAIL.search(short)
        if name in self.roots and tail and tail[1] == str(self.move.old)[1:]:
            short = f"{short[: tail.start(1)]}{str(self.move.new)[1:]}"
        moved = self.space(namespace)
        return f"{moved}.{short}" if moved else short

    # --- the walk -----------------------------------------------------------------------------------------------------

    def root(self, value: Any) -> None:
        if self.move.path.endswith(".avpr"):
            self.protocol(value)
        else:
            self.type(value, "", None)

    def protocol(self, value: Mapping[str, Any]) -> None:
        name, space = value["protocol"], value.get("namespace", "")
        if "." in name:
            space, _, short = name.rpartition(".")
            self.put("/protocol", name, f"{self.space(space)}.{short}")
        elif isinstance(space, str) and "namespace" in value:
            self.put("/namespace", space, self.space(space))
        elif self.space("") != "":
            self.insert("/protocol", self.space(""))
        space = space if isinstance(space, str) else ""
        for index, inner in enumerate(value.get("types", [])):
            self.type(inner, f"/types/{index}", space)
        messages = value.get("messages", {})
        for key, message in messages.items() if isinstance(messages, dict) else ():
            if not isinstance(message, dict):
                continue
            here = join("/messages", key)
            for index, parameter in enumerate(message.get("request") or ()):
                if isinstance(parameter, dict):
                    self.type(parameter.get("type"), join(here, "request", index, "type"), space)
            for part in ("response", "errors"):
                self.type(message.get(part), join(here, part), space)

    def type(self, raw: Any, pointer: str, space: str | None) -> None:
        """A type at a place; `space` is the namespace around it, None at the top."""
        if isinstance(raw, str):
            self.reference(raw, pointer, space)
        elif isinstance(raw, list):
            for index, inner in enumerate(raw):
                self.type(inner, join(pointer, index), space)
        elif isinstance(raw, dict):
            kind = raw.get("type")
            if isinstance(kind, str) and kind in NAMED:
                self.definition(raw, pointer, space)
            elif kind == "array" or kind == "map":
                key = "items" if kind == "array" else "values"
                self.type(raw.get(key), join(pointer, key), space)
            else:
                self.type(kind, join(pointer, "type"), space)

    def definition(self, raw: Mapping[str, Any], pointer: str, space: str | None) -> None:
        name, own = raw["name"], raw.get("namespace")
        own = own if isinstance(own, str) else space or ""
        if "." in name:
            own = name.lstrip(".").rpartition(".")[0]
        short = name.rpartition(".")[2]
        full = f"{own}.{short}" if own else short
        new_space, _, new_short = self.full(full).rpartition(".")
        if "." in name:
            self.put(join(pointer, "name"), name.lstrip("."), self.full(full))
        else:
            self.put(join(pointer, "name"), name, new_short)
            if isinstance(raw.get("namespace"), str):
                self.put(join(pointer, "namespace"), own, new_space)
            elif new_space != self.around(space):
                self.insert(join(pointer, "name"), new_space)
        if raw.get("connect.name") == full:
            self.put(join(pointer, "connect.name"), full, self.full(full))
        for index, inner in enumerate(raw.get("fields", ())):
            if isinstance(inner, dict):
                self.type(inner.get("type"), join(pointer, "fields", index, "type"), own)

    def reference(self, name: str, pointer: str, space: str | None) -> None:
        if name in PRIMITIVES:
            return
        full = name if "." in name or not space else f"{space}.{name}"
        new, here = self.full(full), self.around(space)
        if "." in name:
            self.put(pointer, name, new)
        elif new != (f"{here}.{name}" if here else name):
            if "." not in new:
                self.stuck = True  # Avro has no way to name a type without a namespace from within one
            self.put(pointer, name, new)

    # --- edits --------------------------------------------------------------------------------------------------------

    def put(self, pointer: str, old: str, new: str) -> None:
        """Replaces a text of the schema, unless it stays."""
        if old != new:
            start = self.positions.values[pointer]
            self.edits.append((start, scanstring(self.text, start + 1)[1], json.dumps(new)))

    def insert(self, pointer: str, namespace: str) -> None:
        """Writes a namespace behind the name at a pointer, with the blanks that stand before that member."""
        start = self.positions.values[pointer]
        end = scanstring(self.text, start + 1)[1]
        key = self.text.rfind('"', 0, self.text.rfind('"', 0, self.text.rfind(":", 0, start)))
        before = self.text[:key]
        blanks = before[len(before.rstrip(" \t\r\n")) :]
        self.edits.append((end, end, f',{blanks or " "}"namespace": {json.dumps(namespace)}'))


def _roots(file: File) -> list[str]:
    """The full names of the events that a file defines."""
    assert file.root is not None
    uses = [file.root, *file.root.node.uses] if file.root.node is not None and file.root.name is None else [file.root]
    return [use.name for use in uses if use.name is not None and use.name in file.definitions]
