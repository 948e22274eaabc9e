"""A bump in a real working tree: what stands there, what git would check out, and the writing."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime

from schemacheck import bump, files
from schemacheck.bump import Disk, Edit, Wanted
from schemacheck.errors import NotChecked, SchemacheckError
from schemacheck.model import Tree
from schemacheck.render.escape import clean
from schemacheck.session import Session
from schemacheck.sources import disk


def planned(session: Session, wanted: Wanted) -> list[Edit]:
    """The files that make an event pass; nothing is written."""
    standing = Disk(
        read=lambda path: _standing(session, path),
        checkout=lambda tree, path: _checkout(session, tree, path),
        kept=lambda path: _kept(session, path),
    )
    return bump.plan(wanted, session.current, session.baselines, session.policy, standing, _today(session))


def _today(session: Session) -> date:
    told = getattr(session.policy, "today", None)
    return told if isinstance(told, date) else datetime.now(UTC).date()


def _standing(session: Session, path: str) -> bytes | None:
    problem = disk.irregular(session.repository.root, path)
    if problem is not None:
        raise NotChecked(f'"{path}" cannot be written: {problem.message}', problem.hint, reason="unsupported")
    if not (session.repository.root / path).exists():
        return None
    return disk.read(session.repository.root, path)


def _checkout(session: Session, tree: Tree, path: str) -> bytes:
    """A published file as git would write it here: its line ends and filters are those of the working tree."""
    if tree.revision is None:
        return tree.read(path)
    return session.repository.run("cat-file", "--filters", f"{tree.revision}:{path}")


def _kept(session: Session, path: str) -> bool:
    """Whether HEAD or the index holds a file as it stands on the disk, so that it can be had again."""
    here = session.current.tree.all_files.get(path)
    held = (session.repository.object(f"{where}:{path}") for where in ("HEAD", ""))
    return any(found is not None and found[0] == here for found in held)


def write(session: Session, edits: Sequence[Edit]) -> None:
    """Writes the files one after the other, each whole; the published text comes last, so that no edit is ever lost."""
    for edit in edits:
        _standing(session, edit.path)
        path = session.repository.root / edit.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            files.write(path, edit.content)
        except OSError as error:
            raise NotChecked(
                f'"{edit.path}" could not be written: {(error.strerror or "unwritable").lower()}',
                "mend that and run it again: it finishes what it began",
            ) from None


def told(edits: Sequence[Edit]) -> Iterator[str]:
    """What was written, and what to do next."""
    width = max((len(clean(edit.path)) for edit in edits), default=0)
    for edit in edits:
        yield f"{edit.kind:8}  {clean(edit.path):{width}}  {clean(edit.why)}"
    if edits:
        yield f"next      git add {' '.join(shlex.quote(clean(edit.path)) for edit in edits)}"


def shown(session: Session, edits: Sequence[Edit]) -> Iterator[str]:
    """The difference that the files would make."""
    for edit in edits:
        old = (_standing(session, edit.path) or b"").decode("utf-8", "replace").splitlines()
        new = edit.content.decode("utf-8", "replace").splitlines()
        names = f"a/{clean(edit.path)}", f"b/{clean(edit.path)}"
        yield from (clean(line) for line in difflib.unified_diff(old, new, *names, lineterm=""))


def fixed(open_: Callable[[], Session]) -> Iterator[str]:
    """Bumps every event that is broken; what was done, or why not. Each bump sees what the one before it wrote.

    An event that rests on a broken file can only be mended after that file, so what failed is tried once more.
    """
    with open_() as session:
        waiting = bump.broken(session.report("check", gate=True))
    for last in (False, True):
        failed = []
        for event in waiting:
            try:
                with open_() as session:
                    edits = planned(session, Wanted(event))
                    write(session, edits)
                    yield from told(edits)
            except SchemacheckError as error:
                failed.append(event)
                if last:
                    yield f"{clean(event)}: {clean(error.message)}"
                    yield f"hint: {clean(error.hint)}"
        waiting = failed
