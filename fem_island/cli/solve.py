"""``fem-island solve``."""

from __future__ import annotations

import json as json_format
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fem_island.cli.parameters import ChangesOfAll, OptionalCaseFiles
from fem_island.cli.process import (
    FAILED,
    UNMET,
    concluded,
    faults_of_outputs,
    faults_of_solver,
    from_first_rank,
    log_to_standard_error,
    refuse,
    say,
    status_of,
)
from fem_island.machine.launcher import world
from fem_island.machine.paths import from_home
from fem_island.solvers.names import SolverName, default_solver

PAPER_CELL = Path("paper_cell")
"""Name of the case that is solved without a file."""

if TYPE_CHECKING:
    from fem_island.case.case import Case
    from fem_island.errors import Fault
    from fem_island.experiments.point.solution import Solution
    from fem_island.machine.communicator import Communicator
    from fem_island.results.result import Result


def solve(
    cases: OptionalCaseFiles = None,
    /,
    *,
    set_: ChangesOfAll = None,
    solver: SolverName | None = None,
    json: bool = False,
    out: Path | None = None,
) -> int:
    """Solve case files and report the numbers.

    Under mpirun all ranks share one problem after another.

    Args:
        cases: Case files (TOML); without one the paper's cell is solved.
        set_: Changes.
        solver: "newton" solves the whole finite-element problem; "condensed" what is left of it at
            the bottom, faster, on one rank. Default: newton where DOLFINx is installed.
        json: Print one JSON object per case and line, in SI units.
        out: Folder for pictures (PNG), the field (VTKHDF, for ParaView) and the numbers (JSON).
    """
    cases = [from_home(case) for case in cases or ()]
    out = None if out is None else from_home(out)
    found = from_first_rank(lambda: _read(cases, set_ or [], out, solver))
    if found.faults:
        return refuse(found.faults)
    comm = world()
    log_to_standard_error()
    if comm.size > 1 and any(each.solver == "condensed" for each in found.cases):
        return refuse([_alone()])
    if sys.stderr.isatty() and any(_is_large(each) for each in found.cases):
        _show_progress()
    output = _Output(json, out)
    ends = [_solve_one(each, comm, output) for each in found.cases]
    return concluded("case", failed=ends.count(FAILED), unmet=ends.count(UNMET))


_LARGE = 500_000
"""Pixels or voxels of an image beyond which a terminal shows progress."""


@dataclass(frozen=True)
class _Output:
    """Where the results go."""

    json: bool
    out: Path | None


def _is_large(asked: _Asked) -> bool:
    """Whether it is a contact map that takes more than a few seconds."""
    contact, voxels = asked.case.cell.map, asked.case.cell.electrolyte.conductivity_image
    if contact is None or asked.solver == "newton":
        return contact is not None
    count = contact.shape[0] * contact.shape[1] if voxels is None else voxels.values.size
    return count > _LARGE


def _show_progress() -> None:
    """Say after every step of Newton's method, and of refinement, how far a map is."""
    import logging

    for solver in ("cosine", "voxels", "meshed.boxes"):
        logging.getLogger(f"fem_island.solvers.{solver}").setLevel(logging.DEBUG)


def _alone() -> Fault:
    from fem_island.errors import Fault

    reason = "solves a case on one rank; leave out mpirun, or give --solver newton"
    return Fault("--solver", "condensed", reason)


@dataclass(frozen=True)
class _Asked:
    """A case, its file, and what solves it."""

    path: Path
    case: Case
    solver: SolverName


@dataclass(frozen=True)
class _Found:
    """What the first rank found in the case files."""

    cases: list[_Asked]
    faults: list[Fault]


def _read(
    paths: list[Path], changes: list[str], out: Path | None, solver: SolverName | None
) -> _Found:
    from fem_island.case.file import case_from_changes, read_case
    from fem_island.errors import InputError

    found = _Found([], [] if solver is None else faults_of_solver(solver))
    files: list[Path | None] = [*paths] or [None]
    for path in files:
        try:
            case = case_from_changes(changes) if path is None else read_case(path, changes)
        except InputError as error:
            found.faults.extend(error.faults)
        else:
            chosen = solver or default_solver(of_map=case.cell.map is not None)
            found.cases.append(_Asked(PAPER_CELL if path is None else path, case, chosen))
    if out is not None and not found.faults:
        found.faults.extend(faults_of_outputs(out, paths))
    return found


def _solve_one(asked: _Asked, comm: Communicator, output: _Output) -> int:
    from fem_island.errors import ComputationError, FemIslandError
    from fem_island.experiments.point.solve import solve_case
    from fem_island.results.reading import failed

    path, case, solver = asked.path, asked.case, asked.solver
    solution: Solution | None = None
    try:
        solution = solve_case(case, comm, solver=solver)
        result = solution.result
    except ComputationError as error:
        result = failed(str(error), islands=len(case.cell.islands), solver=solver)
    if comm.rank == 0:
        if result.reason:
            say(f"{path}: {result.status}: {result.reason}")
        _show(path, case, result, json=output.json)
    if solution is not None and output.out is not None:
        from fem_island.machine.collective import on_first_rank

        write = partial(solution.write, output.out, path.stem)
        try:
            written = on_first_rank(comm, write)
        except FemIslandError as error:
            say(f"{path}: {error}")
            return FAILED
        if written is not None and not output.json:
            print("written: " + ", ".join(str(file) for file in written), flush=True)
    return status_of(result.status)


def _show(path: Path, case: Case, result: Result, *, json: bool) -> None:
    from fem_island.case.parsing import INPUT

    if json:
        record = result.record(str(path)) | {INPUT: case.tables()}
        print(json_format.dumps(record, allow_nan=False), flush=True)
    else:
        from fem_island.experiments.point.report import show_result

        show_result(str(path), case, result)
