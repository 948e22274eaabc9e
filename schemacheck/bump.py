"""A break as the next event version: the published text put back, the edit written beside it. Plans; writes nothing."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from schemacheck import check, formats, stubs
from schemacheck.check import restoring, short
from schemacheck.config import Policy
from schemacheck.errors import NotChecked, UsageError
from schemacheck.events.rules import MUTATED, MUTATED_THROUGH_IMPORT
from schemacheck.events.versions import next_version
from schemacheck.formats import format_of
from schemacheck.layout import Placed
from schemacheck.model import Level, Move, Moved, Source, Subject, Tree, Version
from schemacheck.pairing import Facing, Pairing
from schemacheck.report import Finding, Outcome, Report, Verdict
from schemacheck.schemas import Schemas, changes_between, same_text
from schemacheck.sources.tree import TreeSource, content_id

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    event: str
    version: Version | None = None  # --from
    force: bool = False
    deprecate: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """One file as it is going to be. `kind` is restored, wrote or edited; `why` says it in words."""

    path: str
    content: bytes
    kind: str
    why: str


@dataclass(frozen=True)
class Disk:
    """What a plan asks of the working tree and of git; none of it writes."""

    read: Callable[[str], bytes | None]  # a file as it stands on the disk
    checkout: Callable[[Tree, str], bytes]  # a published file as git would write it here
    kept: Callable[[str], bool]  # whether HEAD or the index holds a file as it stands


def plan(
    wanted: Wanted, current: Source, baselines: Sequence[Source], policy: Policy, disk: Disk, day: date
) -> list[Edit]:
    """The files that make an event pass, in the order in which they are to be written; empty if it is done already.

    Raises UsageError where there is nothing to do or it is not clear what, NotChecked if the result would not pass.
    """
    return _Plan(wanted, current, baselines, policy, disk, day).edits()


def broken(report: Report) -> list[str]:
    """The events that a bump may help, sorted."""
    return sorted({v.subject.event for v in report.verdicts if _mutated(v) is not None})


def _mutated(verdict: Verdict, rule: str = MUTATED.id) -> Finding | None:
    found = (f for f in verdict.findings if f.rule.id == rule and f.level > Level.INFO)
    return next(found, None)


class _Plan:
    def __init__(
        self,
        wanted: Wanted,
        current: Source,
        baselines: Sequence[Source],
        policy: Policy,
        disk: Disk,
        day: date,
    ) -> None:
        self.wanted = wanted
        self.current = current
        self.tree = current.tree
        self.baselines = baselines
        self.policy = policy
        self.disk = disk
        self.day = day
        self.layout = policy.layout(policy.roots or ("",))
        self.schemas = Schemas(policy.options)
        self.pairing = Pairing(self.tree, baselines, self.layout, self.schemas)
        self.report = check.run("bump", current, baselines, policy)
        self.event = self._event()
        self.verdicts = [v for v in self.report.verdicts if v.subject.event == self.event]

    def _event(self) -> str:
        """The event that is meant: by its name, or by the path of one of its files."""
        known = {subject.event for subject in (*self.pairing.now, *self.pairing.published)}
        name = self.wanted.event
        if name not in known and format_of(name):
            name = self.layout.place(name).subject.event
        if name not in known:
            near = difflib.get_close_matches(name, sorted(known), 3)
            hint = f"did you mean {' or '.join(near)}" if near else "schemacheck check --all lists the events"
            raise UsageError(f'there is no event "{self.wanted.event}"', hint)
        return name

    # --- which version ------------------------------------------------------------------------------------------------

    def edits(self) -> list[Edit]:
        """The whole plan, checked."""
        for problem in self.report.not_checked:
            if problem.subject is None or problem.subject.event == self.event:
                where = f"{problem.file}: " if problem.file else ""
                raise NotChecked(f"{where}{problem.message}", problem.hint, reason=problem.reason)
        facing = self._chosen()
        if facing is None or facing.now is None:
            return []
        target = self._target(facing.subject)
        placed = facing.now
        if target in self.pairing.now:
            new_path = self.pairing.now[target][0].path
            self._refuse_a_loss(placed, new_path, target)
            there = format_of(new_path) == format_of(placed.path)
            moved = self._rewritten(placed, new_path, target.version) if there else ()
            edits = []
        else:
            new_path = placed.path_of(target.version)
            moved = self._rewritten(placed, new_path, target.version)
            # The event comes last: where it stands, all that it takes along stands too.
            edits = [edit for one in reversed(moved) if (edit := self._written(one, one is moved[0]))]
        edits += self._accompanying(placed, new_path, target.version)
        edits += self._restored(facing, moved, {edit.path for edit in edits})
        self._verify(edits, facing.subject, target)
        return edits

    def _chosen(self) -> Facing | None:
        """The version whose edit is to become the next one; None if all is done already."""
        mutated = {v.subject.version: v for v in self.verdicts if _mutated(v) is not None}
        frozen = sorted(s.version for s in self.pairing.published if s.event == self.event)
        version = self.wanted.version
        if version is not None and version not in frozen:
            raise UsageError(f"{self.event} has no published {version}", f"published are {_listed(frozen)}")
        if not mutated or (version is not None and version not in mutated):
            if self._fresh():
                return None
            if not self.wanted.force:
                raise self._nothing_broken(version)
            version = version or (frozen[-1] if frozen else None)
            if version is None:
                raise UsageError(f"{self.event} is not published yet", "edit it as it is")
        elif version is None:
            if len(mutated) > 1:
                raise UsageError(
                    f"{_listed(sorted(mutated))} of {self.event} are broken",
                    "say which one: --from, one after the other",
                )
            version = next(iter(mutated))
        if version != frozen[-1] and not self.wanted.force and not self._fresh(version):
            raise UsageError(
                f"{version} is broken, but the highest published version of {self.event} is {frozen[-1]}",
                f"put {version} back and edit {frozen[-1]}, or --force: what {version} says becomes the next version",
            )
        wanted = Subject(self.event, version)
        file = mutated[version].file if version in mutated else None
        found = [f for f in self.pairing.facings() if f.subject == wanted and f.latest and f.now is not None]
        facing = next((f for f in found if file in (None, f.path)), None)
        if facing is None:
            raise UsageError(f"{wanted} is not here any more", "put it back first")
        return facing

    def _fresh(self, after: Version | None = None) -> list[Subject]:
        """The versions of the event that this change adds, above all published ones or above a given one."""
        above = after or max((s.version for s in self.pairing.published if s.event == self.event), default=None)
        added = (s for s in self.pairing.added if s.event == self.event)
        return sorted(s for s in added if above is not None and s.version > above)

    def _target(self, subject: Subject) -> Subject:
        """The version that the edit becomes: one that this change adds already, else the next."""
        fresh = self._fresh(subject.version)
        return fresh[0] if fresh else Subject(self.event, next_version(self.event, self.pairing.ever))

    def _nothing_broken(self, version: Version | None) -> UsageError:
        """Why there is nothing to bump, and what to do instead."""
        for verdict in self.verdicts:
            through = _mutated(verdict, MUTATED_THROUGH_IMPORT.id)
            if through is not None:
                return UsageError(f"{verdict.subject}: {through.message}", self._imports_remedy(verdict))
        for verdict in self.verdicts:
            for finding in verdict.findings:
                if finding.level == Level.ERROR and finding.rule.surface == "event":
                    return UsageError(f"{verdict.subject}: {finding.message}", finding.hint)
        what = f"{self.event} {version}" if version else self.event
        return UsageError(f"nothing is broken in {what}", "a version that is wanted nevertheless: --force")

    def _imports_remedy(self, verdict: Verdict) -> str:
        """What to do about the files that an event rests on: bump them where they are versions themselves."""
        facing = next(f for f in self.pairing.facings() if f.subject == verdict.subject and f.now and f.latest)
        state = facing.latest[0]
        old = self.schemas.closure(state.tree, state.placed.path)
        new = self.schemas.closure(self.tree, facing.path)
        said = []
        for path in sorted(path for path in {*old, *new} if old.get(path) != new.get(path)):
            if path in self.tree.files and path in state.tree.files:
                subject = self.layout.place(path).subject
                mutated = any(v.subject == subject and _mutated(v) for v in self.report.verdicts)
                said.append(f"schemacheck bump {shlex.quote(subject.event)}{'' if mutated else ' --force'}")
            elif path in state.tree.all_files:
                said.append(restoring(state.tree.revision, path))
        return " && ".join(dict.fromkeys(said)) or "put back what it imports"

    # --- the files ----------------------------------------------------------------------------------------------------

    def _rewritten(self, placed: Placed, new_path: str, version: Version) -> Sequence[Moved]:
        name = str(format_of(placed.path))
        template = self.policy.identity.get(name)
        move = Move(
            self.tree,
            placed.path,
            new_path,
            placed.subject.version,
            version,
            lambda path: self.layout.place(path).path_of(version),
            self.policy.options.get(name, {}),
            named=template is None or "{version}" in template,
        )
        return formats.load(name).rewrite(move)

    def _content(self, moved: Moved) -> bytes:
        mark = _BOM if self.tree.read(moved.path).startswith(_BOM) else b""
        return mark + moved.text.encode("utf-8")

    def _written(self, moved: Moved, main: bool) -> Edit | None:
        """A file of the new version; None for one taken along that is there already."""
        content = self._content(moved)
        standing = self.disk.read(moved.new_path)
        if standing is not None and standing != content:
            if not main:
                return None
            raise UsageError(f'"{moved.new_path}" is there already, and says something else', "move it away first")
        return Edit(moved.new_path, content, "wrote", moved.words or f"as {moved.path} said")

    def _restored(self, facing: Facing, moved: Sequence[Moved], written: Collection[str]) -> list[Edit]:
        """The published text of the version, and of those broken ones that were taken along."""
        found = []
        along = {one.path: one for one in moved[1:]}
        for other in self.pairing.facings():
            if other.now is None or not other.latest:
                continue
            if other.path != facing.path:
                one = along.get(other.path)
                if one is None or not any(v.file == other.path and _mutated(v) for v in self.report.verdicts):
                    continue
                if one.new_path not in written and self.disk.read(one.new_path) != self._content(one):
                    continue  # its edit stands nowhere else
            state = other.latest[0]
            content = self.disk.checkout(state.tree, state.placed.path)
            if self.disk.read(other.path) != content:
                found.append(Edit(other.path, content, "restored", f"as in {short(state.against)}"))
        return found

    def _refuse_a_loss(self, placed: Placed, new_path: str, target: Subject) -> None:
        """An edit that stands nowhere but in the published version is not thrown away unasked."""
        if self.wanted.force or self.disk.kept(placed.path) or self._says_the_same(placed, new_path, target):
            return
        raise UsageError(
            f"{target.version} is in this change already, and is not what the edit of {placed.subject.version} makes",
            f"compare the two; --force puts {placed.subject.version} back and drops its edit",
        )

    def _says_the_same(self, placed: Placed, new_path: str, target: Subject) -> bool:
        """Whether a version says what the edit of another one would become."""
        if format_of(new_path) != format_of(placed.path):
            return False
        if same_text(self.tree, placed.path, self.tree, new_path):
            return True
        moved = self._rewritten(placed, new_path, target.version)
        made = overlaid(self.tree, {one.new_path: self._content(one) for one in moved[:1]})
        where = self.layout.place(new_path)
        both = [self.schemas.get(tree, where, published=False) for tree in (made, self.tree)]
        old, new = both
        if isinstance(old, Sequence) or isinstance(new, Sequence):
            return False
        return not changes_between(old, new, new_path)

    def _accompanying(self, placed: Placed, new_path: str, version: Version) -> list[Edit]:
        """What is said about the event beside its schemas: `event.toml` and a change log."""
        found = []
        path = self.layout.metadata_of(placed)
        raw = self.disk.read(path)
        if raw is not None or self.wanted.deprecate:
            notice = self.policy.notice_days
            old = placed.subject.version if self.wanted.deprecate else None
            content = stubs.with_version(raw or b"", path, version, old, self.day, notice)
            if content != raw:
                why = f"versions.{str(version)[1:]} active{f', {old} deprecated' if old else ''}"
                found.append(Edit(path, content, "edited" if raw is not None else "wrote", why))
        folder = placed.path.rpartition("/")[0]
        log = f"{folder}/CHANGELOG.md" if folder else "CHANGELOG.md"
        if folder and folder == new_path.rpartition("/")[0] and (raw := self.disk.read(log)) is not None:
            verdict = next((v for v in self.verdicts if v.file == placed.path), None)
            lines = [judged.change.message for judged in verdict.changes] if verdict else []
            content = stubs.with_entry(raw, log, version, lines)
            if content != raw:
                found.append(Edit(log, content, "edited", f"a stub for {version}"))
        return found

    # --- the result ---------------------------------------------------------------------------------------------------

    def _verify(self, edits: Sequence[Edit], old: Subject, new: Subject) -> None:
        """Raises NotChecked unless the result passes where it was broken, and breaks nothing else."""
        contents = {edit.path: edit.content for edit in edits if edit.kind != "restored"}
        published = {edit.path: self._published(edit.path) for edit in edits if edit.kind == "restored"}
        source = TreeSource(self.current.about, overlaid(self.tree, {**contents, **published}))
        report = check.run("bump", source, self.baselines, self.policy)
        known = {finding.fingerprint for finding in self.report.findings}
        if not any(verdict.subject == new for verdict in report.verdicts):
            raise _refused(f"{new} would stand where no schemas are judged", "look at roots and exclude")
        for problem in report.not_checked:
            if problem not in self.report.not_checked:
                raise _refused(f"{problem.file}: {problem.message}", problem.hint)
        for verdict in report.verdicts:
            if verdict.subject == old and verdict.outcome != Outcome.UNCHANGED:
                through = next(
                    (f.message for f in verdict.findings if f.level == Level.ERROR), "it would not be as published"
                )
                raise _refused(f"{old}: {through}", self._imports_remedy(verdict))
            for finding in verdict.findings:
                if finding.level == Level.ERROR and (finding.fingerprint not in known or verdict.subject == new):
                    raise _refused(f"{verdict.subject}: {finding.message}", finding.hint)

    def _published(self, path: str) -> bytes:
        facing = next(f for f in self.pairing.facings() if f.now is not None and f.path == path and f.latest)
        state = facing.latest[0]
        return state.tree.read(state.placed.path)


def _refused(why: str, hint: str) -> NotChecked:
    return NotChecked(f"nothing was written, since the result would not pass: {why}", hint, reason="unsupported")


def _listed(versions: Sequence[Version]) -> str:
    return " and ".join(map(str, versions)) or "none"


class Overlaid:
    """A tree with some files replaced or added; what cannot be read in it stays so."""

    def __init__(self, tree: Tree, contents: Mapping[str, bytes]) -> None:
        self.name = tree.name
        self.revision = tree.revision
        self.untracked: Collection[str] = tree.untracked
        self.problems = tree.problems
        self._tree = tree
        self._contents = contents
        ids = {path: content_id(content) for path, content in contents.items()}
        self.all_files: Mapping[str, str] = {**tree.all_files, **ids}
        self.files: Mapping[str, str] = {**tree.files, **{path: oid for path, oid in ids.items() if format_of(path)}}

    def read(self, path: str) -> bytes:
        return self._contents[path] if path in self._contents else self._tree.read(path)


def overlaid(tree: Tree, contents: Mapping[str, bytes]) -> Tree:
    """A tree with some files replaced or added."""
    return Overlaid(tree, contents)
