"""S and q of many grids, and the field along their bottoms, for points on one of them each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.stacks.places import Integers
from fem_island.solvers.electrolyte import DenseFactor, ElementMass, along_points

_FEW_PER_RUN = 4
"""Points of a run, on average, below which copies of the matrices are faster than a loop."""


@dataclass(frozen=True)
class GridRows:
    """On which of u grids each of k points is; points of one grid most often follow one another.

    Attributes:
        rows: Shape (k,).
        count: u.
    """

    rows: Integers
    count: int

    def taken(self, points: Integers) -> GridRows:
        """Those of some of the points."""
        return GridRows(self.rows[points], self.count)

    def of(self, values: Array) -> Array:
        """What belongs to the grids, for every point: shape (u, ...) to (k, ...)."""
        return values if self._all else np.asarray(values[self.rows])

    @cached_property
    def _all(self) -> bool:
        """Whether the points are those of the grids, one after the other."""
        rows, count = self.rows, self.count
        return len(rows) == count and bool((rows == np.arange(count)).all())

    @cached_property
    def _runs(self) -> list[tuple[slice, int]] | None:
        """Points that follow one another on a grid, and the grid; None where they are too few."""
        ends = [0, *(np.flatnonzero(np.diff(self.rows)) + 1).tolist(), len(self.rows)]
        if len(self.rows) < _FEW_PER_RUN * (len(ends) - 1) or not len(self.rows):
            return None
        return [(slice(a, b), int(self.rows[a])) for a, b in pairwise(ends)]

    def products(self, matrices: Array, vectors: Array) -> Array:
        """Matrices of the grids, shape (u, m, n), times a vector of every point, (k, n)."""
        if self._all or self._runs is None:
            return np.asarray((self.of(matrices) @ vectors[:, :, None])[:, :, 0])
        found = np.empty((len(vectors), matrices.shape[1]))
        for points, row in self._runs:
            np.matmul(vectors[points], matrices[row].T, out=found[points])
        return found

    def scaled(self, matrices: Array, factors: Array) -> Array:
        """Matrices of the grids, shape (u, m, n), times a number of every point, (k,)."""
        along = factors[:, None, None]
        if self._all or self._runs is None:
            return np.asarray(along * self.of(matrices))
        found = np.empty((len(factors), *matrices.shape[1:]))
        for points, row in self._runs:
            np.multiply(along[points], matrices[row], out=found[points])
        return found


@dataclass(frozen=True)
class StackedOperator:
    """The condensed electrolytes of u grids for k operating points.

    Attributes:
        stiffness: S of every grid [1], shape (u, n, n).
        shares: q of every grid [1], shape (u, n).
        widths: W of every grid [m], shape (u,).
        rows: The grid of every point.
    """

    stiffness: Array
    shares: Array
    widths: Array
    rows: GridRows

    @property
    def top_share(self) -> Array:
        """Share of every unknown in the current from the top, shape (k, n)."""
        return self.rows.of(self.shares)

    @property
    def width(self) -> Array:
        """W of every point [m], shape (k,)."""
        return self.rows.of(self.widths)

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
        return replace(self, rows=self.rows.taken(points))

    def traction(
        self, potential: Array, current_densities: Array, conductivity: float | Array
    ) -> Array:
        """See ``Operator.traction``."""
        from_top = (self.width * current_densities)[:, None] * self.top_share
        flowing = self.rows.products(self.stiffness, potential)
        return np.asarray(along_points(conductivity) * flowing + from_top)

    def tangent(self, conductivity: float | Array, mass: ElementMass) -> DenseFactor:
        """See ``Operator.tangent``."""
        kappa = np.broadcast_to(conductivity, len(mass))
        matrices = self.rows.scaled(self.stiffness, kappa)
        mass.add_to(matrices)
        return DenseFactor(matrices)


@dataclass(frozen=True)
class StackedRecovery:
    """The field at m places of u grids: P and d of equation (2).

    Attributes:
        from_bottom: P of every grid [1], shape (u, m, n).
        from_top: d of every grid [m], shape (u, m).
        rows: The grid of every point.
    """

    from_bottom: Array
    from_top: Array
    rows: GridRows

    def taken(self, points: Integers) -> StackedRecovery:
        """The same for some of the points."""
        return replace(self, rows=self.rows.taken(points))

    def field(
        self, potential: Array, current_densities: Array, conductivity: float | Array
    ) -> Array:
        """See ``Recovered.field``."""
        ohmic = (current_densities / conductivity)[:, None] * self.rows.of(self.from_top)
        return np.asarray(self.rows.products(self.from_bottom, potential) + ohmic)
