"""When a film that takes up lithium becomes full at a new place, and where all of it is full.

A full place takes up nothing more, so that the voltage jumps where the last of the film fills, and
has a corner where the first does. In between, a front of full places moves on from cell to cell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.surface.charge_state import State

_MOST = 8
"""New places per rung that steps land on, and the same of last ones."""


class Filling(NamedTuple):
    """A rung that becomes full.

    Attributes:
        seconds: After the beginning of the step, at the drives of the step.
        rung: Which.
        cell: Where first, or where last.
        last: Whether no place that is uncovered can take up more.
    """

    seconds: float
    rung: int
    cell: int
    last: bool


@dataclass
class Fillings:
    """Where the rungs of a film fill on a line.

    Attributes:
        touching: Whether a cell touches the one before it, shape (cells + 1,).
        found: How often the first and the last of every rung have been landed on.
    """

    touching: npt.NDArray[np.bool_]
    found: dict[tuple[int, bool], int] = field(default_factory=dict)

    def first(self, state: State, densities: Array) -> list[Filling]:
        """What fills soonest, whether or not within the step; one entry per kind.

        Args:
            state: At the beginning of the step.
            densities: Of all rungs, were they on top [A/m^2], shape (rungs, cells).
        """
        found = []
        for number, rung in enumerate(state.ladder.film, start=1):
            density = densities[number]
            if not rung.takes or density.min() >= 0:
                continue
            missing, standing = state.taken[number - 1], state.standing[number]
            fills = (density < 0) & (standing > 0) & (missing > 0)
            if not fills.any():
                continue
            speed = np.where(fills, -density * standing, 1.0)
            until = np.where(fills, missing / speed, np.inf)
            full = (missing <= 0) & (rung.capacity > 0)
            new = np.where(self._new(np.where(full, -np.inf, until)), until, np.inf)
            whole = (standing >= 1) & (missing > 0)
            last = np.where(whole, until, -np.inf)
            for cell, each, is_last in (
                (int(np.argmin(new)), new, False),
                (int(np.argmax(last)), last, True),
            ):
                if np.isfinite(each[cell]) and self.found.get((number, is_last), 0) < _MOST:
                    found.append(Filling(float(each[cell]), number, cell, is_last))
        return found

    def _new(self, until: Array) -> npt.NDArray[np.bool_]:
        """Cells that fill before their neighbours, so that no front comes to them."""
        around = np.full(len(until) + 2, np.inf)
        around[1:-1] = until
        left = np.where(self.touching[:-1], around[:-2], np.inf)
        right = np.where(self.touching[1:], around[2:], np.inf)
        return np.asarray(np.isfinite(until) & (until <= left) & (until <= right))
