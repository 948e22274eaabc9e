"""Texts that were made to take long: every scan takes as long as they are, and not the square of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import schemacheck

SCANS = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))  # the square of these lengths takes hours
sys.setrecursionlimit(1000)
from schemacheck import formats
from schemacheck.errors import NotChecked
from schemacheck.formats.avro.index import _words_of
from schemacheck.formats.pointer import Positions
from schemacheck.formats.protobuf import imports, ties
from schemacheck.toml import line_of, load
from schemacheck.errors import UsageError
n = 150_000
texts = ['"' + '\\\\"' * n, "'" + "\\\\'" * n, '"' * n, "/*" * n, "{" * n, "[" * n, "import \\"" * (n // 8)]
texts += ["\\n" * n + "x", " " * n + "x", "a." * n, '"a":' * n, "message " * (n // 8), '"\\'' * n, "- \\n" * n]
texts += ["`" * n, "\\\\" * n, "//" * n, "package a " * (n // 8), "message /*" * (n // 8)]
texts += ["extend a " * (n // 8), "message // x" * (n // 8)]
def each(text):
    yield lambda: _words_of(text.encode())
    yield lambda: ties.scan(text)
    yield lambda: list(imports._scan(text))
    yield lambda: imports._BUF_MODULE.findall(text)
    yield lambda: line_of(text, "zz")
    yield lambda: load(text, "x.toml")
    for name in formats.SUFFIXES:
        yield lambda: formats.load(name).lines(text)
for text in texts[int(sys.argv[1])::4]:
    for scan in each(text):
        try:
            scan()
        except (NotChecked, UsageError):
            pass
print("done")
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no limit to set")
@pytest.mark.parametrize("part", range(4))
def test_no_scan_takes_the_square_of_a_text(part: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCANS, str(part)],
        env={**os.environ, "PYTHONPATH": str(Path(schemacheck.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "done\n") == (done.returncode, done.stdout), done.stderr[-500:]
