"""What the fuzzers run: each target takes any bytes and fails if the gate does something that it never may."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache

from fuzz_invariants import report_is_sound
from fuzz_seeds import SIDES, seeds
from fuzz_trees import names, trees
from fuzz_wire import answers, registry, wire

from schemacheck import check, config, formats, waivers
from schemacheck.errors import UsageError
from schemacheck.events import metadata
from schemacheck.formats.json_schema.diff import judged, writer
from schemacheck.formats.json_schema.verdict import Answer
from schemacheck.model import Baseline, Direction, Document, Problem, Schema, Subject, Version
from schemacheck.sources.tree import MemoryTree, TreeSource

WAYS = (Direction.BACKWARD, Direction.FORWARD)


def _parsed(kind: str, path: str, data: bytes, published: bool) -> Schema | Sequence[Problem]:
    tree = MemoryTree("fuzz", {path: data})
    workspace = formats.load(kind).open(tree, {})
    parsed = workspace.parse([Document(Subject("fuzz", Version(1)), kind, path, tree)], published)[path]
    if isinstance(parsed, Sequence):
        assert parsed, "neither a schema nor a reason"
        assert all(problem.message and problem.file for problem in parsed)
    return parsed


def schema(kind: str, path: str, data: bytes) -> None:
    """A text is a schema that does not differ from itself, or it has problems with words and a file.

    An input with two sides is a schema before and after an edit; one with one side is held against a sound schema.
    """
    before, parted, after = data.partition(SIDES)
    strict, lenient = (_parsed(kind, path, after if parted else before, published) for published in (False, True))
    if isinstance(strict, Sequence):
        return
    assert not isinstance(lenient, Sequence), "what is refused when published was accepted as new"
    face = formats.load(kind)
    assert [] == list(face.diff(strict, strict))
    face.outline(strict)
    base = _parsed(kind, path, before, published=True) if parted else _base(kind, path)
    if isinstance(base, Sequence):
        return
    for old, new in ((base, strict), (strict, base)):
        for change in face.diff(old, new):
            assert change.message
            for way in WAYS:
                if way in change.breaks:
                    face.witness(old, new, change, way)
        for way in WAYS:
            face.registry(old, new, way)
    if kind == "json-schema":
        _not_refuted(base, strict)


def _not_refuted(old: Schema, new: Schema) -> None:
    """What is proven has no document against it."""
    judgement = judged(old, new)
    for way in WAYS:
        if judgement.answers[way] is Answer.PROVEN:
            found = judgement.comparison.refuted(writer(way))
            assert found is None, f"proven, and refuted by {found}"


@cache
def _base(kind: str, path: str) -> Schema:
    parsed = _parsed(kind, path, seeds(kind.replace("-", "_"))[0], published=False)
    assert not isinstance(parsed, Sequence)
    return parsed


def avro(data: bytes) -> None:
    """One `.avsc` file."""
    schema("avro", "fuzz.avsc", data)


def protobuf(data: bytes) -> None:
    """One `.proto` file."""
    schema("protobuf", "fuzz.proto", data)


def json_schema(data: bytes) -> None:
    """One `.schema.json` file, or two."""
    schema("json-schema", "fuzz.schema.json", data)


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
    """The whole gate on two sides: an exit code that says what the report holds, and harmless outputs."""
    before, _, after = data.partition(SIDES)
    for path in _JSON if before[:1] in b"{[" else _OTHERS:
        old = TreeSource(Baseline("dir", "before"), MemoryTree("before", {path: before}))
        new = TreeSource(Baseline("dir", "after"), MemoryTree("after", {path: after}))
        report = check.run("check", new, [old], config.rooted(config.Policy(), ("",)))
        if before == after:
            assert report.exit_code != 1
        report_is_sound(report)


_JSON = ("orders/order_placed/v1.avsc", "orders/order_placed/v1.schema.json")
_OTHERS = ("orders/v1/order_placed.proto", "orders/order_placed/v1.avsc")
TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "avro": avro,
    "protobuf": protobuf,
    "json_schema": json_schema,
    "configuration": configuration,
    "said": said,
    "gate": gate,
    "answers": answers,
    "registry": registry,
    "wire": wire,
    "names": names,
    "trees": trees,
}
