"""A document that shows what a change breaks."""

from __future__ import annotations

from schemacheck.formats.json_schema.diff import judged, writer
from schemacheck.formats.json_schema.load import Schema
from schemacheck.model import Change, Direction, Surface, Witness

_NAMES = ("old", "new")
_LONG = 300


def witness(old: Schema, new: Schema, change: Change, direction: Direction) -> Witness | None:
    """A document of the writer that the reader refuses; None where none was found, or the change breaks no reader."""
    assumed = change.rule.id.endswith("-assumed-declared")
    if not change.breaks & direction or not (assumed or change.rule.surface == Surface.WIRE):
        return None
    found = judged(old, new).closest(direction, change)
    if found is None:
        return None
    side = writer(direction)
    message = found.message if len(found.message) <= _LONG else f"{found.message[:_LONG]}..."
    return Witness(_NAMES[side], _NAMES[1 - side], found.event, f"refused: {message}", "jsonschema")
