"""A tree that is not git: files held in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from schemacheck.model import Problem


def content_id(content: bytes) -> str:
    """The id that git gives to this content as a blob."""
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()


class MemoryTree:
    """Files held in memory."""

    revision = None

    def __init__(self, name: str, contents: Mapping[str, bytes], problems: Mapping[str, Problem] | None = None) -> None:
        self.name = name
        self._contents = contents
        self.files: Mapping[str, str] = {path: content_id(content) for path, content in contents.items()}
        self.problems: Mapping[str, Problem] = problems or {}

    def read(self, path: str) -> bytes:
        return self._contents[path]
