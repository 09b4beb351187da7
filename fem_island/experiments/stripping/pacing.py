"""How long the steps of a march are: as the voltage allows, or as those of another march were.

A march that is compared with another takes two of its steps at once. So the two differ by their
steps everywhere, also where something else than the voltage decides their length, and they have
instants in common, at which they can be compared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fem_island.experiments.stripping.bending import bending
from fem_island.experiments.stripping.instant import Instant
from fem_island.machine.arrays import Array

_FIRST_STEP = 1e-5
"""First step, as a share of the time that the charge lasts."""

_AFTER_EVENT = 1e-4
"""The same, of the first step after an event, at most."""

_WITHOUT_TIMES = 0.05
"""Largest step where nothing says how long it should be, as a share of the same."""

_LEAST_STEP = 1e-9
"""The same, of a step that is not made shorter for the voltage's sake."""

_MOST_OF_LEFT = 0.4
"""Largest step, as a share of the time that what carries the current lasts."""

_MOST_OF_LITTLE = 0.7
_LITTLE = 1e-6
"""The same where it lasts for so little of the time that an error of it is none of the time."""

_GROWTH = 3.0
_SHRINKAGE = 0.3
_TOLERATED = 4.0
"""How much more than wanted the voltage may bend in a step."""

_SHIFT = 1e-5
"""Bend that is allowed besides, as the time by which it shifts the curve over all the time."""

_SAME = 1e-9
"""Times this close, as a share of the time that the charge lasts, are one."""


class Pace(Protocol):
    """What decides the lengths of the steps of a phase."""

    def begin(self, now: Instant, lasts: float) -> None:
        """A phase begins.

        Args:
            now: Its first instant.
            lasts: How long the charge lasts at its current [s].
        """

    def seconds(self, now: Instant) -> float:
        """Length of the step to try from the latest instant [s]."""

    def most(self, remaining: float) -> float:
        """Longest step where what carries the current lasts so long [s]."""

    def refused(
        self, now: Instant, after: Instant, seconds: float, opened: npt.NDArray[np.bool_]
    ) -> bool:
        """Whether a step is too long, so that a shorter one must be tried."""

    def taken(self, now: Instant, seconds: float, *, event: bool) -> None:
        """A step was made; at its end something happened or not."""


@dataclass
class ByVoltage:
    """Steps over which the voltage bends by so much.

    Attributes:
        bend: Change of the voltage's slope over a step, times the step [V]; see
            ``planning.Fineness``.
        longest: Longest step, as a share of the time that the charge lasts at the start.
    """

    bend: float
    longest: float
    _lasts: float = math.inf
    _next: float = 0.0
    _bent: float = 0.0
    _before: Instant | None = None

    def begin(self, now: Instant, lasts: float) -> None:
        """A phase begins."""
        self._lasts, self._next, self._before = lasts, _FIRST_STEP * lasts, None

    def seconds(self, now: Instant) -> float:
        """Length of the step to try from the latest instant [s]."""
        return min(self._next, self.longest * self._lasts)

    def most(self, remaining: float) -> float:
        """Longest step where what carries the current lasts so long [s]."""
        return _share(remaining, self._lasts) * remaining

    def refused(
        self, now: Instant, after: Instant, seconds: float, opened: npt.NDArray[np.bool_]
    ) -> bool:
        """Whether a step is too long, so that a shorter one must be tried."""
        self._bent = 0.0
        if seconds <= _LEAST_STEP * self._lasts:
            return False
        if self._before is not None:
            self._bent = bending(self._before, now, after, self._lasts, opened=opened)
            # Where the curve is steep a little of the time is worth as much.
            slope = abs(after.voltage - now.voltage) / seconds
            self._bent /= 1 + _SHIFT * self._lasts * slope / self.bend
        if self._bent <= _TOLERATED * self.bend:
            return False
        self._next = seconds * max(_SHRINKAGE, math.sqrt(2 * self.bend / self._bent))
        return True

    def taken(self, now: Instant, seconds: float, *, event: bool) -> None:
        """A step was made; at its end something happened or not."""
        if event:
            self._next = max(min(seconds, _AFTER_EVENT * self._lasts), _LEAST_STEP * self._lasts)
            self._before = None
        else:
            wish = math.sqrt(self.bend / self._bent) if self._bent > 0 else _GROWTH
            self._next = seconds * min(max(wish, _SHRINKAGE), _GROWTH)
            self._before = now


@dataclass
class ByTimes:
    """Steps that end where every second one of another march did.

    Attributes:
        times: Of the instants of that march [s], ascending.
    """

    times: Array
    _lasts: float = math.inf

    def begin(self, now: Instant, lasts: float) -> None:
        """A phase begins."""
        self._lasts = lasts

    def seconds(self, now: Instant) -> float:
        """Length of the step to try from the latest instant [s]."""
        most = _WITHOUT_TIMES * self._lasts
        near = _SAME * self._lasts if math.isfinite(self._lasts) else 0.0
        later = self.times[self.times > now.time + near]
        return float(later[:2].max() - now.time) if len(later) else most

    def most(self, remaining: float) -> float:
        """Longest step where what carries the current lasts so long [s]."""
        return (1 - (1 - _share(remaining, self._lasts)) ** 2) * remaining

    def refused(
        self, now: Instant, after: Instant, seconds: float, opened: npt.NDArray[np.bool_]
    ) -> bool:
        """No step is too long."""
        return False

    def taken(self, now: Instant, seconds: float, *, event: bool) -> None:
        """A step was made."""


def _share(remaining: float, lasts: float) -> float:
    return _MOST_OF_LITTLE if remaining < _LITTLE * lasts else _MOST_OF_LEFT
