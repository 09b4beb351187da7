"""Tries at one resolution, and the best that came of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns
from fem_island.solvers.condensed.geometry import CondensedGeometry
from fem_island.solvers.condensed.newton import Series
from fem_island.solvers.condensed.series import OperatingPoints
from fem_island.solvers.resolution import Resolution
from fem_island.surface.bottom import Stretch


@dataclass(frozen=True)
class Setting:
    """What a result was found on.

    Attributes:
        bottom: The stretches, cut where a grid was graded towards a place inside one.
        resolution: Degree and element sizes.
    """

    bottom: tuple[Stretch, ...]
    resolution: Resolution


class Found:
    """The best results so far.

    Attributes:
        columns: Results.
        settings: On what each was found.
        excess: Error over what is wanted.
    """

    def __init__(self, columns: Columns, settings: list[Setting | None]) -> None:
        """Nothing is good yet."""
        self.columns, self.settings = columns, settings
        self.excess = np.full(len(columns), np.inf)


@dataclass(frozen=True)
class Attempt:
    """Operating points solved on one grid.

    Attributes:
        series: The points.
        geometry: The condensed grid.
        solved: The solutions.
        columns: Results with their estimates.
        excess: Error over what is wanted, shape (k,).
    """

    series: OperatingPoints
    geometry: CondensedGeometry
    solved: Series
    columns: Columns
    excess: Array

    def of(self, points: npt.NDArray[np.intp]) -> Series:
        """The solutions of some of the points."""
        solved = self.solved
        return Series(
            solved.deviation[points],
            solved.iterations[points],
            solved.residuals[points],
            solved.solved[points],
        )
