"""The electrolyte over the pixels of an image: what it answers to a current in each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy

from fem_island.machine.arrays import Array
from fem_island.solvers.cosine import symbol

INSIDE = 1.4
"""Resistance to currents that vary inside a pixel over that of the fastest variation between
pixels, the smallest of the symbol: with it what pixels leave out is that of the primary
distribution of strips, squares and discs."""


@dataclass(frozen=True)
class PixelGrid:
    """A box of electrolyte over n x m pixels of equal size.

    Attributes:
        shape: Rows and columns.
        pixel: Edge of a pixel [m].
        height: H [m].
    """

    shape: tuple[int, int]
    pixel: float
    height: float

    @cached_property
    def means(self) -> Array:
        """Mean potential over each pixel per current, for kappa = 1, mode by mode [m]."""
        return symbol.of_means(self.shape, pixel=self.pixel, height=self.height)

    @property
    def size(self) -> int:
        """Number of pixels."""
        return self.shape[0] * self.shape[1]

    def potential(self, density: Array) -> Array:
        """Potential for kappa = 1, mean over each pixel, from the mean over the bottom on.

        Args:
            density: Current density upwards [A/m^2], shape (rows, columns); it is written over.

        Returns:
            phi kappa [A/m], same shape.
        """
        return filtered(density, self.means)

    def corners(self, density: Array) -> Array:
        """Potential for kappa = 1 at the corners of pixels, shape (rows + 1, columns + 1)."""
        modes = scipy.fft.dctn(density, type=2, norm="forward")
        modes *= symbol.of_corners(self.shape, pixel=self.pixel, height=self.height)
        rows, columns = self.shape
        padded = np.zeros((rows + 1, columns + 1))
        # ``forward`` of type 2 gives half of each mode but the first, as type 1 wants them.
        padded[:rows, :columns] = modes
        return np.asarray(scipy.fft.dctn(padded, type=1, overwrite_x=True))


def filtered[Numbers: npt.NDArray[np.inexact[Any]]](values: Numbers, factors: Numbers) -> Numbers:
    """Values of pixels with every mode multiplied by a factor; they are written over."""
    modes = scipy.fft.dctn(values, type=2, norm="ortho", overwrite_x=True)
    modes *= factors
    found: Numbers = scipy.fft.idctn(modes, type=2, norm="ortho", overwrite_x=True)
    return found
