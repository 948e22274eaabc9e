"""Git, read through GitPython: commands in, bytes out. Nothing here writes to the user's repository."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from schemacheck.errors import NotChecked

_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
    "LANGUAGE": "C",
}
_OBJECT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


class Repository:
    """One repository. A context manager, since a `git cat-file` process lives as long as it is open."""

    def __init__(self, path: Path) -> None:
        import git

        try:
            self._repo = git.Repo(path, search_parent_directories=True)
        except (git.InvalidGitRepositoryError, git.NoSuchPathError):
            raise NotChecked(
                f'"{path}" is not in a git repository',
                "run git init there, or compare two files: schemacheck diff OLD NEW",
            ) from None
        if self._repo.working_tree_dir is None:
            raise NotChecked(f'"{path}" is a bare repository', "run it in a clone with a working tree")
        self.root = Path(self._repo.working_tree_dir)
        self._failure = git.CommandError
        self._repo.git.update_environment(**_ENVIRONMENT)
        self.commands = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the git processes that are still open."""
        self._repo.close()

    def call(self, *arguments: str, stdin: bytes | None = None) -> tuple[int, bytes, str]:
        """Runs git; its status, standard output and standard error."""
        self.commands += 1
        command = ["git", "-c", "log.showSignature=false", "-c", "core.quotePath=false", *arguments]
        options: dict[str, Any] = {
            "with_extended_output": True,
            "with_exceptions": False,
            "stdout_as_string": False,
            "strip_newline_in_stdout": False,
        }
        if stdin is None:
            status, out, err = self._repo.git.execute(command, **options)
        else:
            with tempfile.TemporaryFile() as file:
                file.write(stdin)
                file.seek(0)
                status, out, err = self._repo.git.execute(command, istream=file, **options)
        return status, out, err if isinstance(err, str) else err.decode("utf-8", "replace")

    def run(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        """Runs git and gives its standard output; raises NotChecked with git's own words."""
        status, out, err = self.call(*arguments, stdin=stdin)
        if status == 0:
            return out
        if "dubious ownership" in err:
            raise NotChecked(
                "git refuses this repository: it belongs to another user",
                f"git config --global --add safe.directory {self.root}",
                reason="unreadable",
            )
        words = next((line.strip() for line in err.splitlines() if line.strip()), f"exit {status}")
        raise NotChecked(f"git {arguments[0]} failed: {words}", "run git fsck, or clone anew", reason="unreadable")

    def line(self, *arguments: str) -> str | None:
        """The single line that git prints, or None if it fails."""
        status, out, _ = self.call(*arguments)
        return out.decode("utf-8", "surrogateescape").strip() or None if status == 0 else None

    def commit(self, name: str) -> str | None:
        """The full id of a commit that a ref or an id names, or None; what git could take for an option is no name."""
        if not name or name.startswith("-") or any(ord(c) < 32 or ord(c) == 127 for c in name):
            return None
        return self.line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")

    def content(self, oid: str) -> bytes:
        """A blob's content; raises NotChecked if the object is not here."""
        try:
            _, kind, _, data = self._repo.git.get_object_data(oid)
        except (ValueError, OSError, self._failure):
            hint = "git fetch --refetch, or git fsck"
            raise NotChecked(f"the git object {oid[:12]} is missing", hint, reason="unreadable") from None
        if kind not in ("blob", b"blob"):
            raise NotChecked(f"the git object {oid[:12]} is no file", "git fsck", reason="unreadable")
        return data

    def file(self, name: str) -> bytes | None:
        """A file by `REVISION:PATH`, or `:PATH` for the index; None if it is not there."""
        oid = self.line("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        return self.content(oid) if oid else None

    @cached_property
    def shallow(self) -> frozenset[str]:
        """The commits at which a shallow clone was cut; empty for a complete one."""
        name = self.line("rev-parse", "--git-path", "shallow")
        path = self.root / (name or ".git/shallow")
        try:
            return frozenset(path.read_text(encoding="ascii").split())
        except (OSError, UnicodeDecodeError):
            return frozenset()

    def parents(self, commit: str) -> list[str]:
        """The parents that a commit object names, also where a shallow clone lacks them."""
        header = self.run("cat-file", "commit", commit).partition(b"\n\n")[0].decode("ascii", "replace")
        return [line[7:] for line in header.splitlines() if line.startswith("parent ")]

    def date(self, commit: str) -> str | None:
        """A commit's date: ISO 8601, UTC."""
        seconds = self.line("show", "-s", "--format=%ct", "--end-of-options", commit)
        return utc(int(seconds)) if seconds and seconds.isdigit() else None

    def refs(self, *patterns: str) -> Mapping[str, str]:
        """Full ref name to commit id, sorted by name; tags are peeled."""
        out = self.run("for-each-ref", "--format=%(refname) %(objectname) %(*objectname)", *patterns)
        rows = (line.split(" ") for line in out.decode("utf-8", "surrogateescape").splitlines())
        return {row[0]: row[2] if len(row) > 2 and row[2] else row[1] for row in rows}

    def tree(self, commit: str) -> Iterator[tuple[str, str, str]]:
        """Mode, id and path of every entry of a commit."""
        for entry in _entries(self.run("ls-tree", "-r", "-z", "--full-tree", commit)):
            head, _, path = entry.partition("\t")
            mode, _, oid = head.split(" ")
            yield mode, oid, path

    def index(self, pathspecs: Sequence[str]) -> Iterator[tuple[str, str, str, int, str]]:
        """Tag, mode, id, stage and path of the index entries; tag S is skip-worktree."""
        for entry in _entries(self.run("ls-files", "-t", "-s", "-z", "--", *pathspecs)):
            head, _, path = entry.partition("\t")
            tag, mode, oid, stage = head.split(" ")
            yield tag, mode, oid, int(stage), path

    def differing(self, pathspecs: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Tag and path of what differs between disk and index: R removed, C changed, ? untracked."""
        out = self.run("ls-files", "-t", "-m", "-d", "-o", "--exclude-standard", "-z", "--", *pathspecs)
        for entry in _entries(out):
            tag, _, path = entry.partition(" ")
            yield tag, path

    def folders(self, pathspecs: Sequence[str]) -> list[str]:
        """Untracked folders that match."""
        return [
            path
            for path in _entries(self.run("ls-files", "-o", "--directory", "-z", "--", *pathspecs))
            if path[-1:] == "/"
        ]

    def hashes(self, paths: Sequence[str]) -> list[str]:
        """The ids that git would give to files of the working tree."""
        named = [path for path in paths if "\n" not in path]
        out = self.run(
            "hash-object", "--stdin-paths", stdin="\n".join(named).encode("utf-8", "surrogateescape") + b"\n"
        )
        found = dict(zip(named, out.decode("ascii").split(), strict=True)) if named else {}
        return [found.get(path) or self.run("hash-object", "--", path).decode("ascii").strip() for path in paths]

    def log(self, commit: str, pathspecs: Sequence[str]) -> Iterator[tuple[str, str | None, dict[str, str | None]]]:
        """Commits of the first-parent line that touch some files, newest first.

        Each is its id, its first parent's, and for each touched path the id before it, or None where it was added.
        """
        arguments = ["--first-parent", "--raw", "-z", "--no-renames", "--no-abbrev", "--format=%x01%H %P"]
        out = self.run("log", *arguments, commit, "--", *pathspecs).decode("utf-8", "surrogateescape")
        for block in out.split("\x01")[1:]:
            head, _, raw = block.partition("\0")
            identifier, *parents = head.split()
            parts = raw.lstrip("\n").split("\0")
            before: dict[str, str | None] = {}
            for meta, path in zip(parts[::2], parts[1::2], strict=False):
                mode, _, old, *_ = meta.lstrip("\n:").split(" ")
                before[path] = old if mode in ("100644", "100755") else None
            yield identifier, parents[0] if parents else None, before


def is_id(text: str) -> bool:
    """Whether a text is a full object id."""
    return _OBJECT.fullmatch(text) is not None


def utc(seconds: int) -> str:
    """A time stamp as ISO 8601, UTC."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _entries(out: bytes) -> list[str]:
    return out.decode("utf-8", "surrogateescape").split("\0")[:-1]
