"""The commands as a user runs them: a process of their own, in a real repository."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sources.repos import Repo

AVRO = "schemas/orders/order_placed/v1.avsc"
AVRO_2 = "schemas/orders/order_placed/v2.avsc"
PROTO = "schemas/orders/v1/order_placed.proto"
PROTO_2 = "schemas/orders/v2/order_placed.proto"

AVRO_V1 = """{
  "type": "record", "name": "OrderPlaced", "namespace": "orders.v1",
  "fields": [
    {"name": "order_id", "type": "string"},
    {"name": "currency", "type": "string"}
  ]
}
"""
AVRO_BROKEN = AVRO_V1.replace(',\n    {"name": "currency", "type": "string"}', "")
PROTO_V1 = """syntax = "proto3";

package orders.v1;

message OrderPlaced {
  string order_id = 1;
  int64 amount = 2;
}
"""
PROTO_BROKEN = PROTO_V1.replace("int64 amount", "string amount")


def schemacheck(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line; never with a traceback."""
    command = [sys.executable, "-m", "schemacheck", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "shop")


FOUR_STEPS = [
    pytest.param(AVRO, AVRO_V1, AVRO_BROKEN, AVRO_2, "avro/field-removed-without-default", ["forward"], id="avro"),
    pytest.param(
        PROTO, PROTO_V1, PROTO_BROKEN, PROTO_2, "protobuf/field-type-changed", ["backward", "forward"], id="proto"
    ),
]


@pytest.mark.parametrize(("path", "text", "broken", "second", "rule", "breaks"), FOUR_STEPS)
def test_a_break_fails_and_names_the_next_version_which_passes_and_the_old_one_stays(
    repo: Repo, path: str, text: str, broken: str, second: str, rule: str, breaks: list[str]
) -> None:
    repo.commit({path: text})
    assert 0 == schemacheck(repo.path, "check").returncode

    repo.write({path: broken})
    failed = schemacheck(repo.path, "check", "--format", "json")
    report = json.loads(failed.stdout)
    assert (1, 1, "fail") == (failed.returncode, report["exit_code"], report["verdict"])
    found = next(finding for finding in report["findings"] if finding["rule"] == rule)
    assert (path, breaks) == (found["file"], found["directions"])
    assert found["line"] > 1
    assert second == report["subjects"][0]["next"]
    shown = schemacheck(repo.path, "check").stdout
    assert rule in shown
    assert second in shown

    repo.write({path: text, second: broken.replace("orders.v1", "orders.v2")})
    assert 0 == schemacheck(repo.path, "check").returncode

    repo.commit({})
    repo.write({path: None})
    removed = schemacheck(repo.path, "check")
    assert 1 == removed.returncode
    assert "event/version-removed" in removed.stdout


@pytest.mark.parametrize(("path", "text", "broken", "second", "rule", "breaks"), FOUR_STEPS)
def test_a_shallow_clone_is_not_checked_and_told_how_to_mend_it(
    repo: Repo, path: str, text: str, broken: str, second: str, rule: str, breaks: list[str]
) -> None:
    repo.commit({path: text})
    repo.commit({path: text + "\n"})
    clone = repo.clone(repo.path.parent / "shallow", "--depth", "1")
    done = schemacheck(clone.path, "check")
    assert 3 == done.returncode
    assert "git fetch --unshallow origin" in done.stdout + done.stderr


def test_a_fetch_of_older_states_is_told(repo: Repo, tmp_path: Path) -> None:
    repo.commit({AVRO: AVRO_V1})
    repo.commit({"README.md": "x"})
    clone = repo.clone(tmp_path / "clone", "--depth=1")
    clone.write({AVRO: AVRO_V1.replace('"order_id"', '"order_id", "doc": "an id"')})
    done = schemacheck(clone.path, "check", "--against", "git:HEAD", "--fetch")
    assert 0 == done.returncode
    assert 1 == done.stderr.count("note: ran git fetch --unshallow origin")


def test_a_fetch_is_told_once_where_the_roots_had_to_be_found(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"avro/customer.avsc": AVRO_V1})
    repo.commit({"README.md": "x"})
    clone = repo.clone(tmp_path / "clone", "--depth=1")
    clone.write({AVRO: AVRO_V1.replace("OrderPlaced", "OrderPaid")})
    done = schemacheck(clone.path, "check", "--fetch")
    assert 0 == done.returncode, done.stdout
    assert 1 == done.stderr.count("note: ran git fetch --unshallow origin")


