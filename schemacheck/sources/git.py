"""A repository, read by git: commands in, bytes out. Only `fetch` writes to the user's repository."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from schemacheck.errors import NotChecked
from schemacheck.sources import program
from schemacheck.sources.program import Home, in_hook

__all__ = ["Commit", "Refs", "Repository", "Running", "Unfetched", "in_hook", "is_id", "is_name"]

_HEADER = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64}) (\w+) (\d+)\n")
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
MAX_OBJECT = 100_000_000
_BATCH = ("cat-file", "--batch")
_KEPT = 16_000_000  # bytes of blobs that are kept


class Unfetched(NotChecked):
    """What is missing lies on the remote. `command` is the one command that brings it here."""

    def __init__(self, message: str, command: Sequence[str], more: str = "", reason: str = "baseline") -> None:
        super().__init__(message, f"run {' '.join(command)}{more}", reason)
        self.command = tuple(command)


class Commit(NamedTuple):
    """A commit object. `parents` are those that it names, also where a shallow clone lacks them."""

    id: str
    parents: tuple[str, ...]
    date: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class Refs:
    """Branches by full name. `head` is checked out, `pointers` are symbolic refs such as origin/HEAD."""

    branches: Mapping[str, str] = field(default_factory=dict)
    pointers: Mapping[str, str] = field(default_factory=dict)
    head: str | None = None


def is_id(text: str) -> bool:
    """Whether a text is a full commit id."""
    return _ID.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Whether a text may name a revision: nothing that git could take for an option, or for the end of a line."""
    return bool(text) and not text.startswith("-") and not any(ord(c) < 32 or ord(c) == 127 for c in text)


