"""One event, written by one schema and really read by the other: what came of it, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemacheck.formats.protobuf.model import FieldDescriptor
from schemacheck.formats.protobuf.reading import compact, listed, reach, same, spelt, unknown, value_of
from schemacheck.formats.protobuf.route import Ends, Route
from schemacheck.formats.protobuf.samples import NO_TEXT, Message, begin, get, lead, put
from schemacheck.formats.protobuf.shapes import is_map, named
from schemacheck.model import Change, Direction, Witness


@dataclass(frozen=True, slots=True)
class Trial:
    """A change in one direction, and the way to it."""

    change: Change
    way: Direction
    route: Route

    @property
    def field(self) -> Ends:
        """The field at the place; two Nones if there is none."""
        return self.route.field or Ends(None, None)

    def write(self, field: FieldDescriptor | None = None, value: Any = None) -> tuple[Message, Message]:
        """An event that goes the way, and the message in it that holds the place, with one field set there."""
        event = begin(self.route.event.writer)
        holder = lead(event, self.route.steps)
        if field is not None:
            put(holder, field, value)
        return event, holder

    def read(self, data: bytes) -> Message:
        """What the reader makes of an event; raises DecodeError if it refuses."""
        from google.protobuf.message import DecodeError
        from google.protobuf.message_factory import GetMessageClass

        made = GetMessageClass(self.route.event.reader)()
        try:
            made.ParseFromString(data)
        except UnicodeDecodeError as error:  # as the decoder in pure Python says it
            raise DecodeError("String field had bad UTF-8") from error
        return made

    def shows(self, event: Message, result: str, judge: str = "protobuf") -> Witness:
        """The witness of an event in the binary form."""
        text = compact(event)
        return self.tells(event.SerializeToString().hex() if text is None else text, result, judge)

    def tells(self, event: str, result: str, judge: str = "protobuf") -> Witness:
        """The witness of an event that is written as it is."""
        roles = ("old", "new") if self.way == Direction.BACKWARD else ("new", "old")
        return Witness(*roles, event, result, judge)


# the binary form


def in_binary(trial: Trial, event: Message, holder: Message) -> str:
    """What the reader got wrong of an event whose field is set; "" if nothing."""
    from google.protobuf.message import DecodeError

    try:
        read = trial.read(event.SerializeToString())
    except DecodeError as error:
        return refused(error)
    there, end = reach(read, trial.route.steps)
    if there is None:
        return lost(end)
    writer, reader = trial.field.writer, trial.field.reader
    if reader is None:
        kept = "is kept as unknown" if unknown(there, writer.number) else "is lost"
        return f"the reader has no field for number {writer.number}, which {kept}"
    try:
        wrote, got = value_of(holder, writer), value_of(there, reader)
        if same(wrote, got, trial.field):
            return ""
    except UnicodeDecodeError:
        return f'"{named(reader)}" is no text, and cannot be read'
    return _difference(wrote, got, there, trial.field)


def lost(field: str) -> str:
    """The words for a way that ends before the place."""
    return f'"{field}" is lost on the way'


def _difference(wrote: Any, got: Any, there: Message, ends: Ends) -> str:
    writer, reader = ends.writer, ends.reader
    words = f'"{named(reader)}" is unset' if got is None else f'"{named(reader)}" reads as {spelt(got, reader)}'
    other = there.DESCRIPTOR.fields_by_number.get(writer.number)
    if other is not None and other.number != reader.number:
        words += f'; number {writer.number} is read as "{other.name}"'
    elif unknown(there, writer.number):
        words += f"; number {writer.number} is kept as unknown"
    elif not reader.is_repeated and writer.is_repeated and got is not None:
        words += " alone"
    return words + _bits(wrote, got, ends)


def _bits(wrote: Any, got: Any, ends: Ends) -> str:
    """Whether a number lost its upper half."""
    single = [
        value for value, field in ((wrote, ends.writer), (got, ends.reader)) for value in listed(value, field)[:1]
    ]
    numbers = [value for value in single if isinstance(value, int) and not isinstance(value, bool)]
    if len(numbers) < 2 or abs(numbers[0]) < 2**32 or ends.reader.type == 14:
        return ""
    return ", its upper 32 bits are lost" if (numbers[0] - numbers[1]) % 2**32 == 0 else ""


def refused(error: Exception) -> str:
    """The words of a decoder on one line, without the names that the event shows."""
    words = " ".join(str(error).split()).rstrip(".")
    key = _UNKNOWN_KEY.search(words)
    if key is not None:
        return f"{_KEY} {key[1]} is not known"
    words = _PREFIX.sub("", _SUFFIX.sub("", words))
    return f"refused: {words}" if words else "refused"


_KEY = "refused: the key"
_UNKNOWN_KEY = re.compile(r"has no field named (\".*?\") at ")
_PREFIX = re.compile(r"^(Error parsing message with type '[^']*': |Failed to parse )")
_SUFFIX = re.compile(r"( at [\w.]+|: unsupported operand type.*)$")


def without_text(event: Message) -> bytes:
    """The bytes of an event, with no UTF-8 where the mark was."""
    return bytes(event.SerializeToString()).replace(*NO_TEXT)


# JSON


def in_json(trial: Trial, text: str, wrote: Any) -> str:
    """What a JSON reader got wrong of an event, also one that ignores unknown keys; "" if nothing."""
    strict = _parse(trial, text, False)
    lenient = _parse(trial, text, True)
    if isinstance(lenient, str):
        return lenient
    there, end = reach(lenient, trial.route.steps)
    reader = trial.field.reader
    if there is None:
        harm = lost(end)
    elif reader is None or not same(wrote, value_of(there, reader), trial.field):
        harm = _absent(there, reader)
    else:  # a value that is dropped reads as the same zero: strict readers refuse it nevertheless
        return strict if isinstance(strict, str) and _KEY not in strict else ""
    if isinstance(strict, str):
        return f"{strict}, or where it is ignored, {harm}"
    return harm


def _absent(there: Message, reader: FieldDescriptor | None) -> str:
    if reader is None:
        return "it is dropped"
    got = value_of(there, reader)
    return f'"{named(reader)}" is unset' if got is None else f'"{named(reader)}" reads as {spelt(got, reader)}'


def strictly(trial: Trial, text: str) -> str:
    """The words of a JSON reader that refuses unknown keys; "" if it takes the event."""
    found = _parse(trial, text, False)
    return found if isinstance(found, str) else ""


def _parse(trial: Trial, text: str, ignoring: bool) -> Message | str:
    from google.protobuf import json_format
    from google.protobuf.message_factory import GetMessageClass

    reader = trial.route.event.reader
    made = GetMessageClass(reader)()
    try:
        json_format.Parse(text, made, ignore_unknown_fields=ignoring, descriptor_pool=reader.file.pool)
    except (json_format.ParseError, AttributeError, TypeError, ValueError) as error:  # not all of it is foreseen
        return refused(error)
    return made


def holding(field: FieldDescriptor, numbers: Sequence[int]) -> Any:
    """What to put into a field whose elements are enum values: the values, in its own shape."""
    if is_map(field):
        key = field.message_type.fields_by_number[1]
        return [(_KEYS.get(key.type, 1), numbers[0])]
    if field.message_type is not None:  # a list of entries
        made = begin(field.message_type)
        put(made, field.message_type.fields_by_number[2], numbers[0])
        return [made]
    return list(numbers) if field.is_repeated else numbers[0]


_KEYS = {9: "A-1", 8: True}


def innermost(holder: Message, field: FieldDescriptor) -> list[Any]:
    """The single elements in a field: of a map, or of a list of entries, their values."""
    value = get(holder, field)
    if is_map(field):
        return list(value.values())
    if field.message_type is not None and field.is_repeated:
        return [get(entry, field.message_type.fields_by_number[2]) for entry in value]
    return listed(value_of(holder, field), field)
