"""Schemas of one tree: finds what a file refers to, parses events, turns pointers into places.

Published text is judged leniently: it has been stored, so it must be compared, unless it makes no tree at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from schemacheck.formats.avro import validate
from schemacheck.formats.avro.build import File
from schemacheck.formats.avro.index import Ambiguous, Found, Index, problem
from schemacheck.formats.avro.portable import TooDeep, portable
from schemacheck.formats.avro.tree import Named, Schema, Union, Use, same_definition
from schemacheck.formats.pointer import Positions
from schemacheck.formats.strict import Flaw
from schemacheck.formats.text import read_text
from schemacheck.model import Declared, Document, Place, Problem, Tree

_SUGGESTED = 20  # unknown types of one event for which likely names are looked up
TAGS = ("confluent:tags", "pii", "x-pii", "sensitivity", "classification")


class Workspace:
    """Avro's view of one tree."""

    def __init__(self, tree: Tree, options: Mapping[str, Any]) -> None:
        self.tree = tree
        self.index = Index(tree)
        self.tags = frozenset(options.get("tags", TAGS))
        self._positions: dict[str, Positions] = {}

    def imports(self, path: str) -> Collection[str]:
        """Paths of the files whose definitions this one uses."""
        if path.endswith(".avdl"):
            return ()
        file = self.index.file(path)
        if isinstance(file, Problem):
            return ()
        return sorted({found.file.path for name in file.foreign for found in self.index.candidates(name, path)})

    def dependents(self, paths: Collection[str]) -> set[str]:
        """All files that use a definition of these, directly or not, without those themselves."""
        return self.index.dependents(sorted(paths))

    def claims(self, name: str) -> Collection[str]:
        """Paths of the files that define this full name."""
        return [found.file.path for found in self.index.defining(name, self.index.paths)]

    def parse(self, documents: Sequence[Document], published: bool) -> Mapping[str, Schema | Sequence[Problem]]:
        """Path to the event, or to all that is wrong with it."""
        return {document.path: self._parse(document.path, published) for document in documents}

    def locate(self, pointer: str) -> Place | None:
        """Line and column of `path#/json/pointer`, or of its nearest ancestor that exists."""
        path, _, inner = pointer.partition("#")
        if path not in self.tree.all_files:
            path, _, inner = pointer.rpartition("#")
        positions = self._positions_of(path)
        return Place(path, *positions.find(inner)) if positions else None

    def _positions_of(self, path: str) -> Positions | None:
        if path not in self._positions:
            text = read_text(self.tree, path)
            if isinstance(text, Problem):
                return None
            self._positions[path] = Positions.of(text)
        return self._positions[path]

    def _parse(self, path: str, published: bool) -> Schema | Sequence[Problem]:
        if path.endswith(".avdl"):
            return [_idl(path)]
        file = self.index.file(path)
        if isinstance(file, Problem):
            return [file]
        if file.root is None or any(flaw.fatal for flaw in file.flaws):
            return list(self._of_file(file, published))
        linker = _Linker(self.index)
        schema = linker.link(file, file.root, self.tags)
        problems = [found for reached in linker.files for found in self._of_file(reached, published)]
        problems += [self._placed(flaw) for flaw in linker.flaws]
        if not published:
            problems += [self._placed(flaw) for flaw in validate.flaws(schema)]
            problems += [] if problems else _second_opinion(schema)
        problems.sort(key=lambda found: (found.file != path, found.file or "", found.line or 0, found.column or 0))
        return problems or schema

    def _of_file(self, file: File, published: bool) -> Iterator[Problem]:
        for flaw in file.flaws:
            if flaw.fatal or not published:
                positions = None if flaw.place else self._positions_of(file.path)
                yield problem(file.path, flaw, positions.find(flaw.pointer) if positions else (1, 1))

    def _placed(self, flaw: Flaw) -> Problem:
        """A flaw whose pointer carries a path."""
        place = self.locate(flaw.pointer)
        path, _, inner = flaw.pointer.partition("#")
        at = (place.line or 1, place.column or 1) if place else (1, 1)
        return problem(place.file if place else path, Flaw(inner, flaw.message, flaw.hint, reason=flaw.reason), at)


