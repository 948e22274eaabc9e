"""The event that proves a finding, in one direction: how each rule is shown, or why no event can show it.

A wire break is decoded with fastavro and must fail. A changed meaning is shown by two readings of one value. Where
fastavro is no fair judge, nothing is run and the words tell what Java does (judge "rule"): it compares short names
where Java compares full ones, fills in defaults that Java refuses, knows a record's field aliases whatever its name
is, and applies the writer's logical types, not the reader's.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

from schemacheck.formats.avro import rules
from schemacheck.formats.avro.course import Unjudged, course, unnamed
from schemacheck.formats.avro.generate import LARGEST
from schemacheck.formats.avro.logical import PARSED, Meaning
from schemacheck.formats.avro.meaning import semantics
from schemacheck.formats.avro.portable import TooDeep
from schemacheck.formats.avro.readings import digits, reading, sample
from schemacheck.formats.avro.resolution import B, title
from schemacheck.formats.avro.tree import Enum, Field, Named, Record, Schema, Type, Union
from schemacheck.formats.avro.trial import Trial
from schemacheck.formats.avro.values import Value, as_json
from schemacheck.formats.strict import shown
from schemacheck.model import Change, Direction, Rule, Witness

UNSHOWN: Mapping[str, str] = {
    rules.DEFAULT_CHANGED.id: "both schemas have the field; only events older than the field show it",
    rules.ENUM_DEFAULT_CHANGED.id: "only a symbol that neither schema has shows it",
    rules.ROOT_RENAMED.id: "no byte differs; what changes is the name under which consumers and registries look for it",
    rules.CUSTOM_LOGICAL_TYPE_CHANGED.id: "only its owner knows what a value stands for",
    rules.CONNECT_PARAMETER_CHANGED.id: "only the connector knows what the parameter does to a value",
    rules.TAG_ADDED.id: "the value is the same; only the mark beside it differs",
    rules.TAG_REMOVED.id: "the value is the same; only the mark beside it differs",
}


def witness(old: Schema, new: Schema, change: Change, direction: Direction) -> Witness | None:
    """An event that shows what a change breaks in one direction; None where no event can, or none of bearable size."""
    if not change.breaks & direction or change.rule.id in UNSHOWN:
        return None
    way = course(old, new, direction)
    pair = way.pair_of(change)
    steps = way.way_to(pair) if pair else None
    if pair is None or steps is None or way.generator.size(way.writer.root) > LARGEST:
        return None
    try:
        return _SHOW.get(change.rule.id, _refused)(Trial(way, change, pair, steps))
    except (RecursionError, TooDeep, Unjudged):
        return None


# --- wire -------------------------------------------------------------------------------------------------------------


def _refused(trial: Trial) -> Witness | None:
    """Any value at the place, until fastavro refuses one."""
    return trial.refused(chain([trial.plain()], trial.varied(trial.writer)))


def _branch(trial: Trial) -> Witness | None:
    """The branch that the reader lacks."""
    return trial.refused(trial.branch(trial.place))


def _null(trial: Trial) -> Witness | None:
    """Null, which the reader lacks."""
    return trial.refused(trial.branches(lambda node: node.kind == "null"))


def _symbol(trial: Trial) -> Witness | None:
    return trial.refused([Value(trial.writer, trial.change.values["symbol"])])


def _always(words: str) -> Callable[[Trial], Witness]:
    """Every event shows it, and only in some versions of Java."""
    return lambda trial: trial.told(trial.plain(), words.format(**trial.change.values))


def _ambiguous(trial: Trial) -> Witness:
    """What Java does: it renames the writer's fields by the reader's aliases, twice; the last alias of a name wins."""
    assert isinstance(trial.writer, Record)
    assert isinstance(trial.reader, Record)
    if trial.writer.name != trial.reader.name and trial.writer.name not in trial.reader.aliases:
        words = "fastavro goes by the order of the fields; Java ignores the aliases of a record with another full name"
        return trial.failure([trial.plain()]) or trial.told(trial.plain(), words)
    aliases = {alias: field.name for field in trial.reader.fields for alias in field.aliases}
    once = {field.name: aliases.get(field.name, field.name) for field in trial.writer.fields}
    renamed = {name: aliases.get(new, new) for name, new in once.items()}
    moved = {name: new for name, new in renamed.items() if name != new}
    told = ["Java takes " + " and ".join(f'"{name}" for "{new}"' for name, new in (moved or once).items())]
    if not moved:
        told.append("and back again if anything else differs, since it applies aliases twice")
    twice = [names for names in (list(once.values()), list(renamed.values())) if len(set(names)) < len(names)]
    if twice:
        name = next(name for name in twice[0] if twice[0].count(name) > 1)
        told.append(f'so there are two fields "{name}" and it fails')
    for field in trial.reader.fields:
        if field.name not in renamed.values() and not twice:
            lost = "gets its default" if field.has_default else "has no value, and it fails"
            told.append(f'so "{field.name}" {lost}')
    return trial.told(trial.plain(), ", ".join(told))


def _other_namespace(trial: Trial) -> Witness:
    assert isinstance(trial.writer, Named)
    words = f'Java fails: found "{trial.writer.name}", expected a union; fastavro compares short names'
    return trial.told(trial.plain(), words)


def _renamed_type(trial: Trial) -> Witness | None:
    assert isinstance(trial.writer, Named)
    assert isinstance(trial.reader, Named)
    return _other_namespace(trial) if trial.writer.short == trial.reader.short else _refused(trial)


# --- fields -----------------------------------------------------------------------------------------------------------


def _field(node: Type, name: str) -> Field:
    assert isinstance(node, Record)
    return next(field for field in node.fields if field.name == name)


def _lost_field(trial: Trial) -> Witness | None:
    """A value under the one name, and the default under the other."""
    written, read = ("old", "new") if trial.course.way == B else ("new", "old")
    return _default_instead(trial, trial.change.values[written], trial.change.values[read])


def _default_instead(trial: Trial, written: str, read: str) -> Witness | None:
    """None if only the default can be written. Java reads even below a record that fastavro refuses by its name."""
    reader = _field(trial.reader, read)
    words = f'"{read}" gets its default {shown(reader.default)}, and what "{written}" held is lost'
    values = trial.varied(trial.course.writer.node(_field(trial.writer, written).type))
    other = next((value for value in values if as_json(value, named=False) != reader.default), None)
    if other is None:
        return None
    target = trial.plain({written: other})
    got = trial.part(target).value
    proven = got is not None and unnamed(got)[read] == reader.default != trial.own(target)[written]
    return trial.told(target, words, "fastavro" if proven else "rule")


def _cut_off(trial: Trial) -> Witness:
    """Java looks the alias up under another record's name; fastavro does not care about that name."""
    read, written = trial.change.values["name"], trial.change.values["alias"]
    reader = _field(trial.reader, read)
    values = list(trial.varied(trial.course.writer.node(_field(trial.writer, written).type)))
    value = next((value for value in values if as_json(value, named=False) != reader.default), values[0])
    said = f"returns its default {shown(reader.default)}" if reader.has_default else "fails, since it has no default"
    words = f'Java does not find "{written}" for "{read}" and {said}; fastavro reads it'
    return trial.told(trial.plain({written: value}), words)


