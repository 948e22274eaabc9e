"""Every class of faulty schema is refused with its exact place, and published text only if it makes no tree."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from schemacheck.formats.avro import FORMAT
from schemacheck.model import Document, Place, Problem, Schema, Subject, Version
from schemacheck.sources.tree import MemoryTree

FAULTS = tomllib.loads((Path(__file__).parent / "avro_faults.toml").read_text(encoding="utf-8"))


def parse(files: Mapping[str, str | bytes], path: str = "event.avsc", published: bool = False) -> Any:
    """The event of a file, or its problems."""
    contents = {name: text.encode() if isinstance(text, str) else text for name, text in files.items()}
    tree = MemoryTree("now", contents)
    document = Document(Subject("event", Version(1)), "avro", path, tree)
    return FORMAT.open(tree, {}).parse([document], published)[path]


def told(problems: Schema | Sequence[Problem]) -> list[str]:
    """Problems as `line:column message`."""
    assert isinstance(problems, list), "the schema was accepted"
    return [f"{problem.line}:{problem.column} {problem.message}" for problem in problems]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_schema_is_refused_at_its_exact_place(fault: str) -> None:
    assert FAULTS[fault]["problems"] == told(parse({"event.avsc": FAULTS[fault]["text"]}))


@pytest.mark.parametrize("fault", FAULTS)
def test_published_text_is_refused_only_if_it_makes_no_tree(fault: str) -> None:
    refused = isinstance(parse({"event.avsc": FAULTS[fault]["text"]}, published=True), list)
    assert FAULTS[fault]["published"] == (not refused)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_problem_says_what_to_do(fault: str) -> None:
    assert all(problem.hint for problem in parse({"event.avsc": FAULTS[fault]["text"]}))


def test_all_problems_of_a_file_are_reported_in_order() -> None:
    fields = [
        {"name": "a-b", "type": "int"},
        {"name": "c", "type": "Nowhere"},
        {"name": "d", "type": "int", "default": "x"},
        {"name": "e", "type": ["int", "int"]},
    ]
    text = json.dumps({"type": "record", "name": "R", "fields": fields}, indent=1)
    assert [
        '6:12 /fields/0/name: "a-b" is no legal name',
        '11:12 /fields/1/type: there is no type "Nowhere"',
        '16:15 /fields/2/default: the default "x" is no "int"',
        '22:5 /fields/3/type/1: "int" is twice in the union',
    ] == told(parse({"event.avsc": text}))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 1000 + "]" * 1000, id="lists"),
        pytest.param('{"a":' * 5000 + "1" + "}" * 5000, id="objects"),
        pytest.param("[" * 100_000, id="unclosed"),
        pytest.param('{"type":"array","items":' * 201 + '"int"' + "}" * 201, id="one-too-many"),
    ],
)
def test_bottomless_nesting_is_refused(text: str) -> None:
    assert ["1:1 it is nested more than 200 levels deep"] == told(parse({"event.avsc": text}))


def test_nesting_within_the_limit_is_accepted() -> None:
    text = '{"type":"array","items":' * 200 + '"int"' + "}" * 200
    assert not isinstance(parse({"event.avsc": text}), list)


def test_a_number_without_end_is_refused() -> None:
    text = '{"type": "fixed", "name": "F", "size": ' + "9" * 5000 + "}"
    assert ["1:1 it holds a number of thousands of digits"] == told(parse({"event.avsc": text}))


@pytest.mark.parametrize("name", ["event.avsc", "event.avpr"])
@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "1:1 the file is empty"),
        (b"\xff\xfe", "1:1 byte 0xff is not UTF-8"),
        (b'{"a": \0}', "1:None it is a binary file, or not UTF-8"),
        (b" " * 5_000_001, "None:None the file has 5000001 bytes, more than 5000000"),
    ],
)
def test_what_is_no_text_is_refused(name: str, content: bytes, problem: str) -> None:
    assert [problem] == told(parse({name: content}, name))


def test_a_byte_order_mark_is_no_fault() -> None:
    assert not isinstance(parse({"event.avsc": b'\xef\xbb\xbf{"type": "fixed", "name": "F", "size": 1}'}), list)


def test_idl_is_refused_with_the_command_that_converts_it() -> None:
    (problem,) = parse({"orders/types.avdl": "protocol P {}"}, "orders/types.avdl")
    assert problem.reason == "unsupported"
    assert "avro-tools idl2schemata orders/types.avdl orders/types" in problem.hint


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"type": "enum", "name": "E", "symbols": []}', id="empty-enum"),
        pytest.param('{"type": "fixed", "name": "F", "size": 4, "aliases": ["a-b"]}', id="alias-that-heals-a-bad-name"),
        pytest.param('{"type": "bytes", "logicalType": "decimal", "precision": 2, "scale": 4}', id="bad-decimal"),
        pytest.param('{"type": "bytes", "logicalType": "decimal", "precision": 2, "scale": -1}', id="negative-scale"),
        pytest.param(
            '{"type": "fixed", "name": "F", "size": 1, "logicalType": "decimal", "precision": 9}', id="decimal-too-big"
        ),
        pytest.param('{"type": "long", "logicalType": "timestamp-milis"}', id="unknown-logical-type"),
        pytest.param(
            '{"type": "record", "name": "R", "fields": [{"name": "a", "type": "X"}, '
            '{"name": "b", "type": {"type": "fixed", "name": "X", "size": 1}}]}',
            id="forward-reference",
        ),
        pytest.param(
            '{"type": "record", "name": "R", "fields": [{"name": "a", "type": '
            '{"type": "fixed", "name": "X", "size": 1, "doc": "one"}}, '
            '{"name": "b", "type": {"type": "fixed", "name": "X", "size": 1}}]}',
            id="identical-redefinition",
        ),
        pytest.param(
            '{"type": "record", "name": "R", "fields": [{"name": "a", "type": {"type": "float"}, "default": 1}]}',
            id="number-default",
        ),
        pytest.param(
            '{"type": "record", "name": "R", "fields": [{"name": "a", "type": ["null", "int"], "default": 1}]}',
            id="default-of-a-later-branch",
        ),
        pytest.param(
            '{"type": "record", "name": "R", "fields": [{"name": "r", "type": ["null", "R"]}, '
            '{"name": "s", "type": {"type": "array", "items": "R"}}]}',
            id="recursion-with-an-end",
        ),
        pytest.param('["null", {"type": "record", "name": "R", "fields": []}]', id="top-level-union"),
        pytest.param('"string"', id="top-level-name"),
    ],
)
def test_what_the_specification_allows_is_accepted(text: str) -> None:
    assert not isinstance(parse({"event.avsc": text}), list)


# --- several files ----------------------------------------------------------------------------------------------------

USER = '{"type": "record", "name": "Order", "namespace": "shop", "fields": [{"name": "p", "type": "shop.Money"}]}'
MONEY = '{"type": "record", "name": "Money", "namespace": "shop", "fields": [{"name": "cents", "type": "long"}]}'
OTHER_MONEY = MONEY.replace("long", "int")


def test_a_type_is_found_wherever_it_stands() -> None:
    for path in ("money.avsc", "a/b/Whatever_name.avsc", "zz.avsc"):
        assert not isinstance(parse({"orders/order.avsc": USER, path: MONEY}, "orders/order.avsc"), list)


def test_files_that_refer_to_each_other_load() -> None:
    one = '{"type": "record", "name": "x.A", "fields": [{"name": "b", "type": ["null", "x.B"]}]}'
    other = '{"type": "record", "name": "x.B", "fields": [{"name": "a", "type": ["null", "x.A"]}]}'
    schema = parse({"a.avsc": one, "b.avsc": other}, "a.avsc")
    assert {"x.A", "x.B"} == set(schema.types)


def test_a_chain_of_many_files_loads() -> None:
    files = {
        f"f{n}.avsc": json.dumps(
            {"type": "record", "name": f"x.T{n}", "fields": [{"name": "next", "type": ["null", f"x.T{n + 1}"]}]}
        )
        for n in range(1200)
    }
    files["f1200.avsc"] = '{"type": "record", "name": "x.T1200", "fields": []}'
    schema = parse(files, "f0.avsc")
    assert 1201 == len(schema.types)
    assert [] == list(FORMAT.diff(schema, schema))


def test_an_unknown_type_names_its_nearest_likes_and_where_was_searched() -> None:
    (problem,) = parse({"a/order.avsc": USER, "money.avsc": MONEY.replace('"shop"', '"shop.common"')}, "a/order.avsc")
    assert ("import", 'there is no type "shop.Money"') == (problem.reason, problem.message.partition(": ")[2])
    assert "did you mean shop.common.Money; searched 2 files of the tree" == problem.hint


def test_a_type_that_may_stand_in_a_broken_file_says_so() -> None:
    (problem,) = parse({"order.avsc": USER, "money.avsc": MONEY[:-1]}, "order.avsc")
    assert problem.hint.startswith("it may stand in money.avsc, which cannot be parsed")


def test_a_name_without_namespace_is_not_searched_elsewhere() -> None:
    inner = '{"type": "fixed", "name": "Key", "size": 4}'
    order = '{"type": "record", "name": "Order", "namespace": "shop", "fields": [{"name": "k", "type": "Key"}]}'
    (problem,) = parse({"order.avsc": order, "key.avsc": inner}, "order.avsc")
    assert problem.message == '/fields/0/type: there is no type "shop.Key"'
    assert '"Key" exists without a namespace' in problem.hint


def test_equal_definitions_in_several_files_are_one_type() -> None:
    files = {"a/order.avsc": USER, "b/m.avsc": MONEY, "c/m.avsc": json.dumps(json.loads(MONEY), indent=4)}
    assert not isinstance(parse(files, "a/order.avsc"), list)


def test_differing_definitions_are_an_error_that_names_both() -> None:
    (problem,) = parse({"a/order.avsc": USER, "b/m.avsc": MONEY, "c/m.avsc": OTHER_MONEY}, "a/order.avsc")
    assert "two different definitions, b/m.avsc# and c/m.avsc#" in problem.message
    assert ("a/order.avsc", 1, 91) == (problem.file, problem.line, problem.column)


def test_two_definitions_that_one_event_reaches_over_two_paths_are_an_error() -> None:
    order = json.dumps(
        {
            "type": "record",
            "name": "Order",
            "fields": [{"name": "p", "type": "shop.Money"}, {"name": "c", "type": "shop.Card"}],
        }
    )
    card = '{"type": "record", "name": "shop.Card", "fields": [{"name": "m", "type": "shop.Money"}]}'
    files = {"a/order.avsc": order, "a/m.avsc": MONEY, "b/card.avsc": card, "b/m.avsc": OTHER_MONEY}
    (problem,) = parse(files, "a/order.avsc")
    assert "two different definitions, a/m.avsc# and b/m.avsc#" in problem.message


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_versions_in_parallel_folders_may_repeat_names(version: str) -> None:
    files = {
        "v1/orders/order.avsc": USER,
        "v1/common/money.avsc": MONEY,
        "v2/orders/order.avsc": USER,
        "v2/common/money.avsc": OTHER_MONEY,
    }
    schema = parse(files, f"{version}/orders/order.avsc")
    assert f"{version}/common/money.avsc#" == schema.types["shop.Money"].pointer


def test_a_fault_in_an_imported_file_is_reported_there() -> None:
    bad = MONEY.replace('"long"', '"long", "default": "x"')
    (problem,) = parse({"order.avsc": USER, "money.avsc": bad}, "order.avsc")
    assert ("money.avsc", 1, 114) == (problem.file, problem.line, problem.column)


def test_a_protocol_is_a_union_of_its_types() -> None:
    key = {"type": "fixed", "name": "K", "size": 1}
    protocol = json.dumps({"protocol": "P", "namespace": "shop", "types": [json.loads(MONEY), key]})
    schema = parse({"p.avpr": protocol}, "p.avpr")
    assert {"shop.Money": "p.avpr#/types/0", "shop.K": "p.avpr#/types/1"} == dict(schema.names)
    assert ("namespace", "shop", "p.avpr#/namespace") == (
        schema.declared[0].place,
        schema.declared[0].text,
        schema.declared[0].pointer,
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"protocol": 3}', "1:1 a protocol needs"),
        ('{"protocol": "P", "types": 3}', "1:28 /types: "),
        ('{"protocol": "P", "types": [{"type": "array", "items": "int"}]}', "1:29 /types/0: "),
        ('{"protocol": "P", "types": [{"type": {}}]}', "1:29 /types/0: "),
    ],
)
def test_a_faulty_protocol_is_refused(text: str, place: str) -> None:
    (problem,) = told(parse({"p.avpr": text}, "p.avpr"))
    assert problem.startswith(place)


# --- the workspace ----------------------------------------------------------------------------------------------------


class CountingTree(MemoryTree):
    """Counts what is read."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        super().__init__("counting", contents)
        self.reads: list[str] = []

    def read(self, path: str) -> bytes:
        self.reads.append(path)
        return super().read(path)


