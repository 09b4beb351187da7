"""The field for ParaView: right at the bottom, with what it is of, and there without a display."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import fem_island as fi
from fem_island.solvers.names import SolverName

BIN = Path(sys.executable).parent
CURRENT = "current_density_A_per_m2"
READ = """
import json, sys
import pyvista
found = {}
for path in sys.argv[1:]:
    grid = pyvista.read(path)
    found[path] = {
        "points": grid.points.tolist(),
        "cells": [grid.get_cell(n).point_ids for n in range(grid.n_cells)],
        "point_data": {name: grid.point_data[name].tolist() for name in grid.point_data},
        "cell_data": {name: grid.cell_data[name].tolist() for name in grid.cell_data},
        "about": {name: str(grid.field_data[name][0]) for name in grid.field_data},
    }
    if grid.n_cells and grid.celltypes[0] > 60:
        inside = pyvista.PolyData([[7.0, 0.4, 0], [25.0, 3.0, 0], [23.0, 14.0, 0]]).sample(grid)
        found[path]["inside"] = {
            name: inside.point_data[name].tolist() for name in grid.point_data
        }
print(json.dumps(found))
"""


@pytest.fixture(scope="module", params=["newton", "condensed"])
def written(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[fi.Solution, dict[str, Any]]:
    """A solution, and what pyvista reads of its two files."""
    solver: SolverName = request.param
    film = fi.Interlayer(
        material="Ag", reaction="reversible", extent=[("30 um", "40 um")], state_of_charge=1.0
    )
    cell = fi.Cell(islands=[fi.Island(width="5 um", center="20 um")], interlayer=film)
    solution = fi.solve(cell, solver=solver)
    folder = tmp_path_factory.mktemp(solver)
    solution.write(folder, "a")
    done = subprocess.run(
        [sys.executable, "-c", READ, "a.vtkhdf", "a.bottom.vtkhdf"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=folder,
    )
    return solution, json.loads(done.stdout)


def test_the_current_density_at_the_bottom(written: tuple[fi.Solution, dict[str, Any]]) -> None:
    solution, files = written
    field = files["a.vtkhdf"]
    points, current = np.array(field["points"]), np.array(field["point_data"][CURRENT])
    profile = solution.profile()
    seen = {"island": 0, "film": 0, "collector": 0}
    for cell in field["cells"]:
        x, y, _ = points[cell].T
        bottom = y < 1e-9
        if np.count_nonzero(bottom) < 2:
            continue
        middle = 1e-6 * x[bottom].mean()
        inside = (profile.position >= 1e-6 * x[bottom].min() - 1e-13) & (
            profile.position <= 1e-6 * x[bottom].max() + 1e-13
        )
        on = "collector"
        for stretch in solution.bottom:
            if stretch.start < middle < stretch.end and stretch.law is not None:
                on = "island" if stretch.island is not None else "film"
        own = profile.current_density[inside & (profile.on == on)].values
        through = current[cell][bottom, 1]
        seen[on] += 1
        if on == "collector":
            assert np.abs(through).max() == 0
        else:
            assert own.min() - 1e-9 <= through.min() <= through.max() <= own.max() + 1e-9
    assert all(count > 3 for count in seen.values())
    # An island's edge has the island's current on one side, and none on the other.
    result = solution.result
    edge = current[(np.abs(points[:, 0] - 22.5) < 1e-9) & (points[:, 1] < 1e-9), 1]
    assert edge.max() == pytest.approx(result.local_current_density_max, rel=0.02)
    assert edge.min() == pytest.approx(0, abs=1e-12)
    top = points[:, 1] > 15 - 1e-9
    assert np.abs(current[top, 1] - 2.5).max() < 1e-12
    sides = (points[:, 0] < 1e-9) | (points[:, 0] > 50 - 1e-9)
    assert np.abs(current[sides, 0]).max() == 0


def test_inside_vtk_finds_the_polynomials(written: tuple[fi.Solution, dict[str, Any]]) -> None:
    solution, files = written
    inside = files["a.vtkhdf"]["inside"]
    places = [(7.0e-6, 0.4e-6), (25.0e-6, 3.0e-6), (23.0e-6, 14.0e-6)]
    expected = solution.potential(places)
    np.testing.assert_allclose(inside["potential_V"], expected, rtol=0, atol=1e-9)
    current = np.array(inside[CURRENT])
    # Cells on the boundary blend into what is prescribed there.
    np.testing.assert_allclose(
        current[1:2, :2], solution.current_density(places[1:2]), rtol=0.01, atol=0.02
    )
    assert np.all(current[:, 2] == 0)


def test_the_bottom_as_the_solver_knows_it(written: tuple[fi.Solution, dict[str, Any]]) -> None:
    solution, files = written
    bottom = files["a.bottom.vtkhdf"]
    x = np.array(bottom["points"])[:, 0]
    current, drive = (np.array(bottom["point_data"][name]) for name in (CURRENT, "drive_V"))
    tags, islands = np.array(bottom["cell_data"]["tag"]), np.array(bottom["cell_data"]["island"])
    cells = np.array(bottom["cells"])
    lengths = np.diff(x[cells], axis=1)[:, 0]
    assert lengths.min() > 0
    assert lengths.sum() == pytest.approx(50, rel=1e-12)
    for tag, length in ((1, 5.0), (2, 10.0), (3, 35.0)):
        assert lengths[tags == tag].sum() == pytest.approx(length, rel=1e-9)
    assert np.array_equal(islands == 0, tags == 1)
    assert set(islands) == {0, -1}
    through = current[cells].mean(axis=1) * lengths
    result = solution.result
    assert result.interlayer is not None
    share = through[tags == 2].sum() / through.sum()
    assert share == pytest.approx(result.interlayer.current_fraction, rel=1e-4)
    assert through.sum() == pytest.approx(2.5 * 50, rel=1e-4)
    assert np.abs(current[cells[tags == 3]]).max() == 0
    on_island = cells[tags == 1]
    assert current[on_island].max() == pytest.approx(result.local_current_density_max, rel=1e-9)
    assert drive[on_island].max() == pytest.approx(result.overpotential_max, abs=1e-12)
    beside = drive[cells[tags != 1]].max()
    assert beside == pytest.approx(result.exposed_drive_max, abs=1e-7)


def test_what_it_is_of(written: tuple[fi.Solution, dict[str, Any]]) -> None:
    solution, files = written
    for file in files.values():
        about = {name: json.loads(text) for name, text in file["about"].items()}
        assert about["units"]["coordinates"] == "um"
        assert about["units"][CURRENT] == "A/m^2"
        assert about["case"] == solution.case.model_dump(mode="json")
        assert about["versions"]["fem-island"] == fi.__version__
        assert about["discretisation"]["degree"] == solution.degree
    assert json.loads(files["a.bottom.vtkhdf"]["about"]["tag_names"])["2"] == "film"


# --- Without a display, and where people want their files ----------------------------------------


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "fem-island", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=cwd,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )


def test_without_opengl_everything_is_there_and_a_line_says_why(tmp_path: Path) -> None:
    (tmp_path / "case.toml").touch()
    done = run(
        *("solve", "case.toml", "--solver", "condensed", "--json", "--out", "out"),
        cwd=tmp_path,
        __EGL_VENDOR_LIBRARY_FILENAMES="/nonexistent.json",
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "converged"
    (line,) = done.stderr.splitlines()
    assert line.startswith("fem-island: the field is drawn by matplotlib, not by pyvista: VTK ")
    names = ("json", "bottom.csv", "vtkhdf", "bottom.vtkhdf", "potential.png", "bottom.png")
    for name in names:
        assert (tmp_path / "out" / f"case.{name}").stat().st_size > 1000


def test_home_is_home_in_every_path(tmp_path: Path) -> None:
    home = tmp_path / "home"
    work = tmp_path / "work"
    home.mkdir()
    work.mkdir()
    (home / "case.toml").write_text('[sweep]\n"islands.width" = ["5 um", "20 um"]\n')
    for arguments in (
        ("solve", "~/case.toml", "--solver=condensed", "--out=~/solved"),
        ("sweep", "~/case.toml", "--out=~/swept", "--quiet"),
        ("compare", "~/case.toml", "--films", "none"),
        ("init", "~/new.toml"),
        ("schema", "--out=~/schema.json"),
        ("materials", "--plot=~/films.png"),
        ("film-map", "~/case.toml", "--out=~/nothing", "--dry-run"),
    ):
        done = run(*arguments, cwd=work, HOME=str(home))
        assert done.returncode == 0, done.stderr
    made = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    assert {
        *("solved/case.json", "solved/case.vtkhdf", "solved/case.bottom.csv"),
        *("solved/case.potential.png", "swept/results.nc", "new.toml", "schema.json", "films.png"),
    } <= made
    assert list(work.iterdir()) == []


def test_home_is_home_in_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "case.toml").touch()
    solution = fi.solve(fi.read_case("~/case.toml"), solver="condensed")
    solution.write("~/written", "a")
    solution.plot_profile("~/profile.png")
    fi.sweep(fi.Cell(), island_width=["5 um"], out="~/swept")
    for name in ("written/a.json", "written/a.potential.png", "profile.png", "swept/results.nc"):
        assert (tmp_path / name).stat().st_size > 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("solve", "case.toml", "--out"),
        ("sweep", "case.toml", "--out"),
        ("figure6", "--out"),
        ("film-map", "case.toml", "--out"),
    ],
)
def test_a_folder_that_cannot_be_made_is_refused_at_once(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "case.toml").write_text('[sweep]\n"islands.width" = ["5 um"]\n')
    done = run(*arguments, "case.toml/inside", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith('fem-island: --out = "case.toml/inside": cannot be made a folder')


def test_files_have_one_version_of_the_format(tmp_path: Path) -> None:
    fi.solve(fi.Cell(), solver="condensed").write(tmp_path, "a")
    for name in ("a.vtkhdf", "a.bottom.vtkhdf"):
        with h5py.File(tmp_path / name) as file:
            root = file["VTKHDF"]
            assert root.attrs["Version"].tolist() == [2, 0]
            counts = [int(root[f"NumberOf{what}"][0]) for what in ("Points", "Cells")]
            assert counts == [len(root["Points"]), len(root["Types"])]
            assert root["Offsets"][-1] == len(root["Connectivity"])
