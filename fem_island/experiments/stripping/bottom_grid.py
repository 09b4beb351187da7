"""The condensed grid of a stripping run, with the short cells on which charge is kept.

Every element of the bottom is cut into equal cells. The drive of a cell is its mean, and what a
cell releases is spread evenly over it, so that with the means V of the basis functions

    drive = V d          b = V^T (w j)          - db/dd = V^T diag(w j') V ,

symmetric as the electrolyte is: each step of time has the one solution of a convex energy.

    d  drive phi_Li - phi at the nodes [V]        j  current density of a cell [A/m^2]
    w  weight of a cell [m]
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed import grid, separable
from fem_island.solvers.condensed.separable import SeparableElectrolyte
from fem_island.solvers.resolution import Grading
from fem_island.surface.measure import Measure

_Y_GROWTH = 1.0
_AVERAGING_POINTS = 8


@dataclass(frozen=True)
class BottomGrid:
    """The part of a bottom that can ever react, on its condensed grid.

    Attributes:
        electrolyte: The condensed grid, of the left half where ``mirrored``.
        mirrored: Whether the right half is the mirror image of the left one.
        first: Number of the first unknown of every reacting element, shape (elements,).
        ends: Ends of the reacting elements [m], shape (elements, 2).
        averages: Means of the basis functions over the cells of an element, shape (m, p + 1) if
            they are the same for all elements, or (elements, m, p + 1).
        differences: Their differences over the cells, shape (m, p + 1).
    """

    electrolyte: SeparableElectrolyte
    mirrored: bool
    first: npt.NDArray[np.intp]
    ends: Array
    averages: Array
    differences: Array

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return self.electrolyte.operator.size

    @property
    def width(self) -> float:
        """Extent of the part that is solved: its width [m], or its area [m^2]."""
        return self.electrolyte.operator.width

    @property
    def copies(self) -> int:
        """How often the part that is solved lies in the cell."""
        return 2 if self.mirrored else 1

    @cached_property
    def weights(self) -> Array:
        """What the cells have of the extent, shape (cells,)."""
        lengths = self.ends[:, 1] - self.ends[:, 0]
        measured = self.electrolyte.x.measure.weight(self.edges.mean(axis=1))
        return measured * np.repeat(lengths / self.cells, self.cells)

    @property
    def cells(self) -> int:
        """Number of cells of an element m."""
        return len(self.differences)

    @cached_property
    def edges(self) -> Array:
        """Left and right end of every cell [m], shape (cells, 2)."""
        count = self.cells
        lengths = (self.ends[:, 1] - self.ends[:, 0])[:, None]
        left = self.ends[:, :1] + lengths * np.arange(count) / count
        right = self.ends[:, :1] + lengths * np.arange(1, count + 1) / count
        return np.stack([left.ravel(), right.ravel()], axis=1)

    @cached_property
    def touching(self) -> npt.NDArray[np.bool_]:
        """Whether a cell touches the one before it, shape (cells + 1,); False at both ends."""
        near = np.abs(self.edges[1:, 0] - self.edges[:-1, 1]) < 1e-9 * self.edges[-1, 1]
        return np.concatenate([[False], near, [False]])

    @cached_property
    def nodes(self) -> npt.NDArray[np.intp]:
        """Numbers of the unknowns of every element, shape (elements, p + 1)."""
        return self.first[:, None] + np.arange(self.averages.shape[-1])

    def cell_drives(self, drive: Array) -> Array:
        """Means over the cells [V] of a drive at the nodes."""
        return _of_elements(drive[self.nodes], self.averages.mT).ravel()

    def cell_differences(self, drive: Array) -> Array:
        """Drive at the right end of every cell less that at the left one [V]."""
        return np.asarray((drive[self.nodes] @ self.differences.T).ravel())

    def load(self, density: Array) -> Array:
        """Current of every unknown [A/m] from the current densities of the cells."""
        weighted = (self.weights * density).reshape(len(self.first), -1)
        parts = _of_elements(weighted, self.averages)
        return np.bincount(self.nodes.ravel(), parts.ravel(), self.size)

    def tangent(self, slope: Array) -> Array:
        """Derivative of ``load`` [S/m], shape (n, n), from the slopes of the cells [S/m^2]."""
        weighted = (self.weights * slope).reshape(len(self.first), -1)
        blocks = _of_elements(weighted, self._products)
        size = self.size
        flat = np.bincount(self._block_places, blocks.ravel(), size * size)
        return flat.reshape(size, size)

    @cached_property
    def _products(self) -> Array:
        """Products of the averages of two basis functions, shape (..., m, (p + 1)^2)."""
        averages = self.averages
        products = averages[..., :, None] * averages[..., None, :]
        return products.reshape(*averages.shape[:-1], -1)

    @cached_property
    def _block_places(self) -> npt.NDArray[np.intp]:
        nodes = self.nodes
        return np.asarray((nodes[:, :, None] * self.size + nodes[:, None, :]).ravel())

    @cached_property
    def bottom_mean(self) -> tuple[Array, float]:
        """Mean over the whole bottom: weights of the unknowns, and metres per current / kappa."""
        recovery = self.electrolyte.bottom()
        weights = self.electrolyte.x.weights
        shares = weights / weights.sum()
        return shares @ recovery.from_bottom, float(shares @ recovery.from_top)

    @cached_property
    def top_mean(self) -> tuple[Array, float]:
        """Mean at the top, in the same way."""
        recovery = self.electrolyte.top_mean()
        return recovery.from_bottom[0], float(recovery.from_top[0])


def bottom_grid(
    breaks: Array,
    reacts: npt.NDArray[np.bool_],
    *,
    height: float,
    degree: int,
    cells: int,
    measure: Measure,
    mirrored: bool,
) -> BottomGrid:
    """Condense a grid.

    Args:
        breaks: Ends of all elements along the bottom [m].
        reacts: For every element whether anything can ever react there.
        height: H [m].
        degree: Polynomial degree.
        cells: Cells per element.
        measure: What a place of the bottom counts for.
        mirrored: Whether this is the left half of the cell.
    """
    x = grid.GridLine(breaks, degree, measure)
    smallest = float(x.lengths[reacts].min())
    # In octaves, so that runs of one cell share the modes in y.
    smallest = 2.0 ** np.floor(np.log2(min(smallest, height)))
    y = grid.graded_height(height, degree=degree, grading=Grading(smallest, _Y_GROWTH, height / 2))
    reacting = np.zeros(x.size, dtype=bool)
    reacting[x.element_nodes[reacts]] = True
    electrolyte = separable.condense(x, y, reacting)
    numbers = np.cumsum(reacting) - 1
    elements = np.flatnonzero(reacts)
    averages, differences = _over_cells(degree, cells)
    if not measure.is_uniform:
        averages = _weighted_means(x.ends[elements], degree, cells, measure)
    return BottomGrid(
        electrolyte=electrolyte,
        mirrored=mirrored,
        first=numbers[x.element_nodes[elements, 0]],
        ends=x.ends[elements],
        averages=averages,
        differences=differences,
    )


def _of_elements(values: Array, matrices: Array) -> Array:
    """A row of values of every element times one matrix for all, or times its own.

    Args:
        values: Shape (elements, k).
        matrices: Shape (k, n) or (elements, k, n).
    """
    if matrices.ndim == 2:
        return values @ matrices
    return np.asarray((values[:, None, :] @ matrices)[:, 0])


def _weighted_means(ends: Array, degree: int, cells: int, measure: Measure) -> Array:
    """Means of the basis functions over equal cells of elements, shape (elements, m, p + 1).

    Args:
        ends: Of the elements [m], shape (elements, 2).
        degree: Polynomial degree.
        cells: Cells per element.
        measure: What a place counts for.
    """
    points, weights = np.polynomial.legendre.leggauss(_AVERAGING_POINTS)
    places = (np.arange(cells)[:, None] + 0.5 * (points + 1)) / cells
    values = grid.basis(degree, places.ravel()).reshape(cells, len(points), degree + 1)
    positions = ends[:, :1, None] + (ends[:, 1:] - ends[:, :1])[..., None] * places
    weighted = weights * measure.weight(positions)
    weighted /= weighted.sum(axis=2, keepdims=True)
    means: Array = np.einsum("ecp,cpk->eck", weighted, values)
    return means


def _over_cells(degree: int, cells: int) -> tuple[Array, Array]:
    """Means and differences of the basis functions over equal cells of an element."""
    points, weights = np.polynomial.legendre.leggauss(_AVERAGING_POINTS)
    starts = np.arange(cells) / cells
    places = starts[:, None] + 0.5 * (points + 1) / cells
    values = grid.basis(degree, places.ravel()).reshape(cells, len(points), degree + 1)
    ends = grid.basis(degree, np.arange(cells + 1) / cells)
    return np.einsum("cpk,p->ck", values, weights / 2), np.diff(ends, axis=0)
