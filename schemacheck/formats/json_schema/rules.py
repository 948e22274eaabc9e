"""Every rule of JSON Schema, in the order of the documentation.

A wire rule comes in pairs: one for what new readers refuse, its mirror for what old readers refuse. It is reported only
where the direction as a whole is refuted by a document. What is only read differently is `meaning`.
"""

from __future__ import annotations

from schemacheck.model import Direction, Level, Rule, Surface

_NONE, _B, _F, _BF = Direction.NONE, Direction.BACKWARD, Direction.FORWARD, Direction.FULL
_W = Level.WARNING


def _pair(narrow: str, wide: str, message: str, undone: str) -> tuple[Rule, Rule]:
    """The rule that breaks BACKWARD, and its mirror that breaks FORWARD."""
    left, right = f"json-schema/{narrow}", f"json-schema/{wide}"
    return (
        Rule(left, message, _B, Surface.WIRE, right, Level.ERROR),
        Rule(right, undone, _F, Surface.WIRE, left, Level.ERROR),
    )


def _both(name: str, message: str) -> Rule:
    return Rule(f"json-schema/{name}", message, _BF, Surface.WIRE, f"json-schema/{name}", Level.ERROR)


def _meaning(name: str, mirror: str, breaks: Direction, message: str) -> Rule:
    return Rule(f"json-schema/{name}", message, breaks, Surface.MEANING, f"json-schema/{mirror}", _W)


def _info(name: str, mirror: str, message: str, documentation: bool = False) -> Rule:
    return Rule(f"json-schema/{name}", message, _NONE, Surface.INFO, f"json-schema/{mirror}", Level.INFO, documentation)


