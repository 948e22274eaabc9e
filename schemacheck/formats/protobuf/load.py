"""Schemas of one tree: resolves imports at the same revision, compiles what is asked for, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from schemacheck.formats.protobuf import ahead
from schemacheck.formats.protobuf.compile import Compiled, Flaw, compile_files
from schemacheck.formats.protobuf.imports import (
    SHIPPED,
    Resolver,
    edges,
    imports_of,
    mentioning,
    resting_on,
)
from schemacheck.formats.protobuf.model import Compilation, Descriptor, DescriptorPool, FileDescriptor, Schema
from schemacheck.formats.protobuf.positions import Positions
from schemacheck.formats.protobuf.ties import scan_of
from schemacheck.formats.text import read_text
from schemacheck.model import Declared, Document, Place, Problem, Tree

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

# Options that name a namespace in a language.
_LANGUAGE_OPTIONS = {"java_package", "go_package", "csharp_namespace", "php_namespace", "ruby_package"}
_FEW_NAMES = 3
_PLACED, _FEW_ASKED = 100, 5  # files that are compiled with positions at once; files that get theirs one by one
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class _Closure:
    """A file and all it rests on: import name to path."""

    target: str
    names: Mapping[str, str]


@dataclass(slots=True)
class _Unit:
    """Files that were compiled together without positions, which are most of what protoc tells, and how often those
    were missed since.
    """

    names: Mapping[str, str]
    closures: Sequence[_Closure]
    asked: int = 0
    placed: Mapping[str, FileDescriptorProto] | None = None


class Workspace:
    """Protobuf's view of one tree."""

    def __init__(self, tree: Tree, options: Mapping[str, Any]) -> None:
        self.tree = tree
        self._options = options
        self._resolver = Resolver(tree, options)
        self._protos: dict[str, FileDescriptorProto] = {}
        self._positions: dict[str, Positions] = {}
        self._unplaced: dict[str, _Unit] = {}  # what was compiled without the positions of its elements
        self._asked = 0

    def imports(self, path: str) -> Collection[str]:
        """Paths of the files that this one imports."""
        return edges(self.tree, self._resolver, path)

    def resolve(self, importer: str, name: str) -> str | None:
        """The path that an import name means in a file; None if the tree has no such file."""
        return self._resolver.resolve(importer, name)

    def dependents(self, paths: Collection[str]) -> set[str]:
        """All files that import one of these, directly or not, without those themselves."""
        return resting_on(self.tree, self._resolver, paths)

    def claims(self, name: str) -> Collection[str]:
        """Paths of the files that declare a message or enum of this full name at their top."""
        short = name.rpartition(".")[2]
        scans = ((path, scan_of(self.tree, path)) for path in self._speaking_of(short))
        return [path for path, scan in scans if short in scan.types and scan.full(short) == name]

    def _speaking_of(self, short: str) -> Collection[str]:
        """The judged files that may declare a name. The first few names are looked up, for more there is an index."""
        self._asked += 1
        few = self._asked <= _FEW_NAMES and "_declaring" not in self.__dict__
        found = mentioning(self.tree, [short]) if few else None
        return self._declaring.get(short, ()) if found is None else [path for path in found if path in self.tree.files]

    def look_ahead(self) -> None:
        """Finds out what is asked about very many files."""
        _ = self._declaring

    @cached_property
    def _declaring(self) -> Mapping[str, Sequence[str]]:
        """Name to the judged files that declare a message or an enum of that name at their top."""
        found: dict[str, list[str]] = {}
        for path in self.tree.files:
            for short in scan_of(self.tree, path).types if path.endswith(".proto") else ():
                found.setdefault(short, []).append(path)
        return found

    def locate(self, pointer: str) -> Place | None:
        """Line and column of `path#4/0/2/1`, or of its nearest ancestor that has a place."""
        path, _, inner = pointer.rpartition("#")
        positions = self._positions_of(path)
        return Place(path, *positions.find(inner)) if positions else Place(path, 1, 1)

    def _positions_of(self, path: str) -> Positions | None:
        if path not in self._positions and path in self._protos:
            text = read_text(self.tree, path)
            if isinstance(text, str):
                self._positions[path] = Positions(text, self._placed(path))
        return self._positions.get(path)

    def _placed(self, path: str) -> FileDescriptorProto:
        """A compiled file with positions: where it was one of very many, it is compiled again when it is asked for."""
        unit = self._unplaced.get(path)
        if unit is None:
            return self._protos[path]
        unit.asked += 1
        if unit.placed is None and unit.asked > _FEW_ASKED:
            unit.placed = self._compiled_again(unit.names, unit.closures)
        found = unit.placed
        if found is None:
            closure = self._closure(path)
            found = self._compiled_again(closure.names, [closure]) if isinstance(closure, _Closure) else {}
        return found.get(path, self._protos[path])

    def _compiled_again(
        self, names: Mapping[str, str], closures: Sequence[_Closure]
    ) -> Mapping[str, FileDescriptorProto]:
        """Path to compiled file, with positions."""
        compiled = self._compile(names, closures)
        protos = compiled.files.file if compiled.files else ()
        return {names[proto.name]: proto for proto in protos if proto.name in names}

    def parse(self, documents: Sequence[Document], published: bool) -> Mapping[str, Schema | Sequence[Problem]]:
        """Path to schema, or to all that is wrong with it. The compiler judges both sides alike."""
        del published
        result: dict[str, Schema | Sequence[Problem]] = {}
        closures: dict[str, _Closure] = {}
        for document in documents:
            closure = self._closure(document.path)
            if isinstance(closure, _Closure):
                closures[document.path] = closure
            else:
                result[document.path] = closure
        closures = _named_alike(closures)
        subjects = {document.path: document.subject.event for document in documents}
        together = _joined(list(closures.values()))
        many = len(closures) > _PLACED
        compiled = self._compile(together, list(closures.values()), positions=not many) if together else None
        if together and compiled and compiled.files:
            if many:
                unit = _Unit(together, list(closures.values()))
                self._unplaced.update(dict.fromkeys(together.values(), unit))
            result |= self._schemas(
                compiled, together, {path: (c.target, subjects[path]) for path, c in closures.items()}
            )
            return result
        for path, closure in closures.items():
            alone = self._compile(closure.names, [closure])
            if alone.files is None:
                result[path] = [self._problem(flaw, closure) for flaw in alone.flaws]
            else:
                result |= self._schemas(alone, closure.names, {path: (closure.target, subjects[path])})
        return result

    def _closure(self, path: str) -> _Closure | list[Problem]:
        """What has to be compiled for a file, or the problems that stand against it."""
        target = self._resolver.name_of(path)
        names, problems = {target: path}, []
        todo = [path]
        seen = {path}
        while todo:
            here = todo.pop()
            text = read_text(self.tree, here)
            if isinstance(text, Problem):
                problems.append(text)
                continue
            for wanted in imports_of(self.tree, here):
                found = self._resolver.resolve(here, wanted.name)
                if found is None:
                    if not SHIPPED.fullmatch(wanted.name):
                        problems.append(self._missing(here, wanted.name, wanted.line, wanted.column))
                    continue
                known = names.setdefault(wanted.name, found)
                if known != found:
                    message = f'the import "{wanted.name}" means two files: {known} and {found}'
                    hint = 'say where imports start: [protobuf] roots = ["..."]'
                    problems.append(Problem(here, message, hint, wanted.line, wanted.column, reason="import"))
                if found not in seen:
                    seen.add(found)
                    todo.append(found)
        own = [name for name, known in names.items() if known == path]
        if len(own) > 1:  # an import leads back to the file itself, under another name
            del names[target]
            target = next(name for name in own if name != target)
        return problems or _Closure(target, names)

    def _missing(self, importer: str, name: str, line: int, column: int) -> Problem:
        if name.startswith("/") or ".." in name.split("/") or "\\" in name:
            hint = "write it relative to a folder of the repository"
            return Problem(importer, f'the import "{name}" leads out of the tree', hint, line, column, reason="import")
        hint = 'add the file, or say where to look: [protobuf] includes = ["..."]'
        return Problem(importer, f'the import "{name}" was not found', hint, line, column, reason="import")

    def _compile(self, names: Mapping[str, str], closures: Sequence[_Closure], positions: bool = True) -> Compiled:
        texts = self._texts(names)
        known = ahead.compiled(closures[0].target, texts) if len(closures) == 1 else None
        return known or compile_files(texts, [closure.target for closure in closures], positions)

    def _texts(self, names: Mapping[str, str]) -> dict[str, bytes]:
        return {name: str(read_text(self.tree, path)).encode("utf-8") for name, path in names.items()}

    def alone(self, path: str) -> ahead.Wanted | None:
        """What compiling a file by itself takes; None if something stands against that."""
        closure = self._closure(path)
        if not isinstance(closure, _Closure):
            return None
        closure = _named_alike({path: closure})[path]
        return ahead.Wanted(closure.target, self._texts(closure.names))

    def _problem(self, flaw: Flaw, closure: _Closure) -> Problem:
        path = closure.names.get(flaw.file, closure.names[closure.target])
        words = flaw.words.rstrip(".")
        message = f"{words[:1].lower()}{words[1:]}" if words[:2].istitle() else words
        column = flaw.column
        if flaw.line and flaw.column:
            text = read_text(self.tree, path)
            column = Positions(str(text), _NOTHING).column(flaw.line, flaw.column)
        if flaw.died:
            return Problem(path, message, "report it, with the file", reason="internal")
        return Problem(path, message, "correct the file; protoc rejects it", flaw.line, column)

    def _schemas(
        self, compiled: Compiled, names: Mapping[str, str], targets: Mapping[str, tuple[str, str]]
    ) -> Iterator[tuple[str, Schema]]:
        """Path and schema of each target, all in one pool of their own."""
        from google.protobuf.descriptor_pool import DescriptorPool

        assert compiled.files is not None
        pool = DescriptorPool()
        compilation = Compilation({proto.name: proto for proto in compiled.files.file})
        for proto in compiled.files.file:
            pool.AddSerializedFile(proto.SerializeToString())
            if proto.name in names:
                self._protos[names[proto.name]] = proto
        for path, (name, event) in targets.items():
            file = _file(pool, name, self._protos[path])
            yield (
                path,
                Schema(
                    path=path,
                    file=file,
                    pool=pool,
                    roots=_roots(file, event),
                    paths=names,
                    declared=list(_declared(self._protos[path], path)),
                    names=dict(_names(self._protos[path], path)),
                    options=self._options,
                    compilation=compilation,
                ),
            )


