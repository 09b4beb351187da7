"""What the film beneath the metal feels of a drive that changes while a step uncovers it.

The drive is frozen over a step, at that of its middle. What is uncovered at t reacts from then on
only, when the drive has moved on: with the drift d' of the drive it gives

    integral from u to T of j + g d' (s - T / 2) ds ,     u = t + g0 d' t (T - t) / (2 j0) ,

where u is when the metal that sinks with the drive is gone. To the second order in T that is

    (T - t) j(d + lag) ,     lag = d' t / 2 (1 - j g0 / (g j0)) .

Without it the film keeps waves, one a step, that bend the voltage when a front comes to them.

    T  length of the step [s]                       d  frozen drive [V]
    j, g  current density of the film [A/m^2] and its slope [S/m^2]; j0, g0 the same of the metal
"""

from __future__ import annotations

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.surface.charge_state import State
from fem_island.surface.levels import filled

_LARGEST = 5e-3
"""Largest lag [V]: a change that says more is none that goes on."""


def lag_of(state: State, seconds: float, rates: tuple[Array, Array], change: Array) -> Array | None:
    """How much the film feels above the frozen drive [V], shape (film rungs, places).

    None where it is none. A film that gives feels what is right for its first rung; of one that
    takes up lithium, every rung feels its own.

    Args:
        state: At the beginning of the step.
        seconds: Its length.
        rates: Densities and slopes of all rungs there at the beginning, were they on top.
        change: How much the drive rises over the step at every place, d' T [V].
    """
    film = state.ladder.film
    if not film or seconds <= 0:
        return None
    takes = any(rung.takes for rung in film)
    densities, slopes = rates
    sinking = densities[0] + 0.5 * change * slopes[0]
    known = np.isfinite(slopes if takes else slopes[:2]).all(axis=0)
    there = (state.metal.share > 0) & (sinking > 0) & known
    if not takes:
        there &= densities[1] > 0
    shift = sinking * seconds
    places = np.flatnonzero(there & (state.metal_extremes[0] < shift))
    if not len(places):
        return None
    shift, sinking = shift[places], sinking[places]
    after = filled(state.mid[places] - shift, state.tilt[places], state.bend[places])
    covered = (state.metal.content[places] - after.content) / sinking
    uncovered = 1 - after.share
    bare = np.where(uncovered > 0, (seconds - covered) / np.where(uncovered > 0, uncovered, 1), 0)
    late = 0.5 * change[places] * np.clip(1 - bare / seconds, 0.0, 1.0)
    metal = slopes[0, places] / densities[0, places]
    lag = np.zeros((len(film), len(change)))
    gives = densities[1, places] > 0
    for number in range(len(film)):
        # Only a rung that takes up lithium feels what is its own.
        fills = takes & (densities[number + 1, places] < 0)
        rung = np.where(fills, number + 1, 1)
        acts = fills | gives
        slope = np.where(acts, slopes[rung, places], 1.0)
        below = slope / np.where(acts, densities[rung, places], 1.0)
        lag[number, places] = np.where(acts, late * (1 - metal / below), 0.0)
    return np.clip(lag, -_LARGEST, _LARGEST)