def _under_default(trial: Trial) -> Witness:
    assert isinstance(trial.reader, Enum)
    target = Value(trial.writer, trial.change.values["symbol"])
    got = trial.part(target).value
    proven = got == trial.reader.default != target.content
    words = f'reads "{trial.reader.default}", and "{target.content}" was written'
    return trial.told(target, words, "fastavro" if proven else "rule")


# --- values -----------------------------------------------------------------------------------------------------------


def _lossy(trial: Trial) -> Witness:
    """A number with one bit more than the reader's type holds. fastavro has no type for 32 bits, Java has."""
    single = trial.reader.kind == "float"
    number = 2**24 + 1 if single else 2**53 + 1
    held = int(struct.unpack("<f", struct.pack("<f", number))[0] if single else float(number))
    target = Value(trial.writer, number)
    proven = unnamed(trial.part(target).value) == held
    who = "" if proven else "Java "
    return trial.told(target, f"{who}reads {held}, and {number} was written", "fastavro" if proven else "rule")


def _not_text(trial: Trial) -> Witness:
    target = Value(trial.writer, b"\xff")
    failed = trial.failure([target])
    words = r'fastavro fails, the bytes are not UTF-8; Java reads the text "\ufffd" and says nothing'
    return trial.told(target, words, "fastavro" if failed else "rule")


def _shadowed(trial: Trial) -> Witness | None:
    kind, earlier = trial.change.values["branch"], trial.change.values["earlier"]
    for target in trial.branches(lambda node: node.kind == kind):
        content = {"string": "abc", "bytes": b"abc"}.get(kind, 5)
        inner = Value(target.content[1].node if isinstance(target.node, Union) else target.node, content)
        target = Value(target.node, (target.content[0], inner)) if isinstance(target.node, Union) else inner
        got = unnamed(trial.part(target).value)
        proven = got is not None and type(got) is not type(content)
        words = f'a reader that takes the first match reads it as "{earlier}"; Java prefers "{kind}"'
        return trial.told(target, f"{got!r}: {words}" if proven else words, "fastavro" if proven else "rule")
    return None


