"""Ladders of degree and growth, from coarse to fine, on which planning climbs.

The solvers' ladders differ in their rungs and in what each of these promises; how they are climbed
is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from fem_island.case.case import Case
from fem_island.solvers.resolution import Resolution


@dataclass(frozen=True)
class Rung:
    """Degree and growth, and what they promise.

    Attributes:
        degree: Polynomial degree.
        growth: Of the element sizes per distance.
        share: Error away from the edges as a share of the ohmic drop.
    """

    degree: int
    growth: float
    share: float


@dataclass(frozen=True)
class Ladder:
    """The rungs that a solver has.

    Attributes:
        steps: Degree and growth of every rung where the degree is free.
        growths: Those of the rungs where the degree is given.
        share: Degree, growth -> error away from the edges as a share of the ohmic drop.
    """

    steps: tuple[tuple[int, float], ...]
    growths: tuple[float, ...]
    share: Callable[[int, float], float]

    def rungs(self, case: Case) -> tuple[Rung, ...]:
        """All rungs for the degree that a case gives, or leaves free."""
        return _rungs(self, case.accuracy.degree)


@cache
def _rungs(ladder: Ladder, degree: int | None) -> tuple[Rung, ...]:
    steps = ladder.steps if degree is None else [(degree, growth) for growth in ladder.growths]
    return tuple(Rung(p, growth, ladder.share(p, growth)) for p, growth in steps)


def coarsest(rungs: Sequence[Rung], share: float) -> Rung:
    """The first rung that promises no more than a share of the ohmic drop, or the last."""
    return next((rung for rung in rungs if rung.share <= share), rungs[-1])


def place_of(tried: Resolution, rungs: Sequence[Rung]) -> int:
    """Number of the rung that a resolution stands on.

    Raises:
        ValueError: It stands on none.
    """
    steps = [(rung.degree, rung.growth) for rung in rungs]
    return steps.index((tried.degree, tried.grading.growth))
