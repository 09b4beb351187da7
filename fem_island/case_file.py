"""Case files: TOML in, a validated ``Case`` out, or every fault of the file at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fem_island.cell import Case, Cell
from fem_island.errors import Fault, InputError
from fem_island.records import FROM_CASE_FILE, faults_of, key_part

_LARGEST_FILE = 1_000_000
_DEEPEST_KEY = 20
_TOO_DEEP = re.compile(rf"(?:\.[ \t]*[^\s.,=\[\]{{}}]+[ \t]*){{{_DEEPEST_KEY},}}")
_CELL_KEYS = frozenset(Cell.model_fields)
_CASE_KEYS = frozenset(Case.model_fields) - {"cell"}


def read_case(path: Path | str, changes: Iterable[str] = ()) -> Case:
    """Read and validate a case file.

    Args:
        path: The TOML file.
        changes: Assignments such as ``"operation.current_density=1 mA/cm^2"`` made to what the file
            says, as ``--set`` does.

    Raises:
        InputError: With every fault found, each with file, key, value and what is allowed.
    """
    file = str(path)
    try:
        table = _read_toml(Path(path))
        refused: list[Fault] = []
        for change in changes:
            try:
                _assign(table, change)
            except InputError as error:
                refused.extend(error.faults)
        if refused:
            raise InputError(refused)
        return case_from_table(table)
    except InputError as error:
        raise error.in_file(file) from None


def case_from_table(table: dict[str, Any]) -> Case:
    """Validate the contents of a case file; every quantity must have its unit.

    Raises:
        InputError: With every fault found.
    """
    known = sorted(_CELL_KEYS | _CASE_KEYS)
    unknown = [
        Fault(key_part(key), value, f"is not a known table; known are {', '.join(known)}")
        for key, value in table.items()
        if key not in _CELL_KEYS | _CASE_KEYS
    ]
    case = {key: value for key, value in table.items() if key in _CASE_KEYS}
    case["cell"] = {key: value for key, value in table.items() if key in _CELL_KEYS}
    try:
        valid = Case.model_validate(case, context=FROM_CASE_FILE)
    except ValidationError as error:
        faults = [replace(f, key=f.key.removeprefix("cell.")) for f in faults_of(error, Case)]
        raise InputError([*unknown, *faults]) from None
    if unknown:
        raise InputError(unknown)
    return valid


def _read_toml(path: Path) -> dict[str, Any]:
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
    too_deep = InputError([Fault("", None, "is nested too deeply for a case file")])
    # The parser needs time and memory that grow with the square of the length of a dotted key.
    if _TOO_DEEP.search(text):
        raise too_deep
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError([Fault("", None, f"is not valid TOML: {error}")]) from None
    except ValueError:  # from int()
        raise InputError([Fault("", None, "has a number with too many digits")]) from None
    except RecursionError:
        raise too_deep from None


def _assign(table: dict[str, Any], change: str) -> None:
    """Carry out ``key=value``; in lists a number picks an entry, no number means all of them."""
    path, equals, text = change.partition("=")
    keys = [key.strip() for key in path.split(".")]
    if not equals or not all(keys) or len(keys) > _DEEPEST_KEY:
        form = 'give KEY=VALUE, such as operation.current_density="1 mA/cm^2"'
        raise InputError([Fault("--set", change, form)])
    if keys[0] == "islands":
        table.setdefault("islands", [{}])
    _assign_at(table, keys, _value(text.strip()), change)


def _assign_at(place: Any, keys: list[str], value: Any, change: str) -> None:
    key, rest = keys[0], keys[1:]
    if isinstance(place, list):
        if not key.isdecimal():
            for entry in place:
                _assign_at(entry, keys, value, change)
            return
        if key not in map(str, range(len(place))):
            count = f"there are {len(place)} entries, counted from 0"
            raise InputError([Fault("--set", change, f"no entry {key}: {count}")])
        if rest:
            _assign_at(place[int(key)], rest, value, change)
        else:
            place[int(key)] = value
    elif isinstance(place, dict):
        if rest:
            _assign_at(place.setdefault(key, {}), rest, value, change)
        else:
            place[key] = value
    else:
        raise InputError([Fault("--set", change, f'"{key}" is not in a table')])


def _value(text: str) -> Any:
    """A TOML value where it is one, else the text itself: quotes around quantities are optional."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text
