"""The fake registry, driven by Confluent's own client: it must not fit our client alone."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from registry.certificates import authority
from registry.conftest import order
from registry.fake import Fake, reject

confluent = pytest.importorskip("confluent_kafka.schema_registry")

Error, Reference = confluent.error.SchemaRegistryError, confluent.SchemaReference


@pytest.fixture(params=["confluent", "karapace", "apicurio"])
def any_fake(request: pytest.FixtureRequest) -> Iterator[Fake]:
    with Fake(request.param) as fake:
        yield fake


_open: list[Any] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Closes what a test opened."""
    yield
    while _open:
        _open.pop().__exit__(None, None, None)
    gc.collect()


def client(fake: Fake, **more: Any) -> Any:
    """A new one for each question: it caches."""
    _open.append(confluent.SchemaRegistryClient({"url": fake.url, "max.retries": 0, **more}))
    return _open[-1]


def schema(*fields: str, **more: Any) -> Any:
    return confluent.Schema(order(*fields), "AVRO", **more)


def test_it_registers_looks_up_and_reads_versions(any_fake: Fake) -> None:
    first, second = schema("id"), schema("id", "more?")
    ids = [client(any_fake).register_schema("s", one) for one in (first, second, first)]
    assert ids == [1, 2, 1]
    assert [1, 2] == client(any_fake).get_versions("s")
    assert ["s"] == client(any_fake).get_subjects()
    assert 2 == client(any_fake).get_latest_version("s").version
    assert 1 == client(any_fake).lookup_schema("s", first).version
    assert "OrderPlaced" in client(any_fake).get_schema(2).schema_str


def test_it_says_what_it_does_not_know(any_fake: Fake) -> None:
    with pytest.raises(Error) as caught:
        client(any_fake).get_latest_version("nobody")
    assert (404, 40401) == (caught.value.http_status_code, caught.value.error_code)
    client(any_fake).register_schema("s", schema("id"))
    for ask, code in (
        (lambda: client(any_fake).get_version("s", 9), 40402),
        (lambda: client(any_fake).lookup_schema("s", schema("x")), 40403),
    ):
        with pytest.raises(Error) as caught:
            ask()
        assert (404, code) == (caught.value.http_status_code, caught.value.error_code)


def test_it_keeps_levels(any_fake: Fake) -> None:
    client(any_fake).register_schema("s", schema("id"))
    client(any_fake).set_compatibility("s", "FULL")
    assert "FULL" == client(any_fake).get_compatibility("s")
    client(any_fake).set_compatibility(level="NONE")
    assert "NONE" == client(any_fake).get_compatibility()


def test_it_checks_and_refuses_what_is_not_compatible(any_fake: Fake) -> None:
    client(any_fake).register_schema("s", schema("id"))
    assert client(any_fake).test_compatibility("s", schema("x"))
    any_fake.judge = reject
    assert not client(any_fake).test_compatibility("s", schema("x"))
    with pytest.raises(Error) as caught:
        client(any_fake).register_schema("s", schema("x"))
    code = 40901 if any_fake.dialect == "confluent" else 409
    assert (409, code) == (caught.value.http_status_code, caught.value.error_code)


def test_it_keeps_references(any_fake: Fake) -> None:
    client(any_fake).register_schema("unit", schema("code"))
    refers = schema("id", references=[Reference("orders.v1.Unit", "unit", 1)])
    client(any_fake).register_schema("s", refers)
    (kept,) = client(any_fake).get_latest_version("s").schema.references
    assert ("orders.v1.Unit", "unit", 1) == (kept.name, kept.subject, kept.version)
    with pytest.raises(Error) as caught:
        client(any_fake).register_schema("t", schema("id", references=[Reference("a", "nobody", 1)]))
    assert 422 == caught.value.http_status_code


def test_it_forgets_softly(any_fake: Fake) -> None:
    client(any_fake).register_schema("s", schema("id"))
    assert [1] == client(any_fake).delete_subject("s")
    assert [] == client(any_fake).get_subjects()
    assert 2 == len(client(any_fake).get_subjects(deleted=True)) + client(any_fake).register_schema("s", schema("id"))


def test_it_asks_for_a_user_and_for_a_certificate(tmp_path: Path) -> None:
    ours = authority(tmp_path / "ours")
    with Fake(user="me:word", tls=ours.server_context(clients=True)) as fake:
        mine = {
            "ssl.ca.location": str(ours.ca), "ssl.certificate.location": str(ours.certificate),
            "ssl.key.location": str(ours.key), "ssl.key.password": "opensesame",
        }  # fmt: skip
        assert [] == client(fake, **mine, **{"basic.auth.user.info": "me:word"}).get_subjects()
        with pytest.raises(Error) as caught:
            client(fake, **mine, **{"basic.auth.user.info": "me:wrong"}).get_subjects()
        assert 401 == caught.value.http_status_code


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_it_issues_tokens() -> None:
    """The client leaves the connection open that it got its token by."""
    with Fake(oauth=("id", "secret")) as fake:
        settings = {
            "bearer.auth.credentials.source": "OAUTHBEARER", "bearer.auth.issuer.endpoint.url": f"{fake.url}/token",
            "bearer.auth.client.id": "id", "bearer.auth.client.secret": "secret", "bearer.auth.scope": "all",
            "bearer.auth.logical.cluster": "lsrc-1", "bearer.auth.identity.pool.id": "pool-1",
        }  # fmt: skip
        assert [] == client(fake, **settings).get_subjects()
        assert 1 == len(fake.issued)
        closed_now = _open.pop()
        closed_now.__exit__(None, None, None)
        del closed_now
        gc.collect()
