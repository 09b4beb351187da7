"""How finely a stripping run is computed: the grid, the cells, and what decides the steps.

The numbers were fitted to the reference cases: elements under the metal are so long that

    0.013 (current density) (length) / (conductivity)

is below the tolerance, and steps so short that the voltage bends by 50 tolerances over each. What
they promise is checked by a coarser run, and what misses its tolerance is run again, finer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Case
from fem_island.experiments.stripping.bottom_grid import BottomGrid, bottom_grid
from fem_island.experiments.stripping.bottom_stores import BottomStores, Metal
from fem_island.experiments.stripping.case_stores import phases
from fem_island.experiments.stripping.layout import Place, Zone, lines
from fem_island.machine.arrays import Array

_SAME = 1e-9
"""Places this close, as a share of the width, are one."""

_DROP = 0.013
"""Error of a potential over the ohmic drop along an element in which a front moves."""

_BEND = 50.0
"""Change of slope over a step, in tolerances."""

_LEAST_BEND = 2.0
"""The same, below which it is the grid that makes it bend."""

_LARGEST_BEND, _SMALLEST_BEND = 5e-3, 2e-6
_LONGEST_STEP = 0.05
_FEWEST, _MOST = 1 / 0.07, 60.0
"""Elements of the largest size that a stretch of metal has at least, and at most at first."""

_MOST_AT_ALL = 2000.0
_FILM_ELEMENTS = (6.0, 100.0)
_CELLS, _CELLS_OF_FILM = 16, 48
_FEWEST_CELLS = 12
"""Cells per element, where a film reacts, and of what is compared. What a place of the film has
left has a corner where an edge of the metal stood when the voltage bent: short cells keep it."""

_HIGHEST = 1 - 1e-6

_MARGIN = 1.2
_LEAST_FACTOR, _LARGEST_FACTOR = 1.5, 4.0
_LOWER_FACTORS = (3.0, 2.4, 1.9, _LEAST_FACTOR)
"""How many times as fine a grid is tried where that which is wanted would take too long."""


@dataclass(frozen=True)
class Fineness:
    """What a run is computed with.

    Attributes:
        degree: Polynomial degree of the potential.
        cells: Cells per element.
        growth: Growth of the element sizes with the distance from where something begins or ends.
        edge: Element size at the first edges of the metal, as a share of its width.
        crest: Element size where the last of the metal dies, as a share of its width.
        drop: Longest element, times the current density over the conductivity [V].
        most: Elements that a stretch of metal has at most, of the largest size.
        bend: Change of the voltage's slope over a step of time, times the step [V].
        step: Longest step of time, as a share of the time that the charge lasts at the start.
        current_density: Mean over the metal at the start [A/m^2].
        conductivity: kappa [S/m].
    """

    degree: int
    cells: int
    growth: float
    edge: float
    crest: float
    drop: float
    most: float
    bend: float
    step: float
    current_density: float
    conductivity: float

    def longest(self, current_density: float) -> float:
        """Longest element where this current density [A/m^2] flows [m]."""
        return self.drop * self.conductivity / max(current_density, 1e-30)


def first_fineness(case: Case, stores: BottomStores, tolerance: float) -> Fineness:
    """What should meet a tolerance [V]."""
    current = max(abs(phase.current_density) for phase in phases(case))
    extent = stores.measure.size(0.0, stores.width)
    covered = stores.size_of_metal or extent
    return Fineness(
        degree=4,
        cells=_CELLS_OF_FILM if stores.film else _CELLS,
        growth=0.5,
        edge=0.02,
        crest=1e-3,
        drop=tolerance / _DROP,
        most=_MOST,
        bend=min(max(_BEND * tolerance, _SMALLEST_BEND), _LARGEST_BEND),
        step=_LONGEST_STEP,
        current_density=current * extent / covered,
        conductivity=case.conductivity,
    )


def coarser(fineness: Fineness) -> Fineness:
    """The grid of what a run is compared with: its error is a few times that of the run."""
    return replace(
        fineness,
        cells=max(fineness.cells // 2, _FEWEST_CELLS),
        growth=1.5 * fineness.growth,
        edge=1.5 * fineness.edge,
        drop=2 * fineness.drop,
        most=fineness.most / 2,
    )


def finer(fineness: Fineness, tolerance: float, *, factor: float) -> Fineness:
    """What to try next.

    Args:
        fineness: What was not good enough.
        tolerance: What is wanted [V].
        factor: How many times as fine, above 1.
    """
    return replace(
        fineness,
        growth=max(fineness.growth / math.sqrt(factor), 0.15),
        edge=fineness.edge / factor,
        drop=fineness.drop / factor,
        most=min(max(fineness.most, 1.0) * factor, _MOST_AT_ALL),
        bend=max(fineness.bend / factor**2, _LEAST_BEND * tolerance, _SMALLEST_BEND),
        step=fineness.step / factor,
    )


def factors(fineness: Fineness, error: float, tolerance: float, *, order: float) -> list[float]:
    """How many times as fine to try next, from what is wanted down to what is worth it.

    Args:
        fineness: What was not good enough.
        error: Its estimated error [V].
        tolerance: What is wanted [V].
        order: Power of the fineness with which the error falls; see ``order_of``.
    """
    if fineness.most >= _MOST_AT_ALL:
        return []
    wanted = _MARGIN * (error / tolerance) ** (1 / order)
    wanted = min(max(wanted, _LEAST_FACTOR), _LARGEST_FACTOR)
    return [wanted, *(factor for factor in _LOWER_FACTORS if factor < wanted)]


def order_of(factor: float, before: float, error: float) -> float:
    """Power of the fineness with which the error falls, as two runs have it, from 1 to 2.

    Where an edge is sharper than the elements it is less than the square.

    Args:
        factor: How many times as fine the second run was.
        before: Error of the first [V].
        error: Of the second [V].

    Example:
        >>> order_of(2.0, 8.0, 2.0), order_of(2.0, 8.0, 7.0)
        (2.0, 1.0)
    """
    return min(max(math.log(before / error) / math.log(factor), 1.0), 2.0)


def plan_grid(stores: BottomStores, height: float, fineness: Fineness) -> BottomGrid:
    """Lay out and condense the grid of a run.

    Args:
        stores: What lies on the bottom.
        height: H [m].
        fineness: Sizes and degree.
    """
    breaks, reacts = _elements(stores, height, fineness)
    return bottom_grid(
        breaks,
        reacts,
        height=height,
        degree=fineness.degree,
        cells=fineness.cells,
        measure=stores.measure,
        mirrored=stores.is_mirrored,
    )


def planned_unknowns(stores: BottomStores, height: float, fineness: Fineness) -> int:
    """Unknowns of the grid that would be made; see ``plan_grid``."""
    _, reacts = _elements(stores, height, fineness)
    return fineness.degree * int(reacts.sum()) + 1


def _elements(
    stores: BottomStores, height: float, fineness: Fineness
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Ends of all elements along the part that is solved [m], and which of them can react."""
    width = stores.width / 2 if stores.is_mirrored else stores.width
    highest = max((_highest(metal) for metal in stores.metal), default=0.0)
    places = [place for metal in stores.metal for place in _places(metal, highest, fineness)]
    cuts = [place.position for place in places]
    for left, right in stores.film_extent:
        for end in (left, right):
            cuts.append(end)
            if 0 < end < stores.width:
                places.append(Place(end, 5e-3 * (right - left), fineness.growth))
    ordered = _distinct(cuts, width)
    places = [replace(each, position=_snapped(each.position, ordered)) for each in places]
    zones, reacts = [], []
    for start, end in pairwise(ordered):
        middle = 0.5 * (start + end)
        metal = next((m for m in stores.metal if m.start < middle < m.end), None)
        filmed = any(left < middle < right for left, right in stores.film_extent)
        largest = 2 * height
        if metal is not None:
            scale = _scale(metal, middle)
            largest = np.clip(
                fineness.longest(fineness.current_density),
                scale / fineness.most,
                scale / _FEWEST,
            )
            largest = min(largest, max(height, scale / 30))
        elif filmed or stores.plating_law is not None:
            fewest, most = _FILM_ELEMENTS
            share = stores.size_of_metal / stores.measure.size(0.0, stores.width)
            longest = fineness.longest((share or 1.0) * fineness.current_density)
            largest = np.clip(longest, stores.width / most, stores.width / fewest)
        zones.append(Zone(start, end, float(largest)))
        reacts.append(metal is not None or filmed or stores.plating_law is not None)
    breaks = lines(zones, places)
    middles = 0.5 * (breaks[1:] + breaks[:-1])
    numbers = np.searchsorted([zone.end for zone in zones], middles)
    return breaks, np.array(reacts)[numbers]


