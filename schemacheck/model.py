"""The types that travel between sources, formats, policy and renderers. Standard library only; no I/O here."""

from __future__ import annotations

import enum
import functools
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from schemacheck.errors import UsageError

if TYPE_CHECKING:
    from schemacheck.report import Finding, Verdict


class Direction(enum.Flag):
    """Who can no longer read. BACKWARD: a new reader meets old events. FORWARD: an old reader meets new events."""

    NONE = 0
    BACKWARD = 1
    FORWARD = 2
    FULL = 3

    @property
    def words(self) -> list[str]:
        """The directions in it, as the JSON report writes them."""
        return [d.name.lower() for d in (Direction.BACKWARD, Direction.FORWARD) if d in self and d.name]

    @property
    def mirrored(self) -> Direction:
        """The same with old and new exchanged."""
        return Direction((self.value & 1) << 1 | self.value >> 1)


class Surface(enum.StrEnum):
    """What breaks; a key of `levels` in the configuration."""

    WIRE = "wire"  # a decoder fails, or puts the bytes in the wrong place
    MEANING = "meaning"  # it decodes, and the value or what it means has changed silently
    JSON = "json"  # the JSON form of a Protobuf message
    SOURCE = "source"  # generated code, imports
    EVENT = "event"  # the versioning policy
    INFO = "info"  # breaks nothing


class Level(enum.IntEnum):
    """How loud a rule is; ERROR fails a run."""

    OFF = 0
    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Level:
        """The level that a configuration names; raises UsageError."""
        try:
            return cls[word.upper()]
        except KeyError:
            raise UsageError(f'"{word}" is no level', "use one of off, info, warning, error") from None


class Mode(NamedTuple):
    """A compatibility level by Confluent's names: which directions may not break, against the last or all states."""

    directions: Direction
    transitive: bool

    @classmethod
    def parse(cls, word: str) -> Mode:
        """BACKWARD, FORWARD, FULL, each also _TRANSITIVE, or NONE; raises UsageError."""
        name = word.strip().upper().replace("-", "_")
        base = name.removesuffix("_TRANSITIVE")
        if base not in Direction.__members__ or name == "NONE_TRANSITIVE":
            raise UsageError(f'"{word}" is no compatibility mode', f"use one of {', '.join(map(str, MODES))}")
        return cls(Direction[base], name != base)

    def __str__(self) -> str:
        return f"{self.directions.name}{'_TRANSITIVE' if self.transitive else ''}"


MODES = (
    *(
        Mode(way, transitive)
        for way in (Direction.BACKWARD, Direction.FORWARD, Direction.FULL)
        for transitive in (False, True)
    ),
    Mode(Direction.NONE, False),
)

_VERSION = re.compile(r"v(0|[1-9][0-9]{0,8})(?:(alpha|beta)([0-9]{0,8}))?", re.ASCII)


class Version(NamedTuple):
    """An event version: v1, v2, the unstable v1alpha < v1alpha1 < v1beta < v1beta1 < v1, and v0. Ordered as a tuple."""

    number: int
    rank: int = 0  # of the tier: alpha -2, beta -1, stable 0
    tier_number: int = 0

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """The version that the whole text spells, or None."""
        return _version(text)

    @property
    def tier(self) -> str:
        return _TIERS[self.rank]

    @property
    def stable(self) -> bool:
        return self.number > 0 and not self.rank

    def __str__(self) -> str:
        return f"v{self.number}{self.tier}{self.tier_number or ''}"


_TIERS = {-2: "alpha", -1: "beta", 0: ""}
_RANKS = {"alpha": -2, "beta": -1, None: 0}


@functools.lru_cache(1024)
def _version(text: str) -> Version | None:
    match = _VERSION.fullmatch(text)
    if not match or (match[1] == "0" and match[2]):
        return None
    return Version(int(match[1]), _RANKS[match[2]], int(match[3] or 0))


class Subject(NamedTuple):
    """One version of one event, `orders/order_placed v1`: the unit that is frozen and compared."""

    event: str
    version: Version

    def __str__(self) -> str:
        return f"{self.event} {self.version}"


class Place(NamedTuple):
    """A place in a file. Line and column count from 1, columns in characters; None where a file has no such place."""

    file: str
    line: int | None = None
    column: int | None = None


class Excerpt(NamedTuple):
    """What stands at a place: its line, or the part around the place if the line is long."""

    line: int
    column: int  # of the place within `text`, from 1
    text: str


