"""Extremes along the bottom, each with what its piece of the bottom leaves unresolved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.results.trace import Trace
from fem_island.surface.points import PerPoint

UNRESOLVED = 0.05
"""Largest error of an extreme per last Legendre coefficient of its piece; 0.001 to 0.03 were found
beside islands, far from all edges, where pieces are large."""

Side = Literal["min", "max"]
SIDES: tuple[Side, ...] = ("min", "max")


class Extremes:
    """Those over all islands."""

    def __init__(self) -> None:
        """Start with none."""
        self._found: dict[Side, list[tuple[Array, Array]]] = {side: [] for side in SIDES}

    def add(self, side: Side, value: Array, unresolved: Array) -> None:
        """Count those of one island, shapes (k,)."""
        self._found[side].append((value, unresolved))

    def of(self, side: Side) -> tuple[Array, Array]:
        """The extreme on a side, and what is unresolved there; shapes (k,)."""
        values, unresolved = map(np.array, zip(*self._found[side], strict=True))
        return _at_extreme(values, unresolved, side)


def _at_extreme(values: Array, others: Array, side: Side) -> tuple[Array, Array]:
    """The extreme of values of shape (m, k), and what stands beside it in others; shapes (k,)."""
    chosen = (values.argmin if side == "min" else values.argmax)(axis=0)[None]
    value, other = (np.take_along_axis(each, chosen, axis=0)[0] for each in (values, others))
    return value, other


def largest_of(parts: Sequence[tuple[Trace, PerPoint]]) -> tuple[Array, Array]:
    """Largest value of several parts, and the last Legendre coefficient of its piece, shapes (k,).

    Args:
        parts: Overpotentials and what is added to them [V].
    """
    values = np.array([part.largest() + added for part, added in parts])
    unresolved = np.array([part.last_coefficient_at_largest() for part, _ in parts])
    return _at_extreme(values, unresolved, "max")
