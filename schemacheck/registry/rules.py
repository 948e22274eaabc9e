"""The `registry/*` rules: where a registry's word and ours part, and what it does not know. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from schemacheck.config import Policy
from schemacheck.layout import Placed
from schemacheck.model import Direction, Level, Mode, Opinion, RegistryView, Rule, Surface
from schemacheck.report import Finding, Outcome, Verdict

if TYPE_CHECKING:
    from schemacheck.registry.client import Registered


def _rule(name: str, message: str, level: Level) -> Rule:
    return Rule(f"registry/{name}", message, Direction.NONE, Surface.EVENT, mirror=None, level=level)


BREAK_ACCEPTED = _rule(
    "break-accepted", 'the registry would accept this in "{subject}" under {level}, and readers break', Level.WARNING
)
CHANGE_REJECTED = _rule(
    "change-rejected", 'the registry rejects this in "{subject}" under {level}, {readers}{said}', Level.ERROR
)
SUBJECT_UNKNOWN = _rule("subject-unknown", 'the registry has no subject "{subject}"', Level.ERROR)
LEVEL_RESET = _rule(
    "level-reset", 'the level of "{subject}" is {level}, that of the registry {everywhere}, and nobody asked for that',
    Level.WARNING,
)  # fmt: skip

RULES: Sequence[Rule] = (BREAK_ACCEPTED, CHANGE_REJECTED, SUBJECT_UNKNOWN, LEVEL_RESET)


def _report(rule: Rule, policy: Policy, placed: Placed, values: Mapping[str, object], hint: str) -> Iterator[Finding]:
    level = policy.level(rule, placed.path)
    if not placed.subject.version.stable:
        level = min(level, Level.INFO)
    if level != Level.OFF:
        yield Finding(
            rule=rule,
            level=level,
            subject=placed.subject,
            message=rule.message.format(**values),
            values={key: value for key, value in values.items() if key not in ("said", "readers")},
            file=placed.path,
            line=1,
            column=1,
            hint=hint,
        )


def disagreements(
    placed: Placed, newest: Registered, view: RegistryView, level: Mode, verdict: Verdict, policy: Policy
) -> Iterator[Finding]:
    """What is worth saying about the registry's verdict on a change, beside ours. `newest` is the version it looks at.

    Only what the registry's level asks about can be a disagreement: a registry that looks in one direction, or at the
    last version only, is not wrong about the others.
    """
    values = {"subject": newest.subject, "level": str(level)}
    failing = [f for f in verdict.findings if f.level == Level.ERROR and not f.preexisting]
    if view.verdict == Opinion.ACCEPTS:
        looked_at = f"registry:{newest.subject}/" if level.transitive else newest.name
        ours = [f for f in failing if f.directions & level.directions and f.rule.surface != Surface.EVENT]
        ours = [f for f in ours if f.rule.proven]
        if any((f.against or "").startswith(looked_at) for f in ours):
            hint = "do not rely on the registry for this: it does not see the break"
            yield from _report(BREAK_ACCEPTED, policy, placed, values, hint)
    elif view.verdict == Opinion.REJECTS and not failing and verdict.outcome != Outcome.NOT_CHECKED:
        known = any(f.preexisting for f in verdict.findings)
        values["readers"] = "which breaks as the registered versions do already" if known else "though no reader breaks"
        values["said"] = f": {view.messages[0]}" if view.messages else ""
        hint = "it could not be registered: write the change so that the registry accepts it, or change its level"
        yield from _report(CHANGE_REJECTED, policy, placed, values, hint)


def unknown(placed: Placed, subject: str, policy: Policy) -> Iterator[Finding]:
    """The registry does not know a subject; that is an error only where new subjects are not allowed."""
    if not policy.registry.allow_new_subjects:
        hint = "correct the name of the subject, or set allow_new_subjects = true below [registry]"
        yield from _report(SUBJECT_UNKNOWN, policy, placed, {"subject": subject}, hint)


def level_reset(placed: Placed, subject: str, level: Mode, everywhere: Mode, policy: Policy) -> Iterator[Finding]:
    """A subject's level forbids less than the registry's own, and the configuration asks for none."""
    if weaker(level, everywhere) and policy.registry.level is None:
        values = {"subject": subject, "level": str(level), "everywhere": str(everywhere)}
        hint = "a subject that sets anything without a level falls to BACKWARD; set level below [registry]"
        yield from _report(LEVEL_RESET, policy, placed, values, hint)


def weaker(level: Mode, than: Mode) -> bool:
    """Whether a level forbids less than another one."""
    missing = than.directions & ~level.directions
    return bool(missing) or (than.transitive and not level.transitive and bool(than.directions))


def joined(one: Mode, other: Mode | None) -> Mode:
    """The mode that forbids what either of two forbids."""
    if other is None:
        return one
    return Mode(one.directions | other.directions, one.transitive or other.transitive)
