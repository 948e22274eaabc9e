"""`schemacheck.toml`, or `[tool.schemacheck]` in pyproject.toml, as a Policy. An error names file, line and key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from schemacheck.errors import UsageError
from schemacheck.globs import matches
from schemacheck.layout import Layout, compile_template
from schemacheck.model import Level, Mode, Rule, Surface
from schemacheck.registry import wanted as registries
from schemacheck.toml import Table, load, without_errors

FILE = "schemacheck.toml"
KINDS = ("domain", "command", "notification")  # of events
DEFAULT_MODE = Mode.parse("FULL_TRANSITIVE")
EVOLVE, STRICT = POLICIES = ("evolve", "strict")


class PathRules(NamedTuple):
    """One `[[policy]]` table: what holds for paths that match one of the patterns."""

    paths: tuple[str, ...]
    mode: Mode | None
    levels: Mapping[str, Level]
    policy: str | None = None

    def covers(self, path: str) -> bool:
        return any(matches(path, pattern) for pattern in self.paths)


class Names(NamedTuple):
    """The `[names]` table: words that the lists of the package lack. `language` None: names are not judged."""

    past: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    language: str | None = "english"


class Wanted(NamedTuple):
    """A field of the `[envelope]`: under which names and of which types, for which kinds of events, and when."""

    names: tuple[str, ...]
    types: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    when: str | None = None  # "saga"


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
    fail_on_given: bool = False  # --fail-on
    waivers: bool = True  # False: --no-waivers
    minimum: int = 1
    notice_days: int = 90  # from the deprecation of a version to its removal
    max_live: int = 3  # versions of one event that are not retired
    max_waiver_days: int = 90
    names: Names = field(default_factory=Names)
    envelope: Mapping[str, Wanted] = field(default_factory=dict)  # empty: not judged
    outbox: Mapping[str, str] = field(default_factory=dict)  # column to its source; empty: not judged
    event_mode: Mode | None = None  # these four are what an event.toml says, in the policy of its event
    event_policy: str | None = None
    floor: Mode | None = None
    replayable: bool = False
    today: date = field(default_factory=lambda: datetime.now(UTC).date())  # UTC, or --today
    strict_layout: bool = False
    published: tuple[str, ...] = ()
    remote: str | None = None
    against: str | None = None
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # by format
    mode_given: bool = False  # whether the configuration itself sets `mode`
    registry: registries.Wanted = field(default_factory=registries.Wanted)

    def of_event(self, mode: Mode | None, policy: str | None, floor: Mode | None, replayable: bool) -> Policy:
        """The same for the files of one event that says something about itself."""
        return replace(self, event_mode=mode, event_policy=policy, floor=floor, replayable=replayable)

    def mode_for(self, path: str) -> Mode:
        """The mode of a path, never below the event's floor."""
        wanted = self.wanted_mode(path)
        if self.floor is None:
            return wanted
        return Mode(wanted.directions | self.floor.directions, wanted.transitive or self.floor.transitive)

    def wanted_mode(self, path: str) -> Mode:
        """The mode that is asked for: by the command line, the event, the last `[[policy]]` that covers it, or all."""
        chosen = self.mode_override or self.event_mode
        if chosen is not None:
            return chosen
        return next((r.mode for r in reversed(self.paths) if r.mode is not None and r.covers(path)), self.mode)

    def mode_asked_for(self, path: str) -> Mode | None:
        """The mode of a path if somebody chose one; None where only the default holds."""
        chosen = self.mode_given or self.mode_override or self.event_mode or self.floor
        return self.mode_for(path) if chosen or any(r.mode and r.covers(path) for r in self.paths) else None

    def policy_for(self, path: str) -> str:
        """`evolve`, or `strict`: what the event says, then the last `[[policy]]` that covers the path and says so."""
        if self.event_policy is not None:
            return self.event_policy
        return next((r.policy for r in reversed(self.paths) if r.policy is not None and r.covers(path)), EVOLVE)

    def judges(self, path: str) -> bool:
        """Whether a path stands below a root and is not excluded."""
        below = any(not root or path.startswith(f"{root}/") for root in self.roots or ("",))
        return below and not any(matches(path, pattern) for pattern in self.exclude)

    def shares(self, path: str) -> bool:
        """Whether a path holds types that events share, not an event."""
        return any(matches(path, pattern) for pattern in self.shared)

    def level(self, rule: Rule, path: str) -> Level:
        """How loud a rule is for a path: by its id, else by its surface, the narrowest table first.

        Where a stream is the state, a change of meaning rewrites history, and is an error if it is heard at all.
        """
        level = self._level(rule, path)
        return Level.ERROR if self.replayable and rule.surface == Surface.MEANING and level > Level.INFO else level

    def _level(self, rule: Rule, path: str) -> Level:
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


def parse(text: str, file: str) -> Policy:
    """The policy in a configuration file's text; raises UsageError with `file:line:` and the key."""
    return _own(Table(load(text, file), file, text), file)


def published(text: str, file: str) -> Policy:
    """The policy in a published text: what is wrong in it was never obeyed, and is left out."""
    return without_errors(text, file, lambda table: _own(table, file)) or Policy()


def _own(top: Table, file: str) -> Policy:
    """The policy in our own table: the whole file, or `[tool.schemacheck]` of pyproject.toml."""
    if not file.endswith("pyproject.toml"):
        return _policy(top, file)
    tool = top.table("tool")
    return _policy(tool.table("schemacheck"), file) if "schemacheck" in tool.left else Policy()


