"""A stripping run of a map to its tolerance: smaller pixels and shorter steps until it is met."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from fem_island.case.case import Case
from fem_island.errors import ConvergenceError
from fem_island.experiments.stripping.case_stores import in_series, map_stores_of, phases, settings
from fem_island.experiments.stripping.estimate import curve_error
from fem_island.experiments.stripping.instant import Seen
from fem_island.experiments.stripping.kept_solutions import KeptSolutions
from fem_island.experiments.stripping.map_fronts import MapFronts
from fem_island.experiments.stripping.map_history import Keeper
from fem_island.experiments.stripping.map_record import MapRun
from fem_island.experiments.stripping.march import March
from fem_island.experiments.stripping.marching import Marched, Progress
from fem_island.experiments.stripping.pacing import ByTimes, ByVoltage, Pace
from fem_island.experiments.stripping.phase import Settings
from fem_island.experiments.stripping.pixels import PixelBalance
from fem_island.experiments.stripping.recording import record_of
from fem_island.experiments.stripping.thickness import MapStores
from fem_island.machine.arrays import Array
from fem_island.machine.memory import available_memory
from fem_island.materials.constants import FARADAY_CONSTANT

logger = logging.getLogger(__name__)

_BEND = 1.0
"""Bend of the voltage over a step per tolerance."""

_SMALLEST_BEND, _LARGEST_BEND = 1e-6, 1e-4
_LONGEST_STEP = 0.05
"""Longest step, as a share of the time that the charge lasts."""

_MOST_PIXELS = 2**18
"""Pixels up to which they are made smaller."""

_FEWEST_PIXELS = 2**10
"""Images of fewer pixels are refined from the start."""

_BYTES_PER_PIXEL = 2500
"""Of the memory that a march takes, measured."""

_MOST_ATTEMPTS = 5


@dataclass(frozen=True)
class _Fineness:
    """How a march is made.

    Attributes:
        parts: Parts of an edge of the image's pixels.
        bend: Change of the voltage's slope over a step, times the step [V].
        step: Longest step, as a share of the time that the charge lasts.
    """

    parts: int
    bend: float
    step: float


def strip_map(
    case: Case, *, progress: Progress | None = None, kept: KeptSolutions | None = None
) -> MapRun:
    """Strip a case with a thickness image.

    Its error is estimated by a march on pixels that are twice as long, with steps twice as long.

    Args:
        case: The case.
        progress: Called with every instant.
        kept: What the run has solved before.

    Raises:
        InputError: The case does not say how much lithium there is.
        ConvergenceError: A step of time has no solution that was found.
    """
    stores = map_stores_of(case)
    kept = KeptSolutions() if kept is None else kept
    wanted = settings(case).tolerance
    times = np.array(settings(case).times)
    parts = 1
    while stores.charge.size * parts**2 < _FEWEST_PIXELS or (
        parts == 1 and stores.coarsened() is None
    ):
        parts *= 2
    bend = min(max(_BEND * wanted, _SMALLEST_BEND), _LARGEST_BEND)
    fineness = _Fineness(parts, bend, _LONGEST_STEP)
    best: MapRun | None = None
    for _ in range(_MOST_ATTEMPTS):
        pace = ByVoltage(fineness.bend, fineness.step)
        fine = stores.refined(fineness.parts)
        march, keeper = _prepared(case, fine, pace, kept)
        marched = Marched(list(_instants(case, march, keeper, times, progress)), march)
        steps = ByTimes(np.array(march.ends))
        rough, unknown = _checked(case, _coarser(stores, fineness.parts), steps, times, kept)
        error = curve_error(marched, rough, wanted)
        history = keeper.history()
        run = record_of(case, marched.instants, marched.march, history, kind=MapRun)
        if unknown:
            return replace(run, status="tolerance not met", reason=unknown)
        run = replace(run, voltage_error=error.voltage, time_error=error.time)
        if best is None or error.voltage < best.voltage_error:
            best = run
        if error.voltage <= wanted:
            return best
        logger.info(
            "estimated error %.1e V, wanted %.1e V, after %d steps with %d pixels",
            *(error.voltage, wanted, run.steps, run.degrees_of_freedom),
        )
        pixels = 4 * fine.charge.size
        if pixels > _MOST_PIXELS or pixels * _BYTES_PER_PIXEL > available_memory():
            break
        bend = max(fineness.bend / 4, _SMALLEST_BEND)
        fineness = _Fineness(2 * fineness.parts, bend, fineness.step / 2)
    if best is None:
        raise ConvergenceError("no attempt was made")
    reason = f"the voltage is known to {1e6 * best.voltage_error:.2g} uV only"
    return replace(best, status="tolerance not met", reason=reason)


def _coarser(stores: MapStores, parts: int) -> MapStores:
    """Pixels that are twice as long as those of an image that is refined."""
    if parts > 1:
        return stores.refined(parts // 2)
    coarse = stores.coarsened()
    if coarse is None:
        raise ValueError("the image has no pairs of pixels")
    return coarse


def _prepared(
    case: Case, stores: MapStores, pace: Pace, kept: KeptSolutions
) -> tuple[March, Keeper]:
    """A march that has not begun, and what keeps some pictures of it."""
    cells = stores.cells(case.cell.electrolyte.height)
    state = stores.state(cells)
    said = settings(case)
    made = Settings(
        balance=lambda current: kept.around(PixelBalance.of(cells, case.conductivity, current)),
        in_series=in_series(case),
        critical=said.critical_current_density,
        nucleation=said.nucleation_overpotential,
    )
    march = March(cells, made, pace, state, MapFronts.of(state, cells), {})
    return march, Keeper(cells, FARADAY_CONSTANT / said.lithium_molar_volume)


def _instants(
    case: Case, march: March, keeper: Keeper, times: Array, progress: Progress | None = None
) -> Iterator[Seen]:
    """The instants of all phases, of which only numbers are kept.

    Raises:
        ConvergenceError: A step has no solution that was found, or there is no first one.
    """
    whole = max(march.first_charge, 1e-300)
    begun = False
    for phase in phases(case):
        for instant in march.run(phase, times):
            begun = True
            gone = 1 - march.charge / whole
            keeper.look(instant, gone)
            yield Seen.of(instant)
            if progress is not None:
                progress(instant, gone)
        if march.end not in ("duration", "cutoff_voltage"):
            break
    if not begun:
        raise ConvergenceError("nothing carries the applied current, even at the start")


def _checked(
    case: Case, stores: MapStores, pace: Pace, times: Array, kept: KeptSolutions
) -> tuple[Marched[Seen], str]:
    """The march that an estimate is made from, and why it stopped, or nothing.

    What was found is not lost with it; it has no estimate then.
    """
    march, keeper = _prepared(case, stores, pace, kept)
    seen: list[Seen] = []
    reason = ""
    try:
        for instant in _instants(case, march, keeper, times):
            seen.append(instant)
    except ConvergenceError as error:
        if not seen:
            raise
        reason = f"no estimate of the error: its march stopped at {seen[-1].time:.6g} s: {error}"
    return Marched(seen, march), reason
