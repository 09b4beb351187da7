"""What a rung still has behind an edge that uncovers it, where its far end has run out.

The levels rise towards the edge: from nothing to c at the beginning of a step, where D0 is left in
all. Over the step these levels sink by jT, and the part p that is uncovered meanwhile lies between
l, where it was uncovered last, and jT, where it was first. With x = jT / c and y = l / c, what is
left at the end is

    D = D0 (1 - x)^2 + c p (1 - (x + y) / 2)       where x <= 1
    D = c p (1 - y)^2 / (2 (x - y))                else: only what was uncovered has any.

At a steady speed this is D0 for all steps, and the edge is forgotten after the time c / j.

    c  charge beneath what covers the rung [C/m^2]     j  current density [A/m^2]
    l  what is gone where it was uncovered last        T  length of the step [s]
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fem_island.machine.arrays import Array


class Varying(NamedTuple):
    """A number of every place with its derivative with respect to the drive."""

    value: Array
    slope: Array


def left_behind(
    before: Array, beneath: Array, uncovered: Varying, sunk: Varying, last: Varying
) -> Varying:
    """Charge that is left at the end of a step [C/m^2], per area of the places.

    Args:
        before: D0, the same at its beginning.
        beneath: c.
        uncovered: p, part of the places that was uncovered in the step.
        sunk: x.
        last: y, at most x and 1.

    Example:
        >>> one, none = np.ones(1), np.zeros(1)
        >>> moved, sunk = Varying(0.2 * one, none), Varying(0.4 * one, none)
        >>> left_behind(0.25 * one, one, moved, sunk, Varying(none, none)).value
        array([0.25])
    """
    (part, part_slope), (x, x_slope), (y, y_slope) = uncovered, sunk, last
    rest, mean = 1 - x, 1 - 0.5 * (x + y)
    early = before * rest**2 + beneath * part * mean
    early_slope = beneath * (part_slope * mean - 0.5 * part * (x_slope + y_slope))
    early_slope = early_slope - 2 * before * rest * x_slope
    above, steep = 1 - y, np.where(x > y, x - y, 1.0)
    late = 0.5 * beneath * part * above**2 / steep
    late_slope = part_slope * above**2 - 2 * part * above * y_slope
    late_slope = late_slope - part * above**2 * (x_slope - y_slope) / steep
    late_slope = 0.5 * beneath * late_slope / steep
    return Varying(np.where(x <= 1, early, late), np.where(x <= 1, early_slope, late_slope))
