"""An Avro file as lines: one for each field, with its full path and type; the layout of the JSON is not seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemacheck.errors import NotChecked
from schemacheck.formats.avro.build import build
from schemacheck.formats.avro.tree import Container, Enum, Field, Fixed, Named, Record, Union, Use, spelt_json
from schemacheck.formats.strict import Flaw


def lines(text: str) -> Iterator[str]:
    """The lines of a file; raises NotChecked for what is no schema."""
    file = build("schema.avsc", text)
    fatal: Flaw | None = next((flaw for flaw in file.flaws if flaw.fatal), None)
    if file.root is None or fatal is not None:
        raise NotChecked(fatal.message if fatal else "it is no schema", "mend the text", reason="unreadable")
    if file.root.name is None:
        yield f"root: {_spelt(file.root)}"
    for name, node in file.definitions.items():
        yield f"{name}: {_kind(node)}{_more(node.aliases, node.props, node.doc)}"
        if isinstance(node, Record):
            yield from (_field(name, one) for one in node.fields)
        elif isinstance(node, Enum):
            yield from (f"{name}.{symbol}" for symbol in node.symbols)


def _kind(node: Named) -> str:
    if isinstance(node, Fixed):
        return f"fixed({node.size})"
    if isinstance(node, Enum) and node.default is not None:
        return f"enum = {node.default}"
    return "error" if isinstance(node, Record) and node.error else node.kind


def _field(name: str, one: Field) -> str:
    default = f" = {spelt_json(one.default)}" if one.has_default else ""
    order = f" order {one.order}" if one.order != "ascending" else ""
    more = _more(
        one.aliases, {**one.props, **({"connect.parameters": one.parameters} if one.parameters else {})}, one.doc
    )
    return f"{name}.{one.name}: {_spelt(one.type)}{default}{order}{more}"


def _more(aliases: tuple[str, ...], props: Mapping[str, Any], doc: str) -> str:
    said = f" aliases {', '.join(aliases)}" if aliases else ""
    said += "".join(
        f" {key}={spelt_json(dict(v) if isinstance(v, Mapping) else v)}" for key, v in sorted(props.items())
    )
    return f"{said} # {' '.join(doc.split())}" if doc else said


def _spelt(use: Use) -> str:
    """A type as one reads it: `array<string>`, `null | long(logicalType="date")`, the name of a named one."""
    node = use.node
    if use.name is not None or node is None:
        return str(use.name)
    props = ", ".join(f"{key}={spelt_json(value)}" for key, value in sorted(node.props.items()))
    if isinstance(node, Union):
        return " | ".join(map(_spelt, node.branches)) or "(nothing)"
    inner = f"<{_spelt(node.items)}>" if isinstance(node, Container) else ""
    return f"{node.kind}{inner}{f'({props})' if props else ''}"
