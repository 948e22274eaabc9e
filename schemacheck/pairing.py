"""Which file of the current side faces which published files, and which published states there ever were."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from typing import NamedTuple

from schemacheck.formats import ALL_SUFFIXES, endings, format_of
from schemacheck.layout import Layout, Placed
from schemacheck.model import Source, Subject, Tree
from schemacheck.schemas import Schemas


class State(NamedTuple):
    """One published state of one event version."""

    tree: Tree
    placed: Placed

    @property
    def against(self) -> str | None:
        return self.tree.revision or self.tree.name


class Facing(NamedTuple):
    """One file of an event version, on the sides that have it. `twins` are the other files that claim the version."""

    subject: Subject
    now: Placed | None
    latest: tuple[State, ...]
    twins: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        return self.now.path if self.now else self.latest[0].placed.path


class Pairing:
    """Pairs by subject, never by git's guesses at renames. Several files of one subject face their own kind each."""

    def __init__(self, tree: Tree, baselines: Sequence[Source], layout: Layout, schemas: Schemas) -> None:
        self.tree = tree
        self.baselines = baselines
        self.layout = layout
        self.schemas = schemas
        self.now = self._placed(tree)
        self.then = [self._then(baseline.tree) for baseline in baselines]

    def _placed(self, tree: Tree) -> Mapping[Subject, list[Placed]]:
        found: dict[Subject, list[Placed]] = {}
        suffixes = endings()  # of most paths the ending says it all, and there may be very many
        for path in sorted(tree.files):
            if path.endswith(suffixes) and (path.endswith(ALL_SUFFIXES) or format_of(path)):
                placed = self.layout.place(path)
                found.setdefault(placed.subject, []).append(placed)
        return found

    def _then(self, tree: Tree) -> Mapping[Subject, list[Placed]]:
        """The same of a published tree: what stands at the same paths is not placed twice."""
        return self.now if tree.files.keys() == self.tree.files.keys() else self._placed(tree)

    @cached_property
    def subjects(self) -> Collection[Subject]:
        """Every version of either side."""
        if all(then is self.now for then in self.then):
            return self.now.keys()
        return self.now.keys() | self.published

    @cached_property
    def events(self) -> set[str]:
        """Every event of either side."""
        return {subject.event for subject in self.subjects}

    @cached_property
    def published(self) -> set[Subject]:
        """The versions that a baseline holds: they are frozen."""
        return {subject for then in self.then for subject in then}

    def published_states(self, subject: Subject) -> Iterator[State]:
        """The published files of a version."""
        for baseline, then in zip(self.baselines, self.then, strict=True):
            yield from (State(baseline.tree, placed) for placed in then.get(subject, ()))

    @cached_property
    def added(self) -> set[Subject]:
        """The versions that no baseline holds."""
        return self.now.keys() - self.published

    @cached_property
    def differing(self) -> set[str]:
        """Paths whose content is not the same on both sides."""
        found: set[str] = set()
        for baseline in self.baselines:
            old, new = baseline.tree.all_files, self.tree.all_files
            if old == new:  # as in most runs, and told much faster
                continue
            found |= {path for path in {*old, *new} if old.get(path) != new.get(path)}
        return found

    @cached_property
    def touched(self) -> set[str]:
        """Paths on either side that differ between the sides, or rest on a file that does."""
        differing = self.differing
        if not differing:
            return set()
        trees = [self.tree, *(baseline.tree for baseline in self.baselines)]
        return differing.union(*(self.schemas.dependents(tree, differing) for tree in trees))

    @cached_property
    def differing_subjects(self) -> set[Subject]:
        """The versions of which a file differs between the sides, or rests on one that does, or is on one side only."""
        sides = [self.tree.files, *(baseline.tree.files for baseline in self.baselines)]
        paths = {path for path in self.touched if any(path in files for files in sides)}
        paths = paths.union(*(self.tree.files.keys() ^ files.keys() for files in sides[1:]))
        return {self.layout.place(path).subject for path in paths if format_of(path)}

    def facings(self, subjects: Collection[Subject] | None = None) -> Iterator[Facing]:
        """Every file of some versions, of all unless told, with what it faces; sorted by subject."""
        for subject in sorted(self.subjects if subjects is None else subjects):
            here = self.now.get(subject, [])
            there = [list(then.get(subject, [])) for then in self.then]
            if len(here) == 1 and all(rest == here for rest in there):  # one file, where it always was
                yield Facing(subject, here[0], self._states([here[0]] * len(there)))
                continue
            pairs = [
                (placed, tuple(self._take(placed, here, rest) for rest in there)) for placed in _own_first(here, there)
            ]
            for placed, faced in pairs:
                twins = tuple(other.path for other in here if other != placed)
                yield Facing(subject, placed, self._states(faced), twins)
            for gone in {placed.path: placed for rest in there for placed in rest}.values():
                faced = tuple(gone if gone in rest else None for rest in there)
                yield Facing(subject, None, self._states(faced))

    def _take(self, placed: Placed, here: Sequence[Placed], rest: list[Placed]) -> Placed | None:
        """The published file that a current one faces: of its path, of its format, or what no other one faces."""
        fitting = [other for other in rest if other.path == placed.path]
        fitting = fitting or [other for other in rest if format_of(other.path) == format_of(placed.path)]
        if not fitting and len(here) == 1:
            fitting = list(rest)
        if not fitting:
            return None
        rest.remove(fitting[0])
        return fitting[0]

    def _states(self, faced: Sequence[Placed | None]) -> tuple[State, ...]:
        sides = zip(self.baselines, faced, strict=True)
        return tuple([State(_newest(baseline, placed), placed) for baseline, placed in sides if placed is not None])

    def first_of_its_kind(self, placed: Placed, twins: Sequence[str]) -> bool:
        """Whether no other new file claims the version before this one."""
        fresh = [path for path in twins if not any(path in baseline.tree.files for baseline in self.baselines)]
        return all(placed.path < path for path in fresh)

    @cached_property
    def ever(self) -> Set[Subject]:
        """Every version that a baseline ever held. Raises NotChecked where history is cut off."""
        return self.published | self._gone.keys()

    @cached_property
    def _gone(self) -> Mapping[Subject, list[str]]:
        """What stood where nothing is published any more."""
        paths: set[str] = set()
        for baseline in self.baselines:
            paths = paths.union(*(changed for _, changed in baseline.history()))
        paths = paths.difference(*(baseline.tree.files for baseline in self.baselines))
        found: dict[Subject, list[str]] = {}
        for path in filter(format_of, paths):
            found.setdefault(self.layout.place(path).subject, []).append(path)
        return found

    def _paths_ever(self, placed: Placed) -> list[str]:
        """Where a version was ever published in a file's format: at its own path, and at others."""
        stood = (state.placed.path for state in self.published_states(placed.subject))
        paths = {*stood, *self._gone.get(placed.subject, ())}
        known = [path for path in paths if format_of(path) == format_of(placed.path)]
        return sorted(known, key=lambda path: (path != placed.path, path))

    def ever_of(self, event: str) -> Set[Subject]:
        """The versions of one event among these."""
        return self._ever_by_event.get(event, frozenset())

    def added_of(self, event: str) -> Set[Subject]:
        """The versions of one event that no baseline holds."""
        return self._added_by_event.get(event, frozenset())

    @cached_property
    def _ever_by_event(self) -> Mapping[str, Set[Subject]]:
        return _by_event(self.ever)

    @cached_property
    def _added_by_event(self) -> Mapping[str, Set[Subject]]:
        return _by_event(self.added)

    def _registered(self, lineage: Sequence[Tree], placed: Placed, seen: set[frozenset[str]]) -> Iterator[State]:
        """The states of one file in a registry that no other baseline has shown."""
        for tree in lineage:
            path = next(iter(tree.files))
            state = frozenset(self.schemas.closure(tree, path).values())
            if state not in seen and format_of(path) == format_of(placed.path):
                seen.add(state)
                yield State(tree, self.layout.place(path))

    def history(self, placed: Placed) -> Iterator[State]:
        """The distinct published states of a version in a file's format, newest first.

        A state is the text together with all it rests on. Raises NotChecked where history is cut off.
        """
        known = self._paths_ever(placed)
        seen: set[frozenset[str]] = set()
        for baseline in self.baselines:
            if baseline.registry is not None:
                yield from self._registered(baseline.registry.lineage(placed.path), placed, seen)
                continue
            watched: set[str] | None = None
            differing: set[str] = set()
            for tree, changed in baseline.history():
                if watched is None or not differing.isdisjoint(watched):
                    path = next((path for path in known if path in tree.files), None)
                    closure = self.schemas.closure(tree, path) if path else {}
                    watched = {*known, *closure}
                    state = frozenset(oid for _, oid in closure.items())
                    if path and state not in seen:
                        seen.add(state)
                        yield State(tree, self.layout.place(path))
                    differing = set()
                differing |= changed


def _by_event(subjects: Iterable[Subject]) -> dict[str, set[Subject]]:
    """Subjects by event: a change may add thousands, and each is asked about its own event."""
    found: dict[str, set[Subject]] = {}
    for subject in subjects:
        found.setdefault(subject.event, set()).add(subject)
    return found


def _newest(baseline: Source, placed: Placed) -> Tree:
    """The newest state of a file: a registry keeps one for each."""
    lineage = baseline.registry.lineage(placed.path) if baseline.registry is not None else ()
    return lineage[0] if lineage else baseline.tree


def _own_first(here: Sequence[Placed], there: Sequence[Sequence[Placed]]) -> list[Placed]:
    """Files that stand at a published path choose first."""
    published = {placed.path for places in there for placed in places}
    return sorted(here, key=lambda placed: (placed.path not in published, placed.path))
