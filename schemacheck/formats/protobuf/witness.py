"""An event that shows what a change breaks: built, written and read for real, by a table of ways to show it.

Where this decoder cannot show what others do, the witness says so and is judged by rule.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, islice
from typing import Any

from schemacheck.formats.protobuf import rules
from schemacheck.formats.protobuf.model import FieldDescriptor, Schema
from schemacheck.formats.protobuf.reading import compact, reach, spelt, unknown, value_of
from schemacheck.formats.protobuf.route import Ends, Route, route
from schemacheck.formats.protobuf.samples import filled, get, has, put, shaped, unlisted, values
from schemacheck.formats.protobuf.shapes import is_map, named
from schemacheck.formats.protobuf.trial import (
    Trial,
    holding,
    in_binary,
    in_json,
    innermost,
    lost,
    refused,
    strictly,
    without_text,
)
from schemacheck.formats.protobuf.walk import Told
from schemacheck.model import Change, Direction, Rule, Surface, Witness


def witness(old: Schema, new: Schema, change: Change, way: Direction) -> Witness | None:
    """The first event that shows what a change breaks in one direction; None where no event can show it."""
    how = _HOW.get((change.rule.id, change.rule.surface))
    if how is None or way not in change.breaks or not isinstance(change, Told):
        return None
    sides = (old, new) if way == Direction.BACKWARD else (new, old)
    found = route(change.spot, way)
    whole = _whole(found, *sides) if found is not None else None
    if whole is None:
        return None
    from google.protobuf.message import Error

    try:
        shown = next(how(Trial(change, way, whole)), None)
    except (ValueError, Error):  # no such event can be written, or read far enough
        return None
    name = whole.event.reader.full_name
    if shown is None or name in {root.full_name for root in sides[1].roots}:
        return shown
    return shown._replace(result=f"{shown.result} (read as a {name})")


def _whole(found: Route, writer: Schema, reader: Schema) -> Route | None:
    """The same with the message that an extension extends on the side that lacks the extension."""
    event = found.event
    if event.writer is None or event.reader is None:
        side, known = (writer, event.reader) if event.writer is None else (reader, event.writer)
        try:
            other = side.pool.FindMessageTypeByName(known.full_name)
        except KeyError:
            return None
        event = Ends(other, known) if event.writer is None else Ends(known, other)
    if any(None in (step.field.writer, step.field.reader) for step in found.steps):
        return None
    return Route(event, found.steps, found.field, found.thing)


# a field that is set


def _value(trial: Trial) -> Iterator[Witness]:
    """The reader gets another value, or none."""
    writer, reader = trial.field.writer, trial.field.reader
    if writer is None:
        yield from _as_a_whole(trial)
        return
    for value in shaped(writer):
        event, holder = trial.write(writer, value)
        harm = in_binary(trial, event, holder)
        if harm:
            yield trial.shows(event, f"{harm}{_others(trial, harm)}")
    if reader is not None and trial.change.rule.id in _NO_TEXT:
        event, _ = trial.write(writer, next(shaped(writer)))
        yield trial.shows(event, f'"{named(reader)}" reads as bytes here; Java reads U+FFFD instead', "rule")


def _as_a_whole(trial: Trial) -> Iterator[Witness]:
    """The type of all that a method takes or gives is another."""
    event = filled(trial.route.event.writer)
    read = trial.read(event.SerializeToString())
    words = "nothing of it is known" if not read.ListFields() else f"reads as {compact(read)}"
    yield trial.shows(event, f"to {read.DESCRIPTOR.full_name}, {words}")


def _others(trial: Trial, harm: str) -> str:
    """What other decoders do where this one is no fair judge of them."""
    writer, reader = trial.field.writer, trial.field.reader
    if reader is None or "refused" in harm:
        return ""
    if is_map(writer) and is_map(reader) and trial.change.rule == rules.FIELD_TYPE_CHANGED:
        return "; C++, Java and Go keep the entry, with a default in the place of what changed"
    if is_map(writer) != is_map(reader) and trial.change.rule == rules.FIELD_TYPE_CHANGED:
        return "; other decoders may keep an entry with a default"
    return ""


_NO_TEXT = {rules.FIELD_BYTES_BECAME_STRING.id, rules.FIELD_STRING_BECAME_BYTES.id}


def _other_name(trial: Trial) -> Iterator[Witness]:
    """The reader takes the value for another thing."""
    yield from _value(trial)
    writer, reader = trial.field.writer, trial.field.reader
    event, _ = trial.write(writer, next(shaped(writer)))
    there, _ = reach(trial.read(event.SerializeToString()), trial.route.steps)
    if there is not None:
        got = spelt(value_of(there, reader), reader)
        yield trial.shows(event, f'what was written as "{named(writer)}" is read as "{named(reader)}": {got}')


def _other_form(trial: Trial) -> Iterator[Witness]:
    """The bytes of one type fill the other, and mean something else."""
    yield from _value(trial)
    writer, reader = trial.field.writer, trial.field.reader
    for value in shaped(writer) if writer is not None else ():
        event, holder = trial.write(writer, value)
        there, _ = reach(trial.read(event.SerializeToString()), trial.route.steps)
        if there is not None:
            wrote, got = (spelt(value_of(*side), side[1]) for side in ((holder, writer), (there, reader)))
            yield trial.shows(event, f'"{named(reader)}" reads as {got}, where the writer meant {wrote}')


def _no_case(trial: Trial) -> Iterator[Witness]:
    """The reader knows the oneof, and not the field that is set in it."""
    writer = trial.field.writer
    for value in shaped(writer):
        event, _ = trial.write(writer, value)
        there, end = reach(trial.read(event.SerializeToString()), trial.route.steps)
        if there is None:
            yield trial.shows(event, lost(end))
            return
        kept = "is kept as unknown" if unknown(there, writer.number) else "is lost"
        if not any(there.WhichOneof(oneof.name) for oneof in there.DESCRIPTOR.oneofs):
            yield trial.shows(event, f"no field of the oneof is set; number {writer.number} {kept}")


def _no_text(trial: Trial) -> Iterator[Witness]:
    """Bytes that are not UTF-8, which a writer that does not check lets pass."""
    from google.protobuf.message import DecodeError

    writer, reader = trial.field.writer, trial.field.reader
    event, _ = trial.write(writer, _marked(trial, writer))
    data = without_text(event)
    try:
        trial.read(data)
    except DecodeError as error:
        yield trial.tells(data.hex(), f'"{named(reader)}" is not UTF-8: {refused(error)}')
    else:
        words = f'"{named(reader)}" is not UTF-8: refused by decoders that check it, as Java does by this option'
        yield trial.tells(data.hex(), words, "rule")


def _marked(trial: Trial, field: FieldDescriptor) -> Any:
    from schemacheck.formats.protobuf.samples import NO_TEXT

    mark = NO_TEXT[0].decode()
    if not is_map(field):
        return [mark] if field.is_repeated else mark
    key, inner = (field.message_type.fields_by_number[number] for number in (1, 2))
    if trial.change.where.endswith("{key}"):
        return [(mark, values(inner)[0])]
    return [(values(key)[0], mark)]


# a field that is not set


def _missing(trial: Trial) -> Iterator[Witness]:
    """The reader requires a field that is not there."""
    reader = trial.field.reader
    event, _ = trial.write()
    read = trial.read(event.SerializeToString())
    if not read.IsInitialized():
        words = f'"{named(reader)}" is missing: C++, Java and Go refuse the event; Python reads it as incomplete'
        yield trial.shows(event, words)


def _absent(trial: Trial) -> Iterator[Witness]:
    """The reader cannot tell a field that is gone from one that was not set."""
    reader = trial.field.reader
    event, _ = trial.write()
    there, end = reach(trial.read(event.SerializeToString()), trial.route.steps)
    if there is None:
        yield trial.shows(event, lost(end))
    else:
        got = value_of(there, reader)
        words = "is unset" if got is None else f"reads as {spelt(got, reader)}"
        yield trial.shows(event, f'"{named(reader)}" {words}, as if the writer had left it out')


def _default(trial: Trial) -> Iterator[Witness]:
    """An unset field means another value."""
    writer, reader = trial.field.writer, trial.field.reader
    event, holder = trial.write()
    there, end = reach(trial.read(event.SerializeToString()), trial.route.steps)
    if there is None:
        yield trial.shows(event, lost(end))
        return
    meant, got = get(holder, writer), get(there, reader)
    if meant != got:
        words = f"which means {spelt(meant, writer)} to the writer and {spelt(got, reader)} to the reader"
        yield trial.shows(event, f'"{named(reader)}" is not set, {words}')


def _presence(trial: Trial) -> Iterator[Witness]:
    """A zero that was meant is not in the event, or an unset field reads as zero."""
    writer, reader = trial.field.writer, trial.field.reader
    event, holder = trial.write()
    there, end = reach(trial.read(event.SerializeToString()), trial.route.steps)
    if there is None:
        yield trial.shows(event, lost(end))
        return
    if reader.has_presence:
        if not has(there, reader):
            zero = spelt(get(holder, writer), writer)
            yield trial.shows(event, f'"{named(reader)}" is unset, also where the writer meant {zero}')
    else:
        zero = spelt(get(there, reader), reader)
        yield trial.shows(event, f'"{named(reader)}" reads as {zero}: unset and {zero} are one to the reader')


# enums and oneofs


def _unknown_number(trial: Trial) -> Iterator[Witness]:
    """A number that the reader's enum does not list, and that a closed enum does not take."""
    writer, reader = trial.field.writer, trial.field.reader
    number = _foreign(trial)
    event, holder = trial.write(writer, holding(writer, [number]))
    harm = in_binary(trial, event, holder)
    if harm:
        yield trial.shows(event, f"{harm}{_kept_key(reader)}")
    else:
        words = f"{number} reads as {number} here; C++ and Java take the enum as closed, and leave the field unset"
        yield trial.shows(event, f'"{named(reader)}": {words}', "rule")


