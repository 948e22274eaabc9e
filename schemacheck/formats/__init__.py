"""Which format a file has, and the format itself, imported when the first file needs it."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import cast

from schemacheck.model import Format

# name → file name endings. `.avdl` belongs to Avro so that it is refused with a reason, not overlooked.
SUFFIXES = {
    "avro": (".avsc", ".avpr", ".avdl"),
    "protobuf": (".proto",),
    "json-schema": (".schema.json", ".jsonschema"),
}
ALL_SUFFIXES = tuple(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)
PLAIN = ".json"  # an ending that says nothing: such a file is a JSON Schema where the configuration says so

_plain: list[str] = []  # the patterns that say so, of this process: a run has one answer


def recognise(patterns: Sequence[str]) -> Sequence[str]:
    """Takes the plain `.json` files that match one of these for JSON Schemas from now on; what held until now."""
    before = tuple(_plain)
    _plain[:] = patterns
    return before


def endings() -> tuple[str, ...]:
    """How the names of schemas end; of plain `.json` files only some are schemas."""
    return (*ALL_SUFFIXES, PLAIN) if _plain else ALL_SUFFIXES


def is_schema(path: str) -> bool:
    """Whether a path is that of a schema."""
    return path.endswith(ALL_SUFFIXES) or (bool(_plain) and path.endswith(PLAIN) and _named(path))


def recognise_named(*paths: str) -> None:
    """The same for files that somebody names, one by one or in git's attributes: who does knows what they are."""
    recognise(["**/*.json"] if any(path.endswith(PLAIN) and not path.endswith(ALL_SUFFIXES) for path in paths) else ())


def _named(path: str) -> bool:
    from schemacheck.globs import matches

    return any(matches(path, pattern) for pattern in _plain)


def format_of(path: str) -> str | None:
    """The name of the format that a path's ending says, or None."""
    for name, suffixes in SUFFIXES.items():
        if path.endswith(suffixes):
            return name
    return "json-schema" if _plain and is_schema(path) else None


def load(name: str) -> Format:
    """The format of this name. Its rules load at once; parsers and decoders only when a schema is parsed."""
    return cast(Format, importlib.import_module(f"schemacheck.formats.{name.replace('-', '_')}").FORMAT)
