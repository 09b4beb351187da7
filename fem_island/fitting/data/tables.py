"""Tables of measured numbers: CSV with units in the header, battery data format, arrays.

A header has the unit in brackets, ``current_density [mA/cm^2]``, or behind a slash, as the battery
data format has it: ``Voltage / V``. That format's machine-readable names, which end in the unit
(``voltage_volt``), are known as well.
"""

from __future__ import annotations

import csv
import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_island.errors import Fault, InputError, on_one_line
from fem_island.experiments.impedance.measured.opening import text_of
from fem_island.experiments.impedance.measured.record import number, refused
from fem_island.machine.arrays import Array
from fem_island.machine.paths import from_home

_TEXT = (".csv", ".txt", "")
_LONGEST_REASON = 200
_BRACKETS = re.compile(r"\s*(?P<name>.*?)\s*[\[(]\s*(?P<unit>[^\[\]()]*?)\s*[\])]\s*")
_SLASH = re.compile(r"\s*(?P<name>.*?)\s+/\s+(?P<unit>\S+)\s*|\s*(?P<near>[^/]+)/(?P<of>[^/]+)\s*")

MACHINE_NAMES = {
    "test_time_second": ("test_time", "s"),
    "voltage_volt": ("voltage", "V"),
    "current_ampere": ("current", "A"),
    "ambient_temperature_celsius": ("ambient_temperature", "degC"),
    "net_capacity_ah": ("net_capacity", "Ah"),
}
"""Names of the battery data format that end in their unit; its labels are words and a unit."""


@dataclass(frozen=True)
class Column:
    """A column as it was given.

    Attributes:
        header: As the file has it.
        name: In lower case with "_" between words, without the unit.
        unit: As written; None where there is none.
        values: Shape (n,).
        si: Whether numbers without a unit are in SI units, as those of arrays are.
    """

    header: str
    name: str
    unit: str | None
    values: Array
    si: bool = False


@dataclass(frozen=True)
class TableOfColumns:
    """A table of numbers.

    Attributes:
        name: Of the file, or what else the table is called.
        columns: In order.
        lines: Line of every row in its file; empty where it is no text.
    """

    name: str
    columns: tuple[Column, ...]
    lines: tuple[int, ...] = ()

    def place(self, row: int) -> str:
        """What a refusal calls a row, counted from 0."""
        return f"line {self.lines[row]}" if self.lines else f"row {row}"


def read_file(path: Path) -> TableOfColumns:
    """Read a table of a file.

    Raises:
        InputError: It cannot be read as one; one line says why, with the file.
    """
    path = from_home(path)
    try:
        if path.suffix.lower() in _TEXT or path.is_dir() or not path.exists():
            return _from_text(path.name, text_of(path, unknown="replace"))
        return _from_battery_data(path)
    except InputError as error:
        raise error.in_file(str(path)) from None


def from_arrays(table: Any, name: str = "data") -> TableOfColumns:
    """A table of arrays; numbers without a unit in the name are SI.

    What is no number, a date for example, only matters in columns that are used, as in a file.

    Args:
        table: A dict of columns, or a DataFrame.
        name: What it is called.

    Raises:
        InputError: Columns are not numbers of equal length.
    """
    if not isinstance(table, Mapping) and not hasattr(table, "columns"):
        reason = "must be a dict of columns or a DataFrame"
        raise InputError([Fault(name, type(table).__name__, reason)])
    names = list(getattr(table, "columns", table))
    columns, faults = [], []
    for header in dict.fromkeys(names):
        try:
            values = np.asarray(table[header])
        except ValueError:  # rows of different lengths
            values = np.empty((0, 0))
        if values.ndim != 1:
            twice = names.count(header) > 1
            reason = "is there more than once" if twice else "must be a list of numbers"
            faults.append(Fault(f"{name}.{header}", None, reason))
            continue
        if values.dtype.kind not in "fiu":
            values = _as_numbers(values)
        columns.append(_column(str(header), values.astype(np.float64), si=True))
    if faults:
        raise InputError(faults)
    lengths = {len(column.values) for column in columns}
    if len(lengths) > 1:
        raise InputError([Fault(name, None, "must have columns of equal length")])
    if not max(lengths, default=0):
        raise InputError([Fault(name, None, "has no rows" if columns else "has no columns")])
    return TableOfColumns(name, tuple(columns))


