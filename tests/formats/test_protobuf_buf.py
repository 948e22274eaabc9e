"""buf and we judge the same pairs: they agree, or the difference is written down with its reason."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import buf
import pytest

from schemacheck import formats

pytestmark = pytest.mark.skipif(isinstance(buf.binary(), str), reason=str(buf.binary()))
HERE = Path(__file__).parent
TABLE = tomllib.loads((HERE / "protobuf_buf.toml").read_text(encoding="utf-8"))
PAGE = (HERE.parents[1] / ".github" / "BUF.md").read_text(encoding="utf-8")
LETTERS = {"F": "FILE", "P": "PACKAGE", "J": "WIRE_JSON", "W": "WIRE", "C": "CSR"}
ROWS = {
    rule: (frozenset(LETTERS[letter] for letter in letters), set(re.findall(r"`([\w-]+)`", ours)))
    for rule, letters, ours in re.findall(r"^\| `([A-Z0-9_]+)` \| (\w+) \| (.*) \|$", PAGE, re.MULTILINE)
}


def known() -> set[str]:
    return {rule.id.partition("/")[2] for rule in formats.load("protobuf").rules}


def test_the_page_names_every_rule_of_buf_in_its_categories() -> None:
    assert buf.categories() == {rule: categories for rule, (categories, _) in ROWS.items()}


def test_the_page_names_no_rule_that_we_do_not_have() -> None:
    assert {rule for _, ours in ROWS.values() for rule in ours} <= known()


def test_what_buf_finds_is_found_under_the_names_of_the_page() -> None:
    missed = [
        (each.name, rule, each.told) for each in buf.judged() for rule in each.buf if not ROWS[rule][1] & each.told
    ]
    assert [] == missed


def test_the_pairs_make_buf_speak() -> None:
    assert len(buf.judged()) >= 1000
    assert 45 <= len({rule for each in buf.judged() for rule in each.buf})


@pytest.mark.parametrize("category", buf.SURFACES)
def test_who_calls_a_pair_broken_alone_has_a_reason(category: str) -> None:
    ours = {rule for row in TABLE["ours"] if category in row["categories"] for rule in row["rules"]}
    theirs = {
        (rule, instead)
        for row in TABLE["theirs"]
        if category in row["categories"]
        for rule in row["rules"]
        for instead in row["instead"]
    }
    unexplained = []
    for each in buf.judged():
        said, found = each.in_category(category)
        if found and not said:
            unexplained += [(each.name, rule) for rule in found if rule not in ours]
        elif said and not found:
            unexplained += [
                (each.name, rule, each.told) for rule in said if not {(rule, told) for told in each.told} & theirs
            ]
    assert [] == unexplained


def test_every_difference_that_is_written_down_is_met() -> None:
    ours, theirs = set(), set()
    for category in buf.SURFACES:
        for each in buf.judged():
            said, found = each.in_category(category)
            if found and not said:
                ours |= {(rule, category) for rule in found}
            elif said and not found:
                theirs |= {(rule, told, category) for rule in said for told in each.told}
    stale = [
        *((r, c) for row in TABLE["ours"] for r in row["rules"] for c in row["categories"] if (r, c) not in ours),
        *(
            (row["reason"], c)
            for row in TABLE["theirs"]
            for c in row["categories"]
            if not any((r, i, c) in theirs for r in row["rules"] for i in row["instead"])
        ),
    ]
    assert [] == stale
    assert all(row["reason"] for row in [*TABLE["ours"], *TABLE["theirs"]])
