"""What the package stands on: versions, meshes, pictures and ranks."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from fem_island.errors import on_one_line
from fem_island.machine.launcher import launched_rank, load_mpi
from fem_island.solvers.names import has_dolfinx
from fem_island.studies.selftest.answers import one_island, solved
from fem_island.studies.selftest.finding import LEFT_OUT, LONGEST_LINE, Finding, number_found

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_RANKS_MAY_TAKE = 40.0
_COLORS_OF_A_FIELD = 50
"""A field has hundreds, and an empty picture, or one of a single thing, a few."""

_EXTRAS = {
    "fem": ("dolfinx", "gmsh"),
    "mpi": ("mpi4py",),
    "pictures": ("pyvista",),
    "live": ("uvicorn",),
}
"""Of the package, and what shows that one is installed."""


def package_versions() -> Iterator[Finding]:
    """The versions of what the package needs, and of what it found."""
    from packaging.requirements import Requirement

    known, wrong = 0, []
    for line in requires("fem-island") or []:
        requirement = Requirement(line)
        if not _is_wanted(requirement):
            continue
        known += 1
        # conda-forge brings what this wheel does under the name of what is inside.
        aliases = {"dolfinx-solver-real": "fenics-dolfinx"}
        names = (requirement.name, aliases.get(requirement.name, requirement.name))
        found = next((v for v in map(_version, names) if v is not None), None)
        if found is None or not requirement.specifier.contains(found, prereleases=True):
            wanted = f"{requirement.name}{requirement.specifier}"
            wrong.append(f"{wanted} wanted, found {found or 'none'}")
    said = f"wanted {known} packages in their ranges, found {known - len(wrong)}"
    yield Finding("versions", not wrong, "; ".join([said, *wrong]))
    inside = f"Python {sys.version.split()[0]}, {_dolfinx()}"
    name = f"fem_island {version('fem-island')}"
    yield Finding(name, sys.version_info >= (3, 12), f"wanted Python 3.12 or later, found {inside}")


def _is_wanted(requirement: Requirement) -> bool:
    """Whether this installation should have it: always, or for an extra that is there in part."""
    if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
        return True
    parts = {extra: of for extra, of in _EXTRAS.items() if any(map(find_spec, of))}
    return any(requirement.marker.evaluate({"extra": extra}) for extra in parts)


def _dolfinx() -> str:
    if not has_dolfinx():
        return "no DOLFINx"
    import fem_island.solvers.meshed  # noqa: F401  (starts what DOLFINx needs)

    # isort: split
    import dolfinx

    return f"DOLFINx {dolfinx.__version__}"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def mesh_area() -> Iterator[Finding]:
    """A mesh of the paper's cell fills its rectangle."""
    import numpy as np

    from fem_island.solvers.meshed.meshing import mesh_cell, script_of
    from fem_island.solvers.resolution import Grading
    from fem_island.surface.bottom import stretches

    case = one_island(5e-6)
    grading = Grading(edge_size=0.1e-6, growth=0.3, max_size=2e-6)
    height, comm = case.cell.electrolyte.height, load_mpi().COMM_SELF
    mesh = mesh_cell(stretches(case), height=height, grading=grading, comm=comm).mesh
    corners = mesh.geometry.x[mesh.geometry.dofmaps[0]][:, :, :2]
    along, up = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = float(np.abs(along[:, 0] * up[:, 1] - along[:, 1] * up[:, 0]).sum() / 2)
    name = f"area of {len(corners)} triangles of {script_of('planar').name}"
    yield number_found(name, area, 750.0, tolerance=1e-6, unit="um^2")


def picture_of_a_field() -> Iterator[Finding]:
    """A picture of the potential has many colours."""
    import numpy as np

    from fem_island.experiments.point.solve import solve_case
    from fem_island.machine.communicator import OneProcess
    from fem_island.plots.field import scene_of
    from fem_island.plots.rendering import rendered

    name = "picture of the field"
    if find_spec("pyvista") is None:
        yield Finding(name, True, LEFT_OUT.format("pyvista", "pictures"))
        return
    solution = solve_case(one_island(5e-6), OneProcess(), solver="condensed")
    (image,) = rendered([scene_of(solution, pixels=400)])
    colors = len(np.unique(image.reshape(-1, image.shape[-1]), axis=0))
    said = f"wanted more than {_COLORS_OF_A_FIELD} colours, found {colors}"
    yield Finding(name, colors > _COLORS_OF_A_FIELD, said)


def two_ranks() -> Iterator[Finding]:
    """Two ranks find what one finds."""
    name = "two ranks"
    mpirun = Path(sys.executable).with_name("mpirun")
    if launched_rank() is not None or not mpirun.is_file():
        reason = "started by mpirun" if mpirun.is_file() else f"there is no {mpirun}"
        yield Finding(name, True, f"left out: {reason}")
        return
    with tempfile.TemporaryDirectory(prefix="fem-island-") as folder:
        (Path(folder) / "case.toml").touch()
        command = [str(mpirun), "-n", "2", sys.executable, "-m", "fem_island.cli"]
        done = subprocess.run(
            [*command, "solve", "case.toml", "--json"],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            timeout=_RANKS_MAY_TAKE,
        )
    if done.returncode != 0:
        reason = on_one_line((done.stderr.splitlines() or ["nothing said"])[0])[:LONGEST_LINE]
        yield Finding(name, False, f"wanted exit status 0, found {done.returncode}: {reason}")
        return
    found = json.loads(done.stdout)["overpotential_mean"]
    alone = solved(one_island(5e-6), "newton").overpotential_mean
    yield number_found(f"{name}: mean as on one", found, alone, tolerance=1e-10, unit="V")
