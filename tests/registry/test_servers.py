"""The whole way, against registries that other people wrote.

Any further registry that listens somewhere joins with SCHEMACHECK_TEST_REGISTRIES=URL,URL.
"""

from __future__ import annotations

import functools
import json
import os
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from registry.conftest import Run
from registry.servers import SERVERS, Missing, running
from sources.repos import Repo

URLS = tuple(filter(None, os.environ.get("SCHEMACHECK_TEST_REGISTRIES", "").split(",")))


@pytest.fixture(scope="module", params=[*SERVERS, *URLS])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a registry; a server that cannot be had here is skipped, and the skip says why."""
    if request.param in URLS:
        yield request.param
        return
    with ExitStack() as stack:
        try:
            url = stack.enter_context(running(request.param))
        except Missing as missing:
            pytest.skip(f"{request.param}: {missing}")
        yield url


@pytest.fixture
def domain() -> str:
    """A name that no earlier test has used."""
    return f"d{uuid.uuid4().hex[:12]}"


def post(url: str, body: Any) -> Any:
    """What somebody does by hand, without our client."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=20) as answer:
        return json.loads(answer.read())


def event(domain: str, *fields: str, name: str = "OrderPlaced", **types: str) -> str:
    made: list[Any] = [
        {"name": f.rstrip("?"), "type": "string", **({"default": ""} if "?" in f else {})} for f in fields
    ]
    made += [{"name": key, "type": value} for key, value in types.items()]
    return json.dumps({"type": "record", "namespace": f"{domain}.v1", "name": name, "fields": made})


def test_a_change_is_judged_published_and_watched(server: str, domain: str, repo: Repo, run: Run) -> None:
    path, subject = f"schemas/{domain}/order_placed/v1.avsc", f"{domain}.v1.OrderPlaced"
    ask = functools.partial(lambda *words: run(*words, "--against", f"registry:{server}"))
    settings = f'[registry]\nlevel = "FULL"\nprefix = "{domain}."\n'
    repo.commit({"schemas/orders/order_placed/v1.avsc": None, path: event(domain, "id", "currency")})
    repo.commit({"schemacheck.toml": settings})

    first = ask("publish", "--yes")
    assert (0, True) == (first.code, "PUBLISHED" in first.out), first
    assert 0 == ask("check").code
    repo.write({path: event(domain, "id", "fresh")})
    broken = ask("check", "--format", "json")
    assert (1, "rejects") == (broken.code, broken.registry_of(f"{domain}/order_placed")["verdict"])

    repo.commit({path: event(domain, "id", "currency", "more?")})
    judged = ask("check", "--format", "json")
    assert (0, "accepts") == (judged.code, judged.registry_of(f"{domain}/order_placed")["verdict"])
    assert 0 == ask("publish", "--yes").code
    again = ask("publish", "--yes")
    assert (0, True) == (again.code, "PLAN 0 steps, 1 unchanged" in again.out), again

    assert 0 == ask("drift").code
    post(f"{server}/subjects/{subject}/versions", {"schema": event(domain, "id", "currency", "more?", "hand?")})
    drifted = ask("drift", "--format", "json")
    assert (4, ["differs"]) == (drifted.code, [row["kind"] for row in drifted.json["drift"]])


def test_references_of_two_levels_come_back_as_they_went(server: str, domain: str, repo: Repo, run: Run) -> None:
    shared = f"schemas/{domain}/v1"
    proto = f'syntax = "proto3";\npackage {domain}.v1;\n'
    files = {
        f"{shared}/currency.proto": f"{proto}message Currency {{ string code = 1; }}\n",
        f"{shared}/money.proto": f'{proto}import "{domain}/v1/currency.proto";\n'
        "message Money { int64 units = 1; Currency currency = 2; }\n",
        f"{shared}/order_paid.proto": f'{proto}import "{domain}/v1/money.proto";\n'
        "message OrderPaid { Money total = 1; }\n",
        f"schemas/{domain}/unit/v1.avsc": event(domain, "code", name="Unit"),
        f"schemas/{domain}/amount/v1.avsc": event(domain, name="Amount", value="long", unit=f"{domain}.v1.Unit"),
        f"schemas/{domain}/order_sent/v1.avsc": event(domain, name="OrderSent", weight=f"{domain}.v1.Amount"),
    }
    against = ("--against", f"registry:{server}")
    repo.commit({"schemas/orders/order_placed/v1.avsc": None, **files})
    repo.commit({"schemacheck.toml": f'[registry]\nprefix = "{domain}."\n'})
    published = run("publish", "--yes", *against)
    assert (0, True) == (published.code, "PUBLISHED 6 steps" in published.out), published
    assert 0 == run("drift", *against).code
    unchanged = run("check", "--all", *against, "--format", "json")
    assert (0, 6) == (unchanged.code, unchanged.json["summary"]["unchanged"]), unchanged

    repo.commit(dict.fromkeys(files))
    assert 0 == run("pull", *against).code
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "pulled")
    assert set(files) == {line for line in repo.git("ls-files").splitlines() if line.startswith("schemas/")}
    assert 0 == run("drift", *against).code

    path = f"{shared}/currency.proto"
    repo.commit({path: files[path].replace("code = 1;", "code = 1; string name = 2;")})
    spread = run("publish", "--yes", *against)
    assert (0, True) == (spread.code, "PUBLISHED 3 steps" in spread.out), spread
    assert 0 == run("drift", *against).code


