"""Generated JSON Schemas with the keywords that few use, and small edits of them: deterministic by their seed."""

from __future__ import annotations

import copy
from typing import Any

from formats.json_schema_pairs import DRAFTS, NAMES, PATTERNS, Maker

KINDS = ("p", "q", "r", "s")


class Wide(Maker):
    """Makes schemas of one draft that say much about objects and arrays."""

    def root(self) -> dict[str, Any]:
        found = {"type": "object", "properties": {"root": self.schema(3)}, "required": ["root"]}
        return {"$schema": DRAFTS[self.draft], **found}

    def schema(self, depth: int) -> dict[str, Any]:
        kinds = [self.number, self.string, self.listed, self.types]
        if depth:
            kinds += [self.object] * 3 + [self.array] * 3 + [self.combined] * 2
        return self.chance.choice(kinds)(depth)

    def maybe(self, chance: float) -> bool:
        return self.chance.random() < chance

    def array(self, depth: int) -> dict[str, Any]:
        found = super().array(depth)
        first = [self.schema(depth - 1) for _ in range(self.chance.randint(1, 3))]
        if self.maybe(0.5):
            tail = self.chance.choice([False, True, self.schema(0)])
            late = self.draft == 2020
            found |= {"prefixItems": first, "items": tail} if late else {"items": first, "additionalItems": tail}
            if late and self.maybe(0.3):
                found["unevaluatedItems"] = found.pop("items")
        if self.draft >= 6 and self.maybe(0.3):
            found["contains"] = self.schema(0)
            if self.draft >= 2019 and self.maybe(0.5):
                found |= {"minContains": self.chance.randint(0, 2), "maxContains": self.chance.randint(1, 3)}
        return found

    def object(self, depth: int) -> dict[str, Any]:
        found = super().object(depth)
        name = self.chance.choice(NAMES)
        if self.draft >= 2019 and self.maybe(0.2):
            found["unevaluatedProperties"] = self.chance.choice([False, self.schema(0)])
        if self.draft >= 2019 and self.maybe(0.2):
            found["dependentSchemas"] = {name: self.schema(0)}
        elif self.draft <= 7 and self.maybe(0.2):
            found["dependencies"] = {name: self.chance.choice([[self.chance.choice(NAMES)], self.schema(0)])}
        if self.draft >= 7 and self.maybe(0.15):
            found |= {"if": {"required": [name]}, "then": {"required": [self.chance.choice(NAMES)]}}
        if self.maybe(0.15):
            found["not"] = {"required": self.chance.sample(NAMES, 2)}
        if self.draft >= 6 and self.maybe(0.1):
            found["propertyNames"] = {"maxLength": self.chance.randint(1, 4)}
        if self.maybe(0.15):
            names = self.chance.sample(NAMES, self.chance.randint(2, 3))
            found[self.chance.choice(["anyOf", "oneOf"])] = [{"required": [other]} for other in names]
        if self.maybe(0.2):
            found["patternProperties"] = {self.chance.choice(PATTERNS): self.schema(0)}
        return found

    def combined(self, depth: int) -> dict[str, Any]:
        if self.maybe(0.4):
            tags = self.chance.sample(KINDS, self.chance.randint(2, 3))
            return {"oneOf": [self.tagged(tag, depth - 1) for tag in tags]}
        return super().combined(depth)

    def pair(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Two schemas that are a touch or two apart."""
        old = self.root()
        new = self.touched(old)
        return old, self.touched(new) if self.maybe(0.2) and new["properties"].get("root") else new

    def touched(self, raw: dict[str, Any]) -> dict[str, Any]:
        """The schema with a keyword, a branch, a position or a property more or less, somewhere below its root."""
        found = copy.deepcopy(raw)
        nodes = [node for node in _nodes(found["properties"]) if node]
        for _ in range(20):
            if self._touch(self.chance.choice(nodes)):
                break
        return found

    def _touch(self, node: Any) -> bool:
        if isinstance(node, list):
            if not all(isinstance(inner, dict) for inner in node):
                return False
            if len(node) > 1 and self.maybe(0.5):
                node.pop(self.chance.randrange(len(node)))
            else:
                node.insert(self.chance.randrange(len(node) + 1), self.schema(1))
            return True
        other = {"anyOf": "oneOf", "oneOf": "anyOf"}
        turned = [key for key in node if key in other]
        if turned and self.maybe(0.4):
            node[other[turned[0]]] = node.pop(turned[0])
        elif isinstance(node.get("properties"), dict) and self.maybe(0.5):
            node["properties"][self.chance.choice(NAMES)] = self.schema(1)
        elif node.get("type") in ("array", "object") and self.maybe(0.5):
            made = self.array(1) if node["type"] == "array" else self.object(1)
            node.update({key: value for key, value in made.items() if key not in node})
        else:
            node.pop(self.chance.choice(sorted(node)))
        return True


class Deep(Wide):
    """Makes schemas whose root they hold again, with conditions of all three parts."""

    def schema(self, depth: int) -> dict[str, Any]:
        return {"$ref": "#/properties/root"} if depth and self.maybe(0.06) else super().schema(depth)

    def root(self) -> dict[str, Any]:
        found = super().root()
        held = found["properties"]["root"]  # a reference to itself, without a property between, is no schema
        return self.root() if "$ref" in held or _at_once(held) else found

    def object(self, depth: int) -> dict[str, Any]:
        found = super().object(depth)
        if self.draft >= 7 and self.maybe(0.2):
            name = self.chance.choice(NAMES)
            when = {"properties": {name: self.schema(0)}, **({"required": [name]} if self.maybe(0.5) else {})}
            parts = {key: {"properties": {self.chance.choice(NAMES): self.schema(0)}} for key in ("then", "else")}
            found |= {"if": when, **parts}
        return found


def _at_once(raw: dict[str, Any]) -> bool:
    """Whether a schema, or a branch of it, is a reference."""
    below = [raw[key] for key in ("not", "if", "then", "else") if key in raw]
    below += [branch for key in ("anyOf", "oneOf", "allOf") for branch in raw.get(key, ())]
    below += [*raw.get("dependentSchemas", {}).values(), *raw.get("dependencies", {}).values()]
    return "$ref" in raw or any(_at_once(branch) for branch in below if isinstance(branch, dict))


def _nodes(raw: Any) -> list[Any]:
    """All that is a list or an object, itself first."""
    inner = raw.values() if isinstance(raw, dict) else raw if isinstance(raw, list) else ()
    below = [node for value in inner for node in _nodes(value)]
    return [raw, *below] if isinstance(raw, dict | list) else []
