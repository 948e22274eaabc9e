"""Every break is shown by an event that a real decoder reads, and what no fact breaks is read whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import protobuf_agreement
import pytest
from google.protobuf.internal import api_implementation
from protobuf_agreement import HARMFUL, WAYS
from test_protobuf_diff import proto2, proto3, sides
from test_protobuf_properties import pairs

from schemacheck import formats
from schemacheck.model import Direction

HERE = Path(__file__).parent
TABLE = tomllib.loads((HERE / "protobuf_no_event.toml").read_text(encoding="utf-8"))
DECODERS = ("upb", "python")
# What a decoder cannot show by itself: it takes an open enum in a proto2 message as open, and text as it comes.
BY_RULE = {
    "upb": {
        "enum-became-closed",
        "enum-became-open",
        "enum-value-added-to-closed-enum",
        "enum-value-removed-from-closed-enum",
        "message-set-format-changed",
        "utf8-validation-added",
        "utf8-validation-removed",
    },
}
BY_RULE["python"] = {rule for rule in BY_RULE["upb"] if not rule.startswith("utf8")}


@cache
def agreement(decoder: str) -> Any:
    if decoder == api_implementation.Type():
        return json.loads(json.dumps(protobuf_agreement.found()))
    done = subprocess.run(
        [sys.executable, protobuf_agreement.__file__],
        env={**os.environ, "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": decoder},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("decoder", DECODERS)
def test_a_direction_that_no_fact_breaks_is_read_whole(decoder: str) -> None:
    assert decoder == agreement(decoder)["decoder"]
    assert [] == agreement(decoder)["misjudged"]


@pytest.mark.parametrize("decoder", DECODERS)
def test_every_break_has_an_event_or_a_reason_why_not(decoder: str) -> None:
    missing = [(rule, case) for rule, case in agreement(decoder)["missing"] if rule not in TABLE["never"]]
    assert set(TABLE["here"]) == {f"{rule} {case}" for rule, case in missing}
    assert TABLE["never"].keys() <= {rule for rule, _ in agreement(decoder)["missing"]}


@pytest.mark.parametrize("decoder", DECODERS)
def test_the_event_of_a_break_is_read_with_harm(decoder: str) -> None:
    assert set(TABLE["elsewhere"]) == {line.partition(",")[0] for line in agreement(decoder)["unshown"]}


@pytest.mark.parametrize("decoder", DECODERS)
def test_only_what_the_decoder_cannot_show_is_judged_by_rule(decoder: str) -> None:
    assert BY_RULE[decoder] == set(agreement(decoder)["by rule"])


def test_every_break_of_a_generated_pair_has_an_event() -> None:
    unshown, seen = [], 0
    for old, new, changes in pairs():
        for change in changes:
            rule = change.rule.id.partition("/")[2]
            unused = change.where.split(".")[1] in ("Kind", "State") and rule.startswith("enum-")
            if unused or rule in TABLE["never"] or change.rule.surface not in HARMFUL:
                continue
            for way in WAYS:
                if way in change.breaks:
                    seen += 1
                    if formats.load("protobuf").witness(old, new, change, way) is None:
                        unshown.append((old.path, rule, change.where))
    # Fields that were put together and changed their type as well do not meet in the reader: the type is told.
    assert {"fields-became-exclusive", "fields-became-independent"} >= {rule for _, rule, _ in unshown}
    assert len(unshown) < 10
    assert seen > 1000


ENUM = "enum Kind {{ NONE = 0; A = 1; {} }}"


@pytest.mark.parametrize(
    ("old", "new", "way", "event", "result"),
    [
        pytest.param(
            proto3("message Event { int32 qty = 1; }"),
            proto3("message Event { int64 qty = 1; }"),
            Direction.FORWARD,
            '{"qty": "5000000000"}',
            '"qty" reads as 705032704, its upper 32 bits are lost',
            id="widened",
        ),
        pytest.param(
            proto3(
                "message Event { map<string, Line> by = 1; } message Line { repeated Part parts = 1; }"
                "message Part { int64 n = 1; }"
            ),
            proto3(
                "message Event { map<string, Line> by = 1; } message Line { repeated Part parts = 1; }"
                "message Part { int32 n = 1; }"
            ),
            Direction.BACKWARD,
            '{"by": {"A-1": {"parts": [{"n": "5000000000"}]}}}',
            '"n" reads as 705032704, its upper 32 bits are lost',
            id="behind a map and a list",
        ),
        pytest.param(
            proto2("message Event { required string id = 1; optional Event next = 2; }"),
            proto2("message Event { required string id = 1; optional Event next = 2; required int32 n = 3; }"),
            Direction.BACKWARD,
            '{"id": ""}',
            '"n" is missing: C++, Java and Go refuse the event; Python reads it as incomplete',
            id="required in a recursive message",
        ),
        pytest.param(
            proto2(f"{ENUM.format('')} message Event {{ map<string, Kind> kinds = 1; }}"),
            proto2(f"{ENUM.format('B = 2;')} message Event {{ map<string, Kind> kinds = 1; }}"),
            Direction.FORWARD,
            '{"kinds": {"A-1": "B"}}',
            '"kinds" reads as {}; number 1 is kept as unknown; C++ and Java keep the key, with the first value',
            id="closed enum in a map",
        ),
        pytest.param(
            proto3("message Event { map<string, int32> by = 1; }"),
            proto3("message Event { map<int32, int32> by = 1; }"),
            Direction.BACKWARD,
            '{"by": {"A-1": -1}}',
            '"by" reads as {}; number 1 is kept as unknown; '
            "C++, Java and Go keep the entry, with a default in the place of what changed",
            id="another map key",
        ),
        pytest.param(
            proto3("message Event { string a = 1; string b = 2; }"),
            proto3("message Event { string b = 1; string a = 2; }"),
            Direction.BACKWARD,
            '{"b": "A-1"}',
            '"b" reads as ""; number 2 is read as "a"',
            id="two fields swapped",
        ),
        pytest.param(
            proto3("message Event { string a = 1; }"),
            proto3("message Event { string b = 1; }"),
            Direction.BACKWARD,
            '{"a": "A-1"}',
            'refused: the key "a" is not known, or where it is ignored, "b" reads as ""',
            id="renamed",
        ),
        pytest.param(
            proto3(f"{ENUM.format('')} message Event {{ Kind kind = 1; }}"),
            proto3(f"{ENUM.format('B = 2;')} message Event {{ Kind kind = 1; }}"),
            Direction.FORWARD,
            '{"kind": "B"}',
            "refused: kind field: Invalid enum value B for enum type ev.v1.Kind"
            ', or where it is ignored, "kind" reads as NONE',
            id="enum value",
        ),
        pytest.param(
            proto3("message Event { Line a = 1; } message Line { string x = 1; string y = 2; }"),
            proto3("message Event { repeated Line a = 1; } message Line { string x = 1; string y = 2; }"),
            Direction.FORWARD,
            '{"a": [{"x": "A-1", "y": "A-1"}, {"x": "A-1", "y": "A-1"}]}',
            '"a" reads as {"x": "A-1", "y": "A-1"} alone',
            id="a list of messages",
        ),
        pytest.param(
            proto3("message Event { string id = 1; message Inner { int64 n = 1; } }"),
            proto3("message Event { string id = 1; message Inner { string n = 1; } }"),
            Direction.BACKWARD,
            '{"n": "5000000000"}',
            '"n" reads as ""; number 1 is kept as unknown (read as a ev.v1.Event.Inner)',
            id="a type that no event uses",
        ),
    ],
)
def test_a_witness_is_the_smallest_event_and_what_its_reader_got(
    old: str, new: str, way: Direction, event: str, result: str
) -> None:
    schemas = sides(old, new)
    found = [
        told
        for change in formats.load("protobuf").diff(*schemas)
        if (told := formats.load("protobuf").witness(*schemas, change, way)) is not None
    ]
    assert (event, result, "protobuf") == (found[0].event, found[0].result, found[0].judge)
    roles = ("old", "new") if way == Direction.BACKWARD else ("new", "old")
    assert roles == (found[0].written_by, found[0].read_by)
