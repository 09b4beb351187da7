"""Films that react: known answers, limits, and where the release is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from random_cases import random_cases
from reported_numbers import potentials

from fem_island.case.case import Case, Operation, at_current
from fem_island.case.cell import Cell
from fem_island.case.electrolyte import Electrolyte
from fem_island.case.film import Interlayer, interlayer
from fem_island.case.island import Island
from fem_island.case.kinetics import Kinetics
from fem_island.experiments.point.solution import Solution
from fem_island.experiments.point.solve import solve
from fem_island.solvers.choice import series_solver
from fem_island.solvers.names import SolverName
from fem_island.surface.bottom import Tag

SOLVERS: tuple[SolverName, ...] = ("newton", "condensed")
BOTH = pytest.mark.parametrize("solver", SOLVERS)


def paper(film: Interlayer | None, **electrolyte: float) -> Case:
    return Case(cell=Cell(electrolyte=Electrolyte(**electrolyte), interlayer=film))


# --- Known answers -------------------------------------------------------------------------------

# Of an independent boundary-integral method, to the digits given; shares of the whole current.
SHARING = {"Ag": (0.0564125, 13.3204, 0.46718), "Au": (0.0728168, 19.4132, 0.22347)}


@BOTH
@pytest.mark.parametrize("reaction", ["release", "reversible"])
@pytest.mark.parametrize("film", SHARING)
def test_film_sharing(film: str, reaction: str, solver: SolverName) -> None:
    case = paper(Interlayer(material=film, reaction=reaction))
    result = solve(case, solver=solver).result
    overpotential, current, share = SHARING[film]
    assert result.status == "converged"
    assert result.overpotential_mean == pytest.approx(overpotential, abs=1e-6)
    assert result.local_current_density_mean == pytest.approx(current, abs=1e-3)
    assert result.interlayer is not None
    assert result.interlayer.current_fraction == pytest.approx(share, abs=1e-5)


def test_how_long_silver_lasts() -> None:
    case = paper(Interlayer(material="Ag", reaction="release", capacity="26 uAh/cm^2"))
    film = solve(case, solver="condensed").result.interlayer
    assert film is not None
    assert film.time_until_empty_mean is not None
    assert film.time_until_empty_local is not None
    assert film.time_until_empty_mean / 60 == pytest.approx(12.0, abs=0.05)
    # It is empty first where it gives most.
    charge = 26e-6 * 3600 * 1e4  # C/m^2
    assert film.time_until_empty_local == pytest.approx(charge / film.current_density_max)


def test_without_ohmic_drop() -> None:
    """In a very good electrolyte the share is that of the reaction laws alone."""
    for film, overpotential, share in (("Ag", 0.05661, 0.465), ("Au", 0.07312, 0.218)):
        case = paper(interlayer(film, reaction="release"), conductivity=1e4)
        result = solve(case, solver="condensed").result
        assert result.overpotential_mean == pytest.approx(overpotential, abs=5e-6)
        assert result.interlayer is not None
        assert result.interlayer.current_fraction == pytest.approx(share, abs=1e-3)


# --- Release and reversible ----------------------------------------------------------------------


def release_cases(count: int, seed: int) -> Iterator[Case]:
    """Random cases with a film that only gives lithium, and strip."""
    draw = np.random.default_rng(seed)
    for case in random_cases(count, seed):
        film = Interlayer(
            reaction="release",
            equilibrium_potential=float(draw.uniform(-0.1, 0.3)),
            exchange_current_density=float(np.exp(draw.uniform(np.log(1e-4), np.log(1e5)))),
        )
        case = case.model_copy(update={"cell": case.cell.model_copy(update={"interlayer": film})})
        yield at_current(case, abs(case.operation.current_density))


def with_reaction(case: Case, reaction: str) -> Case:
    film = case.cell.interlayer
    assert film is not None
    changed = film.model_copy(update={"reaction": reaction})
    return case.model_copy(update={"cell": case.cell.model_copy(update={"interlayer": changed})})


def test_release_is_reversible_where_the_drive_is_above_the_potential() -> None:
    compared = 0
    with series_solver("condensed") as solver:
        for case in release_cases(60, seed=5):
            currents = np.array([case.operation.current_density])
            both = solver.solve(with_reaction(case, "reversible"), currents).numbers
            if not both["interlayer_current_density_min"][0] > 0:
                continue
            released = solver.solve(case, currents).numbers
            for name in ("overpotential_mean", "overpotential_max", "potential_top_mean"):
                assert released[name] == pytest.approx(both[name], abs=1e-9)
            share = "interlayer_current_fraction"
            assert released[share] == pytest.approx(both[share], abs=1e-9)
            compared += 1
    assert compared > 10


@BOTH
def test_no_part_of_a_releasing_film_takes_up_current(solver: SolverName) -> None:
    case = paper(interlayer("Ag", reaction="release"), conductivity=0.002)
    solution = solve(case, solver=solver)
    profile = solution.profile()
    film = profile["current_density"][profile["on"] == "film"].to_numpy()
    assert film.min() == 0
    assert film.max() > 0
    # The reversible film does take lithium up beside the island.
    plain = solve(with_reaction(case, "reversible"), solver=solver).profile()
    assert plain["current_density"][plain["on"] == "film"].min() < -0.1


# --- Limits to bare copper -----------------------------------------------------------------------

IDLE = (
    Interlayer(reaction="release", equilibrium_potential=1.0),
    Interlayer(reaction="release", equilibrium_potential=0.05, exchange_current_density=1e-12),
    Interlayer(reaction="reversible", equilibrium_potential=0.05, exchange_current_density=1e-12),
)


@BOTH
@pytest.mark.parametrize("film", IDLE, ids=["far above", "slow release", "slow"])
@pytest.mark.parametrize("conductivity", [0.18, 0.01])
def test_an_idle_film_is_bare_copper(
    film: Interlayer, conductivity: float, solver: SolverName
) -> None:
    bare = solve(paper(None, conductivity=conductivity), solver=solver).result
    idle = solve(paper(film, conductivity=conductivity), solver=solver).result
    assert idle.interlayer is not None
    assert idle.interlayer.current_fraction == pytest.approx(0.0, abs=1e-9)
    assert bare.exposed_drive_max is not None
    assert idle.exposed_drive_max == pytest.approx(bare.exposed_drive_max, abs=1e-9)
    for one, other in zip(potentials(idle), potentials(bare), strict=True):
        assert one == pytest.approx(other, abs=1e-9)


# --- Where it stops ------------------------------------------------------------------------------


STOPPING = [
    pytest.param(Electrolyte(conductivity=0.002), 0.1, 5.0, id="poor electrolyte"),
    pytest.param(Electrolyte(width=1e-3), 0.1, 250.0, id="wide cell, fast kinetics"),
    pytest.param(Electrolyte(width=1e-3), 0.1, 5.0, id="wide cell"),
]


@pytest.mark.parametrize(("electrolyte", "coverage", "i0"), STOPPING)
def test_a_film_that_stops_somewhere_is_solved_to_its_tolerance(
    electrolyte: Electrolyte, coverage: float, i0: float
) -> None:
    """Both solvers meet the tolerance, and their estimates are above the error."""
    case = Case(
        cell=Cell(
            electrolyte=electrolyte,
            kinetics=Kinetics(exchange_current_density=i0),
            islands=[Island(width=coverage * electrolyte.width)],
            interlayer=interlayer("Ag", reaction="release", exchange_current_density=i0),
        )
    )
    best = solve(case, solver="condensed", tolerance=1e-8).result
    assert best.interlayer is not None
    assert best.interlayer.current_density_min == 0 < best.interlayer.current_density_max
    runs: tuple[tuple[SolverName, float], ...]
    runs = (("condensed", 1e-4), ("condensed", 1e-6), ("newton", 1e-6))
    for solver, tolerance in runs:
        result = solve(case, solver=solver, tolerance=tolerance).result
        assert result.status == "converged", (solver, tolerance)
        assert result.error_estimate is not None
        error = abs(result.overpotential_mean - best.overpotential_mean)
        assert error <= max(result.error_estimate.overpotential_mean, 1e-9)
        assert error <= tolerance
        assert result.interlayer is not None
        assert result.interlayer.current_fraction is not None
        assert best.interlayer.current_fraction is not None
        estimate = result.error_estimate.interlayer_current_fraction
        assert estimate is not None
        off = abs(result.interlayer.current_fraction - best.interlayer.current_fraction)
        assert off <= max(estimate, 1e-8)


# --- Which side leads ----------------------------------------------------------------------------


def beside_the_island(solution: Solution) -> tuple[float, float]:
    """Current density at the island's left edge: of the film, and of the lithium."""
    state = solution.bottom_state
    (island,) = (stretch for stretch in state.bottom if stretch.tag is Tag.ISLAND)
    film = max(
        (s for s in state.bottom if s.tag is Tag.FILM and s.end <= island.start * (1 + 1e-9)),
        key=lambda stretch: stretch.end,
    )
    assert film.law is not None
    assert island.law is not None
    at = (state.overpotential(film).at(film.end), state.overpotential(island).at(island.start))
    return float(film.law.current_density(at[0])[0]), float(island.law.current_density(at[1])[0])


