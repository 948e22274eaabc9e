"""Compiles many files in few runs before they are asked for one by one, since a run costs more than a file.

Those of a history, above all: of each file it holds several states, and of these a run takes one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from schemacheck.formats.protobuf.compile import Compiled, compile_files
from schemacheck.formats.protobuf.ties import scan

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

MAX_FILES, MAX_BYTES = 500, 8_000_000  # of a run
MAX_READY = 16_000_000  # bytes of all texts that are kept
Key = tuple[str, frozenset[tuple[str, bytes]]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file by its import name, with the texts of all it rests on, itself among them."""

    target: str
    texts: Mapping[str, bytes]

    @property
    def key(self) -> Key:
        return self.target, frozenset(self.texts.items())


@dataclass(slots=True)
class _Batch:
    """Files that one run can take: no import name means two texts, and no type stands in two files."""

    wanted: list[Wanted] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict)
    declared: set[str] = field(default_factory=set)  # full names
    size: int = 0

    def take(self, wanted: Wanted) -> bool:
        """Adds a file, if it fits."""
        fresh = {name: text for name, text in wanted.texts.items() if name not in self.texts}
        if any(self.texts[name] != text for name, text in wanted.texts.items() if name not in fresh):
            return False
        size = self.size + sum(map(len, fresh.values()))
        if self.wanted and (len(self.texts) + len(fresh) > MAX_FILES or size > MAX_BYTES):
            return False
        declared = {full for text in fresh.values() for full in _declared(text)}
        if not self.declared.isdisjoint(declared):
            return False
        self.wanted.append(wanted)
        self.texts.update(fresh)
        self.declared |= declared
        self.size = size
        return True


@lru_cache(maxsize=1000)
def _declared(text: bytes) -> frozenset[str]:
    found = scan(text.decode("utf-8", "replace"))
    return frozenset(map(found.full, (*found.types, *found.services)))


_ready: dict[Key, Mapping[str, FileDescriptorProto]] = {}


def compile_ahead(wanted: Iterable[Wanted]) -> None:
    """Compiles these together as far as they fit, for `compiled` until the next call. What fails is left to it."""
    _ready.clear()
    batches: list[_Batch] = []
    for one in _some(wanted):
        if not any(batch.take(one) for batch in batches):
            batches.append(_Batch())
            batches[-1].take(one)
    for batch in batches:
        _compile(batch.wanted)


def _some(wanted: Iterable[Wanted]) -> Iterator[Wanted]:
    """Each once, as long as memory is not to be feared for."""
    seen: set[Key] = set()
    size = 0
    for one in wanted:
        if one.key in seen:
            continue
        size += sum(map(len, one.texts.values()))
        if size > MAX_READY:
            return
        seen.add(one.key)
        yield one


def _compile(wanted: Sequence[Wanted]) -> None:
    """Compiles files that fit together; in halves, if they do not after all."""
    if len(wanted) < 2:
        return  # alone it costs the same later, and may never be asked for
    texts = {name: text for one in wanted for name, text in one.texts.items()}
    found = compile_files(texts, list(dict.fromkeys(one.target for one in wanted)))
    if found.files is None:
        middle = len(wanted) // 2
        _compile(wanted[:middle])
        _compile(wanted[middle:])
        return
    protos = {proto.name: proto for proto in found.files.file}
    _ready.update((one.key, protos) for one in wanted)


def compiled(target: str, texts: Mapping[str, bytes]) -> Compiled | None:
    """What a run for this file alone would have found, if it was compiled ahead."""
    protos = _ready.get(Wanted(target, texts).key)
    if protos is None:
        return None
    from google.protobuf.descriptor_pb2 import FileDescriptorSet

    return Compiled(FileDescriptorSet(file=_resting(target, protos)))


def _resting(target: str, protos: Mapping[str, FileDescriptorProto]) -> Iterator[FileDescriptorProto]:
    """A file behind all that it imports, in the compiler's order."""
    stack = [(target, iter(protos[target].dependency))]
    seen = {target}
    while stack:
        name, rest = stack[-1]
        inner = next((one for one in rest if one not in seen), None)
        if inner is not None:
            seen.add(inner)
            stack.append((inner, iter(protos[inner].dependency)))
            continue
        stack.pop()
        yield protos[name]
