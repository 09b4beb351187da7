"""The potential in the box over a contact map, whichever solver found it."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.results.field import SLACK, as_points
from fem_island.results.map_state import MapState


class BoxField(Protocol):
    """The potential in the box, and the solution on its bottom; see ``cosine.field.MapField``."""

    @property
    def state(self) -> MapState:
        """The solution at the bottom."""

    @property
    def size(self) -> tuple[float, float, float]:
        """Lengths along x, y and z [m]."""

    def potential(self, points: npt.ArrayLike) -> Array:
        """Potential at points x, y and z [m], shape (n, 3): [V], NaN outside the box."""

    def current_density(self, points: npt.ArrayLike) -> Array:
        """Current density at points [A/m^2], shape (n, 3); NaN outside the box."""

    def layer(self, z: float, *, most: int) -> Array:
        """Potential at corners of pixels, or cells, at a height, thinned out to at most so many.

        Args:
            z: Height [m].
            most: Largest number of intervals along each side.

        Returns:
            phi [V], shape (rows + 1, columns + 1) of intervals, which are of equal length.
        """


def as_places(points: Any) -> Array:
    """Points as an array of shape (n, 3), in m; coordinates may be texts with units.

    Raises:
        InputError: They are not x, y and z of points.
    """
    return as_points(points, "x, y and z")


def are_inside(places: Array, size: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which places lie in a box, shape (n,).

    Args:
        places: [m], shape (n, 3).
        size: Lengths of the box along the same three directions [m].
    """
    inside: npt.NDArray[np.bool_] = (places >= -SLACK) & (places <= np.array(size) + SLACK)
    return inside.all(axis=1)


def evaluated_layer(field: BoxField, z: float, rows: int, columns: int) -> Array:
    """A layer from the potential at its points, [V], shape (rows + 1, columns + 1).

    Args:
        field: Of what.
        z: Height [m].
        rows: Intervals along y.
        columns: Intervals along x.
    """
    width, depth, _ = field.size
    y, x = np.linspace(0, depth, rows + 1), np.linspace(0, width, columns + 1)
    at_y, at_x = np.meshgrid(y, x, indexing="ij")
    points = np.stack([at_x, at_y, np.full_like(at_x, z)], axis=-1)
    return field.potential(points.reshape(-1, 3)).reshape(at_x.shape)
