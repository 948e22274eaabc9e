"""The Avro tree: what a schema says, with the place of each statement.

A named type is one node, however often it is used. A `Use` is one place where a type stands: it holds the node, or
the full name of one, which `Schema.node` turns into the definition that this event sees. Nodes belong to one file and
are shared between all trees that hold the same file, so they never point at nodes of other files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemacheck.formats.avro.logical import Connect, Logical
from schemacheck.model import Declared

PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
NAMED = frozenset({"record", "error", "enum", "fixed"})


class _NoDefault:
    """The absence of a default, since null is one."""

    def __repr__(self) -> str:
        return "NO_DEFAULT"


NO_DEFAULT = _NoDefault()


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """One place where a type stands: a node written there, or a reference by full name."""

    pointer: str
    node: Type | None = None
    name: str | None = None  # of the type used, if it is a named one


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Type:
    """A type. This class itself is used for primitives; `kind` is "record" for errors too."""

    kind: str
    pointer: str  # `path#/json/pointer` of its definition
    doc: str = ""
    props: Mapping[str, Any] = field(
        default_factory=dict
    )  # all that Avro does not define, and `logicalType` with its attributes
    logical: Logical | None = None  # only if readers apply it
    unknown: str | None = None  # a logical type that Avro does not know
    misplaced: tuple[str, str] | None = None  # a known logical type without effect, and why
    connect: Connect | None = None
    text: Any = None  # its JSON, if it needs nothing else and has no aliases: equal texts are equal types
    simple: bool = True  # no union in it has two named branches, so that a reader need not choose

    @property
    def uses(self) -> Sequence[Use]:
        """The types that stand in this one, in document order."""
        return ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Container(Type):
    """An array or a map."""

    items: Use

    @property
    def uses(self) -> Sequence[Use]:
        return (self.items,)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Union(Type):
    branches: tuple[Use, ...]

    @property
    def uses(self) -> Sequence[Use]:
        return self.branches


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Named(Type):
    name: str  # full
    aliases: tuple[str, ...] = ()  # full

    @property
    def short(self) -> str:
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Enum(Named):
    symbols: tuple[str, ...]
    default: str | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Fixed(Named):
    size: int


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Field:
    name: str
    pointer: str
    type: Use
    default: Any = NO_DEFAULT
    aliases: tuple[str, ...] = ()
    order: str = "ascending"
    doc: str = ""
    props: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)  # `connect.parameters`

    @property
    def has_default(self) -> bool:
        return self.default is not NO_DEFAULT

    def says_the_same(self, other: Field) -> bool:
        """Whether two fields are plainly equal. False only says that one must look closer."""
        return (
            self.name == other.name
            and same_text(self.type, other.type)
            and (self.default is other.default or (isinstance(self.default, str) and self.default == other.default))
            and (self.doc, self.aliases, self.order) == (other.doc, other.aliases, other.order)
            and (self.props, self.parameters) == (other.props, other.parameters)
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Record(Named):
    fields: tuple[Field, ...]
    error: bool = False

    @property
    def uses(self) -> Sequence[Use]:
        return [f.type for f in self.fields]


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """One event: its root, and by full name every definition it can reach."""

    path: str
    root: Use
    types: Mapping[str, Named]
    names: Mapping[str, str]
    declared: Sequence[Declared]
    tags: frozenset[str] = field(default=frozenset())  # keys of properties that mark personal or secret data

    def node(self, use: Use) -> Type:
        """The type that a use means in this event."""
        if use.name is not None:
            return self.types[use.name]
        assert use.node is not None
        return use.node

    def reach(self) -> Iterator[Type]:
        """Every type of the event once, from the root, by depth."""
        seen: set[int] = set()
        waiting = [self.root]
        while waiting:
            node = self.node(waiting.pop())
            if id(node) in seen:
                continue
            seen.add(id(node))
            yield node
            waiting.extend(reversed(node.uses))


def same_definition(one: Named, other: Named) -> bool:
    """Whether two definitions of one name say the same, docs aside. Inner named types count by their names."""
    return one is other or bool(_spelt(one, exact=True) == _spelt(other, exact=True))


def same_text(one: Use, other: Use) -> bool:
    """Whether two uses are written alike, with all that is in them, so that nothing can differ."""
    mine, its = one.node, other.node
    if mine is None or its is None or mine.text is None:
        return False
    return mine is its or bool(mine.text == its.text)


def same_type(one: Use, other: Use) -> bool:
    """Whether two uses mean the same type, by name where it has one."""
    return bool(_spelt_use(one, exact=False) == _spelt_use(other, exact=False))


def equal_for_java(old: Schema, new: Schema) -> bool:
    """Whether Java finds two events equal and so leaves aliases alone.

    All is the same but aliases, docs and the defaults of enums.
    """
    one, other = dict(_definitions(old)), dict(_definitions(new))
    return same_type(old.root, new.root) and bool(one == other)


def _definitions(schema: Schema) -> Iterator[tuple[str, Any]]:
    for node in schema.reach():
        if isinstance(node, Named):
            yield node.name, _spelt(node, exact=False)


def _spelt_use(use: Use, exact: bool) -> Any:
    if use.name is not None:
        return use.name
    assert use.node is not None
    return _spelt(use.node, exact)


def _spelt(node: Type, exact: bool) -> Any:
    """All that a node says but its docs, as comparable data. `exact`: with aliases and the defaults of enums."""
    said: list[Any] = [node.kind, spelt_json(node.props), node.connect]
    if isinstance(node, Named):
        said += [node.name, node.aliases if exact else ()]
    if isinstance(node, Record):
        said.append(node.error)
        for one in node.fields:
            default = None if one.default is NO_DEFAULT else spelt_json(one.default)
            said.append([one.name, _spelt_use(one.type, exact), default, one.order, spelt_json(one.props)])
            said.append([dict(one.parameters), one.aliases if exact else ()])
    elif isinstance(node, Enum):
        said += [node.symbols, node.default if exact else None]  # Java leaves the default out of `equals`
    elif isinstance(node, Fixed):
        said.append(node.size)
    else:
        said += [_spelt_use(use, exact) for use in node.uses]
    return said


def spelt_json(value: Any) -> str:
    """A JSON value as text that is equal for equal values only: true is not 1, but 1.0 is 1."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
