"""Solving to a tolerance: solve, check on a finer discretisation, refine, keep the best.

It is the same for every solver. What a solver brings is a ``Method``: which resolutions there are,
and how to solve at one of them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fem_island.errors import ComputationError
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns, layout_of
from fem_island.results.state import BottomState
from fem_island.solvers.estimates import set_estimates
from fem_island.solvers.fronts import cut_at, fronts, has_release, stops_somewhere
from fem_island.solvers.resolution import Resolution
from fem_island.surface.bottom import Bottom
from fem_island.surface.points import OperatingPoints
from fem_island.surface.uniform_state import NO_UNIFORM_STATE

logger = logging.getLogger(__name__)


Numbers = npt.NDArray[np.intp]


class Solved(Protocol):
    """Solutions of k operating points at one resolution."""

    @property
    def columns(self) -> Columns:
        """What they report, without estimates; failed where there is no solution."""

    def state(self, points: Numbers) -> BottomState:
        """Some of them on the bottom."""


class Method[Solutions: Solved](Protocol):
    """How a solver discretises and solves."""

    def first(self, points: OperatingPoints) -> Resolution:
        """What should meet the tolerance at all points, judged from the uniform states."""

    def finer(
        self, points: OperatingPoints, tried: Resolution, columns: Columns, *, excess: float
    ) -> Resolution | None:
        """What to try after a resolution whose largest error was too large by a factor.

        Args:
            points: Those that missed the tolerance.
            tried: The resolution.
            columns: What they reported.
            excess: The largest error over what is wanted.

        Returns:
            The next resolution; None after the finest.
        """

    def check_of(self, points: OperatingPoints, resolution: Resolution) -> Resolution:
        """What solutions at a resolution are compared with."""

    def solve(self, points: OperatingPoints, resolution: Resolution) -> Solutions:
        """Solve at one resolution.

        Raises:
            ComputationError: No point can be solved at it.
        """

    def check(
        self, points: OperatingPoints, resolution: Resolution, solved: Solutions, chosen: Numbers
    ) -> Columns:
        """What some of the points report at the resolution of the check.

        Args:
            points: The chosen points.
            resolution: Of the check.
            solved: Solutions of all points, to start from.
            chosen: Which of these the points are.

        Raises:
            ComputationError: No point can be solved at it.
        """

    def keeps_mirrored(self, bottom: Bottom) -> bool:
        """Whether a bottom that is its own mirror image must stay so where it is cut."""


@dataclass(frozen=True)
class Attempt[Solutions: Solved]:
    """Operating points solved and checked at one resolution.

    Attributes:
        points: The points.
        resolution: What they were solved at.
        solved: The solutions.
        columns: What they report, with estimates.
        excess: Estimated error over what is wanted, shape (k,); infinite where it is not known.
    """

    points: OperatingPoints
    resolution: Resolution
    solved: Solutions
    columns: Columns
    excess: Array


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
        best.unmet = _refine(points, numbers, method, best, first, may_cut=True, refine=refine)
    return best


def _refine[Solutions: Solved](
    points: OperatingPoints,
    numbers: Numbers,
    method: Method[Solutions],
    best: Best[Solutions],
    first: Resolution,
    *,
    may_cut: bool,
    refine: bool = True,
) -> Numbers:
    """Solve points at finer and finer resolutions until they meet the tolerance.

    Args:
        points: All points.
        numbers: Which of them to solve.
        method: How.
        best: Where the best results go.
        first: Where to start.
        may_cut: Whether to cut the film where it stops giving lithium.
        refine: Whether to go on after that.

    Returns:
        Points that could still meet it.
    """
    resolution: Resolution | None = first
    tried = False
    while len(numbers) and resolution is not None:
        try:
            attempt = _attempt(points.taken(numbers), resolution, method)
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
        if may_cut and has_release(points.bottom):
            unmet[_cut(numbers, attempt, method, best)] = False
        numbers = numbers[unmet]
        if not refine:
            return numbers
        if len(numbers):
            resolution = method.finer(
                points.taken(numbers),
                resolution,
                attempt.columns.taken(np.flatnonzero(unmet)),
                excess=worst,
            )
            logger.info("%d points at %.1e of what is wanted: %s", len(numbers), worst, resolution)
    return numbers[:0]


def _cut[Solutions: Solved](
    numbers: Numbers,
    attempt: Attempt[Solutions],
    method: Method[Solutions],
    best: Best[Solutions],
) -> list[int]:
    """Solve points again, one by one, with the film cut where it stops giving lithium.

    Even where the tolerance is met: a solution and its check then have the same kink, so that their
    difference says too little of the error.

    Returns:
        Which of the attempt's points were.
    """
    stops = np.flatnonzero(stops_somewhere(attempt.columns))
    if not len(stops):
        return []
    bottom = attempt.points.bottom
    done = []
    places = fronts(attempt.solved.state(stops))
    for number, where in zip(stops.tolist(), places, strict=True):
        cut = cut_at(bottom, where, mirrored=method.keeps_mirrored(bottom))
        if len(cut) == len(bottom):
            continue
        done.append(number)
        one = attempt.points.taken(np.array([number])).on(cut)
        alone: Best[Solutions] = Best(one)
        try:
            _refine(one, np.arange(1), method, alone, method.first(one), may_cut=False)
        except ComputationError as error:
            logger.info("%s; keeping the solution on the uncut film", error)
            continue
        if alone.found[0] is not None and not alone.columns.failed[0]:
            best.keep(numbers[[number]], alone.found[0][0], np.array([alone.found[0][1]]))
    return done


def _attempt[Solutions: Solved](
    points: OperatingPoints, resolution: Resolution, method: Method[Solutions]
) -> Attempt[Solutions]:
    """Results at one resolution with their estimates."""
    solved = method.solve(points, resolution)
    columns = solved.columns
    excess = np.full(len(points), np.inf)
    good = np.flatnonzero(~columns.failed)
    if len(good):
        reported = columns.taken(good)
        chosen = points.taken(good)
        finer = method.check_of(points, resolution)
        try:
            check = method.check(chosen, finer, solved, good)
        except ComputationError as error:
            check = Columns.missing(len(good), layout_of(points.case))
            check.reasons.update(dict.fromkeys(range(len(good)), str(error)))
        excess[good] = set_estimates(chosen, reported, check, check_resolution=finer)
        columns.put(good, reported)
    excess[np.isnan(excess)] = np.inf
    return Attempt(points, resolution, solved, columns, excess)
