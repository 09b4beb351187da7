"""Finer and finer resolutions until points meet their tolerance; the best results stay."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np

from fem_island.errors import ComputationError
from fem_island.solvers.attempt import Attempt, Best, attempted
from fem_island.solvers.method import Known, Method, Numbers, Solved
from fem_island.solvers.resolution import Resolution
from fem_island.surface.points import OperatingPoints

logger = logging.getLogger(__name__)


def refine_until_met[Solutions: Solved](
    points: OperatingPoints,
    numbers: Numbers,
    method: Method[Solutions],
    best: Best[Solutions],
    first: Resolution,
    *,
    otherwise: Callable[[Numbers, Attempt[Solutions]], Numbers] | None = None,
    refine: bool = True,
) -> Numbers:
    """Solve points at finer and finer resolutions until they meet the tolerance.

    Args:
        points: All points.
        numbers: Which of them to solve.
        method: How.
        best: Where the best results go.
        first: Where to start.
        otherwise: Solves some points of an attempt in another way, keeps their results, and says
            which of the attempt they were; gets the numbers of all points of the attempt with it.
        refine: Whether to go on after the first resolution.

    Returns:
        Points that could still meet it.

    Raises:
        ComputationError: The method could solve nothing at the first resolution.
    """
    resolution: Resolution | None = first
    known: Known[Solutions] | None = None
    tried = False
    while len(numbers) and resolution is not None:
        try:
            attempt = attempted(points.taken(numbers), resolution, method, known)
        except ComputationError as error:
            if not tried:
                raise
            logger.info("%s; keeping the solutions before it", error)
            break
        better = np.flatnonzero((attempt.excess < best.excess[numbers]) | (not tried))
        best.keep(numbers[better], attempt, better)
        tried = True
        unmet = (attempt.excess > 1) & ~attempt.columns.failed
        worst = float(attempt.excess[unmet].max(initial=0.0))
        if otherwise is not None:
            unmet[otherwise(numbers, attempt)] = False
        numbers = numbers[unmet]
        if not refine:
            return numbers
        if len(numbers):
            resolution = method.finer(
                points.taken(numbers),
                resolution,
                attempt.columns.taken(np.flatnonzero(unmet)),
                excess=worst,
                checked=attempt.check_resolution,
            )
            if resolution is not None:
                known = attempt.known(np.flatnonzero(unmet), resolution)
            logger.info("%d points at %.1e of what is wanted: %s", len(numbers), worst, resolution)
    return numbers[:0]
