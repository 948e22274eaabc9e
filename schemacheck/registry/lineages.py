"""What a registry has and says of every file of the judged side, in as few requests as will do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from schemacheck.config import Policy
from schemacheck.model import Mode, Opinion, RegistryView, Subject
from schemacheck.registry import rules
from schemacheck.registry.client import Client, Config, Proposal, Reference, Registered
from schemacheck.registry.closures import Closure, Closures
from schemacheck.registry.errors import RegistryError, Unavailable
from schemacheck.registry.local import Local, Locals
from schemacheck.registry.parallel import each
from schemacheck.registry.wanted import SUBJECT

BULK = 500  # versions from which on a whole registry may be cheaper than each by itself


@dataclass
class Standing:
    """What the registry has and says of one file. `closure` is the newest version that counts, None without one."""

    local: Local
    latest: Registered | None = None  # the subject's newest version, of whatever group
    closure: Closure | None = None
    same: bool = False  # the newest version is this very schema
    config: Config | None = None
    numbers: list[int] = field(default_factory=list)
    older: list[Closure] = field(default_factory=list)
    view: RegistryView | None = None
    deep: bool = False  # whether `older` is known
    error: RegistryError | None = None


class Lineages:
    """Asks a registry about every file of the judged side, in as few requests as will do.

    A file that is registered as it stands costs one. Any other costs its level, its version numbers, the registry's
    verdict, and one request for each older version if the mode looks at them.
    """

    def __init__(self, client: Client, locals_: Locals, policy: Policy, alone: bool, everything: bool) -> None:
        self.client = client
        self.locals = locals_
        self.policy = policy
        self._alone = alone
        self._everything = everything
        self._closures = Closures(client, locals_)
        self._workers = policy.registry.connections
        self._own: dict[str, dict[str, str]] = {}
        self._names: Sequence[str] = ()  # of all subjects
        self.standings: dict[str, Standing] = {}

    def load(self) -> None:
        """Asks everything. Raises Unavailable where no registry answers."""
        locals_ = list(self.locals.by_path.values())
        # What is parsed is parsed here: threads only ask.
        self._own = {local.path: self._texts(local) for local in locals_}
        self.standings = {local.path: Standing(local) for local in locals_}
        everyone = list(self.standings.values())
        self._each(self._first, everyone)
        self._gone()
        moved = [s for s in everyone if s.latest is not None and s.error is None and (not s.same or self._everything)]
        self._each(self._level, moved)
        self._each(self._verdict, [s for s in moved if s.error is None and not s.same])
        versions = [
            (standing.local.subject, number)
            for standing in moved
            if standing.error is None and self._looks_back(standing)
            for number in standing.numbers
        ]
        self._in_bulk(len(versions))
        fetched = each(lambda key: self._closures.version(*key), versions, self._workers)
        deep = [standing for standing in moved if self._looks_back(standing)]
        self._each(lambda standing: self._history(standing, fetched), deep)
        self._closures.forget()

    def deepen(self, standing: Standing) -> None:
        """Reads the older versions of one file, if its event asks for them by itself. Raises RegistryError."""
        if not standing.deep and standing.latest is not None and standing.config is not None:
            keys = [(standing.local.subject, number) for number in standing.numbers]
            self._history(standing, each(lambda key: self._closures.version(*key), keys, self._workers))

    def _each(self, ask: Callable[[Standing], None], standings: Iterable[Standing]) -> None:
        by_path = {standing.local.path: standing for standing in standings if standing.error is None}

        def one(path: str) -> None:
            ask(by_path[path])

        for path, answer in each(one, by_path, self._workers).items():
            if isinstance(answer, RegistryError):
                by_path[path].error = answer

    def _first(self, standing: Standing) -> None:
        """The newest version, and whether the file is that version."""
        local = standing.local
        latest = self.client.latest(local.subject)
        if latest is None and self.policy.registry.deleted:
            gone = self.client.versions(local.subject, deleted=True)
            latest = self.client.version(local.subject, max(gone)) if gone else None
        if latest is None:
            return
        self._closures.know(latest)
        standing.latest = latest
        standing.closure = self._closures.of(local, latest)
        standing.same = self._same(standing, standing.closure)

    def _same(self, standing: Standing, closure: Closure) -> bool:
        """Whether a registered version is a file as it stands, with all it rests on and its metadata."""
        local = standing.local
        return (
            closure.path == local.path
            and dict(closure.texts) == self._own[local.path]
            and closure.registered.properties.items() >= local.properties.items()
        )

    def _texts(self, local: Local) -> dict[str, str]:
        """A file and all it rests on, by path."""
        by_path = self.locals.by_path
        return {path: by_path[path].text for path in self.locals.closure(local.path) if path in by_path}

    def _in_bulk(self, wanted: int) -> None:
        """Reads all versions of the registry page by page, where most of them are wanted and the server can."""
        if wanted < BULK or not self._names or len(self.standings) < len(self._names) / 2:
            return
        try:
            for registered in self.client.everything(self.policy.registry.prefix, self.policy.registry.deleted):
                self._closures.know(registered)
        except RegistryError:
            return  # each is asked for by itself

    def _gone(self) -> None:
        """Finds versions of known events that are registered and have no file any more.

        Subjects of events that are not known here are other people's; `drift` lists them.
        """
        from schemacheck.registry.pull import EXTENSIONS, path_for

        if self.policy.registry.subject != SUBJECT:
            return
        try:
            names = self.client.subjects(self.policy.registry.prefix)
        except Unavailable:
            raise
        except RegistryError as error:
            self.client.notes.add(f"removed versions are not seen: {error.message}")
            return
        self._names = names
        mine = {local.subject for local in self.locals.by_path.values()}
        events = {local.placed.subject.event for local in self.locals.by_path.values()}
        for name in sorted(set(names) - mine):
            paths = {kind: path_for(name, extension, self.policy) for kind, extension in EXTENSIONS.items()}
            placed = {kind: self.locals.layout.place(path) for kind, path in paths.items() if path is not None}
            if not any(one.subject.event in events for one in placed.values()):
                continue
            latest = self.client.latest(name)
            here = placed.get(latest.type) if latest is not None else None
            if latest is None or here is None or here.subject in self._subjects:
                continue
            local = Local(here, name, latest.type, "")
            standing = self.standings[here.path] = Standing(local, latest)
            standing.closure = self._closures.of(local, latest)

    @cached_property
    def _subjects(self) -> set[Subject]:
        """The event versions that have a file."""
        return {self.locals.layout.place(path).subject for path in self.locals.tree.files}

    def _level(self, standing: Standing) -> None:
        local = standing.local
        standing.config = self.client.config(local.subject)
        standing.numbers = self.client.versions(local.subject, self.policy.registry.deleted)

    def mode(self, standing: Standing, policy: Policy | None = None) -> Mode | None:
        """The subject's own level, joined by what somebody asks for; `--mode` replaces both."""
        if standing.config is None:
            return None
        policy, path = policy or self.policy, standing.local.path
        if policy.mode_override is not None:
            return policy.mode_override
        own = policy.mode_asked_for(path) if self._alone else policy.mode_for(path)
        return rules.joined(standing.config.effective, own)

    def _looks_back(self, standing: Standing) -> bool:
        mode = self.mode(standing)
        return self._group(standing) is not None or (mode is not None and mode.transitive)

    def _group(self, standing: Standing) -> str | None:
        return (standing.config.group if standing.config else None) or (
            self.policy.registry.group if standing.local.properties else None
        )

    def _verdict(self, standing: Standing) -> None:
        """What the registry says of the file; it cannot be asked about one whose references it does not have."""
        assert standing.config is not None
        proposal = self.proposal(standing.local)
        if isinstance(proposal, str):
            standing.view = RegistryView(Opinion.UNKNOWN, (proposal,))
            return
        standing.view = self.client.check(proposal, standing.config.effective)

    def proposal(self, local: Local) -> Proposal | str:
        """The file as it would be registered, or which registration it waits for."""
        references = []
        for name, path in local.references:
            version = self.registered_version(path)
            if version is None:
                return f"not asked: it rests on {path}, which is not registered as it stands"
            references.append(Reference(name, self.locals.by_path[path].subject, version))
        inherited = {}
        standing = self.standings[local.path]
        group = self._group(standing)
        if group and standing.latest is not None and group in standing.latest.properties:
            inherited = {group: standing.latest.properties[group]}  # as registering would fill it in
        return Proposal(local.subject, local.type, local.text, tuple(references), {**inherited, **local.properties})

    def registered_version(self, path: str) -> int | None:
        """The version of a file's subject that is this very file; None if there is none."""
        standing = self.standings.get(path)
        if standing is None or standing.latest is None or standing.error is not None:
            return None
        if standing.same and standing.closure is not None:
            return standing.closure.registered.version
        proposal = self.proposal(standing.local)
        if isinstance(proposal, str):
            return None
        found = self.client.lookup(proposal)
        return found.version if found else None

    def _history(self, standing: Standing, fetched: Mapping[tuple[str, int], Registered | RegistryError]) -> None:
        """The older versions, newest first, of the group that the file belongs to."""
        local, group = standing.local, self._group(standing)
        assert standing.latest is not None
        versions: list[Registered] = []
        for number in sorted(standing.numbers, reverse=True):
            version = fetched.get((local.subject, number))
            if isinstance(version, RegistryError):
                raise version
            if version is not None:
                versions.append(version)
        if group:
            mine = {**standing.latest.properties, **local.properties}.get(group)
            versions = [version for version in versions if version.properties.get(group) == mine]
            standing.closure = self._closures.of(local, versions[0]) if versions else None
            standing.same = standing.closure is not None and self._same(standing, standing.closure)
            if standing.same:
                standing.view = None  # it would be registered already
        standing.older = [
            self._closures.of(local, version)
            for version in versions
            if standing.closure is None or version.version != standing.closure.registered.version
        ]
        standing.deep = True
