"""A table (CSV): its header, its columns, and where its rows stand in the file."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from fem_island.errors import Fault, InputError
from fem_island.machine.arrays import Array

_LARGEST_FILE = 2_000_000_000

_ROWS_AT_ONCE = 10_000
"""Rows that are kept as texts, which take ten times the memory of numbers."""

Column = Array | list[str]
"""Numbers where all of a column are, else texts."""


def read_csv(path: Path) -> tuple[list[str], list[Column], Sequence[int]]:
    """Header, columns and lines of the rows of a CSV file.

    Args:
        path: The file.

    Returns:
        Names of the columns, their values in rows that are not blank, and the lines of these, from
        1.

    Raises:
        InputError: It cannot be read, or is no table with a header and rows of one length.
    """
    try:
        if path.is_dir():
            raise InputError([Fault("", None, "is a folder; give a table (CSV)")])
        if path.stat().st_size > _LARGEST_FILE:
            raise InputError([Fault("", None, "is larger than a table may be (2 GB)")])
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _columns_of(file)
    except FileNotFoundError:
        raise InputError([Fault("", None, "there is no such file")]) from None
    except OSError as error:
        raise InputError([Fault("", None, f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise InputError([Fault("", None, "is not a text file in UTF-8")]) from None
    except csv.Error as error:
        raise InputError([Fault("", None, f"is not a table (CSV): {error}")]) from None


def _columns_of(file: Iterable[str]) -> tuple[list[str], list[Column], Sequence[int]]:
    reader = csv.reader(file, skipinitialspace=True)
    header = next((row for row in reader if any(cell.strip() for cell in row)), None)
    if header is None:
        raise InputError([Fault("", None, "is empty; the first line names the columns")])
    if len(header) == 1 and ";" in header[0]:
        raise InputError([Fault("", None, "has semicolons between its columns; give commas")])
    parts: list[list[Column]] = [[] for _ in header]
    rows: list[list[str]] = []
    lines = array("q")
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            reason = f"has {len(row)} columns where the header has {len(header)}"
            hint = "; is there a decimal comma?" if len(row) > len(header) else ""
            raise InputError([Fault(f"line {reader.line_num}", None, reason + hint)])
        rows.append(row)
        lines.append(reader.line_num)
        if len(rows) == _ROWS_AT_ONCE:
            _put(parts, rows)
            rows = []
    if not lines:
        raise InputError([Fault("", None, "has no rows below its header")])
    if rows:
        _put(parts, rows)
    return header, [_joined(each) for each in parts], lines


def _put(parts: list[list[Column]], rows: list[list[str]]) -> None:
    """Add rows to the parts of all columns."""
    for column, texts in zip(parts, zip(*rows, strict=True), strict=True):
        try:
            column.append(np.array(texts, dtype=np.float64))
        except ValueError:
            column.append(list(texts))


def _joined(parts: list[Column]) -> Column:
    numbers = [part for part in parts if isinstance(part, np.ndarray)]
    if len(numbers) == len(parts):
        return np.concatenate(numbers)
    return [str(value) for part in parts for value in part]
