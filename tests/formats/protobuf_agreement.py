"""The decoder's word on every case: run it as a program under another decoder, and it prints what it found as JSON.

A witness is read again by means that do not know how it was built, and each direction that no fact breaks is tried
with many events.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from cases import Case, from_folders, from_pages  # noqa: E402
from google.protobuf import json_format  # noqa: E402
from google.protobuf.internal import api_implementation  # noqa: E402
from google.protobuf.message_factory import GetMessageClass  # noqa: E402
from protobuf_pairs import event, lost, lost_in_json  # noqa: E402

from schemacheck import formats  # noqa: E402
from schemacheck.formats.protobuf.model import Schema  # noqa: E402
from schemacheck.model import Change, Direction, Surface, Witness  # noqa: E402

BINARY = (Surface.WIRE, Surface.MEANING)
HARMFUL = (*BINARY, Surface.JSON)
WAYS = (Direction.BACKWARD, Direction.FORWARD)
EVENTS = 12  # tried for a direction that nothing breaks


Edit = tuple[Case, str, Schema, Schema, list[Change]]


@cache
def edits() -> list[Edit]:
    """Every case there and back, with its changes."""
    found = []
    for case in [*from_folders("protobuf"), *from_pages("protobuf")]:
        old: Any = case.parse(case.before, "old")
        new: Any = case.parse(case.after, "new")
        for how, before, after in (("there", old, new), ("back", new, old)):
            found.append((case, how, before, after, list(formats.load("protobuf").diff(before, after))))
    return found


@cache
def witnesses() -> list[tuple[Edit, Change, Direction, Witness | None]]:
    """Every finding in each of its directions, with what shows it."""
    return [
        (edit, change, way, formats.load("protobuf").witness(edit[2], edit[3], change, way))
        for edit in edits()
        for change in edit[4]
        for way in WAYS
        if way in change.breaks and change.rule.surface in HARMFUL
    ]


def name(rule: str) -> str:
    return rule.partition("/")[2]


def roots(old: Schema, new: Schema, way: Direction) -> Iterator[tuple[Any, Any]]:
    """The events of both sides, writer and reader."""
    theirs = {message.full_name: message for message in new.roots}
    for mine in old.roots:
        if mine.full_name in theirs:
            sides = mine, theirs[mine.full_name]
            yield sides if way == Direction.BACKWARD else sides[::-1]


def holders(where: str, old: Schema, new: Schema, way: Direction) -> Iterator[tuple[Any, Any]]:
    """The message that a way begins with, on both sides: the longest name of one that the way begins with."""
    parts = re.match(r"[\w.]*", where)[0].split(".")
    for length in range(len(parts), 0, -1):
        try:
            both = [side.pool.FindMessageTypeByName(".".join(parts[:length])) for side in (old, new)]
        except KeyError:
            continue
        yield tuple(both if way == Direction.BACKWARD else both[::-1])
        return


def unshown() -> Iterator[str]:
    """Rules whose events in the binary form are read without harm to a number that both sides know."""
    for (_, _, old, new, _), change, way, told in witnesses():
        if told is None or change.rule.surface not in BINARY or not told.event.startswith("{"):
            continue
        for writer, reader in holders(change.where, old, new, way):
            made = GetMessageClass(writer)()
            json_format.Parse(told.event, made, descriptor_pool=writer.file.pool)
            if not lost(made, reader):
                yield f"{name(change.rule.id)}, judged by {told.judge}"


def misjudged() -> Iterator[str]:
    """Events that lose something in a direction which no fact breaks."""
    chance = random.Random(7)
    for case, how, old, new, changes in edits():
        for way in WAYS:
            broken = [change.rule.surface for change in changes if way in change.breaks]
            if any(surface in BINARY for surface in broken):
                continue
            for writer, reader in roots(old, new, way):
                for _ in range(EVENTS):
                    made = event(chance, writer)
                    harm = lost(made, reader)
                    if not harm and Surface.JSON not in broken and case.options.get("json", True):
                        harm = lost_in_json(made, reader)
                    if harm:
                        yield f"{case.id} {how} {way.name}: {harm}"
                        break


def found() -> dict[str, Any]:
    """All of it, as the test wants it."""
    return {
        "decoder": api_implementation.Type(),
        "unshown": sorted(set(unshown())),
        "misjudged": sorted(set(misjudged())),
        "by rule": sorted(
            {name(change.rule.id) for _, change, _, told in witnesses() if told and told.judge == "rule"}
        ),
        "missing": sorted(
            {(name(change.rule.id), edit[0].id) for edit, change, _, told in witnesses() if told is None}
        ),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(found()))
