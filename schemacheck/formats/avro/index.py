"""Where each full name of a tree is defined. File names and folders prove nothing, so definitions are looked up.

Nothing is parsed before a name is asked for: a byte scan tells which files hold the word at all. Its results and the
parsed files are kept across trees by content id, since the states of a history differ in few files.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from schemacheck.errors import NotChecked
from schemacheck.formats import mentions
from schemacheck.formats.avro.build import File, build
from schemacheck.formats.avro.kept import Kept
from schemacheck.formats.avro.tree import Named, same_definition
from schemacheck.formats.strict import Flaw
from schemacheck.formats.text import MAX_BYTES, read_text
from schemacheck.model import Problem, Tree

SUFFIXES = (".avsc", ".avpr")
_ENDING = ".av[ps][cr]"  # the same for git, and some that nobody uses
_ESCAPE = "\\u"  # a file that holds it may spell any word with it
_FEW_QUESTIONS = 4  # are asked of git; to read all files once is cheaper than many
# The last one may be open: were each of its escaped quotes a beginning, too, the scan would take the square of them.
_STRING = re.compile(rb'"((?:[^"\\]|\\.)*+)(?:"|\\?\Z)', re.DOTALL)
_FEW_WORDS = 3  # that are looked for in each file before all words are noted

_words: Kept[frozenset[bytes]] = Kept(50_000)  # content id to the words of a file
_files: Kept[File | Problem] = Kept(4_000)  # path and content id to the parsed file


@dataclass(frozen=True, slots=True)
class Found:
    """A definition, and the file that holds it."""

    node: Named
    file: File


class Ambiguous(Exception):  # noqa: N818 - a finding about names, not a failure
    """Several definitions of one name differ, and none is nearer than the others."""

    def __init__(self, found: Sequence[Found]) -> None:
        super().__init__()
        self.found = found


class Index:
    """The definitions of one tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._homes: dict[str, list[Found]] = {}
        self._named: dict[bytes, Mapping[str, Sequence[Found]]] = {}  # by last part
        self._nearest: dict[tuple[str, str], Sequence[Found]] = {}
        self._asked = 0

    @cached_property
    def paths(self) -> list[str]:
        """The Avro files of the tree. An event that refers to no other file needs none of them."""
        return sorted([path for path in self.tree.all_files if path.endswith(SUFFIXES)])

    @cached_property
    def _folders(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for path in self.paths:
            found.setdefault(path.rpartition("/")[0], []).append(path)
        return found

    def file(self, path: str) -> File | Problem:
        """A parsed file, or why it is none."""
        content = self.tree.all_files.get(path)
        if content is None or path in self.tree.problems:
            return self._parse(path)
        return _files.get((path, content), lambda: self._parse(path))

    def _parse(self, path: str) -> File | Problem:
        text = read_text(self.tree, path)
        return text if isinstance(text, Problem) else build(path, text)

    def words(self, path: str) -> frozenset[bytes]:
        """The last part of every dotted text in a file: if a name's is not among them, the file does not hold it."""
        return _words.get(self.tree.all_files[path], lambda: self._scan(path))

    def _scan(self, path: str) -> frozenset[bytes]:
        try:
            raw = self.tree.read(path)
        except (KeyError, NotChecked):
            return frozenset()
        return _words_of(raw) if len(raw) <= MAX_BYTES else frozenset()

    def holding(self, name: str, paths: Sequence[str]) -> Iterable[str]:
        """Those of the paths whose text holds the last part of a name."""
        word = last_part(name)
        if paths is self.paths and len(self._named) > _FEW_WORDS:
            return self._holders.get(word, ())
        likely = self._likely({word}) if paths is self.paths else paths
        return (path for path in likely if word in self.words(path))

    def _likely(self, words: Set[bytes]) -> Sequence[str]:
        """The files of the tree that may hold one of some words."""
        self._asked += 1
        if self._asked > _FEW_QUESTIONS or not words:
            return self.paths if words else ()
        texts = [word.decode("utf-8", "surrogateescape") + '"' for word in words]  # it ends a text
        return mentions.among(self.tree, self.paths, [*texts, _ESCAPE], _ENDING)

    @cached_property
    def _holders(self) -> Mapping[bytes, Sequence[str]]:
        """Word to the files that hold it, for those who ask for many names."""
        found: dict[bytes, list[str]] = {}
        for path in self.paths:
            for word in self.words(path):
                found.setdefault(word, []).append(path)
        return found

    def defining(self, name: str, paths: Sequence[str]) -> Iterator[Found]:
        """The definitions of a full name in these files."""
        if paths is self.paths:
            yield from self._alike(name).get(name, ())
            return
        for path in self.holding(name, paths):
            file = self.file(path)
            if isinstance(file, File) and name in file.definitions:
                yield Found(file.definitions[name], file)

    def _alike(self, name: str) -> Mapping[str, Sequence[Found]]:
        """The definitions in the whole tree that have the last part of a name, by full name."""
        word = last_part(name)
        if word not in self._named:
            found: dict[str, list[Found]] = {}
            for path in self.holding(name, self.paths):
                file = self.file(path)
                if not isinstance(file, File):
                    continue
                for full, node in file.definitions.items():
                    if last_part(full) == word:
                        found.setdefault(full, []).append(Found(node, file))
            self._named[word] = found
        return self._named[word]

    def find(self, name: str, home: File) -> Found | None:
        """What a full name means in a file: its own definition, else one in its folder, else the nearest in the tree.

        Raises Ambiguous where equally near definitions differ.
        """
        if name in home.definitions:
            return Found(home.definitions[name], home)
        found = self.candidates(name, home.path)
        if any(not same_definition(found[0].node, other.node) for other in found[1:]):
            raise Ambiguous(found)
        return found[0] if found else None

    def candidates(self, name: str, path: str) -> Sequence[Found]:
        """The nearest definitions of a name that a file does not define itself, by path."""
        folder = path.rpartition("/")[0]
        if (name, folder) not in self._nearest:
            self._nearest[name, folder] = list(self._search(name, folder))
        return self._nearest[name, folder]

    def _search(self, name: str, folder: str) -> Sequence[Found]:
        beside = list(self.defining(name, self._folders.get(folder, ())))
        if beside:
            return beside
        if name not in self._homes:
            self._homes[name] = list(self.defining(name, self.paths))
        # Versions kept as parallel folders repeat names: the longest common folder tells which one is meant.
        shared = [_common(folder, found.file.path) for found in self._homes[name]]
        return [found for found, depth in zip(self._homes[name], shared, strict=True) if depth == max(shared)]

    def similar(self, name: str) -> list[str]:
        """Known full names that look like one, the likeliest first."""
        known = {full for path in self.paths for full in self._defined(path)}
        same_end = sorted(full for full in known if last_part(full) == last_part(name))
        return list(dict.fromkeys([*same_end, *difflib.get_close_matches(name, sorted(known), 3, 0.8)]))[:3]

    def unusable(self, name: str) -> list[str]:
        """Files that hold the last part of a name but are no schemas."""
        return [path for path in self.holding(name, self.paths) if not self._defined(path)]

    def dependents(self, paths: Sequence[str]) -> set[str]:
        """All files that refer to a definition in these, directly or through others, without those themselves."""
        reached = set(paths)
        newest = [path for path in paths if path in self.tree.all_files and path.endswith(SUFFIXES)]
        while newest:
            names = {name for path in newest for name in self._defined(path)}
            # A file that cannot be parsed may define any name whose last part it holds.
            vague = {word for path in newest if not self._defined(path) for word in self.words(path)}
            words = {last_part(name) for name in names} | vague
            newest = [
                path
                for path in self._likely(words)
                if path not in reached and not words.isdisjoint(self.words(path)) and self._uses(path, names, vague)
            ]
            reached.update(newest)
        return reached - set(paths)

    def _defined(self, path: str) -> Sequence[str]:
        file = self.file(path)
        return list(file.definitions) if isinstance(file, File) else ()

    def _uses(self, path: str, names: set[str], vague: set[bytes]) -> bool:
        file = self.file(path)
        return isinstance(file, File) and any(name in names or last_part(name) in vague for name in file.foreign)


def last_part(name: str) -> bytes:
    """A name without its namespace, as a file's bytes hold it."""
    return name.rpartition(".")[2].encode("utf-8", "surrogatepass")


def _common(folder: str, path: str) -> int:
    """How many folders a folder and a file share from the top."""
    shared = 0
    for mine, its in zip(folder.split("/"), path.split("/")[:-1], strict=False):
        if mine != its:
            break
        shared += 1
    return shared


def _words_of(raw: bytes) -> frozenset[bytes]:
    if b"\\u" in raw:
        return frozenset(last_part(text) for text in _texts(raw))
    return frozenset(text.rpartition(b".")[2] for text in _STRING.findall(raw) if b" " not in text)


def _texts(raw: bytes) -> Iterator[str]:
    """Every text in a file that writes characters as escapes."""
    try:
        waiting: list[Any] = [json.loads(raw.decode("utf-8-sig"))]
    except (ValueError, RecursionError):
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value


def problem(path: str, flaw: Flaw, place: tuple[int, int]) -> Problem:
    """A flaw of a file as the report says it."""
    line, column = flaw.place or place
    message = f"{flaw.pointer}: {flaw.message}" if flaw.pointer else flaw.message
    return Problem(path, message, flaw.hint, line, column, flaw.reason)
