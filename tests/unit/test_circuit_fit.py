"""Fits of R1 + (R2 // CPE) + W to spectra with known parameters, and the Kramers-Kronig test."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

import fem_island as fi
from fem_island.experiments.impedance.circuit import PARAMETERS
from fem_island.experiments.impedance.circuit_fit import fit_circuit
from fem_island.experiments.impedance.kramers_kronig import kramers_kronig

F = np.geomspace(2e6, 2.0, 61)
OMEGA = 2 * np.pi * F

Complex = npt.NDArray[np.complex128]


def circuit(r1: float, r2: float, q: float, n: float, sigma: float) -> Complex:
    arc = r2 / (1 + r2 * q * (1j * OMEGA) ** n)
    return np.asarray(r1 + arc + sigma * (1 - 1j) / np.sqrt(OMEGA))


def noisy(z: Complex, share: float, seed: int) -> Complex:
    draw = np.random.default_rng(seed)
    return z + share * np.abs(z) * (draw.normal(size=61) + 1j * draw.normal(size=61))


@pytest.mark.parametrize(
    "truth",
    [(10.0, 25.0, 1e-5, 0.85, 3.0), (0.8, 190.0, 1e-5, 1.0, 0.5), (40.0, 4.0, 2e-4, 0.7, 9.0)],
)
def test_what_went_in_comes_out(truth: tuple[float, ...]) -> None:
    fit = fit_circuit(F, circuit(*truth))
    found = [getattr(fit, name).value for name in PARAMETERS]
    assert found == pytest.approx(truth, rel=1e-5)
    assert fit.misfit < 1e-6
    assert fit.hint is None
    np.testing.assert_allclose(fit.impedance(F), circuit(*truth), rtol=1e-5)


def test_parts_that_are_absent_are_not_determined() -> None:
    fit = fit_circuit(F, circuit(10.0, 25.0, 1e-5, 0.9, 0.0))
    assert fit.warburg_coefficient.value < 1e-4
    assert fit.arc_resistance.value == pytest.approx(25.0, rel=1e-4)


def test_intervals_hold_what_went_in_as_often_as_they_say() -> None:
    truth = (10.0, 25.0, 1e-5, 0.85, 3.0)
    hits68, hits95 = np.zeros(5), np.zeros(5)
    runs = 60
    for seed in range(runs):
        fit = fit_circuit(F, noisy(circuit(*truth), 0.003, seed))
        for place, (name, value) in enumerate(zip(PARAMETERS, truth, strict=True)):
            estimate = getattr(fit, name)
            assert estimate.interval_68 is not None
            assert estimate.interval_95 is not None
            hits68[place] += estimate.interval_68[0] <= value <= estimate.interval_68[1]
            hits95[place] += estimate.interval_95[0] <= value <= estimate.interval_95[1]
    assert 0.62 < hits68.mean() / runs < 0.74
    assert 0.92 < hits95.mean() / runs < 0.98


def test_another_circuit_is_said_to_be_one() -> None:
    two = 1.0 + 10 / (1 + 1j * OMEGA / 1e5) + 10 / (1 + 1j * OMEGA / 1e3)
    fit = fit_circuit(F, two)
    assert fit.misfit > 0.02
    assert fit.systematic
    assert fit.hint is not None
    assert "are systematic" in fit.hint


def test_noise_is_not_systematic() -> None:
    assert not fit_circuit(F, noisy(circuit(10.0, 25.0, 1e-5, 0.85, 3.0), 0.01, 3)).systematic


def test_a_gap_makes_r1_another_thing_than_the_bulk() -> None:
    cell = fi.Cell(
        electrolyte={"width": "500 um", "height": "750 um"},
        islands=[{"width": "50 um", "center": "25 um"}],
        kinetics={
            "exchange_current_density": "25.7 mA/cm^2",
            "double_layer": {"capacitance": "22 uF/cm^2"},
        },
        collector={"gap": "1 um"},
    )
    spectrum = fi.impedance(cell, current_density=0.0)
    assert spectrum.circuit is not None
    assert spectrum.circuit.bulk_resistance == pytest.approx(750e-6 / 0.18)
    hint = spectrum.circuit.hint
    assert hint is not None
    assert "R1 is not the bulk here" in hint


def test_too_few_frequencies_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 4"):
        fit_circuit(F[:3], circuit(1.0, 1.0, 1e-5, 1.0, 1.0)[:3])


def test_kramers_kronig_passes_circuits_and_finds_drift() -> None:
    z = circuit(10.0, 25.0, 1e-5, 0.85, 3.0)
    good = kramers_kronig(F, z)
    assert good.misfit < 1e-3
    assert good.suspect == ()
    broken = z.copy()
    broken[30] *= 1.1
    found = kramers_kronig(F, broken)
    assert np.argmax(np.abs(found.residuals)) == 30
    assert F[33] <= min(found.suspect) <= F[30] <= max(found.suspect) <= F[27]
    assert kramers_kronig(F, np.conj(z)).misfit > 0.2