class _Nothing:
    """A compiled file of which nothing is known: columns can still be counted in its text."""

    class source_code_info:  # noqa: N801 - named as in the compiled file
        location: Sequence[Any] = ()


_NOTHING = _Nothing()


def _named_alike(closures: Mapping[str, _Closure]) -> dict[str, _Closure]:
    """The same, with each target under the name by which another one imports it."""
    imported = {path: name for c in closures.values() for name, path in c.names.items() if name != c.target}
    found = {}
    for path, closure in closures.items():
        name = imported.get(path, closure.target)
        names = {name if old == closure.target else old: known for old, known in closure.names.items()}
        found[path] = _Closure(name, names)
    return found


def _joined(closures: Sequence[_Closure]) -> Mapping[str, str] | None:
    """All closures as one, or None if a name or a file means different things in two of them."""
    names: dict[str, str] = {}
    for closure in closures:
        for name, path in closure.names.items():
            if names.setdefault(name, path) != path:
                return None
    return names if len(set(names.values())) == len(names) else None


def _file(pool: DescriptorPool, name: str, proto: FileDescriptorProto) -> FileDescriptor:
    """The built file. Asked through an element of it: upb does not find files by names beyond ASCII."""
    prefix = f"{proto.package}." if proto.package else ""
    for message in proto.message_type:
        return pool.FindMessageTypeByName(f"{prefix}{message.name}").file
    for enum in proto.enum_type:
        return pool.FindEnumTypeByName(f"{prefix}{enum.name}").file
    return pool.FindFileByName(name)


