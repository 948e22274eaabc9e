"""What runs elsewhere: workflows, the action, templates, scripts and the image, judged by their own linters."""

from __future__ import annotations

import re
import runpy
import shutil
import site
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from places import ROOT

WORKFLOWS = [*sorted((ROOT / ".github/workflows").glob("*.yml")), ROOT / "schemacheck/templates/github.yml"]
SCRIPTS = [
    ROOT / ".ci/run",
    ROOT / ".ci/package",
    ROOT / ".ci/sbom",
    ROOT / ".ci/audit",
    ROOT / ".github/action/install.sh",
    *sorted((ROOT / "schemacheck/templates").glob("*.sh")),
]
DOCKERFILE = ROOT / ".github/docker/Dockerfile"
LOCK = (ROOT / ".github/action/requirements.txt").read_text(encoding="utf-8")


def run(*command: Any) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=120)
    assert 0 == done.returncode, done.stdout + done.stderr


def tool(name: str) -> str:
    """A tool of the development extras: beside this interpreter."""
    return str(Path(sys.executable).with_name(name))


def on_the_path(name: str) -> Any:
    """For tools that no extra can install; CI has them."""
    return pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not on the PATH")


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-actions", [ROOT / "action.yml"]),
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.gitlab-ci", [ROOT / "schemacheck/templates/gitlab.yml"]),
        ("vendor.dependabot", [ROOT / ".github/dependabot.yml"]),
    ],
)
def test_the_files_fit_their_schemas(schema: str, files: list[Path]) -> None:
    run(tool("check-jsonschema"), "--builtin-schema", schema, *files)


def test_zizmor_finds_nothing() -> None:
    run(tool("zizmor"), "--offline", "--no-progress", ROOT / "action.yml", ROOT / ".github", *WORKFLOWS)


@on_the_path("actionlint")
def test_actionlint_finds_nothing() -> None:
    run("actionlint", *WORKFLOWS)


@on_the_path("shellcheck")
def test_shellcheck_finds_nothing() -> None:
    run("shellcheck", *SCRIPTS)


def test_hadolint_finds_nothing() -> None:
    run(tool("hadolint"), DOCKERFILE)


def test_every_foreign_action_is_pinned_by_commit_and_says_its_version() -> None:
    for path in WORKFLOWS:
        for used in re.findall(r"uses: (.+)", path.read_text(encoding="utf-8")):
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used) or used.startswith("./ "), used


def test_every_workflow_asks_for_the_least() -> None:
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert workflow["permissions"] in ({}, {"contents": "read"}), path
        for name, job in workflow["jobs"].items():
            assert job["timeout-minutes"], f"{path}: {name}"


WRITING = {("release.yml", "publish"), ("release.yml", "announce"), ("schemacheck.yml", "schemas")}


def test_only_the_jobs_that_must_may_write() -> None:
    writing = set()
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert "pull_request_target" not in workflow[True]  # what YAML makes of `on`
        for name, job in workflow["jobs"].items():
            granted = job.get("permissions", {})
            if "write" in granted.values():
                writing.add((path.name, name))
            assert granted.keys() <= {"contents", "id-token", "pull-requests", "security-events"}
            assert 1 >= list(granted.values()).count("write"), f"{path.name}: {name}"
    assert WRITING == writing


