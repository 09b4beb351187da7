"""A film with plateaus of its own is the metal of the table that has the same ones."""

from __future__ import annotations

from typing import Any

import pytest

import fem_island as fi
from fem_island.materials import library as materials

GOLD = fi.interlayer("Au", reaction="release", thickness="50 nm")
OWN = fi.Interlayer(
    reaction="release", plateaus=[(step.potential, step.capacity) for step in GOLD.steps]
)


def test_steps_are_those_of_the_table() -> None:
    for own, known in zip(OWN.steps, GOLD.steps, strict=True):
        assert own.potential == known.potential
        assert own.capacity == known.capacity
        assert own.upper == pytest.approx(known.upper, rel=1e-14)
        assert own.lower == pytest.approx(known.lower, rel=1e-14)
    assert sum(step.capacity for step in OWN.steps) == pytest.approx(
        materials.films()["Au"].capacity(50e-9)
    )


@pytest.mark.parametrize("charge", [1.0, 0.5])
def test_the_same_solution(charge: float) -> None:
    found = []
    for film in (GOLD, OWN):
        cell = fi.Cell(islands=["3 um"], interlayer=film.with_(state_of_charge=charge))
        result = fi.solve(cell, current_density="2 mA/cm^2", solver="condensed").result
        assert result.interlayer is not None
        found.append((result.overpotential_mean, result.interlayer.time_until_empty_local))
    assert found[0] == found[1]


def test_in_a_case_file() -> None:
    text = '[interlayer]\nplateaus = [["40 mV", "12 uAh/cm^2"], ["0.11 V", "30 uAh/cm2"]]\n'
    case = fi.Case.from_toml(text)
    film = case.cell.interlayer
    assert film is not None
    assert film.plateaus == ((0.04, 432.0), (0.11, 1080.0))
    assert film.potential == 0.04
    assert film.with_(state_of_charge=0.5).potential == 0.11
    assert fi.Case.from_toml(case.to_toml()) == case == fi.Case.from_json(case.to_json())
    films = fi.compare(case, "case,Au")
    assert films.equilibrium_potential.values.tolist() == [0.04, 0.07]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"plateaus": [(0.1, 10.0), (0.1, 10.0)]}, "plateaus: must have rising potentials"),
        ({"plateaus": [(0.1, 10.0)], "capacity": 5.0}, "capacity = 5.0: is given along with"),
        (
            {"plateaus": [(0.1, 10.0)], "equilibrium_potential": 0.1},
            "equilibrium_potential = 0.1: is given along with plateaus; give one of them",
        ),
        ({"plateaus": []}, "plateaus = []: must have at least 1 entry"),
        ({"plateaus": [("0.1 V", "5 um")]}, 'plateaus.0.1 = "5 um": has the unit "um", which'),
    ],
)
def test_what_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(fi.InputError) as caught:
        fi.Interlayer(**given)
    assert str(caught.value).startswith(message)
