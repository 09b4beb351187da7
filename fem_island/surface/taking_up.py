"""Charge that goes up the ladders in a step of time: films fill, and then metal grows.

The room of a rung runs out as its charge does (``film_depletion``), from the lowest rung upwards.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.surface.charge_state import State
from fem_island.surface.film_depletion import FilmRung
from fem_island.surface.time_left import Left


def take_up(
    state: State,
    rooms: Sequence[FilmRung],
    seconds: float,
    rates: tuple[Array, Array],
    left: Left,
    released: Array,
    latest: Array,
    grown: Array,
) -> Array:
    """The slope of the charge that is taken up [C/(m^2 V)], shape (places,).

    What is taken up is subtracted from ``released``, and added to ``latest`` and ``grown``, in
    place.

    Args:
        state: At the beginning of the step.
        rooms: The room that every rung of the film has.
        seconds: Length of the step.
        rates: Densities and slopes of all rungs, were they on top.
        left: What the metal leaves to the film.
        released: Charge from every rung so far [C/m^2], shape (rungs, places).
        latest: See ``Run.latest``.
        grown: Metal that has grown so far [C/m^2].
    """
    densities, slopes = rates
    slope = np.zeros_like(grown)
    for room in reversed(rooms):
        rung = room.number + 1
        if not state.ladder.rungs[rung].takes:
            continue
        filled = room.run(-densities[rung], -slopes[rung], seconds, left)
        released[rung] -= filled.released
        latest[room.number] += filled.latest
        slope -= filled.slope
        left = filled.left
    density = densities[0]
    grows = density < 0
    onto_film = grows & state.ladder.grows_on_film & bool(len(rooms))
    time = np.where(onto_film, left.time, 0.0)
    time_slope = np.where(onto_film, left.time_slope, 0.0)
    bare = np.where(grows & state.ready & (time == 0), state.bare[0] * seconds, 0.0)
    grown += -density * (time + bare)
    released[0] -= grown
    slope += slopes[0] * (time + bare) + density * time_slope
    return slope
