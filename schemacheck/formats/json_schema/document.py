"""JSON Schema files as data: which draft, which names, where every subschema stands, what a reference points at.

A reference is looked up among the files of the same tree, by `$id` and by path. Nothing is ever downloaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from schemacheck.formats.pointer import escape, join

ROOT = "file:///"  # the base of a file that has no `$id`: the top of the tree

DRAFTS = {
    "http://json-schema.org/draft-04/schema": 4,
    "http://json-schema.org/draft-06/schema": 6,
    "http://json-schema.org/draft-07/schema": 7,
    "https://json-schema.org/draft/2019-09/schema": 2019,
    "https://json-schema.org/draft/2020-12/schema": 2020,
}
NAMES = {4: "draft-04", 6: "draft-06", 7: "draft-07", 2019: "2019-09", 2020: "2020-12"}

# Where subschemas stand: keyword to the first draft that knows it. `items` and `dependencies` are both kinds.
ONE = {
    "additionalItems": 4,
    "additionalProperties": 4,
    "contains": 6,
    "contentSchema": 2019,
    "else": 7,
    "if": 7,
    "not": 4,
    "propertyNames": 6,
    "then": 7,
    "unevaluatedItems": 2019,
    "unevaluatedProperties": 2019,
}
MANY = {"allOf": 4, "anyOf": 4, "oneOf": 4, "prefixItems": 2020}
NAMED = {"$defs": 4, "definitions": 4, "dependentSchemas": 2019, "patternProperties": 4, "properties": 4}
# Other keywords that came late.
SINCE = {"const": 6, "dependentRequired": 2019, "maxContains": 2019, "minContains": 2019}
SINCE |= {"$anchor": 2019, "$dynamicAnchor": 2020, "$dynamicRef": 2020, "$recursiveRef": 2019, "$recursiveAnchor": 2019}
UNTIL = {"additionalItems": 2019, "dependencies": 7, "$recursiveRef": 2019, "$recursiveAnchor": 2019}


@lru_cache(maxsize=1_000)
def known(keyword: str, draft: int) -> bool:
    """Whether a draft gives a keyword its meaning."""
    since = ONE.get(keyword) or MANY.get(keyword) or SINCE.get(keyword) or 4
    return since <= draft <= UNTIL.get(keyword, 9999)


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """One file. `resources` and `anchors` map full URIs to pointers, `dynamic` a dynamic anchor to its places."""

    path: str
    raw: Any
    draft: int
    base: str
    resources: Mapping[str, str]
    anchors: Mapping[str, str]
    dynamic: Mapping[str, tuple[str, ...]]
    refs: tuple[tuple[str, str, str], ...]  # pointer, base, what is written there


@dataclass(frozen=True, slots=True)
class Loc:
    """A subschema and where it stands."""

    file: File
    pointer: str
    base: str
    raw: Any = field(compare=False, hash=False)

    @property
    def key(self) -> tuple[str, str]:
        return self.file.path, self.pointer

    @property
    def draft(self) -> int:
        return self.file.draft

    @property
    def place(self) -> str:
        return f"{self.file.path}#{self.pointer}"

    def get(self, keyword: str, default: Any = None) -> Any:
        """The value of a keyword that the draft knows and that counts here."""
        if not isinstance(self.raw, dict) or keyword not in self.raw or not known(keyword, self.draft):
            return default
        if self.draft <= 7 and "$ref" in self.raw and keyword != "$ref" and isinstance(self.raw["$ref"], str):
            return default
        return self.raw[keyword]

    def child(self, *steps: str | int) -> Loc:
        """A subschema below."""
        raw, pointer, base = self.raw, self.pointer, self.base
        for step in steps:
            raw = raw[step]
            pointer = join(pointer, step)
        return Loc(self.file, pointer, based(raw, base, self.draft), raw)


def based(raw: Any, base: str, draft: int) -> str:
    """The base URI within a schema."""
    name = raw.get("id" if draft == 4 else "$id") if isinstance(raw, dict) else None
    if not isinstance(name, str) or name.startswith("#") or (draft <= 7 and "$ref" in raw):
        return base
    return joined(base, name).partition("#")[0]


@lru_cache(maxsize=10_000)
def joined(base: str, reference: str) -> str:
    """A reference made absolute."""
    if reference.startswith("#") or not reference:
        return base.partition("#")[0] + reference
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference


def uri_of(path: str) -> str:
    """The URI of a file of the tree."""
    return ROOT + quote(path)


def path_of(uri: str) -> str | None:
    """The file of the tree that a URI without fragment names, if it names one."""
    return unquote(uri[len(ROOT) :]) if uri.startswith(ROOT) else None


def local(uri: str) -> bool:
    """Whether a URI is one of the tree's own, not of some host."""
    return uri.startswith(ROOT) or not urlsplit(uri).scheme


def draft_of(raw: Any, default: int) -> int | None:
    """The draft of a file; None if it names one that is not known."""
    name = raw.get("$schema") if isinstance(raw, dict) else None
    return DRAFTS.get(name.rstrip("#")) if isinstance(name, str) else default


