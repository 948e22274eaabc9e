"""What a command works on: the repository, its configuration, and both sides of the comparison."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from schemacheck import check, config, formats
from schemacheck.errors import UsageError
from schemacheck.formats.text import MAX_BYTES
from schemacheck.globs import matches
from schemacheck.model import Source, Tree
from schemacheck.render.escape import clean
from schemacheck.render.words import compared, counted, short
from schemacheck.report import Outcome, Report
from schemacheck.sources import GitSource, Repository, Select, Settings, Sides

if TYPE_CHECKING:
    from schemacheck.log import Step
    from schemacheck.sources.explain import Explanation

CONFIG_FILES = (config.FILE, "pyproject.toml")
CONVENTIONAL = "schemas"  # the folder that holds the schemas, if no configuration says otherwise


class Session:
    """One run in one repository. A context manager: it holds a git process open."""

    def __init__(
        self,
        folder: Path,
        *,
        current: str,
        against: Sequence[str],
        config_path: str | None,
        adjust: Callable[[config.Policy], config.Policy],
        everything: bool,
        fetch: bool,
        environ: Mapping[str, str],
    ) -> None:
        self.repository = Repository(folder)
        try:
            self._configured = adjust(self._policy(current, config_path))
            self._recognised = formats.recognise(self._configured.options.get("json-schema", {}).get("globs", ()))
        except BaseException:
            self.repository.close()
            raise
        self._spec = current
        self._against = against
        self._everything = everything
        self._fetch = fetch
        self._environ = environ

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.repository.close()
        formats.recognise(self._recognised)

    @property
    def policy(self) -> config.Policy:
        return self._opened.policy

    @property
    def current(self) -> Source:
        return self._opened.current

    @property
    def baselines(self) -> Sequence[Source]:
        return self._opened.baselines

    @cached_property
    def _opened(self) -> _Opened:
        """Both sides. Where no configuration names the roots, the trees of both sides decide what they are."""
        opened = self._open(config.rooted(self._configured, self._likely_roots()))
        if self._configured.roots is None and (roots := opened.found_roots()) != opened.policy.roots:
            fetched = opened.sides.clone.notes
            opened = self._open(config.rooted(self._configured, roots))
            opened.sides.clone.notes[:0] = fetched
        return opened

    def _open(self, policy: config.Policy) -> _Opened:
        select = Select(policy.roots or ("",), policy.exclude)
        settings = Settings(policy.published, policy.remote, self._fetch)
        sides = Sides(self.repository, select, settings, self._environ, policy, self._everything)
        current = sides.current(self._spec)
        return _Opened(policy, sides, current, sides.baselines(self._against, current, policy.against))

    @property
    def folder(self) -> Path:
        """What the paths of a report begin at."""
        return self.repository.root

    def report(self, command: str, *, gate: bool, progress: check.Progress | None = None) -> Report:
        """What the run found."""
        return check.run(
            command,
            self.current,
            self.baselines,
            self.policy,
            everything=self._everything,
            gate=gate,
            progress=progress,
        )

    def with_catalogue(self, report: Report, everything: bool, progress: check.Progress | None = None) -> Report:
        """A report with who can read whom, of all events or of those about which it says something."""
        from schemacheck.catalogue import catalogue

        loud = {v.subject.event for v in report.told if v.outcome != Outcome.UNCHANGED or v.findings}
        known = catalogue(
            self.current.tree,
            self.policy,
            published=self._history(),
            only=None if everything else loud,
            dated=self.dated,
            progress=progress,
        )
        return replace(report, catalogue=known)

    def _history(self) -> Source | None:
        """The published line, if it is one of git."""
        return self.line if self.baselines[0].about.source == "git" else None

    @cached_property
    def line(self) -> Source:
        """The published line up to its newest commit: the baseline may lie before that."""
        about = self.baselines[0].about
        if about.rung == "explicit" or about.target is None or self.repository.commit(about.target) is None:
            return self.baselines[0]
        return self._opened.sides.baseline(f"git:{about.target}", self.current)

    def dated(self, step: Step) -> tuple[str, Step]:
        """A step of an event's history with its date, at the commit that made it: a later one may name the state."""
        if step.revision is None or not isinstance(self.line, GitSource):
            return "", step
        commit = self.line.changed(step.revision, (step.file, *step.through))
        return self.repository.about(commit).date, replace(step, revision=commit)

    def sides(self) -> Iterator[str]:
        """What is compared with what, for people."""
        abouts = [source.about for source in self.baselines]
        yield clean(compared(self.current.about, abouts))
        for about in abouts:
            yield from (f"note: {note}" for note in about.notes)
        told = {note for about in abouts for note in about.notes}  # older states may have been fetched later
        yield from (f"note: {note}" for note in self._opened.sides.clone.notes if note not in told)
        if self._configured.roots is None and (outside := self._opened.changed_outside()):
            shown = f"{outside[0]}{f' and {len(outside) - 1} more' if len(outside) > 1 else ''}"
            yield f"note: {clean(shown)} changed outside {CONVENTIONAL}/ and is not judged; name the folders with roots"

    # the `baseline` command

    def revision(self) -> str:
        """The full commit id of the baseline; empty for the empty tree."""
        return self.baselines[0].about.revision or ""

    def baseline_json(self) -> str:
        """The `baseline` object of the report."""
        from schemacheck.render.json import baseline

        return json.dumps(baseline(self.baselines[0].about), indent=1)

    def explanation(self) -> Iterator[str]:
        """Which baseline, and why."""
        for source in self.baselines:
            found = self._opened.sides.explain(self.current, source)
            about = found.baseline
            yield f"baseline   {short(about.revision)}{f'  {about.date[:10]}' if about.date else ''}  {about.name}"
            if found.newer:
                yield f"           {counted(found.newer, 'newer commit')} on {about.target}, not compared"
            yield from (f"           {note}" for note in about.notes)
            for number, (rung, why) in enumerate(found.rungs):
                yield f"{'' if number else 'rungs':10} {rung}: {why}"
            states = f"{counted(found.changed or 0, 'state')} that changed schemas"
            known = f"complete, {counted(found.commits or 0, 'published commit')}, {states}"
            yield f"history    {found.cut or (known if about.revision else 'none')}"
            yield f"current    {found.current.name} at {short(found.current.revision)}: {self._standing(found)}"

    def _standing(self, found: Explanation) -> str:
        return f"{counted(found.differing, 'schema')} not as committed, {found.untracked} untracked"

    # configuration

    def _policy(self, current: str, config_path: str | None) -> config.Policy:
        """The policy of the side that is judged."""
        if config_path is not None:
            try:
                return config.parse(Path(config_path).read_text(encoding="utf-8-sig"), config_path)
            except OSError as error:
                raise UsageError(
                    f"{config_path}: {(error.strerror or 'unreadable').lower()}", "check --config"
                ) from None
            except UnicodeDecodeError:
                raise UsageError(f"{config_path}: it is not UTF-8", "save it as UTF-8 text") from None
        for name in CONFIG_FILES:
            text = self._text(current, name)
            if text is not None and (name == config.FILE or "tool.schemacheck" in text):
                return config.parse(text, name)
        return config.Policy()

    def _text(self, current: str, name: str) -> str | None:
        """A file at the top of the side that is judged; None if it is not there."""
        raw: bytes | None
        if current in ("index",) or current.startswith("git:"):
            revision = "" if current == "index" else current.removeprefix("git:")
            commit = self.repository.commit(revision) if revision else ""
            raw = None if commit is None else self.repository.file(f"{commit}:{name}")
        else:
            path = (Path(current.removeprefix("dir:")) if current.startswith("dir:") else self.repository.root) / name
            raw = path.read_bytes()[: MAX_BYTES + 1] if path.is_file() and not path.is_symlink() else None
        if raw is None:
            return None
        if len(raw) > MAX_BYTES:
            raise UsageError(f"{name}: more than {MAX_BYTES} bytes", "a configuration is small")
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise UsageError(f"{name}: it is not UTF-8", "save it as UTF-8 text") from None

    def _likely_roots(self) -> tuple[str, ...]:
        """What the disk lets expect: a look at a folder is cheaper than to open the sides twice."""
        spec = self._spec
        folder = Path(spec.removeprefix("dir:")) if spec.startswith("dir:") else self.repository.root
        walk = os.walk(folder / CONVENTIONAL)
        return _roots(any(name.endswith(formats.endings()) for _, _, names in walk for name in names))