# A limit or an entry: what it is called, the words of both directions.
TYPE = _pair("type-removed", "type-added", "{types} can no longer stand here", "{types} can now stand here")
INTEGER = _pair(
    "number-narrowed-to-integer",
    "integer-widened-to-number",
    "only whole numbers can stand here now",
    "numbers with a fraction can stand here now",
)
TYPE_CHANGED = _both("type-changed", "the type changed from {old} to {new}")
VALUE = _pair("value-forbidden", "value-allowed", "no value can stand here any more", "a value can stand here now")
ENUM = _pair(
    "enum-value-removed", "enum-value-added", "{values} left the list of values", "{values} joined the list of values"
)
LISTED = _pair("enum-added", "enum-removed", "only {values} can stand here now", "not only {values} can stand here now")
CONST_CHANGED = _both("const-changed", "the only value changed from {old} to {new}")
MINIMUM = _pair(
    "minimum-raised", "minimum-lowered", "the minimum rose from {old} to {new}", "the minimum fell from {old} to {new}"
)
MAXIMUM = _pair(
    "maximum-lowered", "maximum-raised", "the maximum fell from {old} to {new}", "the maximum rose from {old} to {new}"
)
STEP = _pair(
    "multiple-of-restricted",
    "multiple-of-relaxed",
    "the steps of the number changed from {old} to {new}",
    "the steps of the number changed from {old} to {new}",
)
_SIZE = {
    "length": "length of the text",
    "items": "number of items",
    "properties": "number of properties",
    "contains": "number of items of a certain kind",
}
LEAST = {
    kind: _pair(
        f"min-{kind}-raised",
        f"min-{kind}-lowered",
        f"the least {words} rose from {{old}} to {{new}}",
        f"the least {words} fell from {{old}} to {{new}}",
    )
    for kind, words in _SIZE.items()
}
MOST = {
    kind: _pair(
        f"max-{kind}-lowered",
        f"max-{kind}-raised",
        f"the greatest {words} fell from {{old}} to {{new}}",
        f"the greatest {words} rose from {{old}} to {{new}}",
    )
    for kind, words in _SIZE.items()
}
PATTERN = _pair(
    "pattern-added", "pattern-removed", "texts must match {pattern} now", "texts need not match {pattern} any more"
)
PATTERN_LIMIT = _pair(
    "pattern-narrowed",
    "pattern-widened",
    "the pattern changed from {old} to {new}, which fewer texts match",
    "the pattern changed from {old} to {new}, which more texts match",
)
PATTERN_CHANGED = _both("pattern-changed", "the pattern changed from {old} to {new}")
REQUIRED = _pair(
    "required-property-added",
    "required-property-removed",
    'property "{name}" is required now',
    'property "{name}" is not required any more',
)
REQUIRED_WITH_DEFAULT = _pair(
    "required-property-with-default-added",
    "required-property-with-default-removed",
    'property "{name}" is required now, and validators do not fill in its default',
    'property "{name}", which has a default, is not required any more',
)
OPEN_PROPERTY = _pair(
    "property-added-to-open-model",
    "property-removed-from-open-model",
    'property "{name}" has a schema now, where any value could stand',
    'property "{name}" has no schema any more, so that any value can stand there',
)
CLOSED_PROPERTY = _pair(
    "property-removed-from-closed-model",
    "property-added-to-closed-model",
    'property "{name}" is refused now',
    'property "{name}" was added where old readers refuse what they do not know',
)
COVER_NARROWER = _pair(
    "property-added-narrower-than-cover",
    "property-removed-narrower-than-cover",
    'property "{name}" was added, and fewer values can stand there than could so far',
    'property "{name}" was removed, and more values can stand there than could so far',
)
COVER_WIDER = _pair(
    "property-removed-wider-than-cover",
    "property-added-wider-than-cover",
    'property "{name}" was removed, and fewer values can stand there than could so far',
    'property "{name}" was added, and more values can stand there than could so far',
)
WITHIN_COVER = (
    _info("property-added-within-cover", "property-removed-within-cover", 'property "{name}" was added'),
    _info("property-removed-within-cover", "property-added-within-cover", 'property "{name}" was removed'),
)
REST_CLOSED = _pair(
    "additional-properties-closed",
    "additional-properties-opened",
    "properties without a schema are refused now",
    "properties without a schema are accepted now",
)
REST = _pair(
    "additional-properties-narrowed",
    "additional-properties-widened",
    "fewer values can stand in properties without a schema of their own",
    "more values can stand in properties without a schema of their own",
)
UNEVALUATED_CLOSED = _pair(
    "unevaluated-properties-closed",
    "unevaluated-properties-opened",
    "properties that no part of the schema knows are refused now",
    "properties that no part of the schema knows are accepted now",
)
UNEVALUATED = _pair(
    "unevaluated-properties-narrowed",
    "unevaluated-properties-widened",
    "fewer values can stand in properties that no part of the schema knows",
    "more values can stand in properties that no part of the schema knows",
)
CLOSED_PATTERN = _pair(
    "pattern-property-removed-from-closed-model",
    "pattern-property-added-to-closed-model",
    "properties that match {pattern} are refused now",
    "properties that match {pattern} were added where old readers refuse what they do not know",
)
PATTERN_PROPERTY = _pair(
    "pattern-property-added",
    "pattern-property-removed",
    "properties that match {pattern} have a schema now",
    "properties that match {pattern} have no schema any more",
)
NAMES = _pair(
    "property-names-restricted",
    "property-names-relaxed",
    "fewer names of properties are allowed",
    "more names of properties are allowed",
)
DEPENDENT_REQUIRED = _pair(
    "dependent-required-added",
    "dependent-required-removed",
    'beside property "{name}", {needed} is required now',
    'beside property "{name}", {needed} is not required any more',
)
DEPENDENT_SCHEMA = _pair(
    "dependent-schema-added",
    "dependent-schema-removed",
    'beside property "{name}", a further schema applies now',
    'beside property "{name}", no further schema applies any more',
)
DEPENDENT_LIMIT = _pair(
    "dependent-schema-narrowed",
    "dependent-schema-widened",
    'beside property "{name}", the further schema accepts less now',
    'beside property "{name}", the further schema accepts more now',
)
ITEMS = _pair(
    "items-constrained", "items-unconstrained", "the items have a schema now", "the items have no schema any more"
)
OPEN_TAIL = _pair(
    "tuple-item-added-to-open-tail",
    "tuple-item-removed-from-open-tail",
    "position {index} has a schema now, where any value could stand",
    "position {index} has no schema any more, so that any value can stand there",
)
CLOSED_TAIL = _pair(
    "tuple-item-removed-from-closed-tail",
    "tuple-item-added-to-closed-tail",
    "an item at position {index} is refused now",
    "position {index} was added where old readers refuse further items",
)
TAIL_NARROWER = _pair(
    "tuple-item-added-narrower-than-tail",
    "tuple-item-removed-narrower-than-tail",
    "position {index} has a schema of its own, and fewer values can stand there than could so far",
    "position {index} has no schema of its own any more, and more values can stand there than could so far",
)
TAIL_WIDER = _pair(
    "tuple-item-removed-wider-than-tail",
    "tuple-item-added-wider-than-tail",
    "position {index} has no schema of its own any more, and fewer values can stand there than could so far",
    "position {index} has a schema of its own, and more values can stand there than could so far",
)
TAIL = _pair(
    "tuple-tail-closed",
    "tuple-tail-opened",
    "items after those with a schema of their own are refused now",
    "items after those with a schema of their own are accepted now",
)
UNEVALUATED_TAIL = _pair(
    "unevaluated-items-closed",
    "unevaluated-items-opened",
    "items that no part of the schema knows are refused now",
    "items that no part of the schema knows are accepted now",
)
CONTAINS = _pair(
    "contains-added",
    "contains-removed",
    "an item of a certain kind must be there now",
    "an item of a certain kind need not be there any more",
)
CONTAINS_LIMIT = _pair(
    "contains-narrowed",
    "contains-widened",
    "the kind of item that is counted changed, and fewer arrays are accepted",
    "the kind of item that is counted changed, and more arrays are accepted",
)
UNIQUE = _pair(
    "unique-items-added", "unique-items-removed", "no item may stand twice now", "an item may stand twice now"
)
ALL_BRANCH = _pair(
    "all-of-branch-added",
    "all-of-branch-removed",
    "one branch of a further {keyword} must fit now",
    "no branch of a further {keyword} must fit any more",
)
ANY_BRANCH = _pair(
    "any-of-branch-removed",
    "any-of-branch-added",
    "branch {branch} of anyOf was removed",
    "branch {branch} of anyOf was added",
)
ONE_BRANCH = _pair(
    "one-of-branch-removed",
    "one-of-branch-added",
    "branch {branch} of oneOf was removed",
    "branch {branch} of oneOf was added",
)
OVERLAP = _pair(
    "one-of-branch-overlapped",
    "one-of-overlap-removed",
    "branches of oneOf overlap now, and what two of them take is refused",
    "branches of oneOf do not overlap any more",
)
BECAME = _pair(
    "any-of-became-one-of",
    "one-of-became-any-of",
    "anyOf became oneOf, and what fits two of its branches is refused",
    "oneOf became anyOf, and what fits two of its branches is accepted",
)
VARIANT = _pair(
    "variant-removed",
    "variant-added",
    "the variant with {tag} {value} was removed",
    "the variant with {tag} {value} was added",
)
DISCRIMINATOR = _both("discriminator-changed", 'the property that tells variants apart changed from "{old}" to "{new}"')
NOT = _pair("not-added", "not-removed", "more is forbidden by not", "less is forbidden by not")
NOT_LIMIT = _pair(
    "not-widened",
    "not-narrowed",
    "what is forbidden by not changed, and more is",
    "what is forbidden by not changed, and less is",
)
CONDITION = _pair("condition-added", "condition-removed", "a condition was added", "a condition was removed")
CONDITION_LIMIT = _pair(
    "condition-narrowed",
    "condition-widened",
    "a condition changed, and fewer documents meet it",
    "a condition changed, and more documents meet it",
)
SATISFIABLE = _pair(
    "schema-became-unsatisfiable",
    "schema-became-satisfiable",
    "no document at all is valid any more",
    "documents are valid, and none was",
)
ACCEPTED = _pair(
    "accepted-values-narrowed",
    "accepted-values-widened",
    "documents are refused that were valid: {error}",
    "documents are valid that were refused: {error}",
)
UNPROVEN = (
    Rule(
        "json-schema/old-documents-unproven",
        "it is not proven that new readers accept what old writers wrote, nor refuted{suspects}",
        _B,
        Surface.WIRE,
        "json-schema/new-documents-unproven",
        Level.ERROR,
    ),
    Rule(
        "json-schema/new-documents-unproven",
        "it is not proven that old readers accept what new writers write, nor refuted{suspects}",
        _F,
        Surface.WIRE,
        "json-schema/old-documents-unproven",
        Level.ERROR,
    ),
)
ASSUMED = (
    _meaning(
        "old-documents-assumed-declared",
        "new-documents-assumed-declared",
        _B,
        "new readers accept old documents only if writers emitted no other properties than the declared{suspects}",
    ),
    _meaning(
        "new-documents-assumed-declared",
        "old-documents-assumed-declared",
        _F,
        "old readers accept new documents only if writers emit no other properties than the declared{suspects}",
    ),
)
FORMAT_ADDED = _meaning("format-added", "format-removed", _B, "the text has the format {value} now")
FORMAT_REMOVED = _meaning("format-removed", "format-added", _F, "the text has not the format {value} any more")
FORMAT_CHANGED = _meaning("format-changed", "format-changed", _BF, "the format changed from {old} to {new}")
DEFAULT_REMOVED = _meaning("default-removed", "default-added", _B, "the default {value} was removed")
DEFAULT_ADDED = _meaning("default-added", "default-removed", _F, "the default {value} was added")
DEFAULT_CHANGED = _meaning("default-changed", "default-changed", _BF, "the default changed from {old} to {new}")
CONTENT_CHANGED = _meaning("content-changed", "content-changed", _BF, "the {keyword} changed from {old} to {new}")
ACCESS = {
    key: _meaning(f"{name}-changed", f"{name}-changed", _BF, f"{key} changed from {{old}} to {{new}}")
    for key, name in (("readOnly", "read-only"), ("writeOnly", "write-only"))
}
MAPPING_CHANGED = _meaning(
    "discriminator-mapping-changed",
    "discriminator-mapping-changed",
    _BF,
    'the discriminator maps "{tag}" to {new} now, not to {old}',
)
DRAFT_CHANGED = _meaning("draft-changed", "draft-changed", _BF, "the draft changed from {old} to {new}")
ANNOTATIONS = {
    key: _info(f"{name}-changed", f"{name}-changed", f"the {words} changed", key != "deprecated")
    for key, name, words in (
        ("title", "title", "title"),
        ("description", "description", "description"),
        ("examples", "examples", "list of examples"),
        ("$comment", "comment", "comment"),
        ("deprecated", "deprecated", "mark of being deprecated"),
        ("$anchor", "anchor", "anchor"),
    )
}
DEFINITION_ADDED = _info("definition-added", "definition-removed", 'definition "{name}" was added')
DEFINITION_REMOVED = _info("definition-removed", "definition-added", 'definition "{name}" was removed')
DEFINITION_RENAMED = _info("definition-renamed", "definition-renamed", 'definition "{old}" was renamed to "{new}"')
REWRITTEN = _info("schema-rewritten", "schema-rewritten", "the schema was rewritten, and accepts the same documents")
ID_CHANGED = _info("id-changed", "id-changed", "the $id changed from {old} to {new}")

