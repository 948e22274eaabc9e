"""Pairs that reach further: two files, of which one imports the other in another syntax, groups, recursion, wrappers,
well-known types, defaults, JSON names, renamed fields, swapped numbers, aliases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy

from protobuf_pairs import ENUMS, MESSAGES, Author, Field, File

from schemacheck import formats
from schemacheck.formats.protobuf.compile import compile_files
from schemacheck.formats.protobuf.model import Schema
from schemacheck.model import Document, Subject, Version
from schemacheck.sources.tree import MemoryTree

KNOWN = tuple(
    f"google.protobuf.{name}" for name in ("Timestamp", "Duration", "Int32Value", "Int64Value", "StringValue")
)
Files = tuple[File, File]


class Shared(Author):
    """Writes the file that is imported."""

    own_messages = messages = ("Money",)
    own_enums = enums = ("Mode",)

    def file(self) -> File:
        made = super().file()
        made.messages["Moment"] = [Field("seconds", 1, "int64"), Field("nanos", 2, "int32")]
        if made.syntax == "proto2":
            for each in made.messages["Moment"]:
                each.label = "optional"
        return made


class Wide(Author):
    """Writes the event's file."""

    messages = (*MESSAGES, "Event", "shared.Money", "shared.Moment", *KNOWN)
    enums = (*ENUMS, "shared.Mode")

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.shared = Shared(seed + 1)

    def two(self, count: int) -> Iterator[tuple[Files, Files]]:
        """The two files before and after one to three edits of either."""
        for _ in range(count):
            before = self.file(), self.shared.file()
            after = deepcopy(before)
            for _ in range(self.chance.choice((1, 1, 2, 3))):
                if self.chance.random() < 0.2:
                    self.shared.edit(after[1])
                elif self.chance.random() < 0.3:
                    self._bend(after[0])
                else:
                    self.edit(after[0])
            if not any(refused(side) for side in (before, after)):
                yield before, after

    def field(self, file: File, name: str, number: int) -> Field:
        made = super().field(file, name, number)
        if file.syntax == "proto2" and not made.key and not made.oneof and self.chance.random() < 0.1:
            made.type, made.options = "group", ()
            made.label = "optional" if made.label == "required" else made.label
        return made

    def _bend(self, file: File) -> None:
        """An edit of names, numbers, defaults or the syntax."""
        fields = self.chance.choice(list(file.messages.values()))
        act = self.chance.choice(("rename", "json", "swap", "default", "alias", "type name", "syntax"))
        if act == "alias":
            values = file.enums[self.chance.choice(self.own_enums)]
            name, number = self.chance.choice(list(values.items()))
            values.pop(name)
            values[f"{name}_B"] = number
        elif act == "syntax" and file.syntax == "proto3":
            file.syntax = "editions"
            for each in [each for fields in file.messages.values() for each in fields]:
                each.label = "" if each.label == "optional" else each.label
                each.options = tuple(option for option in each.options if not option.startswith("packed"))
        elif len(fields) > 1 and act == "swap":
            first, second = self.chance.sample(fields, 2)
            first.number, second.number = second.number, first.number
        elif act == "type name" and fields:
            each = self.chance.choice(fields)
            if each.type in self.messages and "message_encoding" not in str(each.options):
                each.type = self.chance.choice(self.messages)
        elif fields:
            each = self.chance.choice(fields)
            if act == "rename" and each.type != "group":
                each.name = f"{each.name}_b"
            elif act == "json" and each.type != "group":
                each.options = (*(o for o in each.options if not o.startswith("json_name")), 'json_name = "other"')
            elif act == "default" and each.type in ("int32", "uint64", "double") and each.label == "optional":
                each.options = (*(o for o in each.options if not o.startswith("default")), "default = 5")


def refused(side: Files) -> bool:
    """Whether the compiler does not take what chance wrote."""
    texts = written(side, "p")
    return compile_files(texts, ["p/event.proto"]).files is None


def written(side: Files, package: str) -> dict[str, bytes]:
    """The two files of a side."""
    event, shared = side
    event.imports = (f"{package}/shared.proto", *(f"google/protobuf/{name}.proto" for name in _FILES))
    texts = {"event": event.text(package), "shared": shared.text(f"{package}.shared")}
    return {f"{package}/{name}.proto": text.encode() for name, text in texts.items()}


def compiled(sides: Sequence[Files], side: str) -> list[Schema]:
    """The events of one side, all in one tree."""
    files = {path: text for number, two in enumerate(sides) for path, text in written(two, f"p{number}").items()}
    tree = MemoryTree(side, files)
    paths = [path for path in files if path.endswith("event.proto")]
    documents = [Document(Subject(path[:-6], Version(1)), "protobuf", path, tree) for path in paths]
    result = formats.load("protobuf").open(tree, {}).parse(documents, published=False)
    for path, schema in result.items():
        assert isinstance(schema, Schema), (path, schema)
    return [result[path] for path in paths]


_FILES = ("timestamp", "duration", "wrappers")
