"""schemacheck in a process that a fault hits at a chosen moment: the N-th time it is about to change what others see.

Such a moment is whatever Python audits of it: a file opened for writing, made, moved, deleted or given other
permissions below the folder of the run, or a request sent to a registry. `python faults.py` is a server: a line of JSON
asks for a run, a line answers, and each run is a fork of a process that has everything imported.
"""

from __future__ import annotations

import contextlib
import errno
import json
import mmap
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGING = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.link", "os.symlink", "os.truncate")


class Done(NamedTuple):
    """What came of a run: its exit code, or minus the signal; how many moments it had; both streams."""

    code: int
    moments: int
    said: str


class Server:
    """Runs schemacheck in forks of one process, which has the environment of the test that started it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        command = [sys.executable, __file__]
        self._process = subprocess.Popen(
            command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def run(self, folder: Path, *arguments: str, fault: str = "", moment: int = 0) -> Done:
        """`fault` is kill, interrupt, full, or small: no file may grow beyond a few bytes."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        wanted = {"folder": str(folder), "arguments": arguments, "fault": fault, "moment": moment}
        self._process.stdin.write(f"{json.dumps(wanted)}\n")
        self._process.stdin.flush()
        done = Done(*json.loads(self._process.stdout.readline()))
        assert "Traceback" not in done.said, done.said
        assert "a bug of schemacheck" not in done.said, done.said
        return done

    def close(self) -> None:
        self._process.communicate()


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    server = Server(os.environ)
    try:
        yield server
    finally:
        server.close()


def strike(fault: str) -> None:
    if fault == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif fault == "interrupt":
        signal.raise_signal(signal.SIGINT)
    elif fault == "full":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def is_moment(event: str, arguments: tuple[Any, ...], folder: str) -> bool:
    if event == "http.client.send":
        return True
    if event == "open":
        path, mode, flags = arguments
        writes = any(letter in mode for letter in "wax+") if isinstance(mode, str) else flags & WRITING
        return bool(writes) and isinstance(path, str) and path.startswith(folder)
    return event in CHANGING and any(isinstance(one, str) and one.startswith(folder) for one in map(_text, arguments))


def _text(argument: Any) -> Any:
    return os.fspath(argument) if isinstance(argument, os.PathLike) else argument


def child(wanted: dict[str, Any], moments: mmap.mmap) -> None:
    """Never returns."""
    folder, fault = wanted["folder"], wanted["fault"]
    os.chdir(folder)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["schemacheck", *wanted["arguments"]]
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    if fault == "small":
        resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))
    me = os.getpid()

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if os.getpid() == me and is_moment(event, arguments, folder):
            number = int.from_bytes(moments[:4], "big") + 1
            moments[:4] = number.to_bytes(4, "big")
            if number == wanted["moment"]:
                strike(fault)

    sys.addaudithook(hook)
    from schemacheck.__main__ import main

    code = 70
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def answer(wanted: dict[str, Any]) -> Done:
    moments = mmap.mmap(-1, 4)
    into, out = os.pipe()
    number = os.fork()
    if not number:
        nowhere = os.open(os.devnull, os.O_RDONLY)
        for old, new in ((nowhere, 0), (out, 1), (out, 2)):
            os.dup2(old, new)
        os.close(into)
        child(wanted, moments)
    os.close(out)
    with os.fdopen(into, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(number, 0)
    return Done(os.waitstatus_to_exitcode(status), int.from_bytes(moments[:4], "big"), said.decode("utf-8", "replace"))


def serve(asked: IO[str], answers: IO[str]) -> None:
    import fastavro  # noqa: F401 - what the runs need, imported once
    import git  # noqa: F401
    import google.protobuf.descriptor_pool  # noqa: F401
    import urllib3  # noqa: F401

    import schemacheck.cli.about
    import schemacheck.cli.judge
    import schemacheck.cli.registry
    import schemacheck.cli.versions  # noqa: F401

    for line in asked:
        answers.write(f"{json.dumps(answer(json.loads(line)))}\n")
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
