"""A file as part of another version: its package, the imports and names of that package, the language options.

Files of the same package that it imports are taken along, since the new package must not rest on the old one. Comments,
numbers and everything else stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from schemacheck.errors import NotChecked
from schemacheck.formats.protobuf.imports import Resolver, imports_of
from schemacheck.formats.protobuf.ties import scan
from schemacheck.formats.protobuf.tokens import Name, Token, name_at, names_in, statements, tokens_of
from schemacheck.formats.renaming import Base, retold, splice
from schemacheck.formats.text import read_text
from schemacheck.model import Move, Moved, Problem, Tree

# What goes behind a namespace that says no version, so that generated code of two versions does not collide.
_APPENDED: Mapping[str, Callable[[str, str], str]] = {
    "java_package": lambda value, version: f"{value}.{version}",
    "csharp_namespace": lambda value, version: f"{value}.{version.title()}",
    "php_namespace": lambda value, version: f"{value}\\\\{version.title()}",
    "ruby_package": lambda value, version: f"{value}::{version.title()}",
    "go_package": lambda value, version: "{0}/{2}{1}{3}".format(
        *value.partition(";")[:2], version, f"{value.partition(';')[2]}{version}" if ";" in value else ""
    ),
}
_LANGUAGES = (*_APPENDED, "php_metadata_namespace", "java_outer_classname", "objc_class_prefix", "swift_prefix")
_CAMEL = "(?<=[a-z0-9])V{0}(?![0-9a-z])"


def rewrite(move: Move) -> Sequence[Moved]:
    """The file, and the files of its package that it imports, as the new version."""
    text = _text(move.tree, move.path)
    package = package_of(text)
    base = Base(package, move.old, move.new)
    files = {move.path: move.new_path}
    if move.named and base.versioned:
        files |= _taken_along(move, base)
    return [_File(move, base, path, new_path, files).moved() for path, new_path in files.items()]


def _text(tree: Tree, path: str) -> str:
    text = read_text(tree, path)
    if isinstance(text, Problem):
        raise NotChecked(f"{path}: {text.message}", text.hint, reason=text.reason)
    return text


def package_of(text: str) -> str:
    """The package that a file declares, or nothing."""
    tokens = tokens_of(text)
    for _, statement in statements(tokens):
        if statement[0].text == "package" and len(statement) > 1 and (name := name_at(statement, 1)):
            return ".".join(name.texts)
    return ""


def _taken_along(move: Move, base: Base) -> dict[str, str]:
    """The imported files of the same versioned package, directly or not: path to new path."""
    resolver = Resolver(move.tree, move.options)
    found: dict[str, str] = {}
    todo = [move.path]
    while todo:
        here = todo.pop()
        for wanted in imports_of(move.tree, here):
            path = resolver.resolve(here, wanted.name)
            if path is None or path in found or path == move.path:
                continue
            if base.holds(package_of(_text(move.tree, path))):
                found[path] = move.beside(path)
                todo.append(path)
    return found


class _File:
    """One file that moves, with the edits to its text."""

    def __init__(self, move: Move, base: Base, path: str, new_path: str, files: Mapping[str, str]) -> None:
        self.move = move
        self.base = base
        self.path = path
        self.new_path = new_path
        self.files = files
        self.text = _text(move.tree, path)
        self.tokens = tokens_of(self.text)
        prefix = f"{base.name}." if base.name else ""
        said = scan(self.text)
        self.own = {said.full(name).removeprefix(prefix) for name in said.types}

    def moved(self) -> Moved:
        """The file as the new version."""
        edits = list(self._imports())
        words = ""
        if self.move.named:
            edits += [*self._package(), *self._options(), *self._names()]
            old = package_of(self.text)
            new = self.base.of(old)
            words = f"package {old} -> {new}" if old else f"package {new}"
        return Moved(self.path, self.new_path, splice(self.text, edits), words)

    def _package(self) -> Iterator[tuple[int, int, str]]:
        first = None
        for _, statement in statements(self.tokens):
            if statement[0].text in ("syntax", "edition"):
                first = statement[-1]
            if statement[0].text == "package" and (name := name_at(statement, 1)):
                yield self._with_version(name.parts[len(self.base.parts) - 1])
                return
        at = self.text.index(";", first.end) + 1 if first else 0
        line = f"package {self.base.moved};"
        yield at, at, f"{self._newline * 2}{line}" if first else f"{line}{self._newline}"

    @property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    def _with_version(self, token: Token) -> tuple[int, int, str]:
        """The last component of the package's base in the new version."""
        if self.base.versioned:
            return token.start, token.end, self.base.part
        return token.end, token.end, f".{self.move.new}"

    def _imports(self) -> Iterator[tuple[int, int, str]]:
        resolver = Resolver(self.move.tree, self.move.options)
        for _, statement in statements(self.tokens):
            if statement[0].text == "import" and statement[-1].kind == "string":
                token = statement[-1]
                name = token.text[1:-1]
                new = self._imported(resolver, name)
                if new != name:
                    yield token.start + 1, token.end - 1, new

    def _imported(self, resolver: Resolver, name: str) -> str:
        """The name under which the new file imports what the old one did."""
        path = resolver.resolve(self.path, name)
        if path is None:
            return name
        target = self.files.get(path, path)
        folders = resolver.candidates(self.new_path)
        present = {*self.move.tree.all_files, *self.files.values()}
        for wanted in (name, target[len(path) - len(name) :], resolver.name_of(path), target):
            if next((f"{root}{wanted}" for root in folders if f"{root}{wanted}" in present), None) == target:
                return wanted
        return name

    def _options(self) -> Iterator[tuple[int, int, str]]:
        for _, statement in statements(self.tokens):
            if [token.text for token in statement[:1]] != ["option"] or len(statement) < 4:
                continue
            option, strings = statement[1].text, [token for token in statement[3:] if token.kind == "string"]
            if option not in _LANGUAGES or not strings:
                continue
            values = [token.text[1:-1] for token in strings]
            retold_values = [self._told(option, value) for value in values]
            if values == retold_values and option in _APPENDED and not self._says_version("".join(values)):
                retold_values[-1] = _APPENDED[option](values[-1], str(self.move.new))
            for token, old, new in zip(strings, values, retold_values, strict=True):
                if old != new:
                    yield token.start + 1, token.end - 1, new

    def _told(self, option: str, value: str) -> str:
        """The value of a language option with the version in it replaced, wherever it stands."""
        old, new = str(self.move.old), str(self.move.new)
        parts = re.split(r"(::|[./;]|\\+)", value)
        told = "".join(retold(part, self.move.old, self.move.new) for part in parts)
        if option in ("java_outer_classname", "objc_class_prefix", "swift_prefix"):
            told = re.sub(_CAMEL.format(re.escape(old[1:])), f"V{new[1:]}", told)
        return told

    def _says_version(self, value: str) -> bool:
        return re.search(rf"(?i)v{re.escape(str(self.move.new)[1:])}(?![A-Za-z0-9])", value) is not None

    def _names(self) -> Iterator[tuple[int, int, str]]:
        """The version in every name that is written with the package, in full or from its last parts on."""
        skipped: set[int] = set()
        for start, statement in statements(self.tokens):
            if statement[0].text in ("package", "import", "syntax", "edition"):
                skipped.update(range(start, start + len(statement)))
        kept = [token for index, token in enumerate(self.tokens) if index not in skipped]
        for name in names_in(kept):
            at = self._version_in(name)
            if at is not None:
                yield (
                    self._with_version(name.parts[at])
                    if at >= 0
                    else (
                        name.parts[0].start,
                        name.parts[0].start,
                        f"{self.move.new}.",
                    )
                )

    def _version_in(self, name: Name) -> int | None:
        """Which part of a name is the last of the package's base; -1 if it goes before the first; None if none is."""
        parts, base = name.texts, self.base.parts
        for begin in range(1 if name.absolute else max(len(base), 1)):
            wanted = base[begin:]
            if parts[: len(wanted)] != wanted or len(parts) <= len(wanted):
                continue
            if self.base.versioned or (parts[len(wanted)] in self.own and (wanted or name.absolute)):
                return len(wanted) - 1
        return None
