"""The hooks, run by real git commands: those that pre-commit installs from this project, and those of `init --hook`."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from places import ROOT, project_in, session_folder
from sources.repos import Repo

from schemacheck import hooks

V1 = """{
  "type": "record", "name": "OrderPlaced", "namespace": "orders.v1",
  "fields": [
    {"name": "order_id", "type": "string"},
    {"name": "currency", "type": "string"}
  ]
}
"""
BROKEN = V1.replace(',\n    {"name": "currency", "type": "string"}', "")
WIDER = V1.replace('"currency", "type": "string"', '"currency", "type": "string", "doc": "ISO 4217"')
V2 = BROKEN.replace("orders.v1", "orders.v2")
PATH = "schemas/orders/order_placed/v1.avsc"
PATH_2 = "schemas/orders/order_placed/v2.avsc"
STAGES = ("pre-commit", "pre-merge-commit", "pre-push")


@dataclass
class Hooked:
    """A clone on a branch of its own whose hooks run the gate."""

    clone: Repo
    remote: Repo

    def git(self, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Runs git with its hooks."""
        command = ["git", *arguments]
        return subprocess.run(
            command, cwd=folder or self.clone.path, capture_output=True, text=True, check=False, timeout=120
        )

    def passes(self, *arguments: str, folder: Path | None = None) -> None:
        done = self.git(*arguments, folder=folder)
        assert 0 == done.returncode, done.stdout + done.stderr
        assert "skipped" not in done.stdout.lower()

    def refused(self, *arguments: str, folder: Path | None = None) -> str:
        """What the gate said; asserts that git did nothing."""
        before = self.git("rev-parse", "HEAD", folder=folder).stdout
        done = self.git(*arguments, folder=folder)
        assert 0 != done.returncode, done.stdout + done.stderr
        assert before == self.git("rev-parse", "HEAD", folder=folder).stdout
        return done.stdout + done.stderr


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    return project_in(session_folder(tmp_path_factory.getbasetemp()))


def _with_pre_commit(repo: Repo, project: Repo) -> None:
    config = f"repos:\n- repo: {project.path}\n  rev: {project.git('rev-parse', 'HEAD')}\n"
    config += "  hooks: [{id: schemacheck}, {id: schemacheck-push}]\n"
    repo.commit({".pre-commit-config.yaml": config})
    types = [f"--hook-type={stage}" for stage in STAGES]
    command = [sys.executable, "-m", "pre_commit", "install", "--install-hooks", *types]
    subprocess.run(command, cwd=repo.path, check=True, capture_output=True, timeout=300)


