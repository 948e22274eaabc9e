"""One file of JSON Schema: its text as data that its draft's meta-schema accepts, or all that is wrong with it."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from decimal import Decimal, localcontext
from typing import Any

from schemacheck.formats.json_schema.document import DRAFTS, File, draft_of, file_of, subschemas
from schemacheck.formats.json_schema.referee import SPECIFICATIONS, validator_class
from schemacheck.formats.json_schema.values import frozen, whole
from schemacheck.formats.pointer import Positions, join
from schemacheck.formats.strict import Flaw, read_json, shown
from schemacheck.formats.text import read_text
from schemacheck.model import Problem, Tree

_DIGITS = 300  # of a number, before and after its point
_SHOWN = 5  # faults of one file
BRANCHES = 1_000  # of one `anyOf` or `oneOf`: each is compared with each
SUBSCHEMAS = 10_000
DEPTH = 90  # of a schema: validators recurse, several frames for each level


def read_file(tree: Tree, path: str, default: int) -> File | list[Problem]:
    """The file, or all that is wrong with it."""
    text = read_text(tree, path)
    if isinstance(text, Problem):
        return [text]
    raw, flaws = parse(text, default)
    if not flaws:
        draft = draft_of(raw, default)
        assert draft is not None
        try:
            return file_of(path, raw, draft)
        except (ValueError, RecursionError):
            flaws = [Flaw("", "its identifiers cannot be read", "write them as URIs")]
    positions = Positions.of(text)
    return [problem(path, flaw, flaw.place or positions.find(flaw.pointer)) for flaw in flaws]


def parse(text: str, default: int) -> tuple[Any, list[Flaw]]:
    """The value of a text, its whole numbers as int, or all that keeps it from being a schema."""
    long: list[str] = []

    def number(literal: str) -> Decimal:
        value = Decimal(literal)
        if len(literal) > _DIGITS or abs(value.adjusted()) > _DIGITS:
            long.append(literal)
            return Decimal(0)
        return value

    raw, flaws = read_json(text, number)
    if not flaws and (long or _long(raw)):
        flaws = [Flaw("", f"it holds a number of more than {_DIGITS} digits", "write a smaller number", place=(1, 1))]
    if flaws:
        return None, flaws
    raw = whole(raw)
    return raw, list(_invalid(raw, default))


def _long(raw: Any) -> bool:
    """Whether an integer is longer than the limit."""
    waiting = [raw]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict | list):
            waiting.extend(value.values() if isinstance(value, dict) else value)
        elif isinstance(value, int) and value.bit_length() > _DIGITS * 4:
            return True
    return False


def _invalid(raw: Any, default: int) -> Iterator[Flaw]:
    """What the draft says against the schema."""
    if not isinstance(raw, dict | bool):
        yield Flaw("", "a schema is an object, true or false", "write an object")
        return
    draft = draft_of(raw, default)
    if draft is None:
        known = ", ".join(sorted(DRAFTS))
        yield Flaw(
            "/$schema",
            f"the draft {shown(raw['$schema']) if isinstance(raw, dict) else ''} is not known",
            f"use one of {known}",
            reason="unsupported",
        )
        return
    flaw = next(_too_large(raw, draft, default), None) or next(_against_the_draft(raw, draft), None)
    if flaw is not None:
        yield flaw


def _too_large(raw: Any, draft: int, default: int) -> Iterator[Flaw]:
    """What is more than is compared; asked first, since to ask the draft costs more."""
    for number, (pointer, sub) in enumerate(subschemas(raw, draft)):
        wide = [key for key in ("anyOf", "oneOf") if isinstance(sub, dict) and _length(sub.get(key)) > BRANCHES]
        if wide:
            words = f"it has more than {BRANCHES} branches, which are too many to compare"
            yield Flaw(join(pointer, wide[0]), words, "split the event", reason="unsupported")
            return
        if number >= SUBSCHEMAS:
            yield Flaw("", f"it holds more than {SUBSCHEMAS} schemas", "split the file", reason="unsupported")
            return
        if pointer.count("/") > DEPTH:
            yield Flaw("", f"it is nested more than {DEPTH} levels deep", "move inner schemas into definitions")
            return
        if pointer and isinstance(sub, dict) and "$schema" in sub and draft_of(sub, default) != draft:
            yield Flaw(join(pointer, "$schema"), "one file uses two drafts", "split the file", reason="unsupported")
            return


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 0


@functools.cache
def _judge(draft: int) -> Any:
    """The validator of a draft's schemas, which looks for an item that is twice in a list in one pass.

    The package compares each with each where they have no order. It takes its own class again at each `$schema`.
    """
    import referencing
    import referencing.jsonschema
    from jsonschema import validators
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped, unused-ignore]

    specification = getattr(referencing.jsonschema, SPECIFICATIONS[draft])
    own = validator_class(draft)
    family = own.META_SCHEMA["$schema"].rstrip("#").rpartition("/")[0]
    resources = [
        (uri, specification.create_resource({key: value for key, value in raw.items() if key != "$schema"}))
        for uri, raw in ((uri, REGISTRY.contents(uri)) for uri in REGISTRY)
        if uri.startswith(family) and raw.get("$schema") == own.META_SCHEMA["$schema"]
    ]
    judge = validators.extend(own, {"uniqueItems": _unique})
    root = {key: value for key, value in own.META_SCHEMA.items() if key != "$schema"}
    return judge(root, registry=referencing.Registry().with_resources(resources).crawl(), format_checker=None)


def _unique(_validator: Any, wanted: Any, instance: Any, _schema: Any) -> Iterator[Any]:
    """What the package says of a list with an item twice."""
    from jsonschema import ValidationError

    if wanted and isinstance(instance, list) and len({frozen(item) for item in instance}) < len(instance):
        yield ValidationError(f"{instance[:_SHOWN]!r} has non-unique elements")


def _against_the_draft(raw: Any, draft: int) -> Iterator[Flaw]:
    try:
        with localcontext() as context:
            context.prec = 1_000
            judge = _judge(draft)
            for _, error in zip(range(_SHOWN), judge.iter_errors(raw), strict=False):
                pointer = join("", *error.absolute_path)
                yield Flaw(pointer, f"the draft refuses it: {_short(error.message)}", "write what the draft allows")
    except RecursionError:
        yield Flaw("", "it is nested too deep to be checked", "move inner schemas into definitions")
    except Exception as error:  # noqa: BLE001 - whatever a library makes of hostile input is an answer about the input
        yield Flaw("", f"it cannot be checked against its draft: {type(error).__name__}", "write plain JSON Schema")


def _short(message: str) -> str:
    return message if len(message) <= 160 else f"{message[:160]}..."


def problem(path: str, flaw: Flaw, place: tuple[int, int]) -> Problem:
    """The flaw as a problem of a file."""
    return Problem(path, flaw.message, flaw.hint, place[0], place[1], flaw.reason)
