"""One step of time, and how it is shortened so that it ends where something happens.

Each step freezes the drive and lets all places run down their ladders (``surface.depletion``), at
the drive at which they release I W dt: the implicit midpoint rule, second order in the state, with
kinks and all. Voltages are those of the states, solved anew at the end of a step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from fem_island.experiments.stripping.instant import Instant, solve_instant
from fem_island.experiments.stripping.openings import Fronts, Opening, cleared, levels_of
from fem_island.experiments.stripping.quasistatic import Balance, NothingReactsError, Solved
from fem_island.machine.arrays import Array
from fem_island.surface.charge_state import State
from fem_island.surface.depletion import Depletion, Run

_LANDINGS = 40
_LANDED = 1e-11
_EMPTY = 1e-11
"""Share of what a cell could hold at most below which nothing is left."""

_REST = 1e-9
"""The same of what it held before a step that empties all."""

_ROOT_STEPS = 60
_ROOT = 1e-10
"""Length of the bracket of a root over the length of the step."""

_EXACT = 1e-10
"""Excess of a drive that is none [V]."""

_CLOSE = 1e-6
"""The same, where rounding of the time keeps it from being smaller [V]."""

Excess = Callable[[Instant], float]
"""How far something is above what makes an event, zero where it happens."""


@dataclass(frozen=True)
class Trial:
    """A step that was tried.

    Attributes:
        before: Where it begins.
        seconds: Its length.
        solved: The drive that was frozen.
        run: What the step does.
        state: At its end.
        instant: The same with its potential; None where nothing is left to carry the current.
    """

    before: Instant
    seconds: float
    solved: Solved
    run: Run
    state: State
    instant: Instant | None

    @property
    def iterations(self) -> int:
        """Newton steps."""
        return self.solved.iterations + (0 if self.instant is None else self.instant.iterations)


@dataclass
class Stepper:
    """Makes steps at one applied current.

    Attributes:
        balance: The bottom against the electrolyte.
        fronts: Where rungs have run out before.
        scales: What cells could hold of every rung [C/m^2].
        iterations: Newton steps so far.
        speed: How fast the drives of the nodes change [V/s], a guess.
    """

    balance: Balance
    fronts: Fronts
    scales: list[Array]
    iterations: int = 0
    speed: Array | float = 0.0

    def step(self, now: Instant, seconds: float) -> Trial:
        """A step of a length."""
        depletion = Depletion(now.state, seconds)
        grid = self.balance.grid

        def reaction(drive: Array) -> tuple[Array, Array]:
            run = depletion.run(drive)
            return run.total / seconds, run.slope / seconds

        solved = self.balance.solve(reaction, now.drive + 0.5 * seconds * self.speed)
        run = depletion.run(grid.cell_drives(solved.drive))
        state = depletion.after(run, grid.cell_differences(solved.drive))
        return self._counted(Trial(now, seconds, solved, run, state, None), state)

    def landed(self, trial: Trial) -> tuple[Trial, Opening | None]:
        """The step up to the first opening in it, if there is one."""
        now = trial.before
        first = self._soonest(trial)
        if first is None or first.seconds > trial.seconds * (1 + _LANDED):
            return trial, None
        # The root of (time until the opening) - (length of the step), by Illinois' method; until
        # it is bracketed, the time until the opening is the next length.
        low, below = 0.0, math.nan
        high, above = trial.seconds, first.seconds - trial.seconds
        for _ in range(_LANDINGS):
            target = first.seconds
            if below > 0:
                target = (low * above - high * below) / (above - below)
            if not low < target < high:
                target = 0.5 * (low + high)
            trial = self.step(now, target)
            soonest = self._soonest(trial)
            if soonest is None:
                break
            late = soonest.seconds - target
            if abs(late) <= _LANDED * target or high - low <= _LANDED * high:
                little = _EMPTY * self.scales[soonest.rung]
                return self.cleared(trial, soonest, little), soonest
            if late < 0:
                high, above, below = target, late, 0.5 * below
            else:
                low, below, above = target, late, 0.5 * above
            first = soonest
        return trial, None

    def soonest_seconds(self, trial: Trial) -> float:
        """When the next opening comes at the drives of a step [s after its beginning]."""
        first = self._soonest(trial)
        return float("inf") if first is None else first.seconds

    def emptied(self, now: Instant, seconds: float) -> tuple[Trial, Opening | None]:
        """The step at whose end all that carries the current runs out at once."""
        trial = self.step(now, seconds * (1 - _LANDED / 10))
        first = self._soonest(trial)
        if first is None:
            return trial, None
        _, highest = levels_of(now.state, first.rung)
        return self.cleared(trial, first, _REST * float(highest.max())), first

    def cleared(self, trial: Trial, opening: Opening, little: Array | float) -> Trial:
        """The step without what rounding left of a rung that has run out."""
        state = cleared(trial.state, opening.rung, little)
        if state is trial.state:
            return trial
        return self._counted(replace(trial, state=state), state)

    def shortened(
        self, trial: Trial, excesses: list[tuple[str, Excess]]
    ) -> tuple[Trial, list[str]]:
        """The step up to the first of several events, and which they are.

        Args:
            trial: The step.
            excesses: Names of events and their excesses.
        """
        best, names = trial, []
        for name, excess in excesses:
            after = best.instant
            if after is None or not excess(after) >= 0 > excess(trial.before):
                continue
            shorter = self._root(best, excess)
            if shorter.seconds < best.seconds:
                names = [
                    other
                    for other, over in excesses
                    if other in names and shorter.instant and over(shorter.instant) >= 0
                ]
            best = shorter
            names.append(name)
        return best, names

    def instant(self, state: State, start: Array | None) -> Instant | None:
        """A state with its potential; None where nothing can carry the current."""
        try:
            found = solve_instant(self.balance, state, start)
        except NothingReactsError:
            return None
        self.iterations += found.iterations
        return found

    def _counted(self, trial: Trial, state: State) -> Trial:
        self.iterations += trial.solved.iterations
        extrapolated = trial.solved.drive + 0.5 * trial.seconds * self.speed
        if not np.any(self.speed):
            extrapolated = 2 * trial.solved.drive - trial.before.drive
        return replace(trial, instant=self.instant(state, extrapolated))

    def _soonest(self, trial: Trial) -> Opening | None:
        openings = self.fronts.first(trial.before.state, trial.run)
        return min(openings, key=lambda each: each.seconds, default=None)

    def _root(self, trial: Trial, excess: Excess) -> Trial:
        """The step at whose end an excess is zero, by Illinois' method."""
        now = trial.before
        low, high, best = 0.0, trial.seconds, trial
        below, above = excess(now), self._value(trial, excess)
        if above <= _EXACT:
            return trial
        for _ in range(_ROOT_STEPS):
            tight = high - low <= _ROOT * trial.seconds
            if (tight and above < _CLOSE) or high - low <= 1e-15 * now.time:
                break
            guess = (low * above - high * below) / (above - below)
            if not low < guess < high:
                guess = 0.5 * (low + high)
            tried = self.step(now, guess)
            value = self._value(tried, excess)
            if value >= 0:
                high, above, best = guess, value, tried
                below *= 0.5
                if value <= _EXACT:
                    break
            else:
                low, below = guess, value
                above *= 0.5
        return best

    @staticmethod
    def _value(trial: Trial, excess: Excess) -> float:
        return 1.0 if trial.instant is None else excess(trial.instant)
