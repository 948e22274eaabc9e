"""What a value stands for: Avro's logical types, and the semantic types of Kafka Connect and Debezium.

A logical type has an effect only if its name is known, it stands on the type's own object, on the right base, with
valid attributes; all else every reader ignores (Avro specification, "Logical Types"). Connect's types are properties:
no Avro reader looks at them, but every sink does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a value stands for. `unit` only for times, `scale` and `precision` only for decimals."""

    kind: str
    unit: str = ""
    scale: int = 0
    precision: int | None = None


@dataclass(frozen=True, slots=True)
class Logical:
    """A logical type that readers apply."""

    name: str
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Connect:
    """The properties `connect.name`, `connect.version` and `connect.parameters` of a type."""

    name: str | None
    version: Any = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    meaning: Meaning | None = None  # of a known name


# name → base kinds, kind, unit
_TIMES = {
    "date": ("int", "date", "days"),
    "time-millis": ("int", "time", "millis"),
    "time-micros": ("long", "time", "micros"),
    **{
        f"{kind}-{unit}": ("long", kind, unit)
        for kind in ("timestamp", "local-timestamp")
        for unit in ("millis", "micros", "nanos")
    },
}
KNOWN = frozenset({*_TIMES, "decimal", "big-decimal", "uuid", "duration"})

# A reader parses these, and fails on what does not parse; the others take any number.
PARSED = frozenset({("uuid", "string"), ("decimal", "bytes"), ("big-decimal", "bytes")})

_DEBEZIUM = "io.debezium.time."
_KAFKA = "org.apache.kafka.connect.data."
_DATA = "io.debezium.data."

_CONNECT = {
    _DEBEZIUM + "Date": Meaning("date", "days"),
    _KAFKA + "Date": Meaning("date", "days"),
    _DEBEZIUM + "Time": Meaning("time", "millis"),
    _KAFKA + "Time": Meaning("time", "millis"),
    _DEBEZIUM + "MicroTime": Meaning("time", "micros"),
    _DEBEZIUM + "NanoTime": Meaning("time", "nanos"),
    _DEBEZIUM + "Timestamp": Meaning("timestamp", "millis"),
    _KAFKA + "Timestamp": Meaning("timestamp", "millis"),
    _DEBEZIUM + "MicroTimestamp": Meaning("timestamp", "micros"),
    _DEBEZIUM + "NanoTimestamp": Meaning("timestamp", "nanos"),
    _DEBEZIUM + "ZonedTimestamp": Meaning("zoned timestamp", "text"),
    _DEBEZIUM + "ZonedTime": Meaning("zoned time", "text"),
    _DEBEZIUM + "Year": Meaning("year", "years"),
    _DEBEZIUM + "MicroDuration": Meaning("elapsed time", "micros"),
    _DEBEZIUM + "NanoDuration": Meaning("elapsed time", "nanos"),
    _DEBEZIUM + "Interval": Meaning("interval", "text"),
    **{_DATA + name: Meaning(name) for name in ("Bits", "Enum", "EnumSet", "Json", "Xml", "VariableScaleDecimal")},
    _DATA + "Uuid": Meaning("uuid"),
}
_CONNECT_DECIMAL = _KAFKA + "Decimal"


def logical_type(raw: Mapping[str, Any], kind: str, size: int | None) -> Logical | str | None:
    """The effective logical type of a type's object, or why a known name has no effect; None without a known name.

    `kind` is the base type, `size` that of a fixed.
    """
    name = raw.get("logicalType")
    if not isinstance(name, str) or name not in KNOWN:
        return None
    if name in _TIMES:
        base, what, unit = _TIMES[name]
        return Logical(name, Meaning(what, unit)) if kind == base else f'it stood on "{kind}" and needs "{base}"'
    if name == "decimal":
        return _decimal(raw, kind, size)
    if name == "big-decimal":
        return Logical(name, Meaning(name)) if kind == "bytes" else f'it stood on "{kind}" and needs "bytes"'
    needed = 16 if name == "uuid" else 12
    if (name == "uuid" and kind == "string") or (kind == "fixed" and size == needed):
        return Logical(name, Meaning(name))
    if kind == "fixed":
        return f"it stood on {size} bytes and needs {needed}"
    bases = '"string"' if name == "uuid" else f"a fixed of {needed} bytes"
    return f'it stood on "{kind}" and needs {bases}'


def _decimal(raw: Mapping[str, Any], kind: str, size: int | None) -> Logical | str:
    precision: Any = raw.get("precision")
    scale: Any = raw.get("scale", 0)
    if kind not in ("bytes", "fixed"):
        return f'it stood on "{kind}" and needs "bytes" or a fixed'
    if not _is_int(precision) or precision <= 0:
        return "its precision was no positive integer"
    if not _is_int(scale) or not 0 <= scale <= precision:
        return "its scale was no integer from 0 to its precision"
    if size is not None and precision > max_precision(size):
        return f"its precision of {precision} did not fit into {size} bytes"
    return Logical("decimal", Meaning("decimal", "", scale, precision))


def max_precision(size: int) -> int:
    """The digits that a two's complement number of so many bytes always holds."""
    return math.floor(math.log10(2) * (8 * size - 1)) if size > 0 else 0


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def connect_type(raw: Mapping[str, Any], own_name: str | None) -> Connect | None:
    """What Connect says on a type's object; None if nothing. A record's own full name as `connect.name` is skipped."""
    name = raw.get("connect.name")
    if not isinstance(name, str) or name == own_name:
        name = None
    parameters = connect_parameters(raw)
    version = raw.get("connect.version")
    if name is None and version is None and not parameters:
        return None
    return Connect(name, version, parameters, _connect_meaning(name, parameters, raw) if name else None)


def connect_parameters(raw: Mapping[str, Any]) -> dict[str, str]:
    """`connect.parameters` of a type or a field, as text."""
    parameters = raw.get("connect.parameters")
    return {key: str(value) for key, value in parameters.items()} if isinstance(parameters, dict) else {}


def _connect_meaning(name: str, parameters: Mapping[str, str], raw: Mapping[str, Any]) -> Meaning | None:
    if name != _CONNECT_DECIMAL:
        return _CONNECT.get(name)
    return Meaning(
        "decimal",
        "",
        _number(parameters.get("scale"), raw.get("scale")) or 0,
        _number(parameters.get("connect.decimal.precision"), raw.get("precision")),
    )


def _number(*texts: Any) -> int | None:
    """The first that is a small integer, as a number or as text."""
    for text in texts:
        if _is_int(text):
            return int(text)
        if isinstance(text, str) and text.lstrip("-").isdecimal() and len(text) < 10:
            return int(text)
    return None


def close(one: str, other: str) -> bool:
    """Whether at most two letters must be added, removed, exchanged or swapped to turn one text into the other."""
    if abs(len(one) - len(other)) > 2 or len(one) > 100:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row, last = row, [i], before
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1] <= 2
