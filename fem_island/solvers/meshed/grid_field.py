"""One operating point with its field: what ``fem-island solve --solver condensed`` needs."""

from __future__ import annotations

from mpi4py import MPI  # noqa: F401  (brings the MPI library that DOLFINx needs)

import numpy as np
import numpy.typing as npt
from dolfinx import fem

from fem_island.case.cell import Case
from fem_island.errors import ConvergenceError
from fem_island.machine.arrays import Array
from fem_island.results.reading import result_at
from fem_island.solvers.condensed.geometry import CondensedGeometry
from fem_island.solvers.condensed.solver import CondensedSolver
from fem_island.solvers.meshed.exclusive import one_at_a_time
from fem_island.solvers.meshed.grid_mesh import domain_of
from fem_island.solvers.meshed.meshing import MICROMETRE, Domain
from fem_island.solvers.meshed.solver import NewtonSolver
from fem_island.solvers.solved import SolvedPoint


@one_at_a_time
def solve_case(case: Case) -> SolvedPoint:
    """Solve a case on its condensed grid, by this process alone.

    Args:
        case: What to compute.

    Returns:
        The solution with everything that one of ``fem_island.solve`` has: its mesh is the whole
        grid, its field is recovered there. A bottom too large to condense is solved by ``newton``.

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
    if result.status == "failed":
        raise ConvergenceError(result.reason)
    if found[0] is None:
        with NewtonSolver() as newton:
            return newton.solve_case(case)
    attempt, _ = found[0]
    geometry, points = attempt.solved.geometry, attempt.points
    deviation = attempt.solved.solutions.deviation
    electrolyte = geometry.electrolyte
    domain = domain_of(
        electrolyte.x,
        electrolyte.y,
        points.bottom,
        grading=attempt.resolution.grading,
        mirrored=geometry.mirrored,
    )
    values = electrolyte.on_grid(deviation[0], currents[0] / points.conductivity)
    phi = _function(domain, geometry, values - points.uniform.drive[0])
    state = geometry.state(points, deviation)
    return SolvedPoint(case, result, domain, attempt.resolution.degree, state, phi)


def _function(
    domain: Domain, geometry: CondensedGeometry, values: Array
) -> fem.Function[np.float64]:
    """Values on the nodes of a grid, shape (y, x), as a function on its mesh."""
    x, y = geometry.electrolyte.x, geometry.electrolyte.y
    space = fem.functionspace(domain.mesh, ("Lagrange", x.degree))
    phi: fem.Function[np.float64] = fem.Function(space, name="potential")
    places = geometry.folded(MICROMETRE * space.tabulate_dof_coordinates()[:, :2])
    phi.x.array[:] = values[_nearest(y.nodes, places[:, 1]), _nearest(x.nodes, places[:, 0])]
    return phi


def _nearest(nodes: Array, places: Array) -> npt.NDArray[np.intp]:
    return np.searchsorted(0.5 * (nodes[1:] + nodes[:-1]), places)
