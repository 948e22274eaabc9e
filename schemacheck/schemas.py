"""The schemas of several trees, each parsed once: which files a schema rests on, what it says, where things stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from schemacheck import formats
from schemacheck.excerpt import excerpt, lines_of
from schemacheck.formats.text import read_text
from schemacheck.layout import Placed
from schemacheck.model import (
    Change,
    Direction,
    Document,
    Excerpt,
    Member,
    Mode,
    Opinion,
    Place,
    Problem,
    RegistryView,
    Schema,
    Tree,
    Witness,
    Workspace,
)
from schemacheck.report import Finding

Parsed = Schema | Sequence[Problem]


class Schemas:
    """Opens each format on each tree when the first file asks for it, and remembers what was parsed."""

    def __init__(self, options: Mapping[str, Mapping[str, Any]]) -> None:
        self._options = options
        self._workspaces: dict[tuple[int, str], Workspace] = {}
        self._parsed: dict[tuple[int, str], Parsed] = {}
        self._present: dict[int, set[str]] = {}  # the formats that a tree has files of
        self._trees: dict[int, Tree] = {}  # kept, so that an id names one tree only
        self._lines: dict[tuple[int, str], Sequence[str]] = {}

    def workspace(self, tree: Tree, name: str) -> Workspace:
        """A format's view of a tree."""
        key = id(tree), name
        if key not in self._workspaces:
            self._trees[id(tree)] = tree
            self._workspaces[key] = formats.load(name).open(tree, self._options.get(name, {}))
        return self._workspaces[key]

    def look_ahead(self, tree: Tree, paths: Iterable[str]) -> None:
        """Finds out once what the formats of very many files will be asked for each of them."""
        for name in {formats.format_of(path) for path in paths} - {None}:
            ahead = getattr(self.workspace(tree, str(name)), "look_ahead", None)
            if ahead is not None:
                ahead()

    def parse(self, tree: Tree, files: Iterable[Placed], published: bool) -> None:
        """Parses all of these that are not parsed yet, together: one compiler run for a side."""
        groups: dict[str, list[Document]] = {}
        for placed in files:
            name = formats.format_of(placed.path)
            if name is not None and (id(tree), placed.path) not in self._parsed:
                groups.setdefault(name, []).append(Document(placed.subject, name, placed.path, tree))
        for name, documents in groups.items():
            for path, parsed in self.workspace(tree, name).parse(documents, published).items():
                self._parsed[id(tree), path] = parsed

    def compile_ahead(self, states: Iterable[tuple[Tree, Placed]]) -> None:
        """Makes ready what is going to be parsed file by file, where a format can do that for many at once."""
        groups: dict[str, list[tuple[Workspace, str]]] = {}
        for tree, placed in states:
            name = formats.format_of(placed.path)
            if name is not None and (id(tree), placed.path) not in self._parsed and placed.path in tree.files:
                groups.setdefault(name, []).append((self.workspace(tree, name), placed.path))
        for name, files in groups.items():
            make_ready = getattr(formats.load(name), "compile_ahead", None)
            if make_ready:
                make_ready(files)

    def get(self, tree: Tree, placed: Placed, published: bool) -> Parsed:
        """The schema of a file, or what is wrong with it."""
        self.parse(tree, [placed], published)
        return self._parsed[id(tree), placed.path]

    def forget(self, trees: Iterable[Tree]) -> None:
        """Drops what is known of some trees."""
        gone = {id(tree) for tree in trees if self._trees.pop(id(tree), None) is not None}
        if gone:
            self._workspaces = {key: value for key, value in self._workspaces.items() if key[0] not in gone}
            self._parsed = {key: value for key, value in self._parsed.items() if key[0] not in gone}
            self._lines = {key: value for key, value in self._lines.items() if key[0] not in gone}

    def forget_all(self) -> None:
        """Drops what is known of every tree."""
        self.forget(list(self._trees.values()))

    def closure(self, tree: Tree, path: str) -> dict[str, str]:
        """The file and all it rests on, directly or not: path to content id."""
        name = formats.format_of(path)
        found: dict[str, str] = {}
        todo = [path]
        while todo:
            here = todo.pop()
            if here in found or here not in tree.all_files or name is None:
                continue
            found[here] = tree.all_files[here]
            todo.extend(self.workspace(tree, name).imports(here))
        return found

    def dependents(self, tree: Tree, paths: Collection[str]) -> set[str]:
        """All files of a tree that rest on one of these paths."""
        found: set[str] = set()
        for name in {name for path in paths if (name := formats.format_of(path))}:
            mine = {path for path in paths if formats.format_of(path) == name}
            found |= self.workspace(tree, name).dependents(mine)
        return found

    def claims(self, tree: Tree, name: str) -> set[str]:
        """The judged files of a tree that define a full name as their own, in any format."""
        if id(tree) not in self._present:
            self._present[id(tree)] = {known for path in tree.files if (known := formats.format_of(path))}
        return {
            path
            for known in self._present[id(tree)]
            for path in self.workspace(tree, known).claims(name)
            if path in tree.files
        }

    def locate(self, tree: Tree, pointer: str | None) -> Place | None:
        """The place of a pointer in a tree."""
        if pointer is None:
            return None
        name = formats.format_of(pointer.partition("#")[0])
        return self.workspace(tree, name).locate(pointer) if name else None

    def with_place(self, finding: Finding, tree: Tree) -> Finding:
        """A finding with the place of its pointer in a tree."""
        place = self.locate(tree, finding.pointer)
        if place is None:
            return finding if finding.file else replace(finding, file=(finding.pointer or "").partition("#")[0] or None)
        excerpt = self.excerpt(tree, place)
        return replace(finding, file=place.file, line=place.line, column=place.column, excerpt=excerpt)

    def excerpt(self, tree: Tree, place: Place | None) -> Excerpt | None:
        """What stands at a place of a tree."""
        if place is None or place.line is None:
            return None
        key = id(tree), place.file
        if key not in self._lines:
            text = read_text(tree, place.file)
            self._lines[key] = () if isinstance(text, Problem) else lines_of(text)
        return excerpt(self._lines[key], place.line, place.column)