def test_a_copied_version_that_keeps_its_old_namespace_is_refused(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1})
    repo.write({AVRO_2: AVRO_BROKEN})
    done = schemacheck(repo.path, "check")
    assert 1 == done.returncode
    assert f"{AVRO_2}:2:57: error event/name-mismatch" in done.stdout


def test_what_main_gained_meanwhile_is_not_removed_by_this_branch(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1})
    repo.git("checkout", "-q", "-b", "feature")
    repo.commit({"schemas/orders/v1/order_paid.proto": PROTO_V1.replace("OrderPlaced", "OrderPaid")})
    repo.git("checkout", "-q", "main")
    repo.commit({"schemas/payments/payment_failed/v1.avsc": AVRO_V1.replace("orders.v1.", "payments.v1.")})
    repo.git("checkout", "-q", "feature")
    done = schemacheck(repo.path, "check")
    assert 0 == done.returncode, done.stdout
    assert "removed" not in done.stdout


FOREIGN = {
    "proto/shop/order.proto": 'syntax = "proto3";\npackage shop;\nmessage Order {\n  int64 total = 1;\n}\n',
    "avro/customer.avsc": '{"type": "record", "name": "Customer", "fields": [{"name": "id", "type": "long"}]}\n',
}


@pytest.mark.parametrize(
    ("path", "edit", "rule", "second"),
    [
        ("proto/shop/order.proto", ("int64", "string"), "protobuf/field-type-changed", "proto/shop/order/v2.proto"),
        ("avro/customer.avsc", ("long", "string"), "avro/type-changed", "avro/customer/v2.avsc"),
    ],
)
def test_a_repository_without_any_configuration_works_at_once(
    repo: Repo, path: str, edit: tuple[str, str], rule: str, second: str
) -> None:
    repo.commit(FOREIGN)
    repo.write({path: FOREIGN[path].replace(*edit)})
    shown = schemacheck(repo.path, "diff")
    assert 0 == shown.returncode
    assert "check would FAIL" in shown.stdout
    failed = schemacheck(repo.path, "check")
    assert 1 == failed.returncode
    assert rule in failed.stdout
    assert second in failed.stdout
    assert 1 == schemacheck(repo.path, "diff", "--exit-code").returncode


def test_a_harmless_edit_says_who_deploys_first(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1})
    repo.write(
        {AVRO: AVRO_V1.replace('"string"}\n', '"string"},\n    {"name": "note", "type": "string", "default": ""}\n')}
    )
    done = schemacheck(repo.path, "check")
    assert 0 == done.returncode
    assert "orders/order_placed v1: compatible under FULL_TRANSITIVE; deploy any order" in done.stdout
    shown = schemacheck(repo.path, "diff")
    assert "OrderPlaced.note" in shown.stdout
    assert "nobody fails" in shown.stdout


@pytest.mark.parametrize(
    ("mode", "code", "deploy"),
    [("BACKWARD", 0, "consumers first"), ("FORWARD", 1, None), ("FULL", 1, None), ("NONE", 0, "consumers first")],
)
def test_the_mode_decides_and_the_order_follows(repo: Repo, mode: str, code: int, deploy: str | None) -> None:
    repo.commit({AVRO: AVRO_V1})
    repo.write({AVRO: AVRO_BROKEN})
    done = schemacheck(repo.path, "check", "--mode", mode)
    assert code == done.returncode
    assert deploy is None or f"deploy {deploy}" in done.stdout


def test_a_transitive_mode_sees_what_the_last_state_hides(repo: Repo) -> None:
    """A defaulted field goes, and later returns with another type: each step is fine, the first data is not."""
    field = ',\n    {"name": "note", "type": "string", "default": ""}\n  ]'
    with_note = AVRO_V1.replace("\n  ]", field)
    repo.commit({AVRO: with_note})
    repo.commit({AVRO: AVRO_V1})
    repo.write({AVRO: with_note.replace('"string", "default": ""', '"int", "default": 0')})
    assert 0 == schemacheck(repo.path, "check", "--mode", "FULL").returncode
    done = schemacheck(repo.path, "check", "--mode", "FULL_TRANSITIVE")
    assert 1 == done.returncode
    assert "avro/type-changed" in done.stdout


def test_the_index_is_judged_and_not_the_disk(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1})
    repo.write({AVRO: AVRO_BROKEN})
    assert 0 == schemacheck(repo.path, "check", "--staged").returncode
    repo.git("add", "-A")
    repo.write({AVRO: AVRO_V1})
    assert 1 == schemacheck(repo.path, "check", "--staged").returncode
    assert 0 == schemacheck(repo.path, "check").returncode


