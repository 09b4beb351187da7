"""The estimated error of a voltage curve, from a march on a coarser grid with longer steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fem_island.experiments.stripping.happenings import FILLING, Happening
from fem_island.experiments.stripping.instant import Reading
from fem_island.experiments.stripping.marching import Marched
from fem_island.machine.arrays import Array

_NEAR = 3e-4
"""Share of the time around an event where the voltage is too steep to be compared."""

_SHIFT = 1e-5
"""Share of the time by which the curve may be shifted: where it is steep, that is its error."""

_LARGEST_AT_STEEP = 40e-6
"""Largest error of a voltage [V] that is not one of time where it may be."""

_OF_EVENTS = 5.0
"""Estimated error of times of what happens over the difference: they are few, may agree by chance,
and the grid near them may differ by less than twice."""

_SAME = 1e-12
"""Times this close, as a share of the last one, are one."""

_LEAST = 2e-9
"""Smallest estimate of a voltage [V]: rounding."""

_LEAST_OF_TIME = 1e-11
"""The same of times, as a share of the last one."""

EARLY = 0.95
"""Share of the time before the end, where the last lithium goes and the voltage is steepest."""


@dataclass(frozen=True)
class CurveError:
    """How well a voltage curve is known.

    Attributes:
        voltage: Estimated error [V], where the curve is shifted by no more than ``time``.
        time: Estimated error of times [s]: of events, and of the curve where it is steep.
        early: That of the voltage in the first ``EARLY`` of the time [V].
    """

    voltage: float
    time: float
    early: float


def curve_error(
    marched: Marched[Reading], rough: Marched[Reading], tolerance: float, *, of_difference: float
) -> CurveError:
    """Estimated error of a curve, at the instants of both marches, away from what happens.

    Where the voltage is within the tolerance, its error is one of voltage. Where it is not, and the
    curve is steep, a shift by up to 1e-5 of the time is taken off it, down to the tolerance,
    or to 40 uV where that is less, and counts as an error of time: so a voltage is wrong by no more
    than both say together.

    Args:
        marched: What was found.
        rough: The same with a grid and steps that are twice as coarse.
        tolerance: Wanted error [V].
        of_difference: Estimated error of a voltage over the difference of both.
    """
    times, voltages = _curve(marched.instants)
    lasts = float(times[-1])
    of_events = max(_error_of_events(marched, rough), _LEAST_OF_TIME * lasts)
    if len(times) < 3:
        return CurveError(_LEAST, of_events, _LEAST)
    at, compared = _curve(rough.instants)
    events = np.array(
        [
            *(each.instant.time for each in _happenings(marched)),
            *(each.instant.time for each in _happenings(rough)),
            # Where a step of a protocol ends, a time is there twice.
            *times[1:][np.diff(times) == 0],
            *at[1:][np.diff(at) == 0],
            lasts,
            at[-1],
        ]
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = np.nan_to_num(np.abs(np.diff(voltages) / np.diff(times)), posinf=0.0)
    inner = np.arange(1, len(times) - 1)
    nearest = np.clip(np.searchsorted(at, times[inner] * (1 - _SAME)), 0, len(at) - 1)
    shared = np.abs(at[nearest] - times[inner]) <= _SAME * lasts
    away = np.abs(times[inner, None] - events).min(axis=1) >= _NEAR * lasts
    slope = np.maximum(slopes[:-1], slopes[1:])
    whole = of_difference * np.abs(voltages[inner] - compared[nearest])
    shifted = _SHIFT * lasts * slope
    # Where the curve is flat a shift is no excuse.
    shifted = np.where(shifted > tolerance, shifted, 0.0)
    least = min(tolerance, _LARGEST_AT_STEEP)
    flat = np.minimum(whole, np.maximum(least, whole - shifted))
    counts = shared & away
    voltage = max(float(np.max(flat[counts], initial=0.0)), _LEAST)
    early = counts & (times[inner] <= EARLY * lasts)
    steep = counts & (whole > voltage)
    shift = float(np.max((whole[steep] - voltage) / slope[steep], initial=0.0))
    return CurveError(
        voltage, max(shift, of_events), max(float(np.max(flat[early], initial=0.0)), _LEAST)
    )


def _error_of_events(marched: Marched[Reading], rough: Marched[Reading]) -> float:
    """Largest estimated error of the times of what happens in both marches as often [s]."""
    times, known = _times(marched), _times(rough)
    differences = [
        abs(one - other)
        for name, here in times.items()
        if len(here) == len(known.get(name, []))
        for one, other in zip(here, known[name], strict=True)
    ]
    return _OF_EVENTS * max(differences, default=0.0)


def _happenings(marched: Marched[Reading]) -> list[Happening]:
    diary = marched.march.happenings
    return [*diary.listed, *diary.corners]


def _times(marched: Marched[Reading]) -> dict[str, list[float]]:
    """Times of everything that happens, by name [s].

    Where a film fills next is not the same on two grids.
    """
    times: dict[str, list[float]] = {}
    for each in _happenings(marched):
        if each.event != FILLING:
            times.setdefault(each.event, []).append(each.instant.time)
    return times


def _curve(instants: Sequence[Reading]) -> tuple[Array, Array]:
    times = np.array([instant.time for instant in instants])
    return times, np.array([instant.voltage for instant in instants])
