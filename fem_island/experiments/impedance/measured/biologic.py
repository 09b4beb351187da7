"""EC-Lab of BioLogic: ``.mpt``, its text export, and ``.mpr`` through galvani.

A text file starts with ``EC-Lab ASCII FILE``, says how many lines its header has, of which the last
names the columns, with tabs between them. Of these, ``freq/Hz``, ``Re(Z)/Ohm`` and ``-Im(Z)/Ohm``
are read; ``cycle number`` tells loops apart. Rows at no frequency are of direct current in between.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from fem_island.experiments.impedance.measured.record import (
    Loop,
    loop_of,
    number,
    refused,
    split_loops,
    split_sweeps,
)

MAGIC = "EC-Lab ASCII FILE"

_FREQUENCY, _REAL, _NEGATIVE = "freq/Hz", "Re(Z)/Ohm", "-Im(Z)/Ohm"
_CYCLE = "cycle number"


def read_mpt(text: str) -> list[Loop]:
    """Read all spectra of a text export.

    Raises:
        InputError: It is none, is cut short, or has no impedance.
    """
    lines = text.splitlines()
    if not lines or not lines[0].startswith(MAGIC):
        raise refused(f'is not an EC-Lab text file, which starts with "{MAGIC}"')
    match = re.fullmatch(r"Nb header lines\s*:\s*(\d+)\s*", lines[1]) if len(lines) > 1 else None
    if match is None:
        raise refused('says nowhere how many "Nb header lines" it has')
    first = int(match[1])
    if len(lines) < first or first < 3:
        raise refused(f"ends within its header of {first} lines")
    names = lines[first - 1].rstrip("\t\n").split("\t")
    rows = []
    for place, line in enumerate(lines[first:], first + 1):
        if not line.strip():
            continue
        parts = line.rstrip("\t").split("\t")
        if len(parts) < len(names):
            raise refused(f"line {place} has {len(parts)} of {len(names)} columns: it is cut short")
        rows.append((place, parts))
    columns = _columns(names)
    values = [
        tuple(number(parts[column], f"line {place}") for column in columns) for place, parts in rows
    ]
    return _loops(values, has_cycles=_CYCLE in names)


def read_mpr(path: Path) -> list[Loop]:
    """Read all spectra of a binary file, with galvani.

    Raises:
        InputError: galvani is not installed, cannot read the file, or it has no impedance.
    """
    try:
        from galvani import BioLogic
    except ImportError:
        reason = "a .mpr file is read by galvani (pip install galvani); or export it as .mpt"
        raise refused(reason) from None
    try:
        data = BioLogic.MPRfile(str(path)).data
    except Exception as error:  # galvani raises what the parts of the file make of it
        said = " ".join(str(error).split())[:100]
        raise refused(f"galvani cannot read it: {said}") from None
    names = list(data.dtype.names or ())
    columns = [names[place] for place in _columns(names)]
    values = [tuple(float(row[name]) for name in columns) for row in data]
    return _loops(values, has_cycles=_CYCLE in names)


def _columns(names: Sequence[str]) -> list[int]:
    missing = [name for name in (_FREQUENCY, _REAL, _NEGATIVE) if name not in names]
    if missing:
        shown = ", ".join(names[:6])
        raise refused(f"has no column {missing[0]}, so that it is no impedance; it has {shown}")
    wanted = [_FREQUENCY, _REAL, _NEGATIVE, *([_CYCLE] if _CYCLE in names else [])]
    return [list(names).index(name) for name in wanted]


def _loops(values: Sequence[tuple[float, ...]], *, has_cycles: bool) -> list[Loop]:
    rows = [row for row in values if row[0] > 0]
    if not rows:
        raise refused("has no rows of impedance")
    parts = split_loops(rows, [row[3] for row in rows]) if has_cycles else []
    if len(parts) < 2:
        parts = split_sweeps([row[0] for row in rows])
    return [
        loop_of(
            f"loop {count}" if len(parts) > 1 else "",
            [rows[place][0] for place in part],
            [rows[place][1] for place in part],
            [-rows[place][2] for place in part],
        )
        for count, part in enumerate(parts, 1)
    ]
