"""The command line: ``fem-island solve``, ``sweep``, ``figure6`` and ``materials``.

Exit status: 0 done, 1 a computation failed, 2 the input is wrong. What computes is imported inside
the commands, after the input was validated, so that help and error messages come at once.
"""

from __future__ import annotations

import json as json_format
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

from cyclopts import App, CycloptsError, Parameter

from fem_island.launcher import launched_rank

if TYPE_CHECKING:
    from mpi4py import MPI

    from fem_island.cell import Case
    from fem_island.errors import Fault
    from fem_island.result import Result
    from fem_island.solution import Solution
    from fem_island.sweeps.plan import Plan

DONE, FAILED, WRONG_INPUT = 0, 1, 2
_MOST_FAULTS = 200
_SECONDS_TO_BE_HEARD = 0.5
"""Until the launcher has passed on what a rank said before it ends all of them."""

app = App(
    name="fem-island",
    help="Potential, current and film response around lithium islands in anode-free cells.",
    version=lambda: _version(),
    result_action="return_value",
)


def main() -> NoReturn:
    """Run the command line and end the process with its exit status."""
    try:
        status = app(exit_on_error=False, print_error=False) or DONE
        sys.stdout.flush()
    except CycloptsError as error:
        _say(f"{' '.join(str(error).split())} (fem-island --help shows what there is)")
        status = WRONG_INPUT
    except SystemExit as end:  # what rich makes of a reader that has enough
        status = DONE if end.code == 1 else end.code
    except KeyboardInterrupt:
        _say("interrupted")
        status = 130
    except BrokenPipeError:
        # Whoever read the output has enough; Python must not complain about it when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = DONE
    except Exception as error:
        status = _unexpected(error)
    sys.exit(status)


@app.command
def solve(
    cases: Annotated[list[Path], Parameter(name="CASE.toml", negative=())],
    /,
    *,
    set_: Annotated[
        list[str] | None,
        Parameter(name="--set", negative=(), help="KEY=VALUE to change in every case."),
    ] = None,
    solver: Literal["newton"] = "newton",
    json: Annotated[bool, Parameter(negative=())] = False,
    out: Path | None = None,
) -> int:
    """Solve case files and report the numbers.

    Under mpirun all ranks share one problem after another.

    Args:
        cases: Case files (TOML).
        set_: Changes.
        solver: "newton" solves the whole finite-element problem.
        json: Print one JSON object per case and line, in SI units.
        out: Folder for pictures (PNG), the field (VTKHDF, for ParaView) and the numbers (JSON).
    """
    found = _from_first_rank(lambda: _read(cases, set_ or [], out))
    if found.faults:
        return _refuse(found.faults)
    comm = _world()
    statuses = [_solve_one(path, case, comm, json=json, out=out) for path, case in found.cases]
    return max(statuses, default=DONE)


