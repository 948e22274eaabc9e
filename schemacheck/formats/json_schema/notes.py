"""What a validator does not look at: annotations, and what people call things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from schemacheck.formats.json_schema import rules
from schemacheck.formats.json_schema.document import NAMES, File
from schemacheck.formats.json_schema.places import Found, Pair, note, nothing, spelt
from schemacheck.formats.json_schema.pool import Pool
from schemacheck.formats.json_schema.shape import Expr
from schemacheck.formats.json_schema.values import frozen
from schemacheck.formats.json_schema.verdict import Comparison
from schemacheck.formats.pointer import join
from schemacheck.model import Rule

_COMPARED = 2_500  # definitions that came, times those that are gone


def notes(
    pool: Pool, pair: Pair, old_branches: Sequence[Expr] = (), new_branches: Sequence[Expr] = ()
) -> Iterator[Found]:
    """The annotations of one place that differ. `branches`: where else a side may have them."""
    sides = ((pair.old, old_branches), (pair.new, new_branches))

    def both(keyword: str) -> list[Any]:
        return [_said(pool, expr, branches, keyword) for expr, branches in sides]

    for keyword, added, removed, changed in (
        ("format", rules.FORMAT_ADDED, rules.FORMAT_REMOVED, rules.FORMAT_CHANGED),
        ("default", rules.DEFAULT_ADDED, rules.DEFAULT_REMOVED, rules.DEFAULT_CHANGED),
    ):
        old, new = both(keyword)
        if _differ(old, new):
            if old is nothing:
                yield added, {"value": _told(new)}, (keyword,)
            elif new is nothing:
                yield removed, {"value": _told(old)}, (keyword,)
            else:
                yield changed, {"old": _told(old), "new": _told(new)}, (keyword,)
    for keyword in ("contentEncoding", "contentMediaType", "contentSchema"):
        old, new = both(keyword)
        if _differ(old, new):
            yield rules.CONTENT_CHANGED, {"keyword": keyword, "old": _told(old), "new": _told(new)}, (keyword,)
    for keyword, rule in rules.ACCESS.items():
        old, new = (value is True for value in both(keyword))
        if old != new:
            yield rule, {"old": spelt(old), "new": spelt(new)}, (keyword,)
    mine, theirs = map(_mapping, both("discriminator"))
    for tag in (tag for tag in mine if tag in theirs and _target(mine[tag]) != _target(theirs[tag])):
        values = {"tag": tag, "old": spelt(mine[tag]), "new": spelt(theirs[tag])}
        yield rules.MAPPING_CHANGED, values, ("discriminator", "mapping", tag)
    for keyword, rule in rules.ANNOTATIONS.items():
        if _differ(*both(keyword)):
            yield rule, {}, (keyword,)


def _said(pool: Pool, expr: Expr, branches: Sequence[Expr], keyword: str) -> Any:
    """An annotation of an expression, or the only one that its branches have."""
    found = note(pool, expr, keyword)
    if found is nothing:
        said = {frozen(value): value for one in branches if (value := note(pool, one, keyword)) is not nothing}
        if len(said) == 1:
            (found,) = said.values()
    return found


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
    used = [_used(file) for file in (old, new)]
    few = len(gone) * len(come) <= _COMPARED  # of many, none is taken for another one
    for name, pointer in come.items():
        former = next((one for one in gone if few and _alike(comparison, gone[one], pointer)), None)
        if former is not None:
            del gone[former]
            yield rules.DEFINITION_RENAMED, {"old": former, "new": name}, pointer
        elif name not in used[1]:
            yield rules.DEFINITION_ADDED, {"name": name}, pointer
    yield from ((rules.DEFINITION_REMOVED, {"name": name}, "") for name in gone if name not in used[0])


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


def _used(file: File) -> set[str]:
    """The names on the way to what the file itself refers to."""
    return {unquote(step).replace("~1", "/").replace("~0", "~") for _, _, text in file.refs for step in text.split("/")}
