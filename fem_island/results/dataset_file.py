"""Labelled data as NetCDF files, which are written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import h5netcdf  # noqa: F401  (writes the file; loaded before a sweep needs its memory)
import xarray

from fem_island.machine.whole_files import replacing


def write_dataset(data: xarray.Dataset, path: Path) -> None:
    """Write a NetCDF file.

    Raises:
        OutputError: It cannot be written.
    """
    packed = {"zlib": True, "complevel": 1, "shuffle": True}
    encoding = {name: packed for name, array in data.data_vars.items() if array.dtype.kind in "fi"}
    # Made in memory: HDF5 ends the process where a disk is full.
    content = data.to_netcdf(engine="h5netcdf", encoding=encoding)
    with content, replacing(path) as unfinished:
        unfinished.write_bytes(content)
