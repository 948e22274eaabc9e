"""Objects that no git command makes, but that a stranger can push: broken, missing, replaced, named to mislead."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from sources.repos import Repo

import schemacheck

A = "schemas/a/v1.avsc"
GOOD = '{"type": "record", "name": "A", "namespace": "a.v1", "fields": [%s]}'
OLD, NEW = GOOD % "", GOOD % '{"name": "b", "type": "int", "default": 0}'


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    repo.commit({A: OLD})
    return repo


def run(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command line, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "schemacheck", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(schemacheck.__file__).parents[1]), **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def written(repo: Repo, kind: str, content: bytes) -> str:
    """The id of an object that git would not make, but keeps."""
    command = ["git", "hash-object", "-t", kind, "-w", "--literally", "--stdin"]
    return (
        subprocess.run(command, cwd=repo.path, input=content, capture_output=True, check=True).stdout.decode().strip()
    )


def tree(repo: Repo, *entries: tuple[str, bytes, str]) -> str:
    """A tree of mode, name and id, as they are given."""
    raw = b"".join(b"%b %b\0%b" % (mode.encode(), name, bytes.fromhex(oid)) for mode, name, oid in entries)
    return written(repo, "tree", raw)


def commit(repo: Repo, root: str, parent: str = "HEAD") -> str:
    return repo.git("commit-tree", root, "-p", parent, "-m", "odd")


def beside(repo: Repo, mode: str, name: bytes, oid: str) -> str:
    """A commit whose schemas are the old ones and one more entry in their folder."""
    a = repo.git("rev-parse", "HEAD:schemas/a")
    return commit(repo, tree(repo, ("40000", b"schemas", tree(repo, ("40000", b"a", a), (mode, name, oid)))))


def checked(repo: Repo, odd: str) -> subprocess.CompletedProcess[str]:
    done = run(repo.path, "check", "--current", f"git:{odd}", "--against", "git:HEAD")
    assert "bug of schemacheck" not in done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("name", [b"..", b".", b".git"])
def test_a_folder_that_no_checkout_can_hold_is_not_checked(repo: Repo, name: bytes) -> None:
    done = checked(repo, beside(repo, "40000", name, repo.git("rev-parse", "HEAD:schemas/a")))
    assert (3, True) == (done.returncode, "no checkout can hold its path" in done.stdout), done.stdout + done.stderr


def test_a_folder_without_a_name_is_not_checked(repo: Repo) -> None:
    done = checked(repo, beside(repo, "40000", b"", repo.git("rev-parse", "HEAD:schemas/a")))
    assert 3 == done.returncode, done.stdout + done.stderr


def test_a_submodule_whose_name_is_not_utf8_is_not_checked(repo: Repo) -> None:
    done = checked(repo, beside(repo, "160000", b"caf\xe9", "1" * 40))
    assert (3, True) == (done.returncode, "it is a submodule" in done.stdout), done.stdout


@pytest.mark.parametrize("name", [b"v2\n.avsc", b"v2\x1b[2J.avsc", b"-v2.avsc", b"v2\xff.avsc", b"::error::x.avsc"])
def test_an_odd_name_is_said_in_one_harmless_line(repo: Repo, name: bytes) -> None:
    done = checked(repo, beside(repo, "100644", name, written(repo, "blob", OLD.encode())))
    assert done.returncode in (0, 1, 3)
    assert "\x1b" not in done.stdout + done.stderr
    assert not [line for line in done.stdout.splitlines() if line.startswith(("::", ".avsc"))]


def test_one_name_for_two_files_takes_no_published_version_away(repo: Repo) -> None:
    blob = written(repo, "blob", OLD.encode())
    folder = tree(repo, ("100644", b"v1.avsc", written(repo, "blob", b"{")), ("100644", b"v1.avsc", blob))
    odd = commit(repo, tree(repo, ("40000", b"schemas", tree(repo, ("40000", b"a", folder)))))
    assert checked(repo, odd).returncode in (0, 3)


@pytest.mark.parametrize("what", ["blob", "tree", "commit"])
@pytest.mark.parametrize("how", ["missing", "corrupt", "cut"])
def test_a_broken_object_is_not_checked(repo: Repo, what: str, how: str) -> None:
    repo.commit({A: NEW})
    name = {"blob": f"HEAD~1:{A}", "tree": "HEAD~1:schemas", "commit": "HEAD~1"}[what]
    oid = repo.git("rev-parse", name)
    place = repo.path / ".git/objects" / oid[:2] / oid[2:]
    raw = place.read_bytes()
    place.unlink()
    if how != "missing":
        place.write_bytes(zlib.compress(zlib.decompress(raw)[:-3] + b"xyz") if how == "corrupt" else raw[:-8])
    done = run(repo.path, "check", "--against", "git:HEAD~1")
    assert "bug of schemacheck" not in done.stderr
    # Git reads a text that was changed in place, unless it makes no sense as a tree or a commit.
    assert done.returncode == 3 or (how == "corrupt" and done.returncode in (1, 3)), done.stdout + done.stderr


def test_an_object_of_another_type_is_not_checked(repo: Repo) -> None:
    done = checked(repo, beside(repo, "100644", b"v2.avsc", repo.git("rev-parse", "HEAD:schemas/a")))
    assert (3, True) == (done.returncode, "not checked" in done.stdout), done.stdout + done.stderr


def test_a_tag_of_a_tag_of_a_tree_is_no_revision(repo: Repo) -> None:
    repo.git("tag", "-a", "-m", "x", "odd", "HEAD^{tree}")
    repo.git("tag", "-a", "-m", "x", "odder", "odd")
    assert 3 == run(repo.path, "check", "--against", "git:odder").returncode


def test_thousands_of_files_in_one_commit_end(repo: Repo) -> None:
    lines = [b"blob\nmark :1\ndata %d\n%b\n" % (len(OLD), OLD.encode()), b"commit refs/heads/many\n"]
    lines += [b"committer A <a@example.org> 1 +0000\ndata 1\nx\nfrom refs/heads/main\n"]
    lines += [b"M 100644 :1 schemas/e%d/v1.avsc\n" % number for number in range(2_000)]
    subprocess.run(["git", "fast-import", "--quiet"], cwd=repo.path, input=b"".join(lines), check=True)
    done = run(repo.path, "check", "--current", "git:many", "--against", "git:main", "--format", "json")
    assert done.returncode in (1, 3)
    assert "bug of schemacheck" not in done.stderr


# what stands in .git and is no part of what was published


def test_a_replaced_object_is_read_as_it_was_published(repo: Repo) -> None:
    """`git replace` is a note of this clone; what consumers got is the object itself."""
    broken = OLD.replace('"a.v1"', '"a.v2"')
    repo.git("replace", repo.git("rev-parse", f"HEAD:{A}"), written(repo, "blob", broken.encode()))
    repo.write({A: broken})
    assert 1 == run(repo.path, "check", "--against", "git:HEAD").returncode


def test_a_graft_cuts_no_history_off(repo: Repo) -> None:
    repo.commit({A: OLD.replace('"a.v1"', '"a.v2"')})
    head = repo.commit({A: NEW})
    (repo.path / ".git/info/grafts").write_text(f"{head}\n", encoding="ascii")
    told = run(repo.path, "baseline", "--against", f"git:{head}")
    assert "3 published commits" in told.stdout, told.stdout + told.stderr


def test_objects_of_another_repository_run_nothing_and_are_read(repo: Repo, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other")
    commit_id = other.commit({A: NEW})
    (repo.path / ".git/objects/info/alternates").write_text(f"{other.path / '.git/objects'}\n", encoding="utf-8")
    marker = tmp_path / "marker"
    repo.git("config", "core.alternateRefsCommand", f"touch {marker}")
    done = run(repo.path, "check", "--current", f"git:{commit_id}", "--against", "git:HEAD")
    assert (0, False) == (done.returncode, marker.exists()), done.stdout + done.stderr


def test_a_partial_clone_that_cannot_fetch_is_not_checked(repo: Repo, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.commit({A: NEW})
    clone = repo.clone(tmp_path / "clone", "--filter=blob:none")
    clone.git("config", "remote.origin.url", str(tmp_path / "gone"))
    done = run(clone.path, "check", "--against", "git:HEAD~1", "--all")
    assert (3, True) == (done.returncode, "not checked" in done.stdout + done.stderr.lower()), done.stdout + done.stderr
    assert "bug of schemacheck" not in done.stderr


def test_names_that_differ_only_in_case_are_two_files(repo: Repo) -> None:
    blob = written(repo, "blob", b"{")
    done = checked(repo, beside(repo, "100644", b"V1.avsc", blob))
    assert (3, True) == (done.returncode, "V1.avsc" in done.stdout), done.stdout + done.stderr


@pytest.mark.parametrize("ref", ["--output=x", "-n1", "--upload-pack=x", "HEAD\nx", "HEAD\x7f", "", "a..b", "@{"])
def test_a_ref_is_never_an_option(repo: Repo, ref: str) -> None:
    done = run(repo.path, "check", "--against", f"git:{ref}")
    files = sorted(path.name for path in repo.path.iterdir())
    assert (3 if ref else 2, [".git", "schemas"]) == (done.returncode, files), done.stdout + done.stderr