def json_event(domain: str, name: str, *required: str, **properties: Any) -> str:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"{domain}.v1.{name}",
        "type": "object",
        "properties": properties,
        "required": list(required),
    }
    return json.dumps(schema)


TEXT, SHORT, NUMBER = {"type": "string"}, {"type": "string", "maxLength": 40}, {"type": "number"}


def test_json_schemas_are_judged_published_and_watched(server: str, domain: str, repo: Repo, run: Run) -> None:
    path, subject = f"schemas/{domain}/order_placed/v1.schema.json", f"{domain}.v1.OrderPlaced"
    ask = functools.partial(lambda *words: run(*words, "--against", f"registry:{server}"))
    made = functools.partial(json_event, domain, "OrderPlaced")
    repo.commit({"schemas/orders/order_placed/v1.avsc": None, path: made("id", id=SHORT)})
    repo.commit({"schemacheck.toml": f'[registry]\nlevel = "BACKWARD"\nprefix = "{domain}."\n'})

    first = ask("publish", "--yes")
    assert (0, True) == (first.code, "PUBLISHED" in first.out), first
    assert 0 == ask("check").code
    repo.write({path: made("id", id=NUMBER)})
    broken = ask("check", "--format", "json")
    assert (1, "rejects") == (broken.code, broken.registry_of(f"{domain}/order_placed")["verdict"])

    repo.commit({path: made(id=SHORT)})
    judged = ask("check", "--mode", "BACKWARD", "--format", "json")
    assert (0, "accepts") == (judged.code, judged.registry_of(f"{domain}/order_placed")["verdict"])
    assert 0 == ask("publish", "--mode", "BACKWARD", "--yes").code
    assert 0 == ask("drift").code
    post(f"{server}/subjects/{subject}/versions", {"schemaType": "JSON", "schema": made(id=TEXT)})
    drifted = ask("drift", "--format", "json")
    assert (4, ["differs"]) == (drifted.code, [row["kind"] for row in drifted.json["drift"]])


def test_references_of_json_schemas_come_back_as_they_went(server: str, domain: str, repo: Repo, run: Run) -> None:
    """One is found by its `$id`, which is absolute, another by its path, which is relative."""
    base, currency = f"schemas/{domain}", f"urn:{domain}:currency"
    made = functools.partial(json_event, domain)
    files = {
        f"{base}/currency/v1.schema.json": json.dumps({**json.loads(made("Currency", code=SHORT)), "$id": currency}),
        f"{base}/money/v1.schema.json": made("Money", "units", units=NUMBER, currency={"$ref": currency}),
        f"{base}/order_paid/v1.schema.json": made("OrderPaid", total={"$ref": "../money/v1.schema.json"}, code=TEXT),
    }
    against = ("--against", f"registry:{server}")
    repo.commit({"schemas/orders/order_placed/v1.avsc": None, **files})
    repo.commit({"schemacheck.toml": f'[registry]\nprefix = "{domain}."\n'})
    published = run("publish", "--yes", *against)
    assert (0, True) == (published.code, "PUBLISHED 3 steps" in published.out), published
    assert 0 == run("drift", *against).code
    unchanged = run("check", "--all", *against, "--format", "json")
    assert (0, 3) == (unchanged.code, unchanged.json["summary"]["unchanged"]), unchanged

    repo.commit(dict.fromkeys(files))
    assert 0 == run("pull", *against).code
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "pulled")
    assert set(files) == {line for line in repo.git("ls-files").splitlines() if line.startswith("schemas/")}
    assert 0 == run("drift", *against).code

    path = f"{base}/currency/v1.schema.json"
    repo.commit({path: files[path].replace('"maxLength": 40', '"maxLength": 50')})
    spread = run("publish", "--yes", "--mode", "BACKWARD", *against)
    if "/ccompat/" in server:  # it asks the network for what a reference names, registered or not, and fails
        assert (3, True) == (spread.code, "STOPPED after" in spread.out), spread
        return
    assert (0, True) == (spread.code, "PUBLISHED 3 steps" in spread.out), spread
    assert 0 == run("drift", *against).code
