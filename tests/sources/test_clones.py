"""Clones that lack something: cut off, without blobs, with objects that are gone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sources.repos import Repo
from sources.teams import Find, Open, Team

from schemacheck.errors import NotChecked
from schemacheck.sources import Settings

A, MINE = "schemas/a.avsc", "schemas/mine.avsc"


def _request(**more: str) -> dict[str, str]:
    return {"JENKINS_URL": "x", "CHANGE_TARGET": "main", **more}


def _alone(team: Team, folder: Path, *options: str) -> Repo:
    """A clone of the change alone, as CI systems make it."""
    team.clone.git("push", "-q", "origin", "feature")
    return team.remote.clone(folder, "--branch", "feature", "--single-branch", *options)


def test_a_target_fetched_at_depth_1_has_no_merge_base_with_a_change_at_depth_1(
    team: Team, find: Find, tmp_path: Path
) -> None:
    alone = _alone(team, tmp_path / "alone", "--depth", "1")
    alone.git("fetch", "-q", "--depth=1", "origin", "+refs/heads/main:refs/remotes/origin/main")
    assert "" == alone.git("merge-base", "HEAD", "refs/remotes/origin/main", check=False)
    with pytest.raises(NotChecked, match="so where HEAD left origin/main is not known") as refusal:
        find(alone, environ=_request())
    assert "shallow" == refusal.value.reason


def test_a_cut_history_that_gives_a_wrong_merge_base_is_not_believed(team: Team, find: Find, tmp_path: Path) -> None:
    team.clone.git("merge", "-q", "--no-ff", "-m", "down", "origin/main")
    team.clone.commit({MINE: "2"})
    team.clone.commit({MINE: "3"})
    alone = _alone(team, tmp_path / "alone", "--depth", "2")
    with pytest.raises(NotChecked) as refusal:
        find(alone, environ=_request())
    assert "run git fetch --unshallow origin +refs/heads/main:refs/remotes/origin/main" == refusal.value.hint


@pytest.mark.parametrize("depth", ["1", "2"])
def test_a_release_may_lie_beyond_the_cut(team: Team, find: Find, tmp_path: Path, depth: str) -> None:
    team.remote.git("tag", "v1", team.old)
    clone = team.remote.clone(tmp_path / "tagged", "--depth", depth)
    with pytest.raises(NotChecked) as refusal:
        find(clone, environ={"CIRCLECI": "true", "CIRCLE_TAG": "v2"})
    assert refusal.value.hint.startswith("run git fetch --unshallow --tags origin")


def test_the_first_commit_of_a_shallow_clone_is_not_the_first_at_all(team: Team, find: Find, tmp_path: Path) -> None:
    clone = team.remote.clone(tmp_path / "cut", "--depth", "1")
    for environ in ({}, {"CI": "true"}):
        with pytest.raises(NotChecked, match="this clone is shallow"):
            find(clone, environ=environ)


def test_a_complete_clone_is_never_told_to_fetch_with_a_depth(team: Team, find: Find) -> None:
    environ = {"GITLAB_CI": "1", "CI_COMMIT_BRANCH": "main", "CI_COMMIT_BEFORE_SHA": "1" * 40}
    with pytest.raises(NotChecked) as refusal:
        find(team.clone, environ=environ)
    assert refusal.value.hint.startswith(f"run git fetch origin {'1' * 40}")


def test_a_target_that_was_not_fetched_is_named_with_the_command_that_brings_it(
    team: Team, find: Find, tmp_path: Path
) -> None:
    alone = _alone(team, tmp_path / "alone")
    with pytest.raises(NotChecked, match="the branch origin/main is not here") as refusal:
        find(alone, environ=_request())
    command = refusal.value.hint.removeprefix("run ").partition(";")[0]
    assert "git fetch origin +refs/heads/main:refs/remotes/origin/main" == command
    alone.git(*command.split()[1:])
    assert team.old == find(alone, environ=_request()).revision


def test_a_fetch_that_fails_is_told_and_not_repeated(team: Team, find: Find, tmp_path: Path) -> None:
    alone = _alone(team, tmp_path / "alone", "--depth", "1")
    alone.git("remote", "set-url", "origin", (tmp_path / "nowhere").as_uri())
    with pytest.raises(NotChecked, match=r"git fetch --unshallow origin .* failed: fatal") as refusal:
        find(alone, Settings(fetch=True), _request())
    assert "run it by hand, with your credentials" == refusal.value.hint


def test_a_hook_never_fetches(team: Team, find: Find, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = _alone(team, tmp_path / "alone")
    monkeypatch.setenv("PRE_COMMIT", "1")
    with pytest.raises(NotChecked, match="is not here"):
        find(alone, Settings(fetch=True))
    assert "" == alone.git("for-each-ref", "refs/remotes/origin/main")


def test_a_clone_without_blobs_fetches_those_it_reads(team: Team, sides: Open, tmp_path: Path) -> None:
    team.remote.git("config", "uploadpack.allowFilter", "true")
    team.remote.git("config", "uploadpack.allowAnySHA1InWant", "true")
    old = team.remote.commit({A: "only here"})
    team.remote.commit({A: "2"})
    partial = team.remote.clone(tmp_path / "partial", "--filter=blob:none")
    opened = sides(partial)
    baseline = opened.baseline(f"git:{old}", opened.current("worktree"))
    assert (b"only here", True, 3) == (baseline.tree.read(A), baseline.about.complete, len(baseline.history()))


def _object(repo: Repo, name: str) -> Path:
    oid = repo.git("rev-parse", name)
    return repo.path / ".git/objects" / oid[:2] / oid[2:]


def test_a_missing_blob_is_not_checked_and_hides_no_other_file(team: Team, sides: Open) -> None:
    team.clone.commit({MINE: "only here"})
    _object(team.clone, f"HEAD:{MINE}").unlink()
    opened = sides(team.clone)
    tree = opened.baseline("git:HEAD", opened.current("worktree")).tree
    with pytest.raises(NotChecked, match="is missing") as refusal:
        tree.read(MINE)
    assert ("baseline", b"1") == (refusal.value.reason, tree.read(A))


@pytest.mark.parametrize("name", ["HEAD^{tree}", "HEAD:schemas"])
def test_a_missing_folder_is_not_checked(team: Team, sides: Open, name: str) -> None:
    _object(team.clone, name).unlink()
    current = sides(team.clone).current("git:HEAD")
    with pytest.raises(NotChecked, match="git ls-tree failed") as refusal:
        assert current.tree.files
    assert "git fsck" in refusal.value.hint


def test_a_missing_commit_below_the_baseline_is_not_checked(team: Team, sides: Open) -> None:
    team.clone.commit({MINE: "2"})
    _object(team.clone, "HEAD^").unlink()
    opened = sides(team.clone)
    baseline = opened.baseline("git:HEAD", opened.current("worktree"))
    with pytest.raises(NotChecked, match="failed: "):
        baseline.history()


def test_a_broken_index_is_not_checked(team: Team, sides: Open) -> None:
    (team.clone.path / ".git/index").write_bytes(b"DIRC broken")
    current = sides(team.clone).current("index")
    with pytest.raises(NotChecked, match="git ls-files failed"):
        assert current.tree.files


def test_a_repository_that_git_does_not_know_any_more_is_not_checked(team: Team, find: Find) -> None:
    shutil.rmtree(team.clone.path / ".git/objects")
    with pytest.raises(NotChecked):
        find(team.clone)