def init(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "schemacheck", "init", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(params=["pre-commit", "plain"])
def hooked(request: pytest.FixtureRequest, tmp_path: Path, project: Repo, monkeypatch: pytest.MonkeyPatch) -> Hooked:
    monkeypatch.setenv("PRE_COMMIT_HOME", str(project.path.parent / "pre-commit-home"))
    remote = Repo(tmp_path / "remote")
    remote.commit({PATH: V1})
    clone = remote.clone(tmp_path / "clone")
    clone.branch("feature")
    if request.param == "pre-commit":
        _with_pre_commit(clone, project)
    else:
        assert 0 == init(clone.path, "--hook").returncode
    return Hooked(clone, remote)


def test_an_edit_is_judged_by_what_is_staged(hooked: Hooked) -> None:
    hooked.clone.write({PATH: WIDER})
    hooked.passes("commit", "-am", "a doc")
    hooked.clone.write({PATH: BROKEN})
    assert "avro/field-removed-without-default" in hooked.refused("commit", "-am", "a field less")
    hooked.clone.git("add", PATH)
    hooked.clone.write({PATH: V1})
    assert "event/mutated" in hooked.refused("commit", "-m", "staged is broken, disk is not")
    hooked.clone.git("add", PATH)
    hooked.clone.write({PATH: BROKEN})
    hooked.passes("commit", "-m", "disk is broken, staged is not")


def test_a_commit_that_only_deletes_is_judged(hooked: Hooked) -> None:
    hooked.clone.git("rm", "-q", PATH)
    assert "event/version-removed" in hooked.refused("commit", "-m", "delete")


def test_a_rename_removes_a_version(hooked: Hooked) -> None:
    (hooked.clone.path / "schemas/orders/order_made").mkdir()
    hooked.clone.git("mv", PATH, "schemas/orders/order_made/v1.avsc")
    assert "event/version-removed" in hooked.refused("commit", "-m", "another name")


def test_an_untracked_next_version_does_not_count(hooked: Hooked) -> None:
    hooked.clone.write({PATH: BROKEN, PATH_2: V2})
    hooked.clone.git("add", PATH)
    assert f"publish the change as {PATH_2}" in hooked.refused("commit", "-m", "the next version stays on the disk")
    hooked.clone.git("add", PATH_2)
    assert "v2 is in this change already" in hooked.refused("commit", "-m", "v1 is still broken")
    hooked.clone.write({PATH: V1})
    hooked.passes("commit", "-am", "the next version beside the old one")


def test_a_commit_of_one_path_is_judged_by_that_path(hooked: Hooked) -> None:
    hooked.clone.commit({"README.md": "1"})
    hooked.clone.write({PATH: BROKEN, "README.md": "2"})
    hooked.clone.git("add", PATH)
    hooked.passes("commit", "-m", "not the schema", "README.md")
    assert "event/mutated" in hooked.refused("commit", "-m", "the schema", PATH)


def test_an_amended_commit_is_compared_with_what_is_published(hooked: Hooked) -> None:
    hooked.clone.write({PATH_2: V2})
    hooked.clone.git("add", "-A")
    hooked.passes("commit", "-m", "a draft of v2")
    hooked.clone.write({PATH_2: V2.replace("order_id", "id")})
    hooked.passes("commit", "-a", "--amend", "-m", "another draft of v2")
    hooked.clone.write({PATH: BROKEN})
    assert "event/mutated" in hooked.refused("commit", "-a", "--amend", "-m", "v1 is no draft")


def test_a_merge_commit_is_judged(hooked: Hooked) -> None:
    hooked.clone.branch("break", "HEAD")
    hooked.clone.commit({PATH: BROKEN})
    hooked.clone.git("checkout", "-q", "feature")
    assert "event/mutated" in hooked.refused("merge", "--no-ff", "-m", "merge", "break")
    hooked.clone.git("merge", "--abort")
    hooked.remote.commit({"schemas/orders/order_paid/v1.avsc": V1.replace("OrderPlaced", "OrderPaid")})
    hooked.clone.git("fetch", "-q")
    hooked.passes("merge", "--no-ff", "-m", "what is published", "origin/main")


def test_a_detached_head_and_a_linked_worktree_are_judged(hooked: Hooked, tmp_path: Path) -> None:
    hooked.clone.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked")
    linked.write({PATH: BROKEN})
    linked.git("add", "-A")
    assert "event/mutated" in hooked.refused("commit", "-m", "linked", folder=linked.path / "schemas")
    linked.write({PATH: WIDER})
    hooked.passes("commit", "-am", "linked", folder=linked.path)


def test_a_push_is_judged_by_what_is_pushed(hooked: Hooked) -> None:
    hooked.passes("push", "origin", "feature:elsewhere")
    hooked.clone.write({PATH: BROKEN})
    hooked.passes("commit", "--no-verify", "-am", "past the first hook")
    hooked.clone.write({PATH: V1})
    assert "event/mutated" in hooked.refused("push", "origin", "feature")
    assert "" == hooked.remote.git("branch", "--list", "feature")
    hooked.passes("push", "origin", "--delete", "elsewhere")


# what belongs to the plain hooks alone


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    remote = Repo(tmp_path / "remote")
    remote.commit({PATH: V1})
    return remote.clone(tmp_path / "clone")


def test_a_hook_of_somebody_else_is_kept_and_named(repo: Repo) -> None:
    mine = repo.path / ".git/hooks/pre-push"
    mine.write_text("#!/bin/sh\nexec mine\n", encoding="utf-8")
    done = init(repo.path, "--hook")
    assert 3 == done.returncode
    assert "#!/bin/sh\nexec mine\n" == mine.read_text(encoding="utf-8")
    assert "kept      .git/hooks/pre-push, it is not ours; call from it: schemacheck check" in done.stdout
    assert "wrote     .git/hooks/pre-commit" in done.stdout
    assert "pre-push was kept and does not run schemacheck yet" in done.stderr


def test_a_link_is_never_replaced(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(hooks.script("pre-commit", "old"))
    link = repo.path / ".git/hooks/pre-commit"
    link.symlink_to(tmp_path / "elsewhere")
    assert 3 == init(repo.path, "--hook").returncode
    assert link.is_symlink()
    assert hooks.script("pre-commit", "old") == (tmp_path / "elsewhere").read_bytes()


def test_an_old_hook_of_ours_is_renewed(repo: Repo) -> None:
    hook = repo.path / ".git/hooks/pre-commit"
    hook.write_bytes(hooks.script("pre-commit", "/gone/python"))
    assert 0 == init(repo.path, "--hook").returncode
    assert hooks.script("pre-commit", sys.executable) == hook.read_bytes()
    assert "it is as it should be" in init(repo.path, "--hook").stdout


def test_a_dry_run_writes_no_hook(repo: Repo) -> None:
    assert "would write     .git/hooks/pre-commit" in init(repo.path, "--hook", "--dry-run").stdout
    assert not (repo.path / ".git/hooks/pre-commit").exists()


def test_hooks_in_the_working_tree_name_no_path_of_this_machine(repo: Repo) -> None:
    subprocess.run(["git", "config", "core.hooksPath", ".githooks"], cwd=repo.path, check=True)
    (repo.path / "schemas/sub").mkdir()
    assert 0 == init(repo.path / "schemas/sub", "--hook").returncode
    assert not (repo.path / ".git/hooks/pre-commit").exists()
    for name in hooks.HOOKS:
        assert hooks.script(name, "") == (repo.path / ".githooks" / name).read_bytes()
    repo.write({PATH: BROKEN})
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["git", "commit", "-am", "x"], cwd=repo.path, env=environ, capture_output=True, text=True, check=False
    )
    assert 1 == done.returncode
    assert "event/mutated" in done.stdout + done.stderr


def test_the_hooks_of_all_repositories_are_left_alone(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gitconfig").write_text(f"[core]\n\thooksPath = {tmp_path}/everywhere\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    done = init(repo.path, "--hook")
    assert 2 == done.returncode
    assert "for all repositories (global git configuration)" in done.stderr
    assert not (tmp_path / "everywhere").exists()


def test_a_hook_without_schemacheck_refuses_and_says_why(repo: Repo) -> None:
    hook = repo.path / ".git/hooks/pre-commit"
    hook.write_bytes(hooks.script("pre-commit", "/gone/python").replace(b"command -v schemacheck", b"false"))
    hook.chmod(0o755)
    done = subprocess.run(
        ["git", "commit", "--allow-empty", "-m", "x"], cwd=repo.path, capture_output=True, text=True, check=False
    )
    assert 1 == done.returncode
    assert "schemacheck: not found, so the event schemas were not checked" in done.stderr


def test_a_module_in_the_repository_is_not_what_the_hook_runs(repo: Repo) -> None:
    assert 0 == init(repo.path, "--hook").returncode
    repo.write({"schemacheck.py": "raise SystemExit('taken over')", "click.py": "raise SystemExit('taken over')"})
    done = subprocess.run(
        ["git", "commit", "--allow-empty", "-m", "x"], cwd=repo.path, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr
    assert "PASS" in done.stdout + done.stderr


@pytest.mark.parametrize("name", hooks.HOOKS)
def test_the_scripts_are_plain_shell(name: str, tmp_path: Path) -> None:
    (tmp_path / "hook").write_bytes(hooks.script(name, "/a path/with 'quotes'/python"))
    subprocess.run(["sh", "-n", str(tmp_path / "hook")], check=True)
    first = (tmp_path / "hook").read_text(encoding="utf-8").splitlines()[0]
    assert "#!/bin/sh" == first


def test_the_manifest_of_hooks_is_valid() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")]
    subprocess.run(command, check=True, timeout=60)
