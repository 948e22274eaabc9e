"""Registered versions with all they rest on, as trees whose paths are those of the judged side."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from schemacheck.model import Tree
from schemacheck.registry.client import FORMATS, Client, Reference, Registered
from schemacheck.registry.errors import RegistryError
from schemacheck.registry.local import Local, Locals
from schemacheck.registry.parallel import Once
from schemacheck.sources.tree import MemoryTree

_MAX_REFERENCES = 1000
_SUFFIXES = {"AVRO": ".avsc", "PROTOBUF": ".proto", "JSON": ".schema.json"}


@dataclass(frozen=True, slots=True)
class Closure:
    """A registered version, its path, and every file that it needs: path to text."""

    registered: Registered
    path: str
    texts: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)  # of the files that it rests on: what others call them

    def tree(self) -> Tree:
        contents = {path: text.encode("utf-8", "surrogatepass") for path, text in self.texts.items()}
        return MemoryTree(self.registered.name, contents, judged={self.path}, names=self.names)

    def content_id(self) -> str:
        """Of the text and all it rests on."""
        parts = json.dumps(sorted(self.texts.items()))
        return f"registry-{hashlib.sha256(parts.encode('utf-8', 'surrogatepass')).hexdigest()}"


class Closures:
    """Fetches what registered versions refer to, each once."""

    def __init__(self, client: Client, locals_: Locals) -> None:
        self._client = client
        self._locals = locals_
        self.forget()

    def forget(self) -> None:
        """Drops what was fetched: there may be many versions."""
        self._version: Once[tuple[str, int], Registered] = Once(lambda key: self._client.version(*key))

    def know(self, registered: Registered) -> None:
        """Saves the question for a version that was heard of already."""
        self._version.tell((registered.subject, registered.version), registered)

    def version(self, subject: str, number: int) -> Registered:
        return self._version((subject, number))

    def of(self, local: Local, registered: Registered) -> Closure:
        """A version of a file's subject. Raises RegistryError where a reference leads nowhere, or to two versions."""
        path = local.path
        if registered.type != local.type:
            if registered.type not in FORMATS:
                raise RegistryError(f"{registered.name} is of the type {registered.type[:40]}, which is not known")
            path = f"{path.rpartition('.')[0]}{_SUFFIXES[registered.type]}"
        names = self._locals.names(local.path)
        texts = {path: self._same(local.path, registered.text) if path == local.path else registered.text}
        bound: dict[str, Reference] = {}
        places: dict[str, str] = {}
        todo = [(reference, path) for reference in registered.references]
        while todo:
            reference, user = todo.pop()
            known = bound.get(reference.name)
            if known is not None:
                if known != reference:
                    both = f"{known.subject}/{known.version} and {reference.subject}/{reference.version}"
                    raise RegistryError(f'{registered.name} binds "{reference.name}" twice: {both}', "register it anew")
                continue
            bound[reference.name] = reference
            if len(bound) > _MAX_REFERENCES:
                raise RegistryError(f"{registered.name} rests on more than {_MAX_REFERENCES} schemas")
            target = self.version(reference.subject, reference.version)
            place = names.get(reference.name)
            if place is None or place in texts:
                place = self._place(reference, target.type, user, bound, places)
            places[reference.name] = place
            texts[place] = self._same(place, target.text)
            todo.extend((further, place) for further in target.references)
        return Closure(registered, path, texts, places if registered.type == "JSON" else {})

    def _place(
        self, reference: Reference, type_: str, user: str, bound: Mapping[str, Reference], places: Mapping[str, str]
    ) -> str:
        """Where a version stands whose place is no local file's; a JSON Schema that has another name stands there."""
        for name, other in bound.items():
            same = (other.subject, other.version) == (reference.subject, reference.version)
            if same and name in places and type_ == "JSON":
                return places[name]
        return self._locals.place(reference.name, type_, user)

    def _same(self, path: str, text: str) -> str:
        """A registered text, or the local one if the two differ in nothing that a parser keeps."""
        local = self._locals.by_path.get(path)
        return local.text if local is not None and alike(local.type, local.text, text) else text


def alike(kind: str, one: str, other: str) -> bool:
    """Whether two texts are one schema: for JSON apart from blanks and the order of keys, else apart from line ends."""
    if one == other:
        return True
    if kind == "PROTOBUF":
        return [line.rstrip() for line in one.strip().splitlines()] == [
            line.rstrip() for line in other.strip().splitlines()
        ]
    try:
        return _sorted(one) == _sorted(other)
    except (ValueError, RecursionError):
        return False


def _sorted(text: str) -> str:
    return json.dumps(json.loads(text), sort_keys=True)
