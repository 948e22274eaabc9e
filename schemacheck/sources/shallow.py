"""Clones that lack something: how far their history can be trusted, and the one command that brings the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from schemacheck.errors import NotChecked
from schemacheck.sources.git import Repository, Unfetched, in_hook

Found = TypeVar("Found")


class Clone:
    """What a clone holds. `advice` is how the CI system is told to fetch more, `fetch` whether we may do it here."""

    def __init__(self, repository: Repository, advice: str = "", fetch: bool = False) -> None:
        self._repository = repository
        self._advice = advice
        self._fetch = fetch and not in_hook()
        self.notes: list[str] = []  # commands that were run

    @property
    def shallow(self) -> bool:
        return bool(self._repository.shallow)

    def seen(self, commit: str) -> int | None:
        """How many commits of a first-parent line are here, if its beginning is cut off; None if it is complete."""
        if not self.shallow:
            return None
        line = self._repository.line(commit)
        return len(line) if line[-1] in self._repository.shallow else None

    def retried(self, attempt: Callable[[], Found]) -> Found:
        """What an attempt gives; if only a fetch is missing, and allowed, fetches and tries once more."""
        try:
            return attempt()
        except Unfetched as error:
            if not self._fetch:
                raise
            self._repository.fetch(error.command)
            self.notes.append(f"ran {' '.join(error.command)}")
            return attempt()

    # refusals

    def too_short(self, why: str, *, ref: str | None = None, tags: bool = False) -> NotChecked:
        """Older commits are missing, and perhaps a remote branch with them."""
        remote = self._remote(ref)
        if remote is None:
            return NotChecked(f"this clone is shallow, {why}", "clone it in full", reason="shallow")
        more = [*(["--tags"] if tags else []), remote, *([_refspec(ref)] if ref else [])]
        return Unfetched(
            f"this clone is shallow, {why}", ["git", "fetch", "--unshallow", *more], self._more, reason="shallow"
        )

    def no_branch(self, ref: str) -> NotChecked:
        """A remote branch, by its full remote-tracking name, was never fetched."""
        name = ref.removeprefix("refs/remotes/")
        remote = self._remote(ref)
        if remote is None:
            return NotChecked(f"the branch {name} is not here", "name a baseline: --against git:REVISION")
        if self.shallow:
            return self.too_short(f"and the branch {name} is not in it", ref=ref)
        return Unfetched(
            f"the branch {name} is not here",
            ["git", "fetch", remote, _refspec(ref)],
            "; if nothing was published yet, push it first",
        )

    def no_commit(self, commit: str, what: str) -> NotChecked:
        """A commit that is known by its id only."""
        remote = self._remote(None)
        message = f"{what}, {commit[:12]}, is not in this clone"
        if remote is None:
            return NotChecked(message, "clone it in full")
        depth = ["--depth=1"] if self.shallow else []  # in a complete clone it would cut off the history
        reason = "shallow" if self.shallow else "baseline"
        return Unfetched(message, ["git", "fetch", *depth, remote, commit], self._more, reason=reason)

    @property
    def _more(self) -> str:
        return f"; {self._advice}" if self._advice else ""

    def _remote(self, ref: str | None) -> str | None:
        remotes = self._repository.remotes
        if ref is not None:
            return next((name for name in remotes if ref.startswith(f"refs/remotes/{name}/")), None)
        return "origin" if "origin" in remotes else next(iter(remotes), None)


def _refspec(ref: str) -> str:
    branch = ref.split("/", 3)[3]
    return f"+refs/heads/{branch}:{ref}"
