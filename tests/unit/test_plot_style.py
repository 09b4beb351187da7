"""Units of axes, and where pictures may be written; neither needs a solution."""

from __future__ import annotations

from pathlib import Path

import pytest

from fem_island.errors import InputError
from fem_island.machine.communicator import OneProcess
from fem_island.plots import axis_units, picture_file


@pytest.mark.parametrize(
    ("length", "name", "shown"),
    [
        (1e-9, "nm", 1.0),
        (0.4e-6, "nm", 400.0),
        (0.5e-6, "µm", 0.5),
        (5e-3, "µm", 5000.0),
        (6e-3, "mm", 6.0),
        (1.0, "mm", 1000.0),
    ],
)
def test_unit_of_an_axis(length: float, name: str, shown: float) -> None:
    unit = axis_units.length_unit(length)
    assert unit.name == name
    assert length / unit.metres == pytest.approx(shown, rel=1e-12, abs=0)


@pytest.mark.parametrize("name", ["a.png", "a.PDF", "some/where/a.svg", "a.b.png"])
def test_a_picture_that_can_be_written(tmp_path: Path, name: str) -> None:
    assert picture_file.prepare(tmp_path / name, OneProcess()) == tmp_path / name
    assert picture_file.prepared(str(tmp_path / name)) == tmp_path / name
    assert (tmp_path / name).parent.is_dir()
    assert not (tmp_path / name).exists()


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        picture_file.prepare(path, OneProcess())
    (fault,) = caught.value.faults
    assert (fault.key, fault.value) == ("path", str(path))
    return fault.message


@pytest.mark.parametrize("name", ["new/a.xyz", "new/a", "new/.png", "new/a.png.txt"])
def test_a_format_that_is_not_known(tmp_path: Path, name: str) -> None:
    message = refused(tmp_path / name)
    assert message.startswith("must end in one of ")
    assert {".png", ".pdf", ".svg"} <= set(message.removeprefix("must end in one of ").split(", "))
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    message = refused(tmp_path / "file" / "a.png")
    assert message.startswith("must be in a folder that can be made: ")


def test_a_folder_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    assert refused(tmp_path / "a.png") == "must be a file, and is a folder"


def test_no_file_at_all() -> None:
    picture_file.prepare(None, OneProcess())
