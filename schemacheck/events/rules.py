"""Every `event/*` rule, and how one is reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from schemacheck.config import Policy
from schemacheck.layout import Placed
from schemacheck.model import Direction, Level, Rule, Surface
from schemacheck.report import Finding


def _rule(name: str, message: str, level: Level = Level.ERROR) -> Rule:
    return Rule(f"event/{name}", message, Direction.NONE, Surface.EVENT, mirror=None, level=level)


# freeze
MUTATED = _rule("mutated", "{version} is published and changed in a {how} way")
MUTATED_THROUGH_IMPORT = _rule(
    "mutated-through-import", "{version} is published and changed in a {how} way through {files}"
)
VERSION_REMOVED = _rule("version-removed", "{version} is published and was removed{moved}")
VERSION_SKIPPED = _rule("version-skipped", "{version} is new, but the next version of {event} is {expected}")
VERSION_REUSED = _rule("version-reused", "{version} was published before, {how}")
FORMAT_CHANGED = _rule("format-changed", "{version} was published as {old} and is now {new}")
NEEDLESS_VERSION = _rule("needless-version", "{version} is compatible with {old} under {mode}", Level.INFO)
OLD_VERSION_IMPORTED = _rule("old-version-imported", "{version} rests on an older version, {old} in {file}")
UNVERSIONED_IMPORT = _rule(
    "unversioned-import", "{version} rests on {file}, whose path holds no version", Level.WARNING
)
UNSTABLE_IMPORTED = _rule("unstable-imported", "{version} is stable and rests on the unstable {old} in {file}")
SUBJECT_REMAPPED = _rule("subject-remapped", 'the {key} of {event} was "{old}" and is now {new}')
PUBLISHED_UNREADABLE = _rule("published-unreadable", "{version} was edited, and its published text cannot be parsed")
OLDER_STATE_UNREADABLE = _rule(
    "older-state-unreadable",
    "{version} was once published as text that cannot be parsed, and is not compared with that",
    Level.WARNING,
)
# identity
NAME_MISMATCH = _rule("name-mismatch", "the path says {path}, but {others}")
IDENTITY_DUPLICATED = _rule("identity-duplicated", "{what} is claimed by {files}")
VERSION_IMPLICIT = _rule("version-implicit", "the path holds no version, so it is taken as v1 of {event}", Level.INFO)
FILE_MISPLACED = _rule("file-misplaced", "the path fits no layout")
VERSION_UNTRACKED = _rule("version-untracked", "{version} is not in git, so nobody else will get it", Level.WARNING)
# lifecycle
RETIRED_EARLY = _rule("retired-early", "{version} was retired too early: {why}")
SUNSET_ADVANCED = _rule(
    "sunset-advanced", "the sunset of {version} was set to {sunset}, within the {days} days of notice"
)
SUNSET_PASSED = _rule("sunset-passed", "{version} is deprecated and its time is over since {day}", Level.WARNING)
SUCCESSOR_MISSING = _rule("successor-missing", "{version} is deprecated and nothing takes its place", Level.WARNING)
DEPRECATED_VERSION_CHANGED = _rule(
    "deprecated-version-changed", "{version} is deprecated and more than its documentation changed", Level.WARNING
)
VERSIONS_PILED_UP = _rule("versions-piled-up", "{event} has {number} versions that are not retired", Level.WARNING)
METADATA_REMOVED = _rule("metadata-removed", "{what} was removed from {event}")
MODE_TOO_WEAK = _rule("mode-too-weak", "the mode {mode} of {event} is too weak: {why}")
# kinds and content
OWNER_MISSING = _rule("owner-missing", "{event} has no owner", Level.WARNING)
KIND_MISSING = _rule("kind-missing", "{event} has no kind", Level.INFO)
KIND_CHANGED = _rule("kind-changed", "{event} was published as a {old} and is now {new}")
NOT_PAST_TENSE = _rule("not-past-tense", "{name} is a {kind} and its name does not say what happened", Level.WARNING)
NOT_IMPERATIVE = _rule("not-imperative", "{name} is a command and its name is no request", Level.WARNING)
COMMAND_CONSUMERS = _rule("command-consumers", "{name} is a command and has {consumers}")
NOTIFICATION_HEAVY = _rule("notification-heavy", "{name} is a notification and carries data: {fields}", Level.WARNING)
ENVELOPE_FIELD_MISSING = _rule("envelope-field-missing", "the field for {role} {how}")
OUTBOX_COLUMN_UNMAPPED = _rule("outbox-column-unmapped", "the outbox column {column} has no source: {why}")
MIGRATION_MISSING = _rule("migration-missing", "nothing turns {old} into {version}", Level.OFF)
# the gate itself
POLICY_WEAKENED = _rule("policy-weakened", "this change weakens the gate: {what}")
WAIVER_ADDED = _rule("waiver-added", "this change waives {what} until {expires}, by {owner}: {reason}", Level.WARNING)
WAIVER_EXPIRED = _rule("waiver-expired", "the waiver of {what} expired on {expires}")
WAIVER_UNUSED = _rule("waiver-unused", "the waiver of {what} matches nothing", Level.WARNING)

RULES: Sequence[Rule] = (
    MUTATED,
    MUTATED_THROUGH_IMPORT,
    VERSION_REMOVED,
    VERSION_SKIPPED,
    VERSION_REUSED,
    FORMAT_CHANGED,
    NEEDLESS_VERSION,
    OLD_VERSION_IMPORTED,
    UNVERSIONED_IMPORT,
    UNSTABLE_IMPORTED,
    SUBJECT_REMAPPED,
    PUBLISHED_UNREADABLE,
    OLDER_STATE_UNREADABLE,
    NAME_MISMATCH,
    IDENTITY_DUPLICATED,
    VERSION_IMPLICIT,
    FILE_MISPLACED,
    VERSION_UNTRACKED,
    RETIRED_EARLY,
    SUNSET_ADVANCED,
    SUNSET_PASSED,
    SUCCESSOR_MISSING,
    DEPRECATED_VERSION_CHANGED,
    VERSIONS_PILED_UP,
    METADATA_REMOVED,
    MODE_TOO_WEAK,
    OWNER_MISSING,
    KIND_MISSING,
    KIND_CHANGED,
    NOT_PAST_TENSE,
    NOT_IMPERATIVE,
    COMMAND_CONSUMERS,
    NOTIFICATION_HEAVY,
    ENVELOPE_FIELD_MISSING,
    OUTBOX_COLUMN_UNMAPPED,
    MIGRATION_MISSING,
    POLICY_WEAKENED,
    WAIVER_ADDED,
    WAIVER_EXPIRED,
    WAIVER_UNUSED,
)
# What no waiver can hide: `mutated` goes when its causes do.
NEVER_WAIVED = frozenset(
    {MUTATED, MUTATED_THROUGH_IMPORT, IDENTITY_DUPLICATED, WAIVER_ADDED, WAIVER_EXPIRED, WAIVER_UNUSED}
)
PAST_NUMBER = "was removed, and returned with other content"


def report(rule: Rule, policy: Policy, placed: Placed, values: Mapping[str, object], **more: Any) -> Iterator[Finding]:
    """The finding of a rule at a path, at the level that the policy gives it; nothing where it is off."""
    level = policy.level(rule, placed.path)
    if not placed.subject.version.stable:
        level = min(level, Level.INFO)
    if level == Level.OFF:
        return
    fields = {"subject": placed.subject, "file": placed.path, "line": 1, "column": 1, **more}
    yield Finding(rule=rule, level=level, message=rule.message.format(**values), values=values, **fields)
