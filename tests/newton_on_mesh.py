"""The Newton solver on a mesh that a test chooses."""

from __future__ import annotations

from fem_island.case.case import Case
from fem_island.results.columns import Columns
from fem_island.solvers.meshed.meshed_electrolyte import MeshedElectrolyte
from fem_island.solvers.meshed.meshing import Domain
from fem_island.solvers.meshed.newton_steps import ACCEPTED_RESIDUAL
from fem_island.solvers.meshed.problem import NewtonProblem
from fem_island.solvers.meshed.solved_on_mesh import solved_on
from fem_island.solvers.solved import SolvedPoint
from fem_island.surface.points import OperatingPoints


def solve_on(
    case: Case, domain: Domain, degree: int, *, accepted_residual: float = ACCEPTED_RESIDUAL
) -> tuple[SolvedPoint, Columns]:
    """The solution of a case on a mesh, without an error estimate, and its results as columns."""
    points = OperatingPoints.of(case, bottom=domain.bottom)
    electrolyte = MeshedElectrolyte(domain, degree)
    with NewtonProblem(
        electrolyte,
        domain.bottom,
        conductivity=points.conductivity,
        accepted_residual=accepted_residual,
    ) as problem:
        state = problem.solve(case.operation.current_density)
    solved = solved_on(points, electrolyte, [state], {})
    return solved.solution(case), solved.columns
