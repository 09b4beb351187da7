"""The potential along a straight side as piecewise polynomials, the same on every rank.

What a solution reports follows from its trace on the bottom (and the mean on the top), whichever
solver made it. A trace is a handful of small arrays; nothing here needs a mesh. It can hold many
functions on the same pieces, such as the solutions for a series of currents: then whatever is
computed from it has the same leading axes as its values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
from numpy.polynomial import legendre

from fem_island.machine.arrays import Array
from fem_island.results.tops import Tops, largest_values, legendre_basis
from fem_island.surface.measure import Measure

_FLAT = 1e-4
"""A top that is above the nodes by less than this share of the variation is not told from them: a
solution within its tolerance says no more of the place of a flat top."""


@dataclass(frozen=True)
class Trace:
    """Continuous functions on a side: one polynomial of equal degree p on each of n pieces.

    Attributes:
        ends: Left and right end of every piece [m], shape (n, 2), from left to right.
        values: Values at the nodes of every piece, shape (..., n, p + 1).
        nodes: Positions of the nodes in a piece, from 0 to 1, shape (p + 1,).
    """

    ends: Array
    values: Array
    nodes: Array

    @cached_property
    def coefficients(self) -> Array:
        """Legendre coefficients of every piece on [-1, 1], shape (..., n, p + 1)."""
        return _times(self.values, _to_legendre(self.nodes.tobytes()))

    @property
    def lengths(self) -> Array:
        """Length of every piece [m], shape (n,)."""
        result: Array = self.ends[:, 1] - self.ends[:, 0]
        return result

    @cached_property
    def _middles(self) -> Array:
        result: Array = 0.5 * (self.ends[:, 0] + self.ends[:, 1])
        return result

    def restricted(self, start: float, end: float) -> Trace:
        """The pieces whose middle is between ``start`` and ``end`` [m]."""
        first, last = np.searchsorted(self._middles, (start, end)).tolist()
        return Trace(self.ends[first:last], self.values[..., first:last, :], self.nodes)

    def at(self, position: float) -> Array:
        """Value at a position [m], shape (...); beyond the ends, the nearest piece goes on."""
        piece = min(int(np.searchsorted(self.ends[:, 1], position)), len(self.ends) - 1)
        left, right = self.ends[piece].tolist()
        place = 2 * (position - left) / (right - left) - 1
        return np.asarray(self.coefficients[..., piece, :] @ _row(place, len(self.nodes) - 1))

    def at_each(self, positions: Array, rows: npt.NDArray[np.intp]) -> Array:
        """Values of single functions at a position each, for values of shape (k, n, p + 1).

        Args:
            positions: [m], shape (m,).
            rows: Numbers of the functions, shape (m,).
        """
        pieces = np.searchsorted(self.ends[:, 1], positions).clip(max=len(self.ends) - 1)
        left, right = self.ends[pieces].T
        basis = legendre_basis(2 * (positions - left) / (right - left) - 1, len(self.nodes) - 1)
        return np.asarray((self.coefficients[rows, pieces] * basis.T).sum(axis=1))

    def sampled(self, fractions: Array) -> tuple[Array, Array]:
        """Positions [m], shape (n, m), and values at equal fractions of all pieces, (..., n, m)."""
        positions = self.ends[:, :1] + self.lengths[:, None] * fractions
        matrix = _sampling(fractions.tobytes(), len(self.nodes) - 1)
        return positions, _times(self.coefficients, matrix)

    def mean(self, measure: Measure) -> Array:
        """Mean over all pieces, shape (...).

        Args:
            measure: What places count for; where its weight is constant or linear along the side,
                the mean is exact for the polynomials.
        """
        places, weights = legendre.leggauss(len(self.nodes) // 2 + 1)
        positions, values = self.sampled(0.5 * (places + 1))
        weighted = measure.weight(positions) * (self.lengths[:, None] * weights)
        return np.asarray((values * weighted).sum(axis=(-2, -1)) / weighted.sum())

    def extremes(self) -> tuple[Array, Array]:
        """Smallest and largest value of the polynomials, also between the nodes; shapes (...)."""
        return -self._lowest.values, self._highest.values

    def largest(self) -> Array:
        """The larger of the extremes, shape (...)."""
        return self._highest.values

    def last_coefficient_at_largest(self) -> Array:
        """Size of the last Legendre coefficient of the piece with the largest value, shape (...).

        How far it has fallen says how well the degree resolves the function there.
        """
        return self._last_coefficient(self._highest)

    def last_coefficients_at_extremes(self) -> tuple[Array, Array]:
        """The same of the pieces with the smallest and with the largest value; shapes (...).

        0 where that is at an end of its piece, as at an edge, where pieces are small.
        """
        low, high = (
            np.where(np.abs(tops.places) < 1, self._last_coefficient(tops), 0.0)
            for tops in (self._lowest, self._highest)
        )
        return low, high

    def _last_coefficient(self, tops: Tops) -> Array:
        last = np.take_along_axis(self.coefficients[..., -1], tops.pieces[..., None], axis=-1)
        return np.asarray(np.abs(last[..., 0]))

    def peak(self) -> tuple[Array, Array]:
        """The larger of the extremes, and where it is [m]; shapes (...).

        Where the top is flat a node is as good a place: at an insulated wall, rounding would else
        put it a little beside the wall.
        """
        tops = self._highest
        ends = self.ends[tops.pieces]
        places = ends[..., 0] + (ends[..., 1] - ends[..., 0]) * (tops.places + 1) / 2
        at_nodes = self.values.reshape(*tops.values.shape, -1)
        highest = at_nodes.max(axis=-1)
        nodes = (self.ends[:, :1] + self.lengths[:, None] * self.nodes).ravel()
        flat = tops.values - highest <= _FLAT * (highest - at_nodes.min(axis=-1))
        return tops.values, np.where(flat, nodes[at_nodes.argmax(axis=-1)], places)

    @cached_property
    def _highest(self) -> Tops:
        """The largest values; they are asked for several times."""
        return self._tops(self.coefficients, self.values)

    @cached_property
    def _lowest(self) -> Tops:
        """The largest values of what is opposite."""
        return self._tops(-self.coefficients, -self.values)

    def _tops(self, coefficients: Array, values: Array) -> Tops:
        shape, (pieces, count) = coefficients.shape[:-2], coefficients.shape[-2:]
        found = largest_values(
            coefficients.reshape(-1, pieces, count),
            values.reshape(-1, pieces, count),
            2 * self.nodes - 1,
        )
        return Tops(
            found.values.reshape(shape), found.pieces.reshape(shape), found.places.reshape(shape)
        )


def _times(values: Array, matrix: Array) -> Array:
    """Rows times a matrix, in one product: many small ones take several times as long."""
    flat = values.reshape(-1, values.shape[-1]) @ matrix
    return flat.reshape(*values.shape[:-1], matrix.shape[1])


@lru_cache(maxsize=64)
def _to_legendre(nodes: bytes) -> Array:
    """Matrix from values at nodes to Legendre coefficients, applied from the right."""
    places = 2 * np.frombuffer(nodes) - 1
    return np.asarray(np.linalg.inv(legendre_basis(places, len(places) - 1)), dtype=np.float64)


@lru_cache(maxsize=256)
def _row(place: float, degree: int) -> Array:
    """Legendre polynomials at one place; most often an end."""
    return legendre_basis(np.array([place]), degree)[:, 0]


@lru_cache(maxsize=64)
def _sampling(fractions: bytes, degree: int) -> Array:
    """Matrix from Legendre coefficients to values at fractions, applied from the right."""
    return legendre_basis(2 * np.frombuffer(fractions) - 1, degree)
