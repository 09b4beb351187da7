"""Newton's method for the condensed equations of one instant, or of one step of time.

    kappa S d + V^T (w j(d)) = I W q        d drive phi_Li - phi at the nodes [V]

This is equation (1) of ``solvers.electrolyte`` for d = - psi. The current density j of every cell
rises with its drive, at an instant and as the mean over a step alike, so that both are one problem
with one solution.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.linalg import lapack

from fem_island.errors import ConvergenceError
from fem_island.experiments.stripping.bottom_grid import BottomGrid
from fem_island.experiments.stripping.cells import Cells, Reaction
from fem_island.machine.arrays import Array

_RESIDUAL = 1e-11
"""Newton stops at this residual, relative to the current."""

_ACCEPTED = 1e-9
"""Where rounding ends the search, this much is still a solution."""

_LITTLE_DRIVE = 1e-6
"""Current is compared with what flows at this drive where none is applied [V]."""

_MOST_STEPS = 60
_MOST_CUTS = 25
_LONGEST_STEP = 0.2
"""Largest change of a drive in one step of Newton's method [V]."""

_HIGHEST_DRIVE = 60.0
_MOST_BISECTIONS = 200


class NothingReactsError(ConvergenceError):
    """No drive carries the applied current: what is left cannot give it."""


class Conduction(Protocol):
    """The electrolyte at one applied current, as the bottom feels it."""

    @property
    def top_mean(self) -> tuple[Array, float]:
        """Mean at the top: weights of the unknowns, and metres per I / kappa."""

    def taken(self, drive: Array) -> Array:
        """Current that it takes from every unknown of the bottom less what leaves at the top [A/m].

        Args:
            drive: At the nodes [V].
        """

    def correction(self, slope: Array, residual: Array) -> Array | None:
        """A step of Newton's method [V], or None where there is none.

        Args:
            slope: Of the current densities of the cells [S/m^2].
            residual: Of the equations at the nodes [A/m].
        """


class CondensedConduction:
    """The electrolyte by the operator of a condensed grid."""

    def __init__(self, grid: BottomGrid, conductivity: float, current_density: float) -> None:
        """Scale the operator once."""
        operator = grid.electrolyte.operator
        self._grid = grid
        self._stiffness = conductivity * operator.stiffness
        self._from_top = current_density * operator.width * operator.top_share

    @property
    def top_mean(self) -> tuple[Array, float]:
        """Mean at the top."""
        return self._grid.top_mean

    def taken(self, drive: Array) -> Array:
        """Current that it takes from every unknown less what leaves at the top [A/m]."""
        # A constant has no current; without it no digits are lost where the conductivity is high.
        return np.asarray(self._stiffness @ (drive - drive.mean())) - self._from_top

    def correction(self, slope: Array, residual: Array) -> Array | None:
        """A step of Newton's method [V], or None where there is none."""
        matrix = self._stiffness + self._grid.tangent(slope)
        _, step, info = lapack.dposv(matrix, -residual, overwrite_a=True)
        return None if info != 0 else np.asarray(step)


class Balance(Protocol):
    """The cells of a bottom against the electrolyte, at one applied current."""

    @property
    def grid(self) -> Cells:
        """The cells."""

    @property
    def conductivity(self) -> float:
        """Kappa [S/m]."""

    @property
    def current_density(self) -> float:
        """I [A/m^2]."""

    @property
    def top_mean(self) -> tuple[Array, float]:
        """Mean at the top: weights of the unknowns, and metres per I / kappa."""

    def solve(self, reaction: Reaction, start: Array | None) -> Solved:
        """The drive at which the reactions carry the current.

        Args:
            reaction: j, which must not fall with the drive.
            start: First iterate [V], or None.

        Raises:
            NothingReactsError: No drive carries the current.
            ConvergenceError: Newton's method failed.
        """


