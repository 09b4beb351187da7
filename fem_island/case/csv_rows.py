"""A table (CSV) as texts: its header, its rows, and where they stand in the file."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from fem_island.errors import Fault, InputError

_LARGEST_FILE = 2_000_000_000


def read_csv(path: Path) -> tuple[list[str], list[list[str]], list[int]]:
    """Header, rows and their lines of a CSV file.

    Args:
        path: The file.

    Returns:
        Names of the columns, rows that are not blank as texts, and their lines, from 1.

    Raises:
        InputError: It cannot be read, or is no table with a header and rows of one length.
    """
    try:
        if path.is_dir():
            raise InputError([Fault("", None, "is a folder; give a table (CSV)")])
        if path.stat().st_size > _LARGEST_FILE:
            raise InputError([Fault("", None, "is larger than a table may be (2 GB)")])
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _rows_of(file)
    except FileNotFoundError:
        raise InputError([Fault("", None, "there is no such file")]) from None
    except OSError as error:
        raise InputError([Fault("", None, f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise InputError([Fault("", None, "is not a text file in UTF-8")]) from None
    except csv.Error as error:
        raise InputError([Fault("", None, f"is not a table (CSV): {error}")]) from None


def _rows_of(file: Iterable[str]) -> tuple[list[str], list[list[str]], list[int]]:
    reader = csv.reader(file, skipinitialspace=True)
    header = next((row for row in reader if any(cell.strip() for cell in row)), None)
    if header is None:
        raise InputError([Fault("", None, "is empty; the first line names the columns")])
    if len(header) == 1 and ";" in header[0]:
        raise InputError([Fault("", None, "has semicolons between its columns; give commas")])
    rows, lines = [], []
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            reason = f"has {len(row)} columns where the header has {len(header)}"
            hint = "; is there a decimal comma?" if len(row) > len(header) else ""
            raise InputError([Fault(f"line {reader.line_num}", None, reason + hint)])
        rows.append(row)
        lines.append(reader.line_num)
    if not rows:
        raise InputError([Fault("", None, "has no rows below its header")])
    return header, rows, lines
