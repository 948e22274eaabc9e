"""Many questions at once, few connections, answers in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar

from schemacheck.registry.errors import RegistryError, Unavailable

_K = TypeVar("_K")
_T = TypeVar("_T")


def each(ask: Callable[[_K], _T], keys: Iterable[_K], workers: int) -> dict[_K, _T | RegistryError]:
    """Key to answer, or to why there is none; Unavailable ends it all, since nothing else would be answered either."""
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return {}
    with ThreadPoolExecutor(max_workers=min(workers, len(wanted)), thread_name_prefix="registry") as pool:
        futures = [pool.submit(ask, key) for key in wanted]
        found: dict[_K, _T | RegistryError] = {}
        try:
            for key, future in zip(wanted, futures, strict=True):
                try:
                    found[key] = future.result()
                except Unavailable:
                    raise
                except RegistryError as error:
                    found[key] = error
        except BaseException:
            for future in futures:
                future.cancel()
            raise
    return found


class Once(Generic[_K, _T]):
    """A question that is asked once for each key, by whichever thread comes first; the others wait for its answer."""

    def __init__(self, ask: Callable[[_K], _T]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._answers: dict[_K, Future[_T]] = {}

    def tell(self, key: _K, answer: _T) -> None:
        """Saves the question for a key whose answer is known."""
        with self._lock:
            if key not in self._answers:
                self._answers[key] = Future()
                self._answers[key].set_result(answer)

    def __call__(self, key: _K) -> _T:
        with self._lock:
            future = self._answers.get(key)
            first = future is None
            if future is None:
                future = self._answers[key] = Future()
        if first:
            try:
                future.set_result(self._ask(key))
            except BaseException as error:
                future.set_exception(error)
                raise
        return future.result()
