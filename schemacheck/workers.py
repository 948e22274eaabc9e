"""Work in pieces, each in a process of its own that is forked for it, and whose memory is gone with it.

A fork has all that the run knows, so nothing is started anew and nothing is sent but the answers. What ends such a
process, be it a crash in a library or the kernel for want of memory, takes one piece with it and not the gate. Where
there is no fork the pieces are done here, one after the other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, NoReturn, TypeVar

from schemacheck import isolation

_P = TypeVar("_P")
_A = TypeVar("_A")
MOST = 8  # processes at a time
_PATIENCE = 2.0  # seconds for a process that was asked to end
_FAILED, _INTERRUPTED = 70, 130  # exit codes


class Lost(NamedTuple):
    """What is known of a piece whose process died."""

    words: str


def each(pieces: Sequence[_P], work: Callable[[_P], _A]) -> Iterator[tuple[int, _A | Lost]]:
    """The number of each piece with its answer, as they come; a bug in the work is raised here.

    An answer is a copy that shares nothing with what the work knew.
    """
    if isolation.ON and hasattr(os, "fork"):
        yield from _Crew(pieces, work).answers()
        return
    import pickle

    for number, piece in enumerate(pieces):
        yield number, _loaded(pickle.dumps(work(piece), _PROTOCOL))


_PROTOCOL = 5


def _loaded(said: bytes | bytearray) -> Any:
    """What was pickled. Nobody but our own process can have done it: the pipe has no name."""
    import pickle

    return pickle.loads(said)  # noqa: S301


def at_once() -> int:
    """How many processes run at a time: one for each processor that we may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return min(MOST, len(usable(0)) if usable else os.cpu_count() or 1)


class _Crew:
    """The processes at work, each known by the pipe that its answer comes through."""

    def __init__(self, pieces: Sequence[_P], work: Callable[[_P], Any]) -> None:
        self._pieces = pieces
        self._work = work
        self._leader = os.getpid()
        self._again: list[int] = []  # pieces whose process died, perhaps since all together wanted too much memory
        self._members: dict[int, tuple[int, int, bytearray]] = {}  # pipe to number of the piece, process, answer

    def answers(self) -> Iterator[tuple[int, Any]]:
        """Number and answer of each piece. Whatever ends this early ends the processes, too."""
        import gc
        import select
        import signal

        waiting, most = list(range(len(self._pieces)))[::-1], at_once()
        before = signal.signal(signal.SIGTERM, self._stopped)
        gc.freeze()  # so that a collection in a child does not copy what it shares with us
        try:
            while waiting or self._members or self._again:
                if not waiting and not self._members:
                    waiting, self._again, most = self._again, [], 1
                while waiting and len(self._members) < most:
                    self._begin(waiting.pop())
                for pipe in select.select(list(self._members), [], [])[0]:
                    part = os.read(pipe, 1 << 20)
                    if part:
                        self._members[pipe][2].extend(part)
                        continue
                    number, answer = self._ended(pipe)
                    if isinstance(answer, Lost) and most > 1:
                        self._again.append(number)
                    else:
                        yield number, answer
        finally:
            self._end()
            gc.unfreeze()
            signal.signal(signal.SIGTERM, before)

    def _stopped(self, _number: int, _frame: object) -> None:
        """Somebody ends us, and must not leave our processes at work."""
        import signal

        if os.getpid() != self._leader:  # a process that has not yet begun
            os._exit(_INTERRUPTED)
        self._end()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(self._leader, signal.SIGTERM)

    def _begin(self, number: int) -> None:
        import warnings

        reading, writing = os.pipe()
        with warnings.catch_warnings():
            # Python 3.12 and later warn of threads. The command line has none but those that wait for a registry, and
            # what asks one is not done in pieces.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            os.close(reading)
            _labour(self._work, self._pieces[number], writing)
        os.close(writing)
        self._members[reading] = number, child, bytearray()

    def _ended(self, pipe: int) -> tuple[int, Any]:
        number, child, said = self._members.pop(pipe)
        os.close(pipe)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code == _INTERRUPTED:
            raise KeyboardInterrupt
        if code:
            return number, Lost(f"signal {-code} ended it" if code < 0 else f"it ended with status {code}")
        done, answer = _loaded(said)
        if not done:
            raise answer
        return number, answer

    def _end(self) -> None:
        """Asks the processes that are left to end, so that they can end their own; then makes them."""
        import signal
        import time

        for _, child, _ in self._members.values():
            os.kill(child, signal.SIGTERM)
        until = time.monotonic() + _PATIENCE
        for pipe, (_, child, _) in self._members.items():
            os.close(pipe)
            while os.waitpid(child, os.WNOHANG) == (0, 0):
                if time.monotonic() > until:
                    os.kill(child, signal.SIGKILL)
                time.sleep(0.005)
        self._members.clear()


def _labour(work: Callable[[Any], Any], piece: Any, writing: int) -> NoReturn:
    """What a child does; it never comes back."""
    import pickle
    import signal

    status = _FAILED
    try:
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            answer = pickle.dumps((True, work(piece)), _PROTOCOL)
        except Exception as error:  # noqa: BLE001 - it is raised again, by the parent
            answer = pickle.dumps((False, _portable(error)), _PROTOCOL)
        with open(writing, "wb") as pipe:
            pipe.write(answer)
        status = 0
    except KeyboardInterrupt:
        status = _INTERRUPTED
    finally:
        os._exit(status)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _portable(error: Exception) -> Exception:
    """An exception as it can be sent, with where it was raised for who debugs it."""
    import pickle
    import traceback

    error.add_note(traceback.format_exc())
    try:
        _loaded(pickle.dumps(error, _PROTOCOL))
    except Exception:  # noqa: BLE001 - any class may refuse
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
