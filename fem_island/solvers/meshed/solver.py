"""Solving cases to their tolerance by Newton's method on the whole finite-element problem."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from mpi4py import MPI

import numpy as np

from fem_island.case.cell import Case, at_current
from fem_island.errors import ComputationError, ConvergenceError
from fem_island.machine.arrays import Array
from fem_island.results.columns import STATUSES, Columns
from fem_island.results.observables import missing, observe
from fem_island.results.reading import result_at
from fem_island.results.state import BottomState
from fem_island.solvers.estimates import set_estimates
from fem_island.solvers.fronts import cut_at, fronts, has_release, stops_somewhere
from fem_island.solvers.meshed import planning
from fem_island.solvers.meshed.meshing import Domain, mesh_cell
from fem_island.solvers.meshed.problem import NewtonProblem, NewtonState
from fem_island.solvers.meshed.sampling import values_at
from fem_island.solvers.meshed.traces import trace_on_bottom, trace_on_top
from fem_island.solvers.resolution import Resolution, boundary_quadrature_degree
from fem_island.solvers.solved import SolvedPoint
from fem_island.surface.bottom import Stretch, stretches
from fem_island.surface.uniform_state import UniformStates, uniform_state

logger = logging.getLogger(__name__)

_PIECE = 10
"""Currents that are solved one from another: enough for that to pay, few enough to share out."""


class NewtonSolver:
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

    def __init__(self, comm: MPI.Comm | None = None) -> None:
        """Start without any mesh.

        Args:
            comm: Who shares every problem; by default this process alone.
        """
        self._comm = MPI.COMM_SELF if comm is None else comm
        self._geometry: _Geometry | None = None
        self._meshed: dict[Resolution, _MeshedCell] = {}

    def __enter__(self) -> Self:
        """Start of the lifetime of the meshes and solvers."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Free them on all ranks together."""
        self._close()

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
        for meshed in self._meshed.values():
            meshed.forget()
        columns = missing(case, len(current_densities))
        for number, current in enumerate(current_densities.tolist()):
            try:
                _, one = self._solve_to_tolerance(at_current(case, current))
            except ComputationError as error:
                columns.reasons[number] = str(error)
                continue
            columns.numbers[number] = one.numbers[0]
            if one.reasons:
                columns.reasons[number] = one.reasons[0]
        return columns

    def solve_case(self, case: Case) -> SolvedPoint:
        """Solve one case on a mesh that meets its tolerance.

        Returns:
            The solution. Its status is "tolerance not met" where the finest mesh was not enough.

        Raises:
            ConvergenceError: Newton's method and continuation failed, or charge is not balanced.
        """
        return self._solve_to_tolerance(case)[0]

    def _solve_to_tolerance(self, case: Case) -> tuple[SolvedPoint, Columns]:
        """The solution, and its results as columns."""
        bottom = stretches(case)
        uniform = uniform_state(bottom, case.operation.current_density)
        resolution = planning.first_resolution(case, bottom, uniform)
        found, excess = best, least = self._solve_and_check(case, bottom, resolution)
        if has_release(bottom) and stops_somewhere(found[1])[0]:
            cut = cut_at(bottom, fronts(found[0].bottom_state)[0], mirrored=False)
            if len(cut) > len(bottom):
                # Even where the tolerance is met: a solution and its check have the same kink, so
                # that their difference says too little of the error.
                try:
                    found, excess = best, least = self._solve_and_check(case, cut, resolution)
                    bottom = cut
                except ComputationError as error:
                    logger.info("%s; keeping the solution on the uncut film", error)
        while excess > 1:
            finer = planning.finer_resolution(
                case,
                bottom,
                resolution,
                excess=excess,
                edge_current=found[0].result.peak_current_density,
            )
            logger.info("error %.1e of what is wanted: next %s", excess, finer)
            if finer is None:
                break
            resolution = finer
            try:
                found, excess = self._solve_and_check(case, bottom, resolution)
            except ComputationError as error:
                logger.info("%s; keeping the solution before it", error)
                break
            if excess < least:
                best, least = found, excess
        return best

    def _solve_and_check(
        self, case: Case, bottom: tuple[Stretch, ...], resolution: Resolution
    ) -> tuple[tuple[SolvedPoint, Columns], float]:
        """A solution with its error estimate, and that error over what is wanted."""
        solution, columns = self._solve_at(case, bottom, resolution)
        finer = planning.check_of(resolution, width=case.cell.electrolyte.width)
        try:
            _, check = self._solve_at(case, bottom, finer)
        except ComputationError as error:
            columns.numbers["status"] = STATUSES.index("tolerance not met")
            columns.reasons[0] = f"the error could not be estimated: {error}"
            excess = math.inf
        else:
            excess = float(set_estimates(case, columns, check)[0])
        result = result_at(columns, 0, case=case, solver=self.name)
        return (replace(solution, result=result), columns), excess

    def _solve_at(
        self, case: Case, bottom: tuple[Stretch, ...], resolution: Resolution
    ) -> tuple[SolvedPoint, Columns]:
        """The solution at one resolution, without an error estimate."""
        geometry = _geometry(case, bottom)
        if geometry != self._geometry:
            self._close()
            self._geometry = geometry
        if resolution not in self._meshed:
            self._meshed[resolution] = _MeshedCell(case, bottom, resolution, self._comm)
        return self._meshed[resolution].solve(case, bottom)

    def _close(self) -> None:
        for meshed in self._meshed.values():
            meshed.close()
        self._meshed.clear()


