"""What a team with Protobuf events in git meets on the command line: verdicts, proofs, places, remedies."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from sources.repos import Repo
from test_cli import schemacheck

V1, V2 = "schemas/orders/v1/order_placed.proto", "schemas/orders/v2/order_placed.proto"
TEXT = """syntax = "proto3";

package orders.v1;

message OrderPlaced {
  string id = 1;
  int32 qty = 2;
}
"""
WIDER = TEXT.replace("int32", "int64")
SOURCE = '[protobuf]\nsource = "warning"\n'


@pytest.fixture
def repo(tmp_path: Any) -> Repo:
    return Repo(tmp_path / "shop")


def check(repo: Repo, *arguments: str) -> subprocess.CompletedProcess[str]:
    return schemacheck(repo.path, "check", *arguments)


def findings(repo: Repo) -> dict[str, dict[str, Any]]:
    report = json.loads(check(repo, "--format", "json").stdout)
    return {finding["rule"]: finding for finding in report["findings"]}


def test_a_wider_integer_passes_where_only_new_readers_count(repo: Repo) -> None:
    repo.commit({V1: TEXT, "schemacheck.toml": 'mode = "BACKWARD"\n'})
    repo.write({V1: WIDER})
    assert 0 == check(repo).returncode


def test_a_wider_integer_fails_where_old_readers_count_and_the_proof_shows_the_number(repo: Repo) -> None:
    repo.commit({V1: TEXT, "schemacheck.toml": 'mode = "FULL"\n'})
    repo.write({V1: WIDER})
    done = check(repo)
    assert 1 == done.returncode
    assert '{"qty": "5000000000"}   written by new' in done.stdout
    assert 'read by old: "qty" reads as 705032704, its upper 32 bits are lost' in done.stdout
    assert "in place it would be consumers first, then producers" in done.stdout


def test_a_package_that_becomes_the_next_version_in_place_fails_and_names_the_path_of_that_version(repo: Repo) -> None:
    repo.commit({V1: TEXT})
    repo.write({V1: TEXT.replace("orders.v1", "orders.v2")})
    done = check(repo)
    assert 1 == done.returncode
    assert f"publish the change as {V2}, and restore v1" in done.stdout


def test_the_next_version_beside_the_old_one_passes(repo: Repo) -> None:
    repo.commit({V1: TEXT})
    repo.write({V2: WIDER.replace("orders.v1", "orders.v2")})
    repo.git("add", "-A")
    done = check(repo)
    assert 0 == done.returncode
    assert "orders/order_placed v2: a new version" in done.stdout


def test_the_last_enum_of_a_package_is_missed_where_generated_code_counts(repo: Repo) -> None:
    repo.commit({V1: f"{TEXT}enum Last {{ NONE = 0; }}\n", "schemacheck.toml": SOURCE})
    repo.write({V1: TEXT})
    assert "warning" == findings(repo)["protobuf/enum-removed"]["level"]
    repo.write({"schemacheck.toml": ""})
    assert ["event/policy-weakened"] == list(findings(repo))  # in the same change, that is no way out


MONEY = 'syntax = "proto3";\npackage orders.v1;\nmessage Money { int64 units = 1; /* \u00e9 */ int32 nanos = 2; }\n'
ORDER = (
    'syntax = "proto3";\npackage orders.v1;\nimport "orders/v1/{}.proto";\nmessage OrderPlaced {{ Money total = 1; }}\n'
)


def test_a_message_that_moved_to_another_file_of_its_package_is_not_removed(repo: Repo) -> None:
    folder = "schemas/orders/v1"
    repo.commit({f"{folder}/money.proto": MONEY, V1: ORDER.format("money"), "schemacheck.toml": SOURCE})
    repo.write({f"{folder}/cash.proto": MONEY, V1: ORDER.format("cash")})
    repo.write({f"{folder}/money.proto": 'syntax = "proto3";\npackage orders.v1;\nmessage Coin { int64 units = 1; }\n'})
    found = findings(repo)
    assert "protobuf/type-moved-to-other-file" in found
    assert not {"protobuf/nested-message-removed", "protobuf/field-type-changed"} & found.keys()


def test_a_break_in_a_type_that_moved_names_both_its_places(repo: Repo) -> None:
    folder = "schemas/orders/v1"
    repo.commit({f"{folder}/money.proto": MONEY, V1: ORDER.format("money")})
    moved = MONEY.replace("package", "\n\npackage").replace("int32 nanos", "string nanos")
    repo.write({f"{folder}/cash.proto": moved, V1: ORDER.format("cash")})
    repo.write({f"{folder}/money.proto": 'syntax = "proto3";\npackage orders.v1;\nmessage Coin { int64 units = 1; }\n'})
    found = next(
        f
        for f in json.loads(check(repo, "--format", "json").stdout)["findings"]
        if f["rule"] == "protobuf/field-type-changed" and f["where"].startswith("orders.v1.OrderPlaced.")
    )
    column = MONEY.splitlines()[2].index("int32") + 1
    assert (f"{folder}/cash.proto", 5, column) == (found["file"], found["line"], found["column"])
    assert {"file": f"{folder}/money.proto", "line": 3, "column": column} == found["was"]
    head = repo.git("rev-parse", "--short=7", "HEAD")
    assert f"    was     {folder}/money.proto:3:{column} at {head}\n" in check(repo).stdout
