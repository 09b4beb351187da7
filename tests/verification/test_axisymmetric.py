"""Discs and rings: reference cases, closed forms, limits, and both solvers against each other."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axisymmetric_cases import (
    CASES,
    NAMES,
    case_file,
    fraction_errors,
    peak_current_errors,
    potential_errors,
    uncovered,
)
from reported_numbers import potentials

import fem_island as fi
from fem_island.case.case import Case
from fem_island.case.file import read_case
from fem_island.plots.field import scene_of
from fem_island.solvers.names import SolverName

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import random_discs

FARADAY, GAS = 96485.33212, 8.314462618
SOLVERS: tuple[SolverName, ...] = ("condensed", "newton")


def read(case: dict[str, Any], folder: Path, tolerance: float) -> Case:
    path = folder / "case.toml"
    path.write_text(case_file(case, tolerance))
    return read_case(path)


def cylinder(*radii: tuple[float, float], radius: float = 25e-6, **others: Any) -> fi.Cell:
    """A cell with islands between pairs of radii [m]."""
    electrolyte = {"geometry": "axisymmetric", "radius": radius} | others.pop("electrolyte", {})
    islands = [{"inner_radius": inner, "outer_radius": outer} for inner, outer in radii]
    return fi.Cell(electrolyte=electrolyte, islands=islands, **others)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_reference_cases(case: dict[str, Any], solver: SolverName, tmp_path: Path) -> None:
    solution = fi.solve(read(case, tmp_path, 1e-6), solver=solver)
    record = solution.result.record("")
    assert record["status"] == "converged"
    assert record["charge_imbalance"] < 1e-9
    errors = potential_errors(record, case)
    assert {name: error for name, error in errors.items() if not abs(error) <= 1e-6} == {}
    assert max(map(abs, fraction_errors(record, case))) < 1e-6
    assert max(map(abs, peak_current_errors(record, case))) < 1e-3
    assert uncovered(record, case) == []


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_estimates_cover_at_a_loose_tolerance(
    case: dict[str, Any], solver: SolverName, tmp_path: Path
) -> None:
    record = fi.solve(read(case, tmp_path, 1e-4), solver=solver).result.record("")
    assert uncovered(record, case) == []


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("current_density", [-50.0, 2.5])
def test_a_disc_to_the_wall_is_exact(solver: SolverName, current_density: float) -> None:
    solution = fi.solve(
        cylinder((0.0, 25e-6)), current_density=current_density, solver=solver, degree=1
    )
    eta = 2 * GAS * 298.15 / FARADAY * math.asinh(current_density / 10.0)
    drop = current_density * 15e-6 / 0.18
    result = solution.result
    assert result.overpotential_mean == pytest.approx(eta, abs=1e-12)
    assert result.overpotential_max == pytest.approx(eta, abs=1e-12)
    assert result.potential_top_mean == pytest.approx(-eta - drop, abs=1e-12)
    assert result.islands[0].current_fraction == pytest.approx(1.0, abs=1e-12)
    assert result.exposed_drive_max is None


def test_the_primary_resistance_is_newmans_in_a_wide_tall_cylinder() -> None:
    """R = 1 / (4 kappa r0) in a half space; i / mean = 1 / (2 sqrt(1 - (r / r0)^2)).

    J. Newman, J. Electrochem. Soc. 113, 501 (1966). In a cylinder of radius R the resistance is
    lower by 1.4092 r0 / R of it (isothermal disc on a cylinder of equal axis).
    """
    radius, disc, kappa = 200e-6, 2e-6, 0.18
    cell = cylinder(
        (0.0, disc),
        radius=radius,
        electrolyte={"height": 2 * radius},
        kinetics=fi.LinearKinetics(exchange_current_density=1e7),
    )
    solution = fi.solve(cell, current_density=1.0, tolerance="1 uV", solver="condensed")
    resistance = solution.result.constriction_resistance
    assert resistance is not None
    in_half_space = 1 / (4 * kappa * disc) * math.pi * radius**2
    share = disc / radius
    expected = in_half_space * (1 - 1.40925 * share + 0.29591 * share**3)
    assert resistance == pytest.approx(expected, rel=1e-3)
    # The distribution, away from the edge.
    profile = solution.profile()
    places = profile.position.values / disc
    inside = (places < 0.9) & (profile.on.values == "island")
    mean = radius**2 / disc**2
    newman = 0.5 / np.sqrt(1 - places[inside] ** 2)
    np.testing.assert_allclose(profile.current_density.values[inside] / mean, newman, rtol=5e-3)


def test_a_ring_at_a_large_radius_is_a_stripe() -> None:
    """Rings at equal distances, each with its share of the cell above it.

    They are like a stripe in the middle of a cell of that width. What is left of their curvature is
    the same with the other sign at their inner and outer edge, and falls with the radius.
    """
    period, half = 10e-6, 1e-6
    electrolyte = {"height": 15e-6, "conductivity": 0.005}
    middles = [period * (number + 0.5) for number in range(10)]
    cell = cylinder(
        *((middle - half, middle + half) for middle in middles),
        radius=period * len(middles),
        electrolyte=electrolyte,
    )
    stripe = fi.Cell(electrolyte={"width": period, **electrolyte}, islands=[{"width": 2 * half}])
    rings = fi.solve(cell, solver="condensed").result.islands
    wanted = fi.solve(stripe, solver="condensed").result.islands[0]
    along = wanted.overpotential_right - wanted.overpotential_mean
    for number in (4, 5, 6, 7):
        ring = rings[number]
        assert abs(ring.overpotential_mean - wanted.overpotential_mean) < 0.03 * along
        both = 0.5 * (ring.overpotential_left + ring.overpotential_right)
        assert abs(both - wanted.overpotential_right) < 0.03 * along
    edges = {n: rings[n].overpotential_right - rings[n].overpotential_left for n in (4, 7)}
    assert edges[4] < 0.07 * along
    assert edges[7] / edges[4] == pytest.approx(middles[4] / middles[7], rel=0.02)


def test_both_solvers_agree_on_rings_and_films_of_all_kinds() -> None:
    cells = [
        cylinder((3e-6, 5e-6), (12e-6, 25e-6)),
        cylinder((0.0, 3e-6), (8e-6, 9e-6), interlayer=fi.interlayer("Au", reaction="release")),
        cylinder(
            (10e-6, 14e-6),
            interlayer=fi.Interlayer(
                material="Ag", reaction="reversible", extent=[("0 um", "4 um"), ("16 um", "20 um")]
            ),
        ),
    ]
    for cell in cells:
        results = [fi.solve(cell, current_density=10.0, solver=name).result for name in SOLVERS]
        one, other = (potentials(result) for result in results)
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)


def test_both_solvers_on_cells_at_random() -> None:
    """The first of ``benchmarks/random_discs.py``, which has 300 and more."""
    for number in (0, 2, 5, 7):
        case = Case(**random_discs.drawn(number))
        reference = fi.solve(case, tolerance=1e-8, solver="condensed").result
        for solver in SOLVERS:
            found = random_discs.errors(fi.solve(case, solver=solver).result, reference)
            assert found.pop("status") == "converged"
            over = {
                key: found[key] for key, most in random_discs.LARGEST.items() if found[key] > most
            }
            assert over == {}


@pytest.mark.parametrize(
    ("number", "extreme", "solver"), [(448, False, "newton"), (57, True, "condensed")]
)
def test_extreme_currents_have_estimates_where_a_check_agrees_by_chance(
    number: int, extreme: bool, solver: SolverName
) -> None:
    case = Case(**random_discs.drawn(number, extreme=extreme))
    precise = fi.solve(case, tolerance=1e-9, solver="condensed").result
    assert random_discs.errors(fi.solve(case, solver=solver).result, precise)["over_estimate"] < 0.5


def test_estimates_count_what_large_pieces_of_a_check_leave_unresolved() -> None:
    """The smallest current density lies in the middle of a ring, where the check is no finer."""
    case = Case(**random_discs.drawn(1010))
    precise = fi.solve(case, tolerance=1e-8, solver="condensed").result
    found = fi.solve(case, solver="condensed").result
    assert found.error_estimate is not None
    estimate = found.error_estimate.local_current_density_min
    smallest = found.local_current_density_min
    assert estimate is not None
    assert smallest is not None
    assert smallest == pytest.approx(precise.local_current_density_min, rel=0, abs=0.9 * estimate)


def test_newton_ends_where_rounding_lets_it_beside_a_tiny_disc() -> None:
    """One of 4 nm in 22 um, whose constriction takes three volts."""
    case = Case(**random_discs.drawn(33, extreme=True))
    newton, condensed = (fi.solve(case, solver=solver).result for solver in ("newton", "condensed"))
    assert newton.charge_imbalance < 1e-9
    assert newton.potential_top_mean == pytest.approx(condensed.potential_top_mean, abs=1e-6)
    assert newton.constriction_resistance == pytest.approx(
        condensed.constriction_resistance, abs=1e-6
    )


def test_a_cylinder_is_drawn_from_wall_to_wall_and_turned(tmp_path: Path) -> None:
    pytest.importorskip("pyvista")
    cell = cylinder((0.0, 5e-6), (12e-6, 15e-6))
    solution = fi.solve(cell, solver="condensed")
    scene = scene_of(solution)
    assert scene.x[0] == -scene.x[-1] == -25e-6
    np.testing.assert_array_equal(scene.potential, scene.potential[:, ::-1])
    # Rings of equal area between the paths: each stands for the same part of the current.
    areas = np.diff(scene.starts[scene.starts > 0] ** 2)
    np.testing.assert_allclose(areas, areas[0], rtol=1e-12)
    files = {file.name for file in solution.write(tmp_path, "ring")}
    assert {"ring.vtkhdf", "ring.potential.png", "ring.turned.png"} < files
    assert (tmp_path / "ring.turned.png").stat().st_size > 30_000
    with pytest.raises(fi.InputError, match=r'geometry = "planar": must be "axisymmetric"'):
        fi.solve(fi.Cell(), solver="condensed").plot_turned()


def test_sweeps_over_radii_and_films_side_by_side() -> None:
    cell = cylinder((0.0, 5e-6), interlayer=fi.interlayer("Ag", reaction="release"))
    maps = fi.sweep(cell, axes={"islands.outer_radius": [3e-6, 5e-6]}, current_density=[1.0, 2.5])
    for radius in (3e-6, 5e-6):
        one = fi.solve(
            cylinder((0.0, radius), interlayer=fi.interlayer("Ag", reaction="release")),
            current_density=2.5,
            solver="newton",
        ).result
        assert one.interlayer is not None
        found = maps.sel(island_outer_radius=radius, current_density=2.5)
        assert float(found.overpotential_mean) == pytest.approx(one.overpotential_mean, abs=1e-6)
        share = float(found.interlayer_current_fraction)
        assert share == pytest.approx(one.interlayer.current_fraction, abs=1e-5)
        # The whole film over its current, of the ring that the island leaves free.
        ring = math.pi * (25e-6**2 - radius**2)
        held = sum(step.capacity for step in fi.interlayer("Ag").steps) * ring
        lasts = held / (share * 2.5 * math.pi * 25e-6**2)
        assert float(found.interlayer_time_until_empty_mean) == pytest.approx(lasts, rel=1e-9)
    films = fi.compare(cylinder((0.0, 5e-6)), ["none", "Ag"])
    assert films.overpotential_mean.values[0] == pytest.approx(0.130110441, abs=1e-6)
    assert films.relief.values[1] > 4


def test_a_release_front_on_a_disc() -> None:
    """A film that gives only beside the wall: the mesh is cut where it stops."""
    cell = cylinder(
        (0.0, 10e-6),
        electrolyte={"conductivity": 0.0005},
        interlayer=fi.Interlayer(material="Ag", reaction="release"),
    )
    results = [fi.solve(cell, current_density=1.4, solver=name).result for name in SOLVERS]
    fine = fi.solve(cell, current_density=1.4, solver="condensed", tolerance="10 nV").result
    assert fine.interlayer is not None
    assert fine.interlayer.current_density_min == 0 < fine.interlayer.current_density_max
    for result in results:
        assert result.status == "converged"
        np.testing.assert_allclose(potentials(result), potentials(fine), rtol=0, atol=1e-6)
        assert result.interlayer is not None
        assert result.interlayer.current_fraction == pytest.approx(
            fine.interlayer.current_fraction, abs=1e-6
        )
