"""The gate that stops a broken event schema before it ships."""

__version__ = "0.1.0"
