"""The core in an environment of its own: nothing of FEniCS, PETSc, MPI, Gmsh and VTK is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import wheels

LEFT_OUT = (
    "dolfinx",
    "basix",
    "ufl",
    "ffcx",
    "petsc4py",
    "mpi4py",
    "gmsh",
    "pyvista",
    "vtkmodules",
)

FIRST_SCRIPT = """
import fem_island as fi

cell = fi.Cell(islands=[fi.Island(width="5 um")], interlayer=fi.interlayer("Ag"))
solution = fi.solve(cell, current_density="0.25 mA/cm^2", solver="condensed")
print(solution.result.overpotential_mean)
solution.plot("potential.png")
assert fi.solve(cell).result.solver == "condensed"
print(solution.potential([(25e-6, 7.5e-6)])[0])
"""

MAP = """
import numpy as np
import fem_island as fi
from fem_island.plots import maps, picture_file, style

results = fi.sweep(
    fi.Cell(),
    island_width=np.linspace(1e-6, 50e-6, 50),
    current_density=np.geomspace(0.5, 50, 50),
    out="map",
)
drawn = maps.Map(
    x=maps.Scale(1e6 * results.island_width.values, "island size [um]"),
    y=maps.Scale(results.current_density.values, "current density [A/m^2]", "log"),
    values=1e3 * results.overpotential_mean.values.T,
    label="mean overpotential [mV]",
)
figure = style.new_figure(4, 3)
maps.draw_map(figure.add_subplot(), drawn)
picture_file.save(figure, "map.png")
print(results.sizes["island_width"] * results.sizes["current_density"])
print(int((results.status == 0).sum()))
print(float(results.overpotential_mean.interp(island_width=20e-6, current_density=2.5)))
"""


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a new environment with what ``pip install .`` brings."""
    folder = tmp_path_factory.mktemp("core")
    wheels.run(sys.executable, "-m", "venv", folder, cwd=folder)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--no-input", "--disable-pip-version-check"]
    reached = wheels.finished(*pip, "install", "--dry-run", "--no-deps", "pint", cwd=folder)
    if reached.returncode != 0:
        pytest.skip("there is no index of packages to install from")
    wheel = wheels.build(tmp_path_factory.mktemp("wheel"))
    wheels.run(*pip, "install", "--quiet", "--no-compile", wheel, cwd=folder)
    return folder / "bin"


def command(
    core: Path, *arguments: str, cwd: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    known = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    return subprocess.run(
        [core / "fem-island", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=cwd,
        env={**known, "OMP_NUM_THREADS": "1", **environment},
    )


def test_nothing_of_them_is_installed(core: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from importlib.util import find_spec; "
        "print([name for name in sys.argv[1:] if find_spec(name)])"
    )
    found = wheels.run(core / "python", "-c", program, *LEFT_OUT, cwd=tmp_path)
    assert found == "[]\n"


def test_the_first_script(core: Path, tmp_path: Path) -> None:
    (tmp_path / "first.py").write_text(FIRST_SCRIPT)
    done = wheels.finished(core / "python", "first.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    mean, inside = map(float, done.stdout.split())
    assert mean == pytest.approx(0.0846432, abs=1e-7)
    assert inside == pytest.approx(-0.0850714, abs=1e-7)
    (line,) = done.stderr.splitlines()
    assert "drawn by matplotlib" in line
    assert "fem-island[pictures]" in line
    assert (tmp_path / "potential.png").stat().st_size > 50_000


def test_a_map_and_a_sweep_that_goes_on(core: Path, tmp_path: Path) -> None:
    (tmp_path / "map.py").write_text(MAP)
    first = wheels.run(core / "python", "map.py", cwd=tmp_path)
    points, converged, mean = first.split()
    assert (points, converged) == ("2500", "2500")
    assert float(mean) == pytest.approx(0.0303, abs=1e-4)
    assert (tmp_path / "map.png").stat().st_size > 10_000
    # As an interruption leaves it: without results, and the last batch only half written.
    (tmp_path / "map" / "results.nc").unlink()
    (batches,) = (tmp_path / "map" / "batches").iterdir()
    batches.write_bytes(batches.read_bytes()[:-1])
    assert wheels.run(core / "python", "map.py", cwd=tmp_path) == first


def test_the_command(core: Path, tmp_path: Path) -> None:
    (tmp_path / "case.toml").touch()
    shown = command(core, "--help", cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    done = command(core, "solve", "case.toml", "--json", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["solver"] == "condensed"
    assert record["overpotential_mean"] == pytest.approx(0.0846432, abs=1e-7)
    assert len(done.stderr.splitlines()) == 1
    assert {file.name.removeprefix("case.") for file in (tmp_path / "out").iterdir()} == {
        *("json", "vtkhdf", "bottom.vtkhdf", "bottom.csv", "potential.png", "bottom.png")
    }
    compared = command(core, "compare", "case.toml", "--films", "none,Ag", "--json", cwd=tmp_path)
    assert compared.returncode == 0, compared.stderr
    assert len(compared.stdout.splitlines()) == 2


def test_figure6_and_the_selftest(core: Path, tmp_path: Path) -> None:
    done = command(core, "figure6", "--out", "figure6", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "figure6" / "figure6.json").read_text())
    computed = [quoted["computed"] for quoted in record["quoted"]]
    assert computed == pytest.approx([0.0303246, 0.0846432], abs=1e-7)
    assert (tmp_path / "figure6" / "figure6.pdf").stat().st_size > 50_000
    tested = command(core, "selftest", cwd=tmp_path)
    assert tested.returncode == 0, tested.stdout
    assert tested.stdout.count("left out: DOLFINx is not installed") == 6


def test_what_needs_more_says_so_in_a_line(core: Path, tmp_path: Path) -> None:
    (tmp_path / "case.toml").touch()
    for name in ("solve", "compare"):
        done = command(core, name, "case.toml", "--solver", "newton", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        (line,) = done.stderr.splitlines()
        assert line.startswith('fem-island: --solver = "newton": needs DOLFINx')
        assert "pip install 'fem-island[fem]'" in line
    ranks = command(core, "solve", "case.toml", cwd=tmp_path, PMI_RANK="0", PMI_SIZE="2")
    assert (ranks.returncode, ranks.stdout) == (2, "")
    (line,) = ranks.stderr.splitlines()
    assert "mpi4py" in line
    assert "fem-island[mpi]" in line
