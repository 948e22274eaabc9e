"""A registry as the published side: subjects, levels, groups, references, and the two verdicts side by side."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from registry.conftest import PATH, SUBJECT, Run, order
from registry.fake import Fake, reject
from sources.repos import Repo

from schemacheck import docs
from schemacheck.registry import rules

V2 = PATH.replace("v1", "v2")
MONEY = "schemas/common/v1/money.proto"
PROTO = "schemas/orders/v1/order_paid.proto"


def money(field: str = "int64 units = 1;") -> str:
    return f'syntax = "proto3";\npackage common.v1;\nmessage Money {{ {field} }}\n'


def paid(field: str = "") -> str:
    head = 'syntax = "proto3";\npackage orders.v1;\nimport "common/v1/money.proto";\n'
    return f"{head}message OrderPaid {{ common.v1.Money total = 1; {field} }}\n"


def against(fake: Fake, *more: str) -> tuple[str, ...]:
    return ("check", "--against", f"registry:{fake.url}", "--format", "json", *more)


@pytest.fixture(params=["confluent", "karapace", "apicurio"])
def any_fake(request: pytest.FixtureRequest) -> Fake:
    return Fake(request.param)


def test_what_is_registered_as_it_stands_is_unchanged_on_every_server(any_fake: Fake, repo: Repo, run: Run) -> None:
    """Karapace sorts the keys of what it stores."""
    with any_fake as fake:
        fake.add(SUBJECT, order("id", "currency"))
        result = run(*against(fake))
        assert (0, []) == (result.code, result.json["subjects"])


def test_a_break_is_found_on_every_server(any_fake: Fake, repo: Repo, run: Run) -> None:
    with any_fake as fake:
        fake.add(SUBJECT, order("id"))
        result = run(*against(fake))
        assert 1 == result.code
        assert "avro/field-added-without-default" in result.rules
        assert f"registry:{SUBJECT}/1" == result.json["findings"][0]["against"]


def test_a_compatible_change_passes_on_every_server_and_names_its_verdict(any_fake: Fake, repo: Repo, run: Run) -> None:
    repo.write({PATH: order("id", "more?")})
    with any_fake as fake:
        fake.add(SUBJECT, order("id"))
        result = run(*against(fake))
        assert (0, {"verdict": "accepts", "messages": []}) == (result.code, result.registry_of())


def test_a_subject_that_is_not_known_is_new_and_never_accepted(fake: Fake, run: Run) -> None:
    """A registry calls anything compatible with a subject that it does not know."""
    result = run(*against(fake))
    assert (0, "new") == (result.code, result.json["subjects"][0]["outcome"])
    assert "unknown" == result.registry_of()["verdict"]
    assert not [request for request in fake.log if "compatibility" in request]


def test_where_no_new_subjects_are_allowed_an_unknown_one_is_an_error(repo: Repo, fake: Fake, run: Run) -> None:
    repo.write({"schemacheck.toml": "[registry]\nallow_new_subjects = false\n"})
    result = run(*against(fake))
    assert (1, ["registry/subject-unknown"]) == (result.code, result.rules)


def test_the_level_of_the_subject_decides(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, order("id", "currency", "gone"))
    codes = {}
    for level in ("BACKWARD", "FORWARD", "FULL", "NONE"):
        fake.configs[SUBJECT] = {"compatibilityLevel": level}
        codes[level] = run(*against(fake)).code
    assert {"BACKWARD": 0, "FORWARD": 1, "FULL": 1, "NONE": 0} == codes


def test_a_mode_on_the_command_line_replaces_the_level(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, order("id", "currency", "gone"))
    assert 0 == run(*against(fake)).code
    assert 1 == run(*against(fake, "--mode", "FULL")).code


def test_a_configured_mode_is_added_to_the_level(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, order("id", "currency", "gone"))
    repo.write({"schemacheck.toml": 'mode = "FORWARD"\n'})
    result = run(*against(fake))
    assert (1, "FULL") == (result.code, result.json["subjects"][0]["mode"])


def test_a_mode_that_an_event_asks_for_is_added_to_the_level(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, order("id"))
    fake.add(SUBJECT, order("id", "currency?"))
    assert 0 == run(*against(fake)).code
    repo.write({PATH.replace("v1.avsc", "event.toml"): 'mode = "BACKWARD_TRANSITIVE"\n'})
    result = run(*against(fake))
    assert (1, f"registry:{SUBJECT}/1") == (result.code, result.json["findings"][0]["against"])


def test_a_subject_whose_config_has_no_level_falls_to_the_server_s_default(repo: Repo, fake: Fake, run: Run) -> None:
    """Not to the registry's own level: what was set on the subject has switched that off."""
    fake.global_config = {"compatibilityLevel": "FULL"}
    fake.configs[SUBJECT] = {"alias": "x"}
    fake.add(SUBJECT, order("id", "currency", "gone"))
    result = run(*against(fake))
    assert (0, ["registry/level-reset"], "BACKWARD") == (result.code, result.rules, result.json["subjects"][0]["mode"])


