"""The fields of two records: which is which, and what changed about them."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from schemacheck.formats.avro import rules
from schemacheck.formats.avro.meaning import doc_change, parameter_changes, property_changes
from schemacheck.formats.avro.resolution import BF, NONE, B, F, FieldPair, Fields, Spot, Ways, only_new
from schemacheck.formats.avro.tree import Field, Record, Schema, Union, same_type, spelt_json
from schemacheck.formats.avro.validate import fields_with_default, fits_first_branch
from schemacheck.formats.strict import shown
from schemacheck.model import Change, Rule


def match_fields(old: Record, new: Record) -> Fields:
    """Which field of one record is which of the other: by name, else by the alias of the reading side."""
    old_names, new_names = {f.name: f for f in old.fields}, {f.name: f for f in new.fields}
    if old_names.keys() == new_names.keys():
        return Fields(tuple(FieldPair(old_names[one.name], one, BF) for one in new.fields), (), ())
    taken = _claims(new, new_names, old_names)
    given = _claims(old, old_names, new_names)
    pairs = []
    for one in new.fields:
        if one.name in old_names:
            pairs.append(FieldPair(old_names[one.name], one, BF))
            continue
        source = taken.get(one.name)
        targets = [name for name, target in given.items() if target == one.name]
        for name in dict.fromkeys([*([source] if source else []), *targets]):
            dirs = (B if name == source else NONE) | (F if name in targets else NONE)
            pairs.append(FieldPair(old_names[name], one, dirs))
    met_old, met_new = {pair.old.name for pair in pairs}, {pair.new.name for pair in pairs}
    return Fields(
        tuple(pairs),
        tuple(f for f in new.fields if f.name not in met_new),
        tuple(f for f in old.fields if f.name not in met_old),
    )


def _claims(reader: Record, own: Mapping[str, Field], written: Mapping[str, Field]) -> dict[str, str]:
    """The reader's field to the writer's that only an alias gives it. The last claim on a name wins, as in Java."""
    owners = {
        alias: f.name
        for f in reader.fields
        if f.name not in written and f.aliases
        for alias in f.aliases
        if alias in written and alias not in own
    }
    claims: dict[str, str] = {}
    for alias, name in owners.items():
        claims.setdefault(name, alias)
    return claims


@dataclass(frozen=True, slots=True)
class Records:
    """Two records that face each other, the events they belong to, and the directions in which they are read."""

    old: Record
    new: Record
    old_event: Schema
    new_event: Schema
    fields: Fields
    within: Ways
    spot: Spot

    def field_spot(self, old: Field | None, new: Field | None) -> Spot:
        """Where a field stands. What one side lacks is shown at the record that would hold it."""
        name = new.name if new else old.name if old else ""
        return Spot(
            f"{self.spot.where}.{name}",
            new.pointer if new else f"{self.new.pointer}/fields",
            old.pointer if old else f"{self.old.pointer}/fields",
        )


def added_changes(both: Records, field: Field) -> Iterator[Change]:
    """What a field does that no reader had before."""
    spot = both.field_spot(None, field)
    values = {"name": field.name}
    if not field.has_default:
        yield only_new(spot.change(rules.FIELD_ADDED_WITHOUT_DEFAULT, values, both.within))
        return
    yield only_new(spot.change(rules.FIELD_ADDED, values | {"default": shown(field.default)}, both.within))
    yield from map(only_new, _new_default_used(both, field, spot))


def removed_changes(both: Records, field: Field) -> Iterator[Change]:
    """What it does that a field has gone."""
    spot = both.field_spot(field, None)
    values = {"name": field.name}
    if not field.has_default:
        yield spot.change(rules.FIELD_REMOVED_WITHOUT_DEFAULT, values, both.within)
        return
    yield spot.change(rules.FIELD_REMOVED, values | {"default": shown(field.default)}, both.within)
    yield from _old_default_used(both, field, spot)


def _new_default_used(both: Records, field: Field, spot: Spot) -> Iterator[Change]:
    """What it does that new readers fill in a field's default."""
    rule = _unfit(both.new_event, field, _ADDED_UNFIT)
    if rule:
        yield spot.change(rule, {"name": field.name, "default": shown(field.default)}, both.within)


def _old_default_used(both: Records, field: Field, spot: Spot) -> Iterator[Change]:
    """The same of old readers."""
    rule = _unfit(both.old_event, field, _REMOVED_UNFIT)
    if rule:
        yield spot.change(rule, {"name": field.name, "default": shown(field.default)}, both.within)


_ADDED_UNFIT = (rules.FIELD_ADDED_WITH_DEFAULT_OF_LATER_BRANCH, rules.FIELD_ADDED_WITH_ARRAY_DEFAULT_IN_UNION)
_REMOVED_UNFIT = (rules.FIELD_REMOVED_WITH_DEFAULT_OF_LATER_BRANCH, rules.FIELD_REMOVED_WITH_ARRAY_DEFAULT_IN_UNION)


