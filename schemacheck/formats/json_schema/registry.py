"""What a Confluent registry's JSON Schema check would say: its behaviour, told in our words and found by our own code.

It walks both schemas once, keyword by keyword; every difference has a kind, and the verdict is whether all kinds are
allowed. It asks what keywords say, not which documents are valid, so it differs from us in both directions. FORWARD is
the same comparison with the schemas exchanged. What its behaviour is not known for is not guessed: an empty text.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from schemacheck.formats.json_schema.contents import Contents
from schemacheck.formats.json_schema.document import Loc
from schemacheck.formats.json_schema.forms import GROUPS, Form, Forms
from schemacheck.formats.json_schema.load import Schema
from schemacheck.formats.json_schema.objection import UNKNOWN, limits, told
from schemacheck.formats.json_schema.values import frozen

_ROUNDS = 10
_PAIRS = 20_000
_SHOWN = 200  # objections to one pair
_ASSUMED_DRAFT = 7  # where a schema names none


class Fails(Exception):  # noqa: N818 - the registry's check fails here, with HTTP 500
    """Its own comparison ends with an error."""


class TooMuch(Exception):  # noqa: N818 - a budget, not an error
    """There are more pairs than are looked at."""


def objections(writer: Schema, reader: Schema) -> Sequence[str] | None:
    """All that the check holds against a reader's schema as the successor of a writer's; None if it is not known."""
    for schema in (writer, reader):
        if any(file.draft != _ASSUMED_DRAFT and not _named(file.raw) for file in schema.files.files):
            return None
    check = Check(Forms(writer.files, 0), Forms(reader.files, 1), reader.registry_policy == "lenient")
    try:
        found = check.found()
    except Fails as failure:
        return [str(failure)]
    except (RecursionError, TooMuch):
        return None
    told = [words for words in found if words != UNKNOWN]
    return told or (None if found else [])


def _named(raw: Any) -> bool:
    return isinstance(raw, dict) and "$schema" in raw


class Check:
    """One comparison. `lenient`: open content models may gain properties."""

    def __init__(self, writer: Forms, reader: Forms, lenient: bool) -> None:
        self.sides = (writer, reader)
        self.lenient = lenient
        self._known: dict[Any, list[str]] = {}
        self._before: dict[Any, list[str]] = {}
        self._open: set[Any] = set()
        self._left = _PAIRS
        self._circular = False
        self._broken = False  # whether the check failed while it tried branches
        self._contents = Contents(self)

    def found(self) -> list[str]:
        """All that is held against the reader's schema, the verdicts on recursive types settled."""
        writer, reader = self.sides
        for _ in range(_ROUNDS):
            self._known, self._circular = {}, False
            found = self.pair(writer.root, reader.root)
            if not self._circular or self._known == self._before:
                return [*found, UNKNOWN] if self._broken else found
            self._before = self._known
        return [UNKNOWN]

    def pair(self, old: Form, new: Form) -> list[str]:
        """What is held against a pair; while it is being looked at, what was held against it before."""
        key = old.key, new.key
        if key in self._open:
            self._circular = True
            return self._before.get(key, [])
        if key not in self._known:
            self._left -= 1
            if not self._left:
                raise TooMuch
            self._open.add(key)
            try:
                self._known[key] = list(dict.fromkeys(itertools.islice(self._pair(old, new), _SHOWN)))
            finally:
                self._open.discard(key)
        return self._known[key]

    def _pair(self, old: Form, new: Form) -> Iterator[str]:
        if new.kind == "empty" or old.kind == "false":
            return
        if all(isinstance(f.loc.raw, dict) and f.loc.raw.get("connect.type") == "bytes" for f in (old, new)):
            return
        if "unknown" in (old.kind, new.kind) or "mixed" in (old.kind, new.kind):
            yield from self._half_known(old, new)
        elif old.kind == "empty" or new.kind == "false":
            yield told("TYPE_NARROWED", new.loc)
        elif old.kind in GROUPS or new.kind in GROUPS:
            yield from self._combined(old, new)
        elif old.kind != new.kind and (old.kind, new.kind) != ("integer", "number"):
            narrowed = (old.kind, new.kind) == ("number", "integer")
            yield told("TYPE_NARROWED" if narrowed else "TYPE_CHANGED", new.loc)
        elif new.kind == "not":
            yield from self._negated(old, new)
        else:
            yield from _values(old, new)
            yield from self._contents.differences(old, new)

    def _half_known(self, old: Form, new: Form) -> Iterator[str]:
        """Keywords beside a reference, as the newer drafts have them: known to pass if nothing changed at all."""
        same = old.kind == new.kind == "mixed" and old.loc.raw == new.loc.raw and len(old.parts) == len(new.parts)
        if not same or any(self.pair(one, two) for one, two in zip(old.parts, new.parts, strict=True)):
            yield UNKNOWN

    def _negated(self, old: Form, new: Form) -> Iterator[str]:
        """What is forbidden may only shrink."""
        held = self.pair(new.parts[0], old.parts[0])
        if any(held):
            yield told("NOT_TYPE_EXTENDED", new.loc)
        elif held:
            yield UNKNOWN

    # --- branches -----------------------------------------------------------------------------------------------------

    def _combined(self, old: Form, new: Form) -> Iterator[str]:
        if old.kind == new.kind:
            if len(new.parts) > len(old.parts) and new.kind == "all":
                yield told("PRODUCT_TYPE_EXTENDED", new.loc)
            if len(new.parts) < len(old.parts) and new.kind != "all":
                yield told("SUM_TYPE_NARROWED", new.loc)
            yield from self._matched(old, new)
        elif old.kind not in GROUPS:
            # To a conjunction of several: another type, whatever it says.
            parts = new.parts if new.kind != "all" or len(new.parts) == 1 else ()
            yield from self._some([(old, part) for part in parts], "TYPE_CHANGED", new.loc)
        elif new.kind not in GROUPS:
            parts = old.parts if old.kind == "all" or len(old.parts) == 1 else ()
            yield from self._some([(part, new) for part in parts], "TYPE_CHANGED", new.loc)
        elif new.kind == "any":
            # Allowed; whether the branches must pair up all the same is not known.
            if (len(new.parts) < len(old.parts) and old.kind == "one") or [*self._matched(old, new)]:
                yield UNKNOWN
        elif len(old.parts) == 1 and (new.kind == "one" or len(new.parts) == 1):
            yield UNKNOWN
        else:
            yield told("COMBINED_TYPE_CHANGED", new.loc)

    def _some(self, pairs: Sequence[tuple[Form, Form]], kind: str, loc: Loc) -> Iterator[str]:
        """Nothing if one of the pairs passes."""
        fits = [self._fits(*pair) for pair in pairs]
        if True not in fits:
            yield UNKNOWN if None in fits else told(kind, loc)

    def _fits(self, old: Form, new: Form) -> bool | None:
        """Whether a pair passes; None if it is not known."""
        try:
            held = self.pair(old, new)
        except Fails:
            self._broken = True
            return None
        return False if any(held) else None if held else True

    def _matched(self, old: Form, new: Form) -> Iterator[str]:
        """Branches must pair up, each with a successor of its own, on the smaller side."""
        fits = [[self._fits(one, two) for two in new.parts] for one in old.parts]
        wanted = min(len(old.parts), len(new.parts))
        if _matching([[fit is True for fit in row] for row in fits]) < wanted:
            possible = _matching([[fit is not False for fit in row] for row in fits]) >= wanted
            yield UNKNOWN if possible else told("COMBINED_TYPE_SUBSCHEMAS_CHANGED", new.loc)


