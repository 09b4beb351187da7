"""Operating points solved and checked at one resolution, and the best of several attempts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fem_island.errors import ComputationError
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns, layout_of
from fem_island.solvers.estimates import set_estimates
from fem_island.solvers.method import Known, Method, Numbers, Solved
from fem_island.solvers.resolution import Resolution
from fem_island.surface.points import OperatingPoints


@dataclass(frozen=True)
class Attempt[Solutions: Solved]:
    """Operating points solved and checked at one resolution.

    Attributes:
        points: The points.
        resolution: What they were solved at.
        solved: The solutions.
        columns: What they report, with estimates.
        excess: Estimated error over what is wanted, shape (k,); infinite where it is not known.
        check: What they were compared with; None where that could not be solved.
        check_resolution: What that was solved at.
    """

    points: OperatingPoints
    resolution: Resolution
    solved: Solutions
    columns: Columns
    excess: Array
    check: Solutions | None
    check_resolution: Resolution

    def known(self, points: Numbers, resolution: Resolution) -> Known[Solutions] | None:
        """What the check found of some of the points, by their numbers, at a resolution."""
        if self.check is None or resolution != self.check_resolution:
            return None
        # Only what has a solution is checked.
        return Known(self.check, np.searchsorted(np.flatnonzero(~self.columns.failed), points))


class Best[Solutions: Solved]:
    """The best results so far.

    Attributes:
        columns: Results.
        excess: Error over what is wanted, shape (k,).
        found: For every point the attempt that its result is of, and its number there; None where
            there is no result.
        unmet: Points that missed the tolerance and were not tried at finer resolutions.
    """

    def __init__(self, points: OperatingPoints) -> None:
        """Nothing is good yet."""
        self.columns = Columns.missing(len(points), layout_of(points.case))
        self.excess = np.full(len(points), np.inf)
        self.found: list[tuple[Attempt[Solutions], int] | None] = [None] * len(points)
        self.unmet: Numbers = np.zeros(0, dtype=np.intp)

    def keep(self, points: Numbers, attempt: Attempt[Solutions], chosen: Numbers) -> None:
        """Take results of an attempt.

        Args:
            points: Whose they are.
            attempt: The attempt.
            chosen: Their numbers in the attempt.
        """
        self.excess[points] = attempt.excess[chosen]
        self.columns.put(points, attempt.columns.taken(chosen))
        for point, number in zip(points.tolist(), chosen.tolist(), strict=True):
            self.found[point] = (attempt, number)


def attempted[Solutions: Solved](
    points: OperatingPoints,
    resolution: Resolution,
    method: Method[Solutions],
    known: Known[Solutions] | None,
) -> Attempt[Solutions]:
    """Results at one resolution with their estimates."""
    solved = method.solve(points, resolution, known=known)
    columns = solved.columns
    excess = np.full(len(points), np.inf)
    good = np.flatnonzero(~columns.failed)
    finer = method.check_of(points, resolution)
    checked: Solutions | None = None
    if len(good):
        reported = columns.taken(good)
        chosen = points.taken(good)
        try:
            checked = method.check(chosen, finer, solved, good)
            check = checked.columns
        except ComputationError as error:
            check = Columns.missing(len(good), layout_of(points.case))
            check.reasons.update(dict.fromkeys(range(len(good)), str(error)))
        excess[good] = set_estimates(chosen, reported, check, check_resolution=finer)
        columns.put(good, reported)
    excess[np.isnan(excess)] = np.inf
    return Attempt(points, resolution, solved, columns, excess, checked, finer)
