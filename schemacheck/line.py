"""The published states of a source by the paths that changed in them: a walk costs what it meets, not what there is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from schemacheck.formats import format_of
from schemacheck.layout import Layout
from schemacheck.model import Source, Subject, Tree


class Line:
    """The states, newest first. Raises NotChecked, when it is made, where history is cut off."""

    def __init__(self, source: Source, layout: Layout) -> None:
        self.states: Sequence[tuple[Tree, frozenset[str]]] = source.history()
        self._layout = layout

    @cached_property
    def _places(self) -> Mapping[str, Sequence[int]]:
        """Path to the states in which it changed, ascending."""
        found: dict[str, list[int]] = {}
        for place, (_, changed) in enumerate(self.states):
            for path in changed:
                found.setdefault(path, []).append(place)
        return found

    @cached_property
    def subjects(self) -> Mapping[Subject, Collection[str]]:
        """Every version that ever changed, with the paths it had."""
        found: dict[Subject, set[str]] = {}
        for path in filter(format_of, self._places):
            found.setdefault(self._layout.place(path).subject, set()).add(path)
        return found

    @cached_property
    def events(self) -> Mapping[str, Sequence[str]]:
        """Every event that ever changed, with the paths it had, sorted."""
        found: dict[str, set[str]] = {}
        for subject, paths in self.subjects.items():
            found.setdefault(subject.event, set()).update(paths)
        return {event: sorted(paths) for event, paths in found.items()}

    def changed(self, paths: Collection[str], after: int = -1) -> int | None:
        """The first state behind a place in which one of the paths changed; None if there is none."""
        known = ((places, bisect_right(places, after)) for path in paths if (places := self._places.get(path)))
        return min((places[index] for places, index in known if index < len(places)), default=None)
