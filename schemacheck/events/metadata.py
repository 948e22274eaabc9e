"""`event.toml`: who owns an event, what kind it is, who reads it, and where in its life each version is. Pure."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from schemacheck.config import KINDS, POLICIES
from schemacheck.errors import UsageError
from schemacheck.model import Direction, Mode, Version
from schemacheck.toml import Table, load, without_errors

FOREVER = ("compacted", "forever")  # records of every version may always be read
FLOOR = Mode(Direction.BACKWARD, transitive=True)
_RETENTION = re.compile(r"([0-9]{1,5})d")
_KEYS = (
    *("kind", "owner", "consumers", "retention", "replayable", "mode", "policy", "topic", "subject", "aggregate"),
    *("saga", "name_exempt", "versions"),
)
_VERSION_KEYS = ("status", "deprecated", "sunset", "retired", "replaced_by", "consumers", "upcast")


class Status(enum.StrEnum):
    """Where in its life a version is."""

    ACTIVE = "active"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


class Entry(NamedTuple):
    """What is said about one version. `replaced_by` is "none" if the event ends with it."""

    version: Version
    status: Status = Status.ACTIVE
    deprecated: date | None = None
    sunset: date | None = None
    retired: date | None = None
    replaced_by: Version | str | None = None
    consumers: tuple[str, ...] | None = None  # None: those of the event
    upcast: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Metadata:
    """What is said about an event. Without a file every value is the default."""

    path: str = ""
    kind: str | None = None
    owner: str | None = None
    consumers: tuple[str, ...] = ()
    retention: str | None = None
    replayable: bool = False
    mode: Mode | None = None
    policy: str | None = None
    topic: str | None = None
    subject: str | None = None
    aggregate: str | None = None
    saga: bool = False
    name_exempt: str | None = None
    versions: Mapping[Version, Entry] = field(default_factory=dict)
    lines: Mapping[str, int | None] = field(default_factory=dict)  # of its keys

    def entry(self, version: Version) -> Entry:
        """What is said about a version; an active one, if nothing is."""
        return self.versions.get(version) or Entry(version)

    def status(self, version: Version) -> Status:
        return self.entry(version).status

    def consumers_of(self, version: Version) -> tuple[str, ...]:
        """Who reads a version."""
        own = self.entry(version).consumers
        return self.consumers if own is None else own

    @property
    def tombstones(self) -> list[Version]:
        """The versions whose numbers are gone for ever."""
        return [version for version, entry in self.versions.items() if entry.status is Status.RETIRED]

    @property
    def kept_days(self) -> int:
        """How many days records are kept after the last one was written; 0 if that is not said, or for ever."""
        match = _RETENTION.fullmatch(self.retention or "")
        return int(match[1]) if match else 0

    @property
    def endless(self) -> str:
        """Why records of every version may always be read, in words; empty if they may not."""
        if self.replayable:
            return "it is replayable"
        return f'its retention is "{self.retention}"' if self.retention in FOREVER else ""


def parse(text: str, path: str) -> Metadata:
    """What an `event.toml` says; raises UsageError with file, line and key."""
    return _metadata(Table(load(text, path), path, text), path)


def published(text: str, path: str) -> Metadata:
    """What a published `event.toml` says: what is wrong in it was never obeyed, and is left out."""
    return without_errors(text, path, lambda table: _metadata(table, path)) or Metadata(path)


def _metadata(top: Table, path: str) -> Metadata:
    lines = {key: top.line(key) for key in top.left}
    found = Metadata(
        path=path,
        kind=top.word("kind", KINDS),
        owner=top.text("owner"),
        consumers=top.texts("consumers"),
        retention=top.parsed("retention", _retention, None),
        replayable=top.flag("replayable", False),
        mode=top.parsed("mode", Mode.parse, None),
        policy=top.word("policy", POLICIES),
        topic=top.text("topic"),
        subject=top.text("subject"),
        aggregate=top.text("aggregate"),
        saga=top.flag("saga", False),
        name_exempt=top.text("name_exempt"),
        versions=_versions(top.table("versions")),
        lines=lines,
    )
    top.end(_KEYS)
    return found


def _versions(table: Table) -> dict[Version, Entry]:
    entries = {}
    for key in table.left:
        version = Version.parse(f"v{key.removeprefix('v')}")
        if version is None or version in entries:
            raise table.error(key, "a version such as 2 or 1beta1, each once")
        entries[version] = _entry(table.table(key), version)
    return entries


def _entry(table: Table, version: Version) -> Entry:
    line = table.line()
    said = table.word("status", [str(status) for status in Status])
    deprecated, sunset, retired = table.day("deprecated"), table.day("sunset"), table.day("retired")
    implied = Status.RETIRED if retired else Status.DEPRECATED if deprecated or sunset else Status.ACTIVE
    status = Status(said) if said else implied
    if status is Status.DEPRECATED:
        for key, day in (("deprecated", deprecated), ("sunset", sunset)):
            if day is None:
                raise table.error(key, "the date, since the version is deprecated")
    if deprecated and sunset and sunset < deprecated:
        raise table.error("sunset", "a day after its deprecation")
    if status is Status.RETIRED and retired is None:
        raise table.error("retired", "the date, since the version is retired")
    if status is not Status.RETIRED and retired is not None:
        raise table.error("status", '"retired", since there is a date for it')
    if status is Status.ACTIVE and (deprecated or sunset):
        raise table.error("status", '"deprecated", since there is a date for it')
    consumers = table.texts("consumers") if "consumers" in table.left else None
    entry = Entry(
        version, status, deprecated, sunset, retired, _successor(table), consumers, table.text("upcast"), line
    )
    table.end(_VERSION_KEYS)
    return entry


def _successor(table: Table) -> Version | str | None:
    value = table.take("replaced_by", (int, str), None, 'a version such as 3, or "none"')
    if value is None or value == "none":
        return "none" if value else None
    version = Version.parse(f"v{str(value).removeprefix('v')}")
    if version is None or isinstance(value, bool):
        raise table.error("replaced_by", 'a version such as 3, or "none"')
    return version


def _retention(text: str) -> str:
    if text not in FOREVER and not _RETENTION.fullmatch(text):
        raise UsageError(f'"{text}" is no retention', '"14d", "compacted" or "forever"')
    return text
