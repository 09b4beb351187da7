"""Admittances of a surface: what it carries of a small alternating potential difference.

A potential difference u exp(j omega t) between metal and electrolyte drives the current density
y u exp(j omega t). With the slope s of the reaction law at the local overpotential of the
operating point,

    lithium   y = s / (1 + s Z_W) + Q (j omega)^n ,    Z_W = sigma_W (1 - j) / sqrt(omega)
    film      y = s / (1 + s Z_C) + Q (j omega)^n ,    Z_C = 1 / (j omega C)
    copper    y = Q (j omega)^n                        where it touches
              y = j omega eps0 eps / d                 behind a gap

    s        slope of the law [S/m^2]               Q, n     double layer [F s^(n-1)/m^2], [1]
    sigma_W  Warburg coefficient [Ohm m^2 s^-0.5]   C        chemical capacitance dq/dU [F/m^2]
    d, eps   thickness [m] and relative permittivity of the gap

At omega = 0 the double layers and gaps carry nothing, and diffusion and a finite chemical
capacitance shut their branches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.materials.constants import VACUUM_PERMITTIVITY
from fem_island.surface.kinetics import Term

ComplexArray = npt.NDArray[np.complex128]


class Admittance(Protocol):
    """What a spectrum needs to know of a stretch of the bottom."""

    def admittance(self, slope: Array, angular_frequency: Array) -> ComplexArray:
        """Current density per potential difference y [S/m^2].

        Args:
            slope: s at the operating point [S/m^2].
            angular_frequency: omega [rad/s]; broadcasts against the slope.
        """


class Behind(Protocol):
    """What lies behind a charge transfer."""

    def impedance(self, angular_frequency: Array) -> ComplexArray:
        """Impedance of an area [Ohm m^2]; infinite where nothing passes."""


@dataclass(frozen=True, kw_only=True)
class Warburg:
    """Semi-infinite diffusion: sigma_W (1 - j) / sqrt(omega).

    Attributes:
        coefficient: sigma_W [Ohm m^2 s^-0.5].

    Example:
        >>> Warburg(coefficient=2.0).impedance(np.array([4.0]))
        array([1.-1.j])
    """

    coefficient: float

    def impedance(self, angular_frequency: Array) -> ComplexArray:
        """Impedance of an area [Ohm m^2]."""
        with np.errstate(divide="ignore", invalid="ignore"):
            size = self.coefficient / np.sqrt(angular_frequency)
        return np.asarray(size * (1 - 1j))


@dataclass(frozen=True, kw_only=True)
class ChemicalCapacitance:
    """Lithium that a film takes up as its potential changes: 1 / (j omega C).

    Attributes:
        capacitance: C [F/m^2].
    """

    capacitance: float

    def impedance(self, angular_frequency: Array) -> ComplexArray:
        """Impedance of an area [Ohm m^2]."""
        found = np.zeros(np.shape(angular_frequency), dtype=np.complex128)
        with np.errstate(divide="ignore"):
            found.imag = -1 / (angular_frequency * self.capacitance)
        return found


@dataclass(frozen=True, kw_only=True)
class ConstantPhase:
    """A double layer Q (j omega)^n; with n = 1 a capacitor.

    Attributes:
        capacitance: Q [F s^(n-1)/m^2].
        exponent: n.

    Example:
        >>> ConstantPhase(capacitance=0.1).admittance(np.array([0.0]), np.array([10.0]))
        array([0.+1.j])
    """

    capacitance: float
    exponent: float = 1.0

    def admittance(self, slope: Array, angular_frequency: Array) -> ComplexArray:
        """Current density per potential difference [S/m^2]; needs no slope."""
        size = self.capacitance * angular_frequency**self.exponent
        # Exactly imaginary for a capacitor, whose real part would else be 1e-17 of it.
        turned = 1j if self.exponent == 1 else np.exp(0.5j * np.pi * self.exponent)
        return np.asarray(size * turned + 0 * slope, dtype=np.complex128)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Metal behind a gap: a plate capacitor j omega eps0 eps / d.

    Attributes:
        thickness: d [m].
        permittivity: eps of what is in the gap, relative to vacuum.
    """

    thickness: float
    permittivity: float = 1.0

    def admittance(self, slope: Array, angular_frequency: Array) -> ComplexArray:
        """Current density per potential difference [S/m^2]; needs no slope."""
        capacitance = VACUUM_PERMITTIVITY * self.permittivity / self.thickness
        return np.asarray(1j * angular_frequency * capacitance + 0 * slope)


@dataclass(frozen=True, kw_only=True)
class ReactingSurface:
    """A charge transfer with what lies behind it, beside a double layer.

    Attributes:
        behind: In series with the charge transfer, or None.
        double_layer: Beside both, or None.

    Example:
        >>> surface = ReactingSurface(double_layer=ConstantPhase(capacitance=0.1))
        >>> surface.admittance(np.array([3.0]), np.array([10.0]))
        array([3.+1.j])
    """

    behind: Behind | None = None
    double_layer: ConstantPhase | None = None

    def admittance(self, slope: Array, angular_frequency: Array) -> ComplexArray:
        """Current density per potential difference y [S/m^2]."""
        branch = slope + 0j * angular_frequency
        if self.behind is not None:
            behind = self.behind.impedance(angular_frequency) + 0 * slope
            shut = ~np.isfinite(behind)
            branch = np.where(shut, 0.0, slope / (1 + slope * np.where(shut, 0.0, behind)))
        if self.double_layer is not None:
            branch = branch + self.double_layer.admittance(slope, angular_frequency)
        return np.asarray(branch)


@dataclass(frozen=True)
class NoReaction:
    """The law of a surface that direct current does not pass.

    Example:
        >>> NoReaction().current_density(np.array([0.1]))
        array([0.])
    """

    def current_density(self, overpotential: Term) -> Term:
        """Current density [A/m^2]: none."""
        return 0.0 * overpotential

    def slope(self, overpotential: Term) -> Term:
        """Derivative of the current density [S/m^2]: none."""
        return 0.0 * overpotential
