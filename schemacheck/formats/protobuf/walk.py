"""The state of one comparison: which pairs were met, at which places, and how a change is written down."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from schemacheck.formats.protobuf.model import FileDescriptor
from schemacheck.formats.protobuf.reach import changed_reach, outermost
from schemacheck.formats.protobuf.side import Side, declared_messages, file_of
from schemacheck.model import Change, Direction, Rule


@dataclass(frozen=True, slots=True)
class Spot:
    """Where readers meet a thing, and where it stands in the two trees: it, or its nearest parent that is there.

    `old` and `new` are the thing itself, on the sides that have it; `around` is where a reader came from.
    """

    where: str
    pointer: str
    old_pointer: str | None = None
    old: Any = None
    new: Any = None
    around: Spot | None = None

    def tell(self, rule: Rule, values: Mapping[str, Any], within: Direction = Direction.FULL) -> Change:
        """A change at this spot."""
        return Told(rule, values, self.where, self.pointer, self.old_pointer, within, self)

    def below(self, suffix: str) -> Spot:
        """The same place, named more closely."""
        return replace(self, where=f"{self.where}{suffix}")


@dataclass(frozen=True, slots=True)
class Told(Change):
    """A change that remembers the way to it, so that an event can be built which goes that way."""

    spot: Spot = field(default=Spot("", ""), repr=False, compare=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """The fact alone: elsewhere the descriptors on the way to it are not known."""
        return Change, (self.rule, self.values, self.where, self.pointer, self.old_pointer, self.within)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two messages or two enums that face each other.

    `renamed` is told of a pair that differs in nothing but its name. `closed` says of two enums how the readers that
    came here take them. `json` is False for two messages of which one has a JSON form that is not that of its fields.
    """

    old: Any
    new: Any
    spot: Spot
    renamed: Rule | None = None
    closed: tuple[bool, bool] = (False, False)
    json: bool = True

    @property
    def key(self) -> tuple[str, str, tuple[bool, bool]]:
        return self.old.full_name, self.new.full_name, self.closed


@dataclass
class Walk:
    """Pairs that wait to be compared, each once: a pair that was met counts as compared."""

    old: Side
    new: Side
    messages: deque[Pair] = field(default_factory=deque)
    enums: deque[Pair] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.json = bool(self.new.schema.options.get("json", True))
        self.strict_json = self.json and self.new.schema.options.get("json_unknown_fields") == "rejected"
        self.partners: dict[str, str] = {}  # old name to new name, of the types that were met
        self.origins: dict[str, str] = {}  # new name to old name
        self._met: set[tuple[str, str, tuple[bool, bool]]] = set()
        self._equal: dict[tuple[str, str], bool] = {}

    def meet(self, waiting: deque[Pair], pair: Pair) -> None:
        """Lets a pair wait for its comparison, unless it was met before."""
        self.partners.setdefault(pair.old.full_name, pair.new.full_name)
        self.origins.setdefault(pair.new.full_name, pair.old.full_name)
        if pair.key not in self._met:
            self._met.add(pair.key)
            waiting.append(pair)

    def settled(self, old: Any, new: Any, closed: tuple[bool, bool] = (False, False)) -> bool:
        """Whether two types and all behind them are the same, so that they count as met and nothing is to be said."""
        if old.full_name != new.full_name or closed[0] != closed[1] or not self.untouched(new):
            return False
        self.partners.setdefault(old.full_name, new.full_name)
        self.origins.setdefault(new.full_name, old.full_name)
        return True

    def untouched(self, element: Any) -> bool:
        """Whether a message or enum, and all it leads to, is the same on both sides."""
        return outermost(element) not in self._touched

    @cached_property
    def _touched(self) -> frozenset[str]:
        return changed_reach(self.old.schema, self.new.schema)

    def equal(self, old: FileDescriptor, new: FileDescriptor) -> bool:
        """Whether two files and all they import are the same but for comments."""
        if (old.name, new.name) in self._equal:
            return self._equal[old.name, new.name]
        todo = [(old, new)]
        while todo:
            before, after = todo[-1]
            imports = (
                {file.name: file for file in before.dependencies},
                {file.name: file for file in after.dependencies},
            )
            if before.serialized_pb != after.serialized_pb or imports[0].keys() != imports[1].keys():
                self._equal[before.name, after.name] = False
            elif waiting := [name for name in imports[0] if (name, name) not in self._equal]:
                todo += [(imports[0][name], imports[1][name]) for name in waiting]
                continue
            else:
                self._equal[before.name, after.name] = all(self._equal[name, name] for name in imports[0])
            todo.pop()
        return self._equal[old.name, new.name]

    def unchanged(self, old: Any, new: Any) -> bool:
        """Whether two messages say the same, in files that say the same about all that is in them."""
        if old.full_name != new.full_name:
            return False
        before, after = (side.file(file) for side, file in ((self.old, old.file), (self.new, new.file)))
        if (before.syntax, before.edition, before.options) != (after.syntax, after.edition, after.options):
            return False
        while (
            old.containing_type is not None and new.containing_type is not None
        ):  # may hold features for what is inside
            old, new = old.containing_type, new.containing_type
        if old.containing_type is not None or new.containing_type is not None:
            return False
        return bool(self.old.proto(old) == self.new.proto(new))

    def expected(self, old: Any) -> str:
        """The full name that a type or service has now, if only the package of the event's file changed."""
        name = str(old.full_name)
        package, now = self.old.schema.file.package, self.new.schema.file.package
        if package == now or not self.old.owns(old):
            return name
        local = name[len(package) + 1 :] if package else name
        return f"{now}.{local}" if now else local

    @cached_property
    def formerly(self) -> Mapping[str, str]:
        """Expected name to old name, of the messages of the event's file."""
        return {self.expected(message): message.full_name for message in declared_messages(self.old.schema.file)}

    @property
    def top(self) -> Spot:
        """The files as a whole."""
        return Spot("", f"{self.new.schema.path}#", f"{self.old.schema.path}#")

    def both(self, old: Any, new: Any, where: str, around: Spot) -> Spot:
        """The spot of an element of both sides; one of a foreign file stands where the spot around it is."""
        pointers = self.new.pointer(new) or around.pointer, self.old.pointer(old) or around.old_pointer
        return Spot(where, *pointers, old, new, around)

    def came(self, new: Any, where: str, around: Spot) -> Spot:
        """The spot of an element that only the new side has."""
        return Spot(where, self.new.pointer(new) or around.pointer, None, None, new, around)

    def went(self, old: Any, where: str, around: Spot) -> Spot:
        """The spot of an element that only the old side has: what is around it is left."""
        return Spot(where, around.pointer, self.old.pointer(old) or around.old_pointer, old, None, around)

    def moved(self, old: Any, new: Any) -> tuple[str, str] | None:
        """The two files of a thing that moved between files; None if it did not."""
        files = file_of(old), file_of(new)
        if self.old.owns(old) and self.new.owns(new):
            return None
        before, after = self.old.place(files[0]), self.new.place(files[1])
        return (before, after) if before != after else None
