"""References that lead back to themselves without going into a property or an item: no validator ends on them."""

from __future__ import annotations

from collections.abc import Iterator

from schemacheck.formats.json_schema.document import File, Files, Loc
from schemacheck.formats.json_schema.pool import REFERENCES

_BESIDE = ("allOf", "anyOf", "oneOf")
_ONE = ("not", "if", "then", "else")
_NAMED = ("dependentSchemas", "dependencies")


def loop(files: Files) -> Iterator[tuple[File, str]]:
    """The first such reference."""
    done: set[tuple[str, str]] = set()
    for file in files.files:
        for pointer, _, _ in file.refs:
            start = files.at(file, pointer.rpartition("/")[0])
            if start is None or start.key in done:
                continue
            found = _from(files, start, done)
            if found is not None:
                yield found.file, found.pointer
                return


def _from(files: Files, start: Loc, done: set[tuple[str, str]]) -> Loc | None:
    """A subschema on a loop that can be reached from one."""
    path: set[tuple[str, str]] = {start.key}
    stack = [(start, _beside(files, start))]
    while stack:
        loc, steps = stack[-1]
        step = next(steps, None)
        if step is None:
            stack.pop()
            path.discard(loc.key)
            done.add(loc.key)
        elif step.key in path:
            return loc
        elif step.key not in done:
            path.add(step.key)
            stack.append((step, _beside(files, step)))
    return None


def _beside(files: Files, loc: Loc) -> Iterator[Loc]:
    """The subschemas that judge the same instance."""
    if not isinstance(loc.raw, dict):
        return
    for keyword in REFERENCES:
        if isinstance(loc.get(keyword), str) and (target := files.resolve(loc.base, loc.raw[keyword])) is not None:
            yield target
    for keyword in _BESIDE:
        yield from (loc.child(keyword, index) for index in range(len(loc.get(keyword, ()))))
    yield from (loc.child(keyword) for keyword in _ONE if loc.get(keyword) is not None)
    for keyword in _NAMED:
        for name, inner in loc.get(keyword, {}).items():
            if isinstance(inner, dict):
                yield loc.child(keyword, name)
