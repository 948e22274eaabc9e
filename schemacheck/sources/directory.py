"""A directory without git: one state, no history."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from schemacheck.errors import NotChecked
from schemacheck.model import Problem
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
    def _listed(self) -> tuple[dict[str, str], dict[str, Problem]]:
        files: dict[str, str] = {}
        problems: dict[str, Problem] = {}
        for path, entry in self._walk(""):
            if not self._select.known(path):
                continue
            if entry.is_symlink():
                problems[path] = Problem(
                    path, "it is a symbolic link", "put the file itself there", reason="unsupported"
                )
            elif entry.is_dir():
                problems[path] = Problem(path, "it is a folder", "a schema must be a file", reason="unsupported")
            elif entry.is_file():
                files[path] = content_id(self.read(path))
        return files, problems

    def _walk(self, below: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
        folders, seen = [below], 0
        while folders:
            here = folders.pop()
            with os.scandir(self._folder / here) as entries:
                for entry in sorted(entries, key=lambda entry: entry.name):
                    path = f"{here}/{entry.name}" if here else entry.name
                    seen += 1
                    if seen > MAX_FILES:
                        raise NotChecked(f'"{self.name}" holds more than {MAX_FILES} files', "name a smaller folder")
                    yield path, entry
                    if entry.is_dir(follow_symlinks=False) and entry.name != ".git":
                        folders.append(path)

    @property
    def all_files(self) -> Mapping[str, str]:
        return self._listed[0]

    @cached_property
    def files(self) -> Mapping[str, str]:
        return {path: oid for path, oid in self._listed[0].items() if self._select.judged(path)}

    @cached_property
    def problems(self) -> Mapping[str, Problem]:
        return {path: problem for path, problem in self._listed[1].items() if self._select.judged(path)}

    def read(self, path: str) -> bytes:
        if path not in self._contents:
            try:
                self._contents[path] = (self._folder / path).read_bytes()
            except OSError as error:
                words = (error.strerror or "unreadable").lower()
                raise NotChecked(f"it cannot be read: {words}", "check its permissions", reason="unreadable") from None
        return self._contents[path]