def _unfit(event: Schema, field: Field, which: tuple[Rule, Rule]) -> Rule | None:
    """Why a default of a union is more than some versions of Java can fill in."""
    later, array = which
    node = event.node(field.type)
    if not isinstance(node, Union):
        return None
    if _late(event, field):
        return later
    return array if isinstance(field.default, list) else None


def record_changes(both: Records, aliases_unused: Callable[[], bool]) -> Iterator[Change]:
    """What changed about the fields of a record taken together. `aliases_unused`: Java finds the events equal."""
    yield from _silent_rename(both)
    order = [pair.old.pointer for pair in both.fields.pairs]
    places = {f.pointer: index for index, f in enumerate(both.old.fields)}
    if any(places[one] > places[next_] for one, next_ in itertools.pairwise(order)):
        yield both.spot.change(rules.FIELDS_REORDERED, {}, both.within)
    became, was = list(_clashes(both.old, both.new)), list(_clashes(both.new, both.old))
    if not (became or was) or aliases_unused():
        return
    for clash in became:
        yield both.spot.change(rules.FIELD_ALIAS_BECAME_AMBIGUOUS, {"clash": clash}, both.within)
    for clash in was:
        yield both.spot.change(rules.FIELD_ALIAS_WAS_AMBIGUOUS, {"clash": clash}, both.within)


def _clashes(writer: Record, reader: Record) -> Iterator[str]:
    """Where the reader's aliases give one field of the writer to two of its own, or two of them to one."""
    if not any(f.aliases for f in reader.fields):
        return
    written = {f.name for f in writer.fields}
    # Java applies the aliases twice, so a name that a field got by an alias may be claimed once more.
    met = written | {f.name for f in reader.fields if not written.isdisjoint(f.aliases)}
    names = {f.name: [f.name, *(alias for alias in f.aliases if alias != f.name)] for f in reader.fields}
    owners = Counter(name for claimed in names.values() for name in claimed)
    for name in sorted(met):
        if owners[name] > 1:
            claiming = [f'"{owner}"' for owner, claimed in names.items() if name in claimed]
            yield (
                f'{" and ".join(claiming)} all claim "{name}"'
                if len(claiming) > 2
                else (f'{" and ".join(claiming)} both claim "{name}"')
            )
    for owner, claimed in names.items():
        several = [f'"{name}"' for name in claimed if name in written and owners[name] == 1]
        if len(several) > 1:
            yield f'"{owner}" claims {" and ".join(several)}'


def _silent_rename(both: Records) -> Iterator[Change]:
    """One field left and one came that look like one another, and defaults hide it from every checker."""
    if len(both.fields.added) != 1 or len(both.fields.removed) != 1:
        return
    (new,), (old,) = both.fields.added, both.fields.removed
    if not (old.has_default and new.has_default and same_type(old.type, new.type)):
        return
    position = both.old.fields.index(old) == both.new.fields.index(new)
    if position or _plain_name(old.name) == _plain_name(new.name):
        spot = both.field_spot(old, new)
        yield spot.change(rules.FIELD_RENAMED_WITHOUT_ALIAS, {"old": old.name, "new": new.name}, both.within)


def _plain_name(name: str) -> str:
    return name.replace("_", "").lower()


def pair_changes(both: Records, pair: FieldPair) -> Iterator[Change]:
    """What changed about a field that both sides have, its type aside."""
    old, new, within = pair.old, pair.new, both.within
    if old.says_the_same(new):
        return
    spot = both.field_spot(pair.old, pair.new)
    if pair.renamed:
        yield from _renamed(both, pair, spot)
    yield from _defaults(both, pair, spot)
    if old.order != new.order:
        values = {"name": new.name, "old": old.order, "new": new.order}
        yield spot.change(rules.SORT_ORDER_CHANGED, values, within)
    yield from _aliases(pair, spot, within)
    yield from parameter_changes(old.parameters, new.parameters, spot, within)
    yield from doc_change(old.doc, new.doc, spot, within)
    yield from property_changes(old.props, new.props, spot, within, both.new_event.tags)


