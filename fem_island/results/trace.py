"""The potential along a straight side as piecewise polynomials, the same on every rank.

What a solution reports follows from its trace on the bottom (and the mean on the top), whichever
solver made it. A trace is a handful of small arrays; nothing here needs a mesh. It can hold many
functions on the same pieces, such as the solutions for a series of currents: then whatever is
computed from it has the same leading axes as its values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.polynomial import legendre

from fem_island.machine.arrays import Array
from fem_island.surface.measure import Measure

_SEARCH_STEPS = 12

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
        low = self._tops(-self.coefficients, -self.values).values
        return -low, self._highest.values

    def largest(self) -> Array:
        """The larger of the extremes, shape (...)."""
        return self._highest.values

    def last_coefficient_at_largest(self) -> Array:
        """Size of the last Legendre coefficient of the piece with the largest value, shape (...).

        How far it has fallen says how well the degree resolves the function there.
        """
        pieces = self._highest.pieces
        last = np.take_along_axis(self.coefficients[..., -1], pieces[..., None], axis=-1)
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
    def _highest(self) -> _Tops:
        """The largest values; they are asked for several times."""
        return self._tops(self.coefficients, self.values)

    def _tops(self, coefficients: Array, values: Array) -> _Tops:
        shape, (pieces, count) = coefficients.shape[:-2], coefficients.shape[-2:]
        found = _largest(
            coefficients.reshape(-1, pieces, count),
            values.reshape(-1, pieces, count),
            2 * self.nodes - 1,
        )
        return _Tops(
            found.values.reshape(shape), found.pieces.reshape(shape), found.places.reshape(shape)
        )


class _Tops(NamedTuple):
    """The largest values of piecewise polynomials.

    Attributes:
        values: The largest.
        pieces: Number of the piece that it is on.
        places: Where it is there, from -1 to 1.
    """

    values: Array
    pieces: npt.NDArray[np.intp]
    places: Array


def _largest(coefficients: Array, values: Array, nodes: Array) -> _Tops:
    """Largest values of piecewise polynomials.

    Args:
        coefficients: Legendre coefficients on k times n pieces, shape (k, n, p + 1).
        values: Values at the nodes, among them both ends, of the same shape.
        nodes: Places of the nodes from -1 to 1, shape (p + 1,).

    Returns:
        Shapes (k,).
    """
    pieces, count = values.shape[1:]
    flat = values.reshape(-1, pieces * count)
    top = flat.argmax(axis=1)
    largest: Array = flat[np.arange(len(flat)), top]
    piece, places = top // count, nodes[top % count]
    if count > 2:
        search = _search(count - 1)
        # No Legendre polynomial is above 1 on a piece, and none is steeper than at its ends: what
        # cannot get above the largest node, or goes up or down all the way, need not be searched.
        sizes = np.abs(coefficients)
        within = coefficients[..., 0] + sizes[..., 1:].sum(axis=2) > largest[:, None]
        within &= sizes[..., 1] <= sizes[..., 2:] @ search.steepest
        rows, contenders = np.nonzero(within)
        if len(rows):
            chosen = coefficients[rows, contenders]
            owners, found, where = _inner_tops(chosen, largest[rows])
            # The largest of a row last, so that it is the one that stays.
            order = np.argsort(found, kind="stable")
            row, found, where = rows[owners][order], found[order], where[order]
            higher = found > largest[row]
            row = row[higher]
            largest[row], places[row] = found[higher], where[higher]
            piece[row] = contenders[owners][order][higher]
    return _Tops(largest, piece, places)


def _inner_tops(coefficients: Array, known: Array) -> tuple[npt.NDArray[np.intp], Array, Array]:
    """Tops of polynomials between their ends that may be above what is known.

    Args:
        coefficients: Legendre coefficients, shape (k, p + 1).
        known: For each a value that counts already, shape (k,).

    Returns:
        Numbers of the polynomials, the values and the places; one polynomial can have several.
    """
    search = _search(coefficients.shape[1] - 1)
    samples = coefficients @ search.sampling
    # Beyond an end goes on what the slope there says.
    steps = np.empty((len(samples), samples.shape[1] + 1))
    np.subtract(samples[:, 1:], samples[:, :-1], out=steps[:, 1:-1])
    steps[:, [0, -1]] = coefficients @ search.end_slopes
    before, after = steps[:, :-1], steps[:, 1:]
    tops = (before >= 0) & (after <= 0)
    # A top is above its sample by less than the samples beside it are below.
    tops &= samples + (np.abs(before) + np.abs(after)) >= known[:, None]
    owners, top = np.nonzero(tops)
    if not len(owners):
        return owners, np.empty(0), np.empty(0)
    rise, fall = before[owners, top], -after[owners, top]
    with np.errstate(invalid="ignore"):
        # Where a parabola through the three samples has its top.
        lean = np.nan_to_num((rise - fall) / (rise + fall))
    low, high = search.before[top], search.after[top]
    start = 0.5 * (low + high + lean * (high - low) / 2)
    return owners, *_top_between(coefficients[owners].T, low, high, start)


def _top_between(coefficients: Array, low: Array, high: Array, place: Array) -> tuple[Array, Array]:
    """Value and place of a zero of the slope between two places, found by safeguarded Newton.

    Args:
        coefficients: Legendre coefficients of k polynomials, shape (p + 1, k).
        low: Left place of each in [-1, 1], shape (k,).
        high: Right place of each, shape (k,).
        place: Where to begin, shape (k,).
    """
    search = _search(len(coefficients) - 1)
    powers = search.to_powers @ coefficients
    first = powers[1:] * search.orders[1:, None]
    second = first[1:] * search.orders[1:-1, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(_SEARCH_STEPS):
            basis = _powers(place, len(powers))
            slope, curvature = (first * basis[:-1]).sum(axis=0), (second * basis[:-2]).sum(axis=0)
            low, high = np.where(slope >= 0, place, low), np.where(slope <= 0, place, high)
            step = place - slope / curvature
            after = np.where((step >= low) & (step <= high), step, 0.5 * (low + high))
            # The value is quadratic in what is left of the distance.
            done = np.abs(after - place).max() < 1e-5
            place = after
            if done:
                break
    top: Array = (powers * _powers(place, len(powers))).sum(axis=0)
    return top, place


def _powers(places: Array, count: int) -> Array:
    """Powers of k places from 0 on, shape (count, k)."""
    powers = np.empty((count, len(places)))
    powers[0], powers[1:] = 1.0, places
    return np.multiply.accumulate(powers, axis=0, out=powers)


def _times(values: Array, matrix: Array) -> Array:
    """Rows times a matrix, in one product: many small ones take several times as long."""
    flat = values.reshape(-1, values.shape[-1]) @ matrix
    return flat.reshape(*values.shape[:-1], matrix.shape[1])


def legendre_basis(places: Array, degree: int) -> Array:
    """Legendre polynomials up to a degree at k places, shape (degree + 1, k)."""
    return np.ascontiguousarray(legendre.legvander(places, degree).T)


@dataclass(frozen=True)
class _Search:
    """What looking for extremes needs of a degree.

    Attributes:
        sampling: Matrix from coefficients to values at evenly spaced places, from the right.
        end_slopes: Matrix from coefficients to the slopes at both ends, from the right.
        to_powers: Matrix from coefficients to those of powers of the place, from the left.
        orders: 0 to p.
        steepest: Largest slopes of the polynomials from the second degree on.
        before: For every sample the place of the one before it, or its own.
        after: For every sample the place of the one after it, or its own.
    """

    sampling: Array
    end_slopes: Array
    to_powers: Array
    orders: Array
    steepest: Array
    before: Array
    after: Array


@lru_cache(maxsize=16)
def _search(degree: int) -> _Search:
    places = np.linspace(-1.0, 1.0, 4 * (degree + 1) + 1)
    slopes = legendre.legder(np.eye(degree + 1))
    derivative = np.zeros((degree + 1, degree + 1))
    derivative[: len(slopes)] = slopes
    to_powers = np.zeros((degree + 1, degree + 1))
    for order, unit in enumerate(np.eye(degree + 1)):
        powers = legendre.leg2poly(unit)
        to_powers[: len(powers), order] = powers
    return _Search(
        sampling=legendre_basis(places, degree),
        end_slopes=derivative.T @ legendre_basis(np.array([-1.0, 1.0]), degree),
        to_powers=to_powers,
        orders=np.arange(degree + 1.0),
        steepest=np.array([order * (order + 1) / 2 for order in range(2, degree + 1)]),
        before=np.concatenate([places[:1], places[:-1]]),
        after=np.concatenate([places[1:], places[-1:]]),
    )


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
