"""Solving to a tolerance: solve, check on a finer discretisation, refine, keep the best.

It is the same for every solver. What a solver brings is a ``Method``: which resolutions there are,
and how to solve at one of them.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
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
        self,
        points: OperatingPoints,
        tried: Resolution,
        columns: Columns,
        *,
        excess: float,
        checked: Resolution,
    ) -> Resolution | None:
        """What to try after a resolution whose largest error was too large by a factor.

        Args:
            points: Those that missed the tolerance.
            tried: The resolution.
            columns: What they reported.
            excess: The largest error over what is wanted.
            checked: The resolution of the check, at which there are solutions already.

        Returns:
            The next resolution; None after the finest.
        """

    def check_of(self, points: OperatingPoints, resolution: Resolution) -> Resolution:
        """What solutions at a resolution are compared with."""

    def solve(
        self, points: OperatingPoints, resolution: Resolution, *, known: Known[Solutions] | None
    ) -> Solutions:
        """Solve at one resolution.

        Args:
            points: What to solve.
            resolution: At which.
            known: What a check found of the points at this resolution; None where there was none.

        Raises:
            ComputationError: No point can be solved at it.
        """

    def check(
        self, points: OperatingPoints, resolution: Resolution, solved: Solutions, chosen: Numbers
    ) -> Solutions:
        """Some of the points at the resolution of the check.

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

    def together(
        self, points: OperatingPoints, cut: Sequence[Bottom]
    ) -> list[tuple[Numbers, OperatingPoints]]:
        """What can be solved together of points on bottoms of their own.

        Args:
            points: The points.
            cut: As many bottoms, with the stretches of that of the points cut.

        Returns:
            Numbers of the points of groups, and these on their bottoms.
        """


@dataclass(frozen=True)
class Known[Solutions: Solved]:
    """What a check found of some points.

    Attributes:
        solved: The check.
        chosen: Numbers of the points in it.
    """

    solved: Solutions
    chosen: Numbers


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
    known: Known[Solutions] | None = None
    tried = False
    while len(numbers) and resolution is not None:
        try:
            attempt = _attempt(points.taken(numbers), resolution, method, known)
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
                checked=attempt.check_resolution,
            )
            if resolution is not None:
                known = attempt.known(np.flatnonzero(unmet), resolution)
            logger.info("%d points at %.1e of what is wanted: %s", len(numbers), worst, resolution)
    return numbers[:0]


def _cut[Solutions: Solved](
    numbers: Numbers,
    attempt: Attempt[Solutions],
    method: Method[Solutions],
    best: Best[Solutions],
) -> Numbers:
    """Solve points again, with the film cut where it stops giving lithium at each.

    Even where the tolerance is met: a solution and its check then have the same kink, so that their
    difference says too little of the error.

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
        _on_cut(points.taken(one).on(bottoms[number]), one, method, alone)
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
        _refine(points, np.arange(len(points)), method, found, method.first(points), may_cut=False)
    except ComputationError as error:
        logger.info("%s; keeping the solutions before it", error)
        return
    for number, (point, one) in enumerate(zip(members.tolist(), found.found, strict=True)):
        known = best.found[point] is not None
        if one is not None and not (known and found.excess[number] >= best.excess[point]):
            best.keep(np.array([point]), one[0], np.array([one[1]]))


def _attempt[Solutions: Solved](
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
