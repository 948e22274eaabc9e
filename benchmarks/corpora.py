"""Repositories of any size: events in each format, generated or real, in one state or the next."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GIT = (
    "git", "-c", "user.name=Bench", "-c", "user.email=bench@example.org",
    "-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0",
)  # fmt: skip
AVRO, PROTOBUF, JSON_SCHEMA, REAL = "avro", "protobuf", "json-schema", "real-protobuf"
SAMPLE = 7  # the event that changes where one does
_SETTINGS = 'roots = ["schemas"]\n[protobuf]\nroots = ["schemas"]\n'
_BUF = "version: v2\nmodules:\n  - path: schemas\n"


# one event


def avro(number: int, state: int = 0) -> str:
    """A record that gains an optional field with each state."""
    fields: list[dict[str, Any]] = [{"name": "id", "type": "string"}, {"name": "amount", "type": "long"}]
    fields += [{"name": f"field_{i}", "type": ["null", "string"], "default": None} for i in range(10 + state)]
    record = {"type": "record", "name": f"Event{number}Happened", "namespace": "bench.v1", "fields": fields}
    return json.dumps(record, indent=2)


def proto(number: int, state: int = 0) -> str:
    """A message that gains a field with each state; ten events share a package and a type."""
    package = f"p{number // 10}"
    fields = "".join(f"  string field_{i} = {i};\n" for i in range(1, 11))
    fields += "".join(f"  string further_{i} = {i + 100};\n" for i in range(state))
    return (
        f'syntax = "proto3";\npackage {package}.v1;\nimport "{package}/v1/shared.proto";\n'
        f"message Event{number} {{\n{fields}  Shared shared = 11;\n  repeated int32 counts = 12;\n}}\n"
    )


def shared(number: int) -> str:
    """What ten events import."""
    return f'syntax = "proto3";\npackage p{number // 10}.v1;\nmessage Shared {{ int64 units = 1; }}\n'


def json_schema(number: int, state: int = 0) -> str:
    """An object that gains an optional property with each state."""
    kinds = [{"type": "integer", "minimum": 0}, {"type": "string", "maxLength": 20}, {"type": ["string", "null"]}]
    properties = {f"part_{i}": kinds[i % 3] for i in range(12 + state)}
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"Event{number}", "type": "object"}
    return json.dumps({**schema, "properties": properties, "required": ["part_0", "part_1"]}, indent=2)


def wide(fields: int, state: int = 0) -> str:
    """A record of so many fields of ten kinds. Each state words the doc of one anew, each twentieth adds a field."""
    kinds: list[Any] = ["string", "long", ["null", "string"], {"type": "array", "items": "double"}, "boolean"]
    made = []
    for i in range(fields):
        kind = kinds[i % 10] if i % 10 < len(kinds) else _named(i)
        times = (state + fields - 1 - i) // fields  # how often it was said anew
        doc = f"What the producer knows of part {i}, in the words of its domain."
        made.append({"name": f"part_{i}", "type": kind, "doc": f"{doc} {times}" if times else doc})
    made += [{"name": f"added_{i}", "type": ["null", "string"], "default": None} for i in range(state // 20)]
    return json.dumps({"type": "record", "name": "OrderPlaced", "namespace": "bench.v1", "fields": made}, indent=2)


def _named(i: int) -> Any:
    if i % 2:
        return {"type": "enum", "name": f"State{i}", "symbols": ["NEW", "PAID", "SENT"]}
    fields = [{"name": "amount", "type": "long"}, {"name": "unit", "type": ["null", "string"], "default": None}]
    return ["null", {"type": "record", "name": f"Part{i}", "fields": fields}]


PATHS: dict[str, tuple[str, Callable[[int, int], str]]] = {
    AVRO: ("schemas/bench/event{0}_happened/v1.avsc", avro),
    PROTOBUF: ("schemas/p{1}/v1/event{0}.proto", proto),
    JSON_SCHEMA: ("schemas/bench/event{0}_changed/v1.schema.json", json_schema),
}


def path_of(kind: str, number: int) -> str:
    """Where an event stands."""
    return PATHS[kind][0].format(number, number // 10)


# a repository


@dataclass
class Repository:
    """A repository whose published branch is that of a remote, packed as a clone is."""

    folder: Path

    @classmethod
    def made(cls, folder: Path, files: Iterator[tuple[str, str]]) -> Repository:
        """One commit with these files."""
        folder.mkdir(parents=True)
        repository = cls(folder)
        repository.git("init", "-q", "-b", "main")
        repository.git("config", "remote.origin.url", str(folder))
        for path, text in (("schemacheck.toml", _SETTINGS), ("buf.yaml", _BUF), *files):
            repository.write(path, text)
        repository.publish("schemas")
        repository.settle()
        return repository

    def git(self, *arguments: str) -> None:
        subprocess.run([*GIT, *arguments], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def publish(self, message: str) -> None:
        """Commits everything, on the published branch too."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")

    def settle(self) -> None:
        """Packs what was written, and lets git know that the disk is as in the index."""
        self.git("repack", "-a", "-d", "-q")
        self.git("update-index", "-q", "--refresh")

    def staged(self, files: Iterator[tuple[str, str]]) -> None:
        """Changes files on the disk and in the index, on top of what was published."""
        for path, text in files:
            self.write(path, text)
        self.git("add", "-A")
        self.git("update-index", "-q", "--refresh")

    def reset(self) -> None:
        """Puts everything back."""
        self.git("reset", "-q", "--hard")
        self.git("update-index", "-q", "--refresh")


def events(kind: str, size: int, state: int = 0) -> Iterator[tuple[str, str]]:
    """So many events in a state."""
    for number in range(size):
        if kind == PROTOBUF and number % 10 == 0:
            yield f"schemas/p{number // 10}/v1/shared.proto", shared(number)
        yield path_of(kind, number), PATHS[kind][1](number, state)


def mixed(size: int, state: int = 0) -> Iterator[tuple[str, str]]:
    """As many Avro as Protobuf events."""
    yield from events(AVRO, size - size // 2, state)
    yield from events(PROTOBUF, size // 2, state)


def one(kind: str, state: int = 1) -> Iterator[tuple[str, str]]:
    """One event in another state."""
    yield path_of(kind, SAMPLE), PATHS[kind][1](SAMPLE, state)


# files that others wrote


def real(protos: Path) -> Iterator[tuple[str, str]]:
    """The files of a folder at which their imports start; without the tests of Protobuf itself."""
    for path in sorted(protos.rglob("*.proto")):
        inner = path.relative_to(protos).as_posix()
        if not inner.startswith("google/protobuf/"):
            yield f"schemas/{inner}", path.read_text(encoding="utf-8")


def widened(protos: Path) -> tuple[str, str]:
    """The first of the files that has an integer to widen, with that."""
    return next((path, text.replace(" int32 ", " int64 ", 1)) for path, text in real(protos) if " int32 " in text)


def all_real(protos: Path) -> Iterator[tuple[str, str]]:
    """Every file with a message more."""
    for number, (path, text) in enumerate(real(protos)):
        yield path, f"{text}\nmessage AddedToFile{number} {{ string id = 1; }}\n"


def emptied(folder: Path) -> None:
    """Removes a folder that is no longer needed."""
    shutil.rmtree(folder, ignore_errors=True)
