"""Apache Avro: schemas in .avsc and .avpr files, shared types found by their full names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from schemacheck.formats.avro.rules import RULES
from schemacheck.model import Change, Direction, Format, Member, Move, Moved, Rule, Tree, Witness

if TYPE_CHECKING:
    from schemacheck.formats.avro.load import Workspace
    from schemacheck.formats.avro.tree import Schema


class Avro:
    """The format's face."""

    @property
    def rules(self) -> Sequence[Rule]:
        return RULES

    def open(self, tree: Tree, options: Mapping[str, Any]) -> Workspace:
        """Avro's view of a tree. Option `tags`: the keys of properties that mark personal or secret data."""
        from schemacheck.formats.avro.load import Workspace

        return Workspace(tree, options)

    def diff(self, old: Schema, new: Schema) -> Iterator[Change]:
        """The facts between two events, in document order of the new one."""
        from schemacheck.formats.avro.diff import diff

        return diff(old, new)

    def witness(self, old: Schema, new: Schema, change: Change, direction: Direction) -> Witness | None:
        """An event of the writer that shows what a change breaks in one direction; None where no event can show it."""
        from schemacheck.formats.avro.witness import witness

        return witness(old, new, change, direction)

    def outline(self, schema: Schema) -> Sequence[Member]:
        """The fields of the event, and of the records in it."""
        from schemacheck.formats.avro.outline import outline

        return outline(schema)

    def registry(self, old: Schema, new: Schema, direction: Direction) -> Sequence[str] | None:
        """What a registry objects to in one direction; None if types nest too deep to tell."""
        from schemacheck.formats.avro.registry import objections

        writer, reader = (old, new) if direction == Direction.BACKWARD else (new, old)
        return objections(writer, reader)

    def rewrite(self, move: Move) -> Sequence[Moved]:
        """A file as another event version, with what it takes along."""
        from schemacheck.formats.avro.rewrite import rewrite

        return rewrite(move)

    def lines(self, text: str) -> Sequence[str]:
        """A file as lines, one for each field."""
        from schemacheck.formats.avro.lines import lines

        return list(lines(text))


FORMAT: Format = Avro()
