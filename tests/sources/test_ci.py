"""The ladder in CI: every system by its variables, every kind of run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sources.repos import Repo
from sources.teams import Find, Open, Team

from schemacheck.errors import NotChecked
from schemacheck.sources import Settings

ZEROS = "0" * 40
Github = Callable[..., dict[str, str]]


@pytest.fixture
def github(tmp_path: Path) -> Github:
    """The environment of a GitHub run, with its event file."""

    def environ(event: str, ref: str, data: dict[str, Any], **more: str) -> dict[str, str]:
        file = tmp_path / "event.json"
        file.write_text(json.dumps({"repository": {"default_branch": "main"}, **data}), encoding="utf-8")
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(file),
            "GITHUB_REF": ref,
            **more,
        }

    return environ


def _pull_request(github: Github, team: Team, base: str = "main") -> dict[str, str]:
    data = {"pull_request": {"head": {"sha": team.mine}, "base": {"sha": team.old}}}
    return github("pull_request", "refs/pull/1/merge", data, GITHUB_BASE_REF=base)


REQUESTS = [
    {
        "TF_BUILD": "True",
        "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
        "BUILD_SOURCEBRANCH": "refs/pull/1/merge",
    },
    {"BITBUCKET_BUILD_NUMBER": "1", "BITBUCKET_PR_ID": "1", "BITBUCKET_PR_DESTINATION_BRANCH": "main"},
    {"JENKINS_URL": "x", "CHANGE_TARGET": "main"},
    {"BUILDKITE": "true", "BUILDKITE_PULL_REQUEST": "1", "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main"},
    {"TRAVIS": "true", "TRAVIS_PULL_REQUEST": "1", "TRAVIS_BRANCH": "main"},
    {"APPVEYOR": "True", "APPVEYOR_PULL_REQUEST_NUMBER": "1", "APPVEYOR_REPO_BRANCH": "main"},
    {"DRONE": "true", "DRONE_PULL_REQUEST": "1", "DRONE_TARGET_BRANCH": "main"},
    {"CI": "woodpecker", "CI_SYSTEM_NAME": "woodpecker", "CI_COMMIT_TARGET_BRANCH": "main"},
    {"CIRRUS_CI": "true", "CIRRUS_PR": "1", "CIRRUS_BASE_BRANCH": "main"},
    {"CODEBUILD_BUILD_ID": "1", "CODEBUILD_WEBHOOK_BASE_REF": "refs/heads/main"},
    {"GITLAB_CI": "1", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "1" * 40},
]
BRANCHES = [
    {"TF_BUILD": "True", "BUILD_SOURCEBRANCH": "refs/heads/feature"},
    {"BITBUCKET_BUILD_NUMBER": "1", "BITBUCKET_BRANCH": "feature"},
    {"JENKINS_URL": "x", "BRANCH_NAME": "feature"},
    {"BUILDKITE": "true", "BUILDKITE_PULL_REQUEST": "false"},
    {"TRAVIS": "true", "TRAVIS_PULL_REQUEST": "false", "TRAVIS_BRANCH": "feature"},
    {"DRONE": "true", "DRONE_TARGET_BRANCH": "feature"},
    {"CIRCLECI": "true", "CIRCLE_BRANCH": "feature"},
    {"TEAMCITY_VERSION": "1"},
    {"CI": "true"},
    {"GITLAB_CI": "1", "CI_COMMIT_BEFORE_SHA": ZEROS, "CI_COMMIT_BRANCH": "feature"},
    {"GITLAB_CI": "1", "CI_COMMIT_BEFORE_SHA": ZEROS, "CI_COMMIT_BRANCH": "main", "CI_PIPELINE_SOURCE": "schedule"},
]
TAGS = [
    {"TF_BUILD": "True", "BUILD_SOURCEBRANCH": "refs/tags/v2"},
    {"BITBUCKET_BUILD_NUMBER": "1", "BITBUCKET_TAG": "v2"},
    {"JENKINS_URL": "x", "BRANCH_NAME": "v2", "TAG_NAME": "v2"},
    {"BUILDKITE": "true", "BUILDKITE_PULL_REQUEST": "false", "BUILDKITE_TAG": "v2"},
    {"TRAVIS": "true", "TRAVIS_PULL_REQUEST": "false", "TRAVIS_BRANCH": "v2", "TRAVIS_TAG": "v2"},
    {"APPVEYOR": "True", "APPVEYOR_REPO_TAG_NAME": "v2", "APPVEYOR_REPO_BRANCH": "main"},
    {"DRONE": "true", "DRONE_TAG": "v2"},
    {"CI_SYSTEM_NAME": "woodpecker", "CI_COMMIT_TAG": "v2"},
    {"CIRRUS_CI": "true", "CIRRUS_TAG": "v2"},
    {"CIRCLECI": "true", "CIRCLE_TAG": "v2"},
    {"GITLAB_CI": "1", "CI_COMMIT_TAG": "v2"},
    {"CODEBUILD_BUILD_ID": "1", "CODEBUILD_WEBHOOK_HEAD_REF": "refs/tags/v2"},
]


def _name(environ: dict[str, str]) -> str:
    return next(iter(environ))


@pytest.mark.parametrize("environ", REQUESTS, ids=_name)
def test_a_change_request_is_compared_where_it_left_its_target(team: Team, find: Find, environ: dict[str, str]) -> None:
    team.clone.git("symbolic-ref", "-d", "refs/remotes/origin/HEAD")
    about = find(team.clone, environ=environ)
    assert (team.old, "change_request", "refs/remotes/origin/main") == (about.revision, about.rung, about.target)


@pytest.mark.parametrize("environ", BRANCHES, ids=_name)
def test_another_branch_is_compared_where_it_left_the_published_one(
    team: Team, find: Find, environ: dict[str, str]
) -> None:
    about = find(team.clone, environ=environ)
    assert (team.old, "branch") == (about.revision, about.rung)


@pytest.mark.parametrize("environ", TAGS, ids=_name)
def test_a_tag_is_compared_with_the_release_before_it(team: Team, find: Find, environ: dict[str, str]) -> None:
    team.clone.git("tag", "v1", team.old)
    team.clone.git("tag", "unrelated")
    team.clone.git("tag", "v2")
    about = find(team.clone, environ=environ)
    assert (team.old, "tag", "refs/tags/v1") == (about.revision, about.rung, about.target)
    team.clone.git("tag", "-d", "v1")
    about = find(team.clone, environ=environ)
    assert ("empty", "tag") == (about.source, about.rung)


def test_a_merge_queue_is_compared_with_its_base(team: Team, find: Find, github: Github) -> None:
    ref = "refs/heads/gh-readonly-queue/main/pr-1"
    about = find(team.clone, environ=github("merge_group", ref, {"merge_group": {"base_sha": team.new}}))
    assert (team.new, "merge_queue") == (about.revision, about.rung)
    assert "branch" == find(team.clone, environ=github("push", ref, {"before": team.new})).rung
    with pytest.raises(NotChecked, match="does not say the base of the merge queue"):
        find(team.clone, environ=github("merge_group", ref, {}))


@pytest.mark.parametrize("target_first", [True, False])
def test_a_merge_commit_of_ci_is_compared_with_its_other_parent(
    team: Team, find: Find, github: Github, target_first: bool
) -> None:
    first, second = ("origin/main", "feature") if target_first else ("feature", "origin/main")
    team.clone.git("checkout", "-q", "--detach", first)
    team.clone.git("merge", "-q", "--no-ff", "-m", "merge", second)
    environs = [
        _pull_request(github, team),
        {**REQUESTS[0], "SYSTEM_PULLREQUEST_SOURCECOMMITID": team.mine},
        {
            **REQUESTS[-1],
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": team.mine,
            "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": team.new,
        },
    ]
    for environ in environs:
        about = find(team.clone, environ=environ)
        assert (team.new, "merge_commit") == (about.revision, about.rung)


@pytest.mark.parametrize("depth", [1, 2, 0])
def test_a_merge_commit_needs_no_history_but_its_parent(
    team: Team, find: Find, github: Github, tmp_path: Path, depth: int
) -> None:
    team.clone.git("push", "-q", "origin", "feature")
    team.remote.git("checkout", "-q", "--detach", "main")
    team.remote.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    team.remote.git("update-ref", "refs/pull/1/merge", "HEAD")
    checkout = Repo(tmp_path / "checkout")  # as actions/checkout makes it
    checkout.git("remote", "add", "origin", team.remote.path.as_uri())
    how = [f"--depth={depth}"] if depth else ["--no-tags"]
    checkout.git("fetch", "-q", *how, "origin", "+refs/pull/1/merge:refs/remotes/pull/1/merge")
    checkout.git("checkout", "-q", "--detach", "refs/remotes/pull/1/merge")
    environ = _pull_request(github, team)
    if depth == 1:
        with pytest.raises(NotChecked) as refusal:
            find(checkout, environ=environ)
        assert refusal.value.hint.startswith(f"run git fetch --depth=1 origin {team.new}; ")
        checkout.git("fetch", "-q", "--depth=1", "origin", team.new)
        assert "" == checkout.git("rev-parse", "--verify", "--quiet", "HEAD^1", check=False)
    about = find(checkout, environ=environ)
    assert (team.new, "merge_commit", depth == 0) == (about.revision, about.rung, about.complete)


def test_a_target_that_is_not_published_does_not_count(team: Team, find: Find, github: Github) -> None:
    team.clone.git("push", "-q", "origin", "feature:lower")
    team.clone.commit({"schemas/mine.avsc": "2"})
    about = find(team.clone, environ=_pull_request(github, team, "lower"))
    assert (team.old, "branch") == (about.revision, about.rung)
    assert ('the change joins "lower", which is not published, so that does not count',) == about.notes
    about = find(team.clone, Settings(("lower",)), _pull_request(github, team, "lower"))
    assert (team.mine, "change_request") == (about.revision, about.rung)


def test_the_target_may_be_named_by_commit(team: Team, find: Find) -> None:
    environ = {**REQUESTS[1], "BITBUCKET_PR_DESTINATION_COMMIT": team.new[:12]}
    about = find(team.clone, environ=environ)
    assert (team.old, "change_request") == (about.revision, about.rung)
    with pytest.raises(NotChecked, match="is not in this clone"):
        find(team.clone, environ={**environ, "BITBUCKET_PR_DESTINATION_COMMIT": "--help"})


def test_a_push_is_compared_with_what_was_there_before(team: Team, find: Find, github: Github) -> None:
    team.clone.git("checkout", "-q", "--detach", "origin/main")
    about = find(team.clone, environ=github("push", "refs/heads/main", {"before": team.old}))
    assert (team.old, "push") == (about.revision, about.rung)
    gitlab = {"GITLAB_CI": "1", "CI_COMMIT_BRANCH": "main", "CI_COMMIT_BEFORE_SHA": team.mine}
    about = find(team.clone, environ=gitlab)
    assert (team.mine, "push") == (about.revision, about.rung)  # as after a forced push
    with pytest.raises(NotChecked, match="is not in this clone"):
        find(team.clone, environ=github("push", "refs/heads/main", {"before": "1" * 40}))
    with pytest.raises(NotChecked, match="does not say what main held"):
        find(team.clone, environ=github("push", "refs/heads/main", {}))


def test_the_first_push_of_the_first_branch_has_nothing_before_it(team: Team, find: Find, github: Github) -> None:
    about = find(team.clone, environ=github("push", "refs/heads/main", {"before": ZEROS}))
    assert ("empty", "push") == (about.source, about.rung)


def test_a_new_published_branch_is_compared_where_it_left_another(team: Team, find: Find, github: Github) -> None:
    settings, environ = Settings(("release/*",)), github("push", "refs/heads/release/1", {"before": ZEROS})
    about = find(team.clone, settings, environ)
    assert (team.old, "push") == (about.revision, about.rung)
    team.clone.git("update-ref", "-d", "refs/remotes/origin/main")
    with pytest.raises(NotChecked, match="the branch origin/main is not here"):
        find(team.clone, settings, environ)


def test_a_push_to_another_branch_was_never_published(team: Team, find: Find, github: Github) -> None:
    about = find(team.clone, environ=github("push", "refs/heads/feature", {"before": team.new}))
    assert (team.old, "branch") == (about.revision, about.rung)


def test_a_run_on_the_published_branch_itself_looks_at_the_commit_before(
    team: Team, find: Find, github: Github
) -> None:
    team.clone.git("checkout", "-q", "--detach", "origin/main")
    environ = github("schedule", "refs/heads/main", {})
    about = find(team.clone, environ=environ)
    assert (team.old, "the commit before HEAD") == (about.revision, about.name)
    assert "origin/main holds HEAD already" in about.notes[0]
    team.clone.write({"schemas/a.avsc": "2"})
    assert team.new == find(team.clone, environ=environ).revision
    team.clone.git("checkout", "-q", "-f", "--detach", team.old)
    assert ("empty", "branch") == (find(team.clone, environ=environ).source, find(team.clone, environ=environ).rung)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"pull_request": 1}', "[" * 100_000])
def test_an_event_file_may_hold_anything(team: Team, find: Find, github: Github, tmp_path: Path, text: str) -> None:
    environ = _pull_request(github, team)
    (tmp_path / "event.json").write_text(text, encoding="utf-8")
    about = find(team.clone, environ=environ)
    assert (team.old, "change_request") == (about.revision, about.rung)


def test_the_pushed_commit_is_judged_in_a_pre_push_hook(team: Team, sides: Open) -> None:
    environ = {"PRE_COMMIT_TO_REF": team.mine, "PRE_COMMIT_FROM_REF": team.new, "PRE_COMMIT_REMOTE_NAME": "origin"}
    team.clone.write({"schemas/a.avsc": "not pushed"})
    opened = sides(team.clone, environ=environ)
    current = opened.current("worktree")
    assert (team.mine, b"1") == (current.about.revision, current.tree.read("schemas/a.avsc"))
    assert team.old == opened.baseline("auto", current).about.revision
