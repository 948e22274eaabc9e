"""Plan, publish, drift, pull: from git to a registry and back."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from registry.conftest import PATH, SUBJECT, Result, Run, order
from registry.fake import Fake, Fault, reject
from sources.repos import Repo

MONEY, CURRENCY = "schemas/common/v1/money.proto", "schemas/common/v1/currency.proto"
PAID = "schemas/orders/v1/order_paid.proto"
AMOUNT, UNIT, SHIPPED = (
    "schemas/common/amount/v1.avsc",
    "schemas/common/unit/v1.avsc",
    "schemas/orders/order_shipped/v1.avsc",
)


def record(namespace: str, name: str, **fields: str) -> str:
    made = [{"name": key, "type": value} for key, value in fields.items()]
    return json.dumps({"type": "record", "namespace": namespace, "name": name, "fields": made})


FILES = {
    CURRENCY: 'syntax = "proto3";\npackage common.v1;\nmessage Currency { string code = 1; }\n',
    MONEY: 'syntax = "proto3";\npackage common.v1;\nimport "common/v1/currency.proto";\n'
    "message Money { int64 units = 1; Currency currency = 2; }\n",
    PAID: 'syntax = "proto3";\npackage orders.v1;\nimport "common/v1/money.proto";\n'
    "message OrderPaid { common.v1.Money total = 1; }\n",
    UNIT: record("common.unit.v1", "Unit", code="string"),
    AMOUNT: record("common.amount.v1", "Amount", value="long", unit="common.unit.v1.Unit"),
    SHIPPED: record("orders.v1", "OrderShipped", weight="common.amount.v1.Amount"),
}
LEVEL = '[registry]\nlevel = "FULL_TRANSITIVE"\n'


def to(fake: Fake, *more: str) -> tuple[str, ...]:
    return (*more, "--against", f"registry:{fake.url}")


@pytest.fixture
def rich(repo: Repo) -> Repo:
    """Two levels of references in two formats, and a level to set."""
    repo.commit({**FILES, "schemacheck.toml": LEVEL})
    return repo


def actions(result: Result) -> list[str]:
    return [f"{step['action']} {step['subject']}" for step in result.json["steps"]]


def test_a_plan_has_referees_first_and_levels_before_schemas_and_writes_nothing(
    rich: Repo, fake: Fake, run: Run
) -> None:
    result = run(*to(fake, "plan", "--format", "json"))
    assert 0 == result.code
    names = [
        "common.unit.v1.Unit", "common.amount.v1.Amount", "common.v1.Currency", "common.v1.Money",
        "orders.v1.OrderPlaced", "orders.v1.OrderShipped", "orders.v1.OrderPaid",
    ]  # fmt: skip
    assert [f"{act} {name}" for name in names for act in ("set-level", "create")] == actions(result)
    assert not [request for request in fake.log if request.startswith(("PUT", "DELETE")) or ("/versions" in request
                and request.startswith("POST /subjects"))]  # fmt: skip


def test_what_is_published_is_registered_once(rich: Repo, fake: Fake, run: Run) -> None:
    assert 0 == run(*to(fake, "publish", "--yes")).code
    state = json.dumps(fake.state())
    assert [1] * 7 == [len(entries) for entries in fake.subjects.values()]
    assert {"FULL_TRANSITIVE"} == {config["compatibilityLevel"] for config in fake.configs.values()}
    (paid,) = fake.subjects["orders.v1.OrderPaid"]
    assert [{"name": "common/v1/money.proto", "subject": "common.v1.Money", "version": 1}] == paid.body["references"]
    again = run(*to(fake, "publish", "--yes"))
    assert (0, state) == (again.code, json.dumps(fake.state()))
    assert "PLAN 0 steps, 7 unchanged, 0 blocked" in again.out
    assert 0 == run(*to(fake, "drift")).code


def test_a_publication_that_is_interrupted_anywhere_is_finished_by_the_next(repo: Repo, run: Run) -> None:
    """Before a request and after it: the server did it, and the answer was lost."""
    repo.commit({MONEY: FILES[MONEY], CURRENCY: FILES[CURRENCY], PATH: None, "schemacheck.toml": LEVEL})
    with Fake() as fake:
        run(*to(fake, "publish", "--yes"))
        whole, requests = fake.state(), len(fake.log)
    assert 2 == len(whole[0])
    for kind in ("reset", "reset_after"):
        for number in range(requests):
            with Fake() as fake:
                fake.faults = [Fault(kind, skip=number)]
                broken = run(*to(fake, "publish", "--yes"))
                assert (3, False) == (broken.code, "Traceback" in broken.out + broken.err), f"{kind} {number}: {broken}"
                fake.faults = []
                assert 0 == run(*to(fake, "publish", "--yes")).code
                assert whole == fake.state(), f"{kind} {number}"


def test_a_plan_asks_the_registry_and_blocks_what_it_rejects(repo: Repo, fake: Fake, run: Run) -> None:
    fake.judge = reject
    fake.add(SUBJECT, order("id", "currency"))
    repo.commit({PATH: order("id", "currency", "more?")})
    for command in (("plan",), ("publish", "--dry-run"), ("publish", "--yes")):
        result = run(*to(fake, *command))
        assert (1, 1) == (result.code, len(fake.subjects[SUBJECT]))
        assert "BLOCKED 0 steps, 0 unchanged, 1 blocked" in result.out


def test_what_breaks_readers_is_not_published_though_the_registry_accepts_it(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, order("id"))
    result = run(*to(fake, "publish", "--yes"))
    assert (1, 1) == (result.code, len(fake.subjects[SUBJECT]))
    assert "avro/field-added-without-default" in result.out


def test_nothing_is_written_if_anything_is_blocked(rich: Repo, fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, order("id"))
    state = json.dumps(fake.state())
    assert (1, state) == (run(*to(fake, "publish", "--yes")).code, json.dumps(fake.state()))


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda fake: fake.modes.update({SUBJECT: "READONLY"}), "the mode of the subject is READONLY"),
        (lambda fake: fake.modes.update({SUBJECT: "IMPORT"}), "the mode of the subject is IMPORT"),
        (lambda fake: fake.add(SUBJECT, order("id", "currency", "z?")), "version 2 came later"),
    ],
    ids=["read-only", "import", "older text"],
)
def test_a_step_that_would_do_nothing_good_is_blocked(
    prepare: Callable[[Fake], object], words: str, repo: Repo, fake: Fake, run: Run
) -> None:
    fake.add(SUBJECT, order("id", "currency") if "later" in words else order("id", "currency", "y?"))
    prepare(fake)
    result = run(*to(fake, "plan"))
    assert (1, True) == (result.code, words in result.out)


def test_a_level_is_not_weakened(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, order("id", "currency"))
    fake.configs[SUBJECT] = {"compatibilityLevel": "FULL_TRANSITIVE"}
    repo.commit({"schemacheck.toml": '[registry]\nlevel = "BACKWARD"\n'})
    result = run(*to(fake, "publish", "--yes"))
    assert (1, "FULL_TRANSITIVE") == (result.code, fake.configs[SUBJECT]["compatibilityLevel"])


def test_a_level_that_does_not_stay_stops_before_the_schema(repo: Repo, fake: Fake, run: Run) -> None:
    repo.commit({"schemacheck.toml": LEVEL})

    def undo(method: str, path: str) -> None:
        if method == "GET" and path.startswith("/config/"):
            fake.configs.clear()

    fake.before = undo
    result = run(*to(fake, "publish", "--yes"))
    assert (3, {}) == (result.code, fake.subjects)
    assert "STOPPED after 0 of 2 steps" in result.out


def test_a_server_without_levels_for_unknown_subjects_gets_them_afterwards(repo: Repo, run: Run) -> None:
    repo.commit({"schemacheck.toml": LEVEL})
    with Fake("apicurio") as fake:
        assert 0 == run(*to(fake, "publish", "--yes")).code
        assert {SUBJECT: {"compatibilityLevel": "FULL_TRANSITIVE"}} == fake.configs
        assert 0 == run(*to(fake, "drift")).code


def test_another_writer_between_plan_and_registration_is_noticed(repo: Repo, fake: Fake, run: Run) -> None:
    def other(method: str, path: str) -> None:
        if method == "POST" and path.endswith("/versions") and "compatibility" not in path and not fake.subjects:
            fake.before = None
            fake.judge = reject
            fake.add(SUBJECT, order("theirs"))

    fake.before = other
    result = run(*to(fake, "publish", "--yes"))
    assert (3, 1) == (result.code, len(fake.subjects[SUBJECT]))
    assert "STOPPED after 0 of 1 step" in result.out


def test_only_what_is_committed_is_published(repo: Repo, fake: Fake, run: Run) -> None:
    repo.write({PATH: order("id", "currency", "not committed?")})
    run(*to(fake, "publish", "--yes"))
    assert [order("id", "currency")] == [entry.body["schema"] for entry in fake.subjects[SUBJECT]]


def test_a_plan_that_people_have_seen_is_done_or_nothing(repo: Repo, fake: Fake, run: Run) -> None:
    (repo.path / "plan.json").write_text(run(*to(fake, "plan", "--format", "json")).out)
    fake.add("strangers.v1.Thing", order("id"))  # nothing of ours
    repo.commit({PATH: order("id")})
    assert (3, False) == (run(*to(fake, "publish", "--yes", "--plan", "plan.json")).code, SUBJECT in fake.subjects)
    repo.commit({PATH: order("id", "currency")})
    assert (0, True) == (run(*to(fake, "publish", "--yes", "--plan", "plan.json")).code, SUBJECT in fake.subjects)


def test_without_a_yes_and_a_terminal_nothing_is_written(repo: Repo, fake: Fake, run: Run) -> None:
    assert (2, {}) == (run(*to(fake, "publish")).code, fake.subjects)


def test_a_change_of_a_shared_type_makes_new_versions_of_all_that_rest_on_it(rich: Repo, fake: Fake, run: Run) -> None:
    run(*to(fake, "publish", "--yes"))
    rich.commit({CURRENCY: FILES[CURRENCY].replace("code = 1;", "code = 1; string name = 2;")})
    result = run(*to(fake, "publish", "--yes"))
    assert 0 == result.code, result
    versions = {subject: len(entries) for subject, entries in fake.subjects.items()}
    assert {"common.v1.Currency", "common.v1.Money", "orders.v1.OrderPaid"} == {s for s, n in versions.items() if n > 1}
    assert 2 == fake.subjects["orders.v1.OrderPaid"][1].body["references"][0]["version"]
    assert 0 == run(*to(fake, "drift")).code


def test_a_group_travels_with_its_version(repo: Repo, fake: Fake, run: Run) -> None:
    settings = '[identity]\nregistry = "orders"\n[registry]\ngroup = "major"\nlevel = "FULL"\n'
    repo.commit({"schemacheck.toml": settings, PATH.replace("v1", "v2"): order("id").replace("orders.v1", "orders.v2")})
    assert 0 == run(*to(fake, "publish", "--yes")).code
    assert ["1", "2"] == [entry.body["metadata"]["properties"]["major"] for entry in fake.subjects["orders"]]
    assert {"compatibilityLevel": "FULL", "compatibilityGroup": "major"} == fake.configs["orders"]
    again = run(*to(fake, "publish", "--yes"))
    assert (0, True) == (again.code, "PLAN 0 steps, 2 unchanged" in again.out), again
    assert (0, 0) == (run(*to(fake, "drift")).code, run(*to(fake, "check")).code)


# drift


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda fake: fake.subjects.pop(SUBJECT), "missing"),
        (lambda fake: fake.add("strangers.v1.Thing", order("id")), "extra"),
        (lambda fake: fake.add(SUBJECT, order("id", "currency", "by hand?")), "differs"),
        (lambda fake: fake.configs[SUBJECT].update(compatibilityLevel="NONE"), "level differs"),
    ],
    ids=["missing", "extra", "differs", "level"],
)
def test_a_change_by_hand_is_a_drift(
    change: Callable[[Fake], object], kind: str, repo: Repo, fake: Fake, run: Run
) -> None:
    repo.commit({"schemacheck.toml": LEVEL})
    run(*to(fake, "publish", "--yes"))
    assert 0 == run(*to(fake, "drift")).code
    change(fake)
    result = run(*to(fake, "drift", "--format", "json"))
    assert (4, "drift", [kind]) == (
        result.code, result.json["verdict"], [row["kind"] for row in result.json["drift"]],
    )  # fmt: skip


def test_the_same_schema_in_other_words_is_no_drift(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, json.dumps(json.loads(order("id", "currency")), sort_keys=True, separators=(",", ":")))
    assert 0 == run(*to(fake, "drift")).code


def test_the_subjects_of_others_are_no_drift_below_a_prefix(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, order("id", "currency"))
    fake.add("strangers.v1.Thing", order("id"))
    repo.commit({"schemacheck.toml": '[registry]\nprefix = "orders."\n'})
    assert 0 == run(*to(fake, "drift")).code


def test_where_there_is_no_subject_at_all_nothing_was_compared(repo: Repo, fake: Fake, run: Run) -> None:
    repo.commit({PATH: None})
    assert 3 == run(*to(fake, "drift")).code


# pull


def test_what_is_published_comes_back_as_files(rich: Repo, fake: Fake, run: Run) -> None:
    run(*to(fake, "publish", "--yes"))
    rich.commit(dict.fromkeys([PATH, *FILES]))
    assert 0 == run(*to(fake, "pull")).code
    rich.git("add", "-A")
    rich.git("commit", "-q", "-m", "pulled")
    assert (0, 0) == (run(*to(fake, "drift")).code, run(*to(fake, "check")).code)
    assert {PATH, CURRENCY, MONEY, PAID, SHIPPED} < set(rich.git("ls-files").splitlines())


def test_a_pull_changes_no_file_and_a_dry_run_writes_none(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add("orders.v1.OrderShipped", order("id", name="OrderShipped"))
    fake.add(SUBJECT, order("theirs"))
    dry = run(*to(fake, "pull", "--dry-run"))
    assert (0, "") == (dry.code, repo.git("status", "--porcelain"))
    assert "would write     schemas/orders/order_shipped/v1.avsc" in dry.out
    run(*to(fake, "pull"))
    assert "?? schemas/orders/order_shipped/" == repo.git("status", "--porcelain")


@pytest.mark.parametrize(
    ("subject", "text", "kind"),
    [
        ("x", json.dumps({"type": "record", "namespace": "../..", "name": "Evil", "fields": []}), "AVRO"),
        ("x", json.dumps({"type": "record", "namespace": "a/b", "name": "Evil", "fields": []}), "AVRO"),
        ("x", '"string"', "AVRO"),
        ("x", "message { }", "PROTOBUF"),
        ("x", "{}", "ODD"),
    ],
)
def test_a_name_that_makes_no_path_is_refused(
    subject: str, text: str, kind: str, repo: Repo, fake: Fake, run: Run
) -> None:
    fake.add(subject, text, kind)
    result = run(*to(fake, "pull"))
    assert (3, "") == (result.code, repo.git("status", "--porcelain"))
    assert "refused   x" in result.out


def test_an_import_name_does_not_lead_out_of_the_repository(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add("m", 'syntax = "proto3"; message M {}', "PROTOBUF")
    reference = {"name": "../../evil.proto", "subject": "m", "version": 1}
    fake.add("orders.v1.P", 'syntax = "proto3"; package orders.v1; message P {}', "PROTOBUF", [reference])
    assert 3 == run(*to(fake, "pull")).code
    assert "?? schemas/orders/v1/" == repo.git("status", "--porcelain")


def test_init_begins_with_what_a_registry_holds(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add("orders.v1.OrderShipped", order("id", name="OrderShipped"))
    assert 0 == run("init", "--from-registry", fake.url).code
    assert (repo.path / "schemas/orders/order_shipped/v1.avsc").is_file()
    assert (repo.path / "schemacheck.toml").is_file()
