"""Either the old or the new content, never half of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from schemacheck.files import write


def test_a_file_is_replaced_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    write(target, b"old")
    write(target, b"new")
    assert target.read_bytes() == b"new"
    assert [target] == list(tmp_path.iterdir())


def test_a_new_file_has_the_permissions_that_the_umask_leaves(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write(tmp_path / "report.json", b"x")
    finally:
        os.umask(mask)
    assert 0o640 == (tmp_path / "report.json").stat().st_mode & 0o777


def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path: Path) -> None:
    target = tmp_path / "hook"
    target.write_bytes(b"old")
    target.chmod(0o755)
    write(target, b"new")
    assert 0o755 == target.stat().st_mode & 0o777


def test_a_failed_write_leaves_the_old_content_alone(tmp_path: Path) -> None:
    folder = tmp_path / "report.json"
    folder.mkdir()
    (folder / "kept").write_text("kept")
    with pytest.raises(OSError, match="report"):
        write(folder, b"new")
    assert (folder / "kept").read_text() == "kept"
    assert [folder] == list(tmp_path.iterdir())
