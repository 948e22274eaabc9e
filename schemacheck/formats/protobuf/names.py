"""Where an element stands: full names as pointers into the files of one side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemacheck.formats.protobuf.model import FileDescriptor, Schema


class Names:
    """The pointers of one schema's elements, indexed a file at a time when the first is asked for."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._indexes: dict[str, dict[str, str]] = {}

    def pointer(self, file: FileDescriptor, *names: str) -> str | None:
        """`path#4/0/2/1` of the first of these names that the file holds; None for files that are not of the tree.

        A name is a full name; that of an enum value is its enum's, a slash, and its own.
        """
        path = self._schema.paths.get(file.name)
        if path is None:
            return None
        if path not in self._indexes:
            from google.protobuf.descriptor_pb2 import FileDescriptorProto

            proto = FileDescriptorProto.FromString(file.serialized_pb)
            prefix = f"{proto.package}." if proto.package else ""
            self._indexes[path] = dict(_elements(proto, prefix))
        index = self._indexes[path]
        return f"{path}#{next((index[name] for name in names if name in index), '')}"


def _elements(proto: Any, prefix: str) -> Iterator[tuple[str, str]]:
    yield from _messages(proto.message_type, prefix, "4")
    yield from _enums(proto.enum_type, prefix, "5")
    for number, service in enumerate(proto.service):
        yield f"{prefix}{service.name}", f"6/{number}"
        for index, method in enumerate(service.method):
            yield f"{prefix}{service.name}.{method.name}", f"6/{number}/2/{index}"
    for number, extension in enumerate(proto.extension):
        yield f"{prefix}{extension.name}", f"7/{number}"


def _messages(messages: Any, prefix: str, path: str) -> Iterator[tuple[str, str]]:
    for number, message in enumerate(messages):
        name, here = f"{prefix}{message.name}", f"{path}/{number}"
        yield name, here
        for index, field in enumerate(message.field):
            yield f"{name}.{field.name}", f"{here}/2/{index}"
        for index, extension in enumerate(message.extension):
            yield f"{name}.{extension.name}", f"{here}/6/{index}"
        for index, oneof in enumerate(message.oneof_decl):
            yield f"{name}.{oneof.name}", f"{here}/8/{index}"
        yield from _messages(message.nested_type, f"{name}.", f"{here}/3")
        yield from _enums(message.enum_type, f"{name}.", f"{here}/4")


def _enums(enums: Any, prefix: str, path: str) -> Iterator[tuple[str, str]]:
    for number, enum in enumerate(enums):
        name, here = f"{prefix}{enum.name}", f"{path}/{number}"
        yield name, here
        for index, value in enumerate(enum.value):
            yield f"{name}/{value.name}", f"{here}/2/{index}"
