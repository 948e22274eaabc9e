"""The judged side as a registry would hold it: the subject of each file, what it refers to, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from schemacheck.config import Policy
from schemacheck.errors import UsageError
from schemacheck.events.identity import words
from schemacheck.events.metadata import Metadata
from schemacheck.formats import format_of
from schemacheck.formats.text import read_text
from schemacheck.globs import matches
from schemacheck.layout import Placed
from schemacheck.model import Problem, Schema, Tree
from schemacheck.register import Register
from schemacheck.registry.client import TYPES
from schemacheck.registry.wanted import filled
from schemacheck.schemas import Schemas

_PROTOCOLS = (".avpr", ".avdl")


@dataclass(frozen=True, slots=True)
class Local:
    """One file of the judged side. `references` are (name, path) of the files that it refers to directly."""

    placed: Placed
    subject: str
    type: str
    text: str
    references: tuple[tuple[str, str], ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    shared: bool = False  # no event, only there for others

    @property
    def path(self) -> str:
        return self.placed.path


class Locals:
    """Every file of a tree that a registry can hold."""

    def __init__(self, tree: Tree, policy: Policy) -> None:
        self.tree = tree
        self.policy = policy
        self.schemas = Schemas(policy.options)
        self.layout = policy.layout(policy.roots or ("",))
        self.problems: dict[str, Problem] = {}
        self._register = Register(tree, self.layout, published=False)

    @cached_property
    def by_path(self) -> Mapping[str, Local]:
        """Path to file, referees before those that refer to them. Raises UsageError where two share a subject."""
        judged = [path for path in sorted(self.tree.files) if format_of(path)]
        references = self._references(judged)
        placed = {path: self.layout.place(path) for path in references}
        self.schemas.parse(self.tree, placed.values(), published=True)
        found = {}
        for path in _ordered(references):
            local = self._local(placed[path], references[path], path in judged)
            if isinstance(local, Problem):
                self.problems[path] = local
            elif local is not None:
                found[path] = local
        self._one_to_one(found)
        return found

    def _references(self, judged: Collection[str]) -> dict[str, tuple[tuple[str, str], ...]]:
        """What each file refers to; files that only others refer to are among them."""
        found: dict[str, tuple[tuple[str, str], ...]] = {}
        todo = list(judged)
        while todo:
            path = todo.pop()
            if path in found:
                continue
            name = format_of(path)
            found[path] = tuple(_SEARCH[name](self.schemas.workspace(self.tree, name), self.tree, path)) if name else ()
            todo.extend(target for _, target in found[path])
        return found

    def _local(self, placed: Placed, references: tuple[tuple[str, str], ...], judged: bool) -> Local | Problem | None:
        path = placed.path
        kind = TYPES.get(format_of(path) or "")
        if kind is None or path.endswith(_PROTOCOLS):
            return Problem(path, "a registry holds no such file", "write it as a schema", reason="unsupported")
        text = read_text(self.tree, path)
        schema = self.schemas.get(self.tree, placed, published=True)
        if isinstance(text, Problem):
            return text
        if isinstance(schema, Sequence):
            return schema[0]
        shared = not judged or any(matches(path, pattern) for pattern in self.policy.shared)
        if clash := self._clash(path, kind):
            return clash
        subject = self._subject(placed, schema, shared)
        if isinstance(subject, Problem):
            return subject
        group = self.policy.registry.group
        properties = {group: str(placed.subject.version)[1:]} if group and not shared else {}
        return Local(placed, subject, kind, text, references, properties, shared)

    def _clash(self, path: str, kind: str) -> Problem | None:
        """Why a registry cannot tell apart what a file rests on: JSON Schemas may call two files by one name."""
        found: dict[str, str] = {}
        for used in self.closure(path) if kind == "JSON" else ():
            for name, target in _json_schema(self.schemas.workspace(self.tree, "json-schema"), self.tree, used):
                other = found.setdefault(name, target)
                if other != target:
                    message = f'"{name}" means {min(other, target)} and {max(other, target)} in what it rests on'
                    hint = "a registry knows one schema of a name: give both an $id, and refer to that"
                    return Problem(path, message, hint, reason="unsupported")
        return None

    def _subject(self, placed: Placed, schema: Schema, shared: bool) -> str | Problem:
        """The subject that the configuration gives a file."""
        wanted = self.policy.registry
        own = wanted.subjects.get(str(placed.subject)) or wanted.subjects.get(placed.path)
        if own:
            return own
        said = Metadata() if shared else self._register.of(placed.subject.event)
        template = said.subject or (wanted.references if shared else wanted.subject)
        values = self._values(placed, schema, said.topic)
        try:
            return filled(template, values)
        except KeyError as error:
            name = error.args[0]
            hints = {
                "topic": 'topic = "..." in its event.toml',
                "fullname": f'[registry.subjects] "{placed.subject}" = "..."',
            }
            if format_of(placed.path) == "json-schema":
                hints["fullname"] = f"give it a title, or say {hints['fullname']}"
            hint = f"name it: {hints.get(name, hints['fullname'])}"
            return Problem(placed.path, f'it has no {name}, so the subject "{template}" is unknown', hint)

    def _values(self, placed: Placed, schema: Schema, said: str | None) -> dict[str, str]:
        fullname, name = self._names(placed.path, schema)
        topics = self.policy.registry.topics
        values = placed.words
        event = values.get("event", placed.subject.event.rpartition("/")[2])
        found = {
            "domain": values.get("domain", "").replace("/", "."),
            "event": event,
            "Event": "".join(word.capitalize() for word in words(event)),
            "version": str(placed.subject.version)[1:],
            "prefix": self.policy.identity.get("prefix", ""),
        }
        if fullname:
            found["fullname"] = fullname
        if topic := topics.get(str(placed.subject)) or said or topics.get(placed.subject.event):
            found["topic"] = topic
        if name:
            found["name"] = name
        return found

    def _names(self, path: str, schema: Schema) -> tuple[str | None, str | None]:
        """The record name of a file as producers make it, and the name by which others refer to the file."""
        if format_of(path) != "json-schema":
            fullname = next(iter(schema.names), None)
            return fullname, self._import_name(path) if path.endswith(".proto") else fullname
        title: str | None = getattr(schema, "title", None)
        own = next((declared.text for declared in schema.declared if ":" in declared.text), None)
        return title, own or title or self.layout.without_root(path)

    def _import_name(self, path: str) -> str:
        """The name by which Protobuf files import this one."""
        return self._imported.get(path) or self.layout.without_root(path)

    @cached_property
    def _imported(self) -> Mapping[str, str]:
        paths = [path for path in self.tree.all_files if path.endswith(".proto")]
        return {target: name for pairs in self._references(paths).values() for name, target in pairs}

    def _one_to_one(self, found: Mapping[str, Local]) -> None:
        """Two event versions in one subject are compared with each other by every server."""
        owners: dict[tuple[str, str], Local] = {}
        for local in found.values():
            key = local.subject, str(sorted(local.properties.items()))
            other = owners.setdefault(key, local)
            if other is not local:
                hint = "give each version its own: a version in the full name, own topics, or [registry] group"
                raise UsageError(
                    f'"{other.path}" and "{local.path}" have one registry subject, "{local.subject}"', hint
                )

    def closure(self, path: str) -> Mapping[str, str]:
        """A file and all it rests on: path to content id."""
        return self.schemas.closure(self.tree, path)

    def names(self, path: str) -> Mapping[str, str]:
        """Reference name to path, of everything that a file rests on."""
        found: dict[str, str] = {}
        todo = [path]
        seen = {path}
        while todo:
            local = self.by_path.get(todo.pop())
            for name, target in local.references if local else ():
                found.setdefault(name, target)
                if target not in seen:
                    seen.add(target)
                    todo.append(target)
        return found

    def place(self, name: str, type_: str, user: str) -> str:
        """Where a registered reference of a file stands, if no file of the judged side has its name."""
        if type_ == "JSON":
            from schemacheck.formats.json_schema.document import joined, path_of, uri_of

            uri = joined(uri_of(user), name)
            path = (path_of(uri) or uri).replace("..", "_").replace("://", "/").strip("/")
            return path if format_of(path) == "json-schema" else f"{path}.schema.json"
        if type_ != "PROTOBUF":
            return f"{name.replace('..', '_').strip('/')}.avsc" if type_ == "AVRO" else name
        roots = self.policy.options.get("protobuf", {}).get("roots", ())
        return f"{roots[0].strip('/')}/{name}".removeprefix("/") if roots else name


def _avro(workspace: Any, _tree: Tree, path: str) -> Iterator[tuple[str, str]]:
    """Each file that defines a type used here, by the full name that it is registered under."""
    from schemacheck.formats.avro.build import File

    seen = set()
    file = workspace.index.file(path)
    for name in file.foreign if isinstance(file, File) else ():
        for found in workspace.index.candidates(name, path):
            root = found.file.root
            if found.file.path not in seen:
                seen.add(found.file.path)
                yield (root.name if root is not None and root.name else name), found.file.path


def _protobuf(workspace: Any, tree: Tree, path: str) -> Iterator[tuple[str, str]]:
    from schemacheck.formats.protobuf.imports import imports_of

    for wanted in imports_of(tree, path):
        target = workspace.resolve(path, wanted.name)
        if target is not None:
            yield wanted.name, target


def _json_schema(workspace: Any, _tree: Tree, path: str) -> Iterator[tuple[str, str]]:
    """Each file that this one refers to, by what is written there: a registry looks that up."""
    yield from workspace.references(path)


_SEARCH: Mapping[str, Callable[[Any, Tree, str], Iterator[tuple[str, str]]]] = {
    "avro": _avro,
    "protobuf": _protobuf,
    "json-schema": _json_schema,
}


def _ordered(references: Mapping[str, Sequence[tuple[str, str]]]) -> Iterator[str]:
    """The paths, each after those that it refers to; those that refer to each other by their names."""
    done: set[str] = set()
    for start in sorted(references):
        stack = [(start, iter(references[start]))]
        entered = {start}
        while stack:
            path, rest = stack[-1]
            target = next((t for _, t in rest if t not in done and t not in entered), None)
            if target is not None:
                entered.add(target)
                stack.append((target, iter(references[target])))
                continue
            stack.pop()
            if path not in done:
                done.add(path)
                yield path
