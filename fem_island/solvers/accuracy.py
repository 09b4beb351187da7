"""Solving to a tolerance: solve, check on a finer discretisation, refine, keep the best.

It is the same for every solver. What a solver brings is a ``Method``: which resolutions there are,
and how to solve at one of them.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from fem_island.solvers.attempt import Best
from fem_island.solvers.cut_films import solve_on_cut_films
from fem_island.solvers.fronts import has_release
from fem_island.solvers.method import Method, Solved
from fem_island.solvers.refining import refine_until_met
from fem_island.solvers.resolution import Resolution
from fem_island.surface.points import OperatingPoints
from fem_island.surface.uniform_state import NO_UNIFORM_STATE


def to_tolerance[Solutions: Solved](
    points: OperatingPoints,
    method: Method[Solutions],
    *,
    first: Resolution | None = None,
    refine: bool = True,
) -> Best[Solutions]:
    """Solve operating points, each at the first resolution that meets the tolerance.

    Args:
        points: What to solve.
        method: How.
        first: Where to start; None is where the method would.
        refine: Whether to go on where that does not meet the tolerance.

    Returns:
        The best results; a point that could not be solved has failed, with the reason.

    Raises:
        ComputationError: The method could solve nothing at the first resolution.
    """
    best: Best[Solutions] = Best(points)
    solvable = np.isfinite(points.uniform.drive)
    for point in np.flatnonzero(~solvable).tolist():
        best.columns.reasons[point] = NO_UNIFORM_STATE
    numbers = np.flatnonzero(solvable)
    if len(numbers):
        first = method.first(points.taken(numbers)) if first is None else first
        cutting = partial(solve_on_cut_films, method=method, best=best)
        best.unmet = refine_until_met(
            points,
            numbers,
            method,
            best,
            first,
            otherwise=cutting if has_release(points.bottom) else None,
            refine=refine,
        )
    return best
