"""Known answers of both solvers and of sweeps.

The numbers wanted are exact formulas, or those of an independent boundary-integral method without
finite elements, good to 1e-12 V and 1e-10 of a current: cases ``base_w5_I2.5``, ``base_w20_I2.5``,
``alloy_w5_U0.05_i5``, ``lowk_w5_I50`` and ``fast_i5000_w20`` of ``tests/data/visible_cases.json``.
In the last two the potential drops in the electrolyte: there a wrong solution of Laplace's equation
shows, while in the paper's own cell the mean overpotential is that of the reaction alone to 15 nV.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fem_island.solvers.names import SolverName
from fem_island.studies.selftest.finding import Check, Finding, number_found, potential_found

if TYPE_CHECKING:
    from fem_island.case.case import Case
    from fem_island.results.result import Result

type Solve = Callable[[Case, SolverName], Result]


def solved(case: Case, solver: SolverName) -> Result:
    """The numbers of a case, by a solver."""
    from fem_island.experiments.point.solve import solve_case
    from fem_island.machine.communicator import OneProcess

    return solve_case(case, OneProcess(), solver=solver).result


def one_island(width: float, current_density: float = 2.5, **cell: Any) -> Case:
    """The paper's cell with an island of a width [m] at a current density [A/m^2]."""
    from fem_island.case.case import Case, Operation
    from fem_island.case.cell import Cell
    from fem_island.case.island import Island

    return Case(
        cell=Cell(islands=[Island(width=width)], **cell),
        operation=Operation(current_density=current_density),
    )


def paper_points(solver: SolverName, *, solve: Solve = solved) -> Check:
    """Two islands of the paper, whose mean overpotential is that of the reaction alone."""

    def check() -> Iterator[Finding]:
        wide, narrow = (solve(one_island(width), solver) for width in (20e-6, 5e-6))
        wanted = 0.030324619068050243
        yield potential_found(f"20 um island, {solver}: mean", wide.overpotential_mean, wanted)
        wanted = 0.08464321779694653
        yield potential_found(f"5 um island, {solver}: mean", narrow.overpotential_mean, wanted)
        found = narrow.exposed_drive_max or 0.0
        yield potential_found(f"5 um island, {solver}: beside it", found, 0.0852507)

    return check


def full_width() -> Iterator[Finding]:
    """Lithium all over the bottom, with its exact formula."""
    from fem_island.materials.constants import FARADAY_CONSTANT, GAS_CONSTANT

    found = solved(one_island(50e-6), "newton").overpotential_mean
    wanted = 2 * GAS_CONSTANT * 298.15 / FARADAY_CONSTANT * math.asinh(2.5 / (2 * 5.0))
    yield potential_found("full width: (2RT/F) asinh(I/2 i0)", found, wanted)


def releasing_film() -> Iterator[Finding]:
    """A film that takes a part of the current."""
    from fem_island.case.film import Interlayer

    film = Interlayer(equilibrium_potential=0.05, reaction="release")
    result = solved(one_island(5e-6, interlayer=film), "newton")
    wanted = 0.056412535164704306
    yield potential_found("film at 50 mV: mean on the island", result.overpotential_mean, wanted)
    share = result.interlayer.current_fraction if result.interlayer is not None else None
    name, wanted = "film at 50 mV: its share of the current", 1 - 0.5328167674799344
    yield number_found(name, share or 0.0, wanted, tolerance=1e-5, unit="%", factor=100)


def drops_in_the_electrolyte(solver: SolverName, *, solve: Solve = solved) -> Check:
    """Cells in which the potential drops in the electrolyte."""

    def check() -> Iterator[Finding]:
        from fem_island.case.electrolyte import Electrolyte
        from fem_island.case.kinetics import Kinetics

        poor = solve(one_island(5e-6, 50.0, electrolyte=Electrolyte(conductivity=0.018)), solver)
        (island,) = poor.islands
        found = island.overpotential_left - island.overpotential_center
        wanted = 0.2549873647501583 - 0.230384138661204
        yield potential_found(f"poor electrolyte, {solver}: edge - centre", found, wanted)
        name = f"poor electrolyte, {solver}: top"
        yield potential_found(name, poor.potential_top_mean, -0.36590344293514315)
        fast = one_island(20e-6, kinetics=Kinetics(exchange_current_density=5000.0))
        found = solve(fast, solver).potential_top_mean
        wanted = -0.00037089844205918216
        yield potential_found(f"fast kinetics, {solver}: top", found, wanted, tolerance=1e-8)

    return check


def sweep_gone_on_with() -> Iterator[Finding]:
    """A sweep is what single solves are, also after an interruption."""
    import numpy as np

    from fem_island.case.case import Case
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
    alone = [[solved(one_island(w, i), "condensed") for i in currents] for w in widths]
    single = np.array([[result.overpotential_mean for result in row] for row in alone])
    off = float(np.abs(means - single).max())
    said = f"wanted a difference below 1e-09, found {off:.0e} V"
    yield Finding("sweep, against single solves", off < 1e-9, said)
    same = int((means == first.overpotential_mean.values).sum())
    said = f"wanted {means.size} points as before, found {same}"
    yield Finding("sweep, interrupted and gone on with", same == means.size, said)
