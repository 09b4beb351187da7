"""When a rung runs out on a map: the first time away from an edge, and the last.

On a line every new hole makes a corner in the voltage, and a step ends there. A map has thousands
of them, none of which matters to the voltage: steps end at the first, which is reported, and where
the last of a rung is gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from fem_island.experiments.stripping.openings import Opening, filled_again, levels_of
from fem_island.experiments.stripping.pixels import PixelCells
from fem_island.machine.arrays import Array
from fem_island.surface.charge_state import State

_ENDS = 1e-9
"""Lowest level over the mean of a pixel that is nothing."""


@dataclass
class MapFronts:
    """Where rungs have run out before.

    Attributes:
        cells: The pixels.
        parts: Parts of an edge of the image's pixels. Holes begin in pixels of the image that are
            thinner than all around them, since planes do not fit together.
        deeper: What the metal's lowest charge is below its lowest level [C/m^2], shape (pixels,).
        opened: From which pixels a front can move on, shape (rungs, pixels).
        holed: Rungs that have run out away from an edge.
    """

    cells: PixelCells
    parts: int
    deeper: Array
    opened: npt.NDArray[np.bool_]
    holed: set[int] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        state: State,
        cells: PixelCells,
        parts: int,
        least: Array,
        thins: npt.NDArray[np.bool_],
    ) -> MapFronts:
        """What is open at the beginning.

        Args:
            state: The first state.
            cells: The pixels.
            parts: Parts of an edge of a pixel of the image.
            least: Lowest charge of the metal anywhere in every pixel [C/m^2], shape (pixels,).
            thins: Whether an edge beside bare pixels can move, shape (pixels,).
        """
        opened = np.zeros((len(state.ladder.rungs), state.ladder.places), dtype=bool)
        opened[1:] = (state.bare[1:] > 0) & (state.film_charge > 0) & (state.bare[1:] < 1)
        levels, _ = state.metal_extremes
        deeper = np.maximum(levels - least, 0.0)
        covered = state.metal.share > 0
        bare = cells.everywhere(covered.astype(np.float64)) == 0
        at_edge = -_smallest_beside(np.where(bare, -1.0, 0.0)).ravel()[cells.pixels] > 0
        opened[0] = covered & at_edge & thins
        # A plane that ends at a corner of its pixel runs out there at once, and not a rounding
        # error of time later: a step of that length has no digits.
        opened[0] |= covered & (np.minimum(levels, least) <= _ENDS * np.abs(state.mid))
        return cls(cells, parts, deeper, opened)

    def first(self, state: State, densities: Array) -> list[Opening]:
        """What runs out soonest, whether or not within the step; one entry per kind."""
        found = []
        for rung in range(len(state.ladder.rungs)):
            density = densities[rung]
            if rung == 0:
                here = state.metal.share > 0
                whole = state.metal.share >= 1
            else:
                here = (state.bare[rung - 1] >= 1) & (state.bare[rung] < 1)
                whole = here & (state.bare[rung] <= 0)
            if not (here & (density > 0)).any():
                continue
            lowest, highest = levels_of(state, rung)
            lowest = lowest - self.deeper if rung == 0 else lowest
            speed = np.where(density > 0, density, np.nan)
            if rung not in self.holed:
                until = np.where(here & whole, np.maximum(lowest, 0.0) / speed, np.inf)
                until = np.where(np.isnan(until), np.inf, until)
                cell = int(np.argmin(np.where(self._inner(rung, until), until, np.inf)))
                if self._inner(rung, until)[cell] and np.isfinite(until[cell]):
                    found.append(Opening(float(until[cell]), rung, cell, last=False))
            covered = bool((state.metal.share > 0).any())
            if rung == 0 or not covered:
                last = np.where(here, highest / speed, -np.inf)
                held = state.film_charge[rung - 1] > 0 if rung else here
                cell = int(np.argmax(np.where(held, np.nan_to_num(last, nan=np.inf), -np.inf)))
                if here[cell] and np.isfinite(last[cell]):
                    found.append(Opening(float(last[cell]), rung, cell, last=True, group=-1))
        return found

    def open(self, opening: Opening) -> None:
        """Remember that a front begins in a pixel."""
        self.opened[opening.rung, opening.cell] = True
        if not opening.last:
            self.holed.add(opening.rung)

    def update(self, state: State, scales: list[Array]) -> None:
        """Remember how far the fronts of a state have come."""
        self.opened[0] |= (state.metal.share < 1) & (state.ladder.rungs[0].capacity > 0)
        for rung in range(1, len(state.ladder.rungs)):
            self.opened[rung] |= state.bare[rung] > 0

    def restart(self, state: State) -> None:
        """Forget fronts in pixels that have been filled again."""
        self.opened &= ~filled_again(state)
        self.holed.clear()

    def _inner(self, rung: int, until: Array) -> npt.NDArray[np.bool_]:
        """Pixels that run out before their neighbours, so that no front comes to them."""
        grid, parts = self.cells.grid, self.parts
        times = np.where(self.opened[rung], -np.inf, until)
        everywhere = np.full(grid.size, np.inf)
        everywhere[self.cells.pixels] = times
        rows, columns = grid.shape
        of_image = everywhere.reshape(rows // parts, parts, columns // parts, parts)
        of_image = of_image.min(axis=(1, 3))
        first = np.isfinite(of_image) & (of_image <= _smallest_beside(of_image))
        first = np.repeat(np.repeat(first, parts, axis=0), parts, axis=1)
        return np.asarray(~self.opened[rung] & first.ravel()[self.cells.pixels])


def _smallest_beside(values: Array) -> Array:
    """The smallest value of the eight neighbours of every pixel, shape (rows, columns)."""
    padded = np.pad(values, 1, constant_values=np.inf)
    rows = np.minimum(np.minimum(padded[:-2], padded[2:]), padded[1:-1])
    around = np.minimum(rows[:, :-2], rows[:, 2:])
    middle = np.minimum(padded[:-2, 1:-1], padded[2:, 1:-1])
    return np.asarray(np.minimum(around, middle))
