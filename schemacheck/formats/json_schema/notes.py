"""What a validator does not look at: annotations, and what people call things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemacheck.formats.json_schema import rules
from schemacheck.formats.json_schema.document import NAMES, File
from schemacheck.formats.json_schema.places import Found, Pair, note, nothing, spelt
from schemacheck.formats.json_schema.pool import Pool
from schemacheck.formats.json_schema.values import frozen
from schemacheck.formats.json_schema.verdict import Comparison
from schemacheck.formats.pointer import join
from schemacheck.model import Rule


def notes(pool: Pool, pair: Pair) -> Iterator[Found]:
    """The annotations of one place that differ."""
    old, new = (note(pool, expr, "format") for expr in (pair.old, pair.new))
    if old is not new and (old is nothing or new is nothing or old != new):
        if old is nothing:
            yield rules.FORMAT_ADDED, {"format": new}, ("format",)
        elif new is nothing:
            yield rules.FORMAT_REMOVED, {"format": old}, ("format",)
        else:
            yield rules.FORMAT_CHANGED, {"old": old, "new": new}, ("format",)
    old, new = (note(pool, expr, "default") for expr in (pair.old, pair.new))
    if _differ(old, new):
        if old is nothing:
            yield rules.DEFAULT_ADDED, {"value": spelt(new)}, ("default",)
        elif new is nothing:
            yield rules.DEFAULT_REMOVED, {"value": spelt(old)}, ("default",)
        else:
            yield rules.DEFAULT_CHANGED, {"old": spelt(old), "new": spelt(new)}, ("default",)
    for keyword in ("contentEncoding", "contentMediaType", "contentSchema"):
        old, new = (note(pool, expr, keyword) for expr in (pair.old, pair.new))
        if _differ(old, new):
            yield rules.CONTENT_CHANGED, {"keyword": keyword, "old": _told(old), "new": _told(new)}, (keyword,)
    for keyword, rule in rules.ACCESS.items():
        old, new = (note(pool, expr, keyword) is True for expr in (pair.old, pair.new))
        if old != new:
            yield rule, {"old": spelt(old), "new": spelt(new)}, (keyword,)
    mine, theirs = (_mapping(note(pool, expr, "discriminator")) for expr in (pair.old, pair.new))
    for tag in (tag for tag in mine if tag in theirs and _target(mine[tag]) != _target(theirs[tag])):
        values = {"tag": tag, "old": spelt(mine[tag]), "new": spelt(theirs[tag])}
        yield rules.MAPPING_CHANGED, values, ("discriminator", "mapping", tag)
    for keyword, rule in rules.ANNOTATIONS.items():
        if _differ(note(pool, pair.old, keyword), note(pool, pair.new, keyword)):
            yield rule, {}, (keyword,)


def _told(value: Any) -> str:
    return "none" if value is nothing else spelt(value)


def _mapping(discriminator: Any) -> Mapping[str, str]:
    """What a discriminator's tags are mapped to."""
    found = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    return {tag: to for tag, to in found.items() if isinstance(to, str)} if isinstance(found, dict) else {}


def _target(reference: str) -> str:
    """What a mapping names, wherever it stands."""
    return reference.rpartition("/")[2]


def _differ(old: Any, new: Any) -> bool:
    if old is nothing or new is nothing:
        return old is not new
    return frozen(old) != frozen(new)


def of_files(comparison: Comparison) -> Iterator[tuple[Rule, dict[str, Any], str]]:
    """What differs in the events' own files as a whole: a rule, its values, a pointer into them."""
    old, new = (side.files[0] for side in comparison.sides)
    if old.draft != new.draft:
        yield rules.DRAFT_CHANGED, {"old": NAMES[old.draft], "new": NAMES[new.draft]}, "/$schema"
    names = [_name(file) for file in (old, new)]
    if names[0] != names[1]:
        yield rules.ID_CHANGED, {"old": names[0] or "none", "new": names[1] or "none"}, "/$id"
    mine, theirs = _definitions(old), _definitions(new)
    gone = {name: pointer for name, pointer in mine.items() if name not in theirs}
    come = {name: pointer for name, pointer in theirs.items() if name not in mine}
    for name, pointer in come.items():
        former = next((one for one in gone if _alike(comparison, gone[one], pointer)), None)
        if former is not None:
            del gone[former]
            yield rules.DEFINITION_RENAMED, {"old": former, "new": name}, pointer
        elif _unused(new, name):
            yield rules.DEFINITION_ADDED, {"name": name}, pointer
    yield from ((rules.DEFINITION_REMOVED, {"name": name}, "") for name in gone if _unused(old, name))


def _alike(comparison: Comparison, before: str, after: str) -> bool:
    """Whether two definitions say the same."""
    locs = [side.at(side.files[0], pointer) for side, pointer in zip(comparison.sides, (before, after), strict=True)]
    atoms = [comparison.pool.add(loc) for loc in locs if loc is not None]
    return len(atoms) == len(locs) and comparison.prover.same.atoms(*atoms)


def _name(file: File) -> str:
    key = "id" if file.draft == 4 else "$id"
    found = file.raw.get(key) if isinstance(file.raw, dict) else None
    return found if isinstance(found, str) else ""


def _definitions(file: File) -> dict[str, str]:
    """The file's definitions, with their pointers."""
    found: dict[str, str] = {}
    for bucket in ("definitions", "$defs"):
        inner = file.raw.get(bucket) if isinstance(file.raw, dict) else None
        if isinstance(inner, dict):
            found |= {name: join("", bucket, name) for name in inner}
    return found


def _unused(file: File, name: str) -> bool:
    """Whether the file itself does not refer to a definition."""
    return not any(f"/{name}" in text for _, _, text in file.refs)
