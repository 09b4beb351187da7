"""Newton's method for voxels and the overpotentials of pixels.

With the potential x of every voxel, counted from - D, and the mean overpotential eta of every pixel
that reacts, with the current density j = law(eta):

    E j - A x - I t = 0             charge of every voxel; t spreads I over the top
    D - E' x - R j - U - eta = 0    what drives a pixel: its lowest voxel, less what lies between

R is the half of the lowest voxel, d / (2 k), and what finite volumes leave out close to a pixel:
its current spreads within less than a voxel. For the same voxels of one conductivity all of the
answer is known exactly (``cosine.symbol``), and so is the difference C to that of finite volumes.
With the conductivity k of the lowest voxels,

    R = d / (2 k) + k^-1/2 C k^-1/2 .

An electrolyte of one conductivity is thereby solved exactly as by cosines, and others are that much
better close to what reacts. C is short-ranged; in the linear equations its mean stands for it.

    A, E  finite volumes, and a pixel's current into them (``voxel_gradients``)
    D     a constant drive [V]     U  potential of what reacts [V]     I  applied current density
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.machine.threads import Threads, allowed_threads
from fem_island.solvers.cosine.pixels import filtered
from fem_island.solvers.cosine.reacting_pixels import Problem, moved_overpotentials
from fem_island.solvers.cosine.step_length import error_size, shortened
from fem_island.solvers.voxels.fast_poisson import lowest_of_uniform
from fem_island.solvers.voxels.voxel_box import VoxelBox
from fem_island.solvers.voxels.voxel_gradients import VoxelTangent

logger = logging.getLogger(__name__)

_MOST_STEPS = 60

_SHARED = 2**18
"""Voxels from which on threads share them."""

_REDUCTION = 0.03
"""Of the error of the linear equations in a step."""

_BALANCED = 1e-10
"""Relative imbalance of charge to stop at."""


class Between:
    """What lies between a pixel and the middle of its lowest voxel: R.

    Attributes:
        half: d / (2 k) of every pixel [Ohm m^2]; 0 where the voxel does not conduct.
        typical: What stands for all of R in the linear equations.
    """

    def __init__(self, box: VoxelBox, problem: Problem) -> None:
        """Compute C.

        Args:
            box: The voxels.
            problem: The pixels, with their exact answer for one conductivity.
        """
        lowest = box.conductivity[0]
        conducts = lowest > 0
        self._scale = np.zeros_like(lowest)
        self._scale[conducts] = lowest[conducts] ** -0.5
        self._missing = problem.grid.means - lowest_of_uniform(box) - 0.5 * box.thickness
        self._missing[0, 0] = 0.0
        self.half = 0.5 * box.thickness * self._scale.ravel() ** 2
        self.typical = self.half + float(self._missing.mean()) * self._scale.ravel() ** 2

    def answer(self, density: Array) -> Array:
        """R j [V] at all pixels, for the current densities of all of them."""
        shape = self._scale.shape
        scaled = density.reshape(shape) * self._scale
        spread = self._scale * filtered(scaled, self._missing)
        return np.asarray(self.half * density + spread.ravel())


@dataclass(frozen=True)
class VoxelSolution:
    """A solution, or where Newton's method ended.

    Attributes:
        drive: D [V].
        potential: x of every voxel [V].
        overpotential: Of all reacting pixels, those of one part after those of another [V].
        density: Their current densities [A/m^2].
        steps: Steps of Newton's method.
        iterations: Of conjugate gradients, in all steps together.
        residual: Estimated error of the discrete equations [V].
        imbalance: Of charge, relative.
        solved: Whether it is a solution.
    """

    drive: float
    potential: Array
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
        potential: x [V].
        overpotential: eta [V].
        density: j [A/m^2].
        slope: [S/m^2]; 0 where a pixel takes no part.
        charge: What is missing of the charge of every voxel [A/m^2].
        residual: What is missing of the drive of every reacting pixel [V].
        driven: Largest of it where something reacts [V].
        imbalance: Of charge, relative.
    """

    potential: Array
    overpotential: Array
    density: Array
    slope: Array
    charge: Array
    residual: Array
    driven: float
    imbalance: float

    @property
    def size(self) -> float:
        """How wrong the pixels are; infinite where it overflowed."""
        return error_size(self.driven, self.imbalance)


