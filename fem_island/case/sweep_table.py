"""The table of a sweep: keys of a case file by their paths, each over a range or a list."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from numbers import Integral
from typing import Any

import numpy as np

from fem_island.case.axes import MOST_POINTS, Axis, number_at, number_reader, together
from fem_island.case.keys import key_at
from fem_island.case.readers import QuantityReader
from fem_island.case.records import key_part
from fem_island.case.shorter_forms import elements_of
from fem_island.case.tables_beside import RANGE_KEYS, SWEEP
from fem_island.errors import Fault, InputError

SPACINGS = ("linear", "log")
"""Of a range of values."""

_FORM = (
    'give a list, such as ["1 um", "2 um"], or '
    '{ from = "1 um", to = "50 um", count = 50, spacing = "log" }'
)


def read_axes(table: object, *, unit_required: bool = True) -> tuple[tuple[Axis, ...], bool]:
    """Read a ``[sweep]`` table.

    Args:
        table: Paths and what they take; ``zip = true`` pairs the axes instead of crossing them.
        unit_required: Refuse quantities without a unit; else numbers are SI.

    Returns:
        The axes, and whether they are paired.

    Raises:
        InputError: With every fault found; keys start with "sweep".
    """
    if not isinstance(table, Mapping):
        raise InputError([Fault(SWEEP, table, "must be a table of keys and the values they take")])
    faults: list[Fault] = []
    zipped = table.get("zip", False)
    if not isinstance(zipped, bool):
        faults.append(Fault("sweep.zip", zipped, "must be true or false"))
    axes: list[Axis] = []
    for path, values in _flat(table):
        try:
            axes.append(_axis(path, values, unit_required=unit_required))
        except InputError as error:
            faults.extend(error.faults)
    if not faults:
        faults.extend(_faults_together(axes, zipped=bool(zipped)))
    if faults:
        raise InputError(faults)
    return tuple(axes), bool(zipped)


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    """Paths, also those that were written without quotes, which TOML reads as nested tables."""
    for key, value in table.items():
        path = f"{prefix}{key}"
        if path == "zip":
            continue
        if isinstance(value, Mapping) and number_reader(key_at(path.split("."))) is None and value:
            yield from _flat(value, f"{path}.")
        else:
            yield path, value


def _place(path: str) -> str:
    """The key of an axis as a fault names it."""
    return f'{SWEEP}."{path}"' if len(path) <= 60 else f"{SWEEP}.{key_part(path)}"


def _axis(path: str, given: Any, *, unit_required: bool) -> Axis:
    place = _place(path)
    key, reader = number_at(path, place=place)

    def read(value: Any, unit_required: bool = unit_required) -> float:
        if isinstance(reader, QuantityReader):
            return reader.read(value, unit_required=unit_required)
        whole = isinstance(value, float) and value.is_integer()
        return float(reader.read(int(value) if whole else value))

    if getattr(given, "shape", ()) != ():
        given = elements_of(given)
    if isinstance(given, Mapping):
        values = _range(place, given, read)
    elif isinstance(given, Sequence) and not isinstance(given, str):
        values = _list(place, given, read)
    else:
        raise InputError([Fault(place, given, _FORM)])
    return Axis(path, key, reader, np.array(values, dtype=np.float64))


def _list(place: str, given: Sequence[Any], read: Callable[..., float]) -> list[float]:
    if len(given) == 0:
        raise InputError([Fault(place, None, f"has no values; {_FORM}")])
    values, faults = [], []
    for number, value in enumerate(given):
        try:
            values.append(read(value))
        except ValueError as error:
            faults.append(Fault(f"{place}.{number}", value, str(error)))
    if faults:
        raise InputError(faults)
    return values


def _range(place: str, given: Mapping[str, Any], read: Callable[..., float]) -> list[float]:
    faults = [
        Fault(f"{place}.{key_part(key)}", value, f"is not one of {', '.join(RANGE_KEYS)}")
        for key, value in given.items()
        if key not in RANGE_KEYS
    ]
    faults += [
        Fault(f"{place}.{key}", None, "is missing") for key in RANGE_KEYS[:3] if key not in given
    ]
    ends: dict[str, float] = {}
    for key in ("from", "to"):
        if key in given:
            try:
                ends[key] = read(given[key])
            except ValueError as error:
                faults.append(Fault(f"{place}.{key}", given[key], str(error)))
    count, spacing = given.get("count", 1), given.get("spacing", "linear")
    whole = isinstance(count, Integral) and not isinstance(count, bool)
    if not whole or not 1 <= int(count) <= MOST_POINTS:
        limit = f"must be a whole number from 1 to {MOST_POINTS}"
        faults.append(Fault(f"{place}.count", count, limit))
    if spacing not in SPACINGS:
        faults.append(Fault(f"{place}.spacing", spacing, "must be linear or log"))
    elif spacing == "log" and len(ends) == 2 and not ends["from"] * ends["to"] > 0:
        reason = "log spacing needs both ends above 0, or both below"
        faults.append(Fault(f"{place}.spacing", spacing, reason))
    if "count" in given and whole and count == 1 and len(set(ends.values())) > 1:
        faults.append(Fault(f"{place}.count", 1, "is one value, but from and to are different"))
    if faults:
        raise InputError(faults)
    spaced = np.geomspace if spacing == "log" else np.linspace
    # Fifteen digits, as in quantities: 2e-06 and not 2.0000000000000003e-06.
    between = [float(f"{value:.15g}") for value in spaced(ends["from"], ends["to"], int(count))]
    try:
        return [read(value, unit_required=False) for value in between]
    except ValueError as error:  # a number between that should be whole
        raise InputError([Fault(place, None, f"holds a value that {error}")]) from None


def _faults_together(axes: Sequence[Axis], *, zipped: bool) -> Iterable[Fault]:
    if not axes:
        yield Fault(SWEEP, None, f"varies nothing; name a key, and {_FORM}")
        return
    for fault in together(axes):
        yield replace(fault, key=_place(fault.key))
    if zipped:
        lengths = {len(axis.values) for axis in axes}
        if len(lengths) > 1:
            said = ", ".join(f"{axis.path} {len(axis.values)}" for axis in axes)
            yield Fault(SWEEP, None, f"pairs axes of different lengths (zip = true): {said}")
        return
    for axis in axes:
        values, counts = np.unique(axis.values, return_counts=True)
        if counts.max() > 1:
            twice = axis.shown(float(values[np.argmax(counts)])).partition(" = ")[2]
            yield Fault(_place(axis.path), twice, "is there more than once")
    points = math.prod(len(axis.values) for axis in axes)
    if points > MOST_POINTS:
        yield Fault(SWEEP, None, f"has {points:.3g} points; at most {MOST_POINTS} are allowed")
