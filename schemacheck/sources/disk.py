"""Plain files on the disk, read without ever following a symbolic link below the top."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from schemacheck.errors import NotChecked
from schemacheck.model import Problem
from schemacheck.sources import listing

MAX_FILE = 100_000_000
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FLAGS = os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_BY_FOLDER = os.open in os.supports_dir_fd and bool(_NO_FOLLOW)


def irregular(root: Path, path: str) -> Problem | None:
    """Why a path below the top is no plain file. None also if nothing stands there."""
    for parent in reversed(Path(path).parents[:-1]):
        if (root / parent).is_symlink():
            return listing.below_link(path)
    try:
        mode = (root / path).lstat().st_mode
    except OSError:
        return None
    if stat.S_ISLNK(mode):
        return listing.symlink(path, str((root / path).readlink()))
    if stat.S_ISDIR(mode):
        return listing.folder(path)
    return None if stat.S_ISREG(mode) else listing.no_file(path)


def read(root: Path, path: str) -> bytes:
    """The content of a plain file below the top; raises NotChecked for anything else."""
    try:
        handle = _open_by_folder(root, path) if _BY_FOLDER else _open_checked(root, path)
    except OSError as error:
        raise _unreadable((error.strerror or "unreadable").lower()) from None
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise _unreadable("it is no plain file")
        if about.st_size > MAX_FILE:
            raise _unreadable(f"it has {about.st_size} bytes")
        try:
            return file.read(MAX_FILE)
        except OSError as error:
            raise _unreadable((error.strerror or "unreadable").lower()) from None


def _open_by_folder(root: Path, path: str) -> int:
    """Opens folder by folder, so that no link that appears meanwhile leads elsewhere."""
    *folders, name = path.split("/")
    here = os.open(root, os.O_RDONLY)
    try:
        for part in folders:
            below = os.open(part, os.O_RDONLY | _NO_FOLLOW | os.O_DIRECTORY, dir_fd=here)
            os.close(here)
            here = below
        return os.open(name, _FLAGS, dir_fd=here)
    finally:
        os.close(here)


def _open_checked(root: Path, path: str) -> int:
    """Where folders cannot be opened: looks at each first."""
    if irregular(root, path) is not None:
        raise OSError(0, "it is no plain file")
    return os.open(root / path, _FLAGS)


def _unreadable(words: str) -> NotChecked:
    return NotChecked(f"it cannot be read: {words}", "check the file and its permissions", reason="unreadable")