class _Linker:
    """Follows the references of one event through the tree, with a work list."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.types: dict[str, Named] = {}
        self.files: list[File] = []  # every file that the event reaches
        self.flaws: list[Flaw] = []
        self._told: set[str] = set()

    def link(self, file: File, root: Use, tags: frozenset[str]) -> Schema:
        """The event whose root stands in a file; `flaws` tells what stands against it."""
        waiting = [(root, file)]
        walked: set[int] = set()
        while waiting:
            use, home = waiting.pop()
            if home not in self.files:
                self.files.append(home)
            found = self._found(use, home)
            if found is None:
                continue
            node, home = found
            if id(node) in walked:
                continue
            walked.add(id(node))
            # What stands in full and holds nothing has nothing to be found.
            waiting += [(inner, home) for inner in reversed(node.uses) if inner.name is not None or _holds(inner)]
        names = dict(_own_names(root))
        return Schema(file.path, root, self.types, names, list(_declared(file, names)), tags)

    def _found(self, use: Use, home: File) -> tuple[Any, File] | None:
        """The node that a use means and the file it stands in; None if it is not to be found."""
        if use.name is None:
            return use.node, home
        try:
            found = Found(use.node, home) if isinstance(use.node, Named) else self.index.find(use.name, home)
        except Ambiguous as ambiguous:
            one, other = ambiguous.found[0].node, _different(ambiguous.found)
            self._tell(use.name, _conflict(use.pointer, use.name, one, other))
            self.types.setdefault(use.name, one)
            return None
        if found is None:
            self._tell(use.name, self._missing(use, home))
            self.types[use.name] = Named(kind="unknown", name=use.name, pointer=use.pointer)
            return None
        known = self.types.setdefault(use.name, found.node)
        if not same_definition(known, found.node):
            self._tell(use.name, _conflict(found.node.pointer, use.name, known, found.node))
        return found.node, found.file

    def _tell(self, name: str, flaw: Flaw) -> None:
        if name not in self._told:
            self._told.add(name)
            self.flaws.append(flaw)

    def _missing(self, use: Use, home: File) -> Flaw:
        assert use.name is not None
        short = use.name.rpartition(".")[2]
        hints = []
        broken = [path for path in self.index.unusable(use.name) if path != home.path]
        if broken:
            hints.append(f"it may stand in {', '.join(broken[:3])}, which cannot be parsed")
        if short != use.name and next(self.index.defining(short, self.index.paths), None):
            hints.append(f'"{short}" exists without a namespace: only some readers find that; move it into one')
        likes = self.index.similar(use.name) if len(self._told) < _SUGGESTED else ()
        similar = [name for name in likes if name != short]
        if similar:
            hints.append(f"did you mean {' or '.join(similar)}")
        hints.append(f"searched {len(self.index.paths)} files of the tree")
        return Flaw(use.pointer, f'there is no type "{use.name}"', "; ".join(hints), reason="import")


def _holds(use: Use) -> bool:
    """Whether a type that stands in full holds others."""
    return use.node is not None and bool(use.node.uses)


def _different(found: Sequence[Found]) -> Named:
    return next(other.node for other in found[1:] if not same_definition(found[0].node, other.node))


def _conflict(pointer: str, name: str, one: Named, other: Named) -> Flaw:
    return Flaw(
        pointer,
        f'"{name}" has two different definitions, {one.pointer} and {other.pointer}',
        "make them equal, rename one, or keep only one of them",
        reason="import",
    )


def _own_names(root: Use) -> Iterable[tuple[str, str]]:
    """Full name to pointer, of the root types that their file defines itself."""
    uses = root.node.branches if isinstance(root.node, Union) else (root,)
    for use in uses:
        if use.name is not None and isinstance(use.node, Named):
            yield use.name, use.pointer


def _declared(file: File, names: Mapping[str, str]) -> Iterator[Declared]:
    if file.namespace:
        yield Declared("namespace", file.namespace, file.namespace_pointer)
    for name, pointer in names.items():
        yield Declared("name", name.rpartition(".")[2], f"{pointer}/name")


def _idl(path: str) -> Problem:
    stem = path.removesuffix(".avdl")
    return Problem(
        path,
        "Avro IDL cannot be read",
        f"turn it into schemas: avro-tools idl2schemata {path} {stem}",
        reason="unsupported",
    )


def _second_opinion(schema: Schema) -> Iterator[Problem]:
    """What fastavro says against an event that passed; it would be a mistake of ours."""
    import fastavro

    try:
        fastavro.parse_schema(portable(schema), {})
    except TooDeep:
        return  # fastavro recurses, and cannot judge it
    except Exception as error:  # noqa: BLE001 - broken input leaks KeyError, TypeError and others
        yield Problem(
            schema.path,
            f"fastavro refuses the event: {type(error).__name__}: {error}",
            "this is a bug of schemacheck, please report it with the schema",
            reason="internal",
        )
