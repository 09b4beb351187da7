"""A solution at one size of voxels, and what it reports."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fem_island.case.case import Case
from fem_island.errors import ConvergenceError
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns
from fem_island.results.map_observables import observe_map
from fem_island.results.map_state import MapState, Reacting
from fem_island.solvers.cosine.pixels import PixelGrid
from fem_island.solvers.cosine.reacting_pixels import Problem, parts_of
from fem_island.solvers.voxels.connected import Connected
from fem_island.solvers.voxels.voxel_box import VoxelBox
from fem_island.solvers.voxels.voxel_field import VoxelField
from fem_island.solvers.voxels.voxel_newton import VoxelProblem, VoxelSolution
from fem_island.surface.uniform_state import NO_UNIFORM_STATE, uniform_states


@dataclass(frozen=True)
class VoxelLevel:
    """A solution at one size of voxels.

    Attributes:
        refinement: Parts of an edge of the image's voxels.
        solution: The solution.
        field: The potential in the box.
        state: The solution at the bottom.
        columns: What is reported, of one point.
    """

    refinement: int
    solution: VoxelSolution
    field: VoxelField
    state: MapState
    columns: Columns


def solve_voxels(
    case: Case,
    connected: Connected,
    *,
    tolerance: float,
    coarser: VoxelLevel | None = None,
) -> VoxelLevel:
    """Solve at the image's voxels, or at half the size of another solution's.

    Args:
        case: What to compute.
        connected: What counts of the electrolyte.
        tolerance: Error of the discrete equations [V].
        coarser: The other solution, which this starts from.

    Raises:
        ConvergenceError: There is no solution, or Newton's method failed.
    """
    contact, image = connected.contact, connected.contact.image
    if coarser is None:
        refinement = 1
        box = VoxelBox(connected.conductivity, image.pixel, case.cell.electrolyte.height)
    else:
        refinement, box = 2 * coarser.refinement, coarser.field.box.refined()
    shape = box.conductivity.shape
    grid = PixelGrid((shape[1], shape[2]), box.pixel, box.height)
    parts = parts_of(contact, refinement)
    current = case.operation.current_density
    problem = Problem(grid, parts, case.conductivity, current)
    top = np.repeat(np.repeat(connected.top, refinement, axis=0), refinement, axis=1)
    voxels = VoxelProblem(box, problem, top)
    states = uniform_states(contact.side_by_side(), np.array([current]))
    drive = float(states.drive[0])
    if not np.isfinite(drive):
        raise ConvergenceError(NO_UNIFORM_STATE)
    if coarser is None:
        start = problem.joined(states.overpotentials[0, : len(parts)].tolist())
        potential = np.zeros(shape)
    else:
        start = _repeated(coarser, problem)
        potential = coarser.solution.potential
        for axis in range(3):
            potential = np.repeat(potential, 2, axis=axis)
    solution = voxels.solve(potential, start, drive, tolerance=tolerance)
    if not solution.solved:
        raise ConvergenceError(
            f"Newton stopped after {solution.steps} steps at {current:g} A/m^2 on "
            f"{' x '.join(map(str, shape))} voxels: off by {solution.residual:.1e} V, "
            f"charge by {solution.imbalance:.1e}"
        )
    field = _field(case, connected, refinement, voxels, solution)
    probes = field.potential(case.output.probes) if case.output.probes else np.empty(0)
    observed = observe_map(
        field.state,
        probes=probes,
        newton_iterations=solution.steps,
        unknowns=int(np.count_nonzero(box.conductivity)),
    )
    return VoxelLevel(refinement, solution, field, field.state, observed)


def _repeated(coarser: VoxelLevel, problem: Problem) -> Array:
    """Overpotentials of a solution on pixels of half the size [V]."""
    columns = problem.grid.shape[1]
    known = np.zeros(problem.grid.size // 4)
    found = []
    for part, reacting in zip(
        problem.parts, filter(None, (coarser.state.lithium, coarser.state.film)), strict=True
    ):
        known[reacting.pixels] = reacting.overpotential
        row, column = np.divmod(part.pixels, columns)
        found.append(known[row // 2 * (columns // 2) + column // 2])
    return np.concatenate(found)


def _field(
    case: Case,
    connected: Connected,
    refinement: int,
    voxels: VoxelProblem,
    solution: VoxelSolution,
) -> VoxelField:
    box, problem, top = voxels.box, voxels.problem, voxels.top
    grid, current = problem.grid, problem.current_density
    everywhere = np.zeros(grid.size)
    reacting = []
    for part, own in problem.slices():
        overpotential, density = solution.overpotential[own], solution.density[own]
        everywhere[part.pixels] = density
        potential = part.equilibrium_potential
        reacting.append(Reacting(part.law, potential, part.pixels, overpotential, density))
    layers, *shape = box.conductivity.shape
    values = np.empty((layers + 2, *shape))
    values[1:-1] = solution.potential
    values[0] = values[1] + voxels.between.answer(everywhere).reshape(shape)
    highest = box.conductivity[-1]
    half = 0.5 * box.thickness / np.where(highest > 0, highest, 1.0)
    values[-1] = values[-2] - current * top * half
    values -= solution.drive
    mean = float(np.mean(top * values[-1]))
    for layer, conductivity in enumerate(box.conductivity, start=1):
        values[layer][conductivity == 0] = np.nan
    values[0][box.conductivity[0] == 0] = np.nan
    values[-1][highest == 0] = np.nan
    state = MapState(
        case,
        connected.contact,
        refinement,
        -mean - current * box.height / case.conductivity,
        _corners(box, problem, everywhere, -values[0]),
        reacting[0],
        reacting[1] if len(reacting) > 1 else None,
    )
    return VoxelField(state, box, values)


def _corners(box: VoxelBox, problem: Problem, density: Array, means: Array) -> Array:
    """Phi_Li - phi at corners of pixels from its means over them [V]; NaN where nothing conducts.

    The mean of the pixels around a corner, and by how much corners differ from that in an
    electrolyte of the conductivity of the lowest voxels, where it is known exactly.
    """
    grid, lowest = problem.grid, box.conductivity[0]
    scaled = density.reshape(grid.shape) / np.where(lowest > 0, lowest, np.inf)
    corners = grid.corners(scaled)
    inside = grid.potential(scaled)
    return np.asarray(_around(means) - corners + _around(np.where(lowest > 0, inside, np.nan)))


def _around(values: Array) -> Array:
    """Mean of those of the four pixels around every corner that have a value."""
    rows, columns = values.shape
    total, count = np.zeros((2, rows + 1, columns + 1))
    known = np.isfinite(values)
    for down in (0, 1):
        for right in (0, 1):
            own = slice(down, down + rows), slice(right, right + columns)
            total[own] += np.where(known, values, 0.0)
            count[own] += known
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))