def outline_of(schema: Schema, path: str) -> Sequence[Member] | None:
    """The fields of an event; None if its format does not tell."""
    outline = getattr(formats.load(formats.format_of(path) or ""), "outline", None)
    return outline(schema) if outline else None


def same_text(old_tree: Tree, old_path: str, new_tree: Tree, new_path: str) -> bool:
    """Whether two files hold the same text, line ends aside."""
    if old_tree.files.get(old_path) == new_tree.files.get(new_path):
        return True
    old, new = read_text(old_tree, old_path), read_text(new_tree, new_path)
    if isinstance(old, Problem) or isinstance(new, Problem):
        return False
    return old.replace("\r\n", "\n") == new.replace("\r\n", "\n")


def changes_between(old: Schema, new: Schema, path: str) -> list[Change]:
    """The facts between two schemas of one format."""
    name = formats.format_of(path)
    return list(formats.load(name).diff(old, new)) if name else []


def witness_of(old: Parsed, new: Schema, change: Change, directions: Direction, path: str) -> Witness | None:
    """An event that shows what a change breaks in one of some directions."""
    name = formats.format_of(path)
    if name is None or isinstance(old, Sequence):
        return None
    judges = formats.load(name).witness
    found = (judges(old, new, change, way) for way in _WAYS if way in directions)
    return next((witness for witness in found if witness is not None), None)


_WAYS = (Direction.BACKWARD, Direction.FORWARD)


def registry_view(olds: Sequence[Schema], new: Schema, path: str, mode: Mode) -> RegistryView | None:
    """What a Confluent registry would say of a new version under a mode; None if a registry has no say."""
    name = formats.format_of(path)
    ways = [way for way in _WAYS if way in mode.directions]
    if name is None or not ways:
        return None
    said = [formats.load(name).registry(old, new, way) for old in olds for way in ways]
    messages = dict.fromkeys(message for one in said for message in one or ())
    if messages:
        return RegistryView(Opinion.REJECTS, tuple(messages))
    return RegistryView(Opinion.UNKNOWN if None in said else Opinion.ACCEPTS)
