"""Unions: which branch takes which, and what changed about the branches.

A reader commits to one branch by kind and name, without trying whether the inside fits: the same kind and full name,
else a branch whose alias holds the full name, else the first with the same short name, else the first that promotion
allows. A type that is no union counts as a union of itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from schemacheck.formats.avro import rules
from schemacheck.formats.avro.resolution import BF, NONE, PROMOTIONS, B, Edge, F, Pair, Spot, Ways, only_new, title
from schemacheck.formats.avro.tree import Named, Schema, Type, Union, Use
from schemacheck.model import Change, Rule


@dataclass(frozen=True, slots=True)
class Taker:
    """The branch that takes another one, and why: "same", "alias", "short" or "promotion"."""

    index: int
    how: str


@dataclass(frozen=True, slots=True)
class Committed:
    """The branches of two sides, and for each the one that takes it on the other side."""

    old: Sequence[Type]
    new: Sequence[Type]
    backward: Sequence[Taker | None]  # old branch to new branch
    forward: Sequence[Taker | None]  # new branch to old branch

    @property
    def flipped(self) -> Committed:
        """The same with the sides exchanged."""
        return Committed(self.new, self.old, self.forward, self.backward)


def branches(schema: Schema, use: Use) -> Sequence[Use]:
    """The branches of a use; itself if it is no union."""
    node = schema.node(use)
    return node.branches if isinstance(node, Union) else (use,)


def commit(old: Sequence[Type], new: Sequence[Type]) -> Committed:
    """Which branch takes which, in both directions."""
    return Committed(old, new, [_taker(one, new) for one in old], [_taker(one, old) for one in new])


def _taker(written: Type, read: Sequence[Type]) -> Taker | None:
    same_kind = [(index, one) for index, one in enumerate(read) if one.kind == written.kind]
    if isinstance(written, Named):
        named = [(index, one) for index, one in same_kind if isinstance(one, Named)]
        for how, fits in (
            ("same", lambda one: one.name == written.name),
            ("alias", lambda one: written.name in one.aliases),
            ("short", lambda one: one.short == written.short),
        ):
            for index, candidate in named:
                if fits(candidate):
                    return Taker(index, how)
        return None
    for index, _ in same_kind:
        return Taker(index, "same")
    for index, one in enumerate(read):
        if (written.kind, one.kind) in PROMOTIONS:
            return Taker(index, "promotion")
    return None


def branch_edges(old: Schema, old_use: Use, new: Schema, new_use: Use) -> list[Edge]:
    """The pairs of branches that readers put together, in the order of the new branches.

    A branch that nothing takes still faces the branches it takes itself in the other direction (by promotion or by
    alias): `["null", "int"]` to `["null", "long"]` is one type that was widened, not one removed and one added.
    """
    old_uses, new_uses = branches(old, old_use), branches(new, new_use)
    both = commit([old.node(use) for use in old_uses], [new.node(use) for use in new_uses])
    in_union = (B if isinstance(new.node(new_use), Union) else NONE) | (
        F if isinstance(old.node(old_use), Union) else NONE
    )
    named = _several(both)
    edges = []
    for j, i in sorted(_met(both)):
        backward, forward = both.backward[i], both.forward[j]
        dirs = promoted = namesake = NONE
        for way, here, there, index, other in ((B, backward, forward, j, i), (F, forward, backward, i, j)):
            takes = here is not None and here.index == index
            if takes or here is None:
                dirs |= way
            if takes and here is not None and there is not None and there.index != other:
                promoted |= way if here.how == "promotion" else NONE
                namesake |= way if here.how in ("short", "alias") else NONE
        name = _branch_name(both.new, j)
        suffix = f"<{name}>" if named else ""
        edges.append(Edge(old_uses[i], new_uses[j], suffix, dirs, promoted, namesake, in_union, name))
    return edges


def _met(both: Committed) -> set[tuple[int, int]]:
    """New and old index of every two branches of which one takes the other."""
    return {(taker.index, i) for i, taker in enumerate(both.backward) if taker} | {
        (j, taker.index) for j, taker in enumerate(both.forward) if taker
    }


def _several(both: Committed) -> bool:
    """Whether a place within the union needs the branch's name to be clear."""
    return any(sum(one.kind != "null" for one in side) > 1 for side in (both.old, both.new))


def _branch_name(side: Sequence[Type], index: int) -> str:
    """A branch by its short name or kind; by its full name if another has the same short name."""
    node = side[index]
    if not isinstance(node, Named):
        return node.kind
    namesakes = sum(isinstance(one, Named) and one.short == node.short for one in side)
    return node.name if namesakes > 1 else node.short


# --- changes ----------------------------------------------------------------------------------------------------------


def union_changes(old: Schema, new: Schema, pair: Pair, spot: Spot) -> Iterator[Change | Edge]:
    """What changed about the branches of a pair of which at least one is a union, and the edges to go on with."""
    old_uses = pair.old.uses if isinstance(pair.old, Union) else (Use(spot.old_pointer, pair.old),)
    new_uses = pair.new.uses if isinstance(pair.new, Union) else (Use(spot.pointer, pair.new),)
    both = commit([old.node(use) for use in old_uses], [new.node(use) for use in new_uses])
    within = pair.facing
    yield from _wrapped(pair, spot, within)
    yield from _order(both, spot, within)
    yield from _shadows(both, spot, within)
    for j, use in enumerate(new_uses):
        place = Spot(spot.where, use.pointer, spot.old_pointer)
        yield from map(only_new, _alone(both.flipped, j, place, within, _ADDED))
        yield from (edge for edge in pair.edges if edge.new.pointer == use.pointer)
    for i, use in enumerate(old_uses):
        yield from _alone(both, i, Spot(spot.where, spot.pointer, use.pointer), within, _REMOVED)


