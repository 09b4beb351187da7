"""From a finite-element function to its trace on a horizontal side, gathered on every rank."""

from __future__ import annotations

from mpi4py import MPI  # noqa: F401  (brings the MPI library that DOLFINx needs)

import basix.ufl
import numpy as np
import numpy.typing as npt
from dolfinx import fem

from fem_island.results.trace import Trace
from fem_island.solvers.meshed.meshing import MICROMETRE, Domain
from fem_island.surface.bottom import Tag


def trace_on_bottom(function: fem.Function[np.float64], domain: Domain) -> Trace:
    """Trace on the whole bottom. Collective; every rank gets all of it."""
    return _trace(function, domain, domain.bottom_facets())


def trace_on_top(function: fem.Function[np.float64], domain: Domain) -> Trace:
    """Trace on the top. Collective; every rank gets all of it."""
    return _trace(function, domain, domain.facet_tags.find(int(Tag.TOP)))


def _trace(
    function: fem.Function[np.float64], domain: Domain, facets: npt.NDArray[np.int32]
) -> Trace:
    space = function.function_space
    topology = domain.mesh.topology
    degree = space.element.basix_element.degree
    cells = domain.cells_at(facets)
    # A facet belongs to the rank that owns its cell, so that it is taken once.
    owned = cells < topology.index_map(2).size_local
    facets, cells = facets[owned], cells[owned]
    topology.create_connectivity(2, 1)
    sides = topology.connectivity(2, 1)
    count = len(sides.links(0))
    closure = [space.dofmap.dof_layout.entity_closure_dofs(1, side) for side in range(count)]
    dofs = np.empty((len(facets), degree + 1), dtype=np.int32)
    for row, (facet, cell) in enumerate(zip(facets, cells, strict=True)):
        side = int(np.flatnonzero(sides.links(cell) == facet)[0])
        dofs[row] = space.dofmap.cell_dofs(cell)[closure[side]]
    positions = MICROMETRE * space.tabulate_dof_coordinates()[:, 0][dofs]
    order = np.argsort(positions, axis=1)
    positions = np.take_along_axis(positions, order, axis=1)
    values = np.take_along_axis(function.x.array[dofs], order, axis=1)
    parts = domain.mesh.comm.allgather((positions[:, [0, -1]], values))
    ends = np.concatenate([part[0] for part in parts])
    values = np.concatenate([part[1] for part in parts])
    along = np.argsort(ends[:, 0])
    nodes = np.sort(basix.ufl.element("Lagrange", "interval", degree).basix_element.points[:, 0])
    return Trace(ends[along], values[along], nodes)
