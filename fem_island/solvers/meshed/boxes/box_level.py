"""A solution on one grid of hexahedra, and what it reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mpi4py import MPI

import numpy as np

from fem_island.case.case import Case
from fem_island.errors import ConvergenceError
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns
from fem_island.results.map_observables import observe_map
from fem_island.results.map_state import MapState, Reacting
from fem_island.solvers.meshed.boxes.box_electrolyte import BoxElectrolyte
from fem_island.solvers.meshed.boxes.box_field import HexahedralField, prolonged
from fem_island.solvers.meshed.boxes.box_grid import BoxGrid
from fem_island.solvers.meshed.problem import NewtonProblem, NewtonState
from fem_island.surface.bottom import Bottom
from fem_island.surface.contact import FILM, LITHIUM, Contact
from fem_island.surface.uniform_state import NO_UNIFORM_STATE, UniformState, uniform_states


@dataclass(frozen=True)
class BoxLevel:
    """A solution on one grid.

    Attributes:
        parts: Cells along the edge of a pixel.
        field: The potential in the box.
        state: The solution at the bottom, as means over cells.
        columns: What is reported, of one point.
        iterations: Of conjugate gradients, in all steps of Newton's method together.
    """

    parts: int
    field: HexahedralField
    state: MapState
    columns: Columns
    iterations: int


def solve_box(
    case: Case,
    contact: Contact,
    grid: BoxGrid,
    *,
    comm: MPI.Comm,
    coarser: BoxLevel | None = None,
) -> BoxLevel:
    """Solve on one grid. Collective; every rank gets all of the solution.

    Args:
        case: What to compute.
        contact: What reacts where.
        grid: The hexahedra.
        comm: Who shares the problem.
        coarser: A solution on another grid, to start from, or None.

    Raises:
        ConvergenceError: There is no solution, or Newton's method failed.
        MissingSystemLibraryError: There is no C compiler and the form is not in the cache.
    """
    bottom = contact.side_by_side()
    current = case.operation.current_density
    uniform = uniform_states(bottom, np.array([current])).at(0)
    if not np.isfinite(uniform.drive):
        raise ConvergenceError(NO_UNIFORM_STATE)
    electrolyte = BoxElectrolyte(grid, contact.image.classes, comm)
    try:
        guesses = [] if coarser is None else [_started(coarser, electrolyte, uniform, current)]
        with NewtonProblem(electrolyte, bottom, conductivity=case.conductivity) as problem:
            solved = problem.solve(current, guesses=guesses, uniform=uniform)
            iterations = problem.linear_iterations
        return _level(case, contact, electrolyte, bottom, solved, iterations)
    finally:
        electrolyte.close()


def _started(
    coarser: BoxLevel, electrolyte: BoxElectrolyte, uniform: UniformState, current: float
) -> NewtonState:
    """A coarser solution on a finer grid."""
    values = prolonged(coarser.field, electrolyte.grid) + uniform.drive
    deviation = values[tuple(electrolyte.places.T)]
    return NewtonState(deviation, uniform, current, 0)


def _level(
    case: Case,
    contact: Contact,
    electrolyte: BoxElectrolyte,
    bottom: Bottom,
    solved: NewtonState,
    iterations: int,
) -> BoxLevel:
    grid, drive = electrolyte.grid, solved.uniform.drive
    deviation = electrolyte.gathered(solved.deviation)
    reacting = _reacting(contact, electrolyte, bottom, solved)
    degree = grid.degree
    at_bottom = deviation[0]
    state = MapState(
        case,
        contact,
        parts := grid.shape[1] // contact.image.shape[0],
        drive - _mean(at_bottom, degree),
        drive - at_bottom[::degree, ::degree],
        reacting[LITHIUM],
        reacting.get(FILM),
    )
    field = HexahedralField(state, grid, deviation - drive)
    probes = field.potential(case.output.probes) if case.output.probes else np.empty(0)
    observed = observe_map(
        state,
        probes=probes,
        newton_iterations=solved.iterations,
        unknowns=electrolyte.unknowns,
    )
    return BoxLevel(parts, field, state, observed, iterations)


def _reacting(
    contact: Contact, electrolyte: BoxElectrolyte, bottom: Bottom, solved: NewtonState
) -> dict[int, Reacting]:
    """What reacts, as means over cells at the bottom. Collective."""
    placed = electrolyte.placed(bottom)
    shape = electrolyte.grid.shape[1:]
    numbers = np.ravel_multi_index(tuple(placed.cells.T), shape)
    mine = (numbers, *placed.means(solved.deviation, solved.uniform.overpotentials))
    overpotential, density = np.empty((2, shape[0] * shape[1]))
    for cells, *means in electrolyte.space.mesh.comm.allgather(mine):
        overpotential[cells], density[cells] = means
    laws = {LITHIUM: (contact.lithium, 0.0)}
    if contact.film is not None:
        laws[FILM] = (contact.film, contact.film_potential)
    found = {}
    for kind, (law, potential) in laws.items():
        cells = contact.pixels(kind, shape[0] // contact.image.shape[0])
        found[kind] = Reacting(law, potential, cells, overpotential[cells], density[cells])
    return found


def _mean(values: Array, degree: int) -> float:
    """Mean over a rectangle of equal faces, by the rule that is exact for them."""
    rule: Sequence[float] = {1: (0.5, 0.5), 2: (1 / 6, 4 / 6, 1 / 6)}[degree]
    for _ in range(2):
        count = (values.shape[0] - 1) // degree
        weights = np.zeros(len(values))
        for place, weight in enumerate(rule):
            weights[place : place + degree * (count - 1) + 1 : degree] += weight / count
        values = weights @ values
    return float(values)
