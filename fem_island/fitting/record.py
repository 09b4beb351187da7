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
from fem_island.fitting.identifying import Direction, in_units
from fem_island.fitting.parameters import Combination, FittedParameter
from fem_island.fitting.scaling import Coordinate
from fem_island.machine.arrays import Array
from fem_island.machine.json_values import plain
from fem_island.machine.paths import from_home
from fem_island.quantities import in_unit

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fem_island.plots.fits import FittedCurve

_BADLY = 1e-3
"""Probability of a misfit as large, below which data and model do not agree."""


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
        said += self._at_bounds()
        if not self.errors_known:
            said.append("no errors were given: they are estimated from the misfit")
        return tuple(said)

    def _at_bounds(self) -> list[str]:
        """Which parameters would go on where they or others may not, a line each."""
        said = []
        rest = ""
        if len(self.parameters) > 1:
            rest = "; what is said of the others holds within its bounds alone"
        for each, u, one in zip(self.coordinates, self.place, self.parameters, strict=True):
            side = each.side(float(u))
            # Where neither end is known the best fit means nothing, wherever it is.
            told = self.intervals == "none" or one.limits_95 != (None, None)
            if side and told and one.value is None:
                end = in_unit(
                    each.value(each.low if side == "lower" else each.high), each.dimension
                )
                bound = f"{end:.4g} {each.dimension.shown_in}".rstrip()
                said.append(
                    f"{one.path}: the best fit is at or near its {side} bound, {bound}{rest}"
                )
            if one.ended_by:
                others = " and ".join(one.ended_by)
                said.append(f"{one.path}: what is said of it ends where {others} is at a bound")
        return said

    def _combination(self, direction: Direction) -> Combination:
        largest = max(direction.weights.values(), key=abs)
        shares = [direction.weights[each.path] / largest for each in self.coordinates]
        product = all(
            each.logarithmic or abs(share) < 0.01
            for each, share in zip(self.coordinates, shares, strict=True)
        )
        parts = [
            (share, each, u)
            for share, each, u in zip(shares, self.coordinates, self.place.tolist(), strict=True)
            if abs(share) >= 0.01
        ]
        scale = parts[0][1].scale if len(parts) == 1 else 1.0
        total = scale * sum(share * u for share, _, u in parts)
        value = float(np.exp(total)) if product else float(total)
        return Combination(
            direction.in_words(self.coordinates),
            value,
            scale * direction.deviation / abs(largest),
            product,
            in_units(value, [(each.dimension, share) for share, each, _ in parts])
            if product
            else f"{value:.6g} (in SI units)",
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
            fitted, residuals = one.values + part * divisor, part / estimated
            found.append(one.curve(self.coordinates, self.place, fitted, residuals))
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
        """Write numbers and the case of the best fit (JSON), data and fit (CSV), and a picture.

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
