"""Columns of tables of points: what a header names, and its numbers in SI units."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_island.case.axes import ARGUMENTS, Axis, number_at
from fem_island.case.readers import QuantityReader
from fem_island.case.shapes import Number
from fem_island.errors import Fault, InputError
from fem_island.machine.arrays import Array
from fem_island.quantities import PURE_NUMBER, Dimension, in_unit, to_si

Places = Callable[[int], str]
"""Names rows, as messages do."""

_HEADER = re.compile(
    r"\s*(?P<name>[^\[\]()/]*?)\s*"
    r"(?:\[\s*(?P<square>[^\[\]]*?)\s*\]|\(\s*(?P<round>[^\[\]]*?)\s*\)|/\s*(?P<behind>[^\[\]]+?))?\s*"
)

_FAULTS_SHOWN = 5

_NO_NUMBER = "is empty or NaN"


def header_of(text: object) -> tuple[str, str]:
    """Path of the key and the unit that the header of a column names; the unit may be empty.

    It stands in brackets of either kind or, as in the battery data format, behind a slash.

    Example:
        >>> header_of("island_width [um]"), header_of("current_density / mA/cm^2")
        (('islands.width', 'um'), ('operation.current_density', 'mA/cm^2'))
    """
    match = _HEADER.fullmatch(str(text))
    if match is None or not match["name"]:
        raise InputError([Fault(str(text), None, 'must be a key, or "KEY [UNIT]"')])
    name = match["name"]
    return ARGUMENTS.get(name, name), match["square"] or match["round"] or match["behind"] or ""


def axis_of(header: object, given: Any, places: Places) -> Axis:
    """A column as an axis.

    Args:
        header: Key, with a unit or without.
        given: The values.
        places: Names rows in messages.

    Raises:
        InputError: With the first faults found.
    """
    path, unit = header_of(header)
    key, reader = number_at(path)
    values, unit = _plain_column(given, path, unit, reader)
    if values.ndim != 1:
        raise InputError([Fault(path, None, "must be a column: one value for each row")])
    numbers = _as_numbers(values)
    if numbers is None:
        _factor(path, unit, reader)
        return Axis(path, key, reader, _read_each(path, values.tolist(), unit, reader, places))
    numbers = to_si_column(numbers, path, unit, reader)
    good = np.isfinite(numbers) & within(reader, numbers)
    if not good.all():
        bad = np.flatnonzero(~good).tolist()
        faults = list(_faults(path, bad, numbers, values, unit, reader, places))
        if faults:
            raise InputError(faults)
    return Axis(path, key, reader, numbers + 0.0)


def _plain_column(given: Any, path: str, unit: str, reader: Number) -> tuple[Any, str]:
    """A column as an array without units, and the unit that it is in, "" for SI.

    What is masked is no value, and is refused like an empty field.
    """
    if hasattr(given, "m_as"):
        try:
            return _rounded(np.asarray(given.m_as(reader.dimension.unit), dtype=np.float64)), ""
        except Exception as error:  # pint's types differ between its registries
            wanted = f"which is not that of {reader.dimension.name}"
            reason = f'has the unit "{given.units}", {wanted}'
            raise InputError([Fault(path, None, reason)]) from error
    if isinstance(given, list | tuple) and any(hasattr(each, "m_as") for each in given):
        values = np.empty(len(given), dtype=object)
        values[:] = given
        return values, unit
    if np.ma.isMaskedArray(given):
        return np.ma.filled(given.astype(np.float64), np.nan), unit
    said = str(getattr(given, "attrs", {}).get("units", ""))
    return np.asarray(given), unit or ("" if said == PURE_NUMBER.cf_unit else said)


def to_si_column(numbers: Array, path: str, unit: str, reader: Number) -> Array:
    """Numbers in the unit that a column names, in SI units; as they are where it names none.

    Args:
        numbers: The numbers.
        path: Of the key.
        unit: The unit, or "".
        reader: What reads the key's numbers.

    Raises:
        InputError: It is not a unit of the key.
    """
    factor = _factor(path, unit, reader)
    if factor is None:
        return numbers
    return _rounded(factor[0] * numbers + factor[1])


def _rounded(numbers: Array) -> Array:
    """To fifteen digits, as in quantities: 5e-06 and not 4.9999999999999996e-06."""
    rounded = (float(f"{number:.15g}") for number in numbers.tolist())
    return np.fromiter(rounded, dtype=np.float64, count=len(numbers))


def within(reader: Number, numbers: Array) -> npt.NDArray[np.bool_]:
    """Whether numbers are within the bounds of a key, same shape."""
    good = np.ones(numbers.shape, dtype=bool)
    if isinstance(reader, QuantityReader):
        if reader.above is not None:
            good &= numbers > reader.above
    else:
        good &= numbers == np.round(numbers)
    if reader.at_least is not None:
        good &= numbers >= reader.at_least
    if reader.at_most is not None:
        good &= numbers <= reader.at_most
    return good


def _factor(path: str, unit: str, reader: Number) -> tuple[float, float] | None:
    """Factor and offset from the unit of a column to SI; None where it has none."""
    if not unit:
        return None
    try:
        none, one = (to_si(f"{number} {unit}", reader.dimension) for number in (0, 1))
    except ValueError as error:
        raise InputError([Fault(path, f"[{unit}]", str(error))]) from None
    return one - none, none


def _as_numbers(values: Any) -> Array | None:
    """A column as numbers; None where it holds texts that are more than that."""
    if values.dtype.kind in "fiu":
        return np.asarray(values, dtype=np.float64)
    if values.dtype.kind == "U":
        try:
            return np.asarray(values, dtype=np.float64)
        except ValueError:
            return None
    return None


def _read_each(path: str, values: list[Any], unit: str, reader: Number, places: Places) -> Array:
    """Values with units of their own, or of several kinds, one by one."""
    found = np.zeros(len(values))
    faults: list[Fault] = []
    for row, value in enumerate(values):
        try:
            found[row] = _read(value, unit, reader)
        except ValueError as error:
            if len(faults) == _FAULTS_SHOWN:
                break
            faults.append(Fault(f"{places(row)}, {path}", value, str(error)))
    if faults:
        raise InputError(faults)
    return found


def _read(value: Any, unit: str, reader: Number) -> float:
    if isinstance(value, str):
        text = value.strip()
        if not text:
            raise ValueError("is empty")
        try:
            value = float(text)
        except ValueError:
            value = text
    if value is None:
        raise ValueError("is empty")
    if isinstance(value, float) and math.isnan(value):
        raise ValueError(_NO_NUMBER)
    if isinstance(reader, QuantityReader):
        if unit and not isinstance(value, str):
            value = f"{value!r} {unit}"
        return reader.read(value)
    whole = isinstance(value, float) and value.is_integer()
    return float(reader.read(int(value) if whole else value))


def _faults(
    path: str,
    rows: Sequence[int],
    numbers: Array,
    given: Any,
    unit: str,
    reader: Number,
    places: Places,
) -> Iterator[Fault]:
    """What is wrong with numbers that a key does not take: the first few, and how many more."""
    for row in rows[:_FAULTS_SHOWN]:
        number = float(numbers[row])
        try:
            if math.isnan(number):
                raise ValueError(_NO_NUMBER)
            _read(number, "", reader)
        except ValueError as error:
            shown = given[row].item() if hasattr(given[row], "item") else given[row]
            text = f"{shown:.15g}" if isinstance(shown, float) else shown
            said = f"{text} {unit}" if unit else shown
            said = None if isinstance(shown, float) and math.isnan(shown) else said
            yield Fault(f"{places(row)}, {path}", said, str(error))
    if len(rows) > _FAULTS_SHOWN:
        yield Fault(path, None, f"is not allowed in {len(rows) - _FAULTS_SHOWN} more rows")


def in_column_unit(values: Array, dimension: Dimension, unit: str) -> Array:
    """SI values in the unit that a column names, or as they are where it names none."""
    if not unit:
        return values
    none, one = (in_unit(number, dimension, unit) for number in (0.0, 1.0))
    return np.asarray(none + (one - none) * values)
