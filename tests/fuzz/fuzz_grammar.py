"""Schemas from a grammar and edits of them, with hostile text where a schema has room for text.

The grammars are those of the property tests. Almost every pair is valid, so that it reaches what is behind the parsers.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from formats import avro_pairs, json_schema_pairs, protobuf_pairs
from fuzz_seeds import SIDES

HOSTILE = (
    *("::error::forged", "\n::set-output name=x::y", "##[group]x", "##vso[task.complete result=Failed;]x", "\x1b[2J"),
    *("\u202egnp.v1", "\u2028::warning::x", "</script><script>alert(1)</script>", "]]><failure/>", "`@me` [a](b) |"),
    *("PASS against before: nothing changed", "\r\nPASS: all compatible", "%0A::error::x", "{0}{name!r}%s", "\x00", ""),
    *("../../etc/passwd", "x" * 3000, "\ufffe", "é日本", "-->"),
)


def pair(target: str, seed: int) -> bytes:
    """A schema before and after one to three edits; of any format for the gate."""
    chance = random.Random(seed)
    kind = target if target in _MAKERS else chance.choice(sorted(_MAKERS))
    before, after = _MAKERS[kind](chance)
    return before.encode() + SIDES + after.encode()


def _avro(chance: random.Random) -> tuple[str, str]:
    maker = avro_pairs.Maker(chance)
    old = maker.record("Event", 0)
    new = json.loads(json.dumps(old))
    for _ in range(chance.randint(1, 3)):
        new = maker.edited(new)
    for side in (old, new):
        for _ in range(chance.choice((0, 1, 2))):
            _attacked(chance, side, ("doc", "order", "default", "aliases", "extra", "logicalType"))
    return json.dumps(old), json.dumps(new)


def _json_schema(chance: random.Random) -> tuple[str, str]:
    maker = json_schema_pairs.Maker(chance, chance.choice(sorted(json_schema_pairs.DRAFTS)))
    old = maker.root()
    new = old
    for _ in range(chance.randint(1, 3)):
        new = json_schema_pairs.edited(chance, maker, new)
    old, new = json.loads(json.dumps(old)), json.loads(json.dumps(new))
    for side in (old, new):
        for _ in range(chance.choice((0, 1, 2))):
            _attacked(chance, side, ("title", "description", "const", "pattern", "default", "format", "$comment"))
    return json.dumps(old), json.dumps(new)


def _protobuf(chance: random.Random) -> tuple[str, str]:
    before, after = next(protobuf_pairs.Author(chance.randrange(2**40)).pairs(1))
    return _commented(chance, before.text("p")), _commented(chance, after.text("p"))


def _attacked(chance: random.Random, schema: Any, keys: tuple[str, ...]) -> None:
    """Puts hostile text under some key of some object in a schema, or as the name of a member."""
    objects, waiting = [], [schema]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            objects.append(here)
        waiting.extend(here.values() if isinstance(here, dict) else here if isinstance(here, list) else ())
    target, text = chance.choice(objects), chance.choice(HOSTILE)
    if "properties" in target and chance.random() < 0.5:
        target["properties"] = {**target["properties"], text: {"type": "string"}}
    elif "symbols" in target or "name" in target:
        target[chance.choice((*keys, "name"))] = text
    else:
        target[chance.choice(keys)] = text


def _commented(chance: random.Random, text: str) -> str:
    """A file with hostile text in comments and in options."""
    if chance.random() < 0.5:
        return text
    said = chance.choice(HOSTILE).replace("\n", " ").replace("\r", " ").replace("\0", "")
    escaped = said.replace("\\", "\\\\").replace('"', '\\"')
    return f'{text}\n// {said}\noption java_package = "{escaped}";\n'


_MAKERS: dict[str, Callable[[random.Random], tuple[str, str]]] = {
    "avro": _avro,
    "json_schema": _json_schema,
    "protobuf": _protobuf,
}
