"""One Protobuf change against the commit before, by schemacheck and by buf, taking turns in one run: medians.

    python benchmarks/protobuf.py [--rounds 7] [--buf PATH] [--protos FOLDER]

Two repositories: one of 1,000 generated files; and, if --protos names a folder of real ones, that folder. In the first
row of each the last commit changes one file, in the second (--all) every file. buf is fetched by npm, as in the tests.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

GIT = ["git", "-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgsign=false"]
ROOT = Path(__file__).parents[1]
OURS = [sys.executable, "-m", "schemacheck", "check", "--against", "git:HEAD~1"]
BUF = ["breaking", "--against", ".git#ref=HEAD~1"]
FILES = 1000


@dataclass
class Series:
    """Seconds, and the peak of memory in MB, of one command."""

    seconds: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)
    code: int = 0

    def __str__(self) -> str:
        seconds, peak = statistics.median(self.seconds), statistics.median(self.peaks)
        return f"{seconds:7.2f} s  {peak:6.0f} MB  exit {self.code}"


def generated(folder: Path) -> None:
    """1,000 events of ten fields, in a hundred packages with a shared file each."""
    for number in range(FILES):
        package = f"p{number // 10}"
        fields = "".join(f"  string field_{i} = {i};\n" for i in range(1, 11))
        write(
            folder / f"schemas/{package}/v1/event{number}.proto",
            f'syntax = "proto3";\npackage {package}.v1;\nimport "{package}/v1/shared.proto";\n'
            f"message Event{number} {{\n{fields}  Shared shared = 11;\n  repeated int32 counts = 12;\n}}\n",
        )
        write(
            folder / f"schemas/{package}/v1/shared.proto",
            f'syntax = "proto3";\npackage {package}.v1;\nmessage Shared {{ int64 units = 1; }}\n',
        )
    write(folder / "buf.yaml", "version: v2\nmodules:\n  - path: schemas\n")
    write(folder / "schemacheck.toml", 'roots = ["schemas"]\n[protobuf]\nroots = ["schemas"]\n')


def real(folder: Path, protos: Path) -> None:
    """A copy of a folder of real files, whose imports start there; without the tests of Protobuf itself."""
    for path in protos.rglob("*.proto"):
        if "google/protobuf/" in path.as_posix():
            continue
        target = folder / "schemas" / path.relative_to(protos)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    write(folder / "buf.yaml", "version: v2\nmodules:\n  - path: schemas\n")
    write(folder / "schemacheck.toml", 'roots = ["schemas"]\n[protobuf]\nroots = ["schemas"]\n')


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def commit(folder: Path, message: str) -> None:
    subprocess.run([*GIT, "add", "-A"], cwd=folder, check=True)
    subprocess.run([*GIT, "commit", "-q", "-m", message], cwd=folder, check=True)


def change(folder: Path, every: bool) -> int:
    """Widens an integer in one file, or adds a message to every file; how many files that were."""
    files = sorted((folder / "schemas").rglob("*.proto"))
    chosen = files if every else [path for path in files if " int32 " in path.read_text(encoding="utf-8")][:1]
    for path in chosen:
        text = path.read_text(encoding="utf-8")
        added = f"\nmessage AddedToFile{files.index(path)} {{ string id = 1; }}\n"
        path.write_text(text + added if every else text.replace(" int32 ", " int64 ", 1), encoding="utf-8")
    commit(folder, "change")
    return len(chosen)


def measure(commands: dict[str, list[str]], folder: Path, rounds: int) -> dict[str, Series]:
    """Each command in turn, after one round to warm the caches."""
    kept_out = ("CI", "PYTHONDONTWRITEBYTECODE")  # what would choose another baseline, or compile modules anew
    environment = {name: value for name, value in os.environ.items() if name not in kept_out}
    found = {name: Series() for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            with tempfile.TemporaryFile() as said:
                process = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said)
                _, status, usage = os.wait4(process.pid, 0)
            process.returncode = found[name].code = os.waitstatus_to_exitcode(status)
            if turn:
                found[name].seconds.append(time.perf_counter() - start)
                found[name].peaks.append(usage.ru_maxrss / 1024)
    return found


def rows(protos: Path | None, every: bool) -> Iterator[tuple[str, Path]]:
    """A label, and a repository whose last commit is the change."""
    for label in ("generated", "real") if protos else ("generated",):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            subprocess.run([*GIT, "init", "-q", "-b", "main", name], check=True)
            if label == "real" and protos is not None:
                real(folder, protos)
            else:
                generated(folder)
            commit(folder, "schemas")
            number = len(list(folder.rglob("*.proto")))
            yield f"{change(folder, every)} of {number} {label} files changed", folder


def found_buf() -> str:
    sys.path[:0] = [str(ROOT / "tests" / "formats"), str(ROOT / "tests")]
    import buf

    return str(buf.binary())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--buf", default=None)
    parser.add_argument("--protos", type=Path, default=None)
    parser.add_argument("--all", action="store_true")
    wanted = parser.parse_args()
    program = wanted.buf or found_buf()
    for label, folder in rows(wanted.protos, wanted.all):
        both = measure({"schemacheck": OURS, "buf": [program, *BUF]}, folder, wanted.rounds)
        print(f"{label}, median of {wanted.rounds}")
        for name, series in both.items():
            print(f"  {name:12} {series}")
        ratio = statistics.median(both["buf"].seconds) / statistics.median(both["schemacheck"].seconds)
        print(f"  {ratio:.1f} times as fast")


if __name__ == "__main__":
    main()
