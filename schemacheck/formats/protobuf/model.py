"""What a parsed `.proto` is: built descriptors of one side, in a pool of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from schemacheck.model import Declared

# google.protobuf.descriptor's own types say that every field may lack its message or enum type, whatever its kind, and
# that every element may lack its owner: as types they would say less than nothing.
Descriptor: TypeAlias = Any
EnumDescriptor: TypeAlias = Any
FieldDescriptor: TypeAlias = Any
FileDescriptor: TypeAlias = Any
OneofDescriptor: TypeAlias = Any
DescriptorPool: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Compilation:
    """What is known of the files of one pool, by import name; shared by all schemas in it, and filled on use."""

    protos: dict[str, Any] = field(default_factory=dict)
    elements: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    numbers: dict[str, frozenset[int]] = field(default_factory=dict)  # of enums, by full name
    # For another compilation, by its id, the names of what is not the same there with all that it leads to.
    beside: dict[int, tuple[Any, frozenset[str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Schema:
    """One event file, compiled with all it imports.

    `file` is the event's own file; `roots` its messages that are events: the ones that the subject's name means, else
    its top-level messages that no field of the same file refers to. `paths` maps the import name of every compiled
    file to its path in the tree; the files that ship with the compiler (google/protobuf/…) are not in it.
    """

    path: str
    file: FileDescriptor
    pool: DescriptorPool
    roots: Sequence[Descriptor]
    paths: Mapping[str, str]
    declared: Sequence[Declared]
    names: Mapping[str, str]
    options: Mapping[str, Any]
    compilation: Compilation = field(default_factory=Compilation)
