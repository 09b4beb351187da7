"""How far a film is from acting: the drive on bare copper over the potential of the film.

A full film begins to give lithium where, without its action, the drive phi_Li - phi somewhere on it
passes its potential there: until then no current flows through it, so that the solution is that of
bare copper, and this is exact. The paper judges by the mean overpotential on the islands instead,
which is nearly the same where kinetics decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fem_island.case.case import Case
from fem_island.case.film import Interlayer
from fem_island.case.placement import cuts
from fem_island.errors import ComputationError
from fem_island.experiments.point.map_solution import MapSolution
from fem_island.experiments.point.solution import Solution
from fem_island.experiments.point.solve import solve_case
from fem_island.machine.communicator import OneProcess
from fem_island.materials.plateaus import step_at
from fem_island.solvers.names import SolverName
from fem_island.solvers.solved import SolvedPoint
from fem_island.surface.bottom import Stretch, Tag
from fem_island.surface.charged_film import ChargedFilm
from fem_island.surface.contact import FILM

_FRACTIONS = np.linspace(0.0, 1.0, 9)


@dataclass(frozen=True)
class Margin:
    """How far a film is from acting in one case.

    Attributes:
        drive: Largest drive on the film without its action, over its potential there [V]; NaN
            where no film is exposed.
        drive_error: Estimated error of it [V].
        mean: Mean overpotential on the islands over the lowest potential of the film [V].
        mean_error: Estimated error of it [V].
        status: Of the solution.
    """

    drive: float
    drive_error: float
    mean: float
    mean_error: float
    status: str


def margin_of(case: Case, *, solver: SolverName) -> Margin | None:
    """The margin of the film of a case; None where there is no film, or no solution.

    Args:
        case: The cell with its film.
        solver: What solves the case.
    """
    own = case.cell.interlayer
    if own is None:
        return None
    try:
        passive = case.with_(interlayer=own.with_(reaction="none"))
        solved: Solution = solve_case(passive, OneProcess(), solver=solver)
    except ComputationError:
        return None
    # Where it is on which plateau only a film tells that reacts; one that also takes lithium up
    # begins to give it at the same drive.
    film = own.with_(reaction="release")
    result, temperature = solved.result, case.operation.temperature
    errors = result.error_estimate
    margins = (
        _on_map(solved, film) if isinstance(solved, MapSolution) else _along_bottom(solved, film)
    )
    lowest = film.potential_at(temperature)
    drive_error = None if errors is None else errors.exposed_drive_max
    return Margin(
        drive=max(margins, default=np.nan),
        drive_error=np.nan if drive_error is None else drive_error,
        mean=result.overpotential_mean - lowest,
        mean_error=np.nan if errors is None else errors.overpotential_mean,
        status=result.status,
    )


def _on_map(solved: MapSolution, film: Interlayer) -> Iterator[float]:
    """Largest drive on the pixels of the film over its potential."""
    state = solved.bottom_state
    touched = state.touched(FILM)
    step = step_at(film.steps_at(solved.case.operation.temperature), film.state_of_charge)
    if step is not None and touched.any():
        yield state.largest_drive(touched)[0] - step.potential


def _along_bottom(solved: SolvedPoint, film: Interlayer) -> Iterator[float]:
    """Of every part of the bottom with film on one plateau: largest drive over its potential."""
    charged = ChargedFilm.of(film, solved.case.operation.temperature)
    width = solved.case.cell.electrolyte.span
    for stretch in solved.bottom:
        if stretch.tag is not Tag.FILM:
            continue
        inner = [x for x in charged.changes if stretch.start < x < stretch.end]
        for start, end in pairwise(cuts(stretch.start, stretch.end, inner, width=width)):
            step = charged.step_at((start + end) / 2)
            if step is not None:
                yield _largest_drive(solved, stretch, start, end) - step.potential


def _largest_drive(solved: SolvedPoint, stretch: Stretch, start: float, end: float) -> float:
    trace = solved.bottom_state.drive(stretch)
    if (start, end) == (stretch.start, stretch.end):
        return float(trace.largest()[0])
    positions, drives = trace.sampled(_FRACTIONS)
    inside = drives[0][(positions > start) & (positions < end)]
    return float(max([trace.at(start)[0], trace.at(end)[0], *inside.ravel()]))
