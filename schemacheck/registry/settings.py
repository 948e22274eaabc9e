"""Where a registry is and who asks it: from the environment and from files, by Confluent's own property names.

A secret comes from nowhere else: not from the command line, which process lists show, and not from the repository.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus, unquote, urlsplit, urlunsplit

from schemacheck.errors import UsageError

PREFIX = "SCHEMACHECK_REGISTRY_"
_MAX_BYTES = 1_000_000
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_OWN = {"URL", "PROPERTIES", "ALLOW_HTTP"}


class Secret:
    """A text that is never shown."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class OAuth:
    """The client credentials grant."""

    endpoint: str
    client: str
    secret: Secret
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """Everything that a connection needs. URLs carry no user; `urls` are tried in their order."""

    urls: tuple[str, ...]
    basic: Secret | None = None  # user:password
    token: Secret | None = None
    oauth: OAuth | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    key_password: Secret | None = None
    proxy: str | None = None
    proxy_user: Secret | None = None

    def redact(self, text: str) -> str:
        """A text of the other side, without what it may know of our secrets."""
        secrets = [self.basic, self.token, self.key_password, self.proxy_user]
        secrets += [self.oauth.secret] if self.oauth else []
        for secret in filter(None, secrets):
            whole = secret.reveal()
            parts = (whole, whole.partition(":")[2])
            encoded = (base64.b64encode(whole.encode()).decode(), *map(quote_plus, parts), *map(quote, parts))
            for known in (*parts, *encoded):
                if len(known) > 2:
                    text = text.replace(known, "***")
        return text


_TEXTS = (
    "schema.registry.url",
    "basic.auth.credentials.source",
    "basic.auth.user.info",
    "bearer.auth.credentials.source",
    "bearer.auth.token",
    "bearer.auth.issuer.endpoint.url",
    "bearer.auth.client.id",
    "bearer.auth.client.secret",
    "bearer.auth.scope",
    "bearer.auth.logical.cluster",
    "bearer.auth.identity.pool.id",
    "ssl.ca.location",
    "ssl.certificate.location",
    "ssl.key.location",
    "ssl.key.password",
    "ssl.truststore.location",
    "ssl.truststore.type",
    "ssl.keystore.location",
    "ssl.keystore.type",
    "ssl.endpoint.identification.algorithm",
    "proxy",
    "proxy.host",
    "proxy.port",
)


def access(url: str, environ: Mapping[str, str], configured: str | None = None) -> Access:
    """How to reach the registry that the command line names, else the environment, else the configuration.

    Raises UsageError for what is not understood. Credentials that do not say where they belong go only where the
    command line or the environment points: a change of the repository must not send them elsewhere.
    """
    given = _properties(environ)
    own = given.pop("schema.registry.url", "")
    chosen = url or own or configured or ""
    if not chosen:
        hint = f"name it: --against registry:URL, {PREFIX}URL, or url below [registry]"
        raise UsageError("no registry is named", hint)
    if "@" in url or "@" in (configured or ""):
        raise UsageError("the registry's URL holds a user", f"put it into {PREFIX}BASIC_AUTH_USER_INFO")
    urls, user = _urls(chosen)
    if own and not set(map(_origin, urls)) <= set(map(_origin, _urls(own)[0])):
        hint = f"name the same registry in {PREFIX}URL, or unset it"
        raise UsageError(f"the credentials at hand belong to another registry than {', '.join(urls)}", hint)
    made = _access(urls, user, given)
    secret = bool(made.basic or made.token or made.oauth or made.certificate)
    if secret and not url and not own:
        hint = f"set {PREFIX}URL, too: it says where the credentials may go"
        raise UsageError("there are credentials, but only the configuration names a registry", hint)
    _forbid_clear_text(made, secret, environ)
    return made


