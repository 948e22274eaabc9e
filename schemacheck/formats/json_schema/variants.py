"""Which branches of two choices belong together: by the tag that tells them apart, by meaning, by name, by type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any

from schemacheck.formats.json_schema.ask import Ask
from schemacheck.formats.json_schema.places import spelt
from schemacheck.formats.json_schema.shape import Choice, Expr
from schemacheck.formats.json_schema.values import frozen

Paired = tuple[list[tuple[Expr, Expr]], list[Expr], list[Expr]]  # pairs, those that are gone, those that came


def constants(ask: Ask, expr: Expr) -> dict[str, Any]:
    """Required properties that can have one value only, and the value."""
    shape = ask.pool.shape(expr)
    found = {}
    for name in sorted(shape.required):
        enum = ask.pool.shape(ask.prover.member(shape, name)).enum
        if enum is not None and len(enum) == 1:
            (found[name],) = enum.values()
    return found


class Side:
    """The branches of one side, each within what stands around them."""

    def __init__(self, ask: Ask, around: Expr, choice: Choice) -> None:
        self.ask = ask
        self.around = around
        self.choice = choice
        self.branches = choice.branches
        self._tags = {branch: constants(ask, self.full(branch)) for branch in choice.branches}

    def full(self, branch: Expr) -> Expr:
        """A branch with what stands around it."""
        return self.around | branch

    def tags(self) -> list[str]:
        """The properties that tell all branches apart."""
        names = sorted(set.intersection(*(set(tags) for tags in self._tags.values())))
        return [name for name in names if len({frozen(self.value(b, name)) for b in self.branches}) == len(self._tags)]

    def value(self, branch: Expr, tag: str) -> Any:
        """The value of a tag."""
        return self._tags[branch][tag]

    def marks(self, branch: Expr) -> set[Hashable]:
        """The tags that no other branch has."""
        every = Counter((name, frozen(value)) for tags in self._tags.values() for name, value in tags.items())
        return {mark for name, value in self._tags[branch].items() if every[mark := (name, frozen(value))] == 1}

    def name(self, branch: Expr) -> str:
        """What a branch is called: by its tag, its reference, its type; by its position if by nothing else."""
        tag = next(iter(self.tags() or self._tags[branch]), None)
        if tag is not None:
            value = self.value(branch, tag)
            return f"{tag}={value if isinstance(value, str) else spelt(value)}"
        for called in (self.reference, self.kind):
            name = called(branch)
            if name is not None and [name] == [found for other in self.branches if (found := called(other)) == name]:
                return name
        return str(self.branches.index(branch))

    def reference(self, branch: Expr) -> str | None:
        """The last part of a branch's reference."""
        for atom in branch:
            target = self.ask.pool.locs[atom].get("$ref")
            if isinstance(target, str):
                return target.rpartition("/")[2] or None
        return None

    def kind(self, branch: Expr) -> str | None:
        """A branch's only type."""
        types = self.ask.shape(self.full(branch)).types
        return next(iter(types)) if len(types) == 1 else None


def paired(old: Side, new: Side, tag: str | None) -> Paired:
    """The branches of both sides. With a tag nothing else counts."""
    fits: list[Callable[[Expr, Expr], bool]] = [
        lambda one, two: bool(old.marks(one) & new.marks(two)),
        lambda one, two: not old.ask.ways(one, two),
        lambda one, two: old.reference(one) == new.reference(two) is not None,
        lambda one, two: old.kind(one) == new.kind(two) is not None,
    ]
    if tag is not None:
        return _by_tag(old, new, tag)
    pairs: list[tuple[Expr, Expr]] = []
    gone, come = list(old.branches), list(new.branches)
    for fit in fits:
        found = [(one, two) for one in gone for two in come if fit(one, two)]
        lefts, rights = Counter(one for one, _ in found), Counter(two for _, two in found)
        alone = [(one, two) for one, two in found if lefts[one] == rights[two] == 1]
        pairs += alone
        gone = [one for one in gone if one not in {left for left, _ in alone}]
        come = [two for two in come if two not in {right for _, right in alone}]
    if len(gone) == len(come):
        return [*pairs, *zip(gone, come, strict=True)], [], []
    return pairs, gone, come


def _by_tag(old: Side, new: Side, tag: str) -> Paired:
    come = {frozen(new.value(two, tag)): two for two in new.branches}
    gone = []
    pairs = []
    for one in old.branches:
        two = come.pop(frozen(old.value(one, tag)), None)
        if two is None:
            gone.append(one)
        else:
            pairs.append((one, two))
    return pairs, gone, [*come.values()]
