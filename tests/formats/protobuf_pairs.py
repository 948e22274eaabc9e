"""Random pairs of Protobuf schemas and events, and what it means that a reader got what a writer wrote.

A pair is a file and the same file after a few edits. All files of one side are compiled in one call and stand in one
pool, each in a package of its own.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from google.protobuf import json_format
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.unknown_fields import UnknownFieldSet

from schemacheck import formats
from schemacheck.formats.protobuf.model import Schema
from schemacheck.model import Document, Subject, Version
from schemacheck.sources.tree import MemoryTree

INTEGERS = [f"{kind}{size}" for kind in ("int", "uint", "sint", "fixed", "sfixed") for size in (32, 64)] + ["bool"]
SCALARS = [*INTEGERS, "float", "double", "string", "bytes"]
KEYS = [*INTEGERS, "string"]
ENUMS = ("Kind", "State")
MESSAGES = ("Item", "Part")
SYNTAXES = ("proto2", "proto3", "editions")


def parsed(texts: Sequence[str], side: str) -> list[Schema]:
    """The schemas of many files, compiled together; each file's event is its message `Event`."""
    files = {f"p{number}/event.proto": text.encode() for number, text in enumerate(texts)}
    tree = MemoryTree(side, files)
    documents = [Document(Subject(f"{path[:-6]}", Version(1)), "protobuf", path, tree) for path in files]
    result = formats.load("protobuf").open(tree, {}).parse(documents, published=False)
    for path, schema in result.items():
        assert isinstance(schema, Schema), (schema, files[path].decode())
    return [result[path] for path in files]


# schemas


@dataclass
class Field:
    """One field; `label` is "", "optional", "required" or "repeated", `key` makes it a map."""

    name: str
    number: int
    type: str
    label: str = ""
    key: str = ""
    oneof: str = ""
    options: tuple[str, ...] = ()


@dataclass
class File:
    """A file with an event, two messages and two enums, and what its removed fields and values leave behind."""

    syntax: str
    messages: dict[str, list[Field]]
    enums: dict[str, dict[str, int]]
    features: dict[str, str] = field(default_factory=dict)  # message or enum to option line
    reserved: dict[str, set[int | str]] = field(default_factory=dict)
    imports: tuple[str, ...] = ()

    def text(self, package: str) -> str:
        """The file as its author wrote it."""
        head = 'edition = "2023"' if self.syntax == "editions" else f'syntax = "{self.syntax}"'
        lines = [f"{head};", f"package {package};", *(f'import "{name}";' for name in self.imports)]
        for name, values in self.enums.items():
            lines += [f"enum {name} {{", *self._inside(name)]
            lines += [f"  {value} = {number};" for value, number in values.items()]
            lines += ["}"]
        for name, fields in self.messages.items():
            lines += [f"message {name} {{", *self._inside(name)]
            oneofs: dict[str, list[Field]] = {}
            for each in fields:
                if each.oneof:
                    oneofs.setdefault(each.oneof, []).append(each)
                else:
                    lines.append(f"  {self._field(each)}")
            for oneof, members in oneofs.items():
                lines += [f"  oneof {oneof} {{", *(f"    {self._field(each)}" for each in members), "  }"]
            lines += ["}"]
        return "\n".join([*lines, ""])

    def _inside(self, name: str) -> Iterator[str]:
        if name in self.features:
            yield f"  option {self.features[name]};"
        for kept in sorted(self.reserved.get(name, ()), key=str):
            quoted = f'"{kept}"' if isinstance(kept, str) and self.syntax != "editions" else kept
            yield f"  reserved {quoted};"

    def _field(self, each: Field) -> str:
        label = "" if each.oneof or each.key else each.label
        kind = f"map<{each.key}, {each.type}>" if each.key else each.type
        if kind == "group":
            return (
                f"{label} group {each.name.upper()} = {each.number} {{ optional int32 a = 1; optional Event b = 2; }}"
            )
        options = f" [{', '.join(each.options)}]" if each.options else ""
        return " ".join(f"{label} {kind} {each.name} = {each.number}{options};".split())


