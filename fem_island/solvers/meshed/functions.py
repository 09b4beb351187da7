"""Between functions of DOLFINx and fields as plain data."""

from __future__ import annotations

from mpi4py import MPI

import basix.ufl
import numpy as np
import numpy.typing as npt
from dolfinx import fem
from dolfinx.mesh import Mesh, create_mesh
from scipy.spatial import KDTree

from fem_island.machine.arrays import Array
from fem_island.results.field import Field
from fem_island.solvers.condensed.grid import GridLine
from fem_island.solvers.condensed.grid_field import GridField
from fem_island.solvers.meshed.grid_mesh import rectangles
from fem_island.solvers.meshed.meshing import MICROMETRE
from fem_island.solvers.meshed.triangle_field import TriangleField


def field_of(function: fem.Function[np.float64]) -> Field:
    """A function as plain data, of all ranks on every rank. Collective.

    Args:
        function: Continuous, of Lagrange elements, on a mesh of triangles or of the rectangles of a
            grid, in um.
    """
    space = function.function_space
    mesh = space.mesh
    owned = mesh.topology.index_map(2).size_local
    corners = MICROMETRE * mesh.geometry.x[mesh.geometry.dofmaps[0][:owned], :2]
    numbers = space.dofmap.list[:owned]
    values = function.x.array[numbers]
    element = space.element.basix_element
    if corners.shape[1] == 3:
        nodes = np.array(element.points, dtype=np.float64)
        return TriangleField(_joined(corners, mesh.comm), nodes, _joined(values, mesh.comm))
    places = _joined(MICROMETRE * space.tabulate_dof_coordinates()[numbers, :2], mesh.comm)
    corners, values = _joined(corners, mesh.comm), _joined(values, mesh.comm)
    x, y = (GridLine(np.unique(corners[:, :, side]), element.degree) for side in (0, 1))
    grid = np.empty((y.size, x.size))
    grid[_nearest(y.nodes, places[..., 1]), _nearest(x.nodes, places[..., 0])] = values
    return GridField(x, y, grid)


def _joined(part: Array, comm: MPI.Comm) -> Array:
    """The parts of all ranks one after the other, on every rank. Collective."""
    return part if comm.size == 1 else np.concatenate(comm.allgather(part))


def _nearest(nodes: Array, places: Array) -> npt.NDArray[np.intp]:
    return np.searchsorted(0.5 * (nodes[1:] + nodes[:-1]), places)


def function_of(field: Field) -> fem.Function[np.float64]:
    """A field as a function of DOLFINx, on a new mesh of this process alone, in um.

    Args:
        field: That of a solution of either solver.

    Raises:
        TypeError: The field is of neither.

    Example:
        >>> from fem_island.case.case import Case
        >>> from fem_island.solvers.condensed.point import solve_case
        >>> phi = function_of(solve_case(Case()).field)
        >>> round(float(phi.x.array.max()), 3)
        -0.085
    """
    if isinstance(field, TriangleField):
        first = field.corners[:, None, 0]
        nodes = first + field.nodes @ (field.corners[:, 1:] - first)
        mesh, values = _triangles(field.corners), field.values
    elif isinstance(field, GridField):
        nodes = np.stack(np.meshgrid(field.x.nodes, field.y.nodes), axis=-1)
        mesh, values = rectangles(field.x.breaks, field.y.breaks), field.values
    else:
        raise TypeError(f"{type(field).__name__} is no field of a solver")
    space = fem.functionspace(mesh, ("Lagrange", field.degree))
    phi: fem.Function[np.float64] = fem.Function(space, name="potential")
    places = MICROMETRE * space.tabulate_dof_coordinates()[:, :2]
    phi.x.array[:] = values.ravel()[KDTree(nodes.reshape(-1, 2)).query(places)[1]]
    return phi


def _triangles(corners: Array) -> Mesh[np.float64]:
    """Triangles with given corners [m] as a mesh of this process alone, in um."""
    points, cells = np.unique(corners.reshape(-1, 2), axis=0, return_inverse=True)
    element = basix.ufl.element("Lagrange", "triangle", 1, shape=(2,))
    mesh: Mesh[np.float64] = create_mesh(
        MPI.COMM_SELF,
        cells.reshape(-1, 3).astype(np.int64),
        element,  # type: ignore[arg-type]
        points / MICROMETRE,
    )
    return mesh
