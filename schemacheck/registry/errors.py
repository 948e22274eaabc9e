"""What a registry can answer but a result; all of it means that nothing was decided.

RegistryError        the registry could not be asked, or answered what cannot be understood
├── Unavailable      no registry answers here at all, or it lets nobody in: asking for the next subject is pointless
├── NotFound         it answers, and knows no such subject, version, schema or setting
└── EndpointMissing  it answers, and has no such endpoint
"""

from __future__ import annotations

from schemacheck.errors import NotChecked


class RegistryError(NotChecked):
    """Exit 3. `status` and `code` are those of the answer, None where there was none."""

    def __init__(self, message: str, hint: str = "", status: int | None = None, code: int | None = None) -> None:
        super().__init__(message, hint, reason="registry")
        self.status = status
        self.code = code


class Unavailable(RegistryError):  # noqa: N818 - named after what is the case
    """Nothing was heard, or 401, 429 and 502 to 504 to the last attempt."""


class NotFound(RegistryError):  # noqa: N818 - as above
    """A 404 with a code of the registry's own."""


class EndpointMissing(RegistryError):  # noqa: N818 - as above
    """A 404 or 405 that says nothing about subjects: a router's, a proxy's."""
