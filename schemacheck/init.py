"""`schemacheck init`: a configuration that fits the tree, a pre-commit hook, a workflow; or what else was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from schemacheck import __version__, config, files
from schemacheck.errors import NotChecked
from schemacheck.formats import format_of
from schemacheck.layout import Layout

if TYPE_CHECKING:
    from schemacheck.sources import Repository

HOOK_FILE = ".pre-commit-config.yaml"
GITLAB_FILE = ".gitlab-ci.yml"
# system → where its job is written; the text is the template of that name
CI_FILES = {"github": ".github/workflows/schemacheck.yml", "gitlab": ".gitlab/schemacheck.yml"}

HOOK = f"""\
repos:
  - repo: local
    hooks:
      - id: schemacheck
        name: schemacheck
        entry: schemacheck check --staged
        language: python
        additional_dependencies: ["schemacheck-gate=={__version__}"]
        always_run: true        # a deletion is never passed as a file
        pass_filenames: false   # imports and versions need the whole set
        require_serial: true
"""

_INCLUDE = """\
include:
  - local: .gitlab/schemacheck.yml
"""

_CONFIG = """\
# schemacheck: what a change of an event schema may do. Every key is optional; these are what was found, or defaults.

# Folders that hold event schemas, relative to this file. Elsewhere a schema counts only where an event imports it.
roots = [{roots}]

# Paths below the roots that are no event schemas, such as vendored or generated files.
exclude = []

# Who must be able to read: BACKWARD (new readers, old events), FORWARD (old readers, new events), FULL (both).
# With _TRANSITIVE against every published state of the version, else against the last one. NONE: nothing is forbidden.
mode = "FULL_TRANSITIVE"

# A run fails at: error, warning, never.
fail_on = "error"

{layouts}
# Levels by rule ("avro/field-removed") or by surface (wire, meaning, json, source, event): off, info, warning, error.
[levels]
# meaning = "warning"

# What holds for some paths only; the last table that covers a path wins.
# [[policy]]
# paths = ["schemas/ledger/**"]
# mode = "BACKWARD_TRANSITIVE"

# [protobuf]
# roots = ["proto"]          # where imports start; found from the files' own imports unless told
# includes = ["third_party"] # where imports are looked for after the roots
# json = true                # judge the JSON form of messages, too
# source = "off"             # level of changes that only break generated code

# [json_schema]
# globs = ["events/**/*.json"]   # schemas beside those that end in .schema.json and .jsonschema
# open_model = "declared"    # "strict": writers may emit properties that they do not declare
# default_draft = "draft-07" # of schemas that name none

# [baseline]
# published = ["main", "release/*"]   # branches whose schemas consumers have seen
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """Files to write (path to content) and what was found in the tree, for people."""

    files: dict[str, str]
    found: str


def plan(paths: Collection[str]) -> Plan:
    """What fits a tree with these files; nothing is read from them."""
    schemas = sorted(path for path in paths if format_of(path))
    roots = _roots(schemas)
    layout = Layout.conventional(roots)
    used = Counter(placed.template for path in schemas if (placed := layout.place(path)).template)
    templates = [template for template, _ in used.most_common()]
    implicit = len(schemas) - sum(used.values())
    found = f"{len(schemas)} schemas below {', '.join(root or 'the repository' for root in roots)}"
    if implicit:
        found += f"; {implicit} without a version in the path, each taken as v1 of its event"
    text = _CONFIG.format(
        roots=", ".join(f'"{_quoted(root or ".")}"' for root in roots),
        layouts="".join(map(_layout, templates)) or _HINT,
    )
    config.parse(text, config.FILE)
    return Plan({config.FILE: text, HOOK_FILE: HOOK, **ci_files("github")}, found)


_HINT = """\
# How a path names an event and its version.
# [[layout]]
# path = "schemas/{domain}/{event}/v{version}.{ext}"

"""


def _layout(template: str) -> str:
    return f'[[layout]]                  # how a path names an event and its version\npath = "{_quoted(template)}"\n\n'


def _roots(schemas: Collection[str]) -> tuple[str, ...]:
    if any(path.startswith("schemas/") for path in schemas):
        return ("schemas",)
    tops = sorted({path.partition("/")[0] for path in schemas if "/" in path})
    if not schemas:
        return ("schemas",)
    return tuple(tops) if tops and all("/" in path for path in schemas) else ("",)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def ci_files(system: str) -> dict[str, str]:
    """The files that make a CI system run the gate."""
    text = (resources.files("schemacheck") / "templates" / f"{system}.yml").read_text(encoding="utf-8")
    job = {CI_FILES[system]: text.replace("@VERSION@", __version__)}
    return job | {GITLAB_FILE: _INCLUDE} if system == "gitlab" else job


def initialise(folder: Path, dry_run: bool, hook: bool = False, systems: Collection[str] = ()) -> Iterator[str]:
    """Writes what is missing, and tells line by line; a file that exists is never changed.

    With `hook` git's own hooks of this clone, with `systems` the jobs of these CI systems, and then nothing else.
    """
    from schemacheck import hooks
    from schemacheck.sources import Repository

    with Repository(folder) as repository:
        for system in systems:
            yield from _write(repository.root, ci_files(system), dry_run)
        if hook:
            yield from hooks.install(repository, dry_run)
        elif not systems:
            yield from _fitting(repository, dry_run)


def _fitting(repository: Repository, dry_run: bool) -> Iterator[str]:
    from schemacheck.sources.gittree import WorkTree
    from schemacheck.sources.select import Select

    wanted = plan(WorkTree(repository, Select(), "working tree", None).files)
    yield f"found     {wanted.found}"
    yield from _write(repository.root, wanted.files, dry_run)
    yield "next      schemacheck check; git add what was written; pre-commit install"


def _write(root: Path, wanted: Mapping[str, str], dry_run: bool) -> Iterator[str]:
    for path, content in wanted.items():
        target = root / path
        if target.exists() or target.is_symlink():
            yield f"kept      {path}, it exists"
            if path in (HOOK_FILE, GITLAB_FILE):
                yield f"add to it, below {content.partition(':')[0]}:"
                yield from (f"    {line}" for line in content.splitlines()[1:])
            continue
        if not dry_run:
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                files.write(target, content.encode())
            except OSError as error:
                words = (error.strerror or "unwritable").lower()
                raise NotChecked(f"{path} could not be written: {words}", "check its folder") from None
        yield f"{'would write' if dry_run else 'wrote'}     {path}"
