"""What SECURITY.md promises is tested: every test that it names exists, and every class names one."""

from __future__ import annotations

import ast
import re

from places import ROOT

ROWS = [
    line.strip("| ").split(" | ")
    for line in (ROOT / ".github/SECURITY.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and "`test_" in line
]
CLASSES = """
    fuzzing, size, nesting, numbers, native crashes, git, paths, injection into output, secrets, interruption,
    concurrency, standard streams, supply chain, the tests themselves
"""


def test_every_test_that_proves_a_promise_exists() -> None:
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "tests").rglob("test_*.py")))
    known = {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    named = {name for row in ROWS for name in re.findall(r"`(test_\w+)`", row[-1])}
    assert named
    assert set() == named - known


def test_every_row_says_what_happens_with_what_and_which_test_proves_it() -> None:
    for row in ROWS:
        assert 4 == len(row), row
        assert all(row), row
        assert re.fullmatch(r"(`test_\w+` ?)+", row[-1]), row


def test_no_class_is_left_out() -> None:
    wanted = {name.strip() for name in CLASSES.split(",")}
    assert set() == wanted - {row[0] for row in ROWS}
