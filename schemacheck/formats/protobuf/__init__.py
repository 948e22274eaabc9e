"""Protobuf: `.proto` files, compiled by grpcio-tools' protoc, compared as built descriptors."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from schemacheck.formats.protobuf.rules import RULES
from schemacheck.model import Change, Direction, Format, Member, Move, Moved, Rule, Tree, Witness

if TYPE_CHECKING:
    from schemacheck.formats.protobuf.load import Workspace
    from schemacheck.formats.protobuf.model import Schema


class Protobuf:
    """The format's face."""

    @property
    def rules(self) -> Sequence[Rule]:
        return RULES

    def open(self, tree: Tree, options: Mapping[str, Any]) -> Workspace:
        """Protobuf's view of a tree."""
        from schemacheck.formats.protobuf.load import Workspace

        return Workspace(tree, options)

    def ties(self, versions: Sequence[Sequence[tuple[Tree, str]]]) -> Sequence[Collection[str]]:
        """For the files of each version names that it has in common with all that must be parsed with it."""
        from schemacheck.formats.protobuf.ties import ties

        return ties(versions)

    def compile_ahead(self, files: Iterable[tuple[Workspace, str]]) -> None:
        """Makes ready what is going to be parsed file by file; what was made ready before is let go."""
        from schemacheck.formats.protobuf.ahead import compile_ahead

        compile_ahead(found for workspace, path in files if (found := workspace.alone(path)) is not None)

    def diff(self, old: Schema, new: Schema) -> Iterator[Change]:
        """The facts between two schemas, in document order of the new one."""
        from schemacheck.formats.protobuf.diff import diff

        return diff(old, new)

    def witness(self, old: Schema, new: Schema, change: Change, direction: Direction) -> Witness | None:
        """An event that shows what a change breaks in one direction; None where no event can show it."""
        from schemacheck.formats.protobuf.witness import witness

        return witness(old, new, change, direction)

    def outline(self, schema: Schema) -> Sequence[Member]:
        """The fields of the event, and of the records in it."""
        from schemacheck.formats.protobuf.outline import outline

        return outline(schema)

    def registry(self, old: Schema, new: Schema, direction: Direction) -> Sequence[str] | None:
        """What a Confluent registry's check objects to in one direction; None where it is not known."""
        from schemacheck.formats.protobuf.registry import objections

        return objections(old, new, direction)

    def rewrite(self, move: Move) -> Sequence[Moved]:
        """A file as another event version, with what it takes along."""
        from schemacheck.formats.protobuf.rewrite import rewrite

        return rewrite(move)

    def lines(self, text: str) -> Sequence[str]:
        """A file as lines, one for each field."""
        from schemacheck.formats.protobuf.lines import lines

        return list(lines(text))


FORMAT: Format = Protobuf()
