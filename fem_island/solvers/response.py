"""The response of a whole cell to alternating current, whatever solves for the modelled part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fem_island.case.case import Case
from fem_island.case.impedance import paper_frequencies
from fem_island.machine.arrays import Array
from fem_island.materials.constants import VACUUM_PERMITTIVITY
from fem_island.surface.admittance import ComplexArray
from fem_island.surface.series import InSeries

STEP = 1e-4
"""Of ln omega in differences of admittances, which are powers of it: exact to 1e-9."""


def complex_conductivity(
    conductivity: float, permittivity: float, angular_frequency: Array
) -> ComplexArray:
    """Kappa + j omega eps0 eps of an electrolyte [S/m], shape (f,).

    Args:
        conductivity: kappa [S/m].
        permittivity: eps, relative to vacuum.
        angular_frequency: omega [rad/s], shape (f,).
    """
    stored = angular_frequency * (VACUUM_PERMITTIVITY * permittivity)
    return np.asarray(conductivity + 1j * stored)


@dataclass(frozen=True)
class LocalCurrent:
    """Where an alternating current flows.

    Attributes:
        coordinates: Positions along every direction of the bottom [m], by the name of the
            direction.
        values: Local current density over that at the top, shape (f, positions, ...); NaN where
            there is none at any frequency.
    """

    coordinates: dict[str, Array]
    values: ComplexArray


class Modelled(Protocol):
    """The linear response of the modelled part of a cell about one operating point."""

    @property
    def conductivity(self) -> float:
        """Kappa of the electrolyte [S/m]."""

    def bulk(self, angular_frequency: Array) -> ComplexArray:
        """Sigma of the electrolyte [S/m], shape (f,)."""

    def impedance(self, angular_frequency: Array) -> ComplexArray:
        """Z [Ohm m^2] at angular frequencies [rad/s], shape (f,); NaN where nothing conducts."""

    def impedance_and_slope(self, angular_frequency: Array) -> tuple[ComplexArray, ComplexArray]:
        """Z and dZ / d ln omega [Ohm m^2] at angular frequencies above 0."""

    def local_current(self, angular_frequency: Array) -> LocalCurrent:
        """Where the current flows along the bottom."""


@dataclass(frozen=True)
class Response:
    """Impedance of a whole cell about one operating point, at any frequency.

    Attributes:
        modelled: The part that is solved for.
        series: What is in series with it.
    """

    modelled: Modelled
    series: InSeries

    def impedance(self, frequency: Array) -> ComplexArray:
        """Z [Ohm m^2] at frequencies [Hz], shape (f,); NaN where nothing conducts."""
        omega = 2 * np.pi * frequency
        return np.asarray(self.modelled.impedance(omega) + self._in_series(omega))

    def impedance_and_slope(self, frequency: Array) -> tuple[ComplexArray, ComplexArray]:
        """Z and dZ / d ln f [Ohm m^2] at frequencies above 0 [Hz]."""
        omega = 2 * np.pi * frequency
        value, slope = self.modelled.impedance_and_slope(omega)
        ratio = np.exp(STEP)
        change = self._in_series(omega * ratio) - self._in_series(omega / ratio)
        return value + self._in_series(omega), slope + change / (2 * STEP)

    def resistance_dc(self) -> float:
        """The limit of Z at no frequency [Ohm m^2]; infinite where no direct current passes."""
        found = float(self.impedance(np.zeros(1))[0].real)
        return found if np.isfinite(found) else np.inf

    def _in_series(self, omega: Array) -> ComplexArray:
        return self.series.impedance(omega, self.modelled.bulk(omega))


@dataclass(frozen=True)
class SolvedSpectrum:
    """A response with what is known of its error.

    Attributes:
        response: The response.
        frequencies: As asked [Hz], shape (f,).
        impedance: Z there [Ohm m^2], shape (f,).
        slope: dZ / d ln f there [Ohm m^2], shape (f,).
        resistance_dc: At no frequency [Ohm m^2]; infinite where no direct current passes.
        error: Estimate of the largest error of all of them, relative.
        voltage: -<phi>_top of the operating point [V]; NaN where nothing reacts.
    """

    response: Response
    frequencies: Array
    impedance: ComplexArray
    slope: ComplexArray
    resistance_dc: float
    error: float
    voltage: float


class SpectrumSolver(Protocol):
    """What solves spectra of cases, and may keep what those of one geometry share."""

    def solve(self, case: Case, frequencies: Array, *, tolerance: float) -> SolvedSpectrum:
        """The spectrum of a case at its current.

        Args:
            case: What to compute.
            frequencies: At which [Hz], shape (f,).
            tolerance: Wanted error, relative; the estimate of the result says what was reached.

        Raises:
            ConvergenceError: There is no operating point at this current.
        """


def checked_places(frequencies: Array, count: int) -> Array:
    """Some of the frequencies, evenly from the first to the last, to compare responses at [Hz].

    Example:
        >>> checked_places(np.array([8.0, 4.0, 2.0, 1.0]), 2)
        array([8., 1.])
    """
    chosen = np.linspace(0, len(frequencies) - 1, min(count, len(frequencies)))
    return np.asarray(frequencies[np.unique(chosen.round().astype(int))])


def frequency_range(frequencies: Array) -> tuple[float, float]:
    """From where to where a response is asked for: also where its features are looked for [Hz]."""
    asked = np.concatenate([frequencies, paper_frequencies()])
    return float(asked.min()), float(asked.max())
