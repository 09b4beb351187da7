"""From what a case file or a caller says of data to the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fem_island.case.case import Case
from fem_island.case.file import case_with_changes
from fem_island.case.fit import Data, read_data
from fem_island.case.tables_beside import FIT
from fem_island.errors import Fault, InputError
from fem_island.fitting.data.curves import curve_data
from fem_island.fitting.data.measured import Measured
from fem_island.fitting.data.points import point_data
from fem_island.fitting.data.spectra import spectrum_data
from fem_island.fitting.data.tables import from_arrays, read_file
from fem_island.machine.paths import from_home

_IN_MEMORY = "table"


def read_all(
    said: Sequence[Data], case: Case, folder: Path, *, parameters: int
) -> tuple[Measured, ...]:
    """Read the data that a case file names.

    Args:
        said: What it says of them.
        case: The case.
        folder: Where relative names begin.
        parameters: How many are fitted.

    Raises:
        InputError: With every fault, a line each.
    """
    return _checked([(one, folder / from_home(one.file), None) for one in said], case, parameters)


def data_of(
    given: Sequence[Mapping[str, Any]], case: Case, *, parameters: int
) -> tuple[Measured, ...]:
    """Data as Python gives them: as in a case file, or with a ``table`` in place of a file.

    Raises:
        InputError: With every fault, a line each.
    """
    if isinstance(given, Mapping):
        given = [given]
    wanted = []
    for number, one in enumerate(given):
        entry = dict(one)
        table = entry.pop(_IN_MEMORY, None)
        if table is not None:
            entry.setdefault("file", f"data {number}")
        (said,) = read_data([entry])
        wanted.append((said, from_home(said.file), table))
    return _checked(wanted, case, parameters)


def _checked(
    wanted: Sequence[tuple[Data, Path, Any]], case: Case, parameters: int
) -> tuple[Measured, ...]:
    found: list[Measured] = []
    faults: list[Fault] = []
    unweighed: list[str] = []
    for number, (said, path, table) in enumerate(wanted):
        try:
            read = _one(said, path, table, case)
            found += read
            unweighed += [] if all(one.errors is not None for one in read) else [_error_of(number)]
        except InputError as error:
            for fault in error.faults:
                key = fault.key or f"{FIT}.data.{number}"
                key = _error_of(number) if fault.key == "error" else key
                faults.append(replace(fault, key="" if fault.file else key, file=fault.file))
    if faults:
        raise InputError(faults)
    count = sum(len(one.values) for one in found)
    if count < parameters:
        values = "1 value" if count == 1 else f"{count} values"
        reason = f"have {values}, fewer than the {parameters} parameters that are fitted"
        raise InputError([Fault(f"{FIT}.data", None, reason)])
    if unweighed and count == parameters:
        reason = (
            f"have {count} values for {parameters} parameters, which leaves nothing to estimate"
        )
        raise InputError([Fault(f"{FIT}.data", None, f'{reason} errors from; give error = "1 mV"')])
    if unweighed and len(found) > 1:
        reason = "is missing: of several data each must say how well they are known"
        raise InputError([Fault(key, None, reason) for key in unweighed])
    return tuple(found)


def _error_of(number: int) -> str:
    """Key of how well data are known."""
    return f"{FIT}.data.{number}.error"


def _one(said: Data, path: Path, table: Any, case: Case) -> list[Measured]:
    changed = case_with_changes(case, said.changes)
    try:
        if said.kind == "impedance":
            return [*spectrum_data(path, table, said, changed)]
        columns = read_file(path) if table is None else from_arrays(table, said.file)
        read = point_data if said.kind == "points" else curve_data
        return [read(columns, said, changed)]
    except InputError as error:
        raise (error if table is not None else error.in_file(str(path))) from None
