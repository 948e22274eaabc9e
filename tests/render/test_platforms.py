"""What is written for platforms: valid under their schemas, within their limits, and harmless whatever a name holds."""

from __future__ import annotations

import gzip
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
import xmlschema
from render.test_json import NEW, OLD, PATH, report_on

from schemacheck.model import Baseline, Excerpt, Place, Witness
from schemacheck.render import RENDERERS, renderer
from schemacheck.render.comment import BUDGET
from schemacheck.render.markdown import SUMMARY, code
from schemacheck.report import Deploy, Report, Verdict, Waiver

SCHEMAS = Path(__file__).parent / "schemas"
SARIF = jsonschema.Draft4Validator(json.loads((SCHEMAS / "sarif-2.1.0.json").read_text(encoding="utf-8")))
JUNIT = xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))
GITLAB = jsonschema.Draft202012Validator(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "pattern": "^[^./]"},
                        "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                    },
                },
            },
        },
    }
)
HOSTILE = (
    "::error::x|`<script>alert(1)</script>`@me #1 [a](http://b) ##[group] \x1b[31m\u202e\n::set-output"
    "%0A::set-output ##vso[task.complete] ]]><failure/> \x00\ufffe\ud800 {0} </code></details> \\"
)
REPORTS = {
    "pass": report_on({PATH: OLD}, {PATH: OLD}),
    "fail": report_on({PATH: OLD}, {PATH: NEW}),
    "not_checked": report_on({}, {PATH: b'{"type": "recor"}'}),
}


def hostile() -> Report:
    """A failing report in which every text that is not ours attacks."""
    report = REPORTS["fail"]

    def attacked(verdict: Verdict) -> Verdict:
        subject = verdict.subject._replace(event=HOSTILE)
        findings = (
            replace(
                f,
                message=HOSTILE,
                where=HOSTILE,
                file=HOSTILE,
                hint=HOSTILE,
                fix=HOSTILE,
                subject=subject,
                was=Place(HOSTILE, 1, 1),
                excerpt=Excerpt(1, 3, HOSTILE),
                was_excerpt=Excerpt(1, 1, HOSTILE),
                witness=Witness("new", "old", HOSTILE, HOSTILE, "fastavro"),
            )
            for f in verdict.findings
        )
        verdict = replace(
            verdict, owner=HOSTILE, consumers=(HOSTILE,), retention=HOSTILE, deploy=Deploy.CONSUMERS_FIRST
        )
        return replace(verdict, subject=subject, file=HOSTILE, next=None, findings=tuple(findings))

    return replace(
        report,
        current=Baseline("git", HOSTILE),
        baselines=(Baseline("git", HOSTILE),),
        verdicts=tuple(map(attacked, report.verdicts)),
    )


def large(number: int = 10_000) -> Report:
    """A failing report of many findings."""
    report = REPORTS["fail"]
    (verdict,) = report.verdicts
    finding = verdict.findings[0]
    many = (
        replace(finding, where=f"A.field_{i}", values={"name": f"field_{i}"}, file=f"schemas/a/{i % 50}/v1.avsc")
        for i in range(number)
    )
    return replace(report, verdicts=(replace(verdict, findings=tuple(many)),))


ALL = {**REPORTS, "hostile": hostile()}


@pytest.mark.parametrize("name", ALL)
def test_sarif_is_valid(name: str) -> None:
    document = json.loads(renderer("sarif")(ALL[name]))
    assert [] == [error.message for error in SARIF.iter_errors(document)]
    (run,) = document["runs"]
    assert (name != "not_checked") == run["invocations"][0]["executionSuccessful"]


@pytest.mark.parametrize("name", ALL)
def test_junit_is_valid(name: str) -> None:
    text = renderer("junit")(ALL[name])
    JUNIT.validate(text)
    root = ET.fromstring(text)
    wanted = {"pass": (0, 0), "not_checked": (0, 1)}.get(name, (1, 0))
    assert wanted == (len(root.findall(".//failure")), len(root.findall(".//error")))


@pytest.mark.parametrize("name", REPORTS)
def test_the_code_quality_report_is_valid_and_empty_when_clean(name: str) -> None:
    document = json.loads(renderer("gitlab")(ALL[name]))
    GITLAB.validate(document)
    assert (name == "pass") == (document == [])
    assert len(document) == len({issue["fingerprint"] for issue in document})


