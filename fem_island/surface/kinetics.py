"""Reactions as the solvers ask them: laws at a temperature, also those that give lithium only.

The laws themselves are those of ``fem_island.case.kinetics``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Operation
from fem_island.case.kinetics import (
    ButlerVolmer,
    Kinetics,
    LinearKinetics,
    Tafel,
    Term,
    positive_part,
    where_positive,
)
from fem_island.materials.constants import FARADAY_CONSTANT, GAS_CONSTANT, REFERENCE_TEMPERATURE

__all__ = [
    "ButlerVolmer",
    "Kinetics",
    "LinearKinetics",
    "Reaction",
    "ReactionLaw",
    "ReleaseOnly",
    "Tafel",
    "Term",
    "wagner_number",
]


class ReactionLaw(Protocol):
    """What the solvers need of a reaction: the current density and its derivative."""

    def current_density(self, overpotential: Term) -> Term:
        """Current density [A/m^2] at an overpotential [V], same shape."""

    def slope(self, overpotential: Term) -> Term:
        """Derivative of the current density with respect to the overpotential [S/m^2]."""


@dataclass(frozen=True)
class Reaction:
    """A law at a temperature.

    Attributes:
        law: The law.
        temperature: T [K].

    Example:
        >>> round(float(Reaction(ButlerVolmer()).current_density(0.0846435)), 3)
        25.0
    """

    law: Kinetics
    temperature: Term = REFERENCE_TEMPERATURE

    @classmethod
    def of(cls, law: Kinetics, operation: Operation) -> Reaction:
        """The reaction at the operation's temperature and with the sign of its current."""
        return cls(law.for_current(operation.current_density), operation.temperature)

    def current_density(self, overpotential: Term) -> Term:
        """Current density [A/m^2]."""
        return self.law.current_density(overpotential, self.temperature)

    def slope(self, overpotential: Term) -> Term:
        """Derivative of the current density [S/m^2]."""
        return self.law.slope(overpotential, self.temperature)


@dataclass(frozen=True)
class ReleaseOnly:
    """The positive part of a law: a fully lithiated film gives lithium but takes no more.

    It is exact, not smoothed. Newton's method needs no smoothness here: the law is continuous and
    increases, so the equations are those of the one minimum of a convex energy whose gradient is
    continuous, which Newton with a line search finds across the kink at zero overpotential.

    Attributes:
        law: The law of the film without that limit.

    Example:
        >>> law = ReleaseOnly(Reaction(LinearKinetics(exchange_current_density=5.0)))
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
