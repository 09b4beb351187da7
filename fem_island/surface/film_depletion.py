"""How a rung of the film runs down in a step of time, beneath what uncovers it.

Of the places that nothing covers at the beginning, the level sinks like that of the metal. The
others are being uncovered from one side: what their points give rises linearly from the front, or
from the side that was uncovered last, to the side that was uncovered first, until it reaches the
capacity c. With the mean P that they would give had they no end, and L at the side uncovered last,

    X = P - L ,   taken = P                                 where 2 X <= c - L
                  taken = c - (c - L)^2 / (4 X)             else .

    c      capacity [C/m^2]                P, L, X   charge per area that is uncovered [C/m^2]

A rung that takes up lithium is the same in a mirror: its room runs out, and the rung that comes
next is the one above.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.surface.behind_edge import Varying, left_behind
from fem_island.surface.charge_state import State, virtual_taken
from fem_island.surface.levels import Filled, filled_linear, mid_linear
from fem_island.surface.time_left import Left, time_spent, time_until

_STEEPEST = 1e3
"""Largest tilt of a level, over the capacity."""


class Done(NamedTuple):
    """What a rung does in a step.

    Attributes:
        released: Charge [C/m^2].
        slope: Its derivative.
        latest: Charge where the place was uncovered last [C/m^2].
        left: To the next rung.
    """

    released: Array
    slope: Array
    latest: Array
    left: Left


@dataclass(frozen=True)
class FilmRung:
    """A rung of the film at the beginning of a step.

    Attributes:
        number: In the film.
        capacity: When full [C/m^2], shape (places,).
        taken: Charge that is missing [C/m^2].
        buried: What of it is missing beneath what covers it; the table above is about the rest.
        mid: Of the level functions of places that nothing covers [C/m^2].
        tilt: The same.
        bare: Part of the places that nothing above covers.
        standing: Part of the places where the rung is on top.
    """

    number: int
    capacity: Array
    taken: Array
    buried: Array
    mid: Array
    tilt: Array
    bare: Array
    standing: Array

    @classmethod
    def of(cls, state: State, number: int) -> FilmRung:
        """A rung of a state."""
        return cls(
            number,
            state.ladder.film[number].capacity,
            state.taken[number],
            state.buried[number],
            state.film_mid[number],
            state.film_tilt[number],
            state.bare[number],
            state.standing[number + 1],
        )

    @classmethod
    def room_of(cls, state: State, number: int) -> FilmRung:
        """The room that a rung of a state has for more, as what a rung has left to give."""
        capacity = state.ladder.film[number].capacity
        return cls(
            number,
            capacity,
            capacity - state.taken[number],
            capacity - state.buried[number],
            state.room_mid[number],
            state.room_tilt[number],
            state.full[number + 1],
            state.filling[number],
        )

    def run(self, density: Array, gain: Array, seconds: float, above: Left) -> Done:
        """What the rung does at a density [A/m^2] with a slope [S/m^2], over a time [s]."""
        nothing = np.zeros((8, len(density)))
        released, slope, latest, time, time_slope, exhausted, exhausting, until_slope = nothing
        until = np.full(len(density), np.inf)
        gives = density > 0
        density, gain = np.where(gives, density, 0.0), np.where(gives, gain, 0.0)
        bare = self._bare
        if len(bare):
            flow, rise = density[bare], gain[bare]
            shift = flow * seconds
            before, after = self._before, filled_linear(self._mid - shift, self._tilt)
            sunk = np.where(after.share >= 1, shift, before.content - after.content)
            steep = after.share * rise * seconds
            released[bare], slope[bare] = sunk, steep
            spent, spent_slope = time_spent(sunk, steep, flow, rise, shift, before.share * seconds)
            time[bare], time_slope[bare] = np.maximum(seconds - spent, 0.0), -spent_slope
            exhausted[bare], exhausting[bare] = 1 - after.share, after.opening * rise * seconds
            until[bare], until_slope[bare] = time_until(self._highest, flow, rise)
        partly = np.flatnonzero(self._covered & (above.uncovered > 0))
        if len(partly):
            flow, rise = density[partly], gain[partly]
            here = Left(*(each[partly] for each in above))
            done = self._uncovered(partly, flow, rise, seconds, here)
            released[partly], slope[partly], latest[partly] = done[:3]
            time[partly], time_slope[partly], exhausted[partly] = done.left[:3]
            exhausting[partly], until[partly], until_slope[partly] = done.left[3:]
        left = Left(time, time_slope, exhausted, exhausting, until, until_slope)
        return Done(released, slope, latest, left)

    def tilt_after(
        self, taken: Array, turn: Array, slanted: Array, uncovered: Array, latest: Array
    ) -> Array:
        """Tilts of the level functions at the end of a step.

        Args:
            taken: Charge that is missing then [C/m^2].
            turn: How much farther the right end of every place has sunk than the left [C/m^2].
            slanted: Tilts of the rung above, which say from which side a place was uncovered.
            uncovered: Part of the places that nothing covers then.
            latest: As in ``Run``.
        """
        last = latest[self.number]
        kept = np.where(self.standing > 0, self.tilt - turn, self.tilt)
        least = np.maximum(self._held - last, 0.0)
        given = virtual_taken(np.clip(taken - self.buried - last, 0.0, least), least)
        fresh = np.where(uncovered >= 1, np.copysign(2 * given, slanted), 0.0)
        most = np.where(self.bare >= 1, self.steepest(taken), _STEEPEST * self.capacity)
        return np.clip(np.where(self.bare >= 1, kept, fresh), -most, most)

    def steepest(self, taken: Array) -> Array:
        """Largest tilts of levels that nothing covers [C/m^2], shape (places,).

        Nothing is above full, and no level is so steep that it is a front by itself.

        Args:
            taken: Charge that is missing [C/m^2].
        """
        return np.minimum(2 * virtual_taken(taken, self.capacity), _STEEPEST * self.capacity)

    def exhausted(self, taken: Array, tilt: Array, uncovered: Array) -> Array:
        """Part of the places that nothing covers where the rung has run out as well."""
        left = filled_linear(mid_linear(self.capacity - taken, tilt), tilt)
        return np.where(uncovered >= 1, 1 - left.share, 0.0)

    @cached_property
    def _bare(self) -> npt.NDArray[np.intp]:
        return np.flatnonzero((self.bare >= 1) & (self.capacity > 0))

    @cached_property
    def _covered(self) -> npt.NDArray[np.bool_]:
        return (self.bare < 1) & (self.capacity > 0)

    @cached_property
    def _mid(self) -> Array:
        return np.asarray(self.mid[self._bare])

    @cached_property
    def _tilt(self) -> Array:
        return np.asarray(self.tilt[self._bare])

    @cached_property
    def _highest(self) -> Array:
        return np.asarray(self._mid + 0.5 * np.abs(self._tilt))

    @cached_property
    def _before(self) -> Filled:
        return filled_linear(self._mid, self._tilt)

    @cached_property
    def _first(self) -> Array:
        """What the uncovered part would have given at the beginning, as part of the place."""
        return virtual_taken(self.taken - self.buried, self.bare * self._held)

    @cached_property
    def _empty_far_off(self) -> npt.NDArray[np.bool_]:
        """Where the side that was uncovered first has run out."""
        return (2 * self._first > self.bare * self._held) & (self._held > 0)

    @cached_property
    def _held(self) -> Array:
        """What a place has left beneath what covers it [C/m^2]."""
        return np.asarray(self.capacity - self.buried)

    def _uncovered(
        self,
        places: npt.NDArray[np.intp],
        density: Array,
        gain: Array,
        seconds: float,
        above: Left,
    ) -> Done:
        """The same in places that are being uncovered."""
        capacity, taken = self._held[places], (self.taken - self.buried)[places]
        uncovered, uncovering = above.uncovered, above.uncovering
        # The side that was uncovered last has given since then.
        since = np.maximum(seconds - above.until, 0.0)
        last = np.minimum(density * since, capacity)
        moves = (since > 0) & (last < capacity)
        last_slope = np.where(moves, gain * since - density * above.until_slope, 0.0)
        held, held_slope = uncovered * (capacity - last), uncovering * capacity - last_slope
        asked = density * above.time
        asked_slope = gain * above.time + density * above.time_slope
        virtual = np.maximum(self._first[places] + asked - uncovered * last, 0.0)
        virtual_slope = asked_slope - last_slope
        kept = virtual <= 0.5 * held
        divisor = np.where(kept, 1.0, 2 * virtual)
        cut = np.where(kept, 1.0, held / divisor)
        cut_slope = np.where(kept, 0.0, (held_slope - cut * 2 * virtual_slope) / divisor)
        far = np.flatnonzero(self._empty_far_off[places])
        if len(far):
            # What lies farther off than the levels behind the edge makes no difference to them.
            at, kept[far] = places[far], False
            moved = uncovered[far] - self.bare[at]
            left, left_slope = left_behind(
                np.maximum(self.bare[at] * capacity[far] - taken[far], 0.0),
                capacity[far],
                Varying(np.maximum(moved, 0.0), np.where(moved > 0, uncovering[far], 0.0)),
                Varying(
                    density[far] * seconds / capacity[far], gain[far] * seconds / capacity[far]
                ),
                Varying(last[far] / capacity[far], last_slope[far] / capacity[far]),
            )
            content = np.where(held[far] > 0, held[far], 1.0)
            cut[far] = np.where(held[far] > 0, 2 * left / content, 0.0)
            cut_slope[far] = (2 * left_slope - cut[far] * held_slope[far]) / content
        whole = uncovered * last + np.where(kept, virtual, held * (1 - 0.5 * cut)) - taken
        whole_slope = last_slope + np.where(
            kept, virtual_slope, held_slope * (1 - 0.5 * cut) - 0.5 * held * cut_slope
        )
        cut_slope = np.where(cut < 1, cut_slope, 0.0)
        cut = np.minimum(cut, 1.0)
        limited = whole > asked
        released = np.clip(whole, 0.0, asked)
        slope = np.where(limited, asked_slope, whole_slope)
        idle = above.time * np.where(kept, 1.0, cut**2)
        spent, spent_slope = time_spent(released, slope, density, gain, asked, idle)
        exhausting = uncovering * (1 - cut) - uncovered * cut_slope
        flows = density > 0
        speed = np.where(flows, density, 1.0)
        longer = capacity / speed
        return Done(
            released,
            slope,
            last,
            Left(
                np.maximum(above.time - spent, 0.0),
                above.time_slope - spent_slope,
                np.where(kept, 0.0, uncovered * (1 - cut)),
                np.where(kept, 0.0, exhausting),
                np.where(flows, above.until + longer, np.inf),
                np.where(flows, above.until_slope - longer * gain / speed, 0.0),
            ),
        )
