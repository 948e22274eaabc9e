"""Standard streams that are closed, full or broken: the verdict stays, and never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from runs import BROKEN, PATH, V1
from sources.repos import Repo

FULL = Path("/dev/full")
full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repository whose working tree breaks what is committed."""
    made = Repo(tmp_path_factory.mktemp("streams") / "shop")
    made.commit({PATH: V1})
    made.write({PATH: BROKEN})
    return made


def run(repo: Repo, redirections: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """schemacheck below a shell that redirects its streams; what is left of them comes back."""
    script = f'exec "$0" -m schemacheck "$@" {redirections}'
    command = ["sh", "-c", script, sys.executable, *arguments]
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=repo.path, env=environ, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("streams", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("arguments", "code"), [(["check"], 1), (["nonsense"], 2), (["--version"], 0)])
def test_a_closed_stream_changes_no_exit_code(repo: Repo, streams: str, arguments: list[str], code: int) -> None:
    done = run(repo, streams, *arguments)
    assert code == done.returncode
    assert "Traceback" not in done.stdout + done.stderr


def test_a_closed_stream_is_not_mistaken_for_a_file(repo: Repo, tmp_path: Path) -> None:
    """The first file that a process opens gets the lowest number that is free: without care that of stdout."""
    report = tmp_path / "report.json"
    assert 1 == run(repo, "<&- >&- 2>&-", "check", "--report", f"json={report}").returncode
    assert report.read_text(encoding="utf-8") == run(repo, "", "check", "--format", "json").stdout


@full
@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["check"], 1), (["check", "--fail-on", "never"], 3), (["check", "--format", "json"], 1), (["rules"], 3)],
)
def test_a_full_disk_under_stdout_turns_no_failure_into_a_pass(repo: Repo, arguments: list[str], code: int) -> None:
    done = run(repo, "> /dev/full", *arguments)
    assert code == done.returncode
    assert "something could not be written: no space left on device" in done.stderr


@full
@pytest.mark.parametrize(("arguments", "codes"), [(["check"], {1, 3}), (["nonsense"], {2})])
def test_a_full_disk_under_stderr_turns_no_failure_into_a_pass(
    repo: Repo, arguments: list[str], codes: set[int]
) -> None:
    assert run(repo, "2> /dev/full", *arguments).returncode in codes


def test_who_reads_only_the_beginning_does_not_hear_about_the_pipe(repo: Repo) -> None:
    script = '{ "$0" -m schemacheck rules; echo "exit $?" >&2; } | head -n 1'
    done = subprocess.run(
        ["sh", "-c", script, sys.executable], cwd=repo.path, capture_output=True, text=True, check=False, timeout=60
    )
    assert 1 == done.stdout.count("\n")
    assert "exit 0\n" == done.stderr