def test_transitive_looks_at_every_registered_version(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, json.dumps({**json.loads(order("id")), "doc": "first"}))
    fake.add(SUBJECT, order("id", "currency?"))
    fake.add(SUBJECT, order("id", "currency?", "x?"))
    fake.global_config = {"compatibilityLevel": "BACKWARD"}
    assert 0 == run(*against(fake)).code
    fake.global_config = {"compatibilityLevel": "BACKWARD_TRANSITIVE"}
    result = run(*against(fake))
    assert (1, 3) == (result.code, result.json["subjects"][0]["states"])
    assert f"registry:{SUBJECT}/1" == result.json["findings"][0]["against"]


def test_a_soft_deleted_version_counts_if_it_is_asked_for(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, order("id"))
    fake.add(SUBJECT, order("id", "currency?"))
    fake.subjects[SUBJECT][0].deleted = True
    fake.global_config = {"compatibilityLevel": "BACKWARD_TRANSITIVE"}
    assert 0 == run(*against(fake)).code
    repo.write({"schemacheck.toml": "[registry]\ndeleted = true\n"})
    assert 1 == run(*against(fake)).code


def test_a_subject_that_was_deleted_softly_counts_if_it_is_asked_for(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, order("id"))
    fake.subjects[SUBJECT][0].deleted = True
    assert "new" == run(*against(fake)).json["subjects"][0]["outcome"]
    repo.write({"schemacheck.toml": "[registry]\ndeleted = true\n"})
    assert 1 == run(*against(fake)).code


def test_only_versions_of_the_same_group_are_compared(repo: Repo, fake: Fake, run: Run) -> None:
    """v1 and v2 live in one subject, and each is compared with its own kind."""
    fake.configs["orders"] = {"compatibilityLevel": "FULL_TRANSITIVE", "compatibilityGroup": "major"}
    for version, text in (("1", order("id", "currency")), ("2", order("id"))):
        fake.add("orders", text, metadata={"properties": {"major": version}})
    repo.write({V2: order("id"), "schemacheck.toml": '[identity]\nregistry = "orders"\n[registry]\ngroup = "major"\n'})
    assert (0, []) == ((result := run(*against(fake))).code, result.json["subjects"])
    repo.write({V2: order("id", "currency")})
    result = run(*against(fake))
    assert 1 == result.code
    assert {"orders/order_placed v2"} == {
        f"{f['subject']['event']} {f['subject']['version']}" for f in result.json["findings"]
    }
    assert {"registry:orders/2"} == {f["against"] for f in result.json["findings"] if f["against"]}


def test_two_versions_in_one_subject_are_a_mistake_of_the_configuration(repo: Repo, fake: Fake, run: Run) -> None:
    repo.write({V2: order("id")})
    result = run(*against(fake))
    assert (2, []) == (result.code, fake.log)
    assert 'have one registry subject, "orders.v1.OrderPlaced"' in result.err


@pytest.mark.parametrize(
    ("settings", "subject"),
    [
        ('[identity]\nregistry = "{topic}-value"\n[registry.topics]\n"orders/order_placed" = "orders"', "orders-value"),
        (
            '[identity]\nregistry = "{topic}-{fullname}"\n[registry.topics]\n"orders/order_placed v1" = "t"',
            f"t-{SUBJECT}",
        ),
        ('[identity]\nregistry = ":.prod:{fullname}"', f":.prod:{SUBJECT}"),
        ('[identity]\nregistry = "{domain}/{event}/{version}"', "orders/order_placed/1"),
        ('[registry.subjects]\n"orders/order_placed v1" = "a%b /c"', "a%b /c"),
    ],
    ids=["topic", "topic-record", "context", "slashes", "custom"],
)
def test_a_subject_is_named_as_the_strategy_says(settings: str, subject: str, repo: Repo, fake: Fake, run: Run) -> None:
    repo.write({"schemacheck.toml": settings})
    fake.add(subject, order("id", "currency"))
    result = run(*against(fake))
    assert (0, []) == (result.code, result.json["subjects"])


