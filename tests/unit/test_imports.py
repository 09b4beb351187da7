"""Which module may import which, and what each brings along when it is imported alone."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "fem_island"
FEM = {"dolfinx", "petsc4py", "mpi4py", "gmsh"}


def rows() -> list[str]:
    """The rows of the table in CONTRIBUTING.md, from those that import nothing downwards."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    table = text.partition("| row | holds |")[2].partition("\n\n")[0]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


def modules() -> dict[str, Path]:
    """All modules of the package by their dotted names."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path, known: dict[str, Path], *, at_load: bool = False) -> Iterator[str]:
    """The modules of the package that a file imports; with ``at_load`` only when it is loaded."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in tree.body if at_load else ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fem_island"):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)


def loaded_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


def test_every_entry_of_the_package_is_a_row() -> None:
    ignored = {"__init__.py", "py.typed", "__pycache__"}
    assert sorted(rows()) == sorted(
        path.name.removesuffix(".py") for path in PACKAGE.iterdir() if path.name not in ignored
    )


def test_imports_go_up_the_table() -> None:
    known, order = modules(), rows()
    back = [
        f"{name} imports {other}"
        for name, path in known.items()
        if name != "fem_island"
        for other in imports(path, known)
        if other == "fem_island"
        or order.index(other.split(".")[1]) > order.index(name.split(".")[1])
    ]
    assert back == []


def test_no_modules_import_each_other() -> None:
    known = modules()
    graph = {
        name: set(imports(path, known, at_load=True)) - {name}
        for name, path in known.items()
        if name != "fem_island"
    }
    assert len(list(TopologicalSorter(graph).static_order())) >= len(graph)


def test_the_package_itself_loads_nothing_heavy() -> None:
    heavy = {"numpy", "pydantic", "pint", "dolfinx", "gmsh", "pyvista", "matplotlib"}
    assert not loaded_after("import fem_island") & heavy


def test_a_first_solution_in_si_units_loads_no_units() -> None:
    code = "import fem_island as fi; fi.solve(fi.Cell(), solver='condensed').result.delithiates"
    assert not loaded_after(code) & {"pint", "matplotlib", "pyvista"}


def test_modules_that_use_dolfinx_find_its_libraries() -> None:
    """Each alone, in whatever order: the wheel of DOLFINx needs mpi4py to be loaded first."""
    users = [
        name
        for name, path in modules().items()
        if re.search(r"^(from|import) dolfinx\b", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert users
    for name in users:
        assert "dolfinx" in loaded_after(f"import {name}")


def test_the_description_of_a_case_needs_no_dolfinx() -> None:
    described = ("case", "surface", "materials", "results")
    names = [name for name in modules() if name.split(".")[1:2] and name.split(".")[1] in described]
    assert not loaded_after("; ".join(f"import {name}" for name in names)) & (FEM | {"pyvista"})


def outside_imports(path: Path, *, at_load: bool) -> set[str]:
    """The packages that a file imports, also for types; with ``at_load`` when it is loaded."""
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    functions = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if at_load and (node in functions or node in for_types):
            continue
        if isinstance(node, ast.ImportFrom):
            found.add(str(node.module).partition(".")[0])
        elif isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
    return found


def test_fenics_and_gmsh_are_the_meshed_solvers_alone() -> None:
    meshed = {"dolfinx", "basix", "ufl", "ffcx", "petsc4py", "gmsh"}
    # The self-test says which DOLFINx there is, and a solution what its function is.
    allowed = {"fem_island.studies.selftest.installation", "fem_island.experiments.point.solution"}
    for name, path in modules().items():
        if not name.startswith("fem_island.solvers.meshed."):
            used = outside_imports(path, at_load=name in allowed)
            assert not used & meshed, name
            assert "mpi4py" not in outside_imports(path, at_load=True), name


def test_the_core_loads_none_of_what_it_does_without() -> None:
    program = (
        "import fem_island as fi; "
        "fi.solve(fi.Cell(), solver='condensed').potential([(25e-6, 7e-6)]); "
        "fi.sweep(fi.Cell(), island_width=['5 um', '20 um']); "
        "fi.compare(fi.Cell(), ['none', 'Ag']); "
        "import fem_island.plots.maps, fem_island.plots.field, fem_island.studies.figure6.study, "
        "fem_island.studies.film_map.study"
    )
    left_out = {"dolfinx", "basix", "ufl", "ffcx", "petsc4py", "gmsh", "mpi4py", "pyvista"}
    assert not loaded_after(program) & (left_out | {"vtkmodules"})


def test_only_one_module_imports_gmsh() -> None:
    importing = [path.name for path in PACKAGE.rglob("*.py") if "import gmsh\n" in path.read_text()]
    assert importing == ["gmsh_session.py"]


def test_every_public_name_exists() -> None:
    import fem_island

    assert all(getattr(fem_island, name) is not None for name in fem_island.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        fem_island.__getattr__("nonsense")
    assert fem_island.__version__.count(".") == 2