@pytest.mark.parametrize("format_", RENDERERS)
def test_no_output_holds_a_control_character_or_a_line_that_a_name_began(format_: str) -> None:
    text = renderer(format_)(ALL["hostile"])
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert not any(line.lstrip().startswith(("::set-output", "::error::x")) for line in text.splitlines())


@pytest.mark.parametrize("format_", ["text", "github"])
def test_no_runner_finds_a_command_that_is_not_ours(format_: str) -> None:
    text = renderer(format_)(ALL["hostile"])
    commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert (0 if format_ == "text" else 2) == len(commands)
    assert all(re.match(r"::error (file=[^:,]*,line=\d+,col=\d+,)?title=[^:,]*::", line) for line in commands)
    assert "##[" not in text


@pytest.mark.parametrize("format_", ["markdown", "comment"])
def test_markdown_holds_what_is_not_ours_in_code_spans_only(format_: str) -> None:
    text = renderer(format_)(ALL["hostile"])
    outside = re.sub(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", "", text)
    assert not [
        word for word in ("<script", "@me", "](http", "alert") if word in re.sub("<code>.*?</code>", "", outside)
    ]
    assert "<script" not in "".join(re.findall("<code>.*?</code>", text))


@pytest.mark.parametrize("text", ["", "a", "`", "``a`", " a ", "a|b", "`` ` ```"])
def test_a_code_span_is_fenced_by_more_backticks_than_it_holds(text: str) -> None:
    shown = code(text)
    fence = re.match("`+", shown)
    assert fence is not None
    assert fence[0] not in re.findall("`+", text)


def test_ten_thousand_findings_fit_and_keep_the_verdict() -> None:
    report = large()
    last = "FAIL against before: a/a needs a new version"
    github = renderer("github")(report).splitlines()
    kinds = [line.partition(" ")[0] for line in github if line.startswith("::")]
    assert ["::error"] * 10 == kinds
    assert "and 9991 more" in next(line for line in reversed(github) if line.startswith("::"))
    assert last == github[-1]
    for format_, budget in (("markdown", SUMMARY), ("comment", BUDGET)):
        text = renderer(format_)(report)
        assert len(text.encode()) <= budget
        assert last in text
        assert "more findings" in text
    sarif = renderer("sarif")(report)
    assert len(gzip.compress(sarif.encode())) <= 10_000_000
    assert last == json.loads(sarif)["runs"][0]["properties"]["summary"]
    assert "and 9800 more" in renderer("junit")(report)


def test_more_results_than_code_scanning_takes_are_left_out_and_counted() -> None:
    (run,) = json.loads(renderer("sarif")(large(25_001)))["runs"]
    assert 25_000 == len(run["results"])
    (notice,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notice["message"]["text"].startswith("1 more findings")


def test_a_finding_of_no_version_fails_the_suite_too() -> None:
    (verdict,) = REPORTS["fail"].verdicts
    loose = replace(verdict.findings[0], subject=None)
    report = replace(REPORTS["pass"], further=(loose,))
    assert "fail" == report.verdict
    text = renderer("junit")(report)
    JUNIT.validate(text)
    (failure,) = ET.fromstring(text).findall(".//failure")
    assert loose.rule.id == failure.get("type")


@pytest.mark.parametrize("format_", [name for name in RENDERERS if name != "sarif"])
def test_a_waived_finding_stays_in_the_report_and_fails_nothing(format_: str) -> None:
    report = waived()
    assert "pass" == report.verdict
    text = renderer(format_)(report)
    assert "waived" in text
    assert "::error" not in text
    assert "<failure" not in text
    assert "critical" not in text


def test_code_scanning_never_sees_a_waived_finding() -> None:
    (run,) = json.loads(renderer("sarif")(waived()))["runs"]
    assert [] == run["results"]


def waived() -> Report:
    """A report whose every finding somebody answers for."""
    report = REPORTS["fail"]
    waiver = Waiver("no reader is left", "team-checkout", "2026-12-31")
    (verdict,) = report.verdicts
    findings = tuple(replace(finding, waived=waiver) for finding in verdict.findings)
    return replace(report, verdicts=(replace(verdict, findings=findings),))
