"""One operating point for the page: numbers, the profile along the bottom, the field."""

from __future__ import annotations

from typing import Any

import numpy as np

from fem_island.case.case import Case
from fem_island.case.variants import by_potential
from fem_island.experiments.point.report import assumptions, remarks
from fem_island.machine.arrays import Array
from fem_island.materials import library as materials
from fem_island.page.numbers import numbers, split
from fem_island.results.profile import along
from fem_island.solvers.condensed.point import solve_case
from fem_island.solvers.solved import SolvedPoint
from fem_island.surface.bottom import Bottom, Tag

_COLUMNS, _ROWS = 72, 32
_NEAR_EDGES = 8
"""Columns of the field on each side of an edge, where it varies most."""

_MOST_COLUMNS = 360
_MOST_PLACES = 3000
"""Of a profile; there are not so many columns on a screen."""

_NAMES = {Tag.ISLAND: "lithium", Tag.FILM: "film"}

Answer = tuple[dict[str, Any], dict[str, Array]]
"""The header and the arrays of a frame."""


def point(case: Case) -> Answer:
    """Solve a case and take from it what the page shows.

    Raises:
        ConvergenceError: There is no solution.
    """
    solved = solve_case(case)
    result = solved.result
    arrays = {**_profile(solved), **_field(solved)}
    header = {
        "state": result.status,
        "reason": result.reason,
        "case": _said(case),
        "numbers": numbers(result),
        "split": split(case, result),
        "islands": [vars(island) for island in result.islands],
        "delithiates": result.delithiates,
        "films": [_film(name) for name in by_potential()],
        "bottom": _bottom(solved.bottom),
        "assumptions": assumptions(case),
        "remarks": remarks(case, result),
    }
    return header, arrays


def _said(case: Case) -> dict[str, Any]:
    """What the pictures need to know of a case, in SI units."""
    electrolyte, film = case.cell.electrolyte, case.cell.interlayer
    reacts = film is not None and film.reaction != "none"
    return {
        "width": electrolyte.width,
        "height": electrolyte.height,
        "current_density": case.operation.current_density,
        "islands": [island.width for island in case.cell.islands],
        "film_potential": None if film is None else film.potential_at(case.operation.temperature),
        "film_reacts": reacts,
    }


def _film(name: str) -> dict[str, Any]:
    film = materials.films()[name]
    return {"name": name, "label": film.label, "potential": film.delithiation_potential.value}


def _bottom(bottom: Bottom) -> list[dict[str, Any]]:
    return [
        {"start": part.start, "end": part.end, "on": _NAMES.get(part.tag, "copper")}
        for part in bottom
    ]


def _profile(solved: SolvedPoint) -> dict[str, Array]:
    """Position [um], drive [mV] and current density [mA/cm^2]; NaN separates the stretches."""
    gap = np.array([np.nan])
    columns: list[list[Array]] = [[], [], []]
    for _, position, drive, current in along(solved.bottom_state):
        step = -(-len(position) // max(2, _MOST_PLACES // len(solved.bottom)))
        chosen = np.unique(np.append(np.arange(0, len(position), step), len(position) - 1))
        values = (1e6 * position, 1e3 * drive, 0.1 * current)
        for column, one in zip(columns, values, strict=True):
            column += [one[chosen], gap]
    names = ("profile_x", "profile_drive", "profile_current")
    return {name: np.concatenate(column) for name, column in zip(names, columns, strict=True)}


def _field(solved: SolvedPoint) -> dict[str, Array]:
    """The potential [mV] and the stream function on a grid that is fine where the field is.

    The stream function psi(x, y) is the current per depth that goes up between the left wall and x:
    lines on which it is constant are the paths of the current, and between two neighbours of evenly
    spaced ones flows the same current. i_y = dpsi/dx, i_x = -dpsi/dy.
    """
    electrolyte, current = solved.case.cell.electrolyte, solved.case.operation.current_density
    columns = _columns(solved.bottom, electrolyte.width)
    rows = electrolyte.height * np.linspace(0.0, 1.0, _ROWS) ** 1.7
    places = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    shape = len(rows), len(columns)
    potential = solved.potential(places).reshape(shape)
    upward = solved.current_density(places)[:, 1].reshape(shape)
    flows = 0.5 * (upward[:, 1:] + upward[:, :-1]) * np.diff(columns)
    stream = np.concatenate([np.zeros((len(rows), 1)), np.cumsum(flows, axis=1)], axis=1)
    # What the quadrature misses of the current that is known to pass every height.
    missed = current * electrolyte.width - stream[:, -1]
    stream += missed[:, None] * columns / electrolyte.width
    return {
        "field_x": 1e6 * columns,
        "field_y": 1e6 * rows,
        "field_potential": 1e3 * potential.ravel(),
        "field_stream": stream.ravel(),
    }


def _columns(bottom: Bottom, width: float) -> Array:
    near = np.geomspace(2e-3, 0.4, _NEAR_EDGES)
    found = [np.linspace(0.0, width, _COLUMNS)]
    if len(bottom) * 2 * _NEAR_EDGES + _COLUMNS <= _MOST_COLUMNS:
        for part in bottom:
            found += [part.start + part.length * near, part.end - part.length * near]
    columns = np.unique(np.concatenate(found).clip(0.0, width))
    apart = np.append(True, np.diff(columns) > 1e-7 * width)
    return np.asarray(columns[apart], dtype=np.float64)
