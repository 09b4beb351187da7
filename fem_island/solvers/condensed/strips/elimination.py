"""The ends of elements between the cuts of a strip, eliminated from all rails of the ladder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed.strips.element import ElementBlocks


@dataclass(frozen=True)
class Elimination:
    """The tridiagonal matrices of all rails after the elimination of the ends between the cuts.

    A smooth rail conducts far more from end to end than it takes up from psi_0, and its matrix is
    the sum of both. Kept as what ties two ends and as row sums, and eliminated so, from left to
    right, neither is lost beside the other: no difference is formed.

    Attributes:
        inside: The ends that were eliminated.
        pivots: Of each, shape (rails, inside).
        to_right: What ties it to the next one, over the pivot, shape (rails, inside).
        to_left: What ties it to the cut at the left, over the pivot, shape (rails, inside).
        sums: Sums of the rows of both ends of the strip, shape (rails, 2).
        beside: What ties the two, shape (rails,).
    """

    inside: slice
    pivots: Array
    to_right: Array
    to_left: Array
    sums: Array
    beside: Array

    @classmethod
    def of(cls, blocks: ElementBlocks, inside: slice) -> Elimination:
        """Eliminate."""
        rails, elements = blocks.beside.shape
        sums = np.zeros((rails, elements + 1))
        sums[:, :-1] += blocks.sums[..., 0]
        sums[:, 1:] += blocks.sums[..., 1]
        # Beyond an insulated end there is nothing.
        beside = np.concatenate([blocks.beside, np.zeros((rails, 1))], axis=1)
        count = inside.stop - inside.start
        pivots, to_right, to_left = np.empty((3, rails, count))
        left = beside[:, 0] if inside.start else np.zeros(rails)
        for place, end in enumerate(range(inside.start, inside.stop)):
            pivots[:, place] = sums[:, end] - left - beside[:, end]
            to_right[:, place] = beside[:, end] / pivots[:, place]
            to_left[:, place] = left / pivots[:, place]
            if inside.start:
                sums[:, 0] -= to_left[:, place] * sums[:, end]
            if end < elements:
                sums[:, end + 1] -= to_right[:, place] * sums[:, end]
            left = -to_right[:, place] * left
        return cls(inside, pivots, to_right, to_left, sums[:, [0, -1]], left)

    def forward(self, right: Array) -> None:
        """Eliminate the same from right sides of shape (rails, ends, m), in place."""
        inside = self.inside
        for place, end in enumerate(range(inside.start, inside.stop)):
            if inside.start:
                right[:, 0] -= self.to_left[:, place, None] * right[:, end]
            if end + 1 < right.shape[1]:
                right[:, end + 1] -= self.to_right[:, place, None] * right[:, end]

    def backward(self, right: Array) -> None:
        """Ends between the cuts from the cuts, in place; ``right`` is from ``forward``."""
        inside = self.inside
        for place, end in reversed(list(enumerate(range(inside.start, inside.stop)))):
            right[:, end] /= self.pivots[:, place, None]
            if end + 1 < right.shape[1]:
                right[:, end] -= self.to_right[:, place, None] * right[:, end + 1]
            if inside.start:
                right[:, end] -= self.to_left[:, place, None] * right[:, 0]
