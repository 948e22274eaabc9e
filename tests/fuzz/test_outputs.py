"""A marker in every text of a report that is not ours: it begins no line, no command, no element and no link."""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from fuzz_grammar import HOSTILE
from fuzz_invariants import output_is_sound
from hypothesis import given, settings
from hypothesis import strategies as st
from render.pages import NEWER, NEXT, with_catalogue
from render.test_json import NEW, OLD, PATH, report_on

from schemacheck.model import Baseline, Opinion, Place, Problem, RegistryView, Rule
from schemacheck.render import RENDERERS, renderer
from schemacheck.report import Report, Waiver

# What the tool itself says, from lists of its own; everything else comes from files, names, refs and registries.
_WORDS = "command reason source rung written_by read_by judge side format policy date expires causes"
OURS = frozenset(_WORDS.split())
FILES = {PATH: NEW, NEXT: NEWER}


def whole() -> Report:
    """A report that has something of everything."""
    report = with_catalogue(report_on({PATH: OLD}, FILES), FILES)
    waiver = Waiver("x", "x", "2026-12-31", "x", "x", "x", "x", "x", 1, used=1)
    verdicts = []
    for verdict in report.verdicts:
        found = [
            replace(finding, was=Place("x", 1, 1), owner="x", fix="x", waived=waiver if number else None)
            for number, finding in enumerate([*verdict.findings, *verdict.findings])
        ]
        view = RegistryView(Opinion.REJECTS, ("x", "x"))
        verdicts.append(replace(verdict, findings=tuple(found), registry=view, owner="x", consumers=("x",), next="x"))
    problem = Problem("x", "x", "x", 1, 1, subject=report.verdicts[0].subject)
    baseline = Baseline("git", "x", "x", "2026-11-25T00:00:00Z", "local", "x", notes=("x",))
    return replace(
        report,
        current=baseline,
        baselines=(baseline, baseline),
        verdicts=tuple(verdicts),
        not_checked=(problem, Problem(None, "x")),
        waivers=(waiver,),
    )


def marked(value: Any, payload: str, name: str = "") -> Any:
    """A value with the payload in place of every text in it that is not ours."""
    if isinstance(value, enum.Enum | Rule | bool | int) or value is None or name in OURS:
        return value
    if isinstance(value, str):
        return payload
    if isinstance(value, Mapping):
        return {key: marked(inner, payload) for key, inner in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: marked(getattr(value, f.name), payload, f.name) for f in fields(value) if f.init}
        return replace(value, **changed)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return value._replace(**{key: marked(getattr(value, key), payload, key) for key in value._fields})
    if isinstance(value, tuple | list | frozenset | set):
        return type(value)(marked(inner, payload) for inner in value)
    return value


WHOLE = whole()


def test_the_marker_reaches_every_output() -> None:
    report = marked(WHOLE, "MARKER")
    assert [] == [name for name in RENDERERS if "MARKER" not in renderer(name)(report)]


@pytest.mark.parametrize("command", ["check", "diff"])
@pytest.mark.parametrize("payload", HOSTILE, ids=[str(number) for number in range(len(HOSTILE))])
def test_no_known_attack_gets_out_of_its_place(payload: str, command: str) -> None:
    report = replace(marked(WHOLE, payload), command=command)
    for name in RENDERERS:
        output_is_sound(name, renderer(name)(report))


_PARTS = (
    *HOSTILE,
    "\n",
    "\r",
    "\x85",
    "\u2028",
    "::",
    ":",
    "##[",
    "##",
    "[",
    "vso[",
    "<",
    "&",
    '"',
    "`",
    "``",
    "|",
    "]",
)
_PARTS += ("(", ")", "]]>", "--", ">", "%0A", "%", "\ud800", "\x9b", "\\", "@", "#1", "http://x", "\t", " ", "- ", "> ")


@settings(derandomize=True, max_examples=60, deadline=None, database=None)
@given(st.lists(st.sampled_from(_PARTS), min_size=1, max_size=6).map("".join))
def test_no_text_gets_out_of_its_place(payload: str) -> None:
    report = marked(WHOLE, payload)
    for name in RENDERERS:
        output_is_sound(name, renderer(name)(report))


@pytest.mark.parametrize("name", ["text", "github"])
def test_as_many_lines_are_written_whatever_a_text_holds(name: str) -> None:
    """A line that somebody else began would be one more."""
    plain = renderer(name)(marked(WHOLE, "MARKER")).count("\n")
    for payload in ("a\nb", "a\r\nb", "a\u2028b", "a\x0bb", "a\x1b[2Kb"):
        text = renderer(name)(marked(WHOLE, payload))
        assert plain == text.count("\n") == len(text.splitlines())


def test_the_markup_for_people_holds_what_is_not_ours_as_text_only() -> None:
    payload = "[a](http://evil.example) <b onload=x> ![i](http://evil.example/i.png) @team"
    for name in ("markdown", "comment"):
        text = renderer(name)(marked(WHOLE, payload))
        outside = re.sub(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", "", text)
        outside = re.sub("<code>.*?</code>", "", outside)
        assert not [word for word in ("](http", "<b onload", "@team", "![i]") if word in outside]


def test_code_scanning_is_given_what_is_not_ours_as_text_only() -> None:
    payload = "[a](http://evil.example) <b onload=x>"
    document = json.loads(renderer("sarif")(marked(WHOLE, payload)))
    for result in document["runs"][0]["results"]:
        assert "](http" not in result["message"].get("markdown", "")
        for location in result["locations"]:
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert not re.match(r"(?i)[a-z][a-z0-9+.-]*:|//|/", uri), uri
