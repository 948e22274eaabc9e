"""The ladder where histories are odd, and where something begins."""

from __future__ import annotations

from pathlib import Path

import pytest
from sources.repos import Repo
from sources.teams import Find, Open, Team

from schemacheck.errors import NotChecked
from schemacheck.sources import Repository, Settings

A, MINE = "schemas/a.avsc", "schemas/mine.avsc"
PUSH = {"GITLAB_CI": "1", "CI_COMMIT_BRANCH": "main", "CI_PIPELINE_SOURCE": "push"}


# histories


def test_a_squashed_branch_is_compared_with_the_commit_it_left_and_not_with_the_squash(team: Team, find: Find) -> None:
    team.clone.git("push", "-q", "origin", "feature")
    team.remote.git("merge", "-q", "--squash", "feature")
    team.remote.commit({}, "squashed")
    team.clone.git("fetch", "-q")
    assert team.old == find(team.clone).revision
    team.clone.git("checkout", "-q", "--detach", "origin/main")
    squashed = team.clone.commit({"other": "1"})
    about = find(team.clone)
    assert (team.clone.git("rev-parse", f"{squashed}^"), "local") == (about.revision, about.rung)


def test_after_a_rebase_the_baseline_is_the_new_start(team: Team, find: Find) -> None:
    team.clone.git("rebase", "-q", "origin/main")
    assert team.new == find(team.clone).revision


def test_while_a_rebase_stands_still_the_new_start_counts(team: Team, find: Find) -> None:
    team.clone.commit({"schemas/theirs.avsc": "mine"})
    team.clone.git("rebase", "-q", "origin/main", check=False)
    assert (team.clone.path / ".git/rebase-merge").exists()
    for spec in ("worktree", "index"):
        assert team.new == find(team.clone, spec=spec).revision


def test_a_cherry_pick_in_progress_brings_nothing_that_was_published(team: Team, find: Find) -> None:
    team.clone.git("cherry-pick", "--no-commit", "origin/main")
    assert team.old == find(team.clone, spec="index").revision


def _criss_cross(folder: Path) -> Repo:
    """Two branches that both merged x and y, so that both are merge bases, and neither is on main's own line."""
    repo = Repo(folder)
    repo.commit({A: "1"})
    for part in ("x", "y"):
        repo.branch(part, "main")
        repo.commit({f"{part}.txt": "1"})
    repo.git("checkout", "-q", "main")
    repo.commit({"main.txt": "1"})
    for part in ("x", "y"):
        repo.git("merge", "-q", "--no-ff", "-m", part, part)
    repo.branch("feature", "x")
    repo.git("merge", "-q", "--no-ff", "-m", "y too", "y")
    return repo


def test_several_merge_bases_of_which_none_is_on_the_targets_line_are_a_question(tmp_path: Path, find: Find) -> None:
    clone = _criss_cross(tmp_path / "remote").clone(tmp_path / "clone")
    clone.git("remote", "set-head", "origin", "main")
    bases = clone.git("merge-base", "--all", "HEAD", "origin/main").split()
    assert 2 == len(bases)
    with pytest.raises(NotChecked, match="HEAD and origin/main have several merge bases") as question:
        find(clone)
    assert "name the baseline: --against git:REVISION" == question.value.hint
    assert all(base[:7] in question.value.message for base in bases)


def test_an_octopus_merge_in_progress_counts_all_that_it_brings(team: Team, find: Find) -> None:
    team.remote.branch("release/1", team.old)
    release = team.remote.commit({"schemas/r.avsc": "1"})
    team.clone.git("fetch", "-q")
    team.clone.git("merge", "-q", "--no-ff", "--no-commit", "origin/main", "origin/release/1")
    assert {team.new, release} == set((team.clone.path / ".git/MERGE_HEAD").read_text("ascii").split())
    assert team.new == find(team.clone, spec="index").revision


# which branch, which commit


def test_a_gitlab_request_is_compared_where_it_left_the_commit_that_gitlab_names(team: Team, find: Find) -> None:
    environ = {
        "GITLAB_CI": "1",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": team.new,
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": team.mine,  # as an older server leaves it after the target was changed
    }
    about = find(team.clone, environ=environ)
    assert (team.old, "change_request") == (about.revision, about.rung)


def test_the_ci_says_which_branch_is_the_default(team: Team, find: Find) -> None:
    team.clone.git("push", "-q", "origin", f"{team.old}:refs/heads/stable", f"{team.old}:refs/heads/master")
    team.clone.git("symbolic-ref", "-d", "refs/remotes/origin/HEAD")
    with pytest.raises(NotChecked, match="which branch is published is not clear: origin/main or origin/master"):
        find(team.clone)
    environ = {"GITLAB_CI": "1", "CI_DEFAULT_BRANCH": "stable", "CI_PIPELINE_SOURCE": "schedule"}
    assert "refs/remotes/origin/stable" == find(team.clone, environ=environ).target


def test_a_default_branch_of_another_name_is_not_guessed_without_the_remotes_word(team: Team, find: Find) -> None:
    team.remote.git("branch", "-m", "main", "production")
    team.clone.git("fetch", "-q", "--prune")
    team.clone.git("symbolic-ref", "-d", "refs/remotes/origin/HEAD", check=False)
    with pytest.raises(NotChecked, match="the branch origin/main is not here"):
        find(team.clone)
    assert team.old == find(team.clone, Settings(("production",))).revision


