"""The tests of the tests: each statement of the diffs, the policy and the event rules is changed, and a test must fail.

    make mutants                  # all; exit 1 if less than nine of ten are noticed; `living.toml` explains some others
    python tests/mutants/run.py 'schemacheck.policy.*'
    python tests/mutants/run.py --again    # those that lived last time

mutmut makes the mutants. Its own runner starts pytest for each one, which takes hours for nine thousand; here a process
that holds the tests and the parsed cases forks for each mutant, and runs the tests that reach the changed function.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import fnmatch
import functools
import gc
import hashlib
import importlib
import itertools
import json
import mmap
import os
import pickle
import resource
import shutil
import signal
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build/mutants"
RESULTS = BUILD / "results.json"
LIVING = Path(__file__).with_name("living.toml")
MODULES = (
    "batches.py",
    "events/*.py",
    "policy.py",
    *(f"formats/avro/{name}.py" for name in ("diff", "fields", "meaning", "named", "pairs", "resolution", "unions")),
    *(f"formats/protobuf/{name}.py" for name in ("diff", "enums", "extensions", "fields", "files", "jsonform")),
    *(f"formats/protobuf/{name}.py" for name in ("messages", "oneofs", "options", "reach", "reserved", "rest")),
    *(f"formats/protobuf/{name}.py" for name in ("scalars", "services", "shapes", "ties", "visible", "walk")),
    *(f"formats/json_schema/{name}.py" for name in ("arrays", "branches", "keywords", "objects", "variants", "walk")),
)
TESTS = (  # modules, or single tests of them
    "test_said",
    "test_kinds",
    "test_protobuf_diff",
    "test_protobuf_pairing",
    "test_protobuf_ranges",
    "test_protobuf_witness.test_a_witness_is_the_smallest_event_and_what_its_reader_got",
    "test_json_schema_rules.test_a_change_is_named",
    "test_json_schema_rules.test_a_change_says_what_was_and_is",
    "test_json_schema_rules.test_of_what_stands_beside_what_stays_only_that_is_told",
    "test_json_schema_rules.test_a_finding_points_at_what_changed",
    "test_policy",
    "test_metadata",
    "test_gate",
    "test_event_rules",
    "test_avro_diff",
    "test_batches.test_what_moved_between_files_is_found_though_they_could_be_in_two_batches",
    "test_batches.test_what_a_walk_passes_over_would_have_said_nothing",
    "test_batches.test_only_what_stands_at_the_top_of_a_file_ties_it",
    "test_batches.test_files_are_tied_by_the_names_that_both_have_and_no_others",
    "test_batches.test_the_package_of_a_file_is_the_one_that_protoc_finds",
    "test_batches.test_what_is_extended_is_found_however_it_is_written",
)
ENOUGH = 0.9  # of the mutants that a test reaches
_PATIENCE = 5  # seconds of CPU for one test; a mutant that needs more hangs
_MEMORY = 2 << 30  # bytes beyond what the tests need
_IMPORT = "from mutmut.mutation.trampoline import wrap_in_trampoline as _mutmut_mutated, MutantDict"

Check = tuple[str, Callable[[], None]]


def generate() -> dict[str, list[str]]:
    """Module to the names of its mutants; the mutated package stands in build/mutants. Remembered by content."""
    from mutmut.mutation.file_mutation import mutate_file_contents

    wanted = {path for pattern in MODULES for path in (ROOT / "schemacheck").glob(pattern)}
    (BUILD / "made").mkdir(parents=True, exist_ok=True)
    (BUILD / "setup.cfg").write_text("[mutmut]\nsource_paths=schemacheck\n", encoding="utf-8")
    os.chdir(BUILD)  # where mutmut looks for its settings
    shutil.rmtree(BUILD / "schemacheck", ignore_errors=True)
    shutil.copytree(ROOT / "schemacheck", BUILD / "schemacheck", ignore=shutil.ignore_patterns("__pycache__"))
    found = {}
    for path in sorted(wanted, reverse=True):
        text = path.read_text(encoding="utf-8")
        made = BUILD / "made" / f"{hashlib.sha256(text.encode()).hexdigest()}.json"
        if not made.is_file():
            mutated = mutate_file_contents(str(path), text)
            made.write_text(json.dumps([mutated.code, list(mutated.mutant_names)]), encoding="utf-8")
        code, names = json.loads(made.read_text(encoding="utf-8"))
        assert code.count(_IMPORT) == 1 or not names
        code = code.replace(_IMPORT, "from switch import switched as _mutmut_mutated, MutantDict")
        relative = path.relative_to(ROOT)
        (BUILD / relative).write_text(code, encoding="utf-8")
        module = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
        found[module] = [f"{module}.{name}" for name in names]
    return found


def checks() -> list[Check]:
    """Every test that needs no fixture but `monkeypatch`, once for each of its parameters."""
    found = (each.partition(".")[::2] for each in TESTS)
    return [check for module, name in found for check in _of(importlib.import_module(module), name or "test_*")]


def _of(module: Any, wanted: str) -> Iterator[Check]:
    for name, function in vars(module).items():
        if not fnmatch.fnmatch(name, wanted) or getattr(function, "__module__", None) != module.__name__:
            continue
        marks = [mark for mark in getattr(function, "pytestmark", ()) if mark.name == "parametrize"]
        for chosen in itertools.product(*(list(_rows(mark)) for mark in marks)):
            given = {key: value for row in chosen for key, value in row.items()}
            asked = set(function.__code__.co_varnames[: function.__code__.co_argcount])
            label = f"{module.__name__}.{name}[{'-'.join(str(getattr(v, 'id', v))[:60] for v in given.values())}]"
            if given.keys() == asked:
                yield label, functools.partial(function, **given)
            elif asked - given.keys() == {"monkeypatch"}:
                yield label, functools.partial(_patching, function, given)


def _patching(function: Callable[..., None], given: Mapping[str, Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        function(monkeypatch=patch, **given)


def _rows(mark: Any) -> Iterator[Mapping[str, Any]]:
    names, rows = mark.args
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    for row in rows:
        if isinstance(row, type(pytest.param())):
            row = row.values
        elif len(names) == 1:
            row = (row,)
        yield dict(zip(names, row, strict=True))


def reach(tests: Sequence[Check]) -> dict[str, list[int]]:
    """Mutated function to the tests that call it: small tests first. None may fail by itself."""
    import switch

    into, out = os.pipe()
    if not os.fork():
        found: dict[str, list[tuple[bool, int, int]]] = {}
        for number, (name, check) in enumerate(tests):
            switch.reached.clear()
            try:
                check()
            except BaseException as error:  # noqa: BLE001 - as below
                print(f"{name} fails without a mutant: {error!r}", file=sys.stderr)
                os._exit(1)
            whole, many = name.startswith("test_said"), len(switch.reached)
            for function in switch.reached:
                found.setdefault(function, []).append((whole, -many if whole else many, number))
        with os.fdopen(out, "wb") as pipe:
            pickle.dump({function: [n for *_, n in sorted(reached)] for function, reached in found.items()}, pipe)
        os._exit(0)
    os.close(out)
    with os.fdopen(into, "rb") as pipe:
        data = pipe.read()
    os.wait()
    if not data:
        sys.exit(2)
    result: dict[str, list[int]] = pickle.loads(data)
    return result


def fate(mutant: str, tests: Sequence[Check], killer: mmap.mmap, budget: float) -> str:
    """killed, lives, or hangs; no tests if none reaches it. `killer` gets the place of the test that failed.

    A mutant lives, too, if no test failed in `budget` seconds of CPU: what lived is to be tried again with more.
    """
    import switch

    if not tests:
        return "no tests"
    child = os.fork()
    if not child:
        switch.active = tuple(mutant.rsplit(".", 1))  # type: ignore[assignment]
        began = time.process_time()
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + _MEMORY,) * 2)
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        for place, (_, check) in enumerate(tests):
            killer[:4] = place.to_bytes(4, "big")
            signal.setitimer(signal.ITIMER_VIRTUAL, _PATIENCE)
            try:
                check()
            except BaseException:  # noqa: BLE001 - whatever it is, the mutant was noticed
                os._exit(1)
            if time.process_time() - began > budget:
                break
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "hangs" if os.WTERMSIG(status) == signal.SIGVTALRM else "killed"
    return "killed" if os.WEXITSTATUS(status) else "lives"


def shown(mutant: str) -> str:
    """The lines that a mutant changes, as `- old` and `+ new`."""
    module, name = mutant.rsplit(".", 1)
    texts = _bodies(BUILD / f"{module.replace('.', '/')}.py")
    changed = difflib.unified_diff(
        texts[f"{name.partition('__mutmut_')[0]}__mutmut_orig"], texts[name], lineterm="", n=0
    )
    return " ".join(
        f"{line[0]} {' '.join(line[1:].split())}" for line in changed if not line.startswith(("---", "+++", "@@"))
    )


@functools.cache
def _bodies(path: Path) -> dict[str, list[str]]:
    """The lines of every function, written in one way."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.name: ast.unparse(node.body).splitlines() for node in nodes if isinstance(node, ast.FunctionDef)}


