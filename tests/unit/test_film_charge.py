"""The lithium of a film: its plateaus, where they change, and how much of it lies where."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from fem_island.materials.plateaus import Step, StoredCharge, film_steps, step_at, step_changes

UAH_PER_CM2 = 36.0
"""1 uAh/cm^2 [C/m^2]."""

# F n rho d / M with n = 3 Li per Au, 19.3 g/cm^3, 100 nm, 196.96657 g/mol.
GOLD = 96485.33212 * 3 * 19300 * 100e-9 / 0.19696657


def gold(
    *,
    thickness: float = 100e-9,
    capacity: float | None = None,
    equilibrium_potential: float | None = None,
) -> tuple[Step, ...]:
    return film_steps(
        "Au",
        thickness=thickness,
        capacity=capacity,
        equilibrium_potential=equilibrium_potential,
    )


def lower_bounds(*bounds: float) -> tuple[Step, ...]:
    """Steps that end at these states of charge."""
    uppers = (1.0, *bounds[:-1])
    return tuple(
        Step(0.1 * number, upper - lower, upper, lower)
        for number, (upper, lower) in enumerate(zip(uppers, bounds, strict=True))
    )


# --- Plateaus ------------------------------------------------------------------------------------


def test_plateaus_of_gold() -> None:
    first, second = gold()
    assert (first.potential, second.potential) == (0.07, 0.16)
    assert (first.upper, first.lower) == (1.0, 0.75)
    assert (second.upper, second.lower) == (0.75, 0.0)
    # 0.75 and 2.25 of 3 Li per Au.
    assert first.capacity == pytest.approx(GOLD / 4, rel=1e-12, abs=0)
    assert second.capacity == pytest.approx(GOLD * 3 / 4, rel=1e-12, abs=0)
    total = first.capacity + second.capacity
    assert total / UAH_PER_CM2 == pytest.approx(78.8, abs=0.05)
    assert first.capacity / UAH_PER_CM2 == pytest.approx(19.7, abs=0.05)


def test_capacity_is_proportional_to_thickness() -> None:
    for thin, thick in zip(gold(), gold(thickness=350e-9), strict=True):
        assert thick.capacity == pytest.approx(3.5 * thin.capacity, rel=1e-12, abs=0)
        assert (thick.potential, thick.upper, thick.lower) == (
            thin.potential,
            thin.upper,
            thin.lower,
        )


def test_a_given_capacity_is_that_of_all_plateaus_whatever_the_thickness() -> None:
    for thickness in (1e-9, 1e-6):
        first, second = gold(thickness=thickness, capacity=1000.0)
        assert first.capacity == pytest.approx(250.0, rel=1e-12, abs=0)
        assert second.capacity == pytest.approx(750.0, rel=1e-12, abs=0)


@pytest.mark.parametrize("potential", [0.1, 0.0, -0.02])
def test_a_given_potential_is_one_plateau_of_all_lithium(potential: float) -> None:
    (step,) = gold(equilibrium_potential=potential)
    assert step.potential == potential
    assert step.capacity == pytest.approx(GOLD, rel=1e-12, abs=0)
    assert (step.upper, step.lower) == (1.0, 0.0)
    (step,) = gold(equilibrium_potential=potential, capacity=36.0)
    assert step.capacity == 36.0


def test_capacity_of_a_film_of_unknown_material() -> None:
    (step,) = film_steps(None, thickness=100e-9, capacity=None, equilibrium_potential=0.05)
    assert step.potential == 0.05
    assert math.isnan(step.capacity)
    (step,) = film_steps(None, thickness=100e-9, capacity=936.0, equilibrium_potential=0.05)
    assert step.capacity == 936.0


def test_plateaus_follow_each_other_down_to_nothing() -> None:
    steps = film_steps("Sn", thickness=100e-9, capacity=4.4, equilibrium_potential=None)
    assert [step.potential for step in steps] == [0.38, 0.42, 0.485, 0.53, 0.66, 0.76]
    assert steps[0].upper == 1.0
    assert steps[-1].lower == 0.0
    for before, after in pairwise(steps):
        assert before.lower == after.upper
    # Of 4.4 Li per Sn.
    charges = [step.capacity for step in steps]
    assert charges == pytest.approx([0.9, 0.9, 0.267, 1.619, 0.314, 0.4], rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("state_of_charge", "potential"),
    [
        (1.0, 0.07),
        (0.7500001, 0.07),
        (0.75, 0.16),  # nothing of the first plateau is left
        (0.7499999, 0.16),
        (1e-12, 0.16),
        (0.0, None),
    ],
)
def test_step_at(state_of_charge: float, potential: float | None) -> None:
    step = step_at(gold(), state_of_charge)
    assert (None if step is None else step.potential) == potential


# --- Where they change ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("positions", "shares", "expected"),
    [
        pytest.param((0.0,), (1.0,), [], id="the same everywhere"),
        pytest.param((0.0,), (0.75,), [], id="the same, at a bound"),
        pytest.param((0.0,), (0.0,), [], id="the same, empty"),
        # 1 - x / 50 is 0.75 at 12.5; at 50 it is empty, and so is what lies beyond.
        pytest.param((0.0, 50.0), (1.0, 0.0), [12.5, 50.0], id="falling"),
        pytest.param((10.0, 60.0), (0.0, 1.0), [10.0, 47.5], id="rising"),
        pytest.param((0.0, 10.0, 20.0), (1.0, 0.5, 1.0), [5.0, 15.0], id="down and up"),
        pytest.param((0.0, 10.0, 20.0), (1.0, 0.75, 1.0), [], id="touching from above"),
        pytest.param((0.0, 10.0, 20.0), (0.5, 0.75, 0.5), [], id="touching from below"),
        pytest.param((0.0, 10.0, 20.0), (0.5, 0.0, 0.5), [], id="touching nothing"),
        # At a bound the film is on the lower plateau.
        pytest.param((0.0, 10.0, 20.0), (1.0, 0.75, 0.75), [10.0], id="flat at a bound"),
        pytest.param((0.0, 10.0, 20.0), (0.5, 0.75, 0.75), [], id="up to a bound and flat"),
        pytest.param(
            (0.0, 10.0, 20.0, 30.0), (1.0, 0.75, 0.75, 1.0), [10.0, 20.0], id="flat between"
        ),
        pytest.param((0.0, 10.0, 20.0, 30.0), (0.4, 0.0, 0.0, 0.4), [10.0, 20.0], id="empty part"),
        pytest.param((0.0, 10.0, 20.0), (1.0, 0.75, 0.5), [10.0], id="through a known place"),
        pytest.param((0.0, 10.0), (0.76, 1.0), [], id="on one plateau"),
    ],
)
def test_step_changes(
    positions: tuple[float, ...], shares: tuple[float, ...], expected: list[float]
) -> None:
    scaled = tuple(1e-6 * x for x in positions)
    found = step_changes(gold(), scaled, shares)
    assert found == pytest.approx([1e-6 * x for x in expected], rel=1e-12, abs=0)


def test_a_steep_profile_passes_several_plateaus() -> None:
    steps = lower_bounds(0.8, 0.5, 0.1, 0.0)
    found = step_changes(steps, (0.0, 1.0), (0.9, 0.3))
    # 0.9 - 0.6 x
    assert found == pytest.approx([1 / 6, 2 / 3], rel=1e-12, abs=0)
    # And all of them at one place, but for the little that lies between.
    found = step_changes(steps, (0.0, 1e-9), (1.0, 0.0))
    assert found == pytest.approx([2e-10, 5e-10, 9e-10, 1e-9], rel=1e-9, abs=0)


# --- Stored charge -------------------------------------------------------------------------------


def test_charge_is_linear_between_and_constant_beyond() -> None:
    charge = StoredCharge(positions=(10.0, 20.0, 40.0), values=(100.0, 300.0, 0.0))
    places = np.array([[0.0, 10.0, 15.0], [30.0, 40.0, 99.0]])
    assert charge.at(places).tolist() == [[100.0, 100.0, 200.0], [150.0, 0.0, 0.0]]
    assert not charge.is_uniform


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (10.0, 20.0, 2000.0),  # a trapezium: 10 x (100 + 300) / 2
        (15.0, 30.0, 5 * 250.0 + 10 * 225.0),  # across the kink
        (0.0, 50.0, 10 * 100.0 + 2000.0 + 20 * 150.0),  # with both sides beyond the ends
        (12.0, 12.0, 0.0),
        (0.0, 5.0, 500.0),
        (45.0, 50.0, 0.0),
    ],
)
def test_charge_between_two_places(start: float, end: float, expected: float) -> None:
    charge = StoredCharge(positions=(10.0, 20.0, 40.0), values=(100.0, 300.0, 0.0))
    assert charge.total(start, end) == pytest.approx(expected, rel=1e-12, abs=0)


def test_uniform_charge() -> None:
    charge = StoredCharge(positions=(0.0,), values=(7.0,))
    assert charge.is_uniform
    assert charge.total(2.0, 5.0) == 21.0
    assert StoredCharge(positions=(0.0, 1.0), values=(7.0, 7.0)).is_uniform


def test_unknown_charge_is_unknown_everywhere() -> None:
    charge = StoredCharge(positions=(0.0, 1.0), values=(math.nan, math.nan))
    assert math.isnan(charge.total(0.2, 0.5))
    assert np.isnan(charge.at(np.array([0.5, 2.0]))).all()
