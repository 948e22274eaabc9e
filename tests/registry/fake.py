"""A schema registry in memory, on loopback, as the servers of the field behave: three dialects, and faults on demand.

It does not judge schemas: a test gives it the verdict, so that it cannot share a mistake with our rules. Its behaviour
is checked with the official client as an independent peer, in test_peer.py.
"""

from __future__ import annotations

import base64
import json
import re
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, unquote, urlsplit

# (older, newer, "BACKWARD" or "FORWARD") → what is wrong; each schema as it was sent
Judge = Callable[[Mapping[str, Any], Mapping[str, Any], str], Sequence[str]]


def accept(_old: Mapping[str, Any], _new: Mapping[str, Any], _direction: str) -> Sequence[str]:
    """Every change is fine."""
    return ()


def reject(_old: Mapping[str, Any], _new: Mapping[str, Any], direction: str) -> Sequence[str]:
    """No change is fine."""
    return (f"{{errorType:'TEST', description:'{direction} was refused'}}",)


@dataclass
class Entry:
    """One version of a subject."""

    version: int
    id: int
    body: dict[str, Any]
    deleted: bool = False

    def identity(self) -> str:
        return identity(self.body)


def identity(body: Mapping[str, Any]) -> str:
    """What makes two schemas one: text, references, metadata."""
    keys = ("schema", "schemaType", "references", "metadata")
    kept = {key: body.get(key) or ("AVRO" if key == "schemaType" else None) for key in keys}
    return json.dumps(kept, sort_keys=True)


