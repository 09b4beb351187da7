"""Case files: TOML in, a validated ``Case`` out, or every fault of the file at once.

A file can also say what is done with the case: vary it (``[sweep]``), fit it to data (``[fit]``),
or ask what uncertain values of it mean (``[uncertain]``). These tables are left alone here; each
is read by what does it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.images import PACKED
from fem_island.case.keys import case_table, nested, spread, spread_path
from fem_island.case.readers import FROM_CASE_FILE
from fem_island.case.records import faults_of, key_part
from fem_island.case.shapes import Listing, inner_table
from fem_island.case.toml_causes import probable_cause
from fem_island.errors import Fault, InputError
from fem_island.machine.paths import from_home

_LARGEST_FILE = 1_000_000
_DEEPEST_KEY = 20
_TOO_DEEP = re.compile(rf"(?:\.[ \t]*[^\s.,=\[\]{{}}]+[ \t]*){{{_DEEPEST_KEY},}}")
SWEEP = "sweep"
"""The table of a case file that says how to vary the case."""

FIT = "fit"
"""The table that says which keys are fitted to which data."""

UNCERTAIN = "uncertain"
"""The table that says how uncertain keys are."""

BESIDE_CASE = (SWEEP, FIT, UNCERTAIN)
"""Tables of a case file that say what is done with the case."""

RANGE_KEYS = ("from", "to", "count", "spacing")
"""Of a range of values in a sweep."""

JSON = ".json"
"""Ending of files that hold a case in JSON."""

INPUT = "input"
"""Key of the case in the JSON object of a result, of which "case" is the name."""

_LONGEST_PATH = 200

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
    table = _parsed(text, is_json=is_json)
    return case_from_table(without_others(table), unit_required=not is_json)


def without_others(table: dict[str, Any]) -> dict[str, Any]:
    """The contents of a case file without the tables that say what is done with the case."""
    return {name: value for name, value in table.items() if name not in BESIDE_CASE}


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
    return case_from_table(_changed({}, changes))


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
        _change(table, change)
    return case_from_table(table, unit_required=False)


def read_table(path: Path | str, changes: Iterable[str] = ()) -> dict[str, Any]:
    """What a case file says, with changes made to it, before it is validated.

    Raises:
        InputError: The file cannot be read, or a change cannot be made; the faults name no file.
    """
    return _changed(_read_file(from_home(path)), changes)


def _changed(table: dict[str, Any], changes: Iterable[str]) -> dict[str, Any]:
    """The contents of a case file with changes made to them, in place."""
    refused: list[Fault] = []
    for change in changes:
        try:
            _change(table, change)
        except InputError as error:
            refused.extend(error.faults)
    if refused:
        raise InputError(refused)
    return table


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


def _read_file(path: Path) -> dict[str, Any]:
    try:
        if path.is_dir():
            raise InputError([Fault("", None, "is a folder; give a case file (TOML)")])
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        if len(content) > _LARGEST_FILE:
            largest = f"{_LARGEST_FILE / 1e6:g} MB"
            raise InputError([Fault("", None, f"is larger than a case file may be ({largest})")])
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError([Fault("", None, "there is no such file")]) from None
    except OSError as error:
        raise InputError([Fault("", None, f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise InputError(
            [Fault("", None, "is not a text file in UTF-8 (a case file is TOML)")]
        ) from None
    return _parsed(text, is_json=path.suffix.lower() == JSON)


def _parsed(text: str, *, is_json: bool) -> dict[str, Any]:
    too_deep = InputError([Fault("", None, "is nested too deeply for a case file")])
    try:
        return _of_json(json.loads(text)) if is_json else _of_toml(text)
    except json.JSONDecodeError as error:
        raise InputError([Fault("", None, f"is not valid JSON: {error}")]) from None
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        # From int().
        raise InputError([Fault("", None, "has a number with too many digits")]) from None
    except RecursionError:
        raise too_deep from None


def _of_toml(text: str) -> dict[str, Any]:
    # The parser needs time and memory that grow with the square of the length of a dotted key.
    if _TOO_DEEP.search(text):
        raise InputError([Fault("", None, "is nested too deeply for a case file")])
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason = f"is not valid TOML: {error}{probable_cause(text, str(error))}"
        raise InputError([Fault("", None, reason)]) from None


def _of_json(content: object) -> dict[str, Any]:
    """The tables of a case in JSON, also where it lies beside the numbers that it gave."""
    for key in (INPUT, "case"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict):
        raise InputError([Fault("", None, "holds no case: it is not a JSON object")])
    return spread(content) if isinstance(content.get("cell"), dict) else content


def _change(table: dict[str, Any], change: str) -> None:
    """Carry out ``key=value``."""
    path, equals, text = change.partition("=")
    keys = _keys(path)
    if not equals or not all(keys) or len(keys) > _DEEPEST_KEY:
        form = 'give KEY=VALUE, such as operation.current_density="1 mA/cm^2"'
        raise InputError([Fault("--set", change, form)])
    try:
        assign(table, keys, _value(text.strip()))
    except ValueError as error:
        raise InputError([Fault("--set", change, str(error))]) from None


def _keys(path: str) -> list[str]:
    """The parts of a key's path; parts in quotes may have dots, as in TOML."""
    try:
        inner: Any = tomllib.loads(f"{path} = 0") if len(path) < _LONGEST_PATH else 0
    except ValueError:
        inner = 0
    keys = []
    while isinstance(inner, dict):
        ((key, inner),) = inner.items()
        keys.append(key)
    keys = keys or [key.strip() for key in path.split(".")]
    if keys[0] != SWEEP or len(keys) < 2:
        return keys
    # What a sweep varies is one key, as a case file has it in quotes.
    end = -1 if keys[-1] in RANGE_KEYS else None
    return [SWEEP, ".".join(keys[1:end]), *(keys[end:] if end else [])]


def assign(table: dict[str, Any], keys: Sequence[str], value: Any) -> None:
    """Set a value in the contents of a case file, in place.

    Args:
        table: The contents.
        keys: The path; in lists a number picks an entry, no number means all of them.
        value: What to set.

    Raises:
        ValueError: The path leads nowhere.
    """
    key = case_table().key(keys[0])
    if key is not None and isinstance(key.shape, Listing) and inner_table(key.shape) is not None:
        table.setdefault(key.name, [{} for _ in key.default or ()])
    _assign_at(table, keys, value)


def _assign_at(place: Any, keys: Sequence[str], value: Any) -> None:
    key, rest = keys[0], keys[1:]
    if isinstance(place, list):
        if not key.isdecimal():
            for entry in place:
                _assign_at(entry, keys, value)
            return
        if key not in map(str, range(len(place))):
            raise ValueError(f"no entry {key}: there are {len(place)} entries, counted from 0")
        if rest:
            _assign_at(place[int(key)], rest, value)
        else:
            place[int(key)] = value
    elif isinstance(place, dict):
        if rest:
            # A table that is left out, as what a case has set writes it, is one to begin.
            if place.get(key) is None:
                place[key] = {}
            _assign_at(place[key], rest, value)
        else:
            place[key] = value
    else:
        raise ValueError(f'"{key}" is not in a table')


def _value(text: str) -> Any:
    """A TOML value where it is one, else the text itself: quotes around quantities are optional."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text
