"""The ladder of `--against auto`: which commit a change is compared with. The first rung that applies decides.

A rung that applies and cannot be resolved stops the run: it never gives way to a weaker one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from schemacheck.errors import NotChecked
from schemacheck.sources.ci import Kind, Said
from schemacheck.sources.git import Repository
from schemacheck.sources.published import Published, Settings
from schemacheck.sources.shallow import Clone

__all__ = ["Current", "Ladder", "Rung", "Settings"]

NAME_ONE = "name the baseline: --against git:REVISION"
RELEASES = ("v*",)


@dataclass(frozen=True, slots=True)
class Rung:
    """What was found. `commit` is None for the empty tree: it is known that nothing was published."""

    rung: str
    commit: str | None
    name: str
    target: str | None = None
    notes: tuple[str, ...] = ()
    line: str | None = None  # the commit of the target, if the baseline was computed from it


class Current(NamedTuple):
    """Where the current side stands: on a commit, or about to become the next one after it.

    `unchanged` says whether it holds the same schemas as that commit. `merging` are the other parents it will have.
    """

    head: str | None
    name: str
    unchanged: Callable[[], bool]
    merging: tuple[str, ...] = ()


class Ladder:
    """Finds the baseline of the current side."""

    def __init__(
        self, repository: Repository, clone: Clone, settings: Settings, said: Said | None, current: Current
    ) -> None:
        self.repository = repository
        self.clone = clone
        self.settings = settings
        self.said = said
        self.current = current
        self.published = Published(repository, settings, said.default_branch if said else None)
        self.tried: list[tuple[str, str]] = []  # rung, and why it did not apply, or "used"

    def climb(self) -> Rung:
        """The baseline; raises NotChecked if a rung applies and cannot be resolved."""
        self.tried = [("1 explicit", "not set")]
        for name, step in (
            ("2 merge queue", self._queue),
            ("3 merge commit", self._merge_commit),
            ("4 change request", self._change_request),
            ("5 push", self._push),
            ("6 branch", self._branch),
            ("7 tag", self._tag),
            ("8 local", self._local),
        ):
            found = step()
            if isinstance(found, Rung):
                self.tried.append((name, "used"))
                found = replace(found, notes=(*found.notes, *self.published.notes))
                return found if found.rung == "tag" else self._released(found)
            self.tried.append((name, found))
        raise AssertionError("the last rung always applies")

    def merge_base_with(self, target: str, name: str) -> Rung:
        """The merge base with a commit that the user named."""
        return self._settled("explicit", self._base(target, name), name, target)

    # the rungs: what was found, or why it does not apply

    def _queue(self) -> Rung | str:
        if self.said is None:
            return "not in CI"
        if self.said.kind is not Kind.QUEUE:
            return f"this is a {self.said.kind.value}"
        return Rung(
            "merge_queue", self._known(self.said.queue_base, "the base of the merge queue"), "the merge queue's base"
        )

    def _merge_commit(self) -> Rung | str:
        """HEAD merges the change into its target: the other parent is exactly what it was merged into."""
        why_not = self._no_request()
        if why_not or self.said is None:
            return why_not
        source = self.said.source_head
        if source is None:
            return f"{self.said.name} does not name the head of the change"
        parents = self.repository.about(self._head).parents
        if len(parents) != 2 or parents.count(source) != 1:
            return "HEAD does not merge the change into its target"
        (other,) = (parent for parent in parents if parent != source)
        base = self._known(other, "what the change was merged into")
        return Rung("merge_commit", base, f"what {self.said.name} merged the change into", self.said.target_branch)

    def _change_request(self) -> Rung | str:
        why_not = self._no_request()
        if why_not or self.said is None:
            return why_not
        branch = self.said.target_branch
        ref = self._remote_ref(branch) if branch else None
        if self.said.target_commit is not None:
            target = self._known(self.said.target_commit, "the target of the change")
            return self._from("change_request", target, ref or target[:7])
        if ref is None:
            return f"{self.said.name} names no target"
        if ref not in self.repository.refs.branches:
            raise self.clone.no_branch(ref)
        return self._from("change_request", self.repository.refs.branches[ref], ref)

    def _no_request(self) -> str:
        """Why rungs 3 and 4 do not apply; empty if they do."""
        if self.said is None:
            return "not in CI"
        if self.said.kind is not Kind.REQUEST:
            return f"this is a {self.said.kind.value}"
        if self.said.target_branch and not self.published.holds(self.said.target_branch):
            return f'its target "{self.said.target_branch}" is not published'
        return ""

    def _push(self) -> Rung | str:
        """A push to a published branch: what stood there before is what consumers saw, also after a forced push."""
        if self.said is None:
            return "not in CI"
        branch = self.said.branch
        if self.said.kind is not Kind.PUSH or branch is None:
            return f"this is a {self.said.kind.value}"
        if branch.startswith("gh-readonly-queue/") or not self.published.holds(branch):
            return f'"{branch}" is not published'
        if self.said.before is not None and not self.said.before.strip("0"):
            return self._new_branch(branch)
        before = self._known(self.said.before, f"what {branch} held before the push")
        return Rung("push", before, f"{branch} before the push", branch)

    def _new_branch(self, branch: str) -> Rung:
        """The first push of a published branch: it left another one somewhere, unless it is the first at all."""
        others = {n: c for n, c in self.published.branches.items() if n not in self._names_of(branch)}
        if others:
            return self._nearest("push", others)
        default = self.said.default_branch if self.said else None
        if default is not None and default != branch:
            raise self.clone.no_branch(self._remote_ref(default))
        if self.clone.shallow:
            raise self.clone.too_short(f"so whether {branch} left another branch is not known")
        return Rung("push", None, f"the empty tree, since {branch} is the first published branch", branch)

    def _branch(self) -> Rung | str:
        if self.said is None:
            return "not in CI"
        if self.said.kind is Kind.TAG:
            return f"this is a {self.said.kind.value}"
        found = self._nearest("branch")
        if self.said.kind is Kind.REQUEST and self.said.target_branch:
            note = f'the change joins "{self.said.target_branch}", which is not published, so that does not count'
            return replace(found, notes=(*found.notes, note))
        return found

    def _tag(self) -> Rung | str:
        if self.said is None:
            return "not in CI"
        patterns = self.settings.tags or RELEASES
        found = self._newest_tag(self._head, patterns, without=self._head)
        if found is None:
            return Rung("tag", None, f"the empty tree, since {self.current.name} holds no earlier {_list(patterns)}")
        commit, name = found
        return Rung("tag", commit, f"the tag {_short(name)} before it", name)

    def _local(self) -> Rung:
        return self._nearest("local")

    # what they stand on

    @property
    def _head(self) -> str:
        """The commit that the current side stands on; raises NotChecked if there is none yet."""
        if self.current.head is None:
            raise NotChecked("there is no commit yet, but there are published branches", NAME_ONE)
        return self.current.head

    def _known(self, name: str | None, what: str) -> str:
        """A commit that the CI named."""
        if name is None:
            said = self.said.name if self.said else "CI"
            raise NotChecked(f"{said} does not say {what}", NAME_ONE)
        found = self.repository.commit(name) if all(c in "0123456789abcdef" for c in name) else None
        if found is None:
            raise self.clone.no_commit(name, what)
        return found

    def _remote_ref(self, branch: str) -> str:
        names = self._names_of(branch)
        return next((name for name in names if name in self.repository.refs.branches), names[0])

    def _names_of(self, branch: str) -> list[str]:
        return [f"{prefix}{branch}" for prefix in self.published.prefixes]

    def _nearest(self, rung: str, among: Mapping[str, str] | None = None) -> Rung:
        """The published branch whose merge base has the fewest commits between itself and the current side."""
        branches = self.published.branches if among is None else among
        if self.current.head is None and not branches and not self.current.merging:
            return Rung(rung, None, "the empty tree, since there is no commit yet")
        if not branches:
            raise self._unknown_branch()
        if len(branches) == 1:
            ((name, target),) = branches.items()
            return self._from(rung, target, name)
        bases = {}
        for name, target in branches.items():
            base = self._base(target, name, optional=True)
            if base is not None:
                bases[name] = base
        if not bases:
            raise self._unrelated(_list(branches))
        name = min(bases, key=lambda name: self.repository.count(bases[name], self._head))
        return self._settled(rung, bases[name], name, branches[name])

    def _unknown_branch(self) -> NotChecked:
        if self.settings.branches:
            where = _list([prefix.rstrip("/") for prefix in self.published.prefixes])
            hint = "git fetch, or correct [baseline] published" if not self.published.local else "correct it"
            return NotChecked(
                f"no branch of {where} matches [baseline] published {_list(self.settings.branches)}", hint
            )
        expected = self.published.expected()
        if expected is None:
            return NotChecked("no published branch was found", '[baseline] published = ["BRANCH"] names it')
        return self.clone.no_branch(expected)

    def _from(self, rung: str, target: str, name: str) -> Rung:
        return self._settled(rung, self._base(target, name), name, target)

    def _base(self, target: str, name: str, optional: bool = False) -> str | None:
        """The merge base with what the next commit will be; a merge in progress has several parents."""
        if self.clone.shallow:  # a base over a cut history may be wrong, not only missing
            raise self.clone.too_short(f"so where {self.current.name} left {_short(name)} is not known")
        if target == self._head and not self.current.merging:
            return target
        bases = self.repository.merge_bases(target, self._head, *self.current.merging)
        if len(bases) > 1:
            line = set(self.repository.line(target))
            fitting = [base for base in bases if base in line]
            if len(fitting) != 1:
                shown = _list([base[:7] for base in bases])
                raise NotChecked(f"{self.current.name} and {_short(name)} have several merge bases: {shown}", NAME_ONE)
            return fitting[0]
        if bases or optional:
            return bases[0] if bases else None
        raise self._unrelated(_short(name))

    def _unrelated(self, names: str) -> NotChecked:
        return NotChecked(f"{self.current.name} and {names} have no commit in common", NAME_ONE)

    def _settled(self, rung: str, base: str | None, name: str, target: str) -> Rung:
        """The merge base; but what would be compared with itself is compared with the commit before it, in CI."""
        assert base is not None
        text = f"merge base of {self.current.name} and {_short(name)}"
        found = Rung(rung, base, text, name, line=target)
        if base != self.current.head or self.current.merging or not self.current.unchanged():
            return found
        if self.said is None and not self.published.local:
            return replace(found, notes=(f"{_short(name)} holds {self.current.name}, and nothing has changed since",))
        note = f"{_short(name)} holds {self.current.name} already, so it is compared with the commit before it"
        parents = self.repository.about(base).parents
        if not parents:
            return Rung(rung, None, f"the empty tree, since {self.current.name} is the first commit", name, (note,))
        before = self._known(parents[0], f"the commit before {self.current.name}")
        return Rung(rung, before, f"the commit before {self.current.name}", name, (note,), line=target)

    # releases

    def _released(self, found: Rung) -> Rung:
        """What was found; where only tagged commits are published, the newest tag that it holds."""
        if not self.settings.tags or found.commit is None:
            return found
        tag = self._newest_tag(found.commit, self.settings.tags)
        if tag is None:
            text = f"the empty tree, since {found.name} holds no tag {_list(self.settings.tags)}"
            return replace(found, commit=None, name=text)
        commit, name = tag
        return replace(found, commit=commit, name=f"the tag {_short(name)}, newest up to {found.name}", target=name)

    def _newest_tag(self, commit: str, patterns: Sequence[str], without: str | None = None) -> tuple[str, str] | None:
        """Commit and name of the newest tag that a commit holds: the first on its own line, else of what was merged."""
        if self.clone.shallow:
            raise self.clone.too_short("so earlier releases may be missing", tags=True)
        tags = {c: name for name, c in self.repository.tags(patterns, commit).items() if c != without}
        if not tags:
            return None
        for known in (*self.repository.line(commit), *self.repository.newest_first(tags)):
            if known in tags:
                return known, tags[known]
        return None


def _short(name: str) -> str:
    for prefix in ("refs/remotes/", "refs/heads/", "refs/tags/"):
        name = name.removeprefix(prefix)
    return name


def _list(names: Sequence[str] | Mapping[str, str]) -> str:
    return " and ".join(map(_short, names))
