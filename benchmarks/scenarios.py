"""What is measured: each scenario builds what it needs in a folder, gives the commands, and cleans up behind them."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks import corpora
from benchmarks.corpora import AVRO, JSON_SCHEMA, PROTOBUF, REAL, Repository
from benchmarks.measure import Row, Task
from benchmarks.rivals import ROOT, Rivals

OURS = (sys.executable, "-m", "schemacheck")
HOOK = (*OURS, "check", "--staged")
JUDGED = (0, 1)  # exit codes of a check that was made, whatever it found
BUF_JUDGED = (0, 100)
LATENCY = 0.02  # seconds until the registry answers
HERE, BUF, BUF_PATH, AVRO_PACKAGE, JVM = "schemacheck", "buf", "buf --path", "avro package", "java"


@dataclass(frozen=True)
class Size:
    """How much there is of everything."""

    small: Sequence[int] = (10,)  # as few as that nothing but start-up counts
    sizes: Sequence[int] = (10, 100, 1000, 7000)
    rivals: Sequence[int] = (10, 1000, 7000)  # where others take part
    objects: Sequence[int] = (10, 1000)  # of JSON Schema
    unchanged: Sequence[int] = (10, 1000, 7000)
    revisions: int = 200
    fields: int = 200
    report: int = 1000
    subjects: int = 500
    versions: int = 20
    rounds: int = 30  # of a pair in one process


FULL = Size()
QUICK = Size(
    sizes=(10,), rivals=(10,), objects=(10,), unchanged=(10,), revisions=5, fields=20, report=10,
    subjects=10, versions=3, rounds=2,
)  # fmt: skip


@dataclass
class Bench:
    """The commands of a scenario, and what else it knows once they have run."""

    tasks: Sequence[Task] = ()
    more: Callable[[list[Row], int], None] = field(default=lambda _rows, _rounds: None)


@dataclass(frozen=True)
class Scenario:
    """`name` is what `--json` and the targets know it by."""

    name: str
    words: str
    made: Callable[[Path], contextlib.AbstractContextManager[Bench]]  # given a folder of its own


def scenarios(size: Size, rivals: Rivals) -> Iterator[Scenario]:
    """All of them, in the order in which they run; those of one repository stand together."""
    yield Scenario("start-up", "start-up", _start_up)
    for number in size.unchanged:
        yield Scenario(f"unchanged/{number}", f"nothing changed, {number} schemas", partial(_unchanged, number))
    for kind, sizes in ((AVRO, size.sizes), (PROTOBUF, size.sizes), (JSON_SCHEMA, size.objects)):
        for number in sizes:
            found = rivals if number in size.rivals else None
            for every in (False, True):
                name, words = ("all", "all changed") if every else ("one", "one changed")
                made = partial(_changed, kind, number, every, found)
                yield Scenario(f"{name}/{kind}/{number}", f"{words}, {number} {kind} schemas", made)
    if size.sizes == FULL.sizes:
        for every in (False, True):
            name, words = ("all", "all changed") if every else ("one", "one changed")
            yield Scenario(f"{name}/{REAL}", f"{words}, real protobuf schemas", partial(_real, every, rivals))
    words = f"FULL_TRANSITIVE, {size.fields} fields over {size.revisions} revisions"
    yield Scenario("transitive/avro", words, partial(_transitive, size, rivals))
    yield Scenario(f"report/{size.report}", f"report on {size.report} events", partial(_report, size.report))
    words = f"registry of {size.subjects} subjects with {size.versions} versions each, 20 ms away"
    yield Scenario("registry", words, partial(_registry, size))
    for kind in (AVRO, JSON_SCHEMA):
        yield Scenario(f"pair/{kind}", f"one pair of {kind} in one process", partial(_pair, kind, size))


# start-up


@contextlib.contextmanager
def _start_up(folder: Path) -> Iterator[Bench]:
    yield Bench(
        [
            Task("python -c pass", [sys.executable, "-c", "pass"], folder),
            Task("import click, git", [sys.executable, "-c", "import click, git"], folder),
            Task("schemacheck --version", [*OURS, "--version"], folder),
        ]
    )


@contextlib.contextmanager
def _unchanged(number: int, folder: Path) -> Iterator[Bench]:
    place = Repository.made(folder / "repository", corpora.mixed(number)).folder
    yield Bench([Task("hook", HOOK, place), Task("working tree", [*OURS, "check"], place)])


# changes


@contextlib.contextmanager
def _changed(kind: str, number: int, every: bool, rivals: Rivals | None, folder: Path) -> Iterator[Bench]:
    repository = Repository.made(folder / "repository", corpora.events(kind, number))
    edited = range(number) if every else [corpora.SAMPLE]
    repository.staged(corpora.events(kind, number, 1) if every else corpora.one(kind))
    tasks = [Task(HERE, HOOK, repository.folder, JUDGED)]
    if kind == PROTOBUF and rivals is not None:
        tasks += _buf(rivals, repository, () if every else [corpora.path_of(kind, corpora.SAMPLE)])
    if kind == AVRO and rivals is not None:
        tasks += _pairs(rivals, folder, _sides(folder, kind, edited))
    yield Bench(tasks)


@contextlib.contextmanager
def _real(every: bool, rivals: Rivals, folder: Path) -> Iterator[Bench]:
    protos = rivals.protos
    if protos is None:
        yield Bench()
        return
    repository = Repository.made(folder / "repository", corpora.real(protos))
    one = corpora.widened(protos)
    repository.staged(corpora.all_real(protos) if every else iter([one]))
    task = Task(HERE, HOOK, repository.folder, JUDGED)
    number = float(sum(1 for _ in corpora.real(protos)))
    buf = _buf(rivals, repository, () if every else [one[0]])

    def counted(rows: list[Row], _rounds: int) -> None:
        rows[0].figures["files"] = number

    yield Bench([task, *buf], counted)


def _buf(rivals: Rivals, repository: Repository, told: Sequence[str]) -> Iterator[Task]:
    if rivals.buf is None:
        return
    command = [rivals.buf, "breaking", "--against", ".git#ref=HEAD"]
    yield Task(BUF, command, repository.folder, BUF_JUDGED)
    if told:
        paths = [part for path in told for part in ("--path", path)]
        yield Task(BUF_PATH, [*command, *paths], repository.folder, BUF_JUDGED)


def _sides(folder: Path, kind: str, edited: Sequence[int]) -> Iterator[tuple[Path, Path]]:
    """Old and new file of some events, for those who are told the files and look at no repository."""
    for number in edited:
        path = corpora.path_of(kind, number)
        old = folder / "published" / path
        old.parent.mkdir(parents=True)
        old.write_text(corpora.PATHS[kind][1](number, 0), encoding="utf-8")
        yield old, folder / "repository" / path


def _pairs(rivals: Rivals, folder: Path, sides: Iterator[tuple[Path, Path]]) -> Iterator[Task]:
    listed = folder / "pairs.txt"
    listed.write_text("".join(f"{old}\t{new}\n" for old, new in sides), encoding="utf-8")
    for name, command in ((AVRO_PACKAGE, rivals.avro), (JVM, rivals.jvm)):
        if command is not None:
            yield Task(name, [*command, str(listed)], folder)


# history


@contextlib.contextmanager
def _transitive(size: Size, rivals: Rivals, folder: Path) -> Iterator[Bench]:
    path, past = "schemas/orders/order_placed/v1.avsc", folder / "past"
    repository = Repository.made(folder / "repository", iter([(path, corpora.wide(size.fields))]))
    past.mkdir()
    for state in range(size.revisions):
        text = corpora.wide(size.fields, state)
        (past / f"{state}.avsc").write_text(text, encoding="utf-8")
        if state:
            repository.write(path, text)
            repository.publish(f"state {state}")
    repository.settle()
    repository.staged(iter([(path, corpora.wide(size.fields, size.revisions))]))
    sides = ((past / f"{state}.avsc", repository.folder / path) for state in range(size.revisions))
    command = [*HOOK, "--mode", "FULL_TRANSITIVE"]

    def told(rows: list[Row], _rounds: int) -> None:
        done = subprocess.run([*command, "--format", "json"], cwd=repository.folder, capture_output=True, check=False)
        rows[0].figures["states"] = json.loads(done.stdout)["subjects"][0]["states"]

    yield Bench([Task(HERE, command, repository.folder, JUDGED), *_pairs(rivals, folder, sides)], told)


@contextlib.contextmanager
def _report(number: int, folder: Path) -> Iterator[Bench]:
    """Every event has two states; each commit changes ten events."""
    repository = Repository.made(folder / "repository", corpora.mixed(number))
    newer = [file for file in corpora.mixed(number, 1) if "shared" not in file[0]]
    for first in range(0, len(newer), 10):
        for path, text in newer[first : first + 10]:
            repository.write(path, text)
        repository.publish(f"change {first}")
    repository.settle()
    page = ("report", "--output", str(folder / "report.html"))
    yield Bench(
        [
            Task("with history", [*OURS, *page], repository.folder, JUDGED),
            Task("without", [*OURS, *page, "--against", "empty"], repository.folder, JUDGED),
        ]
    )


# a registry


@contextlib.contextmanager
def _registry(size: Size, folder: Path) -> Iterator[Bench]:
    """Every event changed, and every version is compared. The registry is that of the tests, in its own process."""
    place = folder / "repository"
    for number in range(size.subjects):
        path = place / corpora.path_of(AVRO, number)
        path.parent.mkdir(parents=True)
        path.write_text(corpora.avro(number, size.versions), encoding="utf-8")
    subprocess.run([*corpora.GIT, "init", "-q", str(place)], check=True)
    with _served(_subjects(size)) as (url, requests):
        judged = ("check", "--current", f"dir:{place}", "--against", f"registry:{url}")

        def counted(rows: list[Row], rounds: int) -> None:
            rows[0].figures["requests"] = requests() / (rounds + 1)

        yield Bench([Task(HERE, [*OURS, *judged], place, JUDGED)], counted)


def _subjects(size: Size) -> Mapping[str, Sequence[str]]:
    events = range(size.subjects)
    return {f"bench.v1.Event{n}Happened": [corpora.avro(n, v) for v in range(size.versions)] for n in events}


@contextlib.contextmanager
def _served(subjects: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Callable[[], float]]]:
    """The address of a registry, and how many requests it got, which ends it."""
    server = subprocess.Popen(
        [sys.executable, "-m", "registry.fake"], cwd=ROOT / "tests", text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert server.stdin is not None
    assert server.stdout is not None
    told, answers = server.stdin, server.stdout

    def tell(text: str) -> str:
        told.write(f"{text}\n")
        told.flush()
        return answers.readline().strip()

    try:
        yield (
            tell(json.dumps({"latency": LATENCY, "level": "FULL_TRANSITIVE", "subjects": subjects})),
            lambda: float(tell("")),
        )
    finally:
        server.kill()
        server.wait()
        told.close()
        answers.close()


# one pair


@contextlib.contextmanager
def _pair(kind: str, size: Size, _folder: Path) -> Iterator[Bench]:
    """In a process of its own, which measures itself."""

    def more(rows: list[Row], _rounds: int) -> None:
        options = ["--fields", str(size.fields), "--rounds", str(size.rounds)]
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.pairs", kind, *options],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            rows.append(Row(f"pair/{kind}", HERE, failed=done.stderr.strip()[-200:]))
            return
        for name, seconds in json.loads(done.stdout).items():
            rows.append(Row(f"pair/{kind}", name, wall=[seconds]))

    yield Bench((), more)
