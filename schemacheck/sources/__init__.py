"""The two sides of a comparison: `worktree`, `index`, `git:REV`, `git:merge-base:REV`, `dir:PATH`, `empty`, `auto`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from schemacheck.config import Policy
from schemacheck.errors import NotChecked, UsageError
from schemacheck.model import Baseline, Source, Tree
from schemacheck.sources import ci
from schemacheck.sources.git import Repository
from schemacheck.sources.gittree import CommitTree, GitSource, IndexTree, WorkTree
from schemacheck.sources.ladder import Current, Ladder, Rung
from schemacheck.sources.published import Settings
from schemacheck.sources.select import Select
from schemacheck.sources.shallow import Clone
from schemacheck.sources.tree import MemoryTree, TreeSource

__all__ = ["GitSource", "Repository", "Select", "Settings", "Sides"]

if TYPE_CHECKING:
    from schemacheck.sources.explain import Explanation

KINDS = "auto, git:REVISION, git:merge-base:REVISION, dir:PATH, registry:URL or empty"


class Sides:
    """Opens sides in one repository, with one selection of files. Asks git for nothing before it must."""

    def __init__(
        self,
        repository: Repository,
        select: Select,
        settings: Settings,
        environ: Mapping[str, str],
        policy: Policy | None = None,
        everything: bool = False,
    ) -> None:
        self.policy = policy or Policy()
        self.everything = everything
        self.repository = repository
        self.select = select
        self.settings = settings
        self.environ = environ
        self.said = ci.said(environ)
        self.clone = Clone(repository, self.said.advice if self.said else ci.ADVICE, settings.fetch)
        self._commits: dict[str, CommitTree] = {}
        self._index: IndexTree | None = None
        self._ladders: dict[int, tuple[Ladder, Rung]] = {}

    # the side that is judged

    def current(self, spec: str) -> Source:
        """The side that is judged. Raises UsageError for what is no source, NotChecked for what cannot be read."""
        kind, _, rest = spec.partition(":")
        if spec == "worktree":
            pushed = self.environ.get("PRE_COMMIT_TO_REF")
            if pushed and self.environ.get("PRE_COMMIT_REMOTE_NAME"):  # a pre-push hook: what is pushed is judged
                return self._given(pushed)
            return self._standing("worktree", "working tree", WorkTree)
        if spec == "index":
            return self._standing("index", "index", IndexTree)
        if kind == "git" and rest:
            return self._given(rest)
        if kind == "dir" and rest:
            return self._directory(rest)
        raise UsageError(f'"{spec}" is no side to judge', "use worktree, index, git:REVISION or dir:PATH")

    def _standing(self, source: str, name: str, kind: type[IndexTree]) -> Source:
        about = Baseline(source, f"{name}{self._branch_name}", revision=self._head)
        self._index = kind(self.repository, self.select, name, None)
        return TreeSource(about, self._index)

    @property
    def _branch_name(self) -> str:
        head = self.repository.refs.head
        return f" of {head.removeprefix('refs/heads/')}" if head else ""

    @cached_property
    def _head(self) -> str | None:
        return self.repository.commit("HEAD")

    def _given(self, name: str) -> Source:
        commit = self._resolve(name)
        about = Baseline("git", name, revision=commit, date=self.repository.about(commit).date)
        return TreeSource(about, self._tree(commit, name))

    # the side that is published

    def baselines(self, specs: Sequence[str], current: Source, against: str | None = None) -> list[Source]:
        """The published sides. Without a spec: SCHEMACHECK_AGAINST, then the configured `against`, then auto."""
        wanted = specs or [self.environ.get("SCHEMACHECK_AGAINST") or against or "auto"]
        return [self.baseline(spec, current, alone=len(wanted) == 1) for spec in wanted]

    def baseline(self, spec: str, current: Source, alone: bool = True) -> Source:
        """The side that is published. Raises UsageError for what is no source, NotChecked for what cannot be read."""
        kind, _, rest = spec.partition(":")
        if spec == "auto":
            return self.clone.retried(lambda: self._auto(current))
        if spec == "empty":
            return _empty(Baseline("empty", "the empty tree", rung="explicit"))
        if kind == "git" and rest.startswith("merge-base:"):
            return self.clone.retried(lambda: self._merge_base(rest.removeprefix("merge-base:"), current))
        if kind == "git" and rest:
            return self._at(Rung("explicit", self._resolve(rest), rest, rest))
        if kind == "dir" and rest:
            return self._directory(rest)
        if kind == "registry":
            return self._registry(rest, current, alone)
        raise UsageError(f'"{spec}" is no baseline', f"use {KINDS}")

    def _registry(self, url: str, current: Source, alone: bool) -> Source:
        from schemacheck.sources.registry import open_registry

        how = {"alone": alone, "everything": self.everything}
        return open_registry(url, current.tree, self.policy, self.environ, **how)

    def _auto(self, current: Source) -> Source:
        ladder = Ladder(self.repository, self.clone, self.settings, self.said, self._position(current))
        rung = ladder.climb()
        source = self._at(rung)
        self._ladders[id(source)] = ladder, rung
        return source

    def _merge_base(self, name: str, current: Source) -> Source:
        target = self._resolve(name)
        ladder = Ladder(self.repository, self.clone, self.settings, self.said, self._position(current))
        return self._at(ladder.merge_base_with(target, name))

    def _position(self, current: Source) -> Current:
        source = current.about.source
        if source == "git":
            return Current(current.about.revision, current.about.name, lambda: True)
        if source == "dir":
            return Current(self._head, "HEAD", lambda: False)
        return Current(self._head, "HEAD", lambda: self._as_committed(current.tree), self.repository.merging)

    def _as_committed(self, tree: Tree) -> bool:
        """Whether a tree holds the same schemas as HEAD, and as little that cannot be read."""
        if self._head is None:
            return False
        head = self._tree(self._head, "HEAD")
        return head.all_files == tree.all_files and head.problems == tree.problems

    def _at(self, rung: Rung) -> Source:
        notes = (*self.clone.notes, *rung.notes)
        if rung.commit is None:
            return _empty(Baseline("empty", rung.name, rung=rung.rung, target=rung.target, notes=notes))
        about = Baseline(
            "git",
            rung.name,
            revision=rung.commit,
            date=self.repository.about(rung.commit).date,
            rung=rung.rung,
            target=rung.target,
            complete=self.clone.seen(rung.commit) is None,
            notes=notes,
        )
        tree = self._tree(rung.commit, rung.commit[:7])
        return GitSource(self.repository, self.select, self.clone, about, tree, self.settings.tags)

    # both

    def explain(self, current: Source, baseline: Source) -> Explanation:
        """Why a baseline that was opened here is the baseline."""
        from schemacheck.sources.explain import explanation

        ladder, rung = self._ladders.get(id(baseline), (None, None))
        newer = 0
        if rung is not None and rung.line is not None and rung.commit is not None:
            newer = self.repository.count(rung.commit, rung.line)
        standing = self._tree(self._head, "HEAD") if self._head else None
        return explanation(self.repository, current, standing, baseline, ladder.tried if ladder else (), newer)

    def _tree(self, commit: str, name: str) -> CommitTree:
        if commit not in self._commits:
            index = self._index.ordinary if self._index else None
            self._commits[commit] = CommitTree(self.repository, self.select, name, commit, index)
        return self._commits[commit]

    def _directory(self, path: str) -> Source:
        if not Path(path).is_dir():
            raise NotChecked(f'the directory "{path}" does not exist', f"use {KINDS}")
        from schemacheck.sources.directory import DirectoryTree

        return TreeSource(Baseline("dir", f"directory {path}", rung="explicit"), DirectoryTree(Path(path), self.select))

    def _resolve(self, name: str) -> str:
        commit = self.repository.commit(name)
        if commit is None:
            hint = "git fetch, or correct the name; git branch --all and git tag list what is here"
            raise NotChecked(f'the revision "{name}" is unknown here', hint)
        return commit


def _empty(about: Baseline) -> Source:
    return TreeSource(about, MemoryTree("the empty tree", {}))
