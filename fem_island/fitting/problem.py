"""All residuals of a fit and their derivatives.

    r = (predicted - measured) / error

Where errors are not known, ``error`` is a scale that says how rows weigh against one another, and
what the residuals scatter by is estimated from the misfit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from fem_island.fitting.data.measured import Measured
from fem_island.fitting.scaling import Coordinate
from fem_island.machine.arrays import Array

_STEP = {"points": 1e-3, "stripping": 1e-4, "impedance": 1e-3}
"""Of differences, in u: truncation and what solutions are known to matter equally little there. A
curve bends strongly in its last thousandths, which move with the charge."""

_LEAST_VARIANCE = 1e-12
"""Of residuals where errors are not known: solutions are not known better than 1 uV, or 1e-6."""


class Problem:
    """Residuals of all data over the coordinates.

    What was computed is kept, so that nothing is computed twice.
    """

    def __init__(self, coordinates: Sequence[Coordinate], data: Sequence[Measured]) -> None:
        """Join data.

        Args:
            coordinates: What is fitted.
            data: What it is fitted to.
        """
        self.coordinates = tuple(coordinates)
        self.data = tuple(data)
        self.low = np.array([each.low for each in self.coordinates])
        self.high = np.array([each.high for each in self.coordinates])
        self.start = np.array([each.start for each in self.coordinates])
        self.errors_known = all(one.errors is not None for one in self.data)
        self.divisors = [
            np.asarray(one.scale if one.errors is None else one.errors) for one in self.data
        ]
        self.size = sum(len(one.values) for one in self.data)
        self.precision = 1e-8 if self.quick else 3e-7
        self.cases = 0
        self.exact = [0.0] * len(self.data)
        self._residuals: dict[bytes, Array] = {}
        self._jacobians: dict[bytes, Array] = {}

    @property
    def quick(self) -> bool:
        """Whether hundreds of cases can be computed at once."""
        return all(one.quick for one in self.data)

    def place_of(self, values: Mapping[str, float]) -> Array:
        """The u of values of what is fitted, by path [SI], shape (p,)."""
        return np.array([each.place(values[each.path]) for each in self.coordinates])

    def residuals(self, place: Array) -> Array:
        """Residuals at one place, shape (n,); NaN where a case is impossible."""
        key = place.tobytes()
        if key not in self._residuals:
            self._residuals[key] = self.many(place[None])[0]
        return self._residuals[key]

    def many(self, places: Array) -> Array:
        """Residuals at many places u of shape (m, p), shape (m, n)."""
        self.cases += len(places)
        parts = [
            (one.predicted(self.coordinates, places) - one.values) / divisor
            for one, divisor in zip(self.data, self.divisors, strict=True)
        ]
        return np.concatenate(parts, axis=1)

    def misfit(self, place: Array) -> float:
        """Sum of squares; infinite where a case is impossible."""
        found = float(np.sum(self.residuals(place) ** 2))
        return found if np.isfinite(found) else np.inf

    def variance(self, misfit: float) -> float:
        """Of the residuals: 1 where errors are known, else what a misfit makes of it."""
        if self.errors_known:
            return 1.0
        return max(misfit / max(self.size - len(self.start), 1), _LEAST_VARIANCE)

    def jacobian(self, place: Array) -> Array:
        """Derivatives of the residuals by u, shape (n, p)."""
        key = place.tobytes()
        if key not in self._jacobians:
            parts = [
                self._derivatives(number, place) / divisor[:, None]
                for number, divisor in enumerate(self.divisors)
            ]
            self._jacobians[key] = np.concatenate(parts)
        return self._jacobians[key]

    def _derivatives(self, number_of_data: int, place: Array) -> Array:
        one = self.data[number_of_data]
        found = one.derivatives(self.coordinates, place)
        self.exact[number_of_data] = 0.0 if found is None else float(np.mean(found.exact))
        if found is not None:
            return found.slopes
        step = _STEP[one.kind]
        if not one.quick:
            return self._one_sided(number_of_data, place, step)
        # Central, or one-sided where a bound is near.
        above = np.minimum(place + step, self.high)
        below = np.maximum(place - step, self.low)
        shifted = np.repeat(place[None], 2 * len(place), axis=0)
        for number in range(len(place)):
            shifted[2 * number, number] = above[number]
            shifted[2 * number + 1, number] = below[number]
        self.cases += len(shifted)
        values = one.predicted(self.coordinates, shifted)
        slopes = (values[::2] - values[1::2]) / (above - below)[:, None]
        return np.asarray(np.nan_to_num(slopes.T))

    def _one_sided(self, number: int, place: Array, step: float) -> Array:
        """Differences with one case for each parameter, beside the one that is known."""
        one = self.data[number]
        steps = np.where(place + step <= self.high, step, -step)
        self.cases += len(place)
        values = one.predicted(self.coordinates, place + np.diag(steps))
        start = sum(len(other.values) for other in self.data[:number])
        divisor = self.divisors[number]
        known = self.residuals(place)[start : start + len(one.values)] * divisor + one.values
        return np.asarray(np.nan_to_num(((values - known) / steps[:, None]).T))
