"""`schemacheck.toml`, or `[tool.schemacheck]` in pyproject.toml, as a Policy. An error names file, line and key."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from schemacheck.errors import UsageError
from schemacheck.layout import Layout, compile_template
from schemacheck.model import Level, Mode, Rule, Surface

FILE = "schemacheck.toml"
DEFAULT_MODE = Mode.parse("FULL_TRANSITIVE")


@dataclass(frozen=True, slots=True)
class PathRules:
    """One `[[policy]]` table: what holds for paths that match one of the patterns."""

    paths: tuple[str, ...]
    mode: Mode | None
    levels: Mapping[str, Level]

    def covers(self, path: str) -> bool:
        return any(matches(path, pattern) for pattern in self.paths)


@dataclass(frozen=True)
class Policy:
    """Everything a configuration decides. Without a file every value is the default."""

    file: str | None = None
    roots: tuple[str, ...] | None = None  # None: found in the tree
    exclude: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ()
    identity: Mapping[str, str] = field(default_factory=dict)
    shared: tuple[str, ...] = ()
    mode: Mode = DEFAULT_MODE
    mode_override: Mode | None = None  # --mode
    levels: Mapping[str, Level] = field(default_factory=dict)
    paths: tuple[PathRules, ...] = ()
    fail_on: Level | None = Level.ERROR  # None: never
    minimum: int = 1
    strict_layout: bool = False
    published: tuple[str, ...] = ()
    remote: str | None = None
    against: str | None = None
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # by format

    def mode_for(self, path: str) -> Mode:
        """The mode of a path: the command line, then the last `[[policy]]` that covers it, then the default."""
        if self.mode_override is not None:
            return self.mode_override
        return next((r.mode for r in reversed(self.paths) if r.mode is not None and r.covers(path)), self.mode)

    def level(self, rule: Rule, path: str) -> Level:
        """How loud a rule is for a path: by its id, else by its surface, the narrowest table first."""
        tables = [r.levels for r in reversed(self.paths) if r.levels and r.covers(path)]
        for key in (rule.id, str(rule.surface)):
            for levels in (*tables, self.levels):
                if key in levels:
                    return levels[key]
        return rule.level

    def layout(self, roots: Sequence[str]) -> Layout:
        """The configured templates, then the conventions below the roots unless `strict_layout` is on."""
        conventional = Layout.conventional(roots)
        if not self.layouts:
            return conventional
        return Layout(conventional.roots, self.layouts + (() if self.strict_layout else conventional.templates))


_GLOB = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@functools.cache
def _pattern(pattern: str) -> re.Pattern[str]:
    """A path pattern: `**` crosses folders, `*` and `?` do not; a folder stands for all below it."""
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.rstrip("/"))
    return re.compile("".join(_GLOB.get(piece) or re.escape(piece) for piece in pieces) + "(?:/.*)?", re.DOTALL)


def matches(path: str, pattern: str) -> bool:
    """Whether a path of the repository is covered by a pattern of the configuration."""
    return _pattern(pattern).fullmatch(path) is not None


_MISSING = object()


class _Table:
    """A table of the configuration that is taken apart key by key, so that what is left over is unknown."""

    def __init__(self, data: Mapping[str, Any], name: str, fail: Callable[[str, str, str], UsageError]) -> None:
        self._data = dict(data)
        self._name = name
        self._fail = fail

    def key(self, key: str) -> str:
        return f"{self._name}.{key}" if self._name else key

    def error(self, key: str, expected: str) -> UsageError:
        return self._fail(self.key(key), key, expected)

    def take(self, key: str, kind: type | tuple[type, ...], default: Any, expected: str) -> Any:
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

    def flag(self, key: str, default: bool) -> bool:
        value: bool = self.take(key, bool, default, "true or false")
        return value

    def parsed(self, key: str, parse: Callable[[str], Any], default: Any) -> Any:
        value = self.text(key)
        if value is None:
            return default
        try:
            return parse(value)
        except UsageError as error:
            raise self._fail(self.key(key), key, error.hint) from None

    def tables(self, key: str) -> list[_Table]:
        values = self.take(key, list, [], f"[[{key}]] tables")
        if not all(isinstance(value, dict) for value in values):
            raise self.error(key, f"[[{key}]] tables")
        return [_Table(value, key, self._fail) for value in values]

    def table(self, key: str) -> _Table:
        return _Table(self.take(key, dict, {}, f"a [{key}] table"), key, self._fail)

    def rest(self) -> dict[str, Any]:
        rest, self._data = self._data, {}
        return rest

    def end(self, known: Sequence[str]) -> None:
        for key in self._data:
            raise self._fail(self.key(key), key, f"one of {', '.join(known)}")


def parse(text: str, file: str) -> Policy:
    """The policy in a configuration file's text; raises UsageError with `file:line:` and the key."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: {_lower(str(error))}", "the file must be TOML") from None
    except RecursionError:
        raise UsageError(f"{file}: the tables nest too deeply", "write it flat") from None
    if file.endswith("pyproject.toml"):
        tool = data.get("tool", {})
        own = tool.get("schemacheck") if isinstance(tool, dict) else None
        if own is None:
            return Policy()
        if not isinstance(own, dict):
            raise UsageError(f"{file}: tool.schemacheck is no table", "write [tool.schemacheck]")
        data = own

    def fail(full: str, key: str, expected: str) -> UsageError:
        place = f"{file}:{line}" if (line := _line_of(text, key)) else file
        return UsageError(f'{place}: the key "{full}" is not understood here', f"expected {expected}")

    return _policy(_Table(data, "", fail), file)


