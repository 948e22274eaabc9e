"""JSON Schema: drafts 4 to 2020-12 in .schema.json and .jsonschema files, references found by path or `$id`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from schemacheck.formats.json_schema.rules import RULES
from schemacheck.model import Change, Direction, Format, Member, Move, Moved, Rule, Tree, Witness

if TYPE_CHECKING:
    from schemacheck.formats.json_schema.load import Schema, Workspace


class JsonSchema:
    """The format's face."""

    @property
    def rules(self) -> Sequence[Rule]:
        return RULES

    def open(self, tree: Tree, options: Mapping[str, Any]) -> Workspace:
        """JSON Schema's view of a tree.

        Option `open_model`: whether writers emit only what they declare; `registry_policy`: how a registry judges
        open content models.
        """
        from schemacheck.formats.json_schema.load import Workspace

        return Workspace(tree, options)

    def diff(self, old: Schema, new: Schema) -> Iterator[Change]:
        """The facts between two events, in document order of the new one."""
        from schemacheck.formats.json_schema.diff import diff

        return diff(old, new)

    def witness(self, old: Schema, new: Schema, change: Change, direction: Direction) -> Witness | None:
        """A document of the writer that the reader refuses; None where none was found."""
        from schemacheck.formats.json_schema.witness import witness

        return witness(old, new, change, direction)

    def outline(self, schema: Schema) -> Sequence[Member]:
        """The properties of the event, and of the objects in it."""
        from schemacheck.formats.json_schema.outline import outline

        return outline(schema)

    def registry(self, old: Schema, new: Schema, direction: Direction) -> Sequence[str] | None:
        """What a registry's check would object to in one direction: it knows one, and exchanges the schemas."""
        from schemacheck.formats.json_schema.registry import objections

        return objections(old, new) if direction == Direction.BACKWARD else objections(new, old)

    def rewrite(self, move: Move) -> Sequence[Moved]:
        """A file as another event version: its `$id`."""
        from schemacheck.formats.json_schema.rewrite import rewrite

        return rewrite(move)

    def lines(self, text: str) -> Sequence[str]:
        """A file as lines, one for each keyword."""
        from schemacheck.formats.json_schema.lines import lines

        return list(lines(text))


FORMAT: Format = JsonSchema()
