"""An event as one self-contained schema, as fastavro wants it: each definition at its first use."""

from __future__ import annotations

from typing import Any

from schemacheck.formats.avro.tree import Container, Enum, Fixed, Named, Record, Schema, Type, Union, Use
from schemacheck.formats.avro.values import WHOLE, Keep

MAX_NESTING = 150  # definitions within definitions, a bound for the recursion here and in fastavro


class TooDeep(Exception):  # noqa: N818 - a limit, not a failure
    """The event nests more definitions than recursion may follow."""


def portable(schema: Schema, logical: bool = True, keep: Keep = WHOLE) -> Any:
    """The event as JSON data, docs and custom properties left out; `logical`: with the effective logical types.

    Raises TooDeep.
    """
    return _Writer(schema, logical, keep).use(schema.root, 0)


class _Writer:
    def __init__(self, schema: Schema, logical: bool, keep: Keep) -> None:
        self.schema = schema
        self.logical = logical
        self.keep = keep
        self.defined: set[str] = set()

    def use(self, use: Use, depth: int) -> Any:
        node = self.schema.node(use)
        if isinstance(node, Union):
            return [self.use(branch, depth) for branch in node.branches]
        if isinstance(node, Named):
            if node.name in self.defined:
                return node.name
            self.defined.add(node.name)
        if depth > MAX_NESTING:
            raise TooDeep
        said = self.attributes(node)
        if isinstance(node, Container):
            key = "items" if node.kind == "array" else "values"
            return {"type": node.kind, key: self.use(node.items, depth + 1), **said}
        if isinstance(node, Named):
            return self.named(node, depth + 1) | said
        return {"type": node.kind, **said} if said else node.kind

    def attributes(self, node: Type) -> dict[str, Any]:
        if not self.logical or node.logical is None:
            return {}
        keys = ("logicalType", "precision", "scale") if node.logical.name == "decimal" else ("logicalType",)
        return {key: node.props[key] for key in keys if key in node.props}

    def named(self, node: Named, depth: int) -> dict[str, Any]:
        # A name without namespace would be taken for one of the enclosing namespace: say that it has none.
        said: dict[str, Any] = {"type": node.kind, "name": node.name}
        if "." not in node.name:
            said["namespace"] = ""
        if node.aliases:
            said["aliases"] = list(node.aliases)
        if isinstance(node, Enum):
            said["symbols"] = list(node.symbols)
            if node.default is not None:
                said["default"] = node.default
        elif isinstance(node, Fixed):
            said["size"] = node.size
        elif isinstance(node, Record):
            said["fields"] = [
                {
                    "name": field.name,
                    "type": self.use(field.type, depth),
                    **({"default": field.default} if field.has_default else {}),
                    **({"aliases": list(field.aliases)} if field.aliases else {}),
                }
                for field in node.fields
                if id(node) not in self.keep or field.name in self.keep[id(node)]
            ]
        return said
