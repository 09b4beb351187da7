"""What follows from the declaration of a number, for any class of results."""

from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError, asdict, replace

import numpy as np
import numpy.typing as npt
import pytest

from fem_island.machine.arrays import Array
from fem_island.machine.json_values import plain
from fem_island.quantities import AREA_RESISTANCE, CURRENT_DENSITY, POTENTIAL, PURE_NUMBER, TIME
from fem_island.results.columns import Columns
from fem_island.results.declared import declared, described, error_of, reported
from fem_island.results.result import Result
from fem_island.results.variables import Layout, read, variables


@declared
class Region:
    """What is reported of one region of a map."""

    overpotential: Array = reported("overpotential, mean over a region", POTENTIAL, along="time")
    share: float | None = reported("share of the current, one region", note="None at rest.")


@declared
class Errors:
    """Estimated errors."""

    end: float = error_of("end")


@declared
class Curve:
    """A curve over time,
    with regions.
    """

    status: str = reported("state", dtype="i1", flags={0: "over", 1: "went on"}, missing=1)
    end: float = reported("time at which nothing is left", TIME)
    cell_voltage: Array = reported("cell voltage", POTENTIAL, along="time", judged=False)
    impedance: npt.NDArray[np.complex128] = reported(
        "impedance", AREA_RESISTANCE, along="frequency", dtype="c16"
    )
    steps: int = reported("steps in time", dtype="i4")
    films: dict[str, bool] | None = reported(
        "is the film empty",
        along="film",
        dtype="i1",
        flags={-1: "no film", 0: "no", 1: "yes"},
        missing=-1,
    )
    regions: tuple[Region, ...] = described("one for each region", along="region")
    errors: Errors | None = described("errors", default=None)
    remark: str = described("what else happened", default="")


LAYOUT = Layout(Curve, {"time": 3, "frequency": 2, "region": 2, "film": 2})
LABELS = {"film": ["Ag", "Au"]}


def filled() -> npt.NDArray[np.void]:
    rows = LAYOUT.missing.copy()
    rows["status"], rows["end"], rows["steps"] = 0, 3600.0, 12
    rows["cell_voltage"] = [0.01, 0.02, 0.3]
    rows["impedance"] = [500 - 20j, 100 - 1j]
    rows["films"] = [0, 1]
    rows["regions_overpotential"] = [[[1, 2, 3], [4, 5, 6]]]
    rows["regions_share"] = [[0.25, np.nan]]
    rows["errors_end"] = 0.5
    return rows


def test_variables_are_named_by_the_path_of_their_keys() -> None:
    assert [(one.name, one.unit, one.dimensions) for one in variables(Curve)] == [
        ("status", "1", ()),
        ("end", "s", ()),
        ("cell_voltage", "V", ("time",)),
        ("impedance", "ohm m2", ("frequency",)),
        ("steps", "1", ()),
        ("films", "1", ("film",)),
        ("regions_overpotential", "V", ("region", "time")),
        ("regions_share", "1", ("region",)),
        ("errors_end", "s", ()),
    ]
    assert [one.name for one in variables(Curve) if one.judged] == ["regions_overpotential"]
    assert [one.name for one in variables(Curve) if one.optional] == ["films", "regions_share"]


def test_rows_have_a_place_for_every_number() -> None:
    assert LAYOUT.dtype["regions_overpotential"].shape == (2, 3)
    assert LAYOUT.dtype["impedance"].base == np.complex128
    (row,) = LAYOUT.missing
    assert row["status"] == 1
    assert row["steps"] == 0
    assert np.isnan(row["regions_overpotential"]).all()
    assert np.isnan(row["impedance"]).all()


def test_a_record_of_a_row() -> None:
    curve = read(Curve, filled()[0], labels=LABELS, others={"remark": "none"})
    assert (curve.status, curve.end, curve.steps) == ("over", 3600.0, 12)
    assert curve.cell_voltage.tolist() == [0.01, 0.02, 0.3]
    assert curve.impedance.tolist() == [500 - 20j, 100 - 1j]
    assert curve.films == {"Ag": False, "Au": True}
    first, second = curve.regions
    assert second.overpotential.tolist() == [4, 5, 6]
    assert (first.share, second.share) == (0.25, None)
    assert curve.errors == Errors(end=0.5)
    assert curve.remark == "none"


def test_a_record_of_a_row_without_numbers() -> None:
    curve = read(Curve, LAYOUT.missing[0], labels=LABELS)
    assert curve.status == "went on"
    assert math.isnan(curve.end)
    assert curve.films is None
    assert curve.errors is None
    assert [region.share for region in curve.regions] == [None, None]
    table = json.loads(json.dumps(plain({**asdict(curve), "impedance": None})))
    assert table["end"] is None
    assert table["regions"][1] == {"overpotential": [None, None, None], "share": None}


def test_records_are_frozen_and_complete() -> None:
    with pytest.raises(FrozenInstanceError):
        Errors(end=1.0).end = 2.0  # type: ignore[misc]
    with pytest.raises(TypeError, match="end"):
        Errors()  # type: ignore[call-arg]
    assert replace(Errors(end=1.0), end=2.0).end == 2.0


def test_columns_of_any_class_of_results_are_labelled() -> None:
    columns = Columns.missing(4, LAYOUT)
    columns.put(np.array([2]), Columns(filled(), {}, Curve))
    data = columns.labelled(("current_density",), (4,))
    dimensions, values, about = data["regions_overpotential"]
    assert dimensions == ("current_density", "region", "time")
    assert values[2].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert about == {"long_name": "overpotential, mean over a region", "units": "V"}
    assert data["status"][2]["flag_meanings"] == "over went_on"


def test_the_documentation_is_the_declaration() -> None:
    assert Curve.__doc__ == (
        "A curve over time,\nwith regions.\n\nAttributes:\n"
        "    status: State: over, went on.\n"
        "    end: Time at which nothing is left [s].\n"
        "    cell_voltage: Cell voltage [V].\n"
        "    impedance: Impedance [ohm*m^2].\n"
        "    steps: Steps in time.\n"
        "    films: Is the film empty: no film, no, yes.\n"
        "    regions: One for each region.\n"
        "    errors: Errors.\n"
        "    remark: What else happened."
    )
    assert "None at rest." in str(Region.__doc__)


def test_what_results_declare_is_complete() -> None:
    """Units, and an estimate of a number that there is."""
    found = {one.name: one for one in variables(Result)}
    for variable in found.values():
        assert variable.words[0].islower(), variable.name
        assert variable.judged == (variable.quantity is POTENTIAL and not variable.error_of)
        if variable.error_of:
            assert variable.name == f"error_estimate_{variable.error_of}"
            assert variable.quantity is found[variable.error_of].quantity
    density = found["error_estimate_local_current_density_max"]
    assert density.quantity is CURRENT_DENSITY
    assert density.unit == "A m-2"
    assert found["current_evenness"].quantity is PURE_NUMBER
