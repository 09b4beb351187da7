"""Charge that goes up the ladders in a step of time: films fill, and then metal grows."""

from __future__ import annotations

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.surface.charge_state import State


def take_up(
    state: State, seconds: float, rates: tuple[Array, Array], released: Array, grown: Array
) -> Array:
    """The slope of the charge that is taken up [C/(m^2 V)], shape (places,).

    What is taken up is subtracted from ``released`` and added to ``grown`` in place.

    Args:
        state: At the beginning of the step.
        seconds: Its length.
        rates: Densities and slopes of all rungs, were they on top.
        released: Charge from every rung so far [C/m^2], shape (rungs, places).
        grown: Metal that has grown so far [C/m^2].
    """
    densities, slopes = rates
    slope = np.zeros_like(grown)
    carried = np.zeros_like(grown)
    carried_slope = np.zeros_like(grown)
    for number in range(len(state.ladder.film), 0, -1):
        rung = state.ladder.rungs[number]
        density = densities[number]
        fills = (density < 0) & rung.takes
        time = np.where(fills, state.standing[number] * seconds + carried, 0.0)
        room = np.maximum(state.taken[number - 1] + released[number], 0.0)
        wanted = -density * time
        fits = wanted < room
        fill = np.where(fills, np.minimum(wanted, room), 0.0)
        fill_slope = np.where(fills & fits, -slopes[number] * time - density * carried_slope, 0.0)
        released[number] -= fill
        slope -= fill_slope
        speed = np.where(fills, -density, 1.0)
        over = fills & ~fits
        carried = np.where(over, time - room / speed, 0.0)
        carried_slope = np.where(over, carried_slope - room / speed**2 * slopes[number], 0.0)
    density = densities[0]
    grows = density < 0
    onto_film = grows & state.ladder.grows_on_film
    time = np.where(onto_film, carried, 0.0)
    time_slope = np.where(onto_film, carried_slope, 0.0)
    bare = np.where(grows & state.ready & (time == 0), state.bare[0] * seconds, 0.0)
    grown += -density * (time + bare)
    released[0] -= grown
    slope += slopes[0] * (time + bare) + density * time_slope
    return slope
