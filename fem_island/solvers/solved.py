"""What a solver hands back of one operating point: plain data, and nothing that has to be freed."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as attribute

import numpy.typing as npt

from fem_island.case.case import Case
from fem_island.machine.arrays import Array
from fem_island.results.field import Field
from fem_island.results.result import Result
from fem_island.results.state import BottomState
from fem_island.solvers.resolution import Resolution
from fem_island.surface.bottom import Bottom


@dataclass(frozen=True)
class SolvedPoint:
    """A solved case, the same on every rank that took part.

    Attributes:
        case: What was computed.
        result: The numbers.
        resolution: Degree and element sizes that it was computed with.
        bottom_state: The solution on the bottom.
        field: The potential in the electrolyte.
        rank: Number of this process among those that solved the case together; the first one
            draws and writes.
    """

    case: Case
    result: Result
    resolution: Resolution
    bottom_state: BottomState
    field: Field
    rank: int = attribute(default=0, compare=False, repr=False)

    @property
    def degree(self) -> int:
        """Polynomial degree of the potential."""
        return self.resolution.degree

    @property
    def bottom(self) -> Bottom:
        """What lies where on the bottom, from left to right."""
        return self.bottom_state.bottom

    def potential(self, points: npt.ArrayLike) -> Array:
        """Potential at points.

        Args:
            points: x and y of every point [m], shape (n, 2).

        Returns:
            phi [V], shape (n,); NaN outside the cell.
        """
        return self.field.potential(points)

    def current_density(self, points: npt.ArrayLike) -> Array:
        """Current density at points, from the gradient of the potential.

        At the bottom the reactions know it better: see ``profile``.

        Args:
            points: x and y of every point [m], shape (n, 2).

        Returns:
            i = -kappa grad(phi) [A/m^2] along x and y, shape (n, 2); NaN outside the cell.
        """
        return -self.case.conductivity * self.field.gradient(points)