NESTED = '{"type": "array", "items": ' * 2000 + '"int"' + "}" * 2000
BAD = [
    pytest.param({AVRO: '{"type": "record",'}, f"{AVRO}:1:19: ", id="malformed json"),
    pytest.param(
        {AVRO: AVRO_V1.replace('"type": "string"', '"type": "strng"', 1)}, f"{AVRO}:4:34: ", id="unknown type"
    ),
    pytest.param({AVRO: AVRO_V1.replace("currency", "order_id")}, f"{AVRO}:5:", id="duplicate field"),
    pytest.param({PROTO: PROTO_V1.replace("int64", "int65")}, f"{PROTO}:7:3: ", id="proto does not compile"),
    pytest.param(
        {PROTO: PROTO_V1.replace("message", 'import "a/b.proto";\nmessage')}, f"{PROTO}:5:8: ", id="missing import"
    ),
    pytest.param({AVRO: ""}, f"{AVRO}:1:1: ", id="empty avro"),
    pytest.param({PROTO: ""}, f"{PROTO}:1:1: ", id="empty proto"),
    pytest.param({AVRO: b"\x00\x01\x02"}, f"{AVRO}:1: ", id="binary"),
    pytest.param({AVRO: b'{"type": "\xff"}'}, f"{AVRO}:1:11: ", id="invalid utf-8"),
    pytest.param({PROTO: b"// \xc3\x28\n"}, f"{PROTO}:1:4: ", id="invalid utf-8 proto"),
    pytest.param({AVRO: NESTED}, f"{AVRO}:1:", id="nested avro"),
    pytest.param({PROTO: PROTO_V1 + "message A {" * 2000 + "}" * 2000}, f"{PROTO}:9:", id="nested proto"),
    pytest.param({"schemas/a.avdl": "protocol A {}"}, "schemas/a.avdl", id="avro idl"),
]


@pytest.mark.parametrize(("files", "place"), BAD)
def test_bad_input_is_one_line_with_its_place_and_nothing_is_written(
    repo: Repo, files: dict[str, str | bytes], place: str
) -> None:
    repo.commit({AVRO: AVRO_V1, PROTO: PROTO_V1})
    for path, content in files.items():
        raw = content if isinstance(content, bytes) else content.encode()
        (repo.path / path).parent.mkdir(parents=True, exist_ok=True)
        (repo.path / path).write_bytes(raw)
    before = repo.git("status", "--porcelain", "--ignored")
    done = schemacheck(repo.path, "check")
    assert 3 == done.returncode, done.stdout
    assert any(line.startswith(place) and "not checked: " in line for line in done.stdout.splitlines()), done.stdout
    assert before == repo.git("status", "--porcelain", "--ignored")


def test_a_folder_and_a_link_that_are_named_like_a_schema_are_not_checked(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1})
    (repo.path / "schemas/orders/x.avsc").mkdir()
    (repo.path / "schemas/orders/y.avsc").symlink_to("/etc/passwd")
    done = schemacheck(repo.path, "check")
    assert 3 == done.returncode
    assert "schemas/orders/x.avsc: not checked: it is a folder" in done.stdout
    assert "schemas/orders/y.avsc: not checked: it is a symbolic link" in done.stdout


def test_a_finding_is_not_hidden_by_what_was_not_checked(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1, PROTO: PROTO_V1})
    repo.write({AVRO: AVRO_BROKEN, PROTO: "message"})
    done = schemacheck(repo.path, "check")
    assert 1 == done.returncode
    assert "1 not checked" in done.stdout.splitlines()[-1]


