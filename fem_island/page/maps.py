"""The map of Figure 6 c for a cell: over island width and current density."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.variants import BARE, with_film
from fem_island.errors import Fault, InputError
from fem_island.experiments.sweeps.running import sweep
from fem_island.machine.arrays import Array
from fem_island.page.point import Answer
from fem_island.results.result import FAILED, TOLERANCE_NOT_MET
from fem_island.studies.figure6 import paper

_POINTS, _POINTS_WITH_FILM = 50, 24
"""Along each axis; points at which a film stops are solved one by one."""

_WIDEST_LINEAR = 120e-6
"""Width of a cell [m] up to which island widths are spaced evenly, as in the paper."""

_NARROWEST = 1e-6
_DECADES = 6
"""By which the currents may reach beyond the paper's on either side."""


def island_map(case: Case, options: Mapping[str, Any]) -> Answer:
    """Solve a case at all island widths and currents of a map.

    Args:
        case: The cell; its current only says by its sign whether it strips or plates.
        options: ``film``, whether with the case's film or on bare copper; ``island``, the number of
            the one that is varied; ``decades``, by which the currents reach below and above those
            of the paper, a list of two.

    Raises:
        InputError: An option is not allowed.
    """
    with_own_film, island, below, above = _read(case, options)
    if not with_own_film:
        case = with_film(case, BARE)
    film = case.cell.interlayer
    reacts = film is not None and film.reaction != "none"
    count = _POINTS_WITH_FILM if reacts else _POINTS
    linear = case.cell.electrolyte.width <= _WIDEST_LINEAR
    widths = _widths(case.cell, island, count, linear=linear)
    low, high = paper.CURRENT_DENSITIES[0] * 10.0**-below, paper.CURRENT_DENSITIES[-1] * 10.0**above
    currents = np.geomspace(low, high, count)
    sign = -1.0 if case.operation.current_density < 0 else 1.0
    axes = {f"islands.{island}.width": widths, "operation.current_density": sign * currents}
    data = sweep(case, axes=axes)
    names = [str(name) for name in data.dims][:2]

    def values(variable: str) -> Array:
        """[current, width], whatever the order of the dimensions."""
        grid = data[variable].transpose(names[1], names[0])
        return np.asarray(grid.to_numpy(), dtype=np.float64)

    status, errors = data["status"].to_numpy(), values("error_estimate_overpotential_mean")
    known = errors[np.isfinite(errors)]
    arrays = {
        "widths": 1e6 * widths,
        "currents": 0.1 * sign * currents,
        "overpotential_mean": 1e3 * values("overpotential_mean"),
        "exposed_drive_max": 1e3 * values("exposed_drive_max"),
    }
    if reacts:
        arrays["film_share"] = 100 * values("interlayer_current_fraction")
    header = {
        "points": int(status.size),
        "failed": int((status == FAILED).sum()),
        "unmet": int((status == TOLERANCE_NOT_MET).sum()),
        "error": float(1e3 * known.max()) if known.size else None,
        "linear": linear,
        "film": reacts,
        "island": island,
        "sign": sign,
    }
    return header, arrays


def _read(case: Case, options: Mapping[str, Any]) -> tuple[bool, int, int, int]:
    """The options, validated."""
    film, island = options.get("film", False), options.get("island", 0)
    decades = options.get("decades", [0, 0])
    faults = []
    if not isinstance(film, bool):
        faults.append(Fault("film", film, "must be true or false"))
    last = len(case.cell.islands) - 1
    if not _whole(island, 0, last):
        faults.append(Fault("island", island, f"must be a whole number from 0 to {last}"))
    pair = isinstance(decades, list) and len(decades) == 2
    if not pair or not all(_whole(each, 0, _DECADES) for each in decades):
        faults.append(Fault("decades", decades, f"must be two whole numbers from 0 to {_DECADES}"))
    if case.cell.lithium is not None:
        reason = "has no island whose width could be varied"
        faults.append(Fault("lithium", None, reason))
    if faults:
        raise InputError(faults)
    return film, island, decades[0], decades[1]


def _whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _widths(cell: Cell, number: int, count: int, *, linear: bool) -> Array:
    """Widths [m] that one island can have, the others being where they are."""
    widest = _widest(cell, number)
    if linear:
        return np.linspace(widest / count, widest, count)
    return np.geomspace(min(_NARROWEST, widest / count), widest, count)


def _widest(cell: Cell, number: int) -> float:
    """Width [m] at which an island touches a wall or another one."""
    width = cell.electrolyte.width
    island = cell.islands[number]
    center = width / 2 if island.center is None else island.center
    walls = [place for place in (0.0, width) if abs(place - center) > 1e-9 * width]
    others = [cell.island_ends(other) for n, other in enumerate(cell.islands) if n != number]
    ends = [*walls, *(end for pair in others for end in pair)]
    return 2 * min(abs(end - center) for end in ends)
