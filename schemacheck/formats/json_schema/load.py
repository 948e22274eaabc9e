"""Schemas of one tree: finds the files that a reference means, parses events, turns pointers into places.

Nothing is ever downloaded: a reference is a file of the tree, by its path or by its `$id`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemacheck.formats import format_of
from schemacheck.formats.json_schema.document import File, Files, joined, path_of
from schemacheck.formats.json_schema.loops import loop
from schemacheck.formats.json_schema.read import problem, read_file
from schemacheck.formats.pointer import Positions
from schemacheck.formats.strict import Flaw, shown
from schemacheck.formats.text import read_text
from schemacheck.model import Declared, Document, Place, Problem, Tree

DEFAULT_DRAFT = 7
_FULL_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_FILES = 100  # that one event may rest on


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """An event: its own file first, then all it rests on."""

    files: Files
    declared: Sequence[Declared]
    names: Mapping[str, str]
    open_model: str = "declared"
    registry_policy: str = "strict"

    @property
    def path(self) -> str:
        return self.files.files[0].path

    @property
    def title(self) -> str | None:
        """The record name, as producers make it."""
        raw = self.files.files[0].raw
        title = raw.get("title") if isinstance(raw, dict) else None
        return title if isinstance(title, str) and title else None


class Workspace:
    """JSON Schema's view of one tree."""

    def __init__(self, tree: Tree, options: Mapping[str, Any]) -> None:
        self.tree = tree
        self.default = int(options.get("default_draft", DEFAULT_DRAFT))
        self.open_model = str(options.get("open_model", "declared"))
        self.registry_policy = str(options.get("registry_policy", "strict"))
        self._names: Mapping[str, str] = getattr(tree, "names", {})  # what a registry binds references to
        self._files: dict[str, File | list[Problem]] = {}
        self._ids: dict[str, list[str]] | None = None
        self._positions: dict[str, Positions | None] = {}

    def imports(self, path: str) -> Collection[str]:
        """Paths of the files that this one refers to."""
        file = self.file(path)
        if isinstance(file, list):
            return ()
        return sorted({found for _, found in self._targets(file) if found is not None and found != path})

    def references(self, path: str) -> Sequence[tuple[str, str]]:
        """What is written in a file for each other one, without fragment, and that file's path."""
        file = self.file(path)
        if isinstance(file, list):
            return ()
        found = {
            ((text if base == file.base else joined(base, text)).partition("#")[0], target)
            for (_, base, text), target in self._targets(file)
            if target is not None and target != path
        }
        return sorted(found)

    def dependents(self, paths: Collection[str]) -> set[str]:
        """All files that refer to one of these, directly or not, without those themselves."""
        users: dict[str, set[str]] = {}
        for path in self._paths:
            for used in self.imports(path):
                users.setdefault(used, set()).add(path)
        found: set[str] = set()
        waiting = list(paths)
        while waiting:
            for user in users.get(waiting.pop(), ()):
                if user not in found:
                    found.add(user)
                    waiting.append(user)
        return found - set(paths)

    def claims(self, name: str) -> Collection[str]:
        """Paths of the files whose `$id` this is."""
        return self._by_id().get(name, ())

    def parse(self, documents: Sequence[Document], published: bool) -> Mapping[str, Schema | Sequence[Problem]]:
        """Path to the event, or to all that is wrong with it. A published schema must be sound as well."""
        del published
        return {document.path: self._parse(document.path) for document in documents}

    def locate(self, pointer: str) -> Place | None:
        """Line and column of `path#/json/pointer`, or of its nearest ancestor that exists."""
        path, _, inner = pointer.partition("#")
        if path not in self.tree.all_files:
            path, _, inner = pointer.rpartition("#")
        if path not in self._positions:
            text = read_text(self.tree, path)
            self._positions[path] = None if isinstance(text, Problem) else Positions.of(text)
        positions = self._positions[path]
        return Place(path, *positions.find(inner)) if positions else None

    def file(self, path: str) -> File | list[Problem]:
        """One file, or what is wrong with it."""
        if path not in self._files:
            self._files[path] = read_file(self.tree, path, self.default)
        return self._files[path]

    @property
    def _paths(self) -> list[str]:
        return sorted(path for path in self.tree.all_files if format_of(path) == "json-schema")

    def _by_id(self) -> dict[str, list[str]]:
        if self._ids is None:
            self._ids = {}
            for path in self._paths:
                file = self.file(path)
                if isinstance(file, File):
                    for uri in file.resources:
                        self._ids.setdefault(uri, []).append(path)
        return self._ids

    def _targets(self, file: File) -> Iterator[tuple[tuple[str, str, str], str | None]]:
        """Each reference, and the file that it means; None if there is none."""
        for reference in file.refs:
            _, base, text = reference
            uri = joined(base, text).partition("#")[0]
            if uri in file.resources:
                yield reference, file.path
                continue
            path = self._names.get(text.partition("#")[0]) or self._names.get(uri) or path_of(uri)
            if path is not None and path in self.tree.all_files:
                yield reference, path
            else:
                yield reference, next((one for one in self._by_id().get(uri, ()) if one != file.path), None)

    def _parse(self, path: str) -> Schema | Sequence[Problem]:
        files: list[File] = []
        problems: list[Problem] = []
        waiting = [path]
        seen = {path}
        called: dict[str, set[str]] = {}
        while waiting:
            file = self.file(waiting.pop(0))
            if isinstance(file, list):
                problems += file
                continue
            files.append(file)
            for (pointer, base, text), target in self._targets(file):
                if target is None:
                    problems.append(self._missing(file, pointer, text))
                    continue
                called.setdefault(target, set()).add(joined(base, text).partition("#")[0])
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
            if len(seen) > _FILES:
                return [problem(path, Flaw("", f"it rests on more than {_FILES} files"), (1, 1))]
        if problems:
            return problems
        found = Files(tuple(_known_as(file, called.get(file.path, ())) for file in files))
        problems += self._broken(found)
        return problems or Schema(found, *_identity(files[0]), self.open_model, self.registry_policy)

    def _broken(self, files: Files) -> Iterator[Problem]:
        for file in files.files:
            for pointer, base, text in file.refs:
                if files.resolve(base, text) is None:
                    yield self._missing(file, pointer, text)
                    return
        for file, pointer in loop(files):
            words = "the reference leads back to itself, without a property or an item between"
            yield self._placed(file, Flaw(pointer, words, "refer to something else"))

    def _missing(self, file: File, pointer: str, text: str) -> Problem:
        hint = "refer to a schema of the repository, by its path or its $id: nothing is downloaded"
        if text.partition("#")[0].endswith(".json") and not text.partition("#")[0].endswith(".schema.json"):
            hint += "; a plain .json file is one where [json_schema] globs says so"
        return self._placed(file, Flaw(pointer, f"there is nothing at {shown(text)}", hint, reason="import"))

    def _placed(self, file: File, flaw: Flaw) -> Problem:
        place = self.locate(f"{file.path}#{flaw.pointer}")
        return problem(file.path, flaw, (place.line or 1, place.column or 1) if place else (1, 1))


def _known_as(file: File, uris: Collection[str]) -> File:
    """The file, found by the URIs that others refer to it by, too."""
    further = {uri: "" for uri in uris if uri not in file.resources}
    return replace(file, resources={**file.resources, **further}) if further else file


def _identity(file: File) -> tuple[Sequence[Declared], Mapping[str, str]]:
    """Where a file says who it is: its `$id`, and its title if that is a full name."""
    key = "id" if file.draft == 4 else "$id"
    raw = file.raw if isinstance(file.raw, dict) else {}
    name, title = raw.get(key), raw.get("title")
    declared = []
    names = {}
    if isinstance(name, str) and name and not name.startswith("#"):
        declared.append(Declared(key, name, f"{file.path}#/{key}"))
        names[file.base] = f"{file.path}#/{key}"
    if isinstance(title, str) and _FULL_NAME.fullmatch(title):
        declared.append(Declared("title", title, f"{file.path}#/title"))
    return declared, names
