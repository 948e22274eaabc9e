"""The results as a table and as JSON, with the machine, the versions and the commit that they hold for."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import Row
from benchmarks.rivals import ROOT, Rivals

FORMAT = "schemacheck-benchmark/1"
_LIBRARIES = ("click", "fastavro", "gitpython", "grpcio-tools", "jsonschema", "protobuf")


def heading() -> str:
    """The names of the columns."""
    return f"{'':42} {'wall':>10} {'cpu':>10} {'peak':>9} {'beside the first':>17}"


def rows(words: str, found: Sequence[Row]) -> Iterator[str]:
    """A scenario, line by line."""
    yield words
    first = found[0].median("wall") if found else None
    for row in found:
        if row.failed:
            yield f"  {row.task:40} FAILED: {row.failed}"
            continue
        wall, cpu, peak = (row.median(figure) for figure in ("wall", "cpu", "peak"))
        beside = f"{wall / first:15.2f} x" if wall and first and row.cpu and row is not found[0] else ""
        more = "".join(f"  {name} {value:.0f}" for name, value in row.figures.items())
        memory = f"{peak:6.0f} MB" if peak else ""
        yield f"  {row.task:40} {seconds(wall):>10} {seconds(cpu):>10} {memory:>9} {beside:>17}{more}".rstrip()


def seconds(value: float | None) -> str:
    """A time in the unit that suits it."""
    if value is None:
        return ""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.2f} ms" if value < 0.1 else f"{value * 1000:.0f} ms"


def targets(found: Sequence[Mapping[str, Any]], every: bool) -> Iterator[str]:
    """Each target, or each that was measured: what was wanted, what was found."""
    words = {True: "met", False: "MISSED", None: "not measured"}
    for one in found:
        if one["met"] is None and not every:
            continue
        value = "" if one["value"] is None else f"{one['value']:.2f} {one['unit']}"
        yield f"  {words[one['met']]:13} {one['words']:75} {value:>12}   {one['sense']} {one['limit']:g} {one['unit']}"


def absent(rivals: Rivals) -> Iterator[str]:
    """Who could not take part, and why."""
    return (f"not at hand: {name} ({why})" for name, why in rivals.absent.items())


def document(
    found: Sequence[Row], judged: Sequence[Mapping[str, Any]], rivals: Rivals, quick: bool, rounds: int
) -> str:
    """Everything as JSON: seconds, MB, one number for each round."""
    results = [
        {
            "scenario": row.scenario,
            "task": row.task,
            "median": {figure: row.median(figure) for figure in ("wall", "cpu", "peak")},
            "wall": row.wall,
            "cpu": row.cpu,
            "peak": row.peak,
            "figures": row.figures,
            "counted": row.counted,
            "exit_code": row.code,
            "said": row.said,
            "failed": row.failed or None,
        }
        for row in found
    ]
    facts = {
        "format": FORMAT,
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "rounds": rounds,
        "commit": commit(),
        "machine": machine(),
        "tools": {**tools(), **rivals.versions},
        "absent": rivals.absent,
    }
    return json.dumps({**facts, "results": results, "targets": list(judged)}, indent=1) + "\n"


def commit() -> dict[str, Any]:
    """What was measured."""
    revision = _said("git", "rev-parse", "HEAD")
    return {"id": revision or None, "dirty": bool(_said("git", "status", "--porcelain")) if revision else None}


def machine() -> dict[str, Any]:
    """Where it was measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1 << 20) if hasattr(os, "sysconf") else None
    load = [round(value, 2) for value in os.getloadavg()] if hasattr(os, "getloadavg") else None
    system = f"{platform.system()} {platform.release()}"
    return {"processor": _processor(), "cores": os.cpu_count(), "memory_mb": memory, "system": system, "load": load}


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def tools() -> dict[str, str]:
    """The versions of what takes part in every run."""
    known = {"schemacheck": _said(sys.executable, "-m", "schemacheck", "--version").rpartition(" ")[2]}
    known |= {"python": platform.python_version(), "git": _said("git", "--version").removeprefix("git version ")}
    return known | {name: importlib.metadata.version(name) for name in _LIBRARIES}


def _said(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
