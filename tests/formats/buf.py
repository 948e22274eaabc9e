"""buf, the other judge: its binary, what it says of many pairs at once, and what we say of the same."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cases import Case, from_folders, from_pages
from protobuf_pairs import Author, parsed

from schemacheck import formats
from schemacheck.formats.protobuf.compile import compile_files
from schemacheck.model import Change, Direction, Surface

VERSION = "1.75.0"
CACHE = Path(__file__).parents[2] / ".cache" / "buf"
SEED, PAIRS = 75, 500
# What our surfaces are in buf's categories; each category holds the ones before it.
SURFACES = {
    "WIRE": {Surface.WIRE, Surface.MEANING},
    "WIRE_JSON": {Surface.WIRE, Surface.MEANING, Surface.JSON},
    "PACKAGE": {Surface.WIRE, Surface.MEANING, Surface.JSON, Surface.SOURCE},
    "FILE": {Surface.WIRE, Surface.MEANING, Surface.JSON, Surface.SOURCE},
}


@cache
def binary() -> Path | str:
    """The path of buf's own program, which npm brings; or why there is none."""
    npm = shutil.which("npm")
    machine = {"x86_64": "x64", "AMD64": "x64", "arm64": "arm64", "aarch64": "arm64"}.get(platform.machine())
    package = f"@bufbuild/buf-{platform.system().lower()}-{machine}"
    program = CACHE / VERSION / "node_modules" / package / "bin" / "buf"
    if program.exists():
        return program
    if npm is None:
        return "npm is not installed, which brings buf"
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        done = subprocess.run(
            [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder, f"{package}@{VERSION}"],
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        if done.returncode != 0 and not os.environ.get("CI"):
            return f"npm cannot install {package}: {done.stderr.strip()[-200:]}"
        assert done.returncode == 0, done.stderr
        if not program.exists():  # another process may have been faster
            shutil.copytree(folder, CACHE / VERSION, dirs_exist_ok=True)
    return program


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """One run of buf, with a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        environment = {"HOME": home, "PATH": os.environ.get("PATH", "")}
        return subprocess.run(
            [str(binary()), *arguments], capture_output=True, text=True, env=environment, timeout=180, check=False
        )


@cache
def categories() -> Mapping[str, frozenset[str]]:
    """Every rule of buf about breaking changes, with its categories."""
    said = run("config", "ls-breaking-rules", "--format", "json", "--version", "v2")
    rules = [json.loads(line) for line in said.stdout.splitlines()]
    return {rule["id"]: frozenset(rule["categories"]) for rule in rules if not rule["deprecated"]}


@dataclass
class Judged:
    """One pair, and what both say of it."""

    name: str
    ours: Sequence[Change]
    buf: set[str] = field(default_factory=set)

    def in_category(self, category: str) -> tuple[set[str], set[str]]:
        """Their rules of a category that fired, and ours that break somebody on its surfaces."""
        mine = {
            change.rule.id.partition("/")[2]
            for change in self.ours
            if change.breaks != Direction.NONE and change.rule.surface in SURFACES[category]
        }
        return {rule for rule in self.buf if category in categories()[rule]}, mine

    @property
    def told(self) -> set[str]:
        """Every fact that we find, harmless or not."""
        return {change.rule.id.partition("/")[2] for change in self.ours}


@cache
def judged() -> Sequence[Judged]:
    """Generated pairs, and every case there and back, each in packages and files of its own."""
    old: dict[str, bytes] = {}
    new: dict[str, bytes] = {}
    pairs: dict[str, Judged] = {}
    for name, before, after, ours in [*_generated(), *_cases()]:
        pairs[name.partition(" ")[0]] = Judged(name, ours)
        old |= before
        new |= after
    for folder, rule in _said(_image(old), _image(new)):
        pairs[folder].buf.add(rule)
    return list(pairs.values())


Pair = tuple[str, dict[str, bytes], dict[str, bytes], list[Change]]


def _generated() -> Iterator[Pair]:
    made = list(Author(SEED).pairs(PAIRS))
    sides = [[file.text(f"p{number}") for number, file in enumerate(side)] for side in zip(*made, strict=True)]
    schemas = [parsed(texts, name) for texts, name in zip(sides, ("old", "new"), strict=True)]
    for number, (before, after) in enumerate(zip(*sides, strict=True)):
        path = f"p{number}/event.proto"
        ours = list(formats.load("protobuf").diff(schemas[0][number], schemas[1][number]))
        yield f"p{number}", {path: before.encode()}, {path: after.encode()}, ours


def _cases() -> Iterator[Pair]:
    cases = [case for case in [*from_folders("protobuf"), *from_pages("protobuf")] if not _unknown_to_buf(case)]
    for number, case in enumerate(cases):
        packages = {name for side in (case.before, case.after) for name in _packages(side)}
        for way, before, after in (("there", case.before, case.after), ("back", case.after, case.before)):
            folder = f"c{number}{way}"
            sides = (_moved(side, folder, packages) for side in (before, after))
            yield f"{folder} {case.id}", *sides, case.diff(before, after)


def _unknown_to_buf(case: Case) -> bool:
    """It loads no message sets, and no two extensions of one option; and it knows nothing of our configuration."""
    texts = [*case.before.values(), *case.after.values()]
    unloved = (b"message_set_wire_format", b"extend google.protobuf.")
    return any(word in text for text in texts for word in unloved) or bool(case.options)


def _packages(side: Mapping[str, bytes]) -> Iterator[str]:
    for text in side.values():
        yield from re.findall(r"^package ([\w.]+);", text.decode(), re.MULTILINE)


def _moved(side: Mapping[str, bytes], folder: str, packages: set[str]) -> dict[str, bytes]:
    """The same files in a folder and in packages of their own."""
    names = "|".join(re.escape(name) for name in sorted(packages, key=len, reverse=True))
    moved = {}
    for path, text in side.items():
        lines = []
        for line in text.decode().splitlines():
            if line.startswith("import"):
                lines.append(re.sub(r'^(import (?:\w+ )?")(?!google/)', rf"\1{folder}/", line))
            else:
                lines.append(re.sub(rf"(?<!\w)({names})(?=[.;])", rf"{folder}.\1", line) if names else line)
        moved[f"{folder}/{path}"] = "\n".join(lines).encode()
    return moved


def _image(files: Mapping[str, bytes]) -> bytes:
    compiled = compile_files(files, [path for path in files if path.endswith(".proto")])
    assert compiled.files is not None, compiled.flaws
    return compiled.files.SerializeToString()


def _said(old: bytes, new: bytes) -> Iterator[tuple[str, str]]:
    """The folder of a pair, and a rule that fired on it; all categories in one run."""
    wanted = json.dumps({"version": "v2", "breaking": {"use": sorted(SURFACES)}})
    with tempfile.TemporaryDirectory() as folder:
        for name, image in (("old", old), ("new", new)):
            Path(folder, f"{name}.binpb").write_bytes(image)
        images = [f"{folder}/new.binpb", "--against", f"{folder}/old.binpb"]
        said = run("breaking", *images, "--error-format", "json", "--config", wanted)
    assert said.returncode == 100, said.stderr  # findings; a broken image is another code, or the type COMPILE
    for line in said.stdout.splitlines():
        finding = json.loads(line)
        yield _FOLDER.search(finding.get("path") or finding["message"])[0], finding["type"]


_FOLDER = re.compile(r"\b(c\d+(there|back)|p\d+)\b")
