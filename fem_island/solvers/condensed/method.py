"""How ``condensed`` discretises and solves: grids that are kept, and Newton's method on them."""

from __future__ import annotations

import logging
import math
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fem_island.errors import ComputationError
from fem_island.results.columns import Columns
from fem_island.solvers.condensed import grid, planning
from fem_island.solvers.condensed.geometry import CondensedGeometry, condense
from fem_island.solvers.condensed.newton import MOST_STEPS
from fem_island.solvers.condensed.solved import CheckedOnGrid, SolvedOnGrid, solve_on
from fem_island.solvers.method import Known, Numbers
from fem_island.solvers.resolution import Resolution
from fem_island.surface.bottom import Bottom
from fem_island.surface.points import OperatingPoints

logger = logging.getLogger(__name__)

LARGEST_GRID = 8_000_000
"""Unknowns of the largest grid; its strips have about 8 times as many numbers, 500 MB."""

_KEPT_GEOMETRIES, _KEPT_UNKNOWNS = 8, 10_000_000
"""How many geometries are kept at most, and how many unknowns they have together."""

_SMALLEST_STACKED = 1e-5
"""Smallest element of a stack, as a share of its shortest stretch."""

_LARGEST_STACKED = 600
"""Nodes along the bottom of a stack: its points can have few in common, and alone each would take
ten times as long."""

_CHECK_RESIDUAL = 1e-7
"""Relative residual of the check; its error is far below the difference that it is made for."""


class GridTooLargeError(ComputationError):
    """There would be more unknowns than fit into memory with what they need."""


