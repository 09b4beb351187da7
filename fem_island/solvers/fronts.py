"""Where a film that only gives lithium stops giving it: places that a mesh must be graded towards.

The current of such a film has a kink where the drive passes its equilibrium potential. Across it
polynomials converge slowly, whatever their degree. Cutting the film there in two stretches that
react alike puts a node on the kink and small elements beside it, as at any other edge; how exactly
the place is known matters little, since elements are small on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from fem_island.case.placement import NARROWEST_SHARE
from fem_island.results.columns import Columns
from fem_island.results.state import BottomState
from fem_island.surface.bottom import Bottom, Stretch
from fem_island.surface.kinetics import ReleaseOnly

_FRACTIONS = np.linspace(0.0, 1.0, 33)
"""Places of every element between which signs are compared."""

_MOST_PER_STRETCH = 4
"""Fronts in one stretch; more of them are noise of a film that is at rest."""


def has_release(bottom: Sequence[Stretch]) -> bool:
    """Whether any film only gives lithium."""
    return any(isinstance(stretch.law, ReleaseOnly) for stretch in bottom)


def stops_somewhere(columns: Columns) -> npt.NDArray[np.bool_]:
    """Whether one part of the film gives lithium and another gives none, shape (points,)."""
    density = "interlayer_current_density"
    low, high = (columns.numbers[f"{density}_{end}"] for end in ("min", "max"))
    return np.asarray((low <= 0) & (high > 0))


def fronts(state: BottomState) -> list[list[float]]:
    """Where films that only give lithium stop giving it.

    Args:
        state: Solutions of k operating points.

    Returns:
        For each of them the places [m], ascending; none of a stretch that has too many to be real.
    """
    found: list[list[float]] = [[] for _ in state.uniform.drive]
    for stretch in state.bottom:
        if not isinstance(stretch.law, ReleaseOnly):
            continue
        positions, values = state.overpotential(stretch).sampled(_FRACTIONS)
        places, along = positions.ravel(), values.reshape(len(values), -1)
        left, right = along[:, :-1], along[:, 1:]
        crossed = (left > 0) != (right > 0)
        crossed[crossed.sum(axis=1) > _MOST_PER_STRETCH] = False
        points, intervals = np.nonzero(crossed)
        for point, interval in zip(points.tolist(), intervals.tolist(), strict=True):
            before, after = left[point, interval], right[point, interval]
            start, end = places[interval], places[interval + 1]
            found[point].append(float(start + (end - start) * before / (before - after)))
    return found


def cut_at(bottom: Bottom, places: Sequence[float], *, mirrored: bool) -> Bottom:
    """The same bottom with stretches cut in two.

    Args:
        bottom: Stretches from left to right.
        places: Where to cut [m], ascending; what is too close to an end is left out.
        mirrored: Whether the bottom is its own mirror image, and must stay it.
    """
    width = bottom[-1].end
    if mirrored:
        half = [place for place in places if place < width / 2]
        places = [*half, *(width - place for place in reversed(half))]
    narrowest = NARROWEST_SHARE * width
    result: list[Stretch] = []
    for stretch in bottom:
        rest = stretch
        for place in places:
            if rest.start + narrowest < place < stretch.end - narrowest:
                result.append(replace(rest, end=place))
                rest = replace(rest, start=place)
        result.append(rest)
    return bottom.with_parts(result)
