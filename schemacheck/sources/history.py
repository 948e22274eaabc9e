"""Published states of the past: for each path the commits that changed it, so that no state is ever copied."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from schemacheck.model import Problem
from schemacheck.sources import listing
from schemacheck.sources.git import Repository
from schemacheck.sources.select import Select


class Changes:
    """What happened to one path: at which commits of the line (0 is the newest), and what it was after each."""

    __slots__ = ("after", "places")

    def __init__(self) -> None:
        self.places: list[int] = []
        self.after: list[tuple[str, str] | None] = []  # mode and id

    def at(self, place: int) -> tuple[str, str] | None:
        """Mode and id after the commit at a place of the line."""
        index = bisect_left(self.places, place)
        return self.after[index] if index < len(self.places) else None


class Timeline:
    """The commits of a first-parent line that touched schemas, newest first, and what they did to each path."""

    def __init__(self) -> None:
        self.commits: list[str] = []
        self.touched: list[set[str]] = []
        self.paths: dict[str, Changes] = {}

    @classmethod
    def of(cls, repository: Repository, commit: str, select: Select) -> Timeline:
        """What git tells about the line that ends with a commit."""
        what = ("--first-parent", "-m", "--raw", "-z", "--no-renames", "--no-abbrev", "--format=%x01%H")
        output = repository.run("log", *what, commit, "--", *select.pathspecs)
        timeline = cls()
        # A path follows each `:modes ids status`, and may hold anything but NUL.
        tokens = iter(output.decode("utf-8", "surrogateescape").split("\0"))
        for token in tokens:
            head = token.lstrip("\n")
            if head.startswith("\x01"):
                timeline.commits.append(head[1:])
                timeline.touched.append(set())
            elif head.startswith(":"):
                _, mode, _, oid, _ = head.split(" ")
                path = next(tokens)
                if select.known(path):
                    timeline._add(path, mode, oid)
        return timeline

    def _add(self, path: str, mode: str, oid: str) -> None:
        changes = self.paths.setdefault(path, Changes())
        changes.places.append(len(self.commits) - 1)
        changes.after.append(None if mode == listing.ABSENT else (mode, oid))
        self.touched[-1].add(path)

    def place(self, position: Mapping[str, int], commit: str) -> int:
        """Where the state of a commit of the line is found: at the first that touched schemas from there on down."""
        return bisect_left([position[known] for known in self.commits], position[commit])


class _Files(Mapping[str, str]):
    """Path to content id of the plain files at one place of a timeline."""

    def __init__(self, paths: Mapping[str, Changes], place: int) -> None:
        self._paths = paths
        self._place = place

    def __getitem__(self, path: str) -> str:
        entry = self._paths[path].at(self._place)
        if entry is None or entry[0] in (listing.SYMLINK, listing.SUBMODULE):
            raise KeyError(path)
        return entry[1]

    def __iter__(self) -> Iterator[str]:
        return (path for path in self._paths if path in self)

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
        self.all_files: Mapping[str, str] = _Files(timeline.paths, place)

    @cached_property
    def files(self) -> Mapping[str, str]:
        return self._select.filtered(self.all_files)

    @cached_property
    def problems(self) -> Mapping[str, Problem]:
        links = {
            path: entry
            for path, changes in self._timeline.paths.items()
            if (entry := changes.at(self._place)) and entry[0] == listing.SYMLINK and self._select.judged(path)
        }
        return {path: listing.symlink(path, "another file") for path in links}

    def read(self, path: str) -> bytes:
        return self._repository.content(self.all_files[path])
