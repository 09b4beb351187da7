"""Values of a finite-element function at given points, the same on every rank."""

from __future__ import annotations

from mpi4py import MPI  # noqa: F401  (brings the MPI library that DOLFINx needs)

import numpy as np
import numpy.typing as npt
from dolfinx import fem, geometry

from fem_island.machine.arrays import Array
from fem_island.results.field import as_points
from fem_island.solvers.meshed.exclusive import one_at_a_time
from fem_island.solvers.meshed.meshing import MICROMETRE


@one_at_a_time
def values_at(function: fem.Function[np.float64], points: npt.ArrayLike) -> Array:
    """Evaluate a function. Collective.

    Args:
        function: Scalar or vector function on a mesh in um.
        points: x and y of every point [m], shape (n, 2).

    Returns:
        Values, shape (n,) or (n, components); NaN outside the mesh.

    Raises:
        InputError: The points are not of that shape.
    """
    mesh = function.function_space.mesh
    places = as_points(points) / MICROMETRE
    places = np.column_stack([places, np.zeros(len(places))])
    tree = geometry.bb_tree(mesh, mesh.topology.dim)
    candidates = geometry.compute_collisions_points(tree, places)
    hits = geometry.compute_colliding_cells(mesh, candidates, places)
    mine = np.flatnonzero(np.diff(hits.offsets))
    components = function.function_space.value_size
    values = np.full((len(places), components), np.nan)
    if len(mine):
        cells = hits.array[hits.offsets[mine]]
        values[mine] = function.eval(places[mine], cells).reshape(len(mine), components)
    # A point on the seam of two ranks is found by both; the first rank's value counts.
    for other in reversed(mesh.comm.allgather(values)):
        values = np.where(np.isnan(other), values, other)
    return values[:, 0] if components == 1 else values