@pytest.mark.parametrize("path", [".github/action/requirements.txt", ".ci/tools.txt"])
def test_a_lock_pins_every_file_by_its_hash(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    assert entries
    for name, *rest in entries:
        assert re.fullmatch(r"[\w.-]+==[\w.]+", name), name
        hashes = [word for word in rest if word.startswith("--hash=")]
        assert hashes, name
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", word) for word in hashes), name


def test_nothing_is_installed_where_it_counts_but_by_hash_or_from_this_source() -> None:
    """The action, the image, and the tools that watch over both."""
    for path in (ROOT / ".github/action/install.sh", DOCKERFILE, ROOT / ".ci/sbom", ROOT / ".ci/audit"):
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        installs = [line for line in text.splitlines() if "pip install" in line and not line.startswith("#")]
        assert installs, path
        for line in installs:
            assert "--require-hashes -r" in line or "--no-deps --no-build-isolation" in line, line


def test_a_release_carries_a_bill_of_materials_and_every_change_is_audited() -> None:
    ci, release = (
        yaml.safe_load((ROOT / f".github/workflows/{name}.yml").read_text(encoding="utf-8"))["jobs"]
        for name in ("ci", "release")
    )
    assert ".ci/audit" in [step.get("run") for step in ci["audit"]["steps"]]
    assert any(step.get("run", "").startswith(".ci/sbom ") for step in release["build"]["steps"])
    assert "sbom/schemacheck.cdx.json" in release["announce"]["steps"][-1]["run"]
    for name, tool in ((".ci/audit", "pip-audit"), (".ci/sbom", "cyclonedx-py requirements")):
        text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
        assert re.search(rf"build/tools/bin/{tool} .*\.github/action/requirements\.txt\n", text), name


def test_the_lock_holds_every_dependency_at_a_version_that_is_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    locked = {canonicalize_name(name): version for name, version in re.findall(r"(?m)^([\w.-]+)==([\w.]+)", LOCK)}
    for text in [*project["project"]["dependencies"], *project["build-system"]["requires"]]:
        wanted = Requirement(text)
        assert wanted.specifier.contains(locked[canonicalize_name(wanted.name)]), text


def test_the_image_installs_what_it_copies(tmp_path: Path) -> None:
    """The commands of its first stage, with a folder for the root of the image.

    But for the lock file, which the test of the action installs: here the dependencies are those of the tests.
    """
    library = tmp_path / f"opt/schemacheck/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    stage = DOCKERFILE.read_text(encoding="utf-8").split("\nFROM ")[1].replace("\\\n", " ")
    for line in stage.splitlines():
        word, _, rest = line.partition(" ")
        if word == "COPY":
            *sources, target = rest.split()
            place = tmp_path / target.lstrip("/")
            for source in sources:
                to = place / source if target.endswith("/") else place
                to.parent.mkdir(parents=True, exist_ok=True)
                copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
                copy(ROOT / source, to)
        elif word == "RUN":
            script = re.sub(r"(?<= )/(?=opt|source|requirements)", f"{tmp_path}/", f" {rest}")
            script = script.replace(" python -m venv", f" {sys.executable} -m venv")
            lent = f"rm -rf {library}/setuptools* && echo {site.getsitepackages()[0]} > {library}/lent.pth"
            script, replaced = re.subn(r"\S+/pip install .*--require-hashes -r \S+/requirements.txt", lent, script)
            assert replaced or "--no-deps --no-build-isolation" in script
            run("bash", "-ec", script)
    done = subprocess.run([tmp_path / "opt/schemacheck/bin/schemacheck", "--version"], capture_output=True, check=False)
    assert 0 == done.returncode
    assert not (tmp_path / "opt/schemacheck/bin/pip").exists()


def test_the_action_says_which_python_it_needs(tmp_path: Path) -> None:
    for name in ("python3", "python"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": "/dev/null"}
    command = ["bash", str(ROOT / ".github/action/install.sh")]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert 3 == done.returncode
    assert "::error title=schemacheck::Python 3.11 or newer was not found" in done.stdout


def test_release_notes_are_one_section_of_the_changelog() -> None:
    notes = runpy.run_path(str(ROOT / ".ci/release_notes.py"))["notes"]
    changelog = "# Changelog\n\n## [Unreleased]\n\n- new\n\n## [1.1.0] - 2026-01-02\n\n- one\n\n## [1.0.0]\n\n- zero\n"
    assert "- one" == notes(changelog, "1.1.0")
    assert "- zero" == notes(changelog, "1.0.0")
    assert "" == notes(changelog, "1.2.0")
