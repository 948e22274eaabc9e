"""A registry's subjects as files of the layout, for those who begin with a registry and no repository."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from schemacheck.config import Policy
from schemacheck.errors import NotChecked
from schemacheck.events.identity import words
from schemacheck.layout import CONVENTIONS, compile_template
from schemacheck.model import Version
from schemacheck.registry.beside import Beside
from schemacheck.registry.client import Client, Registered
from schemacheck.registry.errors import RegistryError
from schemacheck.registry.parallel import each

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
EXTENSIONS = {"AVRO": "avsc", "PROTOBUF": "proto", "JSON": "schema.json"}
_PACKAGE = re.compile(r"(?:\A|[;}])\s*package\s+([\w.]+)\s*;")
_MESSAGE = re.compile(r"(?:\A|[;}])\s*message\s+(\w+)\s*\{")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pulled:
    """One file to write, or the reason why a subject makes none."""

    subject: str
    path: str | None
    text: str = ""
    reason: str = ""


def pulled(client: Client, policy: Policy, known: Collection[str]) -> list[Pulled]:
    """A file for the newest version of every subject in scope that no local file has (`known` are those that do)."""
    names = [name for name in client.subjects(policy.registry.prefix) if name not in known]
    latest = each(client.latest, names, policy.registry.connections)
    found = {name: version for name, version in latest.items() if isinstance(version, Registered)}
    imported = {r.subject: r.name for version in found.values() for r in version.references}
    # A repository without schemas has no roots yet.
    adopted = policy if policy.layouts or known else replace(policy, roots=("schemas",))
    beside = Beside(found, lambda version: _path(version, adopted, None), lambda path: _below(path, adopted))
    files: list[Pulled] = []
    taken: dict[str, str] = {}
    for name in names:
        answer = latest[name]
        if isinstance(answer, RegistryError):
            files.append(Pulled(name, None, reason=answer.message))
            continue
        if answer is None:
            continue
        path = beside.paths.get(name) or _path(answer, adopted, imported.get(name))
        if name in beside.reasons:
            files.append(Pulled(name, None, reason=beside.reasons[name]))
        elif path is None:
            files.append(Pulled(name, None, reason="its name makes no path of the layout"))
        elif taken.setdefault(path, name) != name:
            files.append(Pulled(name, None, reason=f'"{taken[path]}" has the same path, {path}'))
        else:
            files.append(Pulled(name, path, _written(answer)))
    return files


def write(root: Path, files: Collection[Pulled], dry_run: bool) -> Iterator[str]:
    """Writes what does not exist yet, and tells line by line; no file is ever changed."""
    from schemacheck import files as disk

    for file in files:
        if file.path is None:
            yield f"refused   {file.subject}: {file.reason}"
            continue
        target = root / file.path
        if not target.resolve().is_relative_to(root.resolve()):
            yield f"refused   {file.subject}: {file.path} leads out of the repository"
            continue
        if target.exists() or target.is_symlink():
            yield f"kept      {file.path}, it exists"
            continue
        if not dry_run:
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                disk.write(target, file.text.encode("utf-8", "backslashreplace"))
            except OSError as error:
                why = (error.strerror or "unwritable").lower()
                raise NotChecked(f"{file.path} could not be written: {why}", "check its folder") from None
        yield f"{'would write' if dry_run else 'wrote'}     {file.path}      {file.subject}"


def _below(path: str, policy: Policy) -> bool:
    """Whether a path is a plain one in a folder of schemas."""
    return _SAFE.fullmatch(path) is not None and any(
        not root or path.startswith(f"{root}/") for root in policy.roots or ("schemas",)
    )


def _path(registered: Registered, policy: Policy, import_name: str | None) -> str | None:
    """Where a registered schema belongs."""
    root = (policy.roots or ("schemas",))[0] or "schemas"
    if registered.type == "PROTOBUF" and import_name is not None:
        # Others find it by this name, below a root.
        return f"{root}/{import_name}" if _SAFE.fullmatch(import_name) and ".." not in import_name else None
    full, extension = _fullname(registered), EXTENSIONS.get(registered.type)
    return path_for(full, extension, policy) if full is not None and extension is not None else None


def path_for(full: str, extension: str, policy: Policy) -> str | None:
    """Where the layout wants an event of this full name; None if the name makes no path."""
    root = (policy.roots or ("schemas",))[0]
    prefix = policy.identity.get("prefix", "")
    *space, name = full.removeprefix(f"{prefix}." if prefix else "").split(".")
    if not all(_NAME.fullmatch(part) for part in (*space, name)):
        return None
    versions = [part for part in space if Version.parse(part)]
    values = {
        "domain": "/".join(part for part in space if part not in versions),
        "event": "_".join(words(name)),
        "version": versions[-1][1:] if versions else "1",
        "ext": extension,
    }
    templates = policy.layouts or tuple(f"{root}/{template}" if root else template for template in CONVENTIONS)
    for template in sorted(templates, key=lambda template: ("/v{version}/" in template) != (extension == "proto")):
        if values["domain"] or "{domain}" not in template:
            path = template.format(**values)
            if compile_template(template).fullmatch(path):
                return path
    return None


def _fullname(registered: Registered) -> str | None:
    """The full name of the event, by a light look at the text."""
    if registered.type == "PROTOBUF":
        text = _COMMENT.sub("", registered.text)
        package, message = _PACKAGE.search(text), _MESSAGE.search(text)
        return f"{package[1]}.{message[1]}" if package and message else message[1] if message else None
    try:
        value = json.loads(registered.text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    if registered.type == "JSON":
        title = value.get("title")
        return title if isinstance(title, str) else None
    name, space = value.get("name"), value.get("namespace")
    if not isinstance(name, str):
        return None
    return name if "." in name or not isinstance(space, str) or not space else f"{space}.{name}"


def _written(registered: Registered) -> str:
    """The text as people keep it: JSON over several lines."""
    if registered.type == "PROTOBUF":
        return registered.text if registered.text.endswith("\n") else f"{registered.text}\n"
    try:
        return f"{json.dumps(json.loads(registered.text), indent=2, ensure_ascii=False)}\n"
    except RecursionError:
        return registered.text
