"""One file's JSON as a tree, and everything in it that Avro's parsers refuse and that this file alone can tell.

fastavro accepts a third of what Java refuses, so this is where a schema is really judged. What needs other files
(references, defaults through references, records that contain themselves) is judged in `validate`.
"""

from __future__ import annotations

import marshal
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from schemacheck.formats.avro.kept import Kept
from schemacheck.formats.avro.logical import KNOWN, Logical, connect_parameters, connect_type, logical_type
from schemacheck.formats.avro.tree import (
    NAMED,
    NO_DEFAULT,
    PRIMITIVES,
    Container,
    Enum,
    Field,
    Fixed,
    Named,
    Record,
    Type,
    Union,
    Use,
    same_definition,
)
from schemacheck.formats.pointer import join
from schemacheck.formats.strict import Flaw, read_json, shown

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_LEGAL = "use letters, digits and _ only, beginning with a letter or _"
_ORDERS = ("ascending", "descending", "ignore")
_MAX_SIZE = 2**31 - 1
_NONE: Mapping[str, Any] = {}
_CONNECT_KEYS = frozenset({"connect.name", "connect.parameters", "connect.version"})
_TYPE_KEYS = _CONNECT_KEYS | {
    *("type", "name", "namespace", "aliases", "doc", "fields", "symbols", "default", "size", "items", "values")
}
BRANCHES = 500  # of a union: each is compared with each
ALIASES = 1_000  # of a type or a field
SYMBOLS = 5_000  # of an enum
_FIELD_KEYS = frozenset({"name", "type", "default", "aliases", "order", "doc", "connect.parameters"})
_COMPLEX = NAMED | {"array", "map"}
_ARTICLE = {"error": "an error", "enum": "an enum", "array": "an array"}


@dataclass(slots=True, eq=False)
class File:
    """What one file says. References are not resolved; pointers carry the file's path."""

    path: str
    root: Use | None = None
    definitions: dict[str, Named] = field(default_factory=dict)  # by full name, in document order
    references: dict[str, str] = field(default_factory=dict)  # full name to the pointer of its first use
    namespace: str = ""  # of the root, and where the text says it
    namespace_pointer: str = ""
    flaws: list[Flaw] = field(default_factory=list)

    @property
    def foreign(self) -> list[str]:
        """The full names that it uses and does not define."""
        return [name for name in self.references if name not in self.definitions]


def build(path: str, text: str) -> File:
    """The tree of a file. If a flaw is fatal, the tree is not to be used."""
    file = File(path)
    value, file.flaws = read_json(text)
    if not any(flaw.fatal for flaw in file.flaws):
        builder = _Builder(file)
        file.root = builder.protocol(value) if path.endswith(".avpr") else builder.schema(value)
    return file


class _Past(NamedTuple):
    """A field that was built without a flaw: how it was written, and what it told of its file."""

    written: bytes
    field: Field
    definitions: Mapping[str, Named]
    references: Sequence[tuple[str, str]]


_DEPTH = 2  # records within records whose fields are kept
_past: Kept[dict[tuple[str, str], _Past]] = Kept(64)  # path to the fields of its states, by pointer and namespace


