"""Operating points solved again with their film cut where it stops giving lithium."""

from __future__ import annotations

import logging

import numpy as np

from fem_island.errors import ComputationError
from fem_island.solvers.attempt import Attempt, Best
from fem_island.solvers.fronts import cut_at, fronts, stops_somewhere
from fem_island.solvers.method import Method, Numbers, Solved
from fem_island.solvers.refining import refine_until_met
from fem_island.surface.points import OperatingPoints

logger = logging.getLogger(__name__)


def solve_on_cut_films[Solutions: Solved](
    numbers: Numbers,
    attempt: Attempt[Solutions],
    *,
    method: Method[Solutions],
    best: Best[Solutions],
) -> Numbers:
    """Solve points again, with the film cut where it stops giving lithium at each.

    Even where the tolerance is met: a solution and its check then have the same kink, so that their
    difference says too little of the error.

    Args:
        numbers: Of all points of the attempt, among those of the best results.
        attempt: The points on films in one piece.
        method: How to solve.
        best: Where results go.

    Returns:
        Which of the attempt's points were.
    """
    stops = np.flatnonzero(stops_somewhere(attempt.columns))
    if not len(stops):
        return stops
    bottom = attempt.points.bottom
    places = fronts(attempt.solved.state(stops))
    mirrored = method.keeps_mirrored(bottom)
    cut = [cut_at(bottom, where, mirrored=mirrored) for where in places]
    cuts = [number for number, one in enumerate(cut) if len(one) > len(bottom)]
    done = stops[cuts]
    points, bottoms = attempt.points.taken(done), [cut[number] for number in cuts]
    alone: Best[Solutions] = Best(points)
    for members, together in method.together(points, bottoms):
        _on_cut(together, members, method, alone)
    for number in np.flatnonzero(alone.excess > 1).tolist():
        one = np.array([number])
        point = points.taken(one)
        own = cut_at(point.bottom, places[cuts[number]], mirrored=mirrored)
        _on_cut(point.on(own), one, method, alone)
    for number, found in zip(done.tolist(), alone.found, strict=True):
        if found is not None and not found[0].columns.failed[found[1]]:
            best.keep(numbers[[number]], found[0], np.array([found[1]]))
    return done


def _on_cut[Solutions: Solved](
    points: OperatingPoints, members: Numbers, method: Method[Solutions], best: Best[Solutions]
) -> None:
    """Solve points on a film that is cut, and take what is better than what there is of them."""
    found: Best[Solutions] = Best(points)
    try:
        refine_until_met(points, np.arange(len(points)), method, found, method.first(points))
    except ComputationError as error:
        logger.info("%s; keeping the solutions before it", error)
        return
    for number, (point, one) in enumerate(zip(members.tolist(), found.found, strict=True)):
        known = best.found[point] is not None
        if one is not None and not (known and found.excess[number] >= best.excess[point]):
            best.keep(np.array([point]), one[0], np.array([one[1]]))
