"""One step of time, and how it is shortened so that it ends where something happens.

Each step freezes the drive and lets all places run down their ladders (``surface.depletion``), at
the drive at which they release I W dt: the implicit midpoint rule, second order in the state, with
kinks and all. Voltages are those of the states, solved anew at the end of a step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from fem_island.errors import ConvergenceError
from fem_island.experiments.stripping.crossing import Crossing
from fem_island.experiments.stripping.extrapolation import Trajectory
from fem_island.experiments.stripping.instant import Instant, solve_instant
from fem_island.experiments.stripping.openings import Fronts, Opening, cleared, levels_of
from fem_island.experiments.stripping.quasistatic import Balance, NothingReactsError, Solved
from fem_island.machine.arrays import Array
from fem_island.surface.charge_state import State
from fem_island.surface.depletion import Depletion, Run
from fem_island.surface.uncovering import lag_of

_LANDINGS = 40
_LANDED = 1e-10
"""Distance from an opening over the length of the step at which a step ends there."""

_EMPTY = 1e-10
"""Share of what a cell could hold at most below which nothing is left."""

_REST = 1e-9
"""The same of what it held before a step that empties all."""

_ROOT_STEPS = 40
_ROOT = 1e-10
"""Length of the bracket of a crossing over the length of the step."""

_EXACT = 1e-10
"""Excess of a drive that is none [V]."""

_CLOSE = 1e-6
"""The same, where rounding of the time keeps it from being smaller [V]."""

Excess = Callable[[Instant], float]
"""How far something is above what makes an event, zero where it happens."""


@dataclass(frozen=True)
class Frozen:
    """A step as the drive that is frozen over it decides it.

    Attributes:
        before: Where it begins.
        seconds: Its length.
        solved: The drive.
        run: What the step does.
    """

    before: Instant
    seconds: float
    solved: Solved
    run: Run


@dataclass(frozen=True)
class Trial:
    """A step that was tried, with its end.

    Attributes:
        frozen: The step.
        state: At its end.
        instant: The same with its potential; None where nothing is left to carry the current.
    """

    frozen: Frozen
    state: State
    instant: Instant | None

    @property
    def before(self) -> Instant:
        """Where it begins."""
        return self.frozen.before

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.frozen.seconds


@dataclass
class Stepper:
    """Makes steps at one applied current.

    Attributes:
        balance: The bottom against the electrolyte.
        fronts: Where rungs have run out before.
        scales: What cells could hold of every rung [C/m^2].
        iterations: Newton steps so far.
        trajectory: The drives of the latest instants, which say where to look for the next.
    """

    balance: Balance
    fronts: Fronts
    scales: list[Array]
    iterations: int = 0
    trajectory: Trajectory = field(default_factory=Trajectory)

    def step(self, now: Instant, seconds: float) -> Trial:
        """A step of a length."""
        return self._completed(self._frozen(now, seconds))

    def to_opening(self, now: Instant, seconds: float) -> tuple[Trial, Opening | None]:
        """The step of a length, or up to the first opening in it."""
        foreseen = self.foreseen(now)
        # The excess of a length is what it is longer than the time until the opening, at its drive.
        crossing = Crossing(0.0, -min(foreseen, 1e3 * seconds), seconds)
        length = min(seconds, foreseen)
        frozen, soonest = self._frozen(now, length), None
        for _ in range(_LANDINGS):
            soonest = self._soonest(now, frozen.run.densities)
            until = math.inf if soonest is None else soonest.seconds
            if length >= seconds and until > seconds * (1 + _LANDED):
                return self._completed(frozen), None
            late = length - min(until, 1e3 * seconds)
            if abs(late) <= _LANDED * length or crossing.width <= _LANDED * crossing.high:
                break
            crossing.put(length, late)
            length = crossing.proposal()
            frozen = self._frozen(now, length)
        trial = self._completed(frozen)
        if soonest is None:
            return trial, None
        return self._cleared(trial, soonest, _EMPTY * self.scales[soonest.rung]), soonest

    def foreseen(self, now: Instant) -> float:
        """When the next opening would come at the drives of an instant [s after it]."""
        soonest = self._soonest(now, now.rates[0])
        return math.inf if soonest is None else soonest.seconds

    def island_lasts(self, now: Instant) -> float:
        """How long the island that is gone first lasts at the drives of an instant [s]."""
        densities = now.rates[0]
        openings = self.fronts.first(now.state, densities)
        return min((each.seconds for each in openings if each.group >= 0), default=math.inf)

    def emptied(self, now: Instant, seconds: float) -> tuple[Trial, Opening | None]:
        """The step at whose end all that carries the current runs out at once."""
        trial = self.step(now, seconds * (1 - _LANDED / 10))
        first = self._soonest(now, trial.frozen.run.densities)
        if first is None:
            return trial, None
        _, highest = levels_of(now.state, first.rung)
        return self._cleared(trial, first, _REST * float(highest.max())), first

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

    def inside(self, trial: Trial, time: float) -> Instant:
        """An instant inside a step; its nearer end where the part is too short to be computed."""
        now = nearer = trial.before
        if trial.instant is not None and 2 * (time - now.time) > trial.seconds:
            nearer = trial.instant
        try:
            return self.step(now, time - now.time).instant or nearer
        except ConvergenceError:
            return nearer

    def instant(self, state: State, start: Array | None) -> Instant | None:
        """A state with its potential; None where nothing can carry the current."""
        try:
            found = solve_instant(self.balance, state, start)
        except NothingReactsError:
            return None
        self.iterations += found.iterations
        return found

    def _frozen(self, now: Instant, seconds: float) -> Frozen:
        start = self.trajectory.at(now.time + 0.5 * seconds, now.drive)
        change = 2 * self.balance.grid.cell_drives(start - now.drive)
        depletion = Depletion(now.state, seconds, lag_of(now.state, seconds, now.rates, change))
        latest: list[Run] = []

        def reaction(drive: Array) -> tuple[Array, Array]:
            latest[:] = [depletion.run(drive)]
            return latest[0].total / seconds, latest[0].slope / seconds

        solved = self.balance.solve(reaction, start)
        self.iterations += solved.iterations
        # The last drive that the balance looked at is the one that it returns.
        return Frozen(now, seconds, solved, latest[0])

    def _completed(self, frozen: Frozen) -> Trial:
        """The step with its end."""
        now, seconds, drive = frozen.before, frozen.seconds, frozen.solved.drive
        difference = self.balance.grid.cell_differences(drive)
        state = Depletion(now.state, seconds).after(frozen.run, difference)
        return Trial(frozen, state, self._end(frozen, state))

    def _cleared(self, trial: Trial, opening: Opening, little: Array | float) -> Trial:
        """The step without what rounding left of a rung that has run out."""
        state = cleared(trial.state, opening, little)
        if state is trial.state:
            return trial
        return replace(trial, state=state, instant=self._end(trial.frozen, state))

    def _end(self, frozen: Frozen, state: State) -> Instant | None:
        now = frozen.before
        middle = now.time + 0.5 * frozen.seconds, frozen.solved.drive
        guess = self.trajectory.at(now.time + frozen.seconds, now.drive, middle)
        return self.instant(state, guess)

    def _soonest(self, now: Instant, densities: Array) -> Opening | None:
        openings = self.fronts.first(now.state, densities)
        return min(openings, key=lambda each: each.seconds, default=None)

    def _root(self, trial: Trial, excess: Excess) -> Trial:
        """The step at whose end an excess is zero, or as little above as counts."""
        now, best = trial.before, trial
        above = self._value(trial, excess)
        if above <= _EXACT:
            return trial
        crossing = Crossing(0.0, excess(now) - 0.5 * _EXACT, trial.seconds, above - 0.5 * _EXACT)
        for _ in range(_ROOT_STEPS):
            tight = crossing.width <= _ROOT * trial.seconds
            # At the very end a step is shorter than rounding of the time.
            smallest = min(1e-15 * now.time, 1e-9 * trial.seconds)
            if (tight and above < _CLOSE) or crossing.width <= smallest:
                break
            seconds = crossing.proposal()
            try:
                tried = self.step(now, seconds)
            except ConvergenceError:
                if seconds > 1e-15 * now.time:
                    raise
                break
            value = self._value(tried, excess)
            crossing.put(tried.seconds, value - 0.5 * _EXACT)
            if value >= 0:
                above, best = value, tried
                if value <= _EXACT:
                    break
        return best

    @staticmethod
    def _value(trial: Trial, excess: Excess) -> float:
        return 1.0 if trial.instant is None else excess(trial.instant)
