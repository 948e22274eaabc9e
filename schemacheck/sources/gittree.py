"""Trees that git holds: a commit, the index, the working tree."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from schemacheck.formats import is_schema
from schemacheck.model import Baseline, Problem, Tree
from schemacheck.sources import disk, listing
from schemacheck.sources.git import Repository
from schemacheck.sources.history import PastTree, Timeline
from schemacheck.sources.listing import Listing
from schemacheck.sources.select import Select
from schemacheck.sources.shallow import Clone

_EMPTY_BLOBS = {
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
}
# Git skips what is the same; to list a commit of a thousand folders takes ten times as long.
_DIFFERENCE = ("diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev")


class _GitTree:
    """Files known by blob id."""

    untracked: Collection[str] = frozenset()

    def __init__(self, repository: Repository, select: Select, name: str, revision: str | None) -> None:
        self._repository = repository
        self._select = select
        self.name = name
        self.revision = revision

    @cached_property
    def _listing(self) -> Listing:
        raise NotImplementedError

    @cached_property
    def all_files(self) -> Mapping[str, str]:
        return self._listing.files

    @cached_property
    def files(self) -> Mapping[str, str]:
        return self._listing.schemas

    @cached_property
    def problems(self) -> Mapping[str, Problem]:
        return self._listing.judged(self._target)

    def _target(self, _path: str, oid: str) -> str:
        """Where a symbolic link points: its blob says it, also where the disk holds no links."""
        return self._repository.content(oid)[:200].decode("utf-8", "backslashreplace")

    def read(self, path: str) -> bytes:
        return self._repository.content(self.all_files[path])


class CommitTree(_GitTree):
    """The files of a commit. Beside an `index` that is known, only what differs from that is asked for."""

    def __init__(
        self, repository: Repository, select: Select, name: str, revision: str, index: Listing | None = None
    ) -> None:
        super().__init__(repository, select, name, revision)
        self._index = index

    @cached_property
    def _listing(self) -> Listing:
        assert self.revision is not None
        if self._index is not None and not self._index.problems:
            found = listing.of_difference(self._repository.run(*_DIFFERENCE, self.revision), self._index)
            if not found.problems:
                return found
        return listing.of_commit(
            self._repository.run("ls-tree", "-r", "-z", "--full-tree", self.revision), self._select
        )

    def mentioning(self, words: Collection[str], ending: str) -> Collection[str] | None:
        """The paths of files with an ending that hold one of some words; None if it takes reading them all."""
        assert self.revision is not None
        return self._repository.mentioning(words, ending, self.revision)


class IndexTree(_GitTree):
    """The files that the next commit will hold."""

    @cached_property
    def _listing(self) -> Listing:
        if not self._intended:
            return self.indexed
        found = self.indexed.copy()
        for path in self._intended:
            found.drop(path)
        return found

    @cached_property
    def indexed(self) -> Listing:
        """What is in the index."""
        return self._read_index("ls-files", "-t", "-s", "-z")

    @property
    def ordinary(self) -> Listing | None:
        """What is in the index, if that is files as in a commit: no conflicts, nothing that was only announced."""
        return None if self.indexed.problems or self._intended else self.indexed

    def _read_index(self, *command: str) -> Listing:
        return listing.of_index(self._repository.run(*command), self._select, self._differing)

    def mentioning(self, words: Collection[str], ending: str) -> Collection[str] | None:
        """The paths of files with an ending that hold one of some words; None if it takes reading them all."""
        return self._repository.mentioning(words, ending, "--cached")

    def _differing(self, tag: str, path: bytes) -> None:
        """Takes notice of a file that is not on the disk as it is in the index: R removed, C changed."""

    @cached_property
    def _intended(self) -> set[str]:
        """Files that `git add --intent-to-add` only announced: they are in no commit yet."""
        if _EMPTY_BLOBS.isdisjoint(self.indexed.files.values()):
            return set()
        empty = [path for path, oid in self.indexed.files.items() if oid in _EMPTY_BLOBS]
        names = ["-z", "--name-only", "--diff-filter=A", "--no-renames"]
        out = self._repository.run("diff-files", *names, "--", *(f":(literal){path}" for path in empty))
        return set(out.decode("utf-8", "surrogateescape").split("\0")) & set(empty)


class WorkTree(IndexTree):
    """The files on the disk: tracked ones, and those that git does not know and does not ignore.

    A file that sparse checkout leaves out is the one in the index.
    """

    def __init__(self, repository: Repository, select: Select, name: str, revision: str | None) -> None:
        super().__init__(repository, select, name, revision)
        self._removed: set[bytes] = set()
        self._changed: set[bytes] = set()
        self._fresh: set[str] = set()  # read from the disk
        self._new: set[str] = set()  # of these, those that git does not know
        # Takes longest, so it begins now. Lists folders as a whole, those too that hold nothing.
        self._strangers = repository.begin("ls-files", "-o", "--directory", "--exclude-standard", "-z")

    @cached_property
    def indexed(self) -> Listing:
        return self._read_index("ls-files", "-t", "-s", "-z", "-c", "-m", "-d")

    def _differing(self, tag: str, path: bytes) -> None:
        (self._removed if tag == "R" else self._changed).add(path)

    @cached_property
    def _listing(self) -> Listing:
        indexed = self.indexed
        new = [path for path in self._strangers.output().split(b"\0") if path]
        if not new and not self._removed and not self._changed:
            return indexed
        found = indexed.copy()
        self._refuse_folders(found, new)
        if any(path.endswith(b"/") for path in new):
            new = self._repository.run("ls-files", "-o", "--exclude-standard", "-z").split(b"\0")
        self._refuse_behind_links(found, new)
        self._lay_over(found, new)
        return found

    def _lay_over(self, found: Listing, new: Sequence[bytes]) -> None:
        """Puts what stands on the disk over what is in the index."""
        for path in self._removed:
            found.drop(listing.readable(path))
        endings = tuple([ending.encode() for ending in self._select.endings])
        for path in [*(self._changed - self._removed), *(path for path in new if path.endswith(endings))]:
            name = found.named(path)
            if name is None or name in found.problems or not self._select.known(name):
                continue
            if name in found.odd and os.name == "nt":
                continue  # a link that this disk shows as a text file
            problem = disk.irregular(self._repository.root, name)
            if problem is not None:
                found.refuse(problem)
                continue
            if path not in self._changed:
                self._new.add(name)
            found.drop(name)
            self._fresh.add(name)
        fresh = sorted(self._fresh)
        found.files.update(zip(fresh, self._hashes(fresh), strict=True))

    def _refuse_folders(self, found: Listing, new: Sequence[bytes]) -> None:
        """Refuses folders that git does not know and that are named like a schema, though they may hold nothing."""
        for path in map(listing.readable, new):
            if path.endswith("/") and is_schema(path.rstrip("/")):
                found.refuse(listing.folder(path.rstrip("/")))

    def _refuse_behind_links(self, found: Listing, new: Sequence[bytes]) -> None:
        """Refuses tracked files whose folder has become a link: the link shows as a new file with the folder's name."""
        paths = sorted(found.files)
        for name in map(listing.readable, new):
            below = slice(bisect_left(paths, f"{name}/"), bisect_left(paths, f"{name}0"))  # "0" comes after "/"
            for path in paths[below]:
                found.refuse(listing.below_link(path))

    def _hashes(self, paths: Sequence[str]) -> list[str]:
        """The ids that git would give to files on the disk, after its filters; nothing is written."""
        if not paths:
            return []
        text = "\n".join(map(_quoted, paths)).encode("utf-8", "surrogateescape") + b"\n"
        return self._repository.run("hash-object", "--stdin-paths", stdin=text).decode("ascii").split()

    def mentioning(self, words: Collection[str], ending: str) -> Collection[str] | None:
        """The same; all that are not as in the index count as such."""
        found = super().mentioning(words, ending)
        files = self.all_files
        return None if found is None else {*found, *(path for path in files if path in self._fresh)}

    @cached_property
    def untracked(self) -> Collection[str]:  # type: ignore[override]
        """Files that stand on the disk only."""
        files = self.files
        return frozenset(path for path in self._new if path in files)

    def read(self, path: str) -> bytes:
        oid = self.all_files[path]
        return disk.read(self._repository.root, path) if path in self._fresh else self._repository.content(oid)


