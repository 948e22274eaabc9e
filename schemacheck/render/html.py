"""The report as one HTML page that loads nothing: the verdict, every event, who can read whom, what was found.

No script, no font, no image, no address that leads away; the page itself forbids to load anything.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from importlib import resources

from schemacheck import __version__, docs
from schemacheck.readings import Reading
from schemacheck.render import words
from schemacheck.render.event import SIGNS, WORDS, article, outcomes
from schemacheck.render.markup import Markup, join, prose, tag
from schemacheck.render.page import Event, Page
from schemacheck.report import Outcome, Report, Verdict, Waiver

FOLDED_FROM = 20  # events, from which on each is folded
_MOST = 200  # items of one list
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_MARKS = {"pass": ("\u2713", "Pass"), "fail": ("\u2717", "Fail"), "not_checked": ("?", "Not checked")}


def render(report: Report) -> str:
    """The whole page."""
    page = Page(report)
    events = _events(page)
    title = "Event catalogue" if report.command == "report" else "Schema check"
    verdict = _MARKS[_verdict(report)][1]
    body = join(
        tag("a", "Skip to the events", class_="skip", href="#events"),
        _header(report, title),
        tag(
            "main",
            _numbers(page),
            _not_checked(page),
            _conflicts(page),
            _further(page, events),
            _index(events, page),
            *_articles(events, page),
            _waivers(report),
            _left_out(page),
            _rules(page),  # last: by now it is known which rules were named
        ),
        tag("footer", tag("p", f"Written by schemacheck {__version__}.")),
    )
    head = _head(f"{title}: {verdict}")
    return f'<!doctype html>\n<html lang="en">{head}<body>{body}</body></html>\n'


def _head(title: str) -> Markup:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", _style()),
    )


@functools.cache
def _style() -> Markup:
    return Markup((resources.files("schemacheck.render") / "report.css").read_text(encoding="utf-8"))


def _events(page: Page) -> list[Event]:
    """Every event of the catalogue, and every other one about which there is something to say."""
    report = page.report
    entries = {entry.event: entry for entry in report.catalogue.events} if report.catalogue else {}
    verdicts: dict[str, list[Verdict]] = {}
    for verdict in report.verdicts:
        verdicts.setdefault(verdict.subject.event, []).append(verdict)
    problems = {
        event: tuple(p for p in report.not_checked if p.subject and p.subject.event == event)
        for event in {p.subject.event for p in report.not_checked if p.subject}
    }
    everything = report.catalogue is not None and report.command == "report"
    loud = {v.subject.event for v in report.verdicts if v.outcome != Outcome.UNCHANGED or v.findings}
    orders = page.orders
    return [
        Event(
            event,
            entries.get(event),
            tuple(verdicts.get(event, ())),
            problems.get(event, ()),
            tuple(
                f"{verdict.subject.version}: {text}"
                for verdict in verdicts.get(event, ())
                for text in orders.get(str(verdict.subject), ())
            ),
        )
        for event in sorted(loud | problems.keys() | (entries.keys() if everything else set()))
    ]


def _articles(events: list[Event], page: Page) -> list[Markup]:
    """The parts about the events; those with findings are the first to get room."""
    folded = len(events) >= FOLDED_FROM
    parts = {event.name: article(event, page, folded) for event in sorted(events, key=lambda event: not event.loud)}
    return [parts[event.name] for event in events]


# the verdict


def _verdict(report: Report) -> str:
    """The verdict; of a command that only informs, the one that the gate would give."""
    return "fail" if report.failed else report.verdict


def _header(report: Report, title: str) -> Markup:
    sign, verdict = _MARKS[_verdict(report)]
    badge = tag("p", tag("span", sign, aria_hidden="true"), f" {verdict}", class_=f"badge {_verdict(report)}")
    said = words.verdict_line(report).partition(": ")[2]
    return tag(
        "header",
        tag("div", badge, tag("h1", title), class_="title"),
        tag("p", said, class_="reason") if said else "",
        tag("p", words.compared(report.current, report.baselines), class_="sides"),
        *(tag("p", note, class_="sides") for about in report.baselines for note in about.notes),
        class_=_verdict(report),
    )


def _numbers(page: Page) -> Markup:
    report = page.report
    levels = [finding.level.word for finding in page.findings if finding.counts]
    tiles = {
        "events": len({verdict.subject.event for verdict in report.verdicts}),
        "versions": len({verdict.subject for verdict in report.verdicts}),
        "errors": levels.count("error"),
        "warnings": levels.count("warning"),
        "not checked": len(report.not_checked),
        "waived": sum(finding.waived is not None for finding in page.findings),
    }
    shown = [
        tag("div", tag("dt", name), tag("dd", str(number)), class_=name.replace(" ", "-") if number else "none")
        for name, number in tiles.items()
    ]
    return tag("dl", *shown, class_="tiles")


def _not_checked(page: Page) -> Markup:
    problems = page.report.not_checked
    if not problems:
        return Markup("")
    return tag("section", tag("h2", "Not checked"), page.problems(problems, _MOST), class_="card warn")


def _conflicts(page: Page) -> Markup:
    """Orders of two events that cannot both be kept: they are told by owner."""
    subjects = {str(verdict.subject) for verdict in page.report.verdicts}
    found = [(name, text) for name, texts in page.orders.items() if name not in subjects for text in texts]
    if not found:
        return Markup("")
    rows = [tag("li", tag("strong", owner), f": {text}") for owner, text in found[:_MOST]]
    return tag("section", tag("h2", "Deploy orders that oppose each other"), tag("ul", *rows), class_="card warn")


def _further(page: Page, events: list[Event]) -> Markup:
    """What was found about no event of the page: about the gate itself, or an event of which no file is left."""
    known = {id(finding) for event in events for verdict in event.verdicts for finding in verdict.findings}
    found = [page.fits(page.finding(finding, 3)) for finding in page.findings if id(finding) not in known]
    return tag("section", tag("h2", "The gate itself"), *found, class_="card") if found else Markup("")


# the events


def _index(events: list[Event], page: Page) -> Markup:
    """Events and their versions, a row for an event."""
    columns = ("Event", "Owner", "Versions", "Between versions", "In this change")
    head = tag("tr", *(tag("th", name, scope="col") for name in columns))
    rows = [_index_row(event, page) for event in events]
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="index", aria_labelledby="events")
    others = len({verdict.subject.event for verdict in page.report.verdicts} - {event.name for event in events})
    note = f"{words.counted(others, 'event')} without a change, not shown." if others else ""
    return tag(
        "section",
        tag("h2", "Events", id="events"),
        tag("div", table, class_="scroll", role="region", tabindex="0", aria_label="Events, to scroll")
        if events
        else tag("p", "No event has changed." if others else "There is no event."),
        tag("p", note, class_="muted") if note else "",
        _legend() if any(event.pairs for event in events) else "",
        class_="card",
    )


def _index_row(event: Event, page: Page) -> Markup:
    chips = [
        tag("a", str(version), href=f"#{page.name('version', event.name, str(version))}", class_="chip")
        for version in event.files
    ]
    about = event.about
    unowned = "shared types" if event.entry and event.entry.shared else "not said"
    return tag(
        "tr",
        tag("th", tag("a", event.name, href=f"#{page.name('event', event.name)}"), scope="row"),
        tag("td", (about.owner if about else None) or tag("span", unowned, class_="muted")),
        tag("td", *chips),
        tag("td", _between(event)),
        tag("td", outcomes(event) or tag("span", "unchanged", class_="muted")),
    )


def _between(event: Event) -> Markup:
    """The pairs of versions in a few words."""
    pairs = event.pairs
    if not pairs:
        return tag("span", "one version" if event.entry else "", class_="muted")
    counts = [(reading, sum(cell.reading == reading for cell in pairs)) for reading in Reading]
    shown = [(reading, number) for reading, number in counts if number and reading != Reading.READS]
    if not shown:
        return tag("span", f"{SIGNS[Reading.READS]} all read each other", class_="word reads")
    return join(
        *(tag("span", f"{SIGNS[r]} {number} of {len(pairs)}: {WORDS[r]}", class_=f"word {r}") for r, number in shown)
    )


_LEGEND = (
    (Reading.READS, "the reader gets what was written"),
    (Reading.JSON, "the bytes are read, their JSON form is not"),
    (Reading.MISREADS, "it decodes, and a value or its meaning is another, silently"),
    (Reading.FAILS, "the decoder fails, or puts the bytes in the wrong place"),
    (Reading.UNKNOWN, "it cannot be told"),
)


def _legend() -> Markup:
    """What the words of a matrix mean."""
    rows = [
        tag("div", tag("dt", tag("span", f"{SIGNS[r]} {WORDS[r]}", class_=f"word {r}")), tag("dd", text))
        for r, text in _LEGEND
    ]
    return tag("details", tag("summary", "What the words mean"), tag("dl", *rows, class_="legend"))


# what stands below them


def _waivers(report: Report) -> Markup:
    if not report.waivers:
        return Markup("")
    head = tag("tr", *(tag("th", name, scope="col") for name in ("Waives", "Owner", "Until", "Reason", "Hides")))
    rows = [
        tag(
            "tr",
            tag("th", _waived(waiver), scope="row"),
            tag("td", waiver.owner),
            tag("td", waiver.expires),
            tag("td", words.cut(waiver.reason, 300)),
            tag("td", words.counted(waiver.used, "finding")),
        )
        for waiver in report.waivers[:_MOST]
    ]
    more = len(report.waivers) - len(rows)
    return tag(
        "section",
        tag("h2", "Waivers", id="waivers"),
        tag(
            "div",
            tag("table", tag("thead", head), tag("tbody", *rows), aria_labelledby="waivers"),
            class_="scroll",
            role="region",
            tabindex="0",
            aria_label="Waivers, to scroll",
        ),
        tag("p", f"and {more} more", class_="muted") if more else "",
        class_="card",
    )


def _waived(waiver: Waiver) -> Markup:
    return tag("code", waiver.fingerprint or " ".join(filter(None, (waiver.rule, waiver.path, waiver.where))))


def _left_out(page: Page) -> Markup:
    if not page.left_out:
        return Markup("")
    more = words.counted(page.left_out, "part")
    return tag("p", f"{more} left out for want of room; the JSON report holds everything.", class_="card warn")


def _rules(page: Page) -> Markup:
    """The pages of the rules that were named, so that the report explains itself."""
    if not page.rules:
        return Markup("")
    return tag("section", tag("h2", "Rules", id="rules"), *(_rule(rule, page) for rule in page.rules), class_="card")


def _rule(rule_id: str, page: Page) -> Markup:
    told = docs.page(rule_id)
    return tag(
        "details",
        tag("summary", tag("code", rule_id), " ", told.summary.replace("`", "")),
        *_sections(told),
        id=page.name("rule", rule_id),
        class_="rule",
    )


def _sections(told: docs.Page) -> Iterator[Markup]:
    for title, text in (("Why it breaks", told.why), ("Instead", told.instead)):
        if text:
            yield join(tag("h3", title), prose(text))
