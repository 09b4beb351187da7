"""Instants inside a step: the march does not stop there, but the curve has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fem_island.experiments.stripping.instant import Instant
from fem_island.experiments.stripping.stepping import Stepper, Trial

_JUST_BEFORE, _JUMP = 1e-7, 1e-5
"""Share of the time by which the curve goes on until it jumps; and how high a jump is [V]."""

_ROUNDING = 1e-14
"""Of a time, as a share."""


def instants_inside(
    stepper: Stepper, trial: Trial, wanted: list[float], *, opens: bool
) -> list[Instant]:
    """The instants inside a step that are wanted, and the last one before a jump at its end.

    Args:
        stepper: Makes parts of the step.
        trial: The step.
        wanted: Times [s], ascending; those inside the step are taken off the list.
        opens: Whether something runs out at its end, so that the voltage may jump there.
    """
    found = list(_wanted(stepper, trial, wanted))
    if opens and trial.instant is not None:
        found += _before_jump(stepper, trial, trial.instant)
    return sorted(found, key=lambda instant: instant.time)


def _wanted(stepper: Stepper, trial: Trial, wanted: list[float]) -> Iterator[Instant]:
    end = trial.before.time + trial.seconds
    while wanted and wanted[0] <= end * (1 + _ROUNDING):
        time = wanted.pop(0)
        if time < end * (1 - _ROUNDING):
            inside = stepper.inside(trial, time)
            # Rounding of a sum of times must not make another one of it.
            yield replace(inside, state=replace(inside.state, time=time), iterations=0)


def _before_jump(stepper: Stepper, trial: Trial, after: Instant) -> Iterator[Instant]:
    """Without it the curve would be a ramp over the whole step."""
    time = after.time * (1 - _JUST_BEFORE)
    if 2 * (after.time - time) < trial.seconds:
        before = stepper.inside(trial, time)
        if abs(after.voltage - before.voltage) > _JUMP:
            yield replace(before, iterations=0)
