"""What a CI system says about a run, from its environment: the change request, the push, the tag."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from schemacheck.sources.git import is_id

_MAX_EVENT = 50_000_000


class Kind(enum.Enum):
    """What a run is about."""

    QUEUE = "merge queue"
    REQUEST = "change request"
    PUSH = "push"
    TAG = "tag"
    OTHER = "another run"  # scheduled, by hand, or the CI does not say


class Said(NamedTuple):
    """What the CI names."""

    name: str
    kind: Kind = Kind.OTHER
    default_branch: str | None = None
    queue_base: str | None = None  # merge queue: the commit that the group builds upon
    source_head: str | None = None  # change request: the head of its own branch
    target_commit: str | None = None  # change request: a commit of the branch that it joins
    target_branch: str | None = None  # change request: the branch that it joins
    before: str | None = None  # push: what the branch held
    branch: str | None = None  # push: the branch
    advice: str = ""  # how to get the whole history


class _System(NamedTuple):
    """A CI system that says all in plain variables. `request` is set, and not "false", in a change request."""

    name: str
    shows: str
    request: str
    target: str
    commit: str = ""
    source: str = ""
    tag: str = ""
    branch: str = ""
    default: str = ""
    advice: str = ""


_SYSTEMS = (
    _System(
        "Azure Pipelines", "TF_BUILD",
        request="SYSTEM_PULLREQUEST_TARGETBRANCH", target="SYSTEM_PULLREQUEST_TARGETBRANCH",
        source="SYSTEM_PULLREQUEST_SOURCECOMMITID", tag="BUILD_SOURCEBRANCH", branch="BUILD_SOURCEBRANCH",
        advice="Azure Pipelines: checkout with fetchDepth: 0",
    ),
    _System(
        "Bitbucket Pipelines", "BITBUCKET_BUILD_NUMBER",
        request="BITBUCKET_PR_ID", target="BITBUCKET_PR_DESTINATION_BRANCH", commit="BITBUCKET_PR_DESTINATION_COMMIT",
        tag="BITBUCKET_TAG", branch="BITBUCKET_BRANCH", advice="Bitbucket Pipelines: clone with depth: full",
    ),
    _System(
        "Jenkins", "JENKINS_URL",
        request="CHANGE_TARGET", target="CHANGE_TARGET", tag="TAG_NAME", branch="BRANCH_NAME",
    ),
    _System(
        "Buildkite", "BUILDKITE",
        request="BUILDKITE_PULL_REQUEST", target="BUILDKITE_PULL_REQUEST_BASE_BRANCH",
        tag="BUILDKITE_TAG", branch="BUILDKITE_BRANCH", default="BUILDKITE_PIPELINE_DEFAULT_BRANCH",
    ),
    _System(
        "Travis CI", "TRAVIS",
        request="TRAVIS_PULL_REQUEST", target="TRAVIS_BRANCH", source="TRAVIS_PULL_REQUEST_SHA",
        tag="TRAVIS_TAG", branch="TRAVIS_BRANCH", advice="Travis CI: git with depth: false",
    ),
    _System(
        "AppVeyor", "APPVEYOR",
        request="APPVEYOR_PULL_REQUEST_NUMBER", target="APPVEYOR_REPO_BRANCH",
        source="APPVEYOR_PULL_REQUEST_HEAD_COMMIT",
        tag="APPVEYOR_REPO_TAG_NAME", branch="APPVEYOR_REPO_BRANCH", advice="AppVeyor: without clone_depth",
    ),
    _System(
        "Drone", "DRONE",
        request="DRONE_PULL_REQUEST", target="DRONE_TARGET_BRANCH",
        tag="DRONE_TAG", branch="DRONE_BRANCH", default="DRONE_REPO_BRANCH", advice="Drone: clone with depth: 0",
    ),
    _System(
        "Woodpecker CI", "CI_SYSTEM_NAME",
        request="CI_COMMIT_TARGET_BRANCH", target="CI_COMMIT_TARGET_BRANCH",
        tag="CI_COMMIT_TAG", branch="CI_COMMIT_BRANCH", default="CI_REPO_DEFAULT_BRANCH",
        advice="Woodpecker CI: clone with partial: false, depth: 0",
    ),
    _System(
        "Cirrus CI", "CIRRUS_CI",
        request="CIRRUS_PR", target="CIRRUS_BASE_BRANCH", commit="CIRRUS_BASE_SHA",
        tag="CIRRUS_TAG", branch="CIRRUS_BRANCH", default="CIRRUS_DEFAULT_BRANCH",
        advice="Cirrus CI: without CIRRUS_CLONE_DEPTH",
    ),
    _System(
        "AWS CodeBuild", "CODEBUILD_BUILD_ID",
        request="CODEBUILD_WEBHOOK_BASE_REF", target="CODEBUILD_WEBHOOK_BASE_REF",
        tag="CODEBUILD_WEBHOOK_HEAD_REF", branch="CODEBUILD_WEBHOOK_HEAD_REF",
        advice="AWS CodeBuild: git clone depth: full",
    ),
    _System("CircleCI", "CIRCLECI", request="", target="", tag="CIRCLE_TAG", branch="CIRCLE_BRANCH"),
    _System("TeamCity", "TEAMCITY_VERSION", request="", target=""),
)  # fmt: skip
_GITHUB = "GitHub Actions: actions/checkout with fetch-depth: 0"
_GITLAB = "GitLab CI: the variable GIT_DEPTH: 0"
ADVICE = _GITHUB  # what most need, where no CI shows


def said(environ: Mapping[str, str]) -> Said | None:
    """What the CI says; None outside of CI."""
    if environ.get("GITHUB_ACTIONS") == "true":
        return _github(environ)
    if environ.get("GITLAB_CI"):
        return _gitlab(environ)
    for system in _SYSTEMS:
        if environ.get(system.shows):
            return _plain(system, environ)
    return Said("CI") if environ.get("CI", "").lower() not in ("", "false", "0") else None


def _plain(system: _System, environ: Mapping[str, str]) -> Said:
    def value(name: str) -> str | None:
        return environ.get(name) or None if name else None

    default = _branch(value(system.default))
    if (value(system.request) or "false") != "false":
        commit, source = value(system.commit), value(system.source)
        return Said(
            system.name,
            Kind.REQUEST,
            default,
            source_head=source if source and is_id(source) else None,
            target_commit=commit,
            target_branch=_branch(value(system.target)),
            advice=system.advice,
        )
    tag = value(system.tag)
    if tag and (system.tag != system.branch or tag.startswith("refs/tags/")):
        return Said(system.name, Kind.TAG, default, advice=system.advice)
    return Said(system.name, Kind.OTHER, default, branch=_branch(value(system.branch)), advice=system.advice)


def _github(environ: Mapping[str, str]) -> Said:
    """GitHub Actions, and Forgejo and Gitea, which speak the same."""
    payload = event(environ.get("GITHUB_EVENT_PATH"))
    default = _text(payload, "repository", "default_branch")
    event_name = environ.get("GITHUB_EVENT_NAME", "")
    name = "GitHub Actions"
    if event_name == "merge_group":
        return Said(name, Kind.QUEUE, default, queue_base=_text(payload, "merge_group", "base_sha"), advice=_GITHUB)
    if environ.get("GITHUB_BASE_REF"):
        head, target = _text(payload, "pull_request", "head", "sha"), environ["GITHUB_BASE_REF"]
        return Said(name, Kind.REQUEST, default, source_head=head, target_branch=target, advice=_GITHUB)
    ref = environ.get("GITHUB_REF", "")
    if ref.startswith("refs/tags/"):
        return Said(name, Kind.TAG, default, advice=_GITHUB)
    if event_name == "push":
        before = _text(payload, "before")
        return Said(name, Kind.PUSH, default, before=before, branch=_branch(ref), advice=_GITHUB)
    return Said(name, Kind.OTHER, default, branch=_branch(ref), advice=_GITHUB)


def _gitlab(environ: Mapping[str, str]) -> Said:
    name = "GitLab CI"
    default = environ.get("CI_DEFAULT_BRANCH") or None
    # CI_MERGE_REQUEST_DIFF_BASE_SHA is a merge base too, but older servers leave it as it was when the target changes.
    target = environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
    if target:
        return Said(
            name,
            Kind.REQUEST,
            default,
            source_head=environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or None,
            target_commit=environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA") or None,
            target_branch=target,
            advice=_GITLAB,
        )
    if environ.get("CI_COMMIT_TAG"):
        return Said(name, Kind.TAG, default, advice=_GITLAB)
    branch, before = environ.get("CI_COMMIT_BRANCH") or None, environ.get("CI_COMMIT_BEFORE_SHA") or None
    # A scheduled or manual pipeline names zeros as well, and they mean nothing there.
    kind = Kind.PUSH if environ.get("CI_PIPELINE_SOURCE", "push") == "push" else Kind.OTHER
    return Said(name, kind, default, before=before, branch=branch, advice=_GITLAB)


def _branch(name: str | None) -> str | None:
    return name.removeprefix("refs/heads/") or None if name else None


def event(path: str | None) -> Any:
    """The event file, which also holds what strangers wrote; empty if it cannot be read."""
    if not path:
        return {}
    try:
        with Path(path).open("rb") as file:
            return json.loads(file.read(_MAX_EVENT))
    except (OSError, ValueError, RecursionError):
        return {}


def _text(data: Any, *keys: str) -> str | None:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, str) and data else None
