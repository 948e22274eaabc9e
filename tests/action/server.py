"""A loopback server that behaves as GitHub does: comments with pages, limits and refusals; git behind a token."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "ghs_0123456789"
BOT = "github-actions[bot]"
_LIST = re.compile(r"/repos/([\w.-]+/[\w.-]+)/issues/(\d+)/comments")
_ONE = re.compile(r"/repos/([\w.-]+/[\w.-]+)/issues/comments/(\d+)")


@dataclass
class Hub:
    """What the server holds and how it answers. `refusals` are answered first, one a request."""

    address: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    read_only: bool = False
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    git_root: Path | None = None

    def add(self, body: str, login: str = BOT) -> dict[str, Any]:
        comment = {"id": 1000 + len(self.comments), "user": {"login": login, "type": "Bot"}, "body": body}
        self.comments.append(comment)
        return comment


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def log_message(self, *arguments: Any) -> None:
        """Keeps quiet."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        self.hub.requests.append((self.command, path))
        if self.hub.refusals:
            status, headers = self.hub.refusals.pop(0)
            return self._send(status, {"message": "refused"}, headers)
        if not path.startswith("/api/"):
            return self._git(body)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._send(401, {"message": "Bad credentials"})
        path = path.removeprefix("/api")
        if self.command != "GET" and self.hub.read_only:
            return self._send(403, {"message": "Resource not accessible by integration"})
        if _LIST.fullmatch(path) and self.command == "GET":
            return self._page()
        if _LIST.fullmatch(path) and self.command == "POST":
            return self._send(201, self.hub.add(json.loads(body)["body"]))
        one = _ONE.fullmatch(path)
        found = next((c for c in self.hub.comments if one and c["id"] == int(one[2])), None)
        if found is not None and self.command == "PATCH":
            found["body"] = json.loads(body)["body"]
            return self._send(200, found)
        return self._send(404, {"message": "Not Found"})

    def _page(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        size, page = int(query.get("per_page", ["30"])[0]), int(query.get("page", ["1"])[0])
        chosen = self.hub.comments[(page - 1) * size : page * size]
        headers = {}
        if page * size < len(self.hub.comments):
            address = f"{self.hub.address}{urlsplit(self.path).path}?per_page={size}&page="
            headers["Link"] = f'<{address}1>; rel="first", <{address}{page + 1}>; rel="next"'
        self._send(200, chosen, headers)

    def _send(self, status: int, data: Any, headers: dict[str, str] | None = None) -> None:
        text = json.dumps(data).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(text)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def _git(self, body: bytes) -> None:
        """Git's own server, for those who know the token."""
        word = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
        if self.headers.get_all("Authorization") != [f"basic {word}"]:
            return self._send(401, {"message": "no"}, {"WWW-Authenticate": 'Basic realm="git"'})
        parts = urlsplit(self.path)
        environ = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.hub.git_root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(["git", "http-backend"], input=body, env=environ, capture_output=True, check=False)
        assert 0 == done.returncode, done.stderr
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        status = next((int(value.split()[0]) for name, value in fields if name == "Status"), 200)
        self.send_response(status)
        for name, value in [*fields, ["Content-Length", str(len(content))]]:
            if name != "Status":
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        return None


@contextmanager
def serving() -> Iterator[Hub]:
    """A server of its own."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
