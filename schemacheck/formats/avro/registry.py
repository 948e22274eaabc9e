"""What a schema registry says of a change: Confluent's, Apicurio's and Karapace's checks are, or port, one class.

That class is `SchemaCompatibility` of Apache Avro for Java (read in 1.12.1). It is imitated here with its weaknesses,
since the question is what a registry will say, not what is right: it searches a reader's union for any branch that
fits, does not see logical types, defaults or namespaces, and keeps what it concluded about a pair of types while that
pair was still being looked at, so that the order of fields may decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from schemacheck.formats.avro.resolution import PROMOTIONS
from schemacheck.formats.avro.tree import Container, Enum, Field, Fixed, Named, Record, Schema, Type, Union, same_text

Location = tuple[str, ...]


class _Throws(Exception):  # noqa: N818 - Java's check throws here, and registries report that as a message
    """The check itself fails on a pair."""


_MOST = 10_000  # objections


@dataclass(frozen=True, slots=True)
class Objection:
    """One incompatibility: Java's word for it, where in the reader's schema, and its message."""

    kind: str
    location: Location
    message: str

    def __str__(self) -> str:
        return f"{self.kind} at /{'/'.join(self.location)}: {self.message}"


def objections(writer: Schema, reader: Schema) -> Sequence[str] | None:
    """Everything that a registry has against a reader of a writer's events.

    None if types nest too deep to tell, or repeat it without end.
    """
    try:
        found = _Check(writer, reader).pair(reader.node(reader.root), writer.node(writer.root), ())
    except _Throws as thrown:
        return [str(thrown)]
    except (RecursionError, _TooMany):
        return None
    return [str(objection) for objection in found]


class _TooMany(Exception):  # noqa: N818 - a limit, not a failure
    """Types that are used again and again repeat what is against them, each level as often as the one above."""


class _Check:
    def __init__(self, writer: Schema, reader: Schema) -> None:
        self.writer = writer
        self.reader = reader
        self._known: dict[tuple[int, int], Sequence[Objection]] = {}
        self._written: dict[int, Mapping[str, Field]] = {}  # a writer's record to its fields by name

    def pair(self, reader: Type, writer: Type, at: Location) -> Sequence[Objection]:
        """What stands against a pair; nothing while it is still being looked at."""
        key = id(reader), id(writer)
        if key not in self._known:
            self._known[key] = ()
            self._known[key] = list(islice(self._objections(reader, writer, at), _MOST + 1))
            if len(self._known[key]) > _MOST:
                raise _TooMany
        return self._known[key]

    def _objections(self, reader: Type, writer: Type, at: Location) -> Iterator[Objection]:
        if isinstance(writer, Union):
            yield from self._written_union(reader, writer, at)
        elif isinstance(reader, Union):
            if not any(not self.pair(self.reader.node(use), writer, ()) for use in reader.branches):
                yield _lacking(writer, at)
        elif isinstance(reader, Named) and isinstance(writer, Named) and reader.kind == writer.kind:
            yield from self._named(reader, writer, at)
        elif isinstance(reader, Container) and isinstance(writer, Container) and reader.kind == writer.kind:
            inside = "items" if reader.kind == "array" else "values"
            yield from self.pair(self.reader.node(reader.items), self.writer.node(writer.items), (*at, inside))
        elif reader.kind != writer.kind and (writer.kind, reader.kind) not in PROMOTIONS:
            message = f"reader type: {reader.kind.upper()} not compatible with writer type: {writer.kind.upper()}"
            yield Objection("TYPE_MISMATCH", at, message)

    def _written_union(self, reader: Type, writer: Union, at: Location) -> Iterator[Objection]:
        for index, use in enumerate(writer.branches):
            branch = self.writer.node(use)
            found = self.pair(reader, branch, (*at, str(index)))
            if not isinstance(reader, Union):
                yield from found
            elif found:
                yield _lacking(branch, (*at, str(index)))

    def _named(self, reader: Named, writer: Named, at: Location) -> Iterator[Objection]:
        if reader.short != writer.short and writer.name not in reader.aliases:
            yield Objection("NAME_MISMATCH", (*at, "name"), f"expected: {writer.name}")
        if isinstance(reader, Fixed) and isinstance(writer, Fixed) and reader.size != writer.size:
            message = f"expected: {writer.size}, found: {reader.size}"
            yield Objection("FIXED_SIZE_MISMATCH", (*at, "size"), message)
        elif isinstance(reader, Enum) and isinstance(writer, Enum) and reader.default is None:
            missing = sorted(set(writer.symbols).difference(reader.symbols))
            if missing:
                yield Objection("MISSING_ENUM_SYMBOLS", (*at, "symbols"), f"[{', '.join(missing)}]")
        elif isinstance(reader, Record) and isinstance(writer, Record):
            for index, field in enumerate(reader.fields):
                yield from self._field(field, writer, (*at, "fields", str(index)))

    def _field(self, field: Field, writer: Record, at: Location) -> Iterator[Objection]:
        written = self._source(field, writer)
        node = self.reader.node(field.type)
        if written is not None:
            if node.simple and same_text(field.type, written.type):
                return  # it reads what it wrote, and no two different types were looked at
            yield from self.pair(node, self.writer.node(written.type), (*at, "type"))
        elif not field.has_default and isinstance(node, Enum) and node.default is not None:
            yield from self.pair(node, writer, (*at, "type"))  # as it stands in Java
        elif not field.has_default:
            yield Objection("READER_FIELD_MISSING_DEFAULT_VALUE", at, field.name)

    def _source(self, field: Field, writer: Record) -> Field | None:
        """The writer's field that a reader's field takes, by name or by alias."""
        if id(writer) not in self._written:
            self._written[id(writer)] = {one.name: one for one in writer.fields}
        written = self._written[id(writer)]
        if not field.aliases:
            return written.get(field.name)
        found = [written[name] for name in (field.name, *field.aliases) if name in written]
        if len(found) > 1:
            message = f'reader record field "{field.name}" matches multiple fields in writer record "{writer.name}"'
            raise _Throws(message)
        return found[0] if found else None


def _lacking(writer: Type, at: Location) -> Objection:
    return Objection("MISSING_UNION_BRANCH", at, f"reader union lacking writer type: {writer.kind.upper()}")
