"""One operating point with its field: what ``fem-island solve --solver condensed`` needs."""

from __future__ import annotations

import numpy as np

from fem_island.case.case import Case
from fem_island.errors import ConvergenceError
from fem_island.results.reading import result_at
from fem_island.solvers.condensed.grid_field import GridField, unfolded
from fem_island.solvers.condensed.solver import CondensedSolver
from fem_island.solvers.condensed.stacks import StackedElectrolyte
from fem_island.solvers.solved import SolvedPoint


def solve_case(case: Case) -> SolvedPoint:
    """Solve a case on its condensed grid, by this process alone.

    Args:
        case: What to compute.

    Returns:
        The solution; its field is recovered on the whole grid.

    Raises:
        ConvergenceError: Newton's method failed, or charge is not balanced.

    Example:
        >>> round(solve_case(Case()).result.overpotential_mean, 4)
        0.0846
    """
    solver = CondensedSolver()
    currents = np.array([case.operation.current_density])
    columns, found = solver.solve_and_keep(case, currents)
    result = result_at(columns, 0, case=case, solver=solver.name)
    if result.status == "failed" or found[0] is None:
        raise ConvergenceError(result.reason)
    attempt, _ = found[0]
    geometry, points = attempt.solved.geometry, attempt.points
    deviation = attempt.solved.solutions.deviation
    electrolyte = geometry.electrolyte
    if isinstance(electrolyte, StackedElectrolyte):
        raise TypeError("one point is no stack")
    values = electrolyte.on_grid(deviation[0], currents[0] / points.conductivity)
    values -= points.uniform.drive[0]
    make = unfolded if geometry.mirrored else GridField
    field = make(electrolyte.x, electrolyte.y, values)
    state = geometry.state(points, deviation)
    return SolvedPoint(case, result, attempt.resolution, state, field)