def _policy(top: Table, file: str) -> Policy:
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
    names = {
        key: value for key in ("prefix", "avro", "protobuf", "registry") if (value := identity.text(key)) is not None
    }
    template = names.get("registry")
    identity.end(("prefix", "avro", "protobuf", "registry", "shared"))
    baseline = top.table("baseline")
    published = baseline.take("published", (str, list), (), "text or a list of text")
    mode_given = "mode" in top.left
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
        minimum=top.number("minimum", 1),
        notice_days=top.number("notice_days", 90),
        max_live=top.number("max_live", 3, least=1),
        max_waiver_days=top.number("max_waiver_days", 90),
        names=_names(top.table("names")),
        envelope=_envelope(top.table("envelope")),
        outbox=_outbox(top.table("outbox")),
        strict_layout=top.flag("strict_layout", False),
        published=(published,) if isinstance(published, str) else tuple(map(str, published)),
        remote=baseline.text("remote"),
        against=baseline.text("against"),
        options=MappingProxyType(
            {
                "protobuf": _protobuf(top.table("protobuf")),
                "avro": {},
                "json-schema": _json_schema(top.table("json_schema")),
            }
        ),
        mode_given=mode_given,
        registry=registries.parse(top.table("registry"), template),
    )
    baseline.end(("published", "remote", "against"))
    top.end(_TOP)
    source = policy.options["protobuf"].get("source")
    if source is not None:
        return _with_source_level(policy, Level.parse(source))
    return policy


_TOP = (
    *("roots", "exclude", "layout", "strict_layout", "identity", "names", "baseline", "protobuf", "registry"),
    *("envelope", "outbox", "json_schema"),
    *("mode", "levels", "policy", "fail_on", "minimum", "notice_days", "max_live", "max_waiver_days"),
)


def rooted(policy: Policy, found: Sequence[str]) -> Policy:
    """The policy with the roots that were found in the tree, unless it names its own."""
    return policy if policy.roots is not None else replace(policy, roots=tuple(found))


def _with_source_level(policy: Policy, level: Level) -> Policy:
    return replace(policy, levels={str(Surface.SOURCE): level, **policy.levels})


def _roots(top: Table) -> tuple[str, ...] | None:
    roots = top.texts("roots")
    for root in roots:
        if root.startswith("/") or ".." in root.split("/") or "{" in root or "}" in root:
            raise top.error("roots", "folders inside the repository, relative to its top, without braces")
    return tuple(root.strip("/").removeprefix("./") if root != "." else "" for root in roots) or None


def _levels(table: Table) -> Mapping[str, Level]:
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


def _names(table: Table) -> Names:
    language = table.word("language", ("english", "none"), "english")
    names = Names(table.texts("past"), table.texts("verbs"), None if language == "none" else language)
    table.end(("past", "verbs", "language"))
    return names


def _envelope(table: Table) -> Mapping[str, Wanted]:
    """What each event must carry; nothing if that stands in the headers, where a schema cannot say it."""
    where = table.word("where", ("fields", "headers"), "fields")
    wanted = {}
    for role in table.left:
        one = table.table(role)
        names = one.texts("names") or (role,)
        when = one.word("when", ("saga",))
        kinds = one.texts("kinds")
        if any(kind not in KINDS for kind in kinds):
            raise one.error("kinds", f"a list of {', '.join(KINDS)}")
        wanted[role] = Wanted(names, one.texts("types"), kinds, when)
        one.end(("names", "types", "kinds", "when"))
    return MappingProxyType(wanted if where == "fields" else {})


def _outbox(table: Table) -> Mapping[str, str]:
    """The columns of the outbox, each with its source: a field, `{aggregate}`, `{Event}`, or `*` for the event."""
    columns = table.table("columns").rest()
    table.end(("columns",))
    for column, source in columns.items():
        if not isinstance(source, str) or (source.startswith("{") and source not in ("{aggregate}", "{Event}")):
            raise table.error("columns", f'for {column} the name of a field, "{{aggregate}}", "{{Event}}" or "*"')
    return MappingProxyType(columns)


def _path_rules(table: Table) -> PathRules:
    paths = table.texts("paths")
    if not paths:
        raise table.error("paths", 'a list such as ["schemas/ledger/**"]')
    rules = PathRules(
        paths, table.parsed("mode", Mode.parse, None), _levels(table.table("levels")), table.word("policy", POLICIES)
    )
    table.end(("paths", "mode", "policy", "levels"))
    return rules


def _protobuf(table: Table) -> dict[str, Any]:
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


_DRAFTS = {"draft-04": 4, "draft-06": 6, "draft-07": 7, "2019-09": 2019, "2020-12": 2020}


def _json_schema(table: Table) -> dict[str, Any]:
    globs = table.texts("globs")
    if any(not glob.endswith(".json") for glob in globs):
        raise table.error("globs", 'patterns that end in .json, such as ["events/**/*.json"]')
    options = {
        "globs": globs,
        "open_model": table.word("open_model", ("declared", "strict"), "declared"),
        "default_draft": _DRAFTS[table.word("default_draft", tuple(_DRAFTS), "draft-07") or "draft-07"],
        "registry_policy": table.word("registry_policy", ("strict", "lenient"), "strict"),
    }
    table.end(("globs", "open_model", "default_draft", "registry_policy"))
    return options


def _template(text: str) -> str:
    compile_template(text)
    return text


def _checked(table: Table, key: str, template: str) -> str:
    try:
        return _template(template)
    except UsageError as error:
        raise table.error(key, error.hint) from None


def parse_fail_on(word: str) -> Level | None:
    """The level at which a run fails: error, warning, or None for never; raises UsageError."""
    if word not in ("error", "warning", "never"):
        raise UsageError(f'"{word}" is no level to fail on', "use one of error, warning, never")
    return None if word == "never" else Level.parse(word)
