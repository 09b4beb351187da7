"""``fem-island compare``."""

from __future__ import annotations

import json as json_format
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fem_island.cli.parameters import CaseFile, Changes
from fem_island.cli.process import (
    FAILED,
    concluded,
    fault_of_folder,
    faults_of_solver,
    from_first_rank,
    kept,
    refuse,
    say,
    tell,
)
from fem_island.machine.launcher import launched_rank
from fem_island.machine.paths import from_home
from fem_island.solvers.names import SolverName

if TYPE_CHECKING:
    from fem_island.case.case import Case
    from fem_island.errors import Fault


def compare(
    case: CaseFile,
    /,
    *,
    films: str | None = None,
    set_: Changes = None,
    solver: SolverName = "condensed",
    json: bool = False,
    out: Path | None = None,
) -> int:
    """Solve a case with several films and without one, side by side.

    Args:
        case: Case file (TOML). Its own film says how the others react, and their kinetics.
        films: Names separated by commas: materials, "none" for bare copper, "case" for the film of
            the case. Default: none and all materials.
        set_: Changes.
        solver: "condensed" or "newton".
        json: Print one JSON object per film and line, in SI units.
        out: Folder for the dataset (NetCDF), the same as a table (CSV), and the numbers (JSON).
    """
    case, out = from_home(case), None if out is None else from_home(out)
    found = from_first_rank(lambda: _read(case, set_ or [], films, solver, out))
    if found.case is None:
        return refuse(found.faults)
    if solver == "newton":
        # Loading PETSc is collective; the work is milliseconds, which the first rank does alone.
        import fem_island.solvers.meshed.solver  # noqa: F401

    return from_first_rank(lambda: _run(found, case, solver=solver, json=json, out=out))


@dataclass(frozen=True)
class _Found:
    """What the first rank found: the case and the names of films, or faults."""

    case: Case | None
    films: list[str]
    faults: list[Fault]


def _read(
    path: Path, changes: list[str], films: str | None, solver: SolverName, out: Path | None
) -> _Found:
    from fem_island.case.file import read_case
    from fem_island.case.variants import check_films, film_names, with_film
    from fem_island.errors import InputError

    faults = faults_of_solver(solver)
    if faults:
        return _Found(None, [], faults)
    try:
        case = read_case(path, changes)
        names = film_names(films)
        check_films(names, case, key="--films")
        for name in names:
            with_film(case, name)
    except InputError as error:
        return _Found(None, [], list(error.faults))
    fault = None if out is None else fault_of_folder(out)
    return _Found(case, names, []) if fault is None else _Found(None, [], [fault])


def _run(found: _Found, path: Path, *, solver: SolverName, json: bool, out: Path | None) -> int:
    from fem_island.results.result import TOLERANCE_NOT_MET
    from fem_island.studies.comparison import table as comparison_table
    from fem_island.studies.comparison.comparing import compare, failed_films

    if found.case is None:
        raise ValueError("there is no case")
    title = str(path)
    results = compare(found.case, found.films, solver=solver)
    failed = failed_films(results)
    if launched_rank() in (None, 0):
        if json:
            lines = comparison_table.records(title, results)
            tell("\n".join(json_format.dumps(line, allow_nan=False) for line in lines))
        else:
            comparison_table.show(title, found.case, results)
    for name, reason in failed:
        say(f"{title}: {name}: failed: {reason}")
    if out is not None:
        from fem_island.studies.comparison.files import write

        told = not json and launched_rank() in (None, 0)
        if not kept(title, lambda: write(results, out, path.stem), told=told):
            return FAILED
    unmet = int((results["status"] == TOLERANCE_NOT_MET).sum())
    return concluded("film", failed=len(failed), unmet=unmet)