class Author:
    """Writes files, and edits them, by chance. Fields may have types that the file does not declare."""

    own_messages: Sequence[str] = MESSAGES
    own_enums: Sequence[str] = ENUMS
    messages: Sequence[str] = MESSAGES
    enums: Sequence[str] = ENUMS

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def pairs(self, count: int) -> Iterator[tuple[File, File]]:
        """Files before and after one to three edits."""
        for _ in range(count):
            before = self.file()
            after = deepcopy(before)
            for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
                self.edit(after)
            yield before, after

    def file(self) -> File:
        syntax = self.chance.choice(SYNTAXES)
        file = File(syntax, {}, {name: self._values(name, syntax) for name in self.own_enums})
        if syntax == "editions":
            for name in self.own_enums:
                if self.chance.random() < 0.5:
                    file.features[name] = "features.enum_type = CLOSED"
        for name in (*self.own_messages, "Event"):
            count = self.chance.randint(1, 5)
            numbers = self.chance.sample(range(1, 9), count)
            file.messages[name] = [self.field(file, f"f{number}", number) for number in numbers]
        return file

    def _values(self, enum: str, syntax: str) -> dict[str, int]:
        numbers = self.chance.sample([1, 2, 3, 5, -1], self.chance.randint(1, 3))
        first = [7] if syntax == "proto2" and self.chance.random() < 0.2 else [0]
        return {f"{enum.upper()}_{number}".replace("-", "M"): number for number in first + numbers}

    def field(self, file: File, name: str, number: int) -> Field:
        kind = self.chance.choice([*SCALARS, *SCALARS, *self.enums, *self.enums, *self.messages, *self.messages])
        made = Field(name, number, kind)
        self._shape(file, made)
        return made

    def _shape(self, file: File, made: Field) -> None:
        """A cardinality, and features that fit it."""
        shape = self.chance.choice(("", "", "optional", "repeated", "map", "oneof", "required"))
        if shape == "required" and made.type in self.messages:  # a message that requires itself cannot be written
            shape = "optional"
        made.label, made.key, made.oneof = "", "", ""
        if shape == "oneof":
            made.oneof = self.chance.choice(("a", "b"))
        elif shape == "map" and made.type not in self.enums:  # a map needs an enum whose first value is zero
            made.key = self.chance.choice(KEYS)
        elif shape == "repeated":
            made.label = "repeated"
        elif file.syntax == "proto2":
            made.label = "required" if shape == "required" else "optional"
        elif file.syntax == "proto3" and shape == "optional":
            made.label = "optional"
        made.options = tuple(self._options(file, made, shape))

    def _options(self, file: File, made: Field, shape: str) -> Iterator[str]:
        editions, number = file.syntax == "editions", made.type in (*INTEGERS, "float", "double", *self.enums)
        single = not (made.label == "repeated" or made.key or made.oneof)
        if made.label == "repeated" and number and self.chance.random() < 0.5:
            if editions:
                yield "features.repeated_field_encoding = EXPANDED"
            else:
                yield f"packed = {self.chance.choice(('true', 'false'))}"
        if editions and single and made.type not in (*self.messages, *self.enums):
            if shape == "required":
                yield "features.field_presence = LEGACY_REQUIRED"
            elif shape == "optional":
                yield "features.field_presence = IMPLICIT"
        if editions and made.type == "string" and self.chance.random() < 0.3:
            yield "features.utf8_validation = NONE"
        if editions and made.type in self.messages and not made.key and self.chance.random() < 0.3:
            yield "features.message_encoding = DELIMITED"

    def edit(self, file: File) -> None:
        """One edit of a random message or enum."""
        if self.chance.random() < 0.25:
            self._edit_enum(file, self.chance.choice(self.own_enums))
            return
        message = self.chance.choice(list(file.messages))
        fields = file.messages[message]
        act = self.chance.choice(("type", "type", "near", "near", "shape", "shape", "oneof", "add", "remove", "number"))
        free = [number for number in range(1, 16) if number not in {f.number for f in fields}]
        if act == "add" or not fields:
            number = self.chance.choice([n for n in free if n not in file.reserved.get(message, set())])
            fields.append(self.field(file, f"n{number}", number))
            return
        edited = self.chance.choice(fields)
        if act == "remove" and len(fields) > 1:
            fields.remove(edited)
            file.reserved.setdefault(message, set()).update({edited.number, edited.name})
        elif act == "number":
            file.reserved.setdefault(message, set()).add(edited.number)
            edited.number = self.chance.choice([n for n in free if n not in file.reserved[message]])
        elif act == "oneof" and not edited.key and edited.label not in ("repeated", "required"):
            edited.oneof = "" if edited.oneof else self.chance.choice(("a", "b"))
            edited.label = "optional" if file.syntax == "proto2" else ""
            edited.options = tuple(option for option in edited.options if "presence" not in option)
        elif act == "near":
            self._near(edited)
        else:
            if act == "type":
                edited.type = self.chance.choice([*SCALARS, *self.enums, *self.messages])
            self._shape(file, edited)

    def _near(self, edited: Field) -> None:
        """Another type of the same shape, often one that reads the same bytes."""
        near = {
            "string": ("bytes",),
            "bytes": ("string", *self.messages),
            "Item": ("bytes", "Part"),
            "Part": ("bytes", "Item"),
            "Kind": ("State", "int32", "int64", "bool"),
            "State": ("Kind", "int32", "int64", "uint32"),
        }
        if edited.key:
            near |= dict.fromkeys(self.enums, ("int32", "int64", "bool"))
        integers = ("int32", "int64", "uint32", "uint64", "bool", *(() if edited.key else self.enums))
        kind = self.chance.choice(near.get(edited.type, integers))
        keep = "repeated_field_encoding" if kind in (*INTEGERS, *self.enums) else ""
        presence = () if kind in (*self.enums, *self.messages) else ("presence",)
        wanted = tuple(word for word in (keep, *presence) if word)
        edited.options = tuple(option for option in edited.options if any(word in option for word in wanted))
        edited.type = kind

    def _edit_enum(self, file: File, enum: str) -> None:
        values = file.enums[enum]
        act = self.chance.choice(("add", "remove", "closed"))
        free = [number for number in (1, 2, 3, 4, 5, 6, -1, -2) if number not in values.values()]
        if act == "closed" and file.syntax == "editions":
            kind = "OPEN" if "CLOSED" in file.features.get(enum, "") else "CLOSED"
            file.features[enum] = f"features.enum_type = {kind}"
        elif act == "remove" and len(values) > 2:
            name = list(values)[-1]
            file.reserved.setdefault(enum, set()).update({values.pop(name), name})
        else:
            number = self.chance.choice([n for n in free if n not in file.reserved.get(enum, set())])
            values[f"{enum.upper()}_{number}".replace("-", "M")] = number