_Geometry = tuple[float, tuple[tuple[float, float, int], ...]]
"""All that a mesh depends on but its element sizes: height, and ends and tags of the stretches."""


def _geometry(case: Case, bottom: tuple[Stretch, ...]) -> _Geometry:
    places = tuple((stretch.start, stretch.end, int(stretch.tag)) for stretch in bottom)
    return case.cell.electrolyte.height, places


@dataclass(frozen=True)
class _Series:
    """All that the equations depend on but the mesh and the current."""

    bottom: tuple[Stretch, ...]
    conductivity: float
    temperature: float


class _MeshedCell:
    """One geometry at one resolution, with the equations of the latest series on it."""

    def __init__(
        self, case: Case, bottom: tuple[Stretch, ...], resolution: Resolution, comm: MPI.Comm
    ) -> None:
        self._domain = mesh_cell(
            bottom, height=case.cell.electrolyte.height, grading=resolution.grading, comm=comm
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

    def solve(self, case: Case, bottom: tuple[Stretch, ...]) -> tuple[SolvedPoint, Columns]:
        """Solve a case of this geometry, from the latest solution where it is of the same series.

        Raises:
            ConvergenceError: Newton's method and continuation failed, or charge is not balanced.
        """
        problem, domain = self._problem_of(case, bottom)
        state = self._latest = problem.solve(case.operation.current_density, self._latest)
        return solution_of(case, domain, self._degree, state)

    def _problem_of(self, case: Case, bottom: tuple[Stretch, ...]) -> tuple[NewtonProblem, Domain]:
        conductivity = case.cell.electrolyte.conductivity
        series = _Series(bottom, conductivity, case.operation.temperature)
        if self._problem is None or series != self._series:
            self.close()
            self._series = series
            self._problem = NewtonProblem(
                replace(self._domain, bottom=bottom),
                conductivity=conductivity,
                temperature=case.operation.temperature,
                degree=self._degree,
            )
        return self._problem, self._problem.domain


def solution_of(
    case: Case, domain: Domain, degree: int, state: NewtonState
) -> tuple[SolvedPoint, Columns]:
    """What a state of the discrete equations means, without an error estimate. Collective.

    Args:
        case: What was solved.
        domain: On which mesh.
        degree: Polynomial degree.
        state: What the equations of the case on that mesh have come to.

    Returns:
        The solution, and its results as columns.

    Raises:
        ConvergenceError: Charge is not balanced.
    """
    phi = state.potential()
    deviation = trace_on_bottom(state.deviation, domain)
    bottom_state = BottomState(
        bottom=domain.bottom,
        uniform=UniformStates.of_one(state.uniform),
        deviation=replace(deviation, values=deviation.values[None]),
        top_deviation_mean=trace_on_top(state.deviation, domain).mean()[None],
        quadrature_degree=boundary_quadrature_degree(degree),
    )
    places = case.output.probes
    probes = values_at(phi, places) if places else np.empty(0)
    columns = observe(
        case,
        bottom_state,
        current_densities=np.array([case.operation.current_density]),
        probes=probes[None],
        newton_iterations=state.iterations,
        degrees_of_freedom=phi.function_space.dofmap.index_map.size_global,
    )
    result = result_at(columns, 0, case=case, solver=NewtonSolver.name)
    if result.status == "failed":
        raise ConvergenceError(result.reason)
    return SolvedPoint(case, result, domain, degree, bottom_state, phi), columns
