"""The reactions of a bottom in the condensed equations: b(psi) and its derivative, for many points.

    b_k(psi) = int law(eta0 - psi) v_k ds ,   db_k / dpsi_m = - int law'(eta0 - psi) v_k v_m ds

with the quadrature rule of ``meshed.reactions``. Unknowns are numbered from left to right, so
those of an element of the bottom are neighbours, and matrices are filled block by block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.results.state import quadrature
from fem_island.solvers.condensed.grid import basis
from fem_island.solvers.electrolyte import ElementMass
from fem_island.surface.bottom import Bottom
from fem_island.surface.points import OperatingPoints
from fem_island.surface.pointwise_law import laws_taken

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_LARGEST_DENSE = 2**20
"""Numbers of a matrix from unknowns to values at places, from which on it is sparse."""


@dataclass(frozen=True)
class ReactingElements:
    """Elements of the bottom that react, from left to right, and where their quadrature points are.

    Attributes:
        first: Number of the first unknown of every element, shape (elements,).
        positions: Quadrature points [m], shape (elements, points).
        lengths: What quadrature points count for of the length [m], shape (elements, points).
        weights: Quadrature weights, in the unit of the extent, of the same shape.
        values: Basis functions at the quadrature points of an element, shape (points, p + 1).
        sampling: From the n unknowns to all quadrature points, shape (elements * points, n); sparse
            where it is large.
        stretches: Number of every reacting stretch and its elements.
    """

    first: npt.NDArray[np.intp]
    positions: Array
    lengths: Array
    weights: Array
    values: Array
    sampling: Array | csr_array
    stretches: tuple[tuple[int, slice], ...]


def element_matrix(nodes: npt.NDArray[np.intp], values: Array, size: int) -> Array | csr_array:
    """Matrix from unknowns to the values at the same places of several elements.

    Args:
        nodes: Numbers of the unknowns of every element, shape (elements, p + 1).
        values: Basis functions at the places, shape (places, p + 1), or of every element,
            shape (elements, places, p + 1).
        size: Number of unknowns.

    Returns:
        Shape (elements * places, size); sparse where that is large.
    """
    values = np.broadcast_to(values, (len(nodes), *values.shape[-2:]))
    elements, places, count = values.shape
    shape = (elements * places, size)
    if elements * places * size <= _LARGEST_DENSE:
        dense = np.zeros((elements, places, size))
        for element, start in enumerate(nodes[:, 0].tolist()):
            dense[element, :, start : start + count] = values[element]
        return dense.reshape(shape)
    from scipy.sparse import csr_array

    columns = np.broadcast_to(nodes[:, None, :], values.shape)
    rows = np.arange(0, values.size + 1, count)
    return csr_array((values.ravel(), columns.ravel(), rows), shape=shape)


def reacting_elements(
    bottom: Bottom, ends: Array, *, degree: int, quadrature_degree: int
) -> ReactingElements:
    """Place the quadrature points on all elements that lie on a reacting stretch.

    Args:
        bottom: Stretches from left to right.
        ends: Left and right end of every element of the bottom [m], shape (elements, 2).
        degree: Polynomial degree.
        quadrature_degree: Of the reaction terms.
    """
    points, weights = quadrature(quadrature_degree)
    values = basis(degree, points)
    middles = ends.mean(axis=1)
    chosen: list[npt.NDArray[np.intp]] = []
    placed: list[tuple[int, slice]] = []
    count = 0
    for number, stretch in enumerate(bottom):
        if stretch.law is not None:
            inside = np.arange(*np.searchsorted(middles, (stretch.start, stretch.end)))
            placed.append((number, slice(count, count + len(inside))))
            chosen.append(inside)
            count += len(inside)
    elements = np.concatenate(chosen)
    # Between reacting stretches with something passive between them no node is shared.
    steps = np.where(np.diff(elements) == 1, degree, degree + 1)
    first = np.concatenate([[0], np.cumsum(steps)]).astype(np.intp)
    sampling = element_matrix(
        first[:, None] + np.arange(degree + 1), values, int(first[-1]) + degree + 1
    )
    sizes = (ends[elements, 1] - ends[elements, 0])[:, None]
    positions, lengths = ends[elements, :1] + sizes * points, sizes * weights
    return ReactingElements(
        first=first,
        positions=positions,
        lengths=lengths,
        weights=bottom.measure.weight(positions) * lengths,
        values=values,
        sampling=sampling,
        stretches=tuple(placed),
    )


@dataclass(frozen=True)
class Reactions:
    """What reacts at k operating points.

    Attributes:
        elements: Where.
        bottom: The stretches with their laws.
        overpotentials: eta0 of every stretch [V], shape (k, stretches).
        weights: Quadrature weights of every point, shape (k, elements, points); None where they are
            those of the elements.
    """

    elements: ReactingElements
    bottom: Bottom
    overpotentials: Array
    weights: Array | None = None

    @classmethod
    def at(cls, elements: ReactingElements, points: OperatingPoints) -> Reactions:
        """The reactions of operating points."""
        overpotentials = points.uniform.overpotentials
        if points.stretching is None:
            return cls(elements, points.bottom, overpotentials)
        weights = np.empty((len(points), *elements.weights.shape))
        for number, inside in elements.stretches:
            places, lengths = elements.positions[inside], elements.lengths[inside]
            weights[:, inside] = points.weights(number, places, lengths)
        return cls(elements, points.bottom, overpotentials, weights)

    def of(self, points: npt.NDArray[np.intp]) -> Reactions:
        """The same for some of the points."""
        return Reactions(
            self.elements,
            laws_taken(self.bottom, points),
            self.overpotentials[points],
            None if self.weights is None else self.weights[points],
        )

    def evaluate(self, deviation: Array) -> tuple[Array, Array, Array]:
        """Currents of the unknowns and what their derivative is made from.

        Args:
            deviation: psi_r [V], shape (k, n).

        Returns:
            b [A/m], shape (k, n); the sum of the magnitudes of all currents [A/m], shape (k,);
            law' times weight [S/m], shape (k, elements, points).
        """
        elements = self.elements
        sampled = (deviation @ elements.sampling.T).reshape(len(deviation), *elements.weights.shape)
        currents, slopes = np.empty_like(sampled), np.empty_like(sampled)
        for number, inside in elements.stretches:
            law = self.bottom[number].law
            if law is None:
                raise ValueError(f"stretch {number} does not react")
            overpotential = self.overpotentials[:, number, None, None] - sampled[:, inside]
            currents[:, inside] = law.current_density(overpotential)
            slopes[:, inside] = law.slope(overpotential)
        weights = elements.weights if self.weights is None else self.weights
        currents *= weights
        slopes *= weights
        flat = currents.reshape(len(deviation), -1)
        return flat @ elements.sampling, np.abs(flat).sum(axis=1), slopes

    def derivative(self, slopes: npt.NDArray[Any]) -> ElementMass:
        """- db / dpsi; slopes as from ``evaluate``."""
        values = self.elements.values
        count = values.shape[1]
        products = (values[:, :, None] * values[:, None, :]).reshape(len(values), -1)
        # As one product of two matrices: many small ones take several times as long.
        flat = slopes.reshape(-1, len(values)) @ products
        blocks = flat.reshape(*slopes.shape[:2], count, count)
        return ElementMass(self.elements.first, blocks)
