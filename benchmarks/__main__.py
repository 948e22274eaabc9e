"""Measures, prints a table, and writes the results as JSON for those who keep them.

    python -m benchmarks [--quick] [--rounds 5] [--json FILE] [--list] [--without buf,jvm] [SCENARIO ...]

A scenario is named by the beginning of its name, or a part between slashes: `one`, `all/avro`, `registry`, `7000`.
"""

from __future__ import annotations

import argparse
import fnmatch
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import measure, show, targets
from benchmarks.corpora import emptied
from benchmarks.measure import Row
from benchmarks.rivals import NAMES, Rivals
from benchmarks.scenarios import FULL, QUICK, Scenario, scenarios


def main() -> None:
    """Exits 1 if something could not be measured; a target that was missed is told, and no failure."""
    wanted = _arguments()
    rivals = Rivals(wanted.without, wanted.protos)
    chosen = [one for one in scenarios(QUICK if wanted.quick else FULL, rivals) if _chosen(one, wanted.scenarios)]
    if not chosen:
        sys.exit("no scenario has such a name; --list tells them")
    if wanted.list:
        for scenario in chosen:
            print(f"{scenario.name:24} {scenario.words}")
        return
    rounds = wanted.rounds or (1 if wanted.quick else 5)
    print(f"medians of {rounds}")
    print(show.heading())
    found: list[Row] = []
    for scenario in chosen:
        rows = _measured(scenario, rounds)
        found += rows
        print("\n".join(show.rows(scenario.words, rows)), flush=True)
    judged = targets.judged({(row.scenario, row.task): row for row in found}, wanted.quick)
    print(
        "\n".join(
            ["", *show.absent(rivals), "targets", *show.targets(judged, every=not (wanted.quick or wanted.scenarios))]
        )
    )
    if wanted.json:
        wanted.json.write_text(show.document(found, judged, rivals, wanted.quick, rounds), encoding="utf-8")
    sys.exit(any(row.failed for row in found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="only these; all unless told")
    parser.add_argument("--quick", action="store_true", help="ten schemas of everything, one round: does it work")
    parser.add_argument("--rounds", type=int, help="how often each command is timed; 5, or 1 if quick")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there")
    parser.add_argument("--list", action="store_true", help="name the scenarios and stop")
    parser.add_argument("--without", type=_names, default=[], help=f"leave out some of {', '.join(NAMES)}")
    parser.add_argument("--protos", type=Path, metavar="FOLDER", help="real .proto files, in place of those of npm")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = [name for name in text.split(",") if name]
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]} is none of {', '.join(NAMES)}")
    return names


def _chosen(scenario: Scenario, names: Sequence[str]) -> bool:
    slashed = f"/{scenario.name}/"
    return not names or any(f"/{name}/" in slashed or fnmatch.fnmatch(scenario.name, name) for name in names)


def _measured(scenario: Scenario, rounds: int) -> list[Row]:
    folder = Path(tempfile.mkdtemp(prefix="schemacheck-bench-"))
    try:
        home = folder / "home"
        work = folder / "work"
        home.mkdir()
        work.mkdir()
        with scenario.made(work) as bench:
            rows = measure.in_turn(scenario.name, bench.tasks, rounds, home)
            bench.more(rows, rounds)
        return rows
    finally:
        emptied(folder)


if __name__ == "__main__":
    main()
