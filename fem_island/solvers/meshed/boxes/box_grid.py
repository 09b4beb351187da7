"""Lines between the hexahedra of a box: equal along x and y, and closer to the bottom along z.

Currents that vary over a distance d along the bottom die out within d above it. Over whole pixels
the lowest layer is as thick as a pixel is wide, and every further one twice as thick as that below:
more layers change the error, which is that of the edges of pixels, by a tenth. A finer grid cuts
every cell in equal parts, along z by the same map of equal parts, so that grids are nested and
their errors fall in a fixed ratio.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.solvers.meshed.traces import nodes_of

_LOWEST, _GROWTH = 1.0, 2.0
"""Thickness of the lowest layer over the edge of a pixel, and of each layer over the one below."""


@dataclass(frozen=True)
class BoxGrid:
    """Hexahedra over a rectangle of cells, with Lagrange elements on them.

    Attributes:
        shape: Layers, and rows and columns of cells.
        cell: Edge of a cell along x and y [m].
        height: H [m].
        stretching: Logarithm of how much thicker the top is than the bottom.
        degree: Of the elements.
    """

    shape: tuple[int, int, int]
    cell: float
    height: float
    stretching: float
    degree: int

    @classmethod
    def over(
        cls, pixels: tuple[int, int], *, pixel: float, height: float, parts: int, degree: int
    ) -> BoxGrid:
        """A grid over an image.

        Args:
            pixels: Rows and columns of the image.
            pixel: Edge of its pixels [m].
            height: H [m].
            parts: Cells along the edge of a pixel.
            degree: Of the elements.

        Example:
            >>> grid = BoxGrid.over((8, 8), pixel=1e-6, height=8e-6, parts=2, degree=1)
            >>> grid.shape, (1e6 * grid.heights[[1, 2, -1]]).round(3).tolist()
            ((8, 16, 16), [0.316, 0.732, 8.0])
        """
        layers = math.log1p((_GROWTH - 1) * height / (_LOWEST * pixel)) / math.log(_GROWTH)
        count = max(2, math.ceil(layers))
        return cls(
            (count * parts, pixels[0] * parts, pixels[1] * parts),
            pixel / parts,
            height,
            math.log(_GROWTH) * max(layers, 0.0),
            degree,
        )

    @cached_property
    def heights(self) -> Array:
        """Levels between layers, from 0 to H [m]."""
        share = np.linspace(0.0, 1.0, self.shape[0] + 1)
        return self.height * self.stretched(share)

    def stretched(self, share: Array) -> Array:
        """Where along the height, of 0 to 1, parts of equal number end."""
        if self.stretching < 1e-6:
            return share
        return np.asarray(np.expm1(self.stretching * share) / np.expm1(self.stretching))

    @cached_property
    def lines(self) -> tuple[Array, Array, Array]:
        """Levels, and lines along y and x [m]."""
        y, x = (np.linspace(0.0, count * self.cell, count + 1) for count in self.shape[1:])
        return self.heights, y, x

    @cached_property
    def nodes(self) -> tuple[Array, Array, Array]:
        """Places of unknowns along z, y and x [m]."""
        inside = nodes_of(self.degree)
        z, y, x = (_with_nodes(line, inside) for line in self.lines)
        return z, y, x

    @property
    def area(self) -> float:
        """Of the bottom [m^2]."""
        return self.shape[1] * self.shape[2] * self.cell**2

    @property
    def unknowns(self) -> int:
        """How many there are."""
        return math.prod(self.degree * count + 1 for count in self.shape)


def _with_nodes(line: Array, inside: Array) -> Array:
    """Places of all unknowns along a direction, ascending."""
    within = line[:-1, None] + np.diff(line)[:, None] * inside[:-1]
    return np.append(within.ravel(), line[-1])
