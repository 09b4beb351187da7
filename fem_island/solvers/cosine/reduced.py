"""A response of pixels in as few unknowns as it needs; see ``solvers.reduced_basis``.

With the columns of V real functions that the amplitudes at some frequencies span, j = V c turns the
stationary value of ``small_signal`` into that of a small matrix:

    Z = 1 / (b . inv(A) b) + H / sigma ,   A = mean of V^T V / y + (mean of V^T G V) / sigma ,
                                           b = mean of V

Only 1 / y and sigma depend on the frequency. Where all pixels of a part have one slope s, one
matrix does for it. Elsewhere 1 / y is a smooth function of ln s, and a polynomial in it over
stretches that are not long: so many matrices do, once for all frequencies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.polynomial import chebyshev

from fem_island.machine.arrays import Array
from fem_island.solvers.cosine.small_signal import MapSmallSignal
from fem_island.solvers.reduced_basis import spanned
from fem_island.solvers.response import STEP, LocalCurrent
from fem_island.surface.admittance import Admittance, ComplexArray

_STRETCH = 2.0
"""Longest stretch of ln s."""

_TERMS = 20
"""Of the polynomial over it: poles lie half a turn away, at -y, so that the error is 1e-11."""

_SAME = 1e-12
"""Slopes as close as this, relative, are one."""

_DEPENDENT = 1e-13
"""Share of the largest part of a basis, squared, that is none: that of single precision."""

_SAFETY = 4.0
"""Of phases, beside the smallest resistance of the electrolyte in place of its own."""

_LOOKED_AT = 2**15
"""Pixels at which residuals are looked at."""

_AT_ONCE = 2**18
"""Pixels of which products are formed at a time."""


@dataclass(frozen=True)
class _Stretch:
    """Pixels with one admittance whose slopes are near one another.

    Attributes:
        places: Among the pixels of all parts, shape (n,).
        admittance: What they carry.
        nodes: Slopes s that stand for all [S/m^2], shape (m,).
        matrices: Mean of V^T V times what every node counts for a pixel, shape (m, k, k).
    """

    places: npt.NDArray[np.intp]
    admittance: Admittance
    nodes: Array
    matrices: Array

    def resistances(self, angular_frequency: Array) -> ComplexArray:
        """1/y of the nodes [Ohm m^2], shape (f, m)."""
        found = self.admittance.admittance(self.nodes, angular_frequency[:, None])
        return np.asarray(1 / found)


@dataclass(frozen=True)
class MapReduced:
    """The response of pixels in fewer unknowns.

    Attributes:
        whole: The response that it is of.
        basis: V, in single precision, shape (n, k).
        answers: G V, in single precision, shape (n, k).
        ohmic: Mean of V^T G V, shape (k, k).
        means: b, shape (k,).
        stretches: What carries current.
    """

    whole: MapSmallSignal
    basis: npt.NDArray[np.float32]
    answers: npt.NDArray[np.float32]
    ohmic: Array
    means: Array
    stretches: tuple[_Stretch, ...]

    @classmethod
    def of(cls, whole: MapSmallSignal, solutions: ComplexArray) -> MapReduced:
        """What solutions span, real and imaginary parts.

        Args:
            whole: The response.
            solutions: Current densities at some frequencies, shape (f, n).
        """
        parts = np.concatenate([solutions.real, solutions.imag])
        sizes = np.linalg.norm(parts, axis=1, keepdims=True)
        parts = parts[sizes[:, 0] > 0] / sizes[sizes > 0, None]
        weights, vectors = np.linalg.eigh(parts @ parts.T)
        kept = weights > _DEPENDENT * weights[-1]
        basis = (parts.T @ (vectors[:, kept] / np.sqrt(weights[kept]))).astype(np.float32)
        answers = np.empty_like(basis)
        size = whole.grid.size
        ohmic = np.empty((basis.shape[1],) * 2)
        for number, column in enumerate(basis.T):
            answer = whole.electrolyte(column.astype(np.float64))
            answers[:, number] = answer
            ohmic[number] = answer @ basis / size
        means = basis.sum(axis=0, dtype=np.float64) / size
        stretches = tuple(_stretches(whole, basis))
        return cls(whole, basis, answers, 0.5 * (ohmic + ohmic.T), means, stretches)

    @property
    def conductivity(self) -> float:
        """Kappa of the electrolyte [S/m]."""
        return self.whole.conductivity

    def bulk(self, angular_frequency: Array) -> ComplexArray:
        """Sigma of the electrolyte [S/m], shape (f,)."""
        return self.whole.bulk(angular_frequency)

    def impedance(self, angular_frequency: Array) -> ComplexArray:
        """Z [Ohm m^2] at angular frequencies [rad/s], shape (f,); at 0 that of the whole."""
        direct = angular_frequency == 0
        found = np.empty(len(angular_frequency), dtype=np.complex128)
        found[direct] = self.whole.impedance(angular_frequency[direct])
        found[~direct] = self._solved(angular_frequency[~direct])[1]
        return found

    def impedance_and_slope(self, angular_frequency: Array) -> tuple[ComplexArray, ComplexArray]:
        """Z and dZ / d ln omega [Ohm m^2] at angular frequencies above 0."""
        amplitudes, value = self._solved(angular_frequency)
        ratio, sigma = np.exp(STEP), self.bulk(angular_frequency)
        after, before = angular_frequency * ratio, angular_frequency / ratio
        matrices = self._surface(after) - self._surface(before)
        slope = np.einsum("fk,fkl,fl->f", amplitudes, matrices, amplitudes) / (2 * STEP)
        ohmic = np.einsum("fk,kl,fl->f", amplitudes, self.ohmic, amplitudes)
        slope -= (ohmic + self.whole.grid.height) * 1j * sigma.imag / sigma**2
        return value, slope

    def densities(self, angular_frequency: Array) -> ComplexArray:
        """Current densities over that at the top, shape (f, n), at frequencies above 0."""
        amplitudes, _ = self._solved(angular_frequency)
        return np.asarray(amplitudes @ self.basis.T)

    def local_current(self, angular_frequency: Array) -> LocalCurrent:
        """Where the current flows: of the pixels of the whole's grid."""
        return self.whole.local_current(angular_frequency)

    def missed(self, angular_frequency: Array) -> Array:
        """What Z misses of that of all unknowns at most, relative, shape (f,).

        It is the energy of the residual, with the smallest resistance of the electrolyte, which is
        that of a pixel for itself alone, in place of the whole matrix. Where there are many pixels
        only some of them are looked at.
        """
        amplitudes, value = self._solved(angular_frequency)
        sigma, size = self.bulk(angular_frequency), self.whole.grid.size
        least = float(self.whole.grid.means[-1, -1])
        found = np.empty(len(angular_frequency))
        every = max(1, len(self.basis) // _LOOKED_AT)
        basis, answers = self.basis[::every], self.answers[::every]
        for number, omega in enumerate(angular_frequency.tolist()):
            resistance = 1 / self.whole.admittances(omega)[::every]
            own = amplitudes[number].astype(np.complex64)
            residual = resistance * (basis @ own) + answers @ own / sigma[number]
            weights = 1 / np.abs(resistance + least / sigma[number])
            residual -= np.average(residual, weights=weights)
            found[number] = every * np.dot(np.abs(residual) ** 2, weights) / size
        return np.asarray(_SAFETY * found / np.abs(value))

    def _surface(self, angular_frequency: Array) -> ComplexArray:
        """Mean of V^T V / y, shape (f, k, k)."""
        count = len(self.means)
        found = np.zeros((len(angular_frequency), count, count), dtype=np.complex128)
        for stretch in self.stretches:
            found += np.tensordot(stretch.resistances(angular_frequency), stretch.matrices, 1)
        return found

    def _solved(self, angular_frequency: Array) -> tuple[ComplexArray, ComplexArray]:
        """The unknowns c, shape (f, k), and Z."""
        sigma = self.bulk(angular_frequency)
        matrices = self._surface(angular_frequency) + self.ohmic / sigma[:, None, None]
        answers = np.linalg.solve(matrices, self.means[:, None])[:, :, 0]
        conducted = answers @ self.means
        value = 1 / conducted + self.whole.grid.height / sigma
        return answers / conducted[:, None], value


def reduced(
    whole: MapSmallSignal, lowest: float, highest: float, *, tolerance: float
) -> MapReduced | MapSmallSignal:
    """The response between two angular frequencies in fewer unknowns, where that is possible.

    Args:
        whole: The response; comes back where it needs all unknowns.
        lowest: From where [rad/s].
        highest: To where.
        tolerance: Largest relative error of Z beside that of the whole.
    """
    found = spanned(
        lowest,
        highest,
        solutions=whole.densities,
        span=lambda solutions: MapReduced.of(whole, solutions),
        missed=MapReduced.missed,
        tolerance=tolerance,
    )
    return whole if found is None else found


def _stretches(whole: MapSmallSignal, basis: npt.NDArray[np.float32]) -> Iterator[_Stretch]:
    """The parts cut where their slopes differ too much."""
    start, size = 0, whole.grid.size
    for part in whole.parts:
        places = np.arange(start, start + len(part.pixels))
        start += len(part.pixels)
        reacts = part.slopes > 0
        if not reacts.all():
            at_rest = places[~reacts]
            yield _stretch(at_rest, part.admittance, np.zeros(len(at_rest)), basis, size)
        if not reacts.any():
            continue
        places, slopes = places[reacts], part.slopes[reacts]
        logarithms = np.log(slopes / slopes.min())
        number = (logarithms / _STRETCH).astype(int)
        for each in np.unique(number).tolist():
            here = number == each
            yield _stretch(places[here], part.admittance, slopes[here], basis, size)


def _stretch(
    places: npt.NDArray[np.intp],
    admittance: Admittance,
    slopes: Array,
    basis: npt.NDArray[np.float32],
    size: int,
) -> _Stretch:
    low, high = float(slopes.min()), float(slopes.max())
    nodes: Array = np.array([low])
    inverse: Array = np.ones((1, 1))
    if high - low > _SAME * high:
        points = chebyshev.chebpts1(_TERMS)
        inverse = np.asarray(np.linalg.inv(chebyshev.chebvander(points, _TERMS - 1)))
        nodes = low * (high / low) ** (0.5 * (points + 1))
    matrices = np.zeros((len(nodes), basis.shape[1], basis.shape[1]))
    for first in range(0, len(places), _AT_ONCE):
        part = places[first : first + _AT_ONCE]
        functions = basis[part].astype(np.float64)
        at = np.zeros(len(part))
        if len(nodes) > 1:
            at = 2 * np.log(slopes[first : first + _AT_ONCE] / low) / np.log(high / low) - 1
        # What every node counts for a pixel: the polynomial that is 1 there and 0 at the others.
        counts = chebyshev.chebvander(np.clip(at, -1, 1), len(nodes) - 1) @ inverse
        for number, count in enumerate(counts.T):
            matrices[number] += functions.T @ (count[:, None] * functions)
    return _Stretch(places, admittance, nodes, matrices / size)
