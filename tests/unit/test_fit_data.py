"""Measured data are read with their units, or refused with one line that says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fem_island.case.case import Case
from fem_island.case.fit import read_data, read_fitting, read_parameters
from fem_island.errors import InputError
from fem_island.fitting.data.curves import curve_data
from fem_island.fitting.data.points import PointData, point_data
from fem_island.fitting.data.reading import data_of
from fem_island.fitting.data.tables import read_file

GOOD = "current_density [mA/cm^2],overpotential [mV]\n0.25,84.6\n0.5,120\n1,155\n"


def points(tmp_path: Path, text: str, case: Case | None = None, **said: Any) -> PointData:
    file = tmp_path / "points.csv"
    file.write_text(text)
    (data,) = read_data([{"file": "points.csv", **said}])
    return point_data(read_file(file), data, Case() if case is None else case)


def test_units_of_a_header(tmp_path: Path) -> None:
    found = points(tmp_path, GOOD, error="1 mV")
    np.testing.assert_allclose(found.conditions["operation.current_density"], [2.5, 5.0, 10.0])
    np.testing.assert_allclose(found.values, [0.0846, 0.12, 0.155])
    assert found.seen == "overpotential"
    assert found.errors is not None
    np.testing.assert_allclose(found.errors, 1e-3)


@pytest.mark.parametrize("header", ["I (mA),eta (mV)", "I [mA],overpotential [mV]"])
def test_the_unit_says_whether_i_is_a_current_or_one_per_area(tmp_path: Path, header: str) -> None:
    text = f"{header}\n0.2,84.6\n0.4,120\n"
    found = points(tmp_path, text, area="0.8 cm^2")
    np.testing.assert_allclose(found.conditions["operation.current_density"], [2.5, 5.0])
    per_area = points(tmp_path, text.replace("mA", "mA/cm^2"))
    np.testing.assert_allclose(per_area.conditions["operation.current_density"], [2.0, 4.0])
    with pytest.raises(InputError, match=r'has "I .mA.", a current; give the area'):
        points(tmp_path, text)


def test_conditions_of_every_row(tmp_path: Path) -> None:
    text = (
        "current_density [A/m^2],islands.width [um],temperature [degC],voltage [V],error [mV]\n"
        "2.5,5,25,0.08,1\n2.5,10,60,0.06,2\n"
    )
    found = points(tmp_path, text)
    np.testing.assert_allclose(found.conditions["islands.width"], [5e-6, 10e-6])
    np.testing.assert_allclose(found.conditions["operation.temperature"], [298.15, 333.15])
    assert found.seen == "voltage"
    assert found.errors is not None
    np.testing.assert_allclose(found.errors, [1e-3, 2e-3])


@pytest.mark.parametrize(
    "header",
    ["Test Time / s,Current / A,Voltage / V", "test_time_second,current_ampere,voltage_volt"],
)
def test_battery_data_format(tmp_path: Path, header: str) -> None:
    """Its labels and its machine-readable names; a charge of lithium is a current below 0 here."""
    text = f"{header}\n0,-2e-4,-0.085\n10,-4e-4,-0.12\n"
    area: dict[str, Any] = {"area": "0.8 cm^2", "positive_current": "plating"}
    found = points(tmp_path, text, **area)
    np.testing.assert_allclose(found.conditions["operation.current_density"], [2.5, 5.0])
    np.testing.assert_allclose(found.values, [0.085, 0.12])
    assert found.seen == "voltage"
    whole = Case(cell={"series": {"pellet": "0.75 mm"}})
    assert points(tmp_path, text, whole, **area).seen == "cell_voltage"


CYCLER = (
    "Record,Time(s),Total Time(s),Current(A),Voltage(V),Chg.Capacity(mAh),DateTime\n"
    "1,10,10,2e-4,0.085,0.0,2026-01-01 00:00:10\n2,10,20,2e-4,0.12,0.0,2026-01-01 00:00:20\n"
)


def test_the_export_of_a_cycler(tmp_path: Path) -> None:
    """Its own names beside what is needed; the time of the test, not that of the step."""
    text = CYCLER.replace("2,10,20,2e-4", "2,10,20,4e-4")
    found = points(tmp_path, text, area="0.8 cm^2")
    np.testing.assert_allclose(found.conditions["operation.current_density"], [2.5, 5.0])
    (note,) = found.notes
    assert note.endswith("Record, Time(s), Chg.Capacity(mAh), DateTime")
    whole = Case(cell={"series": {"pellet": "0.75 mm"}})
    assert "cell_voltage where it is that" in points(tmp_path, text, whole, area="1 cm^2").notes[0]
    file = tmp_path / "curve.csv"
    file.write_text(CYCLER.replace("1,10,10,", "1,90,90,").replace("2,10,20,", "2,10,100,"))
    (said,) = read_data([{"file": "curve.csv", "kind": "stripping", "area": "0.8 cm^2"}])
    island = {"width": "5 um", "thickness": "2 um"}
    curve = curve_data(read_file(file), said, Case(cell={"islands": [island]}))
    assert curve.times.tolist() == [90.0, 100.0]
    assert "begun at time 0, 1.5 min before" in curve.notes[-1]


BATTERY_DATA = {
    "Test Time / s": [0.0, 10.0, 20.0],
    "Voltage / V": [0.047, 0.083, 0.12],
    "Current / A": [1e-4, 2e-4, 4e-4],
}


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (BATTERY_DATA, ""),
        ({"Voltage / mV": [47.0, 83.0, 120.0], "Current / mA": [0.1, 0.2, 0.4]}, ""),
        (BATTERY_DATA | {"Voltage / V": [0.047, None, 0.12]}, "has no finite number on row 1"),
        (BATTERY_DATA | {"Voltage / V": ["a", "b", "c"]}, "has no finite number on row 0, and 2"),
        (BATTERY_DATA | {"Current / A": [1e-4, 2e-4, -4e-4]}, "(row 2 plates)"),
        ({"Voltage": [0.1, 0.2], "Current / A": [1e-4, 2e-4]}, '"Voltage" has no unit'),
        ({"Voltage / V": [0.1, 0.2]}, "has no column of the current"),
        ({name: [] for name in BATTERY_DATA}, "has no rows"),
    ],
)
def test_battery_data_of_a_package(tmp_path: Path, columns: dict[str, Any], said: str) -> None:
    pytest.importorskip("bdf", reason="batterydf is an extra")
    pandas = pytest.importorskip("pandas")
    file = tmp_path / "data.bdf.parquet"
    pandas.DataFrame(columns).to_parquet(file)
    (data,) = read_data([{"file": file.name, "area": "0.8 cm^2"}])
    if not said:
        found = point_data(read_file(file), data, Case())
        np.testing.assert_allclose(found.values, [0.047, 0.083, 0.12])
        np.testing.assert_allclose(found.conditions["operation.current_density"], [1.25, 2.5, 5])
        return
    with pytest.raises(InputError) as refusal:
        point_data(read_file(file), data, Case())
    (line,) = str(refusal.value).splitlines()
    assert said in line


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"current_density": [1.0, 2.0], "voltage": ["a", 0.2]}, "no finite number on row 0"),
        (
            {"current_density": [1.0, 2.0], "voltage": np.array([1, 2], dtype="M8[s]")},
            "no finite number on row 0",
        ),
        ({"current_density": [1.0, 2.0], "voltage": [0.1]}, "columns of equal length"),
        ({"current_density": [[1.0], [1.0, 2.0]]}, "must be a list of numbers"),
        ({"current_density": []}, "has no rows"),
        ({}, "has no columns"),
        ([1.0, 2.0], "must be a dict of columns or a DataFrame"),
    ],
)
def test_bad_tables_in_memory_are_refused_in_one_line(table: Any, said: str) -> None:
    assert said in refusal_of_data({"table": table}, parameters=1)


def test_columns_that_are_no_numbers_matter_where_they_are_used() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {"current_density": [1.0, 2.5], "voltage": [0.05, 0.085]}, index=[4, 2]
    )
    frame["date"], frame["who"] = pandas.date_range("2026-01-01", periods=2), ["a", "b"]
    (found,) = data_of([{"table": frame}], Case(), parameters=1)
    assert found.values.tolist() == [0.05, 0.085]
    assert found.notes == ("columns that say nothing here: date, who",)
    twice = frame[["current_density", "voltage", "voltage"]]
    assert "voltage: is there more than once" in refusal_of_data({"table": twice}, parameters=1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace(" [mV]", ""), '"overpotential" has no unit'),
        (GOOD.replace(" [mA/cm^2]", ""), '"current_density" has no unit'),
        (GOOD.replace("[mV]", "[um]"), "not that of a potential"),
        (GOOD.replace("120", "nan"), "has no finite number on line 3"),
        (GOOD.replace("120", ""), "has no finite number on line 3"),
        (GOOD.replace("120", "1e400"), "has no finite number on line 3"),
        (GOOD.replace("0.5,120", "-0.5,-120"), "mixes stripping and plating (line 3 plates)"),
        (GOOD.replace("120", "-120"), "the other sign than the current on line 3"),
        (GOOD.replace(",", ";"), "has semicolons"),
        (GOOD.replace("84.6", "84,6"), "is there a decimal comma?"),
        (GOOD.replace("0.5,", "0.25,").replace("1,", "0.25,"), "the same conditions in all rows"),
        (GOOD.replace("120", "84.6").replace("155", "84.6"), "is the same in all rows"),
        (GOOD.replace("overpotential", "signal"), "has no column of what was seen"),
        (GOOD.replace("current_density", "step"), "has no column of the current"),
        ("current_density [mA/cm^2],overpotential [mV]\n", "no rows"),
        ("0.25,84.6\n0.5,120\n", "has no header"),
        ("", "is empty"),
        (GOOD.replace("current_density", "islands.widht"), "is not a numeric key"),
        (
            "current_density [A/m^2],overpotential [mV],voltage [mV]\n1,2,3\n",
            '"overpotential [mV]" and "voltage [mV]"',
        ),
        ("current [mA],overpotential [mV]\n1,80\n", "give the area of the cell"),
        ("current_density [A/m^2],cell_voltage [mV]\n1,80\n", "no table [series]"),
    ],
)
def test_bad_tables_are_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as refusal:
        points(tmp_path, text)
    (line,) = str(refusal.value).splitlines()
    assert said in line
    assert len(line) < 400


def test_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    found = points(tmp_path, "current_density [mA/cm^2],overpotential [mV]\n1,155\n0.25,84.6\n")
    assert found.values.tolist() == [0.155, 0.0846]


def refusal_of_data(*data: dict[str, Any], parameters: int = 2) -> str:
    with pytest.raises(InputError) as refusal:
        data_of(list(data), Case(), parameters=parameters)
    (line,) = str(refusal.value).splitlines()
    return line


def test_a_frame_of_pandas_is_a_spectrum() -> None:
    pandas = pytest.importorskip("pandas")
    columns = {
        "frequency": [1.0, 10.0, 100.0, 1e3],
        "impedance_real": [0.02, 0.018, 0.012, 0.01],
        "impedance_imaginary": [-0.001, -0.003, -0.004, -0.002],
    }
    spectra = [
        data_of([{"kind": "impedance", "table": table, "error": 0.01}], Case(), parameters=1)
        for table in (columns, pandas.DataFrame(columns))
    ]
    np.testing.assert_array_equal(spectra[1][0].values, spectra[0][0].values)


def test_too_few_values() -> None:
    one: dict[str, Any] = {
        "table": {"current_density": [2.5], "overpotential": [0.08]},
        "error": "1 mV",
    }
    assert "have 1 value, fewer than the 2 parameters" in refusal_of_data(one)
    two: dict[str, Any] = {"table": {"current_density": [2.5, 5.0], "overpotential": [0.08, 0.1]}}
    assert "leaves nothing to estimate errors from" in refusal_of_data(two)
    assert len(data_of([two], Case(), parameters=1)) == 1


def test_of_several_data_those_without_errors_are_named(tmp_path: Path) -> None:
    header, sweep = (
        "frequency [Hz],Re Z [Ohm cm^2],Im Z [Ohm cm^2]\n",
        "9,1,-1\n5,2,-1\n3,3,-1\n1,4,-1\n",
    )
    (file := tmp_path / "two_spectra.csv").write_text(header + 2 * sweep)
    spectra = {"kind": "impedance", "file": str(file)}
    points = {"table": {"current_density": [2.5, 5.0], "overpotential": [0.08, 0.1]}}
    reason = "is missing: of several data each must say how well they are known"
    assert refusal_of_data({**spectra, "error": 0.01}, points) == f"fit.data.1.error: {reason}"
    assert refusal_of_data(spectra, {**points, "error": "1 mV"}).startswith("fit.data.0.error: is")


def test_rows_of_arrays_are_counted_from_0() -> None:
    table = {"current_density": [2.5, 5.0], "overpotential": [np.nan, 0.1]}
    assert '"overpotential" has no finite number on row 0' in refusal_of_data({"table": table})


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("1", "has no unit"),
        (0.001, "has no unit"),
        (True, "must be text"),
        ("0 mV", "must be above 0"),
        ("1 um", "not that of a potential"),
    ],
)
def test_bad_errors(error: object, said: str) -> None:
    table = {"current_density": [2.5, 5.0], "overpotential": [0.08, 0.1]}
    line = refusal_of_data({"table": table, "error": error}, parameters=1)
    assert line.startswith("fit.data.0.error")
    assert said in line


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"islands.widht": {}}, "is not a numeric key; known are islands.width"),
        ({"accuracy.degree": {}}, "whole numbers, which cannot be fitted"),
        ({"islands.width": {"bounds": ["1 um"]}}, "list of two values"),
        ({"islands.width": {"bounds": ["2 um", "1 um"]}}, "must rise"),
        ({"islands.width": {"bounds": ["1 um", "2 mV"]}}, "not that of a length"),
        ({"islands.width": {"bounds": ["1 um", "2 um"], "start": "3 um"}}, "outside the bounds"),
        ({"islands.width": {"bound": []}}, "is not one of bounds, start, logarithmic"),
        ({"interlayer.equilibrium_potential": {"logarithmic": True}}, "no logarithm"),
        ({}, "must name what is fitted"),
    ],
)
def test_bad_parameters(given: dict[str, object], said: str) -> None:
    with pytest.raises(InputError) as refusal:
        read_parameters(given)
    (line,) = str(refusal.value).splitlines()
    assert said in line
    assert len(line) < 400


def test_all_faults_of_a_case_file_at_once(tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    file.write_text(
        '[operation]\ntemperature = "1 um"\n[fit]\nparameters = { "islands.widht" = {} }\n'
        'data = [{ file = "a.csv", kind = "pionts" }]\nextra = 1\n'
    )
    with pytest.raises(InputError) as refusal:
        read_fitting(file)
    keys = [fault.key for fault in refusal.value.faults]
    assert keys == [
        "fit.extra",
        "operation.temperature",
        'fit.parameters."islands.widht"',
        "fit.data.0.kind",
    ]
    assert {fault.file for fault in refusal.value.faults} == {str(file)}
