"""Whether a new event version was needed: it is compared with the one before it, as if it were an edit of that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from schemacheck import policy as judgement
from schemacheck.config import EVOLVE, Policy
from schemacheck.events.rules import NEEDLESS_VERSION, report
from schemacheck.formats import format_of
from schemacheck.formats.text import read_text
from schemacheck.layout import Placed
from schemacheck.model import Level, Problem, Schema, Subject, Tree, Version
from schemacheck.pairing import State
from schemacheck.report import Finding
from schemacheck.schemas import Schemas, changes_between
from schemacheck.sources.tree import content_id


class _Instead:
    """A tree in which one file holds another text, and a second file is not there."""

    def __init__(self, tree: Tree, path: str, text: str, without: str) -> None:
        self.name = tree.name
        self.revision = tree.revision
        self.untracked = tree.untracked
        self.problems = tree.problems
        self._tree = tree
        self._path = path
        self._content = text.encode("utf-8", "surrogatepass")
        new = {path: content_id(self._content)}
        self.all_files = {p: oid for p, oid in tree.all_files.items() if p != without} | new
        self.files = {p: oid for p, oid in tree.files.items() if p != without} | new

    def read(self, path: str) -> bytes:
        return self._content if path == self._path else self._tree.read(path)


def needless(
    schemas: Schemas,
    tree: Tree,
    placed: Placed,
    published: Callable[[Subject], Iterable[State]],
    policy: Policy,
) -> Iterator[Finding]:
    """The finding on a new version that the published one before it could have become."""
    version = placed.subject.version
    if policy.policy_for(placed.path) != EVOLVE or not version.stable or version.number < 2 or placed.implicit:
        return
    before = Subject(placed.subject.event, Version(version.number - 1))
    state = next((s for s in published(before) if format_of(s.placed.path) == format_of(placed.path)), None)
    new = schemas.get(tree, placed, published=False)
    if state is None or isinstance(new, Sequence):
        return
    instead = _Instead(tree, state.placed.path, _as_version(tree, placed, new, before.version), placed.path)
    old = schemas.get(state.tree, state.placed, published=True)
    edited = schemas.get(instead, state.placed, published=False)
    if isinstance(old, Sequence) or isinstance(edited, Sequence):
        return
    mode = policy.mode_for(placed.path)
    for change in changes_between(old, edited, placed.path):
        loud = judgement.level_of(change, state.placed, policy) >= Level.WARNING
        if loud and change.breaks & mode.directions:
            return
    values = {"version": str(version), "old": str(before.version), "mode": str(mode)}
    hint = f"edit {state.placed.path} instead; if the meaning differs it is another event"
    yield from report(NEEDLESS_VERSION, policy, placed, values, hint=hint)


def _as_version(tree: Tree, placed: Placed, schema: Schema, version: Version) -> str:
    """A schema's text with another version wherever it says its own."""
    text = read_text(tree, placed.path)
    assert not isinstance(text, Problem)  # it was parsed
    own = re.compile(
        rf"(?<![A-Za-z0-9]){placed.subject.version}(?![A-Za-z0-9])|(?<=[a-z0-9])V{placed.subject.version.number}$"
    )
    for said in sorted({declared.text for declared in schema.declared}, key=len, reverse=True):
        other = own.sub(lambda match: f"{match[0][0]}{version.number}", said)
        text = re.sub(rf"(?<![A-Za-z0-9_]){re.escape(said)}(?![A-Za-z0-9_])", lambda _: other, text)  # noqa: B023
    return text
