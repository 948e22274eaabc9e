"""Whether native libraries run in a child process, so that one that dies takes a file with it and not the gate.

The command line switches it on: its process is small, and a fork of it costs a millisecond. That of a large process,
such as one that runs a thousand comparisons, costs a hundred times as much.
"""

from __future__ import annotations

ON = False