class Problem(NamedTuple):
    """Why one file, or one subject, could not be checked. `reason` as in `not_checked[].reason` of the JSON report."""

    file: str | None
    message: str
    hint: str = ""
    line: int | None = None
    column: int | None = None
    reason: str = "unreadable"  # baseline shallow unreadable import unsupported registry empty internal
    subject: Subject | None = None


class Tree(Protocol):
    """The files of one pinned state: the working tree, the index, a commit, a directory."""

    @property
    def name(self) -> str:
        """For people, e.g. `origin/main (5a28353)`."""

    @property
    def revision(self) -> str | None:
        """The full commit id, or None."""

    @property
    def files(self) -> Mapping[str, str]:
        """Path (relative to the repository, `/` between parts) to content id. Equal ids mean equal content."""

    @property
    def all_files(self) -> Mapping[str, str]:
        """`files`, and the schema files outside the configured folders: an event may rest on them."""

    @property
    def untracked(self) -> Collection[str]:
        """Files that stand on the disk only, not in git."""

    @property
    def problems(self) -> Mapping[str, Problem]:
        """Paths that stand there but cannot be read as a file: symlinks, submodules, conflicts, directories."""

    def read(self, path: str) -> bytes:
        """The raw content. Raises KeyError for a path that is not in `files`, NotChecked if it cannot be read."""


class Document(NamedTuple):
    """One schema file of a tree, and which event version it is."""

    subject: Subject
    format: str
    path: str
    tree: Tree


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of change. `message` is a format text over the change's values; `breaks` says who can no longer read."""

    id: str
    message: str
    breaks: Direction
    surface: Surface
    mirror: str | None  # the rule that fires when the edit is undone
    level: Level = Level.ERROR
    documentation: bool = False  # only people read it: allowed where a version may not change at all

    @property
    def proven(self) -> bool:
        """Whether it says that readers break, and not only that nobody could prove that they do not."""
        return not self.id.endswith("-unproven")


@dataclass(frozen=True, slots=True)
class Change:
    """A fact found between two schemas, without a verdict.

    `where` is for people, tests and fingerprints, by name (`OrderPlaced.items[].price`). `pointer` is `path#` and the
    format's own address in the new tree; `old_pointer` the same in the old tree, if the thing stood there. `within`
    holds the directions in which a reader meets this place at all.
    """

    rule: Rule
    values: Mapping[str, Any]
    where: str
    pointer: str
    old_pointer: str | None = None
    within: Direction = Direction.FULL

    @property
    def breaks(self) -> Direction:
        return self.rule.breaks & self.within

    @property
    def message(self) -> str:
        return self.rule.message.format(**self.values)


class Declared(NamedTuple):
    """One place where a schema says who it is, e.g. ("namespace", "orders.v1")."""

    place: str
    text: str
    pointer: str


class Schema(Protocol):
    """A parsed schema. Beyond these two, its shape is its format's own business."""

    @property
    def declared(self) -> Sequence[Declared]:
        """Every place that may hold a version: namespace, package, language options. The first is the main one."""

    @property
    def names(self) -> Mapping[str, str]:
        """Full name to pointer, of the types this file claims for itself: its event, or its top-level messages."""


class Witness(NamedTuple):
    """A concrete event, and what the reader does with it.

    `event` is JSON text, or hex where the event has none; `result` tells in words what came of reading it.
    """

    written_by: str  # "old" or "new"
    read_by: str
    event: str
    result: str
    judge: str  # the library that read the event for real: "fastavro" …; "rule": what is known of the named decoder


class Opinion(enum.StrEnum):
    """What a schema registry says of a change."""

    ACCEPTS = "accepts"
    REJECTS = "rejects"
    UNKNOWN = "unknown"


class RegistryView(NamedTuple):
    """What a registry would say, or said, of a change under the mode of its event: stands beside our own verdict."""

    verdict: Opinion
    messages: tuple[str, ...] = ()


class Move(NamedTuple):
    """A file of an event version that is to become a file of another version.

    `beside` says where a further file of the same version belongs in the new one. `named` is False if names are not to
    carry a version.
    """

    tree: Tree
    path: str
    new_path: str
    old: Version
    new: Version
    beside: Callable[[str], str]
    options: Mapping[str, Any] = MappingProxyType({})
    named: bool = True


class Moved(NamedTuple):
    """A file as another version: where it was, where it goes, its new text, and what became of its names in words."""

    path: str
    new_path: str
    text: str
    words: str = ""


