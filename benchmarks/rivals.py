"""Others who judge schemas: the command of each, or why it is not at hand."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache" / "benchmarks"
PROTOS = "google-proto-files", "5.0.3"
BUF, AVRO, JVM, REAL = "buf", "avro package", "Java's avro", "google-proto-files"
NAMES = {"buf": BUF, "avro": AVRO, "jvm": JVM, "protos": REAL}
_FIND_BUF = """
import sys
sys.path[:0] = sys.argv[1:]
import buf
found = buf.binary()
print("" if isinstance(found, str) else found, found)
"""

_T = TypeVar("_T")


class Absent(Exception):  # noqa: N818 - no failure
    """Why somebody is not at hand."""


class Rivals:
    """Looks for each when it is first asked for. `without` names those that are left out; `absent` says why."""

    def __init__(self, without: Collection[str] = (), protos: Path | None = None) -> None:
        self._without = {NAMES[name] for name in without}
        self._protos = protos
        self.absent: dict[str, str] = {}
        self.versions: dict[str, str] = {}

    def _asked(self, name: str, find: Callable[[], _T]) -> _T | None:
        """What is found, unless it is left out; remembers why it is not."""
        try:
            if name in self._without:
                raise Absent("left out")
            return find()
        except Absent as why:
            self.absent[name] = str(why)
            return None

    @cached_property
    def buf(self) -> str | None:
        """buf's own program, which npm brings, as for the tests."""
        return self._asked(BUF, self._find_buf)

    def _find_buf(self) -> str:
        places = [str(ROOT / "tests" / "formats"), str(ROOT / "tests")]
        done = _run([sys.executable, "-c", _FIND_BUF, *places])
        program, _, why = done.stdout.strip().partition(" ")
        if done.returncode or not Path(program).is_file():
            raise Absent(why or done.stderr.strip()[-200:])
        self.versions["buf"] = _run([program, "--version"]).stdout.strip()
        return program

    @cached_property
    def avro(self) -> Sequence[str] | None:
        """The command that judges pairs with the `avro` package."""
        return self._asked(AVRO, self._find_avro)

    def _find_avro(self) -> Sequence[str]:
        try:
            self.versions["avro"] = importlib.metadata.version("avro")
        except importlib.metadata.PackageNotFoundError:
            raise Absent("the package avro is not installed") from None
        return [sys.executable, str(ROOT / "benchmarks" / "avro_package.py")]

    @cached_property
    def jvm(self) -> Sequence[str] | None:
        """The command that judges pairs with Java; Maven gets what it needs."""
        return self._asked(JVM, self._find_jvm)

    def _find_jvm(self) -> Sequence[str]:
        java, maven = shutil.which("java"), shutil.which("mvn")
        if java is None or maven is None:
            raise Absent(f"{'java' if java is None else 'mvn'} is not installed")
        here = Path(__file__).parent / "jvm"
        built = CACHE / "jvm"
        if not _current(built / "classes" / "Check.class", here):
            goals = ["compile", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"]
            with tempfile.TemporaryDirectory(prefix="schemacheck-bench-") as folder:
                shutil.copytree(here, folder, dirs_exist_ok=True)
                done = _run([maven, "-q", "-B", *goals, f"-DoutputDirectory={folder}/target/libraries"], folder)
                if done.returncode:
                    raise Absent(f"Maven failed: {(done.stdout or done.stderr).strip()[:200]}")
                shutil.rmtree(built, ignore_errors=True)
                for name in ("libraries", "classes"):
                    shutil.copytree(Path(folder, "target", name), built / name)
        self.versions["java"] = _run([java, "-version"]).stderr.partition("\n")[0]
        (jar,) = (built / "libraries").glob("avro-*.jar")
        self.versions["java avro"] = jar.stem.removeprefix("avro-")
        return [java, "-cp", f"{built / 'classes'}{os.pathsep}{built / 'libraries' / '*'}", "Check"]

    @cached_property
    def protos(self) -> Path | None:
        """A folder of real `.proto` files, whose imports start there; npm brings it."""
        return self._asked(REAL, self._find_protos)

    def _find_protos(self) -> Path:
        if self._protos is not None:
            return self._protos
        package, version = PROTOS
        place = CACHE / f"{package}-{version}"
        found = place / "node_modules" / package
        if not found.is_dir():
            npm = shutil.which("npm")
            if npm is None:
                raise Absent("npm is not installed, which brings it")
            CACHE.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=CACHE) as folder:
                options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder]
                done = _run([npm, "install", *options, f"{package}@{version}"])
                if done.returncode:
                    raise Absent(f"npm cannot install it: {done.stderr.strip()[-200:]}")
                shutil.copytree(folder, place, dirs_exist_ok=True)
        self.versions[package] = json.loads((found / "package.json").read_text(encoding="utf-8"))["version"]
        return found


def _current(made: Path, source: Path) -> bool:
    """Whether a file is not older than any below a folder."""
    newest = max(path.stat().st_mtime for path in source.rglob("*"))
    return made.exists() and made.stat().st_mtime >= newest


def _run(command: Sequence[str], folder: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=600, check=False)
