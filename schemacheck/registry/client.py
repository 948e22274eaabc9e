"""The registry's REST interface, for servers that speak Confluent's: what is asked, and what an answer must hold.

Decisions rest on the status, then on `error_code`, and never on a text. Nothing is kept between two calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from urllib.parse import quote

from schemacheck.errors import UsageError
from schemacheck.model import Direction, Mode, Opinion, RegistryView
from schemacheck.registry.errors import EndpointMissing, NotFound, RegistryError
from schemacheck.registry.transport import Reply, Transport

UNKNOWN_SUBJECT, UNKNOWN_VERSION, UNKNOWN_SCHEMA, NO_LEVEL, NO_MODE = 40401, 40402, 40403, 40408, 40409
_KNOWN_CODES = range(40401, 40410)
INVALID = 42201
_REGISTER = 60.0  # seconds
_MAX_MESSAGES = 20
_PAGE, _MAX_PAGES = 1000, 1000

TYPES = {"avro": "AVRO", "protobuf": "PROTOBUF", "json-schema": "JSON"}
FORMATS = {name: format_ for format_, name in TYPES.items()}


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """One schema that another one rests on: its name there, and which registered version that is."""

    name: str
    subject: str
    version: int

    @property
    def body(self) -> dict[str, Any]:
        return {"name": self.name, "subject": self.subject, "version": self.version}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A schema that is looked up, asked about or registered."""

    subject: str
    type: str  # AVRO, PROTOBUF or JSON
    text: str
    references: tuple[Reference, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)  # of its metadata

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"schema": self.text, "schemaType": self.type}
        if self.references:
            body["references"] = [reference.body for reference in self.references]
        if self.properties:
            body["metadata"] = {"properties": dict(self.properties)}
        return body


