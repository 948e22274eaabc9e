"""A plan and a drift for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from schemacheck.registry.drift import Drift
from schemacheck.registry.plan import Action, Plan, Step
from schemacheck.render.escape import clean
from schemacheck.render.words import counted


def plan_text(plan: Plan) -> str:
    """The steps, one line each, and what they come to."""
    return "".join(f"{line}\n" for line in _plan(plan))


def _plan(plan: Plan) -> Iterator[str]:
    width = max((len(clean(step.local.subject)) for step in plan.steps), default=0)
    for step in plan.steps:
        if step.action != Action.UNCHANGED:
            yield step_line(step, width)
    yield from (f"note: {clean(note)}" for note in plan.notes)
    unchanged = sum(step.action == Action.UNCHANGED for step in plan.steps)
    blocked = sum(step.action == Action.BLOCKED for step in plan.steps)
    counts = f"{counted(len(plan.writing), 'step')}, {unchanged} unchanged, {blocked} blocked"
    yield f"{'BLOCKED' if blocked else 'PLAN'} {counts}, nothing sent to {clean(plan.registry)}"


def step_line(step: Step, width: int = 0) -> str:
    """One step: what, which subject, and why or with what."""
    told = [f"version {step.expected}"] if step.expected is not None and step.level is None else []
    if step.level is not None:
        told.append(f"{step.level[0]} -> {step.level[1]}")
    told += [
        f"rests on {clean(subject)} {f'v{number}' if number else '(in this plan)'}"
        for _, subject, number in step.references
    ]
    if step.ours:
        told.append(f"ours: {step.ours}")
    if step.registry is not None:
        words = f" ({clean(step.registry.messages[0])})" if step.registry.messages else ""
        told.append(f"registry: {step.registry.verdict}{words}")
    if step.reason:
        told.append(clean(step.reason))
    return f"{step.action:<11} {clean(step.local.subject).ljust(width)}  {'; '.join(told)}".rstrip()


def drift_text(drift: Drift) -> str:
    """One line a difference, what was not compared, and the verdict."""
    return "".join(f"{line}\n" for line in _drift(drift))


def _drift(drift: Drift) -> Iterator[str]:
    width = max((len(clean(row.subject)) for row in drift.rows), default=0)
    for row in drift.rows:
        yield f"{clean(row.subject).ljust(width)}  {row.kind}: {clean(row.words)}"
    for problem in drift.not_checked:
        yield f"{f'{clean(problem.file)}: ' if problem.file else ''}not checked: {clean(problem.message)}"
    differing = len({row.subject for row in drift.rows})
    registry = clean(drift.registry)
    if drift.not_checked:
        yield f"NOT CHECKED against {registry}: {len(drift.not_checked)} of {counted(drift.seen, 'subject')}"
    elif drift.rows:
        yield f"DRIFT {differing} of {counted(drift.seen, 'subject')} in {registry}"
    else:
        yield f"PASS {counted(drift.seen, 'subject')} as in {registry}"


def _json(made: Plan | Drift) -> str:
    return f"{json.dumps(made.document(), indent=1)}\n"


PLAN: Mapping[str, Callable[[Plan], str]] = {"text": plan_text, "json": _json}
DRIFT: Mapping[str, Callable[[Drift], str]] = {"text": drift_text, "json": _json}


def digest_of(text: str) -> str | None:
    """The digest in a plan that was written as JSON; None for what is none."""
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    digest = document.get("digest") if isinstance(document, dict) else None
    return digest if isinstance(digest, str) else None
