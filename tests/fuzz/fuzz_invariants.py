"""What holds of every report, whatever strangers wrote: its code, its words, and who may write a line of it."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

from schemacheck.render import RENDERERS, renderer
from schemacheck.report import Outcome, Report

_CONTROL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_RUNNER = re.compile(r"##(\[|vso\[)", re.IGNORECASE)
_OURS = re.compile(r"::(error|warning) (file=[^:,]*,line=\d+,col=\d+,)?title=[^:,]*::")
_WORDS = """
a article b body br button caption code del details div dl dt dd footer form h1 h2 h3 h4 head header html i input ins
kbd label legend li main mark meta nav ol option output p pre script section select small span strong style summary
table tbody td th thead title tr ul
"""
_ELEMENTS = frozenset(_WORDS.split())


def report_is_sound(report: Report, outputs: bool = True) -> None:
    """Its exit code says what it holds, and no output of it has a line that somebody else began."""
    assert report.exit_code in (0, 1, 3)
    silent = any(verdict.outcome == Outcome.NOT_CHECKED for verdict in report.verdicts)
    assert report.exit_code != 0 or not (report.not_checked or silent), "a pass, though something was not checked"
    for problem in report.not_checked:
        assert problem.message
    if outputs:
        for name in RENDERERS:
            output_is_sound(name, renderer(name)(report))


def output_is_sound(name: str, text: str) -> None:
    """An output has the syntax of its kind, and obeys nobody."""
    assert text
    assert not _CONTROL.search(text), f"{name}: a control character"
    _CHECKS.get(name, lambda _text: None)(text)
    if name in ("text", "github"):
        assert not _RUNNER.search(text), f"{name}: a command of a runner"
        for line in text.splitlines():
            if line.lstrip().startswith("::"):
                assert name == "github", f"{name}: a workflow command"
                assert _OURS.match(line), f"{name}: a workflow command that is not ours"


class _Page(HTMLParser):
    """Notices what only an attack would put into a page."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _ELEMENTS, f"html: an element {tag}"
        self.scripts += tag == "script"
        for name, value in attrs:
            assert not name.startswith("on"), "html: a handler"
            if name in ("href", "src"):
                assert not (value or "").lower().lstrip().startswith(("javascript:", "data:")), "html: a link that runs"


def _html(text: str) -> None:
    page = _Page()
    page.feed(text)
    page.close()
    assert page.scripts <= 1


def _lines(text: str) -> None:
    for issue in json.loads(text):
        assert not issue["location"]["path"].startswith(("/", "./"))


_CHECKS = {"json": json.loads, "sarif": json.loads, "gitlab": _lines, "junit": ET.fromstring, "html": _html}
