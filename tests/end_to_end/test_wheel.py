"""The wheel that is built from the checkout works without it."""

from __future__ import annotations

import json
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from markdown_blocks import ROOT
from wheels import build, run


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a new environment with the wheel.

    It sees the packages of this one through a .pth file; those of this one, and so the checkout
    of an editable install, are not read in it.
    """
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", folder, cwd=folder)
    python = folder / "bin" / "python"
    options = ["--no-deps", "--no-index", "--quiet", "--disable-pip-version-check"]
    run(python, "-m", "pip", "install", *options, wheel, cwd=folder)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = Path(run(python, "-c", where, cwd=folder).strip())
    paths = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    (own / "packages.pth").write_text("".join(f"{path}\n" for path in sorted(paths)))
    # Wheels of libraries, as that of MPICH, put them where only their own environment looks.
    for library in Path(sys.prefix, "lib").iterdir():
        if not library.name.startswith("python"):
            (folder / "lib" / library.name).symlink_to(library)
    return folder / "bin"


def test_what_is_inside(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {
        "fem_island/meshes/planar.geo",
        "fem_island/materials/materials.toml",
        "fem_island/quantities/units.txt",
    } < {*names}
    assert "fem_island/py.typed" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"fem_island"}
    sources = {str(path.relative_to(ROOT)) for path in (ROOT / "fem_island").rglob("*.py")}
    assert sources == {name for name in names if name.endswith(".py")}


def test_nothing_comes_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    program = (
        "import json, sys, fem_island\n"
        "from fem_island.solvers.meshed.meshing import script_of\n"
        "from importlib.metadata import distribution\n"
        "script = script_of('axisymmetric')\n"
        "where = [fem_island.__file__, script, distribution('fem-island')._path]\n"
        "print(json.dumps([list(map(str, where)), sys.path]))\n"
    )
    where, path = json.loads(run(installed / "python", "-c", program, cwd=tmp_path))
    environment = str(installed.parent)
    assert all(file.startswith(environment) for file in where), where
    assert str(ROOT) not in path


def test_figure6_of_the_wheel(installed: Path, tmp_path: Path) -> None:
    run(installed / "fem-island", "figure6", "--out", "figure6", cwd=tmp_path)
    record = json.loads((tmp_path / "figure6" / "figure6.json").read_text())
    computed = [quoted["computed"] for quoted in record["quoted"]]
    assert computed == pytest.approx([0.0303246, 0.0846432], abs=1e-7)
    assert (record["points"], record["failures"]) == (2500, 0)


def test_a_mesh_of_the_wheel(installed: Path, tmp_path: Path) -> None:
    """By the solver that runs Gmsh on the script inside the wheel."""
    (tmp_path / "case.toml").touch()
    record = json.loads(run(installed / "fem-island", "solve", "case.toml", "--json", cwd=tmp_path))
    assert record["overpotential_mean"] == pytest.approx(0.0846432, abs=1e-7)
