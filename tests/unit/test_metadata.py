"""What says the same thing twice: pyproject.toml, environment.yml and CITATION.cff."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from typing import Any

import pytest
import yaml
from markdown_blocks import ROOT
from packaging.requirements import Requirement

from fem_island.cli.cite import cite

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ENVIRONMENT = (ROOT / "environment.yml").read_text("utf-8")
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))

# Where conda-forge has another name, or several packages for one.
CONDA_NAMES = {
    "dolfinx-solver-real": ("fenics-dolfinx",),
    "gmsh": ("gmsh", "python-gmsh"),
    "matplotlib": ("matplotlib-base",),
}
# What the wheel of DOLFINx brings along, and what brings the package itself.
CONDA_ONLY = {
    "python": PYPROJECT["project"]["requires-python"],
    "pip": "",
    "petsc": "=*=real_*",
    "petsc4py": "",
    "c-compiler": "",
}


def ranges(requirements: list[str]) -> dict[str, str]:
    """The names of conda-forge and what is allowed of each."""
    found = {}
    for text in requirements:
        requirement = Requirement(text)
        for name in CONDA_NAMES.get(requirement.name, (requirement.name,)):
            found[name] = in_order(str(requirement.specifier))
    return found


APART = {"biologic", "data", "scene"}
"""Extras that `all` leaves out: what reads the files of others, and pages of boxes."""


def everything(project: dict[str, Any]) -> list[str]:
    """What the package needs with all of its extras."""
    extras = dict(project["project"]["optional-dependencies"])
    for name in APART:
        del extras[name]
    assert Requirement(extras.pop("all")[0]).extras == set(extras)
    return [*project["project"]["dependencies"], *(line for of in extras.values() for line in of)]


def in_order(specifier: str) -> str:
    return ",".join(sorted(specifier.split(",")))


def drift(environment: str, project: dict[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    """What is not the same in both: name, range in environment.yml, range in pyproject.toml."""
    wanted = {**ranges([*everything(project), *project["dependency-groups"]["dev"]]), **CONDA_ONLY}
    found = {}
    for line in yaml.safe_load(environment)["dependencies"]:
        name, specifier = re.fullmatch(r"([a-z0-9_-]+)(.*)", line).groups()  # type: ignore[union-attr]
        assert name not in found, f"{name} is there twice"
        found[name] = in_order(specifier)
    return {
        name: (found.get(name), wanted.get(name))
        for name in sorted({*found, *wanted})
        if found.get(name) != wanted.get(name)
    }


def test_conda_gets_the_same_packages() -> None:
    assert drift(ENVIRONMENT, PYPROJECT) == {}


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("  - numpy>=2.2\n", "", "numpy"),
        ("  - numpy>=2.2\n", "  - numpy>=2.1\n", "numpy"),
        ("  - fenics-dolfinx>=0.11,<0.12\n", "  - fenics-dolfinx>=0.11\n", "fenics-dolfinx"),
        ("  - pytest>=9.0\n", "  - pytest>=9.0\n  - hypothesis\n", "hypothesis"),
        ("  - python>=3.12\n", "  - python>=3.11\n", "python"),
    ],
)
def test_a_drift_is_found(old: str, new: str, name: str) -> None:
    assert old in ENVIRONMENT
    assert list(drift(ENVIRONMENT.replace(old, new), PYPROJECT)) == [name]


def test_the_core_has_nothing_of_fenics_mpi_gmsh_or_vtk() -> None:
    core = {Requirement(line).name for line in PYPROJECT["project"]["dependencies"]}
    assert not core & {"dolfinx-solver-real", "gmsh", "mpi4py", "mpich", "pyvista", "vtk"}


def pinned(lock: str) -> dict[str, str]:
    """Names and versions of a lock file."""
    text = (ROOT / lock).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize(
    ("lock", "groups"),
    [("requirements.lock", ("dev", "docs")), ("requirements-image.lock", ("image",))],
)
def test_the_locks_have_every_package(lock: str, groups: tuple[str, ...]) -> None:
    lines = everything(PYPROJECT)
    for group in groups:
        lines += PYPROJECT["dependency-groups"][group]
    assert {Requirement(line).name for line in lines} <= set(pinned(lock))


def test_the_image_has_the_versions_that_are_tested() -> None:
    image = pinned("requirements-image.lock")
    assert image.items() <= pinned("requirements.lock").items()


def test_how_to_cite() -> None:
    assert CITATION["cff-version"] == "1.2.0"
    assert CITATION["type"] == "software"
    assert CITATION["title"] == "fem_island"
    assert str(CITATION["version"]) == PYPROJECT["project"]["version"]
    assert CITATION["license"] == PYPROJECT["project"]["license"]
    assert CITATION["abstract"].startswith(PYPROJECT["project"]["description"])
    assert [author["name"] for author in CITATION["authors"]] == [
        author["name"] for author in PYPROJECT["project"]["authors"]
    ]
    assert isinstance(CITATION.get("date-released", date.today()), date)
    (paper,) = CITATION["references"]
    assert (paper["type"], paper["journal"], paper["year"]) == ("article", "Joule", 2023)
    assert paper["authors"][0]["family-names"] == "Sandoval"
    assert paper["doi"] == "10.1016/j.joule.2023.07.022"


def test_the_command_cites_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    (paper,) = CITATION["references"]
    for bibtex in (False, True):
        assert cite(bibtex=bibtex) == 0
        said = " ".join(capsys.readouterr().out.split())
        for text in (paper["title"], paper["doi"], "Joule", "2023", "Sandoval", "fem_island"):
            assert text in said
        assert str(CITATION["version"]) in said
