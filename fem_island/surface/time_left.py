"""The time of a step that a rung leaves to the next: mean times of places, and of their ends."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fem_island.machine.arrays import Array

_LITTLE = 1e-30
"""Charge below which nothing was asked for [C/m^2]; it keeps a divisor from 0."""


class Left(NamedTuple):
    """What the rungs above leave to one, in every place; derivatives are those of the drive.

    Attributes:
        time: Mean time of the step [s].
        time_slope: Its derivative.
        uncovered: Part of the place at the end.
        uncovering: Its derivative.
        until: Time until all of the place is uncovered [s], which may be after the step.
        until_slope: Its derivative.
    """

    time: Array
    time_slope: Array
    uncovered: Array
    uncovering: Array
    until: Array
    until_slope: Array


def time_until(highest: Array, density: Array, gain: Array) -> tuple[Array, Array]:
    """Time until a place has run out wholly [s], and its derivative.

    Args:
        highest: Its highest level [C/m^2].
        density: Its current density [A/m^2].
        gain: The slope of that.
    """
    flows = density > 0
    speed = np.where(flows, density, 1.0)
    left = np.maximum(highest, 0.0)
    until = np.where(flows | (left <= 0), left / speed, np.inf)
    return until, np.where(flows, -left / speed**2 * gain, 0.0)


def time_spent(
    released: Array, slope: Array, density: Array, gain: Array, asked: Array, idle: Array
) -> tuple[Array, Array]:
    """Mean time that a place spent on a rung [s], and its derivative.

    Args:
        released: Charge from the rung [C/m^2].
        slope: The derivative of that.
        density: Its current density [A/m^2].
        gain: The derivative of that.
        asked: Charge that it would release without end.
        idle: The time where nothing flows [s].
    """
    flows = asked > _LITTLE
    divisor = np.where(flows, density, 1.0)
    spent = np.where(flows, released / divisor, idle)
    return spent, np.where(flows, (slope - spent * gain) / divisor, 0.0)
