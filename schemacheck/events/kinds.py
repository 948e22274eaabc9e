"""Domain events, commands, notifications: what each is called, and who owns and reads it. Pure."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator

from schemacheck.config import Names, Policy
from schemacheck.events.identity import words
from schemacheck.events.metadata import Metadata
from schemacheck.events.rules import (
    COMMAND_CONSUMERS,
    KIND_CHANGED,
    KIND_MISSING,
    NOT_IMPERATIVE,
    NOT_PAST_TENSE,
    OWNER_MISSING,
    report,
)
from schemacheck.layout import Placed
from schemacheck.report import Finding

_IN_WORDS = {"domain": "domain event", "command": "command", "notification": "notification"}
_TAIL = ("event", "message", "notification", "command", "msg")
_VERSION = re.compile(r"v[0-9]+")


def naming(placed: Placed, said: Metadata, policy: Policy) -> Iterator[Finding]:
    """Whether the event's name says what its kind promises."""
    if said.name_exempt or policy.names.language is None or said.kind is None:
        return
    name = placed.subject.event.rpartition("/")[2]
    parts = words(name)
    shown = "".join(word.capitalize() for word in parts)
    values = {"name": shown, "kind": _IN_WORDS[said.kind]}
    silence = 'or say why not: name_exempt = "..." in event.toml'
    if said.kind == "command":
        if imperative(parts, policy.names) is False:
            hint = f"name the request, such as {_request(parts)}, {silence}"
            yield from report(NOT_IMPERATIVE, policy, placed, values, hint=hint)
    elif not past_tense(parts, policy.names):
        hint = f"name what happened, such as {shown}{'d' if shown.endswith('e') else 'ed'}, {silence}"
        yield from report(NOT_PAST_TENSE, policy, placed, values, hint=hint)


def past_tense(parts: list[str], names: Names = Names()) -> bool:  # noqa: B008 - it is frozen
    """Whether the words of a name say that something happened.

    The last word is a participle, or one stands directly before a particle: any word in -ed would be too weak.
    """
    parts = _without_tail(parts)
    extra = {word.lower() for word in names.past}
    if "".join(parts) in {word.replace("_", "") for word in extra}:
        return True
    if parts and _participle(parts[-1], extra):
        return True
    pairs = itertools.pairwise(parts)
    return any(_participle(word, extra) and following in _list("particles") for word, following in pairs)


def imperative(parts: list[str], names: Names = Names()) -> bool | None:  # noqa: B008 - it is frozen
    """Whether the words of a name ask for something; None if that is not known.

    A verb that is a noun, too, asks for nothing if a participle follows: OrderItems is a request, OrderPlaced is none.
    """
    short = _without_tail(parts)
    if not short:
        return None
    if short[0] in _list("verbs") or short[0] in {verb.lower() for verb in names.verbs}:
        return True
    if parts[-1] != "event" and short[0] in _list("verbs_and_nouns") and not _participle(short[-1], set()):
        return True
    if past_tense(parts, names) or parts[-1] == "event" or short[0].endswith("ing"):
        return False
    return None


def _without_tail(parts: list[str]) -> list[str]:
    """The words without Event, Message or a version at the end, one word at least."""
    end = len(parts)
    while end > 1 and (parts[end - 1] in _TAIL or _VERSION.fullmatch(parts[end - 1])):
        end -= 1
    if end > 2 and parts[end - 2] == "v" and parts[end - 1].isdigit():  # OrderPlacedV2
        return _without_tail(parts[: end - 2])
    return parts[:end]


def _participle(word: str, extra: set[str]) -> bool:
    if word in extra or word in _list("participles"):
        return True
    return len(word) > 3 and word.endswith("ed") and word not in _list("no_participles")


def _request(parts: list[str]) -> str:
    """OrderPlaced as a request: PlaceOrder, if the verb can be told."""
    *rest, last = _without_tail(parts)
    for stem in (last.removesuffix("ed"), last.removesuffix("d"), last.removesuffix("ed")[:-1]):
        if stem in _list("verbs") or stem in _list("verbs_and_nouns"):
            return "".join(word.capitalize() for word in (stem, *rest))
    return "PlaceOrder"


@functools.cache
def _list(name: str) -> frozenset[str]:
    from importlib import resources  # takes its time, and most runs look at no name

    text = (resources.files("schemacheck") / "words" / f"{name}.txt").read_text(encoding="ascii")
    return frozenset(text.split())


def missing(placed: Placed, said: Metadata, policy: Policy) -> Iterator[Finding]:
    """An event says who owns it and what kind it is."""
    values = {"event": placed.subject.event}
    if said.owner is None:
        yield from report(OWNER_MISSING, policy, placed, values, hint=f'write owner = "..." into {said.path}')
    if said.kind is None:
        yield from report(
            KIND_MISSING, policy, placed, values, hint=f'write kind = "{_likely(placed)}" into {said.path}'
        )


def _likely(placed: Placed) -> str:
    parts = words(placed.subject.event.rpartition("/")[2])
    return "domain" if past_tense(parts) or not imperative(parts) else "command"


def changed(placed: Placed, then: Metadata, now: Metadata, policy: Policy) -> Iterator[Finding]:
    """A published event is what it is."""
    if then.kind is None or then.kind == now.kind or not now.path:
        return
    new = f"a {_IN_WORDS[now.kind]}" if now.kind else "of no kind"
    values = {"event": placed.subject.event, "old": _IN_WORDS[then.kind], "new": new}
    place = {"file": now.path, "line": now.lines.get("kind")}
    yield from report(KIND_CHANGED, policy, placed, values, hint="publish another event beside it", **place)


def readers(placed: Placed, said: Metadata, policy: Policy) -> Iterator[Finding]:
    """A command is a request to one consumer."""
    if said.kind != "command":
        return
    consumers = said.consumers_of(placed.subject.version)
    if len(consumers) == 1:
        return
    name = "".join(word.capitalize() for word in words(placed.subject.event.rpartition("/")[2]))
    how = f"{len(consumers)} consumers, {' and '.join(consumers)}" if consumers else "no consumer"
    place = {"file": said.path, "line": said.lines.get("consumers")}
    hint = 'name the one service that obeys it: consumers = ["..."]'
    yield from report(COMMAND_CONSUMERS, policy, placed, {"name": name, "consumers": how}, hint=hint, **place)
