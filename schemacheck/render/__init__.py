"""Reports as text for people and machines. A renderer is a function from a Report to text; it never prints."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from schemacheck.report import Report

# name → module, loaded on first use
RENDERERS = {
    name: f"schemacheck.render.{name}"
    for name in ("text", "json", "sarif", "github", "gitlab", "junit", "markdown", "comment", "html")
}


def renderer(name: str) -> Callable[[Report], str]:
    """The renderer of a format name."""
    return cast("Callable[[Report], str]", importlib.import_module(RENDERERS[name]).render)
