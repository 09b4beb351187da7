"""The numbers of a solution as a table in the units that people think in.

Rows that belong together are put together here. Every other number that ``Result`` declares gets a
row of its own, with its words and its unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from fem_island.machine.terminal import WholeTable
from fem_island.quantities import (
    AREA_RESISTANCE,
    CURRENT_DENSITY,
    POTENTIAL,
    PURE_NUMBER,
    Dimension,
    in_unit,
    with_unit,
)
from fem_island.results.result import Result
from fem_island.results.variables import numbers_of, variables


@dataclass(frozen=True)
class _Row:
    """A row: up to three numbers of one quantity, by their names as variables.

    Attributes:
        words: What they are.
        mean: The mean, or the only number.
        min: The smallest.
        max: The largest.
        only_with: A number without which there is no row.
    """

    words: str
    mean: str = ""
    min: str = ""
    max: str = ""
    only_with: str = ""


_LITHIUM, _FILM = "local_current_density", "interlayer_current_density"
_ROWS = (
    _Row(
        "overpotential on lithium", "overpotential_mean", "overpotential_min", "overpotential_max"
    ),
    _Row("local current density", f"{_LITHIUM}_mean", f"{_LITHIUM}_min", f"{_LITHIUM}_max"),
    _Row("largest drive beside the islands", max="exposed_drive_max"),
    _Row("potential at the top", "potential_top_mean"),
    _Row("constriction resistance", "constriction_resistance"),
    _Row("evenness of the current", "current_evenness"),
    _Row("current carried by the film", "interlayer_current_fraction"),
    _Row(
        "current density of the film",
        f"{_FILM}_mean",
        f"{_FILM}_min",
        f"{_FILM}_max",
        only_with="interlayer_peak_distance",
    ),
)
_SHARES = ("current_evenness", "interlayer_current_fraction", "coverage")
"""Pure numbers that are shown in percent."""

_SAID_IN_WORDS = (
    "charge_imbalance",
    "interlayer_peak_distance",
    "interlayer_time_until_empty_mean",
    "interlayer_time_until_empty_local",
    "interlayer_time_until_next_plateau",
)

_FORMATS: dict[Dimension, str] = {POTENTIAL: ".4f", CURRENT_DENSITY: ".5g"}


def number_table(result: Result) -> WholeTable:
    """The numbers of a solution, with their estimated errors."""
    table = WholeTable(box=None, pad_edge=True, padding=(0, 0, 0, 2))
    table.add_column("")
    for heading in ("mean", "min", "max", "estimated error"):
        table.add_column(heading, justify="right")
    known = dict(numbers_of(result))
    for row in (*_ROWS, *_other_rows(type(result))):
        if any(known.get(name) is None for name in _names(row).values()):
            continue
        if row.only_with and known.get(row.only_with) is None:
            continue
        table.add_row(*_cells(row, known, type(result)))
    return table


def _names(row: _Row) -> dict[str, str]:
    """The numbers of a row, by their columns."""
    columns = {"mean": row.mean, "min": row.min, "max": row.max}
    return {column: name for column, name in columns.items() if name}


def _other_rows(record: type) -> Iterator[_Row]:
    """Rows of the numbers that no other row and no remark holds."""
    shown = {name for row in _ROWS for name in _names(row).values()} | {*_SAID_IN_WORDS}
    for variable in variables(record):
        single = variable.dtype == "f8" and not variable.dimensions
        if single and not variable.error_of and variable.name not in shown:
            yield _Row(variable.words, variable.name)


def _cells(row: _Row, known: dict[str, Any], record: type) -> list[Text | str]:
    """The texts of a row."""
    names = _names(row)
    quantities = {variable.name: variable.quantity for variable in variables(record)}
    estimates = {variable.error_of: variable.name for variable in variables(record)}
    first = next(iter(names.values()))
    unit, factor = _unit(first, quantities[first])
    digits = _FORMATS.get(quantities[first], ".3f" if first in _SHARES else ".4g")
    shown = {column: f"{factor * known[name]:{digits}}" for column, name in names.items()}
    errors = {
        column: known[estimates[name]]
        for column, name in names.items()
        if name in estimates and known.get(estimates[name]) is not None
    }
    error = f"{factor * max(errors.values()):.1g}" if errors else ""
    if errors and len(names) > 1:
        error += f" ({'of ' if len(errors) == 1 else ''}{' and '.join(errors)})"
    heading = with_unit(row.words, unit)
    # Text, since rich takes a unit in brackets for a style.
    return [Text(heading), *(shown.get(column, "") for column in ("mean", "min", "max")), error]


def _unit(name: str, quantity: Dimension) -> tuple[str, float]:
    """The unit that a number is shown in, and how many of it an SI unit is."""
    if quantity is PURE_NUMBER:
        return ("%", 100.0) if name in _SHARES else ("", 1.0)
    shown = "Ohm cm^2" if quantity is AREA_RESISTANCE else quantity.shown_in
    return shown, in_unit(1.0, quantity)
