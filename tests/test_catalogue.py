"""Who can read whom: what the matrix says of two versions is what real decoders make of their bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import fastavro
import jsonschema
import pytest
from google.protobuf import descriptor_pool, message_factory

from schemacheck import config
from schemacheck.catalogue import STEPS, catalogue
from schemacheck.formats.protobuf.compile import compile_files
from schemacheck.model import Baseline, Version
from schemacheck.readings import Entry, Reading
from schemacheck.sources.tree import MemoryTree, TreeSource

V1, V2, V3 = (Version(number) for number in (1, 2, 3))


def avro(version: int, *fields: dict[str, Any]) -> bytes:
    record = {"type": "record", "name": "OrderPlaced", "namespace": f"orders.v{version}", "fields": list(fields)}
    return json.dumps(record).encode()


def proto(version: int, *fields: str, head: str = "") -> bytes:
    lines = "\n".join(f"  {field};" for field in fields)
    return f'syntax = "proto3";\npackage orders.v{version};\n{head}message OrderPlaced {{\n{lines}\n}}\n'.encode()


def entry(files: Mapping[str, bytes], text: str = "") -> Entry:
    """The only event of a tree."""
    policy = config.rooted(config.parse(text, config.FILE), ("schemas",))
    (found,) = catalogue(MemoryTree("tree", files), policy).events
    return found


def readings(found: Entry) -> dict[str, str]:
    return {f"{cell.writer} {cell.reader}": str(cell.reading) for cell in found.cells}


AVRO = {
    "reads": ([{"name": "id", "type": "string"}], [{"name": "id", "type": "string"}]),
    "gains": ([{"name": "id", "type": "string"}], [{"name": "id", "type": "string"}, {"name": "n", "type": "int"}]),
    "clashes": ([{"name": "id", "type": "string"}], [{"name": "id", "type": "int"}]),
}


def avro_reads(writer: bytes, reader: bytes, event: dict[str, Any]) -> bool:
    """Whether fastavro reads what it wrote."""
    written = io.BytesIO()
    fastavro.schemaless_writer(written, json.loads(writer), event)
    written.seek(0)
    try:
        fastavro.schemaless_reader(written, json.loads(writer), json.loads(reader))
    except fastavro.read.SchemaResolutionError:
        return False
    return True


@pytest.mark.parametrize("name", AVRO)
def test_what_is_said_of_two_avro_versions_is_what_a_decoder_does(name: str) -> None:
    old, new = (avro(number, *fields) for number, fields in zip((1, 2), AVRO[name], strict=True))
    events = {field["name"]: {"string": "a", "int": 7}[field["type"]] for field in AVRO[name][0]}
    later = {field["name"]: {"string": "a", "int": 7}[field["type"]] for field in AVRO[name][1]}
    expected = {
        f"{writer} {reader}": "reads" if avro_reads(*schemas, event) else "fails"
        for writer, reader, schemas, event in (("v1", "v2", (old, new), events), ("v2", "v1", (new, old), later))
    }
    found = entry({"schemas/orders/order_placed/v1.avsc": old, "schemas/orders/order_placed/v2.avsc": new})
    assert {"v1 v1": "same", "v2 v2": "same", **expected} == readings(found)


def test_a_cell_names_the_rule_that_breaks_it() -> None:
    old, new = (avro(number, *fields) for number, fields in zip((1, 2), AVRO["gains"], strict=True))
    found = entry({"schemas/orders/order_placed/v1.avsc": old, "schemas/orders/order_placed/v2.avsc": new})
    assert ["avro/field-added-without-default"] == [c.rule.id for c in found.cell(V1, V2).changes]
    assert () == found.cell(V2, V1).changes


PATHS = ["schemas/orders/v1/order_placed.proto", "schemas/orders/v2/order_placed.proto"]


def decoded(name: str, source: bytes, data: bytes) -> Any:
    return message(name, source).FromString(data)


def message(name: str, source: bytes) -> Any:
    compiled = compile_files({"a.proto": source}, ["a.proto"])
    assert compiled.files is not None
    pool = descriptor_pool.DescriptorPool()
    for file in compiled.files.file:
        pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


JSON_PATHS = ("schemas/orders/order_placed/v1.schema.json", "schemas/orders/order_placed/v2.schema.json")
TEXT, NUMBER = {"type": "string"}, {"type": "number"}
JSON = {
    "reads": ({"id": TEXT}, {"id": TEXT}),
    "widens": ({"id": TEXT}, {"id": {"type": ["string", "null"]}}),
    "clashes": ({"id": TEXT}, {"id": NUMBER}),
}


def document(version: int, properties: Mapping[str, Any], **more: Any) -> bytes:
    name = {"$id": f"https://shop.example/orders/v{version}", "title": f"orders.v{version}.OrderPlaced"}
    return json.dumps({**name, "type": "object", "properties": properties, "required": ["id"], **more}).encode()


@pytest.mark.parametrize("name", JSON)
def test_the_matrix_says_of_json_schema_what_jsonschema_does(name: str) -> None:
    schemas = [document(number, properties) for number, properties in enumerate(JSON[name], 1)]
    found = readings(entry(dict(zip(JSON_PATHS, schemas, strict=True))))
    events: list[list[Any]] = [[{"id": "a"}, {"id": None}, {"id": 1}] for _ in schemas]
    judges = [jsonschema.Draft7Validator(json.loads(schema)) for schema in schemas]
    written = [[event for event in some if judge.is_valid(event)] for judge, some in zip(judges, events, strict=True)]
    for writer, reader in ((0, 1), (1, 0)):
        reads = all(judges[reader].is_valid(event) for event in written[writer])
        assert ("reads" if reads else "fails") == found[f"v{writer + 1} v{reader + 1}"]


def test_what_is_not_proven_is_not_said_to_fail() -> None:
    patterns = [{"id": {"type": "string", "pattern": pattern}} for pattern in ("^(a+)+$", "^(a|aa)+$")]
    schemas = [document(number, properties) for number, properties in enumerate(patterns, 1)]
    found = entry(dict(zip(JSON_PATHS, schemas, strict=True)))
    assert {"v1 v1": "same", "v1 v2": "unknown", "v2 v1": "unknown", "v2 v2": "same"} == readings(found)


def test_what_holds_only_for_writers_that_emit_what_they_declare_is_said_with_that() -> None:
    schemas = [document(1, {"id": TEXT}), document(2, {"id": TEXT, "note": TEXT})]
    found = entry(dict(zip(JSON_PATHS, schemas, strict=True)))
    assert ("reads", "if writers emit only what they declare") == (
        str(found.cell(V1, V2).reading),
        found.cell(V1, V2).note,
    )
    assert ("reads", "") == (str(found.cell(V2, V1).reading), found.cell(V2, V1).note)


def test_two_protobuf_versions_that_clash_do_not_hide_each_other() -> None:
    """Compiled together each would find the other's message, and nothing would have changed."""
    old, new = proto(1, "string id = 1", "string name = 2"), proto(2, "string id = 1", "int64 name = 2")
    written = message("orders.v1.OrderPlaced", old)(id="a", name="b").SerializeToString()
    assert 0 == decoded("orders.v2.OrderPlaced", new, written).name  # it is lost
    found = entry(dict(zip(PATHS, (old, new), strict=True)))
    assert {"v1 v1": "same", "v1 v2": "fails", "v2 v1": "fails", "v2 v2": "same"} == readings(found)
    assert ["protobuf/field-type-changed"] == [c.rule.id for c in found.cell(V1, V2).changes]


