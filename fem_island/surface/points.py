"""Operating points: what is solved together, a cell in one state at several applied currents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.case.cell import Case
from fem_island.machine.arrays import Array
from fem_island.surface.bottom import Bottom, stretches
from fem_island.surface.uniform_state import UniformStates, uniform_states


@dataclass(frozen=True)
class OperatingPoints:
    """k applied currents of one cell.

    Attributes:
        case: What is computed; its own current density does not count.
        bottom: What reacts where, in the state that the points share.
        uniform: Their uniform states.
        current_densities: I [A/m^2], shape (k,).
    """

    case: Case
    bottom: Bottom
    uniform: UniformStates
    current_densities: Array

    @classmethod
    def of(
        cls,
        case: Case,
        current_densities: npt.ArrayLike | None = None,
        *,
        bottom: Bottom | None = None,
    ) -> OperatingPoints:
        """Points of a case with their uniform states.

        Args:
            case: What is computed.
            current_densities: I [A/m^2], shape (k,); None is the case's own.
            bottom: What reacts where; None is what the case describes.
        """
        if current_densities is None:
            current_densities = [case.operation.current_density]
        currents = np.asarray(current_densities, dtype=np.float64)
        bottom = stretches(case) if bottom is None else bottom
        return cls(case, bottom, uniform_states(bottom, currents), currents)

    def __len__(self) -> int:
        """Number of points."""
        return len(self.current_densities)

    @property
    def conductivity(self) -> float:
        """Kappa [S/m]."""
        return self.case.conductivity

    @property
    def applied(self) -> Array:
        """Total applied currents: I times the extent of the bottom, shape (k,)."""
        return self.current_densities * self.bottom.extent

    def taken(self, points: npt.NDArray[np.intp]) -> OperatingPoints:
        """Some of the points, ascending."""
        if len(points) == len(self):
            return self
        uniform, currents = self.uniform.taken(points), self.current_densities[points]
        return OperatingPoints(self.case, self.bottom, uniform, currents)

    def on(self, bottom: Bottom) -> OperatingPoints:
        """The same points on a bottom that is cut differently."""
        return OperatingPoints.of(self.case, self.current_densities, bottom=bottom)
