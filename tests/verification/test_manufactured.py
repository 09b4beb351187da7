"""Convergence rates of the package's weak form on a manufactured solution."""

from __future__ import annotations

import math
from itertools import pairwise

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh
from dolfinx.fem.petsc import NonlinearProblem

from fem_island.materials.constants import REFERENCE_TEMPERATURE
from fem_island.solvers.meshed.meshing import MICROMETRE, Domain
from fem_island.solvers.meshed.problem import residual
from fem_island.solvers.meshed.reactions import place_reactions
from fem_island.solvers.resolution import Grading
from fem_island.surface.bottom import Bottom, Stretch, Tag
from fem_island.surface.kinetics import ButlerVolmer, Reaction

WIDTH, HEIGHT, CONDUCTIVITY, CURRENT = 50e-6, 15e-6, 0.18, 200.0
LAW = ButlerVolmer(
    exchange_current_density=5.0, anodic_transfer_coefficient=0.4, cathodic_transfer_coefficient=0.7
)
NEWTON = {
    "snes_rtol": 1e-13,
    "snes_atol": 1e-20,
    "ksp_type": "preonly",
    "pc_type": "lu",
    "pc_factor_mat_solver_type": "mumps",
}


def rectangle(rows: int) -> Domain:
    """A uniform mesh of the cell with lithium on all of the bottom."""
    size = (WIDTH / MICROMETRE, HEIGHT / MICROMETRE)
    cells = (rows * 10 // 3, rows)
    grid = mesh.create_rectangle(MPI.COMM_SELF, [(0.0, 0.0), size], cells)
    bottom = mesh.locate_entities_boundary(grid, 1, lambda x: np.isclose(x[1], 0.0))
    top = mesh.locate_entities_boundary(grid, 1, lambda x: np.isclose(x[1], size[1]))
    facets = np.concatenate([bottom, top])
    tags = np.repeat([int(Tag.ISLAND), int(Tag.TOP)], [len(bottom), len(top)]).astype(np.int32)
    order = np.argsort(facets)
    return Domain(
        mesh=grid,
        facet_tags=mesh.meshtags(grid, 1, facets[order], tags[order]),
        bottom=Bottom((Stretch(0.0, WIDTH, Tag.ISLAND, 0, Reaction(LAW)),)),
        width=WIDTH,
        height=HEIGHT,
        grading=Grading(HEIGHT / rows, 1.0, HEIGHT / rows),
    )


def error_in_l2(degree: int, rows: int) -> float:
    """Solve with the fluxes that make a chosen harmonic potential the solution."""
    domain = rectangle(rows)
    x = ufl.SpatialCoordinate(domain.mesh)
    wave = math.pi / (WIDTH / MICROMETRE)
    exact = -0.08 - 1e-3 * x[1] + 0.03 * ufl.cos(wave * x[0]) * ufl.cosh(wave * x[1])

    space = fem.functionspace(domain.mesh, ("Lagrange", degree))
    deviation: fem.Function[np.float64] = fem.Function(space)
    test = ufl.TestFunction(space)
    reactions = place_reactions(domain, fem.Constant(domain.mesh, REFERENCE_TEMPERATURE))
    # phi = psi - drive with a drive of 0.05 V, so the uniform overpotential is 0.05 V.
    drive = 0.05
    reactions.uniform_overpotential.x.array[:] = drive
    ds = domain.boundary_measure(4 * degree + 8)
    form = residual(
        deviation,
        test,
        reactions=reactions,
        conductivity=fem.Constant(domain.mesh, CONDUCTIVITY),
        current_density=fem.Constant(domain.mesh, CURRENT),
        ds=ds,
    )
    upward = -CONDUCTIVITY * exact.dx(1)
    form -= (upward - MICROMETRE * LAW.current_density(-exact)) * test * ds(Tag.ISLAND)
    form += (upward - MICROMETRE * CURRENT) * test * ds(Tag.TOP)
    problem = NonlinearProblem(
        form, deviation, petsc_options_prefix="manufactured_", petsc_options=NEWTON
    )
    problem.solve()
    assert problem.solver.getFunctionNorm() < 1e-12
    difference = (deviation - drive - exact) ** 2
    squared = fem.form(difference * ufl.dx(metadata={"quadrature_degree": 2 * degree + 8}))
    return math.sqrt(float(np.real(fem.assemble_scalar(squared))))


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_convergence_rate_is_one_more_than_the_degree(degree: int) -> None:
    errors = [error_in_l2(degree, rows) for rows in (12, 24, 48)]
    rates = [math.log2(a / b) for a, b in pairwise(errors)]
    assert rates == pytest.approx([degree + 1] * 2, abs=0.1)
    assert errors[0] < 1e-3
