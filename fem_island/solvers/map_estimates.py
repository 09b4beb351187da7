"""What solutions on finer and finer grids over a contact map converge to, and how sure that is.

With the difference d of the last two solutions, whose errors have the ratio q, what is reported is

    value + (q / (1 - q)) d

for all numbers that are linear in the solution, with one q, so that their relations stay exact.
With two solutions q is what it usually is, and the estimate covers all that it may be. With three
it is what the potential at the top tells, and the estimate is what the last solution changed of
what they converge to, and a share of the step. Numbers at single places are those of the last
solution, with the differences as their estimates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from fem_island.results.columns import Columns
from fem_island.results.map_observables import LINEAR
from fem_island.results.map_state import MapState
from fem_island.results.result import CONVERGED, TOLERANCE_NOT_MET
from fem_island.solvers.cosine.accuracy import estimate_places

_NAMES = ("potential_top_mean", "overpotential_mean", "interlayer_current_fraction")
_OF_OTHER = 0.1
"""Of the potential at the top and of the mean overpotential, the least of one per the other."""

_ROUNDING = 1e-11
"""Smallest estimate, relative to a number or to the largest potential."""


@dataclass(frozen=True)
class Ratios:
    """Error of a solution per that of the one before.

    Attributes:
        usual: Where nothing tells.
        fastest: The smallest that counts.
        slowest: The largest.
        of_degree: Error of a solution per what it changed, where only its degree is higher.
        of_step: Share of the last step that is unsure in any case.
    """

    usual: float
    fastest: float
    slowest: float
    of_degree: float = 1.0
    of_step: float = 0.4


class Level(Protocol):
    """A solution on one grid."""

    @property
    def state(self) -> MapState:
        """At the bottom."""

    @property
    def columns(self) -> Columns:
        """What is reported, of one point."""


def estimated(
    levels: Sequence[Level], ratios: Ratios, *, wanted: float, alike: int
) -> tuple[Columns, float]:
    """The results with their estimates, and the largest error of a mean over what is wanted.

    Args:
        levels: Solutions, the finest last.
        ratios: Of their errors.
        wanted: Error of the means [V].
        alike: How many of the last ones are of one degree.
    """
    last = levels[-1]
    columns = last.columns.taken(np.arange(1))
    numbers = columns.numbers
    if len(levels) == 1:
        if numbers["status"][0] == CONVERGED:
            numbers["status"] = TOLERANCE_NOT_MET
            columns.reasons[0] = "no finer grid fits into the memory: there are no error estimates"
        return columns, np.inf
    after, before = _step(levels[-2:]), _step(levels[-min(alike, 3) : -1])
    ratio = ratios.usual if alike > 1 else 0.0
    if before:
        top = "potential_top_mean"
        size, earlier = abs(float(after[top][0])), abs(float(before[top][0]))
        ratio = float(
            np.clip(size / earlier if earlier > 0 else 0.0, ratios.fastest, ratios.slowest)
        )
    rest = ratio / (1 - ratio)
    errors = {}
    for name in LINEAR:
        numbers[name] = last.columns.numbers[name] + rest * after[name]
    for name in _NAMES:
        size = abs(float(after[name][0]))
        if alike == 1:
            errors[name] = ratios.of_degree * size
        elif not before:
            ends = (each / (1 - each) for each in (ratios.slowest, ratios.fastest))
            errors[name] = max(abs(end - rest) for end in ends) * size
        else:
            moved = abs((1 + rest) * float(after[name][0]) - rest * float(before[name][0]))
            errors[name] = moved + ratios.of_step * rest * size
    return columns, _judged(columns, levels, errors, wanted)


def told(level: Level, errors: dict[str, float], *, wanted: float) -> tuple[Columns, float]:
    """The results of one solution alone with errors from elsewhere; see ``estimated``.

    Args:
        level: The solution.
        errors: Of the potential at the top [V], the mean overpotential [V] and the film's share.
        wanted: Error of the means [V].
    """
    columns = level.columns.taken(np.arange(1))
    return columns, _judged(columns, [level], dict(errors), wanted)


def _judged(
    columns: Columns, levels: Sequence[Level], errors: dict[str, float], wanted: float
) -> float:
    """Set the estimates, and the status; returns the largest error of a mean over what is wanted.

    Args:
        columns: Results; they are written to.
        levels: Solutions, the finest last.
        errors: Of the numbers that have names here; they are written to.
        wanted: Error of the means [V].
    """
    numbers = columns.numbers
    top, mean, _ = _NAMES
    errors[top] += _OF_OTHER * errors[mean]
    errors[mean] += _OF_OTHER * errors[top]
    current = abs(levels[-1].state.case.operation.current_density)
    errors["constriction_resistance"] = (
        (errors[top] + errors[mean]) / current if current > 0 else np.nan
    )
    size = abs(float(numbers[top][0]))
    for name, error in errors.items():
        value = float(numbers[name][0])
        rounding = _ROUNDING * max(size, abs(value))
        numbers[f"error_estimate_{name}"] = error + rounding if np.isfinite(value) else np.nan
    worst = max(errors[top], errors[mean])
    estimate_places(numbers, levels, worst + _ROUNDING * size)
    if not worst <= wanted and numbers["status"][0] == CONVERGED:
        numbers["status"] = TOLERANCE_NOT_MET
        columns.reasons[0] = f"the estimated error of a mean potential is {worst:.1e} V"
    return worst / wanted


def _step(levels: Sequence[Level]) -> dict[str, npt.NDArray[Any]]:
    """What the second of two grids changed; nothing where there are not two."""
    if len(levels) < 2:
        return {}
    coarse, fine = (level.columns.numbers for level in levels)
    return {name: fine[name] - coarse[name] for name in LINEAR}
