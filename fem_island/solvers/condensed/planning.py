"""Choosing the grid and the degree for a series of operating points.

As in ``meshed.planning``, the error is the sum of two parts that can be planned from the uniform
states:

    at the edges      c(p) edge_size^2 / length * i_edge / kappa, where a stretch of that length
                      carries i_edge at its ends
    everywhere else   a share of the ohmic potential drop that falls with degree and growth

Both were fitted to the reference cases. What they promise is checked after every solution, and a
point that misses its tolerance is solved again on the next finer grid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Case
from fem_island.machine.arrays import Array
from fem_island.machine.equal_rows import equal_rows
from fem_island.solvers.ladder import Ladder, Rung, coarsest, place_of
from fem_island.solvers.resolution import Grading, Resolution
from fem_island.solvers.scales import planned_drops, reacting_stretches, wanted_errors
from fem_island.surface.points import OperatingPoints

_MARGIN = 2.0
"""Plans are for an error this much below the tolerance: estimates are above the error."""

_EDGE_PART = 0.1
"""Of the tolerance."""

_SMALLEST_EDGE_SIZE = 1e-7
"""Smallest edge size of a plan, as a share of the cell's width."""

_CHECK_EDGE_SIZE, _CHECK_CROWDED_SIZE = 1 / 4, 1 / 16
"""Edge size of the check, as a share. The error at an edge falls with the square of the size, but
with its root only where fast kinetics crowd the current into the first element."""

_CROWDED = 0.05
"""Edge size over conductivity / slope, from which on they do."""

_ABOUT_AS_SMALL = math.sqrt(2)
"""How much larger elements at edges may be than planned for a quarter of the wanted error."""

_SHARES = {1: 0.2, 2: 0.02, 3: 2.5e-3, 4: 3e-4, 5: 1e-4, 6: 7e-5, 7: 3e-5, 8: 1.5e-5}
"""Error over the ohmic drop at a growth of 4, by degree, of rungs that are not in ``_FITTED``."""

_EDGE_ERRORS = {1: 0.1, 2: 1.5e-2, 3: 4e-3, 4: 1.5e-3, 5: 6e-4, 6: 3e-4, 7: 2e-4, 8: 1.5e-4}
"""Error at an edge per square of the element there, by degree."""


_UNEVEN_ERROR, _UNEVEN_PART = 0.05, 0.4
"""Error per edge size [m], and per squared degree, where elements of other sizes meet at an edge in
a stack, for a jump of the current density over conductivity; and its part of the tolerance. Where
they are of one size it is odd about the edge, and what is left falls with the square."""

_OWN_GROUP = 5000.0
"""What a group takes by itself, in units of the cost of a point: the square of its nodes along the
bottom for every factor e in their sizes."""

_OWN_GEOMETRY = 150.0
"""The same of a geometry that another group has as well, whose grid is then condensed twice."""

_FITTED = {
    (3, 4.0): 1.5e-3,
    (4, 4.0): 1.5e-4,
    (4, 2.0): 3e-5,
    (5, 2.0): 3e-6,
    (6, 2.0): 6e-7,
    (6, 1.2): 6e-8,
    (7, 1.2): 2e-8,
    (8, 1.0): 2e-9,
    (8, 0.6): 1e-10,
}
"""Error over the ohmic drop, by degree and growth."""


def _share(degree: int, growth: float) -> float:
    fitted = _FITTED.get((degree, growth))
    if fitted is not None:
        return fitted
    return _SHARES[degree] * (growth / 4) ** max(degree - 1, 1)


_LADDER = Ladder(tuple(_FITTED), (4.0, 2.0, 1.2, 0.8, 0.5, 0.3, 0.2, 0.12), _share)


def first_resolution(points: OperatingPoints) -> Resolution:
    """What should meet the tolerance at all points, judged from the uniform states."""
    demand = demands(points)
    rung = coarsest(_LADDER.rungs(points.case), float(demand.share.min()))
    return _resolution(points, rung, demand)


def alike(points: OperatingPoints) -> list[npt.NDArray[np.intp]]:
    """Numbers of points in groups that need about the same resolution, from coarse to fine.

    Points are solved as finely as the next group where that costs less than a group of their own.
    """
    if not len(points):
        return []
    demand = demands(points)
    share = demand.share
    ladder = _LADDER.rungs(points.case)
    promised = np.array([rung.share for rung in ladder])
    costs = np.array([(rung.degree / math.log1p(rung.growth)) ** 2 for rung in ladder])
    rungs = (promised > share[:, None]).sum(axis=1).clip(max=len(ladder) - 1)
    with np.errstate(divide="ignore"):
        sizes = np.floor(np.log2(np.minimum(demand.edge_budget, demand.uneven_size**2)) / 4)
    group = equal_rows(np.column_stack([rungs, -sizes]))
    members = [np.flatnonzero(group == number) for number in range(group.max() + 1)]
    geometries = points.geometries
    found: list[npt.NDArray[np.intp]] = []
    waiting = np.zeros(0, dtype=np.intp)
    for more in members:
        cost = costs[rungs[more[0]]]
        both = len(np.intersect1d(geometries[waiting], geometries[more]))
        own = _OWN_GROUP + _OWN_GEOMETRY * both
        if (cost - costs[rungs[waiting]]).sum() > own:
            found.append(np.sort(waiting))
            waiting = waiting[:0]
        waiting = np.concatenate([waiting, more])
    return [*found, np.sort(waiting)]


