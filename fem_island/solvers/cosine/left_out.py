"""What pixels of one size leave out of a solution, in the numbers that are reported.

Currents that vary inside a pixel are left out. What drives them is known: R, by how much the
potential that the solution has inside a pixel differs from its mean there. With the slope s of the
law, and the resistance G' of the electrolyte to currents that vary inside of a pixel, about 1.4
times the smallest symbol, such currents are s R / (1 + s G'), and overpotentials vary by
R / (1 + s G'). The equations of pixels (``newton``), linearised, miss them twice: in what they
change of the potential elsewhere, and in

    c = (s' / 2s) <R^2> / (1 + s G')^2

by which the mean overpotential of a pixel is less where its law is curved. How a number N answers
an error of the equations is what weights w say. They solve them with its derivative as the drive:

    w_p / s_p + (G w)_p / kappa - d = dN / dj_p ,     sum of w = 0

and for the potential at the top, which is the negative of the drive, with 0 and 1 on the right. As
G is symmetric, finer pixels change N, with the R_w of w, by the sum over pixels of

    s <R R_w> / (1 + s G') + w c ,     less the mean of c where N is a mean overpotential

<> is the mean over a pixel, by the values at its corners. Where kinetics are fast, what varies is
crowded into the layer kappa / s at edges, more than corners show: in c by 1 + ln(1 + s G'), in the
rest by a share of that logarithm, which is larger where lithium and a film at another potential
touch. These were compared with smaller pixels on 640 random maps: the true change is 0.25 to 1.6
times what is estimated here, and 0.85 to 1.1 times where pixels resolve the layer.

    s, s'  slope of the law and its derivative     kappa  conductivity [S/m]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.solvers.cosine.gradients import Tangent
from fem_island.solvers.cosine.newton import Solution
from fem_island.solvers.cosine.pixels import INSIDE
from fem_island.solvers.cosine.reacting_pixels import Problem

_CROWDED, _CROWDED_AT_FILMS = 0.15, 0.8
"""Share of ln(1 + s G') by which more is left out, of lithium alone and beside films that react."""

_STEP = 1e-4
"""Of the difference quotient of a slope [V]."""

_PRECISION = 0.03
"""Of the weights."""


@dataclass(frozen=True)
class Missing:
    """What pixels leave out of a number.

    Attributes:
        change: What finer pixels would add to it, about.
        size: The same, were all pixels to change it in one direction.
    """

    change: float
    size: float


def left_out(problem: Problem, solution: Solution) -> dict[str, Missing]:
    """Estimate what pixels leave out, by the names of numbers.

    Args:
        problem: What was solved.
        solution: Its solution.

    Returns:
        Of the potential at the top [V], the mean overpotential on lithium [V] and the share of the
        current that the film carries.
    """
    return dict(_each(problem, solution))


def _each(problem: Problem, solution: Solution) -> Iterator[tuple[str, Missing]]:
    slope, bend = np.empty((2, len(solution.density)))
    for part, own in problem.slices():
        at = solution.overpotential[own]
        slope[own] = part.law.slope(at)
        bend[own] = part.law.slope(at + _STEP) - part.law.slope(at - _STEP)
    bend /= 2 * _STEP
    takes_part = slope > 0
    lithium = np.flatnonzero(takes_part) < len(problem.parts[0].pixels)
    pixels = np.concatenate([part.pixels for part in problem.parts])[takes_part]
    slope, bend = slope[takes_part], bend[takes_part]
    tangent = Tangent.of(problem.grid, problem.conductivity)
    inside = _Inside(problem, pixels)
    varying = inside.of(solution.density[takes_part])
    damped = 1 + slope * INSIDE * tangent.least
    layers = np.log(damped)
    curved = 0.5 * bend / slope * _covariance(varying, varying) * (1 + layers) / damped**2
    share = _CROWDED if lithium.all() else _CROWDED_AT_FILMS
    carries = slope * (1 + share * layers) / damped

    def missing(derivative: Array, total: float, direct: Array | float) -> Missing:
        weights, _, _ = tangent.solve(pixels, slope, derivative, total, precision=_PRECISION)
        answer = carries * _covariance(varying, inside.of(weights))
        each = answer + weights * curved - direct
        return Missing(float(each.sum()), float(np.abs(each).sum()))

    nothing = np.zeros_like(slope)
    yield "potential_top_mean", missing(nothing, 1.0, 0.0)
    average = lithium / max(int(lithium.sum()), 1)
    yield "overpotential_mean", missing(average / slope, 0.0, average * curved)
    applied = problem.current_density * problem.grid.size
    film = "interlayer_current_fraction"
    carries_some = applied != 0 and not lithium.all()
    yield film, missing(~lithium / applied, 0.0, 0.0) if carries_some else Missing(0.0, 0.0)


@dataclass(frozen=True)
class _Inside:
    """How potentials vary inside pixels.

    Attributes:
        problem: The electrolyte, and what reacts.
        pixels: Numbers of those that are looked at, shape (n,).
    """

    problem: Problem
    pixels: npt.NDArray[np.intp]

    def of(self, density: Array) -> tuple[Array, ...]:
        """Parts of the potential that vary with x, with y, with both, and with their squares [V].

        Args:
            density: Current densities of the pixels [A/m^2]; all others are left out.
        """
        grid, kappa = self.problem.grid, self.problem.conductivity
        everywhere = np.zeros(grid.size)
        everywhere[self.pixels] = density
        corners = grid.corners(everywhere.reshape(grid.shape)) / kappa
        mean = grid.potential(everywhere.reshape(grid.shape)).ravel()[self.pixels] / kappa
        rows, columns = np.divmod(self.pixels, grid.shape[1])
        low_left, low_right = corners[rows, columns], corners[rows, columns + 1]
        high_left, high_right = corners[rows + 1, columns], corners[rows + 1, columns + 1]
        return (
            0.5 * (low_right + high_right - low_left - high_left),
            0.5 * (high_left + high_right - low_left - low_right),
            0.25 * (low_left + high_right - low_right - high_left),
            0.25 * (low_left + low_right + high_left + high_right) - mean,
        )


def _covariance(first: tuple[Array, ...], second: tuple[Array, ...]) -> Array:
    """Mean over a pixel of the product of what varies inside: of x, y, xy, and of all else.

    What all corners have in common would be 1/10 for x^2 + y^2, and 1/2 for a checkerboard.
    """
    parts = zip((1 / 12, 1 / 12, 1 / 9, 1 / 3), first, second, strict=True)
    total: Array = np.zeros_like(first[0])
    for weight, one, other in parts:
        total += weight * one * other
    return total


__all__ = ["Missing", "left_out"]
