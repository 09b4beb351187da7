"""A stripping run: the entry point of the Python interface, and the control of its error."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from fem_island.case.cell import Case, Cell
from fem_island.case.file import as_case
from fem_island.case.stripping import Stripping
from fem_island.errors import ConvergenceError
from fem_island.experiments.stripping.bottom_stores import BottomStores
from fem_island.experiments.stripping.case_stores import in_series, phases, settings, stores_of
from fem_island.experiments.stripping.instant import Instant
from fem_island.experiments.stripping.march import March, Settings
from fem_island.experiments.stripping.planning import (
    Fineness,
    coarser,
    finer,
    first_fineness,
    plan_grid,
)
from fem_island.experiments.stripping.record import StrippingRun, record_of
from fem_island.machine.arrays import Array

logger = logging.getLogger(__name__)

Progress = Callable[[Instant, float], None]
"""Called with every instant and the share of the charge that is gone."""

_MOST_ATTEMPTS = 4
_MOST_WORK = 6e8
"""Newton steps times the square of the unknowns of an attempt that is not followed by another."""

_COMPARED = 16
"""Instants at which the check is compared, besides the wanted ones."""

_MOST_COMPARED = 200
_NEAR = 3e-4
"""Share of the time around an event where the voltage is too steep to be compared."""

_SHIFT = 1e-5
"""Share of the time by which the curve may be shifted: where it is steep, that is its error."""

_OF_DIFFERENCE = 0.6
"""Estimated error over the difference from the check, whose own error is four times as large."""

_LEAST = 2e-9
"""Smallest estimate [V]: rounding."""


def strip(
    cell: Cell | Case | Path | str,
    *,
    current_density: float | str | None = None,
    cutoff_voltage: float | str | None = None,
    duration: float | str | None = None,
    times: Any = None,
    temperature: float | str | None = None,
    tolerance: float | str | None = None,
    progress: Progress | None = None,
) -> StrippingRun:
    """Strip a cell in time, or run the protocol of a case.

    Args:
        cell: The cell, a whole case, or the name of a case file; the arguments below replace what a
            case says.
        current_density: I [A/m^2]; above 0 strips. Default 0.25 mA/cm^2.
        cutoff_voltage: Voltage at which it ends [V]. Default 0.5 V when stripping, none
            when plating.
        duration: Longest time [s].
        times: Instants at which everything is reported as well [s].
        temperature: T [K]. Default 298.15 K.
        tolerance: Wanted error of the voltage curve [V]. Default 10 uV.
        progress: Called with every instant.

    Returns:
        The run. Its status is "tolerance not met" where the finest grid was not enough.

    Raises:
        InputError: A value is not allowed, or the case does not say how much lithium there is.
        ConvergenceError: A step of time has no solution that was found.

    Example:
        >>> from fem_island.case.cell import Island
        >>> cell = Cell(islands=[Island(width="5 um", thickness="2 um", shape="parabola")])
        >>> run = strip(cell)
        >>> run.end, round(float(run.times[-1]), 3), round(float(run.voltage[0]), 6)
        ('cutoff_voltage', 395.837, 0.085297)
    """
    case = as_case(cell)
    operation = {"current_density": current_density, "temperature": temperature}
    said = {
        "cutoff_voltage": cutoff_voltage,
        "duration": duration,
        "times": times,
        "tolerance": tolerance,
    }
    own = settings(case)
    given = {name: getattr(own, name) for name in own.model_fields_set} | _given(said)
    case = Case(
        **{name: getattr(case, name) for name in case.model_fields_set}
        | {
            "operation": dict(case.operation) | _given(operation),
            "stripping": Stripping(**given),
        }
    )
    return strip_case(case, progress=progress)


def strip_case(case: Case, *, progress: Progress | None = None) -> StrippingRun:
    """Strip a case; see ``strip``."""
    # Threads gain nothing on matrices of a few hundred unknowns, and lose much on a busy machine.
    with threadpool_limits(1):
        return _strip_to_tolerance(case, progress=progress)


def _strip_to_tolerance(case: Case, *, progress: Progress | None) -> StrippingRun:
    stores = stores_of(case)
    wanted = settings(case).tolerance
    fineness = first_fineness(case, stores, wanted)
    best: StrippingRun | None = None
    for _ in range(_MOST_ATTEMPTS):
        run, marched = _marched(case, stores, fineness, progress)
        estimate = _estimate(case, stores, coarser(fineness), marched)
        run = replace(run, voltage_error=estimate)
        if best is None or estimate < best.voltage_error:
            best = run
        if estimate <= wanted:
            return best
        if run.newton_iterations * run.degrees_of_freedom**2 > _MOST_WORK:
            break
        logger.info("estimated error %.1e V, wanted %.1e V", estimate, wanted)
        next_fineness = finer(fineness, estimate / wanted)
        if next_fineness is None:
            break
        fineness = next_fineness
    if best is None:
        raise ConvergenceError("no attempt was made")
    reason = f"the voltage is known to {1e6 * best.voltage_error:.2g} uV only"
    return replace(best, status="tolerance not met", reason=reason)


@dataclass(frozen=True)
class Marched:
    """What a march through all phases has found.

    Attributes:
        instants: In order of time.
        march: How it went.
    """

    instants: list[Instant]
    march: March


def _marched(
    case: Case, stores: BottomStores, fineness: Fineness, progress: Progress | None
) -> tuple[StrippingRun, Marched]:
    marched = march_case(case, stores, fineness, np.array(settings(case).times), progress)
    return record_of(case, marched.instants, marched.march), marched


def march_case(
    case: Case,
    stores: BottomStores,
    fineness: Fineness,
    times: Array,
    progress: Progress | None = None,
) -> Marched:
    """March through all phases of a case at one fineness.

    Raises:
        ConvergenceError: A step has no solution that was found, or nothing carries the current even
            at the start.
    """
    march = prepared(case, stores, fineness)
    whole = max(march.first_charge, 1e-300)
    instants: list[Instant] = []
    for phase in phases(case):
        for instant in march.run(phase, times):
            instants.append(instant)
            if progress is not None:
                progress(instant, 1 - march.charge / whole)
        if march.end not in ("duration", "cutoff_voltage"):
            break
    if not instants:
        raise ConvergenceError("nothing carries the applied current, even at the start")
    return Marched(instants, march)


def prepared(case: Case, stores: BottomStores, fineness: Fineness) -> March:
    """A march that has not begun."""
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
    made = Settings(
        conductivity=case.conductivity,
        bend=fineness.bend,
        in_series=in_series(case),
        critical=said.critical_current_density,
        nucleation=said.nucleation_overpotential,
    )
    return March(grid, made, state, {n: cells for n, cells in islands.items() if cells.any()})


def _estimate(case: Case, stores: BottomStores, check: Fineness, marched: Marched) -> float:
    """Estimated error of the voltage [V], from a coarser march, away from events.

    Where the curve is steep, what a shift of 1e-5 of the time does is not counted.
    """
    instants = marched.instants
    if len(instants) < 2:
        return 0.0
    wanted = set(settings(case).times)
    times = np.array([instant.time for instant in instants])
    voltages = np.array([instant.voltage for instant in instants])
    # Evenly in steps, which are where something happens.
    chosen = np.unique(np.linspace(1, len(times) - 1, _COMPARED).astype(int))
    compared = np.unique(np.concatenate([times[chosen], [t for t in times if t in wanted]]))
    if len(compared) > _MOST_COMPARED:
        compared = compared[np.linspace(0, len(compared) - 1, _MOST_COMPARED).astype(int)]
    rough = march_case(case, stores, check, compared)
    events = [
        each.instant.time
        for each in [*marched.march.happenings.listed, *rough.march.happenings.listed]
    ]
    events += [times[-1], rough.instants[-1].time]
    known = {instant.time: instant.voltage for instant in rough.instants}
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = np.abs(np.diff(voltages) / np.diff(times))
    slopes = np.nan_to_num(slopes, posinf=0.0)
    worst = 0.0
    for number in range(1, len(times) - 1):
        time, other = times[number], known.get(times[number])
        if other is None or min(abs(time - event) for event in events) < _NEAR * times[-1]:
            continue
        shifted = _SHIFT * times[-1] * max(slopes[number - 1], slopes[number])
        # Where the curve is flat a shift is no excuse.
        shifted = shifted if shifted > settings(case).tolerance else 0.0
        worst = max(worst, _OF_DIFFERENCE * abs(voltages[number] - other) - shifted)
    return max(float(worst), _LEAST)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
