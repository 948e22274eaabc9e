"""One side of a comparison: what its built descriptors do not tell, and where their elements stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from schemacheck.formats.protobuf.model import Descriptor, EnumDescriptor, FieldDescriptor, FileDescriptor, Schema

_CLOSED, _VERIFY = 2, 2  # FeatureSet.EnumType.CLOSED, FeatureSet.Utf8Validation.VERIFY
_CPP, _JAVA = (1000, "pb.CppFeatures"), (1001, "pb.JavaFeatures")  # extensions of FeatureSet


class Element(NamedTuple):
    """What stands at one place of a file: its path, as source info has it, and its proto."""

    path: str
    proto: Any


class Side:
    """One schema with the protos of its files, which are read when the first element of a file is asked for."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._protos = schema.compilation.protos
        self._elements = schema.compilation.elements
        self._numbers = schema.compilation.numbers

    def file(self, file: FileDescriptor) -> Any:
        """The proto of a file."""
        if file.name not in self._protos:
            from google.protobuf.descriptor_pb2 import FileDescriptorProto

            self._protos[file.name] = FileDescriptorProto.FromString(file.serialized_pb)
        return self._protos[file.name]

    def proto(self, element: Any) -> Any:
        """The proto of a message, field, oneof, enum, enum value, service or method."""
        return self._element(element).proto

    def pointer(self, element: Any) -> str | None:
        """`path#4/0/2/1`; None for an element of a file that is not of the tree."""
        file = file_of(element)
        path = self.schema.paths.get(file.name)
        return None if path is None else f"{path}#{self._element(element).path}"

    def place(self, file: FileDescriptor) -> str:
        """The path of a file, or its import name if it is not of the tree."""
        return self.schema.paths.get(file.name, str(file.name))

    def owns(self, element: Any) -> bool:
        """Whether an element stands in the event's own file."""
        return bool(file_of(element).name == self.schema.file.name)

    def message(self, name: str) -> Descriptor | None:
        """A message by its full name, in whichever file."""
        return _found(self.schema.pool.FindMessageTypeByName, name)

    def enum(self, name: str) -> EnumDescriptor | None:
        """An enum by its full name, in whichever file."""
        return _found(self.schema.pool.FindEnumTypeByName, name)

    def service(self, name: str) -> Any:
        """A service by its full name, in whichever file; or None."""
        return _found(self.schema.pool.FindServiceByName, name)

    def syntax(self, file: FileDescriptor) -> str:
        """`proto2`, `proto3` or `edition 2023`."""
        proto = self.file(file)
        if proto.syntax != "editions":
            return proto.syntax or "proto2"
        editions = type(proto).DESCRIPTOR.fields_by_name["edition"].enum_type.values_by_number
        return f"edition {editions[proto.edition].name.removeprefix('EDITION_')}"

    def closed(self, field: FieldDescriptor) -> bool:
        """Whether some reader takes the enum of a field as closed: C++ and Java ask the file of the field."""
        if field.enum_type.is_closed or self.syntax(field.file) == "proto2":
            return True
        return any(self._language_feature(field, language, "legacy_closed_enum") is True for language in (_CPP, _JAVA))

    def numbers(self, enum: EnumDescriptor) -> frozenset[int]:
        """The numbers of an enum."""
        if enum.full_name not in self._numbers:
            self._numbers[enum.full_name] = frozenset(value.number for value in enum.values)
        return self._numbers[enum.full_name]

    def verifies(self, field: FieldDescriptor) -> bool:
        """Whether some reader refuses text in a string field that is not UTF-8."""
        if field._GetFeatures().utf8_validation == _VERIFY or self.file(field.file).options.java_string_check_utf8:
            return True
        return bool(self._language_feature(field, _JAVA, "utf8_validation") == _VERIFY)

    def _language_feature(self, field: FieldDescriptor, language: tuple[int, str], name: str) -> Any:
        """A feature that one language adds, if a file of this side sets it; None if not."""
        from google.protobuf.message_factory import GetMessageClass

        number, message = language
        data = b"".join(f.data for f in unknown_fields(field._GetFeatures()) if f.field_number == number)
        if not data:
            return None
        try:
            features = GetMessageClass(self.schema.pool.FindMessageTypeByName(message)).FromString(data)
        except KeyError:  # the import of the features was for options only, and is not compiled in
            return None
        return getattr(features, name, None)

    def _element(self, element: Any) -> Element:
        """What is known of an element. Of a file the top is looked through, and of that what is asked for."""
        top, file = _top_of(element), file_of(element)
        name = str(top.full_name)
        tops: Mapping[str, Element] | None = self._elements.get((file.name, ""))
        if tops is None:
            self._elements[file.name, ""] = tops = dict(_tops(self.file(file)))
        if top is element:
            return tops[name]
        within: Mapping[str, Element] | None = self._elements.get((file.name, name))
        if within is None:
            self._elements[file.name, name] = within = dict(_within(tops[name], name))
        return within[_key(element)]


