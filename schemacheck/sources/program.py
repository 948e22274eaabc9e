"""How git is run: as a program of its own, in one place, under settings that no repository and no user changes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from schemacheck.errors import NotChecked

_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",  # what is published is the object itself, and all of its history
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "0",
    "GIT_GLOB_PATHSPECS": "0",
    "GIT_NOGLOB_PATHSPECS": "0",
    "GIT_ICASE_PATHSPECS": "0",
    "LC_ALL": "C",
    "LANGUAGE": "C",
}
# A user's configuration must not change what git prints, nor start a file system monitor.
_CONFIGURATION = (
    "core.fsmonitor=false",
    "core.quotePath=false",
    "log.showSignature=false",
    "log.showRoot=true",
    "log.diffMerges=first-parent",
    "log.follow=false",
    "diff.ignoreSubmodules=none",
)
_SETTINGS = tuple(part for setting in _CONFIGURATION for part in ("-c", setting))


class Home(NamedTuple):
    """Where a repository is. `root` is the top of its working tree, None if it has none."""

    root: Path | None
    git_dir: Path
    common_dir: Path


def find(folder: Path) -> Home:
    """The repository that a folder belongs to; raises NotChecked if there is none, or no git."""
    try:
        process = start(folder, ("rev-parse", "--show-toplevel", "--absolute-git-dir", "--git-common-dir"))
        out, _ = process.communicate()
    except OSError:
        return _opened(folder)
    lines = out.decode("utf-8", "surrogateescape").splitlines()
    if process.returncode or len(lines) != 3:
        return _opened(folder)
    root, git_dir, common_dir = lines
    return Home(Path(root), Path(git_dir), folder / common_dir)


def _opened(folder: Path) -> Home:
    """The same by looking at the files: git says of no repository why it refuses it, and of some not where they are."""
    try:
        import git
    except ImportError:
        raise NotChecked("git was not found", "install git, or put it on the PATH") from None
    try:
        repo = git.Repo(folder, search_parent_directories=True)
    except (git.InvalidGitRepositoryError, git.NoSuchPathError):
        raise NotChecked(
            f'"{folder}" is not in a git repository',
            "run git init there, or compare two files: schemacheck diff OLD NEW",
        ) from None
    except (OSError, ValueError) as error:
        raise NotChecked(f'the git repository at "{folder}" is broken: {error}', "git fsck") from None
    with repo:
        root = None if repo.working_tree_dir is None else Path(repo.working_tree_dir)
        return Home(root, Path(repo.git_dir), Path(repo.common_dir))


def start(
    folder: Path, arguments: Sequence[str], stdin: int | IO[bytes] | None = None, stderr: int = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    """Starts git in a folder; raises OSError. The variables that name a repository are obeyed, as in a hook."""
    environment = {**os.environ, **_ENVIRONMENT, **_absolute(("GIT_DIR", "GIT_WORK_TREE"))}
    if in_hook():
        environment["GIT_NO_LAZY_FETCH"] = "1"
    options: dict[str, Any] = {}
    if sys.platform == "win32":
        # A git.exe that lies in the repository must not be the one that runs.
        os.environ["NODEFAULTCURRENTDIRECTORYINEXEPATH"] = "1"
        options["creationflags"] = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    return subprocess.Popen(
        [os.environ.get("GIT_PYTHON_GIT_EXECUTABLE") or "git", *_SETTINGS, *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        **options,
    )


def in_hook() -> bool:
    """Whether git runs us, to decide about a commit or a push."""
    return any(os.environ.get(name) for name in ("GIT_INDEX_FILE", "PRE_COMMIT"))


def _absolute(names: Sequence[str]) -> dict[str, str]:
    """Variables of git's that hold relative paths, made absolute: our commands run at the top of the working tree."""
    return {name: str(Path(value).absolute()) for name in names if (value := os.environ.get(name))}
