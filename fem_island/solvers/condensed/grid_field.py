"""The potential on a grid of rectangles, in NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.results.field import SLACK, LagrangeCells, as_points, square_places
from fem_island.solvers.condensed.grid import GridLine, basis, basis_slopes

_AT_ONCE = 4096
"""Points that are evaluated together; for each the nodes of its cell are gathered."""


@dataclass(frozen=True)
class GridField:
    """A potential with tensor-product polynomials on rectangles between lines.

    Attributes:
        x: Lines along the whole bottom.
        y: Lines along the height.
        values: Phi at the nodes of the grid [V], shape (y, x).

    Example:
        >>> line = GridLine(np.array([0.0, 1.0, 3.0]), 2)
        >>> field = GridField(line, line, line.nodes[:, None] * line.nodes)
        >>> field.potential([(0.5, 2.0), (4.0, 1.0)]).round(12)
        array([ 1., nan])
        >>> field.gradient([(0.5, 2.0)]).round(12)
        array([[2. , 0.5]])
    """

    x: GridLine
    y: GridLine
    values: Array

    @property
    def degree(self) -> int:
        """Polynomial degree along x and along y."""
        return self.x.degree

    def potential(self, points: npt.ArrayLike) -> Array:
        """Phi [V] at points (x, y) [m] of shape (n, 2), shape (n,); NaN outside the cell."""
        return self._evaluated(as_points(points), (0, 0))

    def gradient(self, points: npt.ArrayLike) -> Array:
        """Its gradient [V/m], shape (n, 2); between cells that of the one further right or up."""
        places = as_points(points)
        return np.stack([self._evaluated(places, order) for order in ((1, 0), (0, 1))], axis=1)

    def cells(self) -> LagrangeCells:
        """All rectangles, row by row from the bottom, with the values on them."""
        x, y, degree = self.x, self.y, self.degree
        places = square_places(degree)
        along = basis(degree, places[:, 0]), basis_slopes(degree, places[:, 0])
        up = basis(degree, places[:, 1]), basis_slopes(degree, places[:, 1])
        nodes = self.values[y.element_nodes[:, None, :, None], x.element_nodes[None, :, None, :]]

        def sampled(in_x: Array, in_y: Array) -> Array:
            found: Array = np.einsum("kj,ki,rcji->rck", in_y, in_x, nodes, optimize=True)
            return found

        slopes = (
            sampled(along[1], up[0]) / x.lengths[None, :, None],
            sampled(along[0], up[1]) / y.lengths[:, None, None],
        )
        at_x = x.breaks[:-1, None] + x.lengths[:, None] * places[:, 0]
        at_y = y.breaks[:-1, None] + y.lengths[:, None] * places[:, 1]
        points = np.stack(np.broadcast_arrays(at_x[None], at_y[:, None]), axis=-1)
        count = len(places)
        return LagrangeCells(
            kind="quadrilateral",
            degree=degree,
            points=points.reshape(-1, count, 2),
            potential=sampled(along[0], up[0]).reshape(-1, count),
            gradient=np.stack(slopes, axis=-1).reshape(-1, count, 2),
        )

    def _evaluated(self, points: Array, orders: tuple[int, int]) -> Array:
        """Phi or a derivative of given orders along x and y at points."""
        results = np.full(len(points), np.nan)
        ends = np.array([self.x.breaks[-1], self.y.breaks[-1]])
        inside = np.flatnonzero(((points >= -SLACK) & (points <= ends + SLACK)).all(axis=1))
        for first in range(0, len(inside), _AT_ONCE):
            part = inside[first : first + _AT_ONCE]
            places = np.clip(points[part], 0.0, ends)
            columns, along = _on_axis(self.x, places[:, 0], orders[0])
            rows, up = _on_axis(self.y, places[:, 1], orders[1])
            nodes = self.values[rows[:, :, None], columns[:, None, :]]
            results[part] = np.einsum("nj,nji,ni->n", up, nodes, along)
        return results


def _on_axis(axis: GridLine, positions: Array, order: int) -> tuple[npt.NDArray[np.intp], Array]:
    """Nodes of the element of every position, and their basis functions or slopes there."""
    element = np.searchsorted(axis.breaks, positions, side="right") - 1
    element = np.clip(element, 0, len(axis.lengths) - 1)
    local = (positions - axis.breaks[element]) / axis.lengths[element]
    if order == 0:
        values = basis(axis.degree, local)
    else:
        values = basis_slopes(axis.degree, local) / axis.lengths[element][:, None]
    return axis.element_nodes[element], values


def unfolded(x: GridLine, y: GridLine, values: Array) -> GridField:
    """The field of a cell whose right half is the mirror image of the left one.

    Args:
        x: Lines along the left half of the bottom.
        y: Lines along the height.
        values: Phi at the nodes [V], shape (y, x).
    """
    breaks = np.concatenate([x.breaks, 2 * x.breaks[-1] - x.breaks[-2::-1]])
    return GridField(GridLine(breaks, x.degree), y, np.hstack([values, values[:, -2::-1]]))