def test_an_empty_target_variable_is_none(team: Team, find: Find) -> None:
    environ = {"JENKINS_URL": "x", "CHANGE_TARGET": "", "BRANCH_NAME": "feature"}
    assert "branch" == find(team.clone, environ=environ).rung


def test_a_branch_that_was_named_and_is_not_there_is_refused(team: Team, find: Find) -> None:
    about = find(team.clone, Settings(("release/*",)))
    assert team.old == about.revision  # the default branch counts still
    team.clone.git("update-ref", "-d", "refs/remotes/origin/main")
    team.clone.git("symbolic-ref", "-d", "refs/remotes/origin/HEAD")
    with pytest.raises(NotChecked, match=r"no branch of origin matches \[baseline\] published release/\*"):
        find(team.clone, Settings(("release/*",)))


def test_a_branch_checked_out_at_a_tag_of_its_own_name_is_still_that_commit(team: Team, find: Find) -> None:
    team.clone.git("tag", "feature", team.new)
    team.clone.git("tag", "HEAD", team.new)
    assert team.old == find(team.clone).revision


# beginnings


def test_a_clone_of_nothing_must_be_pushed_before_its_second_commit(tmp_path: Path, find: Find) -> None:
    clone = Repo(tmp_path / "remote").clone(tmp_path / "clone")
    clone.write({A: "1"})
    assert "empty" == find(clone).source
    clone.commit({})
    with pytest.raises(NotChecked) as refusal:
        find(clone)
    assert refusal.value.hint.endswith("if nothing was published yet, push it first")


def test_the_first_commit_in_ci_has_the_empty_tree_before_it(tmp_path: Path, find: Find) -> None:
    repo = Repo(tmp_path / "remote")
    repo.commit({A: "1"})
    clone = repo.clone(tmp_path / "clone")
    about = find(clone, environ={**PUSH, "CI_COMMIT_BEFORE_SHA": "0" * 40})
    assert ("empty", "push") == (about.source, about.rung)
    about = find(clone, environ={"CI": "true"})
    assert ("empty", "the empty tree, since HEAD is the first commit") == (about.source, about.name)


def test_roots_that_the_baseline_lacks_are_all_new(tmp_path: Path, sides: Open) -> None:
    repo = Repo(tmp_path / "repo")
    first = repo.commit({"README": "1"})
    repo.write({A: "1"})
    opened = sides(repo)
    current = opened.current("worktree")
    baseline = opened.baseline("auto", current)
    assert (first, {}, {A}) == (baseline.about.revision, dict(baseline.tree.files), set(current.tree.files))


def test_the_empty_tree_has_one_state_and_nothing_in_it(tmp_path: Path, sides: Open) -> None:
    opened = sides(Repo(tmp_path / "repo"))
    ((tree, changed),) = opened.baseline("auto", opened.current("index")).history()
    assert ({}, frozenset()) == (tree.all_files, changed)


# the current side


def test_a_file_with_the_skip_worktree_bit_is_the_one_in_the_index(team: Team, sides: Open) -> None:
    team.clone.git("update-index", "--skip-worktree", A)
    team.clone.write({A: None})
    tree = sides(team.clone).current("worktree").tree
    assert (b"1", frozenset()) == (tree.read(A), tree.untracked)


def test_a_schema_checked_in_a_submodule_is_compared_with_the_submodules_own_history(
    team: Team, sides: Open, tmp_path: Path
) -> None:
    outer = Repo(tmp_path / "outer")
    outer.git("submodule", "--quiet", "add", team.remote.path.as_uri(), "inner")
    inner = Repo(outer.path / "inner")
    inner.write({A: "2"})
    opened = sides(inner)
    current = opened.current("worktree")
    assert (b"2", team.new) == (current.tree.read(A), opened.baseline("auto", current).about.revision)


def test_a_bare_repository_has_no_side_to_judge(team: Team, tmp_path: Path) -> None:
    team.remote.git("clone", "-q", "--bare", str(team.remote.path), str(tmp_path / "bare"))
    with (
        Repository(tmp_path / "bare") as repository,
        pytest.raises(NotChecked, match="is a bare repository") as refusal,
    ):
        assert repository.root
    assert "run it in a clone with a working tree" == refusal.value.hint


def test_ids_may_be_long(tmp_path: Path, sides: Open) -> None:
    team = tmp_path / "long"
    team.mkdir()
    Repo(tmp_path / "short").git("init", "-q", "-b", "main", "--object-format=sha256", str(team))
    repo = Repo(team)
    repo.commit({A: "1"})
    second = repo.commit({A: "2"})
    repo.write({A: "3"})
    opened = sides(repo)
    current = opened.current("worktree")
    baseline = opened.baseline("auto", current)
    assert (64, second, 2) == (len(second), baseline.about.revision, len(baseline.history()))
    assert (b"3", b"2") == (current.tree.read(A), baseline.tree.read(A))


def test_an_initial_commit_is_compared_with_nothing_in_its_hook(
    tmp_path: Path, sides: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo(tmp_path / "repo")
    repo.write({A: "1"})
    repo.git("add", "-A")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    opened = sides(repo)
    current = opened.current("index")
    assert ({A}, "empty") == (set(current.tree.files), opened.baseline("auto", current).about.source)
