"""Level functions: how a charge is spread over a short cell, and where it has run out.

On a cell of the bottom, with s from -1/2 to 1/2 across it, the charge that a store has left is the
positive part of

    l(s) = mid + tilt s + bend (s^2 - 1/12) .

Where l is negative nothing is left; the function goes on there, so that the place where it crosses
zero, the front, moves smoothly through the cell while l sinks.

    content   mean of the positive part of l over the cell        (``mid`` where l > 0 everywhere)
    share     part of the cell where l > 0
    opening   derivative of the share with respect to ``mid``
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fem_island.machine.arrays import Array

_FLAT = 1e-14
"""Bend, relative to the other coefficients, below which it is rounding."""

_TINY = 1e-300
"""Keeps divisors from 0, and changes no other."""


class Filled(NamedTuple):
    """The positive part of a level function on every cell; see the table above."""

    content: Array
    share: Array
    opening: Array


def filled_linear(mid: Array, tilt: Array) -> Filled:
    """The positive part where ``bend`` is 0, arguments and results of one shape.

    Example:
        >>> filled_linear(np.array([0.0]), np.array([2.0]))[:2]
        (array([0.25]), array([0.5]))
    """
    slope = np.abs(tilt) + _TINY
    highest = mid + 0.5 * np.abs(tilt)
    share = np.clip(highest / slope, 0.0, 1.0)
    crossing = (share > 0) & (share < 1)
    content = np.where(crossing, 0.5 * share * highest, np.where(share > 0, mid, 0.0))
    return Filled(content, share, np.where(crossing, 1 / slope, 0.0))


def filled(mid: Array, tilt: Array, bend: Array) -> Filled:
    """The positive part, arguments and results of one shape (cells,).

    Example:
        >>> content, share, _ = filled(np.array([1.0]), np.array([0.0]), np.array([-12.0]))
        >>> round(float(share[0]), 4)
        0.8165
    """
    content = np.maximum(mid, 0.0)
    share = (mid > 0).astype(np.float64)
    opening = np.zeros_like(mid)
    # Only in few cells does a level function change its sign.
    cuts = np.abs(mid) <= 0.5 * np.abs(tilt) + np.abs(bend) / 6
    cut = np.flatnonzero(cuts & (bend != 0))
    if len(cut):
        content[cut], share[cut], opening[cut] = _filled_in(mid[cut], tilt[cut], bend[cut])
    # The last of a plane has its digits in this form.
    plane = np.flatnonzero(cuts & (bend == 0))
    if len(plane):
        content[plane], share[plane], opening[plane] = filled_linear(mid[plane], tilt[plane])
    return Filled(content, share, opening)


def _filled_in(mid: Array, tilt: Array, bend: Array) -> Filled:
    """The same for cells in which it may change its sign."""
    least = _FLAT * (np.abs(mid) + np.abs(tilt)) + _TINY
    bend = np.where(np.abs(bend) < least, -least, bend)
    constant = mid - bend / 12
    discriminant = tilt * tilt - 4 * bend * constant
    real = discriminant > 0
    root = np.sqrt(np.where(real, discriminant, 1.0))
    half = -0.5 * (tilt + np.copysign(root, tilt))
    one, other = half / bend, constant / half
    left, right = np.minimum(one, other), np.maximum(one, other)
    start = np.where(real, np.clip(left, -0.5, 0.5), 0.0)
    end = np.where(real, np.clip(right, -0.5, 0.5), 0.0)
    between = (
        constant * (end - start)
        + 0.5 * tilt * (end * end - start * start)
        + bend / 3 * (end**3 - start**3)
    )
    hollow = bend > 0
    content = np.where(hollow, mid - between, between)
    share = np.where(hollow, 1 - (end - start), end - start)
    inside = (np.abs(left) < 0.5).astype(np.float64) + (np.abs(right) < 0.5)
    content = np.where(share >= 1, mid, np.where(share > 0, np.maximum(content, 0.0), 0.0))
    return Filled(content, share, np.where(real, inside / root, 0.0))


def mid_linear(content: Array, tilt: Array) -> Array:
    """The ``mid`` of a linear level function whose positive part has a content: the inverse.

    Example:
        >>> mid_linear(np.array([0.25]), np.array([2.0]))
        array([0.])
    """
    half = 0.5 * np.abs(tilt)
    return np.where(content >= half, content, np.sqrt(4 * half * np.maximum(content, 0.0)) - half)


def mid_of(content: Array, tilt: Array, bend: Array, start: Array) -> Array:
    """The ``mid`` of a level function whose positive part has a content, by Newton's method.

    Args:
        content: Wanted, above 0.
        tilt: As above.
        bend: As above.
        start: First guess with some of it positive.
    """
    mid = start
    for _ in range(_MOST_STEPS):
        now = filled(mid, tilt, bend)
        step = np.where(now.share > 0, (content - now.content) / np.maximum(now.share, 1e-3), 0.0)
        mid = mid + step
        if np.all(np.abs(step) <= 1e-15 * (np.abs(mid) + np.abs(tilt))):
            break
    return mid


_MOST_STEPS = 12


def extremes(mid: Array, tilt: Array, bend: Array) -> tuple[Array, Array]:
    """Lowest and highest value of level functions on their cells."""
    ends = mid + bend / 6
    half = 0.5 * np.abs(tilt)
    curved = np.abs(tilt) < np.abs(bend)
    middle = mid - bend / 12 - np.where(curved, tilt * tilt / np.where(curved, 4 * bend, 1.0), 0.0)
    low, high = ends - half, ends + half
    return (
        np.where(curved & (bend > 0), middle, low),
        np.where(curved & (bend < 0), middle, high),
    )
