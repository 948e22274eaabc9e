"""One event of the HTML page: who it is, who can read whom, what changed, what was found, how it came to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemacheck import log
from schemacheck.model import Change, Direction
from schemacheck.readings import Cell, Past, Reading
from schemacheck.render import words
from schemacheck.render.markup import Markup, join, tag
from schemacheck.render.page import Event, Page
from schemacheck.report import JudgedChange, Outcome, Verdict

SIGNS = {
    Reading.SAME: "\u2022",
    Reading.READS: "\u2713",
    Reading.JSON: "{ }",
    Reading.MISREADS: "\u2248",
    Reading.FAILS: "\u2717",
    Reading.UNKNOWN: "?",
}
WORDS = {
    Reading.SAME: "same",
    Reading.READS: "reads",
    Reading.JSON: "JSON fails",
    Reading.MISREADS: "changes meaning",
    Reading.FAILS: "fails",
    Reading.UNKNOWN: "unknown",
}
_OUTCOMES = {
    Outcome.NEW: "new event",
    Outcome.NEW_VERSION: "new version",
    Outcome.BREAKING: "breaking",
    Outcome.COMPATIBLE: "compatible",
}
_SHOWN = 30  # changes of one comparison
_MOST = 200  # rows of one table of changes


def article(event: Event, page: Page, folded: bool) -> Markup:
    """The part of the page about one event; one that is folded stays open if something was found about it."""
    title = page.name("event", event.name)
    heading = tag("h2", tag("span", event.name), " ", outcomes(event))
    parts = [
        _facts(event, page),
        page.fits(_matrix(event, page)),
        *(_judged(verdict, page) for verdict in event.changed),
        _problems(event, page),
        page.fits(_history(event, page)),
    ]
    if folded:
        content = tag("details", tag("summary", heading), *parts, open="" if event.loud else None)
    else:
        content = join(heading, *parts)
    return tag("article", content, id=title, class_="card event", aria_label=event.name)


def outcomes(event: Event) -> Markup:
    """What became of the versions that are not as they were published."""
    said = {
        f"{verdict.subject.version} {outcome(verdict)}": str(verdict.outcome)
        for verdict in event.verdicts
        if verdict.outcome != Outcome.UNCHANGED
    }
    return join(*(tag("span", text, class_=f"word {kind}") for text, kind in said.items()))


def outcome(verdict: Verdict) -> str:
    """An outcome in words."""
    return _OUTCOMES.get(verdict.outcome) or verdict.outcome.replace("_", " ")


# who it is


def _facts(event: Event, page: Page) -> Markup:
    rows = [tag("div", tag("dt", label), tag("dd", *said)) for label, said in _about(event)]
    rows += [tag("div", tag("dt", "deploy"), tag("dd", text), class_="wide") for text in event.orders]
    statuses = {verdict.subject.version: verdict.status for verdict in event.verdicts}
    for version, (formats, files) in event.files.items():
        status = statuses.get(version, "active")
        state = (" ", tag("span", status, class_="word warning")) if status != "active" else ()
        shown = [part for file in files for part in (" ", tag("code", file))]
        name = tag("dt", str(version), id=page.name("version", event.name, str(version)))
        kinds = tag("span", " and ".join(formats), class_="word")
        rows.append(tag("div", name, tag("dd", kinds, *shown, *state), class_="wide"))
    return tag("dl", *rows, class_="facts who")


def _about(event: Event) -> Iterator[tuple[str, Sequence[object]]]:
    if event.entry and event.entry.shared:
        yield "kind", ["types that events share"]
    if about := event.about:
        yield from ((label, [value]) for label, value in (("owner", about.owner), ("kind", about.kind)) if value)
        if about.consumers:
            yield "consumers", [", ".join(about.consumers)]
        if about.retention:
            yield "retention", [about.retention]
        yield "status", [_status(event)]
        yield "mode", [tag("code", str(about.mode)), *([", ", about.policy] if about.policy != "evolve" else [])]


def _status(event: Event) -> str:
    """`active`, or how many versions are what."""
    found: dict[str, list[str]] = {}
    for verdict in event.verdicts:
        found.setdefault(verdict.status, []).append(str(verdict.subject.version))
    if len(found) == 1:
        return next(iter(found))
    return ", ".join(f"{status}: {' '.join(dict.fromkeys(versions))}" for status, versions in found.items())


# who can read whom


def _matrix(event: Event, page: Page) -> Markup:
    """Rows: the version that wrote; columns: the version that reads."""
    if event.entry is None or not event.pairs:
        return Markup("")
    versions = [version.subject.version for version in event.entry.versions]
    cells = {(cell.writer, cell.reader): cell for cell in event.entry.cells}
    head = [tag("td", class_="corner"), *(tag("th", f"read by {version}", scope="col") for version in versions)]
    rows = [
        tag(
            "tr",
            tag("th", f"written by {writer}", scope="row"),
            *(_cell(cells[writer, reader], event, page) for reader in versions),
        )
        for writer in versions
    ]
    title = page.name("matrix", event.name)
    table = tag("table", tag("thead", tag("tr", *head)), tag("tbody", *rows), class_="matrix", aria_labelledby=title)
    reasons = [_reason(cell, event, page) for cell in event.pairs if cell.reading != Reading.READS]
    if len(reasons) < len(event.pairs):
        fine = "Where it says reads, no change between the two versions breaks the reader."
        reasons.append(tag("li", fine, id=page.name("reads", event.name), class_="muted"))
    return join(
        tag("h3", "Who can read whom", id=title),
        tag("div", table, class_="scroll", role="region", tabindex="0", aria_label=f"Who can read whom, {event.name}"),
        tag("ul", *reasons, class_="reasons"),
    )


def _cell(cell: Cell, event: Event, page: Page) -> Markup:
    shown = join(tag("span", SIGNS[cell.reading], aria_hidden="true", class_="sign"), " ", WORDS[cell.reading])
    if cell.reading == Reading.SAME:
        return tag("td", shown, class_="same")
    first = cell.changes[0].message if cell.changes else cell.note or "nothing that breaks the reader"
    link = tag("a", shown, href=f"#{_target(cell, event, page)}", title=words.cut(first, 300))
    return tag("td", link, class_=str(cell.reading))


def _target(cell: Cell, event: Event, page: Page) -> str:
    if cell.reading == Reading.READS:
        return page.name("reads", event.name)
    return page.name("pair", event.name, str(cell.writer), str(cell.reader))


def _reason(cell: Cell, event: Event, page: Page) -> Markup:
    """Why the reader of one version does not read another."""
    name = f"{cell.writer} \u2192 {cell.reader} {WORDS[cell.reading]}"
    head = tag("strong", tag("span", SIGNS[cell.reading], aria_hidden="true"), " ", name, class_=str(cell.reading))
    body: list[object] = [f" {words.cut(cell.note, 300)}"] if cell.note else []
    if cell.changes:
        body.append(tag("ul", *(tag("li", *_told(change, page)) for change in cell.changes[:_SHOWN])))
        body += _more(len(cell.changes) - _SHOWN, "changes")
    return tag("li", head, *body, id=_target(cell, event, page))


def _told(change: Change, page: Page) -> Iterator[object]:
    if change.where:
        yield tag("code", change.where)
        yield " "
    yield words.cut(change.message, 300)
    yield " "
    yield page.rule(change.rule.id)


def _more(number: int, what: str) -> Iterator[Markup]:
    if number > 0:
        yield tag("p", f"and {number} more {what}", class_="muted")


# what the change does


def _judged(verdict: Verdict, page: Page) -> Markup:
    """What the judged change does to one version: all that changed, then what was found."""
    found = page.of(verdict)
    parts: list[object] = [tag("h3", f"{verdict.subject.version}: {outcome(verdict)}")]
    if verdict.next and verdict.outcome == Outcome.BREAKING:
        parts.append(tag("p", "The change belongs in ", tag("code", verdict.next), "."))
    if verdict.changes:
        parts.append(page.fits(_changes(verdict, page)))
        parts += _more(len(verdict.changes) - _MOST, "changes")
    parts += [page.fits(page.finding(finding, 4)) for finding in found]
    return tag("section", *parts, class_=f"version {verdict.outcome}") if len(parts) > 1 else Markup("")


def _changes(verdict: Verdict, page: Page) -> Markup:
    """The semantic diff."""
    label = f"Changes of {verdict.subject}"
    head = [tag("th", name, scope="col") for name in ("Change", "Where", "What", "Who fails", "Rule")]
    rows = [_row(judged, page) for judged in verdict.changes[:_MOST]]
    table = tag("table", tag("thead", tag("tr", *head)), tag("tbody", *rows), class_="diff", aria_label=label)
    return tag("div", table, class_="scroll", role="region", tabindex="0", aria_label=f"{label}, to scroll")


def _row(judged: JudgedChange, page: Page) -> Markup:
    change = judged.change
    sign = words.sign(change)
    named = {"-": "removed", "+": "added", "~": "changed"}[sign]
    effect = tag("td", words.effect(change), class_=judged.level.word if change.breaks else "muted")
    return tag(
        "tr",
        tag("td", tag("span", sign, aria_hidden="true", class_="sign"), " ", named, class_=named),
        tag("td", tag("code", change.where or "the schema")),
        tag("td", words.cut(change.message, 300)),
        effect,
        tag("td", page.rule(change.rule.id)),
    )


def _problems(event: Event, page: Page) -> Markup:
    if not event.problems:
        return Markup("")
    return join(tag("h3", "Not checked"), page.problems(event.problems, _SHOWN))


# how it came to be


def _history(event: Event, page: Page) -> Markup:
    entry = event.entry
    if entry is None or not (entry.history or entry.cut):
        return Markup("")
    rows = [tag("li", *_step(past, page)) for past in entry.history]
    cut = tag("p", f"{entry.cut[:1].upper()}{entry.cut[1:]}.", class_="muted") if entry.cut else ""
    return join(tag("h3", "History"), tag("ol", *rows, class_="history") if rows else "", cut)


_KINDS = {log.FIRST: "first version", log.NEXT: "new version", log.REMOVED: "removed", log.CHANGED: "changed"}


def _step(past: Past, page: Page) -> Iterator[object]:
    step = past.step
    if past.day:
        yield tag("time", past.day[:10], datetime=past.day)
        yield " "
    yield tag("span", str(step.subject.version), class_="word")
    yield f" {_KINDS.get(step.kind, 'cannot be compared')} "
    yield tag("code", words.short(step.revision), class_="muted")
    if step.through:
        yield join(" through ", tag("code", " and ".join(step.through)))
    if step.problem:
        yield f": {words.cut(step.problem, 300)}"
    if not step.changes:
        if step.kind == log.CHANGED and not step.problem:
            yield ", nothing that a reader meets"
        return
    breaking = [change for change in step.changes if change.breaks != Direction.NONE]
    number = words.counted(len(step.changes), "change")
    effect = f"{len(breaking)} of them breaking" if breaking else "none of them breaking"
    rows = [tag("li", *_told(change, page)) for change in (breaking or step.changes)[:_SHOWN]]
    yield tag("details", tag("summary", f"{number}, {effect}"), tag("ul", *rows))
