"""The way from an event to the place of a change, as the writer and the reader know it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from schemacheck.formats.protobuf.walk import Spot
from schemacheck.model import Direction


@dataclass(frozen=True, slots=True)
class Ends:
    """One thing as the writer and the reader know it; None where a side lacks it."""

    writer: Any
    reader: Any


@dataclass(frozen=True, slots=True)
class Step:
    """A field on the way, and the messages that it leads to."""

    field: Ends
    message: Ends


@dataclass(frozen=True, slots=True)
class Route:
    """The event, the fields down to the message that holds the place, the field there, and the changed thing itself."""

    event: Ends
    steps: Sequence[Step]
    field: Ends | None
    thing: Ends

    @property
    def holder(self) -> Ends:
        """The message that holds the place."""
        return self.steps[-1].message if self.steps else self.event


def route(spot: Spot, way: Direction) -> Route | None:
    """The way to a spot for events in one direction; None if no message leads there."""
    chain = [_ends(here, way) for here in _outwards(spot)][::-1]
    if not chain:
        return None
    start = _start(chain)
    rest = chain[start:]
    if not is_message(rest[0]):
        if not is_field(rest[0]):
            return None
        rest.insert(0, Ends(*(getattr(end, "containing_type", None) for end in (rest[0].writer, rest[0].reader))))
    event, steps = rest[0], []
    at = 1
    while at + 1 < len(rest) and is_field(rest[at]) and is_message(rest[at + 1]):
        steps.append(Step(rest[at], rest[at + 1]))
        at += 2
    if len(steps) > _DEEP:
        event, steps = steps[-_DEEP - 1].message, steps[-_DEEP:]
    field = rest[at] if at < len(rest) and is_field(rest[at]) else None
    return Route(event, steps, field, rest[-1])


_DEEP = 40  # decoders refuse messages that are nested more than 100 times; a witness that deep convinces nobody


def _outwards(spot: Spot) -> Iterator[Spot]:
    here: Spot | None = spot
    while here is not None and (here.old is not None or here.new is not None):
        yield here
        here = here.around


def _ends(spot: Spot, way: Direction) -> Ends:
    return Ends(spot.old, spot.new) if way == Direction.BACKWARD else Ends(spot.new, spot.old)


def _start(chain: Sequence[Ends]) -> int:
    """Where the event begins: at the last message that no field led to, such as the request of a method."""
    starts = [at for at, ends in enumerate(chain) if is_message(ends) and (at == 0 or not is_field(chain[at - 1]))]
    return starts[-1] if starts else 0


def is_message(ends: Ends) -> bool:
    """Whether it is a message type."""
    return hasattr(_known(ends), "fields_by_number")


def is_field(ends: Ends) -> bool:
    """Whether it is a field or an extension."""
    return hasattr(_known(ends), "has_default_value")


def _known(ends: Ends) -> Any:
    return ends.writer if ends.writer is not None else ends.reader