@app.command
def sweep(
    case: Annotated[Path, Parameter(name="CASE.toml")],
    /,
    *,
    out: Path | None = None,
    set_: Annotated[
        list[str] | None,
        Parameter(name="--set", negative=(), help="KEY=VALUE to change in the case."),
    ] = None,
    solver: Literal["newton"] = "newton",
    restart: Annotated[bool, Parameter(negative=())] = False,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    quiet: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Solve a case at all points of its [sweep] table, into DIR/results.nc.

    Under mpirun the ranks share the points. What is finished is kept, so the same command goes on
    after an interruption.

    Args:
        case: Case file (TOML) with a [sweep] table.
        out: Folder of the sweep; needed unless --dry-run.
        set_: Changes.
        solver: "newton" solves the whole finite-element problem at every point.
        restart: Throw away what the folder holds of a sweep, and start afresh.
        dry_run: Check the case and say what would be computed.
        quiet: Show no progress.
    """
    found = _from_first_rank(lambda: _read_sweep(case, set_ or [], out, dry_run=dry_run))
    if found.faults or found.plan is None:
        return _refuse(found.faults)
    if dry_run or out is None:
        from fem_island.sweeps.report import description

        if launched_rank() in (None, 0):
            print("\n".join(description(found.plan)), flush=True)
        return DONE
    return _sweep(found.plan, out, solver=solver, restart=restart, quiet=quiet)


@app.command
def figure6(*, out: Path = Path("figure6")) -> int:
    """Compute the paper's Figure 6 c, d and e, beside its numbers, and what they hang on.

    Under mpirun the ranks share the points of the map.

    Args:
        out: Folder for the figures (PNG, PDF) and the numbers (JSON).
    """
    faults = _from_first_rank(lambda: _faults_of_outputs(out, []))
    if faults:
        return _refuse(faults)
    from fem_island import figure6 as study

    comm = _world()
    report = study.run(out, comm, progress=sys.stderr.isatty())
    if comm.rank == 0:
        study.show(report)
    return FAILED if report.failures else DONE


@app.command
def materials() -> int:
    """List the films and electrolytes that the package knows, with sources and confidence."""
    from fem_island import material_tables

    material_tables.show()
    return DONE


@dataclass(frozen=True)
class _Found:
    """What the first rank found in the case files."""

    cases: list[tuple[Path, Case]]
    faults: list[Fault]


def _read(paths: list[Path], changes: list[str], out: Path | None) -> _Found:
    from fem_island.case_file import read_case
    from fem_island.errors import InputError

    found = _Found([], [])
    for path in paths:
        try:
            found.cases.append((path, read_case(path, changes)))
        except InputError as error:
            found.faults.extend(error.faults)
    if out is not None and not found.faults:
        found.faults.extend(_faults_of_outputs(out, paths))
    return found


@dataclass(frozen=True)
class _FoundSweep:
    """What the first rank found in the case file of a sweep."""

    plan: Plan | None
    faults: list[Fault]


def _read_sweep(path: Path, changes: list[str], out: Path | None, *, dry_run: bool) -> _FoundSweep:
    from fem_island.errors import Fault, InputError
    from fem_island.sweeps.sweep_file import read_plan

    if out is None and not dry_run:
        return _FoundSweep(None, [Fault("--out", None, "is missing; give a folder for the sweep")])
    try:
        return _FoundSweep(read_plan(path, changes), [])
    except InputError as error:
        return _FoundSweep(None, list(error.faults))


def _sweep(plan: Plan, out: Path, *, solver: Literal["newton"], restart: bool, quiet: bool) -> int:
    from fem_island.sweeps.dataset import failures
    from fem_island.sweeps.report import summary
    from fem_island.sweeps.running import run_in_folder

    comm = _world()
    outcome = run_in_folder(plan, out, solver=solver, restart=restart, comm=comm, quiet=quiet)
    failed = comm.bcast(None if outcome.columns is None else failures(plan, outcome.columns))
    for line in failed[:_MOST_FAULTS]:
        _say(line)
    if len(failed) > _MOST_FAULTS:
        _say(f"and {len(failed) - _MOST_FAULTS} more failures")
    if outcome.columns is not None:
        print(summary(plan, outcome.columns, outcome.work), flush=True)
    return FAILED if failed else DONE


def _solve_one(path: Path, case: Case, comm: MPI.Comm, *, json: bool, out: Path | None) -> int:
    from fem_island.errors import ComputationError, FemIslandError
    from fem_island.result import failed
    from fem_island.solving import solve_case

    solution: Solution | None = None
    try:
        solution = solve_case(case, comm)
        result = solution.result
    except ComputationError as error:
        result = failed(str(error), islands=len(case.cell.islands), solver="newton")
    if comm.rank == 0:
        if result.reason:
            _say(f"{path}: {result.status}: {result.reason}")
        _show(path, case, result, json=json)
    if solution is not None and out is not None:
        try:
            written = solution.write(out, path.stem)
        except FemIslandError as error:
            _say(f"{path}: {error}")
            return FAILED
        if comm.rank == 0 and not json:
            print("written: " + ", ".join(str(file) for file in written), flush=True)
    return FAILED if result.status == "failed" else DONE


def _show(path: Path, case: Case, result: Result, *, json: bool) -> None:
    if json:
        record = result.record(str(path))
        print(json_format.dumps(record, allow_nan=False), flush=True)
    else:
        from fem_island.report import show_result

        show_result(str(path), case, result)


def _faults_of_outputs(out: Path, cases: list[Path]) -> list[Fault]:
    from fem_island.errors import Fault

    faults = []
    stems: dict[str, Path] = {}
    for path in cases:
        if path.stem in stems:
            clash = f"would be written over {stems[path.stem]}; give the files different names"
            faults.append(Fault("--out", None, clash, str(path)))
        stems.setdefault(path.stem, path)
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not os.access(out, os.W_OK):
            faults.append(Fault("--out", str(out), "is a folder that cannot be written to"))
    except OSError as error:
        faults.append(Fault("--out", str(out), f"cannot be made a folder: {error.strerror}"))
    return faults


def _refuse(faults: list[Fault]) -> int:
    for fault in faults[:_MOST_FAULTS]:
        _say(str(fault))
    if len(faults) > _MOST_FAULTS:
        _say(f"and {len(faults) - _MOST_FAULTS} more faults")
    return WRONG_INPUT


def _world() -> MPI.Intracomm:
    from fem_island.launcher import world

    return world()


def _from_first_rank[Value](action: Callable[[], Value]) -> Value:
    """The value of an action of the first rank: files are read once, and no two ranks disagree.

    MPI is started only where there are other ranks, so that a refusal comes at once.
    """
    if launched_rank() is None:
        return action()
    comm = _world()
    from fem_island.collective import on_first_rank

    value: Value = comm.bcast(on_first_rank(comm, action))
    return value


def _say(line: str) -> None:
    """One line on standard error; under mpirun from the first rank only."""
    if launched_rank() in (None, 0):
        print(f"fem-island: {line}", file=sys.stderr, flush=True)


def _unexpected(error: Exception) -> int:
    """Say what happened on one line; with FEM_ISLAND_DEBUG set, show where."""
    from fem_island.errors import FemIslandError, InputError

    if os.environ.get("FEM_ISLAND_DEBUG"):
        raise error
    world = sys.modules.get("mpi4py.MPI")
    alone = world is None or not world.Is_initialized() or world.COMM_WORLD.size == 1
    shared = alone or (isinstance(error, FemIslandError) and error.on_all_ranks)
    if isinstance(error, InputError) and shared:
        return _refuse(list(error.faults))
    if isinstance(error, FemIslandError):
        line = str(error)
    else:
        text = " ".join(str(error).split())
        line = f"unexpected {type(error).__name__}: {text} (FEM_ISLAND_DEBUG=1 shows where)"
    if shared:
        _say(line)
        return FAILED
    print(f"fem-island: {line}", file=sys.stderr, flush=True)
    time.sleep(_SECONDS_TO_BE_HEARD)
    sys.modules["mpi4py.MPI"].COMM_WORLD.Abort(FAILED)  # the other ranks would wait for ever
    return FAILED


def _version() -> str:
    from importlib.metadata import version

    return version("fem-island")


if __name__ == "__main__":
    main()
