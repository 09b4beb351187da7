"""What a place along the bottom counts for: the weight of its integrals, and what they extend over.

A bottom is described along one coordinate x [m]. In a planar cell, per metre of depth, a length
counts as itself; other geometries bring another weight m(x), and nothing else:

    integral of f over the bottom = int f(x) m(x) dx ,   extent = int m(x) dx

The applied current is the applied current density times the extent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from fem_island.case.geometry import Geometry
from fem_island.machine.arrays import Array


class Measure(Protocol):
    """The weight of integrals along the bottom."""

    @property
    def geometry(self) -> Geometry:
        """Whose cells are measured so."""

    @property
    def is_uniform(self) -> bool:
        """Whether the weight is the same everywhere, so that what is moved or mirrored is equal."""

    def weight(self, positions: Array) -> Array:
        """The weight m at positions [m], same shape; without unit in a planar cell."""

    def size(self, start: float, end: float) -> float:
        """The integral of the weight between two positions [m]; [m] in a planar cell."""

    def place(self, start: Array, end: Array, share: Array) -> Array:
        """The positions before which a share of the size between two positions lies [m]."""


@dataclass(frozen=True)
class Planar:
    """A cell that is the same at every depth: a length counts as itself.

    Example:
        >>> Planar().size(10e-6, 15e-6) == 15e-6 - 10e-6
        True
    """

    geometry: ClassVar[Geometry] = "planar"
    is_uniform: ClassVar[bool] = True

    def weight(self, positions: Array) -> Array:
        """One everywhere."""
        return np.ones_like(positions)

    def size(self, start: float, end: float) -> float:
        """The length [m]."""
        return end - start

    def place(self, start: Array, end: Array, share: Array) -> Array:
        """In proportion to the length."""
        return start + share * (end - start)


@dataclass(frozen=True)
class Axisymmetric:
    """A cylinder, with the distance from its axis as coordinate: a length counts as its ring.

    Example:
        >>> round(Axisymmetric().size(0.0, 2.0) / np.pi, 12)
        4.0
    """

    geometry: ClassVar[Geometry] = "axisymmetric"
    is_uniform: ClassVar[bool] = False

    def weight(self, positions: Array) -> Array:
        """2 pi r [m]."""
        return 2 * np.pi * positions

    def size(self, start: float, end: float) -> float:
        """The area of the ring [m^2]."""
        return float(np.pi * (end - start) * (end + start))

    def place(self, start: Array, end: Array, share: Array) -> Array:
        """In proportion to the square of the radius."""
        return np.asarray(np.sqrt(start**2 + share * (end - start) * (end + start)))


PLANAR = Planar()
"""The measure of planar cells."""

AXISYMMETRIC = Axisymmetric()
"""That of axisymmetric ones."""

_MEASURES: dict[str, Measure] = {each.geometry: each for each in (PLANAR, AXISYMMETRIC)}


def measure_of(geometry: Geometry) -> Measure:
    """The measure of the cells of a geometry."""
    return _MEASURES[geometry]
