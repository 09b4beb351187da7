"""From the description of a cell to its mesh: runs a script of ``meshes`` through Gmsh.

The mesh is in um: DOLFINx compares squared distances with an absolute 1e-12, which on this domain
in metres finds wrong cells for half of all points. Everything that this module returns beside the
mesh is in metres, like the rest of the package.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
from dolfinx.io import gmsh as gmsh_io
from dolfinx.mesh import Mesh, MeshTags

from fem_island.case.geometry import NAMING, Geometry
from fem_island.errors import FemIslandError, MeshingError
from fem_island.machine.collective import on_first_rank
from fem_island.solvers.meshed.exclusive import one_at_a_time
from fem_island.solvers.meshed.gmsh_session import private_model
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
        height: H [m].
        grading: The element sizes asked for.
    """

    mesh: Mesh[np.float64]
    facet_tags: MeshTags
    bottom: Bottom
    height: float
    grading: Grading

    def bottom_facets(self) -> npt.NDArray[np.int32]:
        """The facets of this rank that lie on the bottom."""
        tags = (Tag.ISLAND, Tag.FILM, Tag.EXPOSED)
        return np.concatenate([self.facet_tags.find(int(tag)) for tag in tags])

    def cells_at(self, facets: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """The cell behind every boundary facet."""
        self.mesh.topology.create_connectivity(1, 2)
        behind = self.mesh.topology.connectivity(1, 2)
        cells: npt.NDArray[np.int32] = behind.array[behind.offsets[facets]]
        return cells


@one_at_a_time
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
    with ExitStack() as session:
        model = on_first_rank(comm, lambda: _meshed_model(session, bottom, height, grading))
        data = gmsh_io.model_to_mesh(model, comm, 0, gdim=2)
    if data.facet_tags is None:
        raise MeshingError("Gmsh could not mesh the cell: no boundary was tagged")
    return Domain(
        mesh=data.mesh,
        facet_tags=data.facet_tags,
        bottom=bottom,
        height=height,
        grading=grading,
    )


def script_of(geometry: Geometry) -> Path:
    """The Gmsh script of a geometry: in the installed package, or at the top of a checkout."""
    package = Path(str(files("fem_island")))
    name = f"{geometry}.geo"
    for folder in (package / "meshes", package.parent / "meshes"):
        if (folder / name).is_file():
            return folder / name
    raise FemIslandError(f"the installation is incomplete: no meshes/{name} beside {package}")


def _meshed_model(session: ExitStack, bottom: Bottom, height: float, grading: Grading) -> Any:
    """A model of Gmsh with the mesh in it, which lives as long as the session."""
    gmsh = session.enter_context(private_model())
    try:
        _run_script(gmsh, bottom, height, grading)
    except Exception as error:  # Gmsh raises Exception itself
        raise MeshingError(f"Gmsh could not mesh the cell: {error}") from error
    return gmsh.model


def _run_script(gmsh: Any, bottom: Bottom, height: float, grading: Grading) -> None:
    geometry = bottom.measure.geometry
    lengths = {
        NAMING[geometry].span: [bottom[-1].end],
        "height": [height],
        "stretch_end": [stretch.end for stretch in bottom],
        "edge_size": [grading.edge_size],
        "max_size": [grading.max_size],
    }
    for name, values in lengths.items():
        gmsh.parser.setNumber(name, [value / MICROMETRE for value in values])
    gmsh.parser.setNumber("stretch_tag", [int(stretch.tag) for stretch in bottom])
    gmsh.parser.setNumber("growth", [grading.growth])
    gmsh.merge(str(script_of(geometry)))
    gmsh.parser.clear()
    gmsh.model.mesh.generate(2)
