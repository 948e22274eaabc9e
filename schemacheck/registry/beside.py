"""Where registered JSON Schemas must stand so that others find them by path: a registry goes by names alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from schemacheck.formats import format_of
from schemacheck.registry.client import Registered


class Beside:
    """Paths by subject, of the schemas that are found by path and not by `$id`; and why some cannot be found at all."""

    def __init__(
        self, found: Mapping[str, Registered], path: Callable[[Registered], str | None], safe: Callable[[str], bool]
    ) -> None:
        self._found = {name: version for name, version in found.items() if version.type == "JSON"}
        self._path = path
        self._safe = safe
        self.paths: dict[str, str] = {}
        self.reasons: dict[str, str] = {}
        used = {reference.subject for version in self._found.values() for reference in version.references}
        seen: set[str] = set()
        waiting = sorted(self._found, key=lambda name: (name in used, name))[::-1]
        while waiting:
            name = waiting.pop()
            if name in seen or name not in self._found:
                continue
            seen.add(name)
            waiting.extend(self._placed(self._found[name]))

    def _placed(self, user: Registered) -> list[str]:
        """Finds places for all that a schema refers to directly: their subjects."""
        here = self.paths.get(user.subject) or self._path(user)
        for reference in user.references:
            target = self._found.get(reference.subject)
            if here is None or target is None:
                continue
            place = self._wanted(user, here, reference.name, target)
            if place is None:
                words = f'it refers to "{target.subject}" as "{reference.name}", which is no path here and not its $id'
                self.reasons[user.subject] = words
            elif place and self.paths.setdefault(target.subject, place) != place:
                words = f'"{target.subject}" would stand at {self.paths[target.subject]}, and at {place} for it'
                self.reasons[user.subject] = words
        return [reference.subject for reference in user.references]

    def _wanted(self, user: Registered, here: str, name: str, target: Registered) -> str | None:
        """The path that a reference means; empty if it goes by `$id`, None if it leads nowhere."""
        from schemacheck.formats.json_schema.document import joined, path_of, uri_of

        uri = joined(joined(uri_of(here), _id(user)), name).partition("#")[0]
        if _id(target) and joined(uri_of(self._path(target) or ""), _id(target)).partition("#")[0] == uri:
            return ""
        path = path_of(uri)
        return path if path is not None and format_of(path) == "json-schema" and self._safe(path) else None


def _id(registered: Registered) -> str:
    """How a schema calls itself."""
    try:
        raw = json.loads(registered.text)
    except (ValueError, RecursionError):
        return ""
    name = (raw.get("$id") or raw.get("id")) if isinstance(raw, dict) else None
    return name if isinstance(name, str) else ""
