"""The pixels of a thickness image as the cells of a march, and the electrolyte over them.

Of a pixel's drive d_p, the mean of phi_Li - phi over it, and its current density j_p, which rises
with it, the equations of an instant or of a step are those of ``solvers.cosine.newton``,

    d_p + (G j)_p / kappa = D ,     mean of j over all pixels = I

with D the mean drive over the bottom. A step of Newton's method goes along the change of the
currents: the drives follow from what the electrolyte answers to it, also where a pixel has run
empty and its slope is 0. At the end one number is added to all drives, so that the balance of
charge is exact to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fem_island.experiments.stripping.cells import Reaction
from fem_island.experiments.stripping.quasistatic import Solved, solved_from
from fem_island.machine.arrays import Array
from fem_island.solvers.cosine.gradients import Tangent
from fem_island.solvers.cosine.pixels import PixelGrid
from fem_island.solvers.cosine.step_length import error_size, shortened

_MOST_STEPS = 60
_MOST_HALVINGS = 12
_GROWTH = 1.5
"""Of what is wrong in a step at most."""

_DRIVEN = 1e-8
"""Error of the drives to stop at [V]; the voltage's is that squared over R T / F."""

_ACCEPTED = 1e-6
"""Where rounding ends the search, this much is still a solution [V]."""

_SHIFTED = 1e-7
"""What all drives may still be shifted by for the balance of charge [V]."""

_BALANCED, _STILL = 1e-13, 1e-10
"""Relative imbalance of charge to stop at, and that of what is still a solution."""

_LOOSEST, _TIGHTEST = 1e-2, 1e-6
"""Precision of the linear equations."""

_LOST = 1e6
"""Residual beyond which a search has lost its way [V]."""

_LEAST_SLOPE = 1e-9
"""Share of the largest slope below which a pixel's current does not change."""


@dataclass(frozen=True)
class PixelCells:
    """The pixels that can ever react. A drive is that of all of them, and last that of the bottom.

    Attributes:
        grid: The electrolyte over all pixels.
        pixels: Numbers of those that can react, row by row, shape (n,).
    """

    grid: PixelGrid
    pixels: npt.NDArray[np.intp]

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return len(self.pixels)

    @property
    def width(self) -> float:
        """Area of the bottom [m^2]."""
        return self.grid.size * self.grid.pixel**2

    @property
    def copies(self) -> int:
        """One: all of the cell is solved."""
        return 1

    @cached_property
    def weights(self) -> Array:
        """Area of every pixel [m^2], shape (n,)."""
        return np.full(len(self.pixels), self.grid.pixel**2)

    @cached_property
    def bottom_mean(self) -> tuple[Array, float]:
        """The mean over the bottom is the last number of a drive."""
        weights = np.zeros(len(self.pixels) + 1)
        weights[-1] = 1.0
        return weights, 0.0

    @property
    def top_mean(self) -> tuple[Array, float]:
        """Mean at the top, in the same way."""
        return self.bottom_mean[0], -self.grid.height

    def cell_drives(self, drive: Array) -> Array:
        """Drives of the pixels [V]."""
        return drive[:-1]

    def cell_differences(self, drive: Array) -> Array:
        """Pixels have one drive each."""
        return np.zeros(len(self.pixels))

    def answer(self, density: Array) -> Array:
        """G j [A/m] at the pixels."""
        everywhere = self.everywhere(density)
        return self.grid.potential(everywhere).ravel()[self.pixels]

    def everywhere(self, values: Array) -> Array:
        """Values of the pixels with 0 elsewhere, shape (rows, columns)."""
        found = np.zeros(self.grid.size)
        found[self.pixels] = values
        return found.reshape(self.grid.shape)


@dataclass(frozen=True)
class _Iterate:
    """Drives with what follows from them.

    Attributes:
        drive: Of the pixels [V].
        mean: D [V].
        density: j [A/m^2].
        slope: Its derivative [S/m^2].
        residual: What is missing of the drives [V].
        missing: What is missing of the current, in pixels [A/m^2].
        driven: Largest residual where the current can change [V].
        imbalance: Of the current, relative.
    """

    drive: Array
    mean: float
    density: Array
    slope: Array
    residual: Array
    missing: float
    driven: float
    imbalance: float

    @property
    def size(self) -> float:
        """How wrong it is; infinite where it overflowed."""
        return error_size(self.driven, self.imbalance)


