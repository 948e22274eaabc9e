"""The configuration that a tree carries, and the waivers beside it: what a change is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemacheck import config, waivers
from schemacheck.config import Policy
from schemacheck.errors import UsageError
from schemacheck.events import gate
from schemacheck.events.rules import POLICY_WEAKENED
from schemacheck.formats import format_of
from schemacheck.model import Level, Source, Tree
from schemacheck.register import settings_text
from schemacheck.report import Finding, Waiver
from schemacheck.toml import line_of

FILES = (config.FILE, "pyproject.toml")


def of_tree(tree: Tree) -> Policy | None:
    """The published policy of a tree, read leniently; None if it configures nothing."""
    for path in FILES:
        if path not in tree.all_files:
            continue
        try:
            text = settings_text(tree, path)
        except UsageError:
            continue
        if path == config.FILE or "tool.schemacheck" in text:
            return config.published(text, path)
    return None


def waivers_of(tree: Tree, policy: Policy | None) -> list[Waiver]:
    """The waivers of a tree. With a policy it is the current side, and must be right; raises UsageError."""
    if waivers.FILE not in tree.all_files:
        return []
    if policy is not None:
        return waivers.parse(settings_text(tree, waivers.FILE), policy.today, policy.max_waiver_days)
    try:
        return waivers.published(settings_text(tree, waivers.FILE))
    except UsageError:
        return []


class Guard:
    """The current policy beside the published one: where they differ, the change may not ask less of itself."""

    def __init__(self, policy: Policy, tree: Tree, sources: Sequence[Source]) -> None:
        baselines = [source.tree for source in sources]
        self._policy = policy
        self._tree = tree
        self._baselines = baselines
        self._same = all(all(b.all_files.get(p) == tree.all_files.get(p) for p in FILES) for b in baselines)
        differing = not self._same and policy.file in (None, *FILES)  # else it is from elsewhere
        found = next((said for b in baselines if (said := of_tree(b)) is not None), None) if differing else None
        self.first = policy.file is None if not differing else found is None
        # What is no repository, such as a folder of schemas, has no configuration to speak of.
        told = found is not None or any(source.about.source == "git" for source in sources)
        self._comparable = differing and told
        self.published = self._rooted(found or Policy()) if self._comparable else policy

    def _rooted(self, policy: Policy) -> Policy:
        if policy.roots is not None:
            return policy
        if self._policy.file is None:
            return config.rooted(policy, self._policy.roots or ("",))
        schemas = [path for tree in self._baselines for path in tree.all_files if format_of(path)]
        found = ("schemas",) if any(path.startswith("schemas/") for path in schemas) else ("",)
        return config.rooted(policy, found)

    def fail_on(self, edits: bool) -> Level | None:
        """The level at which the run fails. `edits` says whether published schemas change, too."""
        own = self._policy.fail_on
        if self._policy.fail_on_given or not self._comparable or (self.first and not edits):
            return own
        return gate.stricter(self.published.fail_on, own)

    def findings(self, edits: bool) -> Iterator[Finding]:
        """What is weakened. The first configuration of a repository may say what it likes, if it lands alone."""
        if not self._comparable:
            return
        from schemacheck import docs

        paths = sorted({path for tree in self._baselines for path in tree.all_files if format_of(path)})
        current = replace(self._policy, mode_override=None)
        file = self._policy.file or self.published.file or config.FILE
        level = max(policy.level(POLICY_WEAKENED, file) for policy in (self._policy, self.published))
        if self.first and not edits:
            level = min(level, Level.INFO)
        if level == Level.OFF:
            return
        text = settings_text(self._tree, file) if file in self._tree.all_files else ""
        for what, key in gate.weakened(self.published, current, paths, docs.all_rules().values()):
            yield gate.finding(what, level, file, line_of(text, key), None, None)
