"""A stripping run: the entry point of the Python interface, and the control of its error."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.file import as_case
from fem_island.case.stripping import Stripping
from fem_island.errors import ConvergenceError, Fault, InputError
from fem_island.experiments.stripping.case_stores import settings, stores_of
from fem_island.experiments.stripping.estimate import curve_error
from fem_island.experiments.stripping.kept_solutions import KeptSolutions, kept_solutions
from fem_island.experiments.stripping.map_run import strip_map
from fem_island.experiments.stripping.marching import Progress, march_case
from fem_island.experiments.stripping.pacing import ByTimes, ByVoltage
from fem_island.experiments.stripping.planning import (
    coarser,
    factors,
    finer,
    first_fineness,
    order_of,
    planned_unknowns,
)
from fem_island.experiments.stripping.record import StoppedRunError, StrippingRun
from fem_island.experiments.stripping.recording import line_history, record_of
from fem_island.machine.paths import from_home
from fem_island.solvers.names import SolverName, check_solver

logger = logging.getLogger(__name__)

_MOST_ATTEMPTS = 6
_MOST_SECONDS = 60.0
"""Attempts after the first are made as long as they are expected to take no longer together."""

_FEW_STEPS = 100
"""A run with fewer is compared with its check at the ends of all steps, not of every second."""

_STEP_SECONDS, _FACTOR_SECONDS = 1e-3, 3e-11
"""What a Newton step takes [s], and of that per unknown cubed."""


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
    solver: SolverName = "condensed",
    unfinished: Path | str | None = None,
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
        solver: "condensed", or "newton", which finds every potential in all of the electrolyte with
            DOLFINx; the same curve, ten and more times slower.
        unfinished: File in which a run of more than ten seconds keeps what it has solved, so that
            the same call goes on from there after an interruption; it is gone when the run is
            finished. Default: nothing is kept.

    Returns:
        The run. Its status is "tolerance not met" where the finest grid was not enough.

    Raises:
        InputError: A value is not allowed, or the case does not say how much lithium there is.
        StoppedRunError: A step of time has no solution that was found; what was found until then is
            its ``run``.
        ConvergenceError: There is no solution even at the start.

    Example:
        >>> from fem_island.case.cell import Island
        >>> cell = Cell(islands=[Island(width="5 um", thickness="2 um", shape="parabola")])
        >>> run = strip(cell)
        >>> run.end, round(float(run.times[-1]), 3), round(float(run.voltage[0]), 6)
        ('cutoff_voltage', 395.837, 0.085297)
    """
    check_solver(solver)
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
    path = None if unfinished is None else from_home(unfinished)
    with kept_solutions(path, case, solver) as kept:
        return strip_case(case, progress=progress, solver=solver, kept=kept)


def strip_case(
    case: Case,
    *,
    progress: Progress | None = None,
    solver: SolverName = "condensed",
    kept: KeptSolutions | None = None,
) -> StrippingRun:
    """Strip a case; see ``strip``.

    Args:
        case: The case.
        progress: Called with every instant.
        solver: What finds the potential.
        kept: What the run has solved before.
    """
    if case.cell.map is not None:
        check_solver_of_map(solver)
        return strip_map(case, progress=progress, kept=kept)
    # Threads gain nothing on matrices of a few hundred unknowns, and lose much on a busy machine.
    with threadpool_limits(1):
        return _strip_to_tolerance(case, progress, solver, kept)


def check_solver_of_map(solver: SolverName) -> None:
    """Refuse what cannot strip a map.

    Raises:
        InputError: It is not "condensed".
    """
    if solver != "condensed":
        reason = 'does not strip maps; leave it out, or give "condensed"'
        raise InputError([Fault("solver", solver, reason)])


def _strip_to_tolerance(
    case: Case, progress: Progress | None, solver: SolverName, kept: KeptSolutions | None
) -> StrippingRun:
    stores = stores_of(case)
    wanted = settings(case).tolerance
    fineness = first_fineness(case, stores, wanted)
    best: StrippingRun | None = None
    times = np.array(settings(case).times)
    march = partial(march_case, solver=solver, kept=kept)
    left, order = _MOST_SECONDS, 2.0
    earlier: tuple[float, float] | None = None
    for _ in range(_MOST_ATTEMPTS):
        pace = ByVoltage(fineness.bend, fineness.step)
        marched = march(case, stores, fineness, pace, times, progress)
        bottom = line_history(case, marched)
        run = record_of(case, marched.instants, marched.march, bottom, kind=StrippingRun)
        if marched.stopped:
            if best is None:
                raise StoppedRunError(replace(run, status="failed", reason=marched.stopped))
            break
        ends = np.array(marched.march.ends)
        # Where there are few steps, what every second one says is too little.
        also = ends if len(ends) < _FEW_STEPS else None
        rough = march(case, stores, coarser(fineness), ByTimes(ends), also)
        if rough.stopped:
            at = rough.instants[-1].time
            reason = f"no estimate of the error: its march stopped at {at:.6g} s: {rough.stopped}"
            best = replace(run, status="tolerance not met", reason=reason) if best is None else best
            break
        error = curve_error(marched, rough, wanted)
        run = replace(run, voltage_error=error.voltage, time_error=error.time)
        if best is None or error.voltage < best.voltage_error:
            best = run
        if error.voltage <= wanted:
            return best
        logger.info(
            "estimated error %.1e V, wanted %.1e V, after %d steps with %d unknowns",
            *(error.voltage, wanted, run.steps, run.degrees_of_freedom),
        )
        if earlier is not None:
            order = order_of(*earlier, error.voltage)
        for factor in factors(fineness, error.voltage, wanted, order=order):
            next_fineness = finer(fineness, wanted, factor=factor)
            unknowns = planned_unknowns(stores, case.cell.electrolyte.height, next_fineness)
            iterations = run.newton_iterations * fineness.step / next_fineness.step
            seconds = iterations * (_STEP_SECONDS + _FACTOR_SECONDS * unknowns**3)
            if seconds <= left:
                break
        else:
            break
        fineness, left = next_fineness, left - seconds
        earlier = factor, error.voltage
    if best is None:
        raise ConvergenceError("no attempt was made")
    reason = f"the voltage is known to {1e6 * best.voltage_error:.2g} uV only"
    return replace(best, status="tolerance not met", reason=best.reason or reason)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