def test_two_protobuf_versions_that_read_each_other_are_said_to() -> None:
    old, new = proto(1, "string id = 1"), proto(2, "string id = 1", "string note = 2")
    written = message("orders.v2.OrderPlaced", new)(id="a", note="b").SerializeToString()
    assert "a" == decoded("orders.v1.OrderPlaced", old, written).id
    found = entry(dict(zip(PATHS, (old, new), strict=True)))
    assert {"v1 v1": "same", "v1 v2": "reads", "v2 v1": "reads", "v2 v2": "same"} == readings(found)


def test_a_value_that_means_something_else_is_not_said_to_be_read() -> None:
    old, new = proto(1, "int32 amount = 1"), proto(2, "sint32 amount = 1")
    written = message("orders.v1.OrderPlaced", old)(amount=7).SerializeToString()
    assert 7 != decoded("orders.v2.OrderPlaced", new, written).amount
    assert Reading.READS not in {c.reading for c in entry(dict(zip(PATHS, (old, new), strict=True))).cells}


def test_a_json_form_that_breaks_is_told_only_where_json_is_judged() -> None:
    files = dict(zip(PATHS, (proto(1, "string id = 1"), proto(2, 'string id = 1 [json_name = "key"]')), strict=True))
    assert ("reads", "json") == (readings(entry(files))["v1 v2"], readings(entry(files))["v2 v1"])
    assert "reads" == readings(entry(files, "[protobuf]\njson = false\n"))["v2 v1"]


