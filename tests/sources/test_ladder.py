"""The ladder of `--against auto`, outside of CI: the merge base with the nearest published branch."""

from __future__ import annotations

from pathlib import Path

import pytest
from sources.repos import Repo
from sources.teams import DEFAULTS, Find, Open, Team

from schemacheck.errors import NotChecked, UsageError
from schemacheck.sources import Repository, Select, Settings, Sides
from schemacheck.sources.explain import Explanation


def _explain(opened: Sides) -> Explanation:
    current = opened.current("worktree")
    return opened.explain(current, opened.baseline("auto", current))


@pytest.mark.parametrize("spec", ["worktree", "index", "git:HEAD"])
def test_the_baseline_is_the_merge_base_and_never_the_tip(team: Team, find: Find, spec: str) -> None:
    about = find(team.clone, spec=spec)
    assert (team.old, "local", "refs/remotes/origin/main") == (about.revision, about.rung, about.target)


def test_the_baseline_is_explained(team: Team, sides: Open) -> None:
    team.clone.write({"schemas/mine.avsc": "2", "schemas/more.avsc": "1"})
    told = _explain(sides(team.clone))
    assert (1, 2, 1, 1, 1) == (told.newer, told.differing, told.untracked, told.commits, told.changed)
    assert [("1 explicit", "not set"), ("2 merge queue", "not in CI")] == list(told.rungs[:2])
    assert ("8 local", "used") == told.rungs[-1]


def test_what_was_named_is_taken_as_it_is(team: Team, sides: Open) -> None:
    opened = sides(team.clone)
    current = opened.current("worktree")
    named = ["git:origin/main", "git:merge-base:origin/main", f"git:{team.mine[:10]}"]
    assert [team.new, team.old, team.mine] == [b.about.revision for b in opened.baselines(named, current)]
    assert {} == opened.baseline("empty", current).tree.files
    assert "registry http://localhost" == opened.baseline("registry:http://localhost", current).about.name
    with pytest.raises(UsageError, match="is no baseline"):
        opened.baseline("main", current)


@pytest.mark.parametrize(
    ("specs", "environ", "against", "expected"),
    [
        ([], {}, None, "old"),
        ([], {}, "git:HEAD", "mine"),
        ([], {"SCHEMACHECK_AGAINST": "git:origin/main"}, "git:HEAD", "new"),
        ([], {"SCHEMACHECK_AGAINST": ""}, "git:HEAD", "mine"),
        (["auto"], {"SCHEMACHECK_AGAINST": "git:origin/main"}, "git:HEAD", "old"),
        (["git:HEAD"], {"SCHEMACHECK_AGAINST": "git:origin/main"}, None, "mine"),
    ],
)
def test_the_command_line_wins_over_the_environment_and_that_over_the_configuration(
    team: Team,
    sides: Open,
    specs: list[str],
    environ: dict[str, str],
    against: str | None,
    expected: str,
) -> None:
    opened = sides(team.clone, environ=environ)
    (found,) = opened.baselines(specs, opened.current("worktree"), against)
    assert getattr(team, expected) == found.about.revision


def test_a_local_main_or_a_tag_of_that_name_hides_nothing(team: Team, find: Find) -> None:
    team.clone.git("branch", "-f", "main", "HEAD")
    team.clone.git("tag", "main")
    team.clone.git("tag", "origin/main")
    assert team.old == find(team.clone).revision


@pytest.mark.parametrize("spec", ["worktree", "index"])
def test_a_merge_in_progress_counts_what_it_brings_as_published(team: Team, find: Find, spec: str) -> None:
    team.clone.git("merge", "-q", "--no-commit", "--no-ff", "origin/main")
    assert team.new == find(team.clone, spec=spec).revision
    assert team.old == find(team.clone, spec="git:HEAD").revision


