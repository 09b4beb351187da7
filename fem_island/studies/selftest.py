"""Known answers computed once more, to see that an installation works.

Each check says what is wanted and what was found, on a line. A check that raises is one that
failed, so that one thing that is missing does not hide what else is.

The numbers wanted are exact formulas, or those of an independent boundary-integral method without
finite elements, good to 1e-12 V and 1e-10 of a current: cases ``base_w5_I2.5``, ``base_w20_I2.5``,
``alloy_w5_U0.05_i5``, ``lowk_w5_I50`` and ``fast_i5000_w20`` of ``tests/data/visible_cases.json``.
In the last two the potential drops in the electrolyte: there a wrong solution of Laplace's equation
shows, while in the paper's own cell the mean overpotential is that of the reaction alone to 15 nV.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fem_island.errors import FemIslandError, on_one_line
from fem_island.machine.launcher import launched_rank, load_mpi
from fem_island.solvers.names import SolverName, has_dolfinx

if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from fem_island.case.cell import Case
    from fem_island.results.result import Result

POTENTIAL_TOLERANCE = 1e-6
"""Largest difference of a potential from a known one [V]: the default accuracy."""

_LONGEST_LINE = 300
_RANKS_MAY_TAKE = 40.0
_COLORS_OF_A_FIELD = 50
"""A field has hundreds, and an empty picture, or one of a single thing, a few."""


@dataclass(frozen=True)
class Finding:
    """What one check came to.

    Attributes:
        name: What was checked.
        passed: Whether what was found is what is wanted.
        said: What is wanted, and what was found.
    """

    name: str
    passed: bool
    said: str

    def __str__(self) -> str:
        """One line."""
        return f"{'ok' if self.passed else 'FAILED':<7} {self.name:<46} {self.said}"


_LEFT_OUT = "left out: {} is not installed (pip install 'fem-island[{}]')"

_EXTRAS = {"fem": ("dolfinx", "gmsh"), "mpi": ("mpi4py",), "pictures": ("pyvista",)}
"""Of the package, and what shows that one is installed."""

Check = Callable[[], Iterator[Finding]]


def run(tell: Callable[[str], None]) -> bool:
    """Make all checks, one after the other.

    Args:
        tell: Takes each line as soon as it is known, and one at the end that counts them.

    Returns:
        Whether all of them passed.
    """
    start = time.perf_counter()
    findings: list[Finding] = []
    for name, check in _CHECKS.items():
        for finding in _caught(name, check):
            findings.append(finding)
            tell(str(finding))
    failed = sum(not finding.passed for finding in findings)
    seconds = f"in {time.perf_counter() - start:.0f} s"
    if failed:
        tell(f"{failed} of {len(findings)} checks FAILED, {seconds}")
    else:
        tell(f"all {len(findings)} checks passed, {seconds}")
    return failed == 0


def _caught(name: str, check: Check) -> Iterator[Finding]:
    if name in _WITH_DOLFINX and not has_dolfinx():
        yield Finding(name, True, _LEFT_OUT.format("DOLFINx", "fem"))
        return
    try:
        yield from check()
    except Exception as error:
        kind = "" if isinstance(error, FemIslandError) else f"{type(error).__name__}: "
        text = " ".join(f"{kind}{error}".split())
        yield Finding(name, False, on_one_line(text)[:_LONGEST_LINE])


def _number(
    name: str, found: float, wanted: float, *, tolerance: float, unit: str = "V", factor: float = 1
) -> Finding:
    """Compare a number with a known one.

    Args:
        name: What it is.
        found: In SI units.
        wanted: In SI units.
        tolerance: Largest difference, in SI units.
        unit: In which they are shown.
        factor: Of the numbers shown to SI.
    """
    digits = max(0, min(9, 1 - math.floor(math.log10(tolerance * factor))))
    shown = (f"{value * factor:.{digits}f}" for value in (wanted, found))
    said = "wanted {}, found {} {}".format(*shown, unit).rstrip()
    return Finding(name, abs(found - wanted) <= tolerance, said)


def _millivolt(
    name: str, found: float, wanted: float, *, tolerance: float = POTENTIAL_TOLERANCE
) -> Finding:
    return _number(name, found, wanted, tolerance=tolerance, unit="mV", factor=1e3)


def _versions() -> Iterator[Finding]:
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


def _solve(case: Case, solver: SolverName) -> Result:
    from fem_island.experiments.point.solve import solve_case
    from fem_island.machine.communicator import OneProcess

    return solve_case(case, OneProcess(), solver=solver).result


def _case(width: float, current_density: float = 2.5, **cell: Any) -> Case:
    from fem_island.case.cell import Case, Cell, Operation
    from fem_island.case.island import Island

    return Case(
        cell=Cell(islands=[Island(width=width)], **cell),
        operation=Operation(current_density=current_density),
    )


def _paper(solver: SolverName) -> Check:
    def check() -> Iterator[Finding]:
        wide, narrow = (_solve(_case(width), solver) for width in (20e-6, 5e-6))
        wanted = 0.030324619068050243
        yield _millivolt(f"20 um island, {solver}: mean", wide.overpotential_mean, wanted)
        wanted = 0.08464321779694653
        yield _millivolt(f"5 um island, {solver}: mean", narrow.overpotential_mean, wanted)
        found = narrow.exposed_drive_max or 0.0
        yield _millivolt(f"5 um island, {solver}: beside it", found, 0.0852507)

    return check


def _full_width() -> Iterator[Finding]:
    from fem_island.materials.constants import FARADAY_CONSTANT, GAS_CONSTANT

    found = _solve(_case(50e-6), "newton").overpotential_mean
    wanted = 2 * GAS_CONSTANT * 298.15 / FARADAY_CONSTANT * math.asinh(2.5 / (2 * 5.0))
    yield _millivolt("full width: (2RT/F) asinh(I/2 i0)", found, wanted)


def _film() -> Iterator[Finding]:
    from fem_island.case.film import Interlayer

    film = Interlayer(equilibrium_potential=0.05, reaction="release")
    result = _solve(_case(5e-6, interlayer=film), "newton")
    wanted = 0.056412535164704306
    yield _millivolt("film at 50 mV: mean on the island", result.overpotential_mean, wanted)
    share = result.interlayer.current_fraction if result.interlayer is not None else None
    name, wanted = "film at 50 mV: its share of the current", 1 - 0.5328167674799344
    yield _number(name, share or 0.0, wanted, tolerance=1e-5, unit="%", factor=100)


def _laplace(solver: SolverName) -> Check:
    def check() -> Iterator[Finding]:
        from fem_island.case.electrolyte import Electrolyte
        from fem_island.case.kinetics import Kinetics

        poor = _solve(_case(5e-6, 50.0, electrolyte=Electrolyte(conductivity=0.018)), solver)
        (island,) = poor.islands
        found = island.overpotential_left - island.overpotential_center
        wanted = 0.2549873647501583 - 0.230384138661204
        yield _millivolt(f"poor electrolyte, {solver}: edge - centre", found, wanted)
        name = f"poor electrolyte, {solver}: top"
        yield _millivolt(name, poor.potential_top_mean, -0.36590344293514315)
        fast = _case(20e-6, kinetics=Kinetics(exchange_current_density=5000.0))
        found = _solve(fast, solver).potential_top_mean
        wanted = -0.00037089844205918216
        yield _millivolt(f"fast kinetics, {solver}: top", found, wanted, tolerance=1e-8)

    return check


def _sweep() -> Iterator[Finding]:
    import numpy as np

    from fem_island.case.cell import Case
    from fem_island.experiments.sweeps.running import sweep

    widths, currents = [5e-6, 20e-6], [1.0, 2.5]
    with tempfile.TemporaryDirectory(prefix="fem-island-") as folder:
        out = Path(folder) / "sweep"

        def swept() -> Any:
            return sweep(Case(), island_width=widths, current_density=currents, out=out)

        first = swept()
        # As an interruption leaves it: without results, and the last batch only half written.
        (out / "results.nc").unlink()
        (batches,) = (out / "batches").iterdir()
        batches.write_bytes(batches.read_bytes()[:-1])
        again = swept()
    means = again.overpotential_mean.values
    alone = [[_solve(_case(w, i), "condensed") for i in currents] for w in widths]
    single = np.array([[result.overpotential_mean for result in row] for row in alone])
    off = float(np.abs(means - single).max())
    said = f"wanted a difference below 1e-09, found {off:.0e} V"
    yield Finding("sweep, against single solves", off < 1e-9, said)
    same = int((means == first.overpotential_mean.values).sum())
    said = f"wanted {means.size} points as before, found {same}"
    yield Finding("sweep, interrupted and gone on with", same == means.size, said)


def _mesh() -> Iterator[Finding]:
    import numpy as np

    from fem_island.solvers.meshed.meshing import mesh_cell, script_of
    from fem_island.solvers.resolution import Grading
    from fem_island.surface.bottom import stretches

    case = _case(5e-6)
    grading = Grading(edge_size=0.1e-6, growth=0.3, max_size=2e-6)
    height, comm = case.cell.electrolyte.height, load_mpi().COMM_SELF
    mesh = mesh_cell(stretches(case), height=height, grading=grading, comm=comm).mesh
    corners = mesh.geometry.x[mesh.geometry.dofmaps[0]][:, :, :2]
    along, up = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = float(np.abs(along[:, 0] * up[:, 1] - along[:, 1] * up[:, 0]).sum() / 2)
    name = f"area of {len(corners)} triangles of {script_of('planar').name}"
    yield _number(name, area, 750.0, tolerance=1e-6, unit="um^2")


def _picture() -> Iterator[Finding]:
    import numpy as np

    from fem_island.experiments.point.solve import solve_case
    from fem_island.machine.communicator import OneProcess
    from fem_island.plots.field import scene_of
    from fem_island.plots.rendering import rendered

    name = "picture of the field"
    if find_spec("pyvista") is None:
        yield Finding(name, True, _LEFT_OUT.format("pyvista", "pictures"))
        return
    solution = solve_case(_case(5e-6), OneProcess(), solver="condensed")
    (image,) = rendered([scene_of(solution, pixels=400)])
    colors = len(np.unique(image.reshape(-1, image.shape[-1]), axis=0))
    said = f"wanted more than {_COLORS_OF_A_FIELD} colours, found {colors}"
    yield Finding(name, colors > _COLORS_OF_A_FIELD, said)


def _ranks() -> Iterator[Finding]:
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
        reason = on_one_line((done.stderr.splitlines() or ["nothing said"])[0])[:_LONGEST_LINE]
        yield Finding(name, False, f"wanted exit status 0, found {done.returncode}: {reason}")
        return
    found = json.loads(done.stdout)["overpotential_mean"]
    alone = _solve(_case(5e-6), "newton").overpotential_mean
    yield _number(f"{name}: mean as on one", found, alone, tolerance=1e-10, unit="V")


_CHECKS: dict[str, Check] = {
    "versions": _versions,
    "paper's points, newton": _paper("newton"),
    "paper's points, condensed": _paper("condensed"),
    "full width": _full_width,
    "film": _film,
    "Laplace's equation, newton": _laplace("newton"),
    "Laplace's equation, condensed": _laplace("condensed"),
    "sweep": _sweep,
    "mesh": _mesh,
    "picture": _picture,
    "two ranks": _ranks,
}
"""By what their lines say where they raise."""

_WITH_DOLFINX = {
    "paper's points, newton",
    "full width",
    "film",
    "Laplace's equation, newton",
    "mesh",
    "two ranks",
}
