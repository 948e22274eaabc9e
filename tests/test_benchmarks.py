"""The benchmarks: they run, name who is not at hand, and judge their targets. How long anything takes is not tested."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from places import ROOT

from benchmarks import measure, targets
from benchmarks.measure import Row, Task, in_turn
from benchmarks.rivals import Rivals
from benchmarks.scenarios import FULL, QUICK, scenarios


def run(*options: str, code: int = 0, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *options]
    done = subprocess.run(command, cwd=ROOT, env=environ or None, capture_output=True, text=True, check=False)
    assert code == done.returncode, done.stdout + done.stderr
    return done


def test_a_quick_run_measures_every_scenario_and_writes_what_it_holds_for(tmp_path: Path) -> None:
    kept = tmp_path / "result.json"
    said = run("--quick", "--without", "buf,avro,jvm", "--json", str(kept)).stdout
    found = json.loads(kept.read_text(encoding="utf-8"))
    assert ("schemacheck-benchmark/1", True, 1) == (found["format"], found["quick"], found["rounds"])
    assert {"processor", "cores", "memory_mb", "system", "load"} == found["machine"].keys()
    assert {"schemacheck", "python", "git", "protobuf", "fastavro"} <= found["tools"].keys()
    assert {"id", "dirty"} == found["commit"].keys()
    assert {one.name for one in scenarios(QUICK, Rivals())} == {row["scenario"] for row in found["results"]}
    for row in found["results"]:
        assert (None, 1) == (row["failed"], len(row["wall"])), row
        assert row["median"]["wall"] == row["wall"][0] > 0
        assert f"  {row['task']} " in said
        if not row["scenario"].startswith("pair/"):
            assert (1, 1) == (len(row["cpu"]), len(row["peak"]))
            assert row["peak"][0] > 1
    assert len(targets.TARGETS) == len(found["targets"])
    assert {"words", "limit", "unit", "sense", "value", "met"} == found["targets"][0].keys()
    assert {"buf", "avro package", "Java's avro"} == found["absent"].keys()


def test_a_scenario_measures_the_work_that_its_name_promises(tmp_path: Path) -> None:
    """A check that found nothing to do, or failed, would be the fastest."""
    kept = tmp_path / "result.json"
    run("--quick", "--without", "buf,jvm", "--json", str(kept), "one", "all", "transitive/*", "unchanged/*")
    found = json.loads(kept.read_text(encoding="utf-8"))["results"]
    counted = {(row["scenario"], row["task"]): row["counted"] for row in found}
    expected: dict[tuple[str, str], dict[str, int]] = {
        ("unchanged/10", "hook"): {"unchanged": 11},  # the eleventh is what the Protobuf events share
        ("unchanged/10", "working tree"): {"unchanged": 11},
        ("one/avro/10", "schemacheck"): {"unchanged": 9, "compatible": 1},
        ("one/avro/10", "avro package"): {"pairs": 1, "breaking": 0},
        ("all/avro/10", "schemacheck"): {"compatible": 10},
        ("all/avro/10", "avro package"): {"pairs": 10, "breaking": 0},
        ("one/protobuf/10", "schemacheck"): {"unchanged": 10, "compatible": 1},
        ("all/protobuf/10", "schemacheck"): {"unchanged": 1, "compatible": 10},
        ("one/json-schema/10", "schemacheck"): {"unchanged": 9, "compatible": 1},
        ("all/json-schema/10", "schemacheck"): {"compatible": 10},
        ("transitive/avro", "schemacheck"): {"compatible": 1},
        ("transitive/avro", "avro package"): {"pairs": 5, "breaking": 0},
    }
    checked = {"schemacheck", "hook", "working tree"}
    assert {key: what | ({"not checked": 0} if key[1] in checked else {}) for key, what in expected.items()} == counted
    assert [5] == [row["figures"]["states"] for row in found if "states" in row["figures"]]


def test_who_is_not_at_hand_is_named_with_the_reason(tmp_path: Path) -> None:
    git = shutil.which("git")
    assert git is not None
    (tmp_path / "git").symlink_to(git)
    kept = tmp_path / "result.json"
    said = run("--quick", "one/avro/10", "--json", str(kept), PATH=str(tmp_path)).stdout
    assert "not at hand: Java's avro (java is not installed)" in said
    found = json.loads(kept.read_text(encoding="utf-8"))
    assert {"Java's avro": "java is not installed"} == found["absent"]
    assert {"schemacheck", "avro package"} == {row["task"] for row in found["results"]}


def test_a_command_that_fails_is_told_and_gives_no_figures(tmp_path: Path) -> None:
    tasks = [
        Task("fails", [sys.executable, "-c", "print('why'); raise SystemExit(3)"], tmp_path, (0, 1)),
        Task("works", [sys.executable, "-c", "raise SystemExit(1)"], tmp_path, (0, 1)),
    ]
    fails, works = in_turn("here", tasks, 2, tmp_path)
    assert ("exit 3: why", None, []) == (fails.failed, fails.median("wall"), fails.wall)
    assert ("", 2, 2, 2) == (works.failed, len(works.wall), len(works.cpu), len(works.peak))


@pytest.mark.parametrize(("long", "runs"), [(60.0, 3), (0.0, 2)])
def test_a_command_runs_once_to_warm_up_unless_it_is_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, long: float, runs: int
) -> None:
    monkeypatch.setattr(measure, "LONG", long)
    noted = "open('runs', 'a').write('x')"
    (row,) = in_turn("here", [Task("notes", [sys.executable, "-c", noted], tmp_path)], 2, tmp_path)
    assert runs == len((tmp_path / "runs").read_text())
    assert (2, 2, 2) == (len(row.wall), len(row.cpu), len(row.peak))


TWO_CHILDREN = """
import subprocess, sys, time
child = "x = bytearray(60_000_000); print(len(x), flush=True); input()"
pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
both = [subprocess.Popen([sys.executable, "-c", child], **pipes) for _ in range(2)]
for one in both:
    one.stdout.readline()
