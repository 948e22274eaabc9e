"""`schemacheck diff OLD NEW`: two schema files, without git."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from schemacheck import check, config, formats
from schemacheck.errors import NotChecked, UsageError
from schemacheck.formats.text import MAX_BYTES
from schemacheck.model import Baseline, Tree
from schemacheck.report import Report
from schemacheck.sources.directory import DirectoryTree
from schemacheck.sources.select import Select
from schemacheck.sources.tree import MemoryTree, TreeSource


def two_files(old: Path, new: Path, policy: config.Policy, gate: bool) -> Report:
    """The report on a new file against an old one, as two states of one event.

    If one of them imports, the schemas of its folder are there for it. Raises UsageError for files that are not of one
    format, NotChecked for what cannot be read.
    """
    formats.recognise_named(old.name, new.name)
    kinds = [formats.format_of(path.name) for path in (old, new)]
    for path, kind in zip((old, new), kinds, strict=True):
        if kind is None:
            raise UsageError(
                f'"{path}" has no ending of a schema', f"known are {', '.join((*formats.ALL_SUFFIXES, formats.PLAIN))}"
            )
    if kinds[0] != kinds[1]:
        raise UsageError(f'"{old}" is {kinds[0]} and "{new}" is {kinds[1]}', "compare two schemas of one format")
    report = _run(old, new, policy, gate, beside=False)
    if any(problem.reason == "import" for problem in report.not_checked):
        return _run(old, new, policy, gate, beside=True)
    return report


def two_contents(path: str, old: bytes, new: bytes, folder: Path) -> Report:
    """The report on two contents of one path; if they import, the schemas below a folder are there for them."""
    policy = config.rooted(config.Policy(), ("",))

    def report(others: Mapping[str, bytes]) -> Report:
        sides = [
            TreeSource(
                Baseline("file", name, rung="explicit"), MemoryTree(name, {**others, path: content}, judged={path})
            )
            for name, content in (("old", old), ("new", new))
        ]
        return check.run("diff", sides[1], [sides[0]], policy, gate=False)

    alone = report({})
    if any(problem.reason == "import" for problem in alone.not_checked):
        beside = DirectoryTree(folder, Select())
        return report({other: beside.read(other) for other in beside.all_files if other != path})
    return alone


def _run(old: Path, new: Path, policy: config.Policy, gate: bool, beside: bool) -> Report:
    name = new.name
    policy = config.rooted(policy, ("",))
    current = TreeSource(Baseline("file", str(new)), _tree(new, name, beside))
    published = TreeSource(Baseline("file", str(old), rung="explicit"), _tree(old, name, beside))
    return check.run("diff", current, [published], policy, gate=gate)


def _tree(path: Path, name: str, beside: bool) -> Tree:
    """The file under the name that both sides share, with its folder's schemas if it needs them."""
    content = _content(path)
    if not beside:
        return MemoryTree(str(path), {name: content})
    folder = DirectoryTree(path.absolute().parent, Select())
    others = {other: folder.read(other) for other in folder.all_files if other != path.name}
    return MemoryTree(str(path), {**others, name: content}, judged={name})


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise NotChecked(f'"{path}" is a folder', "name a schema file", reason="unreadable")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        words = (error.strerror or "unreadable").lower()
        raise NotChecked(f'"{path}" cannot be read: {words}', "check the name", reason="unreadable") from None
