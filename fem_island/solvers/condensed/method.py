"""How ``condensed`` discretises and solves: grids that are kept, and Newton's method on them."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import numpy.typing as npt

from fem_island.errors import ComputationError
from fem_island.results.columns import Columns
from fem_island.results.result import CONVERGED, FAILED
from fem_island.solvers.condensed import grid, planning
from fem_island.solvers.condensed.geometry import CondensedGeometry, condense
from fem_island.solvers.condensed.solved import SolvedOnGrid, solve_on
from fem_island.solvers.resolution import Resolution
from fem_island.surface.bottom import Bottom
from fem_island.surface.points import OperatingPoints

_LARGEST_AXIS = 2000000
"""Nodes along the bottom above which ``newton`` is faster than a dense condensation."""

_KEPT_GEOMETRIES = 8

_CHECK_RESIDUAL = 1e-7
"""Relative residual of the check; its error is far below the difference that it is made for."""


class GridTooLargeError(ComputationError):
    """The bottom has more nodes than a dense condensation is made for."""


class CondensedMethod:
    """Solves on condensed grids, and keeps those of the latest geometries.

    They are shared by other kinetics, temperatures, conductivities and potentials. What comes out
    depends on the points alone.
    """

    def __init__(self) -> None:
        """Start without geometries."""
        self._geometries: OrderedDict[tuple[object, ...], CondensedGeometry] = OrderedDict()

    def first(self, points: OperatingPoints) -> Resolution:
        """What should meet the tolerance at all points."""
        return planning.first_resolution(points)

    def finer(
        self,
        points: OperatingPoints,
        tried: Resolution,
        columns: Columns,
        *,
        excess: float,
    ) -> Resolution | None:
        """What to try for points that missed the tolerance."""
        return planning.finer_resolution(points, tried, excess=excess)

    def check_of(self, points: OperatingPoints, resolution: Resolution) -> Resolution:
        """What solutions at a resolution are compared with."""
        return planning.check_of(points, resolution)

    def solve(self, points: OperatingPoints, resolution: Resolution) -> SolvedOnGrid:
        """Solve from the uniform states.

        Raises:
            GridTooLargeError: There would be too many nodes along the bottom.
        """
        geometry = self.geometry(points, resolution)
        return solve_on(points, geometry, np.zeros((len(points), geometry.operator.size)))

    def check(
        self,
        points: OperatingPoints,
        resolution: Resolution,
        solved: SolvedOnGrid,
        chosen: npt.NDArray[np.intp],
    ) -> Columns:
        """Solve again, from the solutions of a coarser grid.

        They differ little, so that it is one step of Newton away; and one step it takes, or what
        comes out could be the coarser solution itself.
        """
        fine = self.geometry(points, resolution)
        start = fine.prolonged(solved.geometry, solved.solutions.deviation[chosen])
        checked = solve_on(points, fine, start, tolerance=_CHECK_RESIDUAL, fewest_steps=1)
        # Charge need not balance as well as in what is reported.
        columns = checked.observed()
        columns.reasons.clear()
        columns.numbers["status"] = np.where(checked.solutions.solved, CONVERGED, FAILED)
        lost = np.flatnonzero(~checked.solutions.solved).tolist()
        columns.reasons.update(dict.fromkeys(lost, "Newton failed"))
        return columns

    def keeps_mirrored(self, bottom: Bottom) -> bool:
        """A bottom that is its own mirror image is solved on its half."""
        return grid.is_mirrored(bottom)

    def geometry(self, points: OperatingPoints, resolution: Resolution) -> CondensedGeometry:
        """The condensed grid, kept or new."""
        bottom = points.bottom
        height, probes = points.case.cell.electrolyte.height, points.case.output.probes
        places = tuple((stretch.start, stretch.end, stretch.law is None) for stretch in bottom)
        key = (places, grid.is_mirrored(bottom), height, probes, resolution)
        known = self._geometries.get(key)
        if known is None:
            nodes = grid.nodes_of(bottom, height=height, resolution=resolution)
            if nodes > _LARGEST_AXIS:
                raise GridTooLargeError(f"{nodes} nodes along the bottom are too many to condense")
            known = condense(bottom, height=height, resolution=resolution, probes=probes)
            self._geometries[key] = known
            if len(self._geometries) > _KEPT_GEOMETRIES:
                self._geometries.popitem(last=False)
        self._geometries.move_to_end(key)
        return known

    def clear(self) -> None:
        """Let go of the kept geometries."""
        self._geometries.clear()
