"""The estimated error of a voltage curve, from a march on a coarser grid with longer steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fem_island.experiments.stripping.instant import Instant, Seen
from fem_island.experiments.stripping.marching import Marched
from fem_island.machine.arrays import Array

_NEAR = 3e-4
"""Share of the time around an event where the voltage is too steep to be compared."""

_SHIFT = 1e-5
"""Share of the time by which the curve may be shifted: where it is steep, that is its error."""

_OF_DIFFERENCE = 0.6
"""Estimated error over the difference from the check, whose own error is four times as large."""

_SAME = 1e-12
"""Times this close, as a share of the last one, are one."""

_LEAST = 2e-9
"""Smallest estimate [V]: rounding."""


def voltage_error[At: Instant | Seen](
    marched: Marched[At], rough: Marched[At], tolerance: float
) -> float:
    """Estimated error of the voltage [V], at the instants of both marches, away from what happens.

    Where the curve is steep, what a shift of 1e-5 of the time does is not counted.

    Args:
        marched: What was found.
        rough: The same with a grid and steps that are twice as coarse.
        tolerance: Wanted error [V].
    """
    times, voltages = _curve(marched.instants)
    if len(times) < 3:
        return _LEAST
    at, compared = _curve(rough.instants)
    events = np.array(
        [
            *(each.instant.time for each in marched.march.happenings.listed),
            *(each.instant.time for each in rough.march.happenings.listed),
            # Where a step of a protocol ends, a time is there twice.
            *times[1:][np.diff(times) == 0],
            *at[1:][np.diff(at) == 0],
            times[-1],
            at[-1],
        ]
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = np.nan_to_num(np.abs(np.diff(voltages) / np.diff(times)), posinf=0.0)
    inner = np.arange(1, len(times) - 1)
    nearest = np.clip(np.searchsorted(at, times[inner] * (1 - _SAME)), 0, len(at) - 1)
    shared = np.abs(at[nearest] - times[inner]) <= _SAME * times[-1]
    away = np.abs(times[inner, None] - events).min(axis=1) >= _NEAR * times[-1]
    shifted = _SHIFT * times[-1] * np.maximum(slopes[:-1], slopes[1:])
    # Where the curve is flat a shift is no excuse.
    shifted = np.where(shifted > tolerance, shifted, 0.0)
    errors = _OF_DIFFERENCE * np.abs(voltages[inner] - compared[nearest]) - shifted
    return max(float(np.max(errors[shared & away], initial=0.0)), _LEAST)


def _curve(instants: Sequence[Instant | Seen]) -> tuple[Array, Array]:
    times = np.array([instant.time for instant in instants])
    return times, np.array([instant.voltage for instant in instants])
