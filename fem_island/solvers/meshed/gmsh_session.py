"""A model of our own in Gmsh, with Gmsh's own defaults, also inside a session of the caller.

Gmsh has one session per process, with one set of options, of variables for scripts and of ONELAB
parameters. A session that the caller has opened is found again as it was left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fem_island.machine.environment import without_variables
from fem_island.machine.libraries import GMSH_LIBRARIES, require_libraries
from fem_island.solvers.meshed.petsc_start import PETSC_VARIABLES

_OPTION = re.compile(r"^(\w+(?:\[\d+\])?\.[\w.]+) = (.)", re.MULTILINE)
"""A line of a file of options, with the first sign of the value, which tells its type."""


_ARGUMENTS = ["fem-island", "-v", "0", "-skip_petscrc"]
"""Gmsh starts a PETSc of its own with these; to be silent keeps it from warning of the last."""


@contextmanager
def private_model() -> Iterator[Any]:
    """Gmsh with an empty model and default options; gives the module.

    Raises:
        MissingSystemLibraryError: Gmsh cannot be loaded.
    """
    require_libraries(GMSH_LIBRARIES, "Gmsh")
    import gmsh

    if gmsh.isInitialized():
        with _kept_options(gmsh), _kept_variables(gmsh), _added_model(gmsh):
            yield gmsh
        return
    # A user's own settings must not change results; signals stay with Python.
    with without_variables(*PETSC_VARIABLES):
        gmsh.initialize(_ARGUMENTS, readConfigFiles=False, interruptible=False)
    try:
        _be_quiet(gmsh)
        with _added_model(gmsh):
            yield gmsh
    finally:
        gmsh.finalize()


def _be_quiet(gmsh: Any) -> None:
    gmsh.option.setNumber("General.Terminal", 0)
    gmsh.option.setNumber("General.Verbosity", 1)
    # Raise what goes wrong.
    gmsh.option.setNumber("General.AbortOnError", 2)


@contextmanager
def _added_model(gmsh: Any) -> Iterator[None]:
    """One model more, under a name that there is not; then the current one is that of before."""
    current, taken = gmsh.model.getCurrent(), set(gmsh.model.list())
    name = "fem_island"
    while name in taken:
        name += "_"
    gmsh.model.add(name)
    try:
        yield
    finally:
        gmsh.model.setCurrent(name)
        gmsh.model.remove()
        # Removing makes the last one current, which most often is right; of several with one name
        # the first would be chosen by it.
        if gmsh.model.getCurrent() != current:
            gmsh.model.setCurrent(current)


@contextmanager
def _kept_options(gmsh: Any) -> Iterator[None]:
    """Default options; then those of before."""
    before = _changed_options(gmsh)
    gmsh.option.restoreDefaults()
    _be_quiet(gmsh)
    try:
        yield
    finally:
        gmsh.option.restoreDefaults()
        for name, (kind, value) in before.items():
            if _option(gmsh, name, kind) != value:
                _set_option(gmsh, name, kind, value)


def _changed_options(gmsh: Any) -> dict[str, tuple[str, Any]]:
    """Type and value of all options that are not at their defaults."""
    with TemporaryDirectory(prefix="fem-island-") as folder:
        path = Path(folder) / "changed.opt"
        gmsh.write(str(path))
        lines = path.read_text(encoding="utf-8", errors="replace")
    kinds = {'"': "String", "{": "Color"}
    found = {name: kinds.get(first, "Number") for name, first in _OPTION.findall(lines)}
    return {name: (kind, _option(gmsh, name, kind)) for name, kind in found.items()}


def _option(gmsh: Any, name: str, kind: str) -> Any:
    return getattr(gmsh.option, f"get{kind}")(name)


def _set_option(gmsh: Any, name: str, kind: str, value: Any) -> None:
    arguments = value if kind == "Color" else (value,)
    getattr(gmsh.option, f"set{kind}")(name, *arguments)


@contextmanager
def _kept_variables(gmsh: Any) -> Iterator[None]:
    """No variables of scripts and no ONELAB parameters; then those of before."""
    names = gmsh.parser.getNames()
    numbers = [gmsh.parser.getNumber(name) for name in names]
    texts = [gmsh.parser.getString(name) for name in names]
    parameters = gmsh.onelab.get()
    gmsh.parser.clear()
    gmsh.onelab.clear()
    try:
        yield
    finally:
        gmsh.parser.clear()
        gmsh.onelab.clear()
        for name, values, strings in zip(names, numbers, texts, strict=True):
            if len(strings):
                gmsh.parser.setString(name, strings)
            else:
                gmsh.parser.setNumber(name, values)
        gmsh.onelab.set(parameters)
