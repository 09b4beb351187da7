"""A loop over the map as the DOLFINx tutorial teaches it, with a good mesh and a good first guess.

The equations stand in UFL as they stand on paper, a ``Constant`` holds the applied current, and
``NonlinearProblem`` (SNES, a direct solver) is made once for every geometry.
"""

from __future__ import annotations

from collections.abc import Sequence

from mpi4py import MPI

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem.petsc import NonlinearProblem
from dolfinx.io import gmsh as gmsh_io

from peers.graded_mesh import graded_model
from peers.problem import (
    CONDUCTIVITY,
    EXCHANGE_CURRENT_DENSITY,
    MICROMETRE,
    SCALE,
    Contender,
    Overpotentials,
    uniform_overpotential,
)

DEGREE, EDGE_SIZE, GROWTH = 2, 0.005, 0.45
ISLAND, TOP = 1, 4
OPTIONS = {
    "snes_type": "newtonls",
    "snes_linesearch_type": "none",
    "snes_rtol": 1e-6,
    "snes_atol": 1e-14,
    "ksp_type": "preonly",
    "pc_type": "lu",
}
SETTINGS = (
    f"P{DEGREE} on a Gmsh mesh, {EDGE_SIZE} w at the island's edges, growth {GROWTH}; one "
    "NonlinearProblem per geometry, PETSc's LU, relative residual 1e-6; first guess asinh"
)


def solve_map(widths: Sequence[float], currents: Sequence[float]) -> Overpotentials:
    """Solve for all island widths [um] and applied current densities [A/m^2]."""
    found = Overpotentials()
    for width in widths:
        _solve_width(width, currents, found)
    return found


def _solve_width(width: float, currents: Sequence[float], found: Overpotentials) -> None:
    with graded_model(width, edge_size=EDGE_SIZE, growth=GROWTH) as model:
        data = gmsh_io.model_to_mesh(model, MPI.COMM_SELF, 0, gdim=2)
    mesh, facet_tags = data.mesh, data.facet_tags
    if facet_tags is None:
        raise RuntimeError("no boundary was tagged")
    space = fem.functionspace(mesh, ("Lagrange", DEGREE))
    phi: fem.Function[np.float64] = fem.Function(space)
    test = ufl.TestFunction(space)
    current: fem.Constant[np.float64] = fem.Constant(mesh, 0.0)
    kappa: fem.Constant[np.float64] = fem.Constant(mesh, CONDUCTIVITY)
    ds = ufl.Measure("ds", domain=mesh, subdomain_data=facet_tags)
    island = ds(ISLAND, metadata={"quadrature_degree": 8})
    reaction = 2 * EXCHANGE_CURRENT_DENSITY * ufl.sinh(-SCALE * phi / 2)
    form = kappa * ufl.inner(ufl.grad(phi), ufl.grad(test)) * ufl.dx
    form += MICROMETRE * current * test * ds(TOP)
    form -= MICROMETRE * reaction * test * island
    problem = NonlinearProblem(
        form, phi, petsc_options_prefix="tutorial_loop_", petsc_options=OPTIONS
    )
    integral = fem.form(-phi * island)
    nodes = fem.locate_dofs_topological(space, 1, facet_tags.find(ISLAND))

    mean, largest = [], []
    for applied in currents:
        current.value = np.asarray(applied)
        phi.x.array[:] = -uniform_overpotential(width, applied)
        problem.solve()
        # An int, whatever petsc4py's stub says.
        reason: int = problem.solver.getConvergedReason()  # type: ignore[assignment]
        if reason <= 0:
            raise RuntimeError(f"no convergence at {width} um, {applied} A/m^2")
        mean.append(fem.assemble_scalar(integral).real / width)
        largest.append(float(-phi.x.array[nodes].min()))
    found.mean.append(mean)
    found.largest.append(largest)
    found.unknowns.append(space.dofmap.index_map.size_global)


CONTENDER = Contender(
    title="DOLFINx, tutorial loop",
    packages=("dolfinx-solver-real", "fenics-dolfinx", "gmsh"),
    settings=SETTINGS,
    solve_map=solve_map,
)