def respelt(file: File) -> File:
    """The same file in another order."""
    return replace(
        file,
        messages={name: file.messages[name][::-1] for name in reversed(file.messages)},
        enums={name: file.enums[name] for name in reversed(file.enums)},
    )


# events


def event(chance: random.Random, message: Any, depth: int = 0) -> Any:
    """A random message of a descriptor, with everything in it that is required."""
    made = GetMessageClass(message)()
    if message.full_name in ("google.protobuf.Timestamp", "google.protobuf.Duration"):
        made.seconds = chance.choice((0, 1, 77))  # beyond some thousand years they have no JSON form
        return made
    for each in message.fields:
        if each.message_type is not None and depth > 2:
            continue
        if each.is_required or chance.random() < 0.8:
            _fill(chance, made, each, depth)
    return made


def _fill(chance: random.Random, made: Any, each: Any, depth: int) -> None:
    if each.message_type is not None and each.message_type.GetOptions().map_entry:
        key, value = each.message_type.fields
        for _ in range(chance.randint(1, 3)):
            entry = getattr(made, each.name)
            if value.message_type is not None:
                entry[_value(chance, key)].CopyFrom(event(chance, value.message_type, depth + 1))
            else:
                entry[_value(chance, key)] = _value(chance, value)
    elif each.message_type is not None:
        if each.is_repeated:
            for _ in range(chance.randint(1, 3)):
                getattr(made, each.name).append(event(chance, each.message_type, depth + 1))
        else:
            getattr(made, each.name).CopyFrom(event(chance, each.message_type, depth + 1))
    elif each.is_repeated:
        getattr(made, each.name).extend(_value(chance, each) for _ in range(chance.randint(1, 3)))
    else:
        setattr(made, each.name, _value(chance, each))


RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
    "bool": (0, 1),
}
_DOMAIN = {5: "int32", 17: "int32", 15: "int32", 3: "int64", 18: "int64", 16: "int64"} | {
    13: "uint32",
    7: "uint32",
    4: "uint64",
    6: "uint64",
    8: "bool",
}


def _value(chance: random.Random, each: Any) -> Any:
    return chance.choice(values(each))


def values(each: Any) -> list[Any]:
    """The values of a scalar or enum field that a reader is likeliest to get wrong."""
    if each.type == 14:
        listed = [value.number for value in each.enum_type.values]
        return listed if each.enum_type.is_closed else [*listed, 77, -(2**31), 2**31 - 1]
    if each.type in _DOMAIN:
        low, high = RANGES[_DOMAIN[each.type]]
        cast = bool if each.type == 8 else int
        return [cast(value) for value in {low, high, 0, 1, *(n for n in (-1, 2, 77) if low <= n <= high)}]
    return {
        9: ["", "a", "\u00e9", "hello"],
        12: [b"", b"a", b"\xff", b"\x08\x01"],
        2: [0.0, 1.5, -2.0, math.inf],
        1: [0.0, 1.5, -1e300, math.inf],
    }[each.type]


# what arrived


