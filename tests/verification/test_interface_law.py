"""The table of effective interface laws, against closed forms and against solutions."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest

import fem_island as fi
from fem_island.errors import InputError

THERMAL = 8.314462618 * 298.15 / 96485.33212
I0 = 5.0
FAST = {
    "electrolyte": {"width": "1 mm", "height": "0.75 mm"},
    "kinetics": {"exchange_current_density": "30 mA/cm^2"},
}


def butler_volmer(overpotential: Any) -> Any:
    return 2 * I0 * np.sinh(overpotential / (2 * THERMAL))


def potential_without_uniform_drop(cell: fi.Cell, current_density: float) -> float:
    result = fi.solve(cell, current_density=current_density, solver="condensed").result
    height, conductivity = cell.electrolyte.height, cell.electrolyte.conductivity
    return -result.potential_top_mean - current_density * height / conductivity


def test_lithium_everywhere_is_the_reaction_law_through_zero() -> None:
    overpotentials = np.linspace(-0.1, 0.1, 9)
    law = fi.interface_law(fi.Cell(), coverages=[0.3, 1.0], overpotentials=overpotentials)
    whole = law.sel(coverage=1.0)
    np.testing.assert_allclose(
        whole.current_density, butler_volmer(overpotentials), rtol=1e-8, atol=1e-8
    )
    np.testing.assert_allclose(whole.overpotential_mean, overpotentials, atol=1e-9)
    part = law.current_density.sel(coverage=0.3).to_numpy()
    np.testing.assert_allclose(part, -part[::-1], atol=1e-9)
    assert float(law.error_estimate.max()) < 1e-6


@pytest.mark.parametrize(
    ("said", "island"),
    [
        ({}, {"width": "5 um"}),
        (FAST, {"width": "100 um"}),
        ({"electrolyte": {"geometry": "axisymmetric"}}, {"outer_radius": 25e-6 * 0.1**0.5}),
        (
            {"electrolyte": {"geometry": "axisymmetric"}},
            {"inner_radius": 10e-6, "outer_radius": (1e-10 + 0.1 * 625e-12) ** 0.5},
        ),
    ],
)
def test_a_table_is_what_solutions_say(said: dict[str, Any], island: dict[str, Any]) -> None:
    cell = fi.Cell(**said, islands=[island])
    law = fi.interface_law(cell, coverages=[0.1], overpotentials=["20 mV", "0.1 V"])
    for eta in law.overpotential.values:
        at = law.sel(coverage=0.1, overpotential=eta)
        seen = potential_without_uniform_drop(cell, float(at.current_density))
        assert seen == pytest.approx(eta, abs=5e-7)
        drop = float(at.current_density * at.constriction_resistance)
        assert float(at.overpotential_mean) + drop == pytest.approx(eta, abs=2e-7)


def test_half_of_an_island_on_a_wall_is_in_the_cell() -> None:
    """It is that of a cell twice as wide with the whole island in its middle."""
    wanted = {"coverages": [0.1, 0.6, 1.0], "overpotentials": [0.03]}
    wall = fi.interface_law(fi.Cell(islands=[fi.Island("1 um", center="0 um")]), **wanted)
    whole = fi.interface_law(fi.Cell(electrolyte={"width": "100 um"}), **wanted)
    np.testing.assert_allclose(wall.current_density, whole.current_density, rtol=1e-5)


@pytest.mark.parametrize("reaction", ["release", "reversible"])
def test_a_film_has_its_share(reaction: Literal["release", "reversible"]) -> None:
    """By the sum of both laws at one potential, which this cell's ohmic drop changes little."""
    film = fi.interlayer("Ag", reaction=reaction)
    overpotentials = np.array([0.02, 0.04, 0.1, 0.15])
    law = fi.interface_law(fi.Cell(interlayer=film), coverages=[0.1], overpotentials=overpotentials)
    beside = butler_volmer(overpotentials - 0.05)
    if reaction == "release":
        beside = np.maximum(beside, 0.0)
    wanted = 0.1 * butler_volmer(overpotentials) + 0.9 * beside
    np.testing.assert_allclose(law.current_density[0], wanted, rtol=0.03)
    seen = potential_without_uniform_drop(
        fi.Cell(interlayer=film), float(law.current_density[0, -1])
    )
    assert seen == pytest.approx(0.15, abs=5e-7)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_without_equilibrium(sign: float) -> None:
    """Tafel's law has another branch for plating."""
    cell = fi.Cell(kinetics={"law": "tafel", "cathodic_transfer_coefficient": 0.3})
    overpotentials = np.sort(sign * np.array([0.01, 0.1]))
    law = fi.interface_law(cell, coverages=[1.0], overpotentials=overpotentials)
    coefficient = 0.5 if sign > 0 else 0.3
    wanted = sign * I0 * np.exp(coefficient * np.abs(overpotentials) / THERMAL)
    np.testing.assert_allclose(law.current_density[0], wanted, rtol=1e-8)


@pytest.mark.parametrize(
    ("cell", "said", "reason"),
    [
        (fi.Cell(), {"coverages": [0.5, 0.1]}, "coverages: must rise"),
        (fi.Cell(), {"coverages": 0.5}, "coverages: must be a list of numbers"),
        (fi.Cell(), {"overpotentials": [0.1, float("nan")]}, "is not a finite number"),
        (fi.Cell(), {"overpotentials": ["50 um"]}, "which is not that of a potential"),
        (fi.Cell(kinetics={"law": "tafel"}), {"overpotentials": [-0.1, 0.1]}, "no equilibrium"),
        (fi.Cell(islands=[fi.Island("1 um", center="9 um")]), {}, "outside the cell"),
        (
            fi.Cell(islands=[fi.Island("1 um", center=x) for x in ("9 um", "30 um")]),
            {},
            "must be one island",
        ),
    ],
)
def test_refused_in_one_line(cell: fi.Cell, said: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputError) as refusal:
        fi.interface_law(cell, **{"coverages": [0.5], "overpotentials": [0.05]} | said)
    (line,) = str(refusal.value).splitlines()
    assert reason in line
