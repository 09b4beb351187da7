"""The potential in a box as plain data: values at the nodes of a grid of hexahedra."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.results.box_field import are_inside, as_places, evaluated_layer
from fem_island.results.map_state import MapState
from fem_island.solvers.meshed.boxes.box_grid import BoxGrid
from fem_island.solvers.meshed.traces import nodes_of


@dataclass(frozen=True)
class HexahedralField:
    """The potential in the box, and the solution on its bottom.

    Attributes:
        state: The solution at the bottom.
        grid: The hexahedra.
        values: Potential at the nodes [V], shape (z, y, x).
    """

    state: MapState
    grid: BoxGrid
    values: Array

    @property
    def size(self) -> tuple[float, float, float]:
        """Lengths along x, y and z [m]."""
        z, y, x = self.grid.lines
        return float(x[-1]), float(y[-1]), float(z[-1])

    def potential(self, points: npt.ArrayLike) -> Array:
        """Potential at points.

        Args:
            points: x, y and z of every point [m], z from the bottom, shape (n, 3).

        Returns:
            phi [V], shape (n,); NaN outside the box.
        """
        return self._interpolated(points, None)

    def current_density(self, points: npt.ArrayLike) -> Array:
        """Current density at points, from the gradient of the potential.

        Args:
            points: x, y and z of every point [m], shape (n, 3).

        Returns:
            i = -kappa grad(phi) [A/m^2], shape (n, 3); NaN outside the box.
        """
        along = [self._interpolated(points, direction) for direction in (2, 1, 0)]
        return -self.state.case.conductivity * np.stack(along, axis=-1)

    def layer(self, z: float, *, most: int) -> Array:
        """Potential at corners of cells at a height [V]; see ``BoxField``."""
        rows, columns = (min(count, most) for count in self.grid.shape[1:])
        return evaluated_layer(self, z, rows, columns)

    def _interpolated(self, points: npt.ArrayLike, derivative: int | None) -> Array:
        """Values, or derivatives along one of z, y and x."""
        places = as_places(points)[:, ::-1]
        size = np.array(self.size[::-1])
        inside = are_inside(places, size)
        found = np.full(len(places), np.nan)
        weights, starts = [], []
        for direction, line in enumerate(self.grid.lines):
            at = np.clip(places[inside, direction], 0.0, line[-1])
            cell = np.clip(np.searchsorted(line, at, side="right") - 1, 0, len(line) - 2)
            length = line[cell + 1] - line[cell]
            share = (at - line[cell]) / length
            values, slopes = _basis(nodes_of(self.grid.degree), share)
            weights.append(slopes / length[:, None] if direction == derivative else values)
            starts.append(cell * self.grid.degree)
        offsets = np.arange(self.grid.degree + 1)
        z, y, x = (start[:, None] + offsets for start in starts)
        around = self.values[z[:, :, None, None], y[:, None, :, None], x[:, None, None, :]]
        found[inside] = np.einsum("nkji,nk,nj,ni->n", around, *weights)
        return found


def prolonged(field: HexahedralField, grid: BoxGrid) -> Array:
    """A field at the nodes of another grid over the same box [V], shape (z, y, x)."""
    values = field.values
    for line, nodes in zip(field.grid.lines, grid.nodes, strict=True):
        # The last direction comes first in turn.
        values = np.tensordot(values, _matrix(line, field.grid.degree, nodes), axes=(0, 1))
    return values


def _matrix(line: Array, degree: int, places: Array) -> Array:
    """Interpolation from the nodes of a line of cells to places, shape (places, nodes)."""
    cell = np.clip(np.searchsorted(line, places, side="right") - 1, 0, len(line) - 2)
    share = (places - line[cell]) / (line[cell + 1] - line[cell])
    found = np.zeros((len(places), degree * (len(line) - 1) + 1))
    columns = (cell * degree)[:, None] + np.arange(degree + 1)
    np.put_along_axis(found, columns, _basis(nodes_of(degree), share)[0], axis=1)
    return found


def _basis(nodes: Array, share: Array) -> tuple[Array, Array]:
    """Lagrange polynomials at places from 0 to 1, and their slopes, shape (n, p + 1)."""
    count = len(nodes)
    values, slopes = np.ones((2, len(share), count))
    slopes[:] = 0.0
    for own in range(count):
        others = [other for other in range(count) if other != own]
        scale = np.prod(nodes[own] - nodes[others])
        factors = share[:, None] - nodes[others]
        values[:, own] = np.prod(factors, axis=1) / scale
        for left in range(len(others)):
            rest = np.delete(factors, left, axis=1)
            slopes[:, own] += np.prod(rest, axis=1) / scale
    return values, slopes