@pytest.mark.parametrize("deep", [False, True])
def test_a_protobuf_version_that_imports_the_other_is_not_compared(deep: bool) -> None:
    between = "schemas/orders/between.proto"
    files = {
        PATHS[0]: proto(1, "string id = 1"),
        PATHS[1]: proto(2, "int64 id = 1", head=f'import "orders/{"between" if deep else "v1/order_placed"}.proto";\n'),
        **({between: b'syntax = "proto3";\nimport public "orders/v1/order_placed.proto";\n'} if deep else {}),
    }
    policy = config.rooted(config.Policy(), ("schemas",))
    tree = MemoryTree("tree", files, judged=PATHS)
    (found,) = catalogue(tree, policy).events
    assert {"unknown"} == {str(found.cell(*pair).reading) for pair in ((V1, V2), (V2, V1))}
    assert "v2 imports v1" == found.cell(V1, V2).note


def test_messages_that_have_nothing_in_common_are_not_compared() -> None:
    other = b'syntax = "proto3";\npackage orders.v2;\nmessage Quite { bytes other = 9; }\n'
    found = entry({PATHS[0]: proto(1, "string id = 1", "string a = 2"), PATHS[1]: other})
    assert (Reading.UNKNOWN, Reading.UNKNOWN) == (found.cell(V1, V2).reading, found.cell(V2, V1).reading)


def test_what_cannot_be_compared_is_never_said_to_be_read() -> None:
    folder = "schemas/orders/order_placed"
    good = avro(1, {"name": "id", "type": "string"})
    found = entry({f"{folder}/v1.avsc": good, f"{folder}/v2.avsc": b'{"type": "recor"}'})
    assert (Reading.UNKNOWN, 'v2 cannot be read: /type: there is no type "recor"') == (
        found.cell(V1, V2).reading,
        found.cell(V1, V2).note,
    )
    found = entry({f"{folder}/v1.avsc": good, f"{folder}/v2.proto": proto(2, "string id = 1")})
    assert (Reading.FAILS, "v1 is avro, v2 is protobuf") == (found.cell(V2, V1).reading, found.cell(V2, V1).note)
    twins = {f"{folder}/v1.avsc": good, f"{folder}/v1.proto": proto(1, "string id = 1"), f"{folder}/v2.avsc": good}
    found = entry(twins)
    assert Reading.UNKNOWN == found.cell(V1, V2).reading
    assert f"several files claim to be v1: {folder}/v1.avsc and {folder}/v1.proto" == found.cell(V1, V2).note


def test_every_pair_has_a_cell() -> None:
    files = {
        f"schemas/orders/order_placed/v{number}.avsc": avro(number, {"name": "id", "type": "string"})
        for number in (1, 2, 3)
    }
    found = entry(files)
    assert [(a, b) for a in (V1, V2, V3) for b in (V1, V2, V3)] == [(c.writer, c.reader) for c in found.cells]


def test_the_history_is_that_of_the_published_line() -> None:
    path = "schemas/orders/order_placed/v1.avsc"
    texts = [avro(1, *({"name": f"f{i}", "type": "int", "default": 0} for i in range(n))) for n in range(STEPS + 3)]
    source = TreeSource(Baseline("git", "line"), *(MemoryTree(f"state {n}", {path: t}) for n, t in enumerate(texts)))
    policy = config.rooted(config.Policy(), ("schemas",))
    (found,) = catalogue(source.tree, policy, published=source).events
    assert STEPS == len(found.history)
    assert "only the newest 20 steps; schemacheck log tells all" == found.cut
    assert ["avro/field-added"] == [change.rule.id for change in found.history[0].step.changes]
    fresh = TreeSource(Baseline("git", "line"), MemoryTree("state", {}))
    assert "not published yet" == catalogue(source.tree, policy, published=fresh).events[0].cut


def test_the_schemas_of_this_repository_are_told_truly() -> None:
    root = Path(__file__).parent.parent
    files = {p.relative_to(root).as_posix(): p.read_bytes() for p in (root / "schemas").rglob("*") if p.is_file()}
    policy = config.rooted(config.parse((root / "pyproject.toml").read_text(), "pyproject.toml"), ("schemas",))
    tree = MemoryTree("tree", files, judged=[path for path in files if path.endswith((".avsc", ".proto"))])
    found = {event.event: readings(event) for event in catalogue(tree, policy).events if len(event.versions) > 1}
    fails = {"v1 v1": "same", "v1 v2": "fails", "v2 v1": "fails", "v2 v2": "same"}
    assert {"orders/order_placed": fails, "shipping/parcel_dispatched": fails} == found
