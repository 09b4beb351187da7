"""Running a sweep: in memory for Python, in a folder for batch work."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray
from threadpoolctl import threadpool_limits

from fem_island.case.axes import ARGUMENTS
from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.file import as_case
from fem_island.case.sweep_table import read_axes
from fem_island.errors import Fault, InputError
from fem_island.experiments.sweeps.batches import Batch
from fem_island.experiments.sweeps.dataset import Collected, collected, dataset, read_dataset
from fem_island.experiments.sweeps.experiments import experiment_named
from fem_island.experiments.sweeps.folder import describe_files, opened
from fem_island.experiments.sweeps.names import ExperimentName, check_experiment
from fem_island.experiments.sweeps.piecework import pieces_of
from fem_island.experiments.sweeps.plan import Integers, Pieces, Plan, digest
from fem_island.experiments.sweeps.planning import make_plan
from fem_island.experiments.sweeps.progress import display
from fem_island.experiments.sweeps.ranks import compute
from fem_island.experiments.sweeps.report import Work
from fem_island.experiments.sweeps.sweep_file import read_plan
from fem_island.machine.collective import on_every_rank, on_first_rank
from fem_island.machine.communicator import Communicator, OneProcess
from fem_island.machine.paths import from_home
from fem_island.results.columns import Columns
from fem_island.results.dataset_file import write_dataset
from fem_island.solvers.choice import SeriesSolver
from fem_island.solvers.names import SolverName, check_solver

Values = Sequence[float | str] | np.ndarray[Any, np.dtype[np.float64]] | Mapping[str, Any]
"""A list or array of SI floats or strings with units, or a range as in a case file."""


@dataclass(frozen=True)
class Outcome:
    """What a sweep came to.

    Attributes:
        results: All results; on rank 0 only.
        columns: The same as plain arrays; on rank 0 only.
        work: What it took.
    """

    results: xarray.Dataset | None
    columns: Columns | None
    work: Work


def sweep(
    cell: Cell | Case | Path | str,
    *,
    island_width: Values | None = None,
    current_density: Values | None = None,
    exchange_current_density: Values | None = None,
    conductivity: Values | None = None,
    temperature: Values | None = None,
    axes: Mapping[str, Values] | None = None,
    zip: bool = False,
    of: ExperimentName = "solve",
    solver: SolverName = "condensed",
    out: Path | str | None = None,
    restart: bool = False,
    progress: bool = False,
    comm: Communicator | None = None,
) -> xarray.Dataset:
    """Solve a cell at all combinations of the values of several keys.

    Args:
        cell: The cell, a whole case, or the name of a case file; what is varied replaces what it
            says. Where nothing is said to be varied, the table [sweep] of the file is.
        island_width: w of all islands [m].
        current_density: I [A/m^2].
        exchange_current_density: i0 of lithium [A/m^2].
        conductivity: kappa [S/m].
        temperature: T [K].
        axes: More of them: any numeric key of a case file by its path, for example
            ``{"interlayer.equilibrium_potential": ["0.05 V", "0.07 V"]}``.
        zip: Pair the axes, which then have equal lengths, instead of crossing them.
        of: What is computed at each point: "solve" an operating point, "strip" a run in time,
            "impedance" a spectrum.
        solver: "condensed" reduces the equations of a geometry to its bottom and solves a series of
            currents at once; "newton" solves all equations at every point.
        out: Folder in which what is finished is kept, and from which a sweep that was interrupted
            goes on; without it nothing is written.
        restart: Throw away what is finished in that folder.
        progress: Show on standard error how far it is.
        comm: Ranks that share the points, by default this process alone. Collective; every rank
            gets the results.

    Returns:
        Dimensions are the axes in the order of the arguments ("point" where they are paired), then
        "island", "material" or "probe"; "time_index" and "event" of stripping runs; "frequency",
        "apex" and "bound" of spectra. Variables are named like the keys of ``Result``, those inside
        others joined with "_"; units are in their attributes. Curves of unequal length end in NaN.
        A point that could not be solved has the status 2 (failed), NaN, and its ``reason``.

    Raises:
        InputError: A value or a combination is not allowed, or the folder is of something else.
        OutputError: The folder cannot be written to.

    Example:
        >>> maps = sweep(Cell(), island_width=["5 um", "20 um"], current_density=[2.5])
        >>> maps.overpotential_mean.values.round(4).tolist()
        [[0.0846], [0.0303]]
    """
    named = {
        "island_width": island_width,
        "current_density": current_density,
        "exchange_current_density": exchange_current_density,
        "conductivity": conductivity,
        "temperature": temperature,
    }
    table = {ARGUMENTS[name]: values for name, values in named.items() if values is not None}
    for key, values in (axes or {}).items():
        path = ARGUMENTS.get(key, key)
        if path in table or path == "zip":
            raise InputError([Fault("axes", key, "is an argument of its own, and given there")])
        table[path] = values
    check_solver(solver)
    check_experiment(of, solver, key_of_solver="solver")
    if isinstance(cell, str | Path) and not table:
        plan = read_plan(cell, experiment=experiment_named(of))
    else:
        case = as_case(cell)
        found, _ = read_axes({**table, "zip": zip}, unit_required=False)
        plan = make_plan(
            case.tables(),
            found,
            zipped=zip,
            experiment=experiment_named(of),
            unit_required=False,
        )
    comm = OneProcess() if comm is None else comm
    if out is None:
        outcome = run_in_memory(plan, solver=solver, comm=comm, quiet=not progress)
    else:
        outcome = run_in_folder(
            plan, from_home(out), solver=solver, restart=restart, comm=comm, quiet=not progress
        )
    results: xarray.Dataset = comm.bcast(outcome.results)
    return results


def run_in_memory(plan: Plan, *, solver: SolverName, comm: Communicator, quiet: bool) -> Outcome:
    """Compute a plan and keep nothing but the results. Collective."""
    _check_same(plan, comm)
    batches: list[Batch] = []
    # What one process computes has its place already; that of several ranks is put there at last.
    alone = Collected(plan) if comm.size == 1 else None
    finish = batches.append if alone is None else alone.put
    with plan.experiment.solver(solver) as own:
        pieces = pieces_of(plan, own)
        missing = np.arange(len(pieces))
        seconds = _timed(plan, pieces, missing, own, comm, finish, quiet, (0, 0))
    parts = comm.gather(batches)
    if parts is None:
        return Outcome(None, None, Work(len(plan), seconds))
    columns = (
        collected(plan, (batch for part in parts for batch in part))
        if alone is None
        else alone.columns
    )
    return Outcome(dataset(plan, columns, solver=solver), columns, Work(len(plan), seconds))


def run_in_folder(
    plan: Plan,
    path: Path,
    *,
    solver: SolverName,
    restart: bool,
    comm: Communicator,
    quiet: bool,
) -> Outcome:
    """Compute what a folder does not hold yet of a plan, and write ``results.nc``. Collective.

    Args:
        plan: The sweep.
        path: The folder.
        solver: Name of the solver.
        restart: Throw away what is finished.
        comm: The ranks.
        quiet: Show no progress.

    Raises:
        InputError: The folder is in use, damaged, or of something else.
        OutputError: It cannot be written to.
    """
    _check_same(plan, comm)
    with ExitStack() as stack:
        claim = opened(path, plan, solver=solver, restart=restart)
        folder = comm.bcast(on_first_rank(comm, lambda: stack.enter_context(claim)))
        own = stack.enter_context(plan.experiment.solver(solver))
        pieces = pieces_of(plan, own)

        kept: list[xarray.Dataset] = []

        def look() -> tuple[Integers, tuple[int, int]]:
            if folder.results.exists():
                kept.append(read_dataset(folder.results, folder.sweep))
            done = np.zeros(len(plan), dtype=bool)
            failed = np.zeros(len(plan), dtype=bool)
            for batch in folder.finished():
                done[batch.points] = True
                failed[batch.points] = batch.columns.failed
            whole = np.logical_and.reduceat(done[pieces.order], pieces.starts[:-1])
            return np.flatnonzero(~whole), (int(done.sum()), int(failed.sum()))

        missing, before = comm.bcast(on_first_rank(comm, look))
        seconds = 0.0
        if len(missing):
            opening = lambda: stack.enter_context(folder.batch_file(comm.rank))  # noqa: E731
            file = on_every_rank(comm, opening)
            seconds = _timed(plan, pieces, missing, own, comm, file.append, quiet, before)

        def collect() -> tuple[xarray.Dataset, Columns]:
            columns = collected(plan, folder.finished())
            if kept and not len(missing):
                return kept[0], columns
            results = dataset(plan, columns, solver=solver, sweep=folder.sweep)
            write_dataset(results, folder.results)
            describe_files(path)
            return results, columns

        computed = int(np.diff(pieces.starts)[missing].sum())
        results, columns = on_first_rank(comm, collect) or (None, None)
        return Outcome(results, columns, Work(computed, seconds, folder.results))


def _check_same(plan: Plan, comm: Communicator) -> None:
    """Refuse ranks that were given different sweeps. Collective."""
    if comm.size > 1 and len(set(comm.allgather(digest(plan.record())))) > 1:
        raise InputError([Fault("", None, "the ranks were given different sweeps")])


def _timed(
    plan: Plan,
    pieces: Pieces,
    missing: Integers,
    solver: SeriesSolver,
    comm: Communicator,
    finish: Callable[[Batch], None],
    quiet: bool,
    before: tuple[int, int],
) -> float:
    """Compute with a display; returns the seconds that it took. Collective."""
    start = time.perf_counter()
    hidden = quiet or comm.rank > 0
    shown = display(len(plan), before=before[0], failed_before=before[1], quiet=hidden)
    # Threads would take the cores of other ranks, and matrices are too small to gain from them.
    with shown as show, threadpool_limits(1):
        compute(plan, pieces, missing, solver=solver, comm=comm, finish=finish, show=show)
    return time.perf_counter() - start
