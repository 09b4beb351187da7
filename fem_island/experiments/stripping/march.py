"""The march through time: step after step, each as long as the voltage allows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from fem_island.errors import ConvergenceError
from fem_island.experiments.stripping.cells import Cells
from fem_island.experiments.stripping.changes import emptied, nucleated, without_contact
from fem_island.experiments.stripping.endings import (
    LITTLE,
    VANISHING,
    at_most,
    emptied_by,
    risen,
)
from fem_island.experiments.stripping.happenings import (
    CRITICAL,
    CUTOFF,
    NUCLEATION,
    Happenings,
    numbers_of,
)
from fem_island.experiments.stripping.inside import instants_inside
from fem_island.experiments.stripping.instant import Instant
from fem_island.experiments.stripping.limits import beyond_cutoff, excesses
from fem_island.experiments.stripping.openings import Fronts, Opening
from fem_island.experiments.stripping.pacing import Pace
from fem_island.experiments.stripping.phase import Phase, Settings
from fem_island.experiments.stripping.quasistatic import NothingReactsError
from fem_island.experiments.stripping.stepping import Stepper, Trial
from fem_island.machine.arrays import Array
from fem_island.surface.charge_state import State

_NOTHING = 1e-15
"""Share of the charge at the start that is nothing."""

_RETRY = 0.2
"""What is left of a step that has no solution."""

_RETRIES, _RETRIES_OF_ROUNDING = 20, 2
"""How often, and how often where what is left is rounding: no step needs to have a solution."""

_TOGETHER = 1e-9
"""What runs out this close to each other, relative to the time until then, runs out at once."""

_DYING = 1e-5
"""Shortest step for the sake of an island that dies, as a share of the time of the charge."""

_CARRIES = 0.01
"""Share of the current from which on a rung carries it."""

_DEPOSIT = 1e4
"""What is plated where there was nothing is looked at in parts of so much [C/m^2]."""

_MOST_STEPS = 20_000
_MOST_LOSSES = 10_000


class March:
    """A run through time: iterate over ``run`` and read what it has found.

    Attributes:
        grid: The cells.
        settings: What it is made with.
        pace: What decides how long the steps are.
        state: The latest state.
        happenings: What has happened.
        first_charge: Charge of the part that is solved at the start [C/m].
        iterations: Newton steps so far.
        ends: Times at which steps have ended so far [s].
        end: How the latest phase ended; empty while it has not.
    """

    def __init__(
        self,
        grid: Cells,
        settings: Settings,
        pace: Pace,
        state: State,
        fronts: Fronts,
        islands: dict[int, npt.NDArray[np.bool_]],
    ) -> None:
        """Find what holds at the start.

        Args:
            grid: The cells.
            settings: What it is made with.
            pace: What decides how long the steps are.
            state: The first state.
            fronts: Where rungs have run out at the start.
            islands: Cells of every island of the case.
        """
        self.grid, self.settings, self.pace, self.state = grid, settings, pace, state
        self.fronts = fronts
        self.scales = [np.full(state.ladder.places, max(float(state.mid.max(initial=0)), 1e-30))]
        self.scales += [np.maximum(rung.capacity, 1e-30) for rung in state.ladder.film]
        self.happenings = Happenings(islands, numbers_of(state))
        self.first_charge = float(grid.weights @ state.charge)
        self.ends: list[float] = []
        self.iterations = 0
        self.end = ""
        self._steady = math.inf

    @property
    def charge(self) -> float:
        """What the part of the cell that is solved has left [C/m]."""
        return float(self.grid.weights @ self.state.charge)

    @property
    def _is_rounding(self) -> bool:
        """Is what is left no more than rounding of what there was?"""
        return self.charge <= _NOTHING * self.first_charge

    def run(self, phase: Phase, times: Array) -> Iterator[Instant]:
        """March until the phase ends, or the cell.

        Args:
            phase: The current, and when it ends.
            times: Instants that are wanted in between [s since the start], ascending.

        Yields:
            The first instant, the end of every step, and the wanted ones.
        """
        self.end = ""
        current = phase.current_density
        stepper = Stepper(self.settings.balance(current), self.fronts, self.scales)
        end = self.state.time + phase.duration
        now = self._first(stepper)
        if now is None:
            self.end = self._gone()
            return
        if now.time == 0:
            self.happenings.begin(now)
        else:
            self.fronts.restart(now.state)
        yield now
        if beyond_cutoff(phase, self.settings, now) >= 0:
            self.happenings.add(CUTOFF, now)
            self.end = CUTOFF
            return
        self.pace.begin(now, self._time_scale(phase))
        wanted = [time for time in times.tolist() if now.time < time <= end]
        stepper.trajectory.restart(now.time, now.drive)
        shortest = _DYING * self._time_scale(phase)
        for _ in range(_MOST_STEPS):
            seconds = min(self.pace.seconds(now), end - now.time)
            if len(self.happenings.islands) > 1:
                # One of several dies without a sign in the voltage.
                dying = self.pace.most(stepper.island_lasts(now))
                seconds = min(seconds, max(dying, shortest))
            if self.charge > LITTLE * self.first_charge:
                self._steady = now.voltage
            tried = self._tried(stepper, now, seconds, phase)
            if tried is None or tried[0].instant is None:
                last = self._at_cutoff(phase, now)
                if last is not None:
                    self.happenings.add(CUTOFF, last)
                    yield last
                    self.end = CUTOFF
                    return
            if tried is None:
                if self._is_rounding:
                    now = replace(now, state=emptied(now.state), iterations=0)
                    self.happenings.note(now, None)
                    self.state = now.state
                    yield now
                self.end = self._gone()
                return
            trial, opening = tried
            found = trial.instant if opening is None else None
            opened = self.fronts.opened
            if found is not None and self.pace.refused(now, found, trial.seconds, opened):
                continue
            trial, crossed = stepper.shortened(
                trial, excesses(phase, self.settings, self.happenings)
            )
            if trial.instant is not None:
                stepper.trajectory.add(trial.instant.time, trial.instant.drive)
            yield from instants_inside(stepper, trial, wanted, opens=opening is not None)
            self.ends.append(trial.state.time)
            self.iterations += stepper.iterations
            stepper.iterations = 0
            after = trial.instant
            if after is None:
                after = emptied_by(trial)
                self.happenings.note(after, opening)
                self.state = trial.state
                yield after
                self.end = self._gone()
                return
            if CUTOFF in crossed:
                after = at_most(after, phase.direction * beyond_cutoff(phase, self.settings, after))
            if CRITICAL in crossed:
                # The voltage jumps then: the curve has both ends of that.
                yield after
            after, changed = self._changed(stepper, after)
            self.state = after.state
            if opening is not None and not crossed:
                self.fronts.open(opening)
            for name in crossed:
                if name != CRITICAL:  # which is told when contact is lost
                    self.happenings.add(name, after)
            self.happenings.note(after, None if crossed else opening)
            self.fronts.update(after.state, self.scales)
            yield after
            if CUTOFF in crossed or beyond_cutoff(phase, self.settings, after) >= 0:
                self.happenings.add(CUTOFF, after)
                self.end = CUTOFF
                return
            if math.isfinite(end) and end - after.time <= 1e-12 * phase.duration:
                self.end = "duration"
                return
            event = opening is not None or bool(crossed) or changed
            self.pace.taken(now, trial.seconds, event=event)
            if event:
                stepper.trajectory.restart(after.time, after.drive)
            now = after
        raise ConvergenceError("a run of stripping took too many steps")

    def _tried(
        self, stepper: Stepper, now: Instant, seconds: float, phase: Phase
    ) -> tuple[Trial, Opening | None] | None:
        """A step at most so long, up to the first opening in it; None where none can be made."""
        left: ConvergenceError | None = None
        for _ in range(_RETRIES_OF_ROUNDING if self._is_rounding else _RETRIES):
            try:
                return self._to_opening(stepper, now, seconds, phase)
            except NothingReactsError:
                left = None
            except ConvergenceError as error:
                left = error
            seconds *= _RETRY
        if left is not None and not self._is_rounding:
            raise left
        return None

    def _to_opening(
        self, stepper: Stepper, now: Instant, seconds: float, phase: Phase
    ) -> tuple[Trial, Opening | None]:
        if phase.current_density <= 0:
            return stepper.to_opening(now, seconds)
        remaining = self._remaining(now)
        together = abs(stepper.foreseen(now) - remaining) <= _TOGETHER * remaining
        if seconds >= remaining and together:
            return stepper.emptied(now, remaining)
        return stepper.to_opening(now, min(seconds, self.pace.most(remaining)))

    def _first(self, stepper: Stepper) -> Instant | None:
        now = stepper.instant(self.state, None)
        if now is None and self.settings.nucleation is not None:
            # Nothing but bare collector: it takes its nucleation overpotential at once.
            self.state = replace(self.state, ready=np.ones_like(self.state.ready))
            now = stepper.instant(self.state, None)
        return None if now is None else self._changed(stepper, now)[0]

    def _changed(self, stepper: Stepper, now: Instant) -> tuple[Instant, bool]:
        """The instant after what happens without time: nucleation, and loss of contact."""
        changed = False
        for _ in range(_MOST_LOSSES):
            state = nucleated(now, self.settings.nucleation)
            if state is None:
                state = without_contact(now, self.settings.critical)
            if state is None:
                return now, changed
            name = NUCLEATION if state.ready.sum() > now.state.ready.sum() else CRITICAL
            self.happenings.add(name, now)
            after = stepper.instant(state, now.drive)
            if after is None:
                return replace(now, state=state, iterations=0), True
            now, changed = after, True
        return now, changed

    def _time_scale(self, phase: Phase) -> float:
        """How long the charge lasts at the current of a phase [s]."""
        through = abs(phase.current_density) * self.grid.width
        if not through:
            return phase.duration
        if phase.current_density < 0 and math.isfinite(phase.duration):
            return phase.duration
        held = max(self.first_charge, self.charge)
        return held / through if held else _DEPOSIT / abs(phase.current_density)

    def _remaining(self, now: Instant) -> float:
        """How long what carries the current lasts [s]."""
        weights, current = self.grid.weights, now.current_density * self.grid.width
        shares = now.densities @ weights / current
        contents = [now.state.metal.content, *now.state.film_charge]
        carries = [share > _CARRIES for share in shares]
        left = sum(float(weights @ c) for c, on in zip(contents, carries, strict=True) if on)
        return (left if self._is_rounding else max(left, _NOTHING * self.first_charge)) / current

    def _at_cutoff(self, phase: Phase, now: Instant) -> Instant | None:
        """The instant at the cut-off, where the voltage rises to it while the last is vanishing."""
        vanishes = self.charge <= VANISHING * self.first_charge
        if phase.cutoff is None or phase.current_density <= 0 or not vanishes:
            return None
        return risen(now, self._steady, -beyond_cutoff(phase, self.settings, now))

    def _gone(self) -> str:
        if self.state.lost.any():
            return CUTOFF  # what has lost contact lets the voltage rise without limit
        return "all_empty" if self.state.ladder.film else "lithium_gone"