class _Opened(NamedTuple):
    """Both sides of a comparison, and the policy whose roots they were opened with."""

    policy: config.Policy
    sides: Sides
    current: Source
    baselines: Sequence[Source]

    def found_roots(self) -> tuple[str, ...]:
        """The conventional folder if all sides keep their schemas there; else the whole tree.

        A change must not be able to take published schemas out of judgement by adding that folder.
        """
        published = [here for source in self.baselines if (here := _keeps(source.tree)) is not None]
        return _roots(all([_keeps(self.current.tree), *published]))

    def changed_outside(self) -> list[str]:
        """Schemas that differ between the sides, and that stand outside the conventional folder."""
        new = self.current.tree.all_files
        if self.policy.roots != (CONVENTIONAL,) or all(new == source.tree.all_files for source in self.baselines):
            return []
        olds = [source.tree.all_files for source in self.baselines]
        differing = {path for old in olds for path in {*old, *new} if old.get(path) != new.get(path)}
        schemas = sorted(path for path in differing if formats.is_schema(path) and not _conventional(path))
        return [path for path in schemas if not any(matches(path, pattern) for pattern in self.policy.exclude)]


def _keeps(tree: Tree) -> bool | None:
    """Whether some schemas of a tree stand in the conventional folder; None if there are none."""
    schemas = (path for path in tree.all_files if formats.is_schema(path))
    first = next(schemas, None)
    return None if first is None else any(map(_conventional, itertools.chain([first], schemas)))


def _conventional(path: str) -> bool:
    return path.startswith(f"{CONVENTIONAL}/")


def _roots(conventional: bool) -> tuple[str, ...]:
    return (CONVENTIONAL,) if conventional else ("",)
