"""What a fit comes to: numbers, JSON, labelled data, picture and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fem_island.case.case import Case
from fem_island.case.parsing import INPUT
from fem_island.fitting.data.measured import Measured
from fem_island.fitting.identifying import Direction
from fem_island.fitting.profiles import Ends
from fem_island.fitting.scaling import Coordinate
from fem_island.machine.arrays import Array
from fem_island.machine.json_values import plain
from fem_island.machine.paths import from_home

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fem_island.plots.fits import FittedCurve

_BADLY = 1e-3
"""Probability of a misfit as large, below which data and model do not agree."""


@dataclass(frozen=True)
class FittedParameter:
    """A fitted key.

    Attributes:
        path: The key's path in a case file.
        value: Best value [SI], or None where the data do not tell it.
        best: The value of the best fit [SI], which means nothing by itself where ``value`` is None.
        interval_68: Central 68 % interval [SI], or None where it has no two ends.
        interval_95: Central 95 % interval.
        limits_95: The same, each end by itself; None where there is none.
        reason: Why there is no value; empty otherwise.
    """

    path: str
    value: float | None
    best: float
    interval_68: tuple[float, float] | None
    interval_95: tuple[float, float] | None
    limits_95: tuple[float | None, float | None]
    reason: str

    def record(self) -> dict[str, Any]:
        """As a table for JSON."""
        return {
            "key": self.path,
            "value": self.value,
            "interval_68": self.interval_68,
            "interval_95": self.interval_95,
            "limits_95": self.limits_95,
            "reason": self.reason or None,
        }


@dataclass(frozen=True)
class Combination:
    """A product of powers, or a sum, of parameters that is known where they are not.

    Attributes:
        words: As people write it.
        value: Of the best fit, in SI units; of a sum, of logarithms and shares.
        deviation: Standard deviation, as a share where it is a product.
        product: Whether it is a product of powers.
    """

    words: str
    value: float
    deviation: float
    product: bool

    def record(self) -> dict[str, Any]:
        """As a table for JSON."""
        return {
            "combination": self.words,
            "value": self.value,
            "deviation": self.deviation,
            "product": self.product,
        }


@dataclass(frozen=True)
class Fit:
    """Keys of a case, fitted to data.

    Attributes:
        case: The case of the best fit, as the first data are of it.
        coordinates: What was fitted, as the search saw it.
        parameters: What was fitted, with intervals.
        directions: Of all parameters together, the best known first.
        place: u of the best fit, shape (p,).
        misfit: Sum of the squared residuals over their errors.
        free: Data less parameters.
        variance: Of the residuals, 1 where errors are known.
        errors_known: Whether the data say how well they are known.
        data: What it was fitted to.
        residuals: Over their errors, of all data one after another, shape (n,).
        divisors: Of all data, the errors or what stands for them.
        exact: Of each set of data, the share of values whose derivatives by the parameters are
            those of the discrete equations; the others are differences of solutions.
        cases: How many cases were computed.
        intervals: How the intervals were found.
    """

    case: Case
    coordinates: tuple[Coordinate, ...]
    parameters: tuple[FittedParameter, ...]
    directions: tuple[Direction, ...]
    place: Array
    misfit: float
    free: int
    variance: float
    errors_known: bool
    data: tuple[Measured, ...]
    residuals: Array
    divisors: tuple[Array, ...]
    exact: tuple[float, ...]
    cases: int
    intervals: str

    def __repr__(self) -> str:
        """What was fitted, SI, and how well."""
        values = ", ".join(
            f"{each.path} = {'unknown' if each.value is None else f'{each.value:.6g}'}"
            for each in self.parameters
        )
        about = f"misfit {self.misfit:.4g} for {len(self.residuals)} observations"
        return f"Fit({values} in SI units; {about})"

    @property
    def singular_values(self) -> list[float]:
        """Of the derivatives of the residuals over their errors, falling."""
        return [direction.singular_value for direction in self.directions]

    @property
    def unidentified(self) -> tuple[Direction, ...]:
        """Directions that the data do not see."""
        return tuple(direction for direction in self.directions if not direction.seen)

    @property
    def identified(self) -> bool:
        """Whether every parameter has a value."""
        return all(parameter.value is not None for parameter in self.parameters)

    @property
    def combinations(self) -> tuple[Combination, ...]:
        """What is known of parameters together, where some have no value of their own."""
        if self.identified:
            return ()
        return tuple(self._combination(one) for one in self.directions if one.seen)

    @property
    def probability(self) -> float | None:
        """Of a misfit at least as large, if model and errors are right; None without errors."""
        if not self.errors_known or self.free < 1:
            return None
        from scipy.stats import chi2

        return float(chi2.sf(self.misfit, self.free))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What to keep in mind of this fit, a line each."""
        said = [f"{one.name}: {note}" for one in self.data for note in one.notes]
        probability = self.probability
        if probability is not None and probability < _BADLY:
            over = np.sqrt(self.misfit / self.free)
            said.append(
                f"the residuals are {over:.3g} times as large as the errors allow: the model or "
                "the errors are wrong, and intervals mean little"
            )
        if not self.errors_known:
            said.append("no errors were given: they are estimated from the misfit")
        return tuple(said)

    def _combination(self, direction: Direction) -> Combination:
        largest = max(direction.weights.values(), key=abs)
        shares = [direction.weights[each.path] / largest for each in self.coordinates]
        product = all(
            each.logarithmic or abs(share) < 0.01
            for each, share in zip(self.coordinates, shares, strict=True)
        )
        total = sum(
            share * u
            for share, u in zip(shares, self.place.tolist(), strict=True)
            if abs(share) >= 0.01
        )
        return Combination(
            direction.in_words(self.coordinates),
            float(np.exp(total)) if product else float(total),
            direction.deviation / abs(largest),
            product,
        )

    def record(self, name: str) -> dict[str, Any]:
        """The fit as one JSON object, in SI units.

        Args:
            name: Of the case.
        """
        found: dict[str, Any] = plain(
            {
                "case": name,
                "status": "converged" if self.identified else "not identifiable",
                "parameters": [parameter.record() for parameter in self.parameters],
                "singular_values": self.singular_values,
                "unidentified": [
                    {
                        "direction": one.weights,
                        "words": one.in_words(self.coordinates),
                        "singular_value": one.singular_value,
                    }
                    for one in self.unidentified
                ],
                "combinations": [one.record() for one in self.combinations],
                "misfit": self.root_mean_square,
                "chi_squared": self.misfit if self.errors_known else None,
                "degrees_of_freedom": self.free,
                "probability": self.probability,
                "data": [
                    {
                        "name": one.name,
                        "kind": one.kind,
                        "count": len(one.values),
                        "derivatives": "exact" if exact == 1 else "differences",
                        "exact_derivatives": exact,
                    }
                    for one, exact in zip(self.data, self.exact, strict=True)
                ],
                "remarks": list(self.remarks),
                "cases_computed": self.cases,
                INPUT: self.case.tables(),
            }
        )
        return found

    @property
    def root_mean_square(self) -> float:
        """Of the residuals: over their errors where these are known, else in the data's unit."""
        return float(np.sqrt(np.mean(self.residuals**2)))

    def curves(self) -> list[FittedCurve]:
        """Data and best fit as a picture has them, for each set of data.

        Residuals are over the errors, over those that are estimated from the misfit where none
        were given.
        """
        found, start = [], 0
        estimated = np.sqrt(self.variance) if self.variance > 0 else 1.0
        for one, divisor in zip(self.data, self.divisors, strict=True):
            part = self.residuals[start : start + len(one.values)]
            found.append(one.curve(one.values + part * divisor, part / estimated))
            start += len(one.values)
        return found

    def dataset(self) -> xarray.Dataset:
        """Measured and fitted values and residuals along "observation", and the parameters."""
        from fem_island.fitting.files import dataset

        return dataset(self)

    def plot(
        self,
        path: Path | str | None = None,
        *,
        ax: Sequence[Axes] | None = None,
        size: tuple[float, float] | None = None,
    ) -> Figure:
        """Draw data and best fit, and the residuals over their errors.

        Args:
            path: Picture file to write (.png, .pdf, .svg), or None.
            ax: Two axes of a figure of one's own for each set of data, of five at most, the upper
                one first, or None.
            size: Width and height of the figure in inches.

        Returns:
            The matplotlib figure.

        Raises:
            InputError: A picture cannot be written there, or cannot look like that.
        """
        from fem_island.fitting.files import plot

        return plot(self, path, ax=ax, size=size)

    def write(self, folder: Path | str, name: str = "fit") -> list[Path]:
        """Write numbers (JSON), data and fit (CSV), a picture and the case of the best fit.

        Args:
            folder: Made where it does not exist.
            name: What the names of the files start with.

        Returns:
            The files written.

        Raises:
            OutputError: A file cannot be written.
        """
        from fem_island.fitting.files import write

        return write(self, from_home(folder), name)


