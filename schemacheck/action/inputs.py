"""What the workflow asks for. All inputs travel through the environment, so that none becomes part of a script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from schemacheck.errors import UsageError


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of `action.yml`; what is empty is not set."""

    against: tuple[str, ...]
    config: str | None
    mode: str | None
    fail_on: str | None
    annotations: bool
    comment: str  # auto always never
    comment_author: str
    token: str
    sarif: Path | None
    workspace: Path
    folder: Path


def inputs(environ: Mapping[str, str]) -> Inputs:
    """The inputs of this step; raises UsageError for what is not understood."""

    def text(name: str) -> str:
        return environ.get(f"INPUT_{name}", "").strip()

    workspace = Path(environ.get("GITHUB_WORKSPACE") or ".").resolve()
    folder = (workspace / text("WORKING_DIRECTORY")).resolve()
    if not folder.is_dir():
        raise UsageError(f'working-directory: "{text("WORKING_DIRECTORY")}" is no folder', "name one of the checkout")
    sarif = text("SARIF_FILE")
    return Inputs(
        against=tuple(text("AGAINST").split()),
        config=text("CONFIG") or None,
        mode=text("MODE") or None,
        fail_on=text("FAIL_ON") or None,
        annotations=_one_of("annotations", text("ANNOTATIONS") or "true", "true", "false") == "true",
        comment=_one_of("comment", text("COMMENT") or "auto", "auto", "always", "never"),
        comment_author=text("COMMENT_AUTHOR") or "github-actions[bot]",
        token=text("GITHUB_TOKEN"),
        sarif=workspace / sarif if sarif else None,
        workspace=workspace,
        folder=folder,
    )


def _one_of(name: str, value: str, *known: str) -> str:
    if value not in known:
        raise UsageError(f'{name}: "{value}" is not understood', f"use one of {', '.join(known)}")
    return value
