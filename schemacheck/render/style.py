"""How text is dressed for the place where it is read: colour, links, width. Pure; the command line decides it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

_CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
    "error": "1;31",
    "warning": "1;33",
    "info": "1;36",
    "pass": "1;32",
    "fail": "1;31",
    "not_checked": "1;33",
}


@dataclass(frozen=True, slots=True)
class Style:
    """What a terminal can show. `files` and `pages` are the addresses that links begin with; empty for no links."""

    colour: bool = False
    width: int = 100
    quiet: bool = False  # first lines and the verdict only
    verbose: bool = False  # harmless changes, too
    files: str = ""  # of the repository, e.g. file:///home/me/shop/
    pages: str = ""  # of the rules' pages

    def paint(self, text: str, name: str) -> str:
        """Text in a colour; text that must be harmless already."""
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.colour and text else text

    def file(self, text: str, path: str) -> str:
        """Text that leads to a file of the repository (OSC 8)."""
        return _link(text, self.files, path)

    def page(self, text: str, rule: str) -> str:
        """Text that leads to the page of a rule."""
        return _link(text, self.pages, f"{rule}.md")


def _link(text: str, base: str, path: str) -> str:
    if not base:
        return text
    return f"\x1b]8;;{base}{quote(path, safe='/', errors='surrogatepass')}\x1b\\{text}\x1b]8;;\x1b\\"


PLAIN = Style()
