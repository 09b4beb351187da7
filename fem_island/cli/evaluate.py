"""``fem-island evaluate``."""

from __future__ import annotations

import json as json_format
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fem_island.cli.parameters import CaseFile, Changes
from fem_island.cli.process import (
    FAILED,
    MOST_LINES,
    concluded,
    fault_of_folder,
    faults_of_solver,
    from_first_rank,
    refuse,
    say,
    tell,
)
from fem_island.machine.launcher import world
from fem_island.machine.paths import from_home
from fem_island.solvers.names import SolverName

if TYPE_CHECKING:
    from fem_island.errors import Fault
    from fem_island.experiments.evaluation.record import Evaluation
    from fem_island.experiments.sweeps.plan import Plan


def evaluate(
    case: CaseFile,
    /,
    *,
    table: Path,
    out: Path | None = None,
    set_: Changes = None,
    solver: SolverName = "condensed",
    json: bool = False,
    restart: bool = False,
    quiet: bool = False,
) -> int:
    """Solve a case at arbitrary points, one for each row of a table.

    Under mpirun the ranks share the points.

    Args:
        case: Case file (TOML).
        table: Points (CSV). The header names keys of the case, such as islands.width, as
            "KEY [UNIT]" or with units behind the numbers; plain numbers are in SI units.
        out: Folder for results.nc, a table (CSV) and a picture (PNG). What is finished is kept
            there, so the same command goes on after an interruption.
        set_: Changes.
        solver: "condensed" or "newton".
        json: Print one JSON object per point and line, in SI units.
        restart: Throw away what the folder holds, and start afresh.
        quiet: Show no progress.
    """
    case, table = from_home(case), from_home(table)
    out = None if out is None else from_home(out)
    found = from_first_rank(lambda: _read(case, table, set_ or [], out, solver))
    if found.faults or found.plan is None:
        return refuse(found.faults)
    from fem_island.experiments.evaluation.evaluating import run

    comm = world()
    try:
        evaluation = run(
            found.plan, solver=solver, out=out, restart=restart, comm=comm, quiet=quiet
        )
    except KeyboardInterrupt:
        if out is not None:
            say("what is finished is kept; the same command goes on from there")
        raise
    ended = 0
    if comm.rank == 0:
        ended = _show(str(case), evaluation, out, json=json)
    failed, unmet = evaluation.columns.counts()
    return comm.bcast(ended) or concluded("point", failed=failed, unmet=unmet)


@dataclass(frozen=True)
class _Found:
    """What the first rank found in the case file and the table."""

    plan: Plan | None
    faults: list[Fault]


def _read(
    path: Path, table: Path, changes: list[str], out: Path | None, solver: SolverName
) -> _Found:
    from fem_island.case.file import read_case, read_table
    from fem_island.case.point_table import read_points
    from fem_island.case.tables_beside import SWEEP
    from fem_island.errors import Fault, InputError
    from fem_island.experiments.evaluation.evaluating import plan_points

    faults = faults_of_solver(solver)
    plan = None
    try:
        read = read_case(path, changes)
        if SWEEP in read_table(path, changes):
            reason = "is for fem-island sweep alone; --table says what is varied here"
            faults.append(Fault(SWEEP, None, reason, str(path)))
        else:
            axes = read_points(table)
            try:
                plan = plan_points(read, axes)
            except InputError as error:
                raise error.in_file(str(table)) from None
    except InputError as error:
        faults.extend(error.faults)
    if out is not None and not faults and not out.is_file():
        fault = fault_of_folder(out)
        faults += [fault] if fault is not None else []
    return _Found(None if faults else plan, faults)


def _show(name: str, evaluation: Evaluation, out: Path | None, *, json: bool) -> int:
    """Say and write what came out; returns the exit status of that."""
    from fem_island.errors import FemIslandError
    from fem_island.experiments.evaluation.report import show_points
    from fem_island.experiments.sweeps.dataset import failures
    from fem_island.experiments.sweeps.report import summary

    for line in failures(evaluation.plan, evaluation.columns, MOST_LINES):
        say(line)
    if json:
        for point in range(len(evaluation)):
            tell(json_format.dumps(evaluation.record(point, name), allow_nan=False))
    else:
        show_points(evaluation)
        tell(summary(evaluation.plan, evaluation.columns, evaluation.work))
    if out is not None:
        try:
            evaluation.write_table(out / "points.csv")
            evaluation.plot(out / "points.png")
            if not json:
                tell(f"written: {out / 'points.csv'}, {out / 'points.png'}")
        except FemIslandError as error:
            say(f"{name}: {error}")
            return FAILED
    return 0
