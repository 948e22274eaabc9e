"""Files of settings: TOML taken apart key by key. Whatever is wrong names file, line and key."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from schemacheck.errors import UsageError

_MISSING = object()
_MAX_ERRORS = 1000
_PARTS = 64  # of a dotted key
_LONG_KEY = re.compile(rf"""(?<![\w"'-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){{{_PARTS}}}""")
_ANY_HEADER = re.compile(r"^[ \t]*\[", re.MULTILINE)
_T = TypeVar("_T")


def load(text: str, file: str) -> dict[str, Any]:
    """The values in a TOML text; raises UsageError with the file."""
    import tomllib  # most repositories configure nothing

    if _LONG_KEY.search(text):  # the parser takes the square of its length
        raise UsageError(f"{file}: a key has more than {_PARTS} parts", "write it flat")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        words = str(error)
        raise UsageError(f"{file}: {words[:1].lower()}{words[1:]}", "the file must be TOML") from None
    except ValueError:  # a number of more digits than Python converts
        raise UsageError(f"{file}: it holds a number of thousands of digits", "write a smaller number") from None
    except RecursionError:
        raise UsageError(f"{file}: the tables nest too deeply", "write it flat") from None


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return (
        '"' + "".join(escapes.get(c) or (f"\\u{ord(c):04X}" if ord(c) < 32 or ord(c) == 127 else c) for c in text) + '"'
    )


class SettingError(UsageError):
    """A key that is not understood. `way` leads to it through the tables."""

    def __init__(self, message: str, hint: str, way: tuple[str | int, ...]) -> None:
        super().__init__(message, hint)
        self.way = way


class Table:
    """A table that is taken apart key by key, so that what is left over is unknown.

    `name` is its full name, `number` counts the tables of one `[[name]]`; together they say on which line a key stands.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        file: str,
        text: str,
        name: str = "",
        number: int = 0,
        way: tuple[str | int, ...] = (),
    ) -> None:
        self._data = dict(data)
        self._way = way
        self._file = file
        self._text = text
        self._name = name
        self._number = number

    def key(self, key: str) -> str:
        """The full name of a key."""
        return f"{self._name}.{key}" if self._name else key

    def line(self, key: str = "") -> int | None:
        """The line of a key, or of the table itself; of the table, too, if the key is not in it."""
        start = _header(self._text, self._name, self._number) if self._name else 0
        if start is None:
            return line_of(self._text, key) if key else None
        here = self._text.count("\n", 0, start) + 1 if self._name else None
        if not key:
            return here
        after = _ANY_HEADER.search(self._text, start + 1)
        own = line_of(self._text, key, start, after.start() if after and self._name else len(self._text))
        return own or here

    def error(self, key: str, expected: str) -> UsageError:
        """What to raise for a value that is not understood."""
        line = self.line(key)
        place = f"{self._file}:{line}" if line else self._file
        words = f'{place}: the key "{self.key(key)}" is not understood here'
        return SettingError(words, f"expected {expected}", (*self._way, key))

    def take(self, key: str, kind: type | tuple[type, ...], default: Any, expected: str) -> Any:
        """A value of a kind; raises UsageError for one of another."""
        value = self._data.pop(key, _MISSING)
        if value is _MISSING:
            return default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.error(key, expected)
        return value

    def text(self, key: str) -> str | None:
        value: str | None = self.take(key, str, None, "text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.take(key, list, [], "a list of text")
        if not all(isinstance(item, str) for item in value):
            raise self.error(key, "a list of text")
        return tuple(value)

    def number(self, key: str, default: int, least: int = 0) -> int:
        value: int = self.take(key, int, default, "a number")
        if value < least:
            raise self.error(key, f"a number from {least} on")
        return value

    def flag(self, key: str, default: bool) -> bool:
        value: bool = self.take(key, bool, default, "true or false")
        return value

    def day(self, key: str) -> date | None:
        expected = "a date without quotes, such as 2026-12-31"
        value: date | None = self.take(key, date, None, expected)
        if isinstance(value, datetime):
            raise self.error(key, expected)
        return value

    def word(self, key: str, known: Sequence[str], default: str | None = None) -> str | None:
        value = self.text(key)
        if value is not None and value not in known:
            raise self.error(key, f"one of {', '.join(known)}")
        return default if value is None else value

    def parsed(self, key: str, parse: Callable[[str], Any], default: Any) -> Any:
        value = self.text(key)
        if value is None:
            return default
        try:
            return parse(value)
        except UsageError as error:
            raise self.error(key, error.hint) from None

    def tables(self, key: str) -> list[Table]:
        values = self.take(key, list, [], f"[[{key}]] tables")
        if not all(isinstance(value, dict) for value in values):
            raise self.error(key, f"[[{key}]] tables")
        return [
            Table(value, self._file, self._text, self.key(key), number, (*self._way, key, number))
            for number, value in enumerate(values)
        ]

    def table(self, key: str) -> Table:
        values = self.take(key, dict, {}, f"a [{key}] table")
        return Table(values, self._file, self._text, self.key(key), way=(*self._way, key))

    @property
    def left(self) -> list[str]:
        """The keys that nobody has taken yet."""
        return list(self._data)

    def rest(self) -> dict[str, Any]:
        rest, self._data = self._data, {}
        return rest

    def end(self, known: Sequence[str]) -> None:
        """Raises UsageError for a key that nobody has taken."""
        for key in self._data:
            raise self.error(key, f"one of {', '.join(known)}")


def without_errors(text: str, file: str, read: Callable[[Table], _T]) -> _T | None:
    """What the understood part of a file says, key by key; None if it is no TOML, or nothing is left of it."""
    try:
        data = load(text, file)
    except UsageError:
        return None
    for _ in range(_MAX_ERRORS):
        try:
            return read(Table(data, file, text))
        except SettingError as error:
            if not _drop(data, error.way):
                return None
    return None


def _drop(data: Any, way: tuple[str | int, ...]) -> bool:
    """Takes a key out, or, if it is not there, the table in which it is missed."""
    for length in range(len(way), 0, -1):
        here = data
        for step in way[: length - 1]:
            here = here[step]
        step = way[length - 1]
        if isinstance(here, dict) and step in here:
            del here[step]
            return True
        if isinstance(here, list) and isinstance(step, int) and step < len(here):
            del here[step]
            return True
    return False


def line_of(text: str, key: str, start: int = 0, end: int | None = None) -> int | None:
    """The first line of a part of a text that sets a key, or opens a table of its name."""
    name = re.escape(key)
    # No `\s`: it crosses lines, and a file of blank lines would take the square of their number.
    pattern = (
        rf'^[ \t]*(?:\[+[ \t]*(?:[\w".-]+\.)?["\']?{name}["\']?[ \t]*\]+|(?:[\w-]+\.)*["\']?{name}["\']?[ \t]*[=.])'
    )
    match = re.compile(pattern, re.MULTILINE).search(text, start, len(text) if end is None else end)
    return text.count("\n", 0, match.start()) + 1 if match else None


def _header(text: str, name: str, number: int) -> int | None:
    """Where the nth table of a name begins."""
    parts = r"\s*\.\s*".join(f"[\"']?{re.escape(part)}[\"']?" for part in name.split("."))
    found = list(re.finditer(rf"^[ \t]*\[+[ \t]*(?:tool\.schemacheck\.)?{parts}[ \t]*\]+", text, re.MULTILINE))
    return found[number].start() if number < len(found) else None
