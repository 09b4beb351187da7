"""What a solver hands back of one operating point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from fem_island.case.cell import Case
from fem_island.machine.arrays import Array
from fem_island.results.result import Result
from fem_island.results.state import BottomState

if TYPE_CHECKING:
    from dolfinx import fem

    from fem_island.solvers.meshed.meshing import Domain


@dataclass(frozen=True)
class SolvedPoint:
    """A solved case.

    Attributes:
        case: What was computed.
        result: The numbers.
        domain: The mesh that it was computed on.
        degree: Polynomial degree of the potential.
        bottom_state: The solution on the bottom.
        potential_function: phi [V] on the mesh (coordinates in um).
    """

    case: Case
    result: Result
    domain: Domain
    degree: int
    bottom_state: BottomState
    potential_function: fem.Function[np.float64]

    def potential(self, points: npt.ArrayLike) -> Array:
        """Potential at points. Collective.

        Args:
            points: x and y of every point [m], shape (n, 2).

        Returns:
            phi [V], shape (n,); NaN outside the cell.
        """
        from fem_island.solvers.meshed.sampling import values_at

        return values_at(self.potential_function, points)
