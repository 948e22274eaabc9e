"""The report as Markdown that fits into a comment on a pull request."""

from __future__ import annotations

from schemacheck.render import markdown
from schemacheck.report import Report

BUDGET = 60_000  # bytes; GitHub takes 65,536 characters


def render(report: Report) -> str:
    """The Markdown report, cut to what a comment may hold."""
    return markdown.render(report, BUDGET)
