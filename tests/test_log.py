"""What became of an event, told from real histories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sources.repos import Repo
from test_bump import AVRO, AVRO_1, AVRO_EDIT, BOTH, EVENT, MONEY, PROTO, PROTO_1, run

from schemacheck.formats.protobuf import ahead, load
from schemacheck.formats.protobuf.compile import compile_files
from schemacheck.session import Session

NOTE = ("\n  ]", ',\n    {"name": "note", "type": "string", "default": ""}\n  ]')


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "shop")


def test_every_step_has_its_commit_its_version_and_what_changed(repo: Repo) -> None:
    noted = AVRO.replace(*NOTE)
    commits = [repo.commit({AVRO_1: AVRO})]
    repo.commit({"README.md": "no schema\n", "schemas/orders/v1/money.proto": MONEY})
    commits.append(repo.commit({AVRO_1: noted}))
    repo.write({AVRO_1: noted.replace(*AVRO_EDIT)})
    run(repo, "bump", EVENT, "--against", "git:HEAD")
    commits.append(repo.commit({}))
    commits.append(repo.commit({AVRO_1: None}))
    repo.commit({"README.md": "again no schema\n"})
    repo.branch("feature")
    repo.commit({AVRO_1.replace("v1", "v2"): "{}"})  # not published
    rows = [line.split(maxsplit=3)[1:] for line in run(repo, "log", EVENT).stdout.splitlines()]
    expected = [
        ["v1", "removed"],
        ["v2", "new version"],
        ["v1", 'field "note" was added, default ""'],
        ["v1", "first version"],
    ]
    said = [row for row in rows if row[0] in [commit[:7] for commit in commits]]
    assert [commit[:7] for commit in reversed(commits)] == [row[0] for row in said]
    assert [words[0] for words in expected] == [row[1] for row in said]
    assert [expected[index][1] for index in (0, 1, 3)] == [said[index][2] for index in (0, 1, 3)]
    assert 'field "note" was added' in said[2][2]
    assert 2 == len(run(repo, "log", EVENT, "--limit", "2", "--format", "json").stdout.split('"kind"')) - 1


@pytest.mark.parametrize(("published", "first", "second", "edit"), BOTH)
def test_the_history_as_json_names_rules_and_who_can_no_longer_read(
    repo: Repo, published: dict[str, str], first: str, second: str, edit: tuple[str, str]
) -> None:
    repo.commit(published)
    commit = repo.commit({first: published[first].replace(*edit)})
    newest, oldest = json.loads(run(repo, "log", EVENT, "--format", "json").stdout)
    assert ("changed", commit, first) == (newest["kind"], newest["revision"], newest["file"])
    assert "forward" in newest["changes"][0]["breaks"]
    assert "first" == oldest["kind"]


def test_a_change_of_an_import_is_a_step_of_the_event(repo: Repo) -> None:
    money = "schemas/orders/v1/money.proto"
    repo.commit({PROTO_1: PROTO, money: MONEY})
    commit = repo.commit({money: MONEY.replace("int64", "string")})
    newest, _ = json.loads(run(repo, "log", EVENT, "--format", "json").stdout)
    assert (commit, [money]) == (newest["revision"], newest["through"])
    assert ["protobuf/field-type-changed"] == [change["rule"] for change in newest["changes"]]


def test_an_event_that_was_never_published_is_wrong_usage(repo: Repo) -> None:
    repo.commit({AVRO_1: AVRO})
    assert "did you mean orders/order_placed" in run(repo, "log", "orders/order_plaecd", code=2).stderr


@pytest.mark.parametrize("published", [{AVRO_1: AVRO}, {PROTO_1: PROTO, "schemas/orders/v1/money.proto": MONEY}])
def test_the_histories_of_many_events_take_no_more_processes_than_those_of_two(
    tmp_path: Path, published: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of git, and of the compiler."""
    runs: list[int] = []
    for module in (ahead, load):
        monkeypatch.setattr(module, "compile_files", lambda *given: runs.append(1) or compile_files(*given))

    def processes(events: int) -> tuple[int, int]:
        runs.clear()
        repo = Repo(tmp_path / f"of-{events}")
        edited = {path: text for path, text in published.items() if "placed" in path}
        for state in ("", "\n", "\n\n"):
            more = {
                path.replace("placed", f"placed_{n}"): text.replace("OrderPlaced", f"OrderPlaced{n}") + state
                for n in range(events)
                for path, text in edited.items()
            }
            repo.commit({**published, **more})
        with session(repo) as opened:
            report = opened.with_catalogue(opened.report("report", gate=False), everything=True)
            assert report.catalogue is not None
            steps = [len(entry.history) for entry in report.catalogue.events if "placed_" in entry.event]
            assert [3] * events == steps
            return opened.repository.commands, len(runs)

    assert processes(2) == processes(9)


def session(repo: Repo) -> Session:
    return Session(
        repo.path,
        current="git:HEAD",
        against=["git:HEAD"],
        config_path=None,
        adjust=lambda policy: policy,
        everything=True,
        fetch=False,
        environ={},
    )
