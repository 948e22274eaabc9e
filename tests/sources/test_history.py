"""Published states of the past: which there are, what each holds, and when they cannot be known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sources.repos import Repo

from schemacheck.errors import NotChecked
from schemacheck.model import Source
from schemacheck.sources import GitSource, Repository, Select, Settings, Sides

A, B, SHARED = "schemas/a/v1.avsc", "schemas/b/v1.avsc", "lib/money.proto"
Open = Callable[..., tuple[Sides, Source]]
TAGS = Settings(("tags:v*",))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


@pytest.fixture
def against() -> Iterator[Callable[..., Source]]:
    """Opens a baseline of a repository; all is closed in the end."""
    open_ones: list[Repository] = []

    def open_(repo: Repo, spec: str = "git:HEAD", settings: Settings = Settings()) -> Source:  # noqa: B008 - frozen
        open_ones.append(Repository(repo.path))
        sides = Sides(open_ones[-1], Select(("schemas",)), settings, {})
        return sides.baseline(spec, sides.current("worktree"))

    yield open_
    for one in open_ones:
        one.close()


def _states(source: Source) -> list[tuple[str | None, set[str]]]:
    return [(tree.revision, set(changed)) for tree, changed in source.history()]


def test_each_commit_that_changed_schemas_is_a_state_newest_first(repo: Repo, against: Callable[..., Source]) -> None:
    first = repo.commit({A: "1", "README": "1"})
    repo.commit({"README": "2"})
    second = repo.commit({A: "2", B: "1"})
    repo.commit({"README": "3"})
    third = repo.commit({A: None})
    top = repo.commit({"README": "4"})
    source = against(repo)
    assert [(top, {A}), (second, {A, B}), (first, {A})] == _states(source)
    assert source.tree is source.history()[0][0]
    assert third != top


def test_a_state_holds_what_its_commit_holds(repo: Repo, against: Callable[..., Source]) -> None:
    repo.commit({A: "1", SHARED: "m1"})
    repo.commit({B: "1"})
    repo.commit({A: "2"})
    repo.commit({A: None, SHARED: "m2"})
    (repo.path / "schemas/link.avsc").symlink_to("b/v1.avsc")
    repo.commit({A: "1"})
    states = [tree for tree, _ in against(repo).history()]
    assert 5 == len(states)
    for tree in states:
        alone = against(repo, f"git:{tree.revision}").tree
        assert (dict(alone.files), dict(alone.all_files)) == (dict(tree.files), dict(tree.all_files))
        assert (len(alone.all_files), alone.problems.keys()) == (len(tree.all_files), tree.problems.keys())
        assert {p: alone.read(p) for p in alone.all_files} == {p: tree.read(p) for p in tree.all_files}
        assert "schemas/none.avsc" not in tree.files


def test_a_change_of_an_imported_file_outside_of_the_roots_is_a_state(
    repo: Repo, against: Callable[..., Source]
) -> None:
    first = repo.commit({A: "1", SHARED: "m1"})
    second = repo.commit({SHARED: "m2"})
    assert [(second, {SHARED}), (first, {A, SHARED})] == _states(against(repo))


def test_what_stood_on_a_merged_branch_only_was_never_published(repo: Repo, against: Callable[..., Source]) -> None:
    first = repo.commit({A: "1"})
    repo.branch("feature")
    repo.commit({A: "draft"})
    repo.commit({A: "2"})
    repo.git("checkout", "-q", "main")
    repo.commit({"README": "1"})
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    merge = repo.git("rev-parse", "HEAD")
    assert [(merge, {A}), (first, {A})] == _states(against(repo))


def test_a_renamed_file_is_one_that_went_and_one_that_came(repo: Repo, against: Callable[..., Source]) -> None:
    repo.commit({A: "the same long text\n" * 9})
    repo.git("config", "diff.renames", "copies")
    top = repo.commit({A: None, B: "the same long text\n" * 9})
    assert (top, {A, B}) == _states(against(repo))[0]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("log.showRoot", "false"),
        ("log.diffMerges", "combined"),
        ("log.showSignature", "true"),
        ("diff.noprefix", "true"),
    ],
)
def test_the_users_settings_of_git_do_not_change_the_history(
    repo: Repo, against: Callable[..., Source], key: str, value: str
) -> None:
    first = repo.commit({A: "1"})
    repo.branch("feature")
    repo.commit({A: "2"})
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    repo.git("config", key, value)
    assert [(repo.git("rev-parse", "HEAD"), {A}), (first, {A})] == _states(against(repo))


def test_a_path_may_hold_what_git_prints_between_commits(repo: Repo, against: Callable[..., Source]) -> None:
    odd = "schemas/\x01\n:100644 x/v1.avsc"
    first = repo.commit({odd: "1"})
    second = repo.commit({odd: "2", A: "1"})
    assert [(second, {odd, A}), (first, {odd})] == _states(against(repo))


def test_nothing_was_published_where_no_commit_holds_schemas(repo: Repo, against: Callable[..., Source]) -> None:
    top = repo.commit({"README": "1"})
    source = against(repo)
    assert [(top, set())] == _states(source)


# releases: only tagged commits were published


def test_with_release_tags_only_tagged_states_count(repo: Repo, against: Callable[..., Source]) -> None:
    one = repo.commit({A: "1"})
    repo.git("tag", "v1")
    repo.commit({A: "draft", B: "never released"})
    two = repo.commit({A: "2", B: None})
    repo.git("tag", "-a", "v2", "-m", "annotated")
    repo.git("tag", "other")
    repo.commit({A: "3"})
    source = against(repo, "auto", TAGS)
    assert (two, "the tag v2, newest up to the commit before HEAD", "refs/tags/v2") == (
        source.about.revision,
        source.about.name,
        source.about.target,
    )
    assert [(two, {A}), (one, {A})] == _states(source)
    assert b"1" == source.history()[1][0].read(A)


def test_a_release_is_newest_by_its_place_and_not_by_its_name(repo: Repo, against: Callable[..., Source]) -> None:
    repo.commit({A: "1"})
    repo.git("tag", "v9")
    newest = repo.commit({A: "2"})
    repo.git("tag", "v1")
    repo.commit({A: "3"})
    assert newest == against(repo, "auto", TAGS).about.revision


def test_a_release_of_a_merged_branch_was_published_too(repo: Repo, against: Callable[..., Source]) -> None:
    one = repo.commit({A: "1"})
    repo.git("tag", "v1")
    repo.branch("release")
    fix = repo.commit({B: "fix"})
    repo.git("tag", "v1.1")
    repo.git("checkout", "-q", "main")
    repo.commit({A: "2"})
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "release")
    two = repo.git("rev-parse", "HEAD")
    repo.git("tag", "v2")
    repo.commit({A: "3"})
    assert [two, one, fix] == [revision for revision, _ in _states(against(repo, "auto", TAGS))]


def test_without_any_release_nothing_is_published(repo: Repo, against: Callable[..., Source]) -> None:
    repo.commit({A: "1"})
    repo.commit({A: "2"})
    about = against(repo, "auto", TAGS).about
    assert ("empty", "the empty tree, since the commit before HEAD holds no tag v*") == (about.source, about.name)


# clones that were cut off


def test_the_history_of_a_shallow_clone_is_refused_with_the_command_that_mends_it(
    repo: Repo, against: Callable[..., Source], tmp_path: Path
) -> None:
    for number in range(4):
        repo.commit({A: str(number)})
    clone = repo.clone(tmp_path / "clone", "--depth", "2")
    source = against(clone)
    assert not source.about.complete
    with pytest.raises(NotChecked) as refusal:
        source.history()
    assert "shallow" == refusal.value.reason
    assert "with 2 commits of the published line" in refusal.value.message
    assert "git fetch --unshallow origin; GitHub Actions: actions/checkout with fetch-depth: 0" in refusal.value.hint
    clone.git("fetch", "-q", "--unshallow", "origin")
    assert 4 == len(against(clone).history())


def test_release_tags_may_lie_beyond_the_cut(repo: Repo, against: Callable[..., Source], tmp_path: Path) -> None:
    repo.commit({A: "1"})
    repo.git("tag", "v1")
    repo.commit({A: "2"})
    clone = repo.clone(tmp_path / "clone", "--depth", "1")
    with pytest.raises(NotChecked) as refusal:
        against(clone, "git:HEAD", TAGS).history()
    assert "git fetch --unshallow --tags origin" in refusal.value.hint


def test_a_fetch_that_was_allowed_brings_the_history_and_is_told(
    repo: Repo, against: Callable[..., Source], tmp_path: Path
) -> None:
    for number in range(3):
        repo.commit({A: str(number)})
    clone = repo.clone(tmp_path / "clone", "--depth", "1")
    source = against(clone, "auto", Settings(fetch=True))
    assert ("ran git fetch --unshallow origin",) == source.about.notes[:1]
    assert source.about.complete
    assert 3 == len(source.history())


# the commit that made a state


def _last_changed(repo: Repo, revision: str, path: str) -> str:
    """What git says."""
    return repo.git("log", "-1", "--first-parent", "--format=%H", revision, "--", path) or revision


def test_the_commit_that_changed_a_file_is_the_one_git_names(repo: Repo, against: Callable[..., Source]) -> None:
    repo.commit({A: "1", SHARED: "m1"})
    repo.commit({B: "1", "README": "1"})
    repo.branch("feature")
    repo.commit({A: "draft"})
    repo.commit({A: "2"})
    repo.git("checkout", "-q", "main")
    repo.commit({SHARED: "m2"})
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    repo.commit({B: None})
    repo.commit({"README": "2"})
    source = against(repo)
    assert isinstance(source, GitSource)
    states = [tree.revision or "" for tree, _ in source.history()]
    asked = [(revision, path) for revision in states for path in (A, B, SHARED)]
    assert [_last_changed(repo, *one) for one in asked] == [source.changed(one[0], one[1:]) for one in asked]
    both = [_last_changed(repo, states[0], path) for path in (A, SHARED)]
    assert min(both, key=states.index) == source.changed(states[0], (A, SHARED))


def test_the_commit_that_changed_a_file_is_found_for_releases_too(repo: Repo, against: Callable[..., Source]) -> None:
    repo.commit({A: "1"})
    repo.commit({"README": "1"})
    repo.git("tag", "v1")
    repo.branch("release")
    repo.commit({B: "fix"})
    repo.commit({"README": "2"})
    repo.git("tag", "v1.1")
    repo.git("checkout", "-q", "main")
    repo.commit({A: "2"})
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "release")
    repo.git("tag", "v2")
    repo.commit({A: "3"})
    source = against(repo, "auto", TAGS)
    assert isinstance(source, GitSource)
    states = [tree.revision or "" for tree, _ in source.history()]
    asked = [(revision, path) for revision in states for path in (A, B)]
    assert 3 == len(states)
    assert [_last_changed(repo, *one) for one in asked] == [source.changed(one[0], one[1:]) for one in asked]
