"""Intervals by profile likelihood.

The profile of a parameter is the smallest misfit that is left when it is held fixed and all others
are fitted again. An interval ends where the profile has risen by a quantile: of chi squared with
one degree of freedom where errors are known, else of F with what the data leave, times the variance
of the misfit. Where it never rises so far, within the bounds and a factor of 1000, there is no end.

The others are followed from step to step, which can lead into a corner of the bounds while data fit
well elsewhere: the resistance of an electrolyte, say, is the same at two heights. So an end in such
a corner counts only after a search of the whole box, where cases are quick to compute.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, qmc
from scipy.stats import f as fisher

from fem_island.fitting.problem import Problem
from fem_island.fitting.searching import Minimum, refined
from fem_island.machine.arrays import Array

SHARES = (0.68, 0.95)
"""Probabilities of the intervals."""

_GOOD = 0.01
"""Of the half width of an interval, to which its ends are found."""

_SAMPLES = 32
"""Places of the box of the others that are looked at, per parameter."""

_STARTS = 2
"""Of them, from which they are fitted."""

_CORNER = 0.01
"""Of the distance between the bounds, within which a parameter is at one of them."""

_MOST_TRIALS = 30
_LEAST, _GROWTH = 1.05, 5.0
"""Of one step outwards, as a factor."""


@dataclass(frozen=True)
class Ends:
    """Ends of the intervals of one parameter, in u; None where the profile does not rise so far.

    Attributes:
        interval_68: Low and high.
        interval_95: Low and high.
        at_bounds: Numbers of other parameters that are at a bound at an end of it, and are not
            there at the best fit.
    """

    interval_68: tuple[float | None, float | None]
    interval_95: tuple[float | None, float | None]
    at_bounds: frozenset[int] = frozenset()


NO_ENDS = Ends((None, None), (None, None))


def rises(problem: Problem, variance: float) -> tuple[float, float]:
    """By how much the misfit rises to the ends of the 68 and 95 % intervals.

    Args:
        problem: The residuals.
        variance: What the residuals scatter by; 1 where errors are known.
    """
    if problem.errors_known:
        quantiles = [float(chi2.ppf(share, 1)) for share in SHARES]
    else:
        free = problem.size - len(problem.start)
        quantiles = [float(fisher.ppf(share, 1, free)) for share in SHARES]
    return variance * quantiles[0], variance * quantiles[1]


class Profile:
    """The profile of one parameter.

    If the fits on the way find a smaller misfit than the best, ``better`` has it.
    """

    def __init__(self, problem: Problem, best: Minimum, number: int, covariance: Array) -> None:
        """Start at the best fit.

        Args:
            problem: The residuals.
            best: The best fit.
            number: Of the parameter.
            covariance: From the derivatives at the best fit, shape (p, p).
        """
        self.better: Minimum | None = None
        self._problem = problem
        self._best = best
        self._number = number
        spread = covariance[number]
        self._along = spread / spread[number] if spread[number] > 0 else np.zeros_like(spread)
        self._along[number] = 1.0
        self._jacobian = None if problem.quick else problem.jacobian(best.place)

    def ends(self, deviation: float, risen: tuple[float, float], reach: float) -> Ends:
        """The ends of both intervals.

        Args:
            deviation: Standard deviation from the derivatives, for residuals that scatter by 1.
            risen: By how much the misfit rises to the ends.
            reach: How far away they are looked for.
        """
        found: list[list[float | None]] = [[None, None], [None, None]]
        at_bounds: frozenset[int] = frozenset()
        for side, sign in enumerate((-1.0, 1.0)):
            limit = self._limit(sign, reach)
            known = [(0.0, 0.0)]
            others = self._best.place
            for level, rise in enumerate(risen):
                distance, others = self._end(sign, np.sqrt(rise), deviation, limit, known, others)
                found[level][side] = distance
                if distance is None:
                    break
            else:
                at_bounds |= self._at_bounds(others) - self._at_bounds(self._best.place)
        return Ends((found[0][0], found[0][1]), (found[1][0], found[1][1]), at_bounds)

    def _at_bounds(self, place: Array) -> frozenset[int]:
        """Numbers of other parameters that are at a bound."""
        return frozenset(
            number
            for number, each in enumerate(self._problem.coordinates)
            if number != self._number and each.side(float(place[number]))
        )

    def _limit(self, sign: float, reach: float) -> float:
        here = self._best.place[self._number]
        bound = self._problem.high if sign > 0 else self._problem.low
        return float(min(reach, abs(bound[self._number] - here)))

    def _end(
        self,
        sign: float,
        wanted: float,
        deviation: float,
        limit: float,
        known: list[tuple[float, float]],
        others: Array,
    ) -> tuple[float | None, Array]:
        """Where the root of the rise reaches a height, from what is known of it.

        Args:
            sign: Of the direction.
            wanted: Root of the rise.
            deviation: From the derivatives; the root rises by 1 over it, if all is linear.
            limit: Largest distance.
            known: Distances and roots so far, extended here.
            others: Where the other parameters were.
        """
        low = max((point for point in known if point[1] < wanted), key=lambda point: point[0])
        high = min(
            (point for point in known if point[1] >= wanted),
            key=lambda point: point[0],
            default=None,
        )
        guess = wanted * deviation if low[1] == 0 else low[0] * wanted / low[1]
        for tried in range(_MOST_TRIALS):
            if high is None:
                if low[0] >= limit * (1 - _GOOD * _GOOD):
                    return None, others
                if low[0] >= guess:
                    # Nearly linear: on to where it should be; ever further where it is not.
                    straight = low[0] * wanted / low[1] if low[1] > 0 else np.inf
                    least = _LEAST ** (1 + tried)
                    guess = low[0] * float(np.clip(straight / low[0], least, max(least, _GROWTH)))
                trial = min(guess, limit)
            else:
                # The root is nearly linear in the distance.
                slope = (high[1] - low[1]) / (high[0] - low[0])
                trial = low[0] + (wanted - low[1]) / slope if slope > 0 else 0.0
                inside = 0.05 * (high[0] - low[0])
                trial = float(np.clip(trial, low[0] + inside, high[0] - inside))
            root, others = self._root(sign, trial, others)
            if high is None and root >= wanted:
                root, others = self._elsewhere(sign, trial, (root, others))
            if not np.isfinite(root):
                # No such case, or none with a solution: the end is looked for before it.
                limit = 0.5 * (low[0] + trial)
                continue
            known.append((trial, root))
            if abs(root - wanted) <= _GOOD * wanted:
                return sign * trial, others
            if root < wanted:
                low = (trial, root)
            else:
                high = (trial, root)
            if high is not None and high[0] - low[0] < _GOOD * high[0]:
                return sign * 0.5 * (low[0] + high[0]), others
        return None, others

    def _root(self, sign: float, distance: float, others: Array) -> tuple[float, Array]:
        """Root of the rise at a distance, and where the other parameters are."""
        fixed = self._best.place[self._number] + sign * distance
        moved = self._best.place + sign * distance * self._along
        starts = [np.clip(moved, self._problem.low, self._problem.high), others.copy()]
        best: Minimum | None = None
        for start in starts:
            start[self._number] = fixed
        # Along what the data do not see derivatives lead far away, to another kind of case.
        for start in sorted(starts, key=self._problem.misfit):
            if len(start) == 1:
                best = Minimum(start, self._problem.misfit(start))
                break
            held = Held(self._problem, self._number, fixed, self._jacobian)
            minimum = refined(held, np.delete(start, self._number), loose=True)
            if minimum is not None:
                best = Minimum(np.insert(minimum.place, self._number, fixed), minimum.misfit)
                break
        if best is None or not np.isfinite(best.misfit):
            return np.inf, others
        return self._risen(best), best.place

    def _elsewhere(
        self, sign: float, distance: float, found: tuple[float, Array]
    ) -> tuple[float, Array]:
        """What was found, or a smaller rise elsewhere where another parameter is at a bound."""
        problem, number = self._problem, self._number
        count = len(problem.start) - 1
        if not problem.quick or count < 1:
            return found
        near = _CORNER * (problem.high - problem.low)
        place = found[1]
        cornered = (place - problem.low < near) | (problem.high - place < near)
        if not np.delete(cornered, number).any():
            return found
        fixed = self._best.place[number] + sign * distance
        held = Held(problem, number, fixed)
        spread = qmc.Sobol(count, rng=np.random.default_rng(0)).random(
            1 << int(np.ceil(np.log2(_SAMPLES * count)))
        )
        places = held.low + spread * (held.high - held.low)
        misfits = np.sum(problem.many(np.insert(places, number, fixed, axis=1)) ** 2, axis=1)
        for start in places[np.argsort(misfits)[:_STARTS]]:
            minimum = refined(held, start, loose=True)
            if minimum is not None:
                best = Minimum(np.insert(minimum.place, number, fixed), minimum.misfit)
                found = min(found, (self._risen(best), best.place), key=lambda each: each[0])
        return found

    def _risen(self, best: Minimum) -> float:
        """Root of the rise at a place of the profile; kept where it is better than the fit."""
        if best.misfit < self._best.misfit and (
            self.better is None or best.misfit < self.better.misfit
        ):
            self.better = best
        return float(np.sqrt(max(0.0, best.misfit - self._best.misfit)))


class Held:
    """The residuals with one parameter held where it is."""

    def __init__(
        self, whole: Problem, number: int, value: float, jacobian: Array | None = None
    ) -> None:
        """Hold a parameter.

        Args:
            whole: All residuals.
            number: Of the parameter.
            value: Its u.
            jacobian: Derivatives at the best fit, which do for the whole profile where cases take
                long: near the best fit the way to a minimum is then a little longer, no other.
        """
        self._jacobian = None if jacobian is None else np.delete(jacobian, number, axis=1)
        self.precision = whole.precision
        self.low, self.high = np.delete(whole.low, number), np.delete(whole.high, number)
        self._whole, self._number, self._value = whole, number, value

    def residuals(self, place: Array) -> Array:
        """Residuals at the other parameters, shape (n,)."""
        return self._whole.residuals(np.insert(place, self._number, self._value))

    def misfit(self, place: Array) -> float:
        """Sum of squares."""
        return self._whole.misfit(np.insert(place, self._number, self._value))

    def jacobian(self, place: Array) -> Array:
        """Derivatives by the other parameters, shape (n, p - 1)."""
        if self._jacobian is not None:
            return self._jacobian
        whole = self._whole.jacobian(np.insert(place, self._number, self._value))
        return np.delete(whole, self._number, axis=1)
