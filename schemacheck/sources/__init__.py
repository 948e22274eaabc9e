"""The two sides of a comparison: `worktree`, `index`, `git:REV`, `git:merge-base:REV`, `dir:PATH`, `empty`, `auto`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from schemacheck.errors import NotChecked, UsageError
from schemacheck.model import Baseline, Source, Tree
from schemacheck.sources import ci
from schemacheck.sources.directory import DirectoryTree
from schemacheck.sources.git import Repository
from schemacheck.sources.gittree import CommitTree, GitSource, IndexTree, WorkTree
from schemacheck.sources.ladder import Ladder, Rung, Settings
from schemacheck.sources.select import Select
from schemacheck.sources.tree import MemoryTree, TreeSource

KINDS = "auto, git:REVISION, git:merge-base:REVISION, dir:PATH or empty"


class Sides:
    """Opens sides in one repository, with one selection of files."""

    def __init__(self, repository: Repository, select: Select, settings: Settings, environ: Mapping[str, str]) -> None:
        self.repository = repository
        self.select = select
        self.settings = settings
        self.said = ci.said(environ)
        self.head = repository.commit("HEAD")
        self.ladder: Ladder | None = None

    def current(self, spec: str) -> Source:
        """The side that is judged. Raises UsageError for what is no source, NotChecked for what cannot be read."""
        name = self.repository.root.name
        if spec == "worktree":
            about = Baseline("worktree", f"working tree of {name}", revision=self.head)
            return self._git(about, WorkTree(self.repository, self.select, "working tree", None))
        if spec == "index":
            about = Baseline("index", f"index of {name}", revision=self.head)
            return self._git(about, IndexTree(self.repository, self.select, "index", None))
        kind, _, rest = spec.partition(":")
        if kind == "git" and rest:
            return self._revision(rest, "given")
        if kind == "dir" and rest:
            return self._directory(rest)
        raise UsageError(f'"{spec}" is no side to judge', "use worktree, index, git:REVISION or dir:PATH")

    def baseline(self, spec: str, current: Source) -> Source:
        """The side that is published. Raises UsageError for what is no source, NotChecked for what cannot be read."""
        if spec == "auto":
            return self._auto(current)
        kind, _, rest = spec.partition(":")
        if spec == "empty":
            empty = MemoryTree("the empty tree", {})
            return TreeSource(Baseline("empty", "the empty tree", rung="explicit"), empty)
        if kind == "git" and rest.startswith("merge-base:"):
            return self._merge_base(rest.removeprefix("merge-base:"))
        if kind == "git" and rest:
            return self._revision(rest, "explicit")
        if kind == "dir" and rest:
            return self._directory(rest)
        raise UsageError(f'"{spec}" is no baseline', f"use {KINDS}")

    def _git(self, about: Baseline, tree: Tree) -> Source:
        return GitSource(self.repository, self.select, about, tree, self.settings.tags)

    def _directory(self, path: str) -> Source:
        if not Path(path).is_dir():
            raise NotChecked(f'the directory "{path}" does not exist', f"use {KINDS}")
        return TreeSource(Baseline("dir", f"directory {path}", rung="explicit"), DirectoryTree(Path(path), self.select))

    def _resolve(self, name: str) -> str:
        commit = self.repository.commit(name)
        if commit is None:
            hint = "git fetch, or correct the name; git log --oneline lists commits"
            raise NotChecked(f'the revision "{name}" is unknown here', hint)
        return commit

    def _revision(self, name: str, rung: str) -> Source:
        return self._at(Rung(rung, self._resolve(name), name, name))

    def _merge_base(self, name: str) -> Source:
        ladder = Ladder(self.repository, self.settings, None, dirty=True, head=self.head)
        return self._at(replace(ladder.joined(self._resolve(name), name), rung="explicit"))

    def _auto(self, current: Source) -> Source:
        judged = current.about.revision
        self.ladder = Ladder(
            self.repository,
            self.settings,
            self.said,
            dirty=self._dirty(current),
            head=judged,
            current_is_head=current.about.source in ("worktree", "index"),
        )
        return self._at(self.ladder.climb())

    def _dirty(self, current: Source) -> bool:
        """Whether the current side differs from HEAD where schemas stand."""
        if self.head is None or current.about.source not in ("worktree", "index"):
            return False
        return CommitTree(self.repository, self.select, "HEAD", self.head).all_files != current.tree.all_files

    def _at(self, rung: Rung) -> Source:
        if rung.commit is None:
            about = Baseline("empty", rung.name, rung=rung.rung, target=rung.target, notes=rung.notes)
            return TreeSource(about, MemoryTree("the empty tree", {}))
        about = Baseline(
            "git",
            rung.name,
            revision=rung.commit,
            date=self.repository.date(rung.commit),
            rung=rung.rung,
            target=rung.target,
            complete=not self.repository.shallow,
            notes=rung.notes,
        )
        return self._git(about, CommitTree(self.repository, self.select, rung.commit[:7], rung.commit))
