"""A grid of strips: its operator, and the field between its lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.grid import GridLine
from fem_island.solvers.condensed.strips.height import Height, height_of
from fem_island.solvers.condensed.strips.operator import StripOperator
from fem_island.solvers.condensed.strips.row import Numbers, PlacedStrip, row_of


@dataclass(frozen=True)
class StripElectrolyte:
    """A condensed grid, with the fields of a ``separable.SeparableElectrolyte``.

    Attributes:
        operator: S and q.
        reacting: Numbers of the reacting nodes of the bottom, ascending, shape (n,).
        x: Lines along the bottom.
        y: Lines along the height.
    """

    operator: StripOperator
    reacting: Numbers
    x: GridLine
    y: GridLine
    _height: Height

    def bottom(self) -> StripBottom:
        """Recovery of the field on all nodes of the bottom."""
        return StripBottom(self)

    def top_mean(self) -> StripTop:
        """Recovery of the mean at the top."""
        return StripTop(self, self.x.weights / self.operator.width)

    def at(self, points: Array) -> StripPoints:
        """Recovery of the field at points (x, y) [m], shape (m, 2)."""
        return StripPoints(self, points)

    def on_grid(self, potential: Array, ohmic: float) -> Array:
        """The field of one operating point on all nodes of the grid [V], shape (y, x).

        Args:
            potential: psi_r [V], shape (n,).
            ohmic: I / kappa [V/m].
        """
        load = np.array([ohmic])
        cuts = self.operator.cuts_of(potential[None], load)
        along = self.on_bottom(potential[None], load, cuts)[0]
        field = np.empty((self.y.size, self.x.size))
        for placed in self.operator.row.strips:
            field[:, placed.nodes] = self.on_strip(placed, along, cuts[:, :, 0])
        return field - ohmic * self.y.nodes[:, None]

    def on_bottom(self, potential: Array, load: Array, cuts: Array) -> Array:
        """psi_0 at all nodes of the bottom [V], shape (k, nodes).

        Args:
            potential: psi_r [V], shape (k, n).
            load: I / kappa [V/m], shape (k,).
            cuts: Unknowns of the cuts [V], shape (cuts, 1 + j, k).
        """
        result = np.empty((len(potential), self.x.size))
        result[:, self.reacting] = potential
        for placed in self.operator.row.strips:
            strip = placed.strip
            unknowns = placed.unknowns(potential, cuts)
            passive = strip.response @ unknowns + np.outer(strip.load_response, load)
            result[:, placed.first_node + strip.passive] = passive.T
            for node, cut in zip(strip.cuts.tolist(), placed.cuts, strict=True):
                result[:, placed.first_node + node] = cuts[cut, 0]
        return result

    def on_strip(self, placed: PlacedStrip, along: Array, cuts: Array) -> Array:
        """Psi + (I / kappa) y of one operating point at the nodes of a strip [V], shape (y, x).

        Args:
            placed: The strip.
            along: psi_0 at all nodes of the bottom [V], shape (nodes,).
            cuts: Unknowns of the cuts [V], shape (cuts, 1 + j).
        """
        bottom = along[placed.nodes]
        at_cuts = np.array([cuts[cut, 1:] for cut in placed.cuts]).reshape(-1, self._height.count)
        above = self._height.column(bottom, placed.strip.rails(bottom, at_cuts))
        return np.concatenate([bottom[None], above])


@dataclass(frozen=True)
class StripBottom:
    """The field on all nodes of the bottom."""

    electrolyte: StripElectrolyte

    def taken(self, points: npt.NDArray[np.intp]) -> StripBottom:
        """See ``solvers.electrolyte.Recovered``: all points have the same."""
        return self

    def field(self, potential: Array, current_densities: Array, conductivity: Any) -> Array:
        """See ``solvers.electrolyte.Recovered``."""
        load = current_densities / conductivity
        cuts = self.electrolyte.operator.cuts_of(potential, load)
        return self.electrolyte.on_bottom(potential, load, cuts)


@dataclass(frozen=True)
class StripTop:
    """The mean at the top: that at the bottom less the drop of a uniform current.

    Attributes:
        electrolyte: The grid.
        weights: Of the mean over the nodes of the bottom, shape (nodes,).
    """

    electrolyte: StripElectrolyte
    weights: Array

    def taken(self, points: npt.NDArray[np.intp]) -> StripTop:
        """See ``solvers.electrolyte.Recovered``: all points have the same."""
        return self

    def field(self, potential: Array, current_densities: Array, conductivity: Any) -> Array:
        """See ``solvers.electrolyte.Recovered``."""
        bottom = self.electrolyte.bottom().field(potential, current_densities, conductivity)
        drop = self.electrolyte.y.breaks[-1] * current_densities / conductivity
        return np.asarray((bottom @ self.weights - drop)[:, None])


@dataclass(frozen=True)
class StripPoints:
    """The field at points.

    Attributes:
        electrolyte: The grid.
        points: Their x and y [m], shape (m, 2).
    """

    electrolyte: StripElectrolyte
    points: Array

    def taken(self, points: npt.NDArray[np.intp]) -> StripPoints:
        """See ``solvers.electrolyte.Recovered``: all points have the same."""
        return self

    def field(self, potential: Array, current_densities: Array, conductivity: Any) -> Array:
        """See ``solvers.electrolyte.Recovered``."""
        electrolyte, points = self.electrolyte, self.points
        result = np.empty((len(potential), len(points)))
        if not len(points):
            return result
        load = current_densities / conductivity
        cuts = electrolyte.operator.cuts_of(potential, load)
        along = electrolyte.on_bottom(potential, load, cuts)
        strips, x = electrolyte.operator.row.strips, electrolyte.x
        starts = x.nodes[[placed.first_node for placed in strips]]
        owners = np.searchsorted(starts[1:], points[:, 0])
        up = electrolyte.y.basis_at(points[:, 1])
        for owner in np.unique(owners).tolist():
            chosen = np.flatnonzero(owners == owner)
            axis = strips[owner].strip.axis
            across = axis.basis_at(points[chosen, 0] - starts[owner] + axis.breaks[0])
            for point, bottom in enumerate(along):
                values = electrolyte.on_strip(strips[owner], bottom, cuts[:, :, point])
                result[point, chosen] = np.einsum("my,yx,mx->m", up[chosen], values, across)
        return result - np.outer(load, points[:, 1])


def condense(
    x: GridLine, y: GridLine, reacting: npt.NDArray[np.bool_], lines: Numbers
) -> StripElectrolyte:
    """Eliminate all nodes of a grid but the reacting ones and those at cuts.

    Args:
        x: Lines along the bottom.
        y: Lines along the height.
        reacting: For every node of the bottom whether it is part of a reacting element.
        lines: Numbers of the lines in x, ascending, at which to cut; neither end is among them.
    """
    height = height_of(y)
    # On matrices of a hundred rows, threads of the linear algebra wait for one another.
    with threadpool_limits(1):
        row = row_of(x, height, reacting, lines)
        operator = StripOperator.of(row, width=x.extent)
    return StripElectrolyte(operator, np.flatnonzero(reacting), x, y, height)
