"""Who asks and where: properties, credentials, TLS, tokens; and what an answer must hold."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from registry.certificates import authority
from registry.conftest import SUBJECT, Run, order
from registry.fake import Fake, Fault, reject

from schemacheck.errors import UsageError
from schemacheck.model import Mode, Opinion
from schemacheck.registry.client import Client, Proposal
from schemacheck.registry.errors import RegistryError
from schemacheck.registry.settings import Secret, access
from schemacheck.registry.transport import Transport

ENV = "SCHEMACHECK_REGISTRY_"
BACKWARD = Mode.parse("BACKWARD")
PROPOSAL = Proposal(SUBJECT, "AVRO", order("id"))


def client(fake: Fake, **environ: str) -> Client:
    return Client(Transport(access(fake.url, {f"{ENV}{key}": value for key, value in environ.items()})))


def test_basic_credentials_are_sent(fake: Fake) -> None:
    fake.user = "me:pass:word"
    assert [] == client(fake, BASIC_AUTH_USER_INFO="me:pass:word").subjects()


def test_the_user_of_a_url_in_the_environment_is_sent_and_not_shown(
    fake: Fake, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.user = "me:p@ss"
    fake.add(SUBJECT, order("id", "currency"))
    monkeypatch.setenv(f"{ENV}URL", fake.url.replace("://", "://me:p%40ss@"))
    result = run("check", "--against", "registry:", "--format", "json")
    assert (0, False) == (result.code, "p@ss" in result.out + result.err or "p%40ss" in result.out + result.err)


def test_a_token_is_sent(fake: Fake) -> None:
    fake.token = "tok"
    assert [] == client(fake, BEARER_AUTH_TOKEN="tok").subjects()


def test_oauth_gets_a_token_and_a_new_one_when_it_has_become_invalid(fake: Fake) -> None:
    fake.oauth = ("id", "secret")
    asked = client(
        fake,
        BEARER_AUTH_CREDENTIALS_SOURCE="OAUTHBEARER",
        BEARER_AUTH_ISSUER_ENDPOINT_URL=f"{fake.url}/token",
        BEARER_AUTH_CLIENT_ID="id",
        BEARER_AUTH_CLIENT_SECRET="secret",
        BEARER_AUTH_LOGICAL_CLUSTER="lsrc-1",
        BEARER_AUTH_IDENTITY_POOL_ID="pool-1",
    )
    asked.subjects()
    asked.subjects()
    assert 1 == len(fake.issued)
    fake.issued.append("another")
    asked.subjects()
    assert 3 == len(fake.issued)
    assert ("lsrc-1", "pool-1") == (fake.seen[-1]["target-sr-cluster"], fake.seen[-1]["Confluent-Identity-Pool-Id"])


def test_what_the_token_endpoint_says_is_not_shown(fake: Fake) -> None:
    fake.oauth = ("id", "right")
    asked = client(
        fake,
        BEARER_AUTH_CREDENTIALS_SOURCE="OAUTHBEARER",
        BEARER_AUTH_ISSUER_ENDPOINT_URL=f"{fake.url}/token",
        BEARER_AUTH_CLIENT_ID="id",
        BEARER_AUTH_CLIENT_SECRET="wrong-secret",
    )
    with pytest.raises(RegistryError, match=r"the token endpoint 127\.0\.0\.1 answered 401, no token") as caught:
        asked.subjects()
    assert "you_sent" not in str(caught.value)


def test_both_sides_of_a_connection_show_certificates(tmp_path: Path) -> None:
    ours = authority(tmp_path / "ours")
    with Fake(tls=ours.server_context(clients=True)) as fake:
        settings = {"SSL_CA_LOCATION": str(ours.ca)}
        mine = {"SSL_CERTIFICATE_LOCATION": str(ours.certificate), "SSL_KEY_LOCATION": str(ours.key)}
        assert [] == client(fake, **settings, **mine, SSL_KEY_PASSWORD="opensesame").subjects()
        with pytest.raises(RegistryError):
            client(fake, **settings).subjects()
        with pytest.raises(UsageError, match="cannot be loaded"):
            client(fake, **settings, **mine, SSL_KEY_PASSWORD="wrong").subjects()


def test_a_properties_file_speaks_confluent_s_names(fake: Fake, tmp_path: Path) -> None:
    fake.user = "me:word"
    file = tmp_path / "registry.properties"
    file.write_text(
        f"# ours\nschema.registry.url = {fake.url}\nbasic.auth.credentials.source=USER_INFO\n"
        "schema.registry.basic.auth.user.info: me:word\n"
    )
    assert [] == Client(Transport(access("", {f"{ENV}PROPERTIES": str(file)}))).subjects()


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"SSL_CA_LOCATIN": "x"}, "the variable SCHEMACHECK_REGISTRY_SSL_CA_LOCATIN is unknown"),
        ({"SSL_TRUSTSTORE_LOCATION": "a.jks"}, "is a Java keystore"),
        ({"SSL_KEYSTORE_LOCATION": "a.p12", "SSL_KEYSTORE_TYPE": "PKCS12"}, "is a Java keystore"),
        ({"BASIC_AUTH_CREDENTIALS_SOURCE": "SASL_INHERIT"}, "is not supported"),
        ({"BASIC_AUTH_USER_INFO": "nocolon"}, "is not user:password"),
        ({"BEARER_AUTH_CREDENTIALS_SOURCE": "CUSTOM"}, "is not supported"),
        ({"BEARER_AUTH_CREDENTIALS_SOURCE": "OAUTHBEARER"}, "is missing"),
        ({"BEARER_AUTH_TOKEN": "a\nb"}, "holds a control character"),
        ({"BEARER_AUTH_TOKEN": "a", "BASIC_AUTH_USER_INFO": "a:b"}, "credentials of two kinds"),
        ({"SSL_ENDPOINT_IDENTIFICATION_ALGORITHM": "none"}, "is always verified"),
    ],
)
def test_a_setting_that_is_not_understood_is_refused(environ: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        access("https://registry.example", {f"{ENV}{key}": value for key, value in environ.items()})


def test_an_unknown_property_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("ssl.ca.locatin=x")
    with pytest.raises(UsageError, match=r'the property "ssl\.ca\.locatin" is unknown'):
        access("https://registry.example", {f"{ENV}PROPERTIES": str(tmp_path / "p")})


@pytest.mark.parametrize("url", ["", "ftp://x", "http://", "https://a b", "https://x?y=z", "https://x:99999"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        access(url, {})


def test_a_secret_is_not_taken_from_the_command_line_or_the_repository() -> None:
    for given in (("https://me:word@registry.example", None), ("", "https://me:word@registry.example")):
        with pytest.raises(UsageError, match="holds a user") as caught:
            access(given[0], {}, given[1])
        assert "word" not in f"{caught.value}{caught.value.hint}"


def test_credentials_do_not_follow_the_repository_s_configuration() -> None:
    """A change that edits the address would send them to whom it likes."""
    secret = {f"{ENV}BASIC_AUTH_USER_INFO": "me:word"}
    with pytest.raises(UsageError, match="only the configuration names a registry"):
        access("", secret, "https://elsewhere.example")
    with pytest.raises(UsageError, match="belong to another registry"):
        access("https://elsewhere.example", {**secret, f"{ENV}URL": "https://registry.example"})
    assert access("", {**secret, f"{ENV}URL": "https://registry.example"}, "https://elsewhere.example").urls == (
        "https://registry.example",
    )


def test_credentials_do_not_travel_unencrypted() -> None:
    secret = {f"{ENV}BASIC_AUTH_USER_INFO": "me:word"}
    with pytest.raises(UsageError, match="unencrypted"):
        access("http://registry.example", secret)
    assert access("http://registry.example", {**secret, f"{ENV}ALLOW_HTTP": "registry.example"}).basic is not None
    assert access("http://registry.example", {}).basic is None


def test_a_secret_shows_nothing() -> None:
    made = access("https://registry.example", {f"{ENV}BASIC_AUTH_USER_INFO": "me:opensesame"})
    assert "***" == str(Secret("opensesame")) == repr(Secret("opensesame"))
    assert "opensesame" not in repr(made)


# answers


@pytest.mark.parametrize("kind", ["empty_object", "string", "null", "empty", "broken_json", "no_json"])
def test_only_a_boolean_is_a_verdict(kind: str, fake: Fake) -> None:
    fake.add(SUBJECT, order("id"))
    fake.faults = [Fault(kind, "compatibility")]
    with pytest.raises(RegistryError):
        client(fake).check(PROPOSAL, BACKWARD)


@pytest.mark.parametrize("dialect", ["confluent", "karapace", "apicurio"])
def test_a_rejection_is_a_rejection_on_every_server(dialect: str) -> None:
    with Fake(dialect, reject) as fake:
        fake.add(SUBJECT, order("id", "x"))
        assert Opinion.REJECTS == client(fake).check(PROPOSAL, BACKWARD).verdict


@pytest.mark.parametrize("dialect", ["confluent", "karapace", "apicurio"])
def test_a_subject_that_nobody_knows_has_nothing(dialect: str) -> None:
    with Fake(dialect) as fake:
        asked = client(fake)
        assert ([], None, None) == (asked.versions("x"), asked.latest("x"), asked.lookup(PROPOSAL))
        assert BACKWARD == asked.config("x").effective


def test_a_404_that_is_not_the_registry_s_own_is_no_unknown_subject(fake: Fake) -> None:
    fake.faults = [Fault("404_string")]
    with pytest.raises(RegistryError, match="answered 404"):
        client(fake).latest(SUBJECT)


def test_a_forbidden_check_of_all_versions_asks_each(fake: Fake) -> None:
    """Apicurio asks for the right to write before it answers for all versions."""
    fake.judge = reject
    fake.add(SUBJECT, order("id", "x"))
    fake.faults = [Fault("403", "POST /compatibility/subjects/[^/]*/versions$")]
    assert Opinion.REJECTS == client(fake).check(PROPOSAL, BACKWARD).verdict


@pytest.mark.parametrize("subject", [".", ".."])
def test_a_subject_that_would_change_the_path_is_not_asked_for(subject: str, fake: Fake) -> None:
    with pytest.raises(RegistryError, match="cannot be a subject"):
        client(fake).latest(subject)


def test_every_character_of_a_subject_arrives(fake: Fake) -> None:
    subject = ":.ctx:a/b%2F c?d#é"
    fake.add(subject, order("id"))
    found = client(fake).latest(subject)
    assert found is not None
    assert [1] == client(fake).versions(subject)


def test_a_proxy_is_asked_with_its_own_user(fake: Fake) -> None:
    """The fake answers as a proxy does: it is given the whole address."""
    proxy = fake.url.replace("://", "://pat:word@")
    environ = {f"{ENV}PROXY": proxy}
    asked = Client(Transport(access("http://registry.invalid", environ)))
    assert [] == asked.subjects()
    assert f"Basic {base64.b64encode(b'pat:word').decode()}" == fake.seen[0]["proxy-authorization"]
    assert "registry.invalid" == fake.seen[0]["Host"]


def test_the_proxy_of_the_environment_is_not_asked_for_loopback(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Fake() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert [] == client(fake).subjects()
        assert [] == Client(Transport(access("http://registry.invalid", {}))).subjects()
        assert (1, 1) == (len(fake.log), len(proxy.log))
