"""ZView and ZPlot of Scribner: ``.z``.

The first line names the program (``ZPLOT2 ASCII`` or ``ZView``); a line ``End Comments`` ends the
head. Rows are separated by commas: frequency, two amplitudes or potentials, time, Z', Z'' and more,
in Hz and Ohm, as the last line of the head with ``Freq(Hz)`` says where there is one.
"""

from __future__ import annotations

import re

from fem_island.experiments.impedance.measured.record import (
    Loop,
    loop_of,
    number,
    refused,
    split_sweeps,
)

MAGIC = ("ZPLOT", "ZVIEW")

_END = "end comments"
_USUAL = (0, 4, 5)
"""Places of frequency, Z' and Z'' where no line names the columns."""


def read_z(text: str) -> list[Loop]:
    """Read all spectra of a file.

    Raises:
        InputError: It is none, is cut short, or has no impedance.
    """
    lines = text.splitlines()
    if not lines or not lines[0].strip().strip('"').upper().startswith(MAGIC):
        raise refused('is not a ZView file, which starts with "ZPLOT2" or "ZView"')
    ends = [n for n, line in enumerate(lines) if line.strip().strip('"').lower() == _END]
    if not ends:
        raise refused('has no line "End Comments" before its data: it is cut short')
    places = _places(lines[: ends[0]])
    rows = []
    for line_number, line in enumerate(lines[ends[0] + 1 :], ends[0] + 2):
        if not line.strip():
            continue
        parts = [part.strip() for part in re.split(r"[,\t]", line)]
        if len(parts) <= max(places):
            raise refused(f"line {line_number} has {len(parts)} columns: it is cut short")
        rows.append([number(parts[place], f"line {line_number}") for place in places])
    if not rows:
        raise refused("has no rows behind its head")
    parts_of = split_sweeps([row[0] for row in rows])
    return [
        loop_of(
            f"loop {count}" if len(parts_of) > 1 else "",
            *([rows[place][column] for place in part] for column in range(3)),
        )
        for count, part in enumerate(parts_of, 1)
    ]


def _places(head: list[str]) -> tuple[int, int, int]:
    """Numbers of the columns of frequency, Z' and Z''."""
    for line in reversed(head):
        names = [name.strip().strip('"') for name in re.split(r"[,\t]", line)]
        if any(name.startswith("Freq(Hz)") for name in names):
            found = [
                next((n for n, name in enumerate(names) if name.startswith(start)), None)
                for start in ("Freq(Hz)", "Z'(", "Z''(")
            ]
            if None in found:
                raise refused("names its columns, but not Z'(a) and Z''(b) among them")
            frequency, real, imaginary = (int(place or 0) for place in found)
            return frequency, real, imaginary
    return _USUAL
