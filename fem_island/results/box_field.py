"""The potential in the box over a contact map, whichever solver found it."""

from __future__ import annotations

from typing import Protocol

import numpy.typing as npt

from fem_island.machine.arrays import Array
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
        """Potential on equal intervals at a height [V], at most so many along each side."""
