"""`schemacheck init --hook`: plain git hooks, for those who do not use pre-commit."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from schemacheck import files
from schemacheck.errors import NotChecked, UsageError
from schemacheck.sources import Repository

# hook → template, and what to call from a hook that is not ours
HOOKS = {
    "pre-commit": ("hook.sh", "schemacheck check --staged"),
    "pre-merge-commit": ("hook.sh", "schemacheck check --staged"),  # git merge does not run pre-commit
    "pre-push": ("pre-push.sh", "schemacheck check --current git:COMMIT"),
}
_OURS = b"\n# schemacheck: "


@dataclass(frozen=True, slots=True)
class Folder:
    """Where git looks for hooks. `shared`: it is part of the working tree, and so serves other machines."""

    path: Path
    shared: bool


def folder(repository: Repository) -> Folder:
    """The folder of this clone's hooks; raises UsageError if it is that of all repositories of the user."""
    status, out, _ = repository.call("config", "--show-scope", "--get", "core.hooksPath")
    scope, _, configured = out.decode("utf-8", "surrogateescape").strip().partition("\t")
    if not status and scope in ("global", "system"):
        raise UsageError(
            f'core.hooksPath is "{configured}" for all repositories ({scope} git configuration)',
            "call schemacheck check --staged from the hook there, or set core.hooksPath for this repository",
        )
    root = repository.root.resolve()
    path = root / _path(repository, "--git-path", "hooks")
    common = (root / _path(repository, "--git-common-dir")).resolve()
    resolved = path.resolve()
    return Folder(path, resolved.is_relative_to(root) and not resolved.is_relative_to(common))


def _path(repository: Repository, *what: str) -> str:
    return repository.run("rev-parse", *what).decode("utf-8", "surrogateescape").rstrip("\n")


def script(name: str, python: str) -> bytes:
    """The text of a hook. `python` is the interpreter that has schemacheck; empty: what the PATH finds."""
    text = (resources.files("schemacheck") / "templates" / HOOKS[name][0]).read_text(encoding="utf-8")
    return text.replace("@PYTHON@", shlex.quote(python)).encode("utf-8", "surrogateescape")


def install(repository: Repository, dry_run: bool) -> Iterator[str]:
    """Writes the hooks and tells line by line; raises NotChecked at the end if one was there that is not ours."""
    where = folder(repository)
    foreign = []
    for name, (_, call) in HOOKS.items():
        target = where.path / name
        shown = target.relative_to(repository.root) if target.is_relative_to(repository.root) else target
        content = script(name, "" if where.shared else sys.executable)
        before = _content(target)
        if before is not None and _OURS not in before:
            foreign.append(name)
            yield f"kept      {shown}, it is not ours; call from it: {call}"
            continue
        right = before == content and os.access(target, os.X_OK)  # git passes over what it may not run
        if not right and not dry_run:
            _write(target, content)
        if right:
            yield f"kept      {shown}, it is as it should be"
        else:
            yield f"{'would write' if dry_run else 'wrote'}     {shown}"
    if foreign:
        raise NotChecked(f"{', '.join(foreign)} was kept and does not run schemacheck yet", "call it from there")


def installed(repository: Repository) -> Iterator[tuple[str, str]]:
    """Each hook and whose it is, in words. Raises UsageError if all repositories of the user share theirs."""
    try:
        where = folder(repository)
    except UsageError:
        raise UsageError("core.hooksPath is set for all repositories", "look there") from None
    for name in HOOKS:
        content = _content(where.path / name)
        if content is None:
            yield name, "none"
        elif _OURS in content:
            yield name, "ours" if os.access(where.path / name, os.X_OK) else "ours, and git may not run it"
        else:
            calls = "calls schemacheck" if b"schemacheck" in content else "does not name schemacheck"
            yield name, "of pre-commit" if b"pre-commit.com" in content else f"not ours, and {calls}"


def _content(target: Path) -> bytes | None:
    """What a hook holds; None if there is none. A link, or what cannot be read, is never ours."""
    if target.is_symlink():
        return b""
    try:
        return target.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        return b""


def _write(target: Path, content: bytes) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        files.write(target, content, executable=True)
    except OSError as error:
        words = (error.strerror or "unwritable").lower()
        raise NotChecked(f"{target} could not be written: {words}", "check its folder") from None
