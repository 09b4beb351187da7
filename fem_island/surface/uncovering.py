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
    """How much the film feels above the frozen drive [V], shape (places,); None where it is none.

    It is none as well where films take up lithium or lithium grows on them.

    Args:
        state: At the beginning of the step.
        seconds: Its length.
        rates: Densities and slopes of all rungs there at the beginning, were they on top.
        change: How much the drive rises over the step at every place, d' T [V].
    """
    film = state.ladder.film
    if not film or seconds <= 0 or state.ladder.grows_on_film or any(rung.takes for rung in film):
        return None
    densities, slopes = rates
    sinking = densities[0] + 0.5 * change * slopes[0]
    known = np.isfinite(slopes[:2]).all(axis=0)
    there = (state.metal.share > 0) & (sinking > 0) & (densities[1] > 0) & known
    shift = sinking * seconds
    places = np.flatnonzero(there & (state.metal_extremes[0] < shift))
    if not len(places):
        return None
    shift, sinking = shift[places], sinking[places]
    after = filled(state.mid[places] - shift, state.tilt[places], state.bend[places])
    covered = (state.metal.content[places] - after.content) / sinking
    uncovered = 1 - after.share
    bare = np.where(uncovered > 0, (seconds - covered) / np.where(uncovered > 0, uncovered, 1), 0)
    late = np.clip(1 - bare / seconds, 0.0, 1.0)
    metal, below = (slopes[number, places] / densities[number, places] for number in (0, 1))
    lag = np.zeros_like(change)
    lag[places] = 0.5 * change[places] * late * (1 - metal / below)
    return np.clip(lag, -_LARGEST, _LARGEST)
