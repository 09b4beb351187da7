"""The drive beside the islands, and the films that would give up lithium there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Case
from fem_island.machine.arrays import Array
from fem_island.materials import library as materials
from fem_island.results.extremes import UNRESOLVED, largest_of
from fem_island.results.result import NOT_APPLICABLE
from fem_island.results.state import BottomState
from fem_island.results.trace import Trace
from fem_island.surface.points import PerPoint


def observe_exposed(case: Case, numbers: npt.NDArray[np.void], state: BottomState) -> None:
    """The driving potential beside the islands, and which materials give up lithium there.

    The estimate of the drive begins with what its piece of the bottom leaves unresolved, as those
    of extremes on islands do.
    """
    parts = _exposed_parts(state)
    if not parts:
        numbers["delithiates"] = NOT_APPLICABLE
        return
    drive, unresolved = largest_of(parts)
    numbers["exposed_drive_max"] = drive
    numbers["error_estimate_exposed_drive_max"] = UNRESOLVED * unresolved
    numbers["delithiates"] = drive[:, None] > thresholds(case, state.points.film_shifts)


def largest_exposed_drive(state: BottomState) -> Array | None:
    """Largest phi_Li - phi beside the islands [V], shape (k,); None where all is lithium."""
    found = [part.largest() + potential for part, potential in _exposed_parts(state)]
    return np.asarray(np.max(found, axis=0)) if found else None


def _exposed_parts(state: BottomState) -> list[tuple[Trace, PerPoint]]:
    """Where the drive beside the islands is searched for its largest value.

    Returns:
        Overpotentials and the potential that the drive is above them [V].
    """
    found = [
        (state.searched(stretch), state.points.potential(number))
        for number, stretch in enumerate(state.bottom)
        if stretch.island is None
    ]
    return [(part, potential) for part, potential in found if part is not None]


def thresholds(case: Case, film_shifts: Array | None = None) -> Array:
    """Potential above which every film material delithiates [V]; shape (materials,).

    The case's own film counts with the potential that the case gives it.

    Args:
        case: What is computed.
        film_shifts: How far the film's potentials are above that at k points, shape (k,); with it
            the potentials have the shape (k, materials).
    """
    potentials = {
        symbol: film.delithiation_potential.value for symbol, film in materials.films().items()
    }
    film = case.cell.interlayer
    if film is not None and film.material is not None:
        holds_lithium = max(film.charge_shares) > 0
        potential = film.potential_at(case.operation.temperature)
        potentials[film.material] = potential if holds_lithium else np.inf
    found = np.array(list(potentials.values()))
    if film_shifts is None:
        return found
    own = np.array([film is not None and symbol == film.material for symbol in potentials])
    return np.asarray(found + film_shifts[:, None] * own)
