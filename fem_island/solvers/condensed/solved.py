"""Operating points on a condensed grid: solving them, and what they report."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns, layout_of
from fem_island.results.observables import observe
from fem_island.results.result import CONVERGED, FAILED
from fem_island.results.state import BottomState
from fem_island.solvers.condensed import newton
from fem_island.solvers.condensed.geometry import CondensedGeometry
from fem_island.solvers.condensed.newton import Solutions
from fem_island.surface.points import OperatingPoints

_LARGEST_BATCH = 2**23
"""Numbers in all matrices of a batch, 64 MB."""


@dataclass(frozen=True)
class SolvedOnGrid:
    """k operating points solved on a condensed grid.

    Attributes:
        points: The points.
        geometry: The grid.
        solutions: Of the condensed equations.
    """

    points: OperatingPoints
    geometry: CondensedGeometry
    solutions: Solutions

    def state(self, points: npt.NDArray[np.intp]) -> BottomState:
        """Some of the solutions on the bottom."""
        geometry = self.geometry.taken(points)
        return geometry.state(self.points.taken(points), self.solutions.deviation[points])

    @cached_property
    def columns(self) -> Columns:
        """What is reported, without estimates; failed where there is no solution."""
        columns = self.observed()
        solutions = self.solutions
        for point in np.flatnonzero(~solutions.solved).tolist():
            columns.reasons[point] = (
                f"Newton stopped after {solutions.iterations[point]} steps at "
                f"{self.points.current_densities[point]:g} A/m^2: "
                f"residual {solutions.residuals[point]:.1e} of the load"
            )
            columns.numbers["status"][point] = FAILED
        lost = np.flatnonzero(columns.failed)
        if len(lost):
            columns.numbers[lost] = layout_of(self.points.case).missing
        return columns

    def observed(self) -> Columns:
        """What the iterates mean, be they solutions or not."""
        points, geometry, solutions = self.points, self.geometry, self.solutions
        currents, conductivity = points.current_densities, points.conductivity
        probes = geometry.probes.field(solutions.deviation, currents, conductivity)
        with np.errstate(over="ignore", invalid="ignore"):
            return observe(
                geometry.state(points, solutions.deviation),
                probes=probes - points.uniform.drive[:, None],
                newton_iterations=solutions.iterations,
                degrees_of_freedom=geometry.degrees_of_freedom,
            )


@dataclass(frozen=True)
class CheckedOnGrid(SolvedOnGrid):
    """A check: charge need not balance as well as in what is reported."""

    @cached_property
    def columns(self) -> Columns:
        """What is compared; failed where there is no solution."""
        columns = self.observed()
        columns.reasons.clear()
        columns.numbers["status"] = np.where(self.solutions.solved, CONVERGED, FAILED)
        lost = np.flatnonzero(~self.solutions.solved).tolist()
        columns.reasons.update(dict.fromkeys(lost, "Newton failed"))
        return columns


def solve_on(
    points: OperatingPoints,
    geometry: CondensedGeometry,
    start: Array,
    *,
    tolerance: float = newton.RESIDUAL,
    fewest_steps: int = 0,
    most_steps: int = newton.MOST_STEPS,
) -> SolvedOnGrid:
    """Solve operating points by Newton's method, as many at once as fit into memory.

    Args:
        points: The points.
        geometry: The condensed grid.
        start: First iterates [V], shape (k, n).
        tolerance: Relative residual to stop at.
        fewest_steps: Steps of Newton's method that are made in any case.
        most_steps: Steps after which a point has failed.
    """
    count = max(1, _LARGEST_BATCH // geometry.operator.numbers)
    numbers = np.arange(len(start))
    found = []
    for part in (numbers[first : first + count] for first in range(0, len(numbers), count)):
        problem = geometry.taken(part).problem(points.taken(part))
        found.append(
            newton.solve(
                problem,
                start[part],
                tolerance=tolerance,
                fewest_steps=fewest_steps,
                most_steps=most_steps,
            )
        )
    return SolvedOnGrid(points, geometry, found[0] if len(found) == 1 else newton.joined(found))
