"""The action as a step of a job: the four triggers on a clone of depth 1, forks, wrong usage, its own installation."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from action.runner import PATH, V1, WIDER, Job, Step, forge_in, job
from action.server import TOKEN, Hub
from places import ROOT, project_in, session_folder

GOLDEN = Path(__file__).parent / "golden"
TRIGGERS = ("pull_request", "push", "merge_group", "workflow_dispatch")
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def fixed_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits get the same ids in every run."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_DATE", "2026-11-20T09:12:44Z")


def told(step: Step, hub: Hub) -> str:
    """All that a step tells, as one text, without what is different in every run."""
    outputs = "".join(f"{name}={value}\n" for name, value in step.outputs.items())
    outputs = re.sub(r"(?m)^report=.*/report\.json$", "report=REPORT", outputs)
    comments = "".join(f"--- comment by {c['user']['login']}\n{c['body']}" for c in hub.comments)
    return f"exit code {step.code}\n--- log\n{step.stdout}--- summary\n{step.summary}--- outputs\n{outputs}{comments}"


def is_golden(name: str, text: str) -> None:
    """Compares with a golden file; SCHEMACHECK_WRITE_GOLDEN writes it anew instead."""
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("SCHEMACHECK_WRITE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8", newline="\n")
    assert golden.read_text(encoding="utf-8") == text


def shallow(running: Job) -> bool:
    return "true" == running.clone.git("rev-parse", "--is-shallow-repository")


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_break_is_told_everywhere_before_the_step_fails(trigger: str, tmp_path: Path, hub: Hub) -> None:
    running = job(tmp_path, forge_in(tmp_path), trigger, hub)
    is_golden(f"fail-{trigger}", told(running.run(), hub))


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_change_that_breaks_nothing_passes(trigger: str, tmp_path: Path, hub: Hub) -> None:
    running = job(tmp_path, forge_in(tmp_path, WIDER), trigger, hub)
    is_golden(f"pass-{trigger}", told(running.run(), hub))


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_deletion_is_found(trigger: str, tmp_path: Path, hub: Hub) -> None:
    step = job(tmp_path, forge_in(tmp_path, None), trigger, hub).run()
    assert (1, "fail") == (step.code, step.outputs["verdict"])
    assert "event/version-removed" in step.summary


@pytest.mark.parametrize(("mode", "left_shallow"), [("FULL", True), ("FULL_TRANSITIVE", False)])
@pytest.mark.parametrize("trigger", ["pull_request", "push", "merge_group"])
def test_a_shallow_clone_is_deepened_no_further_than_the_mode_needs(
    trigger: str, mode: str, left_shallow: bool, tmp_path: Path, hub: Hub
) -> None:
    running = job(tmp_path, forge_in(tmp_path, WIDER), trigger, hub)
    assert shallow(running)
    assert 0 == running.run(mode=mode).code
    assert left_shallow == shallow(running)


def test_nothing_is_fetched_into_a_complete_clone(tmp_path: Path, hub: Hub) -> None:
    forge = forge_in(tmp_path)
    running = job(tmp_path, forge, "pull_request", hub, depth=0)
    forge.remote.path.rename(tmp_path / "gone")
    assert 1 == running.run().code


def test_what_cannot_be_fetched_is_not_checked(tmp_path: Path, hub: Hub) -> None:
    forge = forge_in(tmp_path, WIDER)
    running = job(tmp_path, forge, "pull_request", hub)
    forge.remote.path.rename(tmp_path / "gone")
    step = running.run(sarif_file="out.sarif")
    assert (3, "not_checked") == (step.code, step.outputs["verdict"])
    assert "not checked" in step.summary
    assert "::error title=not checked::git fetch" in step.stdout
    report = json.loads(Path(step.outputs["report"]).read_text(encoding="utf-8"))
    assert ["baseline"] == [problem["reason"] for problem in report["not_checked"]]
    sarif = json.loads((running.clone.path / "out.sarif").read_text(encoding="utf-8"))
    assert not sarif["runs"][0]["invocations"][0]["executionSuccessful"]
    assert ["not checked"] == [line.split(": ")[1] for line in hub.comments[0]["body"].splitlines()[1:2]]


def test_the_sarif_file_and_the_report_are_there_when_the_step_fails(tmp_path: Path, hub: Hub) -> None:
    running = job(tmp_path, forge_in(tmp_path), "pull_request", hub)
    step = running.run(sarif_file="out/findings.sarif")
    assert 1 == step.code
    results = json.loads((running.clone.path / "out/findings.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    report = json.loads(Path(step.outputs["report"]).read_text(encoding="utf-8"))
    assert {f["rule"] for f in report["findings"]} == {r["ruleId"] for r in results}
    assert "event/mutated" in {f["rule"] for f in report["findings"]}


# the comment


def test_the_comment_is_one_and_follows_the_change(tmp_path: Path, hub: Hub) -> None:
    forge = forge_in(tmp_path)
    running = job(tmp_path, forge, "pull_request", hub)
    running.run()
    running.run()
    assert 1 == len(hub.comments)
    assert ["GET", "POST", "GET"] == [method for method, _ in hub.requests]  # the same text is not sent again
    running.clone.commit({PATH: WIDER})
    assert 0 == running.run(against=f"git:{forge.main}").code
    assert 1 == len(hub.comments)
    assert "Resolved" in hub.comments[0]["body"]
    assert "schemacheck: pass" in hub.comments[0]["body"]


@pytest.mark.parametrize(("comment", "written"), [("auto", 0), ("always", 1), ("never", 0)])
def test_without_findings_a_comment_is_written_only_if_asked_for(
    comment: str, written: int, tmp_path: Path, hub: Hub
) -> None:
    running = job(tmp_path, forge_in(tmp_path, WIDER), "pull_request", hub)
    assert 0 == running.run(comment=comment).code
    assert written == len(hub.comments)
    assert comment != "never" or not hub.requests


def test_a_comment_on_a_later_page_is_found(tmp_path: Path, hub: Hub) -> None:
    running = job(tmp_path, forge_in(tmp_path), "pull_request", hub)
    running.run()
    ours = hub.comments.pop()
    for number in range(250):
        hub.add(f"chatter {number}", "someone")
    hub.comments.append(ours | {"id": 9999, "body": ours["body"].replace("fail", "old")})
    running.run()
    assert 251 == len(hub.comments)
    assert "schemacheck: fail" in hub.comments[-1]["body"]


def test_a_marker_that_somebody_pasted_is_not_ours(tmp_path: Path, hub: Hub) -> None:
    running = job(tmp_path, forge_in(tmp_path), "pull_request", hub)
    running.run()
    ours = hub.comments.pop()
    pasted = hub.add(ours["body"], "mallory")
    running.run()
    assert ours["body"] == pasted["body"]
    assert ["mallory", "github-actions[bot]"] == [comment["user"]["login"] for comment in hub.comments]


def test_each_directory_has_a_comment_of_its_own(tmp_path: Path, hub: Hub) -> None:
    running = job(tmp_path, forge_in(tmp_path), "pull_request", hub)
    running.run()
    running.run(working_directory="schemas")
    assert 2 == len(hub.comments)


def test_a_fork_gets_summary_and_annotations(tmp_path: Path, hub: Hub) -> None:
    hub.read_only = True
    step = job(tmp_path, forge_in(tmp_path), "pull_request", hub).run()
    assert (1, "fail", []) == (step.code, step.outputs["verdict"], hub.comments)
    assert "::error file=" in step.stdout
    assert "event/mutated" in step.summary
    assert "::notice title=schemacheck::no comment was written: POST was answered with 403" in step.stdout


LIMITS: list[tuple[int, dict[str, str]]] = [
    (403, {"Retry-After": "0"}),
    (429, {"Retry-After": "0"}),
    (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}),
    (502, {}),
]


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_that_passes_is_waited_for(limit: tuple[int, dict[str, str]], tmp_path: Path, hub: Hub) -> None:
    hub.refusals = [limit]
    assert 1 == job(tmp_path, forge_in(tmp_path), "pull_request", hub).run().code
    assert 1 == len(hub.comments)


@pytest.mark.parametrize(
    "limit", [(403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9999999999"}), (429, {"Retry-After": "3600"})]
)
def test_a_limit_that_lasts_is_a_notice(limit: tuple[int, dict[str, str]], tmp_path: Path, hub: Hub) -> None:
    hub.refusals = [limit]
    step = job(tmp_path, forge_in(tmp_path), "pull_request", hub).run()
    assert (1, []) == (step.code, hub.comments)
    assert 1 == len(hub.requests)
    assert "::notice title=schemacheck::no comment was written" in step.stdout


def test_a_post_whose_fate_is_unknown_is_not_repeated(tmp_path: Path, hub: Hub) -> None:
    running = job(tmp_path, forge_in(tmp_path), "pull_request", hub)
    hub.add("chatter", "someone")
    hub.refusals = [(500, {}), (500, {}), (500, {})]
    assert "answered with 500" in running.run().stdout
    assert ["GET", "GET", "GET"] == [method for method, _ in hub.requests]


def test_a_redirect_is_not_followed_with_the_token(tmp_path: Path, hub: Hub) -> None:
    hub.refusals = [(302, {"Location": f"{hub.address}/elsewhere"})]
    step = job(tmp_path, forge_in(tmp_path), "pull_request", hub).run()
    assert 1 == step.code
    assert 1 == len(hub.requests)


def test_a_server_that_is_away_changes_no_verdict(tmp_path: Path) -> None:
    step = job(tmp_path, forge_in(tmp_path), "pull_request").run(comment="always")
    assert (1, "fail") == (step.code, step.outputs["verdict"])
    assert "::notice title=schemacheck::no comment was written: GET failed" in step.stdout


# what git is told


def test_a_checkout_that_belongs_to_another_user_is_read(tmp_path: Path, hub: Hub) -> None:
    running = job(tmp_path, forge_in(tmp_path), "pull_request", hub, depth=0)
    running.extra = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    refused = {**os.environ, **running.extra}
    done = subprocess.run(["git", "status"], cwd=running.clone.path, env=refused, capture_output=True, text=True)
    assert "dubious ownership" in done.stderr
    assert 1 == running.run().code
    assert 1 == running.run(working_directory="schemas/orders").code


def private_job(folder: Path, hub: Hub) -> Job:
    """A job whose checkout knows the repository at the server, but not the token."""
    forge = forge_in(folder)
    hub.git_root = folder / "git"
    forge.remote.git("clone", "-q", "--mirror", forge.remote.path.as_uri(), str(hub.git_root / "acme/shop"))
    running = job(folder, forge, "pull_request", hub)
    running.clone.git("remote", "set-url", "origin", f"{hub.address}/acme/shop")
    running.extra = {"GITHUB_SERVER_URL": hub.address}
    return running


def test_the_token_brings_what_a_shallow_clone_of_a_private_repository_lacks(tmp_path: Path, hub: Hub) -> None:
    running = private_job(tmp_path, hub)
    before = (running.clone.path / ".git/config").read_bytes()
    step = running.run(github_token="")
    assert (3, "not_checked") == (step.code, step.outputs["verdict"])
    step = running.run()
    assert (1, "fail") == (step.code, step.outputs["verdict"])
    assert before == (running.clone.path / ".git/config").read_bytes()
    assert TOKEN not in step.stdout + step.stderr


def test_the_credentials_of_the_checkout_are_not_doubled(tmp_path: Path, hub: Hub) -> None:
    running = private_job(tmp_path, hub)
    word = "eC1hY2Nlc3MtdG9rZW46Z2hzXzAxMjM0NTY3ODk="  # the token as the checkout writes it
    running.clone.git("config", f"http.{hub.address}/.extraheader", f"AUTHORIZATION: basic {word}")
    assert 1 == running.run().code


# wrong usage, and strangers


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"fail_on": "sometimes"}, '"sometimes" is no level to fail on'),
        ({"comment": "perhaps"}, 'comment: "perhaps" is not understood'),
        ({"working_directory": "nowhere"}, 'working-directory: "nowhere" is no folder'),
        ({"against": "svn:1"}, '"svn:1" is no baseline'),
        ({"config": "none.toml"}, "none.toml"),
    ],
)
def test_wrong_usage_is_told_as_such(inputs: dict[str, str], words: str, tmp_path: Path, hub: Hub) -> None:
    step = job(tmp_path, forge_in(tmp_path), "push", hub).run(**inputs)
    assert (2, "usage", "2") == (step.code, step.outputs["verdict"], step.outputs["exit-code"])
    assert words in step.summary
    assert f"::error title=schemacheck::{words}" in step.stdout


def test_annotations_can_be_switched_off(tmp_path: Path, hub: Hub) -> None:
    step = job(tmp_path, forge_in(tmp_path), "push", hub).run(annotations="false")
    assert 1 == step.code
    assert "::error" not in step.stdout
    assert "event/mutated" in step.stdout


def test_nothing_that_a_schema_says_becomes_a_command(tmp_path: Path, hub: Hub) -> None:
    evil = "::error::x\\n::set-output name=verdict::pass\\n##[error]y @everyone <img src=x> `"
    text = V1.replace('"name": "currency", "type": "string"', f'"name": "currency", "type": "int", "doc": "{evil}"')
    forge = forge_in(tmp_path, text.replace('"OrderPlaced"', '"OrderPlaced", "aliases": ["a"]'))
    step = job(tmp_path, forge, "pull_request", hub).run()
    assert 1 == step.code
    commands = [line for line in step.stdout.splitlines() if re.match(r"\s*::|.*##\[", line)]
    assert commands
    assert all(re.match(r"::error (file=schemas/|title=)", line) for line in commands)


def test_a_module_of_the_repository_is_not_imported(tmp_path: Path, hub: Hub) -> None:
    running = job(tmp_path, forge_in(tmp_path, WIDER), "pull_request", hub)
    for name in ("schemacheck.py", "click.py", "git.py", "json.py"):
        (running.clone.path / name).write_text("raise SystemExit('taken over')\n", encoding="utf-8")
    assert 0 == running.run().code


# action.yml


def test_every_input_reaches_the_step_through_the_environment_and_none_a_script() -> None:
    *_, step = ACTION["runs"]["steps"]
    passed = {
        name.removeprefix("INPUT_").lower().replace("_", "-") for name in step["env"] if name.startswith("INPUT_")
    }
    assert set(ACTION["inputs"]) == passed
    read = set(re.findall(r'text\("(\w+)"\)', (ROOT / "schemacheck/action/inputs.py").read_text(encoding="utf-8")))
    assert {name.lower().replace("_", "-") for name in read} == passed
    for each in ACTION["runs"]["steps"]:
        assert "${{" not in each["run"]
        assert "uses" not in each


def _value(expression: str, steps: dict[str, dict[str, str]], given: dict[str, str]) -> str:
    """What the runner makes of an expression of action.yml."""

    def part(match: re.Match[str]) -> str:
        kind, *names = match[1].split(".")
        return {"inputs": lambda: given[names[0]], "steps": lambda: steps[names[0]][names[2]]}[kind]()

    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", part, expression)


def test_the_action_installs_itself_and_gives_its_outputs(
    tmp_path: Path, hub: Hub, tmp_path_factory: pytest.TempPathFactory
) -> None:
    running = job(tmp_path, forge_in(tmp_path), "pull_request", hub)
    given = {name: about["default"] for name, about in ACTION["inputs"].items()} | {"github-token": TOKEN}
    running.extra = {"GITHUB_ACTION_PATH": str(project_in(session_folder(tmp_path_factory.getbasetemp())).path)}
    steps: dict[str, dict[str, str]] = {}
    for step in ACTION["runs"]["steps"]:
        environ = running.environ() | {n: _value(v, steps, given) for n, v in step.get("env", {}).items()}
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(command, cwd=running.clone.path, env=environ, capture_output=True, timeout=300)
        plain = re.findall(r"(?m)^([\w-]+)=(.*)$", (running.folder / "outputs").read_text(encoding="utf-8"))
        steps[step["id"]] = dict(plain) | running.done(done).outputs
    outputs: dict[str, Any] = {n: _value(o["value"], steps, given) for n, o in ACTION["outputs"].items()}
    assert 1 == done.returncode
    assert Path(outputs.pop("report")).is_file()
    assert {"verdict": "fail", "exit-code": "1", "errors": "2", "warnings": "0"} == outputs
    assert 1 == len(hub.comments)
