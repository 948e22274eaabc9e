"""What a version may rest on: nothing that is older than itself, less stable, or without a version. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from schemacheck.config import Policy
from schemacheck.events.rules import OLD_VERSION_IMPORTED, UNSTABLE_IMPORTED, UNVERSIONED_IMPORT, report
from schemacheck.layout import Layout, Placed
from schemacheck.report import Finding


def rests(placed: Placed, files: Collection[str], layout: Layout, policy: Policy) -> Iterator[Finding]:
    """The findings on the files that a version newly rests on, directly or not."""
    if placed.implicit:
        return
    version = placed.subject.version
    for path in sorted(file for file in files if policy.judges(file)):
        other = layout.place(path)
        values = {"version": str(version), "old": str(other.subject), "file": path}
        if other.implicit:
            hint = f"move it to {path.rpartition('.')[0]}/v1.{path.rpartition('.')[2]}, and exclude what is not yours"
            yield from report(UNVERSIONED_IMPORT, policy, placed, values, hint=hint)
        elif _older(placed, other):
            yield from report(OLD_VERSION_IMPORTED, policy, placed, values, hint="copy the types that it needs")
        elif version.stable and not other.subject.version.stable:
            yield from report(
                UNSTABLE_IMPORTED, policy, placed, values, hint=f"publish a stable {other.subject.event} first"
            )


def _older(placed: Placed, other: Placed) -> bool:
    """Whether a file is a lower version of the same event, or of a package whose events share one version."""
    if other.subject.version >= placed.subject.version:
        return False
    if other.subject.event == placed.subject.event:
        return True
    same = placed.template is not None and placed.template == other.template
    together = same and "v{version}/" in (placed.template or "")
    return together and placed.words.get("domain") == other.words.get("domain")
