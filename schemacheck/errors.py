"""What can go wrong, as an exception tree.

SchemacheckError           a message, and a hint that says what to do
├── UsageError             exit 2: the command line or the configuration is wrong
└── NotChecked             exit 3: something could not be compared; carries the reason for the report

What is wrong inside one schema is not an exception: parsing returns `model.Problem`s, so that one broken file never
hides the others.
"""

from __future__ import annotations


class SchemacheckError(Exception):
    """A failure that is said to the user in one line, with a hint in a second one."""

    exit_code = 3

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(SchemacheckError):
    """The command line, the environment or the configuration asks for something that does not exist."""

    exit_code = 2


class NotChecked(SchemacheckError):  # noqa: N818 - named after the outcome it leads to
    """The comparison could not be made. `reason` is a value of `not_checked[].reason` in the JSON report."""

    exit_code = 3

    def __init__(self, message: str, hint: str = "", reason: str = "baseline") -> None:
        super().__init__(message, hint)
        self.reason = reason
