"""Spectra against references, closed forms, limits and differences of direct currents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from impedance_cases import CASES, NAMES, case_file, reference

import fem_island as fi
from fem_island.case.case import at_current
from fem_island.experiments.impedance.computing import impedance_of_case
from fem_island.solvers.condensed.small_signal import SmallSignal
from fem_island.solvers.condensed.solver import CondensedSolver

LAYER = {"capacitance": "10 uF/cm^2"}
KAPPA, HEIGHT, WIDTH = 0.18, 15e-6, 50e-6


def spectrum_of(case: dict[str, Any], folder: Path) -> fi.Spectrum:
    file = folder / "case.toml"
    file.write_text(case_file(case), encoding="utf-8")
    return impedance_of_case(fi.read_case(file))


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_reference(case: dict[str, Any], tmp_path: Path) -> None:
    spectrum = spectrum_of(case, tmp_path)
    frequencies, wanted = reference(case)
    np.testing.assert_allclose(spectrum.frequencies, frequencies, rtol=1e-13)
    error = np.abs(spectrum.impedance / wanted - 1).max()
    assert error < 3e-9
    assert error <= spectrum.error_estimate < 1e-6
    direct = case["outputs"].get("Z_dc")
    if direct is None:
        assert spectrum.resistance_dc is None
    else:
        assert spectrum.resistance_dc == pytest.approx(direct, rel=3e-9)
    found, features = spectrum.features, case["outputs"]["features"]
    assert [a.frequency for a in found.apexes] == pytest.approx(
        [a["f"] for a in features["apexes"]], rel=1e-6
    )
    assert found.left_resistance == pytest.approx(features["R_left"], rel=1e-9)
    assert found.right_resistance == pytest.approx(features["R_right"], rel=3e-9)
    assert found.total_resistance == pytest.approx(features["R_tot"], rel=3e-9)


@pytest.mark.parametrize("film", [None, "reversible", "release"])
@pytest.mark.parametrize("current", [2.5, -1.0])
def test_no_frequency_is_the_derivative_of_the_voltage(film: str | None, current: float) -> None:
    interlayer = None
    if film is not None:
        interlayer = fi.Interlayer(reaction=film, equilibrium_potential=0.05)
    cell = fi.Cell(
        kinetics={"anodic_transfer_coefficient": 0.3, "double_layer": LAYER},
        islands=[{"width": "5 um"}, {"width": "3 um", "center": "8 um"}],
        interlayer=interlayer,
    )
    step = 0.02

    def voltage(steps: int) -> float:
        found = fi.impedance(cell, current_density=current + steps * step, frequencies=[1.0])
        assert found.voltage is not None
        return found.voltage

    slope = (voltage(-2) - 8 * voltage(-1) + 8 * voltage(1) - voltage(2)) / (12 * step)
    coarser = (voltage(-4) - 8 * voltage(-2) + 8 * voltage(2) - voltage(4)) / (24 * step)
    # Of the fourth order: the coarser difference takes away the error of the finer one.
    slope += (slope - coarser) / 15
    found = fi.impedance(cell, current_density=current)
    assert found.resistance_dc == pytest.approx(slope, rel=1e-9)
    columns = CondensedSolver().solve(at_current(fi.Case(cell=cell), current), np.array([current]))
    assert found.voltage == pytest.approx(-columns.numbers["potential_top_mean"][0], abs=1e-7)


def test_full_width_is_the_closed_form() -> None:
    cell = fi.Cell(
        islands=[{"width": "50 um"}],
        kinetics={
            "double_layer": {"capacitance": 0.15, "exponent": 0.88},
            "warburg_coefficient": 2e-4,
        },
        series={
            "pellet": "0.75 mm",
            "resistance": "0.1 ohm cm^2",
            "counter": {
                "exchange_current_density": 514.0,
                "double_layer": {"capacitance": 0.1, "exponent": 0.9},
            },
        },
    )
    spectrum = fi.impedance(cell, current_density=2.5)
    omega = 2 * np.pi * spectrum.frequencies
    thermal = 8.314462618 * 298.15 / 96485.33212
    slope = np.hypot(5.0, 2.5 / 2) / thermal
    counter = np.hypot(514.0, 2.5 / 2) / thermal
    behind = 2e-4 * (1 - 1j) / np.sqrt(omega)
    lithium = 1 / (1 / slope + behind) + 0.15 * (1j * omega) ** 0.88
    wanted = (
        0.75e-3 / (KAPPA + 1j * omega * 8.8541878128e-12 * 10)
        + 1e-5
        + 1 / lithium
        + 1 / (counter + 0.1 * (1j * omega) ** 0.9)
    )
    assert np.abs(spectrum.impedance / wanted - 1).max() < 1e-12
    assert spectrum.resistance_dc is None


def test_touching_copper_lets_the_current_flow_straight() -> None:
    cell = fi.Cell(
        kinetics={"double_layer": LAYER},
        collector={"double_layer": LAYER},
        electrolyte={"permittivity": 1.0},
    )
    fast = fi.impedance(cell, frequencies=["1 GHz"], current_density=0.0)
    omega = 2 * np.pi * 1e9
    bulk = HEIGHT / (KAPPA + 1j * omega * 8.8541878128e-12)
    assert fast.impedance[0] == pytest.approx(bulk + 1 / (0.1j * omega), rel=1e-6)


def test_insulating_copper_leaves_the_primary_constriction() -> None:
    share = 0.1
    cell = fi.Cell(
        electrolyte={"height": "200 um", "permittivity": 1.0},
        kinetics={"double_layer": {"capacitance": 1e6}},
    )
    fast = fi.impedance(cell, frequencies=["1 MHz"], current_density=0.0)
    constriction = WIDTH / (np.pi * KAPPA) * np.log(1 / np.sin(np.pi * share / 2))
    omega = 2 * np.pi * 1e6
    sigma = KAPPA + 1j * omega * 8.8541878128e-12
    wanted = (200e-6 + constriction * KAPPA) / sigma
    assert fast.impedance[0] == pytest.approx(wanted, rel=1e-6)


def test_a_gap_over_all_of_a_bare_bottom_is_a_plate_capacitor() -> None:
    cell = fi.Cell(islands=[], collector={"gap": "50 nm", "gap_permittivity": 3.0})
    spectrum = fi.impedance(cell, current_density=0.0)
    omega = 2 * np.pi * spectrum.frequencies
    eps0 = 8.8541878128e-12
    wanted = HEIGHT / (KAPPA + 10j * omega * eps0) + 50e-9 / (3j * omega * eps0)
    error = np.abs(spectrum.impedance / wanted - 1)
    assert error[:20].max() < 1e-12
    # Where hardly any current passes, 1e-16 of what a difference of potentials would drive counts.
    assert error.max() < 1e-8


def test_a_gap_under_a_part_of_the_copper_is_the_same_from_the_other_side() -> None:
    def cell(left: float, right: float, center: float) -> fi.Cell:
        return fi.Cell(
            islands=[{"width": "4 um", "center": center}],
            kinetics={"double_layer": LAYER},
            collector={"double_layer": LAYER, "gap": "20 nm", "gap_extent": [[left, right]]},
        )

    one = fi.impedance(cell(30e-6, 44e-6, 12e-6)).impedance
    other = fi.impedance(cell(6e-6, 20e-6, 38e-6)).impedance
    all_touching = fi.impedance(
        fi.Cell(
            islands=[{"width": "4 um", "center": "12 um"}],
            kinetics={"double_layer": LAYER},
            collector={"double_layer": LAYER},
        )
    ).impedance
    np.testing.assert_allclose(one, other, rtol=1e-9)
    assert np.abs(one / all_touching - 1).max() > 0.05


def test_islands_with_double_layers_of_their_own_are_not_mirror_images() -> None:
    def cell(left: float, right: float) -> fi.Cell:
        return fi.Cell(
            islands=[
                {"width": "4 um", "center": c, "kinetics": {"double_layer": {"capacitance": q}}}
                for c, q in (("12 um", left), ("38 um", right))
            ]
        )

    one, other, same = (
        fi.impedance(cell(*pair)).impedance for pair in ((0.1, 0.9), (0.9, 0.1), (0.1, 0.1))
    )
    np.testing.assert_allclose(one, other, rtol=1e-9)
    assert np.abs(one / same - 1).max() > 0.1


def test_a_chemical_capacitance_shuts_the_film_at_no_frequency() -> None:
    def cell(**film: Any) -> fi.Cell:
        return fi.Cell(
            kinetics={"double_layer": LAYER},
            interlayer={"reaction": "reversible", "equilibrium_potential": 0.05, **film},
        )

    slow = fi.impedance(cell(chemical_capacitance=60.0), current_density=2.5)
    plateau = fi.impedance(cell(), current_density=2.5)
    huge = fi.impedance(cell(chemical_capacitance=1e9), current_density=2.5)
    np.testing.assert_allclose(huge.impedance, plateau.impedance, rtol=1e-7)
    assert plateau.resistance_dc == pytest.approx(0.0048679657318, rel=1e-9)
    # The film shut, what is left is the island with the slope that it has beside the film.
    assert slow.resistance_dc is not None
    assert plateau.resistance_dc is not None
    assert slow.resistance_dc > 5 * plateau.resistance_dc
    assert len(slow.features.apexes) == 1


def test_a_film_that_gives_in_a_part_is_cut_where_it_stops() -> None:
    cell = fi.Cell(
        electrolyte={"width": "400 um", "conductivity": "0.1 mS/cm"},
        islands=[{"width": "40 um"}],
        kinetics={"exchange_current_density": "2 mA/cm^2", "double_layer": LAYER},
        interlayer={
            "reaction": "release",
            "equilibrium_potential": 0.09,
            "exchange_current_density": "2 mA/cm^2",
        },
    )
    spectrum = fi.impedance(cell, current_density="0.5 mA/cm^2")
    modelled = spectrum.solved.response.modelled
    assert isinstance(modelled, SmallSignal)
    places = [s.start for s in modelled.bottom]
    assert len(places) == 5  # film that gives, film at rest, island, and their mirror images
    assert spectrum.status == "converged"
    better = fi.impedance(cell, current_density="0.5 mA/cm^2", tolerance=1e-8)
    error = np.abs(spectrum.impedance / better.impedance - 1).max()
    assert better.error_estimate < 1e-8 < error < spectrum.error_estimate < 1e-6


def test_where_the_current_flows_adds_up() -> None:
    cell = fi.Cell(
        islands=[{"width": "5 um", "center": "10 um"}],
        kinetics={"double_layer": LAYER},
        collector={"double_layer": {"capacitance": "20 uF/cm^2", "exponent": 0.9}},
    )
    spectrum = fi.impedance(cell)
    local = spectrum.local_current([2.0, 2e3, 2e6])
    current = local.magnitude * np.exp(1j * local.phase)
    modelled = spectrum.solved.response.modelled
    assert isinstance(modelled, SmallSignal)
    weights = modelled.geometry.elements.weights.ravel()
    np.testing.assert_allclose(current.values @ weights / WIDTH, 1.0, rtol=1e-10)
    on_island = np.abs(local.position.values - 10e-6) < 2.5e-6
    share = np.abs(current.values[:, on_island] @ weights[on_island]) / WIDTH
    assert share[0] > 0.99
    assert share[2] == pytest.approx(0.1, abs=0.02)
