"""A grid as a mesh of DOLFINx, on which ``newton`` solves what ``condensed`` does."""

from __future__ import annotations

from mpi4py import MPI

import basix.ufl
import numpy as np
import numpy.typing as npt
from dolfinx.mesh import (
    Mesh,
    compute_midpoints,
    create_mesh,
    exterior_facet_indices,
    meshtags,
)

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.grid import GridLine
from fem_island.solvers.meshed.meshing import MICROMETRE, Domain
from fem_island.solvers.resolution import Grading
from fem_island.surface.bottom import Bottom, Tag


def domain_of(
    x: GridLine, y: GridLine, bottom: Bottom, *, grading: Grading, mirrored: bool
) -> Domain:
    """The rectangles of a grid as a mesh of this process alone.

    Args:
        x: Lines along the bottom, or along its left half.
        y: Lines along the height.
        bottom: The whole bottom.
        grading: The element sizes that the grid was made with.
        mirrored: Whether the right half is the mirror image of the left one.
    """
    along = x.breaks
    if mirrored:
        along = np.concatenate([along, bottom[-1].end - along[-2::-1]])
    mesh = rectangles(along, y.breaks)
    mesh.topology.create_connectivity(1, 2)
    facets = exterior_facet_indices(mesh.topology)
    height = float(y.breaks[-1])
    tags = _tags(MICROMETRE * compute_midpoints(mesh, 1, facets)[:, :2], bottom, height)
    return Domain(
        mesh=mesh,
        facet_tags=meshtags(mesh, 1, facets, tags),
        bottom=bottom,
        height=height,
        grading=grading,
    )


def rectangles(x: Array, y: Array) -> Mesh[np.float64]:
    """The rectangles between lines as a mesh of this process alone, in um.

    Args:
        x: Positions of the upright lines [m].
        y: Positions of the level ones [m].
    """
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2) / MICROMETRE
    first = np.arange(len(y) - 1)[:, None] * len(x) + np.arange(len(x) - 1)
    corners = [first, first + 1, first + len(x), first + len(x) + 1]
    cells = np.stack(corners, axis=-1).reshape(-1, 4).astype(np.int64)
    element = basix.ufl.element("Lagrange", "quadrilateral", 1, shape=(2,))
    return create_mesh(MPI.COMM_SELF, cells, element, points)  # type: ignore[arg-type]


def _tags(middles: Array, bottom: Bottom, height: float) -> npt.NDArray[np.int32]:
    """Tags of boundary facets, from their middles [m]."""
    ends = np.array([stretch.end for stretch in bottom])
    stretch = np.clip(np.searchsorted(ends, middles[:, 0]), 0, len(bottom) - 1)
    tags = np.array([int(part.tag) for part in bottom], dtype=np.int32)[stretch]
    tags[middles[:, 1] > (1 - 1e-9) * height] = int(Tag.TOP)
    between = (middles[:, 1] > 0) & (middles[:, 1] <= (1 - 1e-9) * height)
    tags[between] = int(Tag.SIDES)
    return tags
