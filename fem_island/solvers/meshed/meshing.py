"""From the description of a cell to its mesh: runs ``meshes/planar.geo`` through Gmsh.

The mesh is in um: DOLFINx compares squared distances with an absolute 1e-12, which on this domain
in metres finds wrong cells for half of all points. Everything that this module returns beside the
mesh is in metres, like the rest of the package.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx.io import gmsh as gmsh_io
from dolfinx.mesh import Mesh, MeshTags, compute_midpoints

from fem_island.errors import FemIslandError, MeshingError
from fem_island.machine.collective import on_first_rank
from fem_island.machine.libraries import GMSH_LIBRARIES, require_libraries
from fem_island.solvers.resolution import Grading
from fem_island.surface.bottom import Bottom, Tag

MICROMETRE = 1e-6
"""Length of one unit of the mesh's coordinates [m]."""


@dataclass(frozen=True)
class Domain:
    """A meshed cell.

    Attributes:
        mesh: Triangles; coordinates in um.
        facet_tags: The boundary, marked with ``bottom.Tag``.
        bottom: What lies where on the bottom, from left to right.
        width: W [m].
        height: H [m].
        grading: The element sizes asked for.
    """

    mesh: Mesh[np.float64]
    facet_tags: MeshTags
    bottom: Bottom
    width: float
    height: float
    grading: Grading

    def boundary_measure(self, quadrature_degree: int) -> ufl.Measure:
        """The measure ``ds`` with the tags of ``bottom.Tag``."""
        return ufl.Measure(
            "ds",
            domain=self.mesh,
            subdomain_data=self.facet_tags,
            metadata={"quadrature_degree": quadrature_degree},
        )

    def bottom_facets(self) -> npt.NDArray[np.int32]:
        """The facets of this rank that lie on the bottom."""
        tags = (Tag.ISLAND, Tag.FILM, Tag.EXPOSED)
        return np.concatenate([self.facet_tags.find(int(tag)) for tag in tags])

    def bottom_cells(self) -> list[npt.NDArray[np.int32]]:
        """For every stretch of the bottom, the cells of this rank that have a side on it."""
        facets = self.bottom_facets()
        middles = MICROMETRE * compute_midpoints(self.mesh, 1, facets)[:, 0]
        cells = self.cells_at(facets)
        return [
            cells[(middles > stretch.start) & (middles < stretch.end)] for stretch in self.bottom
        ]

    def cells_at(self, facets: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """The cell behind every boundary facet."""
        self.mesh.topology.create_connectivity(1, 2)
        behind = self.mesh.topology.connectivity(1, 2)
        cells: npt.NDArray[np.int32] = behind.array[behind.offsets[facets]]
        return cells


def mesh_cell(bottom: Bottom, *, height: float, grading: Grading, comm: MPI.Comm) -> Domain:
    """Mesh the cell above a bottom. Collective.

    Args:
        bottom: What lies where on the bottom, from left to right.
        height: H [m].
        grading: Element sizes.
        comm: Who shares the mesh; its rank 0 runs Gmsh.

    Raises:
        MeshingError: Gmsh could not make the mesh (on all ranks).
        MissingSystemLibraryError: Gmsh cannot be loaded (on all ranks).
    """
    try:
        on_first_rank(comm, lambda: _mesh_in_gmsh(bottom, height, grading))
        model = sys.modules["gmsh"].model if comm.rank == 0 else None
        data = gmsh_io.model_to_mesh(model, comm, 0, gdim=2)
    finally:
        _end_gmsh()
    if data.facet_tags is None:
        raise MeshingError("Gmsh could not mesh the cell: no boundary was tagged")
    return Domain(
        mesh=data.mesh,
        facet_tags=data.facet_tags,
        bottom=bottom,
        width=bottom[-1].end,
        height=height,
        grading=grading,
    )


def planar_script() -> Path:
    """The Gmsh script: inside the installed package, or at the top of a checkout."""
    package = Path(str(files("fem_island")))
    for folder in (package / "meshes", package.parent / "meshes"):
        if (folder / "planar.geo").is_file():
            return folder / "planar.geo"
    raise FemIslandError(f"the installation is incomplete: no meshes/planar.geo beside {package}")


def _mesh_in_gmsh(bottom: Bottom, height: float, grading: Grading) -> None:
    """Start Gmsh and leave the mesh in its model."""
    require_libraries(GMSH_LIBRARIES, "Gmsh")
    import gmsh

    # A user's own Gmsh settings must not change results; signals stay with Python.
    gmsh.initialize(readConfigFiles=False, interruptible=False)
    gmsh.option.setNumber("General.Terminal", 0)
    try:
        _run_script(gmsh, bottom, height, grading)
    except Exception as error:  # Gmsh raises Exception itself
        raise MeshingError(f"Gmsh could not mesh the cell: {error}") from error


def _end_gmsh() -> None:
    gmsh = sys.modules.get("gmsh")
    if gmsh is not None and gmsh.isInitialized():
        gmsh.finalize()


def _run_script(gmsh: Any, bottom: Bottom, height: float, grading: Grading) -> None:
    lengths = {
        "width": [bottom[-1].end],
        "height": [height],
        "stretch_end": [stretch.end for stretch in bottom],
        "edge_size": [grading.edge_size],
        "max_size": [grading.max_size],
    }
    for name, values in lengths.items():
        gmsh.parser.setNumber(name, [value / MICROMETRE for value in values])
    gmsh.parser.setNumber("stretch_tag", [int(stretch.tag) for stretch in bottom])
    gmsh.parser.setNumber("growth", [grading.growth])
    try:
        gmsh.merge(str(planar_script()))
    finally:
        gmsh.parser.clear()
    gmsh.model.mesh.generate(2)