@pytest.mark.parametrize("wagner", [100.0, 1.0, 0.03])
@pytest.mark.parametrize(("ratio", "current"), [(0.1, 2.5), (1.0, 2.5), (1.0, 50.0), (10.0, 50.0)])
def test_the_side_that_leads(ratio: float, current: float, wagner: float) -> None:
    """The drive goes all the way up or down from the island to the wall.

    Its derivative along x is harmonic, vanishes at the walls, and its one source at the bottom is
    the jump of the current density at the island's edge: so its sign is that of the jump, and the
    far field leads wherever the lithium beside the film gives more than the film.
    """
    conductivity = wagner * 5.0 * 50e-6 / 0.025693
    case = Case(
        cell=Cell(
            electrolyte=Electrolyte(conductivity=conductivity),
            interlayer=interlayer("Ag", reaction="release", exchange_current_density=5.0 * ratio),
        ),
        operation=Operation(current_density=current),
    )
    solution = solve(case, solver="condensed")
    film = solution.result.interlayer
    assert film is not None
    of_film, of_lithium = beside_the_island(solution)
    profile = solution.profile()
    left = profile["drive"].to_numpy()[profile["position"].to_numpy() <= 25e-6]
    steps = np.diff(left)
    if of_lithium > of_film:
        assert film.peak_distance == pytest.approx(22.5e-6)
        assert steps.max() < 1e-10
    else:
        assert ratio == 10.0
        assert film.peak_distance == pytest.approx(0.0, abs=1e-9)
        assert steps.min() > -1e-10


