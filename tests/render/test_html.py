"""The HTML page: what it says, that nothing in it is alive, that every link leads somewhere, that it stays small."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from render.pages import HOSTILE, Parsed, many, pages
from render.test_json import NEW, OLD, PATH, report_on
from render.test_platforms import REPORTS

from schemacheck.render.html import FOLDED_FROM, render
from schemacheck.render.markup import Names

NAMES = ("pass", "fail", "not_checked", "matrix", "hostile", "folded")
ELEMENTS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "main",
        "footer",
        "section",
        "article",
        "div",
        "span",
    ),
    *(
        "a",
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "dl",
        "dt",
        "dd",
        "ul",
        "ol",
        "li",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ),
    *("code", "strong", "details", "summary", "time", "mark", "ins", "del"),
}
ATTRIBUTES = {
    *("class", "id", "href", "title", "role", "tabindex", "scope", "lang", "charset", "name", "content", "http-equiv"),
    *("datetime", "open", "aria-label", "aria-labelledby", "aria-hidden"),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_made_of_harmless_parts_only(name: str) -> None:
    page = Parsed(pages()[name])
    assert set() == {element.name for element in page.elements} - ELEMENTS
    assert set() == {key for element in page.elements for key in element.attributes} - ATTRIBUTES
    assert [] == page.comments


@pytest.mark.parametrize("name", NAMES)
def test_the_page_loads_nothing_and_says_so(name: str) -> None:
    page = Parsed(pages()[name])
    (policy,) = [e.attributes["content"] for e in page.all("meta") if "http-equiv" in e.attributes]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    (style,) = page.all("style")
    assert not re.search(r"url\(|@import|expression|</", style.text)
    assert [] == [e.attributes["href"] for e in page.elements if not e.attributes.get("href", "#").startswith("#")]


@pytest.mark.parametrize("name", NAMES)
def test_every_link_has_its_anchor_and_every_anchor_is_given_once(name: str) -> None:
    page = Parsed(pages()[name])
    anchors = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    links = {element.attributes["href"].removeprefix("#") for element in page.all("a")}
    labels = {e.attributes["aria-labelledby"] for e in page.elements if "aria-labelledby" in e.attributes}
    assert len(anchors) == len(set(anchors))
    assert set() == (links | labels) - set(anchors)
    assert all(re.fullmatch("[a-z0-9_.-]+", anchor) for anchor in anchors)


@pytest.mark.parametrize(("name", "badge"), [("pass", "✓ Pass"), ("fail", "✗ Fail"), ("not_checked", "? Not checked")])
def test_the_verdict_comes_first(name: str, badge: str) -> None:
    page = Parsed(pages()[name])
    (shown,) = page.all("p", "badge")
    assert badge == shown.text
    assert ["h1"] == [e.name for e in page.elements if re.fullmatch("h[1-6]", e.name)][:1]
    assert pages()[name].index('class="badge') < pages()[name].index("<main")


def test_a_command_that_informs_shows_what_the_gate_would_say() -> None:
    (badge,) = Parsed(render(report_on({PATH: OLD}, {PATH: NEW}, "diff", gate=False))).all("p", "badge")
    assert "✗ Fail" == badge.text


def test_a_failing_page_tells_the_break_with_its_proof() -> None:
    page = Parsed(pages()["fail"])
    finding, mutated = page.all("div", "finding")
    assert 'error field "x" was removed, it had no default' in finding.text
    assert "read by old: " in finding.text
    assert "v1 is published and changed in a breaking way" in mutated.text
    (changes,) = page.all("table", "diff")
    assert "- removedA.xfield" in changes.text
    assert "old readers fail on new events" in changes.text
    assert {"avro/field-removed-without-default", "event/mutated"} == {
        e.attributes["id"].removeprefix("rule-").replace("-", "/", 1) for e in page.all("details", "rule")
    }


def test_what_was_not_checked_is_told_with_its_place() -> None:
    first = next(Parsed(pages()["not_checked"]).all("ul", "problems"))
    assert f"{PATH}:1:10 /type: there is no type" in first.text


def test_a_passing_page_counts_what_it_does_not_show() -> None:
    text = next(Parsed(pages()["pass"]).all("main")).text
    assert "No event has changed." in text
    assert "1 event without a change, not shown." in text


def test_the_matrix_is_a_table_whose_cells_lead_to_the_reason() -> None:
    page = Parsed(pages()["matrix"])
    assert 1 == len(list(page.all("table", "matrix")))
    heads = [e for e in page.all("th") if e.text.startswith(("read by", "written by"))]
    assert [("read by v1", "col"), ("read by v2", "col"), ("written by v1", "row"), ("written by v2", "row")] == [
        (e.text, e.attributes["scope"]) for e in heads
    ]
    cells = [
        e for e in page.all("td") if e.attributes.get("class") in ("same", "reads", "fails", "misreads", "unknown")
    ]
    assert ["• same", "✗ fails", "✓ reads", "• same"] == [cell.text for cell in cells]
    assert 'field "x" was added without a default' in {e.attributes.get("title") for e in page.all("a")}
    (reason,) = [e for e in page.all("li") if e.attributes.get("id") == "pair-a-a-v1-v2"]
    assert 'v1 → v2 fails A.x field "x" was added without a default' in reason.text.replace("failsA", "fails A")


def test_what_names_hold_is_only_ever_text() -> None:
    page = Parsed(pages()["hostile"])
    shown = HOSTILE.replace("\x1b", "\\x1b").replace("\u202e", "\\u202e")
    (heading,) = [e for e in page.all("h2") if e.text.startswith("</style>")]
    assert shown in heading.text
    assert not re.search("<(script|img)", pages()["hostile"])
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", pages()["hostile"])


def test_many_events_are_folded_and_those_with_findings_open() -> None:
    page = Parsed(pages()["folded"])
    folded = [e for e in page.all("details") if not e.attributes.get("class") and e.text.startswith("domain_")]
    assert 25 == len(folded)
    assert all("open" in element.attributes for element in folded)
    assert FOLDED_FROM > 2
    assert [] == [e for e in Parsed(pages()["matrix"]).all("details") if e.text.startswith("a/a")]


def test_a_thousand_events_stay_below_five_megabytes_and_say_what_they_left_out() -> None:
    text = render(many())
    page = Parsed(text)
    assert len(text.encode()) < 5_000_000
    assert 1_000 == len(list(page.all("article")))
    left_out = sum(e.text.startswith("Left out for want of room") for e in page.all("p"))
    assert f"{left_out} parts left out for want of room; the JSON report holds everything." in text
    anchors = {element.attributes.get("id") for element in page.elements}
    assert set() == {element.attributes["href"].removeprefix("#") for element in page.all("a")} - anchors


def test_two_pages_of_one_report_are_equal() -> None:
    assert render(REPORTS["fail"]) == render(replace(REPORTS["fail"]))


def test_fragments_are_safe_and_never_given_twice() -> None:
    name = Names()
    parts = [("event", "a/b"), ("event", "a-b"), ("event", "A B"), ("event", "a-b--2"), ("event", "ä"), ("event", "ö")]
    given = [name(*part) for part in parts]
    assert ["event-a-b", "event-a-b--2", "event-a-b--3", "event-a-b-2", "event-x", "event-x--2"] == given
    assert given == [name(*part) for part in parts]