def fitted_parameter(
    each: Coordinate, u: float, ends: Ends, others: Sequence[float]
) -> FittedParameter:
    """A parameter from where the profile ends.

    Args:
        each: The coordinate.
        u: Of the best fit.
        ends: Distances of the ends of the intervals from there.
        others: u of other minima that fit as well.
    """

    def values(pair: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
        low, high = (None if end is None else each.value(u + end) for end in pair)
        return low, high

    def closed(pair: tuple[float | None, float | None]) -> tuple[float, float] | None:
        low, high = values(pair)
        return None if low is None or high is None else (low, high)

    limits = values(ends.interval_95)
    narrow, wide = closed(ends.interval_68), closed(ends.interval_95)
    reason = ""
    if narrow is None or wide is None:
        # What may be anything with a probability of 5 % is not known, however good the fit.
        reason, narrow = _open_reason(limits, ends), None
    elif any(not wide[0] <= each.value(other) <= wide[1] for other in others):
        reason, narrow, wide = "the data fit as well at another value", None, None
    best = each.value(u)
    return FittedParameter(each.path, None if reason else best, best, narrow, wide, limits, reason)


def _open_reason(limits: tuple[float | None, float | None], ends: Ends) -> str:
    low, high = limits
    if low is None and high is None:
        return "the data do not tell it"
    return (
        "the data only tell a lower limit" if high is None else "the data only tell an upper limit"
    )
