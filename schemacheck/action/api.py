"""GitHub's REST API, as far as comments need it: pages, limits, refusals."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from typing import Any

from schemacheck import __version__

_NEXT = re.compile(r'<([^>]+)>\s*;[^,]*\brel="next"')
_TIMEOUT = 20  # seconds
_MOST_BYTES = 20_000_000
_MOST_PAGES = 100
_MOST_TRIES = 3
_LONGEST_WAIT = 60  # seconds; a primary limit is reset once an hour, and nobody waits for that


class Refused(Exception):  # noqa: N818 - named after what the server did
    """A request that led nowhere; the words say why. `forbidden`: the token may not do it."""

    def __init__(self, words: str, forbidden: bool = False) -> None:
        super().__init__(words)
        self.forbidden = forbidden


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the token would go along to wherever it leads."""

    def redirect_request(self, *arguments: Any, **named: Any) -> None:  # noqa: ARG002 - what urllib passes
        return None


class Api:
    """One API with one token."""

    def __init__(self, base: str, token: str) -> None:
        if not base.startswith(("https://", "http://")):
            raise Refused(f'GITHUB_API_URL is "{base}", which is no address')
        self._base = base.rstrip("/")
        self._token = token
        self._opener = urllib.request.build_opener(_Stay)

    def pages(self, path: str) -> Iterator[Any]:
        """The items of a listing, page by page."""
        address: str | None = f"{self._base}{path}?per_page=100"
        for _ in range(_MOST_PAGES):
            if address is None:
                return
            items, headers = self._request("GET", address, None)
            if not isinstance(items, list):
                raise Refused("the answer is no list")
            yield from items
            found = _NEXT.search(headers.get("Link", ""))
            address = found[1] if found and found[1].startswith(f"{self._base}/") else None

    def send(self, method: str, path: str, data: Any) -> Any:
        """The answer to a request that changes something."""
        return self._request(method, f"{self._base}{path}", data)[0]

    def _request(self, method: str, address: str, data: Any) -> tuple[Any, Message]:
        for tried in range(1, _MOST_TRIES + 1):
            wait: float | None
            try:
                return self._once(method, address, data)
            except urllib.error.HTTPError as error:
                with error:
                    wait = _wait(error)
                    words = f"{method} was answered with {error.code} {error.reason}"
                    if wait is None and error.code in (401, 403, 404):
                        raise Refused(words, forbidden=True) from None
                    if method == "POST" and error.code >= 500:
                        wait = None  # it may have been done, and would be done twice
            except (OSError, ValueError) as error:  # no connection, or no JSON
                wait, words = None if method == "POST" else 1.0, f"{method} failed: {getattr(error, 'reason', error)}"
            if wait is None or wait > _LONGEST_WAIT or tried == _MOST_TRIES:
                raise Refused(words)
            time.sleep(wait)
        raise AssertionError("the last try returns or raises")

    def _once(self, method: str, address: str, data: Any) -> tuple[Any, Message]:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": f"schemacheck/{__version__}",
            "Content-Type": "application/json",
        }
        body = None if data is None else json.dumps(data).encode("utf-8")
        request = urllib.request.Request(address, body, headers, method=method)  # noqa: S310 - the base is HTTP
        with self._opener.open(request, timeout=_TIMEOUT) as answer:
            text = answer.read(_MOST_BYTES + 1)
            if len(text) > _MOST_BYTES:
                raise ValueError("the answer is too long")
            return json.loads(text), answer.headers


def _wait(error: urllib.error.HTTPError) -> float | None:
    """Seconds after which a request is worth another try; None if never."""
    if error.code in (403, 429):
        asked, reset = error.headers.get("Retry-After", ""), error.headers.get("X-RateLimit-Reset", "")
        if asked.isdigit():
            return float(asked)
        if error.headers.get("X-RateLimit-Remaining") == "0" and reset.isdigit():
            return max(float(reset) - time.time(), 0.0) + 1
        return 1.0 if error.code == 429 else None
    return 1.0 if error.code >= 500 else None
