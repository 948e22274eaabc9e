"""This project as others meet it: a source of hooks, of an action, of a package."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from filelock import FileLock
from sources.repos import Repo

ROOT = Path(__file__).parent.parent
# What an installation needs, and what pre-commit reads.
_SHIPPED = (
    "schemacheck",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    ".pre-commit-hooks.yaml",
    "action.yml",
    ".github/action",
)


def project_in(folder: Path) -> Repo:
    """A repository with one commit that holds this project as it stands, committed or not; made once a folder."""
    with FileLock(folder / "project.lock"):
        if (folder / "project/.git").exists():
            return Repo(folder / "project")
        repo = Repo(folder / "project.new")
        for name in _SHIPPED:
            source, target = ROOT / name, repo.path / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy(source, target)
        repo.commit({})
        repo.path.rename(folder / "project")
        return Repo(folder / "project")


def session_folder(basetemp: Path) -> Path:
    """A folder for what is made once for all workers of a test run."""
    return basetemp.parent if "PYTEST_XDIST_WORKER" in os.environ else basetemp
