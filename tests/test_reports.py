"""`report` and `schema`, and HTML as a report of the gate, in real repositories."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from render.pages import Parsed
from runs import BROKEN, PATH, V1
from sources.repos import Repo

NEXT = PATH.replace("v1", "v2")
V2 = BROKEN.replace("orders.v1", "orders.v2")


def run(folder: Path, *words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "schemacheck", *words],
        cwd=folder,
        env={**os.environ, **(env or {})},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "shop")
    repo.commit({PATH: V1, "schemas/orders/order_placed/event.toml": 'owner = "team-checkout"\nconsumers = ["dwh"]\n'})
    repo.commit({NEXT: V2})
    return repo


def test_the_catalogue_shows_every_event_with_its_history(repo: Repo, tmp_path: Path) -> None:
    done = run(repo.path, "report", "--output", str(tmp_path / "events.html"))
    assert (0, "") == (done.returncode, done.stdout)
    page = Parsed((tmp_path / "events.html").read_text(encoding="utf-8"))
    (title,) = page.all("h1")
    (event,) = page.all("article")
    assert ("Event catalogue", "orders/order_placed") == (title.text, event.attributes["aria-label"])
    assert "team-checkout" in event.text
    assert "consumersdwh" in event.text
    cells = [e.text for e in page.all("td") if e.attributes.get("class") in ("same", "reads", "fails")]
    assert ["• same", "✓ reads", "✗ fails", "• same"] == cells
    steps = [e.text for e in page.all("time")]
    assert 2 == len(steps)
    assert all(re.fullmatch(r"20\d\d-\d\d-\d\d", step) for step in steps)


def test_the_catalogue_shows_a_break_and_still_informs_only(repo: Repo) -> None:
    repo.write({NEXT: V2.replace('"long"', '"boolean"')})
    done = run(repo.path, "report")
    page = Parsed(done.stdout)
    assert 0 == done.returncode
    assert ["✗ Fail"] == [e.text for e in page.all("p", "badge")]
    assert "avro/type-changed" in "".join(e.text for e in page.all("div", "finding"))
    repo.write({NEXT: "{"})
    assert 3 == run(repo.path, "report").returncode


def test_a_check_writes_the_page_beside_its_text(repo: Repo, tmp_path: Path) -> None:
    repo.write({PATH: BROKEN})
    done = run(repo.path, "check", "--report", f"html={tmp_path / 'check.html'}")
    page = Parsed((tmp_path / "check.html").read_text(encoding="utf-8"))
    assert 1 == done.returncode
    assert "FAIL against" in done.stdout
    assert ["✗ Fail"] == [e.text for e in page.all("p", "badge")]
    assert 1 == len(list(page.all("table", "matrix")))


def test_two_files_are_shown_without_a_repository(tmp_path: Path) -> None:
    (tmp_path / "old.avsc").write_text(V1)
    (tmp_path / "new.avsc").write_text(BROKEN)
    done = run(tmp_path, "diff", "old.avsc", "new.avsc", "--format", "html")
    assert 0 == done.returncode
    assert 1 == len(list(Parsed(done.stdout).all("table", "diff")))


def test_a_shallow_clone_is_not_checked_and_has_a_catalogue_only_against_nothing(repo: Repo, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth", "1", repo.path.as_uri(), str(clone)], check=True, timeout=60)
    done = run(clone, "report")
    assert (3, "") == (done.returncode, done.stdout)
    assert "shallow" in done.stderr
    done = run(clone, "report", "--against", "empty")
    assert 0 == done.returncode
    assert "Not known: it is compared with no git history." in done.stdout


def test_the_schema_is_the_contract_of_the_report(repo: Repo) -> None:
    schema = json.loads(run(repo.path, "schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    report = json.loads(run(repo.path, "check", "--format", "json").stdout)
    jsonschema.Draft202012Validator(schema).validate(report)
