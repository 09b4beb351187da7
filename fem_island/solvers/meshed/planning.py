"""Choosing mesh and degree for a wanted tolerance.

Where the boundary condition changes the potential has a weak singularity: the flux jumps, and phi
behaves like r log r (like the square root of r further out where kinetics are fast). On a mesh
graded geometrically towards these points the error is the sum of two parts:

    at the edges      about 0.005 edge_size * i_edge / kappa for degree 2 and above
    everywhere else   a share of the ohmic potential drop that falls steeply with degree and growth

so that both can be planned from the uniform state. Where a solution misses the tolerance the next
finer plan is tried, with the edge current that was found.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.solvers.ladder import Ladder, Rung, coarsest, place_of
from fem_island.solvers.resolution import Grading, Resolution
from fem_island.solvers.scales import planned_drops, reacting_stretches, wanted_errors
from fem_island.surface.points import OperatingPoints

_CHECK_EDGE_SIZE = 1 / 16
"""Edge size of the check, as a share. At the edges a higher degree alone gains little: there the
error falls in proportion to the size, but only with a low power of the degree."""

_SMALLEST_EDGE_SIZE = 1e-8
"""Smallest edge size of a plan, and _RESOLVED of its check: what Gmsh still resolves in double
precision; both as a share of the cell's width."""
_RESOLVED = 1e-9

_START_DEGREE, _START_EDGE_SIZE = 2, 1e-3
"""Of what a large computation starts from; the size as a share of the largest one."""

_EDGE_SIZE_STEP = 4.0
"""Edge sizes of plans are the cell's width over powers of this number."""

_EDGE_ERROR = {1: 0.5}
"""Error at an edge, by degree, per size of the element there for a unit of i / kappa."""

_EDGE_ERROR_FROM_DEGREE_2 = 0.005
"""The same of all higher degrees."""


def _share(degree: int, growth: float) -> float:
    """Fitted to the reference cases."""
    return 2.0 * 10.0 ** (-degree - 1) * (growth / 0.6) ** (degree + 1)


_LADDER = Ladder(
    ((2, 0.6), (2, 0.3), (4, 0.6), (4, 0.4), (6, 0.6), (6, 0.4), (6, 0.25)),
    (0.6, 0.4, 0.25, 0.16, 0.1, 0.06),
    _share,
)

_WORTH_A_MESH = 25
"""Points for which meshing costs less than what a coarser mesh saves."""


def first_resolution(points: OperatingPoints) -> Resolution:
    """What should meet the tolerance at all points, judged from the uniform states."""
    shares, budgets = _wanted(points)
    return _planned(points, float(shares.min()), float(budgets.min()))


def _wanted(points: OperatingPoints) -> tuple[Array, Array]:
    """What the uniform states ask for.

    Returns:
        Wanted error over the ohmic drop, and over the current density at the edges [V m^2/A];
        shapes (k,).
    """
    wanted = wanted_errors(points)
    at_edges = [reacting.at_edges for reacting in reacting_stretches(points)]
    with np.errstate(divide="ignore"):
        shares = wanted / planned_drops(points)
        budgets = wanted / np.max(at_edges, axis=0) if at_edges else np.full(len(points), np.inf)
    return shares, budgets


def _planned(points: OperatingPoints, share: float, budget: float) -> Resolution:
    rung = coarsest(_LADDER.rungs(points.case), share)
    return _resolution(points, rung, _edge_size(points, rung, budget))


def finer_resolution(
    points: OperatingPoints, tried: Resolution, *, excess: float, edge_current: float
) -> Resolution | None:
    """What to try after a resolution that was not good enough; None after the finest.

    Args:
        points: What is computed.
        tried: The resolution that was not good enough.
        excess: Its error over what is wanted.
        edge_current: Largest local current density that it found [A/m^2].
    """
    rungs = _LADDER.rungs(points.case)
    place = place_of(tried, rungs)
    wanted = rungs[place].share / excess
    finer = rungs[place + 1 :]
    if not finer:
        return None
    rung = coarsest(finer, wanted)
    size = _edge_size(points, rung, points.case.accuracy.tolerance / max(edge_current, 1e-300))
    size = min(size, tried.grading.edge_size / max(4.0, min(excess, 64.0)))
    return _resolution(points, rung, size)


def check_of(resolution: Resolution, *, width: float) -> Resolution:
    """What a solution is compared with: one degree more, and far smaller elements at the edges."""
    grading = resolution.grading
    edge_size = max(_CHECK_EDGE_SIZE * grading.edge_size, _RESOLVED * width)
    return Resolution(resolution.degree + 1, Grading(edge_size, grading.growth, grading.max_size))


def start_of(resolution: Resolution) -> Resolution:
    """Where Newton's method for a resolution starts: the same mesh but for its degree and edges."""
    grading = resolution.grading
    edge_size = max(grading.edge_size, _START_EDGE_SIZE * grading.max_size)
    return Resolution(
        min(resolution.degree, _START_DEGREE), Grading(edge_size, grading.growth, grading.max_size)
    )


def shared_meshes(points: OperatingPoints) -> list[npt.NDArray[np.intp]]:
    """Operating points in groups that are solved on one mesh each.

    Points that want the same resolution make a group. Where that is too small to be worth a mesh,
    they join those that want the next finer.

    Returns:
        Numbers of the points of every group, ascending; of all points whose state is known.
    """
    wanted: dict[Resolution, list[int]] = {}
    shares, budgets = (ends.tolist() for ends in _wanted(points))
    for number in np.flatnonzero(np.isfinite(points.uniform.drive)).tolist():
        resolution = _planned(points, shares[number], budgets[number])
        wanted.setdefault(resolution, []).append(number)
    groups: list[list[int]] = [[]]
    for resolution in sorted(wanted, key=_fineness):
        if len(groups[-1]) >= _WORTH_A_MESH:
            groups.append([])
        groups[-1] += wanted[resolution]
    return [np.array(sorted(group)) for group in groups if group]


def _fineness(resolution: Resolution) -> tuple[int, float, float]:
    grading = resolution.grading
    return resolution.degree, -grading.growth, -grading.edge_size


def _edge_size(points: OperatingPoints, rung: Rung, budget: float) -> float:
    """Size at which the edges take a tenth of the tolerance.

    Args:
        points: What is computed.
        rung: Of the ladder.
        budget: Wanted error over the current density at the edges [V m^2/A].
    """
    part = _EDGE_ERROR.get(rung.degree, _EDGE_ERROR_FROM_DEGREE_2)
    size = float(0.1 * budget * points.conductivity / part)
    return min(size, 0.2 * rung.growth * min(stretch.length for stretch in points.bottom))


def _resolution(points: OperatingPoints, rung: Rung, edge_size: float) -> Resolution:
    electrolyte = points.case.cell.electrolyte
    share = max(edge_size / electrolyte.span, _SMALLEST_EDGE_SIZE)
    # Rounded down, so that cases that differ a little in what they need can share a mesh.
    share = _EDGE_SIZE_STEP ** math.floor(math.log(share, _EDGE_SIZE_STEP) + 1e-9)
    largest = min(electrolyte.height, electrolyte.span)
    return Resolution(rung.degree, Grading(share * electrolyte.span, rung.growth, largest))
