"""Judges pairs of Avro schemas in both directions with the `avro` package: two paths a line, old and new.

python -m benchmarks.avro_package FILE
"""

from __future__ import annotations

import sys
import warnings
from functools import cache
from pathlib import Path
from typing import Any


def main(listed: str) -> None:
    """Prints how many pairs there are, and how many of them break."""
    import avro.compatibility
    import avro.schema

    checker: Any = avro.compatibility.ReaderWriterCompatibilityChecker  # one for each pair, since it remembers them

    @cache
    def read(path: str) -> Any:
        return avro.schema.parse(Path(path).read_text(encoding="utf-8"))

    def reads(reader: Any, writer: Any) -> bool:
        said = checker().get_compatibility(reader, writer).compatibility
        return bool(said == avro.compatibility.SchemaCompatibilityType.compatible)

    pairs, breaking = 0, 0
    for line in Path(listed).read_text(encoding="utf-8").splitlines():
        old, new = map(read, line.split("\t"))
        pairs += 1
        breaking += not (reads(new, old) and reads(old, new))
    print(f"{pairs} pairs, {breaking} breaking")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1])
