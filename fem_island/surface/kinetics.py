"""Reaction laws: local current density against local overpotential at a lithium or film surface.

Positive current density is anodic: lithium leaves the metal, current enters the electrolyte.

Letters used in the formulas:

    i     current density [A/m^2]                i0      exchange current density [A/m^2]
    eta   overpotential [V]                      aa, ac  anodic, cathodic transfer coefficient
    f     F / (R T) [1/V]                        T       temperature [K]

A law is a frozen object. Its parameters and the overpotential may be floats, NumPy arrays or UFL
expressions, so that the finite-element form, the observables and the first guess share one formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
import numpy.typing as npt

from fem_island.materials.constants import FARADAY_CONSTANT, GAS_CONSTANT

Term = Any
"""A float, a NumPy array or a UFL expression."""


@singledispatch
def exponential(argument: Term) -> Term:
    """Exp for numbers and arrays; ``placed_reactions`` registers the one for UFL expressions."""
    return np.exp(argument)


@singledispatch
def exponential_difference(first: Term, second: Term) -> Term:
    """exp(first) - exp(second) of arguments of opposite sign, with all digits also close to zero.

    ``placed_reactions`` registers the one for UFL expressions.
    """
    # The terms of the difference have one sign then, so that nothing cancels.
    return np.expm1(first) - np.expm1(second)


@singledispatch
def positive_part(argument: Term) -> Term:
    """The larger of the argument and 0."""
    return np.maximum(argument, 0.0)


@singledispatch
def where_positive(argument: Term, value: Term) -> Term:
    """``value`` where ``argument`` is above zero, else 0."""
    return np.where(argument > 0, value, 0.0)


class ReactionLaw(Protocol):
    """What the solvers need of a reaction law: the current density and its derivative."""

    def current_density(self, overpotential: Term) -> Term:
        """Current density [A/m^2] at an overpotential [V], same shape."""

    def slope(self, overpotential: Term) -> Term:
        """Derivative of the current density with respect to the overpotential [S/m^2]."""


@dataclass(frozen=True, kw_only=True)
class ChargeTransfer:
    """Parameters that the charge-transfer laws share.

    Attributes:
        exchange_current_density: i0 [A/m^2].
        anodic_transfer_coefficient: aa.
        cathodic_transfer_coefficient: ac.
        temperature: T [K].
    """

    exchange_current_density: Term
    anodic_transfer_coefficient: Term = 0.5
    cathodic_transfer_coefficient: Term = 0.5
    temperature: Term = 298.15

    name: ClassVar[str]

    def current_density(self, overpotential: Term) -> Term:
        """Current density [A/m^2] at an overpotential [V]."""
        raise NotImplementedError

    def slope(self, overpotential: Term) -> Term:
        """Derivative of the current density [S/m^2]."""
        raise NotImplementedError

    def _scaled(self, overpotential: Term) -> Term:
        return FARADAY_CONSTANT / (GAS_CONSTANT * self.temperature) * overpotential


@dataclass(frozen=True, kw_only=True)
class ButlerVolmer(ChargeTransfer):
    """i = i0 [exp(aa f eta) - exp(-ac f eta)].

    Example:
        >>> law = ButlerVolmer(exchange_current_density=5.0)
        >>> round(float(law.current_density(0.0846435)), 3)
        25.0
    """

    name = "butler-volmer"

    def current_density(self, overpotential: Term) -> Term:
        """Current density [A/m^2]."""
        anodic, cathodic = self._exponents(overpotential)
        return self.exchange_current_density * exponential_difference(anodic, cathodic)

    def slope(self, overpotential: Term) -> Term:
        """Derivative of the current density [S/m^2]."""
        anodic, cathodic = self._exponents(overpotential)
        weighted = self.anodic_transfer_coefficient * exponential(anodic)
        weighted = weighted + self.cathodic_transfer_coefficient * exponential(cathodic)
        return self.exchange_current_density * self._scaled(1.0) * weighted

    def _exponents(self, overpotential: Term) -> tuple[Term, Term]:
        scaled = self._scaled(overpotential)
        return (
            self.anodic_transfer_coefficient * scaled,
            -self.cathodic_transfer_coefficient * scaled,
        )


@dataclass(frozen=True, kw_only=True)
class LinearKinetics(ChargeTransfer):
    """i = i0 (aa + ac) f eta: Butler-Volmer at overpotentials far below R T / F.

    Example:
        >>> round(LinearKinetics(exchange_current_density=5.0).current_density(0.001), 4)
        0.1946
    """

    name = "linear"

    def current_density(self, overpotential: Term) -> Term:
        """Current density [A/m^2]."""
        return self.slope(overpotential) * overpotential

    def slope(self, overpotential: Term) -> Term:
        """Derivative of the current density [S/m^2]."""
        total = self.anodic_transfer_coefficient + self.cathodic_transfer_coefficient
        return self.exchange_current_density * total * self._scaled(1.0)


@dataclass(frozen=True, kw_only=True)
class Tafel(ChargeTransfer):
    """One branch of Butler-Volmer: i0 exp(aa f eta) anodic, -i0 exp(-ac f eta) cathodic.

    Valid far from equilibrium (|i| well above i0). It has no equilibrium: the current of the anodic
    branch is positive at any overpotential, so it can only strip, and the cathodic one only plate.

    Attributes:
        branch: Which of the two.

    Example:
        >>> round(float(Tafel(exchange_current_density=5.0).current_density(0.0827)), 2)
        25.0
    """

    branch: Literal["anodic", "cathodic"] = "anodic"

    name = "tafel"

    def current_density(self, overpotential: Term) -> Term:
        """Current density [A/m^2]."""
        sign, coefficient = self._branch()
        return (
            sign
            * self.exchange_current_density
            * exponential(coefficient * self._scaled(overpotential))
        )

    def slope(self, overpotential: Term) -> Term:
        """Derivative of the current density [S/m^2]."""
        _, coefficient = self._branch()
        return coefficient * self._scaled(1.0) * self.current_density(overpotential)

    def _branch(self) -> tuple[int, Term]:
        if self.branch == "anodic":
            return 1, self.anodic_transfer_coefficient
        return -1, -self.cathodic_transfer_coefficient


@dataclass(frozen=True)
class ReleaseOnly:
    """The positive part of a law: a fully lithiated film gives lithium but takes no more.

    It is exact, not smoothed. Newton's method needs no smoothness here: the law is continuous and
    increases, so the equations are those of the one minimum of a convex energy whose gradient is
    continuous, which Newton with a line search finds across the kink at zero overpotential.

    Attributes:
        law: The law of the film without that limit.

    Example:
        >>> law = ReleaseOnly(LinearKinetics(exchange_current_density=5.0))
        >>> law.current_density(np.array([-0.01]))
        array([0.])
    """

    law: ReactionLaw

    def current_density(self, overpotential: Term) -> Term:
        """Current density [A/m^2], never negative."""
        # The law sees no negative values, where it, or its derivative, could overflow.
        current = self.law.current_density(positive_part(overpotential))
        return where_positive(overpotential, current)

    def slope(self, overpotential: Term) -> Term:
        """Derivative of the current density [S/m^2]; 0 where nothing is released."""
        return where_positive(overpotential, self.law.slope(positive_part(overpotential)))


def wagner_number(
    conductivity: npt.ArrayLike,
    exchange_current_density: npt.ArrayLike,
    width: npt.ArrayLike,
    *,
    temperature: float,
) -> npt.NDArray[np.float64]:
    """Kappa R T / (F i0 W): resistance of the kinetics over that of the electrolyte.

    Args:
        conductivity: kappa [S/m].
        exchange_current_density: i0 [A/m^2].
        width: W [m].
        temperature: T [K].

    Example:
        >>> float(wagner_number(0.18, 5.0, 50e-6, temperature=298.15).round(2))
        18.5
    """
    thermal = GAS_CONSTANT * temperature / FARADAY_CONSTANT
    ratio = np.asarray(conductivity) / (np.asarray(exchange_current_density) * np.asarray(width))
    return np.asarray(thermal * ratio, dtype=np.float64)
