"""Every rule of Avro, in the order of the documentation.

Wire rules come first in each group: the specification, Java's reader or fastavro refuses some valid event because of
the pair of schemas. Meaning rules follow: it decodes, but a value or what it stands for changes silently; they are
errors where that happens to ordinary data, warnings where it depends on data or habits. The rest breaks nothing.
"""

from __future__ import annotations

from dataclasses import replace

from schemacheck.model import Direction, Level, Rule, Surface

_NONE, _B, _F, _BF = Direction.NONE, Direction.BACKWARD, Direction.FORWARD, Direction.FULL


def _wire(name: str, mirror: str, breaks: Direction, message: str, level: Level = Level.ERROR) -> Rule:
    return Rule(f"avro/{name}", message, breaks, Surface.WIRE, f"avro/{mirror}", level)


def _meaning(name: str, mirror: str, breaks: Direction, message: str, level: Level = Level.ERROR) -> Rule:
    return Rule(f"avro/{name}", message, breaks, Surface.MEANING, f"avro/{mirror}", level)


def _info(name: str, mirror: str, message: str) -> Rule:
    return Rule(f"avro/{name}", message, _NONE, Surface.INFO, f"avro/{mirror}", Level.INFO)


_W = Level.WARNING

# --- types and promotions ---------------------------------------------------------------------------------------------

TYPE_CHANGED = _wire("type-changed", "type-changed", _BF, 'the type changed from "{old}" to "{new}"')
TYPE_WIDENED = _wire("type-widened", "type-narrowed", _F, 'the type was widened from "{old}" to "{new}"')
TYPE_NARROWED = _wire("type-narrowed", "type-widened", _B, 'the type was narrowed from "{old}" to "{new}"')
TYPE_WIDENED_LOSSILY = _meaning(
    "type-widened-lossily",
    "type-narrowed-lossily",
    _B,
    'the type was widened from "{old}" to "{new}", which is exact only up to {exact}',
    _W,
)
TYPE_NARROWED_LOSSILY = _meaning(
    "type-narrowed-lossily",
    "type-widened-lossily",
    _F,
    'the type was narrowed from "{old}" to "{new}", and old readers hold it exactly only up to {exact}',
    _W,
)
STRING_CHANGED_TO_BYTES = _meaning(
    "string-changed-to-bytes", "bytes-changed-to-string", _F, 'the type changed from "string" to "bytes"'
)
BYTES_CHANGED_TO_STRING = _meaning(
    "bytes-changed-to-string", "string-changed-to-bytes", _B, 'the type changed from "bytes" to "string"'
)

# --- fields -----------------------------------------------------------------------------------------------------------