@pytest.mark.parametrize(
    ("said", "subject"),
    [('topic = "orders.placed"', "orders.placed-value"), ('subject = "legacy-{version}"', "legacy-1")],
    ids=["topic", "subject"],
)
def test_what_an_event_says_of_its_topic_and_subject_counts(
    said: str, subject: str, repo: Repo, fake: Fake, run: Run
) -> None:
    settings = '[identity]\nregistry = "{topic}-value"\n'
    repo.write({"schemacheck.toml": settings, PATH.replace("v1.avsc", "event.toml"): f"{said}\n"})
    fake.add(subject, order("id", "currency"))
    result = run(*against(fake))
    assert (0, 1) == (result.code, result.json["summary"]["unchanged"])


def test_a_topic_that_nobody_named_is_said(repo: Repo, fake: Fake, run: Run) -> None:
    repo.write({"schemacheck.toml": '[identity]\nregistry = "{topic}-value"\n'})
    result = run(*against(fake))
    assert (3, "not_checked") == (result.code, result.json["subjects"][0]["outcome"])


def test_a_reference_is_read_in_the_version_that_it_is_pinned_to(repo: Repo, fake: Fake, run: Run) -> None:
    """Two versions of one shared file stand side by side in the registry, and each event rests on its own."""
    other = PROTO.replace("paid", "sent")
    repo.write({PATH: None, MONEY: money(), PROTO: paid(), other: paid().replace("OrderPaid", "OrderSent")})
    fake.add("common.v1.Money", money("int32 units = 1;"), "PROTOBUF")
    fake.add("common.v1.Money", money(), "PROTOBUF")
    for subject, text, version in (("OrderPaid", paid(), 1), ("OrderSent", paid().replace("Paid", "Sent"), 2)):
        reference = {"name": "common/v1/money.proto", "subject": "common.v1.Money", "version": version}
        fake.add(f"orders.v1.{subject}", text, "PROTOBUF", [reference])
    fake.global_config = {"compatibilityLevel": "FULL"}
    result = run(*against(fake))
    assert 1 == result.code
    assert {"orders/order_paid"} == {f["subject"]["event"] for f in result.json["findings"]}
    assert "protobuf/field-type-widened" in result.rules


def test_a_reference_bound_to_two_versions_is_not_checked(repo: Repo, fake: Fake, run: Run) -> None:
    repo.write({PATH: None, MONEY: money(), PROTO: paid()})
    for text in (money("int32 units = 1;"), money()):
        fake.add("common.v1.Money", text, "PROTOBUF")
    references = [{"name": "common/v1/money.proto", "subject": "common.v1.Money", "version": n} for n in (1, 2)]
    fake.add("orders.v1.OrderPaid", paid(), "PROTOBUF", references)
    result = run(*against(fake))
    assert 3 == result.code
    assert ['registry:orders.v1.OrderPaid/1 binds "common/v1/money.proto" twice'] == [
        p["message"].partition(
            ":",
        )[0]
        + ":"
        + p["message"].split(":")[1]
        for p in result.json["not_checked"]
    ]


def test_a_registry_is_not_asked_about_a_schema_whose_references_it_lacks(repo: Repo, fake: Fake, run: Run) -> None:
    repo.write({PATH: None, MONEY: money("int64 units = 1; string currency = 2;"), PROTO: paid()})
    fake.add("common.v1.Money", money(), "PROTOBUF")
    reference = {"name": "common/v1/money.proto", "subject": "common.v1.Money", "version": 1}
    fake.add("orders.v1.OrderPaid", paid(), "PROTOBUF", [reference])
    result = run(*against(fake))
    assert (0, "unknown") == (result.code, result.registry_of("orders/order_paid")["verdict"])
    assert result.registry_of("orders/order_paid")["messages"][0].startswith("not asked: it rests on")


