"""A stripping run: the entry point of the Python interface, and the control of its error."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.file import as_case
from fem_island.case.stripping import SAID_BY_STEPS, Stripping
from fem_island.errors import Fault, InputError
from fem_island.experiments.stripping.attempts import Attempt, few_ends, run_to_tolerance
from fem_island.experiments.stripping.bottom_stores import BottomStores
from fem_island.experiments.stripping.case_stores import settings, stores_of
from fem_island.experiments.stripping.instant import Instant, Reading, Seen
from fem_island.experiments.stripping.kept_solutions import KeptSolutions, kept_solutions
from fem_island.experiments.stripping.map_run import strip_map
from fem_island.experiments.stripping.marching import Marched, Progress, march_case
from fem_island.experiments.stripping.pacing import ByTimes, ByVoltage
from fem_island.experiments.stripping.planning import (
    Fineness,
    coarser,
    factors,
    finer,
    first_fineness,
    order_of,
    planned_unknowns,
)
from fem_island.experiments.stripping.record import StrippingRun
from fem_island.experiments.stripping.recording import LineKeeper, record_of
from fem_island.machine.paths import from_home
from fem_island.solvers.names import SolverName, check_solver

_OF_DIFFERENCE = 0.66
"""Estimated error of a voltage over its difference from the check, whose own error is four times as
large."""

_MOST_ATTEMPTS = 6
_MOST_SECONDS = 60.0
"""Attempts after the first are made as long as they are expected to take no longer together."""

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
    if case.protocol:
        once = [path.partition(".")[2] for path in SAID_BY_STEPS]
        reason = "does not go with a protocol, whose steps have their own"
        asked = _given(operation | said)
        faults = [Fault(name, asked[name], reason) for name in once if name in asked]
        if faults:
            raise InputError(faults)
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
    times = np.array(settings(case).times)
    march = partial(march_case, solver=solver, kept=kept)

    def attempt(fineness: Fineness) -> Attempt[StrippingRun]:
        pace, keeper = ByVoltage(fineness.bend, fineness.step), LineKeeper()

        def look(instant: Instant, gone: float) -> None:
            keeper.look(instant)
            if progress is not None:
                progress(instant, gone)

        marched = march(case, stores, fineness, pace, times, look, read=Seen)
        bottom = keeper.history(case, marched.march.grid)
        run = record_of(case, marched.instants, marched.march, bottom, kind=StrippingRun)

        def check() -> Marched[Reading]:
            pace, ends = ByTimes(np.array(marched.march.ends)), few_ends(marched.march)
            return march(case, stores, coarser(fineness), pace, ends, read=Reading)

        return Attempt(marched, run, check, _OF_DIFFERENCE)

    return run_to_tolerance(
        first_fineness(case, stores, wanted),
        attempt,
        _Finer(stores, case.cell.electrolyte.height, wanted),
        wanted=wanted,
        most_attempts=_MOST_ATTEMPTS,
    )


class _Finer:
    """What is tried after runs that missed the tolerance, as long as there is time for it."""

    def __init__(self, stores: BottomStores, height: float, wanted: float) -> None:
        """Begin with all of the time.

        Args:
            stores: What lies on the bottom.
            height: Of the electrolyte [m].
            wanted: Error of the voltage [V].
        """
        self._stores, self._height, self._wanted = stores, height, wanted
        self._left, self._order = _MOST_SECONDS, 2.0
        self._earlier: tuple[float, float] | None = None

    def __call__(self, fineness: Fineness, run: StrippingRun) -> Fineness | None:
        """The next fineness after that of a run; None where it would take too long."""
        error, wanted = run.voltage_error, self._wanted
        if self._earlier is not None:
            self._order = order_of(*self._earlier, error)
        for factor in factors(fineness, error, wanted, order=self._order):
            found = finer(fineness, wanted, factor=factor)
            unknowns = planned_unknowns(self._stores, self._height, found)
            iterations = run.newton_iterations * fineness.step / found.step
            seconds = iterations * (_STEP_SECONDS + _FACTOR_SECONDS * unknowns**3)
            if seconds <= self._left:
                self._left -= seconds
                self._earlier = factor, error
                return found
        return None


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
