"""Which files have to be compiled together: a comparison looks for what moved by its full name, in whichever file.

So the versions belong together that have, on any side, a type or service of one full name at the top of a file. So do a
type and its extensions, which are found by their number, and a type and a package that is named like it.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemacheck.formats.text import read_text
from schemacheck.model import Problem, Tree

_LONG = 1_000  # of a name with the spaces and comments in it; nobody closes one that is longer
_SPACE = r"(?:\s|//[^\n]*+|/\*(?>.*?\*/))"
_COMMENT = re.compile(r"//[^\n]*+|/\*(?>.*?\*/)", re.DOTALL)
# A string that nobody closes ends with its line: were each of its escaped quotes a beginning, too, the scan would take
# the square of their number.
_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?(?:\*/|\Z)|"(?:[^"\\\n]|\\.)*+(?:"|\\?\Z|(?=\n))|'(?:[^'\\\n]|\\.)*+(?:'|\\?\Z|(?=\n))|[{}]"""
    rf"""|\b(?P<kind>message|enum|service){_SPACE}++(?P<name>[A-Za-z_]\w*)"""
    rf"""|\bpackage\b(?P<package>(?:[\w.]|{_SPACE}){{0,{_LONG}}}+);|\bextend\b(?P<extended>(?:[\w.]|{_SPACE}){{1,{_LONG}}}+)\{{""",
    re.DOTALL,
)
_KEPT = 50_000


class Scan(NamedTuple):
    """What a file says of itself before it is compiled: the names at its top, and short names of what it extends."""

    package: str = ""
    types: tuple[str, ...] = ()  # messages and enums
    services: tuple[str, ...] = ()
    extends: tuple[str, ...] = ()

    def full(self, name: str) -> str:
        """The full name of what has a short name at the top of the file."""
        return f"{self.package}.{name}" if self.package else name


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
    package, depth = "", 0
    types: list[str] = []
    services: list[str] = []
    extends: list[str] = []
    for match in _TOKEN.finditer(text):
        kind = match["kind"]
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
        elif match["extended"] is not None:
            depth += 1
            extends.append(_bare(match["extended"]).rpartition(".")[2])
        elif depth == 0 and kind is not None:
            (services if kind == "service" else types).append(match["name"])
        elif depth == 0 and match["package"] is not None:
            package = _bare(match["package"])
    return Scan(package, tuple(types), tuple(services), tuple(dict.fromkeys(extends)))


def _bare(name: str) -> str:
    """A name without the comments and spaces between its parts."""
    return "".join(_COMMENT.sub("", name).split())


def ties(versions: Sequence[Sequence[tuple[Tree, str]]]) -> list[set[str]]:
    """For the files of each version names that it has in common with every version that must be compiled with it."""
    scans = [[scan_of(tree, path) for tree, path in files] for files in versions]
    named = [set(_names(version)) for version in scans]
    outer = {name for version in scans for each in version for name in _outwards(each.package)}
    outer &= {name for names in named for name in names}
    extended = {name for version in scans for each in version for name in each.extends}
    return [
        {f"type {name}" for name in names}
        | {f"type {name}" for each in version for name in _outwards(each.package) if name in outer}
        | {f"extensions of {name}" for each in version for name in each.extends}
        | {f"extensions of {name}" for each in version if extended for name in each.types if name in extended}
        for version, names in zip(scans, named, strict=True)
    ]


def _names(version: Sequence[Scan]) -> Iterator[str]:
    """The full names at the top of the files of a version; if the package changed, in the other package, too."""
    for each in version:
        for other in version:
            yield from (other.full(name) for name in (*each.types, *each.services))


def _outwards(package: str) -> Iterator[str]:
    """A package, and those that its name lies in."""
    while package:
        yield package
        package = package.rpartition(".")[0]