def _kept_key(reader: FieldDescriptor) -> str:
    return "; C++ and Java keep the key, with the first value" if is_map(reader) else ""


def _foreign(trial: Trial) -> int:
    number = trial.change.values.get("number")
    if number is not None:
        return int(number)
    enums = [_single(field).enum_type for field in (trial.field.writer, trial.field.reader)]
    return unlisted(*([value.number for value in enum.values] for enum in enums if enum is not None))


def _single(field: FieldDescriptor) -> FieldDescriptor:
    """The field of a single element: of a map, or of a list of entries, the value."""
    if field.message_type is not None and field.is_repeated:
        return field.message_type.fields_by_number[2]
    return field


def _other_number(trial: Trial) -> Iterator[Witness]:
    """A name whose number means another name, or none, to the reader."""
    writer, reader = trial.field.writer, trial.field.reader
    number = trial.route.thing.writer.number
    event, _ = trial.write(writer, holding(writer, [number]))
    there, end = reach(trial.read(event.SerializeToString()), trial.route.steps)
    if there is None:
        yield trial.shows(event, lost(end))
        return
    name = trial.route.thing.writer.name
    got = [spelt(value, _bare(reader)) for value in innermost(there, reader)]
    if got != [name]:
        words = f"reads as {got[0]}" if got else "is unset"
        yield trial.shows(event, f'"{named(reader)}" {words}, where the writer meant {name}')