def test_of_several_merge_bases_the_one_on_the_targets_own_line_is_taken(tmp_path: Path, find: Find) -> None:
    remote = Repo(tmp_path / "remote")
    remote.commit({"schemas/a.avsc": "1"})
    remote.branch("feature")
    theirs = remote.commit({"schemas/f.avsc": "1"})
    remote.git("checkout", "-q", "main")
    ours = remote.commit({"schemas/m.avsc": "1"})
    remote.git("checkout", "-q", "feature")
    remote.git("merge", "-q", "--no-ff", "-m", "down", ours)
    remote.git("checkout", "-q", "main")
    remote.git("merge", "-q", "--no-ff", "-m", "up", theirs)
    clone = remote.clone(tmp_path / "clone")
    clone.git("checkout", "-q", "feature")
    assert {ours, theirs} == set(clone.git("merge-base", "--all", "HEAD", "origin/main").split())
    assert ours == find(clone).revision


def test_the_nearest_published_branch_is_the_target(team: Team, find: Find) -> None:
    team.remote.branch("release/1.x", team.old)
    release = team.remote.commit({"schemas/r.avsc": "1"})
    team.clone.git("fetch", "-q")
    team.clone.branch("hotfix", "origin/release/1.x")
    team.clone.commit({"schemas/h.avsc": "1"})
    about = find(team.clone, Settings(("release/*",)))
    assert (release, "refs/remotes/origin/release/1.x") == (about.revision, about.target)
    assert team.old == find(team.clone).revision


def test_branches_without_a_common_commit_have_no_baseline(team: Team, find: Find) -> None:
    team.clone.git("checkout", "-q", "--orphan", "new")
    with pytest.raises(NotChecked, match="no commit yet, but there are published branches"):
        find(team.clone)
    team.clone.commit({})
    with pytest.raises(NotChecked, match="no commit in common"):
        find(team.clone)


def test_nothing_has_changed_where_the_target_holds_head(team: Team, find: Find) -> None:
    team.clone.git("checkout", "-q", "--detach", "origin/main")
    about = find(team.clone)
    assert (team.new, ("origin/main holds HEAD, and nothing has changed since",)) == (about.revision, about.notes)
    team.clone.write({"schemas/a.avsc": "2"})
    about = find(team.clone)
    assert (team.new, ()) == (about.revision, about.notes)


# which branch is published


def test_two_usual_names_are_a_question(team: Team, find: Find) -> None:
    team.clone.git("push", "-q", "origin", "HEAD:develop")
    team.clone.git("symbolic-ref", "-d", "refs/remotes/origin/HEAD")
    with pytest.raises(NotChecked, match="which branch is published is not clear") as question:
        find(team.clone)
    assert '[baseline] published = ["main"]' in question.value.hint
    assert team.old == find(team.clone, Settings(("main",))).revision


def test_the_remote_says_which_branch_is_its_default(team: Team, find: Find) -> None:
    team.clone.git("push", "-q", "origin", "HEAD:stable")
    team.clone.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/stable")
    assert "refs/remotes/origin/stable" == find(team.clone).target


def test_of_origin_and_upstream_the_nearest_wins(team: Team, find: Find) -> None:
    team.clone.git("remote", "add", "upstream", team.remote.path.as_uri())
    team.clone.git("merge", "-q", "origin/main")
    newest = team.remote.commit({"schemas/u.avsc": "1"})
    team.clone.git("fetch", "-q", "upstream")
    team.clone.git("merge", "-q", "upstream/main")
    about = find(team.clone)
    assert (newest, "refs/remotes/upstream/main") == (about.revision, about.target)
    assert team.new == find(team.clone, Settings(remote="origin")).revision


def test_the_only_remote_may_have_any_name(team: Team, find: Find) -> None:
    team.clone.git("remote", "rename", "origin", "company")
    assert "refs/remotes/company/main" == find(team.clone).target


@pytest.mark.parametrize("remote", ["nowhere", "--upload-pack=x", ""])
def test_a_remote_that_does_not_exist_is_refused(team: Team, find: Find, remote: str) -> None:
    with pytest.raises(NotChecked, match="there is no remote"):
        find(team.clone, Settings(remote=remote))


def test_a_remote_that_was_never_fetched_is_not_checked(team: Team, find: Find, tmp_path: Path) -> None:
    repo = Repo(tmp_path / "new")
    repo.commit({"schemas/a.avsc": "1"})
    repo.git("remote", "add", "origin", team.remote.path.as_uri())
    with pytest.raises(NotChecked) as refusal:
        find(repo)
    assert "run git fetch origin +refs/heads/main:refs/remotes/origin/main" in refusal.value.hint


