"""What git is told for this run, by environment only: nothing is written anywhere."""

from __future__ import annotations

import base64
from collections.abc import MutableMapping
from pathlib import Path

from schemacheck.sources import Repository


def trust(folder: Path, workspace: Path, environ: MutableMapping[str, str]) -> None:
    """Makes the checkout one that git reads. In a job with a container it belongs to another user."""
    for place in (folder, *folder.parents):
        if place == workspace or place.is_relative_to(workspace):
            _set(environ, "safe.directory", str(place))


def lend(repository: Repository, token: str, environ: MutableMapping[str, str]) -> None:
    """Lets the one `git fetch` that a shallow clone may need authenticate, where the checkout left no credentials."""
    server = environ.get("GITHUB_SERVER_URL", "").rstrip("/")
    status, out, _ = repository.call("config", "--get", "remote.origin.url")
    address = out.decode("utf-8", "surrogateescape").strip()
    if not token or not server or status or not address.startswith(f"{server}/"):
        return
    if not repository.call("config", "--get-urlmatch", "http.extraheader", address)[0]:
        return  # the checkout's own; two of them, and the server refuses both
    word = base64.b64encode(f"x-access-token:{token}".encode()).decode("ascii")
    _set(environ, f"http.{server}/.extraheader", f"AUTHORIZATION: basic {word}")


def _set(environ: MutableMapping[str, str], key: str, value: str) -> None:
    count = int(environ.get("GIT_CONFIG_COUNT") or 0)
    environ[f"GIT_CONFIG_KEY_{count}"], environ[f"GIT_CONFIG_VALUE_{count}"] = key, value
    environ["GIT_CONFIG_COUNT"] = str(count + 1)
