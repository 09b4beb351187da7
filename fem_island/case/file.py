"""Case files: TOML in, a validated ``Case`` out, or every fault of the file at once.

A file can also say what is done with the case: vary it (``[sweep]``), fit it to data (``[fit]``),
or ask what uncertain values of it mean (``[uncertain]``). These tables are left alone here; each
is read by what does it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fem_island.case.assigning import changed, make_change
from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.images import PACKED
from fem_island.case.keys import case_table, nested, spread_path
from fem_island.case.parsing import JSON, file_contents, parsed
from fem_island.case.readers import FROM_CASE_FILE
from fem_island.case.records import faults_of, key_part
from fem_island.case.tables_beside import BESIDE_CASE, without_others
from fem_island.errors import Fault, InputError
from fem_island.machine.paths import from_home

_FILES_BESIDE = (
    ("interlayer", "metal"),
    ("lithium", "profile"),
    ("map", "image"),
    ("map", "thickness"),
)
"""Keys that name a file beside the case file."""


def read_case(path: Path | str, changes: Iterable[str] = ()) -> Case:
    """Read and validate a case file.

    Args:
        path: The TOML file, or a JSON file that holds a case: one that was written from a case, or
            the numbers of a solution with the case that made them.
        changes: Assignments such as ``"operation.current_density=1 mA/cm^2"`` made to what the file
            says, as ``--set`` does.

    Raises:
        InputError: With every fault found, each with file, key, value and what is allowed.
    """
    try:
        unit_required = Path(path).suffix.lower() != JSON
        table = without_others(beside(read_table(path, changes), Path(path)))
        return case_from_table(table, unit_required=unit_required)
    except InputError as error:
        raise error.in_file(str(path)) from None


def as_case(given: Cell | Case | Path | str) -> Case:
    """A case from what functions of this package take for one: a cell, a case, or a case file.

    Raises:
        InputError: It is none of them, or the file is not one.

    Example:
        >>> as_case(Cell()) == Case()
        True
    """
    if isinstance(given, Case):
        return given
    if isinstance(given, Cell):
        return Case(cell=given)
    if isinstance(given, str | Path):
        return read_case(given)
    example = 'give a Cell, a Case, or the name of a case file, such as "case.toml"'
    raise InputError([Fault("cell", given, example)])


def case_from_text(text: str, *, is_json: bool) -> Case:
    """A case from the text of a file.

    Args:
        text: TOML, or JSON with SI numbers.
        is_json: Which of them.

    Raises:
        InputError: With every fault found.
    """
    table = parsed(text, is_json=is_json)
    return case_from_table(without_others(table), unit_required=not is_json)


def beside(table: dict[str, Any], path: Path) -> dict[str, Any]:
    """The contents of a case file with the files that it names found beside it."""
    for name, key in _FILES_BESIDE:
        inner = table.get(name)
        if isinstance(inner, dict) and isinstance(inner.get(key), str):
            if inner[key].startswith(PACKED):
                continue
            file = str(from_home(path).parent / from_home(inner[key]))
            table = {**table, name: {**inner, key: file}}
    return table


def case_from_changes(changes: Iterable[str]) -> Case:
    """The paper's cell with changes made to it, as if a case file were empty.

    Raises:
        InputError: With every fault found.
    """
    return case_from_table(changed({}, changes))


def case_with_changes(case: Case, changes: Iterable[str]) -> Case:
    """A case with changes made to it, as ``--set`` does.

    Raises:
        InputError: With every fault found.
    """
    changes = list(changes)
    if not changes:
        return case
    table = case.tables()
    # Numbers of the case are in SI units; those of the changes have their own.
    for change in changes:
        make_change(table, change)
    return case_from_table(table, unit_required=False)


def read_table(path: Path | str, changes: Iterable[str] = ()) -> dict[str, Any]:
    """What a case file says, with changes made to it, before it is validated.

    Raises:
        InputError: The file cannot be read, or a change cannot be made; the faults name no file.
    """
    return changed(file_contents(from_home(path)), changes)


def case_from_table(table: dict[str, Any], *, unit_required: bool = True) -> Case:
    """Validate the contents of a case file.

    Args:
        table: The contents, without ``BESIDE_CASE``.
        unit_required: Refuse quantities without a unit; else numbers are SI.

    Raises:
        InputError: With every fault found.
    """
    tables = case_table()
    known = ", ".join([*sorted(key.name for key in tables.keys), *BESIDE_CASE])
    unknown = [
        Fault(key_part(name), value, f"is not a known table; known are {known}")
        for name, value in table.items()
        if tables.key(name) is None
    ]
    case = nested({name: value for name, value in table.items() if tables.key(name) is not None})
    try:
        valid = Case.model_validate(case, context=FROM_CASE_FILE if unit_required else None)
    except ValidationError as error:
        faults = [replace(fault, key=spread_path(fault.key)) for fault in faults_of(error, Case)]
        raise InputError([*unknown, *faults]) from None
    if unknown:
        raise InputError(unknown)
    return valid
