"""Reaction laws against the textbook formulas, which are written here in another form."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, expm1
from typing import Any

import numpy as np
import pytest

from fem_island.case.kinetics import ButlerVolmer, Kinetics, LinearKinetics, Tafel
from fem_island.materials.constants import FARADAY_CONSTANT, GAS_CONSTANT
from fem_island.surface.kinetics import Reaction, ReactionLaw, ReleaseOnly

I0, ANODIC, CATHODIC, TEMPERATURE = 7.0, 0.3, 0.6, 320.0
F_OVER_RT = 96485.33212 / (8.314462618 * TEMPERATURE)
PARAMETERS: dict[str, Any] = {
    "exchange_current_density": I0,
    "anodic_transfer_coefficient": ANODIC,
    "cathodic_transfer_coefficient": CATHODIC,
}


def at_320(law: Kinetics) -> Reaction:
    return Reaction(law, TEMPERATURE)


def butler_volmer(eta: float) -> float:
    """With expm1, both terms of which have the sign of eta, so that no digit is lost."""
    return I0 * (expm1(ANODIC * F_OVER_RT * eta) - expm1(-CATHODIC * F_OVER_RT * eta))


def linear(eta: float) -> float:
    return I0 * 0.9 * F_OVER_RT * eta


def anodic_tafel(eta: float) -> float:
    return I0 * exp(ANODIC * F_OVER_RT * eta)


def cathodic_tafel(eta: float) -> float:
    return -I0 * exp(-CATHODIC * F_OVER_RT * eta)


def release(eta: float) -> float:
    return butler_volmer(eta) if eta > 0 else 0.0


LAWS = [
    pytest.param(at_320(ButlerVolmer(**PARAMETERS)), butler_volmer, id="butler-volmer"),
    pytest.param(at_320(LinearKinetics(**PARAMETERS)), linear, id="linear"),
    pytest.param(at_320(Tafel(**PARAMETERS)), anodic_tafel, id="anodic tafel"),
    pytest.param(
        at_320(Tafel(**PARAMETERS).for_current(-1.0)), cathodic_tafel, id="cathodic tafel"
    ),
    pytest.param(ReleaseOnly(at_320(ButlerVolmer(**PARAMETERS))), release, id="release"),
]
OVERPOTENTIALS = [
    sign * size
    for size in (1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 0.03, 0.1, 0.5, 2.0)
    for sign in (1, -1)
]


def test_constants() -> None:
    thermal_voltage = GAS_CONSTANT * 298.15 / FARADAY_CONSTANT
    assert thermal_voltage == pytest.approx(25.69258e-3, rel=1e-6, abs=0)


@pytest.mark.parametrize(("law", "formula"), LAWS)
@pytest.mark.parametrize("eta", OVERPOTENTIALS)
def test_current_density(law: ReactionLaw, formula: Callable[[float], float], eta: float) -> None:
    assert float(law.current_density(eta)) == pytest.approx(formula(eta), rel=1e-12, abs=0)


@pytest.mark.parametrize(("law", "formula"), LAWS)
@pytest.mark.parametrize("eta", [eta for eta in OVERPOTENTIALS if abs(eta) > 1e-5])
def test_slope_is_the_derivative_of_the_formula(
    law: ReactionLaw, formula: Callable[[float], float], eta: float
) -> None:
    step = 2e-6
    difference = (formula(eta + step) - formula(eta - step)) / (2 * step)
    assert float(law.slope(eta)) == pytest.approx(difference, rel=2e-8, abs=0)


@pytest.mark.parametrize("eta", [0.0, 1e-15, -1e-12, 1e-9])
@pytest.mark.parametrize(
    "law", [at_320(ButlerVolmer(**PARAMETERS)), at_320(LinearKinetics(**PARAMETERS))]
)
def test_slope_close_to_equilibrium(law: ReactionLaw, eta: float) -> None:
    expected = I0 * (ANODIC + CATHODIC) * F_OVER_RT
    # Its own change with eta, relative: (aa - ac) f eta.
    assert float(law.slope(eta)) == pytest.approx(expected, rel=2e-8, abs=0)


@pytest.mark.parametrize(("law", "formula"), LAWS)
def test_arrays_give_what_numbers_give(law: ReactionLaw, formula: Callable[[float], float]) -> None:
    eta = np.array([OVERPOTENTIALS, OVERPOTENTIALS[::-1]])
    current, slope = law.current_density(eta), law.slope(eta)
    assert current.shape == eta.shape
    assert np.shape(slope) in (eta.shape, ())  # the slope of a line is one number
    np.testing.assert_allclose(current[0], [formula(x) for x in eta[0]], rtol=1e-12, atol=0)
    np.testing.assert_allclose(
        np.broadcast_to(slope, eta.shape)[1], [float(law.slope(x)) for x in eta[1]], rtol=1e-15
    )


def test_butler_volmer_at_equilibrium_and_its_signs() -> None:
    law = at_320(ButlerVolmer(**PARAMETERS))
    assert law.current_density(0.0) == 0.0
    # With ac > aa the cathodic branch is the steeper one.
    assert -law.current_density(-0.1) > law.current_density(0.1) > 0


def test_butler_volmer_symmetric_is_a_sinh() -> None:
    law = ButlerVolmer(exchange_current_density=5.0)
    eta = 2 * GAS_CONSTANT * 298.15 / FARADAY_CONSTANT * np.arcsinh(25.0 / 10.0)
    assert float(law.current_density(eta)) == pytest.approx(25.0, rel=1e-13, abs=0)
    assert float(law.current_density(-eta)) == pytest.approx(-25.0, rel=1e-13, abs=0)


@pytest.mark.parametrize("eta", [-20.0, -2.0, -1e-12, 0.3, 3.0])
def test_butler_volmer_with_very_unequal_coefficients(eta: float) -> None:
    """The fast branch would overflow long before the slow one, and must not spoil it."""
    law = Reaction(
        ButlerVolmer(
            exchange_current_density=1.0,
            anodic_transfer_coefficient=1.99,
            cathodic_transfer_coefficient=0.01,
        ),
        100.0,
    )
    f = 96485.33212 / (8.314462618 * 100.0)
    expected = expm1(1.99 * f * eta) - expm1(-0.01 * f * eta)
    assert float(law.current_density(eta)) == pytest.approx(expected, rel=1e-11, abs=0)
    slope = f * (1.99 * exp(1.99 * f * eta) + 0.01 * exp(-0.01 * f * eta))
    assert float(law.slope(eta)) == pytest.approx(slope, rel=1e-11, abs=0)


def test_tafel_is_one_branch_of_butler_volmer() -> None:
    """Far from equilibrium the other branch is gone; at equilibrium Tafel's current stays i0."""
    full = at_320(ButlerVolmer(**PARAMETERS))
    assert float(at_320(Tafel(**PARAMETERS)).current_density(1.0)) == pytest.approx(
        float(full.current_density(1.0)), rel=1e-13, abs=0
    )
    assert float(
        at_320(Tafel(**PARAMETERS).for_current(-1.0)).current_density(-1.0)
    ) == pytest.approx(float(full.current_density(-1.0)), rel=1e-13, abs=0)
    assert at_320(Tafel(**PARAMETERS)).current_density(0.0) == I0
    assert at_320(Tafel(**PARAMETERS).for_current(-1.0)).current_density(0.0) == -I0


@pytest.mark.parametrize("eta", [0.0, -1e-15, -0.3])
def test_release_takes_nothing(eta: float) -> None:
    law = ReleaseOnly(at_320(ButlerVolmer(**PARAMETERS)))
    assert law.current_density(eta) == 0.0
    assert law.slope(eta) == 0.0


def test_parameters_may_be_arrays() -> None:
    """One law for many places, as the finite-element form uses it."""
    i0 = np.array([1.0, 2.0, 0.0])
    law = ButlerVolmer().model_copy(update={"exchange_current_density": i0})
    one = float(ButlerVolmer(exchange_current_density=1.0).current_density(0.02))
    np.testing.assert_allclose(law.current_density(0.02), i0 * one, rtol=1e-15)