def explained() -> dict[str, set[str]]:
    """Function to the changes that it may live with."""
    found: dict[str, set[str]] = {}
    for entry in tomllib.loads(LIVING.read_text(encoding="utf-8"))["living"]:
        found.setdefault(entry["function"], set()).update(entry["changes"])
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("mutants", nargs="*", default=["*"], help="names, with wildcards")
    parser.add_argument("--again", action="store_true", help="only those that lived last time")
    parser.add_argument("--new", action="store_true", help="only those that no run has tried yet")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth mutant, for a quick look")
    parser.add_argument("--budget", type=float, default=5, metavar="S", help="seconds of CPU for what no test notices")
    parser.add_argument("--show", action="store_true", help="only show what lived last time")
    wanted = parser.parse_args()
    known: dict[str, str] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    made = generate()
    if not wanted.show:
        known.update(judged(made, wanted, known))
        everything = {name for names in made.values() for name in names}
        known = {name: result for name, result in known.items() if name in everything}
        save(known)
    return told(known)


def judged(made: Mapping[str, Sequence[str]], wanted: argparse.Namespace, known: Mapping[str, str]) -> dict[str, str]:
    for folder in (ROOT / "tests/formats", ROOT / "tests", Path(__file__).parent, BUILD):
        sys.path.insert(0, str(folder))
    for name in list(os.environ):
        if name.startswith(("GIT_", "CI", "GITHUB_", "SCHEMACHECK_")):
            del os.environ[name]
    tests = checks()
    assert importlib.import_module("schemacheck").__file__ == str(BUILD / "schemacheck/__init__.py")
    for _, check in tests:
        check()  # parses every case once, for all forks
    forget()
    reaching = reach(tests)
    gc.freeze()
    names = [n for names in made.values() for n in names if any(fnmatch.fnmatch(n, w) for w in wanted.mutants)]
    names = [n for n in names if not wanted.again or known.get(n) == "lives"]
    names = [n for n in names if not wanted.new or n not in known][:: wanted.every]
    found: dict[str, str] = {}
    killer = mmap.mmap(-1, 4)
    began = time.monotonic()
    for number, name in enumerate(names, 1):
        order = reaching.setdefault(name.partition("__mutmut_")[0], [])
        found[name] = fate(name, [tests[n] for n in order], killer, wanted.budget)
        if found[name] != "lives" and order:  # neighbours are often noticed by the same test
            order.insert(0, order.pop(int.from_bytes(killer[:4], "big")))
        if not number % 100 or number == len(names):
            spent = time.monotonic() - began
            print(f"{number} of {len(names)} in {spent:.0f} s: {dict(Counter(found.values()))}", flush=True)
            save({**known, **found})
    return found


