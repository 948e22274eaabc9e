"""A file as another event version: the version in its `$id` and `title`, and references that would change meaning."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Sequence

from schemacheck.errors import NotChecked
from schemacheck.formats.json_schema.document import File, joined, path_of, uri_of
from schemacheck.formats.json_schema.load import DEFAULT_DRAFT, Workspace
from schemacheck.formats.pointer import Positions
from schemacheck.formats.renaming import retold, splice
from schemacheck.formats.text import read_text
from schemacheck.model import Move, Moved, Problem


def rewrite(move: Move) -> Sequence[Moved]:
    """The file as the new version; what it refers to stays where it is."""
    file = Workspace(move.tree, {"default_draft": DEFAULT_DRAFT, **move.options}).file(move.path)
    text = read_text(move.tree, move.path)
    if not isinstance(file, File) or isinstance(text, Problem):
        first = file[0] if isinstance(file, list) else None
        message = f"{move.path}: {first.message}" if first else f"{move.path} cannot be read"
        raise NotChecked(message, first.hint if first else "", reason=first.reason if first else "unreadable")
    key = "id" if file.draft == 4 else "$id"
    name = file.raw.get(key) if isinstance(file.raw, dict) else None
    name = name if isinstance(name, str) and not name.startswith("#") else None
    new_name = retold(name, move.old, move.new) if name is not None and move.named else name
    edits: list[tuple[str, str, str]] = []
    if name is not None and new_name is not None and name != new_name:
        edits.append((f"/{key}", name, new_name))
    new_base = joined(uri_of(move.new_path), new_name) if new_name is not None else uri_of(move.new_path)
    edits += _references(file, new_base)
    told = [f"{key} {name} -> {new_name}"] if name != new_name else []
    title = file.raw.get("title") if isinstance(file.raw, dict) else None
    if isinstance(title, str) and move.named and (new_title := retold(title, move.old, move.new)) != title:
        edits.append(("/title", title, new_title))
        told.append(f"title {title} -> {new_title}")
    return [Moved(move.path, move.new_path, _written(text, edits), ", ".join(told))]


def _references(file: File, new_base: str) -> Iterator[tuple[str, str, str]]:
    """References whose target would change: where they stand, what stands there, what must."""
    for pointer, base, text in file.refs:
        if text.startswith("#") or base != file.base:
            continue
        uri, _, fragment = joined(base, text).partition("#")
        itself = uri in (file.base, uri_of(file.path))
        wanted = new_base.partition("#")[0] if itself else uri
        if joined(new_base, text).partition("#")[0] == wanted:
            continue
        path = path_of(wanted)
        here = path_of(new_base)
        if path is not None and here is not None:
            wanted = posixpath.relpath(path, posixpath.dirname(here) or ".")
        yield pointer, text, f"{wanted}#{fragment}" if fragment or text.endswith("#") else wanted


def _written(text: str, edits: Sequence[tuple[str, str, str]]) -> str:
    if not edits:
        return text
    positions = Positions.of(text)
    spans = []
    for pointer, _, new in edits:
        start = positions.values[pointer]
        _, length = json.JSONDecoder().raw_decode(text[start:])
        spans.append((start, start + length, json.dumps(new)))
    return splice(text, spans)