def test_nothing_matched_is_never_a_pass(repo: Repo) -> None:
    repo.commit({"README.md": "nothing here\n"})
    done = schemacheck(repo.path, "check")
    assert 3 == done.returncode
    assert "0 schemas found" in done.stdout
    repo.write({"schemacheck.toml": "minimum = 0\n"})
    assert 0 == schemacheck(repo.path, "check").returncode


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "--mode", "SOMETIMES"], '"SOMETIMES" is no compatibility mode'),
        (["check", "--against", "svn:trunk"], '"svn:trunk" is no baseline'),
        (["check", "--current", "stash"], '"stash" is no side to judge'),
        (["check", "--staged", "--current", "index"], "name two sides"),
        (["check", "--format", "xml"], "'xml' is not one of"),
        (["check", "--report", "json"], '--report "json" is not understood'),
        (["check", "--report", "json=no/such/folder/x"], "does not exist"),
        (["check", "--fail-on", "info"], '"info" is no level to fail on'),
        (["check", "--config", "missing.toml"], "missing.toml: no such file"),
        (["check", "--colour"], "No such option"),
        (["explain", "avro/feild-removed"], 'there is no rule "avro/feild-removed"'),
        (["diff", "one.avsc"], "diff takes two files, or none"),
        (["diff", "a.txt", "b.avsc"], '"a.txt" has no ending of a schema'),
        (["diff", "a.proto", "b.avsc"], "is protobuf and"),
        (["frobnicate"], "No such command"),
    ],
)
def test_wrong_usage_is_exit_2_with_a_hint(repo: Repo, arguments: list[str], words: str) -> None:
    repo.commit({AVRO: AVRO_V1})
    done = schemacheck(repo.path, *arguments)
    assert 2 == done.returncode
    assert "" == done.stdout
    said, hint = done.stderr.splitlines()[-2:]
    assert said.startswith("schemacheck: ")
    assert words in said
    assert hint.startswith("hint: ")


@pytest.mark.parametrize(
    ("revision", "words"),
    [
        ("no-such-branch", '"no-such-branch" is unknown'),
        ("--output=x", '"--output=x" is unknown'),
        ("-n1", '"-n1" is unknown'),
    ],
)
def test_an_unknown_revision_is_not_checked(repo: Repo, revision: str, words: str) -> None:
    repo.commit({AVRO: AVRO_V1})
    done = schemacheck(repo.path, "check", "--against", f"git:{revision}")
    assert 3 == done.returncode
    assert words in done.stderr
    assert "hint: git fetch" in done.stderr


def test_outside_of_git_nothing_is_checked(tmp_path: Path) -> None:
    done = schemacheck(tmp_path, "check")
    assert 3 == done.returncode
    assert "is not in a git repository" in done.stderr


def test_a_wrong_configuration_names_file_line_and_key(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1, "schemacheck.toml": '\nmodus = "FULL"\n'})
    done = schemacheck(repo.path, "check")
    assert 2 == done.returncode
    assert 'schemacheck.toml:2: the key "modus"' in done.stderr


def test_reports_are_written_beside_the_output_for_findings_and_for_what_was_not_checked(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1})
    repo.write({AVRO: AVRO_BROKEN})
    done = schemacheck(repo.path, "check", "--report", "json=out.json", "--report", "text=out.txt")
    assert 1 == done.returncode
    assert 1 == json.loads((repo.path / "out.json").read_text())["exit_code"]
    assert done.stdout == (repo.path / "out.txt").read_text()


def test_a_closed_pipe_keeps_the_exit_code(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1})
    repo.write({AVRO: AVRO_BROKEN})
    command = f"{sys.executable} -m schemacheck check | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=repo.path, capture_output=True, text=True, check=False)
    assert 1 == done.returncode
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [(AVRO_V1, AVRO_BROKEN, 0), (AVRO_V1, AVRO_V1, 0), (AVRO_V1, "{", 3)],
)
def test_two_files_are_compared_without_git(tmp_path: Path, old: str, new: str, code: int) -> None:
    (tmp_path / "old.avsc").write_text(old)
    (tmp_path / "new.avsc").write_text(new)
    assert code == schemacheck(tmp_path, "diff", "old.avsc", "new.avsc").returncode


def test_two_files_find_their_imports_beside_them(tmp_path: Path) -> None:
    (tmp_path / "common").mkdir()
    (tmp_path / "common/money.proto").write_text(
        'syntax = "proto3";\npackage common;\nmessage Money { int64 units = 1; }\n'
    )
    text = 'syntax = "proto3";\nimport "common/money.proto";\nmessage Order { common.Money total = 1; }\n'
    (tmp_path / "old.proto").write_text(text)
    (tmp_path / "new.proto").write_text(text.replace("total = 1", "total = 2"))
    done = schemacheck(tmp_path, "diff", "old.proto", "new.proto", "--format", "json")
    assert 0 == done.returncode, done.stdout + done.stderr
    assert "protobuf/field-renumbered" in {change["rule"] for change in json.loads(done.stdout)["changes"]}
    assert 1 == schemacheck(tmp_path, "diff", "old.proto", "new.proto", "--exit-code").returncode


def test_a_rule_is_explained_from_its_page(tmp_path: Path) -> None:
    done = schemacheck(tmp_path, "explain", "avro/field-removed-without-default")
    assert 0 == done.returncode
    assert "breaks old readers (FORWARD); undone by avro/field-added-without-default" in done.stdout
    assert "## Instead" in done.stdout


