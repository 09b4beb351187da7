"""Which column of a table is what, in SI units.

current        a current density, or a current with the area of the cell
what was seen  overpotential on the islands, voltage up to the top, or voltage of the whole cell
conditions     any numeric key of a case file by its path, or by the short name that sweeps have
error, weight  of every row
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from fem_island.case.axes import ARGUMENTS, CURRENT_DENSITY, TEMPERATURE, numeric_keys
from fem_island.case.fit import Data
from fem_island.errors import Fault, InputError
from fem_island.experiments.impedance.measured.record import refused
from fem_island.fitting.data.tables import Column, TableOfColumns
from fem_island.machine.arrays import Array
from fem_island.quantities import (
    AREAL_CAPACITY,
    CURRENT,
    POTENTIAL,
    PURE_NUMBER,
    TIME,
    Dimension,
    to_si,
)
from fem_island.quantities import CURRENT_DENSITY as PER_AREA
from fem_island.quantities import (
    TEMPERATURE as KELVIN,
)

OVERPOTENTIAL, VOLTAGE, CELL_VOLTAGE = "overpotential", "voltage", "cell_voltage"

SEEN = {
    OVERPOTENTIAL: ("overpotential", "overpotential_mean", "eta"),
    VOLTAGE: ("voltage", "potential"),
    CELL_VOLTAGE: ("cell_voltage",),
}
"""Names of what was seen: the mean overpotential on the islands, the voltage between lithium and
the top of the modelled electrolyte, and that of the whole cell (table [series])."""

_CURRENT_DENSITY = ("current_density", CURRENT_DENSITY)
_CURRENT = ("current",)
_EITHER = ("i",)
"""Its unit says which of the two it is."""
_TIME_OF_TEST = ("test_time", "total_time")
_TIME = ("time",)
"""Of a step, in files of some cyclers, where there is one of the test as well."""

_CAPACITY = ("capacity", "areal_capacity")
_TEMPERATURE = ("temperature", "ambient_temperature")


@dataclass(frozen=True)
class Seen:
    """What a table says was seen, and under which conditions.

    Attributes:
        name: "overpotential", "voltage" or "cell_voltage".
        values: [V], shape (n,).
        current_density: [A/m^2], above 0 where lithium is stripped; None where there is none.
        conditions: Values of keys by their paths [SI], each of shape (n,).
        time: [s], or None.
        capacity: Charge passed [C/m^2], or None.
        errors: Standard deviations [V], or None.
        weights: Shape (n,), or None.
        notes: What a report says of the columns.
    """

    name: str
    values: Array
    current_density: Array | None
    conditions: dict[str, Array]
    time: Array | None
    capacity: Array | None
    errors: Array | None
    weights: Array | None
    notes: tuple[str, ...]


def seen_in(table: TableOfColumns, said: Data, *, whole_cell: bool) -> Seen:
    """Sort the columns of a table.

    Args:
        table: The table.
        said: What the case says of these data.
        whole_cell: Whether a voltage of the battery data format is that of a cell with things in
            series; else it is that up to the top.

    Raises:
        InputError: Something is missing or twice, has no unit, or is no number.
    """
    taken: set[str] = set()

    def one(names: Sequence[str], what: str) -> Column | None:
        found = [column for column in table.columns if column.name in names]
        if len(found) > 1:
            listed = " and ".join(f'"{column.header}"' for column in found)
            raise refused(f"has two columns of {what}: {listed}")
        taken.update(column.header for column in found)
        return found[0] if found else None

    def read(names: Sequence[str], what: str, dimension: Dimension) -> Array | None:
        column = one(names, what)
        return None if column is None else in_si(table, column, dimension)

    kinds = {name: one(names, name.replace("_", " ")) for name, names in SEEN.items()}
    present = {name: column for name, column in kinds.items() if column is not None}
    if len(present) != 1:
        several = " and ".join(f'"{column.header}"' for column in present.values())
        said_so = f"has {several}; keep one, or" if several else "has no column of what was seen:"
        raise refused(f'{said_so} give "overpotential [mV]", "voltage [mV]" or "cell_voltage [mV]"')
    ((name, column),) = present.items()
    notes = []
    if name == VOLTAGE and whole_cell:
        if column.header in ("Voltage / V", "voltage_volt"):
            name = CELL_VOLTAGE
        else:
            notes.append(
                f'"{column.header}" is that up to the top of the modelled electrolyte; call it '
                "cell_voltage where it is that of the whole cell"
            )
    values = in_si(table, column, POTENTIAL)
    either = [column for column in table.columns if column.name in _EITHER]
    whole = tuple(column.name for column in either if _is_in(column, CURRENT))
    per_area = tuple(column.name for column in either if column.name not in whole)
    current = read((*_CURRENT_DENSITY, *per_area), "current density", PER_AREA)
    absolute = one((*_CURRENT, *whole), "current")
    if current is None and absolute is not None:
        if said.area is None:
            reason = f'has "{absolute.header}", a current; give the area of the cell: area'
            raise refused(f'{reason} = "0.785 cm^2"')
        current = in_si(table, absolute, CURRENT) / said.area
    if current is not None and said.positive_current == "plating":
        current, values = -current, -values
    conditions = {}
    known = numeric_keys()
    tables = {path.partition(".")[0] for path in known}
    for each in table.columns:
        path = ARGUMENTS.get(each.name, each.name)
        path = TEMPERATURE if each.name in _TEMPERATURE else path
        by_path = ".".join(part for part in path.split(".") if not part.isdecimal())
        if by_path in known and path != CURRENT_DENSITY and each.header not in taken:
            if path in conditions:
                raise refused(f'has two columns of {path}: one is "{each.header}"')
            reader = known[by_path].shape
            taken.add(each.header)
            dimension = KELVIN if path == TEMPERATURE else reader.dimension  # type: ignore[union-attr]
            conditions[path] = in_si(table, each, dimension)
        elif each.header not in taken and _names_a_key(each.name, tables):
            raise refused(f'"{each.header}" is not a numeric key of a case file')
    time = read(_time_in(table), "time", TIME)
    capacity = read(_CAPACITY, "capacity", AREAL_CAPACITY)
    errors = read(("error", "standard_deviation", "sigma"), "error", POTENTIAL)
    weights = read(("weight",), "weight", PURE_NUMBER)
    unused = [each.header for each in table.columns if each.header not in taken]
    if unused:
        notes.append(f"columns that say nothing here: {', '.join(unused)}")
    return Seen(
        name=name,
        values=values,
        current_density=current,
        conditions=conditions,
        time=time,
        capacity=capacity,
        errors=errors,
        weights=weights,
        notes=tuple(notes),
    )


def _names_a_key(name: str, tables: set[str]) -> bool:
    """Whether a column means a key of a case file: cyclers write "Chg.Capacity" as well."""
    table, dot, _ = name.partition(".")
    return bool(dot and get_close_matches(table, tables, 1))


def _time_in(table: TableOfColumns) -> tuple[str, ...]:
    """Names of the time since the start."""
    names = {column.name for column in table.columns}
    return _TIME_OF_TEST if names & set(_TIME_OF_TEST) else _TIME


def _is_in(column: Column, dimension: Dimension) -> bool:
    """Whether a column has a unit, and one of this dimension."""
    try:
        return column.unit is not None and np.isfinite(to_si(f"1 {column.unit}", dimension))
    except ValueError:
        return False


def in_si(table: TableOfColumns, column: Column, dimension: Dimension) -> Array:
    """The values of a column in SI units.

    Raises:
        InputError: It has no unit or another one, or a value is no number.
    """
    missing = np.flatnonzero(~np.isfinite(column.values))
    if len(missing):
        more = f", and {len(missing) - 1} more" if len(missing) > 1 else ""
        place = table.place(int(missing[0]))
        raise refused(f'"{column.header}" has no finite number on {place}{more}')
    unit = column.unit
    if unit is None or (not dimension.unit and unit == "1"):
        if dimension.unit and not column.si:
            example = dimension.shown_in
            raise refused(f'"{column.header}" has no unit; write {column.name} [{example}]')
        return column.values.copy()
    try:
        offset = to_si(f"0 {unit}", dimension)
        factor = to_si(f"1 {unit}", dimension) - offset
    except ValueError as error:
        raise InputError([Fault("", None, f'"{column.header}" {error}')]) from None
    return column.values * factor + offset
