"""When a rung runs out, or fills, at a new place: instants that a step of time must not straddle.

Where a rung is already empty next door, a front moves on, which the level functions follow. Where
it runs out away from any front, a hole opens, and the voltage has a corner or a jump.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fem_island.experiments.stripping.fillings import Fillings
from fem_island.machine.arrays import Array
from fem_island.surface.charge_state import State
from fem_island.surface.levels import extremes

_NEARLY_EMPTY = 1e-9
"""Share of what a cell could hold at most below which it counts as open."""

_MOST_OF_METAL, _MOST_OF_FILM = 200, 8
"""New places that steps land on. A film thinner than the cells resolve has a level that wavers, and
runs out here and there where it matters little."""

_EDGE = 1e-6
"""Share of the largest level below which metal ends in an edge that can move."""


@dataclass(frozen=True)
class Opening:
    """A rung that runs out, or fills.

    Attributes:
        seconds: After the beginning of the step, at the drives of the step.
        rung: Which.
        cell: Where first, or where last.
        last: Whether this is the last of a group of cells, not the first.
        group: Number of that group: the island, or -1 for all cells.
        full: Whether it fills.
    """

    seconds: float
    rung: int
    cell: int
    last: bool
    group: int = -1
    full: bool = False


class Fronts(Protocol):
    """Where rungs have run out before."""

    opened: npt.NDArray[np.bool_]
    """Cells from which a front can move on, shape (rungs, cells)."""

    def first(self, state: State, densities: Array) -> list[Opening]:
        """What runs out soonest, whether or not within the step; one entry per kind.

        Args:
            state: At the beginning of the step.
            densities: Of all rungs, were they on top [A/m^2], shape (rungs, cells).
        """

    def open(self, opening: Opening) -> None:
        """Remember that a front begins in a cell."""

    def update(self, state: State, scales: list[Array]) -> None:
        """Remember how far the fronts of a state have come.

        Args:
            state: At the end of a step.
            scales: What cells could hold of every rung [C/m^2].
        """

    def restart(self, state: State) -> None:
        """Forget fronts in cells that have been filled again.

        Args:
            state: At the beginning of a phase.
        """


@dataclass
class LineFronts:
    """Where rungs have run out before on a line.

    Attributes:
        opened: Cells from which a front can move on, shape (rungs, cells).
        passable: Whether a front can come over the left end of every cell, shape
            (rungs, cells + 1).
        fillings: Where rungs of a film fill.
        groups: For every island of the case its cells.
        found: How many new places every rung has run out at, apart from fronts.
    """

    opened: npt.NDArray[np.bool_]
    passable: npt.NDArray[np.bool_]
    fillings: Fillings
    groups: dict[int, npt.NDArray[np.bool_]] = field(default_factory=dict)
    found: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        state: State,
        neighbours: npt.NDArray[np.bool_],
        groups: dict[int, npt.NDArray[np.bool_]],
    ) -> LineFronts:
        """What is open at the beginning.

        Args:
            state: The first state.
            neighbours: Whether a cell touches the one before it, shape (cells + 1,).
            groups: Cells of every island.
        """
        rungs, cells = len(state.ladder.rungs), state.ladder.places
        opened = np.zeros((rungs, cells), dtype=bool)
        covered = state.metal.share > 0
        passable = np.zeros((rungs, cells + 1), dtype=bool)
        passable[:] = neighbours
        # An edge where metal is thick does not move before it has run out there.
        left = state.mid - 0.5 * state.tilt + state.bend / 6
        right = state.mid + 0.5 * state.tilt + state.bend / 6
        thin = _EDGE * max(float(state.mid.max(initial=0.0)), 1e-300)
        opened[0] = ~covered | (left <= thin) | (right <= thin)
        opened[1:] = (state.bare[1:] > 0) & (state.film_charge > 0) & (state.bare[1:] < 1)
        steep = np.zeros(cells + 1, dtype=bool)
        steep[1:-1] |= covered[:-1] & ~covered[1:] & (right[:-1] > thin)
        steep[1:-1] |= covered[1:] & ~covered[:-1] & (left[1:] > thin)
        passable[0] &= ~steep
        return cls(opened, passable, Fillings(neighbours), groups)

    def first(self, state: State, densities: Array) -> list[Opening]:
        """See ``Fronts.first``."""
        found = []
        for rung in range(len(state.ladder.rungs)):
            lowest, highest = levels_of(state, rung)
            density = densities[rung]
            if rung == 0:
                here = state.metal.share > 0
                whole = state.metal.share >= 1
            else:
                here = (state.bare[rung - 1] >= 1) & (state.bare[rung] < 1)
                whole = here & (state.bare[rung] <= 0)
            flows = here & (density > 0)
            if not flows.any():
                continue
            with np.errstate(divide="ignore", invalid="ignore"):
                until_first = np.where(flows & whole, np.maximum(lowest, 0.0) / density, np.inf)
                until_first = np.where(self._new(rung, until_first), until_first, np.inf)
                until_last = np.where(flows, highest / density, np.inf)
            cell = int(np.argmin(until_first))
            most = _MOST_OF_METAL if rung == 0 else _MOST_OF_FILM
            if np.isfinite(until_first[cell]) and self.found.get(rung, 0) < most:
                found.append(Opening(float(until_first[cell]), rung, cell, last=False))
            found += self._last(state, rung, here, until_last)
        fillings = self.fillings.first(state, densities)
        return found + [Opening(*each, full=True) for each in fillings]

    def open(self, opening: Opening) -> None:
        """Remember that a front begins in a cell."""
        if opening.full:
            known = (opening.rung, opening.last)
            self.fillings.found[known] = self.fillings.found.get(known, 0) + 1
            return
        self.opened[opening.rung, opening.cell] = True
        if not opening.last:
            self.found[opening.rung] = self.found.get(opening.rung, 0) + 1

    def update(self, state: State, scales: list[Array]) -> None:
        """See ``Fronts.update``."""
        self.opened[0] |= levels_of(state, 0)[0] <= _NEARLY_EMPTY * scales[0]
        for rung in range(1, len(state.ladder.rungs)):
            uncovered = (state.bare[rung - 1] >= 1) & (state.ladder.rungs[rung].capacity > 0)
            low = levels_of(state, rung)[0] <= _NEARLY_EMPTY * scales[rung]
            self.opened[rung] |= (uncovered & low) | (state.bare[rung] > 0)

    def restart(self, state: State) -> None:
        """See ``Fronts.restart``."""
        self.opened &= ~filled_again(state)
        self.found.clear()
        self.fillings.found.clear()

    def _new(self, rung: int, until: Array) -> npt.NDArray[np.bool_]:
        """Cells that run out before their neighbours, so that no front comes to them.

        Args:
            rung: Which.
            until: Time until every cell runs out somewhere [s].
        """
        passable = self.passable[rung]
        until = np.where(self.opened[rung], -np.inf, until)
        before = np.full(len(until) + 2, np.inf)
        before[1:-1] = until
        left = np.where(passable[:-1], before[:-2], np.inf)
        right = np.where(passable[1:], before[2:], np.inf)
        return np.asarray(~self.opened[rung] & (until <= left) & (until <= right))

    def _last(
        self, state: State, rung: int, here: npt.NDArray[np.bool_], until_last: Array
    ) -> list[Opening]:
        """When the last of the cells of a group has run out."""
        if rung == 0:
            groups = {**self.groups, -1: np.ones_like(here)}
        elif (state.metal.share > 0).any():
            return []
        else:
            groups = {-1: state.ladder.rungs[rung].capacity > 0}
        found = []
        for number, group in groups.items():
            left = group & (state.metal.share > 0 if rung == 0 else state.film_charge[rung - 1] > 0)
            if not left.any():
                continue
            cell = int(np.argmax(np.where(left, until_last, -np.inf)))
            if np.isfinite(until_last[cell]) and here[cell]:
                found.append(Opening(float(until_last[cell]), rung, cell, last=True, group=number))
        return found


def levels_of(state: State, rung: int) -> tuple[Array, Array]:
    """Lowest and highest level of a rung in every cell [C/m^2]."""
    if rung == 0:
        return state.metal_extremes
    mid, tilt = state.film_mid[rung - 1], state.film_tilt[rung - 1]
    return extremes(mid, tilt, np.zeros_like(mid))


def filled_again(state: State) -> npt.NDArray[np.bool_]:
    """Cells in which rungs are everywhere and no front is near, shape (rungs, cells)."""
    lowest, _ = levels_of(state, 0)
    thick = lowest > _EDGE * max(float(state.mid.max(initial=0.0)), 1e-300)
    rows = [(state.metal.share >= 1) & thick]
    for number, rung in enumerate(state.ladder.film, start=1):
        lowest, _ = levels_of(state, number)
        rows.append((state.bare[number] <= 0) & (lowest > _EDGE * rung.capacity))
    return np.array(rows)


def cleared(state: State, opening: Opening, little: Array | float) -> State:
    """The state without what rounding left of a rung, or of its room.

    Args:
        state: After a step that ended where the rung runs out, or fills.
        opening: Where.
        little: Highest level of a cell, or room in it, that is nothing [C/m^2].
    """
    rung = opening.rung
    if opening.full:
        room = state.taken[rung - 1]
        taken = state.taken.copy()
        taken[rung - 1, (room > 0) & (room <= little)] = 0.0
        return replace(state, taken=taken)
    _, highest = levels_of(state, rung)
    if rung == 0:
        gone = (state.metal.share > 0) & (highest <= little)
        if not gone.any():
            return state
        down = np.where(gone, np.maximum(highest, 0.0) + little, 0.0)
        return replace(state, mid=state.mid - down)
    capacity = state.ladder.rungs[rung].capacity
    gone = (state.bare[rung - 1] >= 1) & (highest <= little) & (capacity > 0)
    if not gone.any():
        return state
    taken = state.taken.copy()
    taken[rung - 1, gone] = capacity[gone]
    return replace(state, taken=taken)
