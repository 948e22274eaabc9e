"""A job of GitHub Actions: a checkout as `actions/checkout` makes it, an event file, the environment of a step."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from action.server import TOKEN, Hub
from sources.repos import Repo

PATH = "schemas/orders/order_placed/v1.avsc"
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
REPOSITORY = "acme/shop"


@dataclass
class Step:
    """What a step left behind."""

    code: int
    stdout: str
    stderr: str
    summary: str
    outputs: dict[str, str]


@dataclass
class Job:
    """A job whose checkout is `clone`."""

    folder: Path
    clone: Repo
    event_name: str
    event: dict[str, Any]
    hub: Hub | None = None
    ref: str = "refs/heads/main"
    inputs: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)

    def environ(self) -> dict[str, str]:
        """What the runner sets."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "temp").mkdir(exist_ok=True)
        (self.folder / "event.json").write_text(json.dumps(self.event), encoding="utf-8")
        for name in ("summary", "outputs"):
            (self.folder / name).write_text("", encoding="utf-8")
        given = {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": f"{self.hub.address}/api" if self.hub else "http://127.0.0.1:9",
            "GITHUB_EVENT_NAME": self.event_name,
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_JOB": "schemas",
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
            "GITHUB_REF": self.ref,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": "4711",
            "GITHUB_SERVER_URL": "https://forge.example",
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_WORKFLOW": "gate",
            "GITHUB_WORKSPACE": str(self.clone.path),
            "RUNNER_TEMP": str(self.folder / "temp"),
            **({"GITHUB_BASE_REF": "main", "GITHUB_HEAD_REF": "feature"} if self.event_name == "pull_request" else {}),
        }
        return {**os.environ, **given, **self.extra}

    def run(self, **inputs: str) -> Step:
        """Runs the step that checks."""
        wanted = {"github_token": TOKEN, **self.inputs, **inputs}
        environ = self.environ() | {f"INPUT_{name.upper()}": value for name, value in wanted.items()}
        command = [sys.executable, "-I", "-m", "schemacheck.action"]
        return self.done(subprocess.run(command, cwd=self.clone.path, env=environ, capture_output=True, timeout=120))

    def done(self, done: subprocess.CompletedProcess[bytes]) -> Step:
        stderr = done.stderr.decode()
        assert "Traceback" not in stderr, stderr
        summary = (self.folder / "summary").read_text(encoding="utf-8")
        found = re.findall(
            r"^(\S+)<<([0-9a-f]{32})\n(.*?)\n\2$", (self.folder / "outputs").read_text(), re.MULTILINE | re.DOTALL
        )
        outputs = {name: value for name, _, value in found}
        return Step(done.returncode, done.stdout.decode(), stderr, summary, outputs)


@dataclass
class Forge:
    """The repository on the server: `main` moved on while a change was made on `feature`, which is pull request 7."""

    remote: Repo
    left: str  # where feature left main
    main: str
    feature: str
    merged: str


def forge_in(folder: Path, text: str | None = BROKEN) -> Forge:
    """Builds it; the change gives the schema another text, or deletes it."""
    remote = Repo(folder / "remote")
    remote.commit({PATH: WIDER.replace("ISO 4217", "the first state")}, "first")
    left = remote.commit({PATH: V1}, "second")
    remote.branch("feature")
    feature = remote.commit({PATH: text}, "the change")
    remote.git("checkout", "-q", "main")
    main = remote.commit({"schemas/orders/order_paid/v1.avsc": V1.replace("OrderPlaced", "OrderPaid")}, "theirs")
    remote.git("checkout", "-q", "--detach")
    remote.git("merge", "-q", "--no-ff", "-m", "the merge of the pull request", "feature")
    merged = remote.git("rev-parse", "HEAD")
    remote.git("update-ref", "refs/pull/7/merge", merged)
    remote.git("checkout", "-q", "main")
    return Forge(remote, left, main, feature, merged)


def checkout(address: str, folder: Path, commit: str, ref: str, depth: int = 1, *options: str) -> Repo:
    """A checkout of one commit, by init and fetch, with the whole history for depth 0."""
    clone = Repo(folder)
    clone.git("remote", "add", "origin", address)
    local = ref.replace("refs/heads/", "refs/remotes/origin/").replace("refs/pull/", "refs/remotes/pull/")
    wanted = [f"--depth={depth}", "origin", f"+{commit}:{local}"] if depth else ["origin"]
    if not depth:
        wanted += ["+refs/heads/*:refs/remotes/origin/*", f"+{commit}:{local}"]
    clone.git(*options, "fetch", "-q", "--no-tags", *wanted)
    clone.git(
        "checkout", "-q", "--force", *(["-B", ref.removeprefix("refs/heads/")] if "/heads/" in ref else []), local
    )
    return clone


def job(folder: Path, forge: Forge, trigger: str, hub: Hub | None = None, depth: int = 1) -> Job:
    """The job that a trigger starts, with its checkout."""
    about = {"repository": {"default_branch": "main"}}
    ref, commit = "refs/heads/main", forge.merged
    if trigger == "pull_request":
        ref = "refs/pull/7/merge"
        head, base = {"sha": forge.feature}, {"sha": forge.left, "ref": "main"}
        event = {**about, "pull_request": {"number": 7, "head": head, "base": base}}
    elif trigger == "push":
        event = {**about, "ref": ref, "before": forge.main, "after": commit}
        forge.remote.git("update-ref", ref, commit)
    elif trigger == "merge_group":
        ref = f"refs/heads/gh-readonly-queue/main/pr-7-{forge.main}"
        event = {**about, "merge_group": {"base_sha": forge.main, "head_sha": commit, "base_ref": "refs/heads/main"}}
        forge.remote.git("update-ref", ref, commit)
    else:
        forge.remote.git("update-ref", ref, commit)
        event = {**about, "ref": ref, "inputs": {}}
    clone = checkout(forge.remote.path.as_uri(), folder / "workspace", commit, ref, depth)
    return Job(folder / "job", clone, trigger, event, hub, ref)
