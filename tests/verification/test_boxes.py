"""Contact maps on hexahedra against the reference and the cosine solver, which share no code."""

from __future__ import annotations

from mpi4py import MPI

import map_cases
import numpy as np
import pytest

import fem_island as fi
from fem_island.results.map_result import MapResult
from fem_island.solvers.cosine.solver import CosineSolver
from fem_island.solvers.meshed.boxes.box_accuracy import grids_within
from fem_island.solvers.meshed.boxes.box_grid import BoxGrid
from fem_island.solvers.meshed.boxes.box_level import BoxLevel, solve_box
from fem_island.solvers.meshed.boxes.box_solver import BoxSolver
from fem_island.surface.contact import Contact


def levels_of(case: fi.Case, degree: int, parts: tuple[int, ...]) -> list[BoxLevel]:
    contact = Contact.of(case)
    found: list[BoxLevel] = []
    for each in parts:
        grid = BoxGrid.over(
            contact.image.shape,
            pixel=contact.image.pixel,
            height=case.cell.electrolyte.height,
            parts=each,
            degree=degree,
        )
        coarser = found[-1] if found else None
        found.append(solve_box(case, contact, grid, comm=MPI.COMM_SELF, coarser=coarser))
    return found


@pytest.mark.parametrize(
    ("name", "degree", "parts"),
    [
        ("m03_square_island", 1, (1, 2, 4)),
        ("m03_square_island", 2, (1, 2)),
        ("m05_checkerboard", 1, (2, 4, 8)),
        ("m05_checkerboard", 2, (1, 2, 4)),
        ("m08_blobs12_film_reversible", 1, (1, 2, 4)),
    ],
)
def test_errors_shrink_as_they_should(name: str, degree: int, parts: tuple[int, ...]) -> None:
    """Currents are discontinuous at edges of pixels: second order in means, whatever the degree."""
    case = map_cases.reference_case(name, tolerance=1e-6)
    expected = map_cases.CASES[name]["outputs"]
    levels = levels_of(case, degree, parts)
    errors = np.array(
        [
            [
                level.columns.numbers["potential_top_mean"][0] - expected["potential_top_mean"],
                level.columns.numbers["overpotential_mean"][0]
                - expected["overpotential_mean_lithium"],
            ]
            for level in levels
        ]
    )
    sizes = np.abs(errors).max(axis=1)
    assert sizes[-1] < (5e-5 if degree == 1 else 1.5e-5)
    assert 0.2 < sizes[-1] / sizes[-2] < 0.36
    steps = np.array([level.columns.numbers["newton_iterations"][0] for level in levels])
    found = np.array([level.iterations for level in levels])
    assert found[1:].max() < 1.3 * found[0]
    assert (found / steps).max() < (6 if degree == 1 else 18)
    assert all(level.columns.numbers["charge_imbalance"][0] < 1e-11 for level in levels)


@pytest.mark.parametrize("exchange", ["0.5 mA/cm^2", "1000 mA/cm^2"])
@pytest.mark.parametrize("degree", [1, 2])
def test_iterations_stay_the_same_over_many_islands(exchange: str, degree: int) -> None:
    """Over two refinements, as well as with 9 times the area."""
    image = np.random.default_rng(1).random((16, 16)) < 0.1
    counts = []
    for tiles, parts in ((1, (1, 2, 4) if degree == 1 else (1, 2)), (3, (1,))):
        contact = fi.ContactMap(image=np.tile(image, (tiles, tiles)), pixel="1 um")
        case = fi.Case(
            cell=fi.Cell(map=contact, kinetics={"exchange_current_density": exchange}),
        )
        for each in parts:
            level = levels_of(case, degree, (each,))[0]
            steps = int(level.columns.numbers["newton_iterations"][0])
            counts.append(level.iterations / steps)
    assert max(counts) < 1.3 * min(counts)
    assert max(counts) < 20