# --- Any case ------------------------------------------------------------------------------------


def solve_random_films(solver: SolverName, count: int, seed: int) -> None:
    unmet = 0
    with series_solver(solver) as own:
        for number, case in enumerate(release_cases(count, seed)):
            currents = np.array([case.operation.current_density])
            for one in (case, with_reaction(case, "reversible")) if number % 4 == 0 else (case,):
                columns = own.solve(one, currents)
                status = int(columns.numbers["status"][0])
                assert status != 2, (number, columns.reasons)
                unmet += status == 1
                assert columns.numbers["charge_imbalance"][0] < 1e-9
                if one is case:
                    assert columns.numbers["interlayer_current_density_min"][0] >= 0
    assert unmet <= 0.06 * count


def test_no_random_film_fails_condensed() -> None:
    solve_random_films("condensed", 50, seed=11)


def test_no_random_film_fails_newton() -> None:
    solve_random_films("newton", 15, seed=12)


@pytest.mark.slow
@BOTH
def test_no_film_of_a_thousand_fails(solver: SolverName) -> None:
    solve_random_films(solver, 1000, seed=13)


@pytest.mark.parametrize("solver", ["condensed", "newton"])
def test_a_sliver_of_film_is_solved(solver: SolverName) -> None:
    """9.9 nm of fast film beside an island, against a method without finite elements."""
    cell = Cell(
        electrolyte=Electrolyte(width="1 mm"),
        islands=[Island(width="10 um")],
        interlayer=Interlayer(
            material="Ag",
            reaction="reversible",
            exchange_current_density="100 mA/cm^2",
            extent=[("495 um", "505.0099 um")],
        ),
    )
    result = solve(cell, solver=solver).result
    assert result.status == "converged"
    assert result.interlayer is not None
    assert result.interlayer.current_fraction == pytest.approx(0.0693, abs=1e-5)
    assert result.overpotential_mean == pytest.approx(0.19735, abs=5e-6)


@pytest.mark.parametrize("solver", ["condensed", "newton"])
def test_films_that_would_act_are_those_of_bare_copper(solver: SolverName) -> None:
    """Magnesium takes the drive down to 21.7 mV; silver and gold would act in its place."""
    bare = solve(Cell(), solver=solver).result
    for reaction in ("none", "release", "reversible"):
        film = Interlayer(material="Mg", reaction=reaction)
        found = solve(Cell(interlayer=film), solver=solver).result
        assert found.delithiates == bare.delithiates
    assert bare.delithiates is not None
    assert [film for film, acts in bare.delithiates.items() if acts] == ["Ag", "Au", "Mg", "Cd"]
    assert found.exposed_drive_max is not None
    assert found.exposed_drive_max < 0.05


def test_a_drive_close_to_a_potential_is_looked_at_more_closely() -> None:
    """On bare copper the drive passes 50 mV at an island of 11.146 um; 10 nm are 35 uV."""
    for width, acts in ((11.136e-6, True), (11.156e-6, False)):
        cell = Cell(islands=[Island(width=width)], interlayer=interlayer("Mg", reaction="release"))
        bare = cell.model_copy(update={"interlayer": None})
        results = [solve(one, solver="condensed").result for one in (cell, bare)]
        assert [result.delithiates["Ag"] for result in results if result.delithiates] == [
            acts,
            acts,
        ]


@pytest.mark.parametrize("solver", ["condensed", "newton"])
def test_a_film_that_the_drive_cannot_empty_has_no_time_until_it_is_empty(
    solver: SolverName,
) -> None:
    """Cadmium ends its first plateau and stops: the next is above the drive of bare copper."""
    cell = Cell(interlayer=Interlayer(material="Cd", reaction="release"))
    film = solve(cell, solver=solver).result.interlayer
    assert film is not None
    assert film.time_until_next_plateau is not None
    assert film.time_until_next_plateau / 60 == pytest.approx(21.54, abs=0.01)
    assert film.time_until_empty_mean is None
    assert film.time_until_empty_local is None
    # At ten thousand times the current it is above all of them.
    driven = solve(cell, solver=solver, current_density=2.5e4, tolerance=1e-3).result.interlayer
    assert driven is not None
    assert driven.time_until_empty_mean is not None
