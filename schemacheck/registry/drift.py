"""Where a registry and the judged side have come apart."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from schemacheck.errors import NotChecked
from schemacheck.model import Problem
from schemacheck.registry.errors import RegistryError, Unavailable
from schemacheck.registry.lineages import Standing
from schemacheck.registry.publish import differences
from schemacheck.sources.registry import RegistrySource

FORMAT = "schemacheck-drift/1"


class Kind(enum.StrEnum):
    MISSING = "missing"  # in git, not in the registry
    EXTRA = "extra"  # in the registry, not in git
    DIFFERS = "differs"  # the registry's latest is another schema
    LEVEL = "level differs"  # its level is not the one that the configuration asks for


@dataclass(frozen=True, slots=True)
class Row:
    """One difference."""

    subject: str
    kind: Kind
    file: str | None
    words: str

    def document(self) -> dict[str, Any]:
        return {"subject": self.subject, "kind": str(self.kind), "file": self.file, "message": self.words}


@dataclass(frozen=True, slots=True)
class Drift:
    """All differences by subject, and what could not be compared."""

    registry: str
    seen: int  # subjects on either side
    rows: tuple[Row, ...]
    not_checked: tuple[Problem, ...]

    @property
    def exit_code(self) -> int:
        """3 if something was not compared, else 4 for drift, else 0."""
        return 3 if self.not_checked else 4 if self.rows else 0

    def document(self) -> dict[str, Any]:
        """The drift as JSON values."""
        return {
            "format": FORMAT,
            "registry": self.registry,
            "verdict": {0: "pass", 3: "not_checked", 4: "drift"}[self.exit_code],
            "exit_code": self.exit_code,
            "subjects": self.seen,
            "drift": [row.document() for row in self.rows],
            "not_checked": [
                {"file": p.file, "reason": p.reason, "message": p.message, "hint": p.hint or None}
                for p in self.not_checked
            ],
        }


def drift(source: RegistrySource) -> Drift:
    """Compares every subject in scope. Raises NotChecked where there is none on either side."""
    lineages = source.lineages
    prefix = lineages.policy.registry.prefix
    ours = [lineages.standings[path] for path in lineages.locals.by_path]
    standings = [standing for standing in ours if standing.local.subject.startswith(prefix)]
    registered = source.client.subjects(prefix)
    mine = {standing.local.subject for standing in standings}
    if not mine and not registered:
        scope = f'that begins with "{prefix}"' if prefix else "in git or in the registry"
        raise NotChecked(f"there is no subject {scope}", "check roots and [registry] prefix", reason="empty")
    rows = [
        Row(name, Kind.EXTRA, None, "it is registered, and no file here has this subject")
        for name in registered
        if name not in mine
    ]
    problems = list(lineages.locals.problems.values())
    for standing in standings:
        try:
            rows += _of(source, standing)
        except Unavailable:
            raise
        except RegistryError as error:
            problems.append(Problem(standing.local.path, error.message, error.hint, reason="registry"))
    rows.sort(key=lambda row: (row.subject, row.kind))
    return Drift(source.client.name, len(mine | set(registered)), tuple(rows), tuple(problems))


def _of(source: RegistrySource, standing: Standing) -> Iterator[Row]:
    local, closure = standing.local, standing.closure
    if standing.error is not None:
        raise standing.error
    if closure is None:
        yield Row(local.subject, Kind.MISSING, local.path, "it is in git, and not registered")
        return
    if not standing.same:
        latest = closure.registered
        words = differences(source.lineages.locals, source.client, local, latest)
        if not latest.properties.items() >= local.properties.items():
            words.append("its metadata lack the event version")
        if words:
            more = f" and {len(words) - 1} more" if len(words) > 1 else ""
            yield Row(
                local.subject, Kind.DIFFERS, local.path, f"from version {latest.version} to git: {words[0]}{more}"
            )
    wanted = source.lineages.policy.registry
    if wanted.level is not None or wanted.group is not None:
        config = source.client.config(local.subject)
        if wanted.level is not None and config.effective != wanted.level:
            yield Row(local.subject, Kind.LEVEL, local.path, f"it is {config.effective}, wanted is {wanted.level}")
        if wanted.group is not None and not local.shared and config.group != wanted.group:
            yield Row(local.subject, Kind.LEVEL, local.path, f"its group is {config.group}, wanted is {wanted.group}")
