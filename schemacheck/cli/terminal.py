"""What the terminal can show: colour, links, width; and a bar for work that takes longer than a second."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import click

from schemacheck.render.style import Style

_PATIENCE = 1.0  # seconds before a bar appears
_OFF = ("", "0", "false")
# variables that only terminals with OSC 8 set, and words in TERM and TERM_PROGRAM that name such terminals
_LINKING = (
    "WT_SESSION",
    "KITTY_WINDOW_ID",
    "KONSOLE_VERSION",
    "DOMTERM",
    "WEZTERM_EXECUTABLE",
    "GHOSTTY_RESOURCES_DIR",
)
_LINKING_NAMES = ("kitty", "alacritty", "foot", "ghostty", "wezterm", "iterm", "vscode", "hyper", "contour", "rio")


def coloured(choice: str, environ: Mapping[str, str], terminal: bool) -> bool:
    """Whether to use colour: the option, NO_COLOR, FORCE_COLOR or CLICOLOR_FORCE, TERM, then who watches."""
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "").lower() not in _OFF for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return terminal and environ.get("TERM") != "dumb"


def linking(environ: Mapping[str, str], terminal: bool) -> bool:
    """Whether the terminal is known to show hyperlinks; never in CI, where a log would show their codes."""
    if not terminal or environ.get("CI") or environ.get("TERM") == "dumb":
        return False
    if any(environ.get(name) for name in _LINKING) or _number(environ.get("VTE_VERSION", "")) >= 5000:
        return True
    name = f"{environ.get('TERM', '')} {environ.get('TERM_PROGRAM', '')}".lower()
    return any(known in name for known in _LINKING_NAMES)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def style_for(wanted: Mapping[str, Any], environ: Mapping[str, str], stream: IO[Any], folder: Path | None) -> Style:
    """How text on a stream is dressed. `folder` is what the paths of the report begin at."""
    terminal = stream.isatty()
    width = 100
    if terminal:
        import shutil  # brings every kind of archive with it

        width = shutil.get_terminal_size((width, 24)).columns
    colour = coloured(wanted.get("color", "auto"), environ, terminal)
    links = colour and linking(environ, terminal)
    return Style(
        colour=colour,
        width=width,
        quiet=wanted.get("quiet", False),
        verbose=wanted.get("verbose", False),
        files=f"{folder.as_uri()}/" if links and folder else "",
        pages=f"{(Path(__file__).parent.parent / 'rules').as_uri()}/" if links else "",
    )


@contextlib.contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """What long work calls with how much is done, of how much; None where nobody watches standard error."""
    if not sys.stderr.isatty():
        yield None
        return
    began = time.monotonic()
    shown = [""]

    def tell(done: int, total: int) -> None:
        if total and time.monotonic() - began > _PATIENCE:
            filled = 24 * done // total
            bar = f"\r{label} [{'#' * filled}{'.' * (24 - filled)}] {done}/{total}"
            if bar != shown[0]:
                shown[0] = bar
                click.echo(bar, nl=False, err=True)

    try:
        yield tell
    finally:
        if shown[0]:
            click.echo(f"\r{' ' * len(shown[0])}\r", nl=False, err=True)
