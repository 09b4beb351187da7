"""What a place along the bottom counts for: the weight of its integrals, and what they extend over.

A bottom is described along one coordinate x [m]. In a planar cell, per metre of depth, a length
counts as itself; other geometries bring another weight m(x), and nothing else:

    integral of f over the bottom = int f(x) m(x) dx ,   extent = int m(x) dx

The applied current is the applied current density times the extent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fem_island.machine.arrays import Array


class Measure(Protocol):
    """The weight of integrals along the bottom."""

    def weight(self, positions: Array) -> Array:
        """The weight m at positions [m], same shape; without unit in a planar cell."""

    def size(self, start: float, end: float) -> float:
        """The integral of the weight between two positions [m]; [m] in a planar cell."""


@dataclass(frozen=True)
class Planar:
    """A cell that is the same at every depth: a length counts as itself.

    Example:
        >>> Planar().size(10e-6, 15e-6) == 15e-6 - 10e-6
        True
    """

    def weight(self, positions: Array) -> Array:
        """One everywhere."""
        return np.ones_like(positions)

    def size(self, start: float, end: float) -> float:
        """The length [m]."""
        return end - start


PLANAR = Planar()
"""The measure of planar cells."""
