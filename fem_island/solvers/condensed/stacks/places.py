"""How the nodes along the bottom of many grids are numbered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Places:
    """How the nodes along the bottom are numbered; the same in all grids.

    Attributes:
        size: How many nodes there are.
        reacting: Numbers of the n that react, ascending.
        meeting: Numbers of the p where stretches meet.
        inside: The nodes inside each stretch.
    """

    size: int
    reacting: Integers
    meeting: Integers
    inside: tuple[slice, ...]

    @classmethod
    def of(cls, elements: Sequence[int], degree: int, reacts: Sequence[bool]) -> Places:
        """Number the nodes.

        Args:
            elements: How many each stretch has.
            degree: Polynomial degree.
            reacts: Whether each stretch reacts.
        """
        corners = np.cumsum([0, *elements]) * degree
        meeting, last = corners[1:-1], len(elements) - 1
        inside = tuple(
            slice(start + (n > 0), end + (n == last))
            for n, (start, end) in enumerate(pairwise(corners.tolist()))
        )
        reacting = np.zeros(int(corners[-1]) + 1, dtype=bool)
        for n, own in enumerate(inside):
            if reacts[n]:
                reacting[own] = True
                reacting[meeting[max(0, n - 1) : n + 1]] = True
        return cls(len(reacting), np.flatnonzero(reacting), meeting, inside)

    def ends(self, number: int) -> slice:
        """The meeting places of a stretch."""
        return slice(max(0, number - 1), min(number + 1, len(self.meeting)))

    @cached_property
    def column(self) -> Integers:
        """The place of every node among those that react, -1 where it does not, shape (size,)."""
        column = np.full(self.size, -1)
        column[self.reacting] = np.arange(len(self.reacting))
        return column

    def unknowns(self, number: int) -> slice | None:
        """The nodes inside a stretch among those that react; None where it does not."""
        own = self.inside[number]
        first = int(self.column[own.start])
        return None if first < 0 else slice(first, first + own.stop - own.start)
