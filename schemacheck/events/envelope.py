"""What an event must carry for those who route, trace and store it, and what a notification must not. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemacheck.config import Policy, Wanted
from schemacheck.events.identity import words
from schemacheck.events.metadata import Metadata
from schemacheck.events.rules import ENVELOPE_FIELD_MISSING, NOTIFICATION_HEAVY, OUTBOX_COLUMN_UNMAPPED, report
from schemacheck.layout import Placed
from schemacheck.model import Member
from schemacheck.report import Finding

_ENVELOPES = ("envelope", "metadata", "header")  # a record of this name holds the envelope
_MOST = 8  # fields of a light event
_LIGHT = frozenset(
    {"id", "ids", "url", "href", "link", "links", "version", "sequence", "etag", "type", "kind", "status", "reason"}
)
_LIGHT_TAILS = frozenset({"id", "ids", "key", "ref", "url", "at", "date"})


def _carried(fields: Sequence[Member]) -> dict[str, Member]:
    """The fields at the top, and those of the envelope in it, by name."""
    inner = [member for field in fields if field.name in _ENVELOPES for member in field.members]
    return {member.name: member for member in (*inner, *fields)}


def envelope(placed: Placed, fields: Sequence[Member], said: Metadata, policy: Policy) -> Iterator[Finding]:
    """The fields that every event must have."""
    carried = _carried(fields)
    for role, wanted in policy.envelope.items():
        if (wanted.kinds and said.kind not in wanted.kinds) or (wanted.when == "saga" and not said.saga):
            continue
        field = next((carried[name] for name in wanted.names if name in carried), None)
        how = _wrong(field, wanted)
        if how:
            hint = f"add {wanted.names[0]}{f' as {wanted.types[0]}' if wanted.types else ''}, always there"
            values = {"role": role, "how": how}
            pointer = field.pointer if field else None
            yield from report(ENVELOPE_FIELD_MISSING, policy, placed, values, where=role, hint=hint, pointer=pointer)


def _wrong(field: Member | None, wanted: Wanted) -> str:
    """What is wrong with a field of the envelope, in words; empty if nothing is."""
    if field is None:
        return f"is missing: {' or '.join(wanted.names)}"
    if wanted.types and field.types.isdisjoint(wanted.types):
        return f"is {field.name}, and {' or '.join(sorted(field.types))} instead of {' or '.join(wanted.types)}"
    if field.repeated or field.mapped:
        return f"is {field.name}, and more than one value"
    return f"is {field.name}, and may be missing in an event" if field.nullable else ""


def outbox(placed: Placed, fields: Sequence[Member], said: Metadata, policy: Policy) -> Iterator[Finding]:
    """The columns of the outbox, each of which needs a source in the event."""
    carried = _carried(fields)
    for column, source in policy.outbox.items():
        why = ""
        if source == "{aggregate}" and said.aggregate is None:
            why = "event.toml says no aggregate"
        elif not source.startswith("{") and source != "*" and source not in carried:
            why = f"the event has no field {source}"
        if why:
            values = {"column": column, "why": why}
            hint = "add it, or map the column to what the event has: [outbox] columns"
            yield from report(OUTBOX_COLUMN_UNMAPPED, policy, placed, values, where=column, hint=hint)


def light(placed: Placed, fields: Sequence[Member], said: Metadata, policy: Policy) -> Iterator[Finding]:
    """A notification says that something happened and where to ask, and carries nothing else."""
    if said.kind != "notification":
        return
    own = {name for wanted in policy.envelope.values() for name in wanted.names}
    leaves = [leaf for field in fields if field.name not in (*_ENVELOPES, *own) for leaf in _leaves(field)]
    heavy = [name for name, is_light in leaves if not is_light]
    if not heavy and len(leaves) <= _MOST:
        return
    shown = ", ".join(heavy[:5]) + (f" and {len(heavy) - 5} more" if len(heavy) > 5 else "")
    name = "".join(word.capitalize() for word in words(placed.subject.event.rpartition("/")[2]))
    values = {"name": name, "fields": shown or f"{len(leaves)} fields"}
    hint = "keep identifiers and links, and let consumers fetch the rest; what carries data is a domain event"
    yield from report(NOTIFICATION_HEAVY, policy, placed, values, hint=hint)


def _leaves(field: Member, above: str = "") -> Iterator[tuple[str, bool]]:
    """The leaf fields of a field by their paths, and whether each is an identifier, a link or a mark."""
    path = f"{above}{field.name}"
    parts = words(field.name)
    is_light = bool(parts) and ("".join(parts) in _LIGHT or parts[-1] in _LIGHT_TAILS) and not field.mapped
    if not field.members:
        yield path, is_light and not (field.repeated and parts[-1] not in ("id", "ids", "link", "links"))
    elif parts and parts[-1] in ("link", "links"):
        yield path, True
    else:
        for member in field.members:
            yield from ((name, False) for name, _ in _leaves(member, f"{path}."))
