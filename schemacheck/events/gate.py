"""A change must not weaken the gate that judges it: the published configuration against the current one. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from schemacheck.config import STRICT, Policy
from schemacheck.events.metadata import Metadata
from schemacheck.events.rules import POLICY_WEAKENED
from schemacheck.globs import matches
from schemacheck.model import Level, Mode, Rule, Subject
from schemacheck.report import Finding, fingerprint

_PATHS = 3  # how many are named


def weaker(old: Mode, new: Mode) -> bool:
    """Whether a mode lets through what another one would not."""
    return old.directions not in new.directions or (old.transitive and not new.transitive)


def weakened(old: Policy, new: Policy, paths: Sequence[str], rules: Iterable[Rule]) -> Iterator[tuple[str, str]]:
    """What a configuration asks less of than the published one did, in words, and the key that says it.

    `paths` are the published schemas.
    """
    judged = [path for path in paths if old.judges(path)]
    if lost := [path for path in judged if not new.judges(path)]:
        yield f"{_named(lost)} would no longer be judged", "exclude" if new.exclude != old.exclude else "roots"
    judged = [path for path in judged if new.judges(path)]
    layouts = [policy.layout(policy.roots or ("",)) for policy in (old, new)]
    if moved := [p for p in judged if layouts[0].place(p).subject != layouts[1].place(p).subject]:
        was, now = (layout.place(moved[0]).subject for layout in layouts)
        yield f"{_named(moved)} would be another event version, {now} instead of {was}", "layout"
    yield from _by_path(old, new, judged, list(rules))
    yield from _limits(old, new)


def _by_path(old: Policy, new: Policy, paths: Sequence[str], rules: Sequence[Rule]) -> Iterator[tuple[str, str]]:
    """What holds less for some paths: mode, policy and levels."""
    groups: dict[tuple[bool, ...], list[str]] = defaultdict(list)
    for path in paths:
        groups[tuple(table.covers(path) for table in (*old.paths, *new.paths))].append(path)
    lowered: dict[str, list[str]] = defaultdict(list)
    for group in groups.values():
        path = group[0]
        before, after = old.mode_for(path), new.mode_for(path)
        if weaker(before, after):
            lowered[f"the mode is lowered from {before} to {after}"] += group
        if (before_policy := old.policy_for(path)) == STRICT != (after_policy := new.policy_for(path)):
            lowered[f"the policy is lowered from {before_policy} to {after_policy}"] += group
        for words in _levels(old, new, path, rules):
            lowered[words] += group
    for words, group in lowered.items():
        yield f"{words} for {_named(sorted(group))}", words.split()[1].rstrip(",")


def _levels(old: Policy, new: Policy, path: str, rules: Sequence[Rule]) -> Iterator[str]:
    quieter: dict[tuple[Level, Level], list[str]] = defaultdict(list)
    for rule in rules:
        levels = old.level(rule, path), new.level(rule, path)
        if levels[0] > levels[1]:
            quieter[levels].append(rule.id)
    for (before, after), names in quieter.items():
        yield f"lower levels, {before.word} to {after.word}, of {_named(names)}"


def _limits(old: Policy, new: Policy) -> Iterator[tuple[str, str]]:
    """What holds less for all paths."""
    for key in ("minimum", "notice_days"):
        if getattr(old, key) > getattr(new, key):
            yield f"{key} is lowered from {getattr(old, key)} to {getattr(new, key)}", key
    if old.max_waiver_days < new.max_waiver_days:
        yield f"max_waiver_days is raised from {old.max_waiver_days} to {new.max_waiver_days}", "max_waiver_days"
    if not new.fail_on_given and _strictness(old.fail_on) > _strictness(new.fail_on):
        yield f"fail_on is lowered from {_word(old.fail_on)} to {_word(new.fail_on)}", "fail_on"
    if old.strict_layout and not new.strict_layout:
        yield "strict_layout is given up", "strict_layout"
    for key in ("published", "remote", "against"):
        if getattr(old, key) != getattr(new, key):
            yield f"[baseline] {key} is changed from {_shown(getattr(old, key))} to {_shown(getattr(new, key))}", key
    if old.identity.get("registry") not in (None, new.identity.get("registry")):
        yield f"the registry subject is no longer {old.identity['registry']}", "registry"
    before, after = old.options.get("protobuf", {}), new.options.get("protobuf", {})
    if before.get("json", True) and not after.get("json", True):
        yield "the JSON form of Protobuf messages would no longer be judged", "json"
    if before.get("json_unknown_fields") == "rejected" != after.get("json_unknown_fields"):
        yield "readers of JSON are no longer said to reject unknown fields", "json_unknown_fields"
    for glob in _unnamed(old, new):
        yield f"files such as {glob} are no longer schemas", "globs"
    before, after = old.options.get("json-schema", {}), new.options.get("json-schema", {})
    if before.get("open_model") == "strict" != after.get("open_model"):
        yield "writers are now taken to emit only the properties that they declare", "open_model"


def _unnamed(old: Policy, new: Policy) -> Iterator[str]:
    """The patterns by which files were schemas that are none now."""
    now = new.options.get("json-schema", {}).get("globs", ())
    for glob in old.options.get("json-schema", {}).get("globs", ()):
        if not any(matches(glob, pattern) for pattern in now):
            yield glob


def stricter(old: Level | None, new: Level | None) -> Level | None:
    """The level of two at which a run fails sooner."""
    return max(old, new, key=_strictness)


def _strictness(level: Level | None) -> int:
    return 0 if level is None else 4 - level


def _word(level: Level | None) -> str:
    return "never" if level is None else level.word


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) and value else str(value or "nothing")


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _PATHS} more" if len(names) > _PATHS else ""
    return f"{', '.join(names[:_PATHS])}{more}"


def weakened_by_event(
    then: Metadata, now: Metadata, modes: tuple[Mode, Mode], policies: tuple[str, str], gone: Collection[Subject]
) -> Iterator[tuple[str, str]]:
    """What an event asks less of than was published, in words, and the key that says it.

    `modes` and `policies` hold what follows from each side under one configuration; `gone` are the versions that this
    change retires.
    """
    if weaker(*modes):
        yield f"the mode is lowered from {modes[0]} to {modes[1]}", "mode"
    if policies[0] == STRICT != policies[1]:
        yield f"the policy is lowered from {policies[0]} to {policies[1]}", "policy"
    if then.replayable and not now.replayable:
        yield "the stream is no longer said to be replayable", "replayable"
    elif then.endless and not now.endless:
        yield f'the retention is no longer "{then.retention}"', "retention"
    for subject in sorted(gone):
        dropped = set(then.consumers_of(subject.version)) - set(now.consumers_of(subject.version))
        if dropped:
            yield f"{_named(sorted(dropped))} is dropped together with {subject.version}, which it reads", "consumers"


def finding(
    what: str, level: Level, file: str, line: int | None, subject: Subject | None, owner: str | None
) -> Finding:
    """This change weakens the gate."""
    values = {"what": what}
    mark = fingerprint(POLICY_WEAKENED.id, subject, "", values)
    return Finding(
        rule=POLICY_WEAKENED,
        level=level,
        subject=subject,
        message=POLICY_WEAKENED.message.format(**values),
        values=values,
        file=file,
        line=line,
        hint=f"land it alone, waived by those who own the gate: schemacheck waive {mark}",
        owner=owner,
    )
