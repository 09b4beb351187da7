"""Apexes and valleys of a spectrum, and what its resistances are.

-Im Z is looked at as a function of ln f on the paper's range, whatever frequencies were asked for.
Where its slope changes sign between samples, or a cubic through values and slopes says that it
would, the place is found by further solves.

    left_resistance    Re Z at 2 MHz
    right_resistance   Re Z at the valley of lowest frequency, if there is no apex below it: what
                       comes after it is the tail; else Re Z at 2 Hz
    total_resistance   the difference

The paper says: the width of the spectrum without its low-frequency tail; this rule is ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicHermiteSpline

from fem_island.case.impedance import paper_frequencies
from fem_island.machine.arrays import Array
from fem_island.surface.admittance import ComplexArray

ImpedanceAndSlope = Callable[[Array], tuple[ComplexArray, ComplexArray]]
"""Z and dZ / d ln f at frequencies [Hz]."""

_CLOSE = 1e-9
"""Of ln f: where a search ends."""

_MOST_STEPS = 60

_FLAT = 1e-12
"""Slope of -Im Z over |Z| below which it is one of rounding."""


@dataclass(frozen=True)
class Extremum:
    """An apex or a valley.

    Attributes:
        frequency: Where it is [Hz].
        impedance: Z there [Ohm m^2].
        is_apex: Whether -Im Z is largest there, or smallest.
    """

    frequency: float
    impedance: complex
    is_apex: bool


@dataclass(frozen=True)
class Features:
    """What is read off a spectrum from 2 Hz to 2 MHz.

    Attributes:
        apexes: Local maxima of -Im Z, from high to low frequency.
        valleys: Local minima.
        left_resistance: Of the end at high frequency [Ohm m^2].
        right_resistance: Of the end at low frequency, without a tail [Ohm m^2].
    """

    apexes: tuple[Extremum, ...]
    valleys: tuple[Extremum, ...]
    left_resistance: float
    right_resistance: float

    @property
    def total_resistance(self) -> float:
        """Width of the spectrum [Ohm m^2]."""
        return self.right_resistance - self.left_resistance


FREQUENCIES = paper_frequencies()
"""At which a spectrum is looked at first [Hz], from high to low."""


def features(
    response: ImpedanceAndSlope, known: tuple[ComplexArray, ComplexArray] | None = None
) -> Features:
    """Read off apexes, valleys and resistances.

    Args:
        response: The spectrum as a function.
        known: What it gives at ``FREQUENCIES``, where that was computed before.

    Example:
        >>> def arc(f):  # 1 Ohm m^2 beside a capacitor, with the apex at 100 Hz
        ...     u = 1j * f / 100
        ...     return 1 / (1 + u), -u / (1 + u) ** 2
        >>> round(features(arc).apexes[0].frequency, 6)
        100.0
    """
    frequencies = FREQUENCIES[::-1]
    values, slopes = (part[::-1] for part in known or response(FREQUENCIES))
    found = _polished(response, np.log(frequencies), values, slopes)
    apexes = tuple(extremum for extremum in found if extremum.is_apex)
    valleys = tuple(extremum for extremum in found if not extremum.is_apex)
    right = float(values[0].real)
    if valleys and not any(a.frequency < valleys[-1].frequency for a in apexes):
        right = valleys[-1].impedance.real
    return Features(apexes, valleys, float(values[-1].real), right)


def _polished(
    response: ImpedanceAndSlope, places: Array, values: ComplexArray, slopes: ComplexArray
) -> list[Extremum]:
    """All extrema from high to low frequency.

    Args:
        response: The spectrum as a function.
        places: ln f of the samples, ascending.
        values: Z there.
        slopes: dZ / d ln f there.
    """
    low, high = _brackets(response, places, values, slopes)
    if not len(low):
        return []
    middle, found = _roots(response, low, high)
    below = -response(np.exp(low))[1].imag
    extrema = [
        Extremum(float(np.exp(place)), complex(value), bool(before > 0))
        for place, value, before in zip(middle, found, below, strict=True)
    ]
    return extrema[::-1]


def _brackets(
    response: ImpedanceAndSlope, places: Array, values: ComplexArray, slopes: ComplexArray
) -> tuple[Array, Array]:
    """Intervals of ln f in which the slope of -Im Z changes its sign once."""
    cubic = CubicHermiteSpline(places, -values.imag, -slopes.imag)
    roots = cubic.derivative().roots(extrapolate=False)
    roots = np.unique(roots[np.isfinite(roots)])
    # A pair of extrema between two samples shows only at a sample between them.
    extra = 0.5 * (roots[:-1] + roots[1:])
    if len(extra):
        _, more = response(np.exp(extra))
        size = np.interp(extra, places, np.abs(values))
        order = np.argsort(np.concatenate([places, extra]))
        places = np.concatenate([places, extra])[order]
        slopes = np.concatenate([slopes, more])[order]
        sizes = np.concatenate([np.abs(values), size])[order]
    else:
        sizes = np.abs(values)
    rising = np.where(np.abs(slopes.imag) > _FLAT * sizes, np.sign(-slopes.imag), 0.0)
    known = np.flatnonzero(rising)
    changes = np.flatnonzero(rising[known[:-1]] != rising[known[1:]])
    return places[known[changes]], places[known[changes + 1]]


def _roots(response: ImpedanceAndSlope, low: Array, high: Array) -> tuple[Array, ComplexArray]:
    """Where the slope of -Im Z is zero, in all brackets at once: places, and Z there.

    The method of Illinois: secants, of which an end that stays is halved.
    """
    at_low, at_high = (-response(np.exp(ends))[1].imag for ends in (low, high))
    for _ in range(_MOST_STEPS):
        span = at_high - at_low
        share = np.divide(-at_low, span, out=np.full_like(span, 0.5), where=span != 0)
        place = low + share * (high - low)
        value, slope = response(np.exp(place))
        now = -slope.imag
        moved = np.minimum(np.abs(place - low), np.abs(place - high))
        same = np.sign(now) == np.sign(at_low)
        low, at_low, high, at_high = (
            np.where(same, place, low),
            np.where(same, now, 0.5 * at_low),
            np.where(same, high, place),
            np.where(same, 0.5 * at_high, now),
        )
        if np.all((moved < _CLOSE) | (now == 0)):
            break
    return place, value
