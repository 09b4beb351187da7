"""A stripping run of a map to its tolerance: smaller pixels and shorter steps until it is met."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fem_island.case.case import Case
from fem_island.experiments.stripping.attempts import Attempt, few_ends, run_to_tolerance
from fem_island.experiments.stripping.case_stores import map_stores_of, settings
from fem_island.experiments.stripping.instant import Seen
from fem_island.experiments.stripping.kept_solutions import KeptSolutions
from fem_island.experiments.stripping.map_march import march_map
from fem_island.experiments.stripping.map_record import MapRun
from fem_island.experiments.stripping.marching import Marched, Progress
from fem_island.experiments.stripping.pacing import ByTimes, ByVoltage
from fem_island.experiments.stripping.recording import record_of
from fem_island.experiments.stripping.thickness import MapStores
from fem_island.machine.memory import available_memory

_BEND = 1.0
"""Bend of the voltage over a step per tolerance."""

_SMALLEST_BEND, _LARGEST_BEND = 1e-6, 1e-4
_LONGEST_STEP = 0.05
"""Longest step, as a share of the time that the charge lasts."""

_MOST_PIXELS = 2**18
"""Pixels up to which they are made smaller."""

_LARGE = 2**16
"""From so many pixels on they make the error, not the steps, so that these are never shorter than
``_LARGEST_BEND`` makes them at first."""

_FEWEST_PIXELS = 2**10
"""Images of fewer pixels are refined from the start."""

_BYTES_PER_PIXEL = 2500
"""Of the memory that a march takes, measured."""

_OF_DIFFERENCE = 2.0
"""Estimated error of a voltage over its difference from the check. Where whole pixels run out a map
converges with their length, not with its square: 0.9 to 1.8 were found against finer runs."""

_MOST_ATTEMPTS = 5
_MOST_SECONDS = 100.0
"""Attempts after the first are made as long as they are expected to take no longer together."""

_STEP_SECONDS, _PIXEL_SECONDS = 2e-3, 4e-7
"""What a step of Newton's method takes, and of that per pixel of the map [s]."""

_MORE_STEPS = 1.5
"""Steps of Newton's method over those of the attempt before."""


@dataclass(frozen=True)
class MapFineness:
    """How a march of a map is made.

    Attributes:
        parts: Parts of an edge of the image's pixels.
        bend: Change of the voltage's slope over a step, times the step [V].
        step: Longest step, as a share of the time that the charge lasts.
    """

    parts: int
    bend: float
    step: float

    def finer(self) -> MapFineness:
        """Pixels and steps half as long."""
        bend = max(self.bend / 4, _SMALLEST_BEND)
        return MapFineness(2 * self.parts, bend, self.step / 2)


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
        StoppedRunError: A step of time has no solution that was found; what was found until then is
            its ``run``.
        ConvergenceError: There is no solution even at the start.
    """
    stores = map_stores_of(case)
    kept = KeptSolutions() if kept is None else kept
    wanted = settings(case).tolerance
    times = np.array(settings(case).times)
    left = _MOST_SECONDS

    def attempt(fineness: MapFineness) -> Attempt[MapRun]:
        fine = stores.refined(fineness.parts)
        pace = ByVoltage(fineness.bend, fineness.step)
        marched = march_map(case, fine, pace, times, progress, kept=kept)
        run = record_of(case, marched.instants, marched.march, marched.history, kind=MapRun)

        def check() -> Marched[Seen]:
            pace = ByTimes(np.array(marched.march.ends))
            also = np.union1d(times, few_ends(marched.march))
            return march_map(case, _coarser(stores, fineness.parts), pace, also, kept=kept)

        return Attempt(marched, run, check, _OF_DIFFERENCE)

    def finer(fineness: MapFineness, run: MapRun) -> MapFineness | None:
        nonlocal left
        pixels = 4 * stores.charge.size * fineness.parts**2
        seconds = _MORE_STEPS * run.newton_iterations * (_STEP_SECONDS + _PIXEL_SECONDS * pixels)
        if pixels > _MOST_PIXELS or pixels * _BYTES_PER_PIXEL > available_memory():
            return None
        if seconds > left:
            return None
        left -= seconds
        return fineness.finer()

    return run_to_tolerance(
        first_fineness(stores, wanted), attempt, finer, wanted=wanted, most_attempts=_MOST_ATTEMPTS
    )


def first_fineness(stores: MapStores, wanted: float) -> MapFineness:
    """The fineness to begin with.

    Args:
        stores: What lies on the pixels of the image.
        wanted: Error of the voltage [V].
    """
    parts = 1
    while stores.charge.size * parts**2 < _FEWEST_PIXELS or (
        parts == 1 and stores.coarsened() is None
    ):
        parts *= 2
    bend = min(max(_BEND * wanted, _SMALLEST_BEND), _LARGEST_BEND)
    if stores.charge.size > _LARGE:
        bend = _LARGEST_BEND
    return MapFineness(parts, bend, _LONGEST_STEP)


def _coarser(stores: MapStores, parts: int) -> MapStores:
    """Pixels that are twice as long as those of an image that is refined."""
    if parts > 1:
        return stores.refined(parts // 2)
    coarse = stores.coarsened()
    if coarse is None:
        raise ValueError("the image has no pairs of pixels")
    return coarse
