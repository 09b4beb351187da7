"""Where along a step something first happens, in few steps that are tried.

What happens is the change of sign of an excess, a continuous function of the length of the step.
Before the crossing it is smooth; beyond it, it has a corner more often than not, since what happens
changes what the step does: a hole opens, a plateau begins to give. So the crossing is extrapolated
from the two latest lengths before it. False position and bisection stand by.
"""

from __future__ import annotations

from dataclasses import dataclass

_SLOW = 2
"""Proposals that may halve neither the excess nor the bracket before the bracket is cut in half."""


@dataclass
class Crossing:
    """A bracket of the crossing.

    Attributes:
        low: Longest length before it.
        below: Excess there, negative.
        high: Shortest length beyond it, or a bound of it.
        above: Excess there, not negative; None where it is not known.

    Example:
        >>> crossing = Crossing(0.0, -2.0, 2.0, None)
        >>> for _ in range(20):
        ...     length = crossing.proposal()
        ...     crossing.put(length, length**2 - 2 if length**2 < 2 else 9 * (length**2 - 2))
        >>> round(crossing.low, 8)
        1.41421356
    """

    low: float
    below: float
    high: float
    above: float | None = None
    _older: tuple[float, float] | None = None
    _slow: int = 0

    @property
    def width(self) -> float:
        """Length of the bracket."""
        return self.high - self.low

    def proposal(self) -> float:
        """The length to try next, inside the bracket; its end where nothing else is known."""
        if self._slow < _SLOW:
            if self._older is not None:
                length, excess = self._older
                if self.below > excess:
                    rise = (self.below - excess) / (self.low - length)
                    guess = self.low - self.below / rise
                    if self.low < guess < self.high:
                        return guess
            if self.above is None:
                return self.high
            guess = (self.low * self.above - self.high * self.below) / (self.above - self.below)
            if self.low < guess < self.high:
                return guess
        return 0.5 * (self.low + self.high)

    def put(self, length: float, excess: float) -> None:
        """Narrow the bracket by what was found at a length inside it."""
        width, least = self.width, self._least
        if excess < 0:
            self._older = self.low, self.below
            self.low, self.below = length, excess
        else:
            self.high, self.above = length, excess
        halved = self.width <= 0.5 * width or self._least <= 0.5 * least
        self._slow = 0 if halved or self._slow >= _SLOW else self._slow + 1

    @property
    def _least(self) -> float:
        above = float("inf") if self.above is None else self.above
        return min(-self.below, above)
