"""CSV tables with units in their headers: ``frequency [Hz],Re Z [ohm],-Im Z [ohm]``.

Columns are known by what they are called, in any order; others are left alone. Impedances are in
Ohm, or per area, as the tables that ``fem-island impedance --out`` writes. A column ``time``,
``loop`` or ``cycle`` tells several spectra apart; without one, a new one begins where the
frequencies start again.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from fem_island.experiments.impedance.measured.record import (
    Loop,
    loop_of,
    number,
    refused,
    split_loops,
    split_sweeps,
)
from fem_island.quantities import (
    AREA_RESISTANCE,
    FREQUENCY,
    RESISTANCE,
    Dimension,
    to_si,
)

_HEADER = re.compile(r"\s*(?P<name>.*?)\s*[\[(/]\s*(?P<unit>[^\[\]()]+?)\s*[\])]?\s*")
_NAMES = {
    "frequency": ("frequency", "freq", "f"),
    "real": ("impedance_real", "re z", "re(z)", "z'", "zreal", "z real", "real"),
    "imaginary": (
        *("impedance_imaginary", "im z", "im(z)", "zimag", "z imag", "imaginary"),
        *('z"', "z''"),
    ),
    "negative": ("-im z", "-im(z)", "-z''", "-zimag", '-z"', "-imaginary"),
    "loop": ("time", "loop", "cycle", "cycle number"),
}
_WANTED = 'give columns such as "frequency [Hz]", "Re Z [ohm]" and "Im Z [ohm]" or "-Im Z [ohm]"'


@dataclass(frozen=True)
class _Column:
    """A column of the table.

    Attributes:
        place: Its number.
        factor: From its unit to SI, with the sign of what it is.
        per_area: Whether it is an impedance per area.
    """

    place: int
    factor: float
    per_area: bool


def read_table(text: str) -> list[Loop]:
    """Read all spectra of a table.

    Raises:
        InputError: It is no such table.
    """
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise refused("is empty")
    rows = list(csv.reader([line for _, line in lines], skipinitialspace=True))
    if len(rows[0]) == 1 and ";" in lines[0][1]:
        raise refused("has semicolons between its columns; export it with commas")
    columns = _columns(rows[0])
    values, keys = [], []
    for (line, _), row in zip(lines[1:], rows[1:], strict=True):
        if len(row) != len(rows[0]):
            reason = f"line {line} has {len(row)} columns where the header has {len(rows[0])}"
            hint = "; is there a decimal comma?" if len(row) > len(rows[0]) else ""
            raise refused(reason + hint)
        values.append(tuple(_values(row, columns, line)))
        keys.append(row[columns["loop"].place] if "loop" in columns else "")
    if "loop" in columns:
        parts = split_loops(values, keys)
    else:
        parts = split_sweeps([frequency for frequency, _, _ in values])
    name = rows[0][columns["loop"].place].strip() if "loop" in columns else "loop"
    loops = []
    for count, part in enumerate(parts, 1):
        told = f"{name} {keys[part[0]]}" if "loop" in columns else f"{name} {count}"
        chosen = [values[place] for place in part]
        loops.append(
            loop_of(
                told if len(parts) > 1 else "",
                *(list(column) for column in zip(*chosen, strict=True)),
                per_area=columns["real"].per_area,
            )
        )
    return loops


def _columns(header: list[str]) -> dict[str, _Column]:
    found: dict[str, _Column] = {}
    for place, text in enumerate(header):
        match = _HEADER.fullmatch(text)
        name, unit = (match["name"], match["unit"]) if match else (text.strip(), "")
        kind = next((kind for kind, names in _NAMES.items() if name.lower() in names), None)
        if kind is None:
            continue
        what = "imaginary" if kind == "negative" else kind
        if what in found:
            raise refused(f'has two columns of what "{text.strip()}" says')
        found[what] = _column(place, text.strip(), unit, kind)
    missing = [what for what in ("frequency", "real", "imaginary") if what not in found]
    if missing:
        raise refused(f"has no column of the {missing[0]} {_part(missing[0])}; {_WANTED}")
    if found["real"].per_area != found["imaginary"].per_area:
        raise refused("has one part of the impedance per area and the other not")
    return found


def _part(kind: str) -> str:
    return "of the current" if kind == "frequency" else "part of the impedance"


def _column(place: int, text: str, unit: str, kind: str) -> _Column:
    if kind == "loop":
        return _Column(place, 1.0, per_area=False)
    if not unit:
        raise refused(f'"{text}" has no unit; {_WANTED}')
    dimensions: tuple[Dimension, ...] = (
        (FREQUENCY,) if kind == "frequency" else (RESISTANCE, AREA_RESISTANCE)
    )
    sign = -1.0 if kind == "negative" else 1.0
    for dimension in dimensions:
        try:
            factor = to_si(f"1 {unit}", dimension)
        except ValueError:
            continue
        return _Column(place, sign * factor, per_area=dimension is AREA_RESISTANCE)
    said = " or ".join(dimension.unit for dimension in dimensions)
    raise refused(f'"{text}" has the unit "{unit}", which is not one like {said}')


def _values(row: list[str], columns: dict[str, _Column], line: int) -> Iterator[float]:
    for kind in ("frequency", "real", "imaginary"):
        column = columns[kind]
        yield column.factor * number(row[column.place], f"line {line}")
