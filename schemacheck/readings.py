"""What a catalogue of events tells: who can read whom, and how each version came to be."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from schemacheck.log import Step
from schemacheck.model import Change, Subject, Version


class Reading(enum.StrEnum):
    """What the reader of one version makes of an event that was written with another."""

    SAME = "same"  # it is one version
    READS = "reads"
    JSON = "json"  # the bytes are read, the JSON form is not
    MISREADS = "misreads"  # it decodes, and a value or its meaning changes silently
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a matrix. `changes` are those that break, the worst first; `note` says why there are none to name."""

    writer: Version
    reader: Version
    reading: Reading
    changes: tuple[Change, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """A step of an event's history, and its day; empty where it is not known."""

    day: str
    step: Step


@dataclass(frozen=True, slots=True)
class Versioned:
    """A version of an event: the files that claim to be it, and their formats."""

    subject: Subject
    files: tuple[str, ...]
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """All versions of an event, the oldest first; a cell for each pair of them, by writer, then reader.

    `history` is newest first. `cut` says why there is none, or that it goes on.
    """

    event: str
    versions: tuple[Versioned, ...]
    cells: tuple[Cell, ...]
    history: tuple[Past, ...] = ()
    cut: str = ""
    shared: bool = False  # it holds types that events share, and is none itself

    def cell(self, writer: Version, reader: Version) -> Cell:
        """What a reader of one version makes of events of another."""
        return next(cell for cell in self.cells if (cell.writer, cell.reader) == (writer, reader))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The events of the current side, sorted by name."""

    events: tuple[Entry, ...]