def test_all_rules_are_listed(tmp_path: Path) -> None:
    lines = schemacheck(tmp_path, "rules").stdout.splitlines()
    rules = json.loads(schemacheck(tmp_path, "rules", "--format", "json").stdout)["rules"]
    assert [rule["id"] for rule in rules] == [line.split()[0] for line in lines]
    assert {"avro", "protobuf", "json-schema", "event", "registry"} == {rule["id"].partition("/")[0] for rule in rules}


def test_the_baseline_is_named_with_its_reason(repo: Repo) -> None:
    commit = repo.commit({AVRO: AVRO_V1})
    repo.git("checkout", "-q", "-b", "feature")
    repo.commit({AVRO: AVRO_BROKEN})
    assert commit == schemacheck(repo.path, "baseline", "--rev").stdout.strip()
    shown = schemacheck(repo.path, "baseline").stdout
    assert "merge base of HEAD and main" in shown
    data = json.loads(schemacheck(repo.path, "baseline", "--json").stdout)
    assert (commit, "local", "refs/heads/main") == (data["revision"], data["rung"], data["target"])
    assert commit[:7] in schemacheck(repo.path, "check").stderr


def test_init_writes_what_is_missing_and_never_changes_what_is_there(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1, ".pre-commit-config.yaml": "repos: []\n"})
    shown = schemacheck(repo.path, "init", "--dry-run").stdout
    assert "would write" in shown
    assert not (repo.path / "schemacheck.toml").exists()
    done = schemacheck(repo.path, "init")
    assert 0 == done.returncode
    assert "repos: []\n" == (repo.path / ".pre-commit-config.yaml").read_text()
    assert "always_run: true" in done.stdout
    text = (repo.path / "schemacheck.toml").read_text()
    assert 'path = "schemas/{domain}/{event}/v{version}.{ext}"' in text
    assert (repo.path / ".github/workflows/schemacheck.yml").exists()
    assert 0 == schemacheck(repo.path, "check").returncode
    assert "kept      schemacheck.toml" in schemacheck(repo.path, "init").stdout


def test_init_writes_the_job_of_one_ci_and_nothing_else(repo: Repo) -> None:
    repo.commit({AVRO: AVRO_V1})
    assert 0 == schemacheck(repo.path, "init", "--ci", "gitlab").returncode
    assert ["?? .gitlab-ci.yml", "?? .gitlab/"] == repo.git("status", "--short").splitlines()
    assert "local: .gitlab/schemacheck.yml" in (repo.path / ".gitlab-ci.yml").read_text()
    assert "schemacheck check" in (repo.path / ".gitlab/schemacheck.yml").read_text()
    repo.write({".gitlab-ci.yml": "stages: [test]\n"})
    done = schemacheck(repo.path, "init", "--ci", "gitlab")
    assert "add to it, below include:\n      - local: .gitlab/schemacheck.yml" in done.stdout
    assert "stages: [test]\n" == (repo.path / ".gitlab-ci.yml").read_text()


def test_a_new_schemas_folder_takes_nothing_out_of_judgement(repo: Repo) -> None:
    repo.commit({"proto/shop/order.proto": PROTO_V1, "avro/customer.avsc": AVRO_V1})
    repo.write({"proto/shop/order.proto": PROTO_BROKEN, AVRO: AVRO_V1.replace("OrderPlaced", "OrderPaid")})
    done = schemacheck(repo.path, "check")
    assert 1 == done.returncode
    assert "proto/shop/order.proto:7:3: error protobuf/field-type-changed" in done.stdout


def test_what_changed_outside_the_schemas_folder_is_said_not_to_be_judged(repo: Repo) -> None:
    repo.commit({"proto/shop/order.proto": PROTO_V1, AVRO: AVRO_V1})
    repo.commit({})
    assert "not judged" not in schemacheck(repo.path, "check").stderr
    repo.write({"proto/shop/order.proto": PROTO_BROKEN})
    done = schemacheck(repo.path, "check")
    assert "note: proto/shop/order.proto changed outside schemas/ and is not judged" in done.stderr
    repo.write({"schemacheck.toml": 'roots = ["schemas", "proto"]\n'})
    assert 1 == schemacheck(repo.path, "check").returncode


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["check", "--help"]])
def test_asking_for_help_or_the_version_succeeds(arguments: list[str], tmp_path: Path) -> None:
    assert 0 == schemacheck(tmp_path, *arguments).returncode
