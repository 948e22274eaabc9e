"""One finding in one direction put to the test: an event that leads to it, and what its reader does with that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import Any

from schemacheck.formats.avro.course import Course, Read, unnamed
from schemacheck.formats.avro.resolution import B, Edge, Pair, title
from schemacheck.formats.avro.tree import Enum, Fixed, Record, Type, Union, Use
from schemacheck.formats.avro.values import Keep, Value, avro_json
from schemacheck.model import Change, Witness

_EVENTS = 200  # that are tried for a finding...
_VALUES = 20_000  # ...if they hold no more values than these in all
_LONGEST = 300
_NO_DEFAULT = re.compile(r"No default value for field (\S+) in")
_NO_SYMBOL = re.compile(r"(\S+) not found in reader symbol list")
_MISMATCH = re.compile(r"schema mismatch:", re.IGNORECASE)


@dataclass(frozen=True)
class Trial:
    """A change, the pair it is about, and the way there."""

    course: Course
    change: Change
    pair: Pair
    steps: Sequence[tuple[Pair, Edge]]

    @property
    def writer(self) -> Type:
        return self.course.sides(self.pair)[0]

    @property
    def reader(self) -> Type:
        return self.course.sides(self.pair)[1]

    @cached_property
    def budget(self) -> int:
        """How many events may be tried, counted and not timed, so that a witness is always the same."""
        return max(1, min(_EVENTS, _VALUES // self.course.generator.size(self.course.writer.root)))

    def told(self, target: Value, result: str, judge: str = "rule") -> Witness:
        """The witness of an event that holds a value at the place of the change."""
        written, read = ("old", "new") if self.course.way == B else ("new", "old")
        words = result.encode("ascii", "backslashreplace").decode()
        if len(words) > _LONGEST:
            words = f"{words[:_LONGEST]}..."
        return Witness(written, read, avro_json(self.event(target)), words, judge)

    def event(self, target: Value) -> Value:
        """An event that holds a value at the place of the change."""
        return self.course.event(self.steps, target)

    # --- values at the place ------------------------------------------------------------------------------------------

    def plain(self, given: dict[str, Value] | None = None) -> Value:
        """A value that passes everything but this change. `given`: the values of some fields."""
        if isinstance(self.writer, Record):
            return self.course.record(self.pair, given or {})
        return self.course.fitting(Use("", self.writer), self.pair)

    def varied(self, node: Type) -> Iterator[Value]:
        """Values of a type, as many as a finding may cost."""
        return islice(self.course.generator.varied(Use("", node)), self.budget)

    def branch(self, place: str | None) -> Iterator[Value]:
        """Values that take the branch with this pointer; of the type itself, if the writer has no union there."""
        if not isinstance(self.writer, Union):
            yield from self.varied(self.writer)
            return
        for index, use in enumerate(self.writer.branches):
            if use.pointer == place:
                node = self.course.writer.node(use)
                yield from (Value(self.writer, (index, inner)) for inner in self.varied(node))

    def branches(self, fits: Any) -> Iterator[Value]:
        """The smallest value of each branch whose type fits; of the type itself, if the writer has no union there."""
        uses = self.writer.branches if isinstance(self.writer, Union) else ()
        if not uses and fits(self.writer):
            yield self.course.generator.least(Use("", self.writer))
        for index, use in enumerate(uses):
            if fits(self.course.writer.node(use)):
                yield Value(self.writer, (index, self.course.generator.least(use)))

    @property
    def place(self) -> str | None:
        """The pointer of the changed thing on the writer's side."""
        return self.change.old_pointer if self.course.way == B else self.change.pointer

    # --- reading ------------------------------------------------------------------------------------------------------

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of fields that the change speaks of."""
        said = (self.change.values.get(key) for key in ("name", "old", "new", "alias"))
        return frozenset(name for name in said if isinstance(name, str))

    @cached_property
    def slices(self) -> tuple[Keep, Keep]:
        """The fields of writer and reader that matter."""
        return self.course.slices(self.steps, self.pair, self.names, self.names)

    def sound(self, target: Value) -> bool:
        """Whether the event is what its own schema says, a guard against our encoder."""
        return self.course.itself(self.event(target)).error is None

    def part(self, target: Value) -> Read:
        """What fastavro makes of the slice, at the place of the change."""
        return self._there(self.course.read(self.event(target), *self.slices))

    def whole(self, target: Value) -> Read:
        """What fastavro makes of the whole event, at the place of the change."""
        return self._there(self.course.read(self.event(target)))

    def _there(self, read: Read) -> Read:
        try:
            return read if read.error else Read(self.course.at(read.value, self.steps))
        except (LookupError, TypeError):  # an alias led fastavro elsewhere
            return Read()

    def own(self, target: Value) -> Any:
        """What the writer itself reads at the place of the change."""
        read = self.course.itself(self.event(target), self.slices[0])
        return unnamed(self.course.at(read.value, self.steps, side=0))

    def failure(self, targets: Iterable[Value]) -> Witness | None:
        """The first event that fastavro cannot read, neither the slice nor the whole."""
        for target in islice(targets, self.budget):
            error = self.part(target).error
            if error and self.course.read(self.event(target)).error and self.sound(target):
                return self.told(target, self.words(error, target), "fastavro")
        return None

    def refused(self, targets: Iterable[Value]) -> Witness | None:
        """The first event that fastavro cannot read; the first of all with Java's opinion, if it reads them."""
        rest = iter(targets)
        first = next(rest, None)
        if first is None:
            return None
        return self.failure(chain([first], rest)) or self.told(first, f"Java refuses it: {self.expected(first)}")

    def words(self, error: Exception, target: Value) -> str:
        """An error of fastavro as a person would say it."""
        text = str(error)
        if missing := _NO_DEFAULT.match(text):
            return f'no value for field "{missing[1]}", and it has no default'
        if (symbol := _NO_SYMBOL.match(text)) and isinstance(self.reader, Enum):
            known = ", ".join(self.reader.symbols[:5]) + (", ..." if len(self.reader.symbols) > 5 else "")
            return f'"{symbol[1]}" is not one of {known}'
        if isinstance(error, UnicodeDecodeError):
            return "the bytes are not UTF-8"
        stumbled = isinstance(error, LookupError | TypeError | AttributeError)  # fastavro did not notice the mismatch
        return self.expected(target) if stumbled or _MISMATCH.match(text) else f"{type(error).__name__}: {text}"

    def expected(self, target: Value) -> str:
        """What the reader found and what it had expected."""
        found = target.content[1].node if isinstance(target.node, Union) else target.node
        wanted = [self.course.reader.node(use) for use in self.reader.uses] if isinstance(self.reader, Union) else []
        if isinstance(found, Fixed) and isinstance(self.reader, Fixed) and found.size != self.reader.size:
            return f'found {found.size} bytes of "{found.name}", expected {self.reader.size}'
        others = wanted or [self.reader]
        if any(title(one) == title(found) for one in others):  # an enum and a fixed of one name
            names = [f'{one.kind} "{title(one)}"' for one in others]
            return f'found {found.kind} "{title(found)}", expected {" or ".join(names)}'
        names = [f'"{title(one)}"' for one in others[:5]]
        return f'found "{title(found)}", expected {" or ".join(names)}{" or others" if len(others) > 5 else ""}'
