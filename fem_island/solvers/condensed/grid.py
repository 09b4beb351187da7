"""The mesh of the condensed solver: rectangles between graded lines, and polynomials on them.

Lines are dense where the boundary condition changes: from there, element sizes grow in proportion
to the distance. In such a grid the Laplacian is a sum of two products of one-dimensional matrices,
which is what makes it cheap to invert. Elements far from a change are long and thin, which does not
matter where the potential hardly varies along them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided
from numpy.polynomial import legendre

from fem_island.machine.arrays import Array
from fem_island.results.state import quadrature
from fem_island.solvers.resolution import Grading, Resolution
from fem_island.surface.bottom import Bottom
from fem_island.surface.measure import PLANAR, Measure

_Y_GROWTH = 1.0
"""Largest growth of the sizes with y. Lines in y are nearly free, since only their number of modes
counts, so that errors come from the bottom alone."""

_NEAR = 6.0
"""Distance from a change, in heights, from which on nothing is left of it."""


@dataclass(frozen=True)
class Reference:
    """The element on [0, 1] that DOLFINx uses, with its nodes in ascending order.

    Attributes:
        nodes: Positions, shape (p + 1,).
        coefficients: Of the basis functions in Legendre polynomials of 2 x - 1, one function per
            column, shape (p + 1, p + 1).
        stiffness: Integrals of products of derivatives, shape (p + 1, p + 1).
        mass: Integrals of products, shape (p + 1, p + 1).
    """

    nodes: Array
    coefficients: Array
    stiffness: Array
    mass: Array


@dataclass(frozen=True)
class GridLine:
    """A line cut into elements with polynomials of one degree.

    Attributes:
        breaks: Ends of the elements, ascending [m], shape (elements + 1,).
        degree: Polynomial degree p.
        measure: What a place along it counts for in integrals.
    """

    breaks: Array
    degree: int
    measure: Measure = PLANAR

    @property
    def extent(self) -> float:
        """The integral of the measure's weight along all of it; its length [m] in a plane."""
        return self.measure.size(float(self.breaks[0]), float(self.breaks[-1]))

    @cached_property
    def lengths(self) -> Array:
        """Lengths of the elements [m]."""
        return np.diff(self.breaks)

    @property
    def size(self) -> int:
        """Number of nodes."""
        return (len(self.breaks) - 1) * self.degree + 1

    @cached_property
    def nodes(self) -> Array:
        """Positions of all nodes, ascending [m]."""
        inner = self.breaks[:-1, None] + self.lengths[:, None] * reference(self.degree).nodes[:-1]
        return np.append(inner.ravel(), self.breaks[-1])

    @cached_property
    def ends(self) -> Array:
        """Left and right end of every element [m], shape (elements, 2)."""
        return np.stack([self.breaks[:-1], self.breaks[1:]], axis=1)

    @cached_property
    def element_nodes(self) -> npt.NDArray[np.intp]:
        """Numbers of the nodes of every element, shape (elements, p + 1)."""
        return self.degree * np.arange(len(self.lengths))[:, None] + np.arange(self.degree + 1)

    @cached_property
    def weights(self) -> Array:
        """Integrals of the basis functions, shape (nodes,); [m] in a plane."""
        weights = np.zeros(self.size)
        parts = self.references[1].sum(axis=2) * self.lengths[:, None]
        np.add.at(weights, self.element_nodes, parts)
        return weights

    @cached_property
    def references(self) -> Array:
        """Stiffness times length and mass over length of every element, as if on [0, 1].

        Returns:
            Shape (2, elements, p + 1, p + 1), or (2, 1, p + 1, p + 1) where all are alike.
        """
        if self.measure.is_uniform:
            part = reference(self.degree)
            return np.stack([part.stiffness, part.mass])[:, None]
        places, weights = quadrature(2 * self.degree + 1)
        positions = self.breaks[:-1, None] + self.lengths[:, None] * places
        weighted = weights * self.measure.weight(positions)
        size = self.degree + 1
        both = [
            weighted @ (each[:, :, None] * each[:, None, :]).reshape(len(places), -1)
            for each in (basis_slopes(self.degree, places), basis(self.degree, places))
        ]
        return np.stack(both).reshape(2, -1, size, size)

    def matrices(self) -> tuple[Array, Array]:
        """Stiffness and mass matrix, shapes (nodes, nodes); [1/m] and [m] in a plane."""
        both = np.zeros((2, self.size, self.size))
        lengths = self.lengths[:, None, None]
        blocks = np.stack([self.references[0] / lengths, self.references[1] * lengths])
        # The block of every element on the diagonal. Neighbours share a number, so every second
        # one is added at a time.
        rows, columns = self.degree * both.strides[1], self.degree * both.strides[2]
        diagonal = as_strided(
            both,
            shape=blocks.shape,
            strides=(both.strides[0], rows + columns, *both.strides[1:]),
        )
        diagonal[:, ::2] += blocks[:, ::2]
        diagonal[:, 1::2] += blocks[:, 1::2]
        return both[0], both[1]

    def basis_at(self, positions: Array) -> Array:
        """Values of all basis functions at positions [m], shape (positions, nodes)."""
        element = np.searchsorted(self.breaks, positions, side="right") - 1
        element = np.clip(element, 0, len(self.lengths) - 1)
        local = (positions - self.breaks[element]) / self.lengths[element]
        values = np.zeros((len(positions), self.size))
        rows = np.arange(len(positions))[:, None]
        values[rows, self.element_nodes[element]] = basis(self.degree, local)
        return values


