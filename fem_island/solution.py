"""Solving a case to its tolerance: the entry point of the Python interface."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
from dolfinx import fem

from fem_island import accuracy
from fem_island.accuracy import Resolution
from fem_island.bottom import UniformStates, stretches, uniform_state
from fem_island.boundary_trace import trace_on_bottom, trace_on_top
from fem_island.cell import Case, Cell
from fem_island.columns import Columns
from fem_island.errors import ComputationError, ConvergenceError
from fem_island.meshing import Domain, mesh_cell
from fem_island.observables import BottomState, observe
from fem_island.potential import NewtonProblem, boundary_quadrature_degree
from fem_island.result import Result
from fem_island.sampling import values_at
from fem_island.single import result_at
from fem_island.trace import Array

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Solution:
    """A solved case.

    Attributes:
        case: What was computed.
        result: The numbers.
        domain: The mesh that it was computed on.
        degree: Polynomial degree of the potential.
        bottom_state: The solution on the bottom.
        potential_function: phi [V] on the mesh (coordinates in um).
    """

    case: Case
    result: Result
    domain: Domain
    degree: int
    bottom_state: BottomState
    potential_function: fem.Function[np.float64]

    def potential(self, points: npt.ArrayLike) -> Array:
        """Potential at points. Collective.

        Args:
            points: x and y of every point [m], shape (n, 2).

        Returns:
            phi [V], shape (n,); NaN outside the cell.
        """
        return values_at(self.potential_function, points)

    def plot(self, path: Path | str | None = None) -> Any:
        """Draw the potential with the current's paths. Collective.

        Args:
            path: Picture file to write (.png, .pdf, .svg), or None.

        Returns:
            The matplotlib figure on rank 0, else None.
        """
        from fem_island.plots.field import plot_field

        return plot_field(self, path)

    def plot_profile(self, path: Path | str | None = None) -> Any:
        """Draw overpotential and local current density along the bottom. Collective.

        Args:
            path: Picture file to write (.png, .pdf, .svg), or None.

        Returns:
            The matplotlib figure on rank 0, else None.
        """
        from fem_island.plots.profile import plot_profile

        return plot_profile(self, path)

    def write(self, folder: Path | str, name: str = "solution") -> list[Path]:
        """Write field, pictures and numbers into a folder. Collective.

        Args:
            folder: Made where it does not exist.
            name: What the names of the files start with.

        Returns:
            The files written.
        """
        from fem_island.files import write_solution

        return write_solution(self, Path(folder), name)


def solve(
    cell: Cell | Case,
    *,
    current_density: float | str | None = None,
    temperature: float | str | None = None,
    tolerance: float | str | None = None,
    degree: int | None = None,
    comm: MPI.Comm | None = None,
) -> Solution:
    """Solve one cell at one current by Newton's method on a mesh that meets the tolerance.

    Args:
        cell: The cell, or a whole case; the arguments below replace what a case says.
        current_density: I [A/m^2]; above 0 strips. Default 0.25 mA/cm^2.
        temperature: T [K]. Default 298.15 K.
        tolerance: Wanted error of every reported potential [V]. Default 1 uV.
        degree: Polynomial degree; by default the tolerance chooses.
        comm: Who shares the problem; by default this process alone. Collective.

    Returns:
        The solution. Its status is "tolerance not met" where the finest mesh was not enough.

    Raises:
        InputError: A value is not allowed.
        ConvergenceError: Newton's method and continuation failed, or charge is not balanced.

    Example:
        >>> cell = Cell(islands=[{"width": "5 um"}])
        >>> round(solve(cell, current_density="0.25 mA/cm^2").result.overpotential_mean, 4)
        0.0846
    """
    case = cell if isinstance(cell, Case) else Case(cell=cell)
    operation = {"current_density": current_density, "temperature": temperature}
    wanted = {"tolerance": tolerance, "degree": degree}
    case = Case(
        cell=case.cell,
        operation=dict(case.operation) | _given(operation),
        accuracy=dict(case.accuracy) | _given(wanted),
        output=case.output,
    )
    return solve_case(case, MPI.COMM_SELF if comm is None else comm)


def solve_case(case: Case, comm: MPI.Comm) -> Solution:
    """Solve a case on a communicator; see ``solve``. Collective."""
    bottom = stretches(case)
    uniform = uniform_state(bottom, case.operation.current_density)
    resolution = accuracy.first_resolution(case, bottom, uniform)
    solution, excess = best, least = _solve_and_check(case, resolution, comm)
    while excess > 1:
        finer = accuracy.finer_resolution(
            case,
            bottom,
            resolution,
            excess=excess,
            edge_current=solution.result.peak_current_density,
        )
        logger.info("error %.1e of what is wanted: next %s", excess, finer)
        if finer is None:
            break
        resolution = finer
        try:
            solution, excess = _solve_and_check(case, resolution, comm)
        except ComputationError as error:
            logger.info("%s; keeping the solution before it", error)
            break
        if excess < least:
            best, least = solution, excess
    return best


def _solve_and_check(case: Case, resolution: Resolution, comm: MPI.Comm) -> tuple[Solution, float]:
    """A solution with its error estimate, and that error over what is wanted."""
    solution, columns = _solve_at(case, resolution, comm)
    finer = accuracy.check_of(resolution, width=case.cell.electrolyte.width)
    try:
        _, check = _solve_at(case, finer, comm)
    except ComputationError as error:
        result = replace(
            solution.result,
            status="tolerance not met",
            reason=f"the error could not be estimated: {error}",
        )
        return replace(solution, result=result), math.inf
    excess = float(accuracy.set_estimates(case, columns, check)[0])
    solution = replace(solution, result=result_at(columns, 0, case=case, solver="newton"))
    return solution, excess


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _solve_at(case: Case, resolution: Resolution, comm: MPI.Comm) -> tuple[Solution, Columns]:
    """The solution at one resolution, without an error estimate, and its results as columns."""
    electrolyte = case.cell.electrolyte
    domain = mesh_cell(
        stretches(case), height=electrolyte.height, grading=resolution.grading, comm=comm
    )
    return solve_on(case, domain, resolution.degree)


def solve_on(case: Case, domain: Domain, degree: int) -> tuple[Solution, Columns]:
    """The solution of a case on a mesh, without an error estimate, and its results as columns.

    Raises:
        ConvergenceError: Newton's method and continuation failed, or charge is not balanced.
    """
    with NewtonProblem(
        domain,
        conductivity=case.cell.electrolyte.conductivity,
        temperature=case.operation.temperature,
        degree=degree,
    ) as problem:
        state = problem.solve(case.operation.current_density)
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
    result = result_at(columns, 0, case=case, solver="newton")
    if result.status == "failed":
        raise ConvergenceError(result.reason)
    return Solution(case, result, domain, degree, bottom_state, phi), columns