_PAIRS = (
    *(TYPE, INTEGER, VALUE, ENUM, LISTED, MINIMUM, MAXIMUM, STEP, *LEAST.values(), *MOST.values()),
    *(PATTERN, PATTERN_LIMIT, REQUIRED, REQUIRED_WITH_DEFAULT, OPEN_PROPERTY, CLOSED_PROPERTY),
    *(COVER_NARROWER, COVER_WIDER, WITHIN_COVER, REST_CLOSED, REST, UNEVALUATED_CLOSED, UNEVALUATED),
    *(PATTERN_PROPERTY, CLOSED_PATTERN, NAMES, DEPENDENT_REQUIRED, DEPENDENT_SCHEMA, DEPENDENT_LIMIT),
    *(ITEMS, OPEN_TAIL, CLOSED_TAIL, TAIL_NARROWER, TAIL_WIDER, TAIL, UNEVALUATED_TAIL),
    *(CONTAINS, CONTAINS_LIMIT, UNIQUE, ALL_BRANCH, ANY_BRANCH, ONE_BRANCH, OVERLAP, BECAME, VARIANT),
    *(NOT, NOT_LIMIT, CONDITION, CONDITION_LIMIT, SATISFIABLE, ACCEPTED, UNPROVEN, ASSUMED),
)
RULES = (
    *(TYPE_CHANGED, CONST_CHANGED, PATTERN_CHANGED, DISCRIMINATOR),
    *(rule for pair in _PAIRS for rule in pair),
    *(FORMAT_ADDED, FORMAT_REMOVED, FORMAT_CHANGED, CONTENT_CHANGED, *ACCESS.values()),
    *(DEFAULT_ADDED, DEFAULT_REMOVED, DEFAULT_CHANGED, MAPPING_CHANGED, DRAFT_CHANGED),
    *(DEFINITION_ADDED, DEFINITION_REMOVED, DEFINITION_RENAMED, REWRITTEN, ID_CHANGED, *ANNOTATIONS.values()),
)
