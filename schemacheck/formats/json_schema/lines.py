"""A JSON Schema file as lines: one for each subschema, with its path and what it says there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemacheck.errors import NotChecked
from schemacheck.formats.json_schema.document import MANY, NAMED, ONE, draft_of, known, subschemas
from schemacheck.formats.json_schema.load import DEFAULT_DRAFT
from schemacheck.formats.json_schema.read import parse
from schemacheck.formats.json_schema.values import text as spelt


def lines(text: str) -> Iterator[str]:
    """The lines of a file; raises NotChecked for what is no schema."""
    raw, flaws = parse(text, DEFAULT_DRAFT)
    if flaws:
        raise NotChecked(flaws[0].message, flaws[0].hint or "mend the text", reason=flaws[0].reason)
    draft = draft_of(raw, DEFAULT_DRAFT)
    assert draft is not None
    for pointer, sub in subschemas(raw, draft):
        yield f"{_path(pointer)}: {_said(sub, draft)}"


def _path(pointer: str) -> str:
    """A pointer as one reads it: the names of properties, and `[]` for items."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    path, named = "", False
    for step in steps:
        if named:
            path, named = f"{path}.{step}" if path else step, False
        elif step == "properties":
            named = True
        elif step == "items":
            path += "[]"
        else:
            path, named = f"{path}.{step}" if path else step, step in NAMED
    return path or "(root)"


def _said(sub: Any, draft: int) -> str:
    if not isinstance(sub, Mapping):
        return "anything" if sub is True else "nothing"
    own = {key: value for key, value in sub.items() if not _holds_schemas(key, value, draft)}
    return ", ".join(f"{key}={spelt(value)}" for key, value in own.items()) or "anything"


def _holds_schemas(key: str, value: Any, draft: int) -> bool:
    if not known(key, draft) or not isinstance(value, dict | list | bool):
        return False
    return key in ONE or key in MANY or key in NAMED or key == "items"
