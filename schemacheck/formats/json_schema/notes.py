"""What a validator does not look at: annotations, and what people call things."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemacheck.formats.json_schema import rules
from schemacheck.formats.json_schema.document import NAMES, File
from schemacheck.formats.json_schema.places import Pair, note, nothing, spelt
from schemacheck.formats.json_schema.pool import Pool
from schemacheck.formats.json_schema.values import frozen
from schemacheck.formats.pointer import join
from schemacheck.model import Rule

Found = tuple[Rule, dict[str, Any], str]


def notes(pool: Pool, pair: Pair) -> Iterator[Found]:
    """The annotations of one place that differ."""
    old, new = (note(pool, expr, "format") for expr in (pair.old, pair.new))
    if old is not new and (old is nothing or new is nothing or old != new):
        if old is nothing:
            yield rules.FORMAT_ADDED, {"format": new}, "format"
        elif new is nothing:
            yield rules.FORMAT_REMOVED, {"format": old}, "format"
        else:
            yield rules.FORMAT_CHANGED, {"old": old, "new": new}, "format"
    old, new = (note(pool, expr, "default") for expr in (pair.old, pair.new))
    if _differ(old, new):
        if old is nothing:
            yield rules.DEFAULT_ADDED, {"value": spelt(new)}, "default"
        elif new is nothing:
            yield rules.DEFAULT_REMOVED, {"value": spelt(old)}, "default"
        else:
            yield rules.DEFAULT_CHANGED, {"old": spelt(old), "new": spelt(new)}, "default"
    for keyword, rule in rules.ANNOTATIONS.items():
        if _differ(note(pool, pair.old, keyword), note(pool, pair.new, keyword)):
            yield rule, {}, keyword


def _differ(old: Any, new: Any) -> bool:
    if old is nothing or new is nothing:
        return old is not new
    return frozen(old) != frozen(new)


def of_file(old: File, new: File) -> Iterator[Found]:
    """What differs in the files as a whole."""
    if old.draft != new.draft:
        yield rules.DRAFT_CHANGED, {"old": NAMES[old.draft], "new": NAMES[new.draft]}, "/$schema"
    names = [_name(file) for file in (old, new)]
    if names[0] != names[1]:
        yield rules.ID_CHANGED, {"old": names[0] or "none", "new": names[1] or "none"}, "/$id"
    mine, theirs = _unused(old), _unused(new)
    for name, pointer in theirs.items():
        if name not in _all(old):
            yield rules.DEFINITION_ADDED, {"name": name}, pointer
    for name in mine:
        if name not in _all(new):
            yield rules.DEFINITION_REMOVED, {"name": name}, ""


def _name(file: File) -> str:
    key = "id" if file.draft == 4 else "$id"
    found = file.raw.get(key) if isinstance(file.raw, dict) else None
    return found if isinstance(found, str) else ""


def _all(file: File) -> dict[str, str]:
    """The file's definitions, with their pointers."""
    found: dict[str, str] = {}
    for bucket in ("definitions", "$defs"):
        inner = file.raw.get(bucket) if isinstance(file.raw, dict) else None
        if isinstance(inner, dict):
            found |= {name: join("", bucket, name) for name in inner}
    return found


def _unused(file: File) -> dict[str, str]:
    """Those that the file itself does not refer to."""
    used = " ".join(text for _, _, text in file.refs)
    return {name: pointer for name, pointer in _all(file).items() if f"/{name}" not in used}
