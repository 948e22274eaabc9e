"""Which event version a path is, and which path an event version has: templates, forwards and backwards. Pure."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemacheck.errors import UsageError
from schemacheck.model import Subject, Version

# The conventions that are understood without any configuration, below each root.
CONVENTIONS = (
    "{domain}/{event}/v{version}.{ext}",
    "{event}/v{version}.{ext}",
    "{domain}/v{version}/{event}.{ext}",
    "v{version}/{event}.{ext}",
    "{domain}/{event}.v{version}.{ext}",
    "{event}.v{version}.{ext}",
    "{domain}/{event}_v{version}.{ext}",
    "{event}_v{version}.{ext}",
)
METADATA = "event.toml"  # what is said about an event, one file for all its versions
_PATTERNS = {
    "domain": r"(?P<domain>[^/]+(?:/[^/]+)*)",
    "event": r"(?P<event>[^/]+(?:/[^/]+)*?)",
    "version": r"(?P<version>(?:0|[1-9][0-9]{0,8})(?:(?:alpha|beta)[0-9]{0,8})?)",
    "ext": r"(?P<ext>schema\.json|(?<!\.schema\.)[A-Za-z0-9_]+)",
}
_NAME = re.compile(r"\{(\w*)\}")
_ALMOST_VERSION = re.compile(r"(?:^|[/._-])[vV]0*([1-9][0-9]{0,8})(?=[/.]|$)")


class Placed(NamedTuple):
    """What a path says. `template` is None for an implicit v1: a file that no template places."""

    subject: Subject
    path: str
    template: str | None

    @property
    def implicit(self) -> bool:
        return self.template is None

    def path_of(self, version: Version) -> str:
        """Where another version of the same event belongs."""
        if self.template is None:
            stem, ext = _parted(self.path)
            return f"{stem}/{version}.{ext}"
        return self.template.format(**{**self.words, "version": str(version)[1:]})

    @property
    def words(self) -> Mapping[str, str]:
        """The parts of the path by name: domain, event, version, ext."""
        match = compile_template(self.template).fullmatch(self.path) if self.template is not None else None
        return {name: value for name, value in match.groupdict().items() if value is not None} if match else {}


@dataclass(frozen=True)
class Layout:
    """The templates of a configuration, in order; the first that fits a path decides."""

    roots: tuple[str, ...] = ("",)
    templates: tuple[str, ...] = ()

    @classmethod
    def conventional(cls, roots: Sequence[str]) -> Layout:
        """The layout of a repository that configures none."""
        return cls(tuple(roots), tuple(f"{root}/{c}" if root else c for root in roots for c in CONVENTIONS))

    @functools.cached_property
    def _compiled(self) -> list[tuple[str, re.Pattern[str], bool]]:
        """Templates, their patterns, and whether the name of an event begins with a domain."""
        patterns = [(template, compile_template(template)) for template in self.templates]
        return [(template, pattern, "domain" in pattern.groupindex) for template, pattern in patterns]

    @functools.cached_property
    def _cache(self) -> dict[str, Placed]:
        return {}

    def place(self, path: str) -> Placed:
        """The subject of a path; an implicit v1, named by the path, if no template fits."""
        placed = self._cache.get(path)
        if placed is None:
            placed = self._cache[path] = self._place(path)
        return placed

    def _place(self, path: str) -> Placed:
        for template, pattern, in_domain in self._compiled:
            match = pattern.fullmatch(path)
            version = Version.parse(f"v{match['version']}") if match else None
            if match is not None and version is not None:
                event = f"{match['domain']}/{match['event']}" if in_domain else match["event"]
                return Placed(Subject(event, version), path, template)
        stem, _ = _parted(self.without_root(path))
        return Placed(Subject(stem, Version(1)), path, None)

    def metadata_of(self, placed: Placed) -> str:
        """Where the event's `event.toml` belongs: in a folder of the event's name, at the place of its versions."""
        if placed.template is None:
            return f"{_parted(placed.path)[0]}/{METADATA}"
        return f"{_prefix(placed.template)}{placed.subject.event}/{METADATA}"

    def event_of(self, metadata: str) -> str:
        """The event that an `event.toml` speaks of, by its path."""
        folder = metadata.rpartition("/")[0]
        fitting = [prefix for prefix in self._prefixes if folder.startswith(prefix)]
        return folder[len(max(fitting, key=len, default="")) :]

    @functools.cached_property
    def _prefixes(self) -> set[str]:
        roots = {f"{root}/" for root in self.roots if root}
        return roots | {_prefix(template) for template in self.templates}

    def without_root(self, path: str) -> str:
        """The path below its root."""
        fitting = [root for root in self.roots if root and path.startswith(f"{root}/")]
        return path[len(max(fitting, key=len)) + 1 :] if fitting else path

    def wanted(self, path: str) -> str | None:
        """For a path whose version is misspelt (`V2`, `v02`, `-v2`): the path it seems to want."""
        folder, _, name = path.rpartition("/")
        stem, ext = _parted(name)
        match = _ALMOST_VERSION.search(stem)
        if match:
            event = stem[: match.start()]
            return "/".join(part for part in (folder, event, f"v{match[1]}.{ext}") if part)
        match = _ALMOST_VERSION.search(folder)
        if match:
            parts = [f"v{match[1]}" if _ALMOST_VERSION.fullmatch(part) else part for part in folder.split("/")]
            return "/".join([*parts, name])
        return None


def _parted(path: str) -> tuple[str, str]:
    """A path without its ending, and the ending: `schema.json` is one."""
    ending = "schema.json" if path.endswith(".schema.json") else path.rpartition(".")[2]
    return path[: -len(ending) - 1], ending


def _prefix(template: str) -> str:
    """The folders of a template that are the same for every event."""
    return template.partition("{")[0].rpartition("/")[0] + "/" if "/" in template.partition("{")[0] else ""


@functools.cache
def compile_template(template: str) -> re.Pattern[str]:
    """The pattern of a template such as `schemas/{domain}/{event}/v{version}.{ext}`; raises UsageError."""
    names = _NAME.findall(template)
    for name in names:
        if name not in _PATTERNS:
            raise UsageError(f'"{{{name}}}" is unknown in the layout "{template}"', f"use {', '.join(_PATTERNS)}")
    for name in ("event", "version"):
        if names.count(name) != 1:
            raise UsageError(f'the layout "{template}" must hold {{{name}}} exactly once', "see the README on layouts")
    if len(set(names)) != len(names):
        raise UsageError(f'the layout "{template}" holds a name twice', "write each name once")
    if not re.search(r"[vV]\{version\}", template):
        raise UsageError(f'the layout "{template}" has no "v" before {{version}}', "write v{version}, or V{version}")
    pieces = _NAME.split(template)
    pairs = zip(pieces, [*pieces[1:], ""], strict=True)
    return re.compile("".join(_pattern(p, after) if i % 2 else re.escape(p) for i, (p, after) in enumerate(pairs)))


def _pattern(name: str, after: str) -> str:
    """What a name stands for. Before a `/` a folder is taken whole or not at all: nothing is tried again and again."""
    return _PATTERNS[name].replace("[^/]+", "[^/]++") if after.startswith("/") else _PATTERNS[name]


def renamed(placed: Placed, version: Version) -> Subject:
    """The same event in another version."""
    return placed.subject._replace(version=version)