class _Builder:
    """Walks the JSON of one file; the nesting is bounded by `strict.MAX_DEPTH`."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.stray_used = False
        self.past = _past.get(file.path, dict)
        self.depth = 0  # records that the field at hand stands in
        self.defined = 0  # definitions that were met
        self.referred: list[tuple[str, str]] = []  # full names that were used, and where

    # --- problems -----------------------------------------------------------------------------------------------------

    def refuse(self, pointer: str, message: str, hint: str) -> None:
        """Note what Java refuses; a tree can be made nevertheless."""
        self.file.flaws.append(Flaw(pointer, message, hint, fatal=False))

    def give_up(self, pointer: str, message: str, hint: str) -> Use:
        """Note what makes no tree; the result only stands in until the walk ends."""
        self.file.flaws.append(Flaw(pointer, message, hint))
        return Use(self.at(pointer), Type(kind="null", pointer=self.at(pointer)))

    def at(self, pointer: str) -> str:
        return f"{self.file.path}#{pointer}"

    # --- roots --------------------------------------------------------------------------------------------------------

    def schema(self, value: Any) -> Use:
        """The root of an .avsc file."""
        if isinstance(value, dict) and "protocol" in value and "type" not in value:
            return self.give_up("", "it is a protocol, not a schema", "name the file .avpr")
        use = self.type(value, "", "")
        if use.name is not None and isinstance(use.node, Named):
            raw, inner = value, ""
            while isinstance(raw["type"], dict):  # a definition within a type, which only published text may hold
                raw, inner = raw["type"], join(inner, "type")
            self.file.namespace = use.name.rpartition(".")[0]
            self.file.namespace_pointer = self.at(join(inner, "namespace" if "." not in raw["name"] else "name"))
        return use

    def protocol(self, value: Any) -> Use:
        """The root of an .avpr file: its types as one union. Messages are not events."""
        if not isinstance(value, dict) or not isinstance(value.get("protocol"), str):
            return self.give_up("", 'a protocol needs a "protocol" with its name', "name a plain schema .avsc")
        name = value["protocol"]
        namespace = value.get("namespace")
        if "." in name:
            namespace = name.rpartition(".")[0]
        self.file.namespace = namespace if isinstance(namespace, str) else ""
        self.file.namespace_pointer = self.at("/protocol" if "." in name else "/namespace")
        types = value.get("types", [])
        if not isinstance(types, list):
            return self.give_up("/types", '"types" must be a list', "write the protocol's types as a list")
        uses = []
        for index, raw in enumerate(types):
            pointer = f"/types/{index}"
            if not isinstance(raw, dict) or raw.get("type") not in tuple(NAMED):
                self.give_up(pointer, "a protocol's type must be a named one", "write a record, error, enum or fixed")
                continue
            uses.append(self.type(raw, pointer, self.file.namespace))
        pointer = self.at("/types" if "types" in value else "")
        return Use(pointer, Union(kind="union", pointer=pointer, branches=tuple(uses)))

    # --- types --------------------------------------------------------------------------------------------------------

    def type(self, raw: Any, pointer: str, namespace: str, stray: Mapping[str, Any] = _NONE) -> Use:
        """The type at a pointer. `stray`: a field's own properties, if a logical type was written there by mistake."""
        if isinstance(raw, str):
            return self.named_or_primitive(raw, pointer, namespace, stray)
        if isinstance(raw, list):
            return self.union(raw, pointer, namespace, stray)
        if not isinstance(raw, dict):
            return self.give_up(pointer, "a type must be a name, an object or a list", "write a type")
        kind = raw.get("type")
        if kind is None:
            return self.give_up(pointer, 'the type has no "type"', 'write what it is, e.g. "type": "record"')
        if isinstance(kind, dict | list):
            self.refuse(join(pointer, "type"), 'a "type" within a type must be a name', "take the outer object away")
            return self.type(kind, join(pointer, "type"), namespace)
        if not isinstance(kind, str):
            return self.give_up(join(pointer, "type"), 'a "type" must be a name, an object or a list', "write a type")
        if kind in PRIMITIVES:
            return Use(self.at(pointer), self.primitive(kind, raw, pointer, stray))
        if kind in NAMED:
            return self.definition(kind, raw, pointer, namespace)
        if kind in ("array", "map"):
            return self.container(kind, raw, pointer, namespace)
        return self.named_or_primitive(kind, join(pointer, "type"), namespace, _NONE)

    def named_or_primitive(self, name: str, pointer: str, namespace: str, stray: Mapping[str, Any]) -> Use:
        if name in PRIMITIVES:
            return Use(self.at(pointer), self.primitive(name, _NONE, pointer, stray))
        if name in _COMPLEX:
            kind = _ARTICLE.get(name, f"a {name}")
            return self.give_up(
                pointer, f'"{name}" is no type by itself', f'write {kind} as {{"type": {{"type": "{name}", ...}}}}'
            )
        full = name if "." in name or not namespace else f"{namespace}.{name}"
        self.refer(full, self.at(pointer))
        return Use(self.at(pointer), name=full)

    def primitive(self, kind: str, raw: Mapping[str, Any], pointer: str, stray: Mapping[str, Any]) -> Type:
        if not raw and not stray:
            return Type(kind=kind, pointer=self.at(pointer), text=kind)
        text = None if stray else raw
        return Type(kind=kind, pointer=self.at(pointer), text=text, **self.common(raw, kind, stray=stray))

    def common(
        self,
        raw: Mapping[str, Any],
        kind: str,
        name: str | None = None,
        size: int | None = None,
        stray: Mapping[str, Any] = _NONE,
    ) -> dict[str, Any]:
        """What every type's object may carry beside its own parts."""
        logical = logical_type(raw, kind, size)
        said = raw.get("logicalType")
        misplaced = (said, logical) if isinstance(logical, str) else None
        if stray and said is None and isinstance(logical_type(stray, kind, size), Logical):
            misplaced = (stray["logicalType"], "it stood on the field, not on its type")
            self.stray_used = True
        doc = raw.get("doc")
        return {
            "doc": doc if isinstance(doc, str) else "",
            "props": {key: value for key, value in raw.items() if key not in _TYPE_KEYS} if raw else _NONE,
            "logical": logical if isinstance(logical, Logical) else None,
            "unknown": said if isinstance(said, str) and said not in KNOWN else None,
            "misplaced": misplaced,
            "connect": connect_type(raw, name) if not _CONNECT_KEYS.isdisjoint(raw) else None,
        }

    def container(self, kind: str, raw: Mapping[str, Any], pointer: str, namespace: str) -> Use:
        key = "items" if kind == "array" else "values"
        if key not in raw:
            article = _ARTICLE.get(kind, f"a {kind}")
            return self.give_up(pointer, f'{article} needs "{key}"', f'add "{key}" with the type of what it holds')
        inner = self.type(raw[key], join(pointer, key), namespace)
        place = self.at(pointer)
        text = (namespace, raw) if closed(inner) else None
        more = {"text": text, "simple": _simple(inner), **self.common(raw, kind)}
        return Use(place, Container(kind=kind, pointer=place, items=inner, **more))

    def union(self, raw: list[Any], pointer: str, namespace: str, stray: Mapping[str, Any]) -> Use:
        if not raw:
            self.refuse(pointer, "an empty union has no values", "write at least one branch")
        if len(raw) > BRANCHES:
            words = f"it has more than {BRANCHES} branches, which are too many to compare"
            self.file.flaws.append(Flaw(pointer, words, "split the event", reason="unsupported"))
            return Use(self.at(pointer), Type(kind="null", pointer=self.at(pointer)))
        branches: dict[str, Use] = {}
        for index, inner in enumerate(raw):
            place = f"{pointer}/{index}"
            if isinstance(inner, list):
                self.give_up(place, "a union stands directly in a union", "write its branches into the outer one")
                continue
            use = self.type(inner, place, namespace, stray)
            key = use.name or (use.node.kind if use.node else "")
            if key == "union":
                self.give_up(place, "a union stands directly in a union", "write its branches into the outer one")
            elif key in branches:
                self.refuse(place, f'"{key}" is twice in the union', "keep one of them")
            branches.setdefault(key, use)
        shorts = [key.rpartition(".")[2] for key in branches]
        alone = len(set(shorts)) == len(shorts)  # namesakes are looked at even where nothing changed
        text = (namespace, raw) if alone and all(map(closed, branches.values())) else None
        simple = sum(use.name is not None for use in branches.values()) < 2 and all(map(_simple, branches.values()))
        uses = tuple(branches.values())
        node = Union(kind="union", pointer=self.at(pointer), branches=uses, text=text, simple=simple)
        return Use(self.at(pointer), node)

    # --- named types --------------------------------------------------------------------------------------------------

    def definition(self, kind: str, raw: Mapping[str, Any], pointer: str, namespace: str) -> Use:
        if not isinstance(raw.get("name"), str):
            where = join(pointer, "name") if "name" in raw else pointer
            return self.give_up(where, f'{_ARTICLE.get(kind, f"a {kind}")} needs a "name"', "give it a name")
        name = self.full_name(raw, pointer, namespace)
        self.defined += 1
        if kind == "enum":
            node: Named | Use = self.enum(raw, pointer, name)
        elif kind == "fixed":
            node = self.fixed(raw, pointer, name)
        else:
            node = self.record(kind, raw, pointer, name)
        if isinstance(node, Use):
            return node
        known = self.file.definitions.setdefault(name, node)
        if known is not node and not same_definition(known, node):
            first = known.pointer.partition("#")[2] or "the root"
            return self.give_up(
                pointer, f'"{name}" is defined a second time, and differently', f"rename one; the first is at {first}"
            )
        return Use(self.at(pointer), known, name)

    def full_name(self, raw: Mapping[str, Any], pointer: str, namespace: str) -> str:
        """The full name (specification, "Names"): a dotted name holds its namespace itself."""
        name: str = raw["name"]
        if "." in name:
            self.check_name(name, join(pointer, "name"), dotted=True)
            full = name.lstrip(".")
        else:
            self.check_name(name, join(pointer, "name"))
            own = raw.get("namespace", namespace)
            if not isinstance(own, str):
                self.refuse(join(pointer, "namespace"), "the namespace is no text", "write the namespace as text")
                own = namespace
            elif own and "namespace" in raw:
                self.check_name(own, join(pointer, "namespace"), dotted=True)
            full = f"{own}.{name}" if own else name
        if full.rpartition(".")[2] in PRIMITIVES:
            self.refuse(
                join(pointer, "name"), f'a type cannot have the name "{full}" of a primitive', "choose another name"
            )
        return full

    def check_name(self, name: str, pointer: str, dotted: bool = False) -> None:
        for part in name.split(".") if dotted else [name]:
            if not _NAME.fullmatch(part):
                self.refuse(pointer, f"{shown(name)} is no legal name", _LEGAL)
                return

    def aliases(self, raw: Mapping[str, Any], pointer: str, namespace: str | None) -> tuple[str, ...]:
        """The aliases of a type, as full names, or of a field (`namespace` None)."""
        said = raw.get("aliases", [])
        if not isinstance(said, list) or not all(isinstance(alias, str) for alias in said):
            self.refuse(join(pointer, "aliases"), '"aliases" must be a list of names', 'write e.g. ["old_name"]')
            return ()
        if len(said) > ALIASES:
            words = f"it has more than {ALIASES} aliases, which are too many to compare"
            self.file.flaws.append(Flaw(join(pointer, "aliases"), words, "keep the last ones", reason="unsupported"))
            return ()
        if namespace:
            said = [alias if "." in alias else f"{namespace}.{alias}" for alias in said]
        return tuple(dict.fromkeys(said))

    def enum(self, raw: Mapping[str, Any], pointer: str, name: str) -> Enum | Use:
        symbols = raw.get("symbols")
        if not isinstance(symbols, list) or not all(isinstance(symbol, str) for symbol in symbols):
            place = join(pointer, "symbols") if "symbols" in raw else pointer
            return self.give_up(place, f'enum "{name}" needs "symbols", a list of names', 'add e.g. "symbols": ["A"]')
        if len(symbols) > SYMBOLS:
            words = f"it has more than {SYMBOLS} symbols, which are too many to compare"
            self.file.flaws.append(Flaw(join(pointer, "symbols"), words, "write a string", reason="unsupported"))
            symbols = symbols[:1]
        seen: set[str] = set()
        for index, symbol in enumerate(symbols):
            place = join(pointer, "symbols", index)
            self.check_name(symbol, place)
            if symbol in seen:
                self.refuse(place, f"symbol {shown(symbol)} is written twice", "keep one of them")
            seen.add(symbol)
        default = raw.get("default")
        if "default" in raw and default not in symbols:
            self.refuse(
                join(pointer, "default"), f"the default {shown(default)} is no symbol of the enum", "use a symbol"
            )
            default = None
        return Enum(
            kind="enum",
            pointer=self.at(pointer),
            name=name,
            aliases=self.aliases(raw, pointer, name.rpartition(".")[0]),
            symbols=tuple(dict.fromkeys(symbols)),
            default=default,
            text=None if "aliases" in raw else (name, raw),
            **self.common(raw, "enum", name),
        )

    def fixed(self, raw: Mapping[str, Any], pointer: str, name: str) -> Fixed | Use:
        size = raw.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= _MAX_SIZE:
            place = join(pointer, "size") if "size" in raw else pointer
            return self.give_up(place, f'fixed "{name}" needs a "size" in bytes', "write the number of bytes")
        return Fixed(
            kind="fixed",
            pointer=self.at(pointer),
            name=name,
            aliases=self.aliases(raw, pointer, name.rpartition(".")[0]),
            size=size,
            text=None if "aliases" in raw else (name, raw),
            **self.common(raw, "fixed", name, size),
        )

    def record(self, kind: str, raw: Mapping[str, Any], pointer: str, name: str) -> Record | Use:
        said = raw.get("fields")
        if not isinstance(said, list):
            place = join(pointer, "fields") if "fields" in raw else pointer
            return self.give_up(place, f'{kind} "{name}" needs "fields", a list', 'add "fields": []')
        namespace = name.rpartition(".")[0]
        fields: dict[str, Field] = {}
        self.depth += 1
        for index, inner in enumerate(said):
            place = f"{pointer}/fields/{index}"
            made = self.field_again(inner, place, namespace)
            if made is None:
                continue
            if made.name in fields:
                self.refuse(join(place, "name"), f"field {shown(made.name)} is defined twice", "rename one of them")
            fields.setdefault(made.name, made)
        self.depth -= 1
        return Record(
            kind="record",
            pointer=self.at(pointer),
            name=name,
            aliases=self.aliases(raw, pointer, namespace),
            fields=tuple(fields.values()),
            error=kind == "error",
            text=None if "aliases" in raw or not all(map(_plain, fields.values())) else (name, raw),
            simple=all(_simple(one.type) for one in fields.values()),
            **self.common(raw, "record", name),
        )

    def field_again(self, raw: Any, pointer: str, namespace: str) -> Field | None:
        """The field at a pointer: the one that an earlier state of the file had there, if it was written alike."""
        if self.depth > _DEPTH:
            return self.field(raw, pointer, namespace)
        written = marshal.dumps(raw, 0)  # not the value itself, since 1 and true are equal
        known = self.past.get((pointer, namespace))
        if known and known.written == written and self.file.definitions.keys().isdisjoint(known.definitions):
            self.file.definitions.update(known.definitions)
            for name, place in known.references:
                self.refer(name, place)
            self.defined += len(known.definitions)
            return known.field
        flaws, defined, referred = len(self.file.flaws), self.defined, len(self.referred)
        before = len(self.file.definitions)
        made = self.field(raw, pointer, namespace)
        definitions = dict(islice(self.file.definitions.items(), before, None))
        # Nothing of a field may rest on what stands before it: a definition that is written twice is that of the first.
        if made is not None and len(self.file.flaws) == flaws and len(definitions) == self.defined - defined:
            known = _Past(written, made, definitions, tuple(self.referred[referred:]))
            self.past[pointer, namespace] = known
        return made

    def refer(self, name: str, place: str) -> None:
        """Note that a full name is used at a place."""
        self.referred.append((name, place))
        self.file.references.setdefault(name, place)

    def field(self, raw: Any, pointer: str, namespace: str) -> Field | None:
        if not isinstance(raw, dict):
            self.give_up(pointer, "a field must be an object", 'write {"name": ..., "type": ...}')
            return None
        name = raw.get("name")
        if not isinstance(name, str):
            self.give_up(join(pointer, "name") if "name" in raw else pointer, 'a field needs a "name"', "name it")
            return None
        self.check_name(name, join(pointer, "name"))
        if "type" not in raw:
            self.give_up(pointer, f'field {shown(name)} needs a "type"', "write its type")
            return None
        order = raw.get("order", "ascending")
        if order not in _ORDERS:
            self.refuse(join(pointer, "order"), f"{shown(order)} is no sort order", f"use {', '.join(_ORDERS)}")
            order = "ascending"
        stray = raw if isinstance(raw.get("logicalType"), str) and raw["logicalType"] in KNOWN else _NONE
        self.stray_used, outer = False, self.stray_used
        use = self.type(raw["type"], join(pointer, "type"), namespace, stray)
        consumed, self.stray_used = self.stray_used, outer
        hidden = _FIELD_KEYS | {"logicalType", "precision", "scale"} if consumed else _FIELD_KEYS
        doc = raw.get("doc")
        return Field(
            name=name,
            pointer=self.at(pointer),
            type=use,
            default=raw.get("default", NO_DEFAULT),
            aliases=self.aliases(raw, pointer, None),
            order=order,
            doc=doc if isinstance(doc, str) else "",
            props={key: value for key, value in raw.items() if key not in hidden},
            parameters=connect_parameters(raw) if "connect.parameters" in raw else _NONE,
        )


def closed(use: Use) -> bool:
    """Whether a type is written in full, with all types in it."""
    return use.node is not None and use.node.text is not None


def _simple(use: Use) -> bool:
    return use.node is not None and use.node.simple


def _plain(field: Field) -> bool:
    return not field.aliases and closed(field.type)
