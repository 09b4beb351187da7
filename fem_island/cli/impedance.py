"""``fem-island impedance``."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING

from fem_island.cli.parameters import CaseFiles, ChangesOfAll
from fem_island.cli.process import (
    DONE,
    FAILED,
    UNMET,
    WRONG_INPUT,
    concluded,
    faults_of_outputs,
    from_first_rank,
    kept,
    refuse,
    say,
    status_of,
    tell,
)
from fem_island.machine.launcher import launched_rank
from fem_island.machine.paths import from_home

if TYPE_CHECKING:
    from fem_island.case.case import Case
    from fem_island.errors import Fault
    from fem_island.solvers.response import SpectrumSolver


def impedance(
    cases: CaseFiles,
    /,
    *,
    set_: ChangesOfAll = None,
    json: bool = False,
    out: Path | None = None,
) -> int:
    """Compute the impedance spectra that case files ask for.

    With times in [impedance] the cell is stripped, or runs through its protocol, and has a spectrum
    at each of them.

    Args:
        cases: Case files (TOML); their tables [impedance], [collector] and [series], and the keys
            double_layer and warburg_coefficient, matter here.
        set_: Changes.
        json: Print one JSON object per case and line, in SI units.
        out: Folder for pictures (PNG), tables (CSV) and the numbers (JSON).
    """
    cases, out = [from_home(case) for case in cases], None if out is None else from_home(out)
    return from_first_rank(lambda: _run(cases, set_ or [], json=json, out=out))


def _run(paths: list[Path], changes: list[str], *, json: bool, out: Path | None) -> int:
    cases, faults = _read(paths, changes)
    if out is not None and not faults:
        faults += faults_of_outputs(out, paths)
    if faults:
        return refuse(faults)
    from fem_island.solvers.choice import SpectraByGeometry

    solver = SpectraByGeometry()
    ends = [
        _one(path, case, solver, json=json, out=out)
        if case.impedance is None or case.impedance.times is None
        else _in_time(path, case, json=json, out=out)
        for path, case in cases
    ]
    if WRONG_INPUT in ends:
        return WRONG_INPUT
    return concluded("spectrum", failed=ends.count(FAILED), unmet=ends.count(UNMET))


def _read(paths: list[Path], changes: list[str]) -> tuple[list[tuple[Path, Case]], list[Fault]]:
    from fem_island.case.file import read_case, read_table
    from fem_island.case.tables_beside import SWEEP
    from fem_island.errors import Fault, InputError
    from fem_island.experiments.impedance.in_time import check_in_time

    cases: list[tuple[Path, Case]] = []
    faults: list[Fault] = []
    for path in paths:
        try:
            case = read_case(path, changes)
            if case.impedance is not None and case.impedance.times is not None:
                check_in_time(case)
            cases.append((path, case))
            if SWEEP in read_table(path, changes):
                reason = "is for fem-island sweep CASE.toml --out DIR --of impedance"
                faults.append(Fault(SWEEP, None, reason, str(path)))
        except InputError as error:
            faults.extend(error.in_file(str(path)).faults)
    return cases, faults


def _one(path: Path, case: Case, solver: SpectrumSolver, *, json: bool, out: Path | None) -> int:
    from fem_island.errors import ComputationError, InputError
    from fem_island.experiments.impedance.computing import impedance_of_case
    from fem_island.experiments.impedance.spectrum import failed_record

    shown = launched_rank() in (None, 0)
    try:
        spectrum = impedance_of_case(case, solver)
    except InputError as error:
        return refuse(list(error.in_file(str(path)).faults))
    except ComputationError as error:
        say(f"{path}: failed: {error}")
        if json and shown:
            record = failed_record(str(path), case.operation.current_density, str(error))
            tell(json_format.dumps(record, allow_nan=False))
        return FAILED
    if spectrum.reason is not None:
        say(f"{path}: {spectrum.status}: {spectrum.reason}")
    if json and shown:
        tell(json_format.dumps(spectrum.record(str(path)), allow_nan=False))
    elif shown:
        from fem_island.experiments.impedance.report import show_spectrum

        show_spectrum(str(path), spectrum)
    if out is not None and not kept(
        str(path), lambda: spectrum.write(out, path.stem), told=not json and shown
    ):
        return FAILED
    return DONE if spectrum.reason is None else UNMET


def _in_time(path: Path, case: Case, *, json: bool, out: Path | None) -> int:
    """Spectra at times of a run."""
    from fem_island.cli.run_progress import RunProgress
    from fem_island.errors import ComputationError
    from fem_island.experiments.impedance.in_time import impedance_in_time_of_case

    shown = launched_rank() in (None, 0)
    try:
        found = impedance_in_time_of_case(case, progress=RunProgress(str(path)))
    except ComputationError as error:
        say(f"{path}: failed: {error}")
        if json and shown:
            record = {"case": str(path), "status": "failed", "reason": str(error), "spectra": []}
            tell(json_format.dumps(record, allow_nan=False))
        return FAILED
    for time, reason in found.missing:
        say(f"{path}: no spectrum at {time:.6g} s: {reason}")
    if json and shown:
        tell(json_format.dumps(found.record(str(path)), allow_nan=False))
    elif shown:
        from fem_island.experiments.impedance.report import show_in_time

        show_in_time(str(path), found)
    if out is not None and not kept(
        str(path), lambda: found.write(out, path.stem), told=not json and shown
    ):
        return FAILED
    return status_of(found.status)