@lru_cache(maxsize=16)
def reference(degree: int) -> Reference:
    """The reference element of a degree; its nodes are those of Gauss, Lobatto and Legendre."""
    # Those inside are the roots of a Jacobi polynomial (1, 1), eigenvalues of its recurrence.
    order = np.arange(1, degree - 1)
    beside = np.sqrt(order * (order + 2) / ((2 * order + 1) * (2 * order + 3)))
    inner = np.linalg.eigvalsh(np.diag(beside, -1)) if degree > 1 else np.empty(0)
    nodes = np.concatenate([[-1.0], inner, [1.0]])
    nodes = 0.25 * (nodes - nodes[::-1]) + 0.5
    coefficients = np.linalg.inv(legendre.legvander(2 * nodes - 1, degree))
    points, weights = quadrature(2 * degree)
    values = legendre.legvander(2 * points - 1, degree) @ coefficients
    slopes = 2 * legendre.legval(2 * points - 1, legendre.legder(coefficients)).T
    return Reference(
        nodes=nodes,
        coefficients=coefficients,
        stiffness=np.asarray((slopes * weights[:, None]).T @ slopes),
        mass=np.asarray((values * weights[:, None]).T @ values),
    )


def basis(degree: int, places: Array) -> Array:
    """Values of the basis functions at places from 0 to 1, shape (places, p + 1)."""
    values: Array = legendre.legvander(2 * places - 1, degree) @ reference(degree).coefficients
    return values


def basis_slopes(degree: int, places: Array) -> Array:
    """Derivatives of the basis functions at places from 0 to 1, shape (places, p + 1)."""
    slopes = legendre.legder(reference(degree).coefficients)
    return np.asarray(2 * legendre.legval(2 * places - 1, slopes).T)


def graded_bottom(bottom: Bottom, *, height: float, degree: int, grading: Grading) -> GridLine:
    """Lines along the bottom, graded towards every end of a stretch that is not on a wall.

    Args:
        bottom: Stretches from left to right.
        height: H [m].
        degree: Polynomial degree.
        grading: Element sizes.
    """
    breaks = [bottom[0].start]
    last = len(bottom) - 1
    for number, stretch in enumerate(bottom):
        inner = _between(
            stretch.length,
            from_left=number > 0,
            from_right=number < last,
            height=height,
            grading=grading,
        )
        breaks += [stretch.start + distance for distance in inner]
        breaks.append(stretch.end)
    if last > 0 and not bottom.measure.is_uniform:
        # The weight vanishes at an axis: it holds a value there less well than others of its
        # element, and the grid of a check, whose first element may be larger, no better.
        breaks.insert(1, 0.5 * (breaks[0] + breaks[1]))
    return GridLine(np.array(breaks), degree, bottom.measure)


def graded_height(height: float, *, degree: int, grading: Grading) -> GridLine:
    """Lines in y, graded towards the bottom."""
    growth = min(grading.growth, _Y_GROWTH)
    sizes = Grading(grading.edge_size, growth, grading.max_size)
    inner = _graded(height, height=height, grading=sizes)
    return GridLine(np.array([0.0, *inner, height]), degree)


def _between(
    length: float, *, from_left: bool, from_right: bool, height: float, grading: Grading
) -> Iterator[float]:
    """Distances from the left end of a stretch at which it is cut."""
    if from_left and from_right:
        half = _graded(length / 2, height=height, grading=grading)
        yield from half
        yield length / 2
        yield from (length - distance for distance in reversed(half))
    elif from_left:
        yield from _graded(length, height=height, grading=grading)
    elif from_right:
        yield from (
            length - distance
            for distance in reversed(_graded(length, height=height, grading=grading))
        )


def _graded(length: float, *, height: float, grading: Grading) -> list[float]:
    """Cuts of a length that is graded towards its beginning; neither end is among them."""
    cuts = [0.0]
    size = grading.edge_size
    near = _NEAR * height
    while cuts[-1] + size < length:
        cuts.append(cuts[-1] + size)
        size = max(grading.edge_size, grading.growth * cuts[-1])
        if cuts[-1] < near:
            size = min(size, grading.max_size)
        else:
            size = max(grading.max_size, grading.growth * (cuts[-1] - near))
    # No short last element.
    if len(cuts) > 1 and length - cuts[-1] < 0.5 * (cuts[-1] - cuts[-2]):
        cuts.pop()
    return cuts[1:]


def part_solved(bottom: Bottom) -> Bottom:
    """The stretches that are solved: the left half of a bottom that is its own mirror image."""
    return left_half(bottom) if is_mirrored(bottom) else bottom


def unknowns_of(bottom: Bottom, *, height: float, resolution: Resolution) -> int:
    """Number of nodes that the grid of a bottom will have."""
    part, degree, grading = part_solved(bottom), resolution.degree, resolution.grading
    along = graded_bottom(part, height=height, degree=degree, grading=grading).size
    return along * graded_height(height, degree=degree, grading=grading).size


def is_mirrored(bottom: Bottom) -> bool:
    """Is the right half of the bottom the mirror image of the left one?"""
    width = bottom[-1].end
    return bottom.measure.is_uniform and all(
        abs(left.start + right.end - width) <= 1e-12 * width
        and left.tag is right.tag
        and left.law == right.law
        and left.equilibrium_potential == right.equilibrium_potential
        and left.admittance == right.admittance
        for left, right in zip(bottom, reversed(bottom), strict=True)
    )


def left_half(bottom: Bottom) -> Bottom:
    """The stretches left of the middle, the one across it cut there."""
    middle = bottom[-1].end / 2
    half = list(bottom[: (len(bottom) + 1) // 2])
    half[-1] = replace(half[-1], end=middle)
    return bottom.with_parts(half)
