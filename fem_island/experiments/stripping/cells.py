"""What a march needs of the bottom that it marches on, whatever its shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fem_island.machine.arrays import Array

Reaction = Callable[[Array], tuple[Array, Array]]
"""Current densities of the cells [A/m^2] and their slopes [S/m^2] at the drives of the cells."""


class Cells(Protocol):
    """The cells of a bottom: short stretches of a line, or pixels."""

    @property
    def size(self) -> int:
        """Number of unknowns."""

    @property
    def width(self) -> float:
        """Extent of the part that is solved: its width [m], or its area [m^2]."""

    @property
    def copies(self) -> int:
        """How often the part that is solved lies in the cell."""

    @property
    def weights(self) -> Array:
        """What the cells have of the extent, shape (cells,)."""

    @property
    def bottom_mean(self) -> tuple[Array, float]:
        """Mean over the whole bottom: weights of the unknowns, and metres per current / kappa."""

    def cell_drives(self, drive: Array) -> Array:
        """Means over the cells [V] of a drive as the unknowns have it."""

    def cell_differences(self, drive: Array) -> Array:
        """Drive at the right end of every cell less that at the left one [V]; 0 of pixels."""
