"""Real git repositories, built in a test from what their commits hold."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

_SETTINGS = ("-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.file.allow=always")


class Repo:
    """A repository with a working tree, on the branch `main`; it is made if it does not exist."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not (path / ".git").exists():
            path.mkdir(parents=True, exist_ok=True)
            self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, check: bool = True) -> str:
        """Runs git; its standard output, without the last line end."""
        command = ["git", *_SETTINGS, *arguments]
        done = subprocess.run(command, cwd=self.path, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise AssertionError(f"{' '.join(arguments)}: {done.stderr}")
        return done.stdout.rstrip("\n")

    def write(self, files: Mapping[str, str | None]) -> None:
        """Puts files on the disk; None deletes one."""
        for name, text in files.items():
            target = self.path / name
            if text is None:
                target.unlink()
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="")

    def commit(self, files: Mapping[str, str | None], message: str = "a change") -> str:
        """Writes files and commits everything; the commit's id."""
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str, start: str = "HEAD") -> None:
        """Makes a branch and goes there."""
        self.git("checkout", "-q", "-b", name, start)

    def clone(self, path: Path, *options: str) -> Repo:
        """A clone over a URL, so that --depth is obeyed."""
        self.git("clone", "-q", *options, self.path.as_uri(), str(path))
        return Repo(path)
