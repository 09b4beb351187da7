"""Answers known in closed form, symmetries, balances and limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from reported_numbers import potentials

import fem_island as fi

FARADAY, GAS = 96485.33212, 8.314462618


def closed_form(current_density: float, i0: float, temperature: float) -> float:
    return 2 * GAS * temperature / FARADAY * math.asinh(current_density / (2 * i0))


@pytest.mark.parametrize("current_density", [-50.0, 2.5, 1e4])
@pytest.mark.parametrize("degree", [1, 2])
def test_full_width_island_is_exact(current_density: float, degree: int) -> None:
    cell = fi.Cell(islands=[fi.Island(width="50 um")], interlayer=fi.interlayer("Ag"))
    solution = fi.solve(cell, current_density=current_density, temperature="60 degC", degree=degree)
    eta = closed_form(current_density, 5.0, 333.15)
    result = solution.result
    assert result.overpotential_mean == pytest.approx(eta, abs=1e-12)
    assert result.overpotential_min == pytest.approx(eta, abs=1e-12)
    assert result.overpotential_max == pytest.approx(eta, abs=1e-12)
    drop = current_density * 15e-6 / 0.18
    assert result.potential_top_mean == pytest.approx(-eta - drop, abs=1e-12)
    height = np.array([0.0, 3e-6, 15e-6])
    points = np.column_stack([np.full(3, 7e-6), height])
    expected = -eta - current_density * height / 0.18
    np.testing.assert_allclose(solution.potential(points), expected, rtol=0, atol=1e-12)
    # Nothing is exposed, so there is no drive, no onset and no film.
    assert result.exposed_drive_max is None
    assert result.delithiates is None
    assert result.interlayer is None
    assert result.constriction_resistance == pytest.approx(0.0, abs=1e-14)


def test_wall_island_is_half_of_a_centered_one_in_a_cell_twice_as_wide() -> None:
    def solved(cell_width: str, width: str, center: str) -> fi.Solution:
        cell = fi.Cell(
            electrolyte=fi.Electrolyte(width=cell_width),
            islands=[fi.Island(width=width, center=center)],
        )
        return fi.solve(cell, current_density=2.5, tolerance="0.1 nV")

    left = solved("50 um", "5 um", "2.5 um")
    right = solved("50 um", "5 um", "47.5 um")
    whole = solved("100 um", "10 um", "50 um")
    half, full = left.result, whole.result
    assert half.overpotential_mean == pytest.approx(full.overpotential_mean, abs=1e-10)
    assert half.overpotential_max == pytest.approx(full.overpotential_max, abs=1e-10)
    assert half.islands[0].overpotential_left == pytest.approx(
        full.islands[0].overpotential_center, abs=1e-10
    )
    points = np.random.default_rng(1).uniform(0, 1, (200, 2)) * (50e-6, 15e-6)
    mirrored = points * (-1, 1) + np.array([50e-6, 0])
    beside = points + np.array([50e-6, 0])
    np.testing.assert_allclose(left.potential(points), whole.potential(beside), rtol=0, atol=1e-10)
    np.testing.assert_allclose(
        left.potential(points), right.potential(mirrored), rtol=0, atol=1e-10
    )


def test_a_centered_island_is_symmetric() -> None:
    result = fi.solve(fi.Cell(), current_density=50.0, tolerance="1 nV").result
    island = result.islands[0]
    assert island.overpotential_left == pytest.approx(island.overpotential_right, abs=1e-9)


def test_plating_mirrors_stripping_with_equal_coefficients() -> None:
    strip = fi.solve(fi.Cell(), current_density=5.0).result
    plate = fi.solve(fi.Cell(), current_density=-5.0).result
    assert plate.overpotential_mean == pytest.approx(-strip.overpotential_mean, abs=1e-12)
    assert plate.overpotential_min == pytest.approx(-strip.overpotential_max, abs=1e-12)
    assert plate.local_current_density_min == pytest.approx(
        -strip.local_current_density_max, rel=1e-12
    )


@pytest.mark.parametrize("coverage", [0.1, 0.4])
def test_fast_kinetics_approach_the_primary_constriction(coverage: float) -> None:
    """W / (pi kappa) ln(1 / sin(pi f / 2)) in a cell three times as tall as wide."""
    electrolyte = fi.Electrolyte(width="50 um", height="150 um")
    cell_width, kappa = 50e-6, 0.18
    expected = cell_width / (math.pi * kappa) * math.log(1 / math.sin(math.pi * coverage / 2))
    errors = []
    for i0 in (1e5, 1e6, 1e7):
        cell = fi.Cell(
            electrolyte=electrolyte,
            kinetics=fi.Kinetics(exchange_current_density=i0),
            islands=[fi.Island(width=coverage * cell_width)],
        )
        resistance = fi.solve(cell, current_density=2.5).result.constriction_resistance
        assert resistance is not None
        errors.append(resistance / expected - 1)
    assert abs(errors[-1]) < 1e-3
    assert abs(errors[0]) > 5 * abs(errors[1]) > 25 * abs(errors[2])


def test_small_overpotentials_follow_linear_kinetics() -> None:
    """Total resistance at a current where Butler-Volmer is linear to 1e-9."""
    current = 1e-4
    nonlinear = fi.solve(fi.Cell(), current_density=current).result
    linear = fi.solve(fi.Cell(kinetics=fi.Kinetics(law="linear")), current_density=current).result
    assert nonlinear.potential_top_mean == pytest.approx(linear.potential_top_mean, rel=1e-8, abs=0)
    charge_transfer = GAS * 298.15 / (FARADAY * 5.0) * 10
    ohmic = 15e-6 / 0.18 + (linear.constriction_resistance or 0.0)
    assert -linear.potential_top_mean / current == pytest.approx(
        charge_transfer + ohmic, rel=1e-9, abs=0
    )


@pytest.mark.parametrize(("law", "sign"), [("tafel", 1), ("tafel", -1)])
def test_tafel_agrees_with_butler_volmer_far_from_equilibrium(law: str, sign: int) -> None:
    kinetics = {"exchange_current_density": 1e-4, "anodic_transfer_coefficient": 0.3}
    tafel = fi.solve(fi.Cell(kinetics={"law": law, **kinetics}), current_density=sign * 2.5)
    whole = fi.solve(fi.Cell(kinetics=kinetics), current_density=sign * 2.5)
    assert tafel.result.overpotential_mean == pytest.approx(
        whole.result.overpotential_mean, abs=1e-7
    )
    assert tafel.result.overpotential_max == pytest.approx(whole.result.overpotential_max, abs=1e-7)


def test_no_current_means_no_field() -> None:
    result = fi.solve(fi.Cell(), current_density=0.0).result
    assert result.status == "converged"
    assert (result.overpotential_mean, result.potential_top_mean) == (0.0, 0.0)
    assert result.islands[0].current_fraction is None
    assert result.constriction_resistance is None


def test_a_reversible_film_and_lithium_exchange_current_without_an_applied_one() -> None:
    film = fi.interlayer("Ag", reaction="reversible")
    result = fi.solve(fi.Cell(interlayer=film), current_density=0.0).result
    # The film, at +50 mV, takes lithium from the island.
    assert result.local_current_density_mean > 1.0
    assert result.charge_imbalance < 1e-9
    assert result.interlayer is not None
    assert result.interlayer.current_fraction is None


@pytest.mark.parametrize("reaction", ["reversible", "release"])
@pytest.mark.parametrize(
    ("potential", "mean", "share"), [(0.05, 0.0564125, 0.46718), (0.07, 0.0728168, 0.22347)]
)
def test_film_sharing(reaction: str, potential: float, mean: float, share: float) -> None:
    film = fi.Interlayer(reaction=reaction, equilibrium_potential=potential)
    result = fi.solve(fi.Cell(interlayer=film), current_density=2.5).result
    assert result.overpotential_mean == pytest.approx(mean, abs=1e-7)
    assert result.interlayer is not None
    assert result.interlayer.current_fraction == pytest.approx(share, abs=1e-5)
    island = result.islands[0].current_fraction
    film_share = result.interlayer.current_fraction
    assert island is not None
    assert film_share is not None
    assert island + film_share == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("reaction", ["none", "release"])
def test_a_film_that_stays_full_is_bare_collector(reaction: str) -> None:
    bare = fi.solve(fi.Cell(), current_density=2.5)
    film = fi.Interlayer(reaction=reaction, equilibrium_potential=0.3)
    covered = fi.solve(fi.Cell(interlayer=film), current_density=2.5)
    assert covered.result.interlayer is not None
    assert covered.result.interlayer.current_fraction == 0.0
    assert potentials(covered.result) == pytest.approx(potentials(bare.result), abs=1e-12)


def test_onset_follows_the_potential_of_the_exposed_bottom() -> None:
    result = fi.solve(fi.Cell(), current_density=2.5).result
    assert result.exposed_drive_max == pytest.approx(0.0852507, abs=1e-6)
    assert result.delithiates is not None
    assert result.delithiates["Ag"]
    assert result.delithiates["Au"]
    assert not result.delithiates["Sn"]
    late = fi.Interlayer(material="Ag", equilibrium_potential=0.09)
    shifted = fi.solve(fi.Cell(interlayer=late), current_density=2.5).result
    assert shifted.delithiates is not None
    assert not shifted.delithiates["Ag"]
