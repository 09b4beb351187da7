"""The linear equations of a step of Newton's method, by projected conjugate gradients.

    diag(1/s) y + G y / kappa - d 1 = b ,     sum of y = m

for the change y of the current density of the pixels that react, and the change d of the drive. It
is symmetric and positive definite among the y whose sum is 0. With admittances for the slopes s and
the complex conductivity of an alternating current for kappa these are the equations of its
amplitudes, complex and symmetric, not Hermitian: conjugate gradients are then those without complex
conjugation (COCG, van der Vorst and Melissen 1990). A constraint preconditioner keeps the iterates
among them: with any approximation M of the inverse, a residual r becomes

    z = M (r - u 1) ,     u = (1, M r) / (1, M 1) ,     so that the sum of z is 0

and -u is the change d of the drive. Its error is that of y squared, and does not depend on how well
the sum of a rounded iterate stays what it is; the sum of the result is set once more at the end.

Two approximations M are used:

    diagonal   1 / (1/s + least): where kinetics are slow, 1/s outweighs what pixels feel of others
    modal      (G / kappa + c)^-1 mode by mode over all pixels, of which those that do not react
               are 0 before and ignored after: where kinetics are fast

The numbers of iterations do not grow with the number of pixels (8 to 50). Iterates are rounded to
single precision: Newton's residuals are not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.solvers.cosine.pixels import PixelGrid, filtered

Single = npt.NDArray[Any]
"""Numbers of single precision, real or complex."""

_MOST_ITERATIONS = 150
"""Three times as many as are ever needed, as said above."""

_MODAL_BEYOND = 3.0
"""How much larger than 1/s the largest symbol is where the modal approximation pays."""


@dataclass(frozen=True)
class Tangent:
    """The electrolyte's part of the equations.

    Attributes:
        shape: Rows and columns of pixels.
        symbol: Of G / kappa [Ohm m^2], in single precision; complex where kappa is.
    """

    shape: tuple[int, int]
    symbol: Single

    @classmethod
    def of(cls, grid: PixelGrid, conductivity: complex) -> Tangent:
        """For a grid and kappa [S/m]."""
        kind = np.complex64 if np.iscomplexobj(conductivity) else np.float32
        return cls(grid.shape, (grid.means / conductivity).astype(kind))

    @property
    def least(self) -> Any:
        """Smallest of the symbol: what a pixel feels of itself alone [Ohm m^2]."""
        return self.symbol[-1, -1].item()

    def solve(
        self,
        pixels: npt.NDArray[np.intp],
        slope: npt.NDArray[Any],
        right: Array,
        total: float,
        *,
        precision: float,
    ) -> tuple[npt.NDArray[Any], Any, int]:
        """Solve to a relative precision.

        Args:
            pixels: Numbers of the n pixels that take part.
            slope: s [S/m^2], shape (n,), above 0; or admittances, none of them 0.
            right: b [V].
            total: m [A/m^2].
            precision: Of the energy of the error.

        Returns:
            y [A/m^2], d [V], and the number of iterations.
        """
        single = self.symbol.dtype.type
        diagonal = (1 / slope).astype(single)
        # The mean of 1/s with the weights |s|^2.
        typical = (np.conj(slope.sum()) / np.vdot(slope, slope).real).item()
        approximate = self._approximation(pixels, diagonal, typical)
        start = total / slope.sum() * slope
        found = np.zeros_like(start)
        ones = approximate(np.ones(len(pixels), dtype=single))
        sum_of_ones = ones.sum(dtype=start.dtype).item()
        rounded = start.astype(single)
        residual = right.astype(single) - diagonal * rounded - self._electrolyte(pixels, rounded)

        def projected() -> tuple[Single, Any, Any]:
            mean = _dot(ones, residual) / sum_of_ones
            step = approximate(residual) - single(mean) * ones
            return step, mean, _dot(residual - single(mean), step)

        step, mean, energy = projected()
        direction, first, count = step, energy, 0
        while abs(energy) > precision**2 * abs(first) and count < _MOST_ITERATIONS:
            image = diagonal * direction + self._electrolyte(pixels, direction)
            curvature = _dot(direction, image)
            if not _is_regular(curvature, energy):
                break
            length = energy / curvature
            found += length * direction
            residual -= single(length) * image
            count += 1
            step, mean, after = projected()
            direction = step + single(after / energy) * direction
            energy = after
        found += start
        found += (total - found.sum()) / slope.sum() * slope
        return found, -mean, count

    def _electrolyte(self, pixels: npt.NDArray[np.intp], density: Single) -> Single:
        """G y / kappa."""
        return self._filtered(pixels, density, self.symbol)

    def _filtered(self, pixels: npt.NDArray[np.intp], values: Single, factors: Single) -> Single:
        everywhere = np.zeros(self.shape[0] * self.shape[1], dtype=self.symbol.dtype)
        everywhere[pixels] = values
        return filtered(everywhere.reshape(self.shape), factors).ravel()[pixels]

    def _approximation(
        self, pixels: npt.NDArray[np.intp], diagonal: Single, typical: Any
    ) -> Callable[[Single], Single]:
        """M: diagonal or modal, whichever suits.

        Args:
            pixels: That take part.
            diagonal: 1/s [Ohm m^2].
            typical: Of those that react fastest [Ohm m^2].
        """
        single = self.symbol.dtype.type
        least, largest = single(self.least), self.symbol.flat[np.abs(self.symbol).argmax()].item()
        if abs(largest) <= _MODAL_BEYOND * abs(typical):
            inverse: Single = np.reciprocal(diagonal + least)

            def alone(residual: Single) -> Single:
                return np.asarray(inverse * residual)

            return alone
        factors = self.symbol + single(typical)
        # The mean is nothing that the electrolyte resists.
        factors[0, 0] = largest + typical
        np.reciprocal(factors, out=factors)
        share: Single = (single(typical) + least) / (diagonal + least)
        share /= np.maximum(np.abs(share), 1)
        rest: Single = (1 - share) / (diagonal + least)

        def approximate(residual: Single) -> Single:
            found = rest * residual + share * self._filtered(pixels, share * residual, factors)
            return np.asarray(found)

        return approximate


def _dot(first: Single, second: Single) -> Any:
    """Sum of products, without complex conjugation."""
    return np.dot(first, second).item()


def _is_regular(curvature: Any, energy: Any) -> bool:
    """Whether a direction can be gone along: rounding can take a real energy below 0."""
    if isinstance(curvature, complex):
        return bool(np.isfinite(energy / curvature)) if curvature else False
    return bool(curvature > 0 and energy > 0)
