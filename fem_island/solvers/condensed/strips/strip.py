"""One strip of a grid, between two cuts from the bottom to the top, condensed.

What a strip leaves to be solved for are psi_0 where its bottom reacts, and at its cuts psi_0 and
the unknowns b_j of all rails of the ladder that ``height`` describes. A side without a cut is
insulated.

Inner nodes of the rails are eliminated element by element (``element``), which leaves a tridiagonal
matrix for every rail, of as many unknowns as there are ends of elements. These are eliminated next,
and then psi_0 where nothing reacts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.grid import GridLine
from fem_island.solvers.condensed.strips.element import ElementBlocks, element_blocks, inner_modes
from fem_island.solvers.condensed.strips.elimination import Elimination
from fem_island.solvers.condensed.strips.height import Height

Numbers = npt.NDArray[np.intp]

_CACHED = 2**20
"""Numbers that are worked on at once, 8 MB: rails are taken in parts."""


@dataclass(frozen=True)
class Strip:
    """A condensed strip.

    Its unknowns are psi_0 at the reacting nodes between the cuts, from left to right, and then
    psi_0 and all b_j at every cut.

    Attributes:
        axis: Lines along x, from the strip's left end.
        height: The ladder of its lines in y.
        follows: For every rail and end of an element whether b = -(psi - u), else b = u.
        reacting: Numbers of the nodes of ``axis`` that react between the cuts, ascending.
        passive: Numbers of those that do not.
        cuts: Numbers of those at cuts.
        stiffness: What is left of the Laplacian [1], shape (unknowns, unknowns).
        load: What is left of a uniform current density from below [m], shape (unknowns,).
        response: psi_0 at the passive nodes to the unknowns [1], shape (passive, unknowns).
        load_response: And to a uniform current density per conductivity [m], shape (passive,).
    """

    axis: GridLine
    height: Height
    follows: npt.NDArray[np.bool_]
    reacting: Numbers
    passive: Numbers
    cuts: Numbers
    stiffness: Array
    load: Array
    response: Array
    load_response: Array

    @property
    def inner(self) -> int:
        """Number of unknowns between the cuts."""
        return len(self.reacting)

    def rails(self, bottom: Array, at_cuts: Array) -> Array:
        """All u_j from the bottom and the cuts.

        Args:
            bottom: psi_0 at all nodes [V], shape (nodes,).
            at_cuts: b_j at the cuts [V], shape (cuts, j).

        Returns:
            u_j at all nodes [V], shape (j, nodes).
        """
        axis, height = self.axis, self.height
        blocks = _blocks(axis, height, self.follows)
        elimination = Elimination.of(blocks, _inside(axis, self.cuts))
        right = -(_driven(axis, blocks) @ bottom)[..., None]
        elimination.forward(right)
        right[:, self.cuts // axis.degree, 0] = at_cuts.T
        elimination.backward(right)
        ends = right[..., 0]
        ends += np.where(self.follows, bottom[:: axis.degree], 0.0)
        result = np.empty((height.count, axis.size))
        result[:, :: axis.degree] = ends
        modes = inner_modes(axis)
        ratio = height.stiffness[:, None] * axis.lengths**2
        beside = np.stack([ends[:, :-1], ends[:, 1:]], axis=-1)
        pulled = ratio[..., None] * _of_elements(bottom[axis.element_nodes], modes.mass.mT)
        held = _of_elements(beside, modes.mass[..., [0, -1]].mT)
        pulled -= ratio[..., None] * held + _of_elements(beside, modes.stiffness.mT)
        inner = _of_elements(pulled / (modes.eigenvalues + ratio[..., None]), modes.vectors.mT)
        result[:, axis.element_nodes[:, 1:-1]] = inner
        return result


def condense(
    axis: GridLine,
    height: Height,
    reacting: npt.NDArray[np.bool_],
    *,
    cut_sizes: tuple[float | None, float | None],
) -> Strip:
    """Eliminate all nodes of a strip but those at its cuts and the reacting ones.

    Args:
        axis: Its lines along x.
        height: The ladder of its lines in y.
        reacting: For every node of its bottom whether it is part of a reacting element.
        cut_sizes: Length of the elements at the cut at its left and its right end [m], the same for
            the strip beyond it; None where an end is no cut, but insulated.
    """
    last = axis.size - 1
    cuts = np.array(
        [node for node, size in zip((0, last), cut_sizes, strict=True) if size is not None], np.intp
    )
    sizes = np.sqrt(
        np.append(axis.lengths[:1], axis.lengths) * np.append(axis.lengths, axis.lengths[-1:])
    )
    sizes[0], sizes[-1] = cut_sizes[0] or sizes[0], cut_sizes[1] or sizes[-1]
    follows = height.stiffness[:, None] * sizes**2 > 1
    matrix = _without_rails(axis, height, follows, cuts)
    inside = np.ones(axis.size, dtype=bool)
    inside[cuts] = False
    numbers = np.arange(axis.size)
    kept, passive = numbers[inside & reacting], numbers[inside & ~reacting]
    ends = [
        np.append(node, axis.size + place * height.count + np.arange(height.count))
        for place, node in enumerate(cuts)
    ]
    order = np.concatenate([kept, *ends])
    weights = np.zeros(len(matrix))
    weights[: axis.size] = axis.weights
    stiffness, load = matrix[np.ix_(order, order)], weights[order]
    response, load_response = np.zeros((0, len(order))), np.zeros(0)
    if len(passive):
        across = matrix[np.ix_(passive, order)]
        factor = cho_factor(matrix[np.ix_(passive, passive)], check_finite=False)
        response = -cho_solve(factor, across, check_finite=False)
        load_response = -cho_solve(factor, weights[passive], check_finite=False)
        stiffness = stiffness + across.T @ response
        load = load + response.T @ weights[passive]
    return Strip(
        axis=axis,
        height=height,
        follows=follows,
        reacting=kept,
        passive=passive,
        cuts=cuts,
        stiffness=0.5 * (stiffness + stiffness.T),
        load=load,
        response=response,
        load_response=load_response,
    )


def _of_elements(values: Array, matrices: Array) -> Array:
    """A row of values of every element times the matrix of that element.

    Args:
        values: Shape (..., elements, k).
        matrices: Shape (elements, k, n), or (1, k, n) where all are alike.
    """
    if len(matrices) == 1:
        return np.asarray(values @ matrices[0])
    return np.asarray((values[..., None, :] @ matrices)[..., 0, :])


def _blocks(
    axis: GridLine, height: Height, follows: npt.NDArray[np.bool_], rails: slice = slice(None)
) -> ElementBlocks:
    return element_blocks(
        axis,
        height.stiffness[rails],
        height.coupling[rails],
        follows[rails].astype(float),
    )


def _driven(axis: GridLine, blocks: ElementBlocks) -> Array:
    """What psi_0 does to the ends of elements, shape (rails, ends, nodes)."""
    rails, elements = blocks.beside.shape
    driven = np.zeros((rails, elements + 1, axis.size))
    numbers, nodes = np.arange(elements)[:, None], axis.element_nodes
    driven[:, numbers, nodes] += blocks.across[..., 0]
    driven[:, numbers + 1, nodes] += blocks.across[..., 1]
    return driven


def _inside(axis: GridLine, cuts: Numbers) -> slice:
    """The ends of elements between the cuts."""
    lines = len(axis.breaks)
    return slice(int(0 in cuts), lines - int(axis.size - 1 in cuts))


def _without_rails(
    axis: GridLine, height: Height, follows: npt.NDArray[np.bool_], cuts: Numbers
) -> Array:
    """What remains for psi_0 at all nodes and then b_j at the cuts."""
    size, count = axis.size, height.count
    result = np.zeros((size + len(cuts) * count,) * 2)
    own = height.rail * axis.references[0] / axis.lengths[:, None, None]
    at_once = max(1, _CACHED // (size * len(axis.breaks)))
    for first in range(0, count, at_once):
        rails = slice(first, min(first + at_once, count))
        blocks = _blocks(axis, height, follows, rails)
        own += blocks.bottom
        elimination, driven = Elimination.of(blocks, _inside(axis, cuts)), _driven(axis, blocks)
        elimination.forward(driven)
        _couple(result, elimination, driven, cuts, rails=np.arange(count)[rails])
        driven[:, cuts // axis.degree] = 0.0
        elimination.backward(driven)
        _subtract(result, axis, blocks, driven)
    for part in (slice(0, None, 2), slice(1, None, 2)):
        nodes = axis.element_nodes[part]
        result[nodes[:, :, None], nodes[:, None, :]] += own[part]
    return result


def _couple(
    matrix: Array, elimination: Elimination, driven: Array, cuts: Numbers, *, rails: Numbers
) -> None:
    """Set what ties some of the rails at the cuts to psi_0 and to one another."""
    size = driven.shape[2]
    count = (len(matrix) - size) // max(len(cuts), 1)
    for place, node in enumerate(cuts):
        side = int(node > 0)
        columns = size + place * count + rails
        matrix[:size, columns] = driven[:, -side].T
        matrix[columns, :size] = driven[:, -side]
        matrix[columns, columns] = elimination.sums[:, side]
        if len(cuts) == 2:
            others = size + (1 - place) * count + rails
            matrix[columns, columns] -= elimination.beside
            matrix[columns, others] = elimination.beside


def _subtract(matrix: Array, axis: GridLine, blocks: ElementBlocks, solved: Array) -> None:
    """Take what psi_0 does to itself through the rails off its matrix.

    Args:
        matrix: To change.
        axis: Lines along x.
        blocks: Of its elements.
        solved: What psi_0 makes of the rails at the ends of elements, shape (rails, ends, nodes).
    """
    rails, elements = blocks.beside.shape
    across = blocks.across.transpose(1, 2, 3, 0).reshape(elements, -1, 2 * rails)
    ends = solved.transpose(1, 0, 2)
    both = np.concatenate([ends[:-1], ends[1:]], axis=1)
    own = across @ both
    for part in (slice(0, None, 2), slice(1, None, 2)):
        matrix[axis.element_nodes[part], : axis.size] -= own[part]
