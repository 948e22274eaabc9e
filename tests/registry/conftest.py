"""What the registry tests share: a repository, a registry in memory, and the command line in this process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from registry.fake import Fake
from sources.repos import Repo

from schemacheck.__main__ import _run
from schemacheck.registry import transport

PATH = "schemas/orders/order_placed/v1.avsc"
SUBJECT = "orders.v1.OrderPlaced"


def order(*fields: str, name: str = "OrderPlaced") -> str:
    """An Avro event with text fields; `name?` has a default."""
    made = [
        {"name": field.rstrip("?"), "type": "string", **({"default": ""} if field.endswith("?") else {})}
        for field in fields
    ]
    return json.dumps({"type": "record", "namespace": "orders.v1", "name": name, "fields": made}, indent=1)


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def registry_of(self, event: str = "orders/order_placed") -> Any:
        """What the report says of the registry's verdict on an event."""
        return next(subject["registry"] for subject in self.json["subjects"] if subject["event"] == event)

    @property
    def rules(self) -> list[str]:
        return [finding["rule"] for finding in self.json["findings"]]


Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits as in the field, but shorter."""
    monkeypatch.setattr(transport, "PAUSE", 0.001)
    monkeypatch.setattr(transport, "READ", 1.0)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "shop")
    repo.commit({PATH: order("id", "currency")})
    return repo


@pytest.fixture
def run(repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line, in the repository; its exit code and both streams."""
    monkeypatch.chdir(repo.path)

    def call(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["schemacheck", *arguments])
        code = _run({"code": 3})
        shown = capsys.readouterr()
        return Result(code, shown.out, shown.err)

    return call


@pytest.fixture
def fake() -> Iterator[Fake]:
    with Fake() as fake:
        yield fake