def _namesake(trial: Trial) -> Witness | None:
    """A branch that a reader takes for another one of the same short name."""
    values = trial.change.values
    short = values.get("name") or values["branch"].rpartition(".")[2]
    targets = list(trial.branches(lambda node: isinstance(node, Named) and node.short == short))
    for target in targets:
        name = title(target.content[1].node if isinstance(target.node, Union) else target.node)
        # fastavro resolves unions only if the schemas differ at all, which the slices may not.
        for read in (trial.part(target).value, trial.whole(target).value):
            if isinstance(read, tuple) and read[0] != name:
                return trial.told(target, f'fastavro reads "{name}" as "{read[0]}"', "fastavro")
    failed = trial.failure(targets)
    if failed or not targets:
        return failed
    faced = trial.reader.uses if isinstance(trial.reader, Union) else ()
    nodes = [trial.course.reader.node(use) for use in faced] or [trial.reader]
    others = [node.name for node in nodes if isinstance(node, Named) and node.short == short]
    target = targets[-1]
    name = title(target.content[1].node if isinstance(target.node, Union) else target.node)
    return trial.told(target, f'readers compare short names and take "{name}" for "{others[0]}"')


# --- meaning ----------------------------------------------------------------------------------------------------------


def _meanings(trial: Trial) -> tuple[Meaning | None, Meaning | None]:
    """What writer and reader take a value for: by the logical type, or by the Connect type if that is what differs."""
    mine, its = semantics(trial.writer), semantics(trial.reader)
    if mine != its:
        return mine, its
    said = [node.connect.meaning if node.connect else None for node in (trial.writer, trial.reader)]
    return said[0], said[1]


def _misread(trial: Trial) -> Witness:
    """One stored value, as its writer means it and as its reader takes it."""
    mine, its = _meanings(trial)
    target = sample(trial.writer, mine) or trial.plain()
    meant, taken = reading(target, mine), reading(target, its)
    number = f" (stored as {target.content})" if isinstance(target.content, int) and mine else ""
    who, note = ("Java", "; fastavro reads it as written") if trial.reader.logical else ("a sink", "")
    return trial.told(target, f"{who} reads {taken}, and {meant} was written{number}{note}")


def _parsed(trial: Trial) -> Witness:
    """A text or bytes that do not parse; or a bare value that the reader takes for something."""
    logical = trial.reader.logical
    if logical is None or (logical.name, trial.reader.kind) not in PARSED:
        return _interpreted(trial)
    if logical.name == "uuid":
        return trial.told(Value(trial.writer, "abc"), 'Java fails: "abc" is no UUID')
    return trial.told(Value(trial.writer, b""), "Java fails: empty bytes are no decimal")


def _interpreted(trial: Trial) -> Witness:
    """A bare value, and what the reader takes it for."""
    target = sample(trial.writer, None) or trial.plain()
    meaning = semantics(trial.reader)
    return trial.told(
        target, f"Java takes {reading(target, None)} for {reading(target, meaning)}, which its writer did not say"
    )


def _too_precise(trial: Trial) -> Witness | None:
    mine, its = _meanings(trial)
    if mine is None or its is None or its.precision is None:
        return None
    target = digits(trial.writer, its.precision + 1)
    if target is None:
        return None
    words = f"reads {reading(target, its)}, which has {its.precision + 1} digits where {its.precision} were promised"
    return trial.told(target, words)


def _connect(trial: Trial) -> Witness:
    """What a sink takes a value for."""
    mine = trial.writer.connect.meaning if trial.writer.connect else None
    its = trial.reader.connect
    assert its is not None
    target = sample(trial.writer, mine) or trial.plain()
    taken = reading(target, its.meaning) if its.meaning else its.name
    meant = f"and {reading(target, mine)} was written" if mine else "which its writer did not say"
    return trial.told(target, f"a sink takes it for {taken}, {meant}")


def _reordered(trial: Trial) -> Witness | None:
    """Two symbols that changed places."""
    assert isinstance(trial.writer, Enum)
    assert isinstance(trial.reader, Enum)
    mine = [symbol for symbol in trial.writer.symbols if symbol in trial.reader.symbols]
    its = [symbol for symbol in trial.reader.symbols if symbol in trial.writer.symbols]
    one, other = next(pair for pair in zip(mine, its, strict=True) if pair[0] != pair[1])
    words = f'"{one}" sorts behind "{other}", which it preceded for its writer; its ordinal() in Java moved too'
    return trial.told(Value(trial.writer, one), words)


def _other_place(trial: Trial) -> Witness:
    assert isinstance(trial.writer, Named)
    words = f'the readers of Apache Avro for Python and Ruby refuse "{trial.writer.name}" for "{title(trial.reader)}"'
    return trial.told(trial.plain(), words)


def _table(*rows: tuple[Callable[[Trial], Witness | None], tuple[Rule, ...]]) -> dict[str, Any]:
    return {rule.id: show for show, which in rows for rule in which}


