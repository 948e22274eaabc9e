"""Waivers as code: what they hide, what they cannot, and what is said about them."""

from __future__ import annotations

import json
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
from sources.repos import Repo
from test_cli import AVRO, AVRO_BROKEN, AVRO_V1, PROTO, PROTO_BROKEN, PROTO_V1, schemacheck

from schemacheck import waivers
from schemacheck.errors import UsageError
from schemacheck.report import Waiver

FILE = "schemacheck.waivers.toml"
DAY = ("--today", "2026-11-25")
GIVEN = ("--reason", "no reader left", "--owner", "team-checkout", "--expires", "2026-12-31")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "shop")


def broken(repo: Repo, path: str = AVRO, text: str = AVRO_V1, edit: str = AVRO_BROKEN) -> list[str]:
    """A repository with an edit that breaks; the fingerprints of its causes."""
    repo.commit({path: text})
    repo.write({path: edit})
    report = json.loads(schemacheck(repo.path, "check", "--format", "json", *DAY).stdout)
    return next(f["causes"] for f in report["findings"] if f["rule"] == "event/mutated")


@pytest.mark.parametrize(
    ("path", "text", "edit"), [(AVRO, AVRO_V1, AVRO_BROKEN), (PROTO, PROTO_V1, PROTO_BROKEN)], ids=["avro", "proto"]
)
def test_a_break_passes_once_all_its_causes_are_waived_and_stays_in_the_report(
    repo: Repo, path: str, text: str, edit: str
) -> None:
    causes = broken(repo, path, text, edit)
    for cause in causes:
        assert 1 == schemacheck(repo.path, "check", *DAY).returncode
        done = schemacheck(repo.path, "waive", cause, *GIVEN, "--ticket", "PAY-412", *DAY)
        assert 0 == done.returncode, done.stderr
    done = schemacheck(repo.path, "check", "--format", "json", *DAY)
    report = json.loads(done.stdout)
    assert (0, 0) == (done.returncode, report["exit_code"])
    assert "event/mutated" not in {finding["rule"] for finding in report["findings"]}
    waived = [finding for finding in report["findings"] if finding["waived"]]
    assert sorted(causes) == sorted(finding["fingerprint"] for finding in waived)
    assert {"owner": "team-checkout", "reason": "no reader left", "expires": "2026-12-31"} == waived[0]["waived"]
    assert (len(causes), 0) == (report["summary"]["waived"], report["summary"]["errors"])
    assert [(True, 1, "PAY-412")] * len(causes) == [(w["new"], w["used"], w["ticket"]) for w in report["waivers"]]
    shown = schemacheck(repo.path, "check", *DAY).stdout
    assert shown.startswith(f"{FILE}:1: warning event/waiver-added: this change waives {causes[0]} until 2026-12-31")
    assert f"{len(causes)} waived" in shown
    assert 1 == schemacheck(repo.path, "check", "--no-waivers", *DAY).returncode


def test_after_the_merge_the_waiver_is_of_no_use(repo: Repo) -> None:
    (cause,) = broken(repo)
    schemacheck(repo.path, "waive", cause, *GIVEN, *DAY)
    repo.commit({})
    done = schemacheck(repo.path, "check", "--against", "git:HEAD", *DAY)
    assert 0 == done.returncode
    assert "event/waiver-unused" in done.stdout


def test_a_waiver_ends_with_its_last_day(repo: Repo) -> None:
    (cause,) = broken(repo)
    schemacheck(repo.path, "waive", cause, *GIVEN, *DAY)
    assert 0 == schemacheck(repo.path, "check", "--today", "2026-12-31").returncode
    late = schemacheck(repo.path, "check", "--today", "2027-01-01")
    assert 1 == late.returncode
    assert "event/waiver-expired" in late.stdout
    assert "event/mutated" in late.stdout


def test_a_break_that_becomes_another_one_is_not_waived_any_more(repo: Repo) -> None:
    (cause,) = broken(repo)
    schemacheck(repo.path, "waive", cause, *GIVEN, *DAY)
    repo.write({AVRO: "\n\n" + AVRO_BROKEN})
    assert 0 == schemacheck(repo.path, "check", *DAY).returncode
    repo.write({AVRO: AVRO_BROKEN.replace('"order_id", "type": "string"', '"order_id", "type": "int"')})
    assert 1 == schemacheck(repo.path, "check", *DAY).returncode


def test_what_the_run_does_not_report_cannot_be_waived(repo: Repo) -> None:
    broken(repo)
    done = schemacheck(repo.path, "waive", "000000000000", *GIVEN, *DAY)
    assert 2 == done.returncode
    assert 'this run reports no finding "000000000000"' in done.stderr
    assert not (repo.path / FILE).exists()


