"""Published releases of real schemas as commits of a repository: what the gate finds there, looked at one by one.

The releases come from the package index through pip, once; they are kept below `.cache/`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from sources.repos import Repo
from test_cli import schemacheck

CACHE = Path(__file__).parent.parent / ".cache" / "releases"


def release(package: str, version: str) -> dict[str, str]:
    """The schemas in a released wheel: path to text."""
    folder = CACHE / f"{package}-{version}"
    if not list(folder.glob("*.whl")):
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*command, "-d", str(folder), f"{package}=={version}"], check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith((".avsc", ".proto"))]
        return {name: archive.read(name).decode("utf-8") for name in sorted(names)}


def judged(folder: Path, package: str, old: str, new: str, *options: str) -> tuple[int, dict[str, object]]:
    """Exit code and report of `check` between two releases, committed one after the other."""
    repo = Repo(folder / "repo")
    before, after = release(package, old), release(package, new)
    repo.commit({**before}, old)
    repo.commit({**dict.fromkeys(before.keys() - after.keys()), **after}, new)
    done = schemacheck(repo.path, "check", "--against", "git:HEAD~1", "--format", "json", *options)
    return done.returncode, json.loads(done.stdout)


def findings(report: dict[str, object], *levels: str) -> list[str]:
    """Findings as `level rule where directions`, sorted."""
    rows = report["findings"]
    assert isinstance(rows, list)
    shown = (f"{r['level']} {r['rule']} {r['where'] or r['file']} {'+'.join(r['directions'])}".strip() for r in rows)
    return sorted(row for row in shown if row.partition(" ")[0] in (levels or ("error", "warning", "info")))


def test_gravitational_wave_alerts_1_2_to_1_3_stop_every_reader_of_the_old_schema(tmp_path: Path) -> None:
    """`gcn_notice_id` went from int to [int, string].

    A consumer built on 1.2 fails on the first alert whose notice id is text; fastavro and Java both refuse to put a
    string into an int. New readers read all old alerts. The namespace holds no version, and the path neither, so the
    file is an implicit v1 whose next version has a place of its own.
    """
    code, report = judged(tmp_path, "igwn-gwalert-schema", "1.2.0", "1.3.0")
    assert 1 == code
    path = "igwn_gwalert_schema/igwn.alerts.Alert.avsc"
    assert [
        "error avro/union-branch-added Alert.external_coinc.gcn_notice_id<string> forward",
        f"error event/mutated {path} forward",
        f"info event/version-implicit {path}",
    ] == findings(report)
    assert [] == report["not_checked"]


def test_gravitational_wave_alerts_1_0_to_1_3_took_all_published_schemas_away(tmp_path: Path) -> None:
    """The four files of 1.0, one a type, became one file with other names: all that 1.0 published is gone."""
    code, report = judged(tmp_path, "igwn-gwalert-schema", "1.0.0", "1.3.0")
    assert 1 == code
    folder = "igwn_gwalert_schema/igwn.alerts"
    assert [
        f"error event/version-removed {folder}.v1_0.{name}.avsc"
        for name in ("Alert", "AlertType", "EventInfo", "ExternalCoincInfo")
    ] == findings(report, "error", "warning")


@pytest.mark.parametrize("mode", ["BACKWARD", "BACKWARD_TRANSITIVE"])
def test_gravitational_wave_alerts_1_2_to_1_3_are_fine_where_consumers_deploy_first(tmp_path: Path, mode: str) -> None:
    code, report = judged(tmp_path, "igwn-gwalert-schema", "1.2.0", "1.3.0", "--mode", mode)
    assert 0 == code
    subjects = report["subjects"]
    assert isinstance(subjects, list)
    assert [("compatible", "consumers_first")] == [(s["outcome"], s["deploy"]) for s in subjects]


# Values that `google.api.ErrorReason` got between the two releases.
REASONS = """
    ACCOUNT_TYPE_UNSUPPORTED CREDENTIALS_MISSING CREDENTIAL_ANDROID_APP_INVALID CREDENTIAL_TYPE_UNSUPPORTED
    EMULATOR_QUOTA_EXCEEDED ENDPOINT_USAGE_RESTRICTION_VIOLATED GCP_SUSPENDED IAM_PERMISSION_DENIED
    JWT_TOKEN_INVALID LOCATION_ORG_POLICY_VIOLATED LOCATION_POLICY_VIOLATED MCP_SERVER_DISABLED MISSING_ORIGIN
    ORG_RESTRICTION_HEADER_INVALID ORG_RESTRICTION_VIOLATION OVERLOADED_CREDENTIALS RESOURCE_PROJECT_INVALID
    RESOURCE_USAGE_RESTRICTION_VIOLATED SERVICE_NOT_VISIBLE SESSION_COOKIE_INVALID SYSTEM_PARAMETER_UNSUPPORTED
    TLS_CIPHER_RESTRICTION_VIOLATED TLS_ORG_POLICY_VIOLATED USER_BLOCKED_BY_ADMIN
"""


def test_googleapis_common_protos_four_years_apart_took_one_file_away(tmp_path: Path) -> None:
    """One published path is gone: `operations.proto` is called `operations_proto.proto` now, and whoever imports the
    old path no longer compiles. All else went as it should: nothing that a reader knew was removed or retyped. The
    warnings are what an old reader cannot name: values of open enums, and a member of a oneof, which it sees as unset.
    """
    code, report = judged(tmp_path, "googleapis-common-protos", "1.56.0", "1.76.0")
    assert 1 == code
    assert [] == report["not_checked"]
    location = "providers[].jwt_locations[].cookie"
    assert sorted(
        [
            "error event/version-removed google/longrunning/operations.proto",
            f"warning protobuf/oneof-member-added google.api.Authentication.{location} forward",
            f"warning protobuf/oneof-member-added google.api.Service.authentication.{location} forward",
            "warning protobuf/enum-value-added [google.api.field_behavior][].IDENTIFIER forward",
            *(f"warning protobuf/enum-value-added google.api.ErrorReason.{name} forward" for name in REASONS.split()),
        ]
    ) == findings(report, "error", "warning")
