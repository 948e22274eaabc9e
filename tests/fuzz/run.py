"""The long run: as many inputs as wanted through one target, led by coverage where atheris is installed.

    python tests/fuzz/run.py TARGET [--runs 100000] [--seed 1] [--seconds 600]

Without atheris the inputs are mutations of the seeds. Prints one line with the figures. An input that fails is written
to `tests/fuzz/found/`; once it is mended it belongs into `tests/fuzz/corpus/TARGET/`, where every run of the tests
tries it.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import pkgutil
import resource
import sys
import tempfile
import time
from itertools import chain
from pathlib import Path
from typing import NoReturn

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]
SLOW = 10.0  # seconds for one input


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=3600)
    parser.add_argument("--plain", action="store_true", help="mutations only, without coverage")
    wanted = parser.parse_args()
    try:
        import atheris
    except ImportError:
        atheris = None
    if atheris is None or wanted.plain:
        mutated(wanted.target, wanted.runs, wanted.seed, wanted.seconds)
    else:
        led(atheris, wanted.target, wanted.runs, wanted.seed, wanted.seconds)


def led(atheris: object, target: str, runs: int, seed: int, seconds: int) -> NoReturn:
    """Inputs that atheris invents: it keeps what reaches new code."""
    with atheris.instrument_imports(include=["schemacheck"]):  # type: ignore[attr-defined]
        import fuzz_targets

        import schemacheck

        for module in pkgutil.walk_packages(schemacheck.__path__, "schemacheck."):  # what is imported later is not led
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    corpus = Path(tempfile.mkdtemp(prefix="schemacheck-fuzz-"))
    for number, data in enumerate(fuzz_targets.seeds(target)):
        (corpus / str(number)).write_bytes(data)
    found = HERE / "found"
    found.mkdir(exist_ok=True)
    options = [f"-runs={runs}", f"-seed={seed}", f"-max_total_time={seconds}", "-max_len=4096", f"-timeout={int(SLOW)}"]
    options += ["-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={found}/{target}-"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], fuzz_targets.TARGETS[target])  # type: ignore[attr-defined]
    atheris.Fuzz()  # type: ignore[attr-defined]
    sys.exit(0)


def mutated(target: str, runs: int, seed: int, seconds: int) -> None:
    """Random mutations of the seeds."""
    import fuzz_targets

    begun, slowest, failures, done = time.monotonic(), 0.0, 0, 0
    while done < runs and time.monotonic() - begun < seconds:
        batch = min(250, runs - done)
        inputs = [fuzz_targets.mutations(target, seed + done, batch)]
        if target in fuzz_targets.SHAPED:
            inputs.append(fuzz_targets.reshapings(target, seed + done, batch))
        for data in chain(*inputs):
            start = time.monotonic()
            try:
                fuzz_targets.TARGETS[target](data)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
                failures += 1
                keep(target, data, error)
            slowest = max(slowest, time.monotonic() - start)
            done += 1
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{target}: {done} inputs, {failures} failures, slowest {slowest:.2f} s, {memory} MB")
    sys.exit(1 if failures or slowest > SLOW else 0)


def keep(target: str, data: bytes, error: Exception) -> None:
    folder = HERE / "found"
    folder.mkdir(exist_ok=True)
    path = folder / f"{target}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    print(f"{path}: {type(error).__name__}: {str(error)[:200]}", flush=True)


if __name__ == "__main__":
    main()