time.sleep(0.5)
for one in both:
    one.communicate(b"\\n")
"""


def test_the_memory_of_a_command_is_that_of_all_its_processes_together(tmp_path: Path) -> None:
    if not Path("/proc/self/smaps_rollup").exists():
        pytest.skip("only Linux tells")
    (row,) = in_turn("here", [Task("two", [sys.executable, "-c", TWO_CHILDREN], tmp_path)], 1, tmp_path)
    assert row.peak[0] > 120


ONE, BUF = ("one/protobuf/10", "schemacheck"), ("one/protobuf/10", "buf")


def row(key: tuple[str, str], **figures: Any) -> Row:
    return Row(*key, **figures)


@pytest.mark.parametrize(("mine", "met"), [(2.0, True), (2.2, False)])
def test_a_target_is_met_or_missed_by_its_median(mine: float, met: bool) -> None:
    rows = {ONE: row(ONE, wall=[mine, 0.0, 9.0]), BUF: row(BUF, wall=[1.0])}
    (found,) = [one for one in targets.judged(rows, quick=False) if one["value"] is not None]
    assert (met, mine, "at most", 2) == (found["met"], found["value"], found["sense"], found["limit"])


def test_a_target_is_not_met_by_what_was_not_measured() -> None:
    rows = {ONE: row(ONE, wall=[1.0]), BUF: row(BUF, wall=[1.0], failed="exit 1")}
    assert {None} == {one["met"] for one in targets.judged(rows, quick=False)}


@pytest.mark.parametrize(("dearest", "met"), [(0.0011, True), (0.0013, False)])
def test_a_changed_file_must_not_cost_more_where_there_are_more_files(dearest: float, met: bool) -> None:
    rows = {}
    for size, each in zip(targets.ALL_SIZES, (0.001, 0.001, dearest), strict=True):
        for what, cpu in (("one", 0.2), ("all", 0.2 + each * (size - 1))):
            key = f"{what}/avro/{size}", "schemacheck"
            rows[key] = row(key, cpu=[cpu])
    (found,) = [one for one in targets.judged(rows, quick=False) if one["value"] is not None]
    assert met == found["met"]


def test_every_target_is_about_a_scenario_that_is_measured() -> None:
    names = {one.name for one in scenarios(FULL, Rivals())}
    keys = [key for one in targets.TARGETS if isinstance(one, targets.Target) for key in (one.key, one.of) if key]
    keys += [(f"{w}/{s.kind}/{n}", "") for s in targets.TARGETS if isinstance(s, targets.Steady)
             for w in ("one", "all") for n in targets.ALL_SIZES]  # fmt: skip
    assert set() == {key[0] for key in keys} - names
