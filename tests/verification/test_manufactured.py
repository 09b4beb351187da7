"""Convergence rates of the package's weak form on a manufactured solution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
import pytest
import ufl
from dolfinx import fem, mesh

from fem_island.results.state import quadrature
from fem_island.solvers.meshed.meshed_electrolyte import MeshedElectrolyte
from fem_island.solvers.meshed.meshing import MICROMETRE, Domain
from fem_island.solvers.meshed.problem import NewtonProblem
from fem_island.solvers.resolution import Grading, boundary_quadrature_degree
from fem_island.surface.bottom import Bottom, Stretch, Tag
from fem_island.surface.kinetics import ButlerVolmer, Reaction

WIDTH, HEIGHT, CONDUCTIVITY, CURRENT = 50e-6, 15e-6, 0.18, 200.0
LAW = ButlerVolmer(
    exchange_current_density=5.0, anodic_transfer_coefficient=0.4, cathodic_transfer_coefficient=0.7
)


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
        height=HEIGHT,
        grading=Grading(HEIGHT / rows, 1.0, HEIGHT / rows),
    )


WAVE, AMPLITUDE = 2 * math.pi / WIDTH, 0.005


def exact(x: Any, y: Any, functions: Any) -> Any:
    """A harmonic potential [V] that lets no current through the sides and CURRENT through the top.

    Args:
        x: Places [m].
        y: Places [m].
        functions: What has cos and cosh of them: NumPy or UFL.
    """
    waves = functions.cos(WAVE * x) * functions.cosh(WAVE * (HEIGHT - y))
    return -0.22 - CURRENT / CONDUCTIVITY * y + AMPLITUDE * waves


@dataclass(frozen=True, eq=False)
class WithSource:
    """A law to which is added what makes the potential the solution.

    Attributes:
        law: The law.
        source: What is added at the quadrature points of the bottom [A/m^2].
    """

    law: Reaction
    source: npt.NDArray[np.float64]

    def current_density(self, overpotential: Any) -> Any:
        """Current density [A/m^2]; elsewhere than at those points that of the law."""
        added = self.source if np.shape(overpotential) == self.source.shape else 0.0
        return self.law.current_density(overpotential) + added

    def slope(self, overpotential: Any) -> Any:
        """Derivative of the current density [S/m^2]."""
        return self.law.slope(overpotential)


def with_source(electrolyte: MeshedElectrolyte) -> Bottom:
    """The bottom whose reaction takes up the current of the exact potential."""
    ends = electrolyte.bottom.ends
    points, _ = quadrature(boundary_quadrature_degree(electrolyte.degree))
    x = ends[:, :1] + (ends[:, 1:] - ends[:, :1]) * points
    waves = AMPLITUDE * WAVE * np.cos(WAVE * x) * math.sinh(WAVE * HEIGHT)
    upward = CURRENT + CONDUCTIVITY * waves
    law = Reaction(LAW)
    source = upward - law.current_density(-exact(x, 0.0, np))
    return Bottom((Stretch(0.0, WIDTH, Tag.ISLAND, 0, WithSource(law, source)),))


def error_in_l2(degree: int, rows: int) -> float:
    """Error of the package's own solution of these equations."""
    domain = rectangle(rows)
    electrolyte = MeshedElectrolyte(domain, degree)
    with NewtonProblem(electrolyte, with_source(electrolyte), conductivity=CONDUCTIVITY) as problem:
        state = problem.solve(CURRENT)
    found = electrolyte.function(state.potential, "potential")
    place = MICROMETRE * ufl.SpatialCoordinate(domain.mesh)
    difference = (found - exact(place[0], place[1], ufl)) ** 2
    squared = fem.form(difference * ufl.dx(metadata={"quadrature_degree": 2 * degree + 8}))
    return math.sqrt(float(np.real(fem.assemble_scalar(squared))))


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_convergence_rate_is_one_more_than_the_degree(degree: int) -> None:
    errors = [error_in_l2(degree, rows) for rows in (12, 24, 48)]
    rates = [math.log2(a / b) for a, b in pairwise(errors)]
    assert rates == pytest.approx([degree + 1] * 2, abs=0.1)
    assert errors[0] < 1e-3
