"""The horizontal sides of a mesh: their unknowns, and traces of the potential on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from mpi4py import MPI

import basix.ufl
import numpy as np
import numpy.typing as npt
from dolfinx import fem

from fem_island.machine.arrays import Array
from fem_island.results.trace import Trace
from fem_island.solvers.meshed.meshing import MICROMETRE, Domain
from fem_island.surface.bottom import Tag


@dataclass(frozen=True)
class Side:
    """The facets of one horizontal side, each with p + 1 unknowns of a space of degree p.

    A facet belongs to the rank that owns its cell, so that all ranks together have each once.

    Attributes:
        unknowns: Local numbers, ghosts among them, of the unknowns on every facet of this rank;
            facets and unknowns from left to right, shape (facets, p + 1).
        ends: Left and right end of these facets [m], shape (facets, 2).
        all_ends: The same of all ranks, from left to right.
        order: Which of the facets of all ranks, in the order of ranks, comes where in that.
        nodes: Positions of the unknowns in a facet, from 0 to 1, shape (p + 1,).
        comm: The ranks.
    """

    unknowns: npt.NDArray[np.intp]
    ends: Array
    all_ends: Array
    order: npt.NDArray[np.intp]
    nodes: Array
    comm: MPI.Comm

    def trace(self, values: Array) -> Trace:
        """Traces of functions on the whole side. Collective; every rank gets all of it.

        Args:
            values: Values at the unknowns of this rank, ghosts among them, shape (..., n).
        """
        along = values[..., self.unknowns]
        if self.comm.size > 1:
            along = np.concatenate(self.comm.allgather(along), axis=-2)
        return Trace(self.all_ends, along[..., self.order, :], self.nodes)


def bottom_side(space: fem.FunctionSpace[np.float64], domain: Domain) -> Side:
    """The bottom. Collective."""
    return _side(space, domain, domain.bottom_facets())


def top_side(space: fem.FunctionSpace[np.float64], domain: Domain) -> Side:
    """The top. Collective."""
    return _side(space, domain, domain.facet_tags.find(int(Tag.TOP)))


def facet_basis(degree: int, points: Array) -> Array:
    """Basis functions of a facet, numbered from left to right, at points from 0 to 1.

    Returns:
        Values, shape (points, p + 1).
    """
    element = basix.ufl.element("Lagrange", "interval", degree).basix_element
    order = np.argsort(element.points[:, 0])
    return np.asarray(element.tabulate(0, points[:, None])[0, :, :, 0][:, order])


def _side(
    space: fem.FunctionSpace[np.float64], domain: Domain, facets: npt.NDArray[np.int32]
) -> Side:
    topology, comm = domain.mesh.topology, domain.mesh.comm
    degree = space.element.basix_element.degree
    cells = domain.cells_at(facets)
    owned = cells < topology.index_map(2).size_local
    facets, cells = facets[owned], cells[owned]
    topology.create_connectivity(2, 1)
    sides = topology.connectivity(2, 1)
    count = len(sides.links(0))
    closures = np.array(
        [space.dofmap.dof_layout.entity_closure_dofs(1, side) for side in range(count)]
    )
    of_cells = sides.array.reshape(-1, count)[cells]
    chosen = closures[np.argmax(of_cells == facets[:, None], axis=1)]
    unknowns = np.take_along_axis(space.dofmap.list[cells], chosen, axis=1).astype(np.intp)
    places = MICROMETRE * space.tabulate_dof_coordinates()[:, 0]
    within = np.argsort(places[unknowns], axis=1)
    unknowns = np.take_along_axis(unknowns, within, axis=1)
    unknowns = unknowns[np.argsort(places[unknowns[:, 0]])]
    ends = places[unknowns[:, [0, -1]]]
    all_ends = np.concatenate(comm.allgather(ends))
    order = np.argsort(all_ends[:, 0])
    return Side(unknowns, ends, all_ends[order], order, nodes_of(degree), comm)


@lru_cache(maxsize=16)
def nodes_of(degree: int) -> Array:
    """Positions of the unknowns on a facet, from 0 to 1, shape (p + 1,)."""
    element = basix.ufl.element("Lagrange", "interval", degree).basix_element
    return np.sort(element.points[:, 0])
