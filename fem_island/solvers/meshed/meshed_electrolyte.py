"""The linear part of the discrete equations of a mesh, assembled once.

A_km = int grad(v_k) . grad(v_m) dx        the Laplacian (no unit)
t_k = int_top v_k ds                       the current from the top per current density [m]

In an axisymmetric cell both integrals have the weight 2 pi r, and a [m] more in their units. What
the equations say at the axis, that no current passes it, is natural like that at a wall.
"""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
from dolfinx import fem
from dolfinx.common import IndexMap
from petsc4py import PETSc

from fem_island.case.geometry import Geometry
from fem_island.machine.arrays import Array
from fem_island.results.state import quadrature
from fem_island.results.trace import Trace
from fem_island.solvers.meshed.compiled_forms import laplacian_on
from fem_island.solvers.meshed.equations import added_up
from fem_island.solvers.meshed.meshing import MICROMETRE, Domain
from fem_island.solvers.meshed.preconditioners import FACTORS, OPTIONS_PREFIX
from fem_island.solvers.meshed.reactions import PlacedReactions
from fem_island.solvers.meshed.traces import Side, bottom_side, facet_basis, top_side
from fem_island.solvers.resolution import boundary_quadrature_degree
from fem_island.surface.bottom import Bottom
from fem_island.surface.measure import Measure

_ON_BOTTOM = 1e-12
"""Height up to which an unknown is one of the bottom, as a share of that of the mesh."""


class MeshedElectrolyte:
    """A mesh with elements of one degree, and what of its equations does not change.

    It lives until ``close``.

    Attributes:
        domain: The meshed cell.
        degree: p.
        space: The function space.
        bottom: The unknowns on the bottom.
        top: Those on the top.
        from_top: t at the unknowns of this rank [m]; ghosts have what this rank adds to them.
        laplacian: A.
    """

    preconditioner = FACTORS

    def __init__(self, domain: Domain, degree: int) -> None:
        """Make space and terms. Collective; raises like ``assembled_laplacian``."""
        self.domain, self.degree = domain, degree
        self.space = fem.functionspace(domain.mesh, ("Lagrange", degree))
        self.bottom, self.top = bottom_side(self.space, domain), top_side(self.space, domain)
        index_map = self.space.dofmap.index_map
        size = index_map.size_local + index_map.num_ghosts
        self.from_top = load_from_top(self.top, domain.bottom.measure, size)
        self.laplacian = assembled_laplacian(self.space, domain.bottom.measure.geometry)

    @property
    def unknowns(self) -> int:
        """Unknowns of all ranks."""
        return int(self.space.dofmap.index_map.size_global)

    def function(self, values: Array, name: str) -> fem.Function[np.float64]:
        """Values at the unknowns of this rank, ghosts among them, as a function of DOLFINx."""
        function: fem.Function[np.float64] = fem.Function(self.space, name=name)
        function.x.array[:] = values
        return function

    def from_bottom(self, trace: Trace) -> Array:
        """Values at the unknowns of this rank, ghosts among them: a trace, and zero inside.

        Args:
            trace: The first of its functions counts.
        """
        places = self.space.tabulate_dof_coordinates()
        on_bottom = np.abs(places[:, 1]) <= _ON_BOTTOM * self.domain.mesh.geometry.x[:, 1].max()
        positions = MICROMETRE * places[on_bottom, 0]
        values = np.zeros(len(places))
        values[on_bottom] = trace.at_each(positions, np.zeros(len(positions), dtype=np.intp))
        return values

    def close(self) -> None:
        """Free the matrix. Collective."""
        self.laplacian.destroy()

    def numbers(self, local: npt.NDArray[np.integer]) -> npt.NDArray[np.int32]:
        """Numbers among the unknowns of all ranks."""
        return numbers_of_all_ranks(self.space.dofmap.index_map, local)

    def placed(self, bottom: Bottom) -> PlacedReactions:
        """What reacts on its facets."""
        return PlacedReactions(self.bottom, bottom, boundary_quadrature_degree(self.degree))


def assembled_laplacian(space: fem.FunctionSpace[np.float64], geometry: Geometry) -> PETSc.Mat:
    """The matrix A of a space. Collective.

    Args:
        space: The space, on a mesh in um.
        geometry: Of the cell.

    Raises:
        MissingSystemLibraryError: There is no C compiler and the form is not in the cache.
    """
    local = fem.assemble_matrix(laplacian_on(space, geometry))
    local.scatter_reverse()
    index_map = space.dofmap.index_map
    owned = index_map.size_local
    ends = local.indptr[: owned + 1]
    # The matrix has columns of unknowns that this rank does not know otherwise.
    columns = numbers_of_all_ranks(local.index_map(1), local.indices[: ends[-1]])
    size = (owned, int(index_map.size_global))
    # A mesh frees its communicator when it goes, and there are few; that of one rank stays.
    comm = space.mesh.comm
    # PETSc takes those of mpi4py, whatever its stub says.
    matrix = PETSc.Mat().create(MPI.COMM_SELF if comm.size == 1 else comm)  # type: ignore[arg-type]
    matrix.setOptionsPrefix(OPTIONS_PREFIX)
    matrix.setSizes((size, size))
    matrix.setType("aij")
    rows = ends.astype(PETSc.IntType), columns, local.data[: ends[-1]]
    # Arrays, whatever petsc4py's stub says.
    matrix.setPreallocationCSR(rows)  # type: ignore[arg-type]
    return matrix


def numbers_of_all_ranks(
    index_map: IndexMap, local: npt.NDArray[np.integer]
) -> npt.NDArray[np.int32]:
    """Numbers of this rank among those of all ranks."""
    found = index_map.local_to_global(local.astype(np.int32).ravel())
    return np.asarray(found, dtype=PETSc.IntType).reshape(local.shape)


def load_from_top(top: Side, measure: Measure, size: int) -> Array:
    """The vector t of so many entries; what other ranks add to them is not in it."""
    degree = len(top.nodes) - 1
    points, weights = quadrature(degree + 1)
    lengths = (top.ends[:, 1] - top.ends[:, 0])[:, None]
    weighted = measure.weight(top.ends[:, :1] + lengths * points) * (lengths * weights)
    terms = weighted @ facet_basis(degree, points)
    return added_up(top.unknowns, terms, size)