FIELD_ADDED = _info("field-added", "field-removed", 'field "{name}" was added, with the default {default}')
FIELD_REMOVED = _info("field-removed", "field-added", 'field "{name}" was removed, it had the default {default}')
FIELD_ADDED_WITHOUT_DEFAULT = _wire(
    "field-added-without-default",
    "field-removed-without-default",
    _B,
    'field "{name}" was added without a default',
)
FIELD_REMOVED_WITHOUT_DEFAULT = _wire(
    "field-removed-without-default",
    "field-added-without-default",
    _F,
    'field "{name}" was removed, it had no default',
)
FIELD_RENAMED = _meaning(
    "field-renamed",
    "field-renamed-back",
    _F,
    'field "{old}" was renamed to "{new}" with an alias: old readers return their default {default}',
)
FIELD_RENAMED_BACK = _meaning(
    "field-renamed-back",
    "field-renamed",
    _B,
    'field "{old}" was renamed back to "{new}": new readers return their default {default}',
)
FIELD_RENAMED_WITHOUT_DEFAULT = _wire(
    "field-renamed-without-default",
    "field-renamed-back-without-default",
    _F,
    'field "{old}" was renamed to "{new}" with an alias, and old readers have no default for it',
)
FIELD_RENAMED_BACK_WITHOUT_DEFAULT = _wire(
    "field-renamed-back-without-default",
    "field-renamed-without-default",
    _B,
    'field "{old}" was renamed back to "{new}", and new readers have no default for it',
)
FIELD_RENAMED_WITH_ALIASES_BOTH_WAYS = _info(
    "field-renamed-with-aliases-both-ways",
    "field-renamed-with-aliases-both-ways",
    'field "{old}" was renamed to "{new}", and each side has the other name as an alias',
)
FIELD_RENAMED_WITHOUT_ALIAS = _meaning(
    "field-renamed-without-alias",
    "field-renamed-without-alias",
    _BF,
    'field "{old}" left and "{new}" came in its place without an alias: each side reads its default',
    _W,
)
FIELD_ALIAS_BECAME_AMBIGUOUS = _wire(
    "field-alias-became-ambiguous",
    "field-alias-was-ambiguous",
    _B,
    "new readers cannot tell which field is meant: {clash}",
)
FIELD_ALIAS_WAS_AMBIGUOUS = _wire(
    "field-alias-was-ambiguous",
    "field-alias-became-ambiguous",
    _F,
    "old readers cannot tell which field is meant: {clash}",
)
FIELD_ALIAS_CUT_OFF = _meaning(
    "field-alias-cut-off",
    "field-alias-was-cut-off",
    _B,
    'the alias "{alias}" of field "{name}" has no effect, since "{old}" became "{new}" without an alias of its own:'
    " new readers return the default",
)
FIELD_ALIAS_WAS_CUT_OFF = _meaning(
    "field-alias-was-cut-off",
    "field-alias-cut-off",
    _F,
    'the alias "{alias}" of field "{name}" has no effect, since "{old}" became "{new}", which the old schema does not'
    " know: old readers return the default",
)
FIELD_ALIAS_CUT_OFF_WITHOUT_DEFAULT = _wire(
    "field-alias-cut-off-without-default",
    "field-alias-was-cut-off-without-default",
    _B,
    'the alias "{alias}" of field "{name}" has no effect, since "{old}" became "{new}" without an alias of its own',
)
FIELD_ALIAS_WAS_CUT_OFF_WITHOUT_DEFAULT = _wire(
    "field-alias-was-cut-off-without-default",
    "field-alias-cut-off-without-default",
    _F,
    'the alias "{alias}" of field "{name}" has no effect, since "{old}" became "{new}", which the old schema does not'
    " know",
)
DEFAULT_ADDED = _info("default-added", "default-removed", 'field "{name}" got the default {default}')
DEFAULT_REMOVED = _info("default-removed", "default-added", 'field "{name}" lost its default {default}')
DEFAULT_CHANGED = _meaning(
    "default-changed", "default-changed", _BF, 'the default of field "{name}" changed from {old} to {new}', _W
)
DEFAULT_LEFT_FIRST_BRANCH = _wire(
    "default-left-first-branch",
    "default-joined-first-branch",
    _B,
    'the default {default} of field "{name}" fits only a later branch of its union',
    _W,
)
DEFAULT_JOINED_FIRST_BRANCH = _info(
    "default-joined-first-branch",
    "default-left-first-branch",
    'the default of field "{name}" fits the first branch of its union again',
)
FIELD_ADDED_WITH_ARRAY_DEFAULT_IN_UNION = _wire(
    "field-added-with-array-default-in-union",
    "field-removed-with-array-default-in-union",
    _B,
    'field "{name}" was added as a union with an array as default, which Java 1.12.0 and 1.12.1 cannot read',
    _W,
)
FIELD_REMOVED_WITH_ARRAY_DEFAULT_IN_UNION = _wire(
    "field-removed-with-array-default-in-union",
    "field-added-with-array-default-in-union",
    _F,
    'field "{name}" was removed, a union with an array as default, which Java 1.12.0 and 1.12.1 cannot read',
    _W,
)
FIELD_ADDED_WITH_DEFAULT_OF_LATER_BRANCH = _wire(
    "field-added-with-default-of-later-branch",
    "field-removed-with-default-of-later-branch",
    _B,
    'field "{name}" was added, and its default {default} fits only a later branch of its union',
    _W,
)
FIELD_REMOVED_WITH_DEFAULT_OF_LATER_BRANCH = _wire(
    "field-removed-with-default-of-later-branch",
    "field-added-with-default-of-later-branch",
    _F,
    'field "{name}" was removed, and the default {default} of old readers fits only a later branch of its union',
    _W,
)
DEFAULT_BECAME_INVALID_UNDER_ALIAS = _wire(
    "default-became-invalid-under-alias",
    "default-was-invalid-under-alias",
    _B,
    'the old schema writes "{alias}" in the default of "{field}", which the alias of "{name}" makes invalid in new Java'
    " readers",
)
DEFAULT_WAS_INVALID_UNDER_ALIAS = _wire(
    "default-was-invalid-under-alias",
    "default-became-invalid-under-alias",
    _F,
    'the new schema writes "{alias}" in the default of "{field}", which the alias of "{name}" makes invalid in old Java'
    " readers",
)
FIELDS_REORDERED = _info("fields-reordered", "fields-reordered", "the fields changed their order")
SORT_ORDER_CHANGED = _info(
    "sort-order-changed", "sort-order-changed", 'the sort order of field "{name}" changed from "{old}" to "{new}"'
)
FIELD_ALIAS_ADDED = _info("field-alias-added", "field-alias-removed", 'field "{name}" got the alias "{alias}"')
FIELD_ALIAS_REMOVED = _info("field-alias-removed", "field-alias-added", 'field "{name}" lost the alias "{alias}"')

