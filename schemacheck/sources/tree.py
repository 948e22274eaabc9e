"""Trees that are not git: files held in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from schemacheck.model import Baseline, Problem, Tree


def content_id(content: bytes) -> str:
    """The id that git gives to this content as a blob."""
    import hashlib  # where git has the ids, nobody needs it

    return hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()


class MemoryTree:
    """Files held in memory; `judged` names those that are schemas to judge, all of them unless told.

    `names` maps what files call each other to paths, where that is no matter of paths: in a registry.
    """

    revision = None

    def __init__(
        self,
        name: str,
        contents: Mapping[str, bytes],
        problems: Mapping[str, Problem] | None = None,
        untracked: Collection[str] = (),
        judged: Collection[str] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.names: Mapping[str, str] = names or {}
        self._contents = contents
        self.untracked = untracked
        self.all_files: Mapping[str, str] = {path: content_id(content) for path, content in contents.items()}
        self.files = {path: oid for path, oid in self.all_files.items() if judged is None or path in judged}
        self.problems: Mapping[str, Problem] = problems or {}

    def read(self, path: str) -> bytes:
        return self._contents[path]


class TreeSource:
    """States that are held in memory, oldest first; the last one is the latest."""

    registry = None

    def __init__(self, about: Baseline, *states: Tree) -> None:
        self.about = about
        self.tree = states[-1]
        self._states = states

    def history(self) -> Sequence[tuple[Tree, frozenset[str]]]:
        """The states, newest first, each with the paths that differ from the next older."""
        trees = list(reversed(self._states))
        return [(tree, _differing(tree, older)) for tree, older in zip(trees, [*trees[1:], trees[-1]], strict=True)]


def _differing(tree: Tree, older: Tree) -> frozenset[str]:
    return frozenset(path for path in {*tree.files, *older.files} if tree.files.get(path) != older.files.get(path))
