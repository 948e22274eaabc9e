"""Which files have to be compiled together: a comparison looks for what moved by its name, in whichever file.

A full name begins with its file's package, so files of one package belong together, over both sides. So do a type's
extensions, which are found by their number, and a package that is named like a type.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemacheck.formats.protobuf.imports import declared_names
from schemacheck.formats.text import read_text
from schemacheck.model import Problem, Tree

_COMMENT = re.compile(r"//[^\n]*+|/\*(?>.*?\*/)", re.DOTALL)
_PACKAGE = re.compile(
    r"""//[^\n]*|/\*.*?(?:\*/|\Z)|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[{}]"""
    r"""|\bpackage\b(?P<name>(?:[\s\w.]|//[^\n]*+|/\*(?>.*?\*/))*+);""",
    re.DOTALL,
)
_EXTENSION = re.compile(r"extend\b((?:[\s\w.]|//[^\n]*+|/\*(?>.*?\*/))++)\{", re.DOTALL)
_KEPT = 50_000


class Scan(NamedTuple):
    """What a file says of itself before it is compiled. `declares` and `extends` hold short names, some too many."""

    package: str = ""
    declares: tuple[str, ...] = ()
    extends: tuple[str, ...] = ()


_scans: OrderedDict[str, Scan] = OrderedDict()  # by content id, so that trees share them


def scan_of(tree: Tree, path: str) -> Scan:
    """The scan of a file of the tree; of what is no text, that of an empty one."""
    oid = tree.all_files.get(path)
    if oid is None:
        return Scan()
    found = _scans.get(oid)
    if found is None:
        text = read_text(tree, path)
        found = _scans[oid] = Scan() if isinstance(text, Problem) else scan(text)
        if len(_scans) > _KEPT:
            _scans.popitem(last=False)
    return found


def scan(text: str) -> Scan:
    """The scan of a text."""
    extends = {_bare(name).rpartition(".")[2] for name in _EXTENSION.findall(text)}
    return Scan(package_of(text), tuple(sorted(declared_names(text))), tuple(sorted(extends)))


def package_of(text: str) -> str:
    """The package of a file, empty without one."""
    depth = 0
    for match in _PACKAGE.finditer(text):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0 and match["name"] is not None:
            return _bare(match["name"])
    return ""


def _bare(name: str) -> str:
    """A name without the comments and spaces between its parts."""
    return "".join(_COMMENT.sub("", name).split())


def ties(files: Sequence[tuple[Tree, str]]) -> list[set[str]]:
    """For each file names that it has in common with every file that must be compiled together with it."""
    scans = [scan_of(tree, path) for tree, path in files]
    outer = {name for package in {scan.package for scan in scans} for name in _outwards(package)}
    types = {name for scan in scans for name in _full_names(scan) if name in outer}
    extended = {name for scan in scans for name in scan.extends}
    return [
        {f"package {scan.package}"}
        | {f"extensions of {name}" for name in scan.extends}
        | {f"extensions of {name}" for name in scan.declares if name in extended}
        | {f"type {name}" for name in (*_full_names(scan), *_outwards(scan.package)) if name in types}
        for scan in scans
    ]


def _outwards(package: str) -> Iterator[str]:
    """A package, and those that its name lies in."""
    while package:
        yield package
        package = package.rpartition(".")[0]


def _full_names(scan: Scan) -> Iterator[str]:
    prefix = f"{scan.package}." if scan.package else ""
    return (f"{prefix}{name}" for name in scan.declares)
