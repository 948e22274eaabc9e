"""Which files of a tree matter: by ending, by folder, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemacheck.formats import ALL_SUFFIXES, endings, is_schema
from schemacheck.globs import matches
from schemacheck.layout import METADATA


@dataclass(frozen=True, slots=True)
class Select:
    """`roots` are folders ("" is the whole repository), `exclude` patterns of the configuration.

    Beside schemas a run reads what is said about events, in their folders, and the settings at the top.
    """

    roots: tuple[str, ...] = ("",)
    exclude: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = field(default_factory=endings)
    names: tuple[str, ...] = ("buf.yaml",)
    settings: tuple[str, ...] = ("schemacheck.toml", "pyproject.toml", "schemacheck.waivers.toml")

    def known(self, path: str) -> bool:
        """Whether a run may read the file: a schema or what it may rest on, wherever it stands, or settings."""
        if is_schema(path) or path in self.settings:
            return True
        name = path.rpartition("/")[2]
        # No pattern hides what is said about an event whose schemas are judged.
        return name in self.names or (name == METADATA and path.startswith(self._folders))

    def judged(self, path: str) -> bool:
        """Whether the file is one of the schemas that a run judges."""
        return is_schema(path) and self.below(path)

    def below(self, path: str) -> bool:
        """Whether the path stands in one of the folders, and is not excluded."""
        return path.startswith(self._folders) and not any(matches(path, pattern) for pattern in self.exclude)

    def filtered(self, files: Mapping[str, str]) -> dict[str, str]:
        """Of these files, by content id, the schemas that a run judges."""
        folders, suffixes = self._folders, self.suffixes
        found = {path: oid for path, oid in files.items() if path.startswith(folders) and path.endswith(suffixes)}
        if suffixes != ALL_SUFFIXES:  # nearly always the ending says it all, and there may be very many files
            found = {path: oid for path, oid in found.items() if is_schema(path)}
        return {path: oid for path, oid in found.items() if self.below(path)} if self.exclude else found

    @property
    def _folders(self) -> tuple[str, ...]:
        return tuple(f"{root}/" if root else "" for root in self.roots)

    def overlaps(self, folder: str) -> bool:
        """Whether a folder holds one of the roots, or stands in one."""
        return self.below(folder) or any(root == folder or root.startswith(f"{folder}/") for root in self.roots)

    @property
    def endings(self) -> tuple[str, ...]:
        """How the name of every file ends that `known` accepts, and of some others."""
        return *self.suffixes, *self.names, METADATA, *self.settings

    @property
    def pathspecs(self) -> Sequence[str]:
        """For git: every file that a schema is or may rest on, and some others."""
        return [f"*{ending}" for ending in (*self.suffixes, *self.names)]