def _from_text(name: str, text: str) -> TableOfColumns:
    lines = [
        (n, line)
        for n, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not lines:
        raise refused("is empty")
    rows = list(csv.reader([line for _, line in lines], skipinitialspace=True))
    header = rows[0]
    if len(header) == 1 and ";" in lines[0][1]:
        raise refused("has semicolons between its columns; export it with commas")
    if len(header) == 1 and "\t" in lines[0][1]:
        raise refused("has tabs between its columns; export it with commas")
    if _is_number(header[0]):
        raise refused("has no header; name every column with its unit: current_density [mA/cm^2]")
    for (line, _), row in zip(lines[1:], rows[1:], strict=True):
        if len(row) != len(header):
            reason = f"line {line} has {len(row)} columns where the header has {len(header)}"
            hint = "; is there a decimal comma?" if len(row) > len(header) else ""
            raise refused(reason + hint)
    if len(rows) < 2:
        raise refused("has a header, but no rows")
    columns = []
    for place, text_of_header in enumerate(header):
        column = _column(text_of_header, np.empty(0), si=False)
        cells = [row[place] for row in rows[1:]]
        values = [
            _cell(cell, f"line {line}", text_of_header)
            for (line, _), cell in zip(lines[1:], cells, strict=True)
        ]
        columns.append(Column(column.header, column.name, column.unit, np.array(values)))
    return TableOfColumns(name, tuple(columns), tuple(line for line, _ in lines[1:]))


def _cell(text: str, place: str, header: str) -> float:
    """A number; NaN for an empty cell or a word, which only matter in columns that are used."""
    if not text.strip() or not any(character.isdigit() for character in text):
        return float("nan")
    try:
        return number(text, f"{place}, {header.strip()}")
    except InputError:
        # Dates and the like are in columns that nothing needs; a decimal comma is in all.
        if re.fullmatch(r"\s*-?\d+,\d+\s*", text):
            raise
        return float("nan")


def _column(header: str, values: Array, *, si: bool) -> Column:
    text = header.strip()
    known = MACHINE_NAMES.get(text)
    if known is not None:
        return Column(text, *known, values, si)
    name, unit = text, None
    match = _BRACKETS.fullmatch(text)
    if match is not None:
        name, unit = match["name"], match["unit"]
    elif (match := _SLASH.fullmatch(text)) is not None:
        name, unit = match["name"] or match["near"], match["unit"] or match["of"]
    return Column(text, re.sub(r"[\s-]+", "_", name.strip().lower()), unit or None, values, si)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _from_battery_data(path: Path) -> TableOfColumns:
    """A file of the battery data format or of a cycler, through ``batterydf``, if it is there."""
    try:
        import bdf
    except ImportError:
        reason = "needs the package batterydf: pip install fem-island[data]; CSV is read without"
        raise refused(reason) from None
    try:
        with _in_silence():
            # What is missing is said by those who need it, of files with other columns as well.
            frame = bdf.read(path, validate=False)
        named = {str(name): np.array(frame[name], dtype=object) for name in frame.columns}
    except Exception as error:  # of many types, from readers of many formats
        # Some say nothing but a name, of a column for example.
        words = str(error) if " " in str(error) else f"{type(error).__name__} {error}"
        said = on_one_line(words)[:_LONGEST_REASON]
        raise refused(f"cannot be read as battery data: {said}") from None
    if not len(frame):
        raise refused("has no rows")
    columns = [_column(name, _as_numbers(cells), si=False) for name, cells in named.items()]
    return TableOfColumns(path.name, tuple(columns))


@contextmanager
def _in_silence() -> Iterator[None]:
    """Without warnings and messages of readers that try whether a file is one of theirs."""
    before = logging.root.manager.disable
    logging.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _as_numbers(cells: npt.NDArray[Any]) -> Array:
    """Cells of any kind as numbers, NaN where one is none."""
    values = np.full(len(cells), np.nan)
    if cells.dtype.kind in "mM":  # which would be counts of their own unit
        return values
    for row, cell in enumerate(cells):
        with suppress(TypeError, ValueError):
            values[row] = float(cell)
    return values
