"""Values of a key at which a potential of a solution is reached, for many samples at once.

Secants in the logarithm of the value, with one solution of every sample a round, until what is left
of the potential is little.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fem_island.case.case import Case
from fem_island.experiments.evaluation.function import PointFunction, function
from fem_island.machine.arrays import Array

Judged = Literal["overpotential_mean", "exposed_drive_max"]
"""What must reach the potential of a film."""

ENOUGH = 1e-5
"""Potential that is left where a search ends [V]; one more step takes nearly all of it."""

_MOST_ROUNDS = 20
_STEP = 0.02
"""Last step of a logarithm that is taken without another solution."""

_LARGEST = 3.0
"""Longest step of the logarithm."""


@dataclass(frozen=True)
class Start:
    """Where searches begin.

    Attributes:
        values: Shape (n,).
        slopes: Derivatives of the potential by the logarithm of the value [V], same shape.
    """

    values: Array
    slopes: Array


@dataclass(frozen=True)
class Found:
    """Where searches ended.

    Attributes:
        values: Shape (n,); NaN where there is no solution.
        slopes: Derivatives of the potential by the logarithm of the value there [V], same shape.
        left: Potential that was left at the last solution [V], same shape.
    """

    values: Array
    slopes: Array
    left: Array


def bare(case: Case, table: Mapping[str, Array]) -> tuple[Case, dict[str, Array]]:
    """The case and samples without their film: whether one acts is asked of bare copper."""
    cell = case.cell.model_copy(update={"interlayer": None})
    kept = {path: values for path, values in table.items() if not path.startswith("interlayer.")}
    return case.model_copy(update={"cell": cell}), kept


def tolerance(case: Case) -> float:
    """What potentials of a search are known to [V]: no better than what it leaves of them needs."""
    return max(case.accuracy.tolerance, 0.25 * ENOUGH)


def solutions(
    case: Case, table: Mapping[str, Array], path: str, judged: Judged
) -> tuple[PointFunction, Array]:
    """A potential on bare copper as a function of samples and a key.

    Returns:
        The function, and its arguments for all samples, shape (n, d); the key is the last of them.
    """
    passive, kept = bare(case, table)
    accuracy = case.accuracy.model_copy(update={"tolerance": tolerance(case)})
    passive = passive.model_copy(update={"accuracy": accuracy})
    inputs = [key for key in kept if key != path]
    count = len(next(iter(table.values())))
    columns = [*(kept[key] for key in inputs), np.full(count, np.nan)]
    return function(passive, inputs=[*inputs, path], output=judged), np.stack(columns, axis=1)


def secants(
    case: Case,
    table: Mapping[str, Array],
    path: str,
    start: Start,
    potential: Array,
    judged: Judged,
    bounds: tuple[float | Array, float | Array],
) -> Found:
    """Values of a key at which a potential is reached.

    Args:
        case: What the samples do not say.
        table: The samples, by paths of keys [SI], each of shape (n,).
        path: Of the key.
        start: Where searches begin.
        potential: To be reached [V].
        judged: Name of the potential.
        bounds: Smallest and largest value.
    """
    solve, columns = solutions(case, table, path, judged)
    low, high = (np.log(np.broadcast_to(bound, potential.shape)) for bound in bounds)
    place = np.clip(np.log(start.values), low, high)
    slope = start.slopes.copy()
    count = len(potential)
    best, left = place.copy(), np.full(count, np.inf)
    going = np.arange(count)
    before_place, before = np.full(count, np.nan), np.full(count, np.nan)
    for _ in range(_MOST_ROUNDS):
        columns[going, -1] = np.exp(place[going])
        missed = solve(columns[going]) - potential[going]
        lost = ~np.isfinite(missed)
        # Without a solution half of the step is tried, if there was one.
        back = going[lost & np.isfinite(before[going])]
        place[back] = 0.5 * (place[back] + before_place[back])
        going, missed = going[~lost], missed[~lost]
        better = np.abs(missed) < left[going]
        best[going[better]], left[going[better]] = place[going[better]], np.abs(missed[better])
        with np.errstate(divide="ignore", invalid="ignore"):
            secant = (missed - before[going]) / (place[going] - before_place[going])
        usable = np.isfinite(secant) & (secant * slope[going] > 0)
        slope[going[usable]] = secant[usable]
        before_place[going], before[going] = place[going], missed
        step = np.clip(-missed / slope[going], -_LARGEST, _LARGEST)
        place[going] = np.clip(place[going] + step, low[going], high[going])
        moved = place[going] != before_place[going]
        going = np.sort(np.concatenate([going[(np.abs(missed) > ENOUGH) & moved], back]))
        if not len(going):
            break
    # What is left moves the value a little further along the last slope.
    last = np.where(np.isfinite(before), -before / slope, 0.0)
    close = np.isfinite(left) & (best == before_place) & (np.abs(last) < _STEP)
    values = np.exp(np.where(close, best + last, best))
    return Found(np.where(np.isfinite(left), values, np.nan), slope, left)
