"""How far two voltage curves of one cell are apart."""

from __future__ import annotations

import numpy as np

import fem_island as fi

_NEAR_EVENT, _TIME_SHIFT = 3e-4, 1e-5
"""Shares of the time: what is not compared around an event, and the shift that is allowed."""


def difference(
    run: fi.StrippingRun, better: fi.StrippingRun, *, shift: float | None = None
) -> float:
    """Largest difference of the voltage [V] at the instants that two runs share, away from events.

    Args:
        run: A run.
        better: The same with a smaller error, at the times of the first.
        shift: Shift of the curve that is allowed [s]; as a rule 1e-5 of the time.
    """
    lasts = better.times[-1]
    shift = _TIME_SHIFT * lasts if shift is None else shift
    events = np.array([event.time for each in (run, better) for event in each.events])
    events = np.concatenate([events, [run.times[-1], lasts]])
    shared = np.isin(run.times, better.times)
    worst = 0.0
    for number in np.flatnonzero(shared[1:-1]) + 1:
        time = run.times[number]
        if np.abs(events - time).min() < _NEAR_EVENT * lasts:
            continue
        there = better.voltage[np.searchsorted(better.times, time)]
        around = slice(max(number - 1, 0), number + 2)
        slope = np.abs(np.diff(run.voltage[around]) / np.diff(run.times[around])).max()
        error = abs(run.voltage[number] - there) - shift * slope
        worst = max(worst, float(error))
    return worst


def difference_of_events(run: fi.StrippingRun, better: fi.StrippingRun) -> float:
    """Largest difference of the times of what happens in both of two runs [s]."""
    known = {event.event: event.time for event in better.events}
    both = [event for event in run.events if event.event in known]
    return max((abs(event.time - known[event.event]) for event in both), default=0.0)
