"""What goes into the files beside an event's schemas for a new version, with their text kept as it is."""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta
from typing import Any

from schemacheck.errors import UsageError
from schemacheck.model import Version

_HEADER = re.compile(r"^[ \t]*\[", re.MULTILINE)


def with_version(
    raw: bytes, path: str, version: Version, deprecated: Version | None, day: date, notice_days: int
) -> bytes:
    """An `event.toml` that names a version as active, and, if told, another one as deprecated."""
    text, data = _read(raw, path)
    wanted: dict[str, dict[str, Any]] = {str(version)[1:]: {"status": "active"}}
    if deprecated is not None:
        life = {
            "status": "deprecated",
            "deprecated": day,
            "sunset": day + timedelta(days=notice_days),
            "replaced_by": version.number,
        }
        wanted = {str(deprecated)[1:]: life, **wanted}
    known = data.get("versions", {})
    for key, values in wanted.items():
        said = known.get(key, {}) if isinstance(known, dict) else {}
        if isinstance(said, dict) and said.get("status") in (values["status"], "retired", "deprecated"):
            continue
        text = _set(text, key, values)
        data = _merged(data, key, values)
    if _load(text, path) != data:
        raise UsageError(f"{path}: its versions cannot be edited as text", "write them as [versions.1] tables")
    return text.encode("utf-8")


def _read(raw: bytes, path: str) -> tuple[str, dict[str, Any]]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: it is not UTF-8", "save it as UTF-8 text") from None
    return text, _load(text, path)


def _load(text: str, path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: {error}", "the file must be TOML") from None


def _merged(data: dict[str, Any], key: str, values: dict[str, Any]) -> dict[str, Any]:
    versions = data.get("versions", {})
    versions = versions if isinstance(versions, dict) else {}
    return {**data, "versions": {**versions, key: {**versions.get(key, {}), **values}}}


def _set(text: str, key: str, values: dict[str, Any]) -> str:
    """The text with these keys in the table of a version, which is added at the end if it is not there."""
    end = "\r\n" if "\r\n" in text else "\n"
    lines = [f"{name} = {_toml(value)}" for name, value in values.items()]
    header = re.search(rf"^[ \t]*\[versions\.[\"']?{re.escape(key)}[\"']?\][^\r\n]*", text, re.MULTILINE)
    if header is None:
        before = text if not text or text.endswith("\n") else text + end
        return f"{before}{end if before else ''}[versions.{key}]{end}{end.join(lines)}{end}"
    following = _HEADER.search(text, header.end())
    stop = following.start() if following else len(text)
    body = text[header.end() : stop]
    for name in values:
        body = re.sub(rf"^[ \t]*{name}[ \t]*=[^\r\n]*\r?\n?", "", body, flags=re.MULTILINE)
    return f"{text[: header.end()]}{end}{end.join(lines)}{'' if body else end}{body}{text[stop:]}"


def _toml(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else f'"{value}"' if isinstance(value, str) else str(value)


def with_entry(raw: bytes, path: str, version: Version, changes: list[str]) -> bytes:
    """A change log with an entry for a version, before the newest one; unchanged if it has one."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: it is not UTF-8", "save it as UTF-8 text") from None
    if re.search(rf"^#+[ \t]*\[?{re.escape(str(version))}\b", text, re.MULTILINE):
        return raw
    end = "\r\n" if "\r\n" in text else "\n"
    entry = end.join([f"## {version}", "", *(f"- {change}" for change in changes or ["(say why)"]), "", ""])
    newest = re.search(r"^## ", text, re.MULTILINE)
    if newest is not None:
        return f"{text[: newest.start()]}{entry}{text[newest.start() :]}".encode()
    gap = "" if not text else end if text.endswith("\n") else end * 2
    return f"{text}{gap}{entry.removesuffix(end)}".encode()
