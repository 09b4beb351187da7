"""The map with NGSolve: geometric refinement at the island's edges, high order, reused factors.

The mesh is a coarse one of Netgen that is refined geometrically towards the two edges. The
Laplacian is assembled once per geometry, the island in every step, both into one sparsity pattern,
so that the sparse Cholesky factorisation is ordered once per geometry and only its numbers are
updated.

Of what was tried (orders 2 to 6, mesh sizes, gradings and refinements, with and without keeping
the factors within a point) these settings reach the wanted error fastest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ngsolve as ng
from netgen.geom2d import SplineGeometry

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

ORDER, REFINEMENTS, FACTOR = 4, 4, 0.2
EDGE_SIZE, GRADING = 0.3, 0.6
SETTINGS = (
    f"order {ORDER}; Netgen mesh, {EDGE_SIZE} w at the island's edges, grading {GRADING}, refined "
    f"{REFINEMENTS} times towards them by {FACTOR}; Laplacian assembled once per geometry, the "
    "island in every step; sparse Cholesky, ordered once per geometry, one factorisation per "
    f"point; correction below {CORRECTION:g} V; first guess asinh and the ohmic part of the point "
    "before"
)


def solve_map(widths: Sequence[float], currents: Sequence[float]) -> Overpotentials:
    """Solve for all island widths [um] and applied current densities [A/m^2]."""
    ng.SetNumThreads(1)
    found = Overpotentials()
    for width in widths:
        _solve_width(width, currents, found)
    return found


def _solve_width(width: float, currents: Sequence[float], found: Overpotentials) -> None:
    mesh = _mesh(width)
    space = ng.H1(mesh, order=ORDER)
    u, v = space.TnT()
    deviation = ng.GridFunction(space)
    uniform = ng.Parameter(0.0)
    overpotential = uniform - deviation
    island = ng.ds("island")

    conduction = ng.BilinearForm(space, symmetric=True)
    conduction += CONDUCTIVITY * ng.grad(u) * ng.grad(v) * ng.dx
    conduction.Assemble()
    # The second integral reserves the pattern of the Laplacian, and is then defined nowhere.
    anywhere = ng.BitArray(mesh.ne)
    anywhere.Set()
    exchange = MICROMETRE * EXCHANGE_CURRENT_DENSITY
    slope = ng.BilinearForm(space, symmetric=True)
    slope += exchange * SCALE * ng.cosh(SCALE * overpotential / 2) * u * v * island
    slope += u * v * ng.dx(definedonelements=anywhere)
    slope.Assemble()
    anywhere.Clear()
    reaction = ng.LinearForm(space)
    reaction += 2 * exchange * ng.sinh(SCALE * overpotential / 2) * v * island
    load = ng.LinearForm(MICROMETRE * v * ng.ds("top")).Assemble()
    weights = ng.LinearForm(v * island).Assemble()
    # The values at vertices come first, and the largest is at an edge of the island.
    elements = mesh.Boundaries("island").Elements()
    nodes = sorted({vertex.nr for element in elements for vertex in element.vertices})
    values = deviation.vec.FV().NumPy()

    jacobian = slope.mat.CreateMatrix()
    residual, correction = deviation.vec.CreateVector(), deviation.vec.CreateVector()
    inverse: Any = None
    mean, largest = [], []
    before = currents[0]
    for applied in currents:
        uniform.Set(uniform_overpotential(width, applied))
        values *= applied / before
        before = applied
        for step in range(MOST_STEPS):
            reaction.Assemble()
            residual.data = conduction.mat * deviation.vec + applied * load.vec - reaction.vec
            if step == 0:
                slope.Assemble()
                jacobian.AsVector().data = slope.mat.AsVector() + conduction.mat.AsVector()
                if inverse is None:
                    inverse = jacobian.Inverse(inverse="sparsecholesky")
                else:
                    inverse.Update()
            correction.data = inverse * residual
            deviation.vec.data -= correction
            if abs(correction.FV().NumPy()).max() < CORRECTION:
                break
        else:
            raise RuntimeError(f"no convergence at {width} um, {applied} A/m^2")
        mean.append(uniform.Get() - ng.InnerProduct(weights.vec, deviation.vec) / width)
        largest.append(float(uniform.Get() - values[nodes].min()))
    found.mean.append(mean)
    found.largest.append(largest)
    found.unknowns.append(space.ndof)


def _mesh(width: float) -> Any:
    gap = (WIDTH - width) / 2
    geometry = SplineGeometry()
    corners = (
        [(0.0, "exposed"), (gap, "island"), (WIDTH - gap, "exposed")] if gap else [(0.0, "island")]
    )
    refined = {"hpref": 1, "maxh": EDGE_SIZE * min(width, gap + 0.3 * width)}
    points = [geometry.AppendPoint(x, 0, **(refined if x else {})) for x, _ in corners]
    sides = [name for _, name in corners]
    for x, y, name in ((WIDTH, 0, "side"), (WIDTH, HEIGHT, "top"), (0, HEIGHT, "side")):
        points.append(geometry.AppendPoint(x, y))
        sides.append(name)
    for start, end, name in zip(points, points[1:] + points[:1], sides, strict=True):
        geometry.Append(["line", start, end], bc=name)
    mesh = ng.Mesh(geometry.GenerateMesh(maxh=HEIGHT, grading=GRADING, optsteps2d=1))
    if gap:
        mesh.RefineHP(REFINEMENTS, factor=FACTOR)
    return mesh


CONTENDER = Contender(
    title="NGSolve",
    packages=("ngsolve", "netgen-mesher"),
    settings=SETTINGS,
    solve_map=solve_map,
)
