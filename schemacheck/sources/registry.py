"""A schema registry as the published side: each file faces the versions of its own subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from schemacheck.config import Policy
from schemacheck.layout import Placed
from schemacheck.model import Baseline, Mode, Opinion, Problem, RegistryView, Tree
from schemacheck.registry import rules
from schemacheck.registry.client import Client, Config, Registered
from schemacheck.registry.errors import RegistryError, Unavailable
from schemacheck.registry.lineages import Lineages, Standing
from schemacheck.registry.local import Locals
from schemacheck.report import Finding, Verdict


class _Composite:
    """The newest version of every file, at the paths of the judged side.

    What rests on others has an id of its own content and of theirs, so that a reference to another version of a shared
    file is a difference, too.
    """

    revision = None
    untracked = frozenset[str]()
    problems: Mapping[str, Problem] = {}

    def __init__(self, name: str, current: Tree, standings: Iterable[Standing]) -> None:
        self.name = name
        self._current = current
        self.files: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        unknown = set()
        for standing in standings:
            path, closure = standing.local.path, standing.closure
            if standing.error is not None:
                continue  # said elsewhere; it must look neither new nor changed
            if closure is None:
                unknown.add(path)
                continue
            if not standing.same:
                unknown.add(path)
                self.files[closure.path] = closure.content_id()
                self._texts[closure.path] = closure.texts[closure.path]
            elif path in current.files:
                self.files[path] = current.files[path]
        others = {path: oid for path, oid in current.all_files.items() if path not in unknown}
        self.all_files: Mapping[str, str] = {**others, **self.files}

    def read(self, path: str) -> bytes:
        if path in self._texts:
            return self._texts[path].encode("utf-8", "surrogatepass")
        return self._current.read(path)


class RegistrySource:
    """A registry; asked when something about it is first wanted."""

    def __init__(self, client: Client, current: Tree, policy: Policy, alone: bool, everything: bool) -> None:
        self._current = current
        self._policy = policy
        self._alone = alone
        self.client = client
        self.lineages = Lineages(client, Locals(current, policy), policy, alone, everything)
        self._failure: Problem | None = None
        self._trees: dict[str, list[Tree]] = {}

    @property
    def about(self) -> Baseline:
        notes = tuple(sorted(self.client.notes)) if "tree" in self.__dict__ else ()
        return Baseline("registry", f"registry {self.client.name}", rung="explicit", notes=notes)

    @property
    def registry(self) -> RegistrySource:
        return self

    @cached_property
    def tree(self) -> Tree:
        """The newest versions. Raises Unavailable where this is the only baseline and no registry answers."""
        try:
            self.lineages.load()
        except Unavailable as error:
            if self._alone:
                raise
            self._failure = Problem(None, error.message, error.hint, reason="registry")
            return _Composite(self.client.name, self._current, ())
        return _Composite(f"registry {self.client.name}", self._current, self._standings.values())

    @property
    def _standings(self) -> Mapping[str, Standing]:
        return self.lineages.standings

    def history(self) -> Sequence[tuple[Tree, frozenset[str]]]:
        """One state; what each file was before is its lineage."""
        return [(self.tree, frozenset())]

    def lineage(self, path: str) -> Sequence[Tree]:
        """The registered states of a file, newest first; empty for what is not registered."""
        standing = self._standings.get(path) or next(
            (s for s in self._standings.values() if s.closure and s.closure.path == path), None
        )
        if standing is None or standing.closure is None or standing.error is not None:
            return ()
        if path not in self._trees:
            self._trees[path] = [closure.tree() for closure in (standing.closure, *standing.older)]
        return self._trees[path]

    def forget(self, path: str) -> None:
        """Drops the older states of a file."""
        self._trees.pop(path, None)
        if path in self._standings:
            self._standings[path].older = []

    def mode(self, path: str, policy: Policy) -> Mode | None:
        """The subject's level, with what the configuration and the event itself add to it."""
        standing = self._standings.get(path)
        mode = self.lineages.mode(standing, policy) if standing else None
        if standing is not None and mode is not None and mode.transitive and not standing.deep:
            self.lineages.deepen(standing)
            self._trees.pop(path, None)
        return mode

    def problems(self, path: str) -> Sequence[Problem]:
        """Why a file could not be looked up."""
        if path in self.lineages.locals.problems:
            return [self.lineages.locals.problems[path]]
        standing = self._standings.get(path)
        if standing is None or standing.error is None:
            return ()
        return [Problem(path, standing.error.message, standing.error.hint, reason="registry")]

    @property
    def further_problems(self) -> Sequence[Problem]:
        """That the registry did not answer at all."""
        return [self._failure] if self._failure else ()

    def findings(self, path: str, verdict: Verdict) -> tuple[RegistryView | None, Sequence[Finding]]:
        """The registry's verdict on a file, and what is worth a finding about it."""
        standing = self._standings.get(path)
        if standing is None or standing.error is not None or path not in self.lineages.locals.by_path:
            return None, ()
        placed, subject = standing.local.placed, standing.local.subject
        if standing.latest is None:
            view = RegistryView(Opinion.UNKNOWN, (f'the registry has no subject "{subject}"',))
            return view, tuple(rules.unknown(placed, subject, self._policy))
        if standing.view is None or standing.config is None:
            return None, ()
        newest = standing.closure.registered if standing.closure else standing.latest
        return standing.view, tuple(self._judged(placed, standing.view, standing.config, newest, verdict))

    def _judged(
        self, placed: Placed, view: RegistryView, config: Config, newest: Registered, verdict: Verdict
    ) -> Iterable[Finding]:
        yield from rules.disagreements(placed, newest, view, config.effective, verdict, self._policy)
        everywhere = self._everywhere
        if everywhere is not None:
            yield from rules.level_reset(placed, newest.subject, config.effective, everywhere, self._policy)

    @cached_property
    def _everywhere(self) -> Mode | None:
        """The level of subjects that set none."""
        try:
            return self.client.global_config().effective
        except RegistryError:
            return None


def open_registry(
    url: str, current: Tree, policy: Policy, environ: Mapping[str, str], *, alone: bool, everything: bool
) -> RegistrySource:
    """The registry at a URL, or the one that the environment or the configuration names. Nothing is sent yet."""
    return RegistrySource(connect(url, policy, environ), current, policy, alone, everything)


def connect(url: str, policy: Policy, environ: Mapping[str, str]) -> Client:
    """A client for a registry; raises UsageError for settings that are not understood."""
    from schemacheck.registry.settings import access
    from schemacheck.registry.transport import Transport

    wanted = policy.registry
    transport = Transport(access(url, environ, wanted.url), wanted.connections)
    return Client(transport, normalize=wanted.normalize)