def unknown_fields(message: Any) -> Sequence[Any]:
    """The fields of a message that its class does not know, such as custom options."""
    from google.protobuf.unknown_fields import UnknownFieldSet

    fields: Any = UnknownFieldSet
    return list(fields(message))


def _found(find: Callable[[str], Any], name: str) -> Any:
    try:
        return find(name)
    except KeyError:
        return None


def file_of(element: Any) -> FileDescriptor:
    """The file that an element stands in."""
    while not hasattr(element, "file"):
        owners = (getattr(element, name, None) for name in ("containing_type", "containing_service", "type"))
        element = next(owner for owner in owners if owner is not None)
    return element.file


def _top_of(element: Any) -> Any:
    """The message, enum, service or extension at the top of a file that an element is, or stands in."""
    while True:
        if getattr(element, "is_extension", False):
            outer = element.extension_scope
        else:
            owners = (getattr(element, name, None) for name in ("containing_type", "containing_service", "type"))
            outer = next((owner for owner in owners if hasattr(owner, "full_name")), None)
        if outer is None:
            return element
        element = outer


def declared_messages(file: FileDescriptor) -> Iterator[Descriptor]:
    """All messages of a file, each before those inside it; not the entries of maps."""
    todo = list(file.message_types_by_name.values())
    for message in todo:
        if not message.GetOptions().map_entry:
            yield message
            todo.extend(message.nested_types)


def declared_enums(file: FileDescriptor) -> Iterator[Any]:
    """All enums of a file."""
    yield from file.enum_types_by_name.values()
    for message in declared_messages(file):
        yield from message.enum_types


def _key(element: Any) -> str:
    """A full name; that of an enum value is its enum's, a slash, and its own."""
    name = getattr(element, "full_name", None)
    return str(name) if name is not None else f"{element.type.full_name}/{element.name}"


def _tops(proto: Any) -> Iterator[tuple[str, Element]]:
    """What stands at the top of a file."""
    prefix = f"{proto.package}." if proto.package else ""
    for path, protos in (
        ("4", proto.message_type),
        ("5", proto.enum_type),
        ("6", proto.service),
        ("7", proto.extension),
    ):
        yield from _each(protos, prefix, path)


def _within(top: Element, name: str) -> Iterator[tuple[str, Element]]:
    """What stands inside a message, enum or service."""
    here, proto = top
    if hasattr(proto, "nested_type"):
        yield from _each(proto.field, f"{name}.", f"{here}/2")
        yield from _each(proto.extension, f"{name}.", f"{here}/6")
        yield from _each(proto.oneof_decl, f"{name}.", f"{here}/8")
        for number, inner in (("3", proto.nested_type), ("4", proto.enum_type)):
            for full, element in _each(inner, f"{name}.", f"{here}/{number}"):
                yield full, element
                yield from _within(element, full)
    elif hasattr(proto, "method"):
        yield from _each(proto.method, f"{name}.", f"{here}/2")
    else:
        yield from _each(proto.value, f"{name}/", f"{here}/2")


def _each(protos: Any, prefix: str, path: str) -> Iterator[tuple[str, Element]]:
    for number, proto in enumerate(protos):
        yield f"{prefix}{proto.name}", Element(f"{path}/{number}", proto)
