"""Solving cases to their tolerance by Newton's method on the whole finite-element problem."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace

from mpi4py import MPI

import numpy as np

from fem_island.case.case import Case
from fem_island.errors import ComputationError, ConvergenceError
from fem_island.machine.arrays import Array
from fem_island.machine.communicator import Communicator
from fem_island.results.columns import Columns, layout_of
from fem_island.results.reading import result_at
from fem_island.solvers.accuracy import to_tolerance
from fem_island.solvers.bare_copper import answer_for_bare_copper
from fem_island.solvers.condensed import CondensedSolver
from fem_island.solvers.directions import by_direction, reasons_at_rest
from fem_island.solvers.meshed import planning
from fem_island.solvers.meshed.exclusive import one_at_a_time
from fem_island.solvers.meshed.method import MeshedMethod
from fem_island.solvers.meshed.solved_on_mesh import NAME
from fem_island.solvers.solved import SolvedPoint
from fem_island.surface.points import OperatingPoints
from fem_island.surface.uniform_state import NO_UNIFORM_STATE

_PIECE = 50
"""Currents that are solved one from another: enough for that to pay, few enough to share out."""


class NewtonSolver(AbstractContextManager["NewtonSolver"]):
    """Solves cases one after another, on one mesh where they differ in all but geometry.

    Use it in a ``with`` statement, which frees the solvers. All methods are collective over its
    communicator.

    Example:
        >>> import numpy as np
        >>> with NewtonSolver() as solver:
        ...     columns = solver.solve(Case(), np.array([0.5, 2.5]))
        >>> columns.numbers["overpotential_mean"].round(4)
        array([0.0247, 0.0846])
    """

    name = NAME

    def __init__(self, comm: Communicator | None = None) -> None:
        """Start without any mesh.

        Args:
            comm: Who shares every problem; by default this process alone.
        """
        self._method = MeshedMethod(comm if isinstance(comm, MPI.Comm) else MPI.COMM_SELF)

    @one_at_a_time
    def __exit__(self, *error: object) -> None:
        """Free the solvers on all ranks together."""
        self._method.close()

    def pieces(self, count: int, *, islands: int = 1) -> list[slice]:
        """How ascending currents of a series are cut into the batches given to ``solve``."""
        size = max(1, _PIECE // islands)
        return [slice(start, min(start + size, count)) for start in range(0, count, size)]

    @one_at_a_time
    def solve(self, case: Case, current_densities: Array) -> Columns:
        """Solve a case at several currents, each from the solution of the one before.

        What comes out depends on the arguments only, to the last bit, whatever was solved before.

        Args:
            case: The case; its own current density does not count.
            current_densities: I [A/m^2], ascending, shape (n,).

        Returns:
            The results; a current that could not be solved has failed, with the reason.
        """
        self._method.forget()
        currents = np.asarray(current_densities, dtype=np.float64)
        columns = Columns.missing(len(currents), layout_of(case))
        columns.reasons.update(reasons_at_rest(case, currents))
        for part, signed in by_direction(case, currents):
            points = OperatingPoints.of(signed, currents[part])
            unknown = part[~np.isfinite(points.uniform.drive)]
            columns.reasons.update(dict.fromkeys(unknown.tolist(), NO_UNIFORM_STATE))
            for group in planning.shared_meshes(points):
                try:
                    best = to_tolerance(points.taken(group), self._method)
                except ComputationError as error:
                    columns.reasons.update(dict.fromkeys(part[group].tolist(), str(error)))
                else:
                    columns.put(part[group], best.columns)
        answer_for_bare_copper(case, currents, columns, CondensedSolver())
        return columns

    @one_at_a_time
    def solve_case(self, case: Case) -> SolvedPoint:
        """Solve one case on a mesh that meets its tolerance.

        Returns:
            The solution. Its status is "tolerance not met" where the finest mesh was not enough.

        Raises:
            ConvergenceError: Newton's method and continuation failed, or charge is not balanced.
        """
        points = OperatingPoints.of(case)
        best = to_tolerance(points, self._method)
        currents = points.current_densities
        answer_for_bare_copper(case, currents, best.columns, CondensedSolver())
        result = result_at(best.columns, 0, case=case, solver=self.name)
        found = best.found[0]
        if found is None or result.status == "failed":
            raise ConvergenceError(result.reason)
        return replace(found[0].solved.solution(case), result=result)
