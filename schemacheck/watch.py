"""Which versions a run must look at. Of most there is nothing to say, and nothing is done for them but count them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from schemacheck.config import Policy
from schemacheck.formats import format_of
from schemacheck.model import Subject
from schemacheck.pairing import Facing, Pairing
from schemacheck.report import Outcome, Verdict, Verdicts
from schemacheck.stewardship import Stewardship


class Watch:
    """`everything` looks at what did not change, too; `asked` says that a registry was asked, of every version."""

    def __init__(
        self, pairing: Pairing, stewards: Stewardship, policy: Policy, everything: bool, asked: bool = False
    ) -> None:
        self._pairing = pairing
        self._stewards = stewards
        self._policy = policy
        self._everything = everything
        self._asked = asked

    @cached_property
    def subjects(self) -> Collection[Subject]:
        """The versions about which there may be something to say."""
        every = self._pairing.subjects
        if self._everything or self._asked:
            return every
        events = self._stewards.touched
        differing = self._pairing.differing_subjects
        return differing.union(subject for subject in every if subject.event in events) if events else differing

    def met(self, facing: Facing) -> bool:
        """Whether there may be something to say about a file of such a version."""
        said = facing.subject.event in self._stewards.touched
        return said or self._asked or facing.now is None or self.touched(facing)

    def touched(self, facing: Facing) -> bool:
        """Whether something about a file may have changed."""
        if self._everything or facing.path in self._pairing.touched:
            return True
        return not {state.placed.path for state in facing.latest} <= {facing.path}

    def passed(self, subject: Subject, path: str) -> Verdict:
        """The verdict on a file that nothing touches."""
        policy = self._policy
        mode, kind = policy.mode_for(path), format_of(path) or ""
        return Verdict(subject, Outcome.UNCHANGED, path, kind, mode, policy.policy_for(path))

    def completed(self, told: Sequence[Verdict]) -> Verdicts:
        """The verdicts on what was looked at, with those on all else."""
        now = self._pairing.now
        silent = sum(map(len, now.values())) - sum(len(now.get(subject, ())) for subject in self.subjects)
        return Verdicts(told, len(self._pairing.events), silent, self._others)

    def _others(self) -> Iterator[Verdict]:
        now = self._pairing.now
        for subject in sorted(now.keys() - self.subjects):
            yield from (self.passed(subject, placed.path) for placed in now[subject])
