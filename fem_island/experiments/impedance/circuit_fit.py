"""The circuit of the paper's Figure 4b, fitted to a spectrum, computed or measured.

    Z = R1 + R2 / (1 + (j omega / omega0)^n) + sigma_W (1 - j) / sqrt(omega)

which is R1 + (R2 // CPE) + W with the constant phase element Q (j omega)^n, where
Q = 1 / (R2 omega0^n). For given omega0 and n it is linear in R1, R2 and sigma_W, none of which is
negative: a grid over the two finds the neighbourhood of the best fit wherever it is, and least
squares in the logarithms of all five finish. Residuals count relative to |Z|.

    R1, R2    resistances [Ohm m^2]                omega0    2 pi times the apex's frequency [rad/s]
    sigma_W   Warburg coefficient [Ohm m^2 s^-0.5] n         exponent, 0 < n <= 1
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy.optimize import least_squares
from scipy.stats import t as student

from fem_island.experiments.impedance.circuit import CircuitFit, Estimate
from fem_island.machine.arrays import Array
from fem_island.surface.admittance import ComplexArray

SMALLEST_NUMBER = 4
"""Frequencies that a fit needs: five parameters, and something left to judge it by."""

_EXPONENTS = np.linspace(0.4, 1.0, 13)
"""Of the element of constant phase, at which the search for a start looks."""

_PER_DECADE = 6
"""Frequencies of the apex, likewise."""

_SETS = ([0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2])
"""Which of three parameters are above 0."""

_STARTS = 3
"""Best places of the grid from which least squares start."""

_CLEAR = 0.1
"""Misfit of a fit over that of another place of the grid, below which it is left out."""

_ABSENT = 1e-5
"""Share of the largest |Z| below which a part of the circuit is absent."""

_SYSTEMATIC = 0.5
"""Correlation of neighbouring residuals from which on they are not noise."""

_MISSED = 1e-3
"""Misfit below which it does not matter that residuals are systematic."""


def fit_circuit(
    frequencies: Array, impedance: ComplexArray, *, bulk_resistance: float | None = None
) -> CircuitFit:
    """Fit R1 + (R2 // CPE) + W to a spectrum.

    Args:
        frequencies: [Hz], shape (f,), at least 4.
        impedance: Z [Ohm m^2], shape (f,).
        bulk_resistance: Of electrolyte and leads [Ohm m^2], where it is known.

    Raises:
        ValueError: There are too few frequencies.

    Example:
        >>> f = np.geomspace(1e6, 1.0, 61)
        >>> z = 2.0 + 3.0 / (1 + (2j * np.pi * f / 500) ** 0.9)
        >>> round(fit_circuit(f, z).arc_resistance.value, 6)
        3.0
    """
    if len(frequencies) < SMALLEST_NUMBER:
        raise ValueError(f"a fit needs at least {SMALLEST_NUMBER} frequencies")
    order = np.argsort(-frequencies)
    omega, impedance = 2 * np.pi * frequencies[order], impedance[order]
    size = np.abs(impedance)
    largest = float(size.max())
    problem = _Problem(omega, impedance / largest, size / largest)
    best, misfit = np.zeros(0), np.inf
    for start, before in problem.starts():
        if misfit < _CLEAR * before:
            break
        found, after = problem.refined(start)
        if after < misfit:
            best, misfit = found, after
    return replace(_report(problem, best, largest), bulk_resistance=bulk_resistance)


@dataclass(frozen=True)
class _Problem:
    """A spectrum, scaled so that its largest |Z| is 1.

    Attributes:
        omega: [rad/s], shape (f,).
        impedance: Shape (f,).
        size: |Z|, by which residuals are divided.
    """

    omega: Array
    impedance: ComplexArray
    size: Array

    def starts(self) -> list[tuple[Array, float]]:
        """Logarithms of (R1, R2, omega0, n, sigma_W) at the best places of a grid, and misfits."""
        arcs, exponents, apexes = _grid(self.omega.tobytes())
        diffusion = (1 - 1j) / np.sqrt(self.omega)
        linear = (
            np.stack(np.broadcast_arrays(1.0 + 0j, arcs, diffusion), axis=-1) / self.size[:, None]
        )
        stacked = np.concatenate([linear.real, linear.imag], axis=1)
        wanted = _parts(self.impedance / self.size)
        resistances, gain = _nonnegative(stacked.transpose(0, 2, 1) @ stacked, wanted @ stacked)
        misfits = wanted @ wanted - gain
        found: list[tuple[Array, float]] = []
        absent = _ABSENT * np.array([1.0, 1.0, np.sqrt(self.omega.min())])
        for number in np.argsort(-gain):
            first, second, warburg = np.log(np.maximum(resistances[number], absent))
            place = np.log(apexes[number])
            if all(abs(place - other[2]) > 1 for other, _ in found):
                start = (first, second, place, np.log(exponents[number]), warburg)
                found.append((np.array(start), float(misfits[number])))
            if len(found) == _STARTS:
                break
        return found

    def residuals(self, logarithms: Array) -> Array:
        """Real and imaginary parts, relative to |Z|."""
        return _parts((self.model(logarithms) - self.impedance) / self.size)

    def jacobian(self, logarithms: Array) -> Array:
        """Derivatives of the residuals by the logarithms, shape (2 f, 5)."""
        first, second, apex, exponent, warburg = np.exp(logarithms)
        turned = np.log(1j * self.omega / apex)
        power = np.exp(exponent * turned)
        arc = second / (1 + power)
        bent = -arc * power / (1 + power)
        columns: tuple[ComplexArray, ...] = (
            np.full_like(arc, first),
            arc,
            -exponent * bent,
            exponent * turned * bent,
            np.asarray(warburg * (1 - 1j) / np.sqrt(self.omega)),
        )
        return np.stack([_parts(np.asarray(column / self.size)) for column in columns], axis=1)

    def model(self, logarithms: Array) -> ComplexArray:
        """Z of the circuit."""
        first, second, apex, exponent, warburg = np.exp(logarithms)
        arc = second / (1 + (1j * self.omega / apex) ** exponent)
        return np.asarray(first + arc + warburg * (1 - 1j) / np.sqrt(self.omega))

    def refined(self, start: Array) -> tuple[Array, float]:
        """Least squares from a start: logarithms, and the sum of squares."""
        low, high = start - 30, start + 30
        low[2], high[2] = np.log(self.omega.min() / 100), np.log(self.omega.max() * 100)
        low[3], high[3] = np.log(0.2), 1e-12
        found = least_squares(
            self.residuals,
            np.clip(start, low + 1e-9, high - 1e-9),
            jac=self.jacobian,
            bounds=(low, high),
            x_scale=1.0,
            xtol=1e-10,
            ftol=1e-12,
            gtol=1e-12,
            max_nfev=100,
        )
        return np.asarray(found.x), 2 * float(found.cost)


@lru_cache(maxsize=8)
def _grid(omega: bytes) -> tuple[ComplexArray, Array, Array]:
    """1 / (1 + (j omega / omega0)^n) for all places of the grid, shape (g, f); n; omega0."""
    frequencies = np.frombuffer(omega)
    decades = np.log10(frequencies.max() / frequencies.min())
    count = max(2, round(decades * _PER_DECADE))
    places = np.geomspace(frequencies.min(), frequencies.max(), count)
    apexes, exponents = (part.ravel() for part in np.meshgrid(places, _EXPONENTS))
    power = (1j * frequencies / apexes[:, None]) ** exponents[:, None]
    return np.asarray(1 / (1 + power)), np.asarray(exponents), np.asarray(apexes)


def _nonnegative(squares: Array, products: Array) -> tuple[Array, Array]:
    """Least squares with three parameters that are not negative, for many problems at once.

    Of the seven sets of parameters that may be above 0, the best that has none below 0 is taken.

    Args:
        squares: A^T A, shape (g, 3, 3).
        products: A^T b, shape (g, 3).

    Returns:
        The parameters, shape (g, 3); how much of b^T b they explain, shape (g,).
    """
    best, gain = np.zeros_like(products), np.zeros(len(products))
    for chosen in _SETS:
        part = squares[:, chosen][:, :, chosen]
        solved = np.linalg.solve(part, products[:, chosen, None])[:, :, 0]
        explained = np.einsum("gk,gk->g", solved, products[:, chosen])
        better = (solved >= 0).all(axis=1) & (explained > gain)
        gain = np.where(better, explained, gain)
        whole = np.zeros_like(products)
        whole[:, chosen] = solved
        best = np.where(better[:, None], whole, best)
    return best, gain


def _parts(values: ComplexArray) -> Array:
    return np.concatenate([values.real, values.imag])


def _report(problem: _Problem, logarithms: Array, largest: float) -> CircuitFit:
    """The fit in SI units, with intervals from the curvature in the logarithms."""
    residuals = problem.residuals(logarithms)
    jacobian = problem.jacobian(logarithms)
    free = len(residuals) - len(logarithms)
    variance = float(residuals @ residuals) / max(free, 1)
    # From (R1, R2, omega0, n, sigma_W) to (R1, R2, Q, n, sigma_W), in logarithms.
    _, second, apex, exponent, _ = np.exp(logarithms)
    change = np.eye(5)
    change[2] = [0.0, -1.0, -exponent, -exponent * logarithms[2], 0.0]
    shown = logarithms.copy()
    shown[2] = -np.log(second) - exponent * np.log(apex)
    deviations = _deviations(jacobian, change) * np.sqrt(variance)
    scale = np.array([largest, largest, 1 / largest, 1.0, largest])
    estimates = [
        _estimate(float(value), float(deviation), float(unit), free)
        for value, deviation, unit in zip(shown, deviations, scale, strict=True)
    ]
    resistance, arc, capacitance, power, warburg = estimates
    return CircuitFit(
        resistance,
        arc,
        capacitance,
        power,
        warburg,
        misfit=float(np.sqrt(2 * np.mean(residuals**2))),
        systematic=_is_systematic(residuals),
    )


def _deviations(jacobian: Array, change: Array) -> Array:
    """Standard deviations at unit variance; infinite where the data do not say."""
    scale = np.linalg.norm(jacobian, axis=0)
    _, singular, rows = np.linalg.svd(jacobian / scale, full_matrices=False)
    spread = (change / scale) @ (rows / singular[:, None]).T
    return np.asarray(np.sqrt(np.sum(spread**2, axis=1)))


def _estimate(logarithm: float, deviation: float, unit: float, free: int) -> Estimate:
    ends = []
    for share in (0.68, 0.95):
        reach = float(student.ppf(0.5 + share / 2, max(free, 1))) * deviation
        known = reach < np.log(1e6)
        low, high = logarithm - reach, logarithm + reach
        ends.append((unit * float(np.exp(low)), unit * float(np.exp(high))) if known else None)
    return Estimate(unit * float(np.exp(logarithm)), *ends)


def _is_systematic(residuals: Array) -> bool:
    """Are residuals at neighbouring frequencies alike?"""
    if np.sqrt(2 * np.mean(residuals**2)) < _MISSED:
        return False
    parts = residuals.reshape(2, -1)
    together = np.sum(parts[:, 1:] * parts[:, :-1])
    return bool(together > _SYSTEMATIC * np.sum(parts**2))
