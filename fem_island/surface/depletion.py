"""How places run down their ladders while the drive is frozen over a step of time.

Every point of a place sinks at the density of the rung it stands on, and goes on with the next one
when that is empty. Summed over a place, with what is left spread as a level function (``levels``),
the charge released over the step is a closed expression, rises with the drive, and is what the
places have lost, to rounding: whatever the step, no charge appears or disappears.

A rung has of the mean time of a place what the rungs above it leave: while metal covers a part that
shrinks from p(0) to p(dt), the film has the mean time dt - (released metal) / (its density). What
the film does with it is in ``film_depletion``, and what goes up the ladders in ``taking_up``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.surface.charge_state import State
from fem_island.surface.film_depletion import FilmRung
from fem_island.surface.levels import extremes, filled, mid_of
from fem_island.surface.taking_up import take_up
from fem_island.surface.time_left import Left, time_spent, time_until

_LITTLE = 1e-30
"""By how much a first guess leaves its highest level above 0 [C/m^2]."""

_ROUNDING = 1e-12
"""Share of what a film can hold that is none."""


@dataclass(frozen=True)
class Run:
    """What a step at given drives does.

    Attributes:
        densities: Of all rungs, were they on top [A/m^2], shape (rungs, places).
        slopes: Their derivatives [S/m^2].
        released: Charge from every rung [C/m^2], shape (rungs, places); below 0 what it took up.
        slope: Derivative of the sum over the rungs [C/(m^2 V)], shape (places,).
        grown: Metal that grew on the film or the collector, as part of the first row [C/m^2].
        latest: Charge that every rung of the film has given, or taken up, where it was uncovered
            last [C/m^2], in places that were uncovered wholly in the step, shape (film rungs,
            places).
    """

    densities: Array
    slopes: Array
    released: Array
    slope: Array
    grown: Array
    latest: Array

    @cached_property
    def total(self) -> Array:
        """Charge released from all rungs [C/m^2], shape (places,)."""
        return np.asarray(self.released.sum(axis=0))


@dataclass(frozen=True)
class Depletion:
    """A step from a state.

    Attributes:
        state: At its beginning.
        seconds: Its length.
        lag: What the film feels above the frozen drive [V], shape (film rungs, places); see
            ``uncovering``.
    """

    state: State
    seconds: float
    lag: Array | None = None

    def run(self, drive: Array) -> Run:
        """What the step does at drives that are frozen [V], shape (places,)."""
        state, seconds = self.state, self.seconds
        at_film = None if self.lag is None else drive + self.lag
        densities, slopes = state.ladder.rates(drive, at_film)
        released = np.zeros_like(densities)
        latest = np.zeros_like(densities[1:])
        grown = np.zeros_like(drive)
        # The metal.
        density, gain = densities[0], slopes[0]
        down = density > 0
        shift = np.where(down, density * seconds, 0.0)
        before, after = state.metal, filled(state.mid - shift, state.tilt, state.bend)
        sunk = np.where(after.share >= 1, shift, before.content - after.content)
        released[0] = np.where(down, sunk, density * before.share * seconds)
        slope = np.where(down, after.share, before.share) * gain * seconds
        fills = self._may_take_up and densities.min() < 0
        if self._film or fills:
            spent, spent_slope = time_spent(
                released[0], slope, density, gain, shift, before.share * seconds
            )
            until, until_slope = time_until(state.metal_extremes[1], density, gain)
            to_film = left = Left(
                time=np.where(after.share >= 1, 0.0, seconds - spent),
                time_slope=-spent_slope,
                uncovered=1 - after.share,
                uncovering=np.where(down, after.opening * gain * seconds, 0.0),
                until=until,
                until_slope=until_slope,
            )
            for number, rung in enumerate(self._film):
                done = rung.run(densities[number + 1], slopes[number + 1], seconds, left)
                released[number + 1], latest[number], left = done.released, done.latest, done.left
                slope += done.slope
            if fills:
                rates = densities, slopes
                slope += take_up(
                    state, self._rooms, seconds, rates, to_film, released, latest, grown
                )
        return Run(densities, slopes, released, slope, grown, latest)

    def after(self, run: Run, drive_difference: Array) -> State:
        """The state at the end.

        Args:
            run: At the drives of the step.
            drive_difference: Of the right end of every place over the left one [V].
        """
        state, seconds = self.state, self.seconds
        mid, tilt, bend = self._metal_after(run, drive_difference)
        taken = np.maximum(state.taken + run.released[1:], 0.0)
        film_tilt, room_tilt, buried = state.film_tilt, state.room_tilt, state.buried
        if len(taken):
            capacity = np.array([rung.capacity for rung in self._film])
            # What rounding leaves would lie flat, as if it were everywhere.
            little = _ROUNDING * capacity
            taken = np.where(capacity - taken <= little, capacity, taken)
            taken = np.where((run.densities[1:] < 0) & (taken <= little), 0.0, taken)
            share = filled(mid, tilt, bend).share
            film_tilt, room_tilt = self._film_after(run, drive_difference, taken, 1 - share)
            buried = np.where(share >= 1, taken, buried)
        return replace(
            state,
            time=state.time + seconds,
            mid=mid,
            tilt=tilt,
            bend=bend,
            taken=taken,
            film_tilt=film_tilt,
            room_tilt=room_tilt,
            buried=buried,
        )

    @cached_property
    def _film(self) -> list[FilmRung]:
        return [FilmRung.of(self.state, number) for number in range(len(self.state.ladder.film))]

    @cached_property
    def _rooms(self) -> list[FilmRung]:
        rungs = self.state.ladder.film
        return [FilmRung.room_of(self.state, number) for number in range(len(rungs))]

    @cached_property
    def _may_take_up(self) -> bool:
        ladder = self.state.ladder
        return (
            ladder.grows_on_film
            or any(rung.takes for rung in ladder.film)
            or bool(self.state.ready.any())
        )

    def _film_after(
        self, run: Run, drive_difference: Array, taken: Array, uncovered: Array
    ) -> tuple[Array, Array]:
        """The tilts of what the film has left, and of its room, at the end."""
        turns = run.slopes[1:] * drive_difference * self.seconds
        gives = run.densities[1:] > 0
        given = np.where(gives, turns, 0.0)
        tilts = _tilts(self._film, self.state.tilt, taken, given, uncovered, run.latest)
        if not any(rung.takes for rung in self.state.ladder.film):
            return tilts, self.state.room_tilt
        fills = run.densities[1:] < 0
        room = np.array([rung.capacity for rung in self._film]) - taken
        wanted = np.where(fills, -turns, 0.0)
        rooms = _tilts(self._rooms[::-1], self.state.tilt, room, wanted, uncovered, run.latest)
        # One of both has a front, the other is what can be told without.
        tilts_most = np.array([rung.steepest(taken[rung.number]) for rung in self._film])
        rooms_most = np.array([rung.steepest(room[rung.number]) for rung in self._rooms])
        return (
            np.where(fills, np.clip(-rooms, -tilts_most, tilts_most), tilts),
            np.where(gives, np.clip(-tilts, -rooms_most, rooms_most), rooms),
        )

    def _metal_after(self, run: Run, drive_difference: Array) -> tuple[Array, Array, Array]:
        """The level function of the metal at the end."""
        state, seconds = self.state, self.seconds
        before = state.metal
        wanted = before.content - run.released[0]
        down = run.densities[0] >= 0
        mid = state.mid - np.where(down, run.densities[0] * seconds, 0.0)
        now = filled(mid, state.tilt, state.bend)
        # The density is higher where the drive is: the level sinks faster there.
        turn = -run.slopes[0] * drive_difference * seconds
        tilt = np.where((now.share > 0) & (before.share > 0), state.tilt + turn, state.tilt)
        bend = state.bend
        # Plating: what a place has grows where it lies, what is new lies flat, where it is more:
        # at rest an edge would be lost with a rounding error that is plated beside it.
        grows = ~down & (before.content > 0)
        if grows.any():
            factor = np.where(grows, wanted / np.where(grows, before.content, 1.0), 1.0)
            whole = before.share >= 1
            mid = np.where(grows & whole, wanted, np.where(grows, mid * factor, mid))
            tilt = np.where(grows & ~whole, state.tilt * factor, tilt)
            bend = np.where(grows & ~whole, bend * factor, bend)
        new = run.grown > before.content
        if new.any():
            mid = np.where(new, wanted, mid)
            tilt, bend = np.where(new, 0.0, tilt), np.where(new, 0.0, bend)
        # A front cell keeps its content exactly while it turns.
        lowest, _ = extremes(mid, tilt, bend)
        cut = ((now.share < 1) | (lowest < 0)) & (now.share > 0)
        front = np.flatnonzero(cut & down & ~new & (wanted > 0))
        if len(front):
            centre = np.where(tilt[front] >= 0, 1, -1) * 0.5 * (1 - now.share[front])
            guess = mid[front] - turn[front] * centre
            parts = (wanted[front], tilt[front], bend[front])
            _, highest = extremes(guess, tilt[front], bend[front])
            guess = np.where(highest > 0, guess, mid[front] - highest + _LITTLE)
            turned = mid_of(*parts, guess)
            content = filled(turned, tilt[front], bend[front]).content
            good = np.abs(content - wanted[front]) <= 1e-12 * (np.abs(tilt[front]) + wanted[front])
            mid[front] = np.where(good, turned, mid[front])
            tilt[front] = np.where(good, tilt[front], state.tilt[front])
        return mid, tilt, bend


def _tilts(
    rungs: Sequence[FilmRung],
    slanted: Array,
    taken: Array,
    turns: Array,
    uncovered: Array,
    latest: Array,
) -> Array:
    """Tilts of the levels of a film's rungs at the end of a step, shape (film rungs, places).

    Args:
        rungs: In the order in which they run out.
        slanted: Tilts of the metal.
        taken: Charge that is missing in every rung then [C/m^2].
        turns: How much farther the right ends of the places have sunk than the left [C/m^2].
        uncovered: Part of the places that no metal covers then.
        latest: As in ``Run``.
    """
    tilts = np.zeros_like(taken)
    for rung in rungs:
        number = rung.number
        slanted = rung.tilt_after(taken[number], turns[number], slanted, uncovered, latest)
        tilts[number] = slanted
        uncovered = rung.exhausted(taken[number], slanted, uncovered)
    return tilts
