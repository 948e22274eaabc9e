"""Work in pieces: answers come in full from other processes, and whatever ends one ends nothing else."""

from __future__ import annotations

import faulthandler
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from schemacheck import isolation, workers
from schemacheck.workers import Lost, each

FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")


@pytest.fixture(params=[pytest.param(True, marks=FORKS, id="forked"), pytest.param(False, id="here")])
def forked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(isolation, "ON", request.param)
    monkeypatch.setattr(workers, "at_once", lambda: 2)
    return bool(request.param)


def waited_for(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def gone(process: int) -> bool:
    """Whether a process has ended; one that nobody has waited for counts as such."""
    try:
        return "Z" in Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        pass
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def test_every_piece_has_its_answer_however_large(forked: bool) -> None:
    pieces = [1, 2_000_000, 3]
    assert {n: "x" * size for n, size in enumerate(pieces)} == dict(each(pieces, lambda size: "x" * size))


def test_an_answer_shares_nothing_with_the_work(forked: bool) -> None:
    kept: list[int] = []

    def work(piece: int) -> list[int]:
        kept.append(piece)
        return kept

    answers = dict(each([1, 2], work))
    assert all(answer is not kept for answer in answers.values())
    assert {0: [1], 1: [2] if forked else [1, 2]} == answers


def test_a_bug_in_the_work_is_raised_with_the_place_where_it_is(forked: bool) -> None:
    def work(piece: int) -> int:
        return {0: 1}[piece]

    with pytest.raises(KeyError) as caught:
        list(each([0, 1], work))
    if forked:
        assert "in work" in caught.value.__notes__[0]


def test_an_exception_that_cannot_be_sent_is_raised_in_its_words(forked: bool) -> None:
    class Odd(Exception):  # noqa: N818
        def __init__(self, one: int, two: int) -> None:
            super().__init__(f"{one} and {two}")

    def work(piece: int) -> int:
        raise Odd(piece, 2)

    with pytest.raises(RuntimeError if forked else Odd, match="1 and 2"):
        list(each([1], work))


@FORKS
@pytest.mark.parametrize("forked", [True], indirect=True)
def test_a_process_that_dies_takes_its_piece_with_it_and_no_other(forked: bool) -> None:
    def work(piece: int) -> int:
        faulthandler.disable()
        if piece == 1:
            os.kill(os.getpid(), signal.SIGSEGV)
        if piece == 2:
            os._exit(9)
        return piece

    expected = {0: 0, 1: Lost("signal 11 ended it"), 2: Lost("it ended with status 9"), 3: 3}
    assert expected == dict(each(range(4), work))


@FORKS
@pytest.mark.parametrize("forked", [True], indirect=True)
def test_a_piece_whose_process_died_is_tried_once_more_alone(forked: bool, tmp_path: Path) -> None:
    def work(piece: int) -> int:
        if piece == 0 and not (tmp_path / "tried").exists():
            (tmp_path / "tried").touch()
            os._exit(9)
        return piece

    assert {0: 0, 1: 1, 2: 2} == dict(each(range(3), work))


@FORKS
@pytest.mark.parametrize("forked", [True], indirect=True)
def test_who_stops_asking_leaves_no_process(forked: bool, tmp_path: Path) -> None:
    def work(piece: int) -> int:
        if piece:
            (tmp_path / str(os.getpid())).touch()
            time.sleep(60)
        return piece

    answers = each(range(2), work)
    assert (0, 0) == next(answers)
    assert waited_for(lambda: bool(list(tmp_path.iterdir())))
    answers.close()  # type: ignore[attr-defined]
    assert all(gone(int(path.name)) for path in tmp_path.iterdir())


LEADER = """
import os, sys, time
from pathlib import Path
from schemacheck import isolation, workers
isolation.ON = True
workers.at_once = lambda: 2

def work(piece):
    (Path(sys.argv[1]) / str(os.getpid())).touch()
    time.sleep(60)

list(workers.each(range(3), work))
"""


@FORKS
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_leader_that_is_ended_leaves_no_process(number: signal.Signals, tmp_path: Path) -> None:
    leader = subprocess.Popen([sys.executable, "-c", LEADER, str(tmp_path)], stderr=subprocess.DEVNULL)
    try:
        assert waited_for(lambda: len(list(tmp_path.iterdir())) == 2)
        leader.send_signal(number)
        assert -number == leader.wait(20)
        assert waited_for(lambda: all(gone(int(path.name)) for path in tmp_path.iterdir()))
        assert 2 == len(list(tmp_path.iterdir()))  # and none was begun since
    finally:
        leader.kill()
        leader.wait()
