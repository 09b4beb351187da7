"""Solving one case: the entry point of the Python interface."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fem_island.case.case import Case
from fem_island.case.cell import PAPER_CELL, Cell
from fem_island.case.file import as_case
from fem_island.errors import Fault, InputError
from fem_island.experiments.point.solution import Solution
from fem_island.machine.communicator import Communicator, OneProcess
from fem_island.solvers.condensed import point
from fem_island.solvers.names import SolverName, check_solver, default_solver


def solve(
    cell: Cell | Case | Path | str = PAPER_CELL,
    *,
    current_density: float | str | None = None,
    temperature: float | str | None = None,
    tolerance: float | str | None = None,
    degree: int | None = None,
    solver: SolverName | None = None,
    comm: Communicator | None = None,
) -> Solution:
    """Solve one cell at one current, discretised so that it meets the tolerance.

    Args:
        cell: The cell, a whole case, or the name of a case file; by default the paper's cell. The
            arguments below replace what a case says.
        current_density: I [A/m^2]; above 0 strips. Default 0.25 mA/cm^2.
        temperature: T [K]. Default 298.15 K.
        tolerance: Wanted error of every reported potential [V]. Default 1 uV.
        degree: Polynomial degree; by default the tolerance chooses.
        solver: "newton" solves the equations on a mesh of triangles, or of hexahedra over a contact
            map, shared by all ranks; "condensed" those of the bottom alone, on one rank. Default:
            "newton" where DOLFINx is installed, "condensed" on maps.
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
    case = as_case(cell)
    operation = {"current_density": current_density, "temperature": temperature}
    wanted = {"tolerance": tolerance, "degree": degree}
    case = case.with_(
        operation=dict(case.operation) | _given(operation),
        accuracy=dict(case.accuracy) | _given(wanted),
    )
    return solve_case(case, OneProcess() if comm is None else comm, solver=solver)


def solve_case(case: Case, comm: Communicator, *, solver: SolverName | None = None) -> Solution:
    """Solve a case on a communicator; see ``solve``. Collective.

    Raises:
        InputError: "condensed" was asked to share its problem with other ranks, or the solver
            cannot run here.
    """
    solver = solver_for(case, solver)
    if solver == "condensed":
        if comm.size > 1:
            reason = "solves a case on one rank only; share it with newton"
            raise InputError([Fault("solver", solver, reason)])
        if case.cell.map is not None:
            return _solved_map(case)
        return Solution.of(point.solve_case(case))
    if case.cell.map is not None:
        from fem_island.experiments.point.map_solution import MapSolution
        from fem_island.solvers.meshed.boxes.box_solver import BoxSolver

        return MapSolution.of_map(BoxSolver(comm).solve_case(case), rank=comm.rank)
    from fem_island.solvers.meshed.solver import NewtonSolver

    with NewtonSolver(comm) as newton:
        return Solution.of(newton.solve_case(case))


def _solved_map(case: Case) -> Solution:
    """A case of a map by the solver of its electrolyte; other cases need not load them."""
    from fem_island.experiments.point.map_solution import MapSolution
    from fem_island.solvers.cosine.point import solve_map
    from fem_island.solvers.voxels.voxel_solver import VoxelSolver

    porous = case.cell.electrolyte.conductivity_image is not None
    return MapSolution.of_map(VoxelSolver().solve_case(case) if porous else solve_map(case))


def solver_for(case: Case, solver: SolverName | None, *, key: str = "solver") -> SolverName:
    """The solver that was asked for, or the one that a case gets without.

    Args:
        case: What is solved.
        solver: What was asked for.
        key: Where it was given.

    Raises:
        InputError: There is no such solver, or it cannot run here.
    """
    if solver is not None:
        check_solver(solver, key=key)
    return solver or default_solver(of_map=case.cell.map is not None)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
