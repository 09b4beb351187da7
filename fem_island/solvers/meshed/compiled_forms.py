"""The Laplacian as machine code: compiled at first use and kept for every later run.

What is kept lies in ``$XDG_CACHE_HOME/fenics`` (``~/.cache/fenics``), two files for every kind of
element: the library, and a record of its digest. A library counts only where both agree. Each is
compiled by a process of its own in a folder of its own and then renamed into its place, so that
what is there is whole, whenever a run is stopped and whoever else compiles the same at once. A
lock, which the operating system takes back from a process that ends, only saves others the work.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.metadata import version
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import NamedTuple

from mpi4py import MPI  # noqa: F401  (brings the MPI library that DOLFINx needs)

import basix
import numpy as np
from dolfinx import fem
from filelock import FileLock, Timeout

from fem_island.case.geometry import Geometry
from fem_island.errors import MissingSystemLibraryError
from fem_island.machine.collective import on_every_rank, on_first_rank
from fem_island.machine.libraries import require_compiler
from fem_island.machine.whole_files import write_json
from fem_island.solvers.meshed import compile_laplacian

logger = logging.getLogger(__name__)

_BUILDING = "fem-island-building-"
_LONGEST_WAIT = 60.0
"""For another process that compiles [s]; after that this one compiles as well."""

_OF_BUILDS = (
    *("CC", "CXX", "CPP", "AR", "ARFLAGS", "ARCHFLAGS", "LDSHARED", "LDCXXSHARED"),
    *("CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS"),
    *("DIST_EXTRA_CONFIG", "DISTUTILS_USE_SDK", "SETUPTOOLS_USE_DISTUTILS"),
    *("PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONSTARTUP", "PYTHONINSPECT"),
)
"""Variables with which an environment changes how extensions of Python are built."""


class Kind(NamedTuple):
    """What machine code is for: arguments of ``compile_laplacian.laplacian``."""

    cell: str
    variant: str
    degree: int
    geometry: str


def laplacian_on(space: fem.FunctionSpace[np.float64], geometry: Geometry) -> fem.Form[np.float64]:
    """The form int grad(u) . grad(v) dx of a space of Lagrange elements. Collective.

    Args:
        space: The space, on a mesh in um.
        geometry: Of the cell; where it is axisymmetric the form has the weight 2 pi r.

    Raises:
        MissingSystemLibraryError: It is not in the cache and cannot be compiled (on all ranks).
    """
    mesh = space.mesh
    kind = Kind(
        mesh.topology.cell_name(),
        basix.LagrangeVariant(mesh.geometry.cmaps[0].variant).name,
        space.element.basix_element.degree,
        geometry,
    )
    # The first rank compiles, and the others find it; on nodes without a common file system theirs.
    on_first_rank(mesh.comm, lambda: _compiled(kind))
    compiled = on_every_rank(mesh.comm, lambda: _compiled(kind))
    return fem.create_form(compiled, [space, space], mesh, {}, {}, {})


@cache
def _compiled(kind: Kind) -> fem.forms.CompiledForm:
    """From the cache, or compiled into it, or compiled for this process alone."""
    name = _name(kind)
    folder = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "fenics"
    found = _kept(folder, name, kind)
    if found is None and _writable(folder):
        with _turn(folder):
            # Another process may have done it meanwhile.
            found = _kept(folder, name, kind) or _build(folder, name, kind)
    if found is None:
        with TemporaryDirectory(prefix="fem-island-") as private:
            found = _build(Path(private), name, kind)
    return found


def _name(kind: Kind) -> str:
    """Differs with all that the machine code depends on."""
    digest = hashlib.sha256(Path(compile_laplacian.__file__).read_bytes())
    digest.update(
        f"{kind.variant} {version('fenics-ffcx')} {sysconfig.get_config_var('SOABI')}".encode()
    )
    return f"laplacian-{kind.geometry}-{kind.cell}-{kind.degree}-{digest.hexdigest()[:16]}"


def _kept(folder: Path, name: str, kind: Kind) -> fem.forms.CompiledForm | None:
    """What is in the cache, or None where that is nothing, or not whole."""
    library = folder / f"{name}{EXTENSION_SUFFIXES[0]}"
    try:
        record = json.loads((folder / f"{name}.json").read_bytes())
        digest = hashlib.sha256(library.read_bytes()).hexdigest()
        if record["sha256"] != digest:
            raise ValueError("it is not what was compiled")
        return _loaded(library, record["module"], record["form"], kind)
    except FileNotFoundError:
        return None
    except (OSError, ImportError, ValueError, KeyError, TypeError, AttributeError) as error:
        logger.info("%s is compiled again: %s", library, error)
        return None


def _loaded(library: Path, module: str, form: str, kind: Kind) -> fem.forms.CompiledForm:
    spec = spec_from_file_location(module, library)
    if spec is None or spec.loader is None:
        raise ImportError(f"{library} is no module")
    loaded = module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return fem.forms.CompiledForm(
        compile_laplacian.laplacian(*kind),
        getattr(loaded.lib, form),
        loaded,
        "",
        np.float64,
    )


def _build(folder: Path, name: str, kind: Kind) -> fem.forms.CompiledForm:
    """Compile into a folder."""
    logger.info("compiling the Laplacian of %s", kind)
    building = Path(mkdtemp(prefix=_BUILDING, dir=folder))
    try:
        module, form = _run_compiler(building, kind)
        made = next(building.glob(f"{module}*{EXTENSION_SUFFIXES[0]}"))
        digest = hashlib.sha256(made.read_bytes()).hexdigest()
        library = folder / f"{name}{EXTENSION_SUFFIXES[0]}"
        made.replace(library)
        record = {"module": module, "form": form, "sha256": digest}
        write_json(record, folder / f"{name}.json")
        return _loaded(library, module, form, kind)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _run_compiler(building: Path, kind: Kind) -> tuple[str, str]:
    """Names of the module that was made and of the form in it."""
    command = [_python(), "-P", str(Path(compile_laplacian.__file__).resolve())]
    done = subprocess.run(
        [*command, *map(str, kind), str(building)],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        cwd=building,
        env=_environment(building),
    )
    names = done.stdout.split()
    if done.returncode != 0 or len(names) != 2:
        require_compiler()
        said = done.stderr.split("\n") if done.stderr else [f"exit status {done.returncode}"]
        last = next((line.strip() for line in reversed(said) if line.strip()), "nothing said")
        raise MissingSystemLibraryError(f"a form of DOLFINx could not be compiled: {last}")
    return names[0], names[1]


def _python() -> str:
    """Python itself, also where the process is a server that has it built in."""
    if Path(sys.executable or "").name.startswith("python"):
        return sys.executable
    return str(Path(sys.prefix) / "bin" / "python3")


def _environment(building: Path) -> dict[str, str]:
    """The variables of this process without what would change the build."""
    names = {name: value for name, value in os.environ.items() if name not in _OF_BUILDS}
    # No option file of a user, and no place to write to but this.
    names |= dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "TMPDIR"), str(building))
    names["PYTHONPATH"] = os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path if entry)
    compiler = _compiler()
    return names if compiler is None else names | {"CC": compiler}


def _compiler() -> str | None:
    """What to compile with, where that with which Python was built is not there."""
    usual = (sysconfig.get_config_var("CC") or "cc").split()[0]
    wanted = shlex.split(os.environ.get("CC", ""))[:1]
    candidates = [usual, "cc", "gcc", "clang", *wanted]
    found = next((name for name in candidates if shutil.which(name)), None)
    return None if found == usual else found


def _writable(folder: Path) -> bool:
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return os.access(folder, os.W_OK | os.X_OK)


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Hold the lock of a cache where its file system has locks; then nothing is being built."""
    lock = FileLock(folder / "fem-island.lock", timeout=_LONGEST_WAIT)
    try:
        lock.acquire()
    except (Timeout, OSError, NotImplementedError) as error:
        logger.info("compiling without a lock: %s", error)
        yield
        return
    try:
        for left in folder.glob(f"{_BUILDING}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        lock.release()
