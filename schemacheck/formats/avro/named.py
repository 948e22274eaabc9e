"""Named types, and kinds: names and aliases, symbols, sizes, promotions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from schemacheck.formats.avro import rules
from schemacheck.formats.avro.pairs import Pairs
from schemacheck.formats.avro.resolution import NONE, B, F, Pair, Spot, Ways, only_new, resolving, title
from schemacheck.formats.avro.tree import Enum, Fixed, Named, Record
from schemacheck.model import Change

# What a promotion cannot hold exactly, as readers in Java do it.
_LOSSY = {("int", "float"): "2^24", ("long", "float"): "2^24", ("long", "double"): "2^53"}


def kind_changes(pair: Pair, spot: Spot) -> Iterator[Change]:
    """What changed about two types of different kinds."""
    old, new = pair.old.kind, pair.new.kind
    fits = resolving(pair.old, pair.new)
    values = {"old": title(pair.old), "new": title(pair.new)}
    if fits == NONE:
        yield spot.change(rules.TYPE_CHANGED, values, pair.facing)
        return
    if (old, new) == ("string", "bytes"):
        yield spot.change(rules.STRING_CHANGED_TO_BYTES, {}, pair.facing)
    elif (old, new) == ("bytes", "string"):
        yield spot.change(rules.BYTES_CHANGED_TO_STRING, {}, pair.facing)
    elif pair.plain:
        yield spot.change(rules.TYPE_WIDENED if fits == B else rules.TYPE_NARROWED, values, pair.facing)
    if (old, new) in _LOSSY:
        yield spot.change(rules.TYPE_WIDENED_LOSSILY, values | {"exact": _LOSSY[old, new]}, pair.facing)
    elif (new, old) in _LOSSY:
        yield spot.change(rules.TYPE_NARROWED_LOSSILY, values | {"exact": _LOSSY[new, old]}, pair.facing)


def name_changes(old: Named, new: Named, pair: Pair, spot: Spot, root: bool) -> Iterator[Change]:
    """What changed about the names of two named types of one kind. `root`: they are the events themselves."""
    names = {"old": old.name, "new": new.name}
    if old.name != new.name:
        if root:
            yield spot.change(rules.ROOT_RENAMED, names, pair.facing)
        if old.short != new.short:
            if pair.named:
                yield spot.change(_RENAMED[old.name in new.aliases, new.name in old.aliases], names, pair.facing)
        else:
            yield from _moved(old, new, pair, spot, root)
    for alias in new.aliases:
        if alias not in old.aliases and alias != old.name:
            yield spot.change(rules.TYPE_ALIAS_ADDED, {"name": new.name, "alias": alias}, pair.facing)
    for alias in old.aliases:
        if alias not in new.aliases and alias != new.name:
            yield spot.change(rules.TYPE_ALIAS_REMOVED, {"name": new.name, "alias": alias}, pair.facing)


def claim_changes(old: Named, new: Named, pair: Pair, spot: Spot, pairs: Pairs) -> Iterator[Change]:
    """Where another type of the reader has the name of a type as an alias: Java renames the writer's type to that."""
    old_claims, new_claims = pairs.claims
    for rule, way, writer, reader, claims in (
        (rules.TYPE_ALIAS_BECAME_AMBIGUOUS, B, old, new, new_claims),
        (rules.TYPE_ALIAS_WAS_AMBIGUOUS, F, new, old, old_claims),
    ):
        if not claims or not pair.facing & way:
            continue
        # Java applies the aliases twice, and none if the schemas differ in nothing else. fastavro looks at them too
        # where it picks a branch, whatever kind of type has them.
        names = [writer.name, reader.name] if writer.name in reader.aliases else [writer.name]
        full = bool(pair.in_union & way) and isinstance(writer, Enum | Fixed)
        for name in dict.fromkeys(names):
            for taker in claims.get(name, ()):
                other = taker.name != reader.name if full else taker.short != reader.short
                if other and (pair.in_union & way or not pairs.equal_for_java):
                    yield spot.change(rule, {"name": name, "taker": taker.name}, pair.facing)