def test_mutated_cannot_be_waived_and_names_its_causes(repo: Repo) -> None:
    causes = broken(repo)
    report = json.loads(schemacheck(repo.path, "check", "--format", "json", *DAY).stdout)
    mark = next(f["fingerprint"] for f in report["findings"] if f["rule"] == "event/mutated")
    done = schemacheck(repo.path, "waive", mark, *GIVEN, *DAY)
    assert 2 == done.returncode
    assert f"waive its causes: {', '.join(causes)}" in done.stderr


def test_a_second_waiver_of_the_same_is_refused(repo: Repo) -> None:
    (cause,) = broken(repo)
    assert 0 == schemacheck(repo.path, "waive", cause, *GIVEN, *DAY).returncode
    done = schemacheck(repo.path, "waive", cause, *GIVEN, *DAY)
    assert 2 == done.returncode
    assert "is waived already, until 2026-12-31" in done.stderr


@pytest.mark.parametrize(("expires", "words"), [("2027-12-31", "2027-02-23 at the latest"), ("2026-11-24", "is over")])
def test_a_last_day_too_late_or_over_is_refused(repo: Repo, expires: str, words: str) -> None:
    (cause,) = broken(repo)
    done = schemacheck(repo.path, "waive", cause, *GIVEN[:-1], expires, *DAY)
    assert 2 == done.returncode
    assert words in done.stderr
    assert not (repo.path / FILE).exists()


def test_a_waiver_of_a_wide_form_says_what_it_hides(repo: Repo) -> None:
    broken(repo)
    wide = 'rule = "avro/field-removed-without-default"\npath = "schemas/**"\nreason = "r"\nowner = "o"\n'
    repo.write({FILE: f"[[waiver]]\n{wide}expires = 2026-12-31\n"})
    done = schemacheck(repo.path, "check", *DAY)
    assert 0 == done.returncode
    assert "hides avro/field-removed-without-default in orders/order_placed v1 at OrderPlaced.currency" in done.stdout


TODAY = date(2026, 11, 25)
RIGHT = {"fingerprint": '"3f9c0a7be1d2"', "reason": '"r"', "owner": '"o"', "expires": "2026-12-31"}


def written(values: dict[str, str]) -> str:
    return "# ours\n[[waiver]]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"reason": '" "'}, 4),
        ({"owner": None}, 2),
        ({"expires": None}, 2),
        ({"expires": '"2026-12-31"'}, 6),
        ({"expires": "2026-12-31T00:00:00"}, 6),
        ({"expires": "2027-12-31"}, 6),
        ({"fingerprint": None}, 2),
        ({"fingerprint": None, "rule": '"avro/doc-changed"'}, 2),
        ({"rule": '"avro/doc-changed"', "path": '"schemas/**"'}, 3),
        ({"fingerprint": None, "rule": '"event/mutated"', "path": '"schemas/**"'}, 6),
        ({"fingerprint": None, "rule": '"event/identity-duplicated"', "path": '"schemas/**"'}, 6),
        ({"because": '"r"'}, 7),
    ],
)
def test_a_waiver_that_says_too_little_is_refused_with_its_line(change: dict[str, str | None], line: int) -> None:
    values = {key: value for key, value in {**RIGHT, **change}.items() if value is not None}
    with pytest.raises(UsageError) as refusal:
        waivers.parse(written(values), TODAY, 90)
    assert refusal.value.message.startswith(f"{FILE}:{line}: ")


def test_what_is_written_is_read_again() -> None:
    hostile = 'a "quoted" \\ back\nslash \x7f \x01 \U0001f600 [[waiver]]'
    waiver = Waiver(reason=hostile, owner="o", expires="2026-12-31", fingerprint="3f9c0a7be1d2", ticket="#1")
    before = written(RIGHT).rstrip("\n")
    text = waivers.written(before, waiver)
    assert text.startswith(before)
    first, second = waivers.parse(text, TODAY, 90)
    assert (hostile, "#1", 8) == (second.reason, second.ticket, second.line)
    assert "r" == first.reason
    assert 2 == len(tomllib.loads(text)["waiver"])


def test_a_published_file_is_read_as_far_as_it_is_right() -> None:
    late = {**RIGHT, "expires": (TODAY + timedelta(9000)).isoformat()}
    text = written({**RIGHT, "because": '"x"'}) + "[[waiver]]\n" + written(late)
    assert ["2026-12-31", late["expires"]] == [waiver.expires for waiver in waivers.published(text)]
    assert [] == waivers.published("[[waiver]\n")
