"""Which branches are published: what a consumer may have seen."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from schemacheck.errors import NotChecked
from schemacheck.sources.git import Repository

USUAL = ("main", "master", "trunk", "develop")
LOCAL = "refs/heads/"
NO_REMOTE = "none"


class Settings(NamedTuple):
    """The `[baseline]` table. `published` holds branch patterns, `tags:PATTERN` among them if only tags count."""

    published: tuple[str, ...] = ()
    remote: str | None = None
    fetch: bool = False  # --fetch

    @property
    def tags(self) -> tuple[str, ...]:
        """Tag patterns, if only tagged commits count as published."""
        return tuple(p.removeprefix("tags:") for p in self.published if p.startswith("tags:"))

    @property
    def branches(self) -> tuple[str, ...]:
        return tuple(p for p in self.published if not p.startswith("tags:"))


class Published:
    """The published branches of a repository: the default branch and what the configuration names.

    Remote-tracking branches, by their full names: a local branch may be out of date, and a tag of the same name would
    win over a short one. Only a repository without any remote publishes its local branches.
    """

    def __init__(self, repository: Repository, settings: Settings, default: str | None) -> None:
        self._repository = repository
        self._settings = settings
        self._default_name = default  # as the CI calls it
        self.notes: list[str] = []

    @cached_property
    def prefixes(self) -> Sequence[str]:
        """Where published branches stand, the nearest remote first."""
        return [f"refs/remotes/{remote}/" for remote in self._remotes] or [LOCAL]

    @property
    def local(self) -> bool:
        """Whether local branches are the published ones."""
        return self.prefixes == [LOCAL]

    @cached_property
    def _remotes(self) -> Sequence[str]:
        wanted = self._settings.remote
        if wanted == NO_REMOTE:
            return []
        if wanted is not None:
            if wanted not in self._repository.remotes:
                names = ", ".join(self._repository.remotes) or "none"
                raise NotChecked(f'there is no remote "{wanted}"', f"[baseline] remote must name one; known: {names}")
            return [wanted]
        usual = ("origin", "upstream")
        fetched = [name for name in usual if any(r.startswith(f"refs/remotes/{name}/") for r in self._branches)]
        if fetched:
            return fetched
        known = self._repository.remotes
        named = [name for name in usual if name in known] or list(known)
        if len(named) > 1 and "origin" not in named:
            raise NotChecked(
                f"which remote is the published one is not clear: {' or '.join(named)}",
                f'say it in schemacheck.toml: [baseline] remote = "{named[0]}"',
            )
        return named

    @property
    def _branches(self) -> dict[str, str]:
        return dict(self._repository.refs.branches)

    @cached_property
    def branches(self) -> dict[str, str]:
        """Full name to commit; the default branch first. Raises NotChecked if none is known, or which is not clear."""
        found = {}
        for prefix in self.prefixes:
            default = self._default(prefix)
            if default is not None and default in self._branches:
                found[default] = self._branches[default]
            found |= {
                name: commit
                for name, commit in sorted(self._branches.items())
                if name.startswith(prefix) and self._named(name.removeprefix(prefix))
            }
        return found

    def holds(self, branch: str) -> bool:
        """Whether a branch, by its short name, is a published one."""
        if self._named(branch):
            return True
        if self._default_name is not None:
            return branch == self._default_name
        defaults = [(prefix, self._default(prefix)) for prefix in self.prefixes]
        if any(default for _, default in defaults):
            return any(default == prefix + branch for prefix, default in defaults)
        return branch in USUAL

    def expected(self) -> str | None:
        """The full name of the default branch, though it may not be here."""
        prefix = self.prefixes[0]
        return self._default(prefix) or (None if prefix == LOCAL else f"{prefix}{self._default_name or 'main'}")

    def _named(self, branch: str) -> bool:
        return any(fnmatch.fnmatchcase(branch, pattern) for pattern in self._settings.branches)

    def _default(self, prefix: str) -> str | None:
        """The full name of a remote's default branch, or of the repository's own."""
        if prefix == LOCAL:
            return self._local_default
        if self._default_name and prefix == self.prefixes[0]:
            return prefix + self._default_name
        pointed = self._repository.refs.pointers.get(f"{prefix}HEAD")
        if pointed in self._branches:
            return pointed
        usual = [prefix + name for name in USUAL if prefix + name in self._branches]
        if len(usual) > 1:
            if self._settings.branches:
                return None  # those that are named must do
            names = " or ".join(name.removeprefix("refs/remotes/") for name in usual)
            raise NotChecked(
                f"which branch is published is not clear: {names}",
                'say it in schemacheck.toml: [baseline] published = ["main"]',
            )
        return usual[0] if usual else None

    @cached_property
    def _local_default(self) -> str | None:
        """The default branch of a repository that has no remote to ask."""
        mine = [name for name in self._branches if name.startswith(LOCAL)]
        usual = [
            LOCAL + name for name in ((self._default_name,) if self._default_name else USUAL) if LOCAL + name in mine
        ]
        if len(usual) > 1:
            self.notes.append(f"there are {' and '.join(name.removeprefix(LOCAL) for name in usual)}; took the first")
        if usual:
            return usual[0]
        return mine[0] if len(mine) == 1 else self._repository.refs.head