@dataclass(frozen=True, slots=True)
class Registered:
    """One version of a subject, as the registry has it."""

    subject: str
    version: int
    id: int | None
    type: str
    text: str
    references: tuple[Reference, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How reports name it."""
        return f"registry:{self.subject}/{self.version}"


@dataclass(frozen=True, slots=True)
class Config:
    """What holds for a subject, or for all. A level that is not set is the server's own, which is BACKWARD."""

    level: Mode | None
    group: str | None = None
    policy: str | None = None
    alias: str | None = None
    normalize: bool | None = None

    @property
    def effective(self) -> Mode:
        return self.level or Mode(Direction.BACKWARD, False)


_T = TypeVar("_T")


class Client:
    """One registry."""

    def __init__(self, transport: Transport, *, normalize: bool = False) -> None:
        self.transport = transport
        self.normalize = normalize
        self._all_versions = True  # whether a check may ask about all versions at once
        self.notes: set[str] = set()  # what a reader of the report should know of the server

    @property
    def name(self) -> str:
        """The registry for people: its first address."""
        return self.transport.access.urls[0]

    # reading

    def subjects(self, prefix: str = "", deleted: bool = False) -> list[str]:
        """The names of all subjects that begin with a prefix, in order."""
        query = {"deleted": "true"} if deleted else {}
        if prefix:
            query["subjectPrefix"] = prefix
        reply = self._send("GET", "/subjects", query)
        # AxonOps writes an empty list as null.
        names = [] if reply.status == 200 and reply.null else self._checked(reply, list)
        if not all(isinstance(name, str) for name in names):
            raise self._strange("GET /subjects", "a list of names")
        return sorted(name for name in names if name.startswith(prefix))

    def versions(self, subject: str, deleted: bool = False) -> list[int]:
        """The version numbers of a subject, in order; none if it is not known."""
        path = f"/subjects/{_quoted(subject)}/versions"
        try:
            found = self._get(path, {"deleted": "true"} if deleted else {}, list)
        except NotFound as error:
            if error.code in (UNKNOWN_SUBJECT, 40404):
                return []
            raise
        if not all(isinstance(number, int) and not isinstance(number, bool) and number > 0 for number in found):
            raise self._strange(f"GET {path}", "version numbers")
        return sorted(found)

    def latest(self, subject: str) -> Registered | None:
        """The newest version that is not deleted; None if the subject is not known."""
        try:
            return self._version(subject, "latest", {})
        except NotFound as error:
            # A subject whose last version was deleted has no latest one.
            if error.code in (UNKNOWN_SUBJECT, UNKNOWN_VERSION, 40404):
                return None
            raise

    def version(self, subject: str, number: int, deleted: bool = True) -> Registered:
        """One version; deleted ones are there for those that still rest on them."""
        found = self._version(subject, str(number), {"deleted": "true"} if deleted else {})
        if found.version != number:
            raise self._strange(f"version {number} of {subject}", f"version {number}, not {found.version}")
        return found

    def _version(self, subject: str, number: str, query: Mapping[str, str]) -> Registered:
        path = f"/subjects/{_quoted(subject)}/versions/{number}"
        return self._registered(f"GET {path}", self._get(path, query, dict), subject)

    def everything(self, prefix: str = "", deleted: bool = False) -> Iterator[Registered]:
        """All versions of all subjects, page by page. Raises EndpointMissing where a server has no such list."""
        seen: set[tuple[str, int]] = set()
        for page in range(_MAX_PAGES):
            query = {"offset": str(page * _PAGE), "limit": str(_PAGE), **({"deleted": "true"} if deleted else {})}
            found = self._get("/schemas", {**query, **({"subjectPrefix": prefix} if prefix else {})}, list)
            fresh = 0
            for one in found:
                subject = one.get("subject") if isinstance(one, dict) else None
                if not isinstance(subject, str):
                    raise self._strange("GET /schemas", "a list of schemas")
                registered = self._registered("GET /schemas", one, subject)
                if (subject, registered.version) not in seen:
                    seen.add((subject, registered.version))
                    fresh += 1
                    yield registered
            if not fresh:  # the end, or a server that does not know pages
                return

    def lookup(self, proposal: Proposal) -> Registered | None:
        """The version that holds this very schema; None if no version of the subject does."""
        path = f"/subjects/{_quoted(proposal.subject)}"
        try:
            answer = self._checked(self._send("POST", path, self._normalized(), proposal.body), dict)
        except NotFound as error:
            if error.code in (UNKNOWN_SUBJECT, UNKNOWN_SCHEMA, 40404):
                return None
            raise
        # Some servers leave out what was sent.
        return self._registered(f"POST {path}", {**_sent(proposal), **answer}, proposal.subject)

    def config(self, subject: str) -> Config:
        """What the registry's check goes by for a subject, wherever it is set."""
        try:
            return self._config(self._get(f"/config/{_quoted(subject)}", {"defaultToGlobal": "true"}, dict))
        except NotFound as error:
            if error.code in (NO_LEVEL, UNKNOWN_SUBJECT):
                return self.global_config()
            raise

    def global_config(self) -> Config:
        """What holds where a subject sets nothing."""
        return self._config(self._get("/config", {}, dict))

    def _config(self, answer: Mapping[str, Any]) -> Config:
        word = answer.get("compatibilityLevel", answer.get("compatibility"))
        try:
            level = None if word is None else Mode.parse(str(word))
        except UsageError:
            shown = self.transport.redact(str(word))[:40]
            raise self._strange("the level", f'a level, not "{shown}"') from None
        return Config(
            level,
            _text(answer, "compatibilityGroup"),
            _text(answer, "compatibilityPolicy"),
            _text(answer, "alias"),
            answer.get("normalize") if isinstance(answer.get("normalize"), bool) else None,
        )

    def mode(self, subject: str) -> str | None:
        """READWRITE and so on; None where the server has no modes."""
        path = f"/mode/{_quoted(subject)}"
        try:
            reply = self._send("GET", path, {"defaultToGlobal": "true"})
            answer = None if reply.status == 204 else self._checked(reply, dict)
        except EndpointMissing:
            return None
        except NotFound as error:
            if error.code not in (NO_MODE, UNKNOWN_SUBJECT):
                raise
            answer = self._get("/mode", {}, dict)
        mode = answer.get("mode") if answer is not None else None
        if answer is not None and not isinstance(mode, str):
            raise self._strange(f"GET {path}", "a mode")
        return mode

    # what the registry says of a schema

    def check(self, proposal: Proposal, level: Mode) -> RegistryView:
        """Whether the registry would register a schema in a subject that it knows.

        The verdict is `is_compatible` and nothing else. Servers without the question about all versions, or that do not
        let us ask it, are asked about each version that the level looks at.
        """
        if self._all_versions:
            try:
                return self._asked(proposal, None)
            except (EndpointMissing, NotFound):
                self._all_versions = False
            except RegistryError as error:
                if error.status != 403:
                    raise
                self._all_versions = False
        self.notes.add("it was asked about each version by itself: it does not answer for all of them at once")
        numbers = self.versions(proposal.subject)
        if not numbers:
            return RegistryView(Opinion.UNKNOWN, ("the subject is not known any more",))
        if not level.directions:
            return RegistryView(Opinion.ACCEPTS)
        for number in reversed(numbers) if level.transitive else [max(numbers)]:
            view = self._asked(proposal, number)
            if view.verdict != Opinion.ACCEPTS:
                return view
        return RegistryView(Opinion.ACCEPTS)

    def _asked(self, proposal: Proposal, number: int | None) -> RegistryView:
        path = f"/compatibility/subjects/{_quoted(proposal.subject)}/versions{'' if number is None else f'/{number}'}"
        reply = self._send("POST", path, {"verbose": "true", **self._normalized()}, proposal.body)
        if reply.status == 422 and reply.code in (INVALID, 422):
            return RegistryView(Opinion.REJECTS, tuple(filter(None, [reply.words or "it is no valid schema"])))
        answer = self._checked(reply, dict)
        verdict = answer.get("is_compatible")
        if not isinstance(verdict, bool):
            raise self._strange(f"POST {path}", "is_compatible, true or false")
        messages = answer.get("messages")
        said = [messages] if isinstance(messages, str) else messages if isinstance(messages, list) else []
        texts = tuple(self.transport.redact(str(text))[:300] for text in said[:_MAX_MESSAGES])
        return RegistryView(Opinion.ACCEPTS if verdict else Opinion.REJECTS, () if verdict else texts)

    # writing

    def register(self, proposal: Proposal) -> None:
        """Registers a schema; it must be read back. Raises RegistryError with status 409 if it is not compatible."""
        path = f"/subjects/{_quoted(proposal.subject)}/versions"
        self._checked(self._send("POST", path, self._normalized(), proposal.body, _REGISTER), dict)

    def set_config(self, subject: str, config: Config) -> None:
        """Sets the level of a subject, always with the level itself: a config without one would reset it."""
        body: dict[str, Any] = {"compatibility": str(config.effective)}
        if config.group is not None:
            body["compatibilityGroup"] = config.group
        self._checked(self._send("PUT", f"/config/{_quoted(subject)}", {}, body, _REGISTER), dict)

    # answers

    def _normalized(self) -> dict[str, str]:
        return {"normalize": "true"} if self.normalize else {}

    def _get(self, path: str, query: Mapping[str, str], kind: type[_T]) -> _T:
        return self._checked(self._send("GET", path, query), kind)

    def _send(
        self, method: str, path: str, query: Mapping[str, str], body: Any = None, timeout: float | None = None
    ) -> Reply:
        return self.transport.send(method, path, query, body, timeout)

    def _checked(self, reply: Reply, kind: type[_T]) -> _T:
        """The value of an answer that is one; raises for all others."""
        if reply.status < 300:
            if not isinstance(reply.value, kind):
                raise self._strange(reply.request, f"a JSON {'object' if kind is dict else 'list'}")
            return reply.value
        said = f": {reply.words}" if reply.words else ""
        message = f"{reply.request} answered {reply.status}{f' ({reply.code})' if reply.code else ''}{said}"
        if reply.status == 404 and reply.code in _KNOWN_CODES:
            raise NotFound(message, "the registry knows no such thing", reply.status, reply.code)
        if reply.status in (404, 405):
            hint = "is this the base address of the registry, with its path if it has one"
            raise EndpointMissing(message, hint, reply.status, reply.code)
        hints = {403: "the credentials do not allow it", 409: "the registry finds it incompatible"}
        raise RegistryError(message, hints.get(reply.status, "see the registry's own log"), reply.status, reply.code)

    def _strange(self, request: str, expected: str) -> RegistryError:
        return RegistryError(f"{request} at {self.name} did not answer with {expected}", "is it a schema registry")

    def _registered(self, request: str, answer: Mapping[str, Any], subject: str) -> Registered:
        number, text = answer.get("version"), answer.get("schema")
        kind = answer.get("schemaType") or "AVRO"
        if not isinstance(number, int) or isinstance(number, bool) or number < 1 or not isinstance(text, str):
            raise self._strange(request, "a version and its schema")
        if not isinstance(kind, str):
            raise self._strange(request, "a schema type")
        identifier = answer.get("id")
        return Registered(
            subject=subject,
            version=number,
            id=identifier if isinstance(identifier, int) else None,
            type=kind,
            text=text,
            references=self._references(request, answer.get("references") or ()),
            properties=_properties(answer.get("metadata")),
        )

    def _references(self, request: str, found: Sequence[Any]) -> tuple[Reference, ...]:
        if not isinstance(found, Sequence) or isinstance(found, str):
            raise self._strange(request, "a list of references")
        references = []
        for one in found:
            values = [one.get(key) for key in ("name", "subject", "version")] if isinstance(one, dict) else []
            if [type(value) for value in values] != [str, str, int]:
                raise self._strange(request, "references with name, subject and version")
            references.append(Reference(*cast(tuple[str, str, int], tuple(values))))
        return tuple(references)


def _sent(proposal: Proposal) -> dict[str, Any]:
    return {key: value for key, value in proposal.body.items() if key in ("schema", "schemaType", "references")}


def _properties(metadata: Any) -> dict[str, str]:
    """The properties that people set; a server's own begin with `confluent:`."""
    found = metadata.get("properties") if isinstance(metadata, dict) else None
    if not isinstance(found, dict):
        return {}
    return {str(key): str(value) for key, value in found.items() if not str(key).startswith("confluent:")}


def _text(answer: Mapping[str, Any], key: str) -> str | None:
    value = answer.get(key)
    return value if isinstance(value, str) and value else None


def _quoted(subject: str) -> str:
    """A subject as part of a path. Raises RegistryError for one that no address can hold."""
    try:
        if subject in ("", ".", ".."):
            raise ValueError
        return quote(subject, safe="")
    except ValueError:  # half of a surrogate pair, which a JSON text may hold, too
        raise RegistryError(f'"{subject}" cannot be a subject', "correct the name") from None
