"""``fem-island fit``."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from fem_island.cli.parameters import CaseFiles, ChangesOfAll
from fem_island.cli.process import (
    DONE,
    FAILED,
    faults_of_outputs,
    from_first_rank,
    kept,
    refuse,
    say,
    tell,
)
from fem_island.machine.launcher import launched_rank
from fem_island.machine.paths import from_home

if TYPE_CHECKING:
    from fem_island.case.fit import Fitting


def fit(
    cases: CaseFiles,
    /,
    *,
    set_: ChangesOfAll = None,
    intervals: Literal["profile", "minos", "none"] = "profile",
    json: bool = False,
    out: Path | None = None,
) -> int:
    """Fit keys of case files to measured data, and say what the data do not tell.

    Args:
        cases: Case files (TOML) with a table [fit].
        set_: Changes.
        intervals: By profile likelihood, by MINOS of iminuit, or none.
        json: Print one JSON object per case and line, in SI units.
        out: Folder for numbers (JSON), data and fit (CSV) and a picture (PNG) per case.
    """
    cases, out = [from_home(case) for case in cases], None if out is None else from_home(out)
    return from_first_rank(lambda: _run(cases, set_ or [], intervals, json=json, out=out))


def _run(
    paths: list[Path],
    changes: list[str],
    intervals: Literal["profile", "minos", "none"],
    *,
    json: bool,
    out: Path | None,
) -> int:
    from fem_island.case.fit import read_fitting
    from fem_island.errors import Fault, InputError

    asked: list[tuple[Path, Fitting]] = []
    faults: list[Fault] = []
    for path in paths:
        try:
            asked.append((path, read_fitting(path, changes)))
        except InputError as error:
            faults.extend(error.faults)
    if out is not None and not faults:
        faults += faults_of_outputs(out, paths)
    if faults:
        return refuse(faults)
    return max(_one(path, fitting, intervals, json=json, out=out) for path, fitting in asked)


def _one(
    path: Path,
    asked: Fitting,
    intervals: Literal["profile", "minos", "none"],
    *,
    json: bool,
    out: Path | None,
) -> int:
    from fem_island.errors import ComputationError, InputError
    from fem_island.fitting.fitting import fit_case

    try:
        found = fit_case(asked, intervals=intervals)
    except InputError as error:
        return refuse(list(error.placed(str(path)).faults))
    except ComputationError as error:
        say(f"{path}: failed: {error}")
        return FAILED
    shown = launched_rank() in (None, 0)
    if json and shown:
        tell(json_format.dumps(found.record(str(path)), allow_nan=False))
    elif shown:
        from fem_island.fitting.report import show_fit

        show_fit(str(path), found)
    if out is not None and not kept(
        str(path), lambda: found.write(out, path.stem), told=not json and shown
    ):
        return FAILED
    return DONE
