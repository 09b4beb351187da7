"""The potential on a mesh of triangles, in NumPy: evaluated where DOLFINx is long gone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import factorial, isqrt

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from fem_island.machine.arrays import Array
from fem_island.results.field import SLACK, LagrangeCells, as_points, triangle_places

_AT_ONCE = 2**20
"""Pairs of a point and a triangle that are looked at together."""

_FIRST_LOOK = 12
"""Nearest triangles in which a point is looked for first."""

_INSIDE = -1e-10
"""Smallest barycentric coordinate of a point that surely is in a triangle."""

_SIDES = np.array([[-1.0, -1.0], [1.0, 0.0], [0.0, 1.0]])
"""Gradients of the barycentric coordinates of the reference triangle."""


@dataclass(frozen=True)
class TriangleField:
    """A potential with polynomials on straight triangles that cover a rectangle.

    Attributes:
        corners: Of every triangle [m], shape (cells, 3, 2).
        nodes: Where the values are in the triangle (0, 0), (1, 0), (0, 1), shape (n, 2).
        values: Phi at the nodes of every triangle [V], shape (cells, n).

    Example:
        >>> square = np.array([[[0, 0], [1, 0], [0, 1]], [[1, 1], [0, 1], [1, 0]]], dtype=float)
        >>> nodes = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> field = TriangleField(square, nodes, square[:, :, 0] + 2 * square[:, :, 1])
        >>> field.potential([(0.25, 0.5), (2.0, 0.5)])
        array([1.25,  nan])
        >>> field.gradient([(0.75, 0.5)])
        array([[1., 2.]])
    """

    corners: Array
    nodes: Array
    values: Array

    @property
    def degree(self) -> int:
        """Polynomial degree."""
        return _degree(self.nodes)

    def potential(self, points: npt.ArrayLike) -> Array:
        """Phi [V] at points (x, y) [m] of shape (n, 2), shape (n,); NaN outside the cell."""
        places = as_points(points)
        inside, cells, local = self._located(places)
        results = np.full(len(places), np.nan)
        values = _values(self.nodes, local)
        results[inside] = np.einsum("nm,nm->n", values, self.values[cells])
        return results

    def gradient(self, points: npt.ArrayLike) -> Array:
        """Its gradient [V/m], shape (n, 2); between triangles that of one of them."""
        places = as_points(points)
        inside, cells, local = self._located(places)
        results = np.full(places.shape, np.nan)
        slopes = np.einsum("nmd,nm->nd", _slopes(self.nodes, local), self.values[cells])
        results[inside] = np.einsum("nd,ndx->nx", slopes, self._inverse_maps(cells))
        return results

    def cells(self) -> LagrangeCells:
        """All triangles with the values on them."""
        places = triangle_places(self.degree)
        first = self.corners[:, :1]
        every = np.arange(len(self.corners))
        slopes = np.einsum("nmd,cm->cnd", _slopes(self.nodes, places), self.values)
        return LagrangeCells(
            kind="triangle",
            degree=self.degree,
            points=first + places @ (self.corners[:, 1:] - first),
            potential=self.values @ _values(self.nodes, places).T,
            gradient=slopes @ self._inverse_maps(every),
        )

    def _inverse_maps(self, cells: npt.NDArray[np.intp]) -> Array:
        """Gradients [1/m] of the local coordinates of triangles, shape (n, 2, 2)."""
        corners = self.corners[cells]
        maps = np.swapaxes(corners[:, 1:] - corners[:, :1], 1, 2)
        return np.asarray(np.linalg.inv(maps), dtype=np.float64)

    def _located(self, points: Array) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Array]:
        """Which points are inside, in which triangles, and where in these, shape (n, 2)."""
        ends = self.corners.max(axis=(0, 1))
        inside = np.flatnonzero(((points >= -SLACK) & (points <= ends + SLACK)).all(axis=1))
        places = np.clip(points[inside], 0.0, ends)
        cells = np.zeros(len(inside), dtype=np.intp)
        depth = np.full(len(inside), -np.inf)
        tree = KDTree(self.corners.mean(axis=1))
        looked, count = np.arange(len(inside)), min(_FIRST_LOOK, len(self.corners))
        while len(looked):
            for part in np.array_split(looked, -(-len(looked) * count // _AT_ONCE)):
                near = tree.query(places[part], k=count)[1].reshape(len(part), count)
                local = self._local(places[part, None], near)
                least = np.minimum(local.min(axis=-1), 1 - local.sum(axis=-1))
                best = least.argmax(axis=1)
                rows = np.arange(len(part))
                cells[part], depth[part] = near[rows, best], least[rows, best]
            if count == len(self.corners):
                break  # A point on a side is outside of both triangles by rounding.
            looked = looked[depth[looked] < _INSIDE]
            count = min(8 * count, len(self.corners))
        return inside, cells, self._local(places, cells)

    def _local(self, places: Array, cells: npt.NDArray[np.intp]) -> Array:
        """Local coordinates of places in triangles, shape (..., 2)."""
        corners = self.corners[cells]
        offset = places - corners[..., 0, :]
        one, other = (corners[..., number, :] - corners[..., 0, :] for number in (1, 2))
        area = _cross(one, other)
        return np.stack([_cross(offset, other) / area, _cross(one, offset) / area], axis=-1)


def _cross(one: Array, other: Array) -> Array:
    result: Array = one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]
    return result


def _degree(nodes: Array) -> int:
    """Degree p of a polynomial with (p + 1)(p + 2) / 2 nodes."""
    return (isqrt(8 * len(nodes) + 1) - 3) // 2


def _values(nodes: Array, places: Array) -> Array:
    """Basis functions of the nodes at local places, shape (places, n)."""
    result: Array = _bernstein(_degree(nodes), places) @ _inverse(nodes.tobytes())
    return result


def _slopes(nodes: Array, places: Array) -> Array:
    """Their derivatives by the local coordinates, shape (places, n, 2)."""
    degree = _degree(nodes)
    lower = degree * _bernstein(degree - 1, places)
    exponents = _exponents(degree)
    slopes = np.zeros((len(places), len(exponents), 2))
    numbers = {tuple(e): number for number, e in enumerate(_exponents(degree - 1).tolist())}
    for number, exponent in enumerate(exponents.tolist()):
        for side in range(3):
            below = [e - (place == side) for place, e in enumerate(exponent)]
            if below[side] >= 0:
                column = lower[:, numbers[tuple(below)]]
                slopes[:, number] += column[:, None] * _SIDES[side]
    result: Array = np.einsum("pmd,mn->pnd", slopes, _inverse(nodes.tobytes()))
    return result


@lru_cache(maxsize=16)
def _inverse(nodes: bytes) -> Array:
    """Bernstein coefficients of the basis functions of nodes, one function per column."""
    places = np.frombuffer(nodes).reshape(-1, 2)
    return np.asarray(np.linalg.inv(_bernstein(_degree(places), places)), dtype=np.float64)


@lru_cache(maxsize=16)
def _exponents(degree: int) -> npt.NDArray[np.intp]:
    """Exponents of the three barycentric coordinates, one polynomial per row."""
    rows = [
        (degree - one - other, one, other)
        for one in range(degree + 1)
        for other in range(degree + 1 - one)
    ]
    return np.array(rows, dtype=np.intp)


def _bernstein(degree: int, places: Array) -> Array:
    """Bernstein polynomials at local places, shape (places, polynomials)."""
    coordinates = np.stack([1 - places.sum(axis=1), places[:, 0], places[:, 1]], axis=1)
    powers = coordinates[:, :, None] ** np.arange(degree + 1)
    exponents = _exponents(degree)
    weights = [factorial(degree) / np.prod([factorial(e) for e in row]) for row in exponents]
    values: Array = powers[:, 0, exponents[:, 0]] * powers[:, 1, exponents[:, 1]]
    values *= powers[:, 2, exponents[:, 2]] * np.array(weights)
    return values
