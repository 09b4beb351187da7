"""``fem-island sweep``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fem_island.cli.parameters import CaseFile, Changes
from fem_island.cli.process import (
    DONE,
    MOST_LINES,
    concluded,
    fault_of_folder,
    faults_of_solver,
    from_first_rank,
    refuse,
    say,
    tell,
)
from fem_island.cli.ranks import run_with_ranks
from fem_island.experiments.sweeps.names import ExperimentName, check_experiment
from fem_island.machine.launcher import launched_rank, world
from fem_island.machine.paths import from_home
from fem_island.solvers.names import SolverName

if TYPE_CHECKING:
    from fem_island.errors import Fault
    from fem_island.experiments.sweeps.plan import Plan


def sweep(
    case: CaseFile,
    /,
    *,
    out: Path | None = None,
    set_: Changes = None,
    of: ExperimentName = "solve",
    solver: SolverName = "condensed",
    restart: bool = False,
    dry_run: bool = False,
    quiet: bool = False,
    csv: bool = False,
    ranks: int = 1,
) -> int:
    """Compute a case at all points of its [sweep] table, into DIR/results.nc.

    Under mpirun the ranks share the points. What is finished is kept, so the same command goes on
    after an interruption.

    Args:
        case: Case file (TOML) with a [sweep] table.
        out: Folder of the sweep; needed unless --dry-run.
        set_: Changes.
        of: What is computed at each point: "solve" an operating point, "strip" a run in time,
            "impedance" a spectrum.
        solver: "condensed" reduces the equations to the bottom and solves a series of currents at
            once; "newton" solves all of them at every point.
        restart: Throw away what the folder holds of a sweep, and start afresh.
        dry_run: Check the case and say what would be computed.
        quiet: Show no progress.
        csv: Write the numbers of all points also as a table, DIR/results.csv.
        ranks: Start so many processes with the mpirun of this environment, which share the points.
    """
    if ranks != 1 and launched_rank() is None:
        return run_with_ranks(ranks)
    case, out = from_home(case), None if out is None else from_home(out)
    asked = _Asked(of, solver)
    found = from_first_rank(lambda: _read(case, set_ or [], out, asked, dry_run=dry_run))
    if found.faults or found.plan is None:
        return refuse(found.faults)
    if dry_run or out is None:
        from fem_island.experiments.sweeps.report import description

        if launched_rank() in (None, 0):
            tell("\n".join(description(found.plan)))
        return DONE
    files = _Files(out, csv)
    return _run(found.plan, files, solver=solver, restart=restart, quiet=quiet)


@dataclass(frozen=True)
class _Files:
    """Where results go, and whether also as a table."""

    folder: Path
    csv: bool


@dataclass(frozen=True)
class _Asked:
    """What is computed at each point, and what with."""

    experiment: ExperimentName
    solver: SolverName


@dataclass(frozen=True)
class _Found:
    """What the first rank found in the case file of a sweep."""

    plan: Plan | None
    faults: list[Fault]


def _read(
    path: Path, changes: list[str], out: Path | None, asked: _Asked, *, dry_run: bool
) -> _Found:
    from fem_island.errors import Fault, InputError
    from fem_island.experiments.sweeps.experiments import experiment_named
    from fem_island.experiments.sweeps.sweep_file import read_plan

    if out is None and not dry_run:
        return _Found(None, [Fault("--out", None, "is missing; give a folder for the sweep")])
    faults = faults_of_solver(asked.solver)
    try:
        check_experiment(asked.experiment, asked.solver, key="--of", key_of_solver="--solver")
    except InputError as error:
        return _Found(None, [*faults, *error.faults])
    try:
        plan = read_plan(path, changes, experiment=experiment_named(asked.experiment))
    except InputError as error:
        return _Found(None, [*faults, *error.faults])
    # What else is there is judged where the sweep takes possession of the folder.
    if out is not None and not dry_run and not faults and not out.is_file():
        fault = fault_of_folder(out)
        faults += [fault] if fault is not None else []
    return _Found(plan, faults)


def _run(plan: Plan, files: _Files, *, solver: SolverName, restart: bool, quiet: bool) -> int:
    from fem_island.experiments.sweeps.dataset import failures
    from fem_island.experiments.sweeps.report import summary
    from fem_island.experiments.sweeps.running import run_in_folder

    comm = world()
    try:
        outcome = run_in_folder(
            plan, files.folder, solver=solver, restart=restart, comm=comm, quiet=quiet
        )
    except KeyboardInterrupt:
        say("what is finished is kept; the same command goes on from there")
        raise
    columns = outcome.columns
    said = [] if columns is None else failures(plan, columns, MOST_LINES)
    for line in said:
        say(line)
    if columns is not None:
        tell(summary(plan, columns, outcome.work))
    if files.csv and outcome.results is not None:
        from fem_island.experiments.sweeps.folder import describe_files
        from fem_island.results.dataset_table import write_table

        write_table(outcome.results, files.folder / "results.csv")
        describe_files(files.folder, {"results.csv": "the numbers of all points as a table"})
        tell(f"written: {files.folder / 'results.csv'}")
    counts = None if columns is None else columns.counts()
    failed, unmet = comm.bcast(counts)
    return concluded("point", failed=failed, unmet=unmet)
