"""Series on the condensed grid: exact where ``newton`` is, honest about errors, and repeatable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from newton_on_mesh import solve_on
from random_cases import random_cases
from reference_cases import CASES, NAMES, case_file, potential_errors
from reported_numbers import potentials

import fem_island as fi
from fem_island.case.case import Case, Operation, Output
from fem_island.case.cell import Cell
from fem_island.case.electrolyte import Electrolyte
from fem_island.case.file import read_case
from fem_island.case.film import Interlayer
from fem_island.case.island import Island
from fem_island.case.kinetics import Kinetics
from fem_island.experiments.point.solution import Solution
from fem_island.results.columns import Columns
from fem_island.results.reading import result_at
from fem_island.results.result import CONVERGED, FAILED, TOLERANCE_NOT_MET
from fem_island.solvers.condensed import CondensedSolver
from fem_island.solvers.condensed.grid_field import GridField
from fem_island.solvers.condensed.method import CondensedMethod
from fem_island.solvers.condensed.point import solve_case
from fem_island.solvers.meshed.grid_mesh import domain_of
from fem_island.solvers.meshed.newton_steps import ACCEPTED_RESIDUAL
from fem_island.solvers.resolution import Grading, Resolution
from fem_island.surface.bottom import stretches
from fem_island.surface.points import OperatingPoints


def read(case: dict[str, Any], folder: Path, tolerance: float = 1e-6) -> Case:
    path = folder / f"{case['id']}.toml"
    path.write_text(case_file(case, tolerance))
    return read_case(path)


def current_of(case: Case) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([case.operation.current_density])


def film(reaction: str, **numbers: float) -> Interlayer:
    return Interlayer(material="Ag", reaction=reaction, **numbers)


# --- The same discrete equations as newton -------------------------------------------------------


def differences(
    case: Case,
    resolution: Resolution | None = None,
    *,
    accepted_residual: float = ACCEPTED_RESIDUAL,
) -> tuple[float, float]:
    """Largest difference to newton on the same mesh: of potentials [V], and of peak currents."""
    currents = current_of(case)
    condensed = CondensedSolver()
    if resolution is None:
        _, found = condensed.solve_and_keep(case, currents)
        assert found[0] is not None
        points, resolution = found[0][0].points, found[0][0].resolution
    else:
        points = OperatingPoints.of(case)
    solved = CondensedMethod().solve(points, resolution)
    assert solved.solutions.solved.all()
    geometry = solved.geometry
    domain = domain_of(
        geometry.electrolyte.x,
        geometry.electrolyte.y,
        points.bottom,
        grading=resolution.grading,
        mirrored=geometry.mirrored,
    )
    theirs, _ = solve_on(case, domain, resolution.degree, accepted_residual=accepted_residual)
    ours = result_at(solved.columns, 0, case=case, solver="condensed")
    assert ours.charge_imbalance < 1e-9
    wrong = np.abs(np.array(potentials(ours)) - potentials(theirs.result)).max()
    peaks = ours.peak_current_density - theirs.result.peak_current_density
    return float(wrong), abs(peaks) / max(theirs.result.peak_current_density, 1e-300)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_agrees_with_newton_on_the_reference_cases(case: dict[str, Any], tmp_path: Path) -> None:
    voltage, current = differences(read(case, tmp_path))
    assert voltage < 1e-10
    assert current < 1e-8


def agree_on_random_cases(count: int, seed: int) -> None:
    for number, case in enumerate(random_cases(count, seed)):
        smallest = min(stretch.length for stretch in stretches(case))
        grading = Grading(0.05 * smallest, 2.0, case.cell.electrolyte.height / 2)
        # On elements 1000 times as long as thin, rounding keeps newton's residual above 1e-10.
        voltage, current = differences(case, Resolution(4, grading), accepted_residual=1e-8)
        assert voltage < 1e-10, number
        assert current < 1e-8, number


def test_agrees_with_newton_on_random_cases() -> None:
    agree_on_random_cases(25, seed=21)


@pytest.mark.slow
def test_agrees_with_newton_on_many_random_cases() -> None:
    agree_on_random_cases(200, seed=3)


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(Cell(islands=[Island(width="50 um")]), id="all of the bottom"),
        pytest.param(
            Cell(islands=[Island(width="5 um", center="2.5 um")], interlayer=film("release")),
            id="release",
        ),
        pytest.param(
            Cell(
                electrolyte={"conductivity": 0.002},
                interlayer=film("release", exchange_current_density=50.0),
            ),
            id="release that stops before the island",
        ),
        pytest.param(
            Cell(
                interlayer=Interlayer(
                    material="Au",
                    reaction="release",
                    state_of_charge_profile=[("0 um", 1.0), ("50 um", 0.2)],
                )
            ),
            id="two plateaus",
        ),
        pytest.param(
            Cell(
                interlayer=Interlayer(
                    material="Ag",
                    reaction="release",
                    state_of_charge_profile=[("10 um", 0.0), ("20 um", 1.0)],
                )
            ),
            id="empty in part",
        ),
        pytest.param(
            Cell(
                islands=[
                    Island(width="4 um", center="12 um"),
                    Island(width="6 um", center="17 um", kinetics={"law": "linear"}),
                    Island(width="3 um", center="40 um", kinetics={"law": "tafel"}),
                ],
                interlayer=Interlayer(
                    material="Au",
                    reaction="reversible",
                    extent=[("0 um", "8 um"), ("30 um", "35 um")],
                ),
            ),
            id="touching, three laws, film in parts",
        ),
    ],
)
@pytest.mark.parametrize("current_density", [4.0, -4.0])
def test_agrees_with_newton_for_all_laws_and_films(cell: Cell, current_density: float) -> None:
    case = Case(
        cell=cell,
        operation=Operation(current_density=current_density),
        output=Output(probes=[("25 um", "7 um"), ("49 um", "0.1 um")]),
    )
    voltage, current = differences(case)
    assert voltage < 1e-10
    assert current < 1e-8


# --- Errors and their estimates ------------------------------------------------------------------


@pytest.fixture(scope="module", params=[1e-4, 1e-6, 1e-8], ids=["100 uV", "1 uV", "10 nV"])
def results(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[float, dict[str, dict[str, Any]]]:
    tolerance: float = request.param
    condensed, folder = CondensedSolver(), tmp_path_factory.mktemp("cases")
    records = {}
    for reference in CASES:
        case = read(reference, folder, tolerance)
        columns = condensed.solve(case, current_of(case))
        result = result_at(columns, 0, case=case, solver="condensed")
        records[reference["id"]] = result.record(reference["id"])
    return tolerance, records


def test_potentials_are_within_the_tolerance(
    results: tuple[float, dict[str, dict[str, Any]]],
) -> None:
    tolerance, records = results
    for case in CASES:
        record = records[case["id"]]
        assert record["status"] == "converged"
        assert record["charge_imbalance"] < 1e-9
        errors = potential_errors(record, case)
        assert {name: e for name, e in errors.items() if not abs(e) <= tolerance} == {}


def test_no_error_is_above_its_estimate(results: tuple[float, dict[str, dict[str, Any]]]) -> None:
    ratios = []
    for case in CASES:
        record = results[1][case["id"]]
        estimate, lithium = record["error_estimate"], case["outputs"]["li"]
        for key, reference, floor in (
            ("overpotential_mean", lithium["eta_mean"], 1e-10),
            ("overpotential_max", lithium["eta_max"], 1e-10),
            ("local_current_density_max", lithium["i_max"], 1e-9 * abs(lithium["i_max"])),
        ):
            error = max(abs(record[key] - reference), floor)
            assert max(estimate[key], floor) >= error, (case["id"], key)
            ratios.append(max(estimate[key], floor) / error)
    assert np.median(ratios) < 10


def test_current_fractions(results: tuple[float, dict[str, dict[str, Any]]]) -> None:
    for case in CASES:
        record, regions = results[1][case["id"]], case["outputs"]["regions"]
        islands = [region["current_fraction"] for region in regions if region["name"] == "Li"]
        ours = [island["current_fraction"] for island in record["islands"]]
        assert ours == pytest.approx(islands, abs=2e-5)
        others = [region["current_fraction"] for region in regions if region["name"] != "Li"]
        if others:
            share = record["interlayer"]["current_fraction"]
            assert share == pytest.approx(sum(others), abs=2e-5)
        else:
            assert record["interlayer"] is None


def test_a_tolerance_out_of_reach_is_said_to_be() -> None:
    cell = Cell(electrolyte=Electrolyte(conductivity=1e-3))
    case = Case(cell=cell, operation={"current_density": 1e3}, accuracy={"degree": 1})
    currents = np.array([1.0, 1e3])
    columns = CondensedSolver().solve(case, currents)
    assert columns.numbers["status"][1] == TOLERANCE_NOT_MET
    assert "the estimated error of a potential is" in columns.reasons[1]
    estimate = columns.numbers["error_estimate_overpotential_max"][1]
    better = CondensedSolver().solve(
        case.model_copy(update={"accuracy": Case().accuracy}), currents[1:]
    )
    wrong = columns.numbers["overpotential_max"][1] - better.numbers["overpotential_max"][0]
    assert abs(wrong) <= estimate


def test_agrees_with_newton_on_a_mesh_of_its_own() -> None:
    cell = Cell(
        islands=[Island(width="3 um", center="8 um"), Island(width="9 um", center="30 um")],
        interlayer=film("reversible", exchange_current_density=0.7),
    )
    case = Case(cell=cell, operation=Operation(current_density=7.0))
    theirs = fi.solve(case).result
    columns = CondensedSolver().solve(case, current_of(case))
    ours = result_at(columns, 0, case=case, solver="condensed")
    np.testing.assert_allclose(potentials(ours), potentials(theirs), rtol=0, atol=2e-6)
    assert ours.delithiates == theirs.delithiates
    assert ours.constriction_resistance == pytest.approx(theirs.constriction_resistance, abs=1e-6)


# --- Series --------------------------------------------------------------------------------------


def same(first: Columns, second: Columns) -> bool:
    """Equal bit for bit."""
    numbers = first.numbers.tobytes() == second.numbers.tobytes()
    return numbers and first.reasons == second.reasons


CURRENTS = np.array([-30.0, -2.5, -1e-6, 0.0, 1e-9, 0.3, 2.5, 40.0])


@pytest.mark.parametrize("reaction", [None, "none", "release", "reversible"])
def test_a_series_is_its_points(reaction: str | None) -> None:
    cell = Cell(
        islands=[Island(width="7 um")], interlayer=None if reaction is None else film(reaction)
    )
    case = Case(cell=cell, output=Output(probes=[("10 um", "3 um")]))
    columns = CondensedSolver().solve(case, CURRENTS)
    assert (columns.numbers["status"] == CONVERGED).all()
    assert columns.numbers["charge_imbalance"].max() < 1e-12
    for number, current in enumerate(CURRENTS):
        alone = CondensedSolver().solve(case, np.array([current]))
        for name in ("overpotential_mean", "overpotential_max", "potential_top_mean"):
            one, other = columns.numbers[name][number], alone.numbers[name][0]
            assert one == pytest.approx(other, abs=1e-6)
    no_current = columns.numbers[3]
    assert np.isnan(no_current["islands_current_fraction"]).all()
    assert np.isnan(no_current["constriction_resistance"])
    if reaction == "reversible":
        assert no_current["overpotential_mean"] > 0.03  # the film drives lithium off
    else:
        assert no_current["overpotential_mean"] == 0.0


def test_results_do_not_depend_on_what_was_computed_before() -> None:
    case = Case(cell=Cell(islands=[Island(width="7 um", center="20 um")]))
    others = [
        Case(cell=Cell(islands=[Island(width=f"{width} um")], interlayer=film("reversible")))
        for width in range(3, 30, 2)
    ]
    currents = np.geomspace(0.5, 50, 13)
    fresh = CondensedSolver().solve(case, currents)
    used = CondensedSolver()
    assert same(used.solve(case, currents), fresh)
    for other in others:
        used.solve(other, currents[::3])
        assert same(used.solve(case, currents), fresh)
    warm = case.model_copy(update={"operation": Operation(temperature=310.0)})
    assert not same(used.solve(warm, currents), fresh)
    assert same(used.solve(case, currents), fresh)


def test_the_current_of_the_case_is_not_that_of_the_series() -> None:
    cells = (Cell(), Cell(kinetics=Kinetics(law="tafel")))
    for cell in cells:
        cases = [Case(cell=cell, operation=Operation(current_density=i)) for i in (2.5, -9.0)]
        first, second = (CondensedSolver().solve(case, CURRENTS) for case in cases)
        assert same(first, second)


def test_tafel_takes_the_branch_of_each_current() -> None:
    case = Case(cell=Cell(kinetics=Kinetics(law="tafel")))
    columns = CondensedSolver().solve(case, np.array([-50.0, 0.0, 50.0]))
    low, middle, high = columns.numbers
    assert low["overpotential_mean"] == pytest.approx(-high["overpotential_mean"], abs=1e-9)
    assert middle["status"] == FAILED
    assert columns.reasons == {1: "Tafel kinetics has no equilibrium; give a current other than 0"}
    assert np.isnan(middle["overpotential_mean"])


def test_points_that_fail_do_not_stop_others() -> None:
    kinetics = Kinetics(law="linear", exchange_current_density=1e-9)
    case = Case(cell=Cell(kinetics=kinetics))
    columns = CondensedSolver().solve(case, np.array([1e-9, 1e3, 2e-9]))
    assert columns.numbers["status"].tolist() == [CONVERGED, FAILED, CONVERGED]
    assert columns.reasons == {1: "no potential within 1000 V carries the applied current"}
    assert np.isnan(columns.numbers["overpotential_max"][1])


def test_newton_that_stops_is_a_failure_with_a_reason() -> None:
    case = Case(cell=Cell(electrolyte=Electrolyte(conductivity=0.01)))
    columns = CondensedSolver(most_steps=2).solve(case, np.array([1e-6, 100.0]))
    assert columns.numbers["status"].tolist() == [CONVERGED, FAILED]
    assert "Newton stopped after 2 steps at 100 A/m^2: residual" in columns.reasons[1]


@pytest.mark.parametrize("count", [0, 1, 50, 256, 257, 10_000])
def test_pieces(count: int) -> None:
    pieces = CondensedSolver().pieces(count)
    covered = [number for piece in pieces for number in range(piece.start, piece.stop)]
    assert covered == list(range(count))
    assert all(0 < piece.stop - piece.start <= 256 for piece in pieces)


def test_half_of_a_cell_is_half_of_a_cell() -> None:
    """A centred island is solved on the left half; a wall island in half a cell is that half."""
    whole = Case(cell=Cell(islands=[Island(width="8 um")], interlayer=film("release")))
    half = Case(
        cell=Cell(
            electrolyte=Electrolyte(width="25 um"),
            islands=[Island(width="4 um", center="23 um")],
            interlayer=film("release"),
        )
    )
    grading = Grading(0.05e-6, 2.0, 7.5e-6)
    found = []
    for case in (whole, half):
        points = OperatingPoints.of(case, CURRENTS)
        found.append(CondensedMethod().solve(points, Resolution(4, grading)).columns.numbers)
    first, second = found
    assert (first["degrees_of_freedom"] == second["degrees_of_freedom"]).all()
    for name in ("overpotential_mean", "overpotential_max", "potential_top_mean"):
        np.testing.assert_allclose(first[name], second[name], rtol=0, atol=1e-12)
    left, right = (first[f"islands_overpotential_{side}"] for side in ("left", "right"))
    np.testing.assert_allclose(left, right, rtol=0, atol=1e-15)
    inner, center = second["islands_overpotential_right"], first["islands_overpotential_center"]
    np.testing.assert_allclose(center, inner, rtol=0, atol=1e-12)


def test_mirror_images() -> None:
    def cell(*centers: float) -> Cell:
        placed = zip((3e-6, 9e-6), centers, strict=True)
        return Cell(islands=[Island(width=width, center=center) for width, center in placed])

    condensed = CondensedSolver()
    first = condensed.solve(Case(cell=cell(8e-6, 30e-6)), CURRENTS).numbers
    second = condensed.solve(Case(cell=cell(42e-6, 20e-6)), CURRENTS).numbers
    for one, other in (("left", "right"), ("right", "left"), ("mean", "mean")):
        np.testing.assert_allclose(
            first[f"islands_overpotential_{one}"],
            second[f"islands_overpotential_{other}"],
            rtol=0,
            atol=1e-11,
        )


def test_what_needs_too_large_a_grid_is_solved_on_the_largest() -> None:
    case = Case(cell=Cell(islands=[Island(width="20 um")]), accuracy={"tolerance": "1 nV"})
    currents = np.array([2.5, 5.0])
    expected = CondensedSolver().solve(case, currents).numbers
    columns = CondensedSolver(largest_grid=3000).solve(case, currents)
    assert (expected["status"] == CONVERGED).all()
    assert (columns.numbers["status"] == TOLERANCE_NOT_MET).all()
    assert (columns.numbers["degrees_of_freedom"] <= 3000).all()
    error = np.abs(columns.numbers["overpotential_max"] - expected["overpotential_max"])
    assert (error < columns.numbers["error_estimate_overpotential_max"]).all()
    assert (error < 1e-5).all()


def test_a_cell_that_no_grid_holds_fails_with_the_reason() -> None:
    columns = CondensedSolver(largest_grid=100).solve(Case(), np.array([2.5]))
    assert columns.numbers["status"][0] == FAILED
    assert "unknowns are too many" in columns.reasons[0]


@pytest.mark.parametrize(
    ("count", "seed"), [(20, 5), pytest.param(1000, 7, marks=pytest.mark.slow)]
)
def test_no_random_case_fails(count: int, seed: int) -> None:
    condensed = CondensedSolver()
    missed = 0
    for number, case in enumerate(random_cases(count, seed)):
        columns = condensed.solve(case, current_of(case))
        assert columns.numbers["status"][0] != FAILED, (number, columns.reasons)
        assert columns.numbers["charge_imbalance"][0] < 1e-9
        missed += int(columns.numbers["status"][0] == TOLERANCE_NOT_MET)
    assert missed <= 0.05 * count


# --- One point with its field --------------------------------------------------------------------


@pytest.mark.parametrize("centre", ["25 um", "20 um"])
def test_the_field_is_that_of_newton_on_the_same_mesh(centre: str) -> None:
    cell = Cell(islands=[Island(width="5 um", center=centre)], interlayer=film("reversible"))
    probes = [("25 um", "7.5 um"), ("3 um", "0 um"), ("44 um", "15 um")]
    case = Case(cell=cell, output=Output(probes=probes))
    ours = solve_case(case)
    assert isinstance(ours.field, GridField)
    domain = domain_of(
        ours.field.x,
        ours.field.y,
        ours.bottom,
        grading=ours.resolution.grading,
        mirrored=False,
    )
    theirs, _ = solve_on(case, domain, ours.degree)
    assert ours.result.solver == "condensed"
    assert ours.result.status == "converged"
    points = np.random.default_rng(2).uniform(0, 1, (200, 2)) * (50e-6, 15e-6)
    np.testing.assert_allclose(ours.potential(points), theirs.potential(points), rtol=0, atol=1e-11)
    found = [phi for _, _, phi in ours.result.probes]
    np.testing.assert_allclose(found, ours.potential(case.output.probes), rtol=0, atol=1e-12)
    for mine, other in zip(ours.bottom_state.bottom, theirs.bottom_state.bottom, strict=True):
        first, second = ours.bottom_state.drive(mine), theirs.bottom_state.drive(other)
        np.testing.assert_allclose(first.values, second.values, rtol=0, atol=1e-11)


def test_files_and_pictures_of_a_grid(tmp_path: Path) -> None:
    written = Solution.of(solve_case(Case())).write(tmp_path)
    assert all(path.stat().st_size > 1000 for path in written)


def test_rows_taken_keep_their_reasons() -> None:
    case = Case(cell=Cell(kinetics=Kinetics(law="tafel")))
    columns = CondensedSolver().solve(case, np.array([1.0, 0.0, 2.0]))
    part = columns.taken(np.array([1, 2]))
    assert list(part.reasons) == [0]
    assert replace(part, reasons={}).numbers["status"].tolist() == [FAILED, CONVERGED]


def test_the_drive_beside_islands_is_covered_where_the_check_is_no_better() -> None:
    """Far from all edges a check has large elements as well, and here the larger error."""
    kinetics = fi.ButlerVolmer(
        exchange_current_density=0.0021184666490916466,
        anodic_transfer_coefficient=0.8850827702315164,
        cathodic_transfer_coefficient=0.8585387677463054,
    )
    cell = fi.Cell(
        electrolyte=Electrolyte(
            width=0.00011461966052589764,
            height=7.638747473763135e-05,
            conductivity=0.0457449401804201,
        ),
        kinetics=kinetics,
        islands=[
            fi.Island(width=1.3406681326970296e-05, center=2.2640174944303652e-05),
            fi.Island(width=1.1928865014481598e-05, center=5.181744867763596e-05),
        ],
    )
    operation = Operation(current_density=57.458803896673885, temperature=349.339887478781)
    found = solve_case(Case(cell=cell, operation=operation)).result
    estimate = found.error_estimate
    assert found.exposed_drive_max is not None
    assert estimate is not None
    assert estimate.exposed_drive_max is not None
    error = abs(found.exposed_drive_max - 0.49079065759)  # With a tolerance of 1 nV.
    assert 2e-8 < error < estimate.exposed_drive_max < 1e-6
