"""Points of a plan that can share a grid: the same stretches, of lengths of the same size.

The lines of a family's grid are those that its longest stretches need, so that lengths that differ
much cost unknowns, and small families the time that every batch takes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.experiments.sweeps.stacks.roles import Integers, Roles
from fem_island.machine.arrays import Array
from fem_island.machine.equal_rows import equal_rows

_SPREADS = (2.0, 4.0, 8.0)
"""Longest over shortest of a stretch in a family; the larger ones where there are few points."""

_FEWEST = 800
"""Points of a family, unless its lengths differ as much as they may."""


@dataclass(frozen=True)
class Families:
    """The families of a plan.

    Attributes:
        numbers: The family of every point, -1 where there is none, shape (points,).
    """

    numbers: Integers

    @classmethod
    def of(cls, roles: Roles) -> Families:
        """Find those of a plan."""
        plan = roles.plan
        count = len(plan)
        if not roles.movable:
            return cls(np.full(count, -1))
        layouts = roles.layouts
        present = layouts.lengths > 0
        signs = np.zeros(count, dtype=np.int64)
        if any(law.for_current(1.0) != law.for_current(-1.0) for law in roles.case.cell.laws):
            signs = np.sign(plan.current_densities(np.arange(count))).astype(np.int64)
        alike = np.concatenate([layouts.order, present, layouts.mirrored[:, None]], axis=1)
        shared = equal_rows(
            np.column_stack(
                [roles.other_labels, signs, np.broadcast_to(alike, (count, alike.shape[1]))]
            )
        )
        # There must be places where stretches meet.
        meeting = np.broadcast_to(present.sum(axis=1) > 1 + layouts.mirrored, count)
        with np.errstate(divide="ignore"):
            sizes = np.where(present, np.log2(layouts.lengths), 0.0)
        sizes = np.column_stack([sizes, np.log2(layouts.heights)])
        sizes = np.broadcast_to(sizes, (count, sizes.shape[1]))
        return cls(_grouped(shared, sizes, meeting))

    def of_several_series(self, series: Integers) -> Integers:
        """As ``numbers``, but -1 for families of one series: a stack is no faster for these."""
        numbers = self.numbers
        first = np.zeros(numbers.max(initial=-1) + 1, dtype=np.int64)
        members = np.flatnonzero(numbers >= 0)
        first[numbers[members]] = series[members]
        several = np.zeros(len(first) + 1, dtype=bool)
        several[numbers[members[series[members] != first[numbers[members]]]]] = True
        return np.where(several[numbers], numbers, -1)


def _grouped(shared: Integers, sizes: Array, chosen: npt.NDArray[np.bool_]) -> Integers:
    """Numbers of the families of chosen points, -1 of the others.

    Args:
        shared: A number for all that must be equal, shape (points,).
        sizes: Binary logarithms of lengths, shape (points, m).
        chosen: Which points, shape (points,).
    """
    numbers = np.full(len(shared), -1)
    left = np.flatnonzero(chosen)
    found = 0
    for spread in _SPREADS:
        classes = np.ceil(sizes[left] / np.log2(spread)).astype(np.int64)
        group = equal_rows(np.column_stack([shared[left], classes]))
        counts = np.bincount(group)
        large = (counts >= _FEWEST) | (spread == _SPREADS[-1])
        place = np.where(large, found + np.cumsum(large) - 1, -1)
        numbers[left] = place[group]
        found += int(large.sum())
        left = left[numbers[left] < 0]
    return numbers
