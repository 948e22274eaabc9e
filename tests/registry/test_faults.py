"""A registry that fails: the run is "not checked", never a pass and never a finding, and nothing secret is shown."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from registry.certificates import authority
from registry.conftest import PATH, SUBJECT, Run, order
from registry.fake import FAULTS, Fake, Fault
from sources.repos import Repo

from schemacheck.registry import transport

SECRET = "s3cret-Pa55word"
SLOW = ("silence", "drip")
KINDS = sorted(set(FAULTS) - {"huge", "reset_after", *SLOW})
COMMANDS = (["check", "--current", "worktree"], ["plan"], ["drift"])
LATEST, LEVEL, VERSIONS, VERDICT = "/versions/latest", "GET /config/", "GET .*/versions$", "POST /compatibility"
ASKED = {
    "check": (LATEST, LEVEL, VERSIONS, "/versions/1$", VERDICT),
    "plan": (LATEST, LEVEL, VERSIONS, "/versions/1$", VERDICT, "GET /mode"),
    "drift": (LATEST, "GET /subjects$"),
}
ANSWERS = {
    ("null", "GET /subjects$"),  # how AxonOps writes an empty list
    ("empty_object", LEVEL),  # a config that sets nothing: the server's own level
    ("404_string", "GET /mode"),  # a server without modes
    ("404_html", "GET /mode"),
    ("422", VERDICT),  # no valid schema, says the registry: its verdict
    ("422_list", VERDICT),
}


@pytest.fixture
def secured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEMACHECK_REGISTRY_BASIC_AUTH_USER_INFO", f"me:{SECRET}")


def shows_nothing_secret(text: str) -> bool:
    return SECRET not in text and "Traceback" not in text and "bWU6" not in text


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_of_the_registry_decides_nothing(
    kind: str, command: list[str], repo: Repo, fake: Fake, run: Run, secured: None
) -> None:
    """Whatever fails, at whichever request: the first, the level, the versions, the verdict."""
    fake.user = f"me:{SECRET}"
    fake.add(SUBJECT, order("id", "old?"))
    fake.add(SUBJECT, order("id"))
    fake.global_config = {"compatibilityLevel": "FULL_TRANSITIVE"}
    repo.commit({PATH: order("id", "more?")})
    for pattern in ASKED[command[0]]:
        if (kind, pattern) in ANSWERS:
            continue
        fake.faults = [Fault(kind, pattern, headers={"Location": "http://elsewhere.example/", "Retry-After": "0"})]
        result = run(*command, "--against", f"registry:{fake.url}")
        shown = result.out + result.err
        assert (3, True) == (result.code, shows_nothing_secret(shown)), f"{pattern}: {shown}"


@pytest.mark.parametrize("kind", SLOW)
def test_a_registry_that_takes_for_ever_is_left(
    kind: str, fake: Fake, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "READ", 0.2)
    fake.faults = [Fault(kind)]
    assert 3 == run("check", "--against", f"registry:{fake.url}").code


def test_an_answer_that_is_too_large_is_not_read(fake: Fake, run: Run, secured: None) -> None:
    fake.faults = [Fault("huge", "versions/latest")]
    result = run("check", "--against", f"registry:{fake.url}")
    assert 3 == result.code
    assert f"more than {transport.MAX_BYTES} bytes" in result.err


def test_a_registry_that_is_not_there_decides_nothing(run: Run, secured: None) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    result = run("check", "--against", f"registry:{url}")
    assert (3, True) == (result.code, shows_nothing_secret(result.err))
    assert "refused the connection, 4 attempts" in result.err


def test_a_credential_that_the_server_sends_back_is_not_shown(fake: Fake, run: Run, secured: None) -> None:
    fake.user = "somebody:else"
    result = run("check", "--against", f"registry:{fake.url}", "--format", "json")
    assert (3, True) == (result.code, shows_nothing_secret(result.out + result.err))


def test_what_git_finds_is_not_hidden_by_an_outage(repo: Repo, fake: Fake, run: Run) -> None:
    fake.faults = [Fault("503")]
    repo.branch("change")
    repo.write({PATH: order("id", "fresh")})
    result = run("check", "--against", "git:main", "--against", f"registry:{fake.url}", "--format", "json")
    assert 1 == result.code
    assert ["registry"] == [problem["reason"] for problem in result.json["not_checked"]]


def test_an_outage_beside_a_clean_git_is_not_checked(fake: Fake, run: Run) -> None:
    fake.faults = [Fault("503")]
    result = run("check", "--against", "git:main", "--against", f"registry:{fake.url}", "--format", "json")
    assert (3, "not_checked") == (result.code, result.json["verdict"])


@pytest.mark.parametrize("kind", ["reset", "500", "50003", "502_html", "503", "429", "reset_after"])
def test_a_passing_fault_is_survived(kind: str, fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, order("id", "currency"))
    fake.faults = [Fault(kind, count=2, headers={"Retry-After": "0"})]
    assert 0 == run("check", "--against", f"registry:{fake.url}").code


def test_retry_after_is_obeyed_as_seconds_and_as_a_date_and_has_a_cap() -> None:
    assert 7.0 == transport._asked("7", 0.1)
    assert transport.MAX_PAUSE == transport._asked("86400", 0.1)
    assert transport.MAX_PAUSE == transport._asked("Fri, 01 Jan 2100 00:00:00 GMT", 0.1)
    assert 0.1 == transport._asked("soon", 0.1)


def test_the_next_address_is_asked_when_one_does_not_answer(fake: Fake, run: Run) -> None:
    fake.add(SUBJECT, order("id", "currency"))
    with Fake() as other:
        other.faults = [Fault("503")]
        result = run("check", "--against", f"registry:{other.url},{fake.url}")
    assert 0 == result.code
    assert 1 == len(other.log)


def test_an_answer_is_not_sought_elsewhere(fake: Fake, run: Run) -> None:
    """A 404 is an answer: another address of the same registry has no other."""
    with Fake() as other:
        run("check", "--against", f"registry:{fake.url},{other.url}")
        assert [] == other.log


def test_a_redirect_is_not_followed(fake: Fake, run: Run, secured: None) -> None:
    with Fake() as thief:
        fake.faults = [Fault("redirect", headers={"Location": f"{thief.url}/subjects"})]
        assert 3 == run("check", "--against", f"registry:{fake.url}").code
        assert [] == thief.log


def test_a_certificate_of_a_stranger_is_refused(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, secured: None
) -> None:
    ours, theirs = authority(tmp_path / "ours"), authority(tmp_path / "theirs")
    with Fake(tls=theirs.server_context()) as fake:
        monkeypatch.setenv("SCHEMACHECK_REGISTRY_SSL_CA_LOCATION", str(ours.ca))
        result = run("check", "--against", f"registry:{fake.url}")
        assert (3, []) == (result.code, fake.log)
        assert "no TLS with 127.0.0.1" in result.err
