"""Where a margin passes zero along one key: first places on both sides of it, then the place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import brentq

from fem_island.machine.arrays import Array
from fem_island.studies.film_onset.margin import Margin

_PRECISION = 1e-12
"""Of the place, relative to the range that was searched."""

_STEP = 1e-3
"""Over which a slope is taken, relative to the range that was searched."""

MarginAt = Callable[[float], Margin | None]
"""The margin at a value of the key."""

Criterion = Literal["drive", "mean"]


@dataclass(frozen=True)
class Crossing:
    """A value of the key at which a film starts to act.

    Attributes:
        value: In SI units.
        error: Its estimated error: that of the potential over the slope, and that of the search.
        per_volt: Change of the value with the potential of the film, in its unit per V.
        acts_below: Whether it is below this value that the film acts.
    """

    value: float
    error: float
    per_volt: float
    acts_below: bool


class Line:
    """A key along which margins are looked at, each computed once and only where it is needed.

    Example:
        >>> margin = lambda value: Margin(2.0 - value, 1e-6, 2.1 - value, 1e-6, "converged")
        >>> line = Line(margin, np.linspace(1.0, 5.0, 9), start=4.0, even="linear")
        >>> crossing = line.nearest("drive")
        >>> round(crossing.value, 9), crossing.acts_below, round(crossing.error, 9)
        (2.0, True, 1e-06)
    """

    def __init__(
        self, margin_at: MarginAt, values: Array, *, start: float, even: Literal["linear", "log"]
    ) -> None:
        """Lay out where to look.

        Args:
            margin_at: The margin at a value.
            values: In SI units.
            start: Value beside which the nearest crossing is looked for.
            even: Along which scale margins are smooth.
        """
        self._margin_at = margin_at
        self._sign = -1.0 if even == "log" and values[0] < 0 else 1.0
        self._log = even == "log"
        self._known: dict[float, Margin | None] = {}
        self._places = np.sort(self._to_place(values))
        distances = np.abs(self._places - self._to_place(np.array([start])))
        self._first = int(distances.argmin())

    @property
    def margins(self) -> list[Margin]:
        """All that were computed and exist."""
        return [margin for margin in self._known.values() if margin is not None]

    def nearest(self, criterion: Criterion) -> Crossing | None:
        """The value nearest to the start at which a margin passes zero; None where none does."""
        last = len(self._places) - 1
        for step in range(last + 1):
            for left in dict.fromkeys((self._first + step, self._first - step - 1)):
                if 0 <= left < last:
                    ends = self._places[left : left + 2].tolist()
                    before, after = (self._value(end, criterion) for end in ends)
                    known = np.isfinite(before) and np.isfinite(after)
                    if known and (before > 0) != (after > 0):
                        return self._crossing(ends[0], ends[1], criterion)
        return None

    def _crossing(self, left: float, right: float, criterion: Criterion) -> Crossing | None:
        width = float(self._places[-1] - self._places[0])
        try:
            place = brentq(
                lambda at: self._value(at, criterion), left, right, xtol=_PRECISION * width
            )
        except ValueError:  # A value between has no solution.
            return None
        step = _STEP * width
        low, high = max(place - step, left), min(place + step, right)
        slope = (self._value(high, criterion) - self._value(low, criterion)) / (high - low)
        margin = self._at(place)
        if margin is None or not slope:
            return None
        value = self._to_value(place)
        # Of the value with the place.
        stretch = abs(value) if self._log else 1.0
        uncertain = abs(_judged(margin, criterion)[1])
        error = stretch * (uncertain / abs(slope) + _PRECISION * width)
        per_volt = stretch / slope * (1.0 if self._sign > 0 else -1.0)
        return Crossing(value, error, per_volt, acts_below=(slope < 0) == (self._sign > 0))

    def _value(self, place: float, criterion: Criterion) -> float:
        margin = self._at(place)
        return np.nan if margin is None else _judged(margin, criterion)[0]

    def _at(self, place: float) -> Margin | None:
        if place not in self._known:
            self._known[place] = self._margin_at(self._to_value(place))
        return self._known[place]

    def _to_place(self, values: Array) -> Array:
        return np.log(self._sign * values) if self._log else values

    def _to_value(self, place: float) -> float:
        return self._sign * float(np.exp(place)) if self._log else place


def _judged(margin: Margin, criterion: Criterion) -> tuple[float, float]:
    """A margin by one of the criteria, and its estimated error [V]."""
    if criterion == "drive":
        return margin.drive, margin.drive_error
    return margin.mean, margin.mean_error
