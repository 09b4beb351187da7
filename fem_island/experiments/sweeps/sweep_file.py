"""From a case file with a ``[sweep]`` table to a plan."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fem_island.case.file import beside, read_table
from fem_island.case.sweep_table import read_axes
from fem_island.case.tables_beside import SWEEP, without_others
from fem_island.errors import Fault, InputError
from fem_island.experiments.sweeps.experiment import Experiment
from fem_island.experiments.sweeps.plan import Plan
from fem_island.experiments.sweeps.planning import make_plan
from fem_island.experiments.sweeps.solved_points import SOLVED_POINTS


def read_plan(
    path: Path | str, changes: Iterable[str] = (), *, experiment: Experiment = SOLVED_POINTS
) -> Plan:
    """Read a case file and plan its sweep.

    Args:
        path: The TOML file.
        changes: Assignments made to what the file says, as ``--set`` does.
        experiment: What is computed at each point.

    Raises:
        InputError: With every fault of the file, or of the sweep's points.
    """
    try:
        changes = list(changes)
        table = beside(read_table(path, changes), Path(path))
        if SWEEP not in table:
            missing = 'is missing: a table of what is varied, such as "islands.width" = ["1 um"]'
            raise InputError([Fault(f"[{SWEEP}]", None, missing)])
        axes, zipped = read_axes(table.pop(SWEEP))
        paths = {axis.path for axis in axes}
        faults = [
            Fault("--set", change, "is varied by the sweep; give sweep.KEY=VALUES to change that")
            for change in changes
            if change.partition("=")[0].strip() in paths
        ]
        if faults:
            raise InputError(faults)
        return make_plan(without_others(table), axes, zipped=zipped, experiment=experiment)
    except InputError as error:
        raise error.in_file(str(path)) from None
