"""HTTP: one request in, one answer out, whatever happens in between. Retries, failover, tokens, limits."""

from __future__ import annotations

import base64
import json
import random
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

from schemacheck import __version__
from schemacheck.errors import UsageError
from schemacheck.registry.errors import RegistryError, Unavailable
from schemacheck.registry.settings import Access

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"
MAX_BYTES = 20_000_000  # of one answer
ATTEMPTS = 4
CONNECT, READ, DEADLINE = 5.0, 30.0, 90.0  # seconds; the last one is for all attempts together
PAUSE = 0.2  # seconds before the second attempt, doubled for each further one, and spread
MAX_PAUSE = 30.0  # what a server may ask for with Retry-After
_AGAIN = {408, 429, 500, 502, 503, 504}
_ELSEWHERE = {502, 503, 504}
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `value` is its JSON; a body that is none, and an empty one, is None."""

    status: int
    value: Any
    request: str  # "GET https://host/path", for messages
    attempts: int
    null: bool = False  # the body is JSON's null, not empty

    @property
    def code(self) -> int | None:
        """The `error_code` of an envelope."""
        code = self.value.get("error_code") if isinstance(self.value, dict) else None
        return code if isinstance(code, int) and not isinstance(code, bool) else None

    @property
    def words(self) -> str:
        """What the server says, cut short."""
        value = self.value.get("message") if isinstance(self.value, dict) else self.value
        if isinstance(value, list):
            value = "; ".join(str(part) for part in value)
        return str(value)[:_SHOWN] if value else ""


class _Failed(Exception):  # noqa: N818 - never leaves this module
    """One attempt came to nothing."""

    def __init__(self, words: str, again: bool = True) -> None:
        super().__init__(words)
        self.words = words
        self.again = again


class Transport:
    """Connections to one registry, for many threads."""

    def __init__(self, access: Access, connections: int = 8) -> None:
        self.access = access
        self._connections = connections
        self._first = 0  # the base URL that answered last
        self._managers: dict[str, PoolManager] = {}
        self._lock = threading.Lock()
        self._token_lock = threading.Lock()
        self._bearer: tuple[str, float] | None = None  # the token, and when it must be renewed
        self.requests = 0

    def send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        timeout: float | None = None,
    ) -> Reply:
        """The last answer that is not a passing one. Raises Unavailable where there is none."""
        url = f"{path}?{urlencode(query)}" if query else path
        raw = None if body is None else json.dumps(body).encode()
        end = time.monotonic() + DEADLINE
        renewed = False
        attempt = 0
        while True:
            attempt += 1
            base = self.access.urls[self._first % len(self.access.urls)]
            request = f"{method} {base}{path}"
            pause = PAUSE * 2 ** (attempt - 1) * (0.5 + random.random())  # noqa: S311 - spreads clients, hides nothing
            try:
                status, headers, content = self._once(
                    method, f"{base}{url}", raw, min(timeout or READ, end - time.monotonic())
                )
            except _Failed as failed:
                if not failed.again or attempt >= ATTEMPTS or time.monotonic() + pause > end:
                    raise self._unavailable(request, failed.words, attempt) from None
                self._elsewhere(base)
            else:
                if status == 401 and self.access.oauth and not renewed:
                    renewed, self._bearer = True, None
                    continue
                if status in _AGAIN:
                    pause = _asked(headers.get("Retry-After"), pause)
                if status not in _AGAIN or attempt >= ATTEMPTS or time.monotonic() + pause > end:
                    return self._reply(status, content, headers, request, attempt)
                if status in _ELSEWHERE:
                    self._elsewhere(base)
            time.sleep(pause)

    def _once(self, method: str, url: str, body: bytes | None, timeout: float) -> tuple[int, Mapping[str, str], bytes]:
        headers = {"Accept": f"{MEDIA_TYPE}, application/json", "Confluent-Accept-Unknown-Properties": "true"}
        if body is not None:
            headers["Content-Type"] = MEDIA_TYPE
        headers |= self.access.headers
        if authorization := self._authorization():
            headers["Authorization"] = authorization
        return self._exchange(method, url, body, headers, timeout)

    def _exchange(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], timeout: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        import urllib3

        end = time.monotonic() + max(timeout, 0.1)
        self.requests += 1
        try:
            response = self._manager(url).request(
                method,
                url,
                body=body,
                headers={"User-Agent": f"schemacheck/{__version__}", **headers},
                timeout=urllib3.Timeout(connect=min(CONNECT, timeout), read=max(timeout, 0.1)),
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                content = _content(response, end)
            except BaseException:
                response.close()
                raise
            response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise _words(error, url) from None
        return response.status, response.headers, content

    def _reply(self, status: int, content: bytes, headers: Mapping[str, str], request: str, attempts: int) -> Reply:
        """What an answer says. Raises for those that no endpoint of a registry gives."""
        if 300 <= status < 400:
            host = _host(headers.get("Location", "")) or "elsewhere"
            hint = "name the registry's own address: redirects are not followed, they would carry credentials away"
            raise Unavailable(f"{request} was redirected to {self.redact(host)}", hint, status)
        text = content.decode("utf-8", "replace")
        if status >= 400:
            text = self.redact(text)
        value: Any = None
        if content.strip():
            try:
                value = json.loads(text)
            except (ValueError, RecursionError):
                if status < 400:
                    hint = "is this the address of a schema registry, or of something before it"
                    raise RegistryError(f"{request} answered {status} and no JSON", hint, status) from None
        reply = Reply(status, value, request, attempts, null=content.strip() == b"null")
        if status in (401, 407, *(_AGAIN - {408, 500})):
            hints = {401: "check the credentials", 429: "try again later, or ask with fewer connections"}
            said = f": {reply.words}" if reply.words else ""
            tried = f" after {attempts} attempts" if attempts > 1 else ""
            words = hints.get(status, "try again later")
            raise Unavailable(f"{request} answered {status}{tried}{said}", words, status, reply.code)
        return reply

    def redact(self, text: str) -> str:
        """A text of the other side, without what it may know of our secrets: the token it gave us is one."""
        bearer = self._bearer
        return self.access.redact(text.replace(bearer[0], "***") if bearer else text)

    def _unavailable(self, request: str, words: str, attempts: int) -> Unavailable:
        tried = f", {attempts} attempts" if attempts > 1 else ""
        return Unavailable(f"{request}: {words}{tried}", "check the address, the network and the certificates")

    def _elsewhere(self, base: str) -> None:
        """The next base URL, unless another thread has moved on already."""
        with self._lock:
            if self.access.urls[self._first % len(self.access.urls)] == base:
                self._first += 1

    # who asks

    def _authorization(self) -> str | None:
        if self.access.basic:
            return f"Basic {base64.b64encode(self.access.basic.reveal().encode()).decode()}"
        if self.access.token:
            return f"Bearer {self.access.token.reveal()}"
        if self.access.oauth:
            return f"Bearer {self._token()}"
        return None

    def _token(self) -> str:
        """The token at hand, or a fresh one a little before that one ends."""
        assert self.access.oauth is not None
        with self._token_lock:
            if self._bearer is None or time.monotonic() >= self._bearer[1]:
                self._bearer = self._fresh()
            return self._bearer[0]

    def _fresh(self) -> tuple[str, float]:
        oauth = self.access.oauth
        assert oauth is not None
        form = {"grant_type": "client_credentials", **({"scope": oauth.scope} if oauth.scope else {})}
        pair = f"{quote_plus(oauth.client)}:{quote_plus(oauth.secret.reveal())}"
        headers = {
            "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        status, _, content = self._exchange("POST", oauth.endpoint, urlencode(form).encode(), headers, READ)
        try:
            answer = json.loads(content)
            token, lasts = answer["access_token"], float(answer.get("expires_in") or 60)
            usable = isinstance(token, str) and token.isascii() and token.isprintable()
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            usable = False
        if status != 200 or not usable:
            # What it says is not shown: it may hold what was sent.
            again = status in _AGAIN
            raise _Failed(f"the token endpoint {urlsplit(oauth.endpoint).hostname} answered {status}, no token", again)
        return token, time.monotonic() + max(lasts - max(10.0, lasts * 0.1), 1.0)

    # connections

    def _manager(self, url: str) -> PoolManager:
        """The connections to a host: through the proxy that holds for it, if one does."""
        pieces = urlsplit(url)
        with self._lock:
            if pieces.netloc not in self._managers:
                self._managers[pieces.netloc] = self._connect(pieces.scheme, pieces.hostname or "", pieces.netloc)
            return self._managers[pieces.netloc]

    def _connect(self, scheme: str, host: str, netloc: str) -> PoolManager:
        import urllib3

        options: dict[str, Any] = {"num_pools": 2, "maxsize": self._connections, "block": True}
        if scheme == "https":
            options["ssl_context"] = self._context()
        proxy, user = self.access.proxy, self.access.proxy_user
        if host in ("localhost", "127.0.0.1", "::1"):
            proxy = None
        elif proxy is None and not proxy_bypass(netloc):
            proxy = getproxies().get(scheme)
            pieces = urlsplit(proxy or "")
            if proxy and "@" in pieces.netloc:
                options["proxy_headers"] = urllib3.make_headers(proxy_basic_auth=pieces.netloc.rpartition("@")[0])
                proxy = f"{pieces.scheme}://{pieces.netloc.rpartition('@')[2]}"
        if not proxy:
            return urllib3.PoolManager(**options)
        if user:
            options["proxy_headers"] = urllib3.make_headers(proxy_basic_auth=user.reveal())
        return urllib3.ProxyManager(proxy if "://" in proxy else f"http://{proxy}", **options)

    def _context(self) -> ssl.SSLContext:
        access = self.access
        try:
            context = ssl.create_default_context(cafile=access.ca)
            if access.certificate:
                password = access.key_password.reveal() if access.key_password else ""
                context.load_cert_chain(access.certificate, access.key, password=lambda: password)
        except OSError as error:  # ssl.SSLError is one
            what = access.ca if isinstance(error, FileNotFoundError) and not access.certificate else "a certificate"
            raise UsageError(f"{what} cannot be loaded: {_lower(error)}", "check the ssl.* settings") from None
        return context


def _content(response: BaseHTTPResponse, end: float) -> bytes:
    """The body, as long as it is not too large or too slow."""
    parts: list[bytes] = []
    size = 0
    while part := response.read1(65_536):
        parts.append(part)
        size += len(part)
        if size > MAX_BYTES:
            raise _Failed(f"the answer has more than {MAX_BYTES} bytes", again=False)
        if time.monotonic() > end:
            raise _Failed("the answer came too slowly", again=False)
    return b"".join(parts)


def _words(error: Exception, url: str) -> _Failed:
    """A failure of urllib3 in our words; its own may hold what must not be shown."""
    from urllib3 import exceptions

    host = urlsplit(url).hostname
    reason = getattr(error, "reason", None)
    cause = reason if isinstance(reason, Exception) else error
    if isinstance(cause, exceptions.SSLError) or isinstance(cause.__cause__, ssl.SSLError):
        inner = next((part for part in (*cause.args, cause.__cause__) if isinstance(part, ssl.SSLError)), None)
        words = getattr(inner, "verify_message", "") or getattr(inner, "reason", "") or "it failed"
        return _Failed(f"no TLS with {host}: {str(words).lower().replace('_', ' ')}", again=False)
    if isinstance(cause, exceptions.NameResolutionError):
        return _Failed(f"there is no host {host}")
    if isinstance(cause, exceptions.NewConnectionError):
        return _Failed(f"{host} refused the connection")
    if isinstance(cause, exceptions.ConnectTimeoutError):
        return _Failed(f"{host} did not accept a connection in time")
    if isinstance(cause, exceptions.ReadTimeoutError):
        return _Failed(f"{host} did not answer in time")
    if isinstance(cause, exceptions.ProxyError):
        return _Failed("the proxy did not connect")
    if isinstance(cause, exceptions.ProtocolError):
        return _Failed(f"{host} broke the connection")
    return _Failed(f"no exchange with {host} ({type(cause).__name__})")


def _host(address: str) -> str | None:
    """The host of an address that a server wrote."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _asked(value: str | None, pause: float) -> float:
    """The pause that Retry-After asks for, in seconds or as a date, within reason."""
    if not value:
        return pause
    from urllib3 import Retry
    from urllib3.exceptions import InvalidHeader

    try:
        return max(min(Retry().parse_retry_after(value), MAX_PAUSE), 0.0)
    except (InvalidHeader, ValueError, OverflowError):
        return pause


def _lower(error: OSError) -> str:
    words = error.strerror or getattr(error, "reason", "") or type(error).__name__
    return str(words).lower()
