"""HTML pages for the tests, and what stands in one when a parser has read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from html.parser import HTMLParser

from render.test_json import NEW, OLD, PATH, report_on
from render.test_platforms import REPORTS

from schemacheck import config
from schemacheck.catalogue import catalogue
from schemacheck.model import Baseline, Problem, Subject, Version
from schemacheck.readings import Catalogue
from schemacheck.render.html import render
from schemacheck.report import Report, Verdict, Waiver
from schemacheck.sources.tree import MemoryTree

HOSTILE = (
    '</style></title><script>alert(1)</script><img src=x onerror=alert(2)>"\'` onmouseover=alert(3) x="'
    "javascript:alert(4) &lt;b&gt; <a href=javascript:alert(5)>x</a> \x1b[31m\u202e --> ]]>"
)
NEWER = OLD.replace(b"a.v1", b"a.v2").replace(b'"int"', b'"string"')
NEXT = "schemas/a/a/v2.avsc"


def with_catalogue(report: Report, files: dict[str, bytes]) -> Report:
    policy = config.rooted(config.Policy(), ("schemas",))
    return replace(report, catalogue=catalogue(MemoryTree("after", files), policy))


def hostile() -> Report:
    """A failing report in which every text that is not ours attacks, the versions and rules aside."""
    files = {PATH: NEW, NEXT: NEWER}
    report = with_catalogue(report_on({PATH: OLD}, files), files)

    def subject(version: Version) -> Subject:
        return Subject(HOSTILE, version)

    def attacked(verdict: Verdict) -> Verdict:
        found = (
            replace(
                finding,
                message=HOSTILE,
                where=HOSTILE,
                file=HOSTILE,
                hint=HOSTILE,
                fix=HOSTILE,
                subject=subject(verdict.subject.version),
                witness=finding.witness and finding.witness._replace(event=HOSTILE, result=HOSTILE),
                was=finding.was and finding.was._replace(file=HOSTILE),
                excerpt=finding.excerpt and finding.excerpt._replace(text=HOSTILE),
            )
            for finding in verdict.findings
        )
        changes = (j._replace(change=replace(j.change, where=HOSTILE)) for j in verdict.changes)
        return replace(
            verdict,
            subject=subject(verdict.subject.version),
            file=HOSTILE,
            next=HOSTILE,
            owner=HOSTILE,
            consumers=(HOSTILE, HOSTILE),
            retention=HOSTILE,
            findings=tuple(found),
            changes=tuple(changes),
        )

    assert report.catalogue is not None
    (entry,) = report.catalogue.events
    versions = (replace(v, subject=subject(v.subject.version), files=(HOSTILE,)) for v in entry.versions)
    cells = (
        replace(c, note=HOSTILE, changes=tuple(replace(change, where=HOSTILE) for change in c.changes))
        for c in entry.cells
    )
    attacked_entry = replace(entry, event=HOSTILE, versions=tuple(versions), cells=tuple(cells), cut=HOSTILE)
    return replace(
        report,
        current=Baseline("git", HOSTILE),
        baselines=(Baseline("git", HOSTILE, notes=(HOSTILE,)),),
        verdicts=tuple(map(attacked, report.verdicts)),
        not_checked=(Problem(HOSTILE, HOSTILE, HOSTILE, subject=subject(Version(1))),),
        waivers=(Waiver(HOSTILE, HOSTILE, HOSTILE, rule=HOSTILE, path=HOSTILE),),
        catalogue=Catalogue((attacked_entry,)),
    )


def many(number: int = 1_000) -> Report:
    """A catalogue of many events of three versions each, every one of them broken."""
    versions = {
        f"schemas/a/a/v{n}.avsc": OLD.replace(b"a.v1", b"a.v%d" % n).replace(b'"int"', kind)
        for n, kind in ((1, b'"int"'), (2, b'"string"'), (3, b'"bytes"'))
    }
    report = with_catalogue(report_on(versions, {**versions, PATH: NEW}, "report"), {**versions, PATH: NEW})
    assert report.catalogue is not None
    (entry,) = report.catalogue.events
    names = [f"domain_{i % 20}/event_with_a_name_of_some_length_{i}" for i in range(number)]

    def renamed(verdict: Verdict, name: str) -> Verdict:
        subject = verdict.subject._replace(event=name)
        found = (replace(finding, subject=subject) for finding in verdict.findings)
        return replace(verdict, subject=subject, file=f"schemas/{name}/v1.avsc", findings=tuple(found))

    return replace(
        report,
        verdicts=tuple(renamed(verdict, name) for name in names for verdict in report.verdicts),
        catalogue=Catalogue(
            tuple(
                replace(
                    entry,
                    event=name,
                    versions=tuple(replace(v, subject=v.subject._replace(event=name)) for v in entry.versions),
                )
                for name in names
            )
        ),
    )


@cache
def pages() -> dict[str, str]:
    """A page of each kind."""
    both = {PATH: NEW, NEXT: NEWER}
    reports = {
        **REPORTS,
        "matrix": with_catalogue(report_on({PATH: OLD}, both), both),
        "hostile": hostile(),
        "folded": many(25),
    }
    return {name: render(report) for name, report in reports.items()}


@dataclass(frozen=True)
class Element:
    """An element of a page, with the text in it."""

    name: str
    attributes: dict[str, str]
    text: str


class Parsed(HTMLParser):
    """A page as a parser sees it."""

    _VOID = frozenset({"meta", "br", "link", "img", "input"})

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self.elements: list[Element] = []
        self.comments: list[str] = []
        self.feed(text)
        self.close()
        assert [] == self._open  # every element was closed

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        assert len(attributes) == len(attrs)
        if tag in self._VOID:
            self.elements.append(Element(tag, attributes, ""))
        else:
            self._open.append((tag, attributes, []))

    def handle_endtag(self, tag: str) -> None:
        name, attributes, texts = self._open.pop()
        assert tag == name
        self.elements.append(Element(name, attributes, "".join(texts)))

    def handle_data(self, data: str) -> None:
        for _, _, texts in self._open:
            texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def all(self, name: str, class_: str = "") -> Iterator[Element]:
        """The elements of a name that have a class."""
        for element in self.elements:
            if element.name == name and (not class_ or class_ in element.attributes.get("class", "").split()):
                yield element