def _policy(top: _Table, file: str) -> Policy:
    layout = top.tables("layout")
    templates, former = [], []
    for table in layout:
        templates.append(table.parsed("path", _template, None))
        if templates[-1] is None:
            raise table.error("path", 'a template such as "schemas/{domain}/{event}/v{version}.{ext}"')
        former += [_checked(table, "former", item) for item in table.texts("former")]
        table.end(("path", "former"))
    identity = top.table("identity")
    shared = identity.texts("shared")
    names = {key: value for key in ("prefix", "avro", "protobuf") if (value := identity.text(key)) is not None}
    identity.end(("prefix", "avro", "protobuf", "shared"))
    baseline = top.table("baseline")
    published = baseline.take("published", (str, list), (), "text or a list of text")
    policy = Policy(
        file=file,
        roots=_roots(top),
        exclude=top.texts("exclude"),
        layouts=(*templates, *former),
        identity=MappingProxyType(names),
        shared=shared,
        mode=top.parsed("mode", Mode.parse, DEFAULT_MODE),
        levels=_levels(top.table("levels")),
        paths=tuple(_path_rules(table) for table in top.tables("policy")),
        fail_on=top.parsed("fail_on", parse_fail_on, Level.ERROR),
        minimum=top.take("minimum", int, 1, "a number"),
        strict_layout=top.flag("strict_layout", False),
        published=(published,) if isinstance(published, str) else tuple(map(str, published)),
        remote=baseline.text("remote"),
        against=baseline.text("against"),
        options=MappingProxyType({"protobuf": _protobuf(top.table("protobuf")), "avro": {}}),
    )
    baseline.end(("published", "remote", "against"))
    top.end(_TOP)
    source = policy.options["protobuf"].get("source")
    if source is not None:
        return _with_source_level(policy, Level.parse(source))
    return policy


_TOP = (
    "roots exclude layout identity mode levels policy fail_on minimum strict_layout baseline protobuf".split()  # noqa: SIM905
)


def rooted(policy: Policy, found: Sequence[str]) -> Policy:
    """The policy with the roots that were found in the tree, unless it names its own."""
    return policy if policy.roots is not None else replace(policy, roots=tuple(found))


def _with_source_level(policy: Policy, level: Level) -> Policy:
    return replace(policy, levels={str(Surface.SOURCE): level, **policy.levels})


def _roots(top: _Table) -> tuple[str, ...] | None:
    roots = top.texts("roots")
    for root in roots:
        if root.startswith("/") or ".." in root.split("/") or "{" in root or "}" in root:
            raise top.error("roots", "folders inside the repository, relative to its top, without braces")
    return tuple(root.strip("/").removeprefix("./") if root != "." else "" for root in roots) or None


def _levels(table: _Table) -> Mapping[str, Level]:
    levels = {}
    known = [str(surface) for surface in Surface]
    for key, value in table.rest().items():
        if key not in known and "/" not in key:
            raise table.error(key, f"a rule id such as avro/type-changed, or one of {', '.join(known)}")
        try:
            levels[key] = Level.parse(value if isinstance(value, str) else "")
        except UsageError as error:
            raise table.error(key, error.hint.removeprefix("use ")) from None
    return levels


def _path_rules(table: _Table) -> PathRules:
    paths = table.texts("paths")
    if not paths:
        raise table.error("paths", 'a list such as ["schemas/ledger/**"]')
    rules = PathRules(paths, table.parsed("mode", Mode.parse, None), _levels(table.table("levels")))
    table.end(("paths", "mode", "levels"))
    return rules


def _protobuf(table: _Table) -> dict[str, Any]:
    options: dict[str, Any] = {"json": table.flag("json", True)}
    for key in ("roots", "includes"):
        if values := table.texts(key):
            options[key] = values
    source = table.parsed("source", lambda word: Level.parse(word).word, None)
    if source is not None:
        options["source"] = source
    unknown = table.text("json_unknown_fields") or "ignored"
    if unknown not in ("ignored", "rejected"):
        raise table.error("json_unknown_fields", '"ignored" or "rejected"')
    options["json_unknown_fields"] = unknown
    table.end(("json", "source", "roots", "includes", "json_unknown_fields"))
    return options


def _template(text: str) -> str:
    compile_template(text)
    return text


def _checked(table: _Table, key: str, template: str) -> str:
    try:
        return _template(template)
    except UsageError as error:
        raise table.error(key, error.hint) from None


def parse_fail_on(word: str) -> Level | None:
    """The level at which a run fails: error, warning, or None for never; raises UsageError."""
    if word not in ("error", "warning", "never"):
        raise UsageError(f'"{word}" is no level to fail on', "use one of error, warning, never")
    return None if word == "never" else Level.parse(word)


def _line_of(text: str, key: str) -> int | None:
    """The first line that sets a key, or opens a table of its name."""
    name = re.escape(key)
    pattern = rf'^\s*(?:\[+\s*(?:[\w".-]+\.)?["\']?{name}["\']?\s*\]+|(?:[\w-]+\.)*["\']?{name}["\']?\s*[=.])'
    match = re.search(pattern, text, re.MULTILINE)
    return text.count("\n", 0, match.start() + len(match[0]) - len(match[0].lstrip())) + 1 if match else None


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
