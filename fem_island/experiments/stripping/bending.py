"""How far a run is from going on straight, which decides the length of its steps."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from fem_island.experiments.stripping.instant import Instant

_OF_SHARE = 0.02
"""Voltage that a change of the film's share of the current counts as [V]."""

_OF_FILM = 250.0
"""The same of its largest current density, relative, times the part of all the time that the step
takes [V]: what a place of the film has given decides when it runs out."""


def bending(
    before: Instant,
    now: Instant,
    after: Instant,
    lasts: float,
    *,
    opened: npt.NDArray[np.bool_],
) -> float:
    """Change of the voltage over a step, and of what counts like it, less that of a straight line.

    Args:
        before: Beginning of the step before.
        now: Beginning of the step.
        after: Its end.
        lasts: How long the charge lasts [s].
        opened: Where rungs have run out, shape (rungs, cells): once the film has a front, when it
            first runs out is no question any more.

    Returns:
        The second difference [V].
    """
    if now.time <= before.time:
        return 0.0
    ratio = (after.time - now.time) / (now.time - before.time)

    def bent(one: float, two: float, three: float) -> float:
        return three - two - ratio * (two - one)

    voltage = bent(before.voltage, now.voltage, after.voltage)
    if not after.state.ladder.film or after.current_density == 0:
        return abs(voltage)
    share = _OF_SHARE * bent(before.film_share, now.film_share, after.film_share)
    leading = 1 + int(np.argmax(after.densities[1:] @ after.grid.weights))
    if opened[leading].any():
        return math.hypot(voltage, share)
    film = bent(before.film_density, now.film_density, after.film_density)
    film /= max(abs(after.current_density), after.film_density)
    return math.hypot(voltage, share, _OF_FILM * film * (after.time - now.time) / lasts)
