"""A solution of a contact map at one size of pixels."""

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
from fem_island.solvers.cosine.left_out import Missing, left_out
from fem_island.solvers.cosine.newton import Solution
from fem_island.solvers.cosine.pixels import PixelGrid
from fem_island.solvers.cosine.reacting_pixels import Problem, parts_of
from fem_island.surface.contact import Contact
from fem_island.surface.uniform_state import NO_UNIFORM_STATE, uniform_states


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

    def left_out(self) -> dict[str, Missing]:
        """Estimate what pixels of this size leave out, by the names of numbers."""
        return left_out(self.problem, self.solution)


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
    parts = parts_of(contact, refinement)
    current = case.operation.current_density
    problem = Problem(grid, parts, case.conductivity, current)
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