def _bare(field: FieldDescriptor) -> Any:
    """A field of which one element is spelt."""
    inner = _single(field)
    return _Element(inner) if inner.is_repeated else inner


class _Element:
    """One element of a list, as a field of its own."""

    is_repeated = False

    def __init__(self, field: FieldDescriptor) -> None:
        self.type, self.message_type, self.enum_type = field.type, field.message_type, field.enum_type


def _excluded(trial: Trial) -> Iterator[Witness]:
    """Two fields that the writer can set together, and the reader cannot keep together."""
    oneof, fields = trial.route.thing.reader, trial.route.holder.writer.fields_by_number
    members = [fields[member.number] for member in oneof.fields if member.number in fields]
    for first, second in islice(_together(members), _TRIED):
        event, holder = trial.write(first, _last(first))
        put(holder, second, _last(second))
        there, _ = reach(trial.read(event.SerializeToString()), trial.route.steps)
        kept = there.WhichOneof(oneof.name) if there is not None else None
        both = [member.name for member in oneof.fields if member.number in (first.number, second.number)]
        gone = [name for name in both if name != kept]
        if kept and gone:
            yield trial.shows(event, f'"{gone[0]}" is gone: only "{kept}" is left of the two')


_TRIED = 50


def _last(field: FieldDescriptor) -> Any:
    """A value of a field that most types can hold."""
    return values(field)[-1] if not field.is_repeated else next(shaped(field))


