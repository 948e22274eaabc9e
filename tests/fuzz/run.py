"""The run that coverage leads: as many inputs as wanted through one target, invented by atheris, which keeps what
reaches new code.

    python tests/fuzz/run.py TARGET [--runs 100000] [--seed 1] [--seconds 600]

An input that fails is written to `tests/fuzz/found/`; once it is mended it belongs into `tests/fuzz/corpus/TARGET/`,
where every run of the tests tries it. Without atheris there is `record.py`.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent.parent)]
SLOW = 10  # seconds for one input


def main() -> None:
    import atheris

    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=3600)
    wanted = parser.parse_args()
    with atheris.instrument_imports(include=["schemacheck"]):
        import schemacheck

        for module in pkgutil.walk_packages(schemacheck.__path__, "schemacheck."):  # what is imported later is not led
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    import fuzz_seeds
    import fuzz_targets

    corpus = Path(tempfile.mkdtemp(prefix="schemacheck-fuzz-"))
    for number, data in enumerate(fuzz_seeds.seeds(wanted.target)):
        (corpus / str(number)).write_bytes(data)
    found = HERE / "found"
    found.mkdir(exist_ok=True)
    options = [f"-runs={wanted.runs}", f"-seed={wanted.seed}", f"-max_total_time={wanted.seconds}", "-max_len=4096"]
    options += [f"-timeout={SLOW}", "-rss_limit_mb=2048", "-print_final_stats=1"]
    options += [f"-artifact_prefix={found}/{wanted.target}-"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], fuzz_targets.TARGETS[wanted.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
