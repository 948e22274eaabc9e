"""The JSON contract: every report is valid under the published schema, and under a closed copy of it."""

from __future__ import annotations

import copy
import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cases import folders, side
from test_event_cases import SIDES, judged

from schemacheck import check, config
from schemacheck.model import Baseline, Level
from schemacheck.render.json import render
from schemacheck.report import Report
from schemacheck.sources.tree import MemoryTree, TreeSource

SCHEMA = json.loads((resources.files("schemacheck") / "report-1.schema.json").read_text(encoding="utf-8"))
FOLDERS = list(folders("event"))


def closed(schema: Any) -> Any:
    """A copy in which no object may have a field that the schema does not name."""
    schema = copy.deepcopy(schema)
    todo = [schema]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            if "properties" in node:
                node["additionalProperties"] = False
            todo.extend(node.values())
        elif isinstance(node, list):
            todo.extend(node)
    return schema


def report_on(before: dict[str, bytes], after: dict[str, bytes], command: str = "check", gate: bool = True) -> Report:
    current = TreeSource(Baseline("dir", "after"), MemoryTree("after", after))
    published = TreeSource(Baseline("dir", "before", rung="explicit"), MemoryTree("before", before))
    return check.run(command, current, [published], config.rooted(config.Policy(), ("schemas",)), gate=gate)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("folder", FOLDERS, ids=[f"{f.parent.name}/{f.name}" for f in FOLDERS])
def test_every_report_is_valid_and_has_no_field_that_the_contract_does_not_name(folder: Path) -> None:
    files = {name: side(folder, name) if (folder / name).is_dir() else {} for name in SIDES}
    document = json.loads(render(judged(files)))
    jsonschema.Draft202012Validator(closed(SCHEMA)).validate(document)


def test_a_run_that_could_not_check_is_valid_and_says_so() -> None:
    report = report_on({}, {"schemas/orders/order_placed/v1.avsc": b'{"type": "recor"}'})
    document = json.loads(render(report))
    jsonschema.Draft202012Validator(closed(SCHEMA)).validate(document)
    assert ("not_checked", 3) == (document["verdict"], document["exit_code"])
    assert ["schemas/orders/order_placed/v1.avsc"] == [problem["file"] for problem in document["not_checked"]]


OLD = b'{"type": "record", "name": "A", "namespace": "a.v1", "fields": [{"name": "x", "type": "int"}]}'
NEW = b'{"type": "record", "name": "A", "namespace": "a.v1", "fields": []}'
PATH = "schemas/a/a/v1.avsc"


def test_a_command_that_informs_never_fails() -> None:
    assert 1 == report_on({PATH: OLD}, {PATH: NEW}).exit_code
    document = json.loads(render(report_on({PATH: OLD}, {PATH: NEW}, "diff", gate=False)))
    jsonschema.Draft202012Validator(closed(SCHEMA)).validate(document)
    assert ("diff", "pass", 0) == (document["command"], document["verdict"], document["exit_code"])
    assert ["avro/field-removed-without-default"] == [change["rule"] for change in document["changes"]]


def test_two_runs_on_the_same_input_are_equal_byte_for_byte() -> None:
    assert render(report_on({PATH: OLD}, {PATH: NEW})) == render(report_on({PATH: OLD}, {PATH: NEW}))


def test_the_contract_of_a_finding() -> None:
    document = json.loads(render(report_on({PATH: OLD}, {PATH: NEW})))
    finding = next(f for f in document["findings"] if f["rule"] == "avro/field-removed-without-default")
    expected = {
        "level": "error",
        "subject": {"event": "a/a", "version": "v1"},
        "where": "A.x",
        "directions": ["forward"],
        "surface": "wire",
        "file": PATH,
        "line": 1,
        "side": "current",
        "was": {"file": PATH, "line": 1, "column": OLD.index(b'{"name": "x"') + 1},
    }
    assert expected == {key: finding[key] for key in expected}
    (mutated,) = [f for f in document["findings"] if f["rule"] == "event/mutated"]
    assert [finding["fingerprint"]] == mutated["causes"]
    assert Level.ERROR.word == mutated["level"]
    (subject,) = document["subjects"]
    assert ("breaking", "consumers_first", "schemas/a/a/v2.avsc") == (
        subject["outcome"],
        subject["deploy"],
        subject["next"],
    )
