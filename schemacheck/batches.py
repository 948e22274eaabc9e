"""A large run in batches: each is parsed, compared and forgotten, so that memory does not grow with the repository.

What one file says can depend on files that were parsed with it: a type that moved is found in its new file. Files of
which that may hold share a batch; the format tells which they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from schemacheck import formats
from schemacheck.model import Tree
from schemacheck.pairing import Facing
from schemacheck.workers import at_once

LARGE = 400  # files that must be looked at; below that one process is as quick
LEAST, MOST = 200, 500  # files in a batch, unless more must stay together


def batches(facings: Sequence[Facing], numbers: Sequence[int], tree: Tree) -> list[list[int]]:
    """The numbers of facings in groups of about a size, none of which depends on what is parsed for another."""
    size = max(LEAST, min(MOST, len(numbers) // (2 * at_once())))
    found: list[list[int]] = []
    groups = [sorted(group, key=lambda n: facings[n].path) for group in _tied(numbers, _names(facings, numbers, tree))]
    for group in sorted(groups, key=lambda group: facings[group[0]].path):  # neighbours rest on the same files
        if found and len(found[-1]) + len(group) <= size:
            found[-1] += group
        else:
            found.append(group)
    return [sorted(batch) for batch in found]


def _names(facings: Sequence[Facing], numbers: Sequence[int], tree: Tree) -> list[set[str]]:
    """For each number the names that its files, on all sides, have in common with others."""
    versions: dict[str, list[tuple[int, list[tuple[Tree, str]]]]] = {}
    for place, number in enumerate(numbers):
        facing = facings[number]
        files = [(tree, facing.now.path)] if facing.now else []
        files += [(state.tree, state.placed.path) for state in facing.latest]
        for name in dict.fromkeys(formats.format_of(path) or "" for _, path in files):
            mine = [(side, path) for side, path in files if formats.format_of(path) == name]
            versions.setdefault(name, []).append((place, mine))
    found: list[set[str]] = [set() for _ in numbers]
    for name, known in versions.items():
        ties = getattr(formats.load(name), "ties", None)
        if ties is not None:
            told: Sequence[Collection[str]] = ties([mine for _, mine in known])
            for (place, _), names in zip(known, told, strict=True):
                found[place].update(f"{name} {each}" for each in names)
    return found


def _tied(numbers: Sequence[int], names: Sequence[Collection[str]]) -> Iterator[list[int]]:
    """The numbers in groups that share no name; a group stands where its first number does."""
    leaders = list(range(len(numbers)))

    def leader(place: int) -> int:
        while leaders[place] != place:
            leaders[place] = place = leaders[leaders[place]]
        return place

    holders: dict[str, int] = {}
    for place, mine in enumerate(names):
        for name in mine:
            one, other = sorted((leader(holders.setdefault(name, place)), leader(place)))
            leaders[other] = one
    groups: dict[int, list[int]] = {}
    for place, number in enumerate(numbers):
        groups.setdefault(leader(place), []).append(number)
    yield from groups.values()
