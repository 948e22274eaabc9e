"""Waivers as code, `schemacheck.waivers.toml`: who answers for which finding, why, and until when. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeAlias

from schemacheck.config import Policy
from schemacheck.errors import UsageError
from schemacheck.events.lifecycle import later
from schemacheck.events.rules import NEVER_WAIVED, WAIVER_ADDED, WAIVER_EXPIRED, WAIVER_UNUSED
from schemacheck.globs import matches
from schemacheck.model import Level, Rule
from schemacheck.report import Finding, Waiver
from schemacheck.toml import Table, load, quoted, without_errors

FILE = "schemacheck.waivers.toml"
_KEYS = ("fingerprint", "rule", "path", "where", "reason", "owner", "expires", "ticket")
_FORBIDDEN = {rule.id for rule in NEVER_WAIVED}


def parse(text: str, today: date, longest: int) -> list[Waiver]:
    """The waivers of a file; raises UsageError with file, line and key. None may last longer than some days."""
    return _waivers(Table(load(text, FILE), FILE, text), later(today, longest))


def published(text: str) -> list[Waiver]:
    """The waivers of a published file; what is wrong in it was never obeyed."""
    return without_errors(text, FILE, lambda table: _waivers(table, date.max)) or []


def _waivers(top: Table, latest: date) -> list[Waiver]:
    found = [_waiver(table, latest) for table in top.tables("waiver")]
    top.end(("waiver",))
    return found


def _waiver(table: Table, latest: date) -> Waiver:
    expires = table.day("expires")
    texts = {key: table.text(key) for key in _KEYS if key != "expires"}
    table.end(_KEYS)
    for key in ("reason", "owner"):
        if not (texts[key] or "").strip():
            raise table.error(key, "words: who waives says why, and who answers for it")
    if expires is None:
        raise table.error("expires", "a date such as 2026-12-31")
    if expires > latest:
        raise table.error("expires", f"{latest} at the latest, or a larger max_waiver_days")
    if (texts["fingerprint"] is None) == (texts["rule"] is None or texts["path"] is None):
        raise table.error("fingerprint", "the fingerprint of a finding, or rule and path together")
    if texts["rule"] in _FORBIDDEN:
        raise table.error("rule", "a rule that can be waived; event/mutated goes when all its causes are waived")
    known: dict[str, Any] = texts
    return Waiver(expires=expires.isoformat(), line=table.line(), **known)


Hidden: TypeAlias = list[dict[str, Finding]]  # for each waiver the findings that it hides, by fingerprint


class Waivers:
    """The waivers of a run: lays them over findings, and says what there is to say about themselves."""

    def __init__(self, now: Sequence[Waiver], then: Sequence[Waiver], today: date) -> None:
        before: dict[tuple[str | None, ...], str] = {}
        for waiver in then:
            before[waiver.key] = max(waiver.expires, before.get(waiver.key, ""))
        self._given = [waiver._replace(new=before.get(waiver.key, "") < waiver.expires) for waiver in now]
        self._hidden: Hidden = [{} for _ in now]
        self._today = today.isoformat()

    def over(self, finding: Finding, file: str | None) -> Finding:
        """A finding, waived if a waiver holds for it. `file` is that of the event version."""
        if finding.rule in NEVER_WAIVED or finding.waived:
            return finding
        for waiver, hidden in zip(self._given, self._hidden, strict=True):
            if _holds(waiver, finding, file):
                hidden[finding.fingerprint] = finding
                if waiver.expires >= self._today:
                    return replace(finding, waived=waiver)
        return finding

    def taken(self) -> Hidden:
        """What was hidden since it was last asked for; it is forgotten here until it is given back."""
        found, self._hidden = self._hidden, [{} for _ in self._given]
        return found

    def given_back(self, hidden: Hidden) -> None:
        """Takes notice of what was hidden elsewhere."""
        for mine, more in zip(self._hidden, hidden, strict=True):
            mine.update(more)

    @property
    def listed(self) -> tuple[Waiver, ...]:
        """All of them, with how many findings each hides."""
        pairs = zip(self._given, self._hidden, strict=True)
        return tuple(w._replace(used=len(hidden) if w.expires >= self._today else 0) for w, hidden in pairs)

    def findings(self, policies: Collection[Policy], complete: bool) -> Iterator[Finding]:
        """What is new, expired or of no use. A run that could not look everywhere knows of no use of nothing."""
        for waiver, hidden in zip(self._given, self._hidden, strict=True):
            values = {"what": _what(waiver), "expires": waiver.expires, "owner": waiver.owner, "reason": waiver.reason}
            expired = waiver.expires < self._today
            if waiver.new and not expired:
                # One that hides nothing yet is the first of two steps, where the level asks for two.
                most = Level.ERROR if hidden else Level.WARNING
                yield from _report(WAIVER_ADDED, policies, waiver, values, f"hides {_hidden(hidden)}", most)
            if expired and hidden:
                hint = f"mend {_hidden(hidden)}, or renew it in a review; today is {self._today}"
                yield from _report(WAIVER_EXPIRED, policies, waiver, values, hint)
            elif not hidden and complete and not (waiver.new and not expired):
                yield from _report(WAIVER_UNUSED, policies, waiver, values, f"delete it from {FILE}")


def _holds(waiver: Waiver, finding: Finding, file: str | None) -> bool:
    if waiver.fingerprint is not None:
        return waiver.fingerprint == finding.fingerprint
    if waiver.rule != finding.rule.id or waiver.where not in (None, finding.where):
        return False
    return any(path and matches(path, waiver.path or "") for path in (finding.file, file))


def covers(waiver: Waiver, path: str) -> bool:
    """Whether a waiver by rule and path may hold for a file."""
    return waiver.path is not None and matches(path, waiver.path)


def _what(waiver: Waiver) -> str:
    where = f" at {waiver.where}" if waiver.where else ""
    return waiver.fingerprint or f"{waiver.rule} below {waiver.path}{where}"


def _hidden(hidden: Mapping[str, Finding]) -> str:
    """What a waiver hides, in words."""
    shown = [
        f"{f.rule.id}{f' in {f.subject}' if f.subject else ''}{f' at {f.where}' if f.where else ''}"
        for f in hidden.values()
    ]
    return "; ".join(shown) or "nothing yet"


def _report(
    rule: Rule,
    policies: Collection[Policy],
    waiver: Waiver,
    values: Mapping[str, object],
    hint: str,
    most: Level = Level.ERROR,
) -> Iterator[Finding]:
    level = min(most, max(policy.level(rule, FILE) for policy in policies))
    if level > Level.OFF:
        message = rule.message.format(**values)
        yield Finding(
            rule=rule,
            level=level,
            subject=None,
            message=message,
            values=values,
            file=FILE,
            line=waiver.line,
            hint=hint,
            owner=waiver.owner,
        )


def written(text: str, waiver: Waiver) -> str:
    """A waivers file with one more waiver at its end."""
    lines = ["[[waiver]]"]
    for key in _KEYS:
        value = getattr(waiver, key)
        if value is not None:
            lines.append(f"{key} = {value if key == 'expires' else quoted(value)}")
    head = text if not text or text.endswith("\n") else f"{text}\n"
    return f"{head}{chr(10) if head else ''}" + "\n".join(lines) + "\n"


def refusal(finding: Finding) -> UsageError | None:
    """Why a finding cannot be waived; None if it can."""
    if finding.rule not in NEVER_WAIVED:
        return None
    causes = f"waive its causes: {', '.join(finding.causes)}" if finding.causes else "mend what it reports"
    return UsageError(f"{finding.rule.id} cannot be waived", causes)
