"""What git lists, as files and as what cannot be read as a file: symbolic links, submodules, folders, conflicts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import PurePosixPath

from schemacheck.formats import is_schema
from schemacheck.model import Problem
from schemacheck.sources.select import Select

_DOTTED = re.compile(r"(?:^|/)(?:\.\.?|\.git)?(?:/|$)")  # parts that no checkout makes, though an object may hold them
_ASTRAY = tuple(start + part + b"/" for start in (b"/", b"\t") for part in (b"", b".", b"..", b".git"))  # in an output
SYMLINK, SUBMODULE, ABSENT = "120000", "160000", "000000"
_PLAIN = ("100644", "100755")


class Listing:
    """Files by content id, and what is none: `odd` holds mode and id of symbolic links and submodules."""

    def __init__(self, select: Select) -> None:
        self.select = select
        self.files: dict[str, str] = {}
        self.odd: dict[str, tuple[str, str]] = {}
        self.problems: dict[str, Problem] = {}
        self._folders = tuple(f"{suffix}/".encode() for suffix in select.suffixes)
        self._suspect = True  # whether some path may hold such a folder

    @cached_property
    def schemas(self) -> Mapping[str, str]:
        """Of the files, the schemas to judge. To be asked for when nothing is filed any more."""
        return self.select.filtered(self.files)

    def copy(self) -> Listing:
        """The same entries, to be changed."""
        other = Listing(self.select)
        other.files, other.odd, other.problems = dict(self.files), dict(self.odd), dict(self.problems)
        return other

    def take(self, output: bytes, plain: tuple[str, ...], end: str) -> Iterator[bytes]:
        """Files what are plainly schemas in git's output, and gives the other entries that matter.

        An entry is plain if it begins as one of `plain`, all of one length, then names its blob, and ends with `end`
        before the path. A repository may hold very many.
        """
        text = _decoded(output)
        if text is None or any(name in output for name in (*self._folders, *_ASTRAY)):
            yield from self._lines(output)
            return
        self._suspect = False
        endings, suffixes, files = self.select.endings, self.select.suffixes, self.files
        skip = len(plain[0])
        for line in text.split("\0"):
            if not line.endswith(endings):
                if "160000 " in line[:9]:
                    yield line.encode()
                continue
            head, _, path = line.partition("\t")
            if head.startswith(plain) and head.endswith(end) and path.endswith(suffixes):
                files[path] = head[skip : -len(end) or None]
            else:
                yield line.encode()

    def _lines(self, output: bytes) -> Iterator[bytes]:
        """The entries that matter, as bytes: not all are text, or some hold a folder that is named like a schema."""
        endings = tuple([ending.encode() for ending in self.select.endings])
        folders = [name for name in self._folders if name in output]
        self._suspect = bool(folders)
        for line in output.split(b"\0"):
            if line.endswith(endings) or b"160000 " in line[:9] or any(name in line for name in folders):
                yield line

    def add(self, path: bytes, mode: str, oid: str) -> str | None:
        """Files an entry. Its path as text, or None if it is none or does not matter."""
        name = self.named(path)
        if name is None:
            if mode == SUBMODULE:  # of which no file would tell
                self.odd[readable(path)] = mode, oid
            return None
        if mode == SUBMODULE or (mode == SYMLINK and self.select.known(name)):
            self.odd[name] = mode, oid
        elif self.select.known(name):
            self.files[name] = oid
        else:
            return None
        return name

    def named(self, path: bytes) -> str | None:
        """A path as text; None, and a problem, if it is none. Folders named like a schema are found on the way."""
        if self._suspect and any(name in path for name in self._folders):
            for parent in map(str, PurePosixPath(readable(path)).parents):
                if is_schema(parent):
                    self.problems[parent] = folder(parent)
        try:
            name = path.decode("utf-8")
        except UnicodeDecodeError:
            self.problems[readable(path)] = unnamed(readable(path))
            return None
        if _DOTTED.search(name):
            self.problems[name] = astray(name)
            return None
        return name

    def refuse(self, problem: Problem) -> None:
        """Replaces a file by the reason why it is none."""
        assert problem.file is not None
        self.drop(problem.file)
        self.problems[problem.file] = problem

    def drop(self, path: str) -> None:
        """Forgets a path."""
        self.files.pop(path, None)
        self.odd.pop(path, None)

    def judged(self, target: Callable[[str, str], str]) -> dict[str, Problem]:
        """The problems that concern the schemas to judge. `target` says where a symbolic link points."""
        found = {path: problem for path, problem in self.problems.items() if self.select.judged(path)}
        for path, (mode, oid) in self.odd.items():
            if mode == SUBMODULE and self.select.overlaps(path):
                found[path] = submodule(path, oid)
            elif mode == SYMLINK and self.select.judged(path):
                found[path] = symlink(path, target(path, oid))
        return found


def of_commit(output: bytes, select: Select) -> Listing:
    """What `git ls-tree -r -z` prints: `mode type id TAB path`."""
    listing = Listing(select)
    for line in listing.take(output, tuple([f"{mode} blob " for mode in _PLAIN]), ""):
        head, _, path = line.partition(b"\t")
        mode, _, oid = head.decode("ascii").split(" ")
        listing.add(path, mode, oid)
    return listing


def of_index(output: bytes, select: Select, differing: Callable[[str, bytes], None]) -> Listing:
    """What `git ls-files -t -s -z` prints: `tag mode id stage TAB path`.

    `differing` is told what is not on the disk as it is in the index: R removed, C changed.
    """
    listing = Listing(select)
    for line in listing.take(output, tuple([f"{tag} {mode} " for tag in "HS" for mode in _PLAIN]), " 0"):
        head, _, path = line.partition(b"\t")
        tag, mode, oid, stage = head.decode("ascii").split(" ")
        if tag in ("R", "C"):
            differing(tag, path)
            continue
        name = listing.add(path, mode, oid)
        if stage != "0" and name is not None:
            listing.refuse(conflict(name))
    return listing


def of_difference(output: bytes, index: Listing) -> Listing:
    """The other side of what `git diff-index --cached --raw -z` prints, `:mode mode id id status NUL path NUL`.

    The index itself if nothing differs.
    """
    if not output:
        return index
    found = index.copy()
    tokens = iter(output.split(b"\0"))
    for head in tokens:
        if not head:
            break
        path = next(tokens)
        mode, _, oid, _, _ = head[1:].decode("ascii").split(" ")
        name = found.named(path)
        if name is None:
            break
        found.drop(name)
        if mode != ABSENT:
            found.add(path, mode, oid)
    return found


def _decoded(output: bytes) -> str | None:
    try:
        return output.decode("utf-8")
    except UnicodeDecodeError:
        return None


def readable(path: bytes) -> str:
    """A path for people, whatever its bytes are."""
    return path.decode("utf-8", "backslashreplace")


def symlink(path: str, target: str) -> Problem:
    message = f'it is a symbolic link to "{target}"'
    return Problem(path, message, "put the file itself there, or exclude it", reason="unsupported")


def submodule(path: str, commit: str) -> Problem:
    message = f"it is a submodule, at {commit[:12]}, and its files are elsewhere"
    return Problem(path, message, "run schemacheck inside it, or exclude it", reason="unsupported")


def folder(path: str) -> Problem:
    return Problem(path, "it is a folder", "a schema must be a file; rename the folder", reason="unsupported")


def conflict(path: str) -> Problem:
    return Problem(path, "it has an unresolved merge conflict", "resolve it, then git add it")


def unnamed(path: str) -> Problem:
    return Problem(path, "its name is not UTF-8", "rename the file", reason="unsupported")


def astray(path: str) -> Problem:
    return Problem(path, "no checkout can hold its path", "run git fsck, and rename it", reason="unsupported")


def no_file(path: str) -> Problem:
    return Problem(path, "it is no plain file", "a schema must be a file", reason="unsupported")


def below_link(path: str) -> Problem:
    return Problem(path, "it stands below a symbolic link", "put the files themselves there", reason="unsupported")
