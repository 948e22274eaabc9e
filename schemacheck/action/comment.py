"""The one comment of a workflow's job on a pull request: found again, rewritten, never deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from schemacheck.action.api import Api

RESOLVED = "Resolved: nothing is left of what this comment said before.\n\n"


def marker(*parts: str) -> str:
    """A line that nobody sees, and that finds the comment of this workflow, job and directory again."""
    known = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
    return f"<!-- schemacheck {known[:20]} -->"


def keep(api: Api, issue: str, mark: str, author: str, text: str, *, create: bool, clean: bool) -> str:
    """Writes the comment, and tells what was done; raises Refused.

    `issue` is the path of the issue in the API. Anyone can paste the marker, so only the author's own comment counts.
    """
    repository = issue.rpartition("/issues/")[0]
    for comment in api.pages(f"{issue}/comments"):
        if isinstance(comment, Mapping) and _is_ours(comment, mark, author):
            body = f"{mark}\n{RESOLVED if clean else ''}{text}"
            if comment.get("body") == body:
                return "the comment says it already"
            api.send("PATCH", f"{repository}/issues/comments/{comment['id']}", {"body": body})
            return "the comment was renewed"
    if not create:
        return "there was nothing to comment on"
    api.send("POST", f"{issue}/comments", {"body": f"{mark}\n{text}"})
    return "a comment was written"


def _is_ours(comment: Mapping[str, Any], mark: str, author: str) -> bool:
    user, body = comment.get("user"), comment.get("body")
    return (
        isinstance(comment.get("id"), int)
        and isinstance(user, Mapping)
        and user.get("login") == author
        and isinstance(body, str)
        and body.startswith(mark)
    )
