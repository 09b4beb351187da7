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

Array = npt.NDArray[np.float64]

_CLOSE_CONTENDERS = 3
_SEARCH_STEPS = 12


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
        result: Array = self.values @ _to_legendre(self.nodes.tobytes())
        return result

    @property
    def lengths(self) -> Array:
        """Length of every piece [m], shape (n,)."""
        result: Array = self.ends[:, 1] - self.ends[:, 0]
        return result

    def restricted(self, start: float, end: float) -> Trace:
        """The pieces whose middle is between ``start`` and ``end`` [m]."""
        first, last = np.searchsorted(self.ends.mean(axis=1), (start, end))
        return Trace(self.ends[first:last], self.values[..., first:last, :], self.nodes)

    def at(self, position: float) -> Array:
        """Value at a position [m], shape (...); beyond the ends, the nearest piece goes on."""
        piece = int(np.clip(np.searchsorted(self.ends[:, 1], position), 0, len(self.ends) - 1))
        left, right = self.ends[piece]
        place = 2 * (position - left) / (right - left) - 1
        coefficients = self.coefficients[..., piece, :]
        return np.asarray(coefficients @ legendre.legvander(place, len(self.nodes) - 1)[0])

    def sampled(self, fractions: Array) -> tuple[Array, Array]:
        """Positions [m], shape (n, m), and values at equal fractions of all pieces, (..., n, m)."""
        positions = self.ends[:, :1] + self.lengths[:, None] * fractions
        matrix = _sampling(fractions.tobytes(), len(self.nodes) - 1)
        return positions, self.coefficients @ matrix

    def mean(self) -> Array:
        """Mean over all pieces, exact for the polynomials, shape (...)."""
        lengths = self.lengths
        return np.asarray(self.coefficients[..., 0] @ lengths / lengths.sum())

    def extremes(self) -> tuple[Array, Array]:
        """Smallest and largest value of the polynomials, also between the nodes; shapes (...)."""
        degree = len(self.nodes) - 1
        fractions = np.linspace(0.0, 1.0, 4 * (degree + 1) + 1)
        _, values = self.sampled(fractions)
        low, high = -_largest(-self.coefficients, -values), _largest(self.coefficients, values)
        return low, high


def _largest(coefficients: Array, samples: Array) -> Array:
    """Largest value of polynomials, of which evenly spaced samples are known.

    Args:
        coefficients: Legendre coefficients, shape (..., n, p + 1).
        samples: Values, shape (..., n, m).

    Returns:
        Largest over all n pieces, shape (...).
    """
    shape = samples.shape[:-2]
    pieces, count = samples.shape[-2:]
    degree = coefficients.shape[-1] - 1
    samples = samples.reshape(-1, pieces, count)
    coefficients = coefficients.reshape(-1, pieces, degree + 1)
    tops = samples.max(axis=2)
    largest: Array = tops.max(axis=1)
    if degree > 1:
        # The top between two samples may be on a piece whose samples are not the largest.
        kept = min(_CLOSE_CONTENDERS, pieces)
        contenders = np.argpartition(-tops, kept - 1, axis=1)[:, :kept]
        rows = np.arange(len(tops))[:, None]
        chosen, around = coefficients[rows, contenders], samples[rows, contenders]
        steps = np.diff(around, axis=2)
        slopes = chosen @ _end_slopes(degree)
        # Beyond an end goes on what the slope there says.
        up = np.concatenate([slopes[..., :1], steps], axis=2) >= 0
        down = np.concatenate([steps, slopes[..., 1:]], axis=2) <= 0
        drops = np.abs(np.diff(steps, axis=2, prepend=0.0, append=0.0))
        rows, contenders, top = np.nonzero(up & down & (around + drops >= largest[:, None, None]))
        if len(rows):
            places = np.linspace(-1.0, 1.0, count)
            low, high = places[np.maximum(top - 1, 0)], places[np.minimum(top + 1, count - 1)]
            np.maximum.at(largest, rows, _top_between(chosen[rows, contenders], low, high))
    return largest.reshape(shape)


def _top_between(coefficients: Array, low: Array, high: Array) -> Array:
    """Value at a zero of the slope between two places, found by safeguarded Newton.

    Args:
        coefficients: Legendre coefficients of k polynomials, shape (k, p + 1).
        low: Left place of each in [-1, 1], shape (k,).
        high: Right place of each, shape (k,).
    """
    degree = coefficients.shape[1] - 1
    first = legendre.legder(coefficients, axis=1)
    second = legendre.legder(first, axis=1)
    place = 0.5 * (low + high)
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(_SEARCH_STEPS):
            basis = legendre.legvander(place, degree)
            slope = np.einsum("ki,ki->k", first, basis[:, : first.shape[1]])
            curvature = np.einsum("ki,ki->k", second, basis[:, : second.shape[1]])
            low, high = np.where(slope >= 0, place, low), np.where(slope <= 0, place, high)
            step = place - slope / curvature
            inside = (step >= low) & (step <= high)
            after = np.where(inside, step, 0.5 * (low + high))
            # The value is quadratic in what is left of the distance.
            done = np.abs(after - place).max() < 1e-7
            place = after
            if done:
                break
    top: Array = np.einsum("ki,ki->k", coefficients, legendre.legvander(place, degree))
    return top


@lru_cache(maxsize=64)
def _to_legendre(nodes: bytes) -> Array:
    """Matrix from values at nodes to Legendre coefficients, applied from the right."""
    places = 2 * np.frombuffer(nodes) - 1
    matrix: Array = np.asarray(np.linalg.inv(legendre.legvander(places, len(places) - 1)))
    return matrix.T


@lru_cache(maxsize=64)
def _sampling(fractions: bytes, degree: int) -> Array:
    """Matrix from Legendre coefficients to values at fractions, applied from the right."""
    return legendre.legvander(2 * np.frombuffer(fractions) - 1, degree).T


@lru_cache(maxsize=16)
def _end_slopes(degree: int) -> Array:
    """Matrix from Legendre coefficients to the slopes at both ends, applied from the right."""
    slopes = legendre.legder(np.eye(degree + 1))
    return legendre.legval(np.array([-1.0, 1.0]), slopes)