def forget() -> None:
    """Lets everything be compared and scanned anew: what is remembered of that, no mutant can spoil."""
    said: Any = importlib.import_module("test_said")
    importlib.import_module("schemacheck.formats.protobuf.ties")._scans.clear()
    importlib.import_module("schemacheck.formats.json_schema.diff").judged.cache_clear()  # type: ignore[attr-defined]
    for side in itertools.chain.from_iterable(said.SIDES_OF.values()):
        if hasattr(side.schema, "compilation"):
            side.schema.compilation.beside.clear()


def save(results: Mapping[str, str]) -> None:
    RESULTS.write_text(json.dumps(results, indent=1), encoding="utf-8")


def told(known: Mapping[str, str]) -> int:
    allowed = explained()
    living = 0
    for name, result in sorted(known.items()):
        function = name.partition("__mutmut_")[0]
        if result == "lives" and (change := shown(name)) not in allowed.get(function, ()):
            living += 1
            print(f"{name}\n    {change}")
    count = Counter(known.values())
    tried = len(known) - count["no tests"]
    dead = count["killed"] + count["hangs"]
    print(f"{len(known)} mutants: {dict(count)}; {dead / max(tried, 1):.1%} of those that a test reaches are found")
    print(f"{living} live without a reason in {LIVING.name}")
    return int(dead < ENOUGH * tried)


if __name__ == "__main__":
    sys.exit(main())