def test_a_version_that_is_registered_and_has_no_file_any_more_is_removed(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, order("id", "currency"))
    fake.add("orders.v2.OrderPlaced", order("id").replace("orders.v1", "orders.v2"))
    fake.add("strangers.v1.Thing", order("id"))
    repo.write({PATH: None, V2: order("id").replace("orders.v1", "orders.v2")})
    result = run(*against(fake))
    assert (1, ["event/version-removed"]) == (result.code, result.rules)


def test_another_schema_language_in_a_subject_is_a_change_of_format(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, 'syntax = "proto3"; package orders.v1; message OrderPlaced { string id = 1; }', "PROTOBUF")
    result = run(*against(fake))
    assert (1, True) == (result.code, "event/format-changed" in result.rules)


# git and registry together


def test_the_states_of_git_and_of_the_registry_are_one_matrix(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, order("id"))
    fake.add(SUBJECT, order("id", "currency"))
    repo.branch("change")
    repo.write({PATH: order("id", "currency", "more?")})
    both = ("--against", "git:main", "--against", f"registry:{fake.url}", "--format", "json")
    result = run("check", *both, "--mode", "FORWARD_TRANSITIVE")
    assert (0, 2) == (result.code, result.json["subjects"][0]["states"])  # one state is in both
    assert ["git", "registry"] == [
        source["source"] for source in (result.json["baseline"], *result.json["further_baselines"])
    ]


def test_with_git_the_mode_forbids_what_either_side_forbids(repo: Repo, fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, order("id", "currency"))
    repo.commit({"schemacheck.toml": 'mode = "FORWARD"\n'})
    repo.branch("change")
    repo.write({PATH: order("id", "currency", "fresh")})
    both = ("--against", "git:main", "--against", f"registry:{fake.url}", "--format", "json")
    result = run("check", *both)
    assert (1, "FULL") == (result.code, result.json["subjects"][0]["mode"])


def test_a_version_that_only_the_registry_has_is_compared_with(repo: Repo, fake: Fake, run: Run) -> None:
    """A producer registered by itself: git alone does not see it."""
    fake.add(SUBJECT, order("id", "currency"))
    fake.add(SUBJECT, order("id", "currency", "auto"))
    fake.global_config = {"compatibilityLevel": "FULL_TRANSITIVE"}
    repo.branch("change")
    repo.write({PATH: order("id", "currency", "more?")})
    assert 0 == run("check", "--against", "git:main").code
    result = run("check", "--against", f"registry:{fake.url}", "--format", "json")
    assert f"registry:{SUBJECT}/2" in {finding["against"] for finding in result.json["findings"]}


# two verdicts


def test_what_a_registry_accepts_and_readers_do_not_is_said(fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, order("id"))
    result = run(*against(fake))
    assert (1, "accepts") == (result.code, result.registry_of()["verdict"])
    assert "registry/break-accepted" in result.rules


def test_a_registry_that_is_not_asked_about_a_direction_does_not_accept_its_break(fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, order("id"))
    fake.global_config = {"compatibilityLevel": "FORWARD"}
    result = run(*against(fake, "--mode", "BACKWARD"))
    assert (1, False) == (result.code, "registry/break-accepted" in result.rules)


def test_a_registry_that_looks_at_the_last_version_only_does_not_accept_an_older_break(
    repo: Repo, fake: Fake, run: Run
) -> None:
    fake.add(SUBJECT, order("id"))
    fake.add(SUBJECT, order("id", "currency?"))
    repo.write({PATH: order("id", "currency")})
    result = run(*against(fake, "--mode", "BACKWARD_TRANSITIVE"))
    assert (1, False) == (result.code, "registry/break-accepted" in result.rules)


def test_what_a_registry_rejects_and_readers_do_not_fails(repo: Repo, fake: Fake, run: Run) -> None:
    fake.judge = reject
    fake.add(SUBJECT, order("id"))
    repo.write({PATH: order("id", "more?")})
    result = run(*against(fake))
    assert (1, ["registry/change-rejected"], "compatible") == (
        result.code, result.rules, result.json["subjects"][0]["outcome"],
    )  # fmt: skip
    assert ["rejects", True] == [
        result.registry_of()["verdict"],
        "BACKWARD was refused" in result.registry_of()["messages"][0],
    ]


