"""A march through all phases of a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from fem_island.case.case import Case
from fem_island.errors import ConvergenceError
from fem_island.experiments.stripping.bottom_grid import BottomGrid
from fem_island.experiments.stripping.bottom_stores import BottomStores
from fem_island.experiments.stripping.case_stores import in_series, phases, settings
from fem_island.experiments.stripping.instant import Instant, Reading
from fem_island.experiments.stripping.kept_solutions import KeptSolutions
from fem_island.experiments.stripping.march import March
from fem_island.experiments.stripping.openings import LineFronts
from fem_island.experiments.stripping.pacing import Pace
from fem_island.experiments.stripping.phase import Settings
from fem_island.experiments.stripping.planning import Fineness, plan_grid
from fem_island.experiments.stripping.quasistatic import (
    CondensedBalance,
    CondensedConduction,
    Conduction,
)
from fem_island.machine.arrays import Array
from fem_island.machine.launcher import load_mpi
from fem_island.solvers.names import SolverName

Progress = Callable[[Instant, float], None]
"""Called with every instant and the share of the charge that is gone."""


@dataclass(frozen=True)
class Marched[At: Reading]:
    """What a march through all phases has found.

    Attributes:
        instants: In order of time. What lay where would take gigabytes in a long run.
        march: How it went.
        stopped: Why it stopped before its end; empty where it did not.
    """

    instants: Sequence[At]
    march: March
    stopped: str = ""


def march_case[At: Reading](
    case: Case,
    stores: BottomStores,
    fineness: Fineness,
    pace: Pace,
    times: Array | None = None,
    look: Progress | None = None,
    *,
    read: type[At],
    solver: SolverName = "condensed",
    kept: KeptSolutions | None = None,
) -> Marched[At]:
    """March through all phases of a case at one fineness.

    Args:
        case: The case.
        stores: What lies on its bottom.
        fineness: Of the grid.
        pace: What decides how long the steps are.
        times: Instants that are wanted besides the ends of steps [s], ascending.
        look: Called with every instant.
        read: What is kept of every instant.
        solver: What finds the potential.
        kept: What the run has solved before.

    Raises:
        ConvergenceError: Nothing carries the current even at the start, or no drive was found that
            does.
    """
    march = prepared(case, stores, fineness, pace, solver, kept)
    times = np.zeros(0) if times is None else times
    whole = max(march.first_charge, 1e-300)
    instants: list[At] = []
    try:
        for phase in phases(case):
            for instant in march.run(phase, times):
                instants.append(read.of(instant))
                if look is not None:
                    look(instant, 1 - march.charge / whole)
            if march.end not in ("duration", "cutoff_voltage"):
                break
    except ConvergenceError as error:
        if not instants:
            raise
        return Marched(instants, march, str(error))
    if not instants:
        raise ConvergenceError("nothing carries the applied current, even at the start")
    return Marched(instants, march)


def prepared(
    case: Case,
    stores: BottomStores,
    fineness: Fineness,
    pace: Pace,
    solver: SolverName = "condensed",
    kept: KeptSolutions | None = None,
) -> March:
    """A march that has not begun."""
    kept = KeptSolutions() if kept is None else kept
    cell = case.cell
    grid = plan_grid(stores, cell.electrolyte.height, fineness)
    state = stores.state(grid.edges)
    middles = grid.edges.mean(axis=1)
    islands = {
        metal.island: (middles > metal.start) & (middles < metal.end)
        for metal in stores.metal
        if metal.island is not None
    }
    said = settings(case)
    conduction = _conduction(grid, case.conductivity, solver)
    made = Settings(
        balance=lambda current: kept.around(
            CondensedBalance(grid, case.conductivity, current, conduction(current))
        ),
        in_series=in_series(case),
        critical=said.critical_current_density,
        nucleation=said.nucleation_overpotential,
    )
    there = {number: cells for number, cells in islands.items() if cells.any()}
    return March(grid, made, pace, state, LineFronts.of(state, grid.touching, there), there)


def _conduction(
    grid: BottomGrid, conductivity: float, solver: SolverName
) -> Callable[[float], Conduction]:
    if solver == "condensed":
        return partial(CondensedConduction, grid, conductivity)
    load_mpi()
    from fem_island.solvers.meshed.whole_field import WholeField

    field = WholeField(grid.electrolyte)
    return partial(field.at_current, grid.tangent, conductivity)
