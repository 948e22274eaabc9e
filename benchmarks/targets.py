"""What a run may cost: each target as a figure of the results, its limit, and whether it was met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.corpora import AVRO, PROTOBUF, REAL
from benchmarks.measure import Row
from benchmarks.scenarios import BUF, BUF_PATH, HERE

Key = tuple[str, str]  # scenario and task
Rows = Mapping[Key, Row]
ALL_SIZES = (100, 1000, 7000)


@dataclass(frozen=True)
class Target:
    """A figure, or its ratio to that `of` another row, beside a limit: `most` or else at least."""

    words: str
    limit: float
    key: Key
    figure: str = "wall"
    of: Key | None = None
    most: bool = True

    @property
    def unit(self) -> str:
        """What the limit is in."""
        return "x" if self.of else {"wall": "s", "peak": "MB"}.get(self.figure, "")

    def value(self, rows: Rows) -> float | None:
        """The figure; None if it was not measured."""
        mine = _median(rows, self.key, self.figure)
        if self.of is None or mine is None:
            return mine
        other = _median(rows, self.of, self.figure)
        if not other or not mine:
            return None
        return mine / other if self.most else other / mine


@dataclass(frozen=True)
class Steady:
    """That a further changed file takes as much processor time in a repository of any size."""

    kind: str
    limit: float = 1.2
    most: bool = True
    unit: str = "x"

    @property
    def words(self) -> str:
        return f"cpu of each further changed {self.kind} file, dearest by cheapest of {', '.join(map(str, ALL_SIZES))}"

    def value(self, rows: Rows) -> float | None:
        """How many times dearer it is where it is dearest; None if it was not measured."""
        each = []
        for size in ALL_SIZES:
            all_, one = (_median(rows, (f"{what}/{self.kind}/{size}", HERE), "cpu") for what in ("all", "one"))
            if all_ is None or one is None or all_ <= one:
                return None
            each.append((all_ - one) / (size - 1))
        return max(each) / min(each)


def _median(rows: Rows, key: Key, figure: str) -> float | None:
    return rows[key].median(figure) if key in rows else None


def _beside_buf(scenario: str, times: float, words: str, other: str = BUF) -> Target:
    return Target(f"{words} than {other}", times, (scenario, HERE), of=(scenario, other), most=False)


def _protobuf(one: str, all_: str, words: str) -> Iterator[Target]:
    """What is asked of 7,000 files or more, generated or real."""
    yield Target(f"one of {words} changed", 0.5, (one, HERE))
    yield Target(f"one of {words} changed", 100, (one, HERE), "peak")
    yield _beside_buf(one, 80, f"one of {words} changed, faster")
    yield _beside_buf(one, 15, f"one of {words} changed, faster", BUF_PATH)
    yield Target(f"all of {words} changed, beside buf", 0.8, (all_, HERE), of=(all_, BUF))
    yield Target(f"memory of all of {words} changed, beside buf", 0.3, (all_, HERE), "peak", (all_, BUF))


VERSION, BARE = ("start-up", "schemacheck --version"), ("start-up", "python -c pass")
ONE_1000 = f"one/{PROTOBUF}/1000"
TARGETS: Sequence[Target | Steady] = (
    Target("--version beside a bare python", 3, VERSION, of=BARE),
    Target("hook, nothing of 7000 changed", 0.25, ("unchanged/7000", "hook")),
    Target("hook, nothing of 7000 changed", 60, ("unchanged/7000", "hook"), "peak"),
    Target("one of 7000 avro changed", 0.35, (f"one/{AVRO}/7000", HERE)),
    *_protobuf(f"one/{PROTOBUF}/7000", f"all/{PROTOBUF}/7000", "7000 protobuf"),
    *_protobuf(f"one/{REAL}", f"all/{REAL}", "real protobuf"),
    Target("one of 1000 protobuf changed", 0.3, (ONE_1000, HERE)),
    _beside_buf(ONE_1000, 8, "one of 1000 protobuf changed, faster"),
    Target("one of 10 protobuf changed, beside buf", 2, (f"one/{PROTOBUF}/10", HERE), of=(f"one/{PROTOBUF}/10", BUF)),
    Target("200 fields over 200 revisions, FULL_TRANSITIVE", 1, ("transitive/avro", HERE)),
    Steady(AVRO),
    Steady(PROTOBUF),
    Target("registry of 500 subjects with 20 versions each", 15, ("registry", HERE)),
    Target("registry of 500 subjects with 20 versions each", 200, ("registry", HERE), "peak"),
    Target("requests to that registry", 500 * 20 + 3 * 500 + 2, ("registry", HERE), "requests"),
)


def judged(rows: Rows, quick: bool) -> list[dict[str, object]]:
    """Each target with its value and whether it was `met`; None where it was not measured, as in a quick run."""
    found = []
    for target in TARGETS:
        value = None if quick and not _any_size(target) else target.value(rows)
        met = None if value is None else value <= target.limit if target.most else value >= target.limit
        limit = {"limit": target.limit, "unit": target.unit, "sense": "at most" if target.most else "at least"}
        found.append({"words": target.words, **limit, "value": value, "met": met})
    return found


def _any_size(target: Target | Steady) -> bool:
    """Whether a quick run measures the same thing as a full one."""
    return isinstance(target, Target) and target.key[0] in ("start-up", f"one/{PROTOBUF}/10")
