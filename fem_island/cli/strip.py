"""``fem-island strip``."""

from __future__ import annotations

import json as json_format
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fem_island.cli.parameters import CaseFiles, ChangesOfAll
from fem_island.cli.process import (
    DONE,
    FAILED,
    UNMET,
    faults_of_outputs,
    faults_of_solver,
    kept,
    refuse,
    say,
    status_of,
)
from fem_island.cli.run_progress import RunProgress
from fem_island.machine.launcher import launched_rank
from fem_island.machine.paths import from_home
from fem_island.solvers.names import SolverName

if TYPE_CHECKING:
    from fem_island.case.case import Case
    from fem_island.errors import Fault
    from fem_island.experiments.stripping.record import StrippingRun


@dataclass(frozen=True)
class _Asked:
    """One run.

    Attributes:
        path: The case file.
        film: What is put into its case; empty where that stays as it is.
        case: The case.
    """

    path: Path
    film: str
    case: Case

    @property
    def name(self) -> str:
        """What the names of its files start with."""
        return f"{self.path.stem}{self._ending}"

    @property
    def title(self) -> str:
        """The run as people are told of it."""
        return f"{self.path}{self._ending}"

    @property
    def _ending(self) -> str:
        return f"-{self.film}" if self.film else ""


def strip(
    cases: CaseFiles,
    /,
    *,
    set_: ChangesOfAll = None,
    films: str | None = None,
    json: bool = False,
    out: Path | None = None,
    solver: SolverName = "condensed",
) -> int:
    """Strip cells in time: the voltage curve, the shrinking islands, the film that empties.

    Args:
        cases: Case files (TOML); lithium needs a thickness.
        set_: Changes.
        films: Films to put into every case, one after another, such as none,Ag,Au; with --out one
            picture has all their curves.
        json: Print one JSON object per run and line, in SI units.
        out: Folder for the curve (CSV), the dataset (NetCDF), numbers (JSON) and pictures (PNG). A
            long run that was interrupted goes on from what it has kept there.
        solver: "condensed", or "newton", which solves for all of the electrolyte with DOLFINx; the
            same curve, many times slower.
    """
    runs, faults = _read(cases, set_ or [], films, out)
    faults += faults_of_solver(solver)
    if faults:
        return refuse(faults)
    if launched_rank() not in (None, 0):
        return DONE
    statuses = []
    compared: dict[Path, dict[str, StrippingRun]] = {}
    for asked in runs:
        status, run = _strip_one(asked, json, out, solver)
        statuses.append(status)
        if run is not None and asked.film:
            compared.setdefault(asked.path, {})[asked.film] = run
    for path, of_films in compared.items():
        if out is not None and len(of_films) > 1:
            written = _compare(path.stem, of_films, out, told=not json)
            statuses += [] if written else [FAILED]
    unmet = statuses.count(UNMET)
    if unmet:
        say(f"{unmet} of {len(runs)} runs did not meet their tolerance")
    return FAILED if FAILED in statuses else max(statuses, default=DONE)


def _read(
    paths: list[Path], changes: list[str], films: str | None, out: Path | None
) -> tuple[list[_Asked], list[Fault]]:
    """All runs, or what is wrong with them."""
    from fem_island.case.file import read_case, read_table
    from fem_island.case.tables_beside import SWEEP
    from fem_island.case.variants import with_film
    from fem_island.errors import Fault, InputError
    from fem_island.experiments.stripping.case_stores import check_stores

    runs: list[_Asked] = []
    faults: list[Fault] = []
    for path in paths:
        try:
            if SWEEP in read_table(path, changes):
                reason = "is for fem-island sweep CASE.toml --out DIR --of strip"
                raise InputError([Fault(SWEEP, None, reason, str(path))])
            case = read_case(path, changes)
            names = [] if films is None else [each.strip() for each in films.split(",")]
            variants = [(name, with_film(case, name)) for name in names] or [("", case)]
            for film, variant in variants:
                check_stores(variant)
                runs.append(_Asked(path, film, variant))
        except InputError as error:
            faults.extend(error.placed(str(path)).faults)
    if out is not None and not faults:
        titles, stems = [asked.title for asked in runs], [asked.name for asked in runs]
        faults += faults_of_outputs(out, titles, stems)
    return runs, faults


def _strip_one(
    asked: _Asked, json: bool, out: Path | None, solver: SolverName
) -> tuple[int, StrippingRun | None]:
    """The exit status of a run, and the run if there is one."""
    from fem_island.errors import ComputationError
    from fem_island.experiments.stripping.kept_solutions import kept_solutions
    from fem_island.experiments.stripping.record import StoppedRunError
    from fem_island.experiments.stripping.report import show_run
    from fem_island.experiments.stripping.run import strip_case

    name, title, case = asked.name, asked.title, asked.case
    unfinished = None if out is None else from_home(out) / f"{name}.unfinished"

    def resumed() -> None:
        say(f"{title}: goes on where it was interrupted")

    try:
        with kept_solutions(unfinished, case, solver, resumed=resumed) as kept_before:
            progress = RunProgress(title)
            run = strip_case(case, progress=progress, solver=solver, kept=kept_before)
    except StoppedRunError as error:
        say(f"{title}: failed: {error}")
        run = error.run
    except ComputationError as error:
        say(f"{title}: failed: {error}")
        if json:
            record = {"case": title, "status": f"failed: {error}"}
            print(json_format.dumps(record), flush=True)
        return FAILED, None
    if run.reason and run.status != "failed":
        say(f"{title}: {run.status}: {run.reason}")
    if json:
        print(json_format.dumps(run.record(title), allow_nan=False), flush=True)
    else:
        show_run(title, run)
    if out is not None and not kept(title, lambda: run.write(out, name), told=not json):
        return FAILED, run
    return status_of(run.status), run


def _compare(stem: str, runs: dict[str, StrippingRun], out: Path, *, told: bool) -> bool:
    """Write one picture with the curves of all films; whether it was written."""
    from fem_island.plots.stripping_compared import plot_curves

    path = from_home(out) / f"{stem}.compared.png"

    def written() -> list[Path]:
        plot_curves(runs, path)
        return [path]

    return kept(stem, written, told=told)
