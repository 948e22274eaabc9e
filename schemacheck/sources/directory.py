"""A directory without git: one state, no history."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from schemacheck.errors import NotChecked
from schemacheck.model import Problem
from schemacheck.sources import disk
from schemacheck.sources.listing import Listing
from schemacheck.sources.select import Select
from schemacheck.sources.tree import content_id

MAX_FILES = 100_000


class DirectoryTree:
    """The plain files below a directory; symbolic links are not followed."""

    revision = None
    untracked = frozenset[str]()

    def __init__(self, folder: Path, select: Select) -> None:
        self.name = str(folder)
        self._folder = folder
        self._select = select
        self._contents: dict[str, bytes] = {}

    @cached_property
    def _listing(self) -> Listing:
        found = Listing(self._select)
        for path in self._walk():
            if not self._select.known(path) or found.named(os.fsencode(path)) is None:
                continue
            problem = disk.irregular(self._folder, path)
            if problem is not None:
                found.refuse(problem)
            else:
                found.files[path] = content_id(self._read(path))
        return found

    def _walk(self) -> Iterator[str]:
        folders, seen = [""], 0
        while folders:
            here = folders.pop()
            try:
                with os.scandir(self._folder / here) as opened:
                    entries = sorted(opened, key=lambda entry: entry.name)
            except OSError as error:
                words = (error.strerror or "unreadable").lower()
                raise NotChecked(f'"{self._folder / here}" cannot be read: {words}', "check its permissions") from None
            for entry in entries:
                path = f"{here}/{entry.name}" if here else entry.name
                seen += 1
                if seen > MAX_FILES:
                    raise NotChecked(f'"{self.name}" holds more than {MAX_FILES} files', "name a smaller folder")
                yield path
                if entry.is_dir(follow_symlinks=False) and entry.name != ".git":
                    folders.append(path)

    @property
    def all_files(self) -> Mapping[str, str]:
        return self._listing.files

    @cached_property
    def files(self) -> Mapping[str, str]:
        return self._select.filtered(self.all_files)

    @cached_property
    def problems(self) -> Mapping[str, Problem]:
        return self._listing.judged(lambda _path, oid: oid)

    def read(self, path: str) -> bytes:
        if path not in self.all_files:
            raise KeyError(path)
        return self._read(path)

    def _read(self, path: str) -> bytes:
        if path not in self._contents:
            self._contents[path] = disk.read(self._folder, path)
        return self._contents[path]