class CondensedMethod:
    """Solves on condensed grids, and keeps those of the latest geometries.

    They are shared by other kinetics, temperatures, conductivities and potentials. What comes out
    depends on the points alone.
    """

    def __init__(self, *, largest_grid: int = LARGEST_GRID, most_steps: int = MOST_STEPS) -> None:
        """Start without geometries.

        Args:
            largest_grid: Unknowns of the largest grid that is tried.
            most_steps: Of Newton's method; a point that needs more has failed.
        """
        self._largest_grid = largest_grid
        self._most_steps = most_steps
        self._geometries: OrderedDict[tuple[object, ...], CondensedGeometry] = OrderedDict()

    def first(self, points: OperatingPoints) -> Resolution:
        """What should meet the tolerance at all points, or the finest that can be checked."""
        resolution = planning.first_resolution(points)
        while self._unknowns(points, self.check_of(points, resolution)) > self._largest_grid:
            coarser = planning.coarser_resolution(points, resolution)
            if coarser is None:
                break
            logger.info("too large a grid: %s instead of %s", coarser, resolution)
            resolution = coarser
        return resolution

    def finer(
        self,
        points: OperatingPoints,
        tried: Resolution,
        columns: Columns,
        *,
        excess: float,
        checked: Resolution,
    ) -> Resolution | None:
        """What to try for points that missed the tolerance."""
        finer = planning.finer_resolution(points, tried, excess=excess, checked=checked)
        if points.stretching is None:
            return finer
        # In a stack one point can ask for more than all others need.
        for less in (excess, math.sqrt(excess), 1.0):
            finer = planning.finer_resolution(points, tried, excess=less, checked=checked)
            if finer is None or self.stacks(points, finer):
                return finer
        return None

    def stacks(self, points: OperatingPoints, resolution: Resolution) -> bool:
        """Whether points in a stack can be solved and checked at a resolution.

        A stack has a dense matrix for every point, and fewer digits than grids of their own have
        where elements are tiny.
        """
        check = self.check_of(points, resolution)
        shortest = min(stretch.length for stretch in points.bottom)
        return (
            check.grading.edge_size > _SMALLEST_STACKED * shortest
            and self.along(points, check) <= _LARGEST_STACKED
        )

    def along(self, points: OperatingPoints, resolution: Resolution) -> int:
        """Number of nodes along the part of the bottom that is solved."""
        height = points.case.cell.electrolyte.height
        part, sizes = grid.part_solved(points.bottom), resolution.grading
        axis = grid.graded_bottom(part, height=height, degree=resolution.degree, grading=sizes)
        return axis.size

    def check_of(self, points: OperatingPoints, resolution: Resolution) -> Resolution:
        """What solutions at a resolution are compared with."""
        return planning.check_of(points, resolution)

    def solve(
        self,
        points: OperatingPoints,
        resolution: Resolution,
        *,
        known: Known[SolvedOnGrid] | None = None,
    ) -> SolvedOnGrid:
        """Solve from the uniform states, or from what a check found on the same grid.

        Raises:
            GridTooLargeError: There would be too many unknowns.
        """
        if known is None:
            geometry = self.geometry(points, resolution)
            start = np.zeros((len(points), geometry.operator.size))
        else:
            geometry = known.solved.geometry.taken(known.chosen)
            start = known.solved.solutions.deviation[known.chosen]
        return solve_on(points, geometry, start, most_steps=self._most_steps)

    def check(
        self,
        points: OperatingPoints,
        resolution: Resolution,
        solved: SolvedOnGrid,
        chosen: npt.NDArray[np.intp],
    ) -> SolvedOnGrid:
        """Solve again, from the solutions of a coarser grid.

        They differ little, so that it is one step of Newton away; and one step it takes, or what
        comes out could be the coarser solution itself.
        """
        fine = self.geometry(points, resolution)
        start = fine.prolonged(solved.geometry, solved.solutions.deviation[chosen])
        found = solve_on(points, fine, start, tolerance=_CHECK_RESIDUAL, fewest_steps=1)
        return CheckedOnGrid(points, fine, found.solutions)

    def keeps_mirrored(self, bottom: Bottom) -> bool:
        """A bottom that is its own mirror image is solved on its half."""
        return grid.is_mirrored(bottom)

    def together(
        self, points: OperatingPoints, cut: Sequence[Bottom]
    ) -> list[tuple[Numbers, OperatingPoints]]:
        """Bottoms that are cut in the same stretches, as a stack."""
        alike: dict[tuple[int, ...], list[int]] = {}
        for number, one in enumerate(cut):
            alike.setdefault(points.parents(one), []).append(number)
        found = []
        for members in alike.values():
            if len(members) > 1:
                numbers, bottoms = np.array(members), [cut[number] for number in members]
                mirrored = self.keeps_mirrored(bottoms[0])
                stack = points.taken(numbers).on_each(bottoms, mirrored=mirrored)
                if self._is_stack(stack):
                    found.append((numbers, stack))
        return found

    def _is_stack(self, points: OperatingPoints) -> bool:
        """Whether points with lengths of their own can be solved together."""
        charges = [stretch.charge for stretch in points.bottom if stretch.charge is not None]
        return (
            not points.case.output.probes
            and all(charge.is_uniform for charge in charges)
            and self.stacks(points, self.first(points))
        )

    def geometry(self, points: OperatingPoints, resolution: Resolution) -> CondensedGeometry:
        """The condensed grid, kept or new."""
        bottom = points.bottom
        if points.stretching is not None:
            return condense(
                bottom,
                height=points.case.cell.electrolyte.height,
                resolution=resolution,
                probes=points.case.output.probes,
                stretching=points.stretching,
                raising=points.raising,
            )
        height, probes = points.case.cell.electrolyte.height, points.case.output.probes
        places = tuple((stretch.start, stretch.end, stretch.law is None) for stretch in bottom)
        key = (places, bottom.measure, grid.is_mirrored(bottom), height, probes, resolution)
        known = self._geometries.get(key)
        if known is None:
            unknowns = self._unknowns(points, resolution)
            if unknowns > self._largest_grid:
                most = f"the largest grid has {self._largest_grid:.1e}"
                raise GridTooLargeError(f"{unknowns:.1e} unknowns are too many: {most}")
            self._make_room(unknowns)
            known = condense(bottom, height=height, resolution=resolution, probes=probes)
            self._geometries[key] = known
        self._geometries.move_to_end(key)
        return known

    def _make_room(self, unknowns: int) -> None:
        """Let go of the oldest geometries, for another one with so many unknowns."""
        kept = self._geometries
        most = max(0, _KEPT_UNKNOWNS - unknowns)
        while kept and (
            len(kept) >= _KEPT_GEOMETRIES
            or sum(one.degrees_of_freedom for one in kept.values()) > most
        ):
            kept.popitem(last=False)

    def _unknowns(self, points: OperatingPoints, resolution: Resolution) -> int:
        """Number of unknowns of a grid."""
        return grid.unknowns_of(
            points.bottom, height=points.case.cell.electrolyte.height, resolution=resolution
        )

    def clear(self) -> None:
        """Let go of the kept geometries."""
        self._geometries.clear()