@dataclass
class Fault:
    """What happens to some requests instead of, or before, the answer."""

    kind: str
    pattern: str = ""  # of "METHOD /path"; every request unless told
    count: int = 1_000_000
    skip: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):  # noqa: N818 - what a server says, not what a test raises
    """An error answer."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


LEVELS = {f"{way}{more}" for way in ("BACKWARD", "FORWARD", "FULL") for more in ("", "_TRANSITIVE")} | {"NONE"}


class Fake:
    """The registry. A context manager; `url` is where it listens."""

    def __init__(
        self,
        dialect: str = "confluent",
        judge: Judge = accept,
        *,
        latency: float = 0.0,
        user: str | None = None,
        token: str | None = None,
        oauth: tuple[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.dialect = dialect
        self.judge = judge
        self.latency = latency
        self.user, self.token, self.oauth = user, token, oauth
        self.issued: list[str] = []  # tokens
        self.subjects: dict[str, list[Entry]] = {}
        self.configs: dict[str, dict[str, Any]] = {}
        self.global_config: dict[str, Any] = {"compatibilityLevel": "BACKWARD"}
        self.mode = "READWRITE"
        self.modes: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.before: Callable[[str, str], None] | None = None
        self.log: list[str] = []
        self.seen: list[Mapping[str, str]] = []  # headers
        self._ids: dict[str, int] = {}
        self._lock = threading.RLock()
        fake = self

        class Handler(_Handler):
            registry: ClassVar[Fake] = fake

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.scheme = "http"
        if tls is not None:
            self.scheme = "https"
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        path = "/apis/ccompat/v7" if self.dialect == "apicurio" else ""
        return f"{self.scheme}://127.0.0.1:{self.server.server_address[1]}{path}"

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    # state, also for tests

    def add(self, subject: str, schema: str, type_: str = "AVRO", references: Sequence[Any] = (), **more: Any) -> int:
        """Registers without any check; the version."""
        body = {"schema": schema, "schemaType": type_, "references": list(references), **more}
        return self._store(subject, body).version

    def state(self) -> Any:
        """Everything that is registered, without ids: what two runs are compared by."""
        versions = {
            subject: [(entry.version, entry.identity(), entry.deleted) for entry in entries]
            for subject, entries in self.subjects.items()
        }
        return versions, self.configs, self.global_config

    def live(self, subject: str, deleted: bool = False) -> list[Entry]:
        return [entry for entry in self.subjects.get(subject, []) if deleted or not entry.deleted]

    def _store(self, subject: str, body: dict[str, Any]) -> Entry:
        with self._lock:
            entries = self.subjects.setdefault(subject, [])
            identifier = self._ids.setdefault(identity(body), len(self._ids) + 1)
            entry = Entry(max((known.version for known in entries), default=0) + 1, identifier, body)
            entries.append(entry)
            return entry

    # endpoints

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any) -> tuple[int, Any]:
        parts = [unquote(part) for part in path.strip("/").split("/")]
        match method, parts:
            case "GET", ["subjects"]:
                return 200, self._names(query)
            case "GET", ["subjects", subject, "versions"]:
                return 200, [entry.version for entry in self._known(subject, query)]
            case "GET", ["subjects", subject, "versions", number]:
                return 200, self._shown(subject, self._one(subject, number, query))
            case "POST", ["subjects", subject]:
                return 200, self._lookup(subject, body)
            case "POST", ["subjects", subject, "versions"]:
                return 200, self._register(subject, body)
            case "DELETE", ["subjects", subject]:
                gone = self._known(subject, query)
                for entry in gone:
                    entry.deleted = True
                return 200, [entry.version for entry in gone]
            case "POST", ["compatibility", "subjects", subject, "versions"]:
                return self._compatible_with_all(subject, body, query)
            case "POST", ["compatibility", "subjects", subject, "versions", number]:
                return 200, self._compatible_with_one(subject, number, body, query)
            case "GET", ["config"]:
                return 200, self.global_config
            case "PUT", ["config"]:
                self.global_config = self._configured(self.global_config, body)
                return 200, body
            case "GET", ["config", subject]:
                return 200, self._config(subject, query)
            case "PUT", ["config", subject]:
                if self.dialect == "apicurio" and not self.live(subject):
                    raise Refusal(404, 40401, f"Subject '{subject}' not found.")
                self.configs[subject] = self._configured(self.configs.get(subject, {}), body)
                return 200, body
            case "GET", ["mode", *_] if self.dialect == "apicurio":
                return 204, None
            case "GET", ["mode"]:
                return 200, {"mode": self.mode}
            case "GET", ["mode", subject]:
                return 200, self._mode(subject, query)
            case "GET", ["schemas"] if self.dialect != "apicurio":
                return 200, self._everything(query)
            case "GET", ["schemas", "types"]:
                return 200, ["JSON", "PROTOBUF", "AVRO"]
            case "GET", ["schemas", "ids", number]:
                return 200, self._by_id(int(number))
        return 404, "Not Found"

    def _names(self, query: Mapping[str, str]) -> list[str]:
        deleted = query.get("deleted") == "true"
        prefix = query.get("subjectPrefix", "") if self.dialect == "confluent" else ""
        return sorted(name for name in self.subjects if name.startswith(prefix) and self.live(name, deleted))

    def _everything(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        shown = [self._shown(name, entry) for name in self._names(query) for entry in self._known(name, query)]
        if self.dialect == "karapace":
            return shown  # it knows no pages
        offset = int(query.get("offset", 0))
        return shown[offset : offset + min(int(query.get("limit", 1000)), 1000)]

    def _known(self, subject: str, query: Mapping[str, str]) -> list[Entry]:
        entries = self.live(subject, query.get("deleted") == "true")
        if not entries:
            raise Refusal(404, 40401, f"Subject '{subject}' not found.")
        return entries

    def _one(self, subject: str, number: str, query: Mapping[str, str]) -> Entry:
        entries = self._known(subject, query)
        if number in ("latest", "-1"):
            return entries[-1]
        if not re.fullmatch("[1-9][0-9]*", number):
            raise Refusal(422, 42202, f"The specified version '{number}' is not a valid version id.")
        for entry in entries:
            if entry.version == int(number):
                return entry
        raise Refusal(404, 40402, f"Version {number} not found.")

    def _shown(self, subject: str, entry: Entry) -> dict[str, Any]:
        shown = {"subject": subject, "version": entry.version, "id": entry.id, "schema": entry.body["schema"]}
        kind = entry.body.get("schemaType", "AVRO")
        if self.dialect == "karapace":
            if kind != "PROTOBUF":
                shown["schema"] = json.dumps(json.loads(entry.body["schema"]), sort_keys=True, separators=(",", ":"))
            if kind != "AVRO":
                shown["schemaType"] = kind
        else:
            shown["schemaType"] = kind
        references = entry.body.get("references")
        if references or self.dialect == "apicurio":
            shown["references"] = references or []
        if entry.body.get("metadata") and self.dialect == "confluent":
            shown["metadata"] = entry.body["metadata"]
        return shown

    def _lookup(self, subject: str, body: dict[str, Any]) -> dict[str, Any]:
        found = self._same(self._known(subject, {}), body)
        if found is None:
            raise Refusal(404, 40403, "Schema not found")
        return self._shown(subject, found)

    def _same(self, entries: Sequence[Entry], body: dict[str, Any]) -> Entry | None:
        if self.dialect == "karapace":
            body = {key: value for key, value in body.items() if key != "metadata"}
        return next((entry for entry in reversed(entries) if entry.identity() == identity(body)), None)

    def _register(self, subject: str, body: dict[str, Any]) -> dict[str, Any]:
        mode = self.modes.get(subject, self.mode)
        if mode in ("READONLY", "READONLY_OVERRIDE"):
            raise Refusal(422, 42205, f"Subject {subject} is in read-only mode")
        self._valid(body)
        with self._lock:
            entries = self.live(subject)
            same = self._same(entries, body)
            if same is None:
                level = self._effective(subject)
                wrong = self._against_level(entries, body, level) if mode == "READWRITE" else []
                if wrong:
                    code = 40901 if self.dialect == "confluent" else 409
                    raise Refusal(409, code, f"Schema being registered is incompatible: {wrong}")
                same = self._store(subject, body)
        return {"id": same.id}

    def _valid(self, body: dict[str, Any]) -> None:
        if not isinstance(body, dict) or not isinstance(body.get("schema"), str):
            raise Refusal(422, 42201, "Empty schema")
        if body.get("schemaType", "AVRO") != "PROTOBUF":
            try:
                json.loads(body["schema"])
            except ValueError:
                raise Refusal(422, 42201, f"Invalid schema {body['schema'][:50]}") from None
        for reference in body.get("references") or ():
            entries = self.live(reference["subject"], deleted=True)
            if reference["version"] not in [entry.version for entry in entries]:
                raise Refusal(422, 42201, f'No schema reference found for subject "{reference["subject"]}"')

    def _effective(self, subject: str) -> dict[str, Any]:
        own = self.configs.get(subject)
        if own is None:
            return self.global_config
        # A config of the subject's own without a level falls to the server's default, not to the global config.
        return {"compatibilityLevel": "BACKWARD", **own}

    def _against_level(self, entries: Sequence[Entry], body: dict[str, Any], config: Mapping[str, Any]) -> list[str]:
        level = config["compatibilityLevel"]
        if level == "NONE":
            return []
        group = config.get("compatibilityGroup") if self.dialect == "confluent" else None
        if group:
            entries = [entry for entry in entries if _grouped(entry.body, group) == _grouped(body, group)]
        looked = list(reversed(entries)) if level.endswith("_TRANSITIVE") else list(reversed(entries[-1:]))
        ways = {"BACKWARD": ["BACKWARD"], "FORWARD": ["FORWARD"], "FULL": ["BACKWARD", "FORWARD"]}
        for entry in looked:
            for way in ways[level.removesuffix("_TRANSITIVE")]:
                old = {"schemaType": "AVRO", **entry.body}
                new = {"schemaType": "AVRO", **body}
                kinds = [old["schemaType"], new["schemaType"]]
                wrong = ["another schema type"] if kinds[0] != kinds[1] else list(self.judge(old, new, way))
                if wrong:
                    return [*wrong, f"{{oldSchemaVersion: {entry.version}}}"]
        return []

    def _compatible_with_all(self, subject: str, body: Any, query: Mapping[str, str]) -> tuple[int, Any]:
        if self.dialect == "karapace":
            return 404, "Not Found"
        if self.dialect == "apicurio" and not self.live(subject):
            raise Refusal(404, 40401, f"Subject '{subject}' not found.")
        self._valid(body)
        wrong = self._against_level(self.live(subject), body, self._effective(subject))
        return 200, self._verdict(wrong, query)

    def _compatible_with_one(self, subject: str, number: str, body: Any, query: Mapping[str, str]) -> Any:
        self._valid(body)
        if self.dialect == "confluent" and number == "latest" and not self.live(subject):
            return self._verdict([], query)
        entry = self._one(subject, number, {})
        return self._verdict(self._against_level([entry], body, self._effective(subject)), query)

    def _verdict(self, wrong: list[str], query: Mapping[str, str]) -> dict[str, Any]:
        verdict: dict[str, Any] = {"is_compatible": not wrong}
        if query.get("verbose") == "true" and (wrong or self.dialect == "confluent") and self.dialect != "apicurio":
            verdict["messages"] = wrong
        return verdict

    def _config(self, subject: str, query: Mapping[str, str]) -> dict[str, Any]:
        if subject in self.configs and query.get("defaultToGlobal") != "true":
            return self.configs[subject]
        if query.get("defaultToGlobal") == "true":
            return self._effective(subject)
        if self.dialect == "apicurio":
            return {"compatibilityLevel": "NONE"}
        raise Refusal(404, 40408, f"Subject '{subject}' does not have subject-level compatibility configured")

    def _configured(self, old: Mapping[str, Any], body: Any) -> dict[str, Any]:
        if "compatibility" in body and body["compatibility"] not in LEVELS:
            raise Refusal(422, 42203, "Invalid compatibility level")
        new = {("compatibilityLevel" if key == "compatibility" else key): value for key, value in body.items()}
        if self.dialect != "confluent":
            new = {key: value for key, value in new.items() if key == "compatibilityLevel"}
        return {**old, **new}

    def _mode(self, subject: str, query: Mapping[str, str]) -> Any:
        if subject in self.modes:
            return {"mode": self.modes[subject]}
        if query.get("defaultToGlobal") == "true":
            return {"mode": self.mode}
        raise Refusal(404, 40409, f"Subject '{subject}' does not have subject-level mode configured")

    def _by_id(self, number: int) -> Any:
        for entries in self.subjects.values():
            for entry in entries:
                if entry.id == number:
                    return {key: value for key, value in entry.body.items() if value}
        raise Refusal(404, 40403, f"Schema {number} not found")

    # who may ask

    def allowed(self, authorization: str | None) -> bool:
        if self.user is not None:
            return authorization == f"Basic {base64.b64encode(self.user.encode()).decode()}"
        if self.token is not None:
            return authorization == f"Bearer {self.token}"
        if self.oauth is not None:
            return bool(self.issued) and authorization == f"Bearer {self.issued[-1]}"
        return True

    def token_for(self, authorization: str | None) -> tuple[int, Any]:
        assert self.oauth is not None
        if authorization != f"Basic {base64.b64encode(':'.join(self.oauth).encode()).decode()}":
            return 401, {"error": "invalid_client", "you_sent": authorization}
        self.issued.append(f"issued-{len(self.issued) + 1}")
        return 200, {"access_token": self.issued[-1], "token_type": "Bearer", "expires_in": 3600}

    def fault(self, request: str) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if re.search(fault.pattern, request) and fault.count > 0:
                    if fault.skip:
                        fault.skip -= 1
                        continue
                    fault.count -= 1
                    return fault
        return None


def _grouped(body: Mapping[str, Any], group: str) -> Any:
    return ((body.get("metadata") or {}).get("properties") or {}).get(group)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    registry: ClassVar[Fake]
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer goes out whole
    timeout = 30

    def log_error(self, *_: object) -> None:
        """As below."""

    def log_request(self, *_: object) -> None:
        """Nothing on the terminal."""

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - named as the standard library calls them

    def _serve(self) -> None:
        registry = self.registry
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        pieces = urlsplit(self.path)
        path = pieces.path.removeprefix("/apis/ccompat/v7") if registry.dialect == "apicurio" else pieces.path
        request = f"{self.command} {path}"
        registry.log.append(request)
        registry.seen.append(dict(self.headers.items()))
        if registry.latency:
            time.sleep(registry.latency)
        if registry.before is not None:
            registry.before(self.command, path)
        fault = registry.fault(request)
        if fault is not None and FAULTS[fault.kind](self, fault):
            return
        authorization = self.headers.get("Authorization")
        if path == "/token" and registry.oauth is not None:
            self.reply(*registry.token_for(authorization))
            return
        if not registry.allowed(authorization):
            self.reply(401, {"message": "Unauthorized", "sent": authorization})
            return
        query = {key: values[-1] for key, values in parse_qs(pieces.query).items()}
        try:
            status, value = registry.answer(self.command, path, query, json.loads(raw) if raw else None)
        except Refusal as refusal:
            status, value = refusal.status, {"error_code": refusal.code, "message": refusal.message}
        except ValueError:
            status, value = 400, {"message": "Bad Request"}
        if fault is not None and fault.kind == "reset_after":
            self.reset()
            return
        self.reply(status, value)

    def reply(self, status: int, value: Any, **headers: str) -> None:
        content = b"" if status == 204 else json.dumps(value).encode()
        self.raw(status, content, "application/vnd.schemaregistry.v1+json", headers)

    def raw(
        self, status: int, content: bytes, kind: str, headers: Mapping[str, str], length: int | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(content) if length is None else length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()


def _envelope(status: int, code: int, message: Any) -> Callable[[_Handler, Fault], bool]:
    def act(handler: _Handler, fault: Fault) -> bool:
        handler.raw(
            status, json.dumps({"error_code": code, "message": message}).encode(), "application/json", fault.headers
        )
        return True

    return act


def _body(status: int, content: bytes, kind: str = "application/json", length: int | None = None) -> Any:
    def act(handler: _Handler, fault: Fault) -> bool:
        handler.raw(status, content, kind, fault.headers, length)
        if length is not None and length > len(content):
            handler.close_connection = True
        return True

    return act


def _reset(handler: _Handler, _fault: Fault) -> bool:
    handler.reset()
    return True


def _silence(handler: _Handler, _fault: Fault) -> bool:
    time.sleep(3)
    handler.close_connection = True
    return True


def _drip(handler: _Handler, fault: Fault) -> bool:
    handler.raw(200, b"[", "application/json", fault.headers, 1000)
    for _ in range(30):
        time.sleep(0.1)
        try:
            handler.wfile.write(b" ")
            handler.wfile.flush()
        except OSError:
            break
    handler.close_connection = True
    return True


FAULTS: Mapping[str, Callable[[_Handler, Fault], bool]] = {
    "reset": _reset,
    "reset_after": lambda _handler, _fault: False,  # the server acts, and the answer is lost
    "silence": _silence,
    "drip": _drip,
    "401": _envelope(401, 401, "Unauthorized"),
    "403": _envelope(403, 40301, "User is denied operation"),
    "404_string": _body(404, b'"Not Found"'),
    "404_html": _body(404, b"<html>nothing here</html>", "text/html"),
    "409": _envelope(409, 409, "Schema being registered is incompatible"),
    "40901": _envelope(409, 40901, "Schema being registered is incompatible"),
    "422": _envelope(422, 42201, "Invalid schema"),
    "422_list": _envelope(422, 422, ["Invalid", "schema"]),
    "429": _envelope(429, 429, "Too many requests"),
    "500": _envelope(500, 50001, "Error in the backend data store"),
    "50003": _envelope(500, 50003, "Error while forwarding the request to the primary"),
    "502_html": _body(502, b"<html>Bad Gateway</html>", "text/html"),
    "503": _envelope(503, 503, "Unavailable"),
    "no_json": _body(200, b"<html>Please log in</html>", "text/html"),
    "broken_json": _body(200, b'{"compatibilityLevel": "BACK'),
    "empty": _body(200, b""),
    "string": _body(200, b'"fine"'),
    "null": _body(200, b"null"),
    "empty_object": _body(200, b"{}"),
    "deep": _body(200, b"[" * 200_000 + b"]" * 200_000),
    "truncated": _body(200, b'{"is_compatible": true', length=5000),
    "redirect": _body(302, b""),
    "huge": _body(200, b'["' + b"x" * 50_000_000 + b'"]'),
}


def main() -> None:
    """Reads `{"latency": seconds, "level": …, "subjects": {…}}` from standard input, serves until a line comes."""
    wanted = json.loads(sys.stdin.readline())
    with Fake(latency=wanted["latency"]) as fake:
        fake.global_config = {"compatibilityLevel": wanted["level"]}
        for subject, texts in wanted["subjects"].items():
            for text in texts:
                fake.add(subject, text)
        sys.stdout.write(f"{fake.url}\n")
        sys.stdout.flush()
        sys.stdin.readline()
        sys.stdout.write(f"{len(fake.log)}\n")


if __name__ == "__main__":
    main()