# whether the new type knows the old name, and the old one the new name
_RENAMED = {
    (False, False): rules.TYPE_RENAMED,
    (True, False): rules.TYPE_RENAMED_WITH_ALIAS,
    (False, True): rules.TYPE_RENAMED_BACK,
    (True, True): rules.TYPE_RENAMED_WITH_ALIASES_BOTH_WAYS,
}


def _moved(old: Named, new: Named, pair: Pair, spot: Spot, root: bool) -> Iterator[Change]:
    """A type that kept its short name in another namespace.

    Java compares full names where it picks a branch of the reader's union, but only of enums and fixed, and only if
    no alias helps; everywhere else the namespace is unseen.
    """
    names = {"old": old.name, "new": new.name}
    forth, back = old.name in new.aliases, new.name in old.aliases
    unhelped = pair.facing & ~((B if forth else NONE) | (F if back else NONE))
    in_union = unhelped & pair.in_union if isinstance(old, Enum | Fixed) else NONE
    if in_union:
        rule = rules.NAMESPACE_CHANGED_IN_UNION if forth == back else _RENAMED[forth, back]
        yield spot.change(rule, names, in_union if forth == back else pair.facing)
    unseen: Ways = unhelped & ~in_union & pair.named
    if unseen and not root:
        yield spot.change(rules.NAMESPACE_CHANGED, names, unseen)
    if forth and back:
        yield spot.change(rules.TYPE_RENAMED_WITH_ALIASES_BOTH_WAYS, names, pair.facing)


def enum_changes(old: Enum, new: Enum, pair: Pair, spot: Spot) -> Iterator[Change]:
    """What changed about the symbols and the default of an enum."""
    within = pair.facing
    symbols = Spot(spot.where, f"{new.pointer}/symbols", f"{old.pointer}/symbols")
    for index, symbol in enumerate(new.symbols):
        if symbol not in old.symbols:
            rule = rules.ENUM_SYMBOL_ADDED if old.default is None else rules.ENUM_SYMBOL_ADDED_UNDER_DEFAULT
            place = replace(symbols, pointer=f"{symbols.pointer}/{index}")
            yield only_new(place.change(rule, _symbol(symbol, old.default), within))
    for index, symbol in enumerate(old.symbols):
        if symbol not in new.symbols:
            rule = rules.ENUM_SYMBOL_REMOVED if new.default is None else rules.ENUM_SYMBOL_REMOVED_UNDER_DEFAULT
            place = replace(symbols, old_pointer=f"{symbols.old_pointer}/{index}")
            yield place.change(rule, _symbol(symbol, new.default), within)
    if [symbol for symbol in old.symbols if symbol in new.symbols] != [s for s in new.symbols if s in old.symbols]:
        yield symbols.change(rules.ENUM_SYMBOLS_REORDERED, {}, within)
    if old.default == new.default:
        return
    default = Spot(spot.where, f"{new.pointer}/default", f"{old.pointer}/default")
    if old.default is None:
        place = replace(default, old_pointer=old.pointer)
        yield place.change(rules.ENUM_DEFAULT_ADDED, {"default": new.default}, within)
    elif new.default is None:
        place = replace(default, pointer=new.pointer)
        yield place.change(rules.ENUM_DEFAULT_REMOVED, {"default": old.default}, within)
    else:
        yield default.change(rules.ENUM_DEFAULT_CHANGED, {"old": old.default, "new": new.default}, within)


def _symbol(symbol: str, default: str | None) -> dict[str, str]:
    return {"symbol": symbol} if default is None else {"symbol": symbol, "default": default}


def fixed_changes(old: Fixed, new: Fixed, pair: Pair, spot: Spot) -> Iterator[Change]:
    """What changed about the size of a fixed."""
    if old.size != new.size:
        values = {"name": new.name, "old": old.size, "new": new.size}
        place = Spot(spot.where, f"{new.pointer}/size", f"{old.pointer}/size")
        yield place.change(rules.FIXED_SIZE_CHANGED, values, pair.facing)


def error_changes(old: Record, new: Record, pair: Pair, spot: Spot) -> Iterator[Change]:
    """Whether a record became an error, or the other way round."""
    if old.error != new.error:
        rule = rules.RECORD_CHANGED_TO_ERROR if new.error else rules.ERROR_CHANGED_TO_RECORD
        yield spot.change(rule, {"name": new.name}, pair.facing)
