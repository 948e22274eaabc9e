"""Console blocks that are made from real runs: of the README, and of the pages of the documentation."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sources.repos import Repo

FIELDS = """
    {"name": "order_id", "type": "string"},
    {"name": "amount", "type": "long"},
    {"name": "currency", "type": "string"}
"""
V1 = f"""{{
  "type": "record",
  "namespace": "orders.v1",
  "name": "OrderPlaced",
  "fields": [{FIELDS}  ]
}}
"""
BROKEN = V1.replace(',\n    {"name": "currency", "type": "string"}', "")
PATH = "schemas/orders/order_placed/v1.avsc"
_BLOCK = r"<!-- run: {name} -->\n```console\n(.*?)```\n"


def console(repo: Repo, *commands: Sequence[str]) -> str:
    """What a terminal shows of some commands: of schemacheck standard output, of git both streams."""
    shown = ""
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for command in commands:
        shown += f"$ {shlex.join(command)}\n"
        words = [sys.executable, "-m", *command] if command[0] == "schemacheck" else command
        error = subprocess.PIPE if command[0] == "schemacheck" else subprocess.STDOUT
        done = subprocess.run(
            words, cwd=repo.path, env=environ, stdout=subprocess.PIPE, stderr=error, text=True, check=False, timeout=60
        )
        shown += done.stdout
    return shown


def renewed(text: str, runs: Mapping[str, str]) -> str:
    """A page with its console blocks made anew; every block of the page must have a run."""
    for name in re.findall(r"<!-- run: ([\w-]+) -->", text):
        pattern = _BLOCK.format(name=name)
        block = f"<!-- run: {name} -->\n```console\n{runs[name]}```\n"
        text, found = re.subn(pattern, lambda _, block=block: block, text, flags=re.DOTALL)
        assert 1 == found, name
    return text


def quick_start(folder: Path) -> dict[str, str]:
    """The runs that show what the gate is for."""
    repo = Repo(folder / "shop")
    repo.commit({PATH: V1})
    repo.write({PATH: BROKEN})
    check = ["schemacheck", "check"]
    runs = {"diff": console(repo, ["schemacheck", "diff"]), "red": console(repo, check)}
    runs["bump"] = console(repo, ["schemacheck", "bump", "orders/order_placed"])
    repo.git("add", "-A")
    return {**runs, "green": console(repo, check)}
