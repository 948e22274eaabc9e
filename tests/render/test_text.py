"""The text for people: where colour, links and a bar appear, what `--quiet` and `--verbose` show, where a caret is."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from render.test_golden import REPORTS
from sources.repos import Repo
from test_cli import AVRO, AVRO_BROKEN, AVRO_V1

from schemacheck.cli import terminal
from schemacheck.excerpt import excerpt, lines_of
from schemacheck.render.style import PLAIN, Style
from schemacheck.render.text import render

SEEN = {"TERM": "xterm-256color"}
FIRST_LINE = re.compile(r"\S+?(:\d+){0,2}: (error|warning|info) [a-z-]+/[a-z-]+: .+")
ESCAPES = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;;[^\x1b]*\x1b\\")


@pytest.mark.parametrize(
    ("choice", "environ", "watched", "wanted"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"CLICOLOR_FORCE": "1", "TERM": "dumb"}, False, True),
        ("auto", {"TERM": "dumb"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_the_option_then_the_variables_then_the_terminal_decide_on_colour(
    choice: str, environ: Mapping[str, str], watched: bool, wanted: bool
) -> None:
    assert wanted == terminal.coloured(choice, {**SEEN, **environ}, watched)


@pytest.mark.parametrize(
    ("environ", "watched", "wanted"),
    [
        ({"TERM_PROGRAM": "vscode"}, True, True),
        ({"VTE_VERSION": "7600"}, True, True),
        ({"VTE_VERSION": "4999"}, True, False),
        ({"TERM": "xterm-kitty"}, True, True),
        ({"TERM_PROGRAM": "vscode", "CI": "true"}, True, False),
        ({"TERM_PROGRAM": "vscode"}, False, False),
        ({"TERM_PROGRAM": "vscode", "TERM": "dumb"}, True, False),
        ({}, True, False),
    ],
)
def test_links_appear_on_terminals_that_know_them_and_never_in_ci(
    environ: Mapping[str, str], watched: bool, wanted: bool
) -> None:
    assert wanted == terminal.linking({**SEEN, **environ}, watched)


@pytest.mark.parametrize("name", REPORTS)
def test_colour_and_links_add_nothing_but_their_own_codes(name: str) -> None:
    dressed = render(REPORTS[name], Style(colour=True, files="file:///shop/", pages="file:///rules/"))
    assert render(REPORTS[name]) != dressed
    assert render(REPORTS[name]) == ESCAPES.sub("", dressed)


def test_a_rule_leads_to_its_page() -> None:
    dressed = render(REPORTS["fail"], Style(colour=True, pages="file:///rules/"))
    rule = "protobuf/field-type-changed"
    assert f"\x1b]8;;file:///rules/{rule}.md\x1b\\{rule}\x1b]8;;\x1b\\" in dressed


@pytest.mark.parametrize("name", REPORTS)
def test_quiet_leaves_the_first_lines_and_the_verdict(name: str) -> None:
    *lines, verdict = render(REPORTS[name], Style(quiet=True)).splitlines()
    assert render(REPORTS[name]).splitlines()[-1] == verdict
    assert all(FIRST_LINE.fullmatch(line) or ": not checked: " in line for line in lines)
    loud = [line for line in render(REPORTS[name]).splitlines() if FIRST_LINE.fullmatch(line)]
    assert [line for line in lines if FIRST_LINE.fullmatch(line)] == loud


def test_verbose_adds_what_harms_nobody() -> None:
    plain, verbose = (render(REPORTS["pass"], style) for style in (PLAIN, Style(verbose=True)))
    assert "nobody fails" not in plain
    assert "nobody fails" in verbose
    assert "info event/kind-missing" in verbose


@pytest.mark.parametrize("column", [1, 8, 61, 500, 995])
def test_a_caret_points_at_the_same_character_in_a_long_line_that_was_cut(column: int) -> None:
    line = "".join(chr(0x4E00 + number) for number in range(1000))
    found = excerpt(lines_of(f"first\r\n{line}\r\nlast"), 2, column)
    assert found is not None
    assert line[column - 1] == found.text[found.column - 1]
    assert len(found.text) <= 190


@pytest.mark.parametrize(("line", "column"), [(0, 1), (4, 1), (None, None)])
def test_a_place_that_no_line_has_shows_none(line: int | None, column: int | None) -> None:
    assert excerpt(["a", "b", "c"], line, column) is None


def on_a_terminal(folder: Path, *arguments: str, **environ: str) -> tuple[int, str]:
    """Exit code and output of a run whose standard output is a terminal."""
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR", "FORCE_COLOR")}
    running = subprocess.Popen(
        [sys.executable, "-m", "schemacheck", *arguments],
        cwd=folder,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**kept, **SEEN, **environ},
    )
    os.close(theirs)
    output, end = b"", time.monotonic() + 60
    while time.monotonic() < end and select.select([ours], [], [], 60)[0]:
        try:
            part = os.read(ours, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not part:
            break
        output += part
    os.close(ours)
    return running.wait(60), output.decode("utf-8").replace("\r\n", "\n")


def test_a_real_terminal_sees_colour_and_a_pipe_the_same_words_without(tmp_path: Path) -> None:
    repo = Repo(tmp_path)
    repo.commit({AVRO: AVRO_V1})
    repo.write({AVRO: AVRO_BROKEN})
    piped = subprocess.run(
        [sys.executable, "-m", "schemacheck", "check"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    code, shown = on_a_terminal(tmp_path, "check", TERM_PROGRAM="vscode")
    assert (1, 1) == (code, piped.returncode)
    assert "\x1b[1;31m" in shown
    assert "\x1b]8;;file://" in shown
    assert "\x1b" not in piped.stdout
    assert piped.stdout == ESCAPES.sub("", shown)
    assert piped.stdout == on_a_terminal(tmp_path, "check", NO_COLOR="1", TERM_PROGRAM="vscode")[1]
    in_ci = on_a_terminal(tmp_path, "check", "--against", "git:HEAD", CI="true", TERM_PROGRAM="vscode")[1]
    assert ("\x1b[1;31m" in in_ci, "\x1b]8" in in_ci) == (True, False)


class Terminal(io.StringIO):
    """Standard error that somebody watches."""

    def isatty(self) -> bool:
        return True


def test_a_bar_appears_for_long_work_only_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []
    for patience in (1000.0, 0.0):
        monkeypatch.setattr(terminal, "_PATIENCE", patience)
        monkeypatch.setattr(sys, "stderr", Terminal())
        with terminal.progress("comparing") as tell:
            assert tell is not None
            tell(0, 0)
            tell(6, 12)
        shown.append(sys.stderr.getvalue())
    assert "" == shown[0]
    assert "\rcomparing [############............] 6/12" in shown[1]
    assert re.search(r"\r +\r$", shown[1])


def test_nobody_is_told_about_progress_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with terminal.progress("comparing") as tell:
        assert tell is None
