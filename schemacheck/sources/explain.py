"""Why a baseline is the baseline: what `schemacheck baseline` tells, as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemacheck.errors import NotChecked
from schemacheck.model import Baseline, Source, Tree
from schemacheck.sources.git import Repository
from schemacheck.sources.gittree import differing


@dataclass(frozen=True, slots=True)
class Explanation:
    """A baseline and how it was found."""

    baseline: Baseline
    rungs: tuple[tuple[str, str], ...]  # "8 local" and "used", or why not; empty where the baseline was named
    newer: int  # commits of the target that are not compared
    current: Baseline
    differing: int  # schemas that are not as in the commit that the current side stands on
    untracked: int
    commits: int | None  # of the published line; None if there is none, or it is cut off
    changed: int | None  # of these, how many changed schemas
    cut: str = ""  # why the history is not complete, and what mends it


def explanation(
    repository: Repository,
    current: Source,
    standing: Tree | None,
    baseline: Source,
    tried: Sequence[tuple[str, str]],
    newer: int,
) -> Explanation:
    """Why this baseline. `standing` is the commit that the current side stands on."""
    commits, changed, cut = None, None, ""
    if baseline.about.revision is not None:
        try:
            changed = sum(bool(paths) for _, paths in baseline.history())
            commits = len(repository.line(baseline.about.revision))
        except NotChecked as error:
            cut = f"{error.message}; {error.hint}"
    return Explanation(
        baseline=baseline.about,
        rungs=tuple(tried),
        newer=newer,
        current=current.about,
        differing=len(differing(current.tree.files, standing.files if standing else {})),
        untracked=len(current.tree.untracked),
        commits=commits,
        changed=changed,
        cut=cut,
    )
