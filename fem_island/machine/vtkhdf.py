"""Unstructured grids as VTKHDF files, which ParaView, VTK and pyvista read; written without VTK.

The format is that of VTK's documentation, "VTKHDF file format", version 2.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.machine.whole_files import replacing

LINE, QUADRILATERAL, HEXAHEDRON = 3, 9, 12
LAGRANGE_TRIANGLE, LAGRANGE_QUADRILATERAL = 69, 70
"""VTK's numbers of shapes."""


@dataclass(frozen=True)
class Grid:
    """Cells of one shape with data.

    Attributes:
        points: Shape (points, 3).
        cells: Numbers of the points of every cell, in VTK's order, shape (cells, n).
        shape: VTK's number of the shape of the cells.
        point_data: Name -> values, shape (points,) or (points, components).
        cell_data: Name -> values, shape (cells,).
        about: Name -> text that belongs to the whole, VTK's field data.
    """

    points: Array
    cells: npt.NDArray[np.int64]
    shape: int
    point_data: Mapping[str, Array] = field(default_factory=dict)
    cell_data: Mapping[str, npt.NDArray[np.int32] | Array] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)


def write_grid(grid: Grid, path: Path) -> None:
    """Write a grid.

    Raises:
        OutputError: The file cannot be written.
    """
    count, nodes = grid.cells.shape
    arrays = {
        "NumberOfPoints": np.array([len(grid.points)]),
        "NumberOfCells": np.array([count]),
        "NumberOfConnectivityIds": np.array([count * nodes]),
        "Points": grid.points,
        "Connectivity": grid.cells.ravel(),
        "Offsets": nodes * np.arange(count + 1),
        "Types": np.full(count, grid.shape, dtype=np.uint8),
    }
    arrays |= {f"PointData/{name}": values for name, values in grid.point_data.items()}
    arrays |= {f"CellData/{name}": values for name, values in grid.cell_data.items()}
    # Made in memory: HDF5 ends the process where a disk is full.
    content = BytesIO()
    with h5py.File(content, "w") as file:
        root = file.create_group("VTKHDF", track_order=True)
        root.attrs["Version"] = (2, 0)
        root.attrs["Type"] = np.bytes_("UnstructuredGrid")
        for name, values in arrays.items():
            root[name] = values
        for name, text in grid.about.items():
            root.create_dataset(f"FieldData/{name}", data=[text], dtype=h5py.string_dtype("ascii"))
    with replacing(path) as unfinished:
        unfinished.write_bytes(content.getbuffer())
