"""Tables of points: one row each, columns that name keys of a case file.

A column is called by the path of its key, or by the short name that ``sweep`` has for it. A unit
may stand in brackets behind the name, or behind every number; plain numbers are in SI units.

    >>> axes = read_points({"islands.width [um]": [5, 20], "current_density": ["1 mA/cm^2", 2.5]})
    >>> [(axis.path, axis.values.tolist()) for axis in axes]
    [('islands.width', [5e-06, 2e-05]), ('operation.current_density', [10.0, 2.5])]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from fem_island.case.axes import MOST_POINTS, Axis, number_at, together
from fem_island.case.csv_rows import read_csv
from fem_island.case.point_column import Places, axis_of, header_of
from fem_island.errors import Fault, InputError
from fem_island.machine.paths import from_home


class Frame(Protocol):
    """What is asked of a table such as a pandas or polars DataFrame."""

    @property
    def columns(self) -> Iterable[Any]:
        """Names of its columns."""

    def __getitem__(self, name: Any) -> Any:
        """A column."""


Points = Mapping[str, Any] | Frame | Path | str
"""A dict of columns, a DataFrame, or a CSV file."""


def read_points(points: Points) -> tuple[Axis, ...]:
    """Read a table of points.

    Args:
        points: A dict of columns, a DataFrame, or a CSV file with a header.

    Returns:
        An axis for every column, all as long as the table.

    Raises:
        InputError: With the faults found, by row (from 0, as the results number points) or by line
            of the file.
    """
    if isinstance(points, Path | str):
        path = from_home(points)
        try:
            header, columns, lines = read_csv(path)
            return _axes(zip(header, columns, strict=True), lambda row: f"line {lines[row]}")
        except InputError as error:
            raise error.in_file(str(path)) from None
    if isinstance(points, Mapping):
        return _axes(points.items(), _row)
    if hasattr(points, "columns") and hasattr(points, "__getitem__"):
        _check_frame(points)
        return _axes(((name, points[name]) for name in points.columns), _row)
    kind = type(points).__name__
    wanted = "must be a dict of columns, a DataFrame or the name of a CSV file"
    raise InputError([Fault("table", kind, wanted)])


def _check_frame(frame: Frame) -> None:
    """Refuse a frame with two columns of one name, or with keys in its index."""
    names = list(frame.columns)
    faults = [
        Fault(str(name), None, "is given more than once")
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    for name in getattr(getattr(frame, "index", None), "names", ()):
        with suppress(InputError):
            number_at(header_of(name)[0])
            reason = "is the index, which is not read; make it a column: table.reset_index()"
            faults.append(Fault(str(name), None, reason))
    if faults:
        raise InputError(faults)


def _row(number: int) -> str:
    """Name of a row in messages, from 0."""
    return f"row {number}"


def _axes(columns: Iterable[tuple[object, Any]], places: Places) -> tuple[Axis, ...]:
    faults: list[Fault] = []
    axes: list[Axis] = []
    for header, values in columns:
        if str(header).strip() == "":
            continue  # the index that a table was saved with
        try:
            axes.append(axis_of(header, values, places))
        except InputError as error:
            faults.extend(error.faults)
    lengths = {axis.path: len(axis.values) for axis in axes}
    if not faults and not axes:
        faults.append(Fault("table", None, "has no columns; name keys, such as islands.width"))
    elif not faults and len(set(lengths.values())) > 1:
        said = ", ".join(f"{path} {length}" for path, length in lengths.items())
        faults.append(Fault("table", None, f"has columns of different lengths: {said}"))
    elif not faults and not len(axes[0].values):
        faults.append(Fault("table", None, "has no rows"))
    elif not faults and len(axes[0].values) > MOST_POINTS:
        faults.append(Fault("table", None, f"has more than {MOST_POINTS} rows"))
    if not faults:
        faults.extend(together(axes))
    if faults:
        raise InputError(faults)
    return tuple(axes)
