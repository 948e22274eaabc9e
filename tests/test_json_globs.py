"""JSON Schemas under names that say nothing: `[json_schema] globs` tells which `.json` files are events."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sources.repos import Repo

from schemacheck import formats
from schemacheck.__main__ import _run

PLACED = "events/orders/order_placed/v1.json"
GLOBS = '[json_schema]\nglobs = ["events/**/*.json"]\n'
OTHERS = {"package.json": '{"name": "shop"}', "events.json": "{", "tools/events/x.json": "[]"}


def event(**properties: Any) -> str:
    return json.dumps({"title": "OrderPlaced", "type": "object", "properties": properties}, indent=2)


TEXT, NUMBER = {"type": "string"}, {"type": "number"}
OLD, BROKEN = event(id=TEXT), event(id=NUMBER)


@pytest.fixture
def shop(tmp_path: Path) -> Repo:
    """A repository whose `.json` files are schemas in one folder, and something else elsewhere."""
    repo = Repo(tmp_path / "shop")
    repo.commit({PLACED: OLD, "schemacheck.toml": f'roots = ["events"]\n{GLOBS}', **OTHERS})
    return repo


Ask = Callable[..., tuple[int, str, str]]
Found = Callable[..., tuple[int, list[tuple[str, str]]]]


@pytest.fixture
def ask(shop: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """The command line in the repository: its exit code and both streams."""
    monkeypatch.chdir(shop.path)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["schemacheck", *arguments])
        code = _run({"code": 3})
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


@pytest.fixture
def found(ask: Ask) -> Found:
    """The exit code of a check, and the outcome of every file."""

    def call(*arguments: str) -> tuple[int, list[tuple[str, str]]]:
        code, out, err = ask("check", "--all", "--format", "json", *arguments)
        assert out, err
        report = json.loads(out)
        named = [(subject["file"], subject["outcome"]) for subject in report["subjects"]]
        return code, [*named, *[("", "unchanged")] * report["summary"]["unchanged"]]

    return call


def test_a_plain_json_file_is_a_schema_only_where_the_configuration_says_so(shop: Repo, ask: Ask, found: Found) -> None:
    assert (0, [("", "unchanged")]) == found("--against", "git:HEAD")
    shop.commit({"schemacheck.toml": ""})
    code, out, _ = ask("check", "--format", "json", "--against", "empty")
    assert (3, []) == (code, json.loads(out)["subjects"])


def test_a_break_is_found_in_the_working_tree_the_index_and_a_range(shop: Repo, found: Found) -> None:
    shop.write({PLACED: BROKEN})
    broken = (1, [(PLACED, "breaking")])
    assert broken == found("--against", "git:HEAD")
    assert (0, [("", "unchanged")]) == found("--against", "git:HEAD", "--staged")
    shop.git("add", "-A")
    assert broken == found("--against", "git:HEAD", "--staged")
    shop.git("commit", "-q", "-m", "break")
    assert broken == found("--against", "git:HEAD~1", "--current", "git:HEAD")
    assert broken == found("--against", "git:HEAD~1", "--current", f"dir:{shop.path}")


def test_an_untracked_file_is_new_and_a_deleted_one_removed(shop: Repo, found: Found) -> None:
    new = "events/orders/order_paid/v1.json"
    shop.write({new: OLD.replace("OrderPlaced", "OrderPaid")})
    (shop.path / PLACED).unlink()
    assert (1, [(new, "new"), (PLACED, "removed")]) == found("--against", "git:HEAD")


def test_older_states_of_such_a_file_are_compared_too(shop: Repo, ask: Ask) -> None:
    first = shop.git("rev-parse", "HEAD").strip()
    shop.commit({PLACED: event(id={})})
    shop.commit({PLACED: BROKEN})
    code, out, _ = ask("check", "--format", "json", "--against", "git:HEAD~1", "--mode", "BACKWARD_TRANSITIVE")
    assert (1, True) == (code, first[:7] in out)


def test_references_between_such_files_are_followed(shop: Repo, found: Found) -> None:
    money = "events/common/money/v1.json"
    shop.commit({money: event(unit=TEXT), PLACED: event(total={"$ref": "../../common/money/v1.json"})})
    shop.write({money: event(unit=NUMBER)})
    assert (1, [(money, "breaking"), (PLACED, "breaking")]) == found("--against", "git:HEAD")


def test_bump_writes_the_next_version_beside_it(shop: Repo, ask: Ask, found: Found) -> None:
    shop.write({PLACED: BROKEN})
    code, _, err = ask("bump", "orders/order_placed", "--against", "git:HEAD")
    assert (0, OLD, BROKEN) == (code, *((shop.path / p).read_text() for p in (PLACED, PLACED.replace("v1", "v2")))), err
    assert 0 == found("--against", "git:HEAD")[0]


def test_a_report_lists_it_and_log_tells_its_history(shop: Repo, ask: Ask) -> None:
    shop.commit({PLACED: event(id=TEXT, more=TEXT)})
    code, out, _ = ask("report", "--against", "git:HEAD")
    assert (0, True) == (code, "orders/order_placed" in out)
    code, out, err = ask("log", "orders/order_placed", "--against", "git:HEAD")
    assert (0, 2) == (code, out.count("v1")), (out, err)


def test_explain_tells_what_holds_for_it(ask: Ask) -> None:
    code, out, _ = ask("explain", PLACED)
    assert (0, True) == (code, "orders/order_placed v1, json-schema" in out)
    code, _, err = ask("explain", "package.json")
    assert (2, True) == (code, "neither a rule nor a schema" in err)


def test_who_takes_a_pattern_away_weakens_the_gate(shop: Repo, ask: Ask) -> None:
    shop.write({"schemacheck.toml": 'roots = ["events"]\nminimum = 0\n', PLACED: BROKEN})
    code, out, _ = ask("check", "--format", "json", "--against", "git:HEAD")
    words = "files such as events/**/*.json are no longer schemas"
    assert (1, True) == (code, words in out), out


def test_a_wider_pattern_weakens_nothing(shop: Repo, found: Found) -> None:
    shop.write({"schemacheck.toml": 'roots = ["events"]\n[json_schema]\nglobs = ["**/*.json"]\n'})
    assert (0, [("", "unchanged")]) == found("--against", "git:HEAD")


def test_a_folder_that_is_named_like_a_plain_file_is_a_folder(shop: Repo, found: Found) -> None:
    shop.write({"tools/data.json/readme.txt": "x", "tools/data.json/y.json": "{"})
    assert (0, [("", "unchanged")]) == found("--against", "git:HEAD")
    shop.commit({})
    assert (0, [("", "unchanged")]) == found("--against", "git:HEAD")


@pytest.mark.parametrize("globs", ['"*.json"', '["events/*.txt"]', '["events/**"]', "[1]"])
def test_a_pattern_names_json_files(shop: Repo, globs: str, ask: Ask) -> None:
    shop.write({"schemacheck.toml": f"[json_schema]\nglobs = {globs}\n"})
    code, _, err = ask("check", "--against", "git:HEAD")
    assert (2, True) == (code, "globs" in err), err


def test_two_files_are_compared_whatever_their_names_say(tmp_path: Path, shop: Repo, ask: Ask) -> None:
    for name, text in (("old.json", OLD), ("new.json", BROKEN)):
        (shop.path / name).write_text(text)
    code, out, _ = ask("diff", "old.json", "new.json", "--exit-code")
    assert (1, True) == (code, "the type changed from string to number" in out)
    code, out, _ = ask("textconv", "old.json")
    assert (0, True) == (code, 'id: type="string"' in out)


def test_a_run_without_patterns_takes_no_plain_file(ask: Ask) -> None:
    ask("check", "--against", "git:HEAD")
    formats.recognise(())
    assert (formats.ALL_SUFFIXES, None) == (formats.endings(), formats.format_of(PLACED))