def _quoted(path: str) -> str:
    """A path as `--stdin-paths` reads it: in C quotes if a line could not hold it."""
    if path.isprintable() and not path.startswith('"'):
        return path
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(f"\\{ord(c):03o}" if ord(c) < 32 or ord(c) == 127 else c for c in escaped) + '"'


class GitSource:
    """A commit, with the published states that led to it.

    With `tags`, patterns of tag names, only tagged commits were ever published; else every commit of its first-parent
    line.
    """

    registry = None

    def __init__(
        self, repository: Repository, select: Select, clone: Clone, about: Baseline, tree: Tree, tags: Sequence[str]
    ) -> None:
        self.about = about
        self.tree = tree
        self._repository = repository
        self._select = select
        self._clone = clone
        self._tags = tags
        self._timelines: dict[str, Timeline] = {}

    def history(self) -> Sequence[tuple[Tree, frozenset[str]]]:
        """Published states, newest first, each with the paths that differ from the next older."""
        return self._history

    @cached_property
    def _history(self) -> list[tuple[Tree, frozenset[str]]]:
        commit = self.tree.revision
        assert commit is not None
        self._clone.retried(lambda: self._refuse_a_cut(commit))
        timeline = self._timeline(commit)
        if self._tags:
            return self._tagged(commit, timeline)
        return [
            (self._past(timeline.commits[place], timeline, place) if place else self.tree, frozenset(step))
            for place, step in enumerate(timeline.steps)
        ] or [(self.tree, frozenset())]

    def changed(self, revision: str, paths: Collection[str]) -> str:
        """The commit that last changed one of some schemas, from the revision of a state down its first-parent line."""
        commit = self.tree.revision
        assert commit is not None
        timeline, place = self._timeline(commit), self._position.get(revision)
        if place is None:  # a release of a branch that was merged
            timeline, place = self._timeline(revision), 0
        at = timeline.changed(paths, place)
        return revision if at is None else timeline.commits[at]

    @cached_property
    def _position(self) -> Mapping[str, int]:
        """Commit to its place of the timeline, of the commits that a state of this line is called by."""
        commit = self.tree.revision
        assert commit is not None
        timeline = self._timeline(commit)
        found = {known: place for place, known in enumerate(timeline.commits)}
        if self._tags:
            line = self._repository.line(commit)
            position = {known: index for index, known in enumerate(line)}
            states = (tree.revision for tree, _ in self.history())
            found |= {known: timeline.place(position, known) for known in states if known in position}
        return {**found, commit: 0}

    def _timeline(self, commit: str) -> Timeline:
        if commit not in self._timelines:
            self._timelines[commit] = Timeline.of(self._repository, commit, self._select)
        return self._timelines[commit]

    def _refuse_a_cut(self, commit: str) -> None:
        """Raises NotChecked if the first-parent line ends before the first commit, or tags may lie beyond its end."""
        seen = self._clone.seen(commit)
        if seen is not None or (self._tags and self._clone.shallow):
            here = "some commits" if seen is None else f"{seen} commit{'s' * (seen != 1)}"
            why = f"with {here} of the published line, and a transitive mode needs every published state"
            raise self._clone.too_short(why, tags=bool(self._tags))

    def _past(self, commit: str, timeline: Timeline, place: int) -> Tree:
        return PastTree(self._repository, self._select, commit, timeline, place)

    def _tagged(self, commit: str, timeline: Timeline) -> list[tuple[Tree, frozenset[str]]]:
        """The baseline, the tags of its line, then those of branches that were merged into it."""
        released = set(self._repository.tags(self._tags, commit).values()) - {commit}
        line = self._repository.line(commit)
        position = {known: index for index, known in enumerate(line)}
        trees: list[Tree] = [self.tree]
        trees += [self._past(known, timeline, timeline.place(position, known)) for known in line if known in released]
        trees += [
            CommitTree(self._repository, self._select, known[:7], known)
            for known in self._repository.newest_first(released - position.keys())
        ]
        older = [*(tree.all_files for tree in trees[1:]), {}]
        return [(tree, differing(tree.all_files, files)) for tree, files in zip(trees, older, strict=True)]


def differing(new: Mapping[str, str], old: Mapping[str, str]) -> frozenset[str]:
    """The paths whose content is not the same."""
    return frozenset(path for path in {*new, *old} if new.get(path) != old.get(path))
