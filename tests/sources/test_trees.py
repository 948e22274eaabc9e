"""What a tree holds: the working tree, the index and a commit, and everything that only looks like a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sources.repos import Repo

from schemacheck.errors import NotChecked
from schemacheck.model import Source, Tree
from schemacheck.sources import Repository, Select, Settings, Sides

V1, V2 = "schemas/a/v1.avsc", "schemas/a/v2.avsc"
BELOW_SCHEMAS = Select(("schemas",))
Open = Callable[..., tuple[Sides, Source]]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens the current side of a repository; all is closed in the end."""
    open_ones: list[Repository] = []

    def open_(repo: Repo, spec: str = "worktree", select: Select = BELOW_SCHEMAS) -> tuple[Sides, Source]:
        open_ones.append(Repository(repo.path))
        sides = Sides(open_ones[-1], select, Settings(), {})
        return sides, sides.current(spec)

    yield open_
    for one in open_ones:
        one.close()


def test_a_file_has_the_id_that_git_gives_to_its_content_on_every_side(repo: Repo, opened: Open) -> None:
    repo.write({V1: "one", "schemas/b.proto": "two"})
    expected = {path: repo.git("hash-object", path) for path in (V1, "schemas/b.proto")}
    assert expected == dict(opened(repo)[1].tree.files)
    repo.commit({})
    for spec in ("worktree", "index", "git:HEAD"):
        assert expected == dict(opened(repo, spec)[1].tree.files)


def test_the_working_tree_is_what_stands_on_the_disk(repo: Repo, opened: Open) -> None:
    repo.commit({V1: "old", "schemas/gone.avsc": "x", "schemas/same.avsc": "same"})
    repo.write({V1: "new", V2: "added", "schemas/gone.avsc": None})
    tree = opened(repo)[1].tree
    assert {V1: b"new", V2: b"added", "schemas/same.avsc": b"same"} == {p: tree.read(p) for p in tree.files}
    assert {V2} == set(tree.untracked)


def test_the_index_is_what_the_commit_will_hold(repo: Repo, opened: Open) -> None:
    repo.commit({V1: "old"})
    repo.write({V1: "staged"})
    repo.git("add", "-A")
    repo.write({V1: "later", V2: "untracked"})
    tree = opened(repo, "index")[1].tree
    assert {V1: b"staged"} == {path: tree.read(path) for path in tree.files}


def test_what_git_ignores_is_not_there(repo: Repo, opened: Open) -> None:
    repo.commit({".gitignore": "build/\n", V1: "x"})
    repo.write({"schemas/build/v1.avsc": "x"})
    assert [V1] == list(opened(repo)[1].tree.files)


def test_schemas_outside_of_the_roots_can_be_imported_but_are_not_judged(repo: Repo, opened: Open) -> None:
    repo.commit({V1: "x", "lib/money.proto": "m", "buf.yaml": "b", "schemas/vendor/x.proto": "v", "README": "r"})
    tree = opened(repo, select=Select(("schemas",), ("schemas/vendor/**",)))[1].tree
    assert {V1} == set(tree.files)
    assert {V1, "lib/money.proto", "buf.yaml", "schemas/vendor/x.proto"} == set(tree.all_files)
    assert b"m" == tree.read("lib/money.proto")


@pytest.mark.parametrize("name", ["new\nline", 'quo"te', '"quoted"', "tab\there", "back\\slash", "ümlaut", "a b", "-n"])
def test_a_file_name_may_hold_almost_anything(repo: Repo, opened: Open, name: str) -> None:
    path = f"schemas/{name}.avsc"
    repo.write({path: "untracked"})
    assert b"untracked" == opened(repo)[1].tree.read(path)
    repo.commit({V1: "x"})
    repo.write({path: "modified"})
    tree = opened(repo)[1].tree
    assert (repo.git("hash-object", "--", path), b"modified") == (tree.files[path], tree.read(path))
    for spec in ("index", "git:HEAD"):
        assert b"untracked" == opened(repo, spec)[1].tree.read(path)


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_file_name_that_is_no_utf_8_is_a_problem(repo: Repo, opened: Open) -> None:
    repo.commit({V1: "x"})
    Path(os.fsdecode(os.fsencode(repo.path / "schemas") + b"/\xff.avsc")).write_text("x", encoding="utf-8")
    assert {"schemas/\\xff.avsc"} == set(opened(repo)[1].tree.problems)
    repo.commit({})
    assert {"schemas/\\xff.avsc"} == set(opened(repo, "git:HEAD")[1].tree.problems)