class Repository:
    """The repository that a folder belongs to, opened when it is first asked for.

    A context manager, since a `git cat-file` process lives as long as it is open. Everything but the constructor raises
    NotChecked if there is no repository, or git refuses it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._batch: subprocess.Popen[bytes] | None = None
        self._reader = os.getpid()  # whose it is: a fork of us needs its own
        self._theirs: subprocess.Popen[bytes] | None = None  # and must not end ours, as forgetting it would
        self._commits: dict[str, Commit | None] = {}
        self._running: list[Running] = []
        self._contents: dict[str, bytes] = {}  # blobs that were read, as long as they are few
        self._kept = 0
        self.commands = 0  # git processes started

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the git processes that are still open."""
        self._end_batch()
        for running in self._running:
            running.close()

    @cached_property
    def _home(self) -> Home:
        self.commands += 1
        return program.find(self._path)

    @cached_property
    def root(self) -> Path:
        """The top of the working tree."""
        if self._home.root is None:
            raise NotChecked(f'"{self._path}" is a bare repository', "run it in a clone with a working tree")
        return self._home.root

    # running git

    def call(self, *arguments: str, stdin: bytes | None = None) -> tuple[int, bytes, str]:
        """Runs git; its status, standard output and standard error."""
        process = self._start(arguments, stdin=None if stdin is None else subprocess.PIPE)
        out, err = process.communicate(stdin)
        return process.returncode, out, err.decode("utf-8", "replace")

    def run(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        """Runs git and gives its standard output; raises NotChecked with git's own words."""
        status, out, err = self.call(*arguments, stdin=stdin)
        if status:
            raise self.refusal(arguments[0], err, status)
        return out

    def begin(self, *arguments: str) -> Running:
        """Starts git; what it prints is fetched later, while other things were done."""
        running = Running(self, arguments[0], self._start(arguments))
        self._running.append(running)
        return running

    def _start(self, arguments: Sequence[str], **pipes: Any) -> subprocess.Popen[bytes]:
        where = self._home.root or self._home.common_dir
        self.commands += 1
        try:
            return program.start(where, arguments, **pipes)
        except OSError as error:
            raise NotChecked(f"git {arguments[0]} could not be started: {error}", "install git") from None

    def refusal(self, what: str, words: str, status: int | None = None) -> NotChecked:
        """What git's own words mean for the user."""
        lines = [line.strip() for line in words.splitlines() if line.strip()]
        if "dubious ownership" in words:
            return NotChecked(
                "git refuses this repository, since it belongs to another user",
                f"git config --global --add safe.directory {self._home.root or self._path.absolute()}",
                reason="unreadable",
            )
        said = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[0] if lines else "")
        said = said or (f"exit {status}" if status is not None else "it stopped")
        return NotChecked(f"git {what} failed: {said}", "run git fsck, or clone anew", reason="unreadable")

    # objects

    def object(self, name: str) -> tuple[str, str, bytes] | None:
        """Id, type and content of what a name or an id means, or None if it is not here. One process for all."""
        if self._reader != os.getpid():
            self._theirs, self._batch, self._reader = self._batch, None, os.getpid()
        if self._batch is None:
            # Nobody would empty a pipe for what it has to say about objects that are not there.
            self._batch = self._start(_BATCH, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        asked, answers = self._batch.stdin, self._batch.stdout
        assert asked is not None
        assert answers is not None
        question = name.encode("utf-8", "surrogateescape") + b"\n"
        try:
            asked.write(question)
            asked.flush()
            header = answers.readline()
        except OSError:
            header = b""
        if not header:
            raise self._broke_off(question)
        match = _HEADER.fullmatch(header)
        if match is None:
            return None
        if int(match[3]) > MAX_OBJECT:
            self._end_batch()
            raise NotChecked(f"the git object {match[1][:12].decode()} is too large", "a schema is small text")
        data = answers.read(int(match[3]) + 1)
        if len(data) <= int(match[3]):  # it died while it wrote: what has come is not the whole
            raise self._broke_off(question)
        return match[1].decode("ascii"), match[2].decode("ascii"), data[:-1]

    def _broke_off(self, question: bytes) -> NotChecked:
        """Why the process ended while it was asked, by asking anew; not "unreadable", see `content`."""
        self._end_batch()
        said = self.refusal("cat-file", self.call(*_BATCH, stdin=question)[2])
        return NotChecked(said.message, said.hint)

    def _end_batch(self) -> None:
        batch, self._batch = self._batch, None
        for pipe in (batch.stdin, batch.stdout) if batch else ():
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                continue
        if batch:
            batch.wait()

    def content(self, oid: str) -> bytes:
        """A blob's content; raises NotChecked if the object is not here.

        The reason is not "unreadable", which is what a text is that nobody can parse, and which a waiver may excuse.
        """
        if oid in self._contents:
            return self._contents[oid]
        found = self.object(oid)
        if found is None:
            raise NotChecked(f"the git object {oid[:12]} is missing", "run git fetch --refetch, or clone anew")
        if found[1] != "blob":
            raise NotChecked(f"the git object {oid[:12]} is no file", "git fsck")
        self._kept += len(found[2])
        if self._kept > _KEPT:  # what is read is read again soon, or never
            self._kept = len(found[2])
            self._contents.clear()
        self._contents[oid] = found[2]
        return found[2]

    def file(self, name: str) -> bytes | None:
        """A file by `COMMIT:PATH`, or `:PATH` for the index; None if it is not there."""
        found = self.object(name) if is_name(name) else None
        return found[2] if found and found[1] == "blob" else None

    def mentioning(self, words: Collection[str], ending: str, where: str) -> set[str] | None:
        """The paths of files with an ending, in a commit or in the index (`--cached`), that hold one of some words.

        None if git cannot read them all.
        """
        patterns = [part for word in sorted(words) for part in ("-e", word)]
        options = ("-l", "-z", "-F", "-a", "--full-name", "--no-color", "--no-recurse-submodules")
        status, out, err = self.call("grep", *options, *patterns, where, "--", f":(glob)**/*{ending}")
        if status > 1 or err.strip():
            return None
        prefix = "" if where == "--cached" else f"{where}:"
        names = out.decode("utf-8", "surrogateescape").split("\0")
        return {name.removeprefix(prefix) for name in names if name}

    def commit(self, name: str) -> str | None:
        """The full id of the commit that a ref or an id names, or None."""
        found = self._commit(name) if is_name(name) else None
        return found.id if found else None

    def about(self, commit: str) -> Commit:
        """A commit that is known to be here."""
        found = self._commit(commit)
        if found is None:
            raise NotChecked(f"the commit {commit[:12]} is missing", "git fsck, or clone anew", reason="unreadable")
        return found

    def _commit(self, name: str) -> Commit | None:
        if name not in self._commits:
            found = self.object(f"{name}^{{commit}}")
            commit = _parse_commit(found[0], found[2]) if found and found[1] == "commit" else None
            self._commits[name] = commit
            if commit:
                self._commits[commit.id] = commit
        return self._commits[name]

    # refs

    @cached_property
    def refs(self) -> Refs:
        """Every local and remote-tracking branch."""
        out = self.run(
            "for-each-ref", "--format=%(HEAD)%(objectname) %(refname) %(symref)", "refs/heads", "refs/remotes"
        )
        branches, pointers, head = {}, {}, None
        for line in out.decode("utf-8", "surrogateescape").splitlines():
            oid, name, target = line[1:].split(" ", 2)
            if target:
                pointers[name] = target
                continue
            branches[name] = oid
            if line[0] == "*":
                head = name
        return Refs(branches, pointers, head)

    def tags(self, patterns: Sequence[str], reachable_from: str) -> Mapping[str, str]:
        """Full name to commit of the tags that a commit contains."""
        out = self.run(
            "for-each-ref",
            f"--merged={reachable_from}",
            "--format=%(objecttype) %(objectname) %(*objecttype) %(*objectname) %(refname)",
            *(f"refs/tags/{pattern}" for pattern in patterns),
        )
        found = {}
        for line in out.decode("utf-8", "surrogateescape").splitlines():
            kind, oid, peeled_kind, peeled, name = line.split(" ", 4)
            if "commit" in (kind, peeled_kind):
                found[name] = peeled or oid
        return found

    @cached_property
    def remotes(self) -> Sequence[str]:
        """The names of the remotes that are configured."""
        return self.run("remote").decode("utf-8", "surrogateescape").split()

    @cached_property
    def shallow(self) -> frozenset[str]:
        """The commits at which a shallow clone was cut; empty for a complete one."""
        try:
            return frozenset((self._home.common_dir / "shallow").read_text(encoding="ascii").split())
        except (OSError, UnicodeDecodeError):
            return frozenset()

    @cached_property
    def merging(self) -> tuple[str, ...]:
        """The other parents that the commit in preparation will have."""
        try:
            names = (self._home.git_dir / "MERGE_HEAD").read_text(encoding="ascii").split()
        except (OSError, UnicodeDecodeError):
            # In the pre-merge-commit hook it is not written yet; `git merge` names the heads in its environment.
            names = [name.removeprefix("GITHEAD_") for name in os.environ if name.startswith("GITHEAD_")]
        return tuple(name for name in names if is_id(name))

    # lines of history

    def line(self, commit: str) -> list[str]:
        """The first-parent line from a commit down, as far as it is here."""
        return self.run("rev-list", "--first-parent", commit).decode("ascii").split()

    def newest_first(self, commits: Iterable[str]) -> list[str]:
        """Commits so that none stands before one that contains it."""
        wanted = set(commits)
        if len(wanted) < 2:
            return list(wanted)
        out = self.run("rev-list", "--topo-order", "--stdin", stdin="".join(f"{c}\n" for c in wanted).encode("ascii"))
        return [commit for commit in out.decode("ascii").split() if commit in wanted]

    def count(self, old: str, new: str) -> int:
        """How many commits `new` has that `old` has not."""
        return int(self.run("rev-list", "--count", f"{old}..{new}"))

    def merge_bases(self, *commits: str) -> list[str]:
        """The best common ancestors of the first commit and a merge of the others."""
        status, out, words = self.call("merge-base", "--all", *commits)
        if status > 1:
            raise self.refusal("merge-base", words, status)
        return out.decode("ascii").split()

    def fetch(self, command: Sequence[str]) -> None:
        """Runs a `git fetch`, the only command that writes; raises NotChecked if the remote refuses."""
        status, _, words = self.call(*command[1:])
        if status:
            said = next(
                (line for line in words.splitlines() if line.startswith(("fatal:", "error:"))), f"exit {status}"
            )
            raise NotChecked(f"{' '.join(command)} failed: {said}", "run it by hand, with your credentials")
        self._end_batch()
        self._commits.clear()
        for name in ("refs", "shallow"):
            self.__dict__.pop(name, None)


class Running:
    """A git process whose output nobody has read yet."""

    def __init__(self, repository: Repository, what: str, process: Any) -> None:
        self._repository = repository
        self._what = what
        self._process = process
        self._ended = False

    def output(self) -> bytes:
        """Its standard output, once it has ended; raises NotChecked if it failed. To be asked for once."""
        out, words = self._process.communicate()
        self._ended = True
        if self._process.returncode:
            text = words.decode("utf-8", "replace")
            raise self._repository.refusal(self._what, text, self._process.returncode)
        assert isinstance(out, bytes)
        return out

    def close(self) -> None:
        """Ends it, whether it was read or not."""
        if not self._ended:
            self._ended = True
            self._process.kill()
            self._process.communicate()


def _parse_commit(oid: str, data: bytes) -> Commit:
    parents, seconds = [], 0
    for line in data.partition(b"\n\n")[0].split(b"\n"):
        if line.startswith(b"parent "):
            parents.append(line[7:].decode("ascii"))
        elif line.startswith(b"committer "):
            stamp = line.rsplit(b" ", 2)[1]
            seconds = int(stamp) if stamp.isdigit() else 0
    return Commit(
        oid, tuple(parents), datetime.fromtimestamp(min(seconds, 253402300799), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
