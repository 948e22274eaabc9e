"""The cost of a full check against a registry: 500 subjects of 20 versions, each request 20 ms away.

The registry is the one of the tests, in a process of its own. Fails if a limit is exceeded.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
SUBJECTS, VERSIONS, LATENCY = 500, 20, 0.02
LIMITS = {"seconds": 15.0, "requests": SUBJECTS * VERSIONS + 3 * SUBJECTS + 2, "megabytes": 200.0}
CHECK = """
import resource, sys
from schemacheck.__main__ import _run
code = _run({"code": 3})
sys.stderr.write(f"\\n{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024} {code}\\n")
"""


def text(event: int, version: int) -> str:
    """An event that gains an optional field with each version."""
    fields = [{"name": "id", "type": "string"}, {"name": "amount", "type": ["null", "long"], "default": None}]
    fields += [{"name": f"field_{number}", "type": "string", "default": ""} for number in range(version)]
    return json.dumps({"type": "record", "namespace": "bench.v1", "name": f"Event{event}Happened", "fields": fields})


def measured() -> dict[str, float]:
    """Seconds, requests and megabytes of a check in which every event changed and every version is compared."""
    subjects = {
        f"bench.v1.Event{n}Happened": [text(n, version) for version in range(VERSIONS)] for n in range(SUBJECTS)
    }
    wanted = {"latency": LATENCY, "level": "FULL_TRANSITIVE", "subjects": subjects}
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [sys.executable, "-m", "registry.fake"], env=environ, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        ) as server,
    ):  # fmt: skip
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(f"{json.dumps(wanted)}\n")
        server.stdin.flush()
        url = server.stdout.readline().strip()
        for number in range(SUBJECTS):
            path = Path(folder, "schemas", "bench", f"event{number}_happened", "v1.avsc")
            path.parent.mkdir(parents=True)
            path.write_text(text(number, VERSIONS))
        subprocess.run(["git", "init", "-q", folder], check=True)
        begin = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", CHECK, "check", "--current", f"dir:{folder}", "--against", f"registry:{url}",
             "--format", "json"],
            cwd=folder, capture_output=True, text=True, check=True,
        )  # fmt: skip
        seconds = time.perf_counter() - begin
        megabytes, code = done.stderr.split()[-2:]
        report = json.loads(done.stdout)
        states = sum(subject["states"] for subject in report["subjects"])
        assert (code, states) == ("0", SUBJECTS * VERSIONS), (code, states, done.stderr)
        server.stdin.write("\n")
        server.stdin.flush()
        requests = float(server.stdout.readline())
    return {"seconds": seconds, "requests": requests, "megabytes": float(megabytes)}


def main() -> None:
    """Prints each figure beside its limit; exits 1 if one is exceeded."""
    found = measured()
    for name, value in found.items():
        print(f"{name:10} {value:10.1f}   limit {LIMITS[name]:10.1f}")
    sys.exit(any(found[name] > LIMITS[name] for name in LIMITS))


if __name__ == "__main__":
    main()
