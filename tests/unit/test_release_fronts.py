"""Where a film stops giving lithium is found, and the bottom cut there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bottom_states import UM, Array, linear_state

from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.film import Interlayer
from fem_island.solvers.fronts import cut_at, fronts, has_release
from fem_island.surface.bottom import Bottom, Tag, stretches


def case_of(**film: Any) -> Case:
    film = {"material": "Ag", "reaction": "release"} | film
    return Case(cell=Cell(interlayer=Interlayer(**film)))


def zigzag(times: int, start: float = 0.5) -> tuple[float, ...]:
    """Positions [um] of kinks every half micrometre left of the island."""
    return tuple(start + 0.5 * number for number in range(times))


def shape(bottom: Bottom) -> list[tuple[str, float, float]]:
    return [(s.tag.name, round(s.start / UM, 6), round(s.end / UM, 6)) for s in bottom]


# --- Finding them --------------------------------------------------------------------------------


def test_fronts_of_linear_traces() -> None:
    state = linear_state(
        case_of(),
        lambda x: 0.05 + 1e-3 * (10 - x),  # gives left of 10 um
        lambda x: 0.05 + 1e-3 * (x - 41.3),  # right of 41.3 um
        lambda x: np.full_like(x, 0.06),  # everywhere
        lambda x: np.full_like(x, 0.04),  # nowhere
        lambda x: 0.05 + 1e-3 * (x - 25),  # the front is under the island
    )
    found = fronts(state)
    assert found[0] == pytest.approx([10 * UM], rel=1e-12, abs=0)
    assert found[1] == pytest.approx([41.3 * UM], rel=1e-12, abs=0)
    assert found[2:] == [[], [], []]


def test_several_fronts_of_one_solution() -> None:
    def drive(x: Array) -> Array:
        return 0.05 + 1e-3 * (np.abs(x - 25) - 15)

    (found,) = fronts(linear_state(case_of(), drive))
    assert found == pytest.approx([10 * UM, 40 * UM], rel=1e-12, abs=0)


def test_a_front_on_an_edge_of_elements_is_one() -> None:
    (found,) = fronts(linear_state(case_of(), lambda x: 0.05 + 1e-3 * (10 - x), cuts=(10,)))
    assert found == pytest.approx([10 * UM], rel=1e-12, abs=0)


def test_the_front_is_that_of_the_film_s_own_potential() -> None:
    # Gold on its second plateau right of 10 um: the drive passes 0.16 V at 15 um, and 0.07 V never.
    profile = [(0.0, 1.0), (40 * UM, 0.0)]
    case = case_of(material="Au", state_of_charge_profile=profile)
    (found,) = fronts(linear_state(case, lambda x: 0.16 + 1e-3 * (15 - np.minimum(x, 45))))
    assert found == pytest.approx([15 * UM], rel=1e-12, abs=0)


def test_a_reversible_film_has_no_fronts() -> None:
    case = case_of(reaction="reversible")
    assert fronts(linear_state(case, lambda x: 0.05 + 1e-3 * (10 - x))) == [[]]
    assert not has_release(stretches(case))
    assert not has_release(stretches(case_of(reaction="none")))
    assert not has_release(stretches(case_of(state_of_charge=0.0)))
    assert has_release(stretches(case_of()))


@pytest.mark.parametrize(("crossings", "found"), [(3, 3), (4, 4), (5, 0), (30, 0)])
def test_too_many_are_noise(crossings: int, found: int) -> None:
    kinks = zigzag(crossings + 1)

    def drive(x: Array) -> Array:
        return 0.05 + 1e-6 * np.interp(x, kinks, [(-1.0) ** n for n in range(len(kinks))])

    (places,) = fronts(linear_state(case_of(), drive, cuts=kinks))
    expected = [UM * (left + 0.25) for left in kinks[:-1]] if found else []
    assert places == pytest.approx(expected, rel=1e-9, abs=0)


# --- Cutting -------------------------------------------------------------------------------------


def test_the_parts_react_alike() -> None:
    bottom = stretches(case_of())
    assert bottom[0].charge is not None
    cut = cut_at(bottom, [10 * UM, 30 * UM], mirrored=False)
    assert shape(cut) == [
        ("FILM", 0.0, 10.0),
        ("FILM", 10.0, 22.5),
        ("ISLAND", 22.5, 27.5),
        ("FILM", 27.5, 30.0),
        ("FILM", 30.0, 50.0),
    ]
    for stretch in cut:
        if stretch.tag is Tag.FILM:
            assert stretch.law == bottom[0].law
            assert stretch.equilibrium_potential == 0.05
            assert stretch.charge is not None
            assert stretch.charge.values == bottom[0].charge.values
    assert cut_at(bottom, [], mirrored=True) == bottom


def test_several_cuts_in_one_stretch() -> None:
    cut = cut_at(stretches(case_of()), [5 * UM, 10 * UM, 10.001 * UM], mirrored=False)
    assert [(start, end) for _, start, end in shape(cut)[:4]] == [
        (0.0, 5.0),
        (5.0, 10.0),
        (10.0, 10.001),
        (10.001, 22.5),
    ]


def test_mirrored_cuts_have_their_images() -> None:
    bottom = stretches(case_of())
    # What is right of the middle is the image of what is left of it, to rounding or more.
    cut = cut_at(bottom, [4 * UM, 10 * UM, 40.0001 * UM, 46 * UM], mirrored=True)
    assert shape(cut) == [
        ("FILM", 0.0, 4.0),
        ("FILM", 4.0, 10.0),
        ("FILM", 10.0, 22.5),
        ("ISLAND", 22.5, 27.5),
        ("FILM", 27.5, 40.0),
        ("FILM", 40.0, 46.0),
        ("FILM", 46.0, 50.0),
    ]


@pytest.mark.parametrize("place", [0.0, 0.0004, 22.4997, 22.5, 27.5003, 49.9996, 50.0])
def test_cuts_too_close_to_an_end_are_left_out(place: float) -> None:
    """Nearer than 1e-5 of the width, 0.5 nm."""
    bottom = stretches(case_of())
    assert cut_at(bottom, [place * UM], mirrored=False) == bottom


def test_of_two_cuts_too_close_to_each_other_one_is_made() -> None:
    bottom = stretches(case_of())
    cut = cut_at(bottom, [10 * UM, 10.0003 * UM], mirrored=False)
    assert shape(cut)[:2] == [("FILM", 0.0, 10.0), ("FILM", 10.0, 22.5)]
