"""Values set in the contents of a case file by the paths of their keys, as ``--set`` does."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from typing import Any

from fem_island.case.keys import case_table
from fem_island.case.parsing import DEEPEST_KEY
from fem_island.case.shapes import Listing, inner_table
from fem_island.case.tables_beside import RANGE_KEYS, SWEEP
from fem_island.errors import Fault, InputError, no_entry

_LONGEST_PATH = 200


def changed(table: dict[str, Any], changes: Iterable[str]) -> dict[str, Any]:
    """The contents of a case file with changes made to them, in place.

    Raises:
        InputError: With every change that cannot be made.
    """
    refused: list[Fault] = []
    for change in changes:
        try:
            make_change(table, change)
        except InputError as error:
            refused.extend(error.faults)
    if refused:
        raise InputError(refused)
    return table


def make_change(table: dict[str, Any], change: str) -> None:
    """Carry out ``key=value`` in the contents of a case file, in place.

    Raises:
        InputError: It is not of this form, or its key leads nowhere.
    """
    path, equals, text = change.partition("=")
    keys = _keys(path)
    if not equals or not all(keys) or len(keys) > DEEPEST_KEY:
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
            raise ValueError(no_entry(key, len(place)))
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
