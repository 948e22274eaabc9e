"""The `event/*` rules: what holds for versions, and for what is said about them. Pure, one module for each concern."""

from schemacheck.events.rules import RULES

__all__ = ["RULES"]
