"""Operating points of contact maps under an image of the electrolyte, each with its estimates."""

from __future__ import annotations

import numpy as np

from fem_island.case.case import Case
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns
from fem_island.solvers.cosine.point import SolvedMap
from fem_island.solvers.map_points import (
    UNCHECKED,
    MapSolver,
    drives_point_by_point,
    one_result,
    point_by_point,
)
from fem_island.solvers.voxels.connected import Connected
from fem_island.solvers.voxels.voxel_accuracy import MOST_MEMORY, voxels_to_tolerance
from fem_island.solvers.voxels.voxel_level import VoxelLevel, solve_voxels


class VoxelSolver(MapSolver[VoxelLevel]):
    """Solves contact maps under voxels, one operating point after the other.

    Example:
        >>> from fem_island.case.cell import Cell
        >>> from fem_island.case.contact_map import ContactMap
        >>> pores = np.ones((4, 2, 2))
        >>> pores[2, 1, 1] = 0
        >>> cell = Cell(
        ...     electrolyte={"geometry": "map", "conductivity_image": pores},
        ...     map=ContactMap(image=[[1, 0], [0, 0]], pixel="10 um"),
        ... )
        >>> columns = VoxelSolver().solve(Case(cell=cell), np.array([2.5]))
        >>> round(float(columns.numbers["overpotential_mean"][0]), 4)
        0.0453
    """

    name = "condensed"

    def __init__(self, *, most_memory: float = MOST_MEMORY) -> None:
        """Say how large solutions may get.

        Args:
            most_memory: What one may take [bytes].
        """
        self._most_memory = most_memory

    def solve_and_keep(
        self, case: Case, current_densities: Array
    ) -> tuple[Columns, list[VoxelLevel | None]]:
        """Like ``solve``, and what each result was found in."""

        def solve(each: Case) -> tuple[Columns, VoxelLevel]:
            return voxels_to_tolerance(each, most_memory=self._most_memory)

        return point_by_point(case, current_densities, solve, bare=self)

    def largest_exposed_drive(self, case: Case, current_densities: Array) -> Array:
        """Largest drive beside lithium, at the image's own voxels, without a check.

        Args:
            case: What to compute, whatever its current.
            current_densities: I [A/m^2], shape (k,).

        Returns:
            phi_Li - phi [V], shape (k,); NaN where there is no solution, or nothing is exposed.
        """

        def solve(each: Case) -> Columns:
            return solve_voxels(each, Connected.of(each), tolerance=UNCHECKED).columns

        return drives_point_by_point(case, current_densities, solve)

    def solve_case(self, case: Case) -> SolvedMap:
        """Solve one case at voxels that meet its tolerance.

        Raises:
            InputError: There is no way from the top to lithium.
            ConvergenceError: Newton's method failed, or charge is not balanced.
        """
        columns, kept = self.solve_and_keep(case, np.array([case.operation.current_density]))
        result, level = one_result(case, columns, kept, solver=self.name)
        return SolvedMap(case, result, level.state, level.field)