def _problems(opened: Open, repo: Repo, spec: str, select: Select = BELOW_SCHEMAS) -> dict[str, str]:
    return {path: problem.message for path, problem in opened(repo, spec, select)[1].tree.problems.items()}


def test_a_symbolic_link_is_a_problem_and_is_never_followed(repo: Repo, opened: Open, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    repo.commit({V1: "x"})
    (repo.path / V2).symlink_to(tmp_path / "secret")
    expected = {V2: f'it is a symbolic link to "{tmp_path / "secret"}"'}
    assert expected == _problems(opened, repo, "worktree")
    repo.commit({})
    for spec in ("worktree", "index", "git:HEAD"):
        tree = opened(repo, spec)[1].tree
        assert expected == _problems(opened, repo, spec)
        assert [V1] == list(tree.files)
        with pytest.raises(KeyError):
            tree.read(V2)


def test_a_file_that_became_a_link_or_a_folder_is_a_problem(repo: Repo, opened: Open) -> None:
    repo.commit({V1: "x", V2: "y", "schemas/b.avsc": "z"})
    for path in (V1, V2):
        (repo.path / path).unlink()
    (repo.path / V1).symlink_to("v2.avsc")
    (repo.path / V2).mkdir()
    assert {V1, V2} == _problems(opened, repo, "worktree").keys()
    assert ["schemas/b.avsc"] == list(opened(repo)[1].tree.files)


def test_files_whose_folder_became_a_link_are_a_problem(repo: Repo, opened: Open) -> None:
    repo.commit({V1: "x"})
    (repo.path / "schemas").rename(repo.path / "elsewhere")
    (repo.path / "schemas").symlink_to("elsewhere")
    assert {V1: "it stands below a symbolic link"} == _problems(opened, repo, "worktree")
    assert {} == opened(repo)[1].tree.files


def test_a_link_put_in_the_way_after_listing_is_not_followed(repo: Repo, opened: Open, tmp_path: Path) -> None:
    Repo(tmp_path / "other").write({"v1.avsc": "secret"})
    repo.commit({V1: "x"})
    repo.write({V1: "changed"})
    tree = opened(repo)[1].tree
    assert [V1] == list(tree.files)
    (repo.path / "schemas/a").rename(repo.path / "moved")
    (repo.path / "schemas/a").symlink_to(tmp_path / "other")
    with pytest.raises(NotChecked, match="cannot be read"):
        tree.read(V1)


def test_a_folder_that_is_named_like_a_schema_is_a_problem_even_if_it_is_empty(repo: Repo, opened: Open) -> None:
    repo.commit({V1: "x", "schemas/full.avsc/readme": "r"})
    (repo.path / "schemas/empty.avsc").mkdir()
    assert {"schemas/full.avsc", "schemas/empty.avsc"} == _problems(opened, repo, "worktree").keys()
    assert {"schemas/full.avsc": "it is a folder"} == _problems(opened, repo, "git:HEAD")


def test_a_submodule_below_or_around_a_root_is_a_problem(repo: Repo, opened: Open, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other")
    commit = other.commit({"v1.avsc": "x"})
    repo.commit({V1: "x"})
    repo.git("submodule", "--quiet", "add", str(other.path), "schemas/sub")
    repo.commit({})
    expected = {"schemas/sub": f"it is a submodule, at {commit[:12]}, and its files are elsewhere"}
    for spec in ("worktree", "index", "git:HEAD"):
        assert expected == _problems(opened, repo, spec)
        assert expected == _problems(opened, repo, spec, Select(("schemas/sub/deep",)))
        assert {} == _problems(opened, repo, spec, Select(("schemas/a",)))


@pytest.mark.parametrize("spec", ["worktree", "index"])
def test_an_unresolved_conflict_is_a_problem(repo: Repo, opened: Open, spec: str) -> None:
    repo.commit({V1: "x", "schemas/b.avsc": "b"})
    repo.branch("other")
    repo.commit({V1: "theirs"})
    repo.git("checkout", "-q", "main")
    repo.commit({V1: "ours"})
    repo.git("merge", "other", check=False)
    assert {V1: "it has an unresolved merge conflict"} == _problems(opened, repo, spec)
    assert ["schemas/b.avsc"] == list(opened(repo, spec)[1].tree.files)


def test_a_file_that_was_only_announced_is_not_in_the_index(repo: Repo, opened: Open) -> None:
    repo.commit({V1: "x", "schemas/empty.avsc": ""})
    repo.write({V2: "announced"})
    repo.git("add", "--intent-to-add", V2)
    assert {V1, "schemas/empty.avsc"} == set(opened(repo, "index")[1].tree.files)
    assert b"announced" == opened(repo)[1].tree.read(V2)


def test_what_sparse_checkout_leaves_out_is_still_there(repo: Repo, opened: Open) -> None:
    repo.commit({V1: "x", "schemas/b/v1.avsc": "far"})
    repo.git("sparse-checkout", "set", "schemas/a")
    assert not (repo.path / "schemas/b").exists()
    assert b"far" == opened(repo)[1].tree.read("schemas/b/v1.avsc")


def test_line_ends_that_git_converts_are_no_difference(repo: Repo, opened: Open) -> None:
    repo.commit({".gitattributes": "*.avsc text eol=crlf\n", V1: "a\nb\n"})
    repo.write({V1: "a\r\nb\r\n"})
    os.utime(repo.path / V1, (1, 1))  # so that git must look at it
    assert opened(repo, "git:HEAD")[1].tree.files == opened(repo)[1].tree.files


def _by_listing(repo: Repo, opened: Open, commit: str) -> Tree:
    return opened(repo, f"git:{commit}")[1].tree


def test_a_commit_beside_the_index_is_the_same_as_the_commit_alone(repo: Repo, opened: Open) -> None:
    repo.commit({V1: "1", "lib/x.proto": "1", "schemas/gone.avsc": "g"})
    repo.commit({V1: "2", V2: "2", "schemas/gone.avsc": None, "lib/x.proto": "2"})
    (repo.path / "schemas/link.avsc").symlink_to("v1.avsc")
    repo.commit({"schemas/full.avsc/readme": "r"})
    repo.commit({"schemas/full.avsc/readme": None})
    repo.write({V1: "3"})
    for name in ("HEAD", "HEAD~1", "HEAD~2", "HEAD~3"):
        sides, current = opened(repo)
        beside = sides.baseline(f"git:{name}", current).tree
        alone = _by_listing(repo, opened, name)
        assert (dict(alone.all_files), alone.problems) == (dict(beside.all_files), beside.problems)
        assert {path: alone.read(path) for path in alone.files} == {path: beside.read(path) for path in beside.files}


@pytest.mark.parametrize("state", ["conflict", "announced"])
def test_a_commit_is_the_same_beside_an_unusual_index(repo: Repo, opened: Open, state: str) -> None:
    repo.commit({V1: "x"})
    repo.branch("other")
    repo.commit({V1: "theirs"})
    repo.git("checkout", "-q", "main")
    repo.commit({V1: "ours"})
    if state == "conflict":
        repo.git("merge", "other", check=False)
    else:
        repo.write({V2: "announced"})
        repo.git("add", "--intent-to-add", V2)
    sides, current = opened(repo, "index")
    beside = sides.baseline("git:HEAD", current).tree
    assert {V1: b"ours"} == {path: beside.read(path) for path in beside.files}


def test_a_run_in_a_subfolder_sees_the_whole_repository(repo: Repo, opened: Open) -> None:
    repo.commit({V1: "x", "lib/x.proto": "p"})
    repo.write({V1: "y"})
    with Repository(repo.path / "schemas/a") as repository:
        current = Sides(repository, BELOW_SCHEMAS, Settings(), {}).current("worktree")
        assert {V1, "lib/x.proto"} == set(current.tree.all_files)
        assert b"y" == current.tree.read(V1)


def test_a_directory_needs_no_git(opened: Open, tmp_path: Path) -> None:
    Repo(tmp_path / "unused").write({"x": ""})
    folder = tmp_path / "folder"
    (folder / "schemas/x.avsc").mkdir(parents=True)
    (folder / "schemas/v1.avsc").write_text("one", encoding="utf-8")
    (folder / "schemas/v2.avsc").symlink_to("v1.avsc")
    with Repository(tmp_path) as repository:
        sides = Sides(repository, BELOW_SCHEMAS, Settings(), {})
        current = sides.current(f"dir:{folder}")
        baseline = sides.baseline(f"dir:{folder}", current)
        assert ["schemas/v1.avsc"] == list(current.tree.files)
        assert b"one" == baseline.tree.read("schemas/v1.avsc")
        assert {"schemas/x.avsc", "schemas/v2.avsc"} == set(current.tree.problems)
        assert 0 == repository.commands
