"""What is reported of the film, on solutions that are known in closed form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import cosh, sinh
from typing import Any

import numpy as np
import pytest
from bottom_states import THERMAL, UM, Array, linear_state, symmetric

from fem_island.case.case import Case, Operation
from fem_island.case.cell import Cell
from fem_island.case.electrolyte import Electrolyte
from fem_island.case.film import Interlayer
from fem_island.case.island import Island
from fem_island.experiments.point.solve import solve
from fem_island.results.observables import observe
from fem_island.results.state import BottomState
from fem_island.solvers.names import SolverName

SILVER = 96485.33212 * 10490 * 100e-9 / 0.1078682
"""Charge of 100 nm of silver as LiAg [C/m^2]."""

GOLD = 96485.33212 * 3 * 19300 * 100e-9 / 0.19696657

W = 50.0
"""Of the cell [um]; the island is from 22.5 to 27.5 um unless said otherwise."""


def case_of(*, islands: list[tuple[float, float]] | None = None, **film: Any) -> Case:
    """Islands are center and width [um]."""
    film = {"material": "Ag", "reaction": "release"} | film
    placed = [Island(center=c * UM, width=w * UM) for c, w in islands or [(25, 5)]]
    return Case(cell=Cell(islands=placed, interlayer=Interlayer(**film)))


def observed(
    case: Case, state: BottomState, current_density: float = 2.5
) -> dict[str, list[float]]:
    """What is reported of the film, and the evenness, at every operating point."""
    count = len(state.points)
    points = replace(state.points, case=case, current_densities=np.full(count, current_density))
    columns = observe(
        replace(state, points=points),
        probes=np.zeros((count, 0)),
        newton_iterations=np.zeros(count),
        degrees_of_freedom=0,
    )
    names = columns.numbers.dtype.names or ()
    return {
        name.removeprefix("interlayer_"): columns.numbers[name].tolist()
        for name in names
        if name.startswith("interlayer_") or name == "current_evenness"
    }


def film_current(current: float, potential: float = 0.05) -> Callable[[Array], Array]:
    """The drive at which all of the film has a current density [A/m^2]."""
    return lambda _: potential + symmetric(current)


NONE = pytest.approx(np.nan, nan_ok=True)


def close(value: float) -> object:
    """For sums and products, and integrals by a rule of high order."""
    return pytest.approx(value, rel=1e-9, abs=0)


# --- The same everywhere -------------------------------------------------------------------------


def test_a_uniform_film() -> None:
    """At drives where the film gives 1 and 4 A/m^2, and one below its potential."""
    case = case_of()
    state = linear_state(case, film_current(1.0), film_current(4.0), lambda _: np.array(0.04))
    found = observed(case, state, current_density=2.5)
    for point, current in enumerate((1.0, 4.0)):
        lithium = 10.0 * sinh((0.05 + float(symmetric(current))) / (2 * THERMAL))
        total, squares = 5 * lithium + 45 * current, 5 * lithium**2 + 45 * current**2
        assert found["current_density_mean"][point] == close(current)
        assert found["current_density_min"][point] == close(current)
        assert found["current_density_max"][point] == close(current)
        assert found["current_fraction"][point] == close(45 * current / (2.5 * W))
        assert found["current_evenness"][point] == close(total**2 / (W * squares))
        assert found["time_until_empty_mean"][point] == close(SILVER / current)
        assert found["time_until_empty_local"][point] == close(SILVER / current)
        assert found["time_until_next_plateau"][point] == NONE
    for name in ("density_mean", "density_min", "density_max", "fraction"):
        assert found[f"current_{name}"][2] == 0.0
    # Nothing but the island: 5 of 50 um.
    assert found["current_evenness"][2] == close(0.1)
    for name in ("peak_distance", "time_until_empty_mean", "time_until_empty_local"):
        assert found[name][2] == NONE


def test_no_applied_current() -> None:
    case = case_of()
    found = observed(case, linear_state(case, film_current(1.0)), current_density=0.0)
    assert found["current_fraction"] == [NONE]
    assert found["current_evenness"] == [NONE]
    assert found["current_density_mean"] == [close(1.0)]


def test_a_film_that_takes_up_lithium_never_gets_empty() -> None:
    case = case_of(reaction="reversible")
    found = observed(case, linear_state(case, film_current(-2.0)))
    assert found["current_density_mean"] == [close(-2.0)]
    assert found["current_density_max"] == [close(-2.0)]
    assert found["current_fraction"] == [close(-2.0 * 45 / (2.5 * W))]
    for name in ("peak_distance", "time_until_empty_mean", "time_until_empty_local"):
        assert found[name] == [NONE]


def test_a_passive_film() -> None:
    case = case_of(reaction="none")
    found = observed(case, linear_state(case, film_current(1.0)))
    assert found["current_fraction"] == [0.0]
    assert found["current_density_max"] == [0.0]
    assert found["peak_distance"] == [NONE]
    assert found["time_until_empty_mean"] == [NONE]


def test_how_long_it_lasts_is_not_known_without_its_capacity() -> None:
    film: dict[str, Any] = {"material": None, "equilibrium_potential": 0.05}
    case = case_of(**film)
    found = observed(case, linear_state(case, lambda x: 0.05 + symmetric(1.0) + 1e-5 * x))
    assert found["time_until_empty_mean"] == [NONE]
    assert found["time_until_empty_local"] == [NONE]
    assert found["peak_distance"] == [close(22.5 * UM)]
    case = case_of(**film, capacity=36.0)
    found = observed(case, linear_state(case, film_current(1.0)))
    assert found["time_until_empty_mean"] == [close(36.0)]


# --- Where it gives most -------------------------------------------------------------------------


def test_a_film_whose_current_grows_towards_the_wall() -> None:
    # From 1 A/m^2 at 22.5 um to 4 A/m^2 at the left wall; 2 A/m^2 on the right.
    near, far = float(symmetric(1.0)), float(symmetric(4.0))

    def drive(x: Array) -> Array:
        left = near + (far - near) * (22.5 - x) / 22.5
        return np.where(x <= 22.5, 0.05 + left, 0.05 + symmetric(2.0))

    case = case_of()
    found = observed(case, linear_state(case, drive))
    # The integral of 10 sinh(eta / 2 f) along a linear eta.
    half = 2 * THERMAL
    left = 10 * (cosh(far / half) - cosh(near / half)) * half / (far - near) * 22.5
    # The step of the drive is inside the island, which has one of its ends only.
    assert found["current_density_min"] == [close(1.0)]
    assert found["current_density_max"] == [close(4.0)]
    assert found["peak_distance"] == [close(22.5 * UM)]
    mean = (left + 2.0 * 22.5) / 45
    assert found["current_density_mean"] == [close(mean)]
    assert found["time_until_empty_mean"] == [close(SILVER / mean)]
    assert found["time_until_empty_local"] == [close(SILVER / 4.0)]


def test_a_film_that_gives_most_beside_the_island() -> None:
    case = case_of()
    away = 1e-4  # V/um
    found = observed(
        case, linear_state(case, lambda x: 0.05 + symmetric(3.0) - away * np.maximum(22.5 - x, 0))
    )
    assert found["peak_distance"] == [0.0]
    assert found["current_density_max"] == [close(3.0)]
    least = 10 * sinh(np.arcsinh(0.3) - 22.5 * away / (2 * THERMAL))
    assert found["current_density_min"] == [close(least)]


def test_a_part_of_a_film_that_gives_nothing() -> None:
    # The drive passes U at 15 um, from where 1 mV/um go on to the left wall.
    case = case_of()
    state = linear_state(case, lambda x: 0.05 + 1e-3 * (15 - np.minimum(x, 22.5)), cuts=(15,))
    found = observed(case, state)
    half = 2 * THERMAL
    assert found["current_density_min"] == [0.0]
    assert found["current_density_max"] == [close(10 * sinh(0.015 / half))]
    carried = 10 * (cosh(0.015 / half) - 1) * half / 1e-3
    assert found["current_density_mean"] == [close(carried / 45)]
    # What does not react holds lithium too.
    assert found["time_until_empty_mean"] == [close(SILVER * 45 / carried)]


def test_the_nearest_of_two_islands() -> None:
    # From 7.5 to 12.5 and from 38 to 42 um; the largest drive is at 30 um.
    case = case_of(islands=[(10, 5), (40, 4)])
    state = linear_state(
        case, lambda x: 0.06 - 1e-4 * np.abs(x - 30), lambda x: 0.06 + 1e-4 * x, cuts=(30,)
    )
    found = observed(case, state)
    assert found["peak_distance"] == [close(8 * UM), close(8 * UM)]
    state = linear_state(case, lambda x: 0.06 - 1e-4 * np.abs(x - 20), cuts=(20,))
    assert observed(case, state)["peak_distance"] == [close(7.5 * UM)]


def test_extremes_between_the_nodes_of_a_real_solution() -> None:
    """The film in a poor electrolyte: smallest beside the island, largest at the wall."""
    cell = Cell(
        electrolyte=Electrolyte(conductivity=0.02),
        interlayer=Interlayer(material="Ag", reaction="release"),
    )
    solution = solve(cell, solver="condensed")
    film = solution.result.interlayer
    assert film is not None
    profile = solution.profile()
    current = profile["current_density"][profile["on"] == "film"]
    assert film.current_density_max == pytest.approx(float(current.max()), rel=1e-6, abs=0)
    assert film.current_density_min == pytest.approx(float(current.min()), rel=1e-3, abs=0)
    assert film.peak_distance == close(22.5 * UM)
    assert film.time_until_empty_local == close(SILVER / film.current_density_max)
    assert film.time_until_empty_mean == close(SILVER / film.current_density_mean)


def test_a_good_electrolyte_leaves_the_reactions_alone() -> None:
    """5 sinh(x) + 45 sinh(x - U / 2 f) = 12.5, solved beforehand."""
    cell = Cell(
        electrolyte=Electrolyte(conductivity=1e6),
        interlayer=Interlayer(material="Ag", reaction="release"),
    )
    result = solve(cell, solver="condensed").result
    x, shift = result.overpotential_mean / (2 * THERMAL), 0.05 / (2 * THERMAL)
    assert 5 * sinh(x) + 45 * sinh(x - shift) == pytest.approx(12.5, rel=1e-6, abs=0)
    film = result.interlayer
    assert film is not None
    lithium, current = 10 * sinh(x), 10 * sinh(x - shift)
    assert film.current_fraction == pytest.approx(45 * current / 125, rel=1e-5, abs=0)
    assert film.current_density_mean == pytest.approx(current, rel=1e-5, abs=0)
    evenness = 125**2 / (W * (5 * lithium**2 + 45 * current**2))
    assert result.current_evenness == pytest.approx(evenness, rel=1e-5, abs=0)
    assert film.time_until_empty_mean == pytest.approx(SILVER / current, rel=1e-5, abs=0)


@pytest.mark.parametrize("reaction", ["release", "reversible"])
def test_plating_never_empties_a_film(reaction: str) -> None:
    cell = Cell(interlayer=Interlayer(material="Ag", reaction=reaction))
    case = Case(cell=cell, operation=Operation(current_density=-2.5))
    film = solve(case, solver="condensed").result.interlayer
    assert film is not None
    assert (film.current_density_min < 0) == (reaction == "reversible")
    assert film.peak_distance is None
    assert film.time_until_empty_mean is None
    assert film.time_until_empty_local is None
    assert film.time_until_next_plateau is None


# --- How long it lasts ---------------------------------------------------------------------------


def test_until_gold_steps_up() -> None:
    case = case_of(material="Au")
    found = observed(case, linear_state(case, film_current(2.0, potential=0.07)))
    assert found["time_until_next_plateau"] == [close(0.25 * GOLD / 2.0)]
    assert found["time_until_empty_local"] == [close(GOLD / 2.0)]
    # A little of the first plateau is left.
    case = case_of(material="Au", state_of_charge=0.8)
    found = observed(case, linear_state(case, film_current(2.0, potential=0.07)))
    assert found["time_until_next_plateau"] == [close(0.05 * GOLD / 2.0)]
    assert found["time_until_empty_mean"] == [close(0.8 * GOLD / 2.0)]


def test_gold_on_its_last_plateau() -> None:
    case = case_of(material="Au", state_of_charge=0.5)
    # At 0.1 V it gives nothing, though it did when it was full.
    state = linear_state(case, film_current(2.0, potential=0.16), lambda _: np.array(0.1))
    found = observed(case, state)
    assert found["current_density_mean"] == [close(2.0), 0.0]
    assert found["time_until_empty_mean"] == [close(0.5 * GOLD / 2.0), NONE]
    assert found["time_until_next_plateau"] == [NONE, NONE]


def test_a_profile_is_empty_first_where_it_holds_least_or_gives_most() -> None:
    # 1 at the left wall, 0.2 at the right one: 0.6 on the mean of both sides.
    profile = [(0.0, 1.0), (50 * UM, 0.2)]
    case = case_of(state_of_charge_profile=profile)
    steep = (float(symmetric(10.0)) - float(symmetric(1.0))) / 50

    def falling(x: Array) -> Array:
        return 0.05 + float(symmetric(10.0)) - steep * x

    found = observed(case, linear_state(case, film_current(1.0), falling))
    # All the same: where it holds least. From 10 at the left to 1 at the right: on the left.
    assert found["time_until_empty_local"] == [close(0.2 * SILVER), close(0.1 * SILVER)]
    assert found["time_until_empty_mean"][0] == close(0.6 * SILVER)
    assert found["current_density_max"][1] == close(10.0)
    mean = found["current_density_mean"][1]
    assert found["time_until_empty_mean"][1] == close(0.6 * SILVER / mean)


def test_a_profile_of_gold_steps_up_first_where_least_is_left_above() -> None:
    profile = [(0.0, 1.0), (50 * UM, 0.8)]
    case = case_of(material="Au", state_of_charge_profile=profile)
    found = observed(case, linear_state(case, film_current(1.0, potential=0.07)))
    assert found["time_until_next_plateau"] == [close(0.05 * GOLD)]
    assert found["time_until_empty_local"] == [close(0.8 * GOLD)]


def test_an_empty_part_and_a_part_on_each_plateau() -> None:
    # 0.75 at 10 um, 0 from 40 um on. 1 A/m^2 at 0.07 V, which is nothing at 0.16 V.
    profile = [(0.0, 1.0), (40 * UM, 0.0)]
    case = case_of(material="Au", state_of_charge_profile=profile)
    found = observed(case, linear_state(case, film_current(1.0, potential=0.07)))
    assert found["current_density_mean"] == [close(10 / 45)]
    assert found["current_density_min"] == [0.0]
    assert found["current_density_max"] == [close(1.0)]
    # At 10 um the step is now: there is no time to it. Empty it would be there first.
    assert np.isnan(found["time_until_next_plateau"]).all()
    assert found["time_until_empty_local"] == [close(0.75 * GOLD)]
    # Mean shares 0.875, 0.59375 and 0.15625 over 10, 12.5 and 12.5 um.
    stored = GOLD * (0.875 * 10 + 0.59375 * 12.5 + 0.15625 * 12.5)
    assert found["time_until_empty_mean"] == [close(stored / 10)]


def test_the_charge_of_a_mirrored_solution_need_not_be_mirrored() -> None:
    """Only the currents are; what is left on the right counts too."""
    profile = [(0.0, 1.0), (50 * UM, 0.2)]
    case = case_of(state_of_charge_profile=profile)

    def drive(x: Array) -> Array:
        return 0.05 + symmetric(2.0) + 1e-4 * np.abs(x - 25)

    whole = observed(case, linear_state(case, drive, cuts=(25,)))
    half = observed(case, linear_state(case, drive, cuts=(25,), mirrored=True))
    for name, values in whole.items():
        assert half[name] == pytest.approx(values, rel=1e-12, abs=0, nan_ok=True), name
    largest = 10 * sinh(np.arcsinh(0.2) + 25e-4 / (2 * THERMAL))
    assert half["current_density_max"] == [close(largest)]
    assert half["time_until_empty_local"] == [close(0.2 * SILVER / largest)]
    assert half["peak_distance"] == [close(22.5 * UM)]


# --- Places between nodes ------------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["condensed", "newton"])
def test_a_profile_is_empty_first_at_a_place_that_is_no_node(solver: SolverName) -> None:
    """A notch of the state of charge at 8 um; the film gives most beside the island."""
    notch = ((0.0, 1.0), (8 * UM, 0.05), (16 * UM, 1.0))
    result = solve(case_of(state_of_charge_profile=notch), solver=solver).result
    film = result.interlayer
    assert film is not None
    assert film.time_until_empty_local == pytest.approx(35.947, abs=2e-3)


def test_a_film_of_which_a_part_is_on_the_next_plateau_has_no_time_to_it() -> None:
    share = ((0.0, 0.5), (20 * UM, 1.0), (50 * UM, 0.9))
    case = case_of(material="Au", state_of_charge_profile=share)
    film = solve(case, current_density="0.3 mA/cm^2", solver="condensed").result.interlayer
    assert film is not None
    assert film.current_density_max > 0
    assert film.time_until_next_plateau is None


def test_the_film_gives_most_between_two_islands_at_a_place_that_is_no_node() -> None:
    islands = [
        Island(width=3 * UM, center=5 * UM),
        Island(width=10 * UM, center=40 * UM, kinetics={"exchange_current_density": 20.0}),
    ]
    film = Interlayer(material="Ag", reaction="release", extent=[(6.5 * UM, 35 * UM)])
    cell = Cell(islands=islands, interlayer=film)
    solvers: tuple[SolverName, ...] = ("condensed", "newton")
    for solver in solvers:
        found = solve(cell, current_density=10.0, solver=solver).result.interlayer
        assert found is not None
        assert found.peak_distance == pytest.approx(1.607 * UM, abs=0.015 * UM)
