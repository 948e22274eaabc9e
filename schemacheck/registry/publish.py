"""Applies a plan: looks each schema up, asks, registers, reads it back. What is done twice is done once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from schemacheck.model import Opinion, Problem
from schemacheck.registry.client import Client, Config, Proposal, Reference, Registered
from schemacheck.registry.closures import Closures, alike
from schemacheck.registry.errors import NotFound, RegistryError
from schemacheck.registry.local import Local, Locals
from schemacheck.registry.plan import Action, Plan, Step
from schemacheck.schemas import changes_between


class Publisher:
    """Carries out one plan. `done` is told of each step that is finished."""

    def __init__(self, client: Client, locals_: Locals, done: Callable[[Step], None]) -> None:
        self.client = client
        self.locals = locals_
        self._done = done
        self._versions: dict[str, int] = {}  # path to registered version
        self._late: dict[str, Step] = {}  # subject to the level that it gets once it exists

    def apply(self, plan: Plan) -> None:
        """Does every step in order. Raises RegistryError at the first that fails; a second run does the rest."""
        for step in plan.steps:
            if step.action == Action.SET_LEVEL:
                self._set_level(step)
            elif step.action == Action.UNCHANGED and step.current is not None:
                self._versions[step.local.path] = step.current
                self._done(step)
            elif step.action in (Action.CREATE, Action.NEW_VERSION):
                self._register(step)

    def _set_level(self, step: Step) -> None:
        assert step.config is not None
        try:
            self.client.set_config(step.local.subject, step.config)
        except NotFound:
            # Apicurio sets nothing for a subject that does not exist: its first version comes first.
            self._late[step.local.subject] = step
            return
        self._verify_level(step, step.config)

    def _verify_level(self, step: Step, wanted: Config) -> None:
        found = self.client.config(step.local.subject)
        if found.effective != wanted.effective or (wanted.group is not None and found.group != wanted.group):
            what = f"{found.effective}{f' by {found.group}' if found.group else ''}"
            hint = "nothing was registered under it; this registry may not support the setting"
            raise RegistryError(f'the level of "{step.local.subject}" is {what} after it was set', hint)
        self._done(step)

    def _register(self, step: Step) -> None:
        proposal = self._proposal(step.local)
        found = self.client.lookup(proposal)
        if found is not None and self._is_latest(found):
            self._versions[step.local.path] = found.version
            self._done(replace(step, action=Action.UNCHANGED, current=found.version, expected=found.version))
            return
        if self.client.latest(proposal.subject) is not None:
            view = self.client.check(proposal, self.client.config(proposal.subject).effective)
            if view.verdict != Opinion.ACCEPTS:
                said = f": {view.messages[0]}" if view.messages else ""
                raise RegistryError(f'the registry does not accept "{proposal.subject}"{said}', "see schemacheck plan")
        self.client.register(proposal)
        version = self._read_back(step, proposal)
        self._versions[step.local.path] = version
        self._done(replace(step, expected=version))
        late = self._late.pop(proposal.subject, None)
        if late is not None and late.config is not None:
            self.client.set_config(proposal.subject, late.config)
            self._verify_level(late, late.config)

    def _proposal(self, local: Local) -> Proposal:
        by_path = self.locals.by_path
        references = tuple(
            Reference(name, by_path[path].subject, self._versions[path]) for name, path in local.references
        )
        return Proposal(local.subject, local.type, local.text, references, local.properties)

    def _is_latest(self, found: Registered) -> bool:
        latest = self.client.latest(found.subject)
        return latest is not None and latest.version == found.version

    def _read_back(self, step: Step, proposal: Proposal) -> int:
        """The version that a schema got, if the registry now holds it, and as the latest one."""
        found = self.client.lookup(proposal)
        if found is None:
            raise self._odd(proposal, "the registry does not find it afterwards")
        stored = self.client.version(proposal.subject, found.version)
        latest = self.client.latest(proposal.subject)
        if latest is None or latest.version != stored.version:
            other = latest.version if latest else "nothing"
            raise self._odd(proposal, f"it is version {stored.version}, and the latest is {other}")
        if step.expected is not None and stored.version < step.expected:
            raise self._odd(proposal, f"it is version {stored.version}, expected {step.expected}")
        if sorted(stored.references) != sorted(proposal.references):
            raise self._odd(proposal, "its references are others than those sent")
        if not alike(proposal.type, proposal.text, stored.text) and self._differs(step.local, stored):
            raise self._odd(proposal, "the registry holds another schema than the one sent")
        return stored.version

    def _differs(self, local: Local, stored: Registered) -> bool:
        return bool(differences(self.locals, self.client, local, stored))

    def _odd(self, proposal: Proposal, words: str) -> RegistryError:
        return RegistryError(f'"{proposal.subject}" was registered, but {words}', "look at the subject, then run again")


def differences(locals_: Locals, client: Client, local: Local, stored: Registered) -> list[str]:
    """What differs between a registered version and a file, in words; nothing if the two are one schema."""
    closure = Closures(client, locals_).of(local, stored)
    if closure.path != local.path:
        return [f"it is registered as {stored.type}"]
    tree = closure.tree()
    old = locals_.schemas.get(tree, local.placed, published=True)
    new = locals_.schemas.get(locals_.tree, local.placed, published=True)
    for parsed in (old, new):
        if isinstance(parsed, (list, tuple)) and parsed and isinstance(parsed[0], Problem):
            return [f"it cannot be compared: {parsed[0].message}"]
    return [change.message for change in changes_between(old, new, local.path)]  # type: ignore[arg-type]
