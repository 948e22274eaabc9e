"""Real registries on loopback, in memory: got once into `.cache/`, started when they are needed.

`python tests/registry/servers.py axonops` (make registry) starts one for a developer.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

CACHE = Path(__file__).parent.parent.parent / ".cache" / "registry"
AXONOPS, AXONOPS_VERSION = "github.com/axonops/axonops-schema-registry", "v0.2.1"
APICURIO_VERSION = "3.0.9"
_GET, _START = 600, 120  # seconds


class Missing(Exception):  # noqa: N818 - a reason to skip, not a failure
    """A server cannot be had here; the text says why."""


def _run(*command: str, cwd: Path | None = None, **environ: str) -> str:
    try:
        done = subprocess.run(
            command, cwd=cwd, env={**os.environ, **environ}, capture_output=True, text=True, timeout=_GET, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{command[0]}: {error}") from None
    if done.returncode:
        raise Missing(f"{' '.join(command[:3])}: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Missing(f"there is no {name} here")
    return found


@contextlib.contextmanager
def _alone(name: str) -> Iterator[Path]:
    """A folder of the cache that only one process fills."""
    folder = CACHE / name
    folder.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def axonops() -> tuple[list[str], dict[str, str], str]:
    """The command, the environment with {port}, and the path of the base URL. Built with Go, from the module proxy."""
    go = _tool("go")
    with _alone(f"axonops-{AXONOPS_VERSION}") as folder:
        binary = folder / "schema-registry"
        if not binary.exists():
            # Not `go install`: it asks for the list of all versions, which not every proxy gives.
            found = json.loads(_run(go, "mod", "download", "-json", f"{AXONOPS}@{AXONOPS_VERSION}", cwd=folder))
            built = folder / "building"
            _run(go, "build", "-o", str(built), "./cmd/schema-registry", cwd=Path(found["Dir"]), CGO_ENABLED="0")
            built.rename(binary)
    environ = {"SCHEMA_REGISTRY_HOST": "127.0.0.1", "SCHEMA_REGISTRY_PORT": "{port}"}
    return [str(binary)], environ, ""


def apicurio() -> tuple[list[str], dict[str, str], str]:
    """The same for Apicurio Registry, which Maven gets and Java runs."""
    java, maven = _tool("java"), _tool("mvn")
    with _alone(f"apicurio-{APICURIO_VERSION}") as folder:
        jar = folder / f"apicurio-registry-app-{APICURIO_VERSION}-runner.jar"
        if not jar.exists():
            what = f"io.apicurio:apicurio-registry-app:{APICURIO_VERSION}:tar.gz:all"
            _run(maven, "-q", "-B", "dependency:copy", f"-Dartifact={what}", f"-DoutputDirectory={folder}")
            (archive,) = folder.glob("*.tar.gz")
            with tarfile.open(archive) as opened:
                opened.extractall(folder, filter="data")
            archive.unlink()
    options = [
        "quarkus.http.host=127.0.0.1",
        "quarkus.http.port={port}",
        "apicurio.rules.global.compatibility=BACKWARD",
    ]
    command = [java, "-Xmx512m", *(f"-D{option}" for option in options), "-jar", str(jar)]
    return command, {}, "/apis/ccompat/v7"


SERVERS: dict[str, Callable[[], tuple[list[str], dict[str, str], str]]] = {"axonops": axonops, "apicurio": apicurio}


@contextlib.contextmanager
def running(name: str, port: int = 0) -> Iterator[str]:
    """The base URL of a server that runs until the end of the block. Raises Missing where it cannot be had."""
    command, environ, path = SERVERS[name]()
    if not port:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    words = [word.replace("{port}", str(port)) for word in command]
    filled = {key: value.replace("{port}", str(port)) for key, value in environ.items()}
    url = f"http://127.0.0.1:{port}{path}"
    with subprocess.Popen(
        words, env={**os.environ, **filled}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=CACHE
    ) as process:
        try:
            _wait(url, process)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + _START
    while time.monotonic() < end:
        if process.poll() is not None:
            raise Missing(f"the server ended with {process.returncode}")
        try:
            with opener.open(f"{url}/subjects", timeout=5):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise Missing(f"the server did not answer within {_START} s")


def main() -> None:
    """Runs one until Ctrl-C."""
    name, port = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 8081
    with running(name, port) as url:
        sys.stdout.write(f"{name} listens: schemacheck check --against registry:{url}\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)


if __name__ == "__main__":
    main()
