"""``fem-island onset``."""

from __future__ import annotations

import json as json_format
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from fem_island.cli.parameters import Changes, OptionalCaseFile
from fem_island.cli.process import (
    concluded,
    faults_of_solver,
    from_first_rank,
    refuse,
    tell,
)
from fem_island.cli.solve import PAPER_CELL
from fem_island.machine.launcher import launched_rank
from fem_island.machine.paths import from_home
from fem_island.solvers.names import SolverName

if TYPE_CHECKING:
    from fem_island.studies.film_onset.onset import Onset

_OPTIONS = {"vary": "--vary", "film": "--film", "films": "--film", "between": "--from and --to"}
"""Names of the arguments in the shell."""


def onset(
    case: OptionalCaseFile = None,
    /,
    *,
    vary: str = "islands.width",
    film: str | None = None,
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    to: str | None = None,
    set_: Changes = None,
    solver: SolverName = "condensed",
    json: bool = False,
) -> int:
    """Find the island size, current, or other key at which a film starts to act, with its error.

    Args:
        case: Case file (TOML); without one it is the paper's cell.
        vary: Path of the numeric key, such as islands.width, operation.current_density or
            kinetics.exchange_current_density.
        film: Symbol of a material; by default the film of the case.
        from_: Where the search begins, with its unit; by default three decades below the case.
        to: Where it ends.
        set_: Changes.
        solver: "condensed" or "newton".
        json: Print one JSON object, in SI units.
    """
    from fem_island.errors import Fault

    faults = faults_of_solver(solver)
    if (from_ is None) != (to is None):
        missing = "--to" if to is None else "--from"
        faults.append(Fault(missing, None, "is missing; give both ends of the range, or none"))
    if faults:
        return refuse(faults)
    between = None if from_ is None or to is None else (from_, to)
    found = from_first_rank(lambda: _found(case, set_ or [], vary, film, between, solver))
    title = str(PAPER_CELL if case is None else case)
    if launched_rank() in (None, 0):
        if json:
            tell(json_format.dumps(found.record(title), allow_nan=False))
        else:
            from fem_island.studies.film_onset.report import show

            show(title, found)
    return concluded("onset", failed=0, unmet=int(found.status == "tolerance not met"))


def _found(
    path: Path | None,
    changes: list[str],
    vary: str,
    film: str | None,
    between: tuple[str, str] | None,
    solver: SolverName,
) -> Onset:
    from fem_island.case.file import case_from_changes, read_case
    from fem_island.errors import InputError
    from fem_island.studies.film_onset.onset import onset as find

    case = case_from_changes(changes) if path is None else read_case(from_home(path), changes)
    try:
        return find(case, vary=vary, film=film, between=between, solver=solver)
    except InputError as error:
        raise InputError(
            replace(fault, key=_OPTIONS.get(fault.key, fault.key)) for fault in error.faults
        ) from None
