"""A stripping run to its tolerance: finer and finer attempts until one meets it; the best stays."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from fem_island import quantities
from fem_island.errors import ConvergenceError
from fem_island.experiments.stripping.estimate import EARLY, curve_error
from fem_island.experiments.stripping.instant import Reading, Seen
from fem_island.experiments.stripping.march import March
from fem_island.experiments.stripping.marching import Marched
from fem_island.experiments.stripping.record import StoppedRunError, StrippingRun
from fem_island.machine.arrays import Array

logger = logging.getLogger(__name__)

_FEW_STEPS = 100
"""A run with fewer is compared with its check at the ends of all steps, not of every second."""


@dataclass(frozen=True)
class Attempt[Run: StrippingRun]:
    """A case that was marched through once.

    Attributes:
        marched: The march.
        run: What it has found, without an estimate of its error.
        check: Marches through the case on a coarser grid with steps twice as long.
        of_difference: Estimated error of a voltage over its difference from the check.
    """

    marched: Marched[Seen]
    run: Run
    check: Callable[[], Marched[Reading]]
    of_difference: float


def run_to_tolerance[Fineness, Run: StrippingRun](
    first: Fineness,
    attempt: Callable[[Fineness], Attempt[Run]],
    finer: Callable[[Fineness, Run], Fineness | None],
    *,
    wanted: float,
    most_attempts: int,
) -> Run:
    """Strip a case at finer and finer settings.

    Args:
        first: Where to start.
        attempt: Marches through the case at a fineness.
        finer: What to try after a run at a fineness that missed the tolerance; None where there is
            nothing, or no time for it.
        wanted: Error of the voltage [V].
        most_attempts: How many are made at most.

    Returns:
        The run with the smallest error; its status says whether that is what is wanted.

    Raises:
        StoppedRunError: The first march has stopped; what it found is the error's ``run``.
        ConvergenceError: There is no solution even at the start.
    """
    best: Run | None = None
    early = math.nan
    fineness: Fineness | None = first
    for _ in range(most_attempts):
        if fineness is None:
            break
        made = attempt(fineness)
        run = made.run
        if made.marched.stopped:
            if best is None:
                raise StoppedRunError(replace(run, status="failed", reason=made.marched.stopped))
            break
        rough = made.check()
        if rough.stopped:
            # What was found is not lost with it.
            at = rough.instants[-1].time
            reason = f"no estimate of the error: its march stopped at {at:.6g} s: {rough.stopped}"
            best = replace(run, status="tolerance not met", reason=reason) if best is None else best
            break
        error = curve_error(made.marched, rough, wanted, of_difference=made.of_difference)
        run = replace(run, voltage_error=error.voltage, time_error=error.time)
        if best is None or error.voltage < best.voltage_error:
            best, early = run, error.early
        if error.voltage <= wanted:
            return best
        logger.info(
            "estimated error %.1e V, wanted %.1e V, after %d steps with %d unknowns",
            *(error.voltage, wanted, run.steps, run.degrees_of_freedom),
        )
        fineness = finer(fineness, run)
    if best is None:
        raise ConvergenceError("no attempt was made")
    reason = f"the voltage is known to {quantities.error_in_words(best.voltage_error)} only"
    if early <= best.voltage_error / 2:
        reason += (
            f", in the first {100 * EARLY:g} % of the time to {quantities.error_in_words(early)}"
        )
    return replace(best, status="tolerance not met", reason=best.reason or reason)


def few_ends(march: March) -> Array:
    """Ends of the steps of a march [s]; none where there are many.

    Where there are few, what every second one says is too little for an estimate.
    """
    ends = np.array(march.ends)
    return ends if len(ends) < _FEW_STEPS else ends[:0]