def subschemas(raw: Any, draft: int, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every subschema and its pointer, itself first; a list of work, since schemas nest deep."""
    waiting = [(pointer, raw)]
    while waiting:
        pointer, raw = waiting.pop()
        yield pointer, raw
        if isinstance(raw, dict):
            waiting.extend(reversed([*_below(raw, draft, pointer)]))


def _below(raw: Mapping[str, Any], draft: int, pointer: str) -> Iterator[tuple[str, Any]]:
    for keyword, value in raw.items():
        at = f"{pointer}/{escape(keyword)}"
        if not known(keyword, draft):
            continue
        if keyword in NAMED or (keyword == "dependencies" and isinstance(value, dict)):
            members = value.items() if isinstance(value, dict) else ()
            yield from ((join(at, name), inner) for name, inner in members if isinstance(inner, dict | bool))
        elif keyword in MANY or (keyword == "items" and isinstance(value, list)):
            members = enumerate(value) if isinstance(value, list) else ()  # type: ignore[assignment]
            yield from ((join(at, index), inner) for index, inner in members)
        elif keyword in ONE or keyword == "items":
            yield at, value


def file_of(path: str, raw: Any, draft: int) -> File:
    """The file, its names and references found."""
    top = based(raw, uri_of(path), draft)
    resources = {top: "", uri_of(path): ""}
    anchors: dict[str, str] = {}
    dynamic: dict[str, tuple[str, ...]] = {}
    refs: list[tuple[str, str, str]] = []
    bases = {"": top}
    for pointer, sub in subschemas(raw, draft):
        base = bases[""]
        above = pointer
        while above and above not in bases:
            above = above.rpartition("/")[0]
        base = bases[above]
        if not isinstance(sub, dict):
            continue
        own = based(sub, base, draft) if pointer else top
        if own != base:
            resources.setdefault(own, pointer)
            bases[pointer] = own
        name = sub.get("id" if draft == 4 else "$id")
        if draft <= 7 and isinstance(name, str) and name.startswith("#"):
            anchors.setdefault(own + name, pointer)
        for keyword in ("$anchor", "$dynamicAnchor"):
            name = sub.get(keyword)
            if isinstance(name, str) and known(keyword, draft):
                anchors.setdefault(f"{own}#{name}", pointer)
                if keyword == "$dynamicAnchor":
                    dynamic[name] = (*dynamic.get(name, ()), pointer)
        if sub.get("$recursiveAnchor") is True and known("$recursiveAnchor", draft):
            dynamic[""] = (*dynamic.get("", ()), pointer)
        for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
            if isinstance(sub.get(keyword), str) and known(keyword, draft):
                refs.append((join(pointer, keyword), own, sub[keyword]))
    return File(path, raw, draft, top, resources, anchors, dynamic, tuple(refs))


@dataclass(frozen=True)
class Files:
    """The files that one event rests on, the event's own first."""

    files: tuple[File, ...]

    @property
    def root(self) -> Loc:
        """The event's own schema."""
        file = self.files[0]
        return Loc(file, "", file.base, file.raw)

    def resolve(self, base: str, reference: str) -> Loc | None:
        """What a reference means; None if it points at nothing."""
        uri = joined(base, reference)
        resource, _, fragment = uri.partition("#")
        pointed = not fragment or fragment.startswith("/")
        named = self._anchors.get(uri, len(self.files)) if fragment else len(self.files)
        held = self._resources.get(resource, len(self.files)) if pointed else len(self.files)
        if named == held == len(self.files):
            return None
        if named <= held:
            file = self.files[named]
            return self.at(file, file.anchors[uri])
        file = self.files[held]
        return self.at(file, file.resources[resource] + unquote(fragment))

    @cached_property
    def _anchors(self) -> Mapping[str, int]:
        """The first file that holds each anchor."""
        return {uri: n for n, file in reversed([*enumerate(self.files)]) for uri in file.anchors}

    @cached_property
    def _resources(self) -> Mapping[str, int]:
        """The first file that holds each resource."""
        return {uri: n for n, file in reversed([*enumerate(self.files)]) for uri in file.resources}

    def at(self, file: File, pointer: str) -> Loc | None:
        """The subschema that a pointer names."""
        raw, base, done = file.raw, file.base, ""
        for step in pointer.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(raw, dict) and key not in raw and key in _TWINS:
                key = _TWINS[key]  # both names of the place of definitions are understood in every draft
            try:
                raw = raw[int(key) if isinstance(raw, list) else key]
            except (KeyError, IndexError, ValueError, TypeError):
                return None
            done = join(done, int(key) if key.isdecimal() and not isinstance(raw, str) else key)
            base = based(raw, base, file.draft)
        return Loc(file, done, base, raw) if isinstance(raw, dict | bool) else None


_TWINS = {"$defs": "definitions", "definitions": "$defs"}
