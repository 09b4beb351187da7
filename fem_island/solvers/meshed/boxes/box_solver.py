"""Operating points of contact maps on hexahedra, each with its error estimates."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np

from fem_island.case.case import Case
from fem_island.machine.arrays import Array
from fem_island.machine.communicator import Communicator
from fem_island.results.columns import Columns
from fem_island.solvers.cosine.point import SolvedMap
from fem_island.solvers.cosine.solver import CosineSolver
from fem_island.solvers.map_points import MapSolver, one_result, point_by_point
from fem_island.solvers.meshed.boxes.box_accuracy import MOST_MEMORY, box_to_tolerance
from fem_island.solvers.meshed.boxes.box_level import BoxLevel
from fem_island.solvers.meshed.exclusive import one_at_a_time
from fem_island.solvers.meshed.solved_on_mesh import NAME


class BoxSolver(MapSolver[BoxLevel]):
    """Solves contact maps in DOLFINx, one operating point after the other.

    All methods are collective over its communicator.

    Example:
        >>> from fem_island.case.case import Accuracy
        >>> from fem_island.case.cell import Cell
        >>> from fem_island.case.contact_map import ContactMap
        >>> cell = Cell(map=ContactMap(image=[[1, 0], [0, 0]], pixel="10 um"))
        >>> case = Case(cell=cell, accuracy=Accuracy(tolerance="0.1 mV"))
        >>> columns = BoxSolver().solve(case, np.array([2.5]))
        >>> round(float(columns.numbers["overpotential_mean"][0]), 4)
        0.0453
    """

    name = NAME

    def __init__(
        self, comm: Communicator | None = None, *, most_memory: float = MOST_MEMORY
    ) -> None:
        """Say who shares the problems, and how large they may get.

        Args:
            comm: Who shares every problem; by default this process alone.
            most_memory: What all ranks together may take [bytes].
        """
        self._comm = comm if isinstance(comm, MPI.Comm) else MPI.COMM_SELF
        self._most_memory = most_memory

    @one_at_a_time
    def solve_and_keep(
        self, case: Case, current_densities: Array
    ) -> tuple[Columns, list[BoxLevel | None]]:
        """Like ``solve``, and the grid that each result was found on."""

        def solve(each: Case) -> tuple[Columns, BoxLevel]:
            return box_to_tolerance(each, self._comm, most_memory=self._most_memory)

        return point_by_point(case, current_densities, solve, bare=CosineSolver())

    def solve_case(self, case: Case) -> SolvedMap:
        """Solve one case on a grid that meets its tolerance.

        Raises:
            InputError: The degree is not 1 or 2, or the image is too large for the memory.
            ConvergenceError: Newton's method failed, or charge is not balanced.
        """
        columns, kept = self.solve_and_keep(case, np.array([case.operation.current_density]))
        result, level = one_result(case, columns, kept, solver=self.name)
        field = level.field
        return SolvedMap(case, result, level.state, field, degree=field.grid.degree)