# no remote at all


def test_before_the_first_commit_nothing_is_published(tmp_path: Path, find: Find) -> None:
    about = find(Repo(tmp_path / "repo"))
    assert ("empty", "the empty tree, since there is no commit yet") == (about.source, about.name)


def test_without_a_remote_local_branches_are_published(tmp_path: Path, find: Find) -> None:
    repo = Repo(tmp_path / "repo")
    first = repo.commit({"schemas/a.avsc": "1"})
    assert ("empty", "the empty tree, since HEAD is the first commit") == (find(repo).source, find(repo).name)
    second = repo.commit({"schemas/a.avsc": "2"})
    assert (first, "the commit before HEAD") == (find(repo).revision, find(repo).name)
    repo.write({"schemas/a.avsc": "3"})
    assert (second, ()) == (find(repo).revision, find(repo).notes)
    repo.branch("feature")
    repo.commit({})
    assert (second, "refs/heads/main") == (find(repo).revision, find(repo).target)
    repo.branch("develop")
    assert ("there are main and develop; took the first",) == find(repo).notes


def test_local_branches_count_where_the_configuration_says_so(team: Team, find: Find) -> None:
    assert "refs/heads/main" == find(team.clone, Settings(remote="none")).target


# what git refuses


@pytest.mark.parametrize(
    "name", ["--help", "-n1", "--output=file", "a\nb", "a;b", "nowhere", "HEAD:schemas", "HEAD^{tree}"]
)
def test_what_is_no_commit_is_unknown(team: Team, sides: Open, name: str) -> None:
    opened = sides(team.clone)
    for open_it in (opened.current, lambda spec: opened.baseline(spec, opened.current("worktree"))):
        with pytest.raises(NotChecked, match="is unknown here") as refusal:
            open_it(f"git:{name}")
        assert refusal.value.hint.startswith("git fetch")


def test_a_repository_of_another_user_is_not_checked(team: Team, find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(NotChecked, match="belongs to another user") as refusal:
        find(team.clone)
    assert f"git config --global --add safe.directory {team.clone.path}" == refusal.value.hint


def test_outside_of_git_nothing_is_checked(tmp_path: Path, sides: Open) -> None:
    with Repository(tmp_path) as repository, pytest.raises(NotChecked, match="is not in a git repository"):
        Sides(repository, Select(), DEFAULTS, {}).current("worktree")


def test_a_shallow_clone_has_no_merge_base(team: Team, find: Find, tmp_path: Path) -> None:
    team.clone.git("push", "-q", "origin", "feature")
    shallow = team.remote.clone(tmp_path / "shallow", "--depth", "2", "--branch", "feature", "--no-single-branch")
    with pytest.raises(NotChecked, match="so where HEAD left origin/main is not known") as refusal:
        find(shallow)
    assert ("shallow", True) == (refusal.value.reason, "run git fetch --unshallow origin;" in refusal.value.hint)
    alone = team.remote.clone(tmp_path / "alone", "--depth", "1", "--branch", "feature")
    with pytest.raises(NotChecked, match="the branch origin/main is not in it"):
        find(alone)
    about = find(alone, Settings(fetch=True))
    assert (team.old, True) == (about.revision, about.complete)
    assert ("ran git fetch --unshallow origin +refs/heads/main:refs/remotes/origin/main",) == about.notes


def _everything(repo: Repo) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(repo.path.rglob("*")) if path.is_file()}


def test_a_run_writes_nothing(team: Team, sides: Open) -> None:
    team.clone.write({"schemas/a.avsc": "2", "schemas/new.avsc": "1"})
    team.clone.git("gc", "-q")
    before = _everything(team.clone)
    for spec in ("worktree", "index", "git:HEAD"):
        opened = sides(team.clone)
        current = opened.current(spec)
        baseline = opened.baseline("auto", current)
        assert current.tree.files
        assert baseline.history()
        opened.explain(current, baseline)
    assert before == _everything(team.clone)
