"""Reports as text for people and machines. A renderer is a function from a Report to text; it never prints."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import cast

from schemacheck.model import Report

# name → module, loaded on first use
RENDERERS = {"text": "schemacheck.render.text", "json": "schemacheck.render.json"}


def renderer(name: str) -> Callable[[Report], str]:
    """The renderer of a format name."""
    return cast(Callable[[Report], str], importlib.import_module(RENDERERS[name]).render)
