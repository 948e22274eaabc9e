"""The ladder of `--against auto`: which commit a change is compared with. The first rung that applies decides."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from schemacheck.errors import NotChecked
from schemacheck.sources.ci import Said
from schemacheck.sources.git import Repository, is_id
from schemacheck.sources.gittree import cut_off

DEFAULTS = ("main", "master", "trunk", "develop")
ZEROS = "0"
FULL = "run git fetch, or name the baseline: --against git:REVISION"


@dataclass(frozen=True, slots=True)
class Settings:
    """The `[baseline]` table. `published` holds branch patterns, or one `tags:PATTERN`."""

    published: tuple[str, ...] = ()
    remote: str | None = None

    @property
    def tags(self) -> tuple[str, ...]:
        """Tag patterns, if only tagged commits count as published."""
        return tuple(p.removeprefix("tags:") for p in self.published if p.startswith("tags:"))

    @property
    def branches(self) -> tuple[str, ...]:
        return tuple(p for p in self.published if not p.startswith("tags:"))


@dataclass(frozen=True, slots=True)
class Rung:
    """What was found. `commit` is None for the empty tree: it is known that nothing was published."""

    rung: str
    commit: str | None
    name: str
    target: str | None = None
    notes: tuple[str, ...] = ()


@dataclass
class Ladder:
    """Finds the baseline of the current side. `dirty` says whether it differs from HEAD where schemas stand."""

    repository: Repository
    settings: Settings
    said: Said | None
    dirty: bool
    head: str | None = None
    current_is_head: bool = True

    def climb(self) -> Rung:
        """The baseline; raises NotChecked if a rung applies and cannot be resolved."""
        if self.head is None:
            return Rung("local", None, "the empty tree, since there is no commit yet")
        if self.settings.tags and (self.said is None or self.said.tag is None):
            return self._newest_tag(self.head, inclusive=True, rung="tag")
        for step in (self._queue, self._merge_commit, self._change_request, self._push, self._pushed_branch, self._tag):
            found = step()
            if found is not None:
                return found
        return self._nearest("local")

    def joined(self, target: str, name: str) -> Rung:
        """The merge base with a commit that was named."""
        return self._base("explicit", target, name)

    # rungs 2 to 7: what the CI says

    def _queue(self) -> Rung | None:
        if self.said is None or self.said.queue_base is None:
            return None
        return Rung("merge_queue", self._known(self.said.queue_base), "base of the merge queue's group")

    def _merge_commit(self) -> Rung | None:
        """HEAD merges the change into its target: the other parent is exactly what it was merged into."""
        if self.said is None or not self.said.change_request or not self.said.source_head or self._stacked:
            return None
        parents = self.repository.parents(self.head or "")
        others = [parent for parent in parents if parent != self.said.source_head]
        if len(parents) != 2 or len(others) != 1:
            return None
        return Rung("merge_commit", self._known(others[0]), f"what {self.said.name} merged the change into")

    def _change_request(self) -> Rung | None:
        if self.said is None or not self.said.change_request or self._stacked:
            return None
        if self.said.target_commit is not None:
            target = self._known(self.said.target_commit)
            return self._base("change_request", target, self.said.target_branch or target[:7])
        remote = self._remotes[0] if self._remotes else "origin"
        name = f"refs/remotes/{remote}/{self.said.target_branch}"
        commit = self.repository.commit(name)
        if commit is None:
            raise self._missing_branch(remote, self.said.target_branch or "")
        return self._base("change_request", commit, name)

    def _push(self) -> Rung | None:
        """A push to a published branch: what stood there before is what consumers saw."""
        if self.said is None or not self.said.pushed_before or not self._is_published(self.said.pushed_branch):
            return None
        if not self.said.pushed_before.strip(ZEROS):
            others = [name for name in self._published if not name.endswith(f"/{self.said.pushed_branch}")]
            return (
                self._nearest("push", others)
                if others
                else Rung("push", None, "the empty tree, since the branch is new")
            )
        name = f"what {self.said.pushed_branch} held before the push"
        return Rung("push", self._known(self.said.pushed_before), name)

    def _pushed_branch(self) -> Rung | None:
        if self.said is None or self.said.tag is not None:
            return None
        if self._stacked:
            note = f"{self.said.target_branch} is not a published branch, so the nearest published one is the baseline"
            return self._nearest("branch", notes=(note,))
        return self._nearest("branch")

    def _tag(self) -> Rung | None:
        if self.said is None or self.said.tag is None:
            return None
        return self._newest_tag(self.head or "", inclusive=False, rung="tag")

    @property
    def _stacked(self) -> bool:
        """The change joins a branch that is not published itself."""
        branch = self.said.target_branch if self.said else None
        return branch is not None and bool(self._published) and not self._is_published(branch)

    def _is_published(self, branch: str | None) -> bool:
        if branch is None or branch.startswith("gh-readonly-queue/"):
            return False
        if self.settings.branches:
            return any(fnmatch.fnmatchcase(branch, pattern) for pattern in self.settings.branches)
        return branch in {name.split("/", 3)[3] for name in self._published if name.startswith("refs/remotes/")} or (
            branch == (self.said.default_branch if self.said else None)
        )

    # published branches

    @cached_property
    def _remotes(self) -> list[str]:
        if self.settings.remote == "none":
            return []
        known = (self.repository.run("remote").decode("utf-8", "replace")).split()
        if self.settings.remote is not None:
            if self.settings.remote not in known:
                raise NotChecked(
                    f'there is no remote "{self.settings.remote}"', "see git remote, and [baseline] remote"
                )
            return [self.settings.remote]
        return [name for name in ("origin", "upstream") if name in known] or known[:1]

    @cached_property
    def _published(self) -> dict[str, str]:
        """Full ref name to commit of the published branches; local ones in a repository without a remote."""
        prefixes = [f"refs/remotes/{remote}/" for remote in self._remotes] or ["refs/heads/"]
        refs = self.repository.refs(*prefixes)
        branches = {name: commit for name, commit in refs.items() if not name.endswith("/HEAD")}
        if self.settings.branches:
            found = {
                name: commit
                for name, commit in branches.items()
                for prefix in prefixes
                if name.startswith(prefix)
                and any(fnmatch.fnmatchcase(name.removeprefix(prefix), pattern) for pattern in self.settings.branches)
            }
            if not found:
                raise NotChecked(
                    f"no branch matches [baseline] published = {list(self.settings.branches)}",
                    "run git fetch, or correct it",
                )
            return found
        return {name: commit for prefix in prefixes for name, commit in self._default(prefix, branches).items()}

    def _default(self, prefix: str, branches: dict[str, str]) -> dict[str, str]:
        """The default branch of a remote, or of the repository itself."""
        named = self.said.default_branch if self.said else None
        if named and f"{prefix}{named}" in branches:
            return {f"{prefix}{named}": branches[f"{prefix}{named}"]}
        if prefix != "refs/heads/":
            pointed = self.repository.line("symbolic-ref", "--quiet", f"{prefix}HEAD")
            if pointed in branches:
                return {pointed: branches[pointed]}
        usual = [f"{prefix}{name}" for name in DEFAULTS if f"{prefix}{name}" in branches]
        if len(usual) > 1:
            raise NotChecked(
                f"which branch is published is not clear: {' or '.join(name.removeprefix(prefix) for name in usual)}",
                'say it in schemacheck.toml: [baseline] published = ["main"]',
            )
        if not usual and prefix == "refs/heads/":
            here = self.repository.line("symbolic-ref", "--quiet", "HEAD")
            usual = [here] if here in branches else list(branches) if len(branches) == 1 else []
        return {name: branches[name] for name in usual if name}

    def _missing_branch(self, remote: str, branch: str) -> NotChecked:
        if self.repository.shallow:
            return cut_off(self.repository, f"and {remote}/{branch} is not in it")
        return NotChecked(
            f"the branch {branch} of {remote} is not here",
            f"git fetch {remote} {branch}:refs/remotes/{remote}/{branch}",
        )

    # bases

    def _known(self, commit: str) -> str:
        """A commit that was named by id, if it is here."""
        found = self.repository.commit(commit) if is_id(commit) else None
        if found is None:
            command = f"git fetch --depth=1 {self._remotes[0] if self._remotes else 'origin'} {commit}"
            raise NotChecked(
                f"the baseline {commit[:12]} is not in this clone",
                command if self.repository.shallow else "git fetch origin",
                reason="shallow" if self.repository.shallow else "baseline",
            )
        return found

    def _nearest(self, rung: str, among: Sequence[str] | None = None, notes: tuple[str, ...] = ()) -> Rung:
        """The published branch whose merge base has the fewest commits between itself and HEAD."""
        published = {name: self._published[name] for name in (self._published if among is None else among)}
        if not published:
            remote = self._remotes[0] if self._remotes else None
            raise NotChecked(
                "no published branch was found",
                f"git fetch {remote}" if remote else 'say it in schemacheck.toml: [baseline] published = ["main"]',
            )
        if self.repository.shallow:
            raise cut_off(self.repository, "so the commit where this branch left the published line is not known")
        bases = [
            (self._distance(base), name, base) for name in published if (base := self._merge_base(published[name]))
        ]
        if not bases:
            raise NotChecked(f"HEAD and {' and '.join(map(_short, published))} have no commit in common", FULL)
        _, name, base = min(bases)
        return self._settled(rung, base, name, published[name], notes)

    def _base(self, rung: str, target: str, name: str) -> Rung:
        if self.repository.shallow:
            raise cut_off(self.repository, "so the commit where this change left its target is not known")
        base = self._merge_base(target)
        if base is None:
            raise NotChecked(f"HEAD and {_short(name)} have no commit in common", FULL)
        return self._settled(rung, base, name, target, ())

    def _settled(self, rung: str, base: str, name: str, target: str, notes: tuple[str, ...]) -> Rung:
        local = name.startswith("refs/heads/")
        if base == self.head and not self.dirty and self.current_is_head and (self.said is not None or local):
            return self._before_head(rung, name, notes)
        behind = self._count(f"{base}..{target}")
        if behind:
            notes = (*notes, f"{_short(name)} has {behind} newer commit{'s' * (behind > 1)}; not compared")
        return Rung(rung, base, f"merge base of HEAD and {_short(name)}", name, notes)

    def _before_head(self, rung: str, name: str, notes: tuple[str, ...]) -> Rung:
        """HEAD is published itself: what it changed is judged against the commit before it."""
        note = f"{_short(name)} holds HEAD already, so HEAD is judged against the commit before it"
        parents = self.repository.parents(self.head or "")
        if not parents:
            return Rung(rung, None, "the empty tree, since HEAD is the first commit", name, (*notes, note))
        return Rung(rung, self._known(parents[0]), "the commit before HEAD", name, (*notes, note))

    def _merge_base(self, target: str) -> str | None:
        """The merge base with what the next commit will be: a merge in progress has two parents."""
        merging = self.repository.commit("MERGE_HEAD") if self.current_is_head else None
        sides = [self.head or "", *([merging] if merging else [])]
        status, out, _ = self.repository.call("merge-base", "--all", target, *sides)
        bases = out.decode("ascii").split() if status == 0 else []
        if len(bases) < 2:
            return bases[0] if bases else None
        line = set(self.repository.run("rev-list", "--first-parent", target).decode("ascii").split())
        fitting = [base for base in bases if base in line]
        if len(fitting) != 1:
            words = " and ".join(base[:7] for base in bases)
            raise NotChecked(f"there are several merge bases: {words}", "name one: --against git:REVISION")
        return fitting[0]

    def _distance(self, base: str) -> int:
        return self._count(f"{base}..{self.head}")

    def _count(self, span: str) -> int:
        return int(self.repository.run("rev-list", "--count", span))

    def _newest_tag(self, commit: str, *, inclusive: bool, rung: str) -> Rung:
        """The newest tagged commit of the release pattern on the first-parent line."""
        patterns = self.settings.tags or ("v*",)
        if self.repository.shallow:
            raise cut_off(self.repository, "so earlier releases may be missing", tags=True)
        start = commit
        if inclusive and self._published:
            start = self._nearest(rung).commit or commit
        refs = self.repository.refs(*(f"refs/tags/{pattern}" for pattern in patterns))
        tagged = {identifier: name for name, identifier in refs.items()}
        line = self.repository.run("rev-list", "--first-parent", start).decode("ascii").split()
        for identifier in line:
            if identifier in tagged and (inclusive or identifier != commit):
                return Rung(rung, identifier, f"release {_short(tagged[identifier])}", tagged[identifier])
        return Rung(rung, None, f"the empty tree, since no tag {' or '.join(patterns)} is reachable")


def _short(name: str) -> str:
    for prefix in ("refs/remotes/", "refs/heads/", "refs/tags/"):
        name = name.removeprefix(prefix)
    return name
