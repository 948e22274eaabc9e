"""The life of events through the command line: real repositories, Avro and Protobuf alike."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sources.repos import Repo
from test_cli import AVRO, AVRO_2, AVRO_BROKEN, AVRO_V1, PROTO, PROTO_2, PROTO_BROKEN, PROTO_V1, schemacheck

META = "schemas/orders/order_placed/event.toml"
SAID = 'kind = "domain"\nowner = "team-checkout"\nconsumers = ["billing", "dwh"]\n'
DEPRECATED = """
[versions.1]
status = "deprecated"
deprecated = 2026-06-01
sunset = 2026-12-01
replaced_by = 2
consumers = []
"""
RETIRED = '\n[versions.1]\nstatus = "retired"\nretired = 2026-12-01\n'
JSON = "schemas/orders/order_placed/v1.schema.json"
JSON_2 = "schemas/orders/order_placed/v2.schema.json"
JSON_V1 = """{
  "title": "orders.v1.OrderPlaced",
  "type": "object",
  "properties": {"order_id": {"type": "string"}, "total": {"type": "number"}}
}
"""
JSON_BROKEN = JSON_V1.replace('"string"', '"integer"')
BOTH = [
    pytest.param(AVRO, AVRO_2, AVRO_V1, AVRO_BROKEN, id="avro"),
    pytest.param(PROTO, PROTO_2, PROTO_V1, PROTO_BROKEN, id="proto"),
    pytest.param(JSON, JSON_2, JSON_V1, JSON_BROKEN, id="json-schema"),
]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "shop")


def rules(folder: Path, *arguments: str) -> list[str]:
    """The rules that a check reports as errors and that count."""
    done = schemacheck(folder, "check", "--format", "json", *arguments)
    found = json.loads(done.stdout)["findings"]
    return sorted({f["rule"] for f in found if f["level"] == "error" and not f["waived"] and not f["preexisting"]})


@pytest.mark.parametrize(("path", "second", "text", "broken"), BOTH)
def test_a_version_goes_after_its_sunset_and_never_comes_back(
    repo: Repo, path: str, second: str, text: str, broken: str
) -> None:
    repo.commit({path: text, second: broken.replace("orders.v1", "orders.v2"), META: SAID + DEPRECATED})
    repo.write({path: None})
    assert ["event/version-removed"] == rules(repo.path, "--today", "2026-12-01")

    repo.write({META: SAID + RETIRED})
    early = schemacheck(repo.path, "check", "--today", "2026-11-30")
    assert 1 == early.returncode
    assert f"{META}:5: error event/retired-early: v1 was retired too early: its time ends on 2026-12-01" in early.stdout
    done = schemacheck(repo.path, "check", "--today", "2026-12-01")
    assert (0, "") == (done.returncode, done.stdout if done.returncode else "")

    repo.commit({})
    repo.write({path: text})
    again = schemacheck(repo.path, "check", "--today", "2027-06-01")
    assert 1 == again.returncode
    assert "event/version-reused: v1 was published before, was retired on 2026-12-01" in again.stdout
    repo.write({META: SAID})
    assert {"event/metadata-removed", "event/version-reused"} <= set(rules(repo.path))


@pytest.mark.parametrize(("path", "second", "text", "broken"), BOTH)
@pytest.mark.parametrize("where", ["schemacheck.toml", META])
def test_a_mode_cannot_be_lowered_in_the_change_that_needs_it(
    repo: Repo, path: str, second: str, text: str, broken: str, where: str
) -> None:
    before = {"schemacheck.toml": 'mode = "FULL"\n', META: SAID}
    repo.commit({path: text, **before})
    lowered = (
        before[where].replace('mode = "FULL"\n', "") + 'mode = "NONE"\n[levels]\n"event/policy-weakened" = "off"\n'
    )
    weak = lowered if where == "schemacheck.toml" else SAID + 'mode = "NONE"\n'
    repo.write({path: broken, where: weak})
    done = schemacheck(repo.path, "check")
    assert 1 == done.returncode
    assert "event/policy-weakened: this change weakens the gate: the mode is lowered from FULL" in done.stdout


@pytest.mark.parametrize(("path", "second", "text", "broken"), BOTH)
def test_a_run_that_never_fails_cannot_be_configured_together_with_a_break(
    repo: Repo, path: str, second: str, text: str, broken: str
) -> None:
    repo.commit({path: text})
    repo.write({path: broken, "schemacheck.toml": 'fail_on = "never"\n'})
    assert 1 == schemacheck(repo.path, "check").returncode
    repo.write({path: text})
    assert 0 == schemacheck(repo.path, "check").returncode


SHARED = {
    "avro": (
        {
            "schemas/common/money/v1.avsc": '{"type": "record", "name": "Money", "namespace": "common.v1", "fields": ['
            '{"name": "units", "type": "long"}, {"name": "currency", "type": "string"}]}\n',
            AVRO: AVRO_V1.replace('"type": "string"}\n', '"type": "common.v1.Money"}\n'),
        },
        ("schemas/common/money/v1.avsc", ', {"name": "currency", "type": "string"}', ""),
    ),
    "proto": (
        {
            "schemas/common/v1/money.proto": 'syntax = "proto3";\npackage common.v1;\n'
            "message Money {\n  int64 units = 1;\n}\n",
            PROTO: PROTO_V1.replace("message", 'import "common/v1/money.proto";\nmessage').replace(
                "int64 amount", "common.v1.Money amount"
            ),
        },
        ("schemas/common/v1/money.proto", "int64 units", "string units"),
    ),
    "json-schema": (
        {
            "schemas/common/money/v1.schema.json": '{"type": "object", "properties": {"units": {"type": "integer"}}}\n',
            JSON: JSON_V1.replace('{"type": "number"}', '{"$ref": "../../common/money/v1.schema.json"}'),
        },
        ("schemas/common/money/v1.schema.json", '"integer"', '"string"'),
    ),
}


@pytest.mark.parametrize("kind", SHARED)
def test_an_edit_of_a_shared_type_is_reported_on_the_event_that_rests_on_it(repo: Repo, kind: str) -> None:
    files, (path, old, new) = SHARED[kind]
    repo.commit({**files, META: SAID})
    repo.write({path: files[path].replace(old, new)})
    report = json.loads(schemacheck(repo.path, "check", "--format", "json").stdout)
    found = next(f for f in report["findings"] if f["rule"] == "event/mutated-through-import")
    assert {"event": "orders/order_placed", "version": "v1"} == found["subject"]
    assert ("team-checkout", {"version": "v1", "how": "breaking", "files": path}) == (found["owner"], found["values"])


def test_the_report_says_who_owns_and_who_reads(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1, META: SAID})
    repo.write({AVRO: AVRO_BROKEN})
    report = json.loads(schemacheck(repo.path, "check", "--format", "json").stdout)
    (subject,) = report["subjects"]
    assert ["domain", "team-checkout", ["billing", "dwh"], "active"] == [
        subject[key] for key in ("kind", "owner", "consumers", "status")
    ]
    shown = schemacheck(repo.path, "check").stdout
    assert "in place it would be consumers (billing, dwh) first, then producers (team-checkout)" in shown


def test_a_new_version_tells_who_moves_when(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1, META: SAID})
    repo.write({AVRO_2: AVRO_BROKEN.replace("orders.v1", "orders.v2")})
    shown = schemacheck(repo.path, "check").stdout
    assert "a new version; consumers (billing, dwh) read both, then producers (team-checkout) write both" in shown


def deploy(repo: Repo, said: str, mode: str) -> str:
    """What a field without default, added under a mode, means for the deployment."""
    repo.commit({AVRO: AVRO_BROKEN, META: said, "schemacheck.toml": f'mode = "{mode}"\n'})
    repo.write({AVRO: AVRO_V1})
    return schemacheck(repo.path, "check").stdout


def test_producers_first_waits_out_the_retention(repo: Repo) -> None:
    shown = deploy(repo, SAID + 'retention = "14d"\n', "FORWARD")
    words = "deploy producers (team-checkout) first, wait out the retention (14d), then consumers (billing, dwh)"
    assert words in shown


@pytest.mark.parametrize("said", ["replayable = true", 'retention = "compacted"', 'retention = "forever"'])
def test_producers_first_is_no_answer_where_records_stay(repo: Repo, said: str) -> None:
    shown = deploy(repo, f"{SAID}{said}\n", "FORWARD_TRANSITIVE")
    assert "no order works: needs a new event version" in shown
    assert "event/mode-too-weak" in shown
    assert "event/mutated" in shown


def test_opposite_orders_of_one_owner_are_a_reason_to_split_the_change(repo: Repo) -> None:
    paid, paid_meta = "schemas/orders/order_paid/v1.avsc", "schemas/orders/order_paid/event.toml"
    other = AVRO_V1.replace("OrderPlaced", "OrderPaid")
    weak = 'mode = "FORWARD"\n[[policy]]\npaths = ["schemas/orders/order_paid/**"]\nmode = "BACKWARD"\n'
    repo.commit({AVRO: AVRO_BROKEN, META: SAID, paid: other, paid_meta: SAID, "schemacheck.toml": weak})
    repo.write({AVRO: AVRO_V1, paid: AVRO_BROKEN.replace("OrderPlaced", "OrderPaid")})
    shown = schemacheck(repo.path, "check")
    assert 0 == shown.returncode
    words = "orders/order_paid v1 needs consumers first and orders/order_placed v1 producers first; split the change"
    assert f"team-checkout: {words}" in shown.stdout


def test_the_senders_of_a_command_are_its_producers(repo: Repo) -> None:
    said = 'kind = "command"\nowner = "team-orders"\nconsumers = ["orders"]\nname_exempt = "an old name"\n'
    shown = deploy(repo, said, "FORWARD")
    assert "deploy its senders first, wait out the retention, then consumers (orders)" in shown


# event.toml


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("kind = 'fact'\n", 1, 'the key "kind" is not understood here'),
        ("\nowners = 'me'\n", 2, 'the key "owners" is not understood here'),
        ("[versions.1]\nsunset = '2027-01-01'\n", 2, "a date without quotes"),
        ("[versions.1]\nstatus = 'deprecated'\nsunset = 2027-01-01\n", 1, "versions.1.deprecated"),
        ("[versions.1]\ndeprecated = 2026-01-01\nsunset = 2025-01-01\n", 3, "versions.1.sunset"),
        ("[versions.1]\nstatus = 'retired'\n", 1, "versions.1.retired"),
        ("[versions.x]\n", 1, "a version such as 2"),
        ("[versions.7]\nstatus = 'active'\n", 1, "v7 has no file and is not retired"),
        ("[versions.1]\nretired = 2026-01-01\n", 1, "v1 is retired, and its file is still there"),
        ("retention = 'long'\n", 1, '"14d", "compacted" or "forever"'),
        ("mode = 'SIDEWAYS'\n", 1, "use one of BACKWARD"),
        ("versions = 3\n", 1, "a [versions] table"),
        ("owner = ?\n", None, "the file must be TOML"),
    ],
)
def test_a_mistake_in_event_toml_is_a_usage_error_with_its_line(
    repo: Repo, text: str, line: int | None, words: str
) -> None:
    repo.commit({AVRO: AVRO_V1})
    repo.write({META: text})
    done = schemacheck(repo.path, "check")
    assert 2 == done.returncode
    assert (f"{META}:{line}: " if line else META) in done.stderr
    assert words in done.stderr


def test_an_event_toml_that_belongs_to_no_event_is_told_where_it_belongs(repo: Repo) -> None:
    repo.commit({PROTO: PROTO_V1})
    repo.write({"schemas/orders/v1/order_placed/event.toml": SAID})
    done = schemacheck(repo.path, "check")
    assert 2 == done.returncode
    assert f"move it to {META}" in done.stderr


def test_what_was_published_wrongly_may_be_mended(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1, META: "kind = 'fact'\nowner = 'team-checkout'\nmode = ?\n"})
    repo.write({META: SAID})
    assert 0 == schemacheck(repo.path, "check").returncode


# sunset


def test_the_scheduled_job_fails_on_the_day_and_says_what_keeps_a_version(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1, AVRO_2: AVRO_BROKEN.replace("orders.v1", "orders.v2"), META: SAID + DEPRECATED})
    quiet = schemacheck(repo.path, "sunset", "--due", "--today", "2026-11-30")
    assert (0, "") == (quiet.returncode, quiet.stdout)
    listed = schemacheck(repo.path, "sunset", "--today", "2026-11-30")
    assert (0, "2026-12-01  orders/order_placed v1  team-checkout  not yet due\n") == (listed.returncode, listed.stdout)
    due = schemacheck(repo.path, "sunset", "--due", "--today", "2026-12-01")
    assert (1, "2026-12-01  orders/order_placed v1  team-checkout  due\n") == (due.returncode, due.stdout)
    repo.write({META: SAID + DEPRECATED.replace("consumers = []", 'consumers = ["dwh"]')})
    assert "due; dwh still reads it" in schemacheck(repo.path, "sunset", "--due", "--today", "2026-12-01").stdout
    (row,) = json.loads(schemacheck(repo.path, "sunset", "--json", "--today", "2026-12-01").stdout)["versions"]
    assert ("orders/order_placed", "v1", True, ["dwh still reads it"]) == (
        row["event"],
        row["version"],
        row["due"],
        row["blockers"],
    )


def test_a_day_that_is_none_is_a_usage_error(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1})
    assert 2 == schemacheck(repo.path, "check", "--today", "tomorrow").returncode
    assert 2 == schemacheck(repo.path, "sunset", "--today", "2026-02-30").returncode


# explain PATH


def test_explain_says_what_holds_for_a_file_and_where_it_comes_from(repo: Repo) -> None:
    settings = '[[policy]]\npaths = ["schemas/**"]\nmode = "BACKWARD"\npolicy = "strict"\n'
    repo.commit({AVRO: AVRO_V1, META: SAID + "replayable = true\n", "schemacheck.toml": settings})
    done = schemacheck(repo.path / "schemas", "explain", "orders/order_placed/v1.avsc")
    assert 0 == done.returncode
    rows = {line.split()[0]: line.split()[1] for line in done.stdout.splitlines()}
    assert ("BACKWARD_TRANSITIVE", "strict", "team-checkout") == (rows["mode"], rows["policy"], rows["owner"])
    assert "schemacheck.toml, [[policy]] schemas/**" in done.stdout
    assert f"{META}: it is replayable" in done.stdout
    assert 2 == schemacheck(repo.path, "explain", "../elsewhere.avsc").returncode


# the gate itself


def test_the_first_configuration_may_say_what_it_likes_if_it_lands_alone(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1})
    repo.write({"schemacheck.toml": 'mode = "BACKWARD"\n'})
    assert 0 == schemacheck(repo.path, "check").returncode
    repo.write({AVRO_2: AVRO_BROKEN.replace("orders.v1", "orders.v2")})
    assert 0 == schemacheck(repo.path, "check").returncode
    repo.write({AVRO: AVRO_BROKEN})
    assert ["event/policy-weakened"] == rules(repo.path)


def test_a_folder_of_schemas_has_no_configuration_to_be_weaker_than(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1, "schemacheck.toml": 'mode = "BACKWARD"\n'})
    published = repo.path.parent / "published"
    (published / AVRO).parent.mkdir(parents=True)
    (published / AVRO).write_text(AVRO_V1, encoding="utf-8")
    repo.write({AVRO: AVRO_BROKEN})
    assert [] == rules(repo.path, "--against", f"dir:{published}")
    (published / "schemacheck.toml").write_text('mode = "FULL"\n', encoding="utf-8")
    assert ["event/policy-weakened"] == rules(repo.path, "--against", f"dir:{published}")


@pytest.mark.parametrize("option", [("--mode", "NONE"), ("--fail-on", "never")])
def test_what_the_command_line_says_is_no_change_of_the_configuration(repo: Repo, option: tuple[str, str]) -> None:
    repo.commit({AVRO: AVRO_V1, "schemacheck.toml": 'mode = "FULL"\n'})
    repo.write({AVRO: AVRO_BROKEN, "schemacheck.toml": 'mode = "FULL_TRANSITIVE"\n'})
    assert 0 == schemacheck(repo.path, "check", *option).returncode


def test_the_table_in_pyproject_is_compared_like_the_file(repo: Repo) -> None:
    text = '[project]\nname = "shop"\n[tool.schemacheck]\nmode = "{}"\n'
    repo.commit({AVRO: AVRO_V1, "pyproject.toml": text.format("FULL")})
    repo.write({"pyproject.toml": text.format("FULL").replace("shop", "store")})
    assert [] == rules(repo.path)
    repo.write({"pyproject.toml": text.format("BACKWARD")})
    assert ["event/policy-weakened"] == rules(repo.path)
    repo.write({"pyproject.toml": '[project]\nname = "shop"\n', "schemacheck.toml": 'mode = "BACKWARD"\n'})
    assert ["event/policy-weakened"] == rules(repo.path)


def test_settings_in_the_index_are_those_that_a_hook_judges(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1, META: SAID})
    repo.write({META: SAID + 'mode = "BACKWARD"\n', AVRO: AVRO_BROKEN})
    repo.git("add", AVRO)
    assert "event/mutated" in rules(repo.path, "--staged")
    repo.git("add", META)
    assert ["event/policy-weakened"] == rules(repo.path, "--staged")


def test_a_weakening_passes_once_its_owners_waive_it(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1, "schemacheck.toml": 'mode = "FULL"\n'})
    repo.write({"schemacheck.toml": 'mode = "BACKWARD"\n'})
    failed = schemacheck(repo.path, "check", "--today", "2026-11-25").stdout
    mark = failed.partition("schemacheck waive ")[2].split()[0]
    given = ("--reason", "agreed", "--owner", "platform", "--expires", "2026-12-31", "--today", "2026-11-25")
    assert 0 == schemacheck(repo.path, "waive", mark, *given).returncode
    assert 0 == schemacheck(repo.path, "check", "--today", "2026-11-25").returncode


def test_no_pattern_hides_the_tombstones_of_an_event_that_is_judged(repo: Repo) -> None:
    repo.commit({AVRO_2: AVRO_BROKEN.replace("orders.v1", "orders.v2"), META: SAID + RETIRED})
    hidden = 'exclude = ["**/event.toml", "schemas/vendor/**"]\n'
    repo.write({META: SAID, "schemacheck.toml": hidden, "schemas/vendor/x/event.toml": "of = 'another tool'\n"})
    assert ["event/metadata-removed"] == rules(repo.path)
