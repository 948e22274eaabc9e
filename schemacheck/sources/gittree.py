"""Trees of a git repository: a commit, the index, the working tree, and the states of a history."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from schemacheck.errors import NotChecked
from schemacheck.model import Baseline, Problem, Tree
from schemacheck.sources.git import Repository
from schemacheck.sources.select import Select
from schemacheck.sources.tree import content_id

_ODD_MODES = {
    "120000": Problem("", "it is a symbolic link", "put the file itself there, or exclude it", reason="unsupported"),
    "160000": Problem("", "it is a submodule", "run schemacheck inside it, or exclude it", reason="unsupported"),
}
_EMPTY_BLOBS = (
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
)


class _Blobs:
    """Files known by blob id. `_blobs` holds every known file, `problems` what is none."""

    untracked: Collection[str] = frozenset()

    def __init__(self, repository: Repository, select: Select, name: str, revision: str | None) -> None:
        self._repository = repository
        self._select = select
        self.name = name
        self.revision = revision

    @cached_property
    def _listed(self) -> tuple[dict[str, str], dict[str, Problem]]:
        raise NotImplementedError

    @property
    def all_files(self) -> Mapping[str, str]:
        return self._listed[0]

    @cached_property
    def files(self) -> Mapping[str, str]:
        return {path: oid for path, oid in self.all_files.items() if self._select.judged(path)}

    @cached_property
    def problems(self) -> Mapping[str, Problem]:
        return {path: problem for path, problem in self._listed[1].items() if self._select.judged(path)}

    def read(self, path: str) -> bytes:
        return self._repository.content(self.all_files[path])


def _sort(entries: Sequence[tuple[str, str, str]], select: Select) -> tuple[dict[str, str], dict[str, Problem]]:
    """Entries of mode, id and path as files and as problems."""
    files: dict[str, str] = {}
    problems: dict[str, Problem] = {}
    for mode, oid, path in entries:
        if not select.known(path):
            continue
        if mode in _ODD_MODES:
            odd = _ODD_MODES[mode]
            problems[path] = Problem(path, odd.message, odd.hint, reason=odd.reason)
        elif not path.isprintable() or any("\ud800" <= c <= "\udfff" for c in path):
            problems[path] = Problem(
                path, "its name is not printable UTF-8 text", "rename the file", reason="unsupported"
            )
        else:
            files[path] = oid
    return files, problems


class CommitTree(_Blobs):
    """The files of a commit."""

    @cached_property
    def _listed(self) -> tuple[dict[str, str], dict[str, Problem]]:
        assert self.revision is not None
        return _sort(list(self._repository.tree(self.revision)), self._select)


class IndexTree(_Blobs):
    """The files that the next commit will hold."""

    @cached_property
    def _listed(self) -> tuple[dict[str, str], dict[str, Problem]]:
        entries = [
            (tag, mode, oid, stage, path)
            for tag, mode, oid, stage, path in self._repository.index(self._select.pathspecs)
        ]
        self._skipped = {path for tag, _, _, _, path in entries if tag == "S"}
        intended = self._intended([path for _, _, oid, _, path in entries if oid in _EMPTY_BLOBS])
        files, problems = _sort(
            [(m, o, p) for _, m, o, stage, p in entries if not stage and p not in intended], self._select
        )
        for _, _, _, stage, path in entries:
            if stage:
                problems[path] = Problem(path, "it has an unresolved merge conflict", "resolve it, then git add it")
        return files, problems

    def _intended(self, empty: Sequence[str]) -> set[str]:
        """Of these, the files that `git add --intent-to-add` only announced: they are in no commit yet."""
        if not empty:
            return set()
        out = self._repository.run("diff", "--name-only", "--diff-filter=A", "--no-renames", "-z", "--", *empty)
        return set(out.decode("utf-8", "surrogateescape").split("\0"))


class WorkTree(IndexTree):
    """The files on the disk: tracked ones, and those that git does not know and does not ignore."""

    @cached_property
    def _listed(self) -> tuple[dict[str, str], dict[str, Problem]]:
        files, problems = super()._listed
        tags = dict[str, str]()
        for tag, path in self._repository.differing(self._select.pathspecs):
            if path not in self._skipped and self._select.known(path):
                tags[path] = max(tag, tags.get(path, tag), key="?CR".index)  # removed beats changed
        changed = []
        for path, tag in tags.items():
            problem = self._irregular(path) if tag != "R" else None
            if tag == "R":
                files.pop(path, None)
                if self._irregular(path):
                    problems[path] = Problem(path, "it is a folder", "a schema must be a file", reason="unsupported")
            elif problem is not None:
                files.pop(path, None)
                problems[path] = problem
            else:
                changed.append(path)
        for folder in self._repository.folders([f"*{suffix}/" for suffix in self._select.suffixes]):
            path = folder.rstrip("/")
            problems[path] = Problem(path, "it is a folder", "a schema must be a file", reason="unsupported")
        tracked = [path for path in changed if tags[path] != "?"]
        for path, oid in zip(tracked, self._repository.hashes(tracked) if tracked else (), strict=True):
            files[path] = oid
        self._fresh = set(changed)
        self.untracked = frozenset(path for path in changed if tags[path] == "?" and self._select.judged(path))
        fine, odd = _sort([("100644", "", path) for path in changed], self._select)
        for path in fine:
            if tags[path] == "?":
                files[path] = content_id(self._read_disk(path))
        for path in odd:
            files.pop(path, None)
        return files, problems | odd

    def _irregular(self, path: str) -> Problem | None:
        """Why a path on the disk is no plain file of this tree."""
        target = self._repository.root / os.fsencode(path).decode("utf-8", "surrogateescape")
        for folder in target.relative_to(self._repository.root).parents:
            if folder != Path() and (self._repository.root / folder).is_symlink():
                return Problem(
                    path, "it stands below a symbolic link", "put the files themselves there", reason="unsupported"
                )
        try:
            mode = target.lstat().st_mode
        except OSError:
            return None
        if stat.S_ISLNK(mode):
            odd = _ODD_MODES["120000"]
            return Problem(path, odd.message, odd.hint, reason=odd.reason)
        if not stat.S_ISREG(mode):
            word = "a folder" if stat.S_ISDIR(mode) else "no plain file"
            return Problem(path, f"it is {word}", "a schema must be a file", reason="unsupported")
        return None

    def _read_disk(self, path: str) -> bytes:
        try:
            handle = os.open(self._repository.root / path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(handle, "rb") as file:
                return file.read()
        except OSError as error:
            words = (error.strerror or "unreadable").lower()
            raise NotChecked(f"it cannot be read: {words}", "check its permissions", reason="unreadable") from None

    def read(self, path: str) -> bytes:
        oid = self.all_files[path]
        return self._read_disk(path) if path in self._fresh else self._repository.content(oid)


class PastTree(_Blobs):
    """An older state: a newer one with some changes taken back."""

    def __init__(
        self, repository: Repository, select: Select, revision: str, newer: Tree, undone: Mapping[str, str | None]
    ) -> None:
        super().__init__(repository, select, revision[:7], revision)
        self._newer = newer
        self._undone = undone

    @cached_property
    def _listed(self) -> tuple[dict[str, str], dict[str, Problem]]:
        chain: list[Mapping[str, str | None]] = []
        tree: Tree = self
        while isinstance(tree, PastTree) and "_listed" not in tree.__dict__:
            chain.append(tree._undone)
            tree = tree._newer
        files = dict(tree.all_files)
        for undone in reversed(chain):
            for path, oid in undone.items():
                if oid is None:
                    files.pop(path, None)
                elif self._select.known(path):
                    files[path] = oid
        return files, {}


class GitSource:
    """A side of the comparison that git holds."""

    def __init__(
        self, repository: Repository, select: Select, about: Baseline, tree: Tree, tags: Sequence[str] = ()
    ) -> None:
        self.about = about
        self.tree = tree
        self._repository = repository
        self._select = select
        self._tags = tags  # patterns: with them only tagged commits were ever published

    @cached_property
    def _history(self) -> list[tuple[Tree, frozenset[str]]]:
        commit = self.tree.revision
        if commit is None:
            return [(self.tree, frozenset())]
        self._refuse_a_cut(commit)
        if self._tags:
            return self._tagged(commit)
        states: list[tuple[Tree, frozenset[str]]] = []
        tree = self.tree
        for _, parent, before in self._repository.log(commit, self._select.pathspecs):
            states.append((tree, frozenset(before)))
            if parent is None:
                return states
            tree = PastTree(self._repository, self._select, parent, tree, before)
        return [*states, (tree, frozenset())]

    def history(self) -> Sequence[tuple[Tree, frozenset[str]]]:
        """Published states, newest first, each with the paths that differ from the next older."""
        return self._history

    def _refuse_a_cut(self, commit: str) -> None:
        """Raises NotChecked if the first-parent line of a shallow clone ends before the first commit."""
        shallow = self._repository.shallow
        if not shallow:
            return
        if not self._tags and commit not in shallow:
            roots = (
                self._repository.run("rev-list", "--first-parent", "--max-parents=0", commit).decode("ascii").split()
            )
            if shallow.isdisjoint(roots):
                return
        raise cut_off(self._repository, "published states before that cannot be seen", tags=bool(self._tags))

    def _tagged(self, commit: str) -> list[tuple[Tree, frozenset[str]]]:
        line = self._repository.run("rev-list", "--first-parent", commit).decode("ascii").split()
        tagged = set(self._repository.refs(*(f"refs/tags/{pattern}" for pattern in self._tags)).values())
        trees: list[Tree] = [self.tree]
        trees += [
            CommitTree(self._repository, self._select, identifier[:7], identifier)
            for identifier in line
            if identifier in tagged and identifier != commit
        ]
        return [
            (
                tree,
                frozenset(
                    p for p in {*tree.all_files, *older.all_files} if tree.all_files.get(p) != older.all_files.get(p)
                ),
            )
            for tree, older in zip(trees, [*trees[1:], trees[-1]], strict=True)
        ]


def cut_off(repository: Repository, what: str, tags: bool = False) -> NotChecked:
    """The refusal of a shallow clone, with the command that mends it."""
    remote = repository.line("remote") or "origin"
    remote = "origin" if "origin" in remote.split() else remote.split()[0]
    command = f"git fetch --unshallow {'--tags ' if tags else ''}{remote}"
    return NotChecked(
        f"this clone is shallow, {what}",
        f"run {command}; in GitHub Actions give actions/checkout fetch-depth: 0",
        reason="shallow",
    )
