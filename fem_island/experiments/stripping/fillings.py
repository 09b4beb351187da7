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
from fem_island.surface.levels import extremes

_MOST = 8
"""New places per rung that steps land on, and the same of last ones."""

_NEARLY_FULL = 1e-9
"""Share of what a cell can hold, of room that is none."""


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
            speed = -densities[number]
            if not rung.takes or speed.max() <= 0:
                continue
            here = (state.full[number] >= 1) & (state.full[number - 1] < 1) & (speed > 0)
            if not here.any():
                continue
            mid, tilt = state.room_mid[number - 1], state.room_tilt[number - 1]
            lowest, highest = extremes(mid, tilt, np.zeros_like(mid))
            front = (state.full[number - 1] > 0) | (lowest <= _NEARLY_FULL * rung.capacity)
            per = np.where(here, speed, 1.0)
            until = np.where(here & ~front, np.maximum(lowest, 0.0) / per, np.inf)
            new = np.where(self._new(np.where(front, -np.inf, until)), until, np.inf)
            last = self._ends(here, state.full[number - 1] < 1, highest / per)
            for cell, each, is_last in (
                (int(np.argmin(new)), new, False),
                (int(np.argmin(last)), last, True),
            ):
                if np.isfinite(each[cell]) and self.found.get((number, is_last), 0) < _MOST:
                    found.append(Filling(float(each[cell]), number, cell, is_last))
        return found

    def _ends(
        self, here: npt.NDArray[np.bool_], room: npt.NDArray[np.bool_], until: Array
    ) -> Array:
        """When rows of cells that fill are full, at the last of each; infinite in all others.

        Rows to which a front of metal, or of a rung below, still adds cells have no end.

        Args:
            here: Cells that fill.
            room: Cells that are not full.
            until: Time until each is full [s].
        """
        ends = np.full(len(until), np.inf)
        cells = np.flatnonzero(here)
        beside = np.concatenate([[False], room & ~here, [False]])
        fed = (beside[:-2] & self.touching[:-1]) | (beside[2:] & self.touching[1:])
        starts = np.flatnonzero(~(here[cells - 1] & self.touching[cells]))
        for row in np.split(cells, starts[1:]):
            if not fed[row].any():
                last = row[np.argmax(until[row])]
                ends[last] = until[last]
        return ends

    def _new(self, until: Array) -> npt.NDArray[np.bool_]:
        """Cells that fill before their neighbours, so that no front comes to them."""
        around = np.full(len(until) + 2, np.inf)
        around[1:-1] = until
        left = np.where(self.touching[:-1], around[:-2], np.inf)
        right = np.where(self.touching[1:], around[2:], np.inf)
        return np.asarray(np.isfinite(until) & (until <= left) & (until <= right))
