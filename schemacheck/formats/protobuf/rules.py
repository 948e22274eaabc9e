"""Every rule of Protobuf: what an edit is called, who can no longer read, and what breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from schemacheck.model import Direction, Level, Rule, Surface

_NONE, _B, _F, _BF = Direction.NONE, Direction.BACKWARD, Direction.FORWARD, Direction.FULL
_RULES: list[Rule] = []


def _rule(
    name: str,
    message: str,
    breaks: Direction,
    surface: Surface,
    mirror: str | None,
    level: Level = Level.ERROR,
) -> Rule:
    rule = Rule(f"protobuf/{name}", message, breaks, surface, f"protobuf/{mirror}" if mirror else None, level)
    _RULES.append(rule)
    return rule


def _wire(name: str, message: str, breaks: Direction, mirror: str | None) -> Rule:
    return _rule(name, message, breaks, Surface.WIRE, mirror)


def _meaning(name: str, message: str, breaks: Direction, mirror: str | None, level: Level = Level.ERROR) -> Rule:
    return _rule(name, message, breaks, Surface.MEANING, mirror, level)


def _json(name: str, message: str, breaks: Direction, mirror: str | None, level: Level = Level.ERROR) -> Rule:
    return _rule(name, message, breaks, Surface.JSON, mirror, level)


def _source(name: str, message: str, mirror: str | None) -> Rule:
    return _rule(name, message, _B, Surface.SOURCE, mirror, Level.OFF)


def _info(name: str, message: str, mirror: str | None) -> Rule:
    return _rule(name, message, _NONE, Surface.INFO, mirror, Level.INFO)


def _documentation(name: str, message: str, mirror: str | None) -> Rule:
    rule = _RULES[-1] = replace(_info(name, message, mirror), documentation=True)
    return rule


# wire: a decoder refuses the message, or the bytes land outside the field

REQUIRED_FIELD_ADDED = _wire("required-field-added", 'required field "{name}" was added', _B, "required-field-removed")
REQUIRED_FIELD_REMOVED = _wire(
    "required-field-removed", 'required field "{name}" was removed', _F, "required-field-added"
)
FIELD_BECAME_REQUIRED = _wire(
    "field-became-required", 'field "{name}" became required', _B, "field-stopped-being-required"
)
FIELD_STOPPED_BEING_REQUIRED = _wire(
    "field-stopped-being-required", 'field "{name}" is no longer required', _F, "field-became-required"
)
FIELD_RENUMBERED = _wire("field-renumbered", 'field "{name}" moved from number {old} to {new}', _BF, "field-renumbered")
FIELD_TYPE_CHANGED = _wire(
    "field-type-changed", 'field "{name}" changed from {old} to {new}', _BF, "field-type-changed"
)
FIELD_STRING_BECAME_BYTES = _wire(
    "field-string-became-bytes", 'field "{name}" changed from string to bytes', _F, "field-bytes-became-string"
)
FIELD_BYTES_BECAME_STRING = _wire(
    "field-bytes-became-string", 'field "{name}" changed from bytes to string', _B, "field-string-became-bytes"
)
FIELD_MESSAGE_BECAME_BYTES = _wire(
    "field-message-became-bytes", 'field "{name}" changed from {old} to bytes', _F, "field-bytes-became-message"
)
FIELD_BYTES_BECAME_MESSAGE = _wire(
    "field-bytes-became-message", 'field "{name}" changed from bytes to {new}', _B, "field-message-became-bytes"
)
FIELD_INTEGER_BECAME_CLOSED_ENUM = _wire(
    "field-integer-became-closed-enum",
    'field "{name}" changed from {old} to the closed enum {new}',
    _B,
    "field-closed-enum-became-integer",
)
FIELD_CLOSED_ENUM_BECAME_INTEGER = _wire(
    "field-closed-enum-became-integer",
    'field "{name}" changed from the closed enum {old} to {new}',
    _F,
    "field-integer-became-closed-enum",
)
FIELD_DELIMITING_CHANGED = _wire(
    "field-delimiting-changed",
    'field "{name}" changed between a group and a length-prefixed message',
    _BF,
    "field-delimiting-changed",
)
FIELD_BECAME_PACKED_LIST = _wire(
    "field-became-packed-list", 'field "{name}" became a packed list', _F, "packed-list-became-field"
)
PACKED_LIST_BECAME_FIELD = _wire(
    "packed-list-became-field", 'packed list "{name}" became a single field', _B, "field-became-packed-list"
)
ENUM_VALUE_ADDED_TO_CLOSED_ENUM = _wire(
    "enum-value-added-to-closed-enum",
    'value "{name}" = {number} was added to the closed enum',
    _F,
    "enum-value-removed-from-closed-enum",
)
ENUM_VALUE_REMOVED_FROM_CLOSED_ENUM = _wire(
    "enum-value-removed-from-closed-enum",
    'value "{name}" = {number} was removed from the closed enum',
    _B,
    "enum-value-added-to-closed-enum",
)
ENUM_BECAME_CLOSED = _wire("enum-became-closed", 'enum "{name}" became closed', _B, "enum-became-open")
ENUM_BECAME_OPEN = _wire("enum-became-open", 'enum "{name}" became open', _F, "enum-became-closed")
UTF8_VALIDATION_ADDED = _wire(
    "utf8-validation-added", 'field "{name}" is now checked for UTF-8', _B, "utf8-validation-removed"
)
UTF8_VALIDATION_REMOVED = _wire(
    "utf8-validation-removed", 'field "{name}" is no longer checked for UTF-8', _F, "utf8-validation-added"
)
MESSAGE_SET_FORMAT_CHANGED = _wire(
    "message-set-format-changed", 'message "{name}" changed its message-set format', _BF, "message-set-format-changed"
)
MESSAGE_REMOVED = _wire("message-removed", 'message "{name}" was removed', _B, "message-added")
MESSAGE_ADDED = _info("message-added", 'message "{name}" was added', "message-removed")
RPC_STREAMING_CHANGED = _wire(
    "rpc-streaming-changed", 'method "{name}" changed from {old} to {new}', _BF, "rpc-streaming-changed"
)

# meaning: the field is filled, with another value or sense, or nobody can tell later what a number meant

FIELD_TYPE_WIDENED = _meaning(
    "field-type-widened", 'field "{name}" was widened from {old} to {new}', _F, "field-type-narrowed"
)
FIELD_TYPE_NARROWED = _meaning(
    "field-type-narrowed", 'field "{name}" was narrowed from {old} to {new}', _B, "field-type-widened"
)
FIELD_TYPE_REINTERPRETED = _meaning(
    "field-type-reinterpreted",
    'field "{name}" changed from {old} to {new}, which reads the same bytes as other values',
    _BF,
    "field-type-reinterpreted",
)
FIELD_BECAME_LIST = _meaning("field-became-list", 'field "{name}" became a list', _F, "list-became-field")
LIST_BECAME_FIELD = _meaning("list-became-field", 'list "{name}" became a single field', _B, "field-became-list")
MAP_BECAME_LIST = _meaning("map-became-list", 'map "{name}" became a list of entries', _F, "list-became-map")
LIST_BECAME_MAP = _meaning("list-became-map", 'list of entries "{name}" became a map', _B, "map-became-list")
FIELDS_BECAME_EXCLUSIVE = _meaning(
    "fields-became-exclusive",
    'fields {fields} now exclude each other in the oneof "{oneof}"',
    _B,
    "fields-became-independent",
)
FIELDS_BECAME_INDEPENDENT = _meaning(
    "fields-became-independent",
    'fields {fields} of the oneof "{oneof}" no longer exclude each other',
    _F,
    "fields-became-exclusive",
)
ONEOF_MEMBER_ADDED = _meaning(
    "oneof-member-added",
    'field "{name}" was added to the oneof "{oneof}"',
    _F,
    "oneof-member-removed",
    Level.WARNING,
)
ONEOF_MEMBER_REMOVED = _meaning(
    "oneof-member-removed",
    'field "{name}" was removed from the oneof "{oneof}"',
    _B,
    "oneof-member-added",
    Level.WARNING,
)
FIELD_REMOVED = _meaning("field-removed", 'field "{name}" was removed', _F, "field-added", Level.WARNING)
FIELD_ADDED = _info("field-added", 'field "{name}" was added', "field-removed")
FIELD_REMOVED_WITHOUT_RESERVING_NUMBER = _meaning(
    "field-removed-without-reserving-number", 'number {number} of the removed field "{name}" is not reserved', _BF, None
)
FIELD_NUMBER_REUSED = _meaning(
    "field-number-reused",
    'number {number} meant "{old}" and now means "{new}"',
    _BF,
    "field-number-reused",
)
RESERVED_NUMBER_REMOVED = _meaning(
    "reserved-number-removed", "{numbers} is no longer reserved", _BF, "reserved-number-added"
)
RESERVED_NUMBER_ADDED = _info("reserved-number-added", "{numbers} was reserved", "reserved-number-removed")
RESERVED_NUMBER_REUSED = _meaning(
    "reserved-number-reused", '"{name}" takes number {number}, which was reserved', _BF, None
)
FIELD_DEFAULT_CHANGED = _meaning(
    "field-default-changed", 'the default of field "{name}" changed from {old} to {new}', _BF, "field-default-changed"
)
ENUM_DEFAULT_CHANGED = _meaning(
    "enum-default-changed",
    'the first value of the enum of field "{name}" changed from {old} to {new}',
    _BF,
    "enum-default-changed",
)
FIELD_GAINED_PRESENCE = _meaning(
    "field-gained-presence", 'field "{name}" gained presence', _B, "field-lost-presence", Level.WARNING
)
FIELD_LOST_PRESENCE = _meaning(
    "field-lost-presence", 'field "{name}" lost presence', _F, "field-gained-presence", Level.WARNING
)
WELL_KNOWN_TYPE_SWAPPED = _meaning(
    "well-known-type-swapped", 'field "{name}" changed from {old} to {new}', _BF, "well-known-type-swapped"
)
ENUM_VALUE_RENUMBERED = _meaning(
    "enum-value-renumbered", 'value "{name}" moved from number {old} to {new}', _BF, "enum-value-renumbered"
)
ENUM_VALUE_REMOVED_WITHOUT_RESERVING_NUMBER = _meaning(
    "enum-value-removed-without-reserving-number",
    'number {number} of the removed value "{name}" is not reserved',
    _BF,
    None,
)
MESSAGE_RENAMED = _meaning("message-renamed", 'the event was renamed from "{old}" to "{new}"', _BF, "message-renamed")
EXTENSION_REMOVED = _meaning(
    "extension-removed", 'extension "{name}" was removed', _F, "extension-added", Level.WARNING
)
RPC_IDEMPOTENCY_CHANGED = _meaning(
    "rpc-idempotency-changed",
    'method "{name}" changed from {old} to {new}',
    _BF,
    "rpc-idempotency-changed",
    Level.WARNING,
)
CONSTRAINT_CHANGED = _meaning(
    "constraint-changed", 'the constraint {option} of "{name}" changed', _BF, "constraint-changed", Level.INFO
)
CUSTOM_OPTION_CHANGED = _info(
    "custom-option-changed", 'the option {option} of "{name}" changed', "custom-option-changed"
)
EXTENSION_ADDED = _info("extension-added", 'extension "{name}" was added', "extension-removed")

# json: a Protobuf JSON parser refuses or misreads the JSON form

FIELD_JSON_FORM_CHANGED = _json(
    "field-json-form-changed",
    'field "{name}" has another JSON form: {old} became {new}',
    _BF,
    "field-json-form-changed",
)
FIELD_INTEGER_BECAME_OPEN_ENUM = _json(
    "field-integer-became-open-enum",
    'field "{name}" changed from {old} to the enum {new}',
    _F,
    "field-open-enum-became-integer",
)
FIELD_OPEN_ENUM_BECAME_INTEGER = _json(
    "field-open-enum-became-integer",
    'field "{name}" changed from the enum {old} to {new}',
    _B,
    "field-integer-became-open-enum",
)
FIELD_JSON_QUOTING_CHANGED = _json(
    "field-json-quoting-changed",
    'field "{name}" changed from {old} to {new}: JSON writes 64-bit integers in quotes',
    _BF,
    "field-json-quoting-changed",
    Level.WARNING,
)
FIELD_RENAMED = _json("field-renamed", 'field "{old}" was renamed to "{new}"', _BF, "field-renamed")
FIELD_JSON_NAME_CHANGED = _json(
    "field-json-name-changed",
    'the JSON name of field "{name}" changed from "{old}" to "{new}"',
    _BF,
    "field-json-name-changed",
)
FIELD_JSON_NAME_BECAME_FIELD_NAME = _json(
    "field-json-name-became-field-name",
    'the JSON name of field "{name}" changed from "{old}" to the field\'s own name',
    _B,
    "field-json-name-left-field-name",
)
FIELD_JSON_NAME_LEFT_FIELD_NAME = _json(
    "field-json-name-left-field-name",
    'the JSON name of field "{name}" changed from the field\'s own name to "{new}"',
    _F,
    "field-json-name-became-field-name",
)
FIELD_REMOVED_WITHOUT_RESERVING_NAME = _json(
    "field-removed-without-reserving-name",
    'the name of the removed field "{name}" is not reserved',
    _BF,
    None,
    Level.WARNING,
)
RESERVED_NAME_REMOVED = _json(
    "reserved-name-removed", 'name "{name}" is no longer reserved', _BF, "reserved-name-added", Level.WARNING
)
RESERVED_NAME_ADDED = _info("reserved-name-added", 'name "{name}" was reserved', "reserved-name-removed")
RESERVED_NAME_REUSED = _json(
    "reserved-name-reused", '"{name}" takes a name that was reserved', _BF, None, Level.WARNING
)
ENUM_VALUE_ADDED = _json(
    "enum-value-added", 'value "{name}" = {number} was added', _F, "enum-value-removed", Level.WARNING
)
ENUM_VALUE_REMOVED = _json(
    "enum-value-removed", 'value "{name}" = {number} was removed', _B, "enum-value-added", Level.WARNING
)
ENUM_VALUE_REMOVED_WITHOUT_RESERVING_NAME = _json(
    "enum-value-removed-without-reserving-name",
    'the name of the removed value "{name}" is not reserved',
    _BF,
    None,
    Level.WARNING,
)
ENUM_VALUE_RENAMED = _json(
    "enum-value-renamed", 'value {number} was renamed from "{old}" to "{new}"', _BF, "enum-value-renamed"
)
ENUM_ALIAS_ADDED = _info("enum-alias-added", 'alias "{name}" was added to value {number}', "enum-alias-removed")
ENUM_ALIAS_REMOVED = _json(
    "enum-alias-removed",
    'alias "{name}" was removed from value {number}',
    _B,
    "enum-alias-added",
    Level.WARNING,
)
ENUM_ALIAS_PUT_FIRST = _json(
    "enum-alias-put-first", 'value {number} is now printed as "{name}"', _F, "first-enum-alias-removed"
)
FIRST_ENUM_ALIAS_REMOVED = _json(
    "first-enum-alias-removed", 'value {number} is no longer known as "{name}"', _B, "enum-alias-put-first"
)
EXTENSION_RENAMED = _json("extension-renamed", 'extension "{old}" was renamed to "{new}"', _BF, "extension-renamed")
EXTENSION_BECAME_FIELD = _json(
    "extension-became-field", 'the extension "{old}" became the field "{name}"', _BF, "field-became-extension"
)
FIELD_BECAME_EXTENSION = _json(
    "field-became-extension", 'field "{name}" became the extension "{new}"', _BF, "extension-became-field"
)
JSON_KEY_ADDED = _json(
    "json-key-added", 'JSON has a new key "{name}", which strict readers refuse', _F, "json-key-removed"
)
JSON_KEY_REMOVED = _json(
    "json-key-removed", 'JSON has no key "{name}" any more, and strict readers refuse it', _B, "json-key-added"
)
JSON_FORMAT_BECAME_BEST_EFFORT = _json(
    "json-format-became-best-effort",
    'the JSON of "{name}" is no longer checked',
    _BF,
    "json-format-became-strict",
    Level.WARNING,
)
JSON_FORMAT_BECAME_STRICT = _info(
    "json-format-became-strict", 'the JSON of "{name}" is now checked', "json-format-became-best-effort"
)

# source: code that was written for the old schema no longer builds with the new one

FIELD_ACCESSOR_CHANGED = _source(
    "field-accessor-changed", 'field "{name}" has other accessors in generated code', "field-accessor-changed"
)
FIELD_RENAMED_KEEPING_JSON_NAME = _source(
    "field-renamed-keeping-json-name",
    'field "{old}" was renamed to "{new}", and its JSON name is still read',
    "field-renamed-keeping-json-name",
)
FIELD_MESSAGE_TYPE_RENAMED = _source(
    "field-message-type-renamed", 'the message type was renamed from "{old}" to "{new}"', "field-message-type-renamed"
)
FIELD_ENUM_TYPE_RENAMED = _source(
    "field-enum-type-renamed", 'the enum type was renamed from "{old}" to "{new}"', "field-enum-type-renamed"
)
ENUM_RENAMED = _source("enum-renamed", 'the enum was renamed from "{old}" to "{new}"', "enum-renamed")
RPC_TYPE_RENAMED = _source(
    "rpc-type-renamed", 'the message type was renamed from "{old}" to "{new}"', "rpc-type-renamed"
)
FIELD_OPTION_CHANGED = _source(
    "field-option-changed", 'the option "{option}" of field "{name}" changed', "field-option-changed"
)
ONEOF_REMOVED = _source("oneof-removed", 'oneof "{name}" was removed', "oneof-added")
ONEOF_ADDED = _info("oneof-added", 'oneof "{name}" was added', "oneof-removed")
ONEOF_RENAMED = _source("oneof-renamed", 'oneof "{old}" was renamed to "{new}"', "oneof-renamed")
FIELD_MOVED_INTO_OWN_ONEOF = _source(
    "field-moved-into-own-oneof",
    'field "{name}" moved into the oneof "{oneof}", alone',
    "field-moved-out-of-own-oneof",
)
FIELD_MOVED_OUT_OF_OWN_ONEOF = _source(
    "field-moved-out-of-own-oneof",
    'field "{name}" moved out of the oneof "{oneof}", where it was alone',
    "field-moved-into-own-oneof",
)
NESTED_MESSAGE_REMOVED = _source("nested-message-removed", 'type "{name}" was removed', "nested-message-added")
NESTED_MESSAGE_ADDED = _info("nested-message-added", 'type "{name}" was added', "nested-message-removed")
ENUM_REMOVED = _source("enum-removed", 'enum "{name}" was removed', "enum-added")
ENUM_ADDED = _info("enum-added", 'enum "{name}" was added', "enum-removed")
TYPE_MOVED_TO_OTHER_FILE = _source(
    "type-moved-to-other-file", '"{name}" moved from {old} to {new}', "type-moved-to-other-file"
)
PACKAGE_CHANGED = _source(
    "package-changed", 'the package of the file changed from "{old}" to "{new}"', "package-changed"
)
PUBLIC_IMPORT_REMOVED = _source(
    "public-import-removed", 'files that import this one no longer get "{name}" with it', "public-import-added"
)
PUBLIC_IMPORT_ADDED = _info(
    "public-import-added", 'files that import this one now get "{name}" with it', "public-import-removed"
)
EXTENSION_RANGE_REMOVED = _source(
    "extension-range-removed", "{numbers} is no longer open to extensions", "extension-range-added"
)
EXTENSION_RANGE_ADDED = _info("extension-range-added", "{numbers} was opened to extensions", "extension-range-removed")
SERVICE_REMOVED = _source("service-removed", 'service "{name}" was removed', "service-added")
SERVICE_ADDED = _info("service-added", 'service "{name}" was added', "service-removed")
RPC_REMOVED = _source("rpc-removed", 'method "{name}" was removed', "rpc-added")
RPC_ADDED = _info("rpc-added", 'method "{name}" was added', "rpc-removed")
SYNTAX_CHANGED = _source("syntax-changed", "the file changed from {old} to {new}", "syntax-changed")
FILE_OPTION_CHANGED = _source(
    "file-option-changed", 'the option "{option}" of the file changed from "{old}" to "{new}"', "file-option-changed"
)
STANDARD_DESCRIPTOR_ACCESSOR_REMOVED = _source(
    "standard-descriptor-accessor-removed",
    'message "{name}" lost its standard descriptor accessor',
    "standard-descriptor-accessor-restored",
)
STANDARD_DESCRIPTOR_ACCESSOR_RESTORED = _info(
    "standard-descriptor-accessor-restored",
    'message "{name}" has its standard descriptor accessor again',
    "standard-descriptor-accessor-removed",
)
SYMBOL_BECAME_LOCAL = _source(
    "symbol-became-local", 'other files can no longer refer to "{name}"', "symbol-became-exported"
)
SYMBOL_BECAME_EXPORTED = _info("symbol-became-exported", 'other files can now refer to "{name}"', "symbol-became-local")

# no surface

FIELD_PACKING_CHANGED = _info(
    "field-packing-changed", 'list "{name}" changed between packed and expanded', "field-packing-changed"
)
DEPRECATED_SET = _documentation("deprecated-set", '"{name}" was marked as deprecated', "deprecated-unset")
DEPRECATED_UNSET = _documentation("deprecated-unset", '"{name}" is no longer marked as deprecated', "deprecated-set")

RULES: Sequence[Rule] = tuple(_RULES)

# The same rule where no JSON is spoken: a rename no longer breaks a reader, but the number may now mean another thing.
FIELD_RENAMED_IN_BINARY = replace(FIELD_RENAMED, surface=Surface.MEANING, level=Level.WARNING)
