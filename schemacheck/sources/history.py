"""Published states of the past: for each path the commits that changed it, so that no state is ever copied."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from schemacheck.model import Problem
from schemacheck.sources import listing
from schemacheck.sources.git import Repository
from schemacheck.sources.select import Select


class Timeline:
    """The commits of a first-parent line that touched schemas, newest first, and what they did to each path.

    `steps` hold path to git's words on the change, one for each commit; `paths` hold path to the places of its changes
    in the line (0 is the newest). Most paths of a long history are never asked for, so nothing more is made of them.
    """

    def __init__(self) -> None:
        self.commits: list[str] = []
        self.steps: list[dict[str, str]] = []
        self.paths: dict[str, list[int]] = {}

    @classmethod
    def of(cls, repository: Repository, commit: str, select: Select) -> Timeline:
        """What git tells about the line that ends with a commit."""
        what = ("--first-parent", "-m", "--raw", "-z", "--no-renames", "--no-abbrev", "--format=%x01%H")
        output = repository.run("log", *what, commit, "--", *select.pathspecs)
        timeline = cls()
        tokens = output.decode("utf-8", "surrogateescape").split("\0")
        at = 0
        while at < len(tokens):
            head = tokens[at].lstrip("\n")
            at += 1
            if not head.startswith("\x01"):
                continue
            start = at
            # A path follows each `:modes ids status`, and may hold anything but NUL.
            while at < len(tokens) and tokens[at].lstrip("\n").startswith(":"):
                at += 2
            timeline._add(head[1:], tokens[start + 1 : at : 2], tokens[start:at:2], select)
        return timeline

    def _add(self, commit: str, paths: Sequence[str], changes: Sequence[str], select: Select) -> None:
        suffixes = select.suffixes
        known = {p: c for p, c in zip(paths, changes, strict=True) if p.endswith(suffixes) or select.known(p)}
        for path in known:
            self.paths.setdefault(path, []).append(len(self.commits))
        self.commits.append(commit)
        self.steps.append(known)

    def entry(self, path: str, place: int) -> tuple[str, str] | None:
        """Mode and id of a path after the commit at a place of the line; None if it was not there."""
        places = self.paths.get(path, ())
        index = bisect_left(places, place)
        if index == len(places):
            return None
        _, mode, _, oid, _ = self.steps[places[index]][path].split(" ")
        return None if mode == listing.ABSENT else (mode, oid)

    def changed(self, paths: Collection[str], place: int) -> int | None:
        """The first place, from one on down, at which one of the paths changed."""
        known = (self.paths[path] for path in paths if path in self.paths)
        found = ((places, bisect_left(places, place)) for places in known)
        return min((places[index] for places, index in found if index < len(places)), default=None)

    def place(self, position: Mapping[str, int], commit: str) -> int:
        """Where the state of a commit of the line is found: at the first that touched schemas from there on down."""
        return bisect_left([position[known] for known in self.commits], position[commit])


class _Files(Mapping[str, str]):
    """Path to content id of the plain files at one place of a timeline."""

    def __init__(self, timeline: Timeline, place: int) -> None:
        self._timeline = timeline
        self._place = place

    def __getitem__(self, path: str) -> str:
        entry = self._timeline.entry(path, self._place)
        if entry is None or entry[0] in (listing.SYMLINK, listing.SUBMODULE):
            raise KeyError(path)
        return entry[1]

    def __iter__(self) -> Iterator[str]:
        return (path for path in self._timeline.paths if path in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Judged(Mapping[str, str]):
    """Of some files those that a run judges; nothing is copied, since most trees of the past are asked for a few."""

    def __init__(self, files: Mapping[str, str], select: Select) -> None:
        self._files = files
        self._select = select

    def __getitem__(self, path: str) -> str:
        if not self._select.judged(path):
            raise KeyError(path)
        return self._files[path]

    def __iter__(self) -> Iterator[str]:
        return filter(self._select.judged, self._files)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class PastTree:
    """The files after one commit of a timeline."""

    untracked: Collection[str] = frozenset()

    def __init__(self, repository: Repository, select: Select, revision: str, timeline: Timeline, place: int) -> None:
        self.name = revision[:7]
        self.revision = revision
        self._repository = repository
        self._select = select
        self._timeline = timeline
        self._place = place
        self.all_files: Mapping[str, str] = _Files(timeline, place)

    @cached_property
    def files(self) -> Mapping[str, str]:
        return _Judged(self.all_files, self._select)

    @cached_property
    def problems(self) -> Mapping[str, Problem]:
        entries = {path: self._timeline.entry(path, self._place) for path in self._timeline.paths}
        links = [path for path, entry in entries.items() if entry and entry[0] == listing.SYMLINK]
        return {path: listing.symlink(path, "another file") for path in links if self._select.judged(path)}

    def read(self, path: str) -> bytes:
        return self._repository.content(self.all_files[path])