# --- enums, fixed, names ----------------------------------------------------------------------------------------------

ENUM_SYMBOL_ADDED = _wire(
    "enum-symbol-added",
    "enum-symbol-removed",
    _F,
    'symbol "{symbol}" was added, and the enum of old readers has no default',
)
ENUM_SYMBOL_REMOVED = _wire(
    "enum-symbol-removed", "enum-symbol-added", _B, 'symbol "{symbol}" was removed, and the enum has no default'
)
ENUM_SYMBOL_ADDED_UNDER_DEFAULT = _meaning(
    "enum-symbol-added-under-default",
    "enum-symbol-removed-under-default",
    _F,
    'symbol "{symbol}" was added: old readers take it for "{default}"',
    _W,
)
ENUM_SYMBOL_REMOVED_UNDER_DEFAULT = _meaning(
    "enum-symbol-removed-under-default",
    "enum-symbol-added-under-default",
    _B,
    'symbol "{symbol}" was removed: new readers take it for "{default}"',
    _W,
)
ENUM_DEFAULT_ADDED = _info("enum-default-added", "enum-default-removed", 'the enum got the default "{default}"')
ENUM_DEFAULT_REMOVED = _info("enum-default-removed", "enum-default-added", 'the enum lost its default "{default}"')
ENUM_DEFAULT_CHANGED = _meaning(
    "enum-default-changed",
    "enum-default-changed",
    _BF,
    'the default of the enum changed from "{old}" to "{new}"',
    _W,
)
ENUM_SYMBOLS_REORDERED = _meaning(
    "enum-symbols-reordered", "enum-symbols-reordered", _BF, "the symbols changed their order", _W
)
FIXED_SIZE_CHANGED = _wire(
    "fixed-size-changed", "fixed-size-changed", _BF, 'the size of "{name}" changed from {old} to {new}'
)
TYPE_RENAMED = _wire("type-renamed", "type-renamed", _BF, 'the type "{old}" was renamed to "{new}" without an alias')
TYPE_RENAMED_WITH_ALIAS = _wire(
    "type-renamed-with-alias",
    "type-renamed-back",
    _F,
    'the type "{old}" was renamed to "{new}" with an alias, which old readers do not have',
)
TYPE_RENAMED_BACK = _wire(
    "type-renamed-back",
    "type-renamed-with-alias",
    _B,
    'the type "{old}" was renamed back to "{new}" without an alias for the old name',
)
TYPE_RENAMED_WITH_ALIASES_BOTH_WAYS = _info(
    "type-renamed-with-aliases-both-ways",
    "type-renamed-with-aliases-both-ways",
    'the type "{old}" was renamed to "{new}", and each side has the other name as an alias',
)
ROOT_RENAMED = _meaning("root-renamed", "root-renamed", _BF, 'the event was renamed from "{old}" to "{new}"')
NAMESPACE_CHANGED = _meaning(
    "namespace-changed", "namespace-changed", _BF, 'the type "{old}" moved to another namespace as "{new}"', _W
)
NAMESPACE_CHANGED_IN_UNION = _wire(
    "namespace-changed-in-union",
    "namespace-changed-in-union",
    _BF,
    'the type "{old}" moved to another namespace as "{new}", and it is a branch of a union',
)
TYPE_ALIAS_BECAME_AMBIGUOUS = _wire(
    "type-alias-became-ambiguous",
    "type-alias-was-ambiguous",
    _B,
    'new readers in Java take "{name}" for "{taker}", which has that name as an alias',
)
TYPE_ALIAS_WAS_AMBIGUOUS = _wire(
    "type-alias-was-ambiguous",
    "type-alias-became-ambiguous",
    _F,
    'old readers in Java take "{name}" for "{taker}", which has that name as an alias',
)
TYPE_ALIAS_ADDED = _info("type-alias-added", "type-alias-removed", 'the type "{name}" got the alias "{alias}"')
TYPE_ALIAS_REMOVED = _info("type-alias-removed", "type-alias-added", 'the type "{name}" lost the alias "{alias}"')
RECORD_CHANGED_TO_ERROR = _info(
    "record-changed-to-error", "error-changed-to-record", 'the type "{name}" changed from "record" to "error"'
)
ERROR_CHANGED_TO_RECORD = _info(
    "error-changed-to-record", "record-changed-to-error", 'the type "{name}" changed from "error" to "record"'
)

