"""Which files import a changed one, where there are so many that git is asked which mention it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sources.repos import Repo

from schemacheck import formats
from schemacheck.model import Tree
from schemacheck.sources import Repository, Select, Settings, Sides

MANY = 120
Opened = Callable[[Repo, str], Tree]


def proto(number: int, *imports: str) -> str:
    lines = [f'import "{name}";' for name in imports]
    return "\n".join(['syntax = "proto3";', f"package p{number};", *lines, f"message M{number} {{ }}", ""])


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Many files; 1 is imported by 2, 2 by 3, and 4 only speaks of 1."""
    repo = Repo(tmp_path / "repo")
    files = {f"schemas/f{number}.proto": proto(number) for number in range(MANY)}
    files |= {"schemas/f2.proto": proto(2, "f1.proto"), "schemas/f3.proto": proto(3, "f2.proto")}
    files |= {"schemas/f4.proto": f"{proto(4)}// see f1.proto\n"}
    repo.commit(files)
    return repo


@pytest.fixture
def opened() -> Iterator[Opened]:
    open_ones: list[Repository] = []

    def open_(repo: Repo, spec: str) -> Tree:
        open_ones.append(Repository(repo.path))
        return Sides(open_ones[-1], Select(("schemas",)), Settings(), {}).current(spec).tree

    yield open_
    for one in open_ones:
        one.close()


def dependents(tree: Tree, path: str) -> set[str]:
    return formats.load("protobuf").open(tree, {}).dependents([path])


@pytest.mark.parametrize("spec", ["worktree", "index", "git:HEAD"])
def test_who_imports_a_file_is_found_through_others(repo: Repo, opened: Opened, spec: str) -> None:
    assert {"schemas/f2.proto", "schemas/f3.proto"} == dependents(opened(repo, spec), "schemas/f1.proto")


def test_each_side_has_its_own_importers(repo: Repo, opened: Opened) -> None:
    repo.write({"schemas/f2.proto": proto(2), "schemas/f5.proto": proto(5, "f1.proto")})
    repo.write({"schemas/new.proto": proto(900, "f5.proto")})
    expected = {"worktree": {"f5", "new"}, "git:HEAD": {"f2", "f3"}, "index": {"f2", "f3"}}
    for spec, names in expected.items():
        found = dependents(opened(repo, spec), "schemas/f1.proto")
        assert {f"schemas/{name}.proto" for name in names} == found, spec


def test_a_file_name_that_looks_like_an_option_is_looked_for_all_the_same(repo: Repo, opened: Opened) -> None:
    repo.commit({"schemas/-e.proto": proto(901), "schemas/f6.proto": proto(6, "-e.proto")})
    assert {"schemas/f6.proto"} == dependents(opened(repo, "git:HEAD"), "schemas/-e.proto")


def test_git_reads_no_more_files_one_by_one_than_it_must(repo: Repo, opened: Opened) -> None:
    tree = opened(repo, "worktree")
    asked: list[str] = []
    read = tree.read
    tree.read = lambda path: (asked.append(path), read(path))[1]  # type: ignore[method-assign]
    dependents(tree, "schemas/f1.proto")
    assert len(asked) < 5


def test_many_names_are_looked_up_in_one_pass(repo: Repo, opened: Opened) -> None:
    tree = opened(repo, "worktree")
    asked: list[str] = []
    read = tree.read
    tree.read = lambda path: (asked.append(path), read(path))[1]  # type: ignore[method-assign]
    workspace = formats.load("protobuf").open(tree, {})
    found = {number: list(workspace.claims(f"p{number}.M{number}")) for number in range(MANY)}
    assert {number: [f"schemas/f{number}.proto"] for number in range(MANY)} == found
    assert len(asked) < 3 * MANY


# Avro: names instead of imports


def avro(number: int, *uses: str) -> str:
    fields = ", ".join(f'{{"name": "f{place}", "type": "{name}"}}' for place, name in enumerate(uses))
    return f'{{"type": "record", "name": "M{number}", "namespace": "n", "fields": [{fields}]}}'


@pytest.fixture
def records(tmp_path: Path) -> Repo:
    """Many files; 1 is used by 2, and by 3 in escaped characters; 2 by 4. 5 holds a longer name, 6 a text."""
    repo = Repo(tmp_path / "records")
    files = {f"schemas/f{number}.avsc": avro(number) for number in range(MANY)}
    files |= {
        "schemas/f2.avsc": avro(2, "n.M1"),
        "schemas/f3.avsc": avro(3, r"n.\u004d1"),
        "schemas/f4.avsc": avro(4, "M2"),
    }
    files |= {
        "schemas/f5.avsc": avro(5, "string").replace("M5", "XM1"),
        "schemas/f6.avsc": avro(6).replace("[]", '[], "doc": "M1"'),
    }
    repo.commit(files)
    return repo


def reading(tree: Tree, path: str) -> set[str]:
    return formats.load("avro").open(tree, {}).dependents([path])


@pytest.mark.parametrize("spec", ["worktree", "index", "git:HEAD"])
def test_who_uses_a_name_is_found_through_others_and_through_escapes(records: Repo, opened: Opened, spec: str) -> None:
    expected = {f"schemas/f{number}.avsc" for number in (2, 3, 4)}
    assert expected == reading(opened(records, spec), "schemas/f1.avsc")


def test_each_side_has_its_own_users_of_a_name(records: Repo, opened: Opened) -> None:
    records.write({"schemas/f2.avsc": avro(2), "schemas/new.avsc": avro(900, "n.M1")})
    worktree = {f"schemas/{name}.avsc" for name in ("f3", "new")}
    assert worktree == reading(opened(records, "worktree"), "schemas/f1.avsc")
    assert {f"schemas/f{number}.avsc" for number in (2, 3, 4)} == reading(opened(records, "index"), "schemas/f1.avsc")


def test_who_claims_a_name_is_found_in_one_question_and_in_many(records: Repo, opened: Opened) -> None:
    workspace = formats.load("avro").open(opened(records, "index"), {})
    expected = [[f"schemas/f{number}.avsc"] for number in range(10, 30)]
    assert expected == [list(workspace.claims(f"n.M{number}")) for number in range(10, 30)]
