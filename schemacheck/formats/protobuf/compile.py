"""protoc, in process: texts in, descriptors or errors out. Nothing else runs the compiler."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorSet

_ERROR = re.compile(r"(?P<file>[^\n]+?):(?P<line>\d+):(?P<column>\d+): (?P<warning>warning: )?(?P<words>.*)")
_PLAIN = re.compile(r"(?P<file>[^\n:]+\.proto): (?P<words>.*)")
_UNREADABLE_IMPORT = "was not found or had errors"
_FOLLOWS = (_UNREADABLE_IMPORT, "seems to be defined in", "is not defined")  # what an unreadable import leads to
_END = "Reached end of input"


@dataclass(frozen=True, slots=True)
class Flaw:
    """One error of the compiler. Line and column as protoc counts them: from 1, in bytes, a tab up to the next 8."""

    file: str  # the import name
    line: int | None
    column: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """All files that took part, in an order in which each stands behind what it imports; or why there are none."""

    files: FileDescriptorSet | None
    flaws: Sequence[Flaw] = ()


def compile_files(texts: Mapping[str, bytes], targets: Sequence[str]) -> Compiled:
    """Compiles some of the files, by import name, with all they import and the positions of everything."""
    from google.protobuf.descriptor_pb2 import FileDescriptorSet

    with tempfile.TemporaryDirectory(prefix="schemacheck-") as name:
        folder = Path(name)
        source = folder / "src"
        for path, text in texts.items():
            target = source / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
        out = folder / "descriptors"
        arguments = [
            "protoc",
            f"-I{source}",
            f"-I{shipped()}",
            "--include_imports",
            "--include_source_info",
            f"--descriptor_set_out={out}",
            *(str(source / target) for target in targets),
        ]
        status, said = _protoc(arguments)
        if status == 0 and out.exists():
            return Compiled(FileDescriptorSet.FromString(out.read_bytes()))
        return Compiled(None, list(_flaws(said, f"{source}/", targets[0])))


@cache
def shipped() -> str:
    """The folder of the files that come with the compiler."""
    from importlib.util import find_spec

    spec = find_spec("grpc_tools")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return str(Path(next(iter(spec.submodule_search_locations))) / "_proto")


def _protoc(arguments: Sequence[str]) -> tuple[int, str]:
    run: Any
    try:
        from grpc_tools import _protoc_compiler

        run = _protoc_compiler.run_main
    except (ImportError, AttributeError):
        from grpc_tools import protoc

        def run(encoded: Sequence[bytes]) -> int:
            return int(protoc.main([argument.decode() for argument in encoded]))

    with _captured() as said:
        status = run([argument.encode("utf-8", "surrogateescape") for argument in arguments])
    return status, said[0]


@contextmanager
def _captured() -> Iterator[list[str]]:
    """What is written to file descriptor 2 meanwhile; the compiler knows no other way. Not for threads."""
    said = [""]
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield said
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            said[0] = file.read().decode("utf-8", "replace")


def _flaws(said: str, folder: str, target: str) -> Iterator[Flaw]:
    """The errors in what protoc said; those that only follow from another one are left out."""
    found = []
    for line in said.replace(folder, "").splitlines():
        match = _ERROR.fullmatch(line)
        if match:
            if not match["warning"]:
                found.append(Flaw(match["file"], int(match["line"]), int(match["column"]), match["words"]))
            continue
        plain = _PLAIN.fullmatch(line)
        if plain:
            found.append(Flaw(plain["file"], None, None, plain["words"]))
    if any(_UNREADABLE_IMPORT in flaw.words for flaw in found):
        found = [flaw for flaw in found if not any(words in flaw.words for words in _FOLLOWS)] or found
    found = [flaw for flaw in dict.fromkeys(found) if _END not in flaw.words] or found[:1]
    yield from found or [Flaw(target, None, None, (said.strip() or "protoc failed").splitlines()[-1])]
