"""Labelled data can be selected from, says what made it, and is a table as well."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import xarray

import fem_island as fi
from fem_island.results.dataset_table import write_table

RELEASE = fi.Cell(islands=["3 um"], interlayer=fi.interlayer("Ag", reaction="release"))
CASE = fi.Case(cell=RELEASE, output={"probes": [("25 um", "7.5 um")]})


@pytest.fixture(scope="module")
def solution() -> fi.Solution:
    return fi.solve(CASE, solver="condensed")


def test_a_profile_is_selected_from(solution: fi.Solution) -> None:
    profile = solution.profile()
    assert profile.indexes["position"].is_unique
    assert profile.indexes["position"].is_monotonic_increasing
    # The island lies from 23.5 to 26.5 um: both sides of its edges are there.
    edge = profile.sel(position=slice(23.4999e-6, 23.5001e-6))
    assert edge.on.values.tolist() == ["film", "island"]
    assert edge.drive.values[0] == pytest.approx(edge.drive.values[1], abs=1e-12)
    assert edge.current_density.values[0] < 0.5 * edge.current_density.values[1]
    middle = profile.sel(position=25e-6, method="nearest")
    assert middle.drive.item() == pytest.approx(
        solution.result.islands[0].overpotential_center, abs=1e-12
    )
    places = np.array([5.1e-6, 24.2e-6, 26.1e-6, 44e-6])
    # Straight lines between nine places of each element.
    between = profile.drive.interp(position=places).values
    exact = -solution.potential(np.stack([places, np.zeros(4)], axis=1))
    np.testing.assert_allclose(between, exact, rtol=0, atol=2e-7)
    shares = profile.current_density.where(profile.on == "film", 0).integrate("position")
    share = shares.item() / (2.5 * 50e-6)
    assert solution.result.interlayer is not None
    assert share == pytest.approx(solution.result.interlayer.current_fraction, abs=2e-5)


def test_along_a_line(solution: fi.Solution) -> None:
    line = solution.along(("20 um", "0 um"), (30e-6, 15e-6), count=11)
    assert line.distance.values[[0, -1]] == pytest.approx([0, np.hypot(10e-6, 15e-6)])
    points = np.stack([line.x.values, line.y.values], axis=1)
    assert points[5] == pytest.approx([25e-6, 7.5e-6])
    np.testing.assert_array_equal(line.potential.values, solution.potential(points))
    current = np.stack([line.current_density_x.values, line.current_density_y.values], axis=1)
    np.testing.assert_array_equal(current, solution.current_density(points))
    # Through the whole width all of the current passes.
    across = solution.along((0, 10e-6), (50e-6, 10e-6), count=1001)
    assert across.current_density_y.integrate("distance").item() == pytest.approx(
        2.5 * 50e-6, rel=1e-6
    )
    assert line.potential.attrs["units"] == "V"
    with pytest.raises(fi.InputError, match=r"^end: must be a point of the cell$"):
        solution.along((0, 0), ("60 um", "0 um"))
    with pytest.raises(fi.InputError, match=r"^end: must be another point than the start$"):
        solution.along((0, 0), (0, 0))
    with pytest.raises(fi.InputError, match=r"^start: must be x and y of one point$"):
        solution.along([(0, 0), (1e-6, 0)], (0, 0))


def test_data_say_what_made_them(solution: fi.Solution, tmp_path: Path) -> None:
    spectrum = fi.impedance(CASE, frequencies=["1 kHz", "10 kHz"])
    made: list[tuple[xarray.Dataset, fi.Case]] = [
        (solution.profile(), CASE),
        (solution.along((0, 0), (0, 15e-6)), CASE),
        (fi.compare(CASE, "none,Au"), CASE),
        (fi.sweep(CASE, current_density=[1.0, 2.0]), CASE.with_({"operation.current_density": 1})),
        (spectrum.dataset(), spectrum.case),
        (spectrum.local_current([1e3]), spectrum.case),
    ]
    for data, case in made:
        assert fi.Case.from_json(data.attrs["case"]) == case
    for file in solution.write(tmp_path, "kept"):
        if file.suffix == ".json":
            assert fi.read_case(file) == CASE
    record = spectrum.record("paper")
    assert fi.Case.from_json(json.dumps(record)) == spectrum.case


def test_names_on_the_axes_of_a_comparison() -> None:
    films = fi.compare(CASE, "none,Ag")
    assert films.delithiates.sel(film="none", material="Sn").item() == 0
    assert films.island.values.tolist() == [0]
    assert films.probe_y.values.tolist() == [7.5e-6]


def test_tables(tmp_path: Path) -> None:
    maps = fi.sweep(CASE, island_width=["3 um", "4 um"], current_density=[1.0, 2.0, 3.0])
    write_table(maps, tmp_path / "maps.csv")
    with (tmp_path / "maps.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    assert list(rows[0])[:3] == ["island_width [m]", "current_density [A m-2]", "status"]
    for row in rows:
        point = maps.sel(
            island_width=float(row["island_width [m]"]),
            current_density=float(row["current_density [A m-2]"]),
        )
        assert row["status"] == "converged"
        for name, column in (
            ("overpotential_mean", "overpotential_mean [V]"),
            ("interlayer_current_fraction", "interlayer_current_fraction"),
            ("constriction_resistance", "constriction_resistance [ohm m2]"),
        ):
            assert float(row[column]) == pytest.approx(point[name].item(), rel=1e-14)
        assert float(row["islands_overpotential_center [V] island 0"]) == pytest.approx(
            point.islands_overpotential_center.item(), rel=1e-14
        )
        acts = {1: "yes", 0: "no"}[point.delithiates.sel(material="Ag").item()]
        assert row["delithiates material Ag"] == acts
        assert float(row["probes_potential [V] probe 0"]) < 0
    write_table(fi.compare(fi.Cell(), "none,Ag"), tmp_path / "films.csv")
    with (tmp_path / "films.csv").open(newline="") as file:
        bare, silver = csv.DictReader(file)
    assert (bare["film"], bare["equilibrium_potential [V]"]) == ("none", "")
    assert float(silver["relief"]) == pytest.approx(1.879, abs=1e-3)
