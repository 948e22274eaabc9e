"""`schemacheck explain PATH`: what holds for a file, and where each value comes from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from schemacheck import docs, waivers
from schemacheck.config import PathRules, Policy
from schemacheck.errors import UsageError
from schemacheck.events.metadata import FLOOR, Metadata
from schemacheck.formats import format_of
from schemacheck.guard import waivers_of
from schemacheck.layout import Placed
from schemacheck.model import Tree
from schemacheck.register import Register
from schemacheck.render.escape import clean


def relative(root: Path, folder: Path, name: str) -> str:
    """A file's path in the repository; raises UsageError if it lies outside."""
    try:
        return Path(os.path.normpath(folder.resolve() / name)).relative_to(root.resolve()).as_posix()
    except ValueError:
        raise UsageError(f'"{name}" is not in this repository', "name a schema of it") from None


def applies(path: str, tree: Tree, policy: Policy) -> Iterator[str]:
    """What holds for a file of a tree, line by line; raises UsageError for what is no schema."""
    if not format_of(path):
        raise UsageError(f'"{path}" is neither a rule nor a schema', "schemacheck rules lists the rules")
    layout = policy.layout(policy.roots or ("",))
    placed = layout.place(path)
    said = Register(tree, layout, published=False).of(placed.subject.event)
    rows = [
        ("file", path, _judged(path, tree, policy)),
        ("event", f"{placed.subject}, {format_of(path)}", _layout(placed, policy)),
        *_rules(path, policy, said),
        *_metadata(placed, said, layout.metadata_of(placed)),
        *_levels(path, policy, said),
        *(
            (
                "waiver",
                waiver.fingerprint or f"{waiver.rule} below {waiver.path}",
                f"{waivers.FILE}, until {waiver.expires}",
            )
            for waiver in waivers_of(tree, policy)
            if waiver.fingerprint is None and waivers.covers(waiver, path)
        ),
    ]
    width = max(len(value) for _, value, _ in rows if len(value) < 60)
    for key, value, source in rows:
        yield clean(f"{key:<10} {value:<{width}}  {source}").rstrip()


def _judged(path: str, tree: Tree, policy: Policy) -> str:
    if not policy.judges(path):
        return f"not judged: outside {', '.join(policy.roots or ())} or excluded"
    return "judged" if path in tree.files else "judged, if it were there"


def _layout(placed: Placed, policy: Policy) -> str:
    if placed.template is None:
        return "no layout fits, so it is v1"
    return f"{placed.template}, {policy.file if placed.template in policy.layouts else 'a convention'}"


def _rules(path: str, policy: Policy, said: Metadata) -> Iterator[tuple[str, str, str]]:
    """Mode and policy, with their sources, and the floor below them."""
    mode, kind = _last(path, policy, "mode"), _last(path, policy, "policy")
    own = policy.of_event(said.mode, said.policy, FLOOR if said.endless else None, said.replayable)
    default = policy.file if policy.file and policy.mode != Policy().mode else "the default"
    sources = [
        (policy.mode_override, "--mode"),
        (said.mode, said.path),
        (mode, f"{policy.file}, [[policy]] {', '.join(mode.paths) if mode else ''}"),
    ]
    source = next((words for value, words in sources if value is not None), default)
    yield "mode", str(own.mode_for(path)), source or ""
    if said.endless:
        yield "floor", str(FLOOR), f"{said.path}: {said.endless}"
    where = (
        said.path if said.policy else f"{policy.file}, [[policy]] {', '.join(kind.paths)}" if kind else "the default"
    )
    yield "policy", own.policy_for(path), where


def _last(path: str, policy: Policy, key: str) -> PathRules | None:
    """The last `[[policy]]` table that covers a path and says a key."""
    return next((r for r in reversed(policy.paths) if getattr(r, key) is not None and r.covers(path)), None)


def _metadata(placed: Placed, said: Metadata, wanted: str) -> Iterator[tuple[str, str, str]]:
    if not said.path:
        yield "owner", "nobody", f"there is no {wanted}"
        return
    version = placed.subject.version
    entry = said.entry(version)
    yield "owner", said.owner or "nobody", said.path
    yield "kind", said.kind or "not said", said.path
    yield "consumers", ", ".join(said.consumers_of(version)) or "none", said.path
    until = f", sunset {entry.sunset}" if entry.sunset else ""
    yield "status", f"{entry.status}{until}", said.path if version in said.versions else "the default"
    for key in ("retention", "topic", "subject", "aggregate", "name_exempt"):
        if value := getattr(said, key):
            yield key, value, said.path


def _levels(path: str, policy: Policy, said: Metadata) -> Iterator[tuple[str, str, str]]:
    """The rules that are louder or quieter here than by default."""
    own = policy.of_event(said.mode, said.policy, None, said.replayable)
    for rule in docs.all_rules().values():
        level = own.level(rule, path)
        if level != rule.level:
            source = f"{said.path}: it is replayable" if policy.level(rule, path) != level else policy.file
            yield "level", f"{rule.id} {level.word}", f"{source}, by default {rule.level.word}"
