"""A solution at one size of pixels, and what pixels of that size leave out.

Currents that vary inside a pixel are what is left out. What drives them is known: the potential
that the solution has at the corners of a pixel, less its mean. With its variance V over a pixel,
and the resistance G' of the electrolyte to currents that vary inside of it, about 1.4 times the
smallest symbol, such currents are s / (1 + s G') of it. Overpotentials are less for them, by

    s V / ((1 + s G') j)              since the pixel carries its current with less resistance
    (s' / s) V / (2 (1 + s G')^2)     since it reacts at several overpotentials of a curved law

Put into the equations of pixels, linearised, these tell how far the reported numbers are off: by
0.5 to 1 of what they tell for lithium alone, and by less with films that react in both directions.

    s, s'  slope of the law and its derivative     j  current density of a pixel
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fem_island.case.case import Case
from fem_island.errors import ConvergenceError, Fault, InputError
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns
from fem_island.results.map_observables import observe_map
from fem_island.results.map_state import MapState, Reacting
from fem_island.solvers.cosine import newton
from fem_island.solvers.cosine.field import MapField
from fem_island.solvers.cosine.gradients import Tangent
from fem_island.solvers.cosine.newton import Part, Problem, Solution
from fem_island.solvers.cosine.pixels import PixelGrid
from fem_island.surface.contact import FILM, LITHIUM, Contact
from fem_island.surface.uniform_state import NO_UNIFORM_STATE, uniform_states

_INSIDE = 1.4
"""Resistance to currents that vary inside a pixel over that of the fastest variation between
pixels: with it the estimate holds for the primary distribution of strips, squares and discs."""

_STEP = 1e-4
"""Of the difference quotient of a slope [V]."""


@dataclass(frozen=True)
class LeftOut:
    """How far numbers are off because of what pixels leave out, as it is estimated.

    Attributes:
        size: Mean of what drives it, for comparison between levels [V].
        top: Potential at the top [V].
        mean: Mean overpotential on lithium [V].
        film_share: Share of the current that the film carries.
    """

    size: float
    top: float
    mean: float
    film_share: float

    def errors(self) -> dict[str, float]:
        """By the names of the numbers."""
        return {
            "potential_top_mean": self.top,
            "overpotential_mean": self.mean,
            "interlayer_current_fraction": self.film_share,
        }


@dataclass(frozen=True)
class Level:
    """A solution at one size of pixels.

    Attributes:
        refinement: Parts of an edge of the image's pixels.
        problem: The discrete problem.
        solution: Its solution.
        state: The same for what is reported.
        columns: What is reported, of one point.
    """

    refinement: int
    problem: Problem
    solution: Solution
    state: MapState
    columns: Columns

    @property
    def unknowns(self) -> int:
        """Pixels that react."""
        return len(self.solution.density)

    def left_out(self) -> LeftOut:
        """Estimate what pixels of this size leave out."""
        problem, solution = self.problem, self.solution
        variance = self._variance()
        slope, bend = np.empty_like(variance), np.empty_like(variance)
        for part, own in problem.slices():
            at = solution.overpotential[own]
            slope[own] = part.law.slope(at)
            bend[own] = part.law.slope(at + _STEP) - part.law.slope(at - _STEP)
        bend /= 2 * _STEP
        tangent = Tangent.of(problem.grid, problem.conductivity)
        takes_part = slope > 0
        if not takes_part.any():
            return LeftOut(0.0, 0.0, 0.0, 0.0)
        slope, bend, variance = slope[takes_part], bend[takes_part], variance[takes_part]
        density = solution.density[takes_part]
        damped = 1 + slope * _INSIDE * tangent.least
        # A pixel that carries hardly any current has nothing to gain by carrying it elsewhere.
        carried = np.maximum(np.abs(density), 1e-3 * np.abs(density).max(initial=0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            easier = np.nan_to_num(np.sign(density) * slope * variance / (damped * carried))
        curved = 0.5 * bend / slope * variance / damped**2
        pixels = np.concatenate([part.pixels for part in problem.parts])[takes_part]
        size = float(np.average(np.abs(easier) + np.abs(curved), weights=slope))
        change, moved, _ = tangent.solve(pixels, slope, easier + curved, 0.0, precision=0.03)
        top, share = abs(moved), 0.0
        lithium = np.flatnonzero(takes_part) < len(problem.parts[0].pixels)
        mean = abs(float((change / slope - curved)[lithium].mean()))
        if not lithium.all():
            # What lithium and a film leave out can cancel each other, in what is estimated more
            # than in truth: neither is less sure than all of it.
            inside = float((np.abs(easier) + np.abs(curved))[lithium].mean())
            top, mean = max(size, top, mean), 2.5 * max(size, top, mean, 2 * inside)
            applied = abs(problem.current_density) * problem.grid.size
            moves = max(abs(float(change[~lithium].sum())), size * float(slope[~lithium].sum()))
            share = 3 * moves / applied if applied > 0 else 0.0
        return LeftOut(size, top, mean, share)

    def _variance(self) -> Array:
        """Variance of what drives a current over every pixel that reacts [V^2]."""
        corners, columns = self.state.corners, self.state.shape[1]
        found = np.empty(self.unknowns)
        for part, own in self.problem.slices():
            mean = self.solution.overpotential[own] + part.equilibrium_potential
            rows, places = np.divmod(part.pixels, columns)
            squares = np.zeros(len(mean))
            for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
                squares += (corners[rows + down, places + right] - mean) ** 2
            # That of a plane through the corners.
            found[own] = squares / 12
        return found


def solve_level(
    case: Case, contact: Contact, refinement: int, *, tolerance: float, coarser: Level | None
) -> Level:
    """Solve at one size of pixels.

    Args:
        case: What to compute.
        contact: What reacts where.
        refinement: Parts of an edge of the image's pixels.
        tolerance: Error of the discrete equations [V].
        coarser: A solution at another size, to start from, or None.

    Raises:
        ConvergenceError: Newton's method failed.
        InputError: The electrolyte is an image, which cosines do not diagonalise.
    """
    image, voxels = contact.image, case.cell.electrolyte.conductivity_image
    if voxels is not None:
        reason = "is for operating points of contact maps alone"
        raise InputError([Fault("electrolyte.conductivity_image", voxels.name, reason)])
    rows, columns = image.shape
    grid = PixelGrid(
        (rows * refinement, columns * refinement),
        image.pixel / refinement,
        case.cell.electrolyte.height,
    )
    parts = [Part(contact.pixels(LITHIUM, refinement), contact.lithium, 0.0)]
    if contact.film is not None:
        pixels = contact.pixels(FILM, refinement)
        parts.append(Part(pixels, contact.film, contact.film_potential))
    current = case.operation.current_density
    problem = Problem(grid, tuple(parts), case.conductivity, current)
    if coarser is None:
        start, drive = _uniform(contact, problem)
    else:
        start, drive = _prolonged(coarser, problem, refinement), coarser.solution.drive
    solution = newton.solve(problem, start, drive, tolerance=tolerance)
    if not solution.solved:
        raise ConvergenceError(
            f"Newton stopped after {solution.steps} steps at {current:g} A/m^2 on "
            f"{grid.shape[0]} x {grid.shape[1]} pixels: off by {solution.residual:.1e} V, "
            f"charge by {solution.imbalance:.1e}"
        )
    state = _state(case, contact, refinement, problem, solution)
    probes = MapField.of(state).potential(case.output.probes) if case.output.probes else np.empty(0)
    observed = observe_map(
        state,
        probes=probes,
        newton_iterations=solution.steps,
        unknowns=len(solution.density),
    )
    return Level(refinement, problem, solution, state, observed)


def _uniform(contact: Contact, problem: Problem) -> tuple[Array, float]:
    """Overpotentials and drive of the uniform state [V]."""
    bottom = contact.side_by_side()
    states = uniform_states(bottom, np.array([problem.current_density]))
    drive = float(states.drive[0])
    if not np.isfinite(drive):
        raise ConvergenceError(NO_UNIFORM_STATE)
    values = states.overpotentials[0, : len(problem.parts)].tolist()
    return problem.joined(values), drive


def _prolonged(coarser: Level, problem: Problem, refinement: int) -> Array:
    """Overpotentials of a coarser solution on the pixels of a finer problem [V]."""
    ratio = refinement // coarser.refinement
    columns = problem.grid.shape[1]
    found = []
    parts = zip(problem.parts, coarser.problem.slices(), strict=True)
    for part, (before, own) in parts:
        row, column = np.divmod(part.pixels, columns)
        number = row // ratio * (columns // ratio) + column // ratio
        places = np.searchsorted(before.pixels, number)
        found.append(coarser.solution.overpotential[own][places])
    return np.concatenate(found)


def _state(
    case: Case, contact: Contact, refinement: int, problem: Problem, solution: Solution
) -> MapState:
    grid = problem.grid
    everywhere = np.zeros(grid.size)
    reacting = []
    for part, own in problem.slices():
        everywhere[part.pixels] = solution.density[own]
        reacting.append(
            Reacting(
                part.law,
                part.equilibrium_potential,
                part.pixels,
                solution.overpotential[own],
                solution.density[own],
            )
        )
    corners = grid.corners(everywhere.reshape(grid.shape))
    corners /= -problem.conductivity
    corners += solution.drive
    film = reacting[1] if len(reacting) > 1 else None
    return MapState(case, contact, refinement, solution.drive, corners, reacting[0], film)
