"""What the fuzzers run: each target takes any bytes and fails if the gate does something that it never may.

Seeds are the project's own cases, so that mutations begin at schemas that mean something.
"""

from __future__ import annotations

import contextlib
import copy
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from schemacheck import check, config, formats, waivers
from schemacheck.errors import UsageError
from schemacheck.events import metadata
from schemacheck.model import Baseline, Direction, Document, Problem, Schema, Subject, Version
from schemacheck.render import RENDERERS, renderer
from schemacheck.sources.tree import MemoryTree, TreeSource

CASES = Path(__file__).parent.parent / "cases"
CORPUS = Path(__file__).parent / "corpus"
WAYS = (Direction.BACKWARD, Direction.FORWARD)
SIDES = b"\n==== after ====\n"  # between the two sides of an input to `check`


def _parsed(kind: str, path: str, data: bytes, published: bool) -> Schema | Sequence[Problem]:
    tree = MemoryTree("fuzz", {path: data})
    workspace = formats.load(kind).open(tree, {})
    parsed = workspace.parse([Document(Subject("fuzz", Version(1)), kind, path, tree)], published)[path]
    if isinstance(parsed, Sequence):
        assert parsed, "neither a schema nor a reason"
        assert all(problem.message and problem.file for problem in parsed)
    return parsed


def schema(kind: str, path: str, data: bytes) -> None:
    """A text is a schema that does not differ from itself, or it has problems with words and a file."""
    strict, lenient = (_parsed(kind, path, data, published) for published in (False, True))
    if isinstance(strict, Sequence):
        return
    assert not isinstance(lenient, Sequence), "what is refused when published was accepted as new"
    face = formats.load(kind)
    assert [] == list(face.diff(strict, strict))
    base = _base(kind, path)
    for old, new in ((base, strict), (strict, base)):
        for change in face.diff(old, new):
            assert change.message
            for way in WAYS:
                if way in change.breaks:
                    face.witness(old, new, change, way)
        for way in WAYS:
            face.registry(old, new, way)


@cache
def _base(kind: str, path: str) -> Schema:
    parsed = _parsed(kind, path, seeds(kind)[0], published=False)
    assert not isinstance(parsed, Sequence)
    return parsed


def avro(data: bytes) -> None:
    """One `.avsc` file."""
    schema("avro", "fuzz.avsc", data)


def protobuf(data: bytes) -> None:
    """One `.proto` file."""
    schema("protobuf", "fuzz.proto", data)


def configuration(data: bytes) -> None:
    """A text is a configuration, or a usage error."""
    try:
        policy = config.parse(data.decode("utf-8", "replace"), "schemacheck.toml")
    except UsageError:
        return
    policy.layout(policy.roots or ("",)).place("schemas/orders/order_placed/v1.avsc")


def said(data: bytes) -> None:
    """A text says something about an event, waives something, or is a usage error; published, it is no error at all."""
    text = data.decode("utf-8", "replace")
    for read in (lambda: metadata.parse(text, "event.toml"), lambda: waivers.parse(text, date(2026, 11, 25), 90)):
        with contextlib.suppress(UsageError):
            read()
    assert metadata.published(text, "event.toml").path == "event.toml"
    assert all(waiver.owner for waiver in waivers.published(text))
    assert config.published(text, "schemacheck.toml").minimum >= 0


def gate(data: bytes) -> None:
    """The whole gate on two sides: one of the exit codes 0, 1, 3, and a report in every format."""
    before, _, after = data.partition(SIDES)
    for path in ("orders/order_placed/v1.avsc", "orders/v1/order_placed.proto"):
        old = TreeSource(Baseline("dir", "before"), MemoryTree("before", {path: before}))
        new = TreeSource(Baseline("dir", "after"), MemoryTree("after", {path: after}))
        report = check.run("check", new, [old], config.rooted(config.Policy(), ("",)))
        assert report.exit_code in (0, 1, 3)
        if before == after:
            assert report.exit_code != 1
        for name in RENDERERS:
            assert renderer(name)(report)


SHAPED = ("avro", "gate")  # targets whose seeds are JSON
TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "avro": avro,
    "protobuf": protobuf,
    "configuration": configuration,
    "said": said,
    "gate": gate,
}


@cache
def seeds(target: str) -> Sequence[bytes]:
    """What mutations begin with, and what fuzzing has found: each fixed."""
    if target == "configuration":
        readme = (CASES.parents[1] / "README.md").read_text(encoding="utf-8")
        found = [block.partition("```")[0].encode() for block in readme.split("```toml\n")[1:]]
    elif target == "said":
        names = ("event.toml", "schemacheck.waivers.toml", "schemacheck.toml")
        found = sorted({path.read_bytes() for name in names for path in CASES.rglob(name)})
    elif target == "gate":
        found = []
        for before in sorted([*CASES.rglob("before.avsc"), *CASES.rglob("before.proto")]):
            after = before.with_name(f"after{before.suffix}")
            found.append(before.read_bytes() + SIDES + after.read_bytes())
    else:
        ending = {"avro": "avsc", "protobuf": "proto"}[target]
        found = [path.read_bytes() for path in sorted(CASES.rglob(f"*.{ending}"))]
    return [*found, *(path.read_bytes() for path in sorted((CORPUS / target).glob("*")))]


_PIECES = (
    *(b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b";"),
    *(b"null", b"true", b"-1", b"1e999", b"NaN", b"9" * 400, b"\\ud800", b"\\u0000", b"\xe2\x80\xae", b"v2", b"/*"),
    *(b'"type"', b'"record"', b'"fields"', b'"default"', b'"aliases"', b'"logicalType"', b'"decimal"', b'"scale"'),
    *(b"message M {", b"repeated ", b"map<string, M>", b"oneof o {", b"reserved 1 to max;", b"extend ", b"import "),
    *(b'edition = "2023";', b'syntax = "proto2";', b"option ", b"group G = 1 {", b"[default = ", b"stream "),
)


_VALUES = (
    *(None, True, 0, -1, 2**63, 1e999, 0.1, "", "a.b", "null", "int", "string", "record", "\ud800", [], {}, ["null"]),
    *({"type": "int"}, {"type": "enum", "name": "E", "symbols": ["A"]}, {"type": "fixed", "name": "F", "size": 2}),
)


def _reshaped(chance: random.Random, value: Any, pool: Sequence[Any]) -> Any:
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
        holder[chance.choice(("type", "name", "namespace", "items", "aliases", "default", "order"))] = holder.pop(key)
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
    """The seeds that are JSON."""
    found = []
    for seed in seeds(target):
        try:
            found.append(json.loads(seed))
        except ValueError:
            continue
    return found


def reshapings(target: str, seed: int, count: int) -> Iterator[bytes]:
    """Random edits of the seeds that are JSON, one to four each, as JSON again; for the gate on both sides."""
    chance = random.Random(seed)
    pool = _values("avro" if target == "gate" else target)
    for _ in range(count):
        value = copy.deepcopy(chance.choice(pool))
        sides = [json.dumps(value)]
        for _ in range(chance.randint(1, 4)):
            value = _reshaped(chance, value, pool)
        sides.append(json.dumps(value))
        yield SIDES.join(side.encode() for side in sides) if target == "gate" else sides[-1].encode()


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
