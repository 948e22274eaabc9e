"""Which format a file has, and the format itself, imported when the first file needs it."""

from __future__ import annotations

import importlib
from typing import cast

from schemacheck.model import Format

# name → file name endings. `.avdl` belongs to Avro so that it is refused with a reason, not overlooked.
SUFFIXES = {
    "avro": (".avsc", ".avpr", ".avdl"),
    "protobuf": (".proto",),
    "json-schema": (".schema.json", ".jsonschema"),
}
ALL_SUFFIXES = tuple(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)


def format_of(path: str) -> str | None:
    """The name of the format that a path's ending says, or None."""
    for name, suffixes in SUFFIXES.items():
        if path.endswith(suffixes):
            return name
    return None


def load(name: str) -> Format:
    """The format of this name. Its rules load at once; parsers and decoders only when a schema is parsed."""
    return cast(Format, importlib.import_module(f"schemacheck.formats.{name.replace('-', '_')}").FORMAT)
