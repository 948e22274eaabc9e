"""What the current side says about a version by itself: who it is, who else claims to be it, what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from schemacheck.config import Policy
from schemacheck.events import envelope, identity, rests
from schemacheck.formats import format_of
from schemacheck.layout import Placed
from schemacheck.model import Schema
from schemacheck.pairing import Facing, Pairing
from schemacheck.report import Finding
from schemacheck.schemas import Schemas, outline_of
from schemacheck.stewardship import Stewardship


class Itself:
    """Looks at the current side; at the published one only to see what is not new."""

    def __init__(self, pairing: Pairing, schemas: Schemas, stewards: Stewardship, everything: bool) -> None:
        self.pairing = pairing
        self.tree = pairing.tree
        self.layout = pairing.layout
        self.schemas = schemas
        self.stewards = stewards
        self.everything = everything
        self._claimed: dict[str, tuple[Sequence[str], Mapping[str, Sequence[str]]]] = {}

    def findings(self, facing: Facing, placed: Placed, schema: Schema, policy: Policy) -> Iterator[Finding]:
        """What the current side says about the version without looking at what changed in it."""
        yield from identity.placement(placed, policy, self.layout.wanted(placed.path))
        for finding in identity.identity(placed, schema, policy):
            yield self.schemas.with_place(finding, self.tree)
        if facing.twins and not facing.latest and self.pairing.first_of_its_kind(placed, facing.twins):
            yield from identity.duplicated(placed, str(facing.subject), [placed.path, *facing.twins], policy)
        for name, pointer in schema.names.items():
            if self._claimed_before(facing, name):
                continue
            claims, by_event = self._claims(name)
            shared = {path for path in by_event.get(facing.subject.event, ()) if self._may_share(placed, path)}
            if others := len(claims) - len(shared):
                named = islice((path for path in claims if path not in shared), identity.SHOWN - 1)
                files = [placed.path, *named]
                more = others + 1 - len(files)
                for finding in identity.duplicated(placed, f'"{name}"', files, policy, pointer, more):
                    yield self.schemas.with_place(finding, self.tree)
        yield from self._carries(facing, placed, schema, policy)
        yield from rests.rests(placed, self._newly_rests_on(facing, placed), self.layout, policy)

    def _carries(self, facing: Facing, placed: Placed, schema: Schema, policy: Policy) -> Iterator[Finding]:
        """What the event carries. A published one can be given no field that is always there, so it is not asked."""
        event = facing.subject.event
        if policy.shares(placed.path) or not (self.everything or event in self.stewards.touched):
            return
        said = self.stewards.now(event)
        if not policy.envelope and not policy.outbox and said.kind != "notification":
            return
        fields = outline_of(schema, placed.path)
        if fields is None:
            return
        found = [*envelope.light(placed, fields, said, policy)]
        if self.everything or not facing.latest:
            found += envelope.envelope(placed, fields, said, policy)
            found += envelope.outbox(placed, fields, said, policy)
        yield from (self.schemas.with_place(finding, self.tree) for finding in found)

    def _newly_rests_on(self, facing: Facing, placed: Placed) -> set[str]:
        """The files that a version rests on now and did not when it was published; all of them, if all is judged."""
        now = self.schemas.closure(self.tree, placed.path).keys() - {placed.path}
        if self.everything:
            return now
        return now.difference(*(self.schemas.closure(state.tree, state.placed.path) for state in facing.latest))

    def _claimed_before(self, facing: Facing, name: str) -> bool:
        """Whether the published version had this name already, so that nothing is new about it."""
        for state in facing.latest:
            old = self.schemas.get(state.tree, state.placed, published=True)
            if not isinstance(old, Sequence) and name in old.names:
                return True
        return False

    def _claims(self, name: str) -> tuple[Sequence[str], Mapping[str, Sequence[str]]]:
        """The files that define a full name, in order and by event: there may be as many as a stranger likes."""
        if name not in self._claimed:
            claims = sorted(self.schemas.claims(self.tree, name))
            by_event: dict[str, list[str]] = {}
            for path in claims:
                by_event.setdefault(self.layout.place(path).subject.event, []).append(path)
            self._claimed[name] = claims, by_event
        return self._claimed[name]

    def _may_share(self, placed: Placed, path: str) -> bool:
        """Whether another file may claim the same full name: itself, or an Avro version of the same event.

        Avro readers take the schema that the registry names, so parallel versions may keep one name. Protobuf
        descriptors of one name collide in every runtime.
        """
        other = self.layout.place(path).subject
        if path == placed.path or other == placed.subject:
            return True
        return other.event == placed.subject.event and format_of(path) == "avro"
