"""Operating points of one cell on a condensed grid: solving them, and what they report."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.case.cell import Case
from fem_island.machine.arrays import Array
from fem_island.results.columns import STATUSES, Columns
from fem_island.results.observables import missing, observe
from fem_island.results.state import BottomState
from fem_island.solvers.condensed import newton
from fem_island.solvers.condensed.geometry import CondensedGeometry
from fem_island.solvers.condensed.newton import Series
from fem_island.surface.bottom import Stretch
from fem_island.surface.uniform_state import UniformStates, uniform_states

_LARGEST_BATCH = 2**23
"""Numbers in all matrices of a batch, 64 MB."""

_FAILED = STATUSES.index("failed")


@dataclass(frozen=True)
class OperatingPoints:
    """k currents of one cell.

    Attributes:
        case: What to compute, whatever its current.
        bottom: Its stretches.
        uniform: The uniform states.
        current_densities: I [A/m^2], shape (k,).
    """

    case: Case
    bottom: tuple[Stretch, ...]
    uniform: UniformStates
    current_densities: Array

    def taken(self, points: npt.NDArray[np.intp]) -> OperatingPoints:
        """Some of the points, ascending."""
        if len(points) == len(self.current_densities):
            return self
        uniform, currents = self.uniform.taken(points), self.current_densities[points]
        return OperatingPoints(self.case, self.bottom, uniform, currents)

    def on(self, bottom: tuple[Stretch, ...]) -> OperatingPoints:
        """The same points on a bottom that is cut differently."""
        uniform = uniform_states(bottom, self.current_densities)
        return OperatingPoints(self.case, bottom, uniform, self.current_densities)

    def state(self, geometry: CondensedGeometry, series: Series) -> BottomState:
        """The solutions on a condensed grid as the observables need them."""
        currents, conductivity = self.current_densities, self.case.cell.electrolyte.conductivity
        return geometry.state(self.bottom, self.uniform, series.deviation, currents, conductivity)

    def solve(
        self, geometry: CondensedGeometry, start: Array, *, tolerance: float = newton.RESIDUAL
    ) -> Series:
        """Newton for all points, as many at once as fit into memory.

        Args:
            geometry: The condensed grid.
            start: First iterates [V], shape (k, n).
            tolerance: Relative residual to stop at.
        """
        count = max(1, _LARGEST_BATCH // geometry.operator.size**2)
        points = np.arange(len(start))
        found = []
        for part in (points[first : first + count] for first in range(0, len(points), count)):
            run = self.taken(part)
            problem = geometry.problem(
                run.bottom,
                run.uniform,
                run.current_densities,
                run.case.cell.electrolyte.conductivity,
            )
            found.append(newton.solve(problem, start[part], tolerance=tolerance))
        return found[0] if len(found) == 1 else newton.joined(found)

    def observe(self, geometry: CondensedGeometry, series: Series) -> Columns:
        """What is reported of the points, without estimates.

        Args:
            geometry: The condensed grid.
            series: The solutions on it.
        """
        currents, conductivity = self.current_densities, self.case.cell.electrolyte.conductivity
        state = self.state(geometry, series)
        probes = geometry.probes.field(series.deviation, currents, conductivity)
        with np.errstate(over="ignore", invalid="ignore"):
            columns = observe(
                self.case,
                state,
                current_densities=currents,
                probes=probes - self.uniform.drive[:, None],
                newton_iterations=series.iterations,
                degrees_of_freedom=geometry.degrees_of_freedom,
            )
        return columns

    def reject(self, columns: Columns, series: Series) -> None:
        """Take the numbers of points whose solution is none: Newton failed, or charge is lost."""
        for point in np.flatnonzero(~series.solved):
            columns.reasons[int(point)] = (
                f"Newton stopped after {series.iterations[point]} steps at "
                f"{self.current_densities[point]:g} A/m^2: "
                f"residual {series.residuals[point]:.1e} of the load"
            )
            columns.numbers["status"][point] = _FAILED
        lost = np.flatnonzero(columns.numbers["status"] == _FAILED)
        if len(lost):
            columns.numbers[lost] = missing(self.case, len(lost)).numbers


def place(columns: Columns, points: npt.NDArray[np.intp], part: Columns) -> None:
    """Put results of some points where they belong."""
    if len(points) == len(columns):
        columns.numbers[:] = part.numbers
    else:
        columns.numbers[points] = part.numbers
    if columns.reasons or part.reasons:
        for number, point in enumerate(points.tolist()):
            columns.reasons.pop(point, None)
            if number in part.reasons:
                columns.reasons[point] = part.reasons[number]


def taken(columns: Columns, points: npt.NDArray[np.intp]) -> Columns:
    """Results of some of the points, ascending; changes to them do not show in the whole."""
    if len(points) == len(columns):
        return Columns(columns.numbers.copy(), dict(columns.reasons))
    reasons = {
        number: columns.reasons[point]
        for number, point in enumerate(points.tolist())
        if point in columns.reasons
    }
    return Columns(columns.numbers[points], reasons)