def tree(**more: str) -> CountingTree:
    files = {
        "orders/order.avsc": USER,
        "common/money.avsc": MONEY,
        "orders/lone.avsc": '{"type": "record", "name": "shop.Lone", "fields": []}',
        "users.avsc": '{"type": "record", "name": "shop.Cart", "fields": [{"name": "o", "type": "shop.Order"}]}',
        **more,
    }
    return CountingTree({path: text.encode() for path, text in files.items()})


def test_imports_are_the_files_whose_types_are_used() -> None:
    workspace = FORMAT.open(tree(), {})
    assert ["common/money.avsc"] == list(workspace.imports("orders/order.avsc"))
    assert [] == list(workspace.imports("orders/lone.avsc"))
    assert [] == list(workspace.imports("nowhere.avsc"))


def test_dependents_are_found_over_several_steps() -> None:
    workspace = FORMAT.open(tree(), {})
    assert {"orders/order.avsc", "users.avsc"} == workspace.dependents(["common/money.avsc"])
    assert set() == workspace.dependents(["orders/lone.avsc", "nowhere.avsc"])


def test_dependents_of_a_broken_file_are_those_that_may_need_it() -> None:
    broken = tree(**{"common/money.avsc": MONEY[:-1]})
    assert "orders/order.avsc" in FORMAT.open(broken, {}).dependents(["common/money.avsc"])


