"""What a stored number or text stands for, in words: two readings of one value show what no decoder complains about."""

from __future__ import annotations

from schemacheck.formats.avro.logical import Meaning
from schemacheck.formats.avro.tree import Fixed, Type
from schemacheck.formats.avro.values import Value

_PER_SECOND = {"millis": 10**3, "micros": 10**6, "nanos": 10**9}
_MOMENT = 1_700_000_000  # 2023-11-14T22:13:20Z
_UNSCALED = 1234
_LONG_SCALE = 30  # more digits than these are written with an exponent


def sample(node: Type, meaning: Meaning | None) -> Value | None:
    """An ordinary value of a type, if it stands for what the meaning says; None for other types than it needs."""
    if node.kind in ("int", "long"):
        return Value(node, _number(node, meaning))
    if node.kind == "bytes" or isinstance(node, Fixed):
        return Value(node, _unscaled(node, _UNSCALED))
    return Value(node, "a") if node.kind == "string" else None


def _number(node: Type, meaning: Meaning | None) -> int:
    units = _PER_SECOND.get(meaning.unit) if meaning else None
    if meaning and meaning.kind == "date":
        return _MOMENT // 86400
    if meaning and units and meaning.kind.endswith("timestamp"):
        number = _MOMENT * units
    elif meaning and units:
        number = 3600 * units  # one o'clock, an hour
    else:
        number = _MOMENT if node.kind == "long" else 42
    return number if node.kind == "long" or number < 2**31 else 42


def _unscaled(node: Type, number: int) -> bytes:
    length = node.size if isinstance(node, Fixed) else (number.bit_length() + 8) // 8
    return (number % (1 << 8 * length)).to_bytes(length, "big")


def digits(node: Type, count: int) -> Value | None:
    """The smallest decimal of so many digits; None if it does not fit."""
    if count > 1000 or (isinstance(node, Fixed) and count > 3 * node.size):
        return None
    return Value(node, _unscaled(node, 10 ** (count - 1)))


def reading(value: Value, meaning: Meaning | None) -> str:
    """What a value stands for: a moment, a time, a decimal; the bare value where it means nothing more."""
    content = value.content
    if meaning is None:
        return str(content) if isinstance(content, int) else "its bytes" if isinstance(content, bytes) else "its text"
    if isinstance(content, bytes) and meaning.kind == "decimal":
        return scaled(int.from_bytes(content, "big", signed=True), meaning.scale)
    units = _PER_SECOND.get(meaning.unit, 0)
    if isinstance(content, int) and meaning.kind == "date":
        return _date(content)
    if isinstance(content, int) and units and meaning.kind.endswith("timestamp"):
        seconds, rest = divmod(content, units)
        days, seconds = divmod(seconds, 86400)
        local = "" if meaning.kind.startswith("local") else "Z"
        return f"{_date(days)}T{_clock(seconds, rest, units)}{local}"
    if isinstance(content, int) and units and 0 <= content < 86400 * units:
        return _clock(*divmod(content, units), units)
    article = "an" if meaning.kind[0] in "aeio" else "a"
    return f"{article} {meaning.kind}{f' in {meaning.unit}' if meaning.unit else ''}"


def scaled(number: int, scale: int) -> str:
    """A decimal: 1234 with scale 2 is 12.34."""
    if not 0 <= scale <= _LONG_SCALE:
        return f"{number}e{-scale:+d}"
    text = str(abs(number)).rjust(scale + 1, "0")
    sign = "-" if number < 0 else ""
    return f"{sign}{text[:-scale]}.{text[-scale:]}" if scale else f"{sign}{text}"


def _clock(seconds: int, rest: int, units: int) -> str:
    fraction = f".{rest:0{len(str(units)) - 1}d}".rstrip("0").rstrip(".") if rest else ""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"


def _date(days: int) -> str:
    """The date so many days after 1970-01-01, in any year: the proleptic Gregorian calendar, counted from March."""
    era, day = divmod(days + 719468, 146097)
    of_era = (day - day // 1460 + day // 36524 - day // 146096) // 365
    day -= 365 * of_era + of_era // 4 - of_era // 100
    month = (5 * day + 2) // 153
    year = of_era + 400 * era + (month >= 10)
    return f"{year:04d}-{month + 3 - 12 * (month >= 10):02d}-{day - (153 * month + 2) // 5 + 1:02d}"