@dataclass(frozen=True)
class CondensedBalance:
    """The bottom against the electrolyte of a condensed grid.

    Attributes:
        grid: The condensed grid.
        conductivity: kappa [S/m].
        current_density: I [A/m^2].
        conduction: The electrolyte at that current.
    """

    grid: BottomGrid
    conductivity: float
    current_density: float
    conduction: Conduction

    @property
    def top_mean(self) -> tuple[Array, float]:
        """Mean at the top: weights of the unknowns, and metres per I / kappa."""
        return self.conduction.top_mean

    def solve(self, reaction: Reaction, start: Array | None) -> Solved:
        """See ``Balance.solve``."""
        grid, current = self.grid, self.current_density
        return solved_from(self._newton, start, grid, current, reaction, unknowns=grid.size)

    def _newton(self, reaction: Reaction, start: Array) -> Solved | None:
        grid = self.grid
        applied = abs(self.current_density) * grid.width
        drive = start
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            density, slope, residual = self._residual(reaction, drive)
            scale = self._scale(density, slope)
            norm = _size(residual)
            for count in range(_MOST_STEPS):
                if norm <= _RESIDUAL * scale:
                    return Solved(drive, density, count)
                step = self.conduction.correction(slope, residual)
                if step is None or not np.isfinite(step).all():
                    return None
                longest = float(np.abs(step).max())
                if longest > _LONGEST_STEP:
                    step *= _LONGEST_STEP / longest
                before, descent = norm, float(residual @ step)
                length = 1.0
                for _ in range(_MOST_CUTS):
                    trial = drive + length * step
                    density, slope, new = self._residual(reaction, trial)
                    end = float(new @ step)
                    norm = _size(new)
                    if norm <= 0.9 * before or end <= -0.5 * descent or norm <= _ACCEPTED * scale:
                        break
                    guess = descent / (descent - end) if np.isfinite(end) else 0.1
                    length *= min(max(guess, 0.1), 0.5)
                else:
                    return None
                drive, residual = trial, new
                if scale > applied:
                    # A start that was far off must not say what is little.
                    scale = min(scale, self._scale(density, slope))
                stuck = norm > 0.3 * before and norm <= 1e3 * _RESIDUAL * scale
                if stuck:
                    return Solved(drive, density, count + 1)
            return Solved(drive, density, _MOST_STEPS) if norm <= _ACCEPTED * scale else None

    def _scale(self, density: Array, slope: Array) -> float:
        """What residuals are compared with [A/m]."""
        applied, weights = abs(self.current_density) * self.grid.width, self.grid.weights
        scale = max(applied, 1e-12 * float(weights @ np.abs(density)))
        # At rest no current says what is little, but the drive does.
        return max(scale, _LITTLE_DRIVE * float(weights @ slope))

    def _residual(self, reaction: Reaction, drive: Array) -> tuple[Array, Array, Array]:
        density, slope = reaction(self.grid.cell_drives(drive))
        return density, slope, self.conduction.taken(drive) + self.grid.load(density)


def solved_from(
    newton: Callable[[Reaction, Array], Solved | None],
    start: Array | None,
    grid: Cells,
    current_density: float,
    reaction: Reaction,
    *,
    unknowns: int,
) -> Solved:
    """What Newton's method finds from a start, or else from the uniform drive.

    Args:
        newton: Searches from drives; None where it fails.
        start: Drives to start from, if there are any [V].
        grid: The cells.
        current_density: I [A/m^2].
        reaction: What the cells do at drives.
        unknowns: Number of drives.

    Raises:
        ConvergenceError: It fails from both.
        NothingReactsError: No drive carries the current.
    """
    found = None if start is None else newton(reaction, start)
    if found is None:
        uniform = uniform_drive(grid, current_density, reaction)
        found = newton(reaction, np.full(unknowns, uniform))
    if found is None:
        raise ConvergenceError("Newton's method failed for a step of stripping")
    return found


def uniform_drive(grid: Cells, current_density: float, reaction: Reaction) -> float:
    """The one drive of the whole bottom that carries the current [V], by bisection."""
    wanted = current_density * grid.width

    def excess(drive: float) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            density, _ = reaction(np.full(len(grid.weights), drive))
            carried = float(grid.weights @ density)
            return carried - wanted if np.isfinite(carried) else np.inf * np.sign(drive)

    low, high = -0.1, 0.1
    while excess(high) < 0:
        low, high = high, 2 * high
        if high > _HIGHEST_DRIVE:
            raise NothingReactsError("nothing is left that could carry the current")
    while excess(low) > 0:
        low, high = 2 * low, low
        if low < -_HIGHEST_DRIVE:
            raise NothingReactsError("nothing takes up the current")
    for _ in range(_MOST_BISECTIONS):
        middle = 0.5 * (low + high)
        if high - low < 1e-10 or middle in (low, high):
            break
        low, high = (middle, high) if excess(middle) < 0 else (low, middle)
    return high


@dataclass(frozen=True)
class Solved:
    """A solution.

    Attributes:
        drive: At the nodes [V].
        density: Of the cells [A/m^2].
        iterations: Newton steps.
    """

    drive: Array
    density: Array
    iterations: int


def _size(residual: Array) -> float:
    return float(np.sqrt(residual @ residual))
