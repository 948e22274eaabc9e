"""A red gate turned green by one command, in real repositories."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from sources.repos import Repo

AVRO = """{
  "type": "record",
  "name": "OrderPlaced",
  "namespace": "orders.v1",
  "aliases": ["orders.v1.OrderMade"],
  "fields": [
    {"name": "order_id", "type": "string"},
    {"name": "line",
     "type": {"type": "record", "name": "Line", "fields": [{"name": "next", "type": ["null", "Line"]}]}},
    {"name": "again",   "type": "orders.v1.Line"},
    {"name": "currency", "type": "string"}
  ]
}
"""
PROTO = """syntax = "proto3";

package orders.v1;  // orders.v1 is said here

import "orders/v1/money.proto";

option java_package = "com.shop.orders.v1";
option go_package = "shop.com/orders/v1;ordersv1";

/* The event. */
message OrderPlaced {
  string order_id = 1;
  orders.v1.Money total = 2;
  repeated .orders.v1.OrderPlaced.Line lines = 3;
  message Line { v1.Money price = 1; }
  int64 amount = 4;
}
"""
MONEY = 'syntax = "proto3";\npackage orders.v1;\nmessage Money { int64 units = 1; }\n'
JSON = """{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "$id":   "https://shop.example/orders/order_placed/v1.schema.json",
  "title": "orders.v1.OrderPlaced",
  "description": "v1 of an order",
  "type": "object",
  "properties": {
    "order_id": {"type": "string"},
    "total": {"$ref": "https://shop.example/common/money/v1.schema.json"},
    "replaces": {"$ref": "https://shop.example/orders/order_placed/v1.schema.json"},
    "lines": {"type": "array", "items": {"$ref": "v1.schema.json#/definitions/line"}},
    "currency": {"type": "string"}
  },
  "definitions": {"line": {"type": "object", "properties": {"sku": {"type": "string"}}}}
}
"""
JSON_MONEY = '{"$id": "https://shop.example/common/money/v1.schema.json", "type": "object"}'
AVRO_1, AVRO_2 = "schemas/orders/order_placed/v1.avsc", "schemas/orders/order_placed/v2.avsc"
PROTO_1, PROTO_2 = "schemas/orders/v1/order_placed.proto", "schemas/orders/v2/order_placed.proto"
JSON_1, JSON_2 = "schemas/orders/order_placed/v1.schema.json", "schemas/orders/order_placed/v2.schema.json"
JSON_EDIT = ('"currency": {"type": "string"}', '"currency": {"type": "integer"}')
AVRO_EDIT = (',\n    {"name": "currency", "type": "string"}', "")
PROTO_EDIT = ("int64 amount", "string amount")
BOTH = [
    pytest.param({AVRO_1: AVRO}, AVRO_1, AVRO_2, AVRO_EDIT, id="avro"),
    pytest.param({PROTO_1: PROTO, "schemas/orders/v1/money.proto": MONEY}, PROTO_1, PROTO_2, PROTO_EDIT, id="protobuf"),
    pytest.param(
        {JSON_1: JSON, "schemas/common/money/v1.schema.json": JSON_MONEY}, JSON_1, JSON_2, JSON_EDIT, id="json-schema"
    ),
]
EVENT = "orders/order_placed"


def run(repo: Repo, *arguments: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
    """Runs the command line; never with a traceback."""
    command = [sys.executable, "-m", "schemacheck", *arguments]
    done = subprocess.run(command, cwd=repo.path, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    if code is not None:
        assert code == done.returncode, done.stdout + done.stderr
    return done


def files(repo: Repo) -> dict[str, bytes]:
    """Everything that stands in the working tree."""
    found = (path for path in repo.path.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(repo.path).as_posix(): path.read_bytes() for path in found}


def publish(repo: Repo, changed: dict[str, str]) -> None:
    """Commits everything on main, and goes on with a branch of one commit of its own."""
    repo.commit(dict(changed))
    repo.git("checkout", "-q", "-B", "main")
    repo.git("checkout", "-q", "-B", "feature")
    repo.commit({})


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "shop")


@pytest.mark.parametrize(("published", "first", "second", "edit"), BOTH)
def test_a_break_becomes_the_next_version_and_the_gate_is_green(
    repo: Repo, published: dict[str, str], first: str, second: str, edit: tuple[str, str]
) -> None:
    repo.commit(published)
    broken = published[first].replace(*edit)
    repo.write({first: broken})
    assert f"fix     schemacheck bump {EVENT}" in run(repo, "check", code=1).stdout
    index = repo.git("ls-files", "-s")
    preview = run(repo, "bump", EVENT, "--dry-run")
    assert f"+++ b/{second}" in preview.stdout
    assert not (repo.path / second).exists()

    done = run(repo, "bump", EVENT)
    assert index == repo.git("ls-files", "-s")
    assert done.stdout.splitlines()[-1].startswith("next      git add ")
    assert {first, second} <= set(done.stdout.splitlines()[-1].split())
    assert published[first].encode() == (repo.path / first).read_bytes()
    new = (repo.path / second).read_text()
    if first == AVRO_1:
        expected = broken.replace("orders.v1", "orders.v2").replace("orders.v2.OrderMade", "orders.v1.OrderMade")
    elif first == JSON_1:
        expected = broken.replace("order_placed/v1", "order_placed/v2").replace("orders.v1", "orders.v2")
        expected = expected.replace('"v1.schema.json#', '"https://shop.example/orders/order_placed/v2.schema.json#')
    else:
        expected = broken.replace("v1", "v2").replace("// orders.v2", "// orders.v1")
        assert MONEY.replace("v1", "v2") == (repo.path / "schemas/orders/v2/money.proto").read_text()
    assert expected == new
    repo.git("add", "-A")
    assert "new version" in run(repo, "check").stdout

    before = files(repo)
    assert "already done" in run(repo, "bump", EVENT).stdout
    assert before == files(repo)


@pytest.mark.parametrize(("published", "first", "second", "edit"), BOTH)
@pytest.mark.parametrize("attributes", ["* text=auto eol=crlf\n", "* -text\n"])
def test_the_old_version_is_what_git_would_check_out(
    repo: Repo, published: dict[str, str], first: str, second: str, edit: tuple[str, str], attributes: str
) -> None:
    ends = "\r\n" if "-text" in attributes else "\n"
    repo.commit({".gitattributes": attributes, **{p: t.replace("\n", ends) for p, t in published.items()}})
    for path in published:
        (repo.path / path).unlink()
    repo.git("checkout", "--", ".")
    standing = (repo.path / first).read_bytes()
    assert b"\r\n" in standing
    (repo.path / first).write_bytes(standing.replace(edit[0].replace("\n", "\r\n").encode(), edit[1].encode()))
    assert standing != (repo.path / first).read_bytes()
    run(repo, "bump", EVENT)
    assert standing == (repo.path / first).read_bytes()
    assert (repo.path / second).read_bytes().count(b"\n") == (repo.path / second).read_bytes().count(b"\r\n")
    repo.git("add", "-A")
    run(repo, "check")
    assert "" == repo.git("status", "--porcelain", "--", first)


@pytest.mark.parametrize(("published", "first", "second", "edit"), BOTH)
def test_a_version_that_this_change_adds_already_stays_and_only_the_old_one_is_restored(
    repo: Repo, published: dict[str, str], first: str, second: str, edit: tuple[str, str]
) -> None:
    repo.commit(published)
    repo.write({first: published[first].replace(*edit)})
    run(repo, "bump", EVENT)
    done = files(repo)
    repo.write({first: published[first].replace(*edit)})  # as if it had been interrupted before the last file
    shown = run(repo, "bump", EVENT)  # the new version is not in git yet
    assert "restored" in shown.stdout
    assert "wrote" not in shown.stdout
    assert done == files(repo)

    repo.write({first: published[first].replace(*edit).replace("order_id", "order_number")})
    refused = run(repo, "bump", EVENT, code=2)
    assert "is in this change already, and is not what the edit of v1 makes" in refused.stderr
    run(repo, "bump", EVENT, "--force")
    assert done == files(repo)


@pytest.mark.parametrize(("published", "first", "second", "edit"), BOTH)
def test_nothing_broken_is_refused_unless_it_is_forced(
    repo: Repo, published: dict[str, str], first: str, second: str, edit: tuple[str, str]
) -> None:
    publish(repo, published)
    assert "nothing is broken" in run(repo, "bump", EVENT, code=2).stderr
    assert "there is no event" in run(repo, "bump", "orders/order_plaecd", code=2).stderr
    run(repo, "bump", EVENT, "--force")
    before = files(repo)
    assert second in before
    run(repo, "bump", EVENT, "--force")
    assert before == files(repo)
    repo.git("add", "-A")
    run(repo, "check")


@pytest.mark.parametrize(("published", "first", "second", "edit"), BOTH)
def test_of_several_broken_versions_one_is_named_and_a_lower_one_is_forced(
    repo: Repo, published: dict[str, str], first: str, second: str, edit: tuple[str, str]
) -> None:
    publish(repo, published)
    run(repo, "bump", EVENT, "--force")
    publish(repo, {})
    two = (repo.path / second).read_text()
    third = second.replace("v2", "v3")
    repo.write({first: published[first].replace(*edit)})
    assert "the highest published version of orders/order_placed is v2" in run(repo, "bump", EVENT, code=2).stderr
    repo.write({second: two.replace(*edit)})
    assert "say which one: --from" in run(repo, "bump", EVENT, code=2).stderr
    run(repo, "bump", EVENT, "--from", "2")
    assert two == (repo.path / second).read_text()
    assert "v3" in (repo.path / third).read_text()
    run(repo, "bump", EVENT)  # v1's edit is what v3 says, too
    repo.git("add", "-A")
    run(repo, "check")

    publish(repo, {})
    repo.write({first: published[first].replace(*edit)})
    run(repo, "bump", EVENT, "--force")
    assert "v4" in (repo.path / second.replace("v2", "v4")).read_text()
    repo.git("add", "-A")
    run(repo, "check")


SHARED = {
    "avro": (
        {
            "schemas/common/money/v1.avsc": '{"type": "record", "name": "Money", "namespace": "common.v1", "fields": '
            '[{"name": "units", "type": "long"}]}\n',
            AVRO_1: AVRO.replace('"name": "currency", "type": "string"', '"name": "total", "type": "common.v1.Money"'),
        },
        "schemas/common/money/v1.avsc",
        ("long", "string"),
    ),
    "protobuf": (
        {
            "schemas/common/v1/money.proto": MONEY.replace("orders", "common"),
            PROTO_1: PROTO.replace("orders/v1/money", "common/v1/money")
            .replace("orders.v1.Money", "common.v1.Money")
            .replace(" v1.Money", " common.v1.Money"),
        },
        "schemas/common/v1/money.proto",
        ("int64", "string"),
    ),
}


@pytest.mark.parametrize("kind", SHARED)
def test_a_break_through_an_import_is_mended_at_the_import(repo: Repo, kind: str) -> None:
    published, shared, edit = SHARED[kind]
    repo.commit(published)
    repo.write({shared: published[shared].replace(*edit)})
    refused = run(repo, "bump", EVENT, code=2)
    assert "hint: schemacheck bump common/money" in refused.stderr
    run(repo, "bump", "common/money")
    repo.git("add", "-A")
    run(repo, "check")


@pytest.mark.parametrize("kind", SHARED)
def test_check_fix_mends_every_event_with_the_imports_first(repo: Repo, kind: str) -> None:
    published, shared, edit = SHARED[kind]
    repo.commit(published)
    event = next(path for path in published if path != shared)
    change = ('"order_id", "type": "string"', '"order_id", "type": "long"')
    text = published[event].replace(*(change if kind == "avro" else PROTO_EDIT))
    repo.write({shared: published[shared].replace(*edit), event: text})
    refused = run(repo, "bump", EVENT, code=3)
    assert "nothing was written" in refused.stderr
    assert "hint: schemacheck bump common/money" in refused.stderr
    run(repo, "check", "--fix")
    for path, content in published.items():
        assert content == (repo.path / path).read_text()
    assert 4 == len(files(repo))


def test_a_file_of_the_package_that_broke_is_taken_along_and_restored(repo: Repo) -> None:
    money = "schemas/orders/v1/money.proto"
    repo.commit({PROTO_1: PROTO, money: MONEY})
    repo.write({PROTO_1: PROTO.replace(*PROTO_EDIT), money: MONEY.replace("int64", "string")})
    run(repo, "bump", EVENT)
    assert MONEY == (repo.path / money).read_text()
    assert "string units" in (repo.path / "schemas/orders/v2/money.proto").read_text()
    repo.git("add", "-A")
    run(repo, "check")


@pytest.mark.parametrize(
    ("path", "text", "edit", "second", "name"),
    [
        (
            "proto/shop/order.proto",
            'syntax = "proto3";\npackage shop;\nmessage Order { int64 total = 1; shop.Order parent = 2; }\n',
            ("int64", "string"),
            "proto/shop/order/v2.proto",
            "package shop.v2;",
        ),
        (
            "avro/customer.avsc",
            '{"type": "record", "name": "Customer", "fields": [{"name": "id", "type": "long"}]}\n',
            ("long", "string"),
            "avro/customer/v2.avsc",
            '"name": "Customer", "namespace": "v2"',
        ),
    ],
)
def test_a_file_without_a_version_gets_its_second_one_in_a_folder_of_its_name(
    repo: Repo, path: str, text: str, edit: tuple[str, str], second: str, name: str
) -> None:
    repo.commit({path: text})
    repo.write({path: text.replace(*edit)})
    run(repo, "bump", path)
    assert text == (repo.path / path).read_text()
    assert name in (repo.path / second).read_text()
    repo.git("add", "-A")
    run(repo, "check")


def test_what_is_said_beside_the_versions_gets_a_stub_and_keeps_its_text(repo: Repo) -> None:
    metadata, log = "schemas/orders/order_placed/event.toml", "schemas/orders/order_placed/CHANGELOG.md"
    said = '# ours\nowner = "team"   # who else\n\n[versions.1]\nstatus = "active"  # yes\n'
    repo.commit({AVRO_1: AVRO, metadata: said, log: "# Log\n\n## v1\n\n- first\n"})
    repo.write({AVRO_1: AVRO.replace(*AVRO_EDIT)})
    run(repo, "bump", EVENT)
    assert f'{said}\n[versions.2]\nstatus = "active"\n' == (repo.path / metadata).read_text()
    assert '# Log\n\n## v2\n\n- field "currency" was removed' in (repo.path / log).read_text()
    repo.git("add", "-A")
    run(repo, "check")


def test_a_deprecated_version_gets_its_dates_and_its_successor(repo: Repo) -> None:
    metadata = "schemas/orders/order_placed/event.toml"
    repo.commit({AVRO_1: AVRO, metadata: '[versions.1]\nstatus = "active"\nconsumers = ["dwh"]\n'})
    repo.write({AVRO_1: AVRO.replace(*AVRO_EDIT)})
    run(repo, "bump", EVENT, "--deprecate")
    versions = tomllib.loads((repo.path / metadata).read_text())["versions"]
    old = versions["1"]
    assert ("deprecated", 2, ["dwh"]) == (old["status"], old["replaced_by"], old["consumers"])
    assert timedelta(days=90) == old["sunset"] - old["deprecated"]
    assert {"status": "active"} == versions["2"]


def test_nothing_is_written_through_a_link_or_over_another_file(repo: Repo, tmp_path: Path) -> None:
    repo.commit({PROTO_1: PROTO, "schemas/orders/v1/money.proto": MONEY, ".gitignore": "v2\n"})
    repo.write({PROTO_1: PROTO.replace(*PROTO_EDIT)})
    (tmp_path / "elsewhere").mkdir()
    (repo.path / "schemas/orders/v2").symlink_to(tmp_path / "elsewhere")
    run(repo, "bump", EVENT, code=3)
    assert [] == list((tmp_path / "elsewhere").iterdir())
    (repo.path / "schemas/orders/v2").unlink()
    repo.write({PROTO_2: "mine\n"})  # ignored by git
    before = files(repo)
    assert "is there already, and says something else" in run(repo, "bump", EVENT, code=2).stderr
    assert before == files(repo)


def test_a_result_that_would_not_pass_is_not_written(repo: Repo) -> None:
    repo.commit({AVRO_1: AVRO})
    repo.write({AVRO_1: AVRO.replace(*AVRO_EDIT), "schemacheck.toml": '[identity]\navro = "shop.v{version}.{Event}"\n'})
    before = files(repo)
    assert "nothing was written" in run(repo, "bump", EVENT, code=3).stderr
    assert before == files(repo)


def test_after_an_interruption_at_any_moment_a_second_run_finishes(repo: Repo) -> None:
    money, metadata = "schemas/orders/v1/money.proto", "schemas/orders/order_placed/event.toml"
    repo.commit({PROTO_1: PROTO, money: MONEY, metadata: 'owner = "team"\n'})
    broken = {PROTO_1: PROTO.replace(*PROTO_EDIT), money: MONEY.replace("int64", "string")}
    repo.write(broken)
    written = [line.split()[1] for line in run(repo, "bump", EVENT).stdout.splitlines()[:-1]]
    finished = files(repo)
    assert {PROTO_1, PROTO_2, money, money.replace("v1", "v2"), metadata} == set(written)
    for done in range(1, len(written)):
        repo.git("clean", "-qfd")
        repo.git("checkout", "-q", "--", ".")
        repo.write(broken)
        repo.write({path: finished[path].decode() for path in written[:done]})
        run(repo, "bump", EVENT)
        assert finished == files(repo)
