"""The largest values of piecewise polynomials, which may be between their nodes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.polynomial import legendre

from fem_island.machine.arrays import Array

_SEARCH_STEPS = 12
"""Of a search that is quadratic where it is Newton's, and halves elsewhere."""


def legendre_basis(places: Array, degree: int) -> Array:
    """Legendre polynomials up to a degree at k places, shape (degree + 1, k)."""
    return np.ascontiguousarray(legendre.legvander(places, degree).T)


class Tops(NamedTuple):
    """The largest values of piecewise polynomials.

    Attributes:
        values: The largest.
        pieces: Number of the piece that it is on.
        places: Where it is there, from -1 to 1.
    """

    values: Array
    pieces: npt.NDArray[np.intp]
    places: Array


def largest_values(coefficients: Array, values: Array, nodes: Array) -> Tops:
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
    return Tops(largest, piece, places)


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
