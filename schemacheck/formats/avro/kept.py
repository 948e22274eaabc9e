"""What is kept between the trees of a run, which differ in few files, and those in few fields."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Kept(Generic[_T]):
    """A bounded cache; the oldest entry goes first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: dict[Hashable, _T] = {}

    def get(self, key: Hashable, make: Callable[[], _T]) -> _T:
        if key not in self._entries:
            if len(self._entries) >= self._size:
                del self._entries[next(iter(self._entries))]
            self._entries[key] = make()
        return self._entries[key]
