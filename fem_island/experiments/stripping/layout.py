"""Where the lines of a stripping run's grid lie along the bottom.

Lines are dense where something begins or ends: at the edges of islands, at their crests, where the
last of them dies, and at the troughs of layers, where the first hole opens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fem_island.machine.arrays import Array

_SAMPLES = 400
_SMALLEST_GROWTH = 1e-3


@dataclass(frozen=True)
class Place:
    """A position to which lines become dense.

    Attributes:
        position: x [m].
        size: Of the elements there [m].
        growth: Of the sizes with the distance.
    """

    position: float
    size: float
    growth: float


@dataclass(frozen=True)
class Zone:
    """A stretch of the bottom with a largest element size.

    Attributes:
        start: Left end [m].
        end: Right end [m].
        largest: Size [m].
    """

    start: float
    end: float
    largest: float


def lines(zones: Sequence[Zone], places: Sequence[Place]) -> Array:
    """Ends of the elements [m], ascending; all ends of zones and all places inside are among them.

    Sizes follow the smallest of all wishes; between two fixed lines they are scaled to fit.

    Example:
        >>> lines([Zone(0.0, 1.0, 0.25)], [])
        array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    breaks = [zones[0].start]
    for zone in zones:
        inside = sorted({p.position for p in places if zone.start < p.position < zone.end})
        for left, right in pairwise([zone.start, *inside, zone.end]):
            breaks.extend(_between(left, right, zone.largest, places))
    return np.array(breaks)


def _between(left: float, right: float, largest: float, places: Sequence[Place]) -> list[float]:
    """Lines after ``left`` up to ``right``."""
    length = right - left
    smallest = min([largest, *(place.size for place in places)])
    inner = np.geomspace(min(1e-3 * smallest, 1e-3 * length), 0.5 * length, _SAMPLES)
    samples = np.concatenate([[0.0], inner, length - inner[-2::-1], [length]])
    middles = left + 0.5 * (samples[1:] + samples[:-1])
    sizes = np.full(len(middles), largest)
    for place in places:
        growth = max(place.growth, _SMALLEST_GROWTH)
        sizes = np.minimum(sizes, place.size + growth * np.abs(middles - place.position))
    counted = np.concatenate([[0.0], np.cumsum(np.diff(samples) / sizes)])
    count = max(1, int(np.ceil(counted[-1] - 1e-9)))
    wanted = counted[-1] * np.arange(1, count) / count
    return [*(left + np.interp(wanted, counted, samples)).tolist(), right]