def _properties(environ: Mapping[str, str]) -> dict[str, str]:
    """Property name to value, of the file first and then of the environment."""
    found: dict[str, str] = {}
    file = environ.get(f"{PREFIX}PROPERTIES")
    if file:
        for name, value in _read(file):
            name = name.removeprefix("schema.registry.") if name != "schema.registry.url" else name
            _known(name, file)
            found[name] = value
    by_variable = {f"{PREFIX}{name.replace('.', '_').upper()}": name for name in _TEXTS}
    by_variable[f"{PREFIX}URL"] = "schema.registry.url"
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable.removeprefix(PREFIX) in _OWN - {"URL"}:
            continue
        if variable not in by_variable:
            raise UsageError(f"the variable {variable} is unknown", f"known are {', '.join(sorted(by_variable))}")
        if environ[variable]:
            found[by_variable[variable]] = environ[variable]
    return found


def _read(file: str) -> list[tuple[str, str]]:
    """The lines of a Java properties file: `name=value`, `name: value`, comments with # or !."""
    try:
        with Path(file).open("rb") as opened:
            raw = opened.read(_MAX_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        words = (error.strerror or "unreadable").lower()
        raise UsageError(f'"{file}" cannot be read: {words}', f"correct {PREFIX}PROPERTIES") from None
    except UnicodeDecodeError:
        raise UsageError(f'"{file}" is not UTF-8', "save it as UTF-8 text") from None
    if len(raw) > _MAX_BYTES:
        raise UsageError(f'"{file}" has more than {_MAX_BYTES} bytes', "a properties file is small")
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line[0] in "#!":
            continue
        cut = min((at for at in (line.find("="), line.find(":")) if at > 0), default=0)
        if not cut:
            raise UsageError(f"{file}:{number}: this is no property", "write name=value")
        found.append((line[:cut].strip(), line[cut + 1 :].strip()))
    return found


def _known(name: str, file: str) -> None:
    if name not in _TEXTS:
        raise UsageError(f'{file}: the property "{name}" is unknown', f"known are {', '.join(_TEXTS)}")


def _urls(text: str) -> tuple[tuple[str, ...], str]:
    """Base URLs without a user, and the user that the first one of them held."""
    urls, user = [], ""
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            pieces = urlsplit(part)
            port = pieces.port
        except ValueError:
            raise UsageError("the registry's URL is not understood", "write http(s)://host:port") from None
        if pieces.scheme not in ("http", "https") or not pieces.hostname or pieces.query or pieces.fragment:
            raise UsageError("the registry's URL is not understood", "write http(s)://host:port/path")
        if any(ord(letter) < 33 or ord(letter) == 127 for letter in part):
            raise UsageError("the registry's URL holds a blank or a control character", "write http(s)://host:port")
        user = user or unquote(pieces.netloc.rpartition("@")[0])
        host = f"[{pieces.hostname}]" if ":" in pieces.hostname else pieces.hostname
        netloc = f"{host}:{port}" if port is not None else host
        urls.append(urlunsplit((pieces.scheme, netloc, pieces.path.rstrip("/"), "", "")))
    if not urls:
        raise UsageError("no registry is named", "write http(s)://host:port")
    return tuple(urls), user


def _single(text: str) -> tuple[str, str]:
    urls, user = _urls(text)
    if len(urls) != 1:
        raise UsageError("a list of URLs stands where one belongs", "name one")
    return urls[0], user


def _origin(url: str) -> tuple[str, str | None, int | None]:
    pieces = urlsplit(url)
    return pieces.scheme, pieces.hostname, pieces.port


def _access(urls: tuple[str, ...], user: str, given: Mapping[str, str]) -> Access:
    def secret(name: str) -> Secret | None:
        return Secret(given[name]) if given.get(name) else None

    headers = {
        header: given[name]
        for name, header in (
            ("bearer.auth.logical.cluster", "target-sr-cluster"),
            ("bearer.auth.identity.pool.id", "Confluent-Identity-Pool-Id"),
        )
        if given.get(name)
    }
    for name, value in given.items():
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
            raise UsageError(f'the property "{name}" holds a control character', "remove it")
    keystore = _pem(given, "ssl.keystore")
    proxy, proxy_user = _proxy(given)
    basic, token, oauth = _basic(given, user), _token(given, secret), _oauth(given)
    if basic and (token or oauth):
        raise UsageError("there are credentials of two kinds, basic and bearer", "keep one of them")
    return Access(
        urls=urls,
        basic=basic,
        token=token,
        oauth=oauth,
        headers=headers,
        ca=given.get("ssl.ca.location") or _pem(given, "ssl.truststore"),
        certificate=given.get("ssl.certificate.location") or keystore,
        key=given.get("ssl.key.location") or keystore,
        key_password=secret("ssl.key.password"),
        proxy=proxy,
        proxy_user=proxy_user,
    )


def _basic(given: Mapping[str, str], user: str) -> Secret | None:
    source = given.get("basic.auth.credentials.source", "USER_INFO" if given.get("basic.auth.user.info") else "URL")
    if source not in ("USER_INFO", "URL"):
        raise UsageError(f'basic.auth.credentials.source = "{source}" is not supported', "use USER_INFO or URL")
    text = given.get("basic.auth.user.info", "") if source == "USER_INFO" else user
    if source == "USER_INFO" and ":" not in text:
        raise UsageError("basic.auth.user.info is not user:password", "write both, with a colon between them")
    return Secret(text) if text else None


def _token(given: Mapping[str, str], secret: Callable[[str], Secret | None]) -> Secret | None:
    source = given.get("bearer.auth.credentials.source", "STATIC_TOKEN" if given.get("bearer.auth.token") else "")
    if source not in ("", "STATIC_TOKEN", "OAUTHBEARER"):
        hint = "use STATIC_TOKEN or OAUTHBEARER"
        raise UsageError(f'bearer.auth.credentials.source = "{source}" is not supported', hint)
    if source != "STATIC_TOKEN":
        return None
    token = secret("bearer.auth.token")
    if token is None:
        raise UsageError("bearer.auth.token is missing", "STATIC_TOKEN needs it")
    return token


def _oauth(given: Mapping[str, str]) -> OAuth | None:
    if given.get("bearer.auth.credentials.source") != "OAUTHBEARER":
        return None
    names = ("bearer.auth.issuer.endpoint.url", "bearer.auth.client.id", "bearer.auth.client.secret")
    for name in names:
        if not given.get(name):
            raise UsageError(f"{name} is missing", "OAUTHBEARER needs it")
    endpoint, user = _single(given[names[0]])
    if user:
        raise UsageError(f"{names[0]} holds a user", f"use {names[1]} and {names[2]}")
    return OAuth(endpoint, given[names[1]], Secret(given[names[2]]), given.get("bearer.auth.scope", ""))


def _pem(given: Mapping[str, str], store: str) -> str | None:
    kind = given.get(f"{store}.type", "JKS")
    path = given.get(f"{store}.location")
    if path and kind.upper() != "PEM":
        raise UsageError(f"{store}.location is a Java keystore ({kind})", f"export it as PEM, and set {store}.type=PEM")
    if given.get("ssl.endpoint.identification.algorithm", "https").lower() != "https":
        raise UsageError("the host of a certificate is always verified", "unset ssl.endpoint.identification.algorithm")
    return path


def _proxy(given: Mapping[str, str]) -> tuple[str | None, Secret | None]:
    text = given.get("proxy")
    if given.get("proxy.host"):
        text = f"http://{given['proxy.host']}:{given.get('proxy.port', '8080')}"
    if not text:
        return None, None
    url, user = _single(text if "://" in text else f"http://{text}")
    return url, Secret(user) if user else None


def _forbid_clear_text(made: Access, secret: bool, environ: Mapping[str, str]) -> None:
    allowed = {*_LOOPBACK, *environ.get(f"{PREFIX}ALLOW_HTTP", "").replace(",", " ").split()}
    urls = [*(made.urls if secret else ()), *([made.oauth.endpoint] if made.oauth else ())]
    for url in urls:
        host = urlsplit(url).hostname
        if url.startswith("http:") and host not in allowed:
            hint = f"use https, or allow this host: {PREFIX}ALLOW_HTTP={host}"
            raise UsageError(f"credentials would travel unencrypted to {host}", hint)