def lost(writer: Any, reader_type: Any) -> str:
    """What a reader does not get of a message that a writer wrote; "" if it gets all that both know."""
    reader = GetMessageClass(reader_type)()
    try:
        reader.ParseFromString(writer.SerializeToString())
    except Exception as error:  # noqa: BLE001 - whatever a decoder says to such bytes, it is a refusal
        return f"refused: {error}"
    if not reader.IsInitialized():
        return "required fields are missing"
    unknown = next(_unknown(writer, reader), "")
    return unknown or next(_differences(writer, reader, ""), "")


def lost_in_json(writer: Any, reader_type: Any) -> str:
    """The same by way of JSON, for a reader that ignores unknown keys."""
    reader = GetMessageClass(reader_type)()
    try:
        json_format.Parse(json_format.MessageToJson(writer), reader, ignore_unknown_fields=True)
    except json_format.ParseError as error:
        return f"refused: {error}"
    return next(_differences(writer, reader, ""), "")


def _unknown(writer: Any, reader: Any) -> Iterator[str]:
    """Fields that only the writer knows, and that do not survive as unknown ones."""
    known = reader.DESCRIPTOR.fields_by_number
    kept = {each.field_number for each in UnknownFieldSet(reader)} | {each.number for each, _ in reader.ListFields()}
    for each, _ in writer.ListFields():
        if each.number not in known and each.number not in kept:
            yield f"{each.name} is not even unknown"


def _differences(writer: Any, reader: Any, where: str) -> Iterator[str]:
    known = {each.number: each for each in reader.DESCRIPTOR.fields}
    for each in writer.DESCRIPTOR.fields:
        here = f"{where}.{each.name}"
        theirs = known.get(each.number)
        if theirs is not None and not _same(_read(writer, each), _read(reader, theirs), each, theirs):
            yield f"{here}: {_read(writer, each)!r} became {_read(reader, theirs)!r}"


def _read(message: Any, each: Any) -> Any:
    """The value of a field; None if it is known to be unset."""
    if not each.is_repeated and each.has_presence and not message.HasField(each.name):
        return None
    return getattr(message, each.name)


def _same(written: Any, read: Any, writer: Any, reader: Any) -> bool:
    if _is_map(writer) != _is_map(reader) and all(each.is_repeated and each.message_type for each in (writer, reader)):
        return _pairs(written, writer) == _pairs(read, reader)
    if _is_map(writer) and _is_map(reader):
        keys, items = writer.message_type.fields, reader.message_type.fields
        plain = {_plain(key, keys[0]): value for key, value in written.items()}
        return len(plain) == len(read) and all(
            _plain(key, items[0]) in plain and _same(plain[_plain(key, items[0])], value, keys[1], items[1])
            for key, value in read.items()
        )
    if writer.is_repeated and reader.is_repeated and not _is_map(writer) and not _is_map(reader):
        return len(written) == len(read) and all(
            _one(mine, theirs, writer, reader) for mine, theirs in zip(written, read, strict=True)
        )
    if reader.is_repeated and not _is_map(reader) and not writer.is_repeated:
        absent = written is None or (not writer.has_presence and not written)
        return len(read) == (0 if absent else 1) and all(_one(written, theirs, writer, reader) for theirs in read)
    if writer.is_repeated or reader.is_repeated:
        return not written and not read
    if written is None and not reader.has_presence:
        # A reader that cannot tell unset from zero reads what unset means.
        return not read if writer.message_type is not None else bool(read == writer.default_value)
    if written is None or read is None:
        return written is None and read is None
    return _one(written, read, writer, reader)


def _pairs(value: Any, each: Any) -> list[Any]:
    """The entries of a map of scalars, or of a list that could be one, sorted."""
    key, item = (each.message_type.fields_by_number[number] for number in (1, 2))
    entries = value.items() if _is_map(each) else [(getattr(e, key.name), getattr(e, item.name)) for e in value]
    return sorted((_plain(name, key), _plain(inner, item)) for name, inner in entries)


def _one(written: Any, read: Any, writer: Any, reader: Any) -> bool:
    if writer.message_type is not None and reader.message_type is not None:
        if written.ListFields() and _strangers(writer.message_type, reader.message_type):
            return False
        return not any(True for _ in _differences(written, read, ""))
    if writer.message_type is not None:
        return bool(read == written.SerializeToString())
    return bool(_plain(written, writer) == _plain(read, reader))


def _strangers(writer: Any, reader: Any) -> bool:
    """Two messages that have fields, and no number in common."""
    numbers = {each.number for each in writer.fields}, {each.number for each in reader.fields}
    return all(numbers) and numbers[0].isdisjoint(numbers[1])


def _plain(value: Any, each: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return value.encode() if isinstance(value, str) else value


def _is_map(each: Any) -> bool:
    return bool(each.is_repeated and each.message_type is not None and each.message_type.GetOptions().map_entry)
