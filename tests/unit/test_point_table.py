"""Tables of points: what columns may be called and hold, and what is said of those that may not."""

from pathlib import Path
from typing import Any

import numpy as np
import pint
import pytest
import xarray

from fem_island.case.point_table import read_points
from fem_island.errors import InputError

COLUMNS = {"islands.width [um]": [5, 20.5], "current_density": ["0.25 mA/cm^2", 4]}


def values(points: Any) -> dict[str, list[float]]:
    return {axis.path: axis.values.tolist() for axis in read_points(points)}


def test_columns_are_keys_or_short_names_with_units_in_either_place() -> None:
    assert values(COLUMNS) == {
        "islands.width": [5e-06, 2.05e-05],
        "operation.current_density": [2.5, 4.0],
    }


def test_arrays_are_si_numbers() -> None:
    found = values({"operation.temperature": np.array([298, 300]), "island_width": [1e-6, 2e-6]})
    assert found == {"operation.temperature": [298.0, 300.0], "islands.width": [1e-6, 2e-6]}


def test_a_unit_with_an_offset_is_converted() -> None:
    assert values({"temperature [degC]": [25.0]}) == {"operation.temperature": [298.15]}


def test_a_frame_of_pandas_is_a_table() -> None:
    pandas = pytest.importorskip("pandas")
    assert values(pandas.DataFrame(COLUMNS)) == values(COLUMNS)


def test_a_frame_is_read_by_row_whatever_its_index_is() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(COLUMNS, index=[7, 3])
    assert values(frame) == values(COLUMNS)
    for bad, said in [
        (frame.set_index("islands.width [um]"), "islands.width [um]: is the index"),
        (frame[["current_density", "current_density"]], "current_density: is given more than once"),
    ]:
        with pytest.raises(InputError) as refusal:
            read_points(bad)
        (line,) = str(refusal.value).splitlines()
        assert said in line


@pytest.mark.parametrize("header", ["islands.width (um)", "islands.width / um", "island_width/ um"])
def test_a_unit_may_stand_as_in_other_tables(header: str) -> None:
    assert values({header: [5.0]}) == {"islands.width": [5e-06]}


def test_a_file_says_the_same_with_its_index_and_empty_lines(tmp_path: Path) -> None:
    table = tmp_path / "points.csv"
    table.write_text(
        "\ufeff,islands.width [um], current_density\n0,5,0.25 mA/cm^2\n\n1, 20.5,4\n",
        encoding="utf-8",
    )
    assert values(table) == values(str(table)) == values(COLUMNS)


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ({"islands.wid": [1]}, "islands.wid: is not a numeric key; known are islands.width,"),
        ({}, "table: has no columns"),
        ({"islands.width": []}, "table: has no rows"),
        (
            {"islands.width": [1e-6], "current_density": [1, 2]},
            "table: has columns of different lengths: islands.width 1, operation",
        ),
        ({"islands.width": [[1e-6]]}, "islands.width: must be a column"),
        ({"islands.width [V]": [1]}, 'islands.width = "[V]": has the unit "V"'),
        ({"islands.width [um]": [5, 0]}, 'row 1, islands.width = "0 um": must be at least'),
        ({"islands.width": [5e-6, np.nan]}, "row 1, islands.width: is empty"),
        ({"islands.width": ["5 um", ""]}, 'row 1, islands.width = "": is empty'),
        ({"islands.width": ["5 xm"]}, 'row 0, islands.width = "5 xm": has the unknown unit'),
        ({"accuracy.degree": [2.5]}, "row 0, accuracy.degree = 2.5: must be a whole number"),
        (
            {"islands.width": [1e-6], "island_width": [1e-6]},
            "islands.width: is given more than once",
        ),
        (
            {"islands.width": [1e-6], "islands.0.width": [1e-6]},
            'islands.0.width: is also set by "islands.width"',
        ),
        (3, 'table = "int": must be a dict of columns'),
    ],
)
def test_what_is_wrong_is_said_in_a_line(points: Any, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_points(points)
    assert str(caught.value).startswith(said)
    assert all(len(str(fault)) < 400 for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("islands.width\n", "has no rows"),
        ("islands.width;x\n1;2\n", "has semicolons"),
        ("islands.width [um]\n5\nnan\n", "line 3, islands.width: is empty or NaN"),
        ("islands.width\n1,5\n", "line 2: has 2 columns where the header has 1; is there a decim"),
        ("islands.width [um]\n5\n\n-3\n", 'line 4, islands.width = "-3 um": must be at least'),
    ],
)
def test_a_file_is_refused_by_its_lines(tmp_path: Path, text: str, said: str) -> None:
    table = tmp_path / "points.csv"
    table.write_text(text)
    with pytest.raises(InputError) as caught:
        read_points(table)
    assert str(caught.value).startswith(f"{table}: {said}")


def test_of_many_bad_rows_the_first_are_named_and_the_others_counted() -> None:
    with pytest.raises(InputError) as caught:
        read_points({"islands.width": np.full(1000, -1.0)})
    lines = str(caught.value).splitlines()
    assert len(lines) == 6
    assert lines[-1] == "islands.width: is not allowed in 995 more rows"


def test_columns_of_others() -> None:
    unit = pint.UnitRegistry()
    labelled = xarray.DataArray([5.0, 20.0], attrs={"units": "um"})
    for given in (
        unit.Quantity([5.0, 20.0], "um"),
        [5.0 * unit.um, "20 um"],
        labelled,
        np.ma.array([5e-6, 20e-6]),
    ):
        (axis,) = read_points({"islands.width": given})
        assert axis.values.tolist() == [5e-6, 20e-6]
    masked = np.ma.array([5e-6, 6e-6], mask=[False, True])
    for wrong, message in (
        (masked, "row 1, islands.width: is empty"),
        (unit.Quantity([5.0], "mV"), 'has the unit "millivolt", which is not that of a length'),
        (xarray.DataArray([5.0], attrs={"units": "mV"}), 'has the unit "mV", which is not that'),
    ):
        with pytest.raises(InputError, match=message):
            read_points({"islands.width": wrong})
