"""Runs commands in turn: seconds, processor seconds, and the memory of each with all the processes it starts."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_COUNTED = re.compile(r"\b(\d+) (unchanged|compatible|breaking|new|removed|not checked|pairs)\b")
PAUSE = 0.003  # seconds between two looks at the memory
LONG = 10.0  # seconds after which a first run counts like any other: what it warms up matters little
LONGEST = 300.0  # seconds that a command may take
# What would choose another baseline, or compile Python's modules anew each time.
_KEPT_OUT = ("CI", "PYTHONDONTWRITEBYTECODE", "SCHEMACHECK_AGAINST", "GIT_DIR", "GIT_INDEX_FILE", "PRE_COMMIT")


@dataclass(frozen=True)
class Task:
    """A command, where it runs, and the exit codes with which it has done its work."""

    name: str
    command: Sequence[str]
    folder: Path
    codes: Sequence[int] = (0,)


@dataclass
class Row:
    """What a task took: `wall` and `cpu` in seconds, `peak` in MB, one for each round; `said` is its last line.

    `counted` is what it said to have looked at, since who does nothing is the fastest.
    """

    scenario: str
    task: str
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak: list[float] = field(default_factory=list)
    code: int | None = None
    said: str = ""
    failed: str = ""
    counted: dict[str, int] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)

    def median(self, figure: str) -> float | None:
        """The median of a figure over all rounds; None if there is none."""
        values = getattr(self, figure, None) if figure not in self.figures else [self.figures[figure]]
        return statistics.median(values) if values and not self.failed else None


def in_turn(scenario: str, tasks: Sequence[Task], rounds: int, home: Path) -> list[Row]:
    """Each task once to warm up, while its memory is watched; then so many rounds, the tasks taking turns.

    The first run of a long task is one of its rounds.
    """
    rows = [Row(scenario, task.name) for task in tasks]
    for turn in range(rounds + 1):
        for task, row in zip(tasks, rows, strict=True):
            if not row.failed and len(row.wall) < rounds:
                _once(task, row, home, warm=turn == 0)
    for row in rows:
        if row.wall:  # the first peak is that of all processes together, the others of the largest one
            row.peak = [max(row.peak[0], one) for one in row.peak[-len(row.wall) :]]
    return rows


def _once(task: Task, row: Row, home: Path, warm: bool) -> None:
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(
            list(task.command), cwd=task.folder, env=environment(home), stdin=subprocess.DEVNULL,
            stdout=said, stderr=said, start_new_session=True,
        )  # fmt: skip
        with _watched(process.pid, warm) as seen:
            usage = _ended(process)
        took = time.perf_counter() - start
        row.code = process.returncode
        if warm or row.code not in task.codes:
            said.seek(max(0, said.seek(0, os.SEEK_END) - 2000))
            text = said.read().decode("utf-8", "replace").strip()
            row.said = text.rpartition("\n")[2]
            row.counted = {what: int(number) for number, what in _COUNTED.findall(text)}
    if row.code not in task.codes:
        row.failed = "it took too long" if row.code == -signal.SIGKILL else f"exit {row.code}: {row.said}"
    largest = usage.ru_maxrss / (1024 if os.uname().sysname == "Linux" else 1024 * 1024)
    row.peak.append(max([largest, *seen]) if warm else largest)
    if not warm or took > LONG:
        row.wall.append(took)
        row.cpu.append(usage.ru_utime + usage.ru_stime)


def _ended(process: subprocess.Popen[bytes]) -> resource.struct_rusage:
    """What a process used with all that it waited for. It is ended, with its children, if it takes too long."""
    timer = threading.Timer(LONGEST, lambda: os.killpg(process.pid, signal.SIGKILL))
    timer.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    finally:
        timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage


def environment(home: Path) -> Mapping[str, str]:
    """Ours, without what would change the work, and with a home in which nobody has configured anything."""
    kept = {name: value for name, value in os.environ.items() if name not in _KEPT_OUT}
    return {**kept, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}


# memory of a tree of processes


@contextlib.contextmanager
def _watched(root: int, wanted: bool) -> Iterator[list[float]]:
    """A list that holds, in the end, the peak of what a process and its children occupied together, in MB."""
    peak: list[float] = []
    if not wanted or not Path("/proc/self/smaps_rollup").exists():
        yield peak
        return
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(root, peak, ended.is_set))
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()


def _watch(root: int, peak: list[float], ended: Callable[[], bool]) -> None:
    peak.append(0.0)
    begin = time.perf_counter()
    while not ended():
        peak[0] = max(peak[0], sum(map(_occupied, _family(root))) / 1024)
        time.sleep(max(PAUSE, (time.perf_counter() - begin) / 200))  # to look takes longer at those that have more


def _family(root: int) -> Iterator[int]:
    waiting = [root]
    while waiting:
        process = waiting.pop()
        yield process
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{process}/task").iterdir():
                waiting += map(int, (thread / "children").read_text().split())


def _occupied(process: int) -> int:
    """The memory of a process in kB; what it shares with others counts in proportion."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
