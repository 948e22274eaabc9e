"""Trees of git as strangers make them: names, modes, links, pointers, collisions, written as real git objects."""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from fuzz_invariants import report_is_sound
from fuzz_seeds import NEXT, SIDES

from schemacheck.errors import SchemacheckError
from schemacheck.formats import format_of
from schemacheck.session import Session
from schemacheck.sources import listing
from schemacheck.sources.select import Select

MODES = (b"100644", b"100755", b"120000", b"160000", b"40000", b"100664")
ROOT = "schemas"


class Entry(NamedTuple):
    """One file of a tree."""

    mode: bytes
    path: bytes
    content: bytes


def entries(side: bytes) -> list[Entry]:
    """The files that a part of an input means; whatever it holds, it means some."""
    found = []
    for part in side.split(NEXT):
        head, _, content = part.partition(b"\0")
        mode, _, path = head.partition(b" ")
        found.append(Entry(mode if mode in MODES else b"100644", path[:300], content))
    return found


# names alone


def names(data: bytes) -> None:
    """What git lists is either a file, or something about which a word is said; nothing that is judged is lost."""
    side = [one for one in entries(data.replace(SIDES, NEXT)) if one.path and one.mode != b"40000"]
    select = Select((ROOT,), ())
    output = b"".join(
        b"%b %b %b\t%b\0" % (one.mode, b"commit" if one.mode == b"160000" else b"blob", b"1" * 40, one.path)
        for one in side
    )
    found = listing.of_commit(output, select)
    problems = found.judged(lambda _path, oid: oid)
    for one in side:
        readable = listing.readable(one.path)
        if one.mode == b"160000":
            assert one.path.endswith(b"\0") or not select.overlaps(readable) or _told(readable, problems)
        elif format_of(readable) and select.judged(readable):
            assert readable in found.files or _told(readable, problems), readable
    for path in found.files:
        path.encode("utf-8")


def _told(path: str, problems: dict[str, object]) -> bool:
    """Whether something is said about a path, or about a folder around it."""
    parts = path.split("/")
    return any("/".join(parts[:length]) in problems for length in range(1, len(parts) + 1))


# real objects


class _Store:
    """A repository into which objects are written, whatever git itself would think of them."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="schemacheck-trees-"))
        self.owner = os.getpid()
        atexit.register(self.remove)
        subprocess.run(["git", "init", "-q", "-b", "main", str(self.path)], check=True, capture_output=True)
        self.objects = self.path / ".git" / "objects"
        (self.path / ROOT).mkdir()

    def remove(self) -> None:
        if os.getpid() == self.owner:
            shutil.rmtree(self.path, ignore_errors=True)

    def write(self, kind: bytes, content: bytes) -> str:
        """The id of an object that is now there."""
        raw = b"%b %d\0%b" % (kind, len(content), content)
        oid = hashlib.sha1(raw, usedforsecurity=False).hexdigest()
        place = self.objects / oid[:2] / oid[2:]
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(zlib.compress(raw, 1))
        return oid

    def tree(self, side: Sequence[Entry]) -> str:
        """A tree of these files, in git's order; names that are there twice stay so."""
        here: list[tuple[bytes, bytes, str]] = []
        below: dict[bytes, list[Entry]] = {}
        for one in side:
            first, slash, rest = one.path.partition(b"/")
            if slash:
                below.setdefault(first, []).append(one._replace(path=rest))
            else:
                here.append((first, *self._leaf(one)))
        here += [(name, b"40000", self.tree(inner)) for name, inner in below.items()]
        here.sort(key=lambda entry: entry[0] + b"/" * (entry[1] == b"40000"))
        return self.write(
            b"tree", b"".join(b"%b %b\0%b" % (mode, name, bytes.fromhex(oid)) for name, mode, oid in here)
        )

    def _leaf(self, one: Entry) -> tuple[bytes, str]:
        if one.mode == b"160000":
            return one.mode, "1" * 40
        if one.mode == b"40000":
            return one.mode, self.tree([])
        return one.mode, "2" * 40 if one.content == b"missing" else self.write(b"blob", one.content)

    def commit(self, side: Sequence[Entry], *parents: str) -> str:
        lines = [f"tree {self.tree(side)}", *(f"parent {parent}" for parent in parents)]
        who = "A <a@example.org> 1 +0000"
        text = "\n".join([*lines, f"author {who}", f"committer {who}", "", "x", ""])
        return self.write(b"commit", text.encode())


@cache
def _store() -> _Store:
    return _Store()


def trees(data: bytes) -> None:
    """The gate on two commits: an exit code, one of our own errors, and nothing left behind."""
    store = _store()
    before, _, after = data.partition(SIDES)
    old = store.commit(entries(before))
    new = store.commit(entries(after), old)
    with contextlib.suppress(SchemacheckError), _session(store, new, old) as session:
        report = session.report("check", gate=True)
        report_is_sound(report)
        tree = session.current.tree
        for one in entries(after):
            readable = listing.readable(one.path)
            if _plain(readable) and format_of(readable) and readable.startswith(f"{ROOT}/") and one.mode[:2] != b"40":
                told = readable in tree.all_files or _told(readable, dict(tree.problems))
                assert told or report.exit_code == 3, readable
    assert {store.path / ".git", store.path / ROOT} == set(store.path.iterdir())
    assert [] == list((store.path / ROOT).iterdir())


def _plain(path: str) -> bool:
    """Whether git can list a path: no part of it is empty."""
    return all(path.split("/"))


@contextlib.contextmanager
def _session(store: _Store, new: str, old: str) -> Iterator[Session]:
    with Session(
        store.path,
        current=f"git:{new}",
        against=[f"git:{old}"],
        config_path=None,
        adjust=lambda policy: policy,
        everything=False,
        fetch=False,
        environ={},
    ) as session:
        yield session