def _renamed(both: Records, pair: FieldPair, spot: Spot) -> Iterator[Change]:
    old, new = pair.old, pair.new
    values = {"old": old.name, "new": new.name}
    matched = both.fields.pairs
    old_read = any(other.old is old and other.dirs & F for other in matched)
    new_read = any(other.new is new and other.dirs & B for other in matched)
    if old_read and new_read:
        yield spot.change(rules.FIELD_RENAMED_WITH_ALIASES_BOTH_WAYS, values, both.within)
    elif not old_read and old.has_default:
        yield spot.change(rules.FIELD_RENAMED, values | {"default": shown(old.default)}, both.within)
        yield from _old_default_used(both, old, spot)
    elif not old_read:
        yield spot.change(rules.FIELD_RENAMED_WITHOUT_DEFAULT, values, both.within)
    elif new.has_default:
        yield spot.change(rules.FIELD_RENAMED_BACK, values | {"default": shown(new.default)}, both.within)
        yield from _new_default_used(both, new, spot)
    else:
        yield spot.change(rules.FIELD_RENAMED_BACK_WITHOUT_DEFAULT, values, both.within)
    yield from _cut_off(both, pair, spot)
    yield from _invalid_defaults(both, pair, spot)


def _cut_off(both: Records, pair: FieldPair, spot: Spot) -> Iterator[Change]:
    """Java looks a field's alias up under the reader's full name, so a renamed record hides it."""
    old, new = both.old, both.new
    if old.name == new.name:
        return
    values = {"old": old.name, "new": new.name}
    if pair.dirs & B and old.name not in new.aliases:
        rule = rules.FIELD_ALIAS_CUT_OFF if pair.new.has_default else rules.FIELD_ALIAS_CUT_OFF_WITHOUT_DEFAULT
        yield spot.change(rule, values | {"name": pair.new.name, "alias": pair.old.name}, both.within)
        yield from _new_default_used(both, pair.new, spot)
    if pair.dirs & F and new.name not in old.aliases:
        rule = rules.FIELD_ALIAS_WAS_CUT_OFF if pair.old.has_default else rules.FIELD_ALIAS_WAS_CUT_OFF_WITHOUT_DEFAULT
        yield spot.change(rule, values | {"name": pair.old.name, "alias": pair.new.name}, both.within)
        yield from _old_default_used(both, pair.old, spot)


def _invalid_defaults(both: Records, pair: FieldPair, spot: Spot) -> Iterator[Change]:
    """Java rewrites the writer's schema by the reader's aliases, but not the defaults that stand in it."""
    for rule, way, written, read, event, record, reader in (
        (rules.DEFAULT_BECAME_INVALID_UNDER_ALIAS, B, pair.old, pair.new, both.old_event, both.old, both.new),
        (rules.DEFAULT_WAS_INVALID_UNDER_ALIAS, F, pair.new, pair.old, both.new_event, both.new, both.old),
    ):
        known = record.name == reader.name or record.name in reader.aliases
        if pair.dirs & way and known and not written.has_default:
            for field in fields_with_default(event, record, written.name):
                values = {"name": read.name, "alias": written.name, "field": field}
                yield spot.change(rule, values, both.within)


def _defaults(both: Records, pair: FieldPair, spot: Spot) -> Iterator[Change]:
    old, new, name = pair.old, pair.new, pair.new.name
    if not old.has_default and not new.has_default:
        return
    if not old.has_default:
        yield spot.change(rules.DEFAULT_ADDED, {"name": name, "default": shown(new.default)}, both.within)
    elif not new.has_default:
        yield spot.change(rules.DEFAULT_REMOVED, {"name": name, "default": shown(old.default)}, both.within)
    elif spelt_json(old.default) != spelt_json(new.default):
        values = {"name": name, "old": shown(old.default), "new": shown(new.default)}
        yield spot.change(rules.DEFAULT_CHANGED, values, both.within)
    if not isinstance(both.old_event.node(old.type), Union) and not isinstance(both.new_event.node(new.type), Union):
        return
    old_late, new_late = _late(both.old_event, old), _late(both.new_event, new)
    if new_late and not old_late:
        values = {"name": name, "default": shown(new.default)}
        yield spot.change(rules.DEFAULT_LEFT_FIRST_BRANCH, values, both.within)
    elif old_late and not new_late:
        yield spot.change(rules.DEFAULT_JOINED_FIRST_BRANCH, {"name": name}, both.within)


def _late(event: Schema, field: Field) -> bool:
    """Whether a default fits only a later branch of its union, which Java before 1.12 refuses."""
    return field.has_default and not fits_first_branch(event, field.type, field.default)


def _aliases(pair: FieldPair, spot: Spot, within: Ways) -> Iterator[Change]:
    """Aliases that came or left, but for those that tell of the rename itself."""
    old, new = pair.old, pair.new
    for alias in new.aliases:
        if alias not in old.aliases and alias != old.name:
            yield spot.change(rules.FIELD_ALIAS_ADDED, {"name": new.name, "alias": alias}, within)
    for alias in old.aliases:
        if alias not in new.aliases and alias != new.name:
            yield spot.change(rules.FIELD_ALIAS_REMOVED, {"name": new.name, "alias": alias}, within)
