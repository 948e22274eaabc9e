"""JSON Schemas that refer to each other, in a registry: it goes by names, a repository by paths and by `$id`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from registry.conftest import PATH, Run
from registry.fake import Fake
from sources.repos import Repo

PAID, MONEY = "schemas/orders/order_paid/v1.schema.json", "schemas/common/money/v1.schema.json"
A = "../a/v1.schema.json"
TEXT = {"type": "string"}


def schema(title: str | None, /, own: str | None = None, **properties: Any) -> str:
    name = {} if title is None else {"title": title}
    return json.dumps(
        {**({"$id": own} if own else {}), **name, "type": "object", "properties": properties}, indent=2
    )  # fmt: skip


def to(fake: Fake, *more: str) -> tuple[str, ...]:
    return (*more, "--against", f"registry:{fake.url}")


@pytest.fixture
def shop(repo: Repo) -> Repo:
    """Without the Avro event."""
    repo.commit({PATH: None})
    return repo


def test_a_reference_has_the_name_that_is_written_without_its_fragment(shop: Repo, fake: Fake, run: Run) -> None:
    both = {"total": {"$ref": "../../common/money/v1.schema.json"}, "unit": {"$ref": "urn:money#/properties/unit"}}
    shop.commit({PAID: schema("orders.v1.OrderPaid", **both), MONEY: schema("common.v1.Money", "urn:money", unit=TEXT)})
    assert 0 == run(*to(fake, "publish", "--yes")).code
    (paid,) = fake.subjects["orders.v1.OrderPaid"]
    assert paid.body["references"] == [
        {"name": "../../common/money/v1.schema.json", "subject": "common.v1.Money", "version": 1},
        {"name": "urn:money", "subject": "common.v1.Money", "version": 1},
    ]
    again = run(*to(fake, "plan"))
    assert (0, True) == (again.code, "PLAN 0 steps, 2 unchanged" in again.out), again
    assert 0 == run(*to(fake, "drift")).code


def test_one_name_for_two_files_is_not_published(shop: Repo, fake: Fake, run: Run) -> None:
    """The registry would bind the name once."""
    files = {
        PAID: schema("orders.v1.OrderPaid", a={"$ref": A}, b={"$ref": "../../common/b/v1.schema.json"}),
        "schemas/orders/a/v1.schema.json": schema("orders.v1.A", n=TEXT),
        "schemas/common/b/v1.schema.json": schema("common.v1.B", a={"$ref": A}),
        "schemas/common/a/v1.schema.json": schema("common.v1.A", n={"type": "number"}),
    }  # fmt: skip
    shop.commit(files)
    result = run(*to(fake, "check", "--format", "json"))
    assert 3 == result.code
    words = '"../a/v1.schema.json" means schemas/common/a/v1.schema.json and schemas/orders/a/v1.schema.json in'
    assert [(PAID, True)] == [(p["file"], p["message"].startswith(words)) for p in result.json["not_checked"]]


def test_a_schema_without_a_title_has_no_record_name(shop: Repo, fake: Fake, run: Run) -> None:
    shop.commit({PAID: schema(None, id=TEXT)})
    result = run(*to(fake, "check", "--format", "json"))
    (problem,) = result.json["not_checked"]
    hint = 'name it: give it a title, or say [registry.subjects] "orders/order_paid v1" = "..."'
    assert (3, PAID, hint) == (result.code, problem["file"], problem["hint"])
    shop.commit({"schemacheck.toml": '[registry.subjects]\n"orders/order_paid v1" = "paid"\n'})
    assert 0 == run(*to(fake, "publish", "--yes")).code
    assert ["paid"] == list(fake.subjects)


def test_a_shared_schema_has_a_subject_of_its_own_name(shop: Repo, fake: Fake, run: Run) -> None:
    shared = "shared/money.schema.json"
    files = {
        PAID: schema("orders.v1.OrderPaid", total={"$ref": "https://shop.example/money"}),
        shared: schema("Money", "https://shop.example/money", unit=TEXT),
        "schemacheck.toml": 'roots = ["schemas"]\n',
    }
    shop.commit(files)
    assert 0 == run(*to(fake, "publish", "--yes")).code
    assert ["https://shop.example/money", "orders.v1.OrderPaid"] == sorted(fake.subjects)


def test_what_others_registered_is_compared_by_the_names_that_they_gave(shop: Repo, fake: Fake, run: Run) -> None:
    """The registered text refers to a schema that has no `$id` and no file here: only the registry knows it."""
    fake.add("their-money", schema(None, unit=TEXT), type_="JSON")
    fake.add(
        "orders.v1.OrderPaid",
        schema("orders.v1.OrderPaid", "https://shop.example/paid", total={"$ref": "parts/money#/properties/unit"}),
        type_="JSON",
        references=[{"name": "parts/money", "subject": "their-money", "version": 1}],
    )
    shop.commit({PAID: schema("orders.v1.OrderPaid", "https://shop.example/paid", total=TEXT)})
    same = run(*to(fake, "check", "--format", "json"))
    assert (0, "compatible") == (same.code, same.json["subjects"][0]["outcome"]), same
    shop.commit({PAID: schema("orders.v1.OrderPaid", "https://shop.example/paid", total={"type": "number"})})
    other = run(*to(fake, "check", "--format", "json"))
    rules = ["event/mutated", "json-schema/type-changed", "registry/break-accepted"]
    assert (1, rules) == (other.code, other.rules), other


def test_a_change_in_a_registered_reference_reaches_those_that_refer_to_it(shop: Repo, fake: Fake, run: Run) -> None:
    shop.commit({
        PAID: schema("orders.v1.OrderPaid", total={"$ref": "../../common/money/v1.schema.json"}),
        MONEY: schema("common.v1.Money", unit=TEXT),
    })  # fmt: skip
    assert 0 == run(*to(fake, "publish", "--yes")).code
    shop.commit({MONEY: schema("common.v1.Money", unit={"type": "number"})})
    result = run(*to(fake, "check", "--format", "json"))
    broken = [subject["event"] for subject in result.json["subjects"] if subject["outcome"] == "breaking"]
    assert (1, ["common/money", "orders/order_paid"]) == (result.code, broken)


def register(fake: Fake, name: str, own: str | None, money: str | None) -> None:
    """An event of others with a reference of this name to a schema with this `$id`."""
    fake.add("money", schema("common.v1.Money", money, unit=TEXT), type_="JSON")
    fake.add(
        "paid",
        schema("orders.v1.OrderPaid", own, total={"$ref": name}),
        type_="JSON",
        references=[{"name": name, "subject": "money", "version": 1}],
    )


@pytest.mark.parametrize(
    ("name", "own", "money", "place"),
    [
        ("urn:money", None, "urn:money", MONEY),
        ("../money/v3.schema.json", None, None, "schemas/orders/money/v3.schema.json"),
        ("/schemas/money.schema.json", None, None, "schemas/money.schema.json"),
    ],
)
def test_pulled_schemas_find_each_other(
    shop: Repo, fake: Fake, run: Run, name: str, own: str | None, money: str | None, place: str
) -> None:
    register(fake, name, own, money)
    assert 0 == run(*to(fake, "pull")).code
    assert sorted([PAID, place]) == sorted(
        p for p in shop.git("ls-files", "-o").splitlines() if p.startswith("schemas/")
    )
    checked = run("check", "--against", "empty", "--format", "json")
    assert [] == checked.json["not_checked"]


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("money", None),
        ("../../../.git/hooks/x.schema.json", None),
        ("../../../../../etc/x.schema.json", None),
        ("https://elsewhere.example/money", None),
        ("money.schema.json", "https://shop.example/paid"),
    ],
)
def test_a_reference_that_would_lead_nowhere_is_not_pulled(
    shop: Repo, fake: Fake, run: Run, name: str, own: str | None
) -> None:
    register(fake, name, own, None)
    result = run(*to(fake, "pull"))
    words = f'refused   paid: it refers to "money" as "{name}", which is no path here and not its $id'
    assert words in result.out.splitlines(), result
    assert [MONEY] == [p for p in shop.git("ls-files", "-o").splitlines() if p.startswith("schemas/")]
