"""What a `.proto` imports, known before it is compiled; and where imports stand."""

from __future__ import annotations

import posixpath
import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from schemacheck.formats.text import read_text
from schemacheck.model import Problem, Tree

SHIPPED = re.compile(r"google/protobuf/(?:compiler/)?[a-z_]+\.proto")
_IMPORT = re.compile(r"""^[ \t]*import\s+(?:(?:public|weak|option)\s+)?(["'])(.*?)\1\s*;""", re.MULTILINE)
_BUF_MODULE = re.compile(r"^[ \t]*-[ \t]*path:[ \t]*[\"']?([^\"'\s#]+)", re.MULTILINE)
_SCANS_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement: the name, and where it stands, counted from 1."""

    name: str
    line: int
    column: int


_scans: OrderedDict[str, tuple[Import, ...]] = OrderedDict()  # by content id, so that trees share them


def imports_of(tree: Tree, path: str) -> tuple[Import, ...]:
    """The import statements of a file, by a scan of its text; nothing for what is no text."""
    oid = tree.all_files.get(path)
    if oid is None:
        return ()
    found = _scans.get(oid)
    if found is None:
        text = read_text(tree, path)
        found = () if isinstance(text, Problem) else tuple(_scan(text))
        _scans[oid] = found
        if len(_scans) > _SCANS_KEPT:
            _scans.popitem(last=False)
    return found


def _scan(text: str) -> Iterator[Import]:
    for match in _IMPORT.finditer(text):
        start = match.start(2) - 1
        yield Import(match[2], text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))


class Resolver:
    """Finds imported files in one tree.

    The configured `roots` are asked, or else the folders above the importing file and the modules of any `buf.yaml`;
    then `includes`.
    """

    def __init__(self, tree: Tree, options: Mapping[str, Any]) -> None:
        self._tree = tree
        self._roots: Sequence[str] = [_folder(root) for root in options.get("roots", ())]
        self._includes: Sequence[str] = [_folder(folder) for folder in options.get("includes", ())]

    def resolve(self, importer: str, name: str) -> str | None:
        """The path of an import, or None if it is in none of the places."""
        if name.startswith(("/", "..")) or "\\" in name or posixpath.normpath(name) != name:
            return None
        return next(
            (f"{root}{name}" for root in self.candidates(importer) if f"{root}{name}" in self._tree.all_files), None
        )

    def candidates(self, importer: str) -> list[str]:
        """The folders in which an import of this file may start; each ends with a slash, or is empty."""
        if self._roots:
            return [*self._roots, *self._includes]
        parts = importer.split("/")[:-1]
        above = ["".join(f"{part}/" for part in parts[:depth]) for depth in range(len(parts), -1, -1)]
        return [*above, *self._modules, *self._includes]

    def name_of(self, path: str) -> str:
        """The name of a file that nothing imports: below the root that its own imports start from."""
        for root in self._roots:
            if path.startswith(root):
                return path[len(root) :]
        for wanted in imports_of(self._tree, path):
            target = self.resolve(path, wanted.name)
            if target is not None:
                root = target[: len(target) - len(wanted.name)]
                if path.startswith(root):
                    return path[len(root) :]
        return path

    @cached_property
    def _modules(self) -> list[str]:
        """The folders that buf's configuration makes import roots."""
        found = []
        for path in self._tree.all_files:
            if path.rpartition("/")[2] != "buf.yaml":
                continue
            folder = path[: -len("buf.yaml")]
            text = read_text(self._tree, path)
            modules = [] if isinstance(text, Problem) else _BUF_MODULE.findall(text)
            found += [_folder(posixpath.normpath(f"{folder}{module}")) for module in modules] or [folder]
        return found


def _folder(path: str) -> str:
    path = path.strip("/")
    return "" if path in ("", ".") else f"{path}/"


def edges(tree: Tree, resolver: Resolver, path: str) -> set[str]:
    """The paths of the tree that a file imports."""
    return {target for wanted in imports_of(tree, path) if (target := resolver.resolve(path, wanted.name))}


def resting_on(tree: Tree, resolver: Resolver, paths: Collection[str]) -> set[str]:
    """The files that import one of these, directly or not, without those themselves."""
    found: set[str] = set()
    todo = set(paths)
    while todo:
        others = _mentioning(tree, todo, found.union(paths))
        todo = {path for path in others if not todo.isdisjoint(edges(tree, resolver, path))}
        found |= todo
    return found


def _mentioning(tree: Tree, paths: Collection[str], known: Collection[str]) -> Collection[str]:
    """The files that hold the name of one of some files, as whoever imports it must, without those that are known.

    All of them, if that asks for too much.
    """
    protos = [path for path in tree.all_files if path.endswith(".proto") and path not in known]
    words = frozenset(path.rpartition("/")[2] for path in paths)
    told = _mentions.get(words, {})
    if sum([tree.all_files[path] not in told for path in protos]) > _FEW:  # the other side has most of them too
        hits = mentioning(tree, words)
        if hits is None:
            return protos
        told = {**told, **{tree.all_files[path]: path in hits for path in protos}}
        _mentions.clear()
        _mentions[words] = told
    return [path for path in protos if told.get(tree.all_files[path], True)]


def mentioning(tree: Tree, words: Collection[str]) -> Collection[str] | None:
    """The `.proto` files that hold one of some words; None if the tree cannot tell without reading them all."""
    search: Callable[[Collection[str], str], Collection[str] | None] | None = getattr(tree, "mentioning", None)
    return None if search is None or len(words) > _MOST_WORDS else search(words, ".proto")


_mentions: dict[frozenset[str], dict[str, bool]] = {}  # the last words, and by content id whether a file holds one
_MOST_WORDS, _FEW = 200, 50
