"""The cases: before and after as data, from `tests/cases` and from the example in every rule's page.

A case is a folder `tests/cases/<format>/<rule>/<case>/` with `before.<ext>` and `after.<ext>`, or two folders
`before/` and `after/` for more than one file, and a `case.toml`:

    changes = ["avro/field-added OrderPlaced.total"]   # rule and where, in order; after against before
    event = "order.avsc"                               # the file that is judged, if a side has several
    mirror = false                                     # the reversed edit is not the list of the mirrors…
    reason = "why"                                     # …and why

Cases of the `event` rules are folders whose `case.toml` lists `findings` instead; see test_event_cases.py.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemacheck import docs, formats
from schemacheck.model import Change, Document, Schema, Subject, Version
from schemacheck.sources.tree import MemoryTree

ROOT = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """One edit. `expected` is None for a page's example, which need only report its own rule."""

    id: str
    rule: str
    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    event: str
    expected: tuple[str, ...] | None = None
    mirror: bool = True
    reason: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def format(self) -> str:
        return self.rule.partition("/")[0]

    def diff(self, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> list[Change]:
        """What the format finds between two sides."""
        return list(formats.load(self.format).diff(self.parse(old, "old"), self.parse(new, "new")))

    def parse(self, side: Mapping[str, bytes], name: str) -> Schema:
        """The event's schema on one side; fails with the problems if there are any."""
        document = Document(Subject("event", Version(1)), self.format, self.event, MemoryTree(name, side))
        workspace = formats.load(self.format).open(document.tree, self.options)
        schema = workspace.parse([document], published=False)[self.event]
        assert not isinstance(schema, list | tuple), schema
        return schema


def folders(kind: str) -> Iterator[Path]:
    """The case folders of a format."""
    yield from sorted(path.parent for path in (ROOT / kind).glob("*/*/case.toml"))


def side(folder: Path, name: str) -> dict[str, bytes]:
    """The files of one side of a case folder: path to content."""
    if (folder / name).is_dir():
        return {
            path.relative_to(folder / name).as_posix(): path.read_bytes()
            for path in sorted((folder / name).rglob("*"))
            if path.is_file()
        }
    (single,) = folder.glob(f"{name}.*")
    return {f"event{single.name.removeprefix(name)}": single.read_bytes()}


def from_folders(kind: str) -> Iterator[Case]:
    """Every case folder of a format."""
    for folder in folders(kind):
        data = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
        before, after = side(folder, "before"), side(folder, "after")
        yield Case(
            id=folder.relative_to(ROOT).as_posix(),
            rule=f"{kind}/{folder.parent.name}",
            before=before,
            after=after,
            event=data.get("event") or next(iter(after)),
            expected=tuple(data["changes"]),
            mirror=data.get("mirror", True),
            reason=data.get("reason", ""),
            options=data.get("options", {}),
        )


def from_pages(kind: str) -> Iterator[Case]:
    """The example of every rule page of a format; its judged file is the first of `after`."""
    for rule in formats.load(kind).rules:
        page = docs.page(rule.id)
        yield Case(
            id=f"page {rule.id}",
            rule=rule.id,
            before={path: text.encode() for path, text in page.before.items()},
            after={path: text.encode() for path, text in page.after.items()},
            event=next(iter(page.after)),
            options=tomllib.loads(page.config).get(kind.replace("-", "_"), {}),
        )


def listed(changes: list[Change]) -> tuple[str, ...]:
    """Changes as a case.toml writes them."""
    return tuple(f"{change.rule.id} {change.where}".strip() for change in changes)
