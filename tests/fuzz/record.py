"""The recorded run: a stated number of inputs through every target, and a record of it as JSON.

    python tests/fuzz/record.py [--scale 1.0] [--seed 1] [--seconds 2400] [--out FILE] [TARGET ...]

Each batch of inputs runs in a child process, so that an input that kills it, eats its memory or never ends is a finding
like any other, and the run goes on behind it. A number and a seed name an input for ever: `--again TARGET MAKER SEED`
runs one once more. Inputs that failed are written to `tests/fuzz/found/`; once mended they belong into
`tests/fuzz/corpus/TARGET/`.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.metadata
import json
import mmap
import os
import platform
import resource
import signal
import struct
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent.parent)]
SLOW = 10.0  # seconds of one core for one input
MEMORY = 2 << 30  # bytes of address space
BATCH = 2_000
TURNS = 20
SHOWN = 20  # findings that are told of one target
LIBRARIES = ("fastavro", "jsonschema", "rpds-py", "protobuf", "grpcio-tools", "urllib3", "gitpython")

# target → maker → inputs of a whole run: over a million in about five minutes of one core; --scale makes it longer
PLAN = {
    "avro": {"mutated": 220_000, "reshaped": 40_000, "grown": 2_000},
    "protobuf": {"mutated": 5_000, "grown": 500},
    "json_schema": {"mutated": 25_000, "reshaped": 4_000, "grown": 400},
    "configuration": {"mutated": 220_000},
    "said": {"mutated": 220_000},
    "gate": {"mutated": 1_000, "reshaped": 1_000, "grown": 500},
    "answers": {"mutated": 30_000, "reshaped": 15_000},
    "registry": {"mutated": 5_000, "reshaped": 5_000},
    "wire": {"mutated": 4_000},
    "names": {"mutated": 250_000},
    "trees": {"mutated": 600},
}


@dataclass
class Tally:
    """What a target and a kind of input came to."""

    target: str
    maker: str
    inputs: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    slowest: float = 0.0
    megabytes: int = 0
    findings: list[dict[str, Any]] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers in the plan")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2400, help="of one core, when to stop, however far it got")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--again", nargs=3, metavar=("TARGET", "MAKER", "SEED"))
    wanted = parser.parse_args()
    if wanted.again:
        import fuzz_mutate
        import fuzz_targets

        target, maker, seed = wanted.again
        fuzz_targets.TARGETS[target](one(fuzz_mutate.MAKERS[maker](target, int(seed), 1)))
        return
    text = ""
    for record in run(wanted.targets or list(PLAN), wanted.scale, wanted.seed, wanted.seconds):
        text = json.dumps(record, indent=1)
        if wanted.out:  # what is known so far, if somebody ends the run
            wanted.out.parent.mkdir(parents=True, exist_ok=True)
            wanted.out.write_text(f"{text}\n", encoding="utf-8")
    print(text, flush=True)
    sys.exit(1 if record["findings"] else 0)


def one(made: Any) -> bytes:
    """The first of some inputs."""
    return next(iter(made))


def run(targets: list[str], scale: float, seed: int, seconds: float) -> Iterator[dict[str, Any]]:
    """The record of a run, after each turn. Targets take turns, so that one that is cut short has tried all of them."""
    begun, started = time.monotonic(), time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    tallies = [Tally(target, maker) for target in targets for maker in PLAN[target]]
    for tally in tallies:
        _warm(tally)
    for turn in range(TURNS):
        for number, tally in enumerate(tallies):
            most = round(PLAN[tally.target][tally.maker] * scale)
            until = most * (turn + 1) // TURNS
            while tally.inputs < until and sum(one.cpu_seconds for one in tallies) < seconds:
                first = (seed << 40) + (number << 32) + tally.inputs
                batch(tally, first, min(BATCH, until - tally.inputs))
        yield _record(tallies, begun, started, seed)


def _record(tallies: list[Tally], begun: float, started: str, seed: int) -> dict[str, Any]:
    """What is kept of a run."""
    return {
        "tool": {"name": "schemacheck", "version": importlib.metadata.version("schemacheck-gate")},
        "python": platform.python_version(),
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
        "system": f"{platform.system()} {platform.machine()}",
        "started": started,
        "seed": seed,
        "seconds": round(time.monotonic() - begun, 1),
        "cpu_seconds": round(sum(tally.cpu_seconds for tally in tallies), 1),
        "inputs": sum(tally.inputs for tally in tallies),
        "limits": {"seconds_of_cpu_for_an_input": SLOW, "megabytes": MEMORY >> 20},
        "findings": sum(len(tally.findings) for tally in tallies),
        "targets": [asdict(tally) for tally in tallies],
    }


def _warm(tally: Tally) -> None:
    """Loads here what every child would load anew."""
    import fuzz_mutate
    import fuzz_targets

    for number in range(20):
        with contextlib.suppress(Exception):  # a finding is counted where it is met again
            fuzz_targets.TARGETS[tally.target](one(fuzz_mutate.MAKERS[tally.maker](tally.target, number, 1)))


def batch(tally: Tally, first: int, count: int) -> None:
    """Runs some inputs in a child, and in another one behind each that ended its child."""
    done = 0
    while done < count:
        with mmap.mmap(-1, 4096) as board:  # how many are done, and the slowest of them
            reader, writer = os.pipe()
            child = os.fork()
            if child == 0:
                os.close(reader)
                _child(tally, first + done, count - done, board, writer)
            os.close(writer)
            with os.fdopen(reader) as pipe:
                told = [json.loads(line) for line in pipe]
            _, status, used = os.wait4(child, 0)
            finished, slowest = struct.unpack("qd", board[:16])
        tally.inputs += finished
        tally.seconds = round(tally.seconds + sum(one.pop("took", 0.0) for one in told), 3)
        tally.findings += told[: max(0, SHOWN - len(tally.findings))] if told else []
        tally.findings = [one for one in tally.findings if one]
        tally.cpu_seconds = round(tally.cpu_seconds + used.ru_utime + used.ru_stime, 3)
        tally.slowest = round(max(tally.slowest, slowest), 3)
        tally.megabytes = max(tally.megabytes, used.ru_maxrss >> 10)
        done += finished
        code = os.waitstatus_to_exitcode(status)
        if code != 0:
            why = f"more than {SLOW:.0f} s" if code == -signal.SIGPROF else f"the process ended with {code}"
            _keep(tally, first + done, why)
            tally.inputs, done = tally.inputs + 1, done + 1


def _child(tally: Tally, first: int, count: int, board: mmap.mmap, writer: int) -> None:
    """Runs inputs until one ends the process. Never returns."""
    status = 70
    try:
        import fuzz_mutate
        import fuzz_targets

        target, make = fuzz_targets.TARGETS[tally.target], fuzz_mutate.MAKERS[tally.maker]
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        begun, slowest = time.monotonic(), 0.0
        with os.fdopen(writer, "w") as pipe:
            for number in range(count):
                data = one(make(tally.target, first + number, 1))
                signal.setitimer(signal.ITIMER_PROF, SLOW)
                start = time.process_time()
                try:
                    target(data)
                except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
                    print(json.dumps(_finding(tally, first + number, data, error)), file=pipe, flush=True)
                slowest = max(slowest, time.process_time() - start)
                board[:16] = struct.pack("qd", number + 1, slowest)
            signal.setitimer(signal.ITIMER_PROF, 0)
            print(json.dumps({"took": time.monotonic() - begun}), file=pipe, flush=True)
        status = 0
    finally:
        os._exit(status)


def _finding(tally: Tally, seed: int, data: bytes, error: Exception) -> dict[str, Any]:
    last = traceback.extract_tb(error.__traceback__)[-1]
    words = f"{type(error).__name__}: {str(error)[:200]} ({Path(last.filename).name}:{last.lineno})"
    return {"error": words, "seed": seed, "file": _write(tally, data)}


def _keep(tally: Tally, seed: int, why: str) -> None:
    """A finding that ended its process."""
    import fuzz_mutate

    data = one(fuzz_mutate.MAKERS[tally.maker](tally.target, seed, 1))
    tally.findings.append({"error": why, "seed": seed, "file": _write(tally, data)})


def _write(tally: Tally, data: bytes) -> str:
    path = HERE / "found" / f"{tally.target}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path.name


if __name__ == "__main__":
    main()