# --- unions -----------------------------------------------------------------------------------------------------------

MADE_NULLABLE = _wire("made-nullable", "made-non-nullable", _F, '"null" was added to the type')
MADE_NON_NULLABLE = _wire("made-non-nullable", "made-nullable", _B, '"null" was removed from the type')
UNION_BRANCH_ADDED = _wire("union-branch-added", "union-branch-removed", _F, 'branch "{branch}" was added to the union')
UNION_BRANCH_REMOVED = _wire(
    "union-branch-removed", "union-branch-added", _B, 'branch "{branch}" was removed from the union'
)
UNION_BRANCH_ADDED_PROMOTABLE = _info(
    "union-branch-added-promotable",
    "union-branch-removed-promotable",
    'branch "{branch}" was added to the union, and old readers take it as "{taker}"',
)
UNION_BRANCH_REMOVED_PROMOTABLE = _info(
    "union-branch-removed-promotable",
    "union-branch-added-promotable",
    'branch "{branch}" was removed from the union, and new readers take it as "{taker}"',
)
UNION_BRANCH_SHADOWED = _meaning(
    "union-branch-shadowed",
    "union-branch-unshadowed",
    _B,
    'branch "{branch}" now stands behind "{earlier}", which takes its values in readers that use the first match',
    _W,
)
UNION_BRANCH_UNSHADOWED = _meaning(
    "union-branch-unshadowed",
    "union-branch-shadowed",
    _F,
    'branch "{branch}" no longer stands behind "{earlier}", which takes its values in old readers that use the first'
    " match",
    _W,
)
SAME_NAME_BRANCH_ADDED = _meaning(
    "same-name-branch-added",
    "same-name-branch-removed",
    _BF,
    'branch "{branch}" was added beside "{namesake}", and readers take one for the other',
)
SAME_NAME_BRANCH_REMOVED = _meaning(
    "same-name-branch-removed",
    "same-name-branch-added",
    _BF,
    'branch "{branch}" was removed beside "{namesake}", and readers take one for the other',
)
SAME_NAME_BRANCHES_REORDERED = _meaning(
    "same-name-branches-reordered",
    "same-name-branches-reordered",
    _BF,
    'branches with the same short name "{name}" changed their order, and readers take one for the other',
)
AMBIGUOUS_UNION_EXPOSED = _meaning(
    "ambiguous-union-exposed",
    "ambiguous-union-exposed",
    _BF,
    'another branch named "{name}" stands before the one that is meant, and fastavro takes it once anything differs',
    _W,
)
UNIONS_REORDERED = _info("unions-reordered", "unions-reordered", "the branches of the union changed their order")
WRAPPED_IN_UNION = _info("wrapped-in-union", "unwrapped-from-union", "the type became the only branch of a union")
UNWRAPPED_FROM_UNION = _info(
    "unwrapped-from-union", "wrapped-in-union", "the type was the only branch of a union, and now stands alone"
)

# --- logical types and Connect types ----------------------------------------------------------------------------------

