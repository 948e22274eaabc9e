"""`doctor`, in real repositories: what it tells, and what never leaves the machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from runs import PATH, V1
from sources.repos import Repo
from test_reports import run


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "shop")
    repo.commit({PATH: V1})
    return repo


def facts(text: str) -> dict[str, list[str]]:
    """The page of `doctor`: a label and its lines."""
    found: dict[str, list[str]] = {}
    label = ""
    for line in text.splitlines():
        label = line[:14].strip() or label
        found.setdefault(label, []).append(line[14:])
    return found


def test_doctor_tells_what_a_bug_report_needs(repo: Repo) -> None:
    repo.write({"schemacheck.toml": 'mode = "BACKWARD"\nminimum = 1\n[levels]\nmeaning = "warning"\n'})
    assert 0 == run(repo.path, "init", "--hook").returncode
    (repo.path / ".git/hooks/pre-push").write_text("#!/bin/sh\nmake test\n")
    done = run(repo.path, "doctor")
    told = facts(done.stdout)
    assert 0 == done.returncode
    assert ["pre-commit: ours", "pre-merge-commit: ours", "pre-push: not ours, and does not name schemacheck"] == told[
        "hooks"
    ]
    assert [
        "schemacheck.toml",
        'roots = ["schemas"]',
        "mode = BACKWARD",
        "levels = {meaning = warning}",
    ] == told["configuration"]
    assert "shop, complete" == told["repository"][0]
    assert {"fastavro", "protobuf", "click"} <= {line.split()[0] for line in told["packages"]}
    assert told["comparison"][0].startswith("baseline   ")
    assert any("local: used" in line for line in told["comparison"])


def test_doctor_goes_on_where_something_is_broken(repo: Repo, tmp_path: Path) -> None:
    repo.write({"schemacheck.toml": "mode = 7\n"})
    told = facts(run(repo.path, "doctor").stdout)
    assert told["configuration"][0].startswith('not known: schemacheck.toml:1: the key "mode"')
    assert ["shop, complete"] == told["repository"][:1]
    outside = tmp_path / "outside"
    outside.mkdir()
    done = run(outside, "doctor")
    told = facts(done.stdout)
    assert 0 == done.returncode
    assert told["git"][0][:1].isdigit()
    assert told["repository"][0].startswith("not known: ")


def test_doctor_keeps_paths_addresses_and_secrets_to_itself(repo: Repo) -> None:
    repo.git("remote", "add", "origin", "https://user:hunter2@git.example.org/shop.git")
    repo.write(
        {"schemacheck.toml": f'against = "dir:{repo.path}/../elsewhere"\n[registry]\nurl = "https://sr.example.org"\n'}
    )
    secrets = {
        "SCHEMACHECK_REGISTRY_USER": "alice",
        "SCHEMACHECK_REGISTRY_PASSWORD": "hunter2",
        "SCHEMACHECK_AGAINST": "dir:/srv/private/schemas",
    }
    done = run(repo.path, "doctor", env=secrets)
    assert 0 == done.returncode
    assert "SCHEMACHECK_REGISTRY_PASSWORD" in done.stdout
    for hidden in ("hunter2", "alice", "example.org", "/srv", str(repo.path.parent), str(Path.home()) + "/"):
        assert hidden not in done.stdout, hidden
