"""What the `event.toml` files of one tree say, read when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from schemacheck.errors import UsageError
from schemacheck.events import metadata
from schemacheck.events.metadata import Metadata
from schemacheck.layout import METADATA, Layout
from schemacheck.model import Tree

MAX_BYTES = 1_000_000


def settings_text(tree: Tree, path: str) -> str:
    """A file of settings; raises UsageError for what is no text. The path must be one of the tree's."""
    raw = tree.read(path)
    if len(raw) > MAX_BYTES:
        raise UsageError(f"{path}: more than {MAX_BYTES} bytes", "settings are small")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: it is not UTF-8", "save it as UTF-8 text") from None


class Register:
    """What is said about the events of a tree. A published one is read leniently: what is wrong was never obeyed."""

    def __init__(self, tree: Tree, layout: Layout, published: bool) -> None:
        self.tree = tree
        self._layout = layout
        self._published = published
        self._read: dict[str, Metadata] = {}

    @cached_property
    def paths(self) -> Mapping[str, str]:
        """Event to the path of its file."""
        found = sorted([path for path in self.tree.all_files if path.endswith(METADATA)])
        return {self._layout.event_of(path): path for path in found if path.rpartition("/")[2] == METADATA}

    def of(self, event: str) -> Metadata:
        """What is said about an event; raises UsageError where the current side is wrong."""
        if event not in self._read:
            path = self.paths.get(event)
            self._read[event] = Metadata() if path is None else self._parsed(path)
        return self._read[event]

    def _parsed(self, path: str) -> Metadata:
        if not self._published:
            return metadata.parse(settings_text(self.tree, path), path)
        try:
            return metadata.published(settings_text(self.tree, path), path)
        except UsageError:
            return Metadata(path)

    def content(self, event: str) -> str | None:
        """The content id of an event's file; None if there is none."""
        path = self.paths.get(event)
        return None if path is None else self.tree.all_files[path]
