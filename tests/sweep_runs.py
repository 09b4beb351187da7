"""Running sweeps by the command as it is installed, and comparing what they wrote."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import xarray

from fem_island.experiments.sweeps.batches import read_batches
from fem_island.experiments.sweeps.dataset import VARYING_ATTRIBUTES
from fem_island.results.columns import layout
from fem_island.results.variables import Layout

BIN = Path(sys.executable).parent
# Ranks share the cores of the machine.
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def command(case: Path | str, out: Path | str, *more: str, ranks: int | None = None) -> list[str]:
    launcher = [] if ranks is None else [str(BIN / "mpirun"), "-n", str(ranks)]
    return [*launcher, str(BIN / "fem-island"), "sweep", str(case), "--out", str(out), *more]


def run(
    case: Path | str, out: Path | str, *more: str, ranks: int | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(case, out, *more, ranks=ranks),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=ENVIRONMENT,
    )


def load(out: Path) -> xarray.Dataset:
    return xarray.load_dataset(out / "results.nc", engine="h5netcdf")


def assert_equal_to_the_last_bit(one: xarray.Dataset, other: xarray.Dataset) -> None:
    assert list(one.variables) == list(other.variables)
    for name, variable in one.variables.items():
        assert variable.dims == other[name].dims
        assert variable.dtype == other[name].dtype
        assert variable.attrs.keys() == other[name].attrs.keys()
        if variable.dtype.kind in "fiu":
            assert variable.values.tobytes() == other[name].values.tobytes(), name
        else:
            assert np.array_equal(variable.values, other[name].values), name
    attributes = [
        {key: value for key, value in dataset.attrs.items() if key not in VARYING_ATTRIBUTES}
        for dataset in (one, other)
    ]
    assert attributes[0] == attributes[1]


def times_computed(
    out: Path, sweep: str, *, islands: int = 1, rows: Layout | None = None
) -> Counter[int]:
    """How often each point stands in the files of what is finished."""
    rows = layout(islands=islands, probes=0) if rows is None else rows
    return Counter(
        point
        for path in sorted((out / "batches").iterdir())
        for batch in read_batches(path, sweep, rows)
        for point in batch.points.tolist()
    )