def _roots(file: FileDescriptor, event: str) -> list[Descriptor]:
    messages = list(file.message_types_by_name.values())
    wanted = _words(event.rpartition("/")[2])
    named = [message for message in messages if _words(message.name) == wanted]
    if named:
        return named
    used = set()
    for message in messages:
        todo, seen = [message], set()
        while todo:
            here = todo.pop()
            if here.full_name in seen:
                continue
            seen.add(here.full_name)
            todo.extend(here.nested_types)
            used |= {f.message_type.full_name for f in here.fields if f.message_type and f.message_type != message}
    return [message for message in messages if message.full_name not in used] or messages


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name)]


def _declared(proto: FileDescriptorProto, path: str) -> Iterator[Declared]:
    if proto.package:
        yield Declared("package", proto.package, f"{path}#2")
    for field, value in proto.options.ListFields():
        if field.name in _LANGUAGE_OPTIONS:
            yield Declared(field.name, value, f"{path}#8/{field.number}")


def _names(proto: FileDescriptorProto, path: str) -> Iterator[tuple[str, str]]:
    prefix = f"{proto.package}." if proto.package else ""
    for number, message in enumerate(proto.message_type):
        yield f"{prefix}{message.name}", f"{path}#4/{number}"
    for number, enum in enumerate(proto.enum_type):
        yield f"{prefix}{enum.name}", f"{path}#5/{number}"
