"""``newton`` in every geometry: triangles, and hexahedra over contact maps."""

from __future__ import annotations

from contextlib import AbstractContextManager

from fem_island.case.case import Case
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns
from fem_island.solvers.meshed.boxes.box_solver import BoxSolver
from fem_island.solvers.meshed.solved_on_mesh import NAME
from fem_island.solvers.meshed.solver import NewtonSolver


class NewtonByGeometry(AbstractContextManager["NewtonByGeometry"]):
    """Solves series of currents of any cell, in this process alone."""

    name = NAME

    def __init__(self) -> None:
        """Start without any mesh."""
        self._triangles = NewtonSolver()
        self._boxes = BoxSolver()

    def __exit__(self, *error: object) -> None:
        """Free the solvers."""
        self._triangles.__exit__(*error)

    def pieces(self, count: int, *, islands: int) -> list[slice]:
        """See ``choice.SeriesSolver``; a map has none of the case's islands."""
        solver = self._triangles if islands else self._boxes
        return solver.pieces(count, islands=islands)

    def solve(self, case: Case, current_densities: Array) -> Columns:
        """See ``choice.SeriesSolver``."""
        solver = self._triangles if case.cell.map is None else self._boxes
        return solver.solve(case, current_densities)