def test_names_written_with_escapes_are_found() -> None:
    escaped = USER.replace("Money", "\\u004doney")
    workspace = FORMAT.open(tree(**{"orders/order.avsc": escaped}), {})
    assert {"orders/order.avsc", "users.avsc"} == workspace.dependents(["common/money.avsc"])


def test_claims_are_the_files_that_define_a_name() -> None:
    workspace = FORMAT.open(tree(), {})
    assert ["common/money.avsc"] == list(workspace.claims("shop.Money"))
    assert [] == list(workspace.claims("Money"))


def test_a_file_that_needs_no_other_reads_no_other() -> None:
    files = tree(**{"orders/lone.avsc": '{"type": "record", "name": "shop.Lonely", "fields": []}'})
    document = Document(Subject("event", Version(1)), "avro", "orders/lone.avsc", files)
    FORMAT.open(files, {}).parse([document], published=False)
    assert {"orders/lone.avsc"} >= set(files.reads)


def test_a_tree_that_differs_in_one_file_reads_that_one_only() -> None:
    FORMAT.open(tree(), {}).dependents(["common/money.avsc"])
    second = tree(**{"common/money.avsc": OTHER_MONEY.replace("int", "float")})
    FORMAT.open(second, {}).dependents(["common/money.avsc"])
    assert {"common/money.avsc"} == set(second.reads)


def test_a_pointer_is_located_in_its_own_file() -> None:
    workspace = FORMAT.open(tree(), {})
    assert Place("common/money.avsc", 1, 69) == workspace.locate("common/money.avsc#/fields/0")
    assert Place("common/money.avsc", 1, 69) == workspace.locate("common/money.avsc#/fields/0/default")
    assert workspace.locate("nowhere.avsc#/fields") is None


def test_an_event_declares_its_namespace_first() -> None:
    schema = parse({"event.avsc": USER, "money.avsc": MONEY})
    assert [("namespace", "shop", "event.avsc#/namespace"), ("name", "Order", "event.avsc#/name")] == [
        (declared.place, declared.text, declared.pointer) for declared in schema.declared
    ]
    assert {"shop.Order": "event.avsc#"} == dict(schema.names)


def test_a_dotted_name_declares_its_namespace() -> None:
    schema = parse({"event.avsc": '{"type": "record", "name": "orders.v2.Order", "fields": []}'})
    assert ("orders.v2", "event.avsc#/name") == (schema.declared[0].text, schema.declared[0].pointer)