_SHOW: Mapping[str, Callable[[Trial], Witness | None]] = _table(
    (_branch, (rules.UNION_BRANCH_ADDED, rules.UNION_BRANCH_REMOVED)),
    (_null, (rules.MADE_NULLABLE, rules.MADE_NON_NULLABLE)),
    (_symbol, (rules.ENUM_SYMBOL_ADDED, rules.ENUM_SYMBOL_REMOVED)),
    (_under_default, (rules.ENUM_SYMBOL_ADDED_UNDER_DEFAULT, rules.ENUM_SYMBOL_REMOVED_UNDER_DEFAULT)),
    (_renamed_type, (rules.TYPE_RENAMED_WITH_ALIAS, rules.TYPE_RENAMED_BACK)),
    (_other_namespace, (rules.NAMESPACE_CHANGED_IN_UNION,)),
    (_other_place, (rules.NAMESPACE_CHANGED,)),
    (_ambiguous, (rules.FIELD_ALIAS_BECAME_AMBIGUOUS, rules.FIELD_ALIAS_WAS_AMBIGUOUS)),
    (_lost_field, (rules.FIELD_RENAMED, rules.FIELD_RENAMED_BACK, rules.FIELD_RENAMED_WITHOUT_ALIAS)),
    (_cut_off, (rules.FIELD_ALIAS_CUT_OFF, rules.FIELD_ALIAS_WAS_CUT_OFF)),
    (_cut_off, (rules.FIELD_ALIAS_CUT_OFF_WITHOUT_DEFAULT, rules.FIELD_ALIAS_WAS_CUT_OFF_WITHOUT_DEFAULT)),
    (
        _always("Java before Avro 1.12 refuses the schema: the default {default} fits only a later branch"),
        (rules.DEFAULT_LEFT_FIRST_BRANCH,),
    ),
    (
        _always('Java 1.12.0 and 1.12.1 fail when they fill in the default of "{name}"'),
        (rules.FIELD_ADDED_WITH_ARRAY_DEFAULT_IN_UNION, rules.FIELD_REMOVED_WITH_ARRAY_DEFAULT_IN_UNION),
    ),
    (
        _always('Java before Avro 1.12 refuses the schema, and later ones may fail on the default of "{name}"'),
        (rules.FIELD_ADDED_WITH_DEFAULT_OF_LATER_BRANCH, rules.FIELD_REMOVED_WITH_DEFAULT_OF_LATER_BRANCH),
    ),
    (
        _always('Java fails: it renames "{alias}" to "{name}", and the default of "{field}" does not fit any more'),
        (rules.DEFAULT_BECAME_INVALID_UNDER_ALIAS, rules.DEFAULT_WAS_INVALID_UNDER_ALIAS),
    ),
    (
        _always('Java takes "{name}" for "{taker}" and fails; fastavro reads it by its short name'),
        (rules.TYPE_ALIAS_BECAME_AMBIGUOUS, rules.TYPE_ALIAS_WAS_AMBIGUOUS),
    ),
    (_lossy, (rules.TYPE_WIDENED_LOSSILY, rules.TYPE_NARROWED_LOSSILY)),
    (_not_text, (rules.STRING_CHANGED_TO_BYTES, rules.BYTES_CHANGED_TO_STRING)),
    (_shadowed, (rules.UNION_BRANCH_SHADOWED, rules.UNION_BRANCH_UNSHADOWED)),
    (_namesake, (rules.SAME_NAME_BRANCH_ADDED, rules.SAME_NAME_BRANCH_REMOVED)),
    (_namesake, (rules.SAME_NAME_BRANCHES_REORDERED, rules.AMBIGUOUS_UNION_EXPOSED)),
    (_reordered, (rules.ENUM_SYMBOLS_REORDERED,)),
    (_misread, (rules.TIME_UNIT_CHANGED, rules.LOGICAL_TYPE_CHANGED, rules.DECIMAL_SCALE_CHANGED)),
    (_too_precise, (rules.DECIMAL_PRECISION_INCREASED, rules.DECIMAL_PRECISION_DECREASED)),
    (_interpreted, (rules.LOGICAL_TYPE_ADDED, rules.LOGICAL_TYPE_REMOVED)),
    (_parsed, (rules.PARSED_LOGICAL_TYPE_ADDED, rules.PARSED_LOGICAL_TYPE_REMOVED)),
    (_parsed, (rules.LOGICAL_TYPE_MISSPELT, rules.LOGICAL_TYPE_SPELLING_CORRECTED)),
    (_parsed, (rules.LOGICAL_TYPE_MISPLACED, rules.LOGICAL_TYPE_PLACEMENT_CORRECTED)),
    (_connect, (rules.CONNECT_TYPE_CHANGED, rules.CONNECT_TYPE_ADDED, rules.CONNECT_TYPE_REMOVED)),
)
