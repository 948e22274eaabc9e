"""Which files of a tree matter: by ending, by folder, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemacheck.config import matches
from schemacheck.formats import ALL_SUFFIXES


@dataclass(frozen=True, slots=True)
class Select:
    """`roots` are folders ("" is the whole repository), `exclude` patterns of the configuration."""

    roots: tuple[str, ...] = ("",)
    exclude: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ALL_SUFFIXES
    names: tuple[str, ...] = ("buf.yaml",)

    def known(self, path: str) -> bool:
        """Whether the file is of a kind that a schema may rest on, wherever it stands."""
        return path.endswith(self.suffixes) or path.rpartition("/")[2] in self.names

    def judged(self, path: str) -> bool:
        """Whether the file is one of the schemas that a run judges."""
        if not path.endswith(self.suffixes):
            return False
        if not any(not root or path.startswith(f"{root}/") for root in self.roots):
            return False
        return not any(matches(path, pattern) for pattern in self.exclude)

    @property
    def pathspecs(self) -> Sequence[str]:
        """For git: every file that `known` accepts."""
        return [*(f"*{suffix}" for suffix in self.suffixes), *(f"*{name}" for name in self.names)]
