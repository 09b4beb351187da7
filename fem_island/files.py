"""Files of one solution: the field for ParaView, pictures, and numbers with their provenance."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpi4py import MPI  # noqa: F401  (brings the MPI library that DOLFINx needs)

import basix
import basix.ufl
import numpy as np
from dolfinx import fem, plot

from fem_island.collective import on_first_rank
from fem_island.errors import OutputError
from fem_island.plots.scene import load_pyvista

if TYPE_CHECKING:
    from fem_island.solution import Solution

_PACKAGES = ("fem-island", "fenics-dolfinx", "dolfinx-solver-real", "fenics-basix", "gmsh", "numpy")


def write_solution(solution: Solution, folder: Path, name: str) -> list[Path]:
    """Write ``NAME.potential.png``, ``.bottom.png``, ``.vtkhdf`` and ``.json``. Collective.

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
    mesh = folder / f"{name}.vtkhdf"
    numbers = folder / f"{name}.json"
    on_first_rank(comm, lambda: _make(folder))
    solution.plot(field)
    solution.plot_profile(bottom)
    write_field(solution, mesh)
    record = {"result": solution.result.record(name), **provenance(solution)}
    on_first_rank(comm, lambda: write_json(record, numbers))
    return [field, bottom, mesh, numbers]


def write_json(record: dict[str, Any], path: Path) -> None:
    """Write a record whole or not at all.

    Raises:
        OutputError: The file cannot be written.
    """
    text = json.dumps(record, indent=2, allow_nan=False) + "\n"
    with _replacing(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made a folder: {error.strerror}") from error


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A file to write to, which takes the place of ``path`` once it is complete."""
    unfinished = path.with_name(f".{path.stem}.unfinished{path.suffix}")
    try:
        yield unfinished
        # VTK says nothing where it could not write.
        if unfinished.stat().st_size == 0:
            raise OutputError(f"{path} cannot be written")
        unfinished.replace(path)
    except FileNotFoundError as error:
        raise OutputError(f"{path} cannot be written") from error
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


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


def versions() -> dict[str, str]:
    """Versions of this package, Python and what the numbers depend on."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


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
    with _replacing(path) as unfinished:
        grid.save(unfinished)
