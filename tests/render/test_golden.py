"""Every output of four reports, whole: who changes what is said sees all of it. `make golden` writes them anew."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from test_event_cases import judged

from schemacheck import __version__
from schemacheck.render import RENDERERS, renderer
from schemacheck.report import Report

GOLDEN = Path(__file__).parent / "golden"
ENDINGS = {"json": "json", "sarif": "sarif", "gitlab": "json", "junit": "xml", "markdown": "md", "comment": "md"}
PLACED = "schemas/orders/order_placed/v1.avsc"
PAID = "schemas/payments/v1/order_paid.proto"
OWNED = b'owner = "team-checkout"\nconsumers = ["billing", "dwh"]\n'
AVRO = b"""{
  "type": "record", "name": "OrderPlaced", "namespace": "orders.v1",
  "fields": [
    {"name": "order_id", "type": "string"},
    {"name": "amount", "type": "int"},
    {"name": "currency", "type": "string"}
  ]
}
"""
PROTO = b"""syntax = "proto3";

package payments.v1;

message OrderPaid {
  string order_id = 1;
  int64 amount = 2;
}
"""
WAIVED = b"""[[waiver]]
fingerprint = "FINGERPRINT"
reason = "no reader is left that needs it"
owner = "team-checkout"
expires = 2026-12-31
"""
BEFORE = {PLACED: AVRO, PAID: PROTO, "schemas/orders/order_placed/event.toml": OWNED}
WITHOUT_CURRENCY = AVRO.replace(b',\n    {"name": "currency", "type": "string"}', b"")


def report(after: dict[str, bytes | None]) -> Report:
    """A report on changed files; None takes one away."""
    files = {path: text for path, text in {**BEFORE, **after}.items() if text is not None}
    return judged({"published": {}, "before": BEFORE, "after": files, "untracked": {}})


def failing() -> Report:
    """Breaks of both formats with their proofs, one of them waived by this change."""
    broken = {PLACED: WITHOUT_CURRENCY, PAID: PROTO.replace(b"int64 amount", b"string amount")}
    rule = "avro/field-removed-without-default"
    waived = next(finding.fingerprint for finding in report(broken).findings if finding.rule.id == rule)
    return report({**broken, "schemacheck.waivers.toml": WAIVED.replace(b"FINGERPRINT", waived.encode())})


REPORTS = {
    "pass": report({PLACED: AVRO.replace(b'"type": "int"}', b'"type": "int", "doc": "in cents"}')}),
    "fail": failing(),
    "not_checked": report({PLACED: b'{"type": "recor"}'}),
    "removed": report({PAID: None}),
}


@pytest.mark.parametrize("format_", RENDERERS)
@pytest.mark.parametrize("name", REPORTS)
def test_an_output_is_as_it_was(name: str, format_: str) -> None:
    text = renderer(format_)(REPORTS[name]).replace(__version__, "VERSION")
    if format_ == "sarif":
        text = json.dumps(json.loads(text), indent=1) + "\n"  # so that a difference is a line
    golden = GOLDEN / f"{name}.{format_}.{ENDINGS.get(format_, 'txt')}"
    if os.environ.get("SCHEMACHECK_WRITE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8", newline="\n")
    assert golden.read_text(encoding="utf-8") == text


def test_the_reports_are_what_their_names_say() -> None:
    assert {"pass": "pass", "fail": "fail", "not_checked": "not_checked", "removed": "fail"} == {
        name: found.verdict for name, found in REPORTS.items()
    }
    (waived,) = (finding for finding in REPORTS["fail"].findings if finding.waived)
    assert waived.witness is not None


def test_no_file_of_a_former_report_or_format_is_left() -> None:
    wanted = {f"{name}.{format_}.{ENDINGS.get(format_, 'txt')}" for name in REPORTS for format_ in RENDERERS}
    assert wanted == {path.name for path in GOLDEN.iterdir()}
