"""Which directions of the parameters the data see.

The derivatives J of the residuals by the coordinates, divided by the errors, have singular values
s and directions v: along v the parameters are known to 1/s, as a share where logarithms are fitted.
What is not known to a factor of 1000 is not seen at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fem_island.fitting.scaling import RANGE, Coordinate
from fem_island.machine.arrays import Array
from fem_island.quantities import Dimension, in_unit

_TWO_SIDED = 1.96
"""Half of the central 95 % interval, over the standard deviation."""

SMALLEST_SEEN = _TWO_SIDED / RANGE
"""Singular value below which the 95 % interval along a direction is wider than a factor of 1000
either way."""

_LITTLE = 0.01
"""Share of a direction that is not worth naming."""


@dataclass(frozen=True)
class Direction:
    """A direction of the parameters.

    Attributes:
        weights: How much each parameter changes along it, by path; squares add up to 1. Of one
            fitted in its logarithm, the logarithm changes.
        singular_value: s.
    """

    weights: dict[str, float]
    singular_value: float

    @property
    def deviation(self) -> float:
        """Standard deviation along it."""
        return 1 / self.singular_value if self.singular_value > 0 else np.inf

    @property
    def seen(self) -> bool:
        """Whether the data say anything of it."""
        return self.singular_value >= SMALLEST_SEEN

    def in_words(self, coordinates: Sequence[Coordinate]) -> str:
        """The combination that it changes, as people write it.

        Example:
            >>> from fem_island.quantities import LENGTH
            >>> one = Coordinate("a", LENGTH, True, 1.0, 0.0, -1.0, 1.0)
            >>> two = Coordinate("b", LENGTH, True, 1.0, 0.0, -1.0, 1.0)
            >>> Direction({"a": 0.6, "b": -0.6}, 1.0).in_words([one, two])
            'a / b'
        """
        powers, sums, linear = [], [], []
        largest = max(self.weights.values(), key=abs)
        for each in coordinates:
            share = self.weights[each.path] / largest
            if abs(share) < _LITTLE:
                continue
            if each.logarithmic:
                powers.append((each.path, share))
            else:
                sums.append(f"{share:+.2g} {each.path} / {each.scale:.3g}")
                linear.append(each.path)
        if not sums:
            return _product(powers)
        if len(linear) == 1 and not powers:
            return linear[0]
        parts = [f"ln({_product(powers)})"] if powers else []
        return " ".join([*parts, *sums]).removeprefix("+")


def directions(jacobian: Array, coordinates: Sequence[Coordinate]) -> tuple[Direction, ...]:
    """All directions, the best known first.

    Args:
        jacobian: Derivatives of residuals over their errors by u, shape (n, p).
        coordinates: What is fitted.
    """
    _, singular, rows = np.linalg.svd(jacobian, full_matrices=True)
    whole = np.zeros(len(coordinates))
    whole[: len(singular)] = singular
    return tuple(
        Direction(
            {each.path: float(w) for each, w in zip(coordinates, _signed(row), strict=True)},
            float(value),
        )
        for value, row in zip(whole, rows, strict=True)
    )


def in_units(value: float, powers: Sequence[tuple[Dimension, float]]) -> str:
    """A product of powers in the units that people think in.

    Args:
        value: Of the product [SI].
        powers: What its factors are, and their exponents.

    Example:
        >>> from fem_island.quantities import CURRENT_DENSITY, LENGTH, PURE_NUMBER
        >>> in_units(2.5e-5, [(CURRENT_DENSITY, 1.0), (LENGTH, 1.0), (PURE_NUMBER, 0.5)])
        '2.5 mA/cm^2 um'
        >>> in_units(2e6, [(CURRENT_DENSITY, 1.0), (LENGTH, -1.0)])
        '0.2 mA/cm^2 um^-1'
    """
    units = []
    for dimension, share in powers:
        value *= in_unit(1.0, dimension) ** share
        unit = dimension.shown_in
        bare = unit if unit.isalpha() else f"({unit})"
        units.append(unit if not unit or abs(share - 1) < _LITTLE else f"{bare}^{share:.2g}")
    return " ".join([f"{value:.6g}", *filter(None, units)])


def _signed(row: Array) -> Array:
    """The direction with its largest part above 0."""
    return np.asarray(row * np.sign(row[np.argmax(np.abs(row))]))


def _product(powers: Sequence[tuple[str, float]]) -> str:
    above = [_power(path, share) for path, share in powers if share > 0]
    below = [_power(path, -share) for path, share in powers if share < 0]
    text = " * ".join(above) or "1"
    if not below:
        return text
    under = " * ".join(below)
    return f"{text} / ({under})" if len(below) > 1 else f"{text} / {under}"


def _power(path: str, share: float) -> str:
    return path if abs(share - 1) < _LITTLE else f"{path}^{share:.2g}"