@dataclass(frozen=True)
class Demands:
    """What k points demand of a resolution.

    Attributes:
        share: Largest error away from the edges as a share of the ohmic drop, shape (k,).
        edge_budget: Conductivity times wanted error over the current density per length of a
            stretch [m^2], shape (k,).
        uneven_size: Edge size with which what is uneven there is as wanted for degree 1 [m], (k,).
    """

    share: Array
    edge_budget: Array
    uneven_size: Array


def demands(points: OperatingPoints) -> Demands:
    """What every point demands of a resolution."""
    edges = np.zeros(len(points))
    currents = np.zeros((len(points.bottom), len(points)))
    for reacting in reacting_stretches(points):
        edges = np.maximum(edges, reacting.at_edges / reacting.length)
        currents[reacting.number] = reacting.at_edges
    wanted = wanted_errors(points)
    with np.errstate(divide="ignore"):
        share = wanted / planned_drops(points) / _MARGIN
        budget = points.conductivity * wanted
        uneven = np.full(len(points), np.inf)
        if points.stretching is not None:
            apart = np.abs(np.diff(points.stretching, axis=1)).T
            passing = (np.abs(np.diff(currents, axis=0)) * apart).max(axis=0, initial=0.0)
            uneven = _UNEVEN_PART * budget / (_UNEVEN_ERROR * passing)
        return Demands(share, np.asarray(budget / edges), uneven)


def finer_resolution(
    points: OperatingPoints, tried: Resolution, *, excess: float, checked: Resolution
) -> Resolution | None:
    """What to try for points at which a resolution was not good enough; None after the finest.

    Args:
        points: The points.
        tried: The resolution that was not good enough.
        excess: Its largest error over what is wanted.
        checked: What solutions were compared with: it is taken where it is on the ladder and as
            fine as what would be tried, since points are solved at it but for a last step.
    """
    rungs = _LADDER.rungs(points.case)
    place = place_of(tried, rungs)
    wanted = rungs[place].share / min(excess, 1e3)
    finer = rungs[place + 1 :] or rungs[-1:]
    rung = coarsest(finer, wanted)
    smallest = _SMALLEST_EDGE_SIZE * points.bottom[-1].end
    size = tried.grading.edge_size / float(np.clip(2 * math.sqrt(min(excess, 1e9)), 4.0, 64.0))
    grading = Grading(max(size, smallest), rung.growth, _largest_size(points.case, rung))
    resolution = Resolution(rung.degree, grading)
    if resolution == tried:
        return None
    on_ladder = (checked.degree, checked.grading.growth) in [(r.degree, r.growth) for r in rungs]
    return checked if on_ladder and _is_as_fine(checked, resolution) else resolution


def _is_as_fine(one: Resolution, other: Resolution) -> bool:
    """Whether a resolution has no lower degree and no larger elements than another, about."""
    ours, theirs = one.grading, other.grading
    return (
        one.degree >= other.degree
        and ours.edge_size <= _ABOUT_AS_SMALL * theirs.edge_size
        and ours.growth <= theirs.growth
        and ours.max_size <= theirs.max_size
    )


def coarser_resolution(points: OperatingPoints, tried: Resolution) -> Resolution | None:
    """One rung down the ladder, with the same sizes at the edges; None below the coarsest."""
    rungs = _LADDER.rungs(points.case)
    place = place_of(tried, rungs)
    if place == 0:
        return None
    rung = rungs[place - 1]
    largest = _largest_size(points.case, rung)
    return Resolution(rung.degree, Grading(tried.grading.edge_size, rung.growth, largest))


def check_of(points: OperatingPoints, resolution: Resolution) -> Resolution:
    """What solutions are compared with: one degree more, and smaller elements at the edges.

    Where the grid is coarse for its degree, or the degree high, one more degree gains little, and
    the growth is less as well.
    """
    degree, grading = resolution.degree, resolution.grading
    crowded = any(
        np.any(reacting.crowding * grading.edge_size > _CROWDED * reacting.layer)
        for reacting in reacting_stretches(points)
    )
    edge_size = grading.edge_size * (_CHECK_CROWDED_SIZE if crowded else _CHECK_EDGE_SIZE)
    growth = grading.growth
    if growth > 2:
        growth /= 2
    elif degree in (6, 7):
        growth *= 0.75
    return Resolution(degree + 1, Grading(edge_size, growth, grading.max_size))


def _resolution(points: OperatingPoints, rung: Rung, demand: Demands) -> Resolution:
    """The resolution of a rung whose edges take their part of the tolerance.

    Args:
        points: What is computed.
        rung: Degree and growth.
        demand: Of the points.
    """
    electrolyte = points.case.cell.electrolyte
    part = _EDGE_ERRORS[rung.degree]
    size = math.sqrt(_EDGE_PART * float(demand.edge_budget.min()) / part)
    size = min(size, rung.degree**2 * float(demand.uneven_size.min()))
    size = min(size, 0.5 * min(stretch.length for stretch in points.bottom))
    size = max(size, _SMALLEST_EDGE_SIZE * electrolyte.span)
    # In half octaves, so that grids of neighbouring geometries have the same lines in y.
    size = 2.0 ** (math.floor(2 * math.log2(size)) / 2)
    return Resolution(rung.degree, Grading(size, rung.growth, _largest_size(points.case, rung)))


def _largest_size(case: Case, rung: Rung) -> float:
    return case.cell.electrolyte.height * min(1.0, rung.growth / 4)