def _values(old: Form, new: Form) -> Iterator[str]:
    """Listed values, and the one value."""
    if new.kind == "enum":
        was, now = ({frozen(value) for value in form.loc.raw["enum"]} for form in (old, new))
        if not was <= now:
            yield told("ENUM_ARRAY_NARROWED" if now < was else "ENUM_ARRAY_CHANGED", new.loc)
    elif new.kind == "const" and frozen(old.loc.raw["const"]) != frozen(new.loc.raw["const"]):
        yield UNKNOWN
    elif new.kind in ("number", "integer"):
        yield from _numbers(old.loc, new.loc)
    elif new.kind == "string":
        yield from limits(old.loc, new.loc, "minLength", "maxLength")
        was, now = old.loc.get("pattern"), new.loc.get("pattern")
        if now is not None and now != was:
            yield told("PATTERN_ADDED" if was is None else "PATTERN_CHANGED", new.loc)


def _numbers(old: Loc, new: Loc) -> Iterator[str]:
    yield from limits(old, new, "minimum", "maximum")
    was, now = old.get("exclusiveMinimum"), new.get("exclusiveMinimum")
    if now is not None and not isinstance(now, bool):  # the booleans of draft 4 are not looked at
        if was is None or isinstance(was, bool):
            yield told("EXCLUSIVE_MINIMUM_ADDED", new)
        elif now > was:
            yield told("EXCLUSIVE_MINIMUM_INCREASED", new)
    was, now = old.get("exclusiveMaximum"), new.get("exclusiveMaximum")
    if now is not None and not isinstance(now, bool):
        if was is None or isinstance(was, bool):
            yield told("EXCLUSIVE_MAXIMUM_ADDED", new)
        elif now < was and new.get("maximum") is None:
            raise Fails(f"its check fails (HTTP 500) at {new.place}: exclusiveMaximum was lowered, without maximum")
        elif now < was and old.get("maximum") != new.get("maximum"):
            yield UNKNOWN
    was, now = old.get("multipleOf"), new.get("multipleOf")
    if now is not None and now != was:
        if was is None:
            yield told("MULTIPLE_OF_ADDED", new)
        elif (Fraction(was) / Fraction(now)).denominator != 1:
            coarser = (Fraction(now) / Fraction(was)).denominator == 1
            yield told("MULTIPLE_OF_EXPANDED" if coarser else "MULTIPLE_OF_CHANGED", new)


def _matching(fits: Sequence[Sequence[bool]]) -> int:
    """How many branches can be paired up at most."""
    taken: dict[int, int] = {}

    def place(one: int, met: set[int]) -> bool:
        for two, fit in enumerate(fits[one]):
            if fit and two not in met:
                met.add(two)
                if two not in taken or place(taken[two], met):
                    taken[two] = one
                    return True
        return False

    return sum(place(one, set()) for one in range(len(fits)))
