"""Currents at onset over many island sizes, for many samples.

They are smooth in the size, nearly in proportion to it: one is taken from those of the sizes around
it, so that one solution at the size itself shows that it is right, or how far it is away. Sizes far
apart are solved first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline

from fem_island.case.case import Case
from fem_island.fitting.uncertainty.onsets import WIDTH, onset_currents
from fem_island.fitting.uncertainty.secants import Judged, Start, tolerance
from fem_island.machine.arrays import Array

Integers = npt.NDArray[np.intp]

_FIRST = 4
"""Gaps between the sizes that are solved first."""

_FEWEST = 4
"""Sizes from which others are taken."""

_WIDEST = 1 - 1e-9


@dataclass(frozen=True)
class CurrentsOverWidths:
    """Currents at onset of n samples at w sizes.

    Attributes:
        values: [A/m^2], shape (w, n); NaN where there is no solution.
        left: Potential that was left at the last solution [V], same shape.
        error: What the logarithms may be wrong by, same shape.
    """

    values: Array
    left: Array
    error: Array


def currents_over_widths(
    case: Case,
    table: Mapping[str, Array],
    potential: Array,
    widths: Array,
    *,
    judged: Judged,
) -> CurrentsOverWidths:
    """Currents above which a film acts, for all samples at all sizes.

    Args:
        case: What the samples do not say.
        table: Samples by paths of keys [SI], each of shape (n,).
        potential: Of the film, shape (n,) [V].
        widths: Island sizes [m], shape (w,), in any order.
        judged: What must reach the potential.
    """
    drawn = len(potential)
    sizes, back = np.unique(widths, return_inverse=True)
    relative, slopes, left, error = np.full((4, len(sizes), drawn), np.nan)
    across = _coordinate(case, table, sizes)
    done: list[int] = []
    for level in _levels(len(sizes)):
        size = np.repeat(sizes[level], drawn)
        start = None
        if len(done) >= _FEWEST:
            known = np.array(sorted(done))
            near, slope = (
                CubicSpline(across[known], np.nan_to_num(each[known]))(across[level])
                for each in (relative, slopes)
            )
            lost = np.isnan(relative[known]).any(axis=0)
            start = Start(size * np.where(lost, np.nan, np.exp(near)).ravel(), slope.ravel())
        rows = {path: np.tile(column, len(level)) for path, column in table.items()}
        found = onset_currents(
            case,
            {**rows, WIDTH: size},
            np.tile(potential, len(level)),
            judged=judged,
            start=start,
        )
        shape = (len(level), drawn)
        relative[level] = np.log(found.values / size).reshape(shape)
        slopes[level] = found.slopes.reshape(shape)
        left[level] = found.left.reshape(shape)
        error[level] = found.error(tolerance(case)).reshape(shape)
        done += level.tolist()
    values = sizes[:, None] * np.exp(relative)
    return CurrentsOverWidths(values[back], left[back], error[back])


def _levels(count: int) -> Iterator[Integers]:
    """Numbers of sizes that are solved together, ever closer ones."""
    step = 1
    while (count - 1) // step > _FIRST:
        step *= 2
    given = np.zeros(count, dtype=bool)
    while step:
        level = np.unique([*range(0, count, step), count - 1])
        level = level[~given[level]]
        given[level] = True
        if len(level):
            yield level
        step //= 2


def _coordinate(case: Case, table: Mapping[str, Array], sizes: Array) -> Array:
    """Where the logarithm of the current is smooth: as ln(w / (W - w)) at both ends."""
    widest = np.max(table.get("electrolyte.width", case.cell.electrolyte.width))
    share = np.clip(sizes / widest, 0.0, _WIDEST)
    return np.asarray(np.log(share / (1 - share)))
