"""What mutated modules import in place of mutmut's own trampoline: calls the chosen mutant, notes who is called."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

MutantDict = dict[str, Any]
reached: set[str] = set()
active = ("", "")  # module, mutant


def switched(mutants: MutantDict, is_classmethod: bool = False) -> Callable[[Any], Any]:
    """A decorator for the original of some mutants."""

    def decorate(function: Any) -> Any:
        module = function.__module__
        name = ""

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal name
            original = mutants["_mutmut_orig"]
            name = name or f"{module}.{original.__name__.partition('__mutmut_')[0]}"
            reached.add(name)
            chosen = mutants.get(active[1], original) if active[0] == module else original
            if is_classmethod:
                return getattr(args[0], chosen.__name__)(*args[1:], **kwargs)
            return chosen(*args, **kwargs)

        return call

    return decorate
