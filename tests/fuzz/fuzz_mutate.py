"""Inputs from seeds: bytes cut and joined, and JSON whose parts are exchanged. Deterministic by their seed."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from fuzz_seeds import ENDINGS, NEXT, SIDES, seeds

_PIECES = (
    *(b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b";"),
    *(b"null", b"true", b"-1", b"1e999", b"NaN", b"9" * 400, b"\\ud800", b"\\u0000", b"\xe2\x80\xae", b"v2", b"/*"),
    *(b'"type"', b'"record"', b'"fields"', b'"default"', b'"aliases"', b'"logicalType"', b'"decimal"', b'"scale"'),
    *(b"message M {", b"repeated ", b"map<string, M>", b"oneof o {", b"reserved 1 to max;", b"extend ", b"import "),
    *(b'edition = "2023";', b'syntax = "proto2";', b"option ", b"group G = 1 {", b"[default = ", b"stream "),
    *(b'"$ref"', b'"#/$defs/a"', b'"oneOf"', b'"allOf"', b'"not"', b'"pattern"', b'"(a+)+$"', b'"$id"', b'"enum"'),
    *(b"../", b"/", b".git", b"::error::", b"##[group]", b"\x1b[31m", b"-", b"120000 ", b"160000 ", b"100644 "),
    *(b"40401", b"Retry-After: ", b"Location: http://[", b"true", b"HTTP/1.1 200 OK\r\n\r\n", b"Content-Length: "),
)


_VALUES = (
    *(None, True, 0, -1, 2**63, 1e999, 0.1, "", "a.b", "null", "int", "string", "record", "\ud800", [], {}, ["null"]),
    *({"type": "int"}, {"type": "enum", "name": "E", "symbols": ["A"]}, {"type": "fixed", "name": "F", "size": 2}),
    *({"$ref": "#"}, {"$ref": "#/$defs/a"}, {"not": {}}, {"anyOf": [{}, False]}, {"pattern": "(a+)+$"}, "\ud800" * 3),
    *({"type": ["string", "null"]}, {"const": 1.5}, {"enum": [1, 1.0, True]}, 10**400, "::error::", "\x1b[31m\n"),
)
_KEYS = {
    "json_schema": (
        "type",
        "properties",
        "required",
        "items",
        "allOf",
        "oneOf",
        "not",
        "$ref",
        "$defs",
        "enum",
        "const",
    ),
    "answers": ("version", "schema", "references", "subject", "error_code", "message", "is_compatible", "name"),
}
_KEYS |= {"registry": _KEYS["answers"]}
_AVRO_KEYS = ("type", "name", "namespace", "items", "aliases", "default", "order")


def _reshaped(chance: random.Random, value: Any, pool: Sequence[Any], keys: Sequence[str] = _AVRO_KEYS) -> Any:
    """JSON with one part exchanged, dropped, doubled, wrapped, or given another key."""
    spots = list(_spots(value))
    if not spots:
        return chance.choice(pool)
    holder, key = chance.choice(spots)
    edit = chance.randrange(6)
    if edit == 0:
        holder[key] = copy.deepcopy(chance.choice(_VALUES))
    elif edit == 1:
        other_holder, other_key = chance.choice(list(_spots(chance.choice(pool))) or [(holder, key)])
        holder[key] = copy.deepcopy(other_holder[other_key])
    elif edit == 2:
        holder.pop(key)
    elif edit == 3:
        holder[key] = [holder[key], holder[key]]
    elif edit == 4:
        holder[key] = {"type": holder[key]}
    elif isinstance(holder, dict):
        holder[chance.choice(keys)] = holder.pop(key)
    return value


def _spots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value: what holds it, and under which key."""
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        for key in keys:
            yield holder, key
            waiting.append(holder[key])


@cache
def _values(target: str) -> Sequence[Any]:
    """The seeds that are JSON, and what of them is."""
    found = []
    for seed in seeds(target):
        for part in _parts(seed):
            try:
                found.append(json.loads(part.rpartition(b"\n\n")[2] if target in ANSWERS else part))
            except (ValueError, RecursionError):
                continue
    return found


def _parts(seed: bytes) -> list[bytes]:
    return [part for side in seed.split(SIDES) for part in side.split(NEXT)]


PAIRED = ("gate", "json_schema")  # targets that see a schema before and after an edit
ANSWERS = ("answers", "registry")


def reshapings(target: str, seed: int, count: int) -> Iterator[bytes]:
    """Random edits of the JSON in the seeds, one to four each, as JSON again."""
    chance = random.Random(seed)
    pool = _values(target)
    make = _answers if target in ANSWERS else _edited
    for _ in range(count):
        yield make(chance, target, pool)


def _edited(chance: random.Random, target: str, pool: Sequence[Any]) -> bytes:
    """A schema after some edits; before them, too, where both sides are wanted."""
    value = copy.deepcopy(chance.choice(pool))
    before = json.dumps(value).encode()
    for _ in range(chance.randint(1, 4)):
        value = _reshaped(chance, value, pool, _KEYS.get(target, _AVRO_KEYS))
    after = json.dumps(value).encode()
    return SIDES.join((before, after)) if target in PAIRED else after


def _answers(chance: random.Random, target: str, pool: Sequence[Any]) -> bytes:
    """Some answers, with edits in one or more of their bodies."""
    made = chance.choice(seeds(target)).split(NEXT)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(made))
        head, _, body = made[place].partition(b"\n\n")
        try:
            value = _reshaped(chance, json.loads(body), pool, _KEYS[target])
        except (ValueError, RecursionError):
            value = copy.deepcopy(chance.choice(pool))
        made[place] = head + b"\n\n" + json.dumps(value).encode()
    return NEXT.join(made)


def mutations(target: str, seed: int, count: int) -> Sequence[bytes]:
    """Random edits of the seeds, one to four each: pieces cut, doubled, exchanged with other seeds, or put in."""
    chance = random.Random(seed)
    pool = seeds(target)
    made = []
    for _ in range(count):
        data = bytearray(chance.choice(pool))
        for _ in range(chance.randint(1, 4)):
            start = chance.randint(0, len(data))
            end = min(len(data), start + chance.choice((0, 1, 4, 20, 200)))
            other = chance.choice(pool)
            at = chance.randint(0, len(other))
            data[start:end] = chance.choice(
                (
                    b"",
                    chance.choice(_PIECES),
                    bytes(data[start:end]) * chance.choice((2, 2, 40)),
                    other[at : at + chance.choice((1, 10, 60))],
                    bytes((chance.randrange(256),)),
                )
            )
        made.append(bytes(data))
    return made


def grown(target: str, seed: int, count: int) -> Iterator[bytes]:
    """Pairs of schemas that a grammar makes: nearly all are valid, so that what is behind the parsers is reached."""
    import fuzz_grammar

    return (fuzz_grammar.pair(target, number) for number in range(seed, seed + count))


MAKERS: Mapping[str, Callable[[str, int, int], Iterator[bytes] | Sequence[bytes]]] = {
    "mutated": mutations,
    "reshaped": reshapings,
    "grown": grown,
}
SHAPED = ("avro", *PAIRED, *ANSWERS)  # targets whose seeds hold JSON
GROWN = (*ENDINGS, "gate")


def makers(target: str) -> Sequence[str]:
    """The kinds of input that there are for a target."""
    return ["mutated", *["reshaped"] * (target in SHAPED), *["grown"] * (target in GROWN)]