def test_the_estimates_of_grids() -> None:
    """What is reported is within its estimate, and far closer than the finest grid's own number."""
    name = "m03_square_island"
    expected = map_cases.CASES[name]["outputs"]
    case = map_cases.reference_case(name, tolerance=1e-5)
    solution = fi.solve(case, solver="newton")
    result = solution.result
    assert isinstance(result, MapResult)
    assert (result.status, result.solver) == ("converged", "newton")
    assert result.error_estimate is not None
    top = result.potential_top_mean - expected["potential_top_mean"]
    sure = result.error_estimate.potential_top_mean
    assert sure is not None
    assert abs(top) < sure < 1e-5
    mean = result.overpotential_mean - expected["overpotential_mean_lithium"]
    assert abs(mean) < result.error_estimate.overpotential_mean + 2e-9
    largest = result.overpotential_max - expected["overpotential_max_lithium"]
    assert abs(largest) < result.error_estimate.overpotential_max
    assert solution.degree == 2


@pytest.mark.parametrize("seed", [0, 2, 4, 8, 12, 14])
def test_random_maps(seed: int) -> None:
    """Estimates cover the difference from the cosine solver: films, both signs, any kinetics."""
    case = map_cases.random_case(seed, most=16, tolerance=1e-6)
    current = np.array([case.operation.current_density])
    found = BoxSolver(most_memory=7.5e7).solve(case, current)
    tight = case.with_(accuracy={"tolerance": 1e-8})
    known = CosineSolver(largest=2**18).solve(tight, current)
    assert not found.failed.any()
    names = ["potential_top_mean", "overpotential_mean", "overpotential_max", "exposed_drive_max"]
    names += ["interlayer_current_fraction", "local_current_density_max"]
    for name in names:
        value, other = float(found.numbers[name][0]), float(known.numbers[name][0])
        sure = found.numbers[f"error_estimate_{name}"] + known.numbers[f"error_estimate_{name}"]
        assert np.isnan(value) == np.isnan(other), name
        assert np.isnan(value) or abs(value - other) <= float(sure[0]) + 1e-12, name


def test_the_potential_in_the_box() -> None:
    image = np.zeros((6, 8))
    image[1:3, 2:5] = 1
    cell = fi.Cell(map=fi.ContactMap(image=image, pixel="4 um"))
    probes = [["6 um", "3 um", "2 um"], ["16 um", "13 um", "9 um"], ["0 um", "0 um", "15 um"]]
    case = fi.Case(cell=cell, output={"probes": probes}, accuracy={"tolerance": "10 uV"})
    ours, theirs = (fi.solve(case, solver=solver) for solver in ("newton", "condensed"))
    both = [np.array(each.result.probes) for each in (ours, theirs)]
    assert both[0] == pytest.approx(both[1], abs=1e-5)
    points = 1e-6 * np.array([[10.0, 7.0, 6.0], [25.0, 20.0, 10.0], [3.0, 18.0, 14.9]])
    assert ours.current_density(points) == pytest.approx(theirs.current_density(points), abs=0.1)
    assert np.isnan(ours.potential([(33e-6, 0, 0)])).all()
    layer = ours.field.layer(5e-6, most=6)  # type: ignore[attr-defined]
    assert layer.shape == (7, 7)
    corner = ours.potential([(32e-6, 24e-6, 5e-6)])[0]
    assert layer[-1, -1] == pytest.approx(corner, abs=1e-15)
    both = [each.current_density_map() for each in (ours, theirs)]  # type: ignore[attr-defined]
    assert both[0] == pytest.approx(both[1], rel=1e-3)


def test_what_does_not_fit_is_refused_before_anything_is_computed() -> None:
    cell = fi.Cell(map=fi.ContactMap(image=np.eye(200), pixel="1 um"))
    case = fi.Case(cell=cell)
    assert [grid.degree for grid in grids_within(case, 9e9)] == [1, 2]
    assert [grid.shape for grid in grids_within(case, 2e9)] == [(4, 200, 200), (8, 400, 400)]
    with pytest.raises(fi.InputError, match=r"map\.image .* needs 0\.263 GB in newton"):
        grids_within(case, 1e8)
    with pytest.raises(fi.InputError, match=r"accuracy\.degree = 3: must be 1 or 2"):
        grids_within(fi.Case(cell=cell, accuracy={"degree": 3}), 9e9)
    small = fi.Case(cell=fi.Cell(map=fi.ContactMap(image=np.eye(30), pixel="1 um")))
    columns = BoxSolver(most_memory=2e7).solve(small, np.array([2.5]))
    assert "no error estimates" in columns.reasons[0]
    assert np.isnan(columns.numbers["error_estimate_overpotential_mean"][0])
    assert columns.numbers["overpotential_mean"][0] == pytest.approx(0.2, abs=0.1)
