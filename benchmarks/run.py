"""What a run costs, side by side in one go: medians and ratios, since seconds depend on the machine.

    python benchmarks/run.py [--schemas 1000] [--rounds 9]

Nothing changed: `schemacheck check` in a repository of Avro and Protobuf schemas, beside importing what it cannot do
without. One `.proto` changed: the same repository, with the number of files that reach the compiler.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GIT = ["git", "-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgsign=false"]
CHECK = [sys.executable, "-m", "schemacheck", "check"]
BASE = [sys.executable, "-c", "import click, git"]
BARE = [sys.executable, "-c", "pass"]


def avro(number: int) -> str:
    fields = [{"name": f"field_{i}", "type": ["null", "string"], "default": None} for i in range(12)]
    record = {"type": "record", "name": f"Event{number}Happened", "namespace": "bench.v1", "fields": fields}
    return json.dumps(record, indent=2)


def proto(number: int) -> str:
    fields = "".join(f"  string field_{i} = {i};\n" for i in range(1, 13))
    return (
        f'syntax = "proto3";\npackage bench{number}.v1;\nimport "common/v1/money.proto";\n'
        f"message Event{number}Happened {{\n{fields}  common.v1.Money total = 20;\n}}\n"
    )


def repository(folder: Path, schemas: int) -> None:
    """A repository with half Avro and half Protobuf; its last commit changes no schema."""
    subprocess.run([*GIT, "init", "-q", "-b", "main", str(folder)], check=True)
    files = {
        "schemas/common/v1/money.proto": 'syntax = "proto3";\npackage common.v1;\nmessage Money { int64 units = 1; }'
    }
    for number in range(schemas // 2):
        files[f"schemas/bench/event{number}_happened/v1.avsc"] = avro(number)
        files[f"schemas/bench{number}/v1/event{number}_happened.proto"] = proto(number)
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    for command in (["add", "-A"], ["commit", "-q", "-m", "schemas"], ["commit", "-q", "--allow-empty", "-m", "more"]):
        subprocess.run([*GIT, *command], cwd=folder, check=True)


def measure(commands: dict[str, list[str]], folder: Path, rounds: int) -> dict[str, float]:
    """Median seconds of each command, the commands taking turns."""
    kept_out = ("CI", "PYTHONDONTWRITEBYTECODE")  # what would choose another baseline, or compile modules anew
    environment = {name: value for name, value in os.environ.items() if name not in kept_out}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values[1:]) for name, values in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--schemas", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=9)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        repository(folder, wanted.schemas)
        commands = {"python -c pass": BARE, "import click, git": BASE, "check, nothing changed": CHECK}
        times = measure(commands, folder, wanted.rounds)
        changed = folder / "schemas/bench7/v1/event7_happened.proto"
        changed.write_text(changed.read_text().replace("common.v1.Money total", "common.v1.Money total_price"))
        times |= measure({"check, one proto changed": CHECK}, folder, wanted.rounds)
    base = times["import click, git"]
    print(f"{wanted.schemas} schemas, median of {wanted.rounds}")
    for label, seconds in times.items():
        print(f"{label:28} {seconds * 1000:7.0f} ms   {seconds / base:5.2f} x import click, git")


if __name__ == "__main__":
    main()
