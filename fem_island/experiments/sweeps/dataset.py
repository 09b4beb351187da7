"""Results of a sweep as a labelled dataset, and its NetCDF file.

Variables are those that the class of its results declares; dimensions are the axes of the sweep and
then, where a variable has one, its own (``island``, ``time_index``, ``frequency``). Curves of
unequal length are padded with NaN. The file follows the CF conventions where they apply: units,
long names, flags.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import xarray

from fem_island.errors import Fault, InputError
from fem_island.experiments.sweeps.batches import Batch
from fem_island.experiments.sweeps.plan import Plan
from fem_island.machine.versions import versions
from fem_island.results.columns import Columns, type_for

VARYING_ATTRIBUTES = ("date_created", "history", "versions")
"""Attributes of a dataset that may differ between two runs of one sweep; all else is equal."""


class Collected:
    """The results of all points in the plan's order; what is not there has failed.

    Attributes:
        columns: The results so far.
    """

    def __init__(self, plan: Plan) -> None:
        """Make room for all points."""
        self.columns = Columns.missing(len(plan), plan.layout)

    def put(self, batch: Batch) -> None:
        """Put finished points where they belong."""
        rows = type_for([self.columns.numbers.dtype, batch.columns.numbers.dtype])
        self.columns = self.columns.widened(rows)
        self.columns.put(batch.points, batch.columns.widened(rows))


def collected(plan: Plan, batches: Iterable[Batch]) -> Columns:
    """The results of all points in the plan's order; what is not there has failed."""
    whole = Collected(plan)
    for batch in batches:
        whole.put(batch)
    return whole.columns


def dataset(plan: Plan, columns: Columns, *, solver: str, sweep: str = "") -> xarray.Dataset:
    """Label the results of a plan.

    Args:
        plan: The sweep.
        columns: Results of all points.
        solver: Name of the solver.
        sweep: Fingerprint of plan, solver and versions.
    """
    data = columns.labelled(plan.dimensions, plan.shape)
    return xarray.Dataset(data, _coordinates(plan), _provenance(plan, solver, sweep))


def _coordinates(plan: Plan) -> dict[str, Any]:
    coordinates: dict[str, Any] = {}
    for axis in plan.axes:
        dimension = "point" if plan.zipped else axis.name
        words = axis.name.replace("_", " ")
        about = {"long_name": words, "units": axis.dimension.cf_unit, "key": axis.path}
        coordinates[axis.name] = (dimension, axis.values, about)
    return coordinates | plan.experiment.coordinates(plan.case_at(0))


def _provenance(plan: Plan, solver: str, sweep: str) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    found = versions()
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])
    # A name of a file need not be text, and an attribute must be.
    command = command.encode("utf-8", "backslashreplace").decode("utf-8")
    return {
        "Conventions": "CF-1.11",
        "title": plan.experiment.title,
        "source": f"fem_island {found.get('fem-island', '')}, solver {solver}",
        "solver": solver,
        "case": plan.case_at(0).to_json(),
        "sweep": sweep,
        "versions": json.dumps(found),
        "date_created": now,
        "history": f"{now}: {command}",
    }


def read_dataset(path: Path, sweep: str) -> xarray.Dataset:
    """Read the file of a sweep.

    Args:
        path: The file.
        sweep: Fingerprint of the sweep that it must be of.

    Raises:
        InputError: It is damaged, or of something else.
    """
    try:
        results = xarray.load_dataset(path, engine="h5netcdf")
    except Exception as error:  # HDF5 raises errors of many types
        reason = "cannot be read as the results of a sweep; move it away"
        raise InputError([Fault("", None, reason, str(path))]) from error
    if results.attrs.get("sweep") != sweep:
        reason = "holds the results of another sweep; move it away"
        raise InputError([Fault("", None, reason, str(path))])
    return results


def check_is_results(path: Path) -> None:
    """Refuse a file that is not the results of any sweep.

    Raises:
        InputError: It is damaged, or of something else.
    """
    try:
        with xarray.open_dataset(path, engine="h5netcdf") as results:
            known = "sweep" in results.attrs
    except Exception:  # HDF5 raises errors of many types
        known = False
    if not known:
        reason = "is not the results of a sweep; move it away"
        raise InputError([Fault("", None, reason, str(path))])


def failures(plan: Plan, columns: Columns, most: int) -> list[str]:
    """Lines for points that failed: where, and why; at most so many, and how many more."""
    failed = np.flatnonzero(columns.failed)
    lines = [
        f"{plan.shown(point)}: failed: {columns.reasons.get(point, 'not computed')}"
        for point in failed[:most].tolist()
    ]
    more = len(failed) - most
    return [*lines, f"and {more} more failures"] if more > 0 else lines
