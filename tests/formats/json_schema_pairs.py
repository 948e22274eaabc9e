"""Generated JSON Schemas, edits of them, and documents: deterministic by their seed."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from schemacheck.formats.json_schema.load import Schema, Workspace
from schemacheck.model import Document, Subject, Version
from schemacheck.sources.tree import MemoryTree

DRAFTS = {
    4: "http://json-schema.org/draft-04/schema#",
    6: "http://json-schema.org/draft-06/schema#",
    7: "http://json-schema.org/draft-07/schema#",
    2019: "https://json-schema.org/draft/2019-09/schema",
    2020: "https://json-schema.org/draft/2020-12/schema",
}
NAMES = ("a", "b", "c", "ab")
SCALARS = (None, True, False, 0, 1, 2, 3, -1, 5, 10, "", "a", "ab", "abc", "b")
PATTERNS = ("^a", "^[ab]+$", "b$", "^.{2}$")


def loaded(raw: Any, **options: Any) -> Schema:
    """The schema as the format reads it."""
    path = "event.schema.json"
    tree = MemoryTree("generated", {path: json.dumps(raw).encode()})
    document = Document(Subject("event", Version(1)), "json-schema", path, tree)
    found = Workspace(tree, options).parse([document], published=False)[path]
    assert isinstance(found, Schema), (raw, found)
    return found


class Maker:
    """Makes schemas of one draft."""

    def __init__(self, chance: random.Random, draft: int) -> None:
        self.chance = chance
        self.draft = draft

    def root(self) -> dict[str, Any]:
        return {"$schema": DRAFTS[self.draft], **self.schema(3)}

    def schema(self, depth: int) -> dict[str, Any]:
        kinds = [self.number, self.string, self.listed, self.types]
        if depth:
            kinds += [self.object, self.object, self.object, self.array, self.combined]
        return self.chance.choice(kinds)(depth)

    def types(self, _depth: int) -> dict[str, Any]:
        every = ["null", "boolean", "integer", "number", "string", "array", "object"]
        if self.chance.random() < 0.2:
            return {}
        return {"type": sorted(self.chance.sample(every, self.chance.randint(1, 3)))}

    def number(self, _depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {"type": self.chance.choice(["integer", "number"])}
        for key in ("minimum", "maximum"):
            if self.chance.random() < 0.4:
                found[key] = self.chance.randint(-2, 8)
                if self.draft == 4 and self.chance.random() < 0.4:
                    found["exclusive" + key.capitalize()] = True
        if self.draft > 4 and self.chance.random() < 0.2:
            found[self.chance.choice(["exclusiveMinimum", "exclusiveMaximum"])] = self.chance.randint(-2, 8)
        if self.chance.random() < 0.2:
            found["multipleOf"] = self.chance.choice([1, 2, 3, 4, 0.5])
        return found

    def string(self, _depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "string"}
        for key, most in (("minLength", 2), ("maxLength", 4)):
            if self.chance.random() < 0.3:
                found[key] = self.chance.randint(0, most)
        if self.chance.random() < 0.1:
            found["pattern"] = self.chance.choice(PATTERNS)
        return found

    def listed(self, _depth: int) -> dict[str, Any]:
        if self.draft > 4 and self.chance.random() < 0.3:
            return {"const": self.chance.choice(SCALARS)}
        values = self.chance.sample([None, True, 0, 1, 2, "", "a", "ab", "b"], self.chance.randint(1, 4))
        return {"enum": values}

    def array(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "array"}
        if self.chance.random() < 0.7:
            found["items"] = self.schema(depth - 1)
        if self.draft == 2020 and self.chance.random() < 0.3:
            found["prefixItems"] = [self.schema(depth - 1) for _ in range(self.chance.randint(1, 2))]
        for key, most in (("minItems", 2), ("maxItems", 3)):
            if self.chance.random() < 0.25:
                found[key] = self.chance.randint(0, most)
        if self.chance.random() < 0.2:
            found["uniqueItems"] = True
        return found

    def object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "object"}
        names = self.chance.sample(NAMES, self.chance.randint(0, 3))
        if names:
            found["properties"] = {name: self.schema(depth - 1) for name in names}
        if self.chance.random() < 0.5:
            found["required"] = self.chance.sample(NAMES, self.chance.randint(1, 2))
        if self.chance.random() < 0.35:
            found["additionalProperties"] = False if self.chance.random() < 0.7 else self.schema(0)
        if self.chance.random() < 0.08:
            found["patternProperties"] = {self.chance.choice(PATTERNS): self.schema(0)}
        for key in ("minProperties", "maxProperties"):
            if self.chance.random() < 0.1:
                found[key] = self.chance.randint(0, 3)
        if self.draft >= 2019 and self.chance.random() < 0.1:
            found["dependentRequired"] = {self.chance.choice(NAMES): [self.chance.choice(NAMES)]}
        return found

    def combined(self, depth: int) -> dict[str, Any]:
        keyword = self.chance.choice(["anyOf", "anyOf", "oneOf", "allOf", "not", "tagged"])
        if keyword == "not":
            return {"not": self.schema(0)}
        if keyword == "tagged":
            return {"oneOf": [self.tagged(tag, depth - 1) for tag in self.chance.sample("pqr", 2)]}
        return {keyword: [self.schema(depth - 1) for _ in range(self.chance.randint(1, 3))]}

    def tagged(self, tag: str, depth: int) -> dict[str, Any]:
        props = {"kind": {"enum": [tag]}, self.chance.choice(NAMES): self.schema(depth)}
        return {"type": "object", "properties": props, "required": ["kind"]}


def edited(chance: random.Random, maker: Maker, raw: dict[str, Any]) -> dict[str, Any]:
    """The schema with one subschema changed: made anew, a keyword of it dropped, or wrapped."""
    found = copy.deepcopy(raw)
    places = list(_places(found))
    parent, key = chance.choice(places) if places else (None, None)
    how = chance.randrange(5)
    if parent is None or how == 0:
        return {"$schema": raw["$schema"], "allOf": [{k: v for k, v in found.items() if k != "$schema"}]}
    inner = parent[key]
    if how == 1:
        parent[key] = maker.schema(1)
    elif how == 2 and isinstance(inner, dict) and inner:
        dropped = chance.choice(sorted(inner))
        inner.pop(dropped)
        if maker.draft == 4:
            inner.pop(f"exclusive{dropped.capitalize()}", None)
    elif how == 3:
        bucket = "$defs" if maker.draft >= 2019 else "definitions"
        found.setdefault(bucket, {})["moved"] = inner
        parent[key] = {"$ref": f"#/{bucket}/moved"}
    elif isinstance(inner, dict):
        for number in [k for k, v in inner.items() if type(v) is int and k not in ("const", "multipleOf")][:1]:
            inner[number] = max(0, inner[number] + chance.choice([-1, 1]))
    return found


def _places(raw: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    for keyword, value in raw.items():
        if keyword in ("properties", "patternProperties"):
            for name, inner in value.items():
                yield value, name
                yield from _places(inner)
        elif keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
            for index, inner in enumerate(value):
                yield value, index
                yield from _places(inner)
        elif keyword in ("items", "not", "additionalProperties") and isinstance(value, dict):
            yield raw, keyword
            yield from _places(value)


def documents(chance: random.Random, count: int) -> Iterator[Any]:
    """Documents of any kind."""
    return (document(chance, 3) for _ in range(count))


def document(chance: random.Random, depth: int) -> Any:
    kind = chance.random()
    if not depth or kind < 0.35:
        return chance.choice(SCALARS)
    if kind < 0.5:
        return [document(chance, depth - 1) for _ in range(chance.randint(0, 3))]
    names = chance.sample([*NAMES, "kind", "z"], chance.randint(0, 4))
    return {name: chance.choice("pqr") if name == "kind" else document(chance, depth - 1) for name in names}
