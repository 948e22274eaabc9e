"""Registries that answer what no registry should: each is one of our own errors, and tells nothing that is secret."""

from __future__ import annotations

import json

import pytest
from registry.conftest import PATH, SUBJECT, Run, order
from registry.fake import Fake, Fault
from sources.repos import Repo

from schemacheck.registry.client import Client
from schemacheck.registry.errors import RegistryError, Unavailable
from schemacheck.registry.settings import Access, OAuth, Secret
from schemacheck.registry.transport import Transport

SECRET = "s3cret&Pa55/word"


@pytest.mark.parametrize("address", ["http://[", "//]x", "http://[::1/x", "http://x:99999999/", "\x7f", ""])
def test_a_redirect_to_what_is_no_address_is_refused(fake: Fake, run: Run, address: str) -> None:
    fake.faults = [Fault("redirect", headers={"Location": address})]
    result = run("check", "--against", f"registry:{fake.url}")
    assert (3, True) == (result.code, "was redirected to" in result.err), result.err


def lasting(lasts: str) -> Transport:
    """A transport whose every answer is a token that lasts so long."""

    class Answers(Transport):
        def _exchange(self, *_: object) -> tuple[int, dict[str, str], bytes]:
            return 200, {}, f'{{"access_token": "abc", "expires_in": {lasts}}}'.encode()

    return Answers(Access(("https://registry.example",), oauth=OAuth("https://tokens.example", "me", Secret("x"))))


@pytest.mark.parametrize("lasts", ["1e999", "-1e999", "NaN", "true", "{}", "null"])
def test_a_token_may_last_for_ever_or_not_at_all(lasts: str) -> None:
    assert 200 == lasting(lasts).send("GET", "/subjects").status


@pytest.mark.parametrize("lasts", ["1" * 400, '"soon"', "[1]"])
def test_a_token_that_lasts_no_time_at_all_is_none(lasts: str) -> None:
    with pytest.raises(Unavailable, match="no token"):
        lasting(lasts).send("GET", "/subjects")


@pytest.mark.parametrize("shown", ["whole", "password", "base64", "quoted"])
def test_a_credential_that_comes_back_is_hidden_however_it_is_written(shown: str) -> None:
    access = Access(("https://registry.example",), basic=Secret(f"me:{SECRET}"))
    texts = {"whole": f"me:{SECRET}", "password": SECRET, "base64": "bWU6czNjcmV0JlBhNTUvd29yZA=="}
    texts["quoted"] = "s3cret%26Pa55%2Fword"
    assert "you sent ***" == access.redact(f"you sent {texts[shown]}").replace("me:***", "***")


def test_a_token_that_comes_back_is_hidden() -> None:
    class Answers(Transport):
        def _exchange(self, method: str, url: str, *_: object) -> tuple[int, dict[str, str], bytes]:
            if "tokens" in url:
                return 200, {}, b'{"access_token": "t0ken"}'
            return 422, {}, b'{"error_code": 1, "message": "Bearer t0ken is not welcome"}'

    access = Access(("https://registry.example",), oauth=OAuth("https://tokens.example", "me", Secret("x")))
    with pytest.raises(RegistryError, match=r"Bearer \*\*\* is not welcome") as caught:
        Client(Answers(access)).versions(SUBJECT)
    assert "t0ken" not in caught.value.message


@pytest.mark.parametrize("subject", ["\ud800", "", ".", ".."])
def test_a_reference_to_what_no_address_can_hold_is_not_followed(
    fake: Fake, run: Run, repo: Repo, subject: str
) -> None:
    fake.add(SUBJECT, order("id"), references=[{"name": "a", "subject": subject, "version": 1}])
    repo.commit({PATH: order("id", "more?")})
    result = run("check", "--against", f"registry:{fake.url}", "--format", "json")
    assert (3, ["registry"]) == (result.code, [problem["reason"] for problem in result.json["not_checked"]])


def test_references_that_lead_in_a_circle_end(fake: Fake, run: Run, repo: Repo) -> None:
    loop = {"name": "a.A", "subject": "a.A", "version": 1}
    fake.add("a.A", order("x", name="A"), references=[loop, {"name": SUBJECT, "subject": SUBJECT, "version": 1}])
    fake.add(SUBJECT, order("id"), references=[loop])
    repo.commit({PATH: order("id", "more?")})
    assert run("check", "--against", f"registry:{fake.url}").code in (0, 1, 3)
    assert len(fake.log) < 30


def test_a_schema_with_too_many_references_is_not_read(fake: Fake, run: Run, repo: Repo) -> None:
    many = [{"name": f"a.A{number}", "subject": "a.A", "version": 1} for number in range(1_100)]
    fake.add("a.A", order("x", name="A"))
    fake.add(SUBJECT, order("id"), references=many)
    repo.commit({PATH: order("id", "more?")})
    result = run("check", "--against", f"registry:{fake.url}")
    assert (3, True) == (result.code, "rests on more than" in result.out), result.out


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 5_000, '"\\ud800"', "{}" * 50_000, '{"type": "record"}', ""])
def test_a_registered_text_that_is_no_schema_decides_nothing(fake: Fake, run: Run, repo: Repo, text: str) -> None:
    fake.add(SUBJECT, text)
    repo.commit({PATH: order("id", "more?")})
    result = run("check", "--against", f"registry:{fake.url}", "--format", "json")
    assert result.code in (1, 3)
    assert "Traceback" not in result.err
    assert result.code == 3 or "event/published-unreadable" in result.rules


def test_no_text_of_a_registry_begins_a_line(fake: Fake, run: Run, repo: Repo) -> None:
    forged = "\n::error::forged\r\n##vso[task.complete]\x1b[2J"
    fake.judge = lambda *_: [forged]
    fake.add(SUBJECT, order("id", name="OrderPlaced"), metadata={"properties": {forged: forged}})
    repo.commit({PATH: order("id", "more?")})
    for format_ in ("text", "github", "markdown", "json"):
        result = run("check", "--against", f"registry:{fake.url}", "--format", format_)
        for line in (result.out + result.err).splitlines():
            assert not line.lstrip().startswith("::error::forged"), format_
            assert format_ in ("markdown", "json") or "##vso[" not in line
        assert "\x1b" not in result.out + result.err
        assert format_ != "json" or json.loads(result.out)
