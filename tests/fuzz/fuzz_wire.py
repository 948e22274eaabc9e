"""What a registry answers, in every shape: no answer does more than raise one of our own errors."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from fuzz_seeds import EVENT, FIELD, NEXT
from urllib3 import HTTPHeaderDict

from schemacheck import check, config
from schemacheck.errors import SchemacheckError
from schemacheck.model import Baseline, Mode, Opinion
from schemacheck.registry import transport
from schemacheck.registry.client import Client, Proposal, Reference
from schemacheck.registry.settings import Access, OAuth, Secret
from schemacheck.registry.transport import Transport
from schemacheck.sources.registry import RegistrySource
from schemacheck.sources.tree import MemoryTree, TreeSource

SECRET, TOKEN = "me:s3cret-Pa55word", "s3cret-token"
SUBJECT = "orders.v1.OrderPlaced"
MOST = 400  # requests for one input
_URLS = ("https://registry.example", "https://other.example")


class Scripted(Transport):
    """A transport to which the answers of an input are given, one after the other, for ever."""

    def __init__(self, data: bytes, access: Access) -> None:
        super().__init__(access)
        self.answers = [_answer(part) for part in data.split(NEXT)]
        self.log: list[tuple[str, int, bytes]] = []  # what was asked, and what came back

    def _exchange(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], timeout: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        assert url.isascii()
        assert url.isprintable()
        assert len(self.log) < MOST, "there is no end to the questions"
        status, said, content = self.answers[len(self.log) % len(self.answers)]
        self.log.append((f"{method} {url}", status, content))
        return status, said, content


def _answer(part: bytes) -> tuple[int, Mapping[str, str], bytes]:
    head, _, body = part.partition(b"\n\n")
    first, *lines = head.decode("latin-1").split("\n")
    digits = "".join(char for char in first if char in "0123456789")[:3]
    headers = HTTPHeaderDict()
    for line in lines:
        name, _, value = line.partition(":")
        headers.add(name.strip(), value.strip())
    return int(digits or "200"), headers, body


def _access(data: bytes) -> Access:
    if b"access_token" in data:
        return Access(_URLS, oauth=OAuth("https://tokens.example/token", "me", Secret(SECRET)))
    return Access(_URLS, basic=Secret(SECRET)) if len(data) % 2 else Access(_URLS, token=Secret(TOKEN))


def harmless(error: SchemacheckError, access: Access) -> None:
    """An error says something, in few words, and nothing that is secret."""
    said = f"{error.message} {error.hint}"
    assert error.message
    assert len(said) < 3000
    for secret in (access.basic, access.token, access.oauth.secret if access.oauth else None):
        assert secret is None or secret.reveal().rpartition(":")[2] not in said, "a secret is shown"


def answers(data: bytes) -> None:
    """Every question of the client, to a registry that answers this."""
    transport.PAUSE = transport.MAX_PAUSE = 0.0
    proposal = Proposal(SUBJECT, "AVRO", EVENT % FIELD, (Reference("a", "a", 1),), {"major": "1"})
    for number in range(len(_ASKED)):
        scripted = Scripted(data, _access(data))
        scripted.answers = [*scripted.answers[number:], *scripted.answers[:number]] or scripted.answers
        client = Client(scripted)
        try:
            found = _ASKED[number](client, proposal)
        except SchemacheckError as error:
            harmless(error, scripted.access)
            continue
        if number == 0 and found.verdict == Opinion.ACCEPTS:
            _accepted(scripted.log)


_ASKED: Sequence[Callable[[Client, Proposal], Any]] = (
    lambda client, proposal: client.check(proposal, Mode.parse("FULL_TRANSITIVE")),
    lambda client, _: client.subjects("orders"),
    lambda client, _: client.versions(SUBJECT),
    lambda client, _: client.latest(SUBJECT),
    lambda client, _: client.version(SUBJECT, 1),
    lambda client, _: list(client.everything()),
    lambda client, proposal: client.lookup(proposal),
    lambda client, _: client.config(SUBJECT),
    lambda client, _: client.mode(SUBJECT),
    lambda client, proposal: client.register(proposal),
)


def _accepted(log: Sequence[tuple[str, int, bytes]]) -> None:
    """Nothing is accepted that the registry did not accept in so many words."""
    verdicts = []
    for asked, status, content in log:
        if "/compatibility/" in asked and status < 300:
            value = json.loads(content.decode("utf-8", "replace"))
            verdicts.append(value.get("is_compatible") if isinstance(value, dict) else None)
    assert verdicts
    assert all(verdict is True for verdict in verdicts), "accepted what the registry did not"


def registry(data: bytes) -> None:
    """The whole gate beside a registry that answers this: no pass that it did not give."""
    transport.PAUSE = transport.MAX_PAUSE = 0.0
    path = "orders/order_placed/v1.avsc"
    tree = MemoryTree("now", {path: (EVENT % (FIELD + ', {"name": "n", "type": "int", "default": 0}')).encode()})
    policy = config.rooted(config.Policy(), ("",))
    scripted = Scripted(data, _access(data))
    source = RegistrySource(Client(scripted), tree, policy, alone=True, everything=False)
    try:
        report = check.run("check", TreeSource(Baseline("dir", "now"), tree), [source], policy)
    except SchemacheckError as error:
        harmless(error, scripted.access)
        return
    assert report.exit_code in (0, 1, 3)
    if report.exit_code == 0:
        asked = [entry for entry in scripted.log if "/compatibility/" in entry[0]]
        views = [verdict.registry.verdict for verdict in report.verdicts if verdict.registry]
        assert Opinion.REJECTS not in views
        if Opinion.ACCEPTS in views:
            _accepted(asked)


class _Server:
    """Sends the same bytes to whoever connects, once he has asked; then hangs up."""

    def __init__(self) -> None:
        self.data = b""
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, _ = self.listener.accept()
            with connection:
                try:
                    connection.recv(65536)
                    connection.sendall(self.data)
                    connection.shutdown(socket.SHUT_WR)
                    connection.settimeout(0.1)  # who keeps the connection may want another one
                    while connection.recv(65536):
                        pass
                except OSError:
                    continue


@cache
def _server(_process: int) -> _Server:
    """The server of a process: a child has none of its parent's threads."""
    return _Server()


def wire(data: bytes) -> None:
    """Bytes where HTTP should be: an answer, or one of our errors."""
    transport.PAUSE = transport.MAX_PAUSE = 0.0
    server = _server(os.getpid())
    server.data = data
    client = Client(Transport(Access((server.url,), basic=Secret(SECRET)), connections=1))
    try:
        client.versions(SUBJECT)
    except SchemacheckError as error:
        harmless(error, client.transport.access)
    finally:
        for manager in client.transport._managers.values():
            manager.clear()
