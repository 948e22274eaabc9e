"""Whatever writes is hit by a fault at every moment: old or new is left, never half, and the next run finishes it.

A kill can leave a temporary file beside the file that it was for; it is named like `.v1.avsc.8f3k2m1q`, so that it is
no schema and no configuration. An interruption by Ctrl-C, or a full disk, leaves nothing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from faults import Server, serving
from registry.conftest import order
from registry.fake import Fake
from sources.repos import Repo
from test_bump import AVRO, AVRO_1, AVRO_EDIT, MONEY, PROTO, PROTO_1, PROTO_EDIT

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

FOLDER = "schemas/orders/order_placed"
SHIPPED = AVRO.replace("OrderPlaced", "OrderShipped").replace("OrderMade", "OrderSent")
SHIPPED_1 = "schemas/orders/order_shipped/v1.avsc"
LEFT = re.compile(r"(.*/)?\.[^/]+\.[a-z0-9_]{8}")
CODES = {"interrupt": 130, "full": 3, "small": 3}


@dataclass(frozen=True)
class Job:
    """A repository, a command that writes into it, and whether `check` is red until all is written."""

    published: dict[str, str]
    edited: dict[str, str]
    command: tuple[str, ...]
    gate: bool = True
    code: int = 0
    again: int = 0  # the exit code where all was done already
    faults: tuple[str, ...] = ()  # beside the kill


PUBLISHED_PROTO = {PROTO_1: PROTO, "schemas/orders/v1/money.proto": MONEY}
METADATA = {f"{FOLDER}/event.toml": 'owner = "team"\n\n[versions.1]\nstatus = "active"\n'}
JOBS = {
    "bump of an Avro event": Job(
        {AVRO_1: AVRO, **METADATA, f"{FOLDER}/CHANGELOG.md": "# Changes\n\n## v1\n\n- first\n"},
        {AVRO_1: AVRO.replace(*AVRO_EDIT)},
        ("bump", "orders/order_placed", "--deprecate"),
        faults=("interrupt", "full"),
    ),
    "bump of a Protobuf event with its imports": Job(
        PUBLISHED_PROTO, {PROTO_1: PROTO.replace(*PROTO_EDIT)}, ("bump", "orders/order_placed")
    ),
    "check --fix of two events": Job(
        {AVRO_1: AVRO, SHIPPED_1: SHIPPED},
        {AVRO_1: AVRO.replace(*AVRO_EDIT), SHIPPED_1: SHIPPED.replace(*AVRO_EDIT)},
        ("check", "--fix"),
    ),
    "init": Job({AVRO_1: AVRO}, {}, ("init", "--ci", "github"), gate=False),
    "init of the hooks": Job({AVRO_1: AVRO}, {}, ("init", "--hook"), gate=False, faults=("interrupt",)),
    "a report": Job(
        {AVRO_1: AVRO, "report.json": "old\n"},
        {AVRO_1: AVRO.replace(*AVRO_EDIT)},
        ("check", "--report", "json=report.json", "--report", "html=report.html"),
        gate=False,
        code=1,
        faults=("full",),
    ),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
        patch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
        for name in ("CI", "GITHUB_ACTIONS"):
            patch.delenv(name, raising=False)
        with serving() as running:
            yield running


Files = dict[str, tuple[bytes, int]]


def standing(repo: Repo) -> Files:
    """Every file of the working tree, and the hooks, with its permissions."""
    found = (path for path in repo.path.rglob("*") if path.is_file())
    seen = {path.relative_to(repo.path).as_posix(): path for path in found}
    return {
        name: (path.read_bytes(), path.stat().st_mode & 0o777)
        for name, path in seen.items()
        if not name.startswith(".git/") or name.startswith(".git/hooks/")
    }


def without_what_a_kill_leaves(files: Files) -> Files:
    return {name: file for name, file in files.items() if not LEFT.fullmatch(name)}


class Scene:
    """One job in a repository that is put back before every attempt."""

    def __init__(self, job: Job, folder: Path, server: Server) -> None:
        self.job, self.server = job, server
        self.origin = Repo(folder / "origin")
        self.origin.commit(job.published)
        shutil.rmtree(self.origin.path / ".git/hooks", ignore_errors=True)
        self.origin.write(dict(job.edited))
        self.repo = Repo.__new__(Repo)
        self.repo.path = folder / "shop"
        self.reset()
        self.old = standing(self.repo)
        done = server.run(self.repo.path, *job.command)
        assert job.code == done.code, done.said
        self.new, self.moments = standing(self.repo), done.moments
        assert self.new != self.old

    def reset(self) -> None:
        shutil.rmtree(self.repo.path, ignore_errors=True)
        shutil.copytree(self.origin.path, self.repo.path)

    def attempt(self, fault: str, moment: int) -> Files:
        """What a run leaves that is hit: each file as it was, or as it is to be."""
        self.reset()
        done = self.server.run(self.repo.path, *self.job.command, fault=fault, moment=moment)
        left = standing(self.repo)
        files = without_what_a_kill_leaves(left)
        if fault == "kill":
            assert -9 == done.code
        else:
            red = {1} if self.job.command[0] == "check" else set()  # of several events some may have been mended
            assert done.code in {CODES[fault], self.job.code} | red, done.said
            assert files == left
        for name, file in files.items():
            assert file in (self.old.get(name), self.new.get(name)), f"{name} is half written"
        for name in self.old.keys() - files.keys():
            assert name not in self.new, f"{name} is lost"
        return files

    def recover(self, files: Files) -> None:
        """The gate is red as long as anything is missing, and the same command again does the rest."""
        if self.job.gate:
            assert (files == self.new) == (0 == self.server.run(self.repo.path, "check", "--against", "git:HEAD").code)
        again = self.server.run(self.repo.path, *self.job.command)
        assert again.code in {self.job.code, self.job.again}, again.said
        assert self.new == without_what_a_kill_leaves(standing(self.repo))

    def everywhere(self, *faults: str) -> None:
        """A kill at every moment, and other faults. What was refused may be done in full: a folder that is there."""
        assert self.moments >= 3
        seen = []
        for moment in range(1, self.moments + 1):
            files = self.attempt("kill", moment)
            if files not in seen:
                seen.append(files)
                self.recover(files)
            for fault in faults:
                assert self.attempt(fault, moment) in (files, self.new)
        assert self.old == self.attempt("small", 0)


@pytest.mark.parametrize("name", JOBS)
def test_a_run_that_is_hit_anywhere_leaves_the_old_or_the_new_and_is_finished_by_the_next(
    name: str, tmp_path: Path, server: Server
) -> None:
    Scene(JOBS[name], tmp_path, server).everywhere(*JOBS[name].faults)


def fingerprints(server: Server, repo: Repo) -> list[str]:
    """What `waive` takes: the breaks that a check reports."""
    (repo.path / "found.json").unlink(missing_ok=True)
    server.run(repo.path, "check", "--report", "json=found.json")
    found = json.loads((repo.path / "found.json").read_text(encoding="utf-8"))["findings"]
    (repo.path / "found.json").unlink()
    return [one["fingerprint"] for one in found if not one["rule"].startswith("event/")]


def waiving(fingerprint: str) -> tuple[str, ...]:
    last = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    return ("waive", fingerprint, "--reason", "nobody reads it", "--owner", "team", "--expires", last)


def test_a_waiver_is_written_whole_or_not_at_all(tmp_path: Path, server: Server) -> None:
    published, edited = {AVRO_1: AVRO, SHIPPED_1: SHIPPED}, {AVRO_1: AVRO.replace(*AVRO_EDIT)}
    repo = Repo(tmp_path / "first")
    repo.commit(published)
    repo.write(dict(edited))
    (mark,) = fingerprints(server, repo)
    Scene(Job(published, dict(edited), waiving(mark), gate=False, again=2), tmp_path, server).everywhere()


@pytest.mark.parametrize("command", [["pull", "--against"], ["init", "--from-registry"]])
def test_what_a_registry_holds_is_written_file_by_file(
    command: tuple[str, str], tmp_path: Path, server: Server
) -> None:
    with Fake() as fake:
        for name in ("OrderShipped", "OrderPaid"):
            fake.add(f"orders.v1.{name}", order("id", name=name))
        words = (command[0], command[1], f"registry:{fake.url}" if command[0] == "pull" else fake.url)
        Scene(Job({AVRO_1: AVRO}, {}, words, gate=False), tmp_path, server).everywhere()


# several at once


def start(repo: Repo, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "schemacheck", *arguments]
    return subprocess.Popen(command, cwd=repo.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_two_bumps_at_once_make_what_one_makes(tmp_path: Path, server: Server) -> None:
    """One of them may find its work done, or refuse since the other is at it; neither loses the edit."""
    scene = Scene(JOBS["bump of an Avro event"], tmp_path, server)
    scene.reset()
    both = [start(scene.repo, *scene.job.command) for _ in range(2)]
    said = "".join(run.communicate(timeout=120)[0] for run in both)
    assert "Traceback" not in said
    assert {run.returncode for run in both} in ({0}, {0, 2}, {0, 3}), said
    assert scene.new == standing(scene.repo)


def test_waivers_that_are_written_at_once_are_all_kept(tmp_path: Path, server: Server) -> None:
    repo = Repo(tmp_path / "shop")
    fields = [f'{{"name": "f{number}", "type": "string"}}' for number in range(4)]
    text = f'{{"type": "record", "name": "OrderPlaced", "namespace": "orders.v1", "fields": [{", ".join(fields)}]}}'
    repo.commit({AVRO_1: text})
    repo.write({AVRO_1: text.replace(f", {', '.join(fields[1:])}", "")})
    marks = fingerprints(server, repo)
    assert 3 == len(marks)
    runs = [start(repo, *waiving(mark)) for mark in marks]
    assert [0] * 3 == [run.wait(timeout=120) for run in runs], [run.communicate()[0] for run in runs]
    for run in runs:
        run.communicate()
    written = tomllib.loads((repo.path / "schemacheck.waivers.toml").read_text(encoding="utf-8"))["waiver"]
    assert set(marks) == {waiver["fingerprint"] for waiver in written}