class Workspace(Protocol):
    """One format's view of one tree: finds imports, parses, turns pointers into places. Caches; never writes."""

    def imports(self, path: str) -> Collection[str]:
        """Paths of the tree that this file refers to directly, by a light scan; nothing for what cannot be found."""

    def dependents(self, paths: Collection[str]) -> set[str]:
        """All files of the format in the tree that rest on one of these, directly or not, without those themselves."""

    def claims(self, name: str) -> Collection[str]:
        """Paths whose own `Schema.names` hold this full name, by a light scan; a file named too much is no harm."""

    def parse(self, documents: Sequence[Document], published: bool) -> Mapping[str, Schema | Sequence[Problem]]:
        """Path to schema, or to all that is wrong with it. Published text is judged leniently."""

    def locate(self, pointer: str) -> Place | None:
        """The place of a pointer that this tree's schemas or changes carry."""


class Member(NamedTuple):
    """A field of an event as anybody sees it, whatever the format. `types` are all the names its type goes by.

    `members` are the fields of a record that stands there; a record that holds itself has none further down.
    """

    name: str
    types: frozenset[str]
    pointer: str | None
    nullable: bool = False  # a writer may leave it out, or write that there is none
    repeated: bool = False
    mapped: bool = False
    members: tuple[Member, ...] = ()


class Format(Protocol):
    """A schema language: three formats, the same face."""

    @property
    def rules(self) -> Sequence[Rule]:
        """Every rule it can report, in the order of the documentation."""

    def open(self, tree: Tree, options: Mapping[str, Any]) -> Workspace:
        """Its view of a tree. `options` is the format's own table of the configuration."""

    def diff(self, old: Any, new: Any) -> Iterator[Change]:
        """The facts between two schemas that `parse` gave, in document order of the new one."""

    def witness(self, old: Any, new: Any, change: Change, direction: Direction) -> Witness | None:
        """An event that shows what a change breaks in one direction; None where no event can show it."""

    def outline(self, schema: Any) -> Sequence[Member]:
        """The fields of the event, and of the records in it."""

    def registry(self, old: Any, new: Any, direction: Direction) -> Sequence[str] | None:
        """What a Confluent registry's check objects to in one direction: nothing if it accepts; None if not known."""

    def rewrite(self, move: Move) -> Sequence[Moved]:
        """A file as another version, then the files that it takes along; each text changed in its names alone.

        Raises NotChecked for what is no text of the format.
        """

    def lines(self, text: str) -> Sequence[str]:
        """All that a file says, without what it imports: a line for each field, with its full path and type.

        Raises NotChecked for what is no text of the format.
        """


class Baseline(NamedTuple):
    """Which published state a run compares with, and how it was found: the `baseline` object of the report."""

    source: str  # worktree index git dir registry empty
    name: str
    revision: str | None = None
    date: str | None = None  # ISO 8601, UTC
    rung: str | None = None  # explicit merge_queue merge_commit change_request push branch tag local
    target: str | None = None
    complete: bool = True
    notes: tuple[str, ...] = ()  # lines for people, e.g. what was left out


class RegistrySide(Protocol):
    """What only a registry knows of the files of the side that is judged: each has a line of versions of its own."""

    def lineage(self, path: str) -> Sequence[Tree]:
        """The registered states of a file, newest first, each with all it rests on; none if it is not registered."""

    def forget(self, path: str) -> None:
        """Says that the lineage of a file is not needed any more: there may be many."""

    def mode(self, path: str, policy: Any) -> Mode | None:
        """The mode that holds against the registry under what a path's policy asks for; None where it was not asked."""

    def problems(self, path: str) -> Sequence[Problem]:
        """Why a file could not be looked up."""

    @property
    def further_problems(self) -> Sequence[Problem]:
        """What could not be looked up and belongs to no file: the registry itself, perhaps."""

    def findings(self, path: str, verdict: Verdict) -> tuple[RegistryView | None, Sequence[Finding]]:
        """What the registry says of a file, and what is worth a finding about that beside our own verdict."""


class Source(Protocol):
    """A side of the comparison."""

    @property
    def about(self) -> Baseline:
        """What it is, for the report."""

    @property
    def tree(self) -> Tree:
        """Its latest state."""

    @property
    def registry(self) -> RegistrySide | None:
        """What only a registry knows; None for every other source."""

    def history(self) -> Sequence[tuple[Tree, frozenset[str]]]:
        """Published states, newest first, beginning with `tree`; with each the paths that differ from the next older.

        Raises NotChecked (reason "shallow") if older states exist that cannot be read.
        """
