"""What a CI system says about a run, from its environment: the change request, the push, the tag."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """What the CI names. At most one of the four kinds of run; all empty for a CI that says nothing."""

    name: str
    queue_base: str | None = None  # merge queue: the commit that the group builds upon
    source_head: str | None = None  # change request: the head of its own branch
    target_commit: str | None = None  # change request: the commit that it joins
    target_branch: str | None = None  # change request: the branch that it joins
    pushed_before: str | None = None  # push: the commit before it
    pushed_branch: str | None = None
    tag: str | None = None
    default_branch: str | None = None

    @property
    def change_request(self) -> bool:
        return self.target_commit is not None or self.target_branch is not None


_AZURE = "SYSTEM_PULLREQUEST_"
_BITBUCKET = "BITBUCKET_PR_"
# CI systems that name the target of a change request in plain variables: a variable that shows the system is there, one
# that is set and not "false" in a change request, the target branch, the target commit, the source head.
_PLAIN = (
    ("Azure Pipelines", "TF_BUILD", f"{_AZURE}TARGETBRANCH", f"{_AZURE}TARGETBRANCH", "", f"{_AZURE}SOURCECOMMITID"),
    ("Bitbucket Pipelines", "BITBUCKET_BUILD_NUMBER", f"{_BITBUCKET}ID", f"{_BITBUCKET}DESTINATION_BRANCH",
     f"{_BITBUCKET}DESTINATION_COMMIT", ""),
    ("Jenkins", "JENKINS_URL", "CHANGE_TARGET", "CHANGE_TARGET", "", ""),
    ("Buildkite", "BUILDKITE", "BUILDKITE_PULL_REQUEST", "BUILDKITE_PULL_REQUEST_BASE_BRANCH", "", ""),
    ("Travis CI", "TRAVIS", "TRAVIS_PULL_REQUEST", "TRAVIS_BRANCH", "", ""),
    ("AppVeyor", "APPVEYOR", "APPVEYOR_PULL_REQUEST_NUMBER", "APPVEYOR_REPO_BRANCH", "", ""),
    ("Drone", "DRONE", "DRONE_PULL_REQUEST", "DRONE_TARGET_BRANCH", "", ""),
    ("Woodpecker CI", "CI_PIPELINE_FORGE_URL", "CI_COMMIT_TARGET_BRANCH", "CI_COMMIT_TARGET_BRANCH", "", ""),
    ("Cirrus CI", "CIRRUS_CI", "CIRRUS_PR", "CIRRUS_BASE_BRANCH", "CIRRUS_BASE_SHA", ""),
    ("AWS CodeBuild", "CODEBUILD_BUILD_ID", "CODEBUILD_WEBHOOK_BASE_REF", "CODEBUILD_WEBHOOK_BASE_REF", "", ""),
)  # fmt: skip


def said(environ: Mapping[str, str]) -> Said | None:
    """What the CI says; None outside of CI."""
    if environ.get("GITHUB_ACTIONS") == "true":
        return _github(environ)
    if environ.get("GITLAB_CI"):
        return _gitlab(environ)
    for name, shows, request, branch, commit, head in _PLAIN:
        if not environ.get(shows):
            continue
        if environ.get(request) and environ[request] != "false":
            return Said(
                name,
                target_branch=_branch(environ.get(branch)),
                target_commit=environ.get(commit) or None,
                source_head=environ.get(head) or None,
            )
        return Said(name)
    return Said("CI") if environ.get("CI") not in (None, "", "false", "0") else None


def _github(environ: Mapping[str, str]) -> Said:
    """GitHub Actions, and Forgejo and Gitea, which speak the same."""
    event = _event(environ.get("GITHUB_EVENT_PATH"))
    default = _text(event, "repository", "default_branch")
    kind = environ.get("GITHUB_EVENT_NAME", "")
    name = "GitHub Actions"
    if kind == "merge_group":
        return Said(name, queue_base=_text(event, "merge_group", "base_sha"), default_branch=default)
    if environ.get("GITHUB_BASE_REF"):
        head = _text(event, "pull_request", "head", "sha")
        return Said(name, target_branch=environ["GITHUB_BASE_REF"], source_head=head, default_branch=default)
    if environ.get("GITHUB_REF_TYPE") == "tag":
        return Said(name, tag=environ.get("GITHUB_REF_NAME"), default_branch=default)
    if kind == "push":
        branch = environ.get("GITHUB_REF_NAME")
        return Said(name, pushed_before=_text(event, "before"), pushed_branch=branch, default_branch=default)
    return Said(name, default_branch=default)


def _gitlab(environ: Mapping[str, str]) -> Said:
    default = environ.get("CI_DEFAULT_BRANCH") or None
    branch = environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
    if branch:
        return Said(
            "GitLab CI",
            target_branch=branch,
            target_commit=environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA") or None,
            source_head=environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or None,
            default_branch=default,
        )
    if environ.get("CI_COMMIT_TAG"):
        return Said("GitLab CI", tag=environ["CI_COMMIT_TAG"], default_branch=default)
    before, pushed = environ.get("CI_COMMIT_BEFORE_SHA") or None, environ.get("CI_COMMIT_BRANCH") or None
    return Said("GitLab CI", pushed_before=before, pushed_branch=pushed, default_branch=default)


def _branch(name: str | None) -> str | None:
    return name.removeprefix("refs/heads/") if name else None


def _event(path: str | None) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError, RecursionError):
        return {}


def _text(data: Any, *keys: str) -> str | None:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, str) and data else None
