"""The solution along the bottom as labelled data and as a table."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import xarray
from bottom_states import UM, linear_state, symmetric

from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.film import Interlayer
from fem_island.errors import OutputError
from fem_island.experiments.point.solve import solve
from fem_island.results.profile import along, profile, write_profile
from fem_island.results.state import BottomState


@pytest.fixture(scope="module")
def state() -> BottomState:
    """The paper's cell with silver over the left 10 um and all that is right of the island."""
    film = Interlayer(
        material="Ag", reaction="release", extent=[("0 um", "10 um"), ("27.5 um", "50 um")]
    )
    return linear_state(
        Case(cell=Cell(interlayer=film)), lambda x: 0.05 + symmetric(1.0) + 1e-3 * (x - 10)
    )


def on(data: xarray.Dataset, what: str) -> xarray.Dataset:
    return data.isel(position=np.flatnonzero(data["on"] == what))


def test_the_papers_cell_with_silver() -> None:
    cell = Cell(interlayer=Interlayer(material="Ag", reaction="release"))
    data = solve(cell, solver="condensed").profile()
    film, island = on(data, "film"), on(data, "island")
    assert float(film["current_density"].max()) == pytest.approx(1.3083, abs=1e-4)
    assert float(film["current_density"].min()) == pytest.approx(1.2616, abs=1e-4)
    assert float(island["drive"].min()) == pytest.approx(0.056392, abs=1e-6)
    assert float(island["drive"].max()) == pytest.approx(0.056466, abs=1e-6)
    # What both give is what the cell carries: 2.5 A/m^2 over 50 um.
    places, currents = data["position"].to_numpy(), data["current_density"].to_numpy()
    assert np.trapezoid(currents, places) == pytest.approx(2.5 * 50 * UM, rel=1e-4, abs=0)


def test_units_and_places(state: BottomState) -> None:
    data = profile(state)
    assert data["position"].attrs["units"] == "m"
    assert data["drive"].attrs["units"] == "V"
    assert data["current_density"].attrs["units"] == "A m-2"
    assert all("long_name" in data[name].attrs for name in data.variables)
    places = data["position"].to_numpy()
    assert np.all(np.diff(places) >= 0)
    assert (places[0], places[-1]) == (0.0, pytest.approx(50 * UM, rel=1e-12, abs=0))
    for what, count, start, end in (
        ("film", 18, 0.0, 50.0),
        ("collector", 9, 10.0, 22.5),
        ("island", 9, 22.5, 27.5),
    ):
        part = on(data, what)["position"].to_numpy()
        assert len(part) == count
        assert part[[0, -1]] == pytest.approx([start * UM, end * UM], rel=1e-12, abs=0)


def test_values(state: BottomState) -> None:
    data = profile(state)
    expected = 0.05 + symmetric(1.0) + 1e3 * (data["position"].to_numpy() - 10e-6)
    assert data["drive"].to_numpy() == pytest.approx(expected, rel=1e-12, abs=0)
    film = on(data, "film")
    # At 10 um the left part gives 1 A/m^2; the potential of silver counts, not that of lithium.
    assert float(film["current_density"][8]) == pytest.approx(1.0, rel=1e-9, abs=0)
    overpotential = film["drive"].to_numpy() - 0.05
    giving = overpotential > 0
    # 5.13 mV at 10 um, 1 mV/um less to the left: places are 1.25 um apart there.
    assert giving.tolist() == 4 * [False] + 14 * [True]
    assert np.all(film["current_density"].to_numpy()[~giving] == 0)
    assert symmetric(film["current_density"].to_numpy()[giving]) == pytest.approx(
        overpotential[giving], rel=1e-9, abs=0
    )
    island = on(data, "island")
    assert symmetric(island["current_density"].to_numpy()) == pytest.approx(
        island["drive"].to_numpy(), rel=1e-9, abs=0
    )
    assert np.all(on(data, "collector")["current_density"] == 0)


def test_an_empty_part_of_a_film_gives_nothing() -> None:
    film = Interlayer(
        material="Ag",
        reaction="release",
        state_of_charge_profile=[("0 um", 1.0), ("40 um", 0.0)],
    )
    parts = list(along(linear_state(Case(cell=Cell(interlayer=film)), lambda _: np.array(0.06))))
    given = [(round(s.start / UM, 6), float(i.min()), float(i.max())) for s, _, _, i in parts]
    assert [start for start, _, _ in given] == [0.0, 22.5, 27.5, 40.0]
    silver = 10 * np.sinh(0.01 / (2 * 0.0256926))
    assert given[0][1:] == given[2][1:] == pytest.approx((silver, silver), rel=1e-5)
    assert given[3][1:] == (0.0, 0.0)


def test_table(state: BottomState, tmp_path: Path) -> None:
    file = tmp_path / "profile.csv"
    write_profile(state, file)
    with file.open(newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows[0] == ["position_um", "drive_mV", "current_density_mA_per_cm2", "on"]
    data = profile(state)
    assert len(rows) == 1 + data.sizes["position"]
    numbers = np.array([[float(value) for value in row[:3]] for row in rows[1:]])
    assert numbers[:, 0] == pytest.approx(1e6 * data["position"].to_numpy(), rel=1e-9, abs=1e-9)
    assert numbers[:, 1] == pytest.approx(1e3 * data["drive"].to_numpy(), rel=1e-9, abs=0)
    # 1 A/m^2 is 0.1 mA/cm^2.
    assert numbers[8] == pytest.approx([10.0, 55.13, 0.1], rel=1e-5, abs=0)
    assert [row[3] for row in rows[1:]] == data["on"].to_numpy().tolist()


def test_a_table_that_cannot_be_written(state: BottomState, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"profile\.csv"):
        write_profile(state, tmp_path / "missing" / "profile.csv")
