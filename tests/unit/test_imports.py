"""What each module brings along when it is imported alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "fem_island"
NEED_DOLFINX = (
    "boundary_trace",
    "condensed",
    "condensed.assembled",
    "condensed.field",
    "figure6",
    "files",
    "meshing",
    "newton",
    "placed_reactions",
    "potential",
    "sampling",
    "solution",
    "solving",
)


def loaded_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


def test_the_package_itself_loads_nothing_heavy() -> None:
    heavy = {"numpy", "pydantic", "pint", "dolfinx", "gmsh", "pyvista", "matplotlib"}
    assert not loaded_after("import fem_island") & heavy


@pytest.mark.parametrize("name", NEED_DOLFINX)
def test_modules_that_use_dolfinx_find_its_libraries(name: str) -> None:
    assert "dolfinx" in loaded_after(f"import fem_island.{name}")


def test_the_description_of_a_case_needs_no_dolfinx() -> None:
    modules = ("case_file", "bottom", "materials", "material_tables", "trace", "report", "cli")
    loaded = loaded_after(", ".join(f"import fem_island.{m}" for m in modules).replace(", ", "; "))
    assert not loaded & {"dolfinx", "petsc4py", "mpi4py", "gmsh", "pyvista"}


def test_only_one_module_imports_gmsh() -> None:
    importing = [path.name for path in PACKAGE.rglob("*.py") if "import gmsh\n" in path.read_text()]
    assert importing == ["meshing.py"]


def test_every_public_name_exists() -> None:
    import fem_island

    assert all(getattr(fem_island, name) is not None for name in fem_island.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        fem_island.__getattr__("nonsense")
    assert fem_island.__version__.count(".") == 2
