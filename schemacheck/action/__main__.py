"""What `action.yml` runs."""

from __future__ import annotations

import os
import sys

from schemacheck.action.run import run

if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(run(os.environ))
