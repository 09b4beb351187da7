"""A file that cannot be written is refused with the reason, and nothing is left of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fem_island.errors import OutputError
from fem_island.machine.whole_files import replacing, write_json


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("file/record.json", "Not a directory"),
        ("missing/record.json", "there is no folder "),
        ("folder.json", "Is a directory"),
    ],
)
def test_the_reason_is_said(tmp_path: Path, place: str, reason: str) -> None:
    """Taking away what is unfinished fails where the file system refuses, and hides no reason."""
    (tmp_path / "file").touch()
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(OutputError, match=f"cannot be written: {reason}"):
        write_json({"a": 1}, tmp_path / place)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "folder.json"]


def test_what_was_there_stays_where_writing_fails(tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    write_json({"a": 1}, file)
    before = file.read_bytes()

    def fill_the_disk() -> None:
        with replacing(file) as unfinished:
            unfinished.write_text("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="cannot be written: No space left on device"):
        fill_the_disk()
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]