def test_an_empty_list_of_messages_is_no_acceptance(repo: Repo, fake: Fake, run: Run) -> None:
    """Apicurio never says why."""
    with Fake("apicurio", reject) as silent:
        silent.add(SUBJECT, order("id"))
        repo.write({PATH: order("id", "more?")})
        result = run(*against(silent))
        assert (1, {"verdict": "rejects", "messages": []}) == (result.code, result.registry_of())


def test_each_version_is_asked_about_where_all_at_once_cannot_be(repo: Repo, run: Run) -> None:
    with Fake("karapace", lambda old, _new, _way: ("first",) if "first" in old["schema"] else ()) as fake:
        fake.add(SUBJECT, order("id", "first?"))
        fake.add(SUBJECT, order("id"))
        repo.write({PATH: order("id", "more?")})
        assert "accepts" == run(*against(fake)).registry_of()["verdict"]
        fake.global_config = {"compatibilityLevel": "BACKWARD_TRANSITIVE"}
        result = run(*against(fake))
        assert "rejects" == result.registry_of()["verdict"]
        assert "note: it was asked about each version by itself" in result.err


# cost


def test_a_check_costs_one_request_a_version_and_three_a_subject(repo: Repo, fake: Fake, run: Run) -> None:
    subjects, versions = 12, 5
    repo.write({PATH: None})
    fake.global_config = {"compatibilityLevel": "FULL_TRANSITIVE"}
    for number in range(subjects):
        event = f"Thing{chr(65 + number)}Happened"
        path = f"schemas/things/thing_{chr(97 + number)}_happened/v1.avsc"
        for version in range(versions):
            text = order("id", *(f"f{n}?" for n in range(version)), name=event).replace("orders", "things")
            fake.add(f"things.v1.{event}", text)
        repo.write({path: text.replace('"id"', '"id", "doc": "new"')})
    result = run(*against(fake))
    assert (0, subjects * versions) == (result.code, sum(s["states"] for s in result.json["subjects"]))
    everything = subjects * versions + 3 * subjects
    assert everything + 2 == len(fake.log)  # and once the names of all subjects, and the registry's own level
    assert len(set(fake.log)) == len(fake.log)


@pytest.mark.parametrize("dialect", ["confluent", "karapace", "apicurio"])
def test_many_versions_are_read_in_pages_and_give_the_same_report(
    dialect: str, repo: Repo, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write({PATH: order("id", *(f"f{n}?" for n in range(21)))})
    with Fake(dialect) as fake:
        fake.global_config = {"compatibilityLevel": "BACKWARD_TRANSITIVE"}
        for version in range(20):
            fake.add(SUBJECT, order(*(["x"] if version == 3 else ["id"]), *(f"f{n}?" for n in range(version))))
        single = run(*against(fake))
        requests = len(fake.log)
        monkeypatch.setattr("schemacheck.registry.lineages.BULK", 10)
        monkeypatch.setattr("schemacheck.registry.client._PAGE", 7)
        assert single == run(*against(fake))
        assert (20, f"registry:{SUBJECT}/4") == (
            single.json["subjects"][0]["states"], single.json["findings"][0]["against"],
        )  # fmt: skip
        assert (dialect == "apicurio") == (len(fake.log) - requests > requests)


def test_what_did_not_change_costs_one_request(fake: Fake, run: Run) -> None:
    for text in (order("id"), order("id", "currency")):
        fake.add(SUBJECT, text)
    fake.global_config = {"compatibilityLevel": "FULL_TRANSITIVE"}
    assert 0 == run(*against(fake)).code
    assert [f"GET /subjects/{SUBJECT}/versions/latest", "GET /subjects"] == fake.log


def test_every_registry_rule_has_a_page_and_a_test() -> None:
    pages = {path.stem for path in (Path(docs.__file__).parent / "rules" / "registry").iterdir()}
    assert {rule.id.partition("/")[2] for rule in rules.RULES} == pages
    for rule in rules.RULES:
        page = docs.page(rule.id)
        assert page.summary
        assert page.why
        assert page.instead
        assert f'"{rule.id}"' in Path(__file__).read_text(encoding="utf-8")
