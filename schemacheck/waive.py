"""`schemacheck waive`: one more waiver in the file, if the run reports what it waives."""

from __future__ import annotations

from pathlib import Path

from schemacheck import files, waivers
from schemacheck.config import Policy
from schemacheck.errors import NotChecked, UsageError
from schemacheck.register import MAX_BYTES
from schemacheck.report import Finding, Report, Waiver


def write(root: Path, waiver: Waiver, report: Report, policy: Policy) -> str:
    """Writes the waiver; what was done, for people. Raises UsageError for what cannot be waived."""
    finding = _reported(report, waiver.fingerprint or "")
    if (refusal := waivers.refusal(finding)) is not None:
        raise refusal
    if finding.waived is not None:
        raise UsageError(
            f"{finding.fingerprint} is waived already, until {finding.waived.expires}", f"edit {waivers.FILE}"
        )
    if waiver.expires < policy.today.isoformat():
        raise UsageError(f"{waiver.expires} is over", "give a day to come")
    path = root / waivers.FILE
    try:
        with files.alone(root):
            new = waivers.written(_text(path), waiver)
            waivers.parse(new, policy.today, policy.max_waiver_days)
            files.write(path, new.encode("utf-8"))
    except (OSError, UnicodeEncodeError) as error:
        raise NotChecked(f"{waivers.FILE} could not be written: {error}", "check its folder") from None
    subject = f" in {finding.subject}" if finding.subject else ""
    return f"waived    {finding.rule.id}{subject} until {waiver.expires}   {waivers.FILE}"


def _reported(report: Report, fingerprint: str) -> Finding:
    for finding in report.findings:
        if finding.fingerprint == fingerprint:
            return finding
    raise UsageError(
        f'this run reports no finding "{fingerprint}"', "schemacheck check shows them; give the same options"
    )


def _text(path: Path) -> str:
    """The file as it stands; raises UsageError for what is no plain text file."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise UsageError(f"{path.name} is no plain file", "put a file there")
    try:
        if path.exists() and path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path.name}: more than {MAX_BYTES} bytes", "settings are small")
        return path.read_bytes().decode("utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{path.name} cannot be read as UTF-8 text", "check the file") from None
