"""protoc: texts in, descriptors or errors out. Nothing else runs the compiler.

On the command line it runs in a forked child where there are such: that costs a few milliseconds, where a new process
costs fifty, and what a stranger's file does to the compiler, be it a crash, an endless loop or all of the memory, ends
there.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from schemacheck import isolation

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorSet

_ERROR = re.compile(r"(?P<file>[^\n]+?):(?P<line>\d+):(?P<column>\d+): (?P<warning>warning: )?(?P<words>.*)")
_PLAIN = re.compile(r"(?P<file>[^\n:]+\.proto): (?P<words>.*)")
_UNREADABLE_IMPORT = "was not found or had errors"
_FOLLOWS = (_UNREADABLE_IMPORT, "seems to be defined in", "is not defined")  # what an unreadable import leads to
_END = "Reached end of input"
SECONDS = 10  # for a run of the compiler, and one more for every twenty files
MEMORY = 4 << 30  # bytes
_DEATHS = {14: "protoc did not end in time", 6: "protoc gave up on it, perhaps for want of memory"}  # by signal

Run = Callable[[Sequence[bytes]], int]


@dataclass(frozen=True, slots=True)
class Flaw:
    """One error of the compiler. Line and column as protoc counts them: from 1, in bytes, a tab up to the next 8."""

    file: str  # the import name
    line: int | None
    column: int | None
    words: str
    died: bool = False  # the compiler itself, so that nothing is known of the file


@dataclass(frozen=True, slots=True)
class Compiled:
    """All files that took part, in an order in which each stands behind what it imports; or why there are none."""

    files: FileDescriptorSet | None
    flaws: Sequence[Flaw] = ()


def compile_files(texts: Mapping[str, bytes], targets: Sequence[str], positions: bool = True) -> Compiled:
    """Compiles some of the files, by import name, with all they import and, if wanted, the positions of everything."""
    from google.protobuf.descriptor_pb2 import FileDescriptorSet

    with tempfile.TemporaryDirectory(prefix="schemacheck-", dir=_memory(texts)) as name:
        folder = Path(name)
        source = folder / "src"
        _write(source, texts)
        out = folder / "descriptors"
        arguments = [
            "protoc",
            f"-I{source}",
            f"-I{shipped()}",
            "--include_imports",
            "--retain_options",  # those that no descriptor holds, too: what other files may use is one of them
            *(["--include_source_info"] if positions else []),
            f"--descriptor_set_out={out}",
            *(str(source / target) for target in targets),
        ]
        status, said = _protoc(arguments)
        if status == 0 and out.exists():
            return Compiled(FileDescriptorSet.FromString(out.read_bytes()))
        if status < 0:
            return Compiled(None, [Flaw(targets[0], None, None, said, died=True)])
        return Compiled(None, list(_flaws(said, f"{source}/", targets[0])))


def _write(folder: Path, texts: Mapping[str, bytes]) -> None:
    for parent in {path.rpartition("/")[0] for path in texts}:
        (folder / parent).mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        (folder / path).write_bytes(text)


def _memory(texts: Mapping[str, bytes]) -> str | None:
    """A folder in memory, where there is one with room, for a file there costs a thirtieth of one on a disk."""
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return None
    room = os.statvfs(_MEMORY)
    return _MEMORY if room.f_bavail * room.f_frsize > _ROOM + 8 * sum(map(len, texts.values())) else None


_MEMORY = "/dev/shm"  # noqa: S108 - what is made there is a folder that only we can read, of a name nobody can guess
_ROOM = 16 << 20  # bytes that are left for others


@cache
def shipped() -> str:
    """The folder of the files that come with the compiler."""
    from importlib.util import find_spec

    spec = find_spec("grpc_tools")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return str(Path(next(iter(spec.submodule_search_locations))) / "_proto")


def _protoc(arguments: Sequence[str]) -> tuple[int, str]:
    """Exit code and errors of a run."""
    run: Run
    try:
        from grpc_tools import _protoc_compiler

        run = _protoc_compiler.run_main
    except (ImportError, AttributeError):
        from grpc_tools import protoc

        def run(encoded: Sequence[bytes]) -> int:
            return int(protoc.main([argument.decode() for argument in encoded]))

    encoded = [argument.encode("utf-8", "surrogateescape") for argument in arguments]
    with tempfile.TemporaryFile() as said:
        status = (in_child if isolation.ON and hasattr(os, "fork") else _in_process)(run, encoded, said.fileno())
        said.seek(0)
        words = said.read().decode("utf-8", "replace")
    return (status, words) if status >= 0 else (status, _DEATHS.get(-status, f"protoc died of signal {-status} on it"))


def in_child(run: Run, arguments: Sequence[bytes], said: int) -> int:
    """Runs the compiler in a child that writes its errors to a file descriptor; minus a signal if that ended it."""
    import resource  # here, since an import in the child would be made anew each time
    import signal
    import warnings

    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    with warnings.catch_warnings():
        # Python 3.12 and later warn of threads: the child runs the compiler alone, and never comes back to Python's.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        status = 70
        try:
            os.dup2(said, 2)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(SECONDS + len(arguments) // 20)
            if most == resource.RLIM_INFINITY or most > MEMORY:
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, most))
            status = run(arguments)
        finally:
            os._exit(status & 0xFF)
    try:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    except BaseException:  # Ctrl-C, or somebody ends us
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise


def _in_process(run: Run, arguments: Sequence[bytes], said: int) -> int:
    """The same without a child. The compiler writes to file descriptor 2; not for threads."""
    sys.stderr.flush()
    kept = os.dup(2)
    os.dup2(said, 2)
    try:
        return run(arguments)
    finally:
        os.dup2(kept, 2)
        os.close(kept)


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