def _together(members: Sequence[FieldDescriptor]) -> Iterator[tuple[FieldDescriptor, FieldDescriptor]]:
    """Pairs of fields that a writer can set together."""
    for first, second in combinations(sorted(members, key=lambda member: member.number), 2):
        if first.containing_oneof is None or first.containing_oneof != second.containing_oneof:
            yield first, second


def _message_set(trial: Trial) -> Iterator[Witness]:
    """An extension, which a message set holds in a form of its own."""
    ends = trial.route.holder
    known = {field.number: field for field in ends.reader.file.pool.FindAllExtensions(ends.reader)}
    for extension in ends.writer.file.pool.FindAllExtensions(ends.writer):
        theirs = known.get(extension.number)
        if theirs is None or extension.message_type is None:
            continue
        event, _ = trial.write(extension, filled(extension.message_type))
        there, _ = reach(trial.read(event.SerializeToString()), trial.route.steps)
        if there is not None and not there.HasExtension(theirs):
            yield trial.shows(event, f'"{theirs.full_name}" is unset: the bytes have another form')
        else:
            words = f'"{theirs.full_name}" is read by this decoder; Go does not load such a schema'
            yield trial.shows(event, words, "rule")


# JSON


def _json(trial: Trial) -> Iterator[Witness]:
    """The JSON of a field that is set is refused, dropped or misread."""
    writer = trial.field.writer
    for value in shaped(writer):
        event, holder = trial.write(writer, value)
        text = compact(event)
        harm = in_json(trial, text, value_of(holder, writer)) if text is not None else ""
        if text is not None and harm:
            yield trial.tells(text, harm)
    reader = trial.field.reader
    if reader is not None and _single(writer).type == 8 and _single(reader).type == 14:
        event, _ = trial.write(writer, next(shaped(writer)))
        words = f'"{named(reader)}" reads as a number here; other parsers refuse true for an enum'
        yield trial.tells(str(compact(event)), words, "rule")
    yield from _strict_json(trial)


def _strict_json(trial: Trial) -> Iterator[Witness]:
    """A key that a strict reader refuses."""
    writer = trial.field.writer
    for value in shaped(writer):
        event, _ = trial.write(writer, value)
        text = compact(event)
        harm = strictly(trial, text) if text is not None else ""
        if text is not None and harm:
            yield trial.tells(text, harm)


def _json_name(trial: Trial) -> Iterator[Witness]:
    """The name that the writer prints for a value, or took from its author, is not known to the reader."""
    writer = trial.field.writer
    thing = trial.route.thing.writer
    event, holder = trial.write(writer, holding(writer, [thing.number]))
    text = compact(event, zeros=thing.number == 0)
    printed = next(value.name for value in thing.type.values if value.number == thing.number)
    if text is None:
        return
    if trial.change.rule == rules.ENUM_ALIAS_REMOVED:  # printers write the first name, people the one they like
        text = text.replace(json.dumps(printed), json.dumps(thing.name))
    harm = in_json(trial, text, value_of(holder, writer))
    if harm:
        yield trial.tells(text, harm)


