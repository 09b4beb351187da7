"""The map with scikit-fem: the Laplacian once per geometry, only the island in every step.

scikit-fem leaves solving to SciPy, where most of the time goes. SuperLU orders the unknowns once
per geometry; they are then numbered in that order. Its supernodes do not pay at this size.

Of what was tried (degrees 2 to 4, tensor-product and Gmsh meshes, several gradings, orderings and
options of SuperLU) these settings reach the wanted error fastest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse.linalg
import skfem
from skfem.helpers import dot, grad

from peers.graded_mesh import graded_model
from peers.problem import (
    CONDUCTIVITY,
    CORRECTION,
    EXCHANGE_CURRENT_DENSITY,
    HEIGHT,
    MICROMETRE,
    MOST_STEPS,
    SCALE,
    WIDTH,
    Contender,
    Overpotentials,
    uniform_overpotential,
)

DEGREE, EDGE_SIZE, GROWTH, QUADRATURE = 2, 0.005, 0.45, 6
SETTINGS = (
    f"P{DEGREE} on a Gmsh mesh, {EDGE_SIZE} w at the island's edges, growth {GROWTH}; Laplacian "
    "assembled once per geometry, the island in every step; SuperLU in symmetric mode without "
    "supernodes, ordered once per geometry, one factorisation per point; correction below "
    f"{CORRECTION:g} V; first guess asinh and the ohmic part of the point before"
)


def _conduction(u: Any, v: Any, _: Any) -> Any:
    return CONDUCTIVITY * dot(grad(u), grad(v))


def _reaction(v: Any, at: Any) -> Any:
    current = 2 * EXCHANGE_CURRENT_DENSITY * np.sinh(SCALE * at.overpotential / 2)
    return MICROMETRE * current * v


def _reaction_slope(u: Any, v: Any, at: Any) -> Any:
    slope = EXCHANGE_CURRENT_DENSITY * SCALE * np.cosh(SCALE * at.overpotential / 2)
    return MICROMETRE * slope * u * v


LAPLACIAN = skfem.BilinearForm(_conduction)
INTEGRAL = skfem.LinearForm(lambda v, _: 1.0 * v)
REACTION = skfem.LinearForm(_reaction)
REACTION_SLOPE = skfem.BilinearForm(_reaction_slope)


def solve_map(widths: Sequence[float], currents: Sequence[float]) -> Overpotentials:
    """Solve for all island widths [um] and applied current densities [A/m^2]."""
    found = Overpotentials()
    for width in widths:
        _solve_width(width, currents, found)
    return found


def _solve_width(width: float, currents: Sequence[float], found: Overpotentials) -> None:
    mesh = _mesh(width)
    element = skfem.ElementTriP2()
    edge = (WIDTH - width) / 2

    def on_island(x: Any) -> Any:
        return (x[1] < 1e-9) & (x[0] > edge) & (x[0] < WIDTH - edge)

    basis = skfem.Basis(mesh, element)
    facets = mesh.facets_satisfying(on_island, boundaries_only=True)
    island = skfem.FacetBasis(mesh, element, facets=facets, intorder=QUADRATURE)
    top = mesh.facets_satisfying(lambda x: x[1] > HEIGHT - 1e-9, boundaries_only=True)
    conduction = LAPLACIAN.assemble(basis).tocsc()
    load = MICROMETRE * INTEGRAL.assemble(skfem.FacetBasis(mesh, element, facets=top))
    weights = INTEGRAL.assemble(island) / width
    nodes = basis.get_dofs(facets).all()

    # In the ordered matrices unknown k is the one that is eliminated as number k.
    number = _factorised(conduction + scipy.sparse.eye(basis.N), "MMD_AT_PLUS_A").perm_c
    order = np.argsort(number)
    ordered = conduction[order][:, order].tocsc()

    deviation = np.zeros(basis.N)
    mean, largest = [], []
    before = currents[0]
    for applied in currents:
        uniform = uniform_overpotential(width, applied)
        deviation *= applied / before
        before = applied
        factors = None
        for _ in range(MOST_STEPS):
            overpotential = uniform - island.interpolate(deviation)
            residual = conduction @ deviation + applied * load
            residual -= REACTION.assemble(island, overpotential=overpotential)
            if factors is None:
                slope = REACTION_SLOPE.coo_data(island, overpotential=overpotential)
                entries = slope.data, tuple(number[slope.indices])
                slope = scipy.sparse.csc_matrix(entries, shape=ordered.shape)
                factors = _factorised(ordered + slope, "NATURAL")
            correction = factors.solve(residual[order])[number]
            deviation -= correction
            if np.abs(correction).max() < CORRECTION:
                break
        else:
            raise RuntimeError(f"no convergence at {width} um, {applied} A/m^2")
        mean.append(float(uniform - weights @ deviation))
        largest.append(float(uniform - deviation[nodes].min()))
    found.mean.append(mean)
    found.largest.append(largest)
    found.unknowns.append(basis.N)


def _factorised(matrix: Any, ordering: str) -> Any:
    """Factors of a symmetric positive definite matrix."""
    return scipy.sparse.linalg.splu(
        matrix.tocsc(),
        permc_spec=ordering,
        diag_pivot_thresh=0.0,
        relax=1,
        panel_size=1,
        options={"SymmetricMode": True},
    )


def _mesh(width: float) -> Any:
    with graded_model(width, edge_size=EDGE_SIZE, growth=GROWTH) as model:
        tags, coordinates, _ = model.mesh.getNodes()
        _, corners = model.mesh.getElementsByType(2)
    order = np.argsort(tags)
    triangles = order[np.searchsorted(tags, corners, sorter=order)].reshape(-1, 3)
    points = coordinates.reshape(-1, 3)[:, :2]
    return skfem.MeshTri(np.ascontiguousarray(points.T), np.ascontiguousarray(triangles.T))


CONTENDER = Contender(
    title="scikit-fem",
    packages=("scikit-fem", "scipy", "gmsh"),
    settings=SETTINGS,
    solve_map=solve_map,
)
