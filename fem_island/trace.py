"""The potential along a straight side as piecewise polynomials, the same on every rank.

What a solution reports follows from its trace on the bottom (and the mean on the top), whichever
solver made it. A trace is a handful of small arrays; nothing here needs a mesh.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from numpy.polynomial import legendre

Array = npt.NDArray[np.float64]

_CLOSE_CONTENDERS = 3


@dataclass(frozen=True)
class Trace:
    """A continuous function on a side: one polynomial of equal degree p on each of n pieces.

    Attributes:
        ends: Left and right end of every piece [m], shape (n, 2), from left to right.
        values: Values at the nodes of every piece, shape (n, p + 1).
        nodes: Positions of the nodes in a piece, from 0 to 1, shape (p + 1,).
    """

    ends: Array
    values: Array
    nodes: Array

    @cached_property
    def coefficients(self) -> Array:
        """Legendre coefficients of every piece on [-1, 1], shape (n, p + 1)."""
        degree = len(self.nodes) - 1
        inverse = np.linalg.inv(legendre.legvander(2 * self.nodes - 1, degree))
        result: Array = self.values @ inverse.T
        return result

    @property
    def lengths(self) -> Array:
        """Length of every piece [m], shape (n,)."""
        result: Array = self.ends[:, 1] - self.ends[:, 0]
        return result

    def restricted(self, start: float, end: float) -> Trace:
        """The pieces whose middle is between ``start`` and ``end`` [m]."""
        middle = self.ends.mean(axis=1)
        inside = (middle > start) & (middle < end)
        return Trace(self.ends[inside], self.values[inside], self.nodes)

    def at(self, position: float) -> float:
        """Value at a position [m]; beyond the ends, the nearest piece goes on."""
        piece = int(np.clip(np.searchsorted(self.ends[:, 1], position), 0, len(self.ends) - 1))
        left, right = self.ends[piece]
        return float(
            legendre.legval(2 * (position - left) / (right - left) - 1, self.coefficients[piece])
        )

    def sampled(self, fractions: Array) -> tuple[Array, Array]:
        """Positions [m] and values at the same fractions (0 to 1) of all pieces; shapes (n, m)."""
        positions = self.ends[:, :1] + self.lengths[:, None] * fractions
        matrix = legendre.legvander(2 * fractions - 1, self.coefficients.shape[1] - 1)
        return positions, self.coefficients @ matrix.T

    def mean(self) -> float:
        """Mean over all pieces, exact for the polynomials."""
        return float(np.average(self.coefficients[:, 0], weights=self.lengths))

    def extremes(self) -> tuple[float, float]:
        """Smallest and largest value of the polynomials, also between the nodes."""
        fractions = np.linspace(0.0, 1.0, 4 * len(self.nodes) + 1)
        _, values = self.sampled(fractions)
        low = [float(values.min())]
        high = [float(values.max())]
        for found, order in ((low, values.min(axis=1)), (high, -values.max(axis=1))):
            for piece in np.argsort(order)[:_CLOSE_CONTENDERS]:
                found.extend(_stationary_values(self.coefficients[piece]))
        return min(low), max(high)


def _stationary_values(coefficients: Array) -> list[float]:
    """Values of a Legendre series on [-1, 1] where its derivative is zero."""
    slope = legendre.legder(coefficients)
    largest = np.max(np.abs(slope), initial=0.0)
    slope = legendre.legtrim(slope, tol=1e-13 * largest) if largest > 0 else slope
    if len(slope) < 2:
        return []
    roots = legendre.legroots(slope)
    real = roots[np.abs(roots.imag) < 1e-9].real
    inside = real[np.abs(real) <= 1]
    return [float(value) for value in legendre.legval(inside, coefficients)]
