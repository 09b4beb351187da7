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
from fem_island.bottom import stretches, uniform_state
from fem_island.boundary_trace import trace_on_bottom, trace_on_top
from fem_island.cell import Case, Cell
from fem_island.errors import ComputationError, ConvergenceError
from fem_island.meshing import Domain, mesh_cell
from fem_island.observables import BottomState, observe
from fem_island.potential import NewtonProblem, boundary_quadrature_degree
from fem_island.result import Result
from fem_island.sampling import values_at
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
    solution = _solve_at(case, resolution, comm)
    finer = accuracy.check_of(resolution, width=case.cell.electrolyte.width)
    try:
        check = _solve_at(case, finer, comm).result
    except ComputationError as error:
        result = replace(
            solution.result,
            status="tolerance not met",
            reason=f"the error could not be estimated: {error}",
        )
        return replace(solution, result=result), math.inf
    largest = accuracy.largest_difference(solution.result, check)
    met = largest <= case.accuracy.tolerance
    result = replace(
        solution.result,
        error_estimate=accuracy.estimate(solution.result, check),
        status="converged" if met else "tolerance not met",
        reason="" if met else f"the estimated error of a potential is {largest:.1e} V",
    )
    return replace(solution, result=result), accuracy.excess_over(case, result, check)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _solve_at(case: Case, resolution: Resolution, comm: MPI.Comm) -> Solution:
    """The solution at one resolution, without an error estimate."""
    electrolyte = case.cell.electrolyte
    domain = mesh_cell(
        stretches(case), height=electrolyte.height, grading=resolution.grading, comm=comm
    )
    with NewtonProblem(
        domain,
        conductivity=electrolyte.conductivity,
        temperature=case.operation.temperature,
        degree=resolution.degree,
    ) as problem:
        state = problem.solve(case.operation.current_density)
    phi = state.potential()
    bottom_state = BottomState(
        bottom=domain.bottom,
        uniform=state.uniform,
        deviation=trace_on_bottom(state.deviation, domain),
        top_deviation_mean=trace_on_top(state.deviation, domain).mean(),
        quadrature_degree=boundary_quadrature_degree(resolution.degree),
    )
    places = case.output.probes
    potentials = values_at(phi, places) if places else ()
    result = observe(
        case,
        bottom_state,
        probes=[(x, y, float(value)) for (x, y), value in zip(places, potentials, strict=True)],
        newton_iterations=state.iterations,
        degrees_of_freedom=phi.function_space.dofmap.index_map.size_global,
        solver="newton",
    )
    if result.status == "failed":
        raise ConvergenceError(result.reason)
    return Solution(case, result, domain, resolution.degree, bottom_state, phi)
