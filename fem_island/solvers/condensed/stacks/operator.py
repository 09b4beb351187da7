"""S and q of many grids, and the field along their bottoms, for points on one of them each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.solvers.electrolyte import DenseFactor, ElementMass, along_points

Integers = npt.NDArray[np.intp]


@dataclass(frozen=True)
class StackedOperator:
    """The condensed electrolytes of u grids for k operating points.

    Attributes:
        stiffness: S of every grid [1], shape (u, n, n).
        shares: q of every grid [1], shape (u, n).
        widths: W of every grid [m], shape (u,).
        rows: The grid of every point, shape (k,).
    """

    stiffness: Array
    shares: Array
    widths: Array
    rows: Integers

    @property
    def top_share(self) -> Array:
        """Share of every unknown in the current from the top, shape (k, n)."""
        return np.asarray(self.shares[self.rows])

    @property
    def width(self) -> Array:
        """W of every point [m], shape (k,)."""
        return np.asarray(self.widths[self.rows])

    @property
    def size(self) -> int:
        """Number of reacting unknowns n."""
        return int(self.shares.shape[1])

    @property
    def numbers(self) -> int:
        """How many numbers the tangent of one operating point has."""
        return self.size**2

    def taken(self, points: Integers) -> StackedOperator:
        """The same for some of the points."""
        return replace(self, rows=self.rows[points])

    def traction(
        self, potential: Array, current_densities: Array, conductivity: float | Array
    ) -> Array:
        """See ``Operator.traction``."""
        from_top = (self.width * current_densities)[:, None] * self.top_share
        flowing = (potential[:, None, :] @ self.stiffness[self.rows])[:, 0]
        return np.asarray(along_points(conductivity) * flowing + from_top)

    def tangent(self, conductivity: float | Array, mass: ElementMass) -> DenseFactor:
        """See ``Operator.tangent``."""
        matrices = along_points(conductivity)[..., None] * self.stiffness[self.rows]
        mass.add_to(matrices)
        return DenseFactor(matrices)


@dataclass(frozen=True)
class StackedRecovery:
    """The field at m places of u grids: P and d of equation (2).

    Attributes:
        from_bottom: P of every grid [1], shape (u, m, n).
        from_top: d of every grid [m], shape (u, m).
        rows: The grid of every point, shape (k,).
    """

    from_bottom: Array
    from_top: Array
    rows: Integers

    def taken(self, points: Integers) -> StackedRecovery:
        """The same for some of the points."""
        return replace(self, rows=self.rows[points])

    def field(
        self, potential: Array, current_densities: Array, conductivity: float | Array
    ) -> Array:
        """See ``Recovered.field``."""
        ohmic = (current_densities / conductivity)[:, None] * self.from_top[self.rows]
        found = (self.from_bottom[self.rows] @ potential[:, :, None])[:, :, 0]
        return np.asarray(found + ohmic)
