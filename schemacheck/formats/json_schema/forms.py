"""A schema as registries on the JVM hold it: one class for each type, conjunctions and choices of them.

Confluent's registry reads schemas with the everit library (Apache License 2.0), whose forms these are. `type` beside
keywords of another type, `enum` or `const` is a conjunction there, a list of types is a choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemacheck.formats.json_schema.document import Files, Loc
from schemacheck.formats.json_schema.same import ANNOTATIONS

GROUPS = ("all", "any", "one")
_HOPS = 50
_KEYWORDS = {
    "object": (
        *("properties", "required", "minProperties", "maxProperties", "dependencies", "patternProperties"),
        *("additionalProperties", "propertyNames", "unevaluatedProperties", "dependentRequired", "dependentSchemas"),
    ),
    "array": (
        *("items", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains"),
        *("prefixItems", "unevaluatedItems"),
    ),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("minLength", "maxLength", "pattern", "format"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """`kind`: a type, empty, false, enum, const, not, condition, one of GROUPS; or mixed, or unknown."""

    kind: str
    loc: Loc
    side: int
    parts: tuple[Form, ...] = ()

    @property
    def key(self) -> tuple[int, str, str, str]:
        return (self.side, *self.loc.key, self.kind)


class Forms:
    """The forms of one side, each made once."""

    def __init__(self, files: Files, side: int) -> None:
        self.files = files
        self.side = side
        self._made: dict[tuple[str, str], Form] = {}

    @property
    def root(self) -> Form:
        return self.of(self.files.root)

    def of(self, loc: Loc) -> Form:
        """The form of a subschema, references followed."""
        if loc.key not in self._made:
            self._made[loc.key] = self._form(loc)
        return self._made[loc.key]

    def _form(self, loc: Loc) -> Form:
        for _ in range(_HOPS):
            if not isinstance(loc.raw, dict):
                return Form("empty" if loc.raw else "false", loc, self.side)
            if loc.get("$dynamicRef") is not None or loc.get("$recursiveRef") is not None:
                return Form("unknown", loc, self.side)
            text = loc.raw.get("$ref")
            if not isinstance(text, str):
                return self._joined("all", loc, self._parts(loc))
            target = self.files.resolve(loc.base, text)
            if target is None:
                break
            if loc.draft > 7 and not loc.raw.keys() <= ANNOTATIONS | {"$ref"}:
                return Form("mixed", loc, self.side, (self.of(target), *self._parts(loc)))
            loc = target
        return Form("unknown", loc, self.side)

    def _joined(self, kind: str, loc: Loc, parts: tuple[Form, ...]) -> Form:
        if len(parts) == 1:
            return parts[0]
        return Form(kind if parts else "empty", loc, self.side, parts)

    def _parts(self, loc: Loc) -> tuple[Form, ...]:
        return (*self._branches(loc), *self._own(loc))

    def _branches(self, loc: Loc) -> Iterator[Form]:
        for keyword, kind in (("allOf", "all"), ("anyOf", "any"), ("oneOf", "one")):
            if branches := loc.get(keyword):
                parts = tuple(self.of(loc.child(keyword, index)) for index in range(len(branches)))
                yield Form(kind, loc.child(keyword), self.side, parts)
        if loc.get("not") is not None:
            yield Form("not", loc.child("not"), self.side, (self.of(loc.child("not")),))

    def _own(self, loc: Loc) -> Iterator[Form]:
        """What stands beside the branches: values, types, and the types that only keywords tell of."""
        if loc.get("enum") is not None:
            yield Form("enum", loc, self.side)
        if "const" in loc.raw and loc.draft >= 6:
            yield Form("const", loc, self.side)
        types = loc.get("type")
        named = types if isinstance(types, list) else [] if types is None else [types]
        yield from self._choice(loc, named)
        typed = {"number" if kind == "integer" else kind for kind in named}
        for kind, keywords in _KEYWORDS.items():
            # The translation from the newer drafts drops `format`.
            known = (word for word in keywords if word != "format" or loc.draft <= 7)
            if kind not in typed and any(loc.get(word) is not None for word in known):
                yield Form(kind, loc, self.side)
        if any(loc.get(word) is not None for word in ("if", "then", "else")):
            yield Form("condition", loc, self.side)

    def _choice(self, loc: Loc, named: list[str]) -> Iterator[Form]:
        parts = tuple(Form(str(kind), loc, self.side) for kind in named)
        if len(parts) > 1:
            yield Form("any", loc, self.side, parts)
        else:
            yield from parts
