"""The package inside other programs: their Gmsh session, their PETSc, their threads."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from mpi4py import MPI

import numpy as np
import pytest

import fem_island as fi
from fem_island.solvers.meshed.meshing import Domain, mesh_cell
from fem_island.solvers.resolution import Grading
from fem_island.surface.bottom import stretches

gmsh = pytest.importorskip("gmsh")


def meshed() -> Domain:
    grading = Grading(edge_size=1e-8, growth=0.4, max_size=15e-6)
    return mesh_cell(stretches(fi.Case()), height=15e-6, grading=grading, comm=MPI.COMM_SELF)


@pytest.fixture
def session() -> Iterator[Any]:
    """A session with two models, the first of them current, and much that is not as usual."""
    gmsh.initialize(readConfigFiles=False, interruptible=False)
    gmsh.option.setNumber("General.Terminal", 0)
    gmsh.model.add("first")
    gmsh.model.occ.addRectangle(0, 0, 0, 1, 1)
    gmsh.model.occ.synchronize()
    gmsh.model.mesh.generate(2)
    gmsh.model.add("second")
    gmsh.model.setCurrent("first")
    view = gmsh.view.add("a view")
    gmsh.view.addListData(view, "SP", 1, [0, 0, 0, 1])
    for name, value in {
        "Mesh.Algorithm": 1,
        "Mesh.MeshSizeFactor": 20,
        "Mesh.MeshSizeMin": 3,
        "Mesh.RandomSeed": 3,
        "Mesh.LcIntegrationPrecision": 0.1,
        "Geometry.Tolerance": 1e-3,
        "General.NumThreads": 2,
        "View[0].NbIso": 7,
    }.items():
        gmsh.option.setNumber(name, value)
    gmsh.option.setColor("Mesh.Points", 1, 2, 3, 4)
    gmsh.option.setString("General.GraphicsFont", "Courier")
    gmsh.parser.setString("changes", ["text"])
    gmsh.parser.setNumber("width", [7.0])
    gmsh.onelab.set('[{"type":"number","name":"Cell/Width [um]","values":[80]}]')
    yield gmsh
    gmsh.finalize()


def state_of(session: Any, folder: Path) -> dict[str, Any]:
    session.write(str(folder / "state.opt"))
    options = (folder / "state.opt").read_text().splitlines()
    return {
        # What cannot be written is no setting: quality and time of the latest mesh and the like.
        "options": [line for line in options if "(read-only)" not in line],
        "models": (list(session.model.list()), session.model.getCurrent()),
        "entities": session.model.getEntities(),
        "nodes": session.model.mesh.getNodes()[1].tolist(),
        "views": session.view.getTags().tolist(),
        "variables": [
            (name, session.parser.getNumber(name).tolist(), list(session.parser.getString(name)))
            for name in session.parser.getNames()
        ],
        "parameters": session.onelab.getNames(),
        "width": session.onelab.getNumber("Cell/Width [um]").tolist(),
    }


def test_a_session_of_gmsh_is_left_as_it_was_and_changes_nothing(
    session: Any, tmp_path: Path
) -> None:
    before = state_of(session, tmp_path)
    inside = meshed().mesh
    assert state_of(session, tmp_path) == before
    session.finalize()
    alone = meshed().mesh
    assert not session.isInitialized()
    session.initialize(readConfigFiles=False, interruptible=False)
    np.testing.assert_array_equal(inside.geometry.x, alone.geometry.x)
    corners = [mesh.topology.connectivity(2, 0).array for mesh in (inside, alone)]
    np.testing.assert_array_equal(*corners)


def test_a_failure_inside_leaves_the_session_as_well(session: Any, tmp_path: Path) -> None:
    before = state_of(session, tmp_path)
    overlapping = stretches(fi.Case())
    overlapping = overlapping.with_parts(overlapping.parts[::-1])
    grading = Grading(edge_size=-1.0, growth=0.4, max_size=-1.0)
    with pytest.raises(fi.FemIslandError, match="Gmsh could not mesh the cell"):
        mesh_cell(overlapping, height=-1.0, grading=grading, comm=MPI.COMM_SELF)
    assert state_of(session, tmp_path) == before


def test_threads_get_what_one_after_the_other_get() -> None:
    """Both solvers, sweeps, and values of fields, in four threads at once."""

    def found(number: int) -> tuple[float, ...]:
        cell = fi.Cell(islands=[fi.Island(width=f"{4 + number % 2} um")])
        if number % 4 == 3:
            maps = fi.sweep(cell, current_density=[2.5, 5.0], solver="newton")
            return tuple(maps.overpotential_mean.values.tolist())
        solution = fi.solve(cell, solver="condensed" if number % 4 == 2 else "newton")
        potential = solution.potential([(25e-6, 5e-6)])
        return solution.result.overpotential_mean, float(potential[0])

    expected = [found(number) for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(found, range(8))) == expected


def test_options_of_a_program_that_has_started_petsc_are_not_ours() -> None:
    """Run apart, since PETSc starts once in a process."""
    script = (
        "from mpi4py import MPI\n"
        "import petsc4py\n"
        "options = '-vec_type cuda -mat_type aijcusparse -ksp_type gmres -pc_type none'\n"
        "petsc4py.init(['host', *options.split(), '-snes_max_it', '1', '-options_left', 'no'])\n"
        "from petsc4py import PETSc\n"
        "before = PETSc.Options().getAll()\n"
        "import fem_island as fi\n"
        "print(fi.solve(fi.Cell()).result.overpotential_mean)\n"
        "print(PETSc.Options().getAll() == before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    mean, kept = done.stdout.splitlines()
    assert float(mean) == pytest.approx(0.0846432178, abs=1e-9)
    assert kept == "True"