class VoxelProblem:
    """The problem for one box of voxels."""

    def __init__(self, box: VoxelBox, problem: Problem, top: Array) -> None:
        """Compute what does not change.

        Args:
            box: The voxels.
            problem: The pixels, and what reacts on them; its conductivity is that of the layers.
            top: t: how much of I enters below every pixel of the top, 1 in the mean.
        """
        self.box, self.problem, self.top = box, problem, top
        self.pixels = np.concatenate([part.pixels for part in problem.parts])
        self.between = Between(box, problem)
        shared = box.conductivity.size > _SHARED
        self._threads = Threads(allowed_threads() if shared else 1)
        self._tangent = VoxelTangent(box, self._threads)

    def solve(
        self, potential: Array, overpotential: Array, drive: float, *, tolerance: float
    ) -> VoxelSolution:
        """Solve from a start.

        Args:
            potential: x [V].
            overpotential: Of all reacting pixels [V].
            drive: D [V].
            tolerance: Error of the discrete equations to stop at [V].
        """
        now = self._evaluate(potential, overpotential, drive)
        least = float(self.between.typical[self.pixels].min())
        resistance = self._resistance(now)
        steps = iterations = 0
        error = np.inf
        while steps < _MOST_STEPS:
            taking = now.slope > 0
            if not taking.any():
                error = now.driven
                break
            pixels = self.pixels[taking]
            weight = 1 / (self.between.typical[pixels] + 1 / now.slope[taking])
            right = now.charge.copy()
            right[0].ravel()[pixels] += weight * now.residual[taking]
            first = self._tangent.preconditioned(right, pixels, weight)
            error = float(np.sqrt(max(first[1], 0.0) / self.problem.grid.size * resistance))
            done = error <= tolerance and now.driven <= tolerance
            if done and now.imbalance <= _BALANCED:
                break
            reduction = max(_REDUCTION, 0.2 * tolerance / error)
            change, count = self._tangent.solve(
                right, pixels, weight, first=first, reduction=min(reduction, 0.5)
            )
            iterations += count
            steps += 1
            now = self._after(now, change, taking, weight, drive, least)
            logger.info(
                "step %d: %d iterations, error %.1e V, charge off by %.1e",
                steps,
                count,
                error,
                now.imbalance,
            )
        solved = error <= tolerance and now.driven <= tolerance and now.imbalance <= _BALANCED
        return VoxelSolution(
            drive,
            now.potential,
            now.overpotential,
            now.density,
            steps,
            iterations,
            max(error, now.driven),
            now.imbalance,
            solved,
        )

    def _after(
        self,
        now: _Iterate,
        change: npt.NDArray[np.float32],
        taking: npt.NDArray[np.bool_],
        weight: Array,
        drive: float,
        least: float,
    ) -> _Iterate:
        """The iterate after a step, or after as much of it as makes nothing worse."""
        lowest = change[0].ravel()[self.pixels].astype(np.float64)
        current = np.zeros_like(now.density)
        current[taking] = weight * (now.residual[taking] - lowest[taking])
        changed = now.overpotential + now.residual - lowest - self._answer(current)
        target = moved_overpotentials(
            self.problem, now.overpotential, now.density, now.slope, current, changed, least
        )

        def along(share: float) -> _Iterate:
            nearer = now.overpotential + share * (target - now.overpotential)
            return self._evaluate(now.potential + share * change, nearer, drive)

        return shortened(along, now.size)

    def _answer(self, density: Array) -> Array:
        """R j at the reacting pixels [V]."""
        everywhere = np.zeros(self.problem.grid.size)
        everywhere[self.pixels] = density
        return np.asarray(self.between.answer(everywhere)[self.pixels])

    def _evaluate(self, potential: Array, overpotential: Array, drive: float) -> _Iterate:
        with np.errstate(over="ignore", invalid="ignore"):
            density, slope = self.problem.reactions(overpotential)
            residual = drive - overpotential - potential[0].ravel()[self.pixels]
            residual -= self.problem.equilibrium_potentials
            residual -= self._answer(density)
            charge = self.box.leaving(potential, self._threads)
            np.negative(charge, out=charge)
            charge[0].ravel()[self.pixels] += density
            charge[-1] -= self.problem.current_density * self.top
            applied = self.problem.current_density * self.problem.grid.size
            scale = max(abs(applied), float(np.abs(density).sum()))
            missing = abs(float(applied - density.sum()))
            driven = float(np.abs(residual[slope > 0]).max(initial=0.0))
        imbalance = missing / scale if scale > 0 else 0.0
        return _Iterate(
            potential, overpotential, density, slope, charge, residual, driven, imbalance
        )

    def _resistance(self, now: _Iterate) -> float:
        """About what the current of the cell meets [Ohm m^2], which turns energies to errors."""
        mean = float(now.slope.sum()) / self.problem.grid.size
        kinetic = 1 / mean if mean > 0 else 0.0
        return kinetic + self.problem.grid.height / self.problem.conductivity
