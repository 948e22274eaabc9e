"""Schemas as git shows them, through its own diff."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sources.repos import Repo
from test_bump import AVRO, AVRO_1, BOTH, JSON, JSON_1, JSON_EDIT, PROTO, PROTO_1, run

from schemacheck.formats import load


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository whose schemas git shows by their fields."""
    repo = Repo(tmp_path / "shop")
    repo.write({".gitattributes": "*.avsc diff=schemacheck\n*.proto diff=schemacheck\n*.json diff=schemacheck\n"})
    repo.git("config", "diff.schemacheck.textconv", f"{sys.executable} -m schemacheck textconv")
    return repo


def told(text: str) -> list[str]:
    """The lines that a diff takes away and adds."""
    return [line for line in text.splitlines() if line[:1] in ("+", "-") and line[:3] not in ("+++", "---")]


@pytest.mark.parametrize(
    ("path", "text", "edit", "expected"),
    [
        (
            AVRO_1,
            AVRO,
            ('"order_id", "type": "string"', '"order_id", "type": ["null", "long"], "default": null'),
            ["-orders.v1.OrderPlaced.order_id: string", "+orders.v1.OrderPlaced.order_id: null | long = null"],
        ),
        (
            PROTO_1,
            PROTO,
            ("int64 amount", "repeated string amount"),
            ["-orders.v1.OrderPlaced.amount: int64 = 4", "+orders.v1.OrderPlaced.amount: repeated string = 4"],
        ),
        (JSON_1, JSON, JSON_EDIT, ['-currency: type="string"', '+currency: type="integer"']),
    ],
)
def test_git_shows_what_changed_in_a_schema_and_not_in_its_layout(
    repo: Repo, path: str, text: str, edit: tuple[str, str], expected: list[str]
) -> None:
    repo.commit({path: text})
    repo.write({path: text.replace("\n", "\n\n")})
    assert [] == told(repo.git("diff"))
    repo.write({path: text.replace(*edit)})
    assert expected == told(repo.git("diff"))
    repo.commit({})
    assert expected == told(repo.git("log", "-p", "-1"))


@pytest.mark.parametrize("path", [AVRO_1, PROTO_1, JSON_1])
def test_what_is_no_schema_is_shown_as_it_is(repo: Repo, path: str) -> None:
    repo.commit({path: "{ half\n"})
    repo.write({path: "{ whole\n"})
    assert ["-{ half", "+{ whole"] == told(repo.git("diff"))
    (repo.path / path).write_bytes(b"\xff{ \n")
    command = [sys.executable, "-m", "schemacheck", "textconv", path]
    assert b"\xff{ \n" == subprocess.run(command, cwd=repo.path, capture_output=True, check=True).stdout
    assert 3 == run(repo, "textconv", "missing.avsc", code=3).returncode


def test_every_kind_of_statement_has_its_line() -> None:
    text = """syntax = "proto3"; package a.v1; option (o) = { a: 1 };
    message M {
      reserved 1, 4 to 9;  // a comment
      repeated .a.v1.N n = 2 [deprecated = true, (x) = {a: 1}];
      oneof o { string s = 3; }
      enum E { A = 0; option = 1; option allow_alias = true; }
    }
    service S { rpc Get(M) returns (stream M) { option (h) = { get: "/x" }; } }
    extend .google.protobuf.FieldOptions { int32 q = 5000; }"""
    assert [
        'syntax = "proto3"',
        "package a.v1",
        "option(o) = {a:1}",
        "a.v1.M: message",
        "a.v1.M: reserved 1, 4 to 9",
        "a.v1.M.n: repeated .a.v1.N = 2 [deprecated = true, (x) = {a:1}]",
        "a.v1.M.s: string = 3 (oneof o)",
        "a.v1.M.E: enum",
        "a.v1.M.E.A = 0",
        "a.v1.M.E.option = 1",
        "a.v1.M.E: option allow_alias = true",
        "a.v1.S: service",
        "a.v1.S: rpc Get(M) returns(stream M)",
        'a.v1.S.Get: option(h) = {get:"/x"}',
        "a.v1.[google.protobuf.FieldOptions]: extend",
        "a.v1.[google.protobuf.FieldOptions].q: int32 = 5000",
    ] == load("protobuf").lines(text)


@pytest.mark.parametrize(("published", "first", "second", "edit"), BOTH)
def test_an_external_diff_says_who_can_no_longer_read(
    repo: Repo, published: dict[str, str], first: str, second: str, edit: tuple[str, str]
) -> None:
    repo.git("config", "diff.schemacheck.command", f"{sys.executable} -m schemacheck git-diff")
    repo.commit(published)
    repo.write({first: published[first].replace(*edit)})
    shown = repo.git("diff")
    assert f"schemacheck {first}" in shown
    assert "old readers fail on new events" in shown or "all readers fail on each other's events" in shown
    repo.commit({first: None, second: published[first]})
    added = repo.git("log", "-p", "--ext-diff", "--no-renames", "-1")
    field = 'order_id: type="string"' if first == JSON_1 else "orders.v1.OrderPlaced.order_id: string"
    assert f"  +{field}" in added
    assert f"  -{field}" in added
    repo.commit({second: "{ half\n"})
    assert "  +{ half" in repo.git("show", "--ext-diff")
    run(repo, "git-diff", "one", "two", code=2)