_How = Callable[[Trial], Iterator[Witness]]
_WAYS: Mapping[_How, tuple[Rule, ...]] = {
    _value: (
        rules.FIELD_RENUMBERED,
        rules.FIELD_TYPE_CHANGED,
        rules.FIELD_STRING_BECAME_BYTES,
        rules.FIELD_BYTES_BECAME_STRING,
        rules.FIELD_MESSAGE_BECAME_BYTES,
        rules.FIELD_BYTES_BECAME_MESSAGE,
        rules.FIELD_DELIMITING_CHANGED,
        rules.FIELD_BECAME_PACKED_LIST,
        rules.PACKED_LIST_BECAME_FIELD,
        rules.FIELD_TYPE_WIDENED,
        rules.FIELD_TYPE_NARROWED,
        rules.FIELD_TYPE_REINTERPRETED,
        rules.FIELD_BECAME_LIST,
        rules.LIST_BECAME_FIELD,
        rules.MAP_BECAME_LIST,
        rules.LIST_BECAME_MAP,
    ),
    _other_form: (rules.WELL_KNOWN_TYPE_SWAPPED,),
    _other_name: (rules.FIELD_NUMBER_REUSED,),
    _no_case: (rules.ONEOF_MEMBER_ADDED, rules.ONEOF_MEMBER_REMOVED),
    _no_text: (rules.UTF8_VALIDATION_ADDED, rules.UTF8_VALIDATION_REMOVED),
    _missing: (
        rules.REQUIRED_FIELD_ADDED,
        rules.REQUIRED_FIELD_REMOVED,
        rules.FIELD_BECAME_REQUIRED,
        rules.FIELD_STOPPED_BEING_REQUIRED,
    ),
    _absent: (rules.FIELD_REMOVED, rules.EXTENSION_REMOVED),
    _default: (rules.FIELD_DEFAULT_CHANGED, rules.ENUM_DEFAULT_CHANGED),
    _presence: (rules.FIELD_GAINED_PRESENCE, rules.FIELD_LOST_PRESENCE),
    _unknown_number: (
        rules.FIELD_INTEGER_BECAME_CLOSED_ENUM,
        rules.FIELD_CLOSED_ENUM_BECAME_INTEGER,
        rules.ENUM_VALUE_ADDED_TO_CLOSED_ENUM,
        rules.ENUM_VALUE_REMOVED_FROM_CLOSED_ENUM,
        rules.ENUM_BECAME_CLOSED,
        rules.ENUM_BECAME_OPEN,
    ),
    _other_number: (rules.ENUM_VALUE_RENUMBERED,),
    _excluded: (rules.FIELDS_BECAME_EXCLUSIVE, rules.FIELDS_BECAME_INDEPENDENT),
    _message_set: (rules.MESSAGE_SET_FORMAT_CHANGED,),
    _json: (
        rules.FIELD_JSON_FORM_CHANGED,
        rules.FIELD_INTEGER_BECAME_OPEN_ENUM,
        rules.FIELD_OPEN_ENUM_BECAME_INTEGER,
        rules.FIELD_RENAMED,
        rules.FIELD_JSON_NAME_CHANGED,
        rules.FIELD_JSON_NAME_BECAME_FIELD_NAME,
        rules.FIELD_JSON_NAME_LEFT_FIELD_NAME,
        rules.EXTENSION_RENAMED,
        rules.EXTENSION_BECAME_FIELD,
        rules.FIELD_BECAME_EXTENSION,
    ),
    _strict_json: (rules.JSON_KEY_ADDED, rules.JSON_KEY_REMOVED),
    _json_name: (
        rules.ENUM_VALUE_ADDED,
        rules.ENUM_VALUE_REMOVED,
        rules.ENUM_VALUE_RENAMED,
        rules.ENUM_ALIAS_REMOVED,
        rules.ENUM_ALIAS_PUT_FIRST,
        rules.FIRST_ENUM_ALIAS_REMOVED,
    ),
}
_HOW: Mapping[tuple[str, Surface], _How] = {
    (rule.id, rule.surface): how for how, shown in _WAYS.items() for rule in shown
}
