"""What a fit asks of data: what was measured, how well, and what the model says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Case
from fem_island.fitting.scaling import Coordinate
from fem_island.machine.arrays import Array

if TYPE_CHECKING:
    from fem_island.plots.fits import FittedCurve


@dataclass(frozen=True)
class Derivatives:
    """Derivatives of what the model says.

    Attributes:
        slopes: By the coordinates u, shape (n, p).
        exact: Where they are those of the discrete equations, shape (n,); elsewhere they are
            differences of solutions.
    """

    slopes: Array
    exact: npt.NDArray[np.bool_]


class Measured(Protocol):
    """One set of measured data.

    Attributes:
        name: Of the file.
        kind: "points", "stripping" or "impedance".
        values: What was measured, shape (n,): potentials [V], or for a spectrum real and then
            imaginary parts [Ohm m^2].
        errors: Standard deviations, same shape and unit; None where they are not known.
        scale: What a misfit is divided by where errors are not known, same shape and unit.
        notes: What is worth knowing of the data, a line each.
        quick: Whether hundreds of cases can be computed at once.
    """

    @property
    def name(self) -> str:
        """Of the file."""

    @property
    def kind(self) -> str:
        """What they are: points, a stripping curve, or an impedance."""

    @property
    def values(self) -> Array:
        """What was measured, shape (n,)."""

    @property
    def errors(self) -> Array | None:
        """Standard deviations, or None."""

    @property
    def scale(self) -> Array:
        """What misfits are divided by without them."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing."""

    @property
    def quick(self) -> bool:
        """Whether hundreds of cases are quick."""

    def predicted(self, coordinates: Sequence[Coordinate], places: Array) -> Array:
        """What the model says.

        Args:
            coordinates: What is fitted, p of them.
            places: Values of the coordinates u, shape (m, p).

        Returns:
            Shape (m, n); NaN where a case is impossible or has no solution.
        """

    def derivatives(self, coordinates: Sequence[Coordinate], place: Array) -> Derivatives | None:
        """Derivatives of ``predicted`` by u; None where differences of it must do.

        Args:
            coordinates: What is fitted.
            place: u, shape (p,).
        """

    def weighed(self, coordinates: Sequence[Coordinate], place: Array) -> Measured:
        """The same with errors that follow what the model says; themselves where they do not.

        Args:
            coordinates: What is fitted.
            place: u of the best fit, shape (p,).
        """

    def case_at(self, coordinates: Sequence[Coordinate], place: Array) -> Case:
        """The case of these data at some values of what is fitted.

        Raises:
            InputError: It is impossible.
        """

    def curve(
        self, coordinates: Sequence[Coordinate], place: Array, fitted: Array, residuals: Array
    ) -> FittedCurve:
        """Data and best fit as a picture has them.

        Args:
            coordinates: What is fitted.
            place: u of the best fit, shape (p,).
            fitted: Values of the best fit, like ``values``.
            residuals: Over their errors, shape (n,).
        """
