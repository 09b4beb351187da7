"""Derivatives that fits use: of points from the matrix of Newton's method, against differences.

Differences are those of solutions to 1 nV, of fourth order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import fem_island as fi
from fem_island.case.fit import read_parameters
from fem_island.fitting.data.measured import Measured
from fem_island.fitting.data.reading import data_of
from fem_island.fitting.scaling import Coordinate, coordinates
from fem_island.machine.arrays import Array

I0, KAPPA = "kinetics.exchange_current_density", "electrolyte.conductivity"
CURRENTS = np.array([1.0, 2.5, 5.0, 10.0, 20.0])
POOR = {"conductivity": "0.1 mS/cm"}
TWO = [{"width": "5 um", "center": "10 um"}, {"width": "8 um", "center": "35 um"}]
SITUATIONS: dict[str, tuple[fi.Cell, Mapping[str, Mapping[str, Any]]]] = {
    "kinetics and coverage": (fi.Cell(), {I0: {}, "islands.width": {}}),
    "conductivity and transfer coefficient": (
        fi.Cell(),
        {KAPPA: {}, "kinetics.anodic_transfer_coefficient": {}},
    ),
    "size of the cell": (
        fi.Cell(electrolyte=POOR),
        {"electrolyte.height": {}, "electrolyte.width": {}},
    ),
    "each of two islands": (
        fi.Cell(electrolyte=POOR, islands=TWO),
        {"islands.0.width": {}, "islands.1.width": {}, "islands.1.center": {}},
    ),
    "film that reacts": (
        fi.Cell(interlayer=fi.interlayer("Ag", reaction="release")),
        {
            I0: {},
            "interlayer.equilibrium_potential": {"start": 0.05},
            "interlayer.exchange_current_density": {"start": 3.0},
        },
    ),
    "disc": (
        fi.Cell(
            electrolyte={"geometry": "axisymmetric", "radius": "25 um", **POOR},
            islands=[{"outer_radius": "5 um"}],
        ),
        {I0: {}, "islands.outer_radius": {}, "electrolyte.radius": {}},
    ),
}
WHOLE_CELL = fi.Cell(
    series={
        "pellet": "0.75 mm",
        "resistance": "0.1 ohm cm^2",
        "counter": {"exchange_current_density": "5 mA/cm^2"},
    }
)
IN_SERIES: Mapping[str, Mapping[str, Any]] = {
    I0: {},
    KAPPA: {},
    "series.resistance": {},
    "series.counter.exchange_current_density": {},
}


def asked(
    cell: fi.Cell,
    parameters: Mapping[str, Mapping[str, Any]],
    seen: str,
    more: Mapping[str, Array] | None = None,
) -> tuple[Measured, tuple[Coordinate, ...], Array]:
    """Data, what is fitted, and a place beside the case."""
    case = fi.Case(cell=cell, accuracy={"tolerance": "1 nV"})
    found = coordinates(case, read_parameters(parameters, unit_required=False))
    table = {"current_density": CURRENTS, seen: 0.05 + 1e-3 * CURRENTS, **(more or {})}
    (data,) = data_of([{"table": table, "error": "1 mV"}], case, parameters=1)
    place = np.array([one.start for one in found]) + 0.1
    return data, found, np.clip(place, [o.low for o in found], [o.high for o in found])


def differences(data: Measured, found: tuple[Coordinate, ...], place: Array) -> Array:
    step = 0.01
    shares = {2: -1 / 12, 1: 8 / 12, -1: -8 / 12, -2: 1 / 12}
    columns = []
    for along in np.eye(len(place)):
        values = data.predicted(found, np.array([place + k * step * along for k in shares]))
        columns.append(np.array(list(shares.values())) @ values / step)
    return np.stack(columns, axis=1)


@pytest.mark.parametrize("seen", ["overpotential", "voltage"])
@pytest.mark.parametrize("name", SITUATIONS)
def test_derivatives_of_points_are_what_differences_say(name: str, seen: str) -> None:
    data, found, place = asked(*SITUATIONS[name], seen)
    exact = data.derivatives(found, place)
    assert exact is not None
    assert exact.exact.all()
    wanted = differences(data, found, place)
    assert exact.slopes == pytest.approx(wanted, abs=1e-6 * np.abs(wanted).max())
    assert (np.abs(wanted).max(axis=0) > 1e-6).all()


def test_those_of_a_whole_cell_have_what_is_in_series() -> None:
    more = {"temperature": np.linspace(290.0, 320.0, 5)}
    data, found, place = asked(WHOLE_CELL, IN_SERIES, "cell_voltage", more)
    exact = data.derivatives(found, place)
    assert exact is not None
    wanted = differences(data, found, place)
    size = np.abs(wanted).max(axis=0)
    assert (size > 1e-5).all()
    assert exact.slopes == pytest.approx(wanted, rel=1e-6, abs=1e-7 * size.max())


def test_what_is_in_series_follows_the_conditions_of_a_row() -> None:
    """The counter electrode is as warm as the row says."""
    more = {"temperature": np.linspace(290.0, 320.0, 5)}
    data, found, place = asked(WHOLE_CELL, IN_SERIES, "cell_voltage", more)
    (together,) = data.predicted(found, place[None])
    for row, temperature in enumerate(more["temperature"].tolist()):
        alone, _, _ = asked(
            WHOLE_CELL, IN_SERIES, "cell_voltage", {"temperature": np.full(5, temperature)}
        )
        assert alone.predicted(found, place[None])[0, row] == pytest.approx(together[row], abs=2e-9)


@pytest.mark.parametrize(
    "cell",
    [
        fi.Cell(
            electrolyte={"geometry": "axisymmetric", "radius": "25 um"},
            islands=[{"outer_radius": "25 um"}],
        ),
        fi.Cell(islands=[{"width": "50 um"}]),
    ],
    ids=["full disc", "full width"],
)
def test_where_points_have_none_differences_are_taken_and_said(cell: fi.Cell) -> None:
    data, found, place = asked(cell, {I0: {}}, "overpotential")
    slopes = data.derivatives(found, place)
    assert slopes is not None
    assert not slopes.exact.any()
    truth = fi.sweep(cell, current_density=CURRENTS).overpotential_mean.to_numpy()
    table = {"current_density": CURRENTS, "overpotential": truth}
    fitted = fi.fit(cell, parameters={I0: {"start": 9.0}}, data=[{"table": table, "error": "1 uV"}])
    assert fitted.parameters[0].value == pytest.approx(5.0, rel=1e-5)
    assert fitted.record("")["data"][0]["derivatives"] == "differences"


def test_one_row_without_any_leaves_those_of_the_others() -> None:
    """An island as wide as the cell has no edges, and beside it is no island."""
    case = fi.Case()
    found = coordinates(case, read_parameters([I0, KAPPA]))
    table = {
        "current_density": CURRENTS,
        "islands.width": [5e-6, 10e-6, 20e-6, 49e-6, 50e-6],
        "voltage": 0.05 + 1e-3 * CURRENTS,
    }
    (data,) = data_of([{"table": table, "error": "1 mV"}], case, parameters=1)
    place = np.array([one.start for one in found])
    slopes = data.derivatives(found, place)
    assert slopes is not None
    assert slopes.exact.tolist() == [True, True, True, True, False]
    wanted = differences(data, found, place)
    assert slopes.slopes == pytest.approx(wanted, abs=3e-6 * np.abs(wanted).max())
