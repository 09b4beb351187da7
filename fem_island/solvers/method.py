"""What a solver brings to solving to a tolerance: its resolutions, and how to solve at one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fem_island.results.columns import Columns
from fem_island.results.state import BottomState
from fem_island.solvers.resolution import Resolution
from fem_island.surface.bottom import Bottom
from fem_island.surface.points import OperatingPoints

Numbers = npt.NDArray[np.intp]
"""Numbers of operating points."""


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
