"""Solving cases to their tolerance by Newton's method on the whole finite-element problem."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from mpi4py import MPI

import numpy as np
import numpy.typing as npt

from fem_island.case.cell import Case, at_current
from fem_island.errors import ComputationError, ConvergenceError
from fem_island.machine.arrays import Array
from fem_island.machine.communicator import Communicator
from fem_island.results.columns import Columns, layout_of
from fem_island.results.observables import observe, peak_current_density
from fem_island.results.reading import result_at
from fem_island.results.state import BottomState
from fem_island.solvers.accuracy import to_tolerance
from fem_island.solvers.bare_copper import answer_for_bare_copper
from fem_island.solvers.condensed import CondensedSolver
from fem_island.solvers.meshed import planning
from fem_island.solvers.meshed.functions import field_of
from fem_island.solvers.meshed.meshing import Domain, mesh_cell
from fem_island.solvers.meshed.problem import NewtonProblem, NewtonState
from fem_island.solvers.meshed.sampling import values_at
from fem_island.solvers.meshed.traces import trace_on_bottom, trace_on_top
from fem_island.solvers.resolution import Resolution, boundary_quadrature_degree
from fem_island.solvers.solved import SolvedPoint
from fem_island.surface.bottom import Bottom
from fem_island.surface.points import OperatingPoints

_PIECE = 10
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

    name = "newton"

    def __init__(self, comm: Communicator | None = None) -> None:
        """Start without any mesh.

        Args:
            comm: Who shares every problem; by default this process alone.
        """
        self._method = MeshedMethod(comm if isinstance(comm, MPI.Comm) else MPI.COMM_SELF)

    def __exit__(self, *error: object) -> None:
        """Free the solvers on all ranks together."""
        self._method.close()

    def pieces(self, count: int, *, islands: int = 1) -> list[slice]:
        """How ascending currents of a series are cut into the batches given to ``solve``."""
        size = max(1, _PIECE // islands)
        return [slice(start, min(start + size, count)) for start in range(0, count, size)]

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
        columns = Columns.missing(len(current_densities), layout_of(case))
        for number, current in enumerate(current_densities.tolist()):
            points = OperatingPoints.of(at_current(case, current))
            try:
                columns.put(np.array([number]), to_tolerance(points, self._method).columns)
            except ComputationError as error:
                columns.reasons[number] = str(error)
        answer_for_bare_copper(case, current_densities, columns, CondensedSolver().solve)
        return columns

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
        answer_for_bare_copper(case, currents, best.columns, CondensedSolver().solve)
        result = result_at(best.columns, 0, case=case, solver=self.name)
        found = best.found[0]
        if found is None or result.status == "failed":
            raise ConvergenceError(result.reason)
        return replace(found[0].solved.solution, result=result)


@dataclass(frozen=True)
class SolvedOnMesh:
    """An operating point solved on a mesh.

    Attributes:
        solution: The solution, without error estimates.
        columns: What it reports.
    """

    solution: SolvedPoint
    columns: Columns

    def state(self, points: npt.NDArray[np.intp]) -> BottomState:
        """The solution on the bottom."""
        return self.solution.bottom_state


class MeshedMethod:
    """Meshes of one geometry at several resolutions, and Newton's method on them.

    All methods are collective over its communicator, and solve one operating point.
    """

    def __init__(self, comm: MPI.Comm) -> None:
        """Start without any mesh."""
        self._comm = comm
        self._geometry: _Geometry | None = None
        self._meshed: dict[Resolution, _MeshedCell] = {}

    def first(self, points: OperatingPoints) -> Resolution:
        """What should meet the tolerance."""
        return planning.first_resolution(points)

    def finer(
        self, points: OperatingPoints, tried: Resolution, columns: Columns, *, excess: float
    ) -> Resolution | None:
        """What to try after a resolution that missed the tolerance."""
        peak = float(peak_current_density(columns.numbers).max())
        return planning.finer_resolution(points, tried, excess=excess, edge_current=peak)

    def check_of(self, points: OperatingPoints, resolution: Resolution) -> Resolution:
        """What a solution at a resolution is compared with."""
        return planning.check_of(resolution, width=points.bottom[-1].end)

    def solve(self, points: OperatingPoints, resolution: Resolution) -> SolvedOnMesh:
        """Solve on the mesh of a resolution.

        Raises:
            ConvergenceError: Newton's method and continuation failed, or charge is not balanced.
        """
        geometry = _geometry(points)
        if geometry != self._geometry:
            self.close()
            self._geometry = geometry
        if resolution not in self._meshed:
            self._meshed[resolution] = _MeshedCell(points, resolution, self._comm)
        return SolvedOnMesh(*self._meshed[resolution].solve(points))

    def check(
        self,
        points: OperatingPoints,
        resolution: Resolution,
        solved: SolvedOnMesh,
        chosen: npt.NDArray[np.intp],
    ) -> Columns:
        """Solve on another mesh, from the solution of the current before it there."""
        return self.solve(points, resolution).columns

    def keeps_mirrored(self, bottom: Bottom) -> bool:
        """Meshes are those of the whole cell."""
        return False

    def forget(self) -> None:
        """Start the next solutions from their uniform states."""
        for meshed in self._meshed.values():
            meshed.forget()

    def close(self) -> None:
        """Free meshes and solvers. Collective."""
        for meshed in self._meshed.values():
            meshed.close()
        self._meshed.clear()


_Geometry = tuple[float, tuple[tuple[float, float, int], ...]]
"""All that a mesh depends on but its element sizes: height, and ends and tags of the stretches."""


def _geometry(points: OperatingPoints) -> _Geometry:
    places = tuple((stretch.start, stretch.end, int(stretch.tag)) for stretch in points.bottom)
    return points.case.cell.electrolyte.height, places


@dataclass(frozen=True)
class _Series:
    """All that the equations depend on but the mesh and the current."""

    bottom: Bottom
    conductivity: float
    temperature: float


class _MeshedCell:
    """One geometry at one resolution, with the equations of the latest series on it."""

    def __init__(self, points: OperatingPoints, resolution: Resolution, comm: MPI.Comm) -> None:
        self._domain = mesh_cell(
            points.bottom,
            height=points.case.cell.electrolyte.height,
            grading=resolution.grading,
            comm=comm,
        )
        self._degree = resolution.degree
        self._series: _Series | None = None
        self._problem: NewtonProblem | None = None
        self._latest: NewtonState | None = None

    def close(self) -> None:
        """Free the solver. Collective."""
        if self._problem is not None:
            self._problem.close()
        self._problem, self._series, self._latest = None, None, None

    def forget(self) -> None:
        """Start the next solution from the uniform state, not from the latest solution."""
        self._latest = None

    def solve(self, points: OperatingPoints) -> tuple[SolvedPoint, Columns]:
        """Solve a point of this geometry, from the latest solution where that has its equations.

        Raises:
            ConvergenceError: Newton's method and continuation failed, or charge is not balanced.
        """
        problem, domain = self._problem_of(points)
        state = self._latest = problem.solve(float(points.current_densities[0]), self._latest)
        return solution_of(points, domain, self._degree, state)

    def _problem_of(self, points: OperatingPoints) -> tuple[NewtonProblem, Domain]:
        temperature = points.case.operation.temperature
        series = _Series(points.bottom, points.conductivity, temperature)
        if self._problem is None or series != self._series:
            self.close()
            self._series = series
            self._problem = NewtonProblem(
                replace(self._domain, bottom=points.bottom),
                conductivity=points.conductivity,
                temperature=temperature,
                degree=self._degree,
            )
        return self._problem, self._problem.domain


def solution_of(
    points: OperatingPoints, domain: Domain, degree: int, state: NewtonState
) -> tuple[SolvedPoint, Columns]:
    """What a state of the discrete equations means, without an error estimate. Collective.

    Args:
        points: The one operating point that was solved.
        domain: On which mesh.
        degree: Polynomial degree.
        state: What the equations on that mesh have come to.

    Returns:
        The solution, and its results as columns.

    Raises:
        ConvergenceError: Charge is not balanced.
    """
    case = points.case
    phi = state.potential()
    deviation = trace_on_bottom(state.deviation, domain)
    bottom_state = BottomState(
        points=points,
        deviation=replace(deviation, values=deviation.values[None]),
        top_deviation_mean=trace_on_top(state.deviation, domain).mean()[None],
        quadrature_degree=boundary_quadrature_degree(degree),
    )
    places = case.output.probes
    probes = values_at(phi, places) if places else np.empty(0)
    columns = observe(
        bottom_state,
        probes=probes[None],
        newton_iterations=state.iterations,
        degrees_of_freedom=phi.function_space.dofmap.index_map.size_global,
    )
    result = result_at(columns, 0, case=case, solver=NewtonSolver.name)
    if result.status == "failed":
        raise ConvergenceError(result.reason)
    resolution = Resolution(degree, domain.grading)
    rank = domain.mesh.comm.rank
    return SolvedPoint(case, result, resolution, bottom_state, field_of(phi), rank), columns
