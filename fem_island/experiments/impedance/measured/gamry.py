"""Gamry Framework: ``.DTA``.

The file starts with ``EXPLAIN`` and a tag of the experiment; a line ``ZCURVE  TABLE`` comes before
the names of the columns, their units, and the rows, all with a tab in front. ``Freq`` in Hz,
``Zreal`` and ``Zimag`` in ohm are read; several tables are several loops.
"""

from __future__ import annotations

from fem_island.experiments.impedance.measured.record import Loop, loop_of, number, refused

MAGIC = "EXPLAIN"

_COLUMNS = ("Freq", "Zreal", "Zimag")
_UNITS = {"Freq": ("hz",), "Zreal": ("ohm", "ohms"), "Zimag": ("ohm", "ohms")}


def read_dta(text: str) -> list[Loop]:
    """Read all spectra of a file.

    Raises:
        InputError: It is none, is cut short, or has no impedance.
    """
    lines = text.splitlines()
    if not lines or lines[0].strip() != MAGIC:
        raise refused(f'is not a Gamry file, which starts with "{MAGIC}"')
    starts = [n for n, line in enumerate(lines) if line.startswith("ZCURVE")]
    if not starts:
        tag = next((line.split("\t")[1] for line in lines if line.startswith("TAG\t")), "none")
        raise refused(f"has no table ZCURVE, so that it is no impedance (its tag is {tag})")
    return [
        _table(lines, start, f"loop {count}" if len(starts) > 1 else "")
        for count, start in enumerate(starts, 1)
    ]


def _table(lines: list[str], start: int, name: str) -> Loop:
    if len(lines) < start + 3:
        raise refused("ends within the head of its table ZCURVE: it is cut short")
    names = lines[start + 1].split("\t")
    units = lines[start + 2].split("\t")
    missing = [column for column in _COLUMNS if column not in names]
    if missing:
        raise refused(f"has no column {missing[0]} in its table ZCURVE")
    places = [names.index(column) for column in _COLUMNS]
    for column, place in zip(_COLUMNS, places, strict=True):
        unit = units[place].strip() if place < len(units) else ""
        if unit.lower() not in _UNITS[column]:
            raise refused(f'has {column} in "{unit}" where {_UNITS[column][0]} is expected')
    rows = []
    for line_number in range(start + 3, len(lines)):
        line = lines[line_number]
        if not line.startswith("\t"):
            break
        parts = line.split("\t")
        if len(parts) <= max(places):
            raise refused(f"line {line_number + 1} is cut short")
        rows.append([number(parts[place], f"line {line_number + 1}") for place in places])
    declared = lines[start].split("\t")
    if len(declared) > 2 and declared[2].strip().isdecimal() and int(declared[2]) > len(rows):
        raise refused(f"has {len(rows)} of the {declared[2].strip()} rows that its table announces")
    if not rows:
        raise refused("has no rows in its table ZCURVE")
    frequencies, real, imaginary = (list(column) for column in zip(*rows, strict=True))
    return loop_of(name, frequencies, real, imaginary)
