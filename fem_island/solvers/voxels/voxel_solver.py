"""Operating points of contact maps under an image of the electrolyte, each with its estimates."""

from __future__ import annotations

from contextlib import AbstractContextManager

import numpy as np

from fem_island.case.case import Case, at_current
from fem_island.errors import ComputationError, ConvergenceError
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns, layout_of
from fem_island.results.map_result import MapResult
from fem_island.results.reading import result_at
from fem_island.solvers.bare_copper import answer_for_bare_copper
from fem_island.solvers.cosine.point import SolvedMap
from fem_island.solvers.directions import reasons_at_rest
from fem_island.solvers.voxels.connected import Connected
from fem_island.solvers.voxels.voxel_accuracy import MOST_MEMORY, voxels_to_tolerance
from fem_island.solvers.voxels.voxel_level import VoxelLevel, solve_voxels

_UNCHECKED = 1e-8
"""Error of the discrete equations where only a drive is asked for [V]."""


class VoxelSolver(AbstractContextManager["VoxelSolver"]):
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

    def __exit__(self, *error: object) -> None:
        """Nothing is kept."""

    def pieces(self, count: int, *, islands: int = 1) -> list[slice]:
        """Every operating point is a piece of its own."""
        return [slice(place, place + 1) for place in range(count)]

    def solve(self, case: Case, current_densities: Array) -> Columns:
        """Everything that is reported, for every current.

        Args:
            case: What to compute, whatever its current.
            current_densities: I [A/m^2], shape (k,).

        Raises:
            InputError: There is no way from the top to lithium.
        """
        return self.solve_and_keep(case, current_densities)[0]

    def solve_and_keep(
        self, case: Case, current_densities: Array
    ) -> tuple[Columns, list[VoxelLevel | None]]:
        """Like ``solve``, and what each result was found in."""
        columns = Columns.missing(len(current_densities), layout_of(case))
        kept: list[VoxelLevel | None] = [None] * len(current_densities)
        at_rest = reasons_at_rest(case, np.asarray(current_densities))
        columns.reasons.update(at_rest)
        for point, current in enumerate(np.asarray(current_densities).tolist()):
            if point in at_rest:
                continue
            try:
                found, level = voxels_to_tolerance(
                    at_current(case, current), most_memory=self._most_memory
                )
            except ComputationError as error:
                columns.reasons[point] = str(error)
                continue
            columns.put(np.array([point]), found)
            kept[point] = level
        answer_for_bare_copper(case, np.asarray(current_densities), columns, self)
        return columns, kept

    def largest_exposed_drive(self, case: Case, current_densities: Array) -> Array:
        """Largest drive beside lithium, at the image's own voxels, without a check.

        Args:
            case: What to compute, whatever its current.
            current_densities: I [A/m^2], shape (k,).

        Returns:
            phi_Li - phi [V], shape (k,); NaN where there is no solution, or nothing is exposed.
        """
        found = np.full(len(current_densities), np.nan)
        for point, current in enumerate(np.asarray(current_densities).tolist()):
            each = at_current(case, current)
            try:
                level = solve_voxels(each, Connected.of(each), tolerance=_UNCHECKED)
            except ComputationError:
                continue
            found[point] = level.columns.numbers["exposed_drive_max"][0]
        return found

    def solve_case(self, case: Case) -> SolvedMap:
        """Solve one case at voxels that meet its tolerance.

        Raises:
            InputError: There is no way from the top to lithium.
            ConvergenceError: Newton's method failed, or charge is not balanced.
        """
        columns, kept = self.solve_and_keep(case, np.array([case.operation.current_density]))
        result = result_at(columns, 0, case=case, solver=self.name)
        level = kept[0]
        if result.status == "failed" or level is None or not isinstance(result, MapResult):
            raise ConvergenceError(result.reason)
        return SolvedMap(case, result, level.state, level.field)