def _highest(metal: Metal) -> float:
    return float(np.max(_charges(metal, _spots(metal))))


def _spots(metal: Metal) -> list[float]:
    """Ends and corners from left to right [m]."""
    return [metal.start, *metal.corners, metal.end]


def _charges(metal: Metal, spots: Sequence[float]) -> np.ndarray:
    """Charge of the metal just inside of places [C/m^2]."""
    inward = _SAME * (metal.end - metal.start)
    return np.asarray(metal.charge(np.clip(spots, metal.start + inward, metal.end - inward)))


def _scale(metal: Metal, place: float) -> float:
    """Width of the hill of metal that a place is on [m]."""
    spots = _spots(metal)
    number = int(np.clip(np.searchsorted(spots, place), 1, len(spots) - 1))
    length = spots[number] - spots[number - 1]
    return length if len(spots) == 2 else 2 * length


def _places(metal: Metal, highest: float, fineness: Fineness) -> list[Place]:
    """Where lines are dense under a stretch of metal."""
    spots = _spots(metal)
    charges = _charges(metal, spots).tolist()
    found = []
    nudge = _SAME * (metal.end - metal.start)
    for number, (position, charge) in enumerate(zip(spots, charges, strict=True)):
        scale = min(
            _scale(metal, min(max(position + side * 2 * nudge, metal.start), metal.end))
            for side in (-1, 1)
        )
        outer = number in (0, len(spots) - 1)
        dies = charge >= _HIGHEST * highest
        steep = outer and charge > 1e-6 * highest
        size = fineness.crest if dies or steep else fineness.edge
        found.append(Place(position, size * scale, fineness.growth))
    return found


def _distinct(cuts: Sequence[float], width: float) -> list[float]:
    """Ends of zones [m], ascending, without those that differ by rounding only."""
    found = [0.0]
    for cut in sorted(cuts):
        if found[-1] + _SAME * width < cut < width - _SAME * width:
            found.append(cut)
    return [*found, width]


def _snapped(position: float, cuts: Sequence[float]) -> float:
    nearest = min(cuts, key=lambda cut: abs(cut - position))
    return nearest if abs(nearest - position) <= 2 * _SAME * cuts[-1] else position
