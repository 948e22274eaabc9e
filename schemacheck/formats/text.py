"""A schema file's bytes as text, or the reason why it is none."""

from __future__ import annotations

from schemacheck.errors import NotChecked
from schemacheck.model import Problem, Tree

MAX_BYTES = 5_000_000


def read_text(tree: Tree, path: str) -> str | Problem:
    """The file's text without a byte order mark, line ends as they are; a Problem if it is no schema text."""
    if path in tree.problems:
        return tree.problems[path]
    try:
        raw = tree.read(path)
    except KeyError:
        return Problem(path, "there is no such file", reason="unreadable")
    except NotChecked as error:
        return Problem(path, error.message, error.hint, reason=error.reason)
    if len(raw) > MAX_BYTES:
        return Problem(path, f"the file has {len(raw)} bytes, more than {MAX_BYTES}", "split the schema")
    if raw.startswith(b"version https://git-lfs"):
        return Problem(
            path, "it is a Git LFS pointer", "keep schemas as plain files, or run git lfs pull", reason="unsupported"
        )
    if b"\0" in raw:
        return Problem(
            path,
            "it is a binary file, or not UTF-8",
            "save it as UTF-8 text",
            line=raw.count(b"\n", 0, raw.index(b"\0")) + 1,
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = raw[: error.start]
        line_start = good.rfind(b"\n") + 1
        column = len(good[line_start:].decode("utf-8", "replace")) + 1
        return Problem(
            path,
            f"byte 0x{raw[error.start]:02x} is not UTF-8",
            "save it as UTF-8 text",
            line=good.count(b"\n") + 1,
            column=column,
        )
    if not text.strip():
        return Problem(path, "the file is empty", "write a schema, or delete the file", line=1, column=1)
    return text
