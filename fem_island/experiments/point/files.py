"""Files of one solution: the field for ParaView, pictures, and numbers with their provenance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpi4py import MPI  # noqa: F401  (brings the MPI library that DOLFINx needs)

import basix
import basix.ufl
import numpy as np
from dolfinx import fem, plot

from fem_island.machine.collective import on_first_rank
from fem_island.machine.versions import versions
from fem_island.machine.whole_files import make_folder, replacing, write_json
from fem_island.plots.scene import load_pyvista
from fem_island.results.profile import write_profile

if TYPE_CHECKING:
    from fem_island.experiments.point.solution import Solution


def write_solution(solution: Solution, folder: Path, name: str) -> list[Path]:
    """Write ``NAME.potential.png``, ``.bottom.png``, ``.bottom.csv``, ``.vtkhdf`` and ``.json``.

    Collective.

    Args:
        solution: What to write.
        folder: Made where it does not exist.
        name: What the names of the files start with.

    Returns:
        The files written.
    """
    comm = solution.domain.mesh.comm
    field = folder / f"{name}.potential.png"
    bottom = folder / f"{name}.bottom.png"
    table = folder / f"{name}.bottom.csv"
    mesh = folder / f"{name}.vtkhdf"
    numbers = folder / f"{name}.json"
    on_first_rank(comm, lambda: make_folder(folder))
    solution.plot(field)
    solution.plot_profile(bottom)
    on_first_rank(comm, lambda: write_profile(solution.bottom_state, table))
    write_field(solution, mesh)
    record = {"result": solution.result.record(name), **provenance(solution)}
    on_first_rank(comm, lambda: write_json(record, numbers))
    return [field, bottom, table, mesh, numbers]


def provenance(solution: Solution) -> dict[str, Any]:
    """What was computed, by which versions: the case in SI units, the mesh, the packages."""
    grading = solution.domain.grading
    return {
        "case": solution.case.model_dump(mode="json"),
        "discretisation": {
            "degree": solution.degree,
            "edge_size": grading.edge_size,
            "growth": grading.growth,
            "max_size": grading.max_size,
        },
        "versions": versions(),
    }


def write_field(solution: Solution, path: Path) -> None:
    """Write the potential and the current density as VTKHDF. Collective.

    The file holds the polynomials themselves, as Lagrange cells of the degree of the solution;
    coordinates are in um.
    """
    mesh = solution.domain.mesh
    # VTK's Lagrange cells have evenly spaced nodes; those of the solution are spaced otherwise.
    element = basix.ufl.element(
        "Lagrange",
        mesh.basix_cell(),
        solution.degree,
        lagrange_variant=basix.LagrangeVariant.equispaced,
    )
    potential = fem.Function(fem.functionspace(mesh, element))
    potential.interpolate(solution.potential_function)
    cells, types, points = plot.vtk_mesh(potential.function_space)  # type: ignore[arg-type]
    parts = mesh.comm.gather((cells, types, points, potential.x.array))
    on_first_rank(mesh.comm, lambda: _save(parts or [], solution, path))


def _save(parts: list[tuple[Any, ...]], solution: Solution, path: Path) -> None:
    """Join the parts of all ranks and write them."""
    pyvista = load_pyvista()
    grids = []
    for part_cells, part_types, part_points, values in parts:
        grid = pyvista.UnstructuredGrid(part_cells, part_types, part_points)
        grid.point_data["potential_V"] = values[: len(part_points)]
        grids.append(grid)
    grid = pyvista.merge(grids, merge_points=True) if len(grids) > 1 else grids[0]
    slope = grid.compute_derivative(scalars="potential_V").point_data["gradient"]
    conductivity = solution.case.cell.electrolyte.conductivity
    grid.point_data["current_density_A_per_m2"] = -conductivity * 1e6 * np.asarray(slope)
    with replacing(path) as unfinished:
        grid.save(unfinished)