@dataclass(frozen=True)
class PixelBalance:
    """The pixels against the electrolyte at one applied current.

    Attributes:
        grid: The pixels.
        conductivity: kappa [S/m].
        current_density: I [A/m^2].
        tangent: The electrolyte's part of the linear equations.
    """

    grid: PixelCells
    conductivity: float
    current_density: float
    tangent: Tangent

    @classmethod
    def of(cls, grid: PixelCells, conductivity: float, current_density: float) -> PixelBalance:
        """At an applied current [A/m^2]."""
        tangent = Tangent.of(grid.grid, conductivity)
        return cls(grid, conductivity, current_density, tangent)

    @property
    def top_mean(self) -> tuple[Array, float]:
        """Mean at the top: weights of the unknowns, and metres per I / kappa."""
        return self.grid.top_mean

    def solve(self, reaction: Reaction, start: Array | None) -> Solved:
        """The drive at which the reactions carry the current; see ``Balance.solve``."""
        grid, current = self.grid, self.current_density
        return solved_from(self._newton, start, grid, current, reaction, unknowns=grid.size + 1)

    def _newton(self, reaction: Reaction, start: Array) -> Solved | None:
        now = self._evaluate(reaction, start[:-1], float(start[-1]))
        slow = 0
        for count in range(_MOST_STEPS):
            settled = now.driven <= _DRIVEN and abs(now.missing) <= _SHIFTED * now.slope.sum()
            if settled or (slow >= 3 and now.driven <= _ACCEPTED):
                return self._balanced(reaction, now, count)
            takes_part = now.slope > _LEAST_SLOPE * now.slope.max(initial=0.0)
            if not now.driven <= _LOST or not takes_part.any():
                return None
            change = np.zeros_like(now.density)
            change[takes_part], moved, _ = self.tangent.solve(
                self.grid.pixels[takes_part],
                now.slope[takes_part],
                now.residual[takes_part],
                now.missing,
                precision=float(np.clip(0.03 * now.size, _TIGHTEST, _LOOSEST)),
            )
            # What drives a pixel after the step, as the electrolyte answers to it.
            step = now.residual + moved - self.grid.answer(change) / self.conductivity

            def along(
                share: float, now: _Iterate = now, step: Array = step, moved: float = moved
            ) -> _Iterate:
                return self._evaluate(reaction, now.drive + share * step, now.mean + share * moved)

            after = shortened(along, now.size, growth=_GROWTH, most_halvings=_MOST_HALVINGS)
            slow = slow + 1 if after.size > 0.5 * now.size else 0
            now = after
        return self._balanced(reaction, now, _MOST_STEPS) if now.driven <= _ACCEPTED else None

    def _evaluate(self, reaction: Reaction, drive: Array, mean: float) -> _Iterate:
        with np.errstate(over="ignore", invalid="ignore"):
            density, slope = reaction(drive)
            residual = mean - drive - self.grid.answer(density) / self.conductivity
            applied = self.current_density * self.grid.grid.size
            missing = float(applied - density.sum())
            scale = max(abs(applied), float(np.abs(density).sum()), 1e-300)
            changes = slope > _LEAST_SLOPE * slope.max(initial=0.0)
            driven = float(np.abs(residual[changes]).max(initial=0.0))
            if not np.isfinite(density).all():
                driven = np.inf
        return _Iterate(
            drive, mean, density, slope, residual, missing, driven, abs(missing) / scale
        )

    def _balanced(self, reaction: Reaction, now: _Iterate, count: int) -> Solved | None:
        """The solution with drives that carry exactly the applied current."""
        drive, density, slope = now.drive, now.density, now.slope
        applied = self.current_density * self.grid.grid.size
        scale = max(abs(applied), 1e-12 * float(np.abs(density).sum()))
        added = 0.0
        for _ in range(_MOST_STEPS):
            missing = float(applied - density.sum())
            if abs(missing) <= _BALANCED * scale or not slope.any():
                break
            step = missing / float(slope.sum())
            if abs(step) <= 1e-16 * (1e-3 + abs(now.mean)):
                break
            added += step
            drive = now.drive + added
            density, slope = reaction(drive)
        # What has run empty carries no more, whatever drives it.
        if not abs(added) <= _ACCEPTED or abs(applied - float(density.sum())) > _STILL * scale:
            return None
        return Solved(np.append(drive, now.mean + added), density, count)
