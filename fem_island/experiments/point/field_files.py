"""The field of a solution for ParaView: the electrolyte, and the bottom with its reactions.

In the electrolyte every cell has points of its own, so that the current density, which jumps
between cells, is what each cell's own polynomial says. On the boundary its normal component is the
one that the equations prescribe: the reaction's at the bottom, the applied one at the top, none at
the sides. There the gradient has its largest errors, and jumps at every edge of an island.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.machine.vtkhdf import (
    LAGRANGE_QUADRILATERAL,
    LAGRANGE_TRIANGLE,
    LINE,
    Grid,
    write_grid,
)
from fem_island.results.field import SLACK, LagrangeCells
from fem_island.results.profile import along
from fem_island.solvers.solved import SolvedPoint

MICROMETRE = 1e-6
"""Length of one unit of the coordinates in the files [m]."""

_UNITS = {
    "coordinates": "um",
    "potential_V": "V",
    "drive_V": "V",
    "current_density_A_per_m2": "A/m^2",
}
_SHAPES = {"triangle": LAGRANGE_TRIANGLE, "quadrilateral": LAGRANGE_QUADRILATERAL}


def write_field(solution: SolvedPoint, path: Path, about: dict[str, Any]) -> None:
    """Write potential and current density in the electrolyte.

    Args:
        solution: What to write.
        path: The file.
        about: Name -> what belongs to the whole, kept as JSON.

    Raises:
        OutputError: The file cannot be written.
    """
    cells = solution.field.cells()
    points = cells.points.reshape(-1, 2)
    grid = Grid(
        points=_in_space(points),
        cells=np.arange(len(points)).reshape(cells.potential.shape),
        shape=_SHAPES[cells.kind],
        point_data={
            "potential_V": cells.potential.ravel(),
            "current_density_A_per_m2": _with_depth(_current_density(solution, cells)),
        },
        about=as_texts(about),
    )
    write_grid(grid, path)


def write_bottom(solution: SolvedPoint, path: Path, about: dict[str, Any]) -> None:
    """Write the bottom as lines: what reacts where, how fast, and what drives it.

    Its cells have ``tag`` (1 island, 2 film, 3 bare current collector) and ``island``, the number
    of the island in the case or -1; the current density is the reaction's own, upwards.

    Args:
        solution: What to write.
        path: The file.
        about: Name -> what belongs to the whole, kept as JSON.

    Raises:
        OutputError: The file cannot be written.
    """
    positions, drives, currents, cells, tags, islands = [], [], [], [], [], []
    count = 0
    for stretch, position, drive, current in along(solution.bottom_state):
        first = count + np.arange(len(position) - 1)
        # Elements share their ends, which are there twice.
        first = first[np.diff(position) > 0]
        count += len(position)
        positions.append(position)
        drives.append(drive)
        currents.append(current)
        cells.append(np.stack([first, first + 1], axis=1))
        tags.append(np.full(len(first), int(stretch.tag), dtype=np.int32))
        number = -1 if stretch.island is None else stretch.island
        islands.append(np.full(len(first), number, dtype=np.int32))
    at = np.concatenate(positions)
    tag_names = {"1": "lithium island", "2": "film", "3": "bare current collector"}
    grid = Grid(
        points=_in_space(np.stack([at, np.zeros_like(at)], axis=1)),
        cells=np.concatenate(cells),
        shape=LINE,
        point_data={
            "drive_V": np.concatenate(drives),
            "current_density_A_per_m2": np.concatenate(currents),
        },
        cell_data={"tag": np.concatenate(tags), "island": np.concatenate(islands)},
        about=as_texts({**about, "tag_names": tag_names}),
    )
    write_grid(grid, path)


def _current_density(solution: SolvedPoint, cells: LagrangeCells) -> Array:
    """I [A/m^2] at the points of all cells, shape (cells, n, 2)."""
    case = solution.case
    electrolyte = case.cell.electrolyte
    current = -case.conductivity * cells.gradient
    x, y = cells.points[..., 0], cells.points[..., 1]
    current[..., 0][(x <= SLACK) | (x >= electrolyte.span - SLACK)] = 0.0
    current[..., 1][y >= electrolyte.height - SLACK] = case.operation.current_density
    bottom = y <= SLACK
    count = bottom.sum(axis=1)
    # A cell that only touches the bottom where two stretches meet belongs to neither.
    middle = np.where(bottom, x, 0.0).sum(axis=1) / np.maximum(count, 1)
    for stretch in solution.bottom:
        slack = np.where(count == 1, SLACK, 0.0)
        of_stretch = (middle > stretch.start + slack) & (middle < stretch.end - slack)
        chosen = bottom & of_stretch[:, None]
        if stretch.law is None:
            current[..., 1][chosen] = 0.0
        else:
            overpotential = -cells.potential[chosen] - stretch.equilibrium_potential
            current[..., 1][chosen] = stretch.law.current_density(overpotential)
    return current


def _in_space(points: Array) -> Array:
    return _with_depth(points / MICROMETRE)


def _with_depth(vectors: Array) -> Array:
    """Vectors in the plane as VTK has them, with a third component of 0, shape (n, 3)."""
    flat = vectors.reshape(-1, 2)
    return np.column_stack([flat, np.zeros(len(flat))])


def as_texts(about: dict[str, Any]) -> dict[str, str]:
    """What belongs to the whole, and the units of the arrays, as files have it: JSON by names."""
    return {name: json.dumps(value) for name, value in {"units": _UNITS, **about}.items()}
