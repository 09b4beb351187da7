"""The linear part of the discrete equations in a box, and what reacts on its bottom.

All terms are divided by the area of the bottom, so that they are current densities [A/m^2] as the
uniform state has them: the Laplacian A has the unit 1/m, the load t of the top has none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
from dolfinx import cpp, fem
from dolfinx.mesh import CellType, create_box

from fem_island.machine.arrays import Array
from fem_island.results.state import quadrature
from fem_island.solvers.meshed.boxes.box_grid import BoxGrid
from fem_island.solvers.meshed.boxes.cosine_preconditioner import CosinePreconditioner
from fem_island.solvers.meshed.boxes.pixel_reactions import Faces, PixelReactions
from fem_island.solvers.meshed.equations import added_up
from fem_island.solvers.meshed.meshed_electrolyte import assembled_laplacian, numbers_of_all_ranks
from fem_island.solvers.meshed.meshing import MICROMETRE
from fem_island.solvers.meshed.preconditioners import called
from fem_island.solvers.meshed.traces import facet_basis
from fem_island.surface.bottom import Bottom


class BoxElectrolyte:
    """A box of hexahedra, shared by the ranks of a communicator. It lives until ``close``.

    Attributes:
        grid: Its lines.
        space: The function space, on a mesh in um.
        bottom: The faces on the bottom that are of cells of this rank.
        from_top: t at the unknowns of this rank; ghosts have what this rank adds to them.
        laplacian: A [1/m].
        places: Layer, row and column of the node of every unknown, shape (n, 3).
        preconditioner: Of conjugate gradients.
    """

    def __init__(self, grid: BoxGrid, classes: npt.NDArray[np.uint8], comm: MPI.Comm) -> None:
        """Make mesh, space and terms. Collective.

        Args:
            grid: The lines of the mesh.
            classes: What every pixel of the image is.
            comm: Who shares the mesh.

        Raises:
            MissingSystemLibraryError: There is no C compiler and the form is not in the cache.
        """
        self.grid, self._classes = grid, classes
        layers, rows, columns = grid.shape
        # In numbers of cells, which stay exact; the coordinates are set afterwards.
        counts = [columns, rows, layers]
        mesh = create_box(
            comm,
            [[0.0, 0.0, 0.0], counts],
            counts,
            CellType.hexahedron,
            partitioner=_in_slabs(rows, columns),
        )
        self.space = fem.functionspace(mesh, ("Lagrange", grid.degree))
        self.places = _places_of(self.space, grid.degree)
        lines = [line / MICROMETRE for line in reversed(grid.lines)]
        at = np.rint(mesh.geometry.x).astype(np.intp)
        for direction, line in enumerate(lines):
            mesh.geometry.x[:, direction] = line[at[:, direction]]
        self.bottom = self._faces(0)
        self.from_top = self._load_from_top()
        self.laplacian = assembled_laplacian(self.space, "map")
        self.laplacian.scale(MICROMETRE / grid.area)
        owned = self.places[: self.space.dofmap.index_map.size_local]
        self.preconditioner = called(CosinePreconditioner(grid, owned, comm))

    @property
    def unknowns(self) -> int:
        """Unknowns of all ranks."""
        return int(self.space.dofmap.index_map.size_global)

    def close(self) -> None:
        """Free the matrix. Collective."""
        self.laplacian.destroy()

    def numbers(self, local: npt.NDArray[np.integer]) -> npt.NDArray[np.int32]:
        """Numbers among the unknowns of all ranks."""
        return numbers_of_all_ranks(self.space.dofmap.index_map, local)

    def placed(self, bottom: Bottom) -> PixelReactions:
        """What reacts on the faces at the bottom."""
        return PixelReactions(self.bottom, self._classes, bottom)

    def gathered(self, values: Array) -> Array:
        """Values at the unknowns of this rank at their nodes, on every rank. Collective.

        Returns:
            Shape (z, y, x).
        """
        owned = self.space.dofmap.index_map.size_local
        shape = tuple(self.grid.degree * count + 1 for count in self.grid.shape)
        mine = np.ravel_multi_index(tuple(self.places[:owned].T), shape)
        found = np.empty(shape)
        for places, part in self.space.mesh.comm.allgather((mine, values[:owned])):
            found.flat[places] = part
        return found

    def _faces(self, level: int) -> Faces:
        """The faces of cells of this rank on a level of nodes."""
        degree = self.grid.degree
        owned = self.space.mesh.topology.index_map(3).size_local
        unknowns = self.space.dofmap.list[:owned]
        at_level = self.places[unknowns, 0] == level
        chosen = at_level.any(axis=1)
        count = (degree + 1) ** 2
        unknowns = unknowns[chosen][at_level[chosen]].reshape(-1, count)
        places = self.places[unknowns]
        # From left to right, row by row.
        order = np.lexsort((places[..., 2], places[..., 1]), axis=1)
        unknowns = np.take_along_axis(unknowns, order, axis=1).astype(np.intp)
        first = self.places[unknowns[:, 0], 1:] // degree
        return Faces(unknowns, first, self.grid)

    def _load_from_top(self) -> Array:
        degree = self.grid.degree
        faces = self._faces(degree * self.grid.shape[0])
        points, weights = quadrature(degree + 1)
        along = weights @ facet_basis(degree, points)
        terms = np.outer(along, along).ravel() / (self.grid.shape[1] * self.grid.shape[2])
        index_map = self.space.dofmap.index_map
        size = index_map.size_local + index_map.num_ghosts
        return added_up(faces.unknowns, np.tile(terms, (len(faces.unknowns), 1)), size)


def _in_slabs(rows: int, columns: int) -> Callable[..., Any]:
    """Gives every rank the same number of rows, without a search for the shortest borders."""

    def ranks_of(
        comm: MPI.Comm, count: int, kinds: Sequence[CellType], cells: Sequence[Array]
    ) -> Any:
        # Vertices are numbered along x first, then y, then z.
        row = np.asarray(cells[0]).reshape(-1, 8)[:, 0] // (columns + 1) % (rows + 1)
        return cpp.graph.AdjacencyList_int32((row * count // rows).astype(np.int32)[:, None])

    return ranks_of


def _places_of(space: fem.FunctionSpace[np.float64], degree: int) -> npt.NDArray[np.intp]:
    """Layer, row and column of all nodes, of a mesh in numbers of cells."""
    at = space.tabulate_dof_coordinates()[:, ::-1]
    # Nodes of one cell ascend, wherever between its corners they are.
    cell = np.floor(at + 1e-6)
    inside = at - cell > 1e-6
    if degree == 1 or not inside.any():
        return np.rint(at).astype(np.intp) * degree
    nodes = np.unique(np.round((at - cell)[inside], 6))
    number = np.searchsorted(nodes, np.round(at - cell, 6) - 1e-6) + 1
    return np.asarray(degree * cell + np.where(inside, number, 0), dtype=np.intp)
