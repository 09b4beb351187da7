"""How places run down their ladders while the drive is frozen over a step of time.

Every point of a place sinks at the density of the rung it stands on, and goes on with the next one
when that is empty. Summed over a place, with what is left spread as a level function (``levels``),
the charge released over the step is a closed expression, rises with the drive, and is what the
places have lost, to rounding: whatever the step, no charge appears or disappears.

A rung has of the mean time of a place what the rungs above it leave: while metal covers a part that
shrinks from p(0) to p(dt), the film has the mean time dt - (released metal) / (its density).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.surface.charge_state import State, virtual_taken
from fem_island.surface.levels import extremes, filled, filled_linear, mid_linear, mid_of

_LITTLE = 1e-30
_STEEPEST = 1e3


@dataclass(frozen=True)
class Run:
    """What a step at given drives does.

    Attributes:
        densities: Of all rungs, were they on top [A/m^2], shape (rungs, places).
        slopes: Their derivatives [S/m^2].
        released: Charge from every rung [C/m^2], shape (rungs, places); below 0 what it took up.
        slope: Derivative of the sum over the rungs [C/(m^2 V)], shape (places,).
        grown: Metal that grew on the film or the collector, as part of the first row [C/m^2].
    """

    densities: Array
    slopes: Array
    released: Array
    slope: Array
    grown: Array

    @property
    def total(self) -> Array:
        """Charge released from all rungs [C/m^2], shape (places,)."""
        return np.asarray(self.released.sum(axis=0))


@dataclass(frozen=True)
class Depletion:
    """A step from a state.

    Attributes:
        state: At its beginning.
        seconds: Its length.
    """

    state: State
    seconds: float

    def run(self, drive: Array) -> Run:
        """What the step does at drives that are frozen [V], shape (places,)."""
        state, seconds = self.state, self.seconds
        densities, slopes = state.ladder.rates(drive)
        released = np.zeros_like(densities)
        grown = np.zeros_like(drive)
        # The metal.
        density, gain = densities[0], slopes[0]
        down = density > 0
        shift = np.where(down, density, 0.0) * seconds
        before, after = state.metal, filled(state.mid - shift, state.tilt, state.bend)
        sunk = np.where(after.share >= 1, shift, before.content - after.content)
        released[0] = np.where(down, sunk, density * before.share * seconds)
        slope = np.where(down, after.share, before.share) * gain * seconds
        if state.ladder.film:
            spent, spent_slope = _time_spent(
                released[0], slope, density, gain, shift, before.share * seconds
            )
            spent = np.where(after.share >= 1, seconds, spent)
            uncovered = 1 - after.share
            uncovering = np.where(down, after.opening * gain * seconds, 0.0)
            left, left_slope = seconds - spent, -spent_slope
            for number in range(len(state.ladder.film)):
                part = self._film(
                    number,
                    densities[number + 1],
                    slopes[number + 1],
                    (left, left_slope, uncovered, uncovering),
                )
                released[number + 1], gained, left, left_slope, uncovered, uncovering = part
                slope = slope + gained
        if self._may_take_up and density.min() < 0:
            slope = slope + self._take_up(densities, slopes, released, grown)
        return Run(densities, slopes, released, slope, grown)

    def after(self, run: Run, drive_difference: Array) -> State:
        """The state at the end.

        Args:
            run: At the drives of the step.
            drive_difference: Of the right end of every place over the left one [V].
        """
        state, seconds = self.state, self.seconds
        mid, tilt, bend = self._metal_after(run, drive_difference)
        taken = np.maximum(state.taken + run.released[1:], 0.0)
        film_tilt = state.film_tilt
        if len(taken):
            film_tilt = self._film_tilts(
                run, drive_difference, taken, filled(mid, tilt, bend).share
            )
        return replace(
            state,
            time=state.time + seconds,
            mid=mid,
            tilt=tilt,
            bend=bend,
            taken=taken,
            film_tilt=film_tilt,
        )

    @cached_property
    def _may_take_up(self) -> bool:
        ladder = self.state.ladder
        return (
            ladder.grows_on_film
            or any(rung.takes for rung in ladder.film)
            or bool(self.state.ready.any())
        )

    def _film(
        self,
        number: int,
        density: Array,
        gain: Array,
        above: tuple[Array, Array, Array, Array],
    ) -> tuple[Array, Array, Array, Array, Array, Array]:
        """What a rung of the film releases, and what it leaves to the next one.

        Args:
            number: Of the rung in the film.
            density: Its current density [A/m^2].
            gain: The slope of that.
            above: What the rungs above leave: mean time and its derivative, part of the place at
                the end and its derivative.
        """
        state, seconds = self.state, self.seconds
        left, left_slope, uncovered, uncovering = above
        capacity, taken = state.ladder.film[number].capacity, state.taken[number]
        gives = density > 0
        density, gain = np.where(gives, density, 0.0), np.where(gives, gain, 0.0)
        # Places that nothing covers: the level sinks like that of the metal.
        whole = state.bare[number] >= 1
        tilt, mid = state.film_tilt[number], state.film_mid[number]
        shift = density * seconds
        before, after = filled_linear(mid, tilt), filled_linear(mid - shift, tilt)
        whole_released = np.where(after.share >= 1, shift, before.content - after.content)
        whole_slope = after.share * gain * seconds
        # Places that are being uncovered.
        held = uncovered * capacity
        first = virtual_taken(taken, state.bare[number] * capacity)
        asked, asked_slope = density * left, gain * left + density * left_slope
        virtual = first + asked
        kept = virtual <= 0.5 * held
        divisor = np.where(kept, 1.0, 2 * virtual)
        cut = np.where(kept, 1.0, held / divisor)
        partly = np.where(kept, virtual, held * (1 - 0.5 * cut)) - taken
        limited = partly > asked
        partly = np.clip(partly, 0.0, asked)
        partly_slope = np.where(
            limited | kept,
            asked_slope,
            cut**2 * asked_slope + (1 - cut) * capacity * uncovering,
        )
        released = np.where(whole, whole_released, partly)
        slope = np.where(whole, whole_slope, partly_slope)
        idle = np.where(whole, before.share * seconds, left * np.where(kept, 1.0, cut**2))
        spent, spent_slope = _time_spent(
            released, slope, density, gain, np.where(whole, shift, asked), idle
        )
        exhausted = np.where(whole, 1 - after.share, np.where(kept, 0.0, uncovered * (1 - cut)))
        exhausting = np.where(
            whole,
            after.opening * gain * seconds,
            np.where(
                kept,
                0.0,
                uncovering * (1 - 2 * cut) + uncovered * cut * asked_slope * 2 / divisor,
            ),
        )
        return (
            released,
            slope,
            np.maximum(left - spent, 0.0),
            left_slope - spent_slope,
            exhausted,
            exhausting,
        )

    def _take_up(self, densities: Array, slopes: Array, released: Array, grown: Array) -> Array:
        """Charge that goes up the ladders: films fill, and then metal grows; the slope of it.

        What is taken up is subtracted from ``released`` in place.
        """
        state, seconds = self.state, self.seconds
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
            fill_slope = np.where(
                fills & fits, -slopes[number] * time - density * carried_slope, 0.0
            )
            released[number] -= fill
            slope -= fill_slope
            speed = np.where(fills, -density, 1.0)
            over = fills & ~fits
            carried = np.where(over, time - room / speed, 0.0)
            carried_slope = np.where(over, carried_slope - room / speed**2 * slopes[number], 0.0)
        density = densities[0]
        grows = density < 0
        time = np.where(grows & self.state.ladder.grows_on_film, carried, 0.0)
        time_slope = np.where(grows & self.state.ladder.grows_on_film, carried_slope, 0.0)
        bare = np.where(grows & state.ready & (time == 0), state.bare[0] * seconds, 0.0)
        grown += -density * (time + bare)
        released[0] -= grown
        slope += slopes[0] * (time + bare) + density * time_slope
        return slope

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
        # Plating: what a place has grows where it lies, what is new lies flat.
        grows = ~down & (before.content > 0)
        factor = np.where(grows, wanted / np.where(grows, before.content, 1.0), 1.0)
        whole = before.share >= 1
        mid = np.where(grows & whole, wanted, np.where(grows, mid * factor, mid))
        tilt = np.where(grows & ~whole, state.tilt * factor, tilt)
        bend = np.where(grows & ~whole, bend * factor, bend)
        new = run.grown > 0
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

    def _film_tilts(self, run: Run, drive_difference: Array, taken: Array, covered: Array) -> Array:
        """Tilts of what the film's rungs have left at the end."""
        state, seconds = self.state, self.seconds
        tilts = state.film_tilt.copy()
        uncovered = 1 - covered
        _, highest = extremes(state.mid, state.tilt, state.bend)
        slanted, above = state.tilt, run.densities[0]
        for number, rung in enumerate(state.ladder.film):
            density = run.densities[number + 1]
            turn = np.where(density > 0, run.slopes[number + 1], 0.0) * drive_difference * seconds
            standing = state.standing[number + 1] > 0
            kept = np.where(standing, tilts[number] - turn, tilts[number])
            # Just uncovered: the place that was last gave for the rest of the step only.
            until = np.maximum(highest, 0.0) / np.where(above > 0, above, np.inf)
            latest = np.maximum(density, 0.0) * np.clip(seconds - until, 0.0, seconds)
            given = virtual_taken(taken[number], rung.capacity)
            fresh = np.copysign(2 * np.maximum(given - latest, 0.0), slanted)
            whole = uncovered >= 1
            tilts[number] = np.where(state.bare[number] >= 1, kept, np.where(whole, fresh, 0.0))
            # Nothing is above full, and no level is so steep that it is a front by itself.
            most = np.minimum(2 * given, _STEEPEST * rung.capacity)
            tilts[number] = np.clip(tilts[number], -most, most)
            highest = state.film_mid[number] + 0.5 * np.abs(state.film_tilt[number])
            slanted, above = tilts[number], density
            left = filled_linear(
                mid_linear(rung.capacity - taken[number], tilts[number]), tilts[number]
            )
            uncovered = np.where(whole, 1 - left.share, 0.0)
        return tilts


def _time_spent(
    released: Array, slope: Array, density: Array, gain: Array, asked: Array, idle: Array
) -> tuple[Array, Array]:
    """Mean time that a place spent on a rung, and its derivative.

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
