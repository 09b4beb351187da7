"""Evaluating a table of points, each with its own values of any keys."""

from __future__ import annotations

from pathlib import Path

from fem_island.case.axes import Axis
from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.file import as_case
from fem_island.case.point_table import Points, read_points
from fem_island.experiments.evaluation.record import Evaluation
from fem_island.experiments.sweeps.plan import Plan
from fem_island.experiments.sweeps.planning import Words, make_plan
from fem_island.experiments.sweeps.running import run_in_folder, run_in_memory
from fem_island.machine.communicator import Communicator, OneProcess
from fem_island.machine.paths import from_home
from fem_island.solvers.names import SolverName, check_solver


def evaluate(
    cell: Cell | Case | Path | str,
    table: Points,
    *,
    solver: SolverName = "condensed",
    out: Path | str | None = None,
    restart: bool = False,
    progress: bool = False,
    comm: Communicator | None = None,
) -> Evaluation:
    """Solve a cell at arbitrary points: one for each row of a table.

    Args:
        cell: The cell, a whole case, or the name of a case file; what the table has columns for
            replaces what it says.
        table: A dict of columns, a DataFrame or a CSV file. Columns are called by the path of any
            numeric key of a case file, such as ``islands.width``, or by its short name in
            ``sweep``. Units stand behind the name in brackets, ``"island_width [um]"``, or behind
            the numbers; plain numbers are in SI units. Rows may come in any order and more than
            once.
        solver: "condensed" or "newton".
        out: Folder in which what is finished is kept, and from which an evaluation that was
            interrupted goes on; without it nothing is written.
        restart: Throw away what is finished in that folder.
        progress: Show on standard error how far it is.
        comm: Ranks that share the points, by default this process alone. Collective; every rank
            gets the results.

    Returns:
        The results, in the order of the rows. A point that could not be solved has failed, with
        the reason.

    Raises:
        InputError: A value or a combination is not allowed, or the folder is of something else.
        OutputError: The folder cannot be written to.

    Example:
        >>> points = {"islands.width [um]": [5, 20], "current_density": ["0.25 mA/cm^2", 5.0]}
        >>> evaluate(Cell(), points)["overpotential_mean"].round(4).tolist()
        [0.0846, 0.0538]
    """
    check_solver(solver)
    case = as_case(cell)
    plan = plan_points(case, read_points(table))
    folder = None if out is None else from_home(out)
    comm = OneProcess() if comm is None else comm
    return run(plan, solver=solver, out=folder, restart=restart, comm=comm, quiet=not progress)


def plan_points(case: Case, axes: tuple[Axis, ...]) -> Plan:
    """The plan of a table of points.

    Args:
        case: What is the same at all points.
        axes: The columns of the table.

    Raises:
        InputError: Points are impossible.
    """
    words = Words("table", 'column "{}"')
    return make_plan(case.tables(), axes, zipped=True, unit_required=False, words=words)


def run(
    plan: Plan,
    *,
    solver: SolverName,
    out: Path | None,
    restart: bool,
    comm: Communicator,
    quiet: bool,
) -> Evaluation:
    """Compute a plan, in memory or in a folder; see ``evaluate``. Collective."""
    if out is None:
        outcome = run_in_memory(plan, solver=solver, comm=comm, quiet=quiet)
    else:
        outcome = run_in_folder(plan, out, solver=solver, restart=restart, comm=comm, quiet=quiet)
    columns = comm.bcast(outcome.columns)
    return Evaluation(plan, columns, solver, outcome.work)