@dataclass(frozen=True, slots=True)
class _Rules:
    """What to say of a branch that only one side has. `ways`: the direction in which it is written."""

    null: Rule
    plain: Rule
    promotable: Rule
    same_name: Rule
    ways: Ways


_ADDED = _Rules(
    rules.MADE_NULLABLE,
    rules.UNION_BRANCH_ADDED,
    rules.UNION_BRANCH_ADDED_PROMOTABLE,
    rules.SAME_NAME_BRANCH_ADDED,
    F,
)
_REMOVED = _Rules(
    rules.MADE_NON_NULLABLE,
    rules.UNION_BRANCH_REMOVED,
    rules.UNION_BRANCH_REMOVED_PROMOTABLE,
    rules.SAME_NAME_BRANCH_REMOVED,
    B,
)


def _alone(both: Committed, index: int, spot: Spot, within: Ways, say: _Rules) -> Iterator[Change]:
    """What to say of one of the old branches (of the new ones, if the sides are flipped), if the other side has none
    like it."""
    node, taker = both.old[index], both.backward[index]
    name = _branch_name(both.old, index)
    place = replace(spot, where=f"{spot.where}<{name}>" if spot.where else name)
    if taker is None:
        if any(here is not None and here.index == index for here in both.forward):
            return  # it takes one itself, and is reported there
        if node.kind == "null":
            yield spot.change(say.null, {}, within)
        else:
            yield place.change(say.plain, {"branch": title(node)}, within)
        return
    met = both.forward[taker.index]
    if met is None or met.index == index:
        return
    if taker.how == "short":
        # Readers of the other direction meet it only where it stands before its namesake.
        ways = BF if index < met.index else say.ways
        values = {"branch": title(node), "namesake": title(both.old[met.index])}
        yield place.change(say.same_name, values, within & ways)
    else:
        yield place.change(say.promotable, {"branch": title(node), "taker": title(both.new[taker.index])}, within)


def _wrapped(pair: Pair, spot: Spot, within: Ways) -> Iterator[Change]:
    old, new = isinstance(pair.old, Union), isinstance(pair.new, Union)
    if new and not old and len(pair.new.uses) == 1:
        yield spot.change(rules.WRAPPED_IN_UNION, {}, within)
    if old and not new and len(pair.old.uses) == 1:
        yield spot.change(rules.UNWRAPPED_FROM_UNION, {}, within)


def _group(node: Type) -> tuple[str, str]:
    return node.kind, node.short if isinstance(node, Named) else ""


def _order(both: Committed, spot: Spot, within: Ways) -> Iterator[Change]:
    """Branches that both sides have, in another order; and namesakes that stayed, which anything else exposes."""
    common = [
        (i, taker.index)
        for i, taker in enumerate(both.backward)
        if taker and (back := both.forward[taker.index]) is not None and back.index == i
    ]
    swapped = [(one[0], other[0]) for at, one in enumerate(common) for other in common[at + 1 :] if one[1] > other[1]]
    namesakes = [pair for pair in swapped if _group(both.old[pair[0]]) == _group(both.old[pair[1]])]
    for name in dict.fromkeys(_group(both.old[i])[1] for i, _ in namesakes):
        yield spot.change(rules.SAME_NAME_BRANCHES_REORDERED, {"name": name}, within)
    if swapped and not namesakes:
        yield spot.change(rules.UNIONS_REORDERED, {}, within)
    told = {_group(both.old[i])[1] for i, _ in namesakes}
    backward = _stolen(both) - _before(both.flipped)
    forward = _stolen(both.flipped) - _before(both)
    for name in sorted((backward | forward) - told):
        ways = (B if name in backward else NONE) | (F if name in forward else NONE)
        yield spot.change(rules.AMBIGUOUS_UNION_EXPOSED, {"name": name}, within & ways)


def _stolen(both: Committed) -> set[str]:
    """Short names of old branches that fastavro gives to another new branch of that name, since that stands first."""
    return {
        node.short
        for node, taker in zip(both.old, both.backward, strict=True)
        if taker and isinstance(node, Named)
        if any(isinstance(other, Named) and other.short == node.short for other in both.new[: taker.index])
    }


def _before(both: Committed) -> set[str]:
    """Short names of old branches that the other side lacks and that stand before their namesakes."""
    return {
        _group(both.old[index])[1]
        for index, taker in enumerate(both.backward)
        if taker and taker.how == "short" and (met := both.forward[taker.index]) and index < met.index
    }


_SHADOWS = frozenset(
    {
        *((earlier, later) for earlier in ("float", "double") for later in ("int", "long")),
        ("string", "bytes"),
        ("bytes", "string"),
    }
)


def _shadowed(side: Sequence[Type]) -> dict[str, str]:
    """Kind to the kind before it that takes its values in a reader that uses the first match."""
    kinds = [one.kind for one in side]
    return {
        later: next(earlier for earlier in kinds[:at] if (earlier, later) in _SHADOWS)
        for at, later in enumerate(kinds)
        if any((earlier, later) in _SHADOWS for earlier in kinds[:at])
    }


def _shadows(both: Committed, spot: Spot, within: Ways) -> Iterator[Change]:
    """Branches whose values change their type only because of where they stand, for kinds that the writer has."""
    old, new = _shadowed(both.old), _shadowed(both.new)
    for later, earlier in new.items():
        if later not in old and any(one.kind == later for one in both.old):
            yield spot.change(rules.UNION_BRANCH_SHADOWED, {"branch": later, "earlier": earlier}, within)
    for later, earlier in old.items():
        if later not in new and any(one.kind == later for one in both.new):
            yield spot.change(rules.UNION_BRANCH_UNSHADOWED, {"branch": later, "earlier": earlier}, within)
