"""Derivatives of what is reported, from the Newton matrix of the solution.

The discrete equations R(psi, p) = 0 hold for every value of a parameter p, so that the solution
changes with it by

    dpsi/dp = - inv(J) dR/dp ,     J = dR/dpsi ,

with the matrix J of Newton's method, on the same grid, which goes along where p moves an island.
Only explicit formulas are then differentiated by differences: the residual at one psi, and what is
reported of psi. Nothing is solved for them, so that the step can be small, and the derivative has
about nine digits of that of the discrete equations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns
from fem_island.solvers.condensed.geometry import CondensedGeometry
from fem_island.solvers.condensed.method import CondensedMethod
from fem_island.solvers.condensed.newton import Solutions
from fem_island.solvers.condensed.solved import SolvedOnGrid, solve_on
from fem_island.surface.points import OperatingPoints


@dataclass(frozen=True)
class Shifted:
    """Points with one parameter a step larger and a step smaller.

    Attributes:
        larger: The points, with the stretches of those that they belong to.
        smaller: Likewise.
        step: Half of the difference of the parameter, shape (k,).
    """

    larger: OperatingPoints
    smaller: OperatingPoints
    step: Array


@dataclass(frozen=True)
class Beside:
    """What is reported a step away from k solutions, to first order.

    Attributes:
        larger: With the larger parameter.
        smaller: With the smaller one.
    """

    larger: Columns
    smaller: Columns


def beside(
    points: OperatingPoints, shifts: Sequence[Shifted], method: CondensedMethod
) -> tuple[Columns, list[Beside]]:
    """Solve points, and what is reported beside them.

    They are solved on the grid that a solution is checked with.

    Args:
        points: The points.
        shifts: The same points with one parameter each a step away.
        method: How to discretise.

    Returns:
        What the points report, failed where there is no solution, and for every parameter what is
        reported a step away.
    """
    resolution = method.check_of(points, method.first(points))
    geometry = method.geometry(points, resolution)
    solved = solve_on(points, geometry, np.zeros((len(points), geometry.operator.size)))
    deviation = solved.solutions.deviation
    problem = geometry.problem(points)
    _, _, slopes = problem.residual(deviation)
    tangent = problem.operator.tangent(problem.conductivity, problem.reactions.derivative(slopes))
    found = []
    for shift in shifts:
        both = [(one, method.geometry(one, resolution)) for one in (shift.larger, shift.smaller)]
        high, low = (on.problem(one).residual(deviation)[0] for one, on in both)
        change = tangent.solve(-0.5 * (high - low))
        larger, smaller = (
            _observed(one, on, deviation + sign * change)
            for (one, on), sign in zip(both, (1.0, -1.0), strict=True)
        )
        found.append(Beside(larger, smaller))
    return solved.columns, found


def _observed(points: OperatingPoints, geometry: CondensedGeometry, deviation: Array) -> Columns:
    """What is reported of a potential at the bottom, be it a solution or not."""
    count = len(points)
    as_it_is = Solutions(
        deviation, np.zeros(count, np.int32), np.zeros(count), np.ones(count, dtype=bool)
    )
    return SolvedOnGrid(points, geometry, as_it_is).observed()
