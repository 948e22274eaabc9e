"""What a bug report needs to hold, on one page. No credential and no path of the machine is in it."""

from __future__ import annotations

import dataclasses
import platform
import re
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from schemacheck import __version__, config, hooks
from schemacheck.config import Policy
from schemacheck.errors import SchemacheckError
from schemacheck.model import Mode
from schemacheck.render.escape import clean
from schemacheck.session import Session
from schemacheck.sources import Repository

DISTRIBUTION = "schemacheck-gate"
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_USER = re.compile(r"://[^/@\s]*@")
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s\"']+", re.IGNORECASE)
_PATH = re.compile(r"(?<![\w.~/-])(?:[A-Za-z]:[\\/]|/)[^\s\"',;:]+")
# what is set by other options, or says where the rest was read
_NO_KEYS = {"file", "mode_given", "fail_on_given", "today", "registry", "mode_override", "waivers"}


def lines(folder: Path, open_: Callable[[], Session], environ: Mapping[str, str]) -> Iterator[str]:
    """The page, line by line; what cannot be found out is said with its reason."""
    with Repository(folder) as repository:
        hide = _Hidden({folder, Path.home(), *_roots(repository)})
        for label, told in _facts(repository, open_, environ):
            try:
                for number, line in enumerate(told()):
                    yield f"{'' if number else label:14}{hide(line)}"
            except SchemacheckError as error:
                yield f"{label:14}not known: {hide(error.message)}"


def _roots(repository: Repository) -> list[Path]:
    """The folder of a repository, under both of its names; nothing where there is none."""
    try:
        return [repository.root, repository.root.resolve()]
    except SchemacheckError:
        return []


class _Hidden:
    """Takes out of a line what belongs to one machine or is nobody's business: its paths, who logs in, and where."""

    def __init__(self, folders: Collection[Path]) -> None:
        self._folders = sorted({str(folder) for folder in folders}, key=len, reverse=True)

    def __call__(self, line: str) -> str:
        for folder in self._folders:
            if len(folder) > 1:
                line = line.replace(folder, Path(folder).name if folder != str(Path.home()) else "~")
        line = _ADDRESS.sub("(an address)", _USER.sub("://", line))
        return clean(_PATH.sub("(a path)", line))


Facts = Iterator[tuple[str, Callable[[], Iterator[str]]]]


def _facts(repository: Repository, open_: Callable[[], Session], environ: Mapping[str, str]) -> Facts:
    yield "schemacheck", lambda: iter([__version__])
    yield "python", _python
    yield "git", _git
    yield "packages", _packages
    yield "environment", lambda: _environment(environ)
    yield "repository", lambda: _repository(repository)
    yield "hooks", lambda: (f"{name}: {state}" for name, state in hooks.installed(repository))
    yield "configuration", lambda: _configuration(open_)
    yield "comparison", lambda: _comparison(open_)


def _python() -> Iterator[str]:
    yield f"{platform.python_version()} {platform.python_implementation()} on {platform.system()} {platform.machine()}"


def _git() -> Iterator[str]:
    try:
        done = subprocess.run(["git", "--version"], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        yield "not known: it could not be run"
    else:
        yield done.stdout.strip().removeprefix("git version ")


def _packages() -> Iterator[str]:
    """What the package asks for, as it is installed."""
    try:
        asked = [text for text in requires(DISTRIBUTION) or () if "extra ==" not in text]
    except PackageNotFoundError:
        yield "not known: schemacheck is not installed as a package"
        return
    for text in sorted(asked):
        match = _NAME.match(text)
        assert match
        try:
            yield f"{match[0]} {version(match[0])}"
        except PackageNotFoundError:
            yield f"{match[0]} is missing"


def _environment(environ: Mapping[str, str]) -> Iterator[str]:
    """The names of the variables that decide something; never what is in them."""
    names = sorted(
        name for name in environ if name.startswith(("SCHEMACHECK_", "GIT_")) or name in ("CI", "PRE_COMMIT")
    )
    yield ", ".join(names) if names else "no variable that decides anything"


def _repository(repository: Repository) -> Iterator[str]:
    head = repository.commit("HEAD")
    yield f"{repository.root.name}, {'shallow' if repository.shallow else 'complete'}"
    yield f"HEAD {head[:7] if head else 'has no commit'}"
    remotes = len(repository.remotes)
    yield f"{remotes} remote{'s' * (remotes != 1)}"


# configuration and comparison


def _configuration(open_: Callable[[], Session]) -> Iterator[str]:
    with open_() as session:
        policy = session.policy
        yield policy.file or "no file: every value is the default"
        default = config.parse("", config.FILE) if policy.file else Policy()
        for field in dataclasses.fields(Policy):
            if field.name not in _NO_KEYS:
                now, usual = getattr(policy, field.name), getattr(default, field.name)
                if now != usual:
                    yield f"{field.name} = {_shown(now)}"
        if policy.registry != default.registry:
            yield "registry is set"


def _shown(value: Any) -> str:
    """A value of the configuration in a line."""
    if isinstance(value, Mode):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        said = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
        return "{" + ", ".join(f"{name} = {_shown(one)}" for name, one in said if one) + "}"
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return "{" + ", ".join(f"{name} = {_shown(one)}" for name, one in value._asdict().items() if one) + "}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_shown(one)}" for key, one in value.items()) + "}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else getattr(value, "word", str(value))


def _comparison(open_: Callable[[], Session]) -> Iterator[str]:
    with open_() as session:
        yield from session.explanation()
