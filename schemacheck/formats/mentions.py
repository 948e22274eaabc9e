"""Which files of a tree may hold some words, asked of git where it holds them: it reads them ten times as fast."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from schemacheck.model import Tree

_MOST, _LONGEST = 200, 10_000  # words, and characters of all of them: a command line is bounded
_FEW = 50  # files of which nothing is known are simply read
_known: dict[frozenset[str], dict[str, bool]] = {}  # the last words, and by content id whether a file holds one


def among(tree: Tree, paths: Sequence[str], words: Collection[str], ending: str) -> Sequence[str]:
    """Of these files with an ending (of git's wildcards) those that may hold a word; all where nobody can tell."""
    key, ids = frozenset(words), tree.all_files
    known = _known.get(key, {})
    if len({ids[path] for path in paths} - known.keys()) > _FEW:  # the other side has most of them, too
        found = _found(tree, key, ending)
        if found is None:
            return paths
        known = {**known, **{ids[path]: path in found for path in paths}}
        _known.clear()
        _known[key] = known
    return [path for path in paths if known.get(ids[path], True)]


def _found(tree: Tree, words: Collection[str], ending: str) -> Collection[str] | None:
    search: Callable[[Collection[str], str], Collection[str] | None] | None = getattr(tree, "mentioning", None)
    fits = len(words) <= _MOST and sum(map(len, words)) <= _LONGEST
    plain = not any(ord(c) < 32 or "\ud800" <= c <= "\udfff" for word in words for c in word)
    return search(words, ending) if search is not None and fits and plain else None
