"""What the configuration says of registries: `[registry]`, and `registry` below `[identity]`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from schemacheck.errors import UsageError
from schemacheck.model import Mode

if TYPE_CHECKING:
    from schemacheck.toml import Table

SUBJECT = "{fullname}"
REFERENCE = "{name}"
_NAMES = ("fullname", "topic", "domain", "event", "Event", "version", "prefix")
_PLACE = re.compile(r"\{(\w*)\}")
_KEYS = (
    "url",
    "references",
    "topics",
    "subjects",
    "group",
    "level",
    "normalize",
    "deleted",
    "allow_new_subjects",
    "prefix",
    "connections",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How event versions become subjects, and what is asked of a registry."""

    url: str | None = None
    subject: str = SUBJECT  # template of an event version's subject
    references: str = REFERENCE  # template of a shared file's subject
    topics: Mapping[str, str] = field(default_factory=dict)  # event, or event and version, to topic
    subjects: Mapping[str, str] = field(default_factory=dict)  # event and version to subject, whatever the template
    group: str | None = None  # the metadata property that holds the event version, where versions share a subject
    level: Mode | None = None  # what `publish` sets on a subject
    normalize: bool = False
    deleted: bool = False  # whether soft-deleted versions are compared with, too
    allow_new_subjects: bool = True
    prefix: str = ""  # the subjects that `drift` and `pull` look at
    connections: int = 32


def parse(table: Table, template: str | None) -> Wanted:
    """The settings in a configuration; raises UsageError."""
    url = table.text("url")
    if url is not None and "@" in url:
        raise table.error("url", "an address without a user: credentials come from the environment")
    connections = table.take("connections", int, Wanted().connections, "a number from 1 to 64")
    if not 1 <= connections <= 64:
        raise table.error("connections", "a number from 1 to 64")
    wanted = Wanted(
        url=url,
        subject=_template(template, SUBJECT, _NAMES),
        references=_template(table.text("references"), REFERENCE, ("name", *_NAMES)),
        topics=_texts(table, "topics"),
        subjects=_texts(table, "subjects"),
        group=table.text("group"),
        level=table.parsed("level", Mode.parse, None),
        normalize=table.flag("normalize", False),
        deleted=table.flag("deleted", False),
        allow_new_subjects=table.flag("allow_new_subjects", True),
        prefix=table.text("prefix") or "",
        connections=connections,
    )
    table.end(_KEYS)
    return wanted


def _template(text: str | None, default: str, names: tuple[str, ...]) -> str:
    for name in _PLACE.findall(text or ""):
        if name not in names:
            raise UsageError(f'"{{{name}}}" is unknown in the subject template "{text}"', f"use {', '.join(names)}")
    return text or default


def _texts(table: Table, key: str) -> dict[str, str]:
    inner = table.table(key)
    found = inner.rest()
    for name, value in found.items():
        if not isinstance(value, str) or not value:
            raise inner.error(name, "text")
    return found


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with its places filled; a value that is missing makes a KeyError."""
    return _PLACE.sub(lambda match: values[match[1]], template)
