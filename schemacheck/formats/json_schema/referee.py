"""The `jsonschema` package as judge: whether a document is valid under a side's original files, by their own draft.

It never leaves the files, never runs a pattern outside the small language, and ends after a number of steps.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from decimal import localcontext
from typing import Any

from schemacheck.formats.json_schema import safe
from schemacheck.formats.json_schema.document import Files
from schemacheck.formats.json_schema.pool import INTEGER_BY_VALUE
from schemacheck.formats.json_schema.values import whole

STEPS = 30_000  # keywords that are looked at for one document, and long lists by their length
ALL_STEPS = 60_000  # for all documents of one question
_LIST = 16  # so many entries count as one step
_CLASSES = {4: "Draft4", 6: "Draft6", 7: "Draft7", 2019: "Draft201909", 2020: "Draft202012"}
SPECIFICATIONS = {4: "DRAFT4", 6: "DRAFT6", 7: "DRAFT7", 2019: "DRAFT201909", 2020: "DRAFT202012"}
_BY_NAME = ("patternProperties", "additionalProperties", "unevaluatedProperties")


class Undecided(Exception):  # noqa: N818 - no error: there is no answer
    """The judge must not, or cannot, go on."""


def validator_class(draft: int) -> Any:
    """The class of the package that judges by a draft."""
    import jsonschema

    return getattr(jsonschema, f"{_CLASSES[draft]}Validator")


class Referee:
    """Judges documents by one side."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.left = 0
        self.rest = ALL_STEPS

    def refill(self, steps: int = ALL_STEPS) -> None:
        """Begin another question."""
        self.rest = steps

    def error(self, value: Any) -> Any:
        """What is wrong with a document: an error of the package, None if it is valid; raises Undecided."""
        return next(iter(self.errors(value, 1)), None)

    def errors(self, value: Any, most: int) -> list[Any]:
        """All that is wrong with it, so many at the most; raises Undecided."""
        self.left = given = min(STEPS, self.rest)
        try:
            with localcontext() as context:
                context.prec = 1_000
                spelt = value if self.files.root.draft < INTEGER_BY_VALUE else whole(value)
                return list(itertools.islice(self._validator.iter_errors(spelt), most))
        except Undecided:
            raise
        except Exception as error:
            raise Undecided from error
        finally:
            self.rest -= given - max(self.left, 0)

    @functools.cached_property
    def _validator(self) -> Any:
        import referencing
        import referencing.jsonschema
        from jsonschema import validators

        draft = self.files.root.draft
        if any(file.draft != draft for file in self.files.files):
            raise Undecided
        specification = getattr(referencing.jsonschema, SPECIFICATIONS[draft])
        resources = []
        for file in self.files.files:
            raw = file.raw
            if isinstance(raw, dict):  # `$schema` would bring back the package's own class
                raw = {key: value for key, value in raw.items() if key != "$schema"}
            resource = specification.create_resource(raw)
            resources += [(uri, resource) for uri, pointer in file.resources.items() if uri and not pointer]
        own = validator_class(draft)
        guarded = validators.extend(own, {key: self._guarded(key, judge) for key, judge in own.VALIDATORS.items()})
        start = {"$ref": self.files.files[0].base}  # not its path: what it refers to goes from its `$id`
        return guarded(start, registry=referencing.Registry().with_resources(resources))

    def _guarded(self, keyword: str, judge: Any) -> Any:
        def guarded(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
            self.left -= 1 + (len(value) // _LIST if isinstance(value, list | dict) else 0)
            if self.left < 0 or not all(_may_run(keyword, value, instance, schema)):
                raise Undecided
            yield from judge(validator, value, instance, schema) or ()

        return guarded


def _may_run(keyword: str, value: Any, instance: Any, schema: Any) -> Iterator[bool]:
    """For each pattern that the keyword would run on a text: whether that is safe."""
    if keyword == "pattern" and isinstance(instance, str):
        yield safe.matches(value, instance) is not None
    if keyword in _BY_NAME and isinstance(instance, dict):
        for pattern in schema.get("patternProperties", ()):
            yield all(safe.matches(pattern, name) is not None for name in instance)
