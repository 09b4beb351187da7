"""Newton's method for the overpotential of reacting pixels.

With the mean overpotential eta_p [V] of every reacting pixel, its current density j_p = law(eta_p),
the drive D [V] of the bottom as a whole and the electrolyte's answer G to currents in pixels
(``pixels``), the discrete equations are

    eta_p + U_p + (G j)_p / kappa = D          what drives a pixel is D less the ohmic drop there
    mean of j over all pixels      = I         charge

They are those of Galerkin's method for a current density that is constant on every pixel. A step of
Newton's method solves, for the change of the current density y = s (change of eta) with the slope s
of the law,

    y_p / s_p + (G y)_p / kappa - (change of D) = D - eta_p - U_p - (G j)_p / kappa
    sum of y = what is missing of the current

which ``gradients`` does. Where an overpotential changes by much, an exponential law would answer
by far more than the current that the step predicts: the change is then made in asinh(j), which is
nearly linear, whichever of both comes closer to that current.

A pixel of a film that gives lithium only, and is below its potential, has no slope and takes no
part. What drives it follows from all others; where that is above its potential it comes back, with
no more current than its own pixel's resistance lets through.

    kappa  conductivity [S/m]     I  applied current density [A/m^2]     U  potential of what reacts
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.solvers.cosine.gradients import Tangent
from fem_island.solvers.cosine.reacting_pixels import Problem, moved_overpotentials
from fem_island.solvers.cosine.step_length import error_size, shortened
from fem_island.surface.kinetics import ReleaseOnly

logger = logging.getLogger(__name__)

_MOST_STEPS = 60

_LOOSEST, _LOOSEST_ONE_WAY = 1e-2, 1e-3
"""Precision of the linear equations far from the solution. Where films give lithium only, an error
would let pixels stop that should not."""

_BALANCED = 1e-12
"""Relative imbalance of charge to stop at."""

_DRIVEN = 1e-8
"""Error of local current densities to stop at, as a share of the largest."""


@dataclass(frozen=True)
class Solution:
    """A solution, or where Newton's method ended.

    Attributes:
        drive: D [V].
        overpotential: Of all reacting pixels, those of one part after those of another [V].
        density: Their current densities [A/m^2].
        steps: Steps of Newton's method.
        iterations: Of conjugate gradients, in all steps together.
        residual: Largest error of the equations of pixels [V].
        imbalance: Of charge, relative.
        solved: Whether it is a solution.
    """

    drive: float
    overpotential: Array
    density: Array
    steps: int
    iterations: int
    residual: float
    imbalance: float
    solved: bool


@dataclass(frozen=True)
class _Iterate:
    """What an iterate comes to.

    Attributes:
        drive: D [V].
        overpotential: [V], shape (n,).
        density: [A/m^2].
        slope: [S/m^2]; 0 where a pixel takes no part.
        residual: What is missing of the drive of every pixel [V].
        missing: What is missing of the current, in pixels [A/m^2].
        driven: Largest error of the drive where something reacts [V].
        imbalance: Of charge, relative.
        uneven: Error of the local current density, as a share of the largest.
    """

    drive: float
    overpotential: Array
    density: Array
    slope: Array
    residual: Array
    missing: float
    driven: float
    imbalance: float
    uneven: float

    @property
    def size(self) -> float:
        """How wrong it is; infinite where it overflowed."""
        return error_size(self.driven, self.imbalance)


def solve(
    problem: Problem,
    overpotential: Array,
    drive: float,
    *,
    tolerance: float,
    fewest_steps: int = 0,
) -> Solution:
    """Solve from a start.

    Args:
        problem: What to solve.
        overpotential: Of all reacting pixels, to start from [V].
        drive: D, to start from [V].
        tolerance: Error of the equations to stop at [V].
        fewest_steps: Steps that are made in any case.
    """
    tangent = Tangent.of(problem.grid, problem.conductivity)
    pixels = np.concatenate([part.pixels for part in problem.parts])
    now = _evaluate(problem, pixels, overpotential, drive, tangent.least)
    one_way = any(isinstance(part.law, ReleaseOnly) for part in problem.parts)
    loosest = _LOOSEST_ONE_WAY if one_way else _LOOSEST
    steps = iterations = slow = 0
    while steps < _MOST_STEPS:
        done = _is_solved(now, tolerance)
        if done and (steps >= fewest_steps or now.size == 0):
            break
        takes_part = now.slope > 0
        if not takes_part.any():
            break
        precision = float(np.clip(0.03 * now.size, 1e-6, loosest))
        change, moved, count = tangent.solve(
            pixels[takes_part],
            now.slope[takes_part],
            now.residual[takes_part],
            now.missing,
            precision=precision,
        )
        change_of_density = np.zeros_like(now.density)
        change_of_density[takes_part] = change
        answer = _answer(problem, pixels, change_of_density)
        changed = now.overpotential + now.residual + moved - answer
        target = moved_overpotentials(
            problem,
            now.overpotential,
            now.density,
            now.slope,
            change_of_density,
            changed,
            tangent.least,
        )

        def along(
            share: float, now: _Iterate = now, target: Array = target, moved: float = moved
        ) -> _Iterate:
            nearer = now.overpotential + share * (target - now.overpotential)
            return _evaluate(problem, pixels, nearer, now.drive + share * moved, tangent.least)

        after = shortened(along, now.size)
        steps += 1
        iterations += count
        logger.debug(
            "step %d: %d iterations, %.1e V, charge off by %.1e",
            steps,
            count,
            after.driven,
            after.imbalance,
        )
        slow = slow + 1 if after.size > 0.5 * now.size else 0
        # Rounding lets it go no further.
        if slow >= 3 and done:
            break
        now = after
    return Solution(
        now.drive,
        now.overpotential,
        now.density,
        steps,
        iterations,
        now.driven,
        now.imbalance,
        _is_solved(now, tolerance),
    )


def _is_solved(now: _Iterate, tolerance: float) -> bool:
    return now.driven <= tolerance and now.imbalance <= _BALANCED and now.uneven <= _DRIVEN


def _answer(problem: Problem, pixels: npt.NDArray[np.intp], density: Array) -> Array:
    """(G j) / kappa at the reacting pixels [V]."""
    grid = problem.grid
    everywhere = np.zeros(grid.size)
    everywhere[pixels] = density
    answer = grid.potential(everywhere.reshape(grid.shape)).ravel()[pixels]
    answer /= problem.conductivity
    return answer


def _evaluate(
    problem: Problem, pixels: npt.NDArray[np.intp], overpotential: Array, drive: float, least: float
) -> _Iterate:
    with np.errstate(over="ignore", invalid="ignore"):
        density, slope = problem.reactions(overpotential)
        residual = drive - overpotential - problem.equilibrium_potentials
        residual -= _answer(problem, pixels, density)
        applied = problem.current_density * problem.grid.size
        missing = float(applied - density.sum())
        size = np.abs(density)
        scale = max(abs(applied), float(size.sum()))
        off = np.abs(residual[slope > 0])
        driven = float(off.max(initial=0.0))
        uneven = 0.0
        if driven > 0:
            # The current that a pixel would carry more, were it alone.
            off /= least + 1 / slope[slope > 0]
            uneven = float(off.max() / size.max()) if size.max() > 0 else np.inf
            uneven = min(uneven, driven / 1e-16)
    imbalance = abs(missing) / scale if scale > 0 else 0.0
    return _Iterate(
        drive, overpotential, density, slope, residual, missing, driven, imbalance, uneven
    )