TIME_UNIT_CHANGED = _meaning("time-unit-changed", "time-unit-changed", _BF, 'the unit changed from "{old}" to "{new}"')
LOGICAL_TYPE_CHANGED = _meaning(
    "logical-type-changed", "logical-type-changed", _BF, 'the logical type changed from "{old}" to "{new}"'
)
DECIMAL_SCALE_CHANGED = _meaning(
    "decimal-scale-changed", "decimal-scale-changed", _BF, "the scale of the decimal changed from {old} to {new}"
)
DECIMAL_PRECISION_INCREASED = _meaning(
    "decimal-precision-increased",
    "decimal-precision-decreased",
    _F,
    "the precision of the decimal was increased from {old} to {new}",
    _W,
)
DECIMAL_PRECISION_DECREASED = _meaning(
    "decimal-precision-decreased",
    "decimal-precision-increased",
    _B,
    "the precision of the decimal was decreased from {old} to {new}",
    _W,
)
LOGICAL_TYPE_ADDED = _meaning(
    "logical-type-added", "logical-type-removed", _B, 'the logical type "{logical}" was added', _W
)
LOGICAL_TYPE_REMOVED = _meaning(
    "logical-type-removed", "logical-type-added", _F, 'the logical type "{logical}" was removed', _W
)
PARSED_LOGICAL_TYPE_ADDED = _meaning(
    "parsed-logical-type-added",
    "parsed-logical-type-removed",
    _B,
    'the logical type "{logical}" was added, which fails on values that do not parse',
)
PARSED_LOGICAL_TYPE_REMOVED = _meaning(
    "parsed-logical-type-removed",
    "parsed-logical-type-added",
    _F,
    'the logical type "{logical}" was removed, and old readers fail on values that do not parse',
)
LOGICAL_TYPE_MISSPELT = _meaning(
    "logical-type-misspelt",
    "logical-type-spelling-corrected",
    _F,
    'the logical type "{old}" was misspelt as "{new}", which every reader ignores',
)
LOGICAL_TYPE_SPELLING_CORRECTED = _meaning(
    "logical-type-spelling-corrected",
    "logical-type-misspelt",
    _B,
    'the logical type "{old}" was corrected to "{new}", which readers now apply for the first time',
)
LOGICAL_TYPE_MISPLACED = _meaning(
    "logical-type-misplaced",
    "logical-type-placement-corrected",
    _F,
    'the logical type "{old}" has no effect any more: {why}',
)
LOGICAL_TYPE_PLACEMENT_CORRECTED = _meaning(
    "logical-type-placement-corrected",
    "logical-type-misplaced",
    _B,
    'the logical type "{new}" takes effect for the first time: until now {why}',
)
CUSTOM_LOGICAL_TYPE_CHANGED = _meaning(
    "custom-logical-type-changed",
    "custom-logical-type-changed",
    _BF,
    'the custom logical type changed from "{old}" to "{new}"',
    _W,
)
CONNECT_TYPE_CHANGED = _meaning(
    "connect-type-changed", "connect-type-changed", _BF, 'the Connect type changed from "{old}" to "{new}"'
)
CONNECT_TYPE_RENAMED = _info(
    "connect-type-renamed",
    "connect-type-renamed",
    'the Connect type was renamed from "{old}" to "{new}", with the same meaning',
)
CONNECT_TYPE_ADDED = _meaning(
    "connect-type-added", "connect-type-removed", _B, 'the Connect type "{connect}" was added', _W
)
CONNECT_TYPE_REMOVED = _meaning(
    "connect-type-removed", "connect-type-added", _F, 'the Connect type "{connect}" was removed', _W
)
CONNECT_PARAMETER_CHANGED = _meaning(
    "connect-parameter-changed",
    "connect-parameter-changed",
    _BF,
    'the Connect parameter "{key}" changed from {old} to {new}',
    _W,
)
CONNECT_VERSION_CHANGED = _info(
    "connect-version-changed", "connect-version-changed", "the Connect version changed from {old} to {new}"
)

# --- documentation, properties, tags ----------------------------------------------------------------------------------

TAG_ADDED = _meaning("tag-added", "tag-removed", _B, 'the tag "{tag}" was added under "{key}"', _W)
TAG_REMOVED = _meaning("tag-removed", "tag-added", _F, 'the tag "{tag}" was removed from "{key}"', _W)
DOC_CHANGED = replace(
    _info("doc-changed", "doc-changed", "the documentation changed from {old} to {new}"), documentation=True
)
PROPERTY_CHANGED = _info("property-changed", "property-changed", 'the property "{key}" changed from {old} to {new}')
PROPERTY_ADDED = _info("property-added", "property-removed", 'the property "{key}" was added with the value {value}')
PROPERTY_REMOVED = _info(
    "property-removed", "property-added", 'the property "{key}" was removed, it had the value {value}'
)

RULES = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
