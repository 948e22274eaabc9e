"""What every test stands on: a clean environment, so that the machine's own CI and git settings decide nothing."""

from __future__ import annotations

import os

import pytest

_KEPT = (
    "PATH",
    "HOME",
    "TMPDIR",
    "LANG",
    "LD_LIBRARY_PATH",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "SYSTEMROOT",
    "SCHEMACHECK_WRITE_README",
    "SCHEMACHECK_WRITE_GOLDEN",
)
_PREFIXES = ("PIP_", "HTTP", "HTTPS", "http", "https", "NO_PROXY", "no_proxy", "SSL_", "REQUESTS_", "PYTEST_", "COV")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No CI variable, no git variable, no user configuration; a fixed author."""
    for name in list(os.environ):
        if name not in _KEPT and not name.startswith(_PREFIXES):
            monkeypatch.delenv(name)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "A Developer")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "dev@example.org")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
