"""A server for each test, and no proxy on the way to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from action.server import Hub, serving


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "*")
    with serving() as running:
        yield running
