"""Measured files by their kind: which reader, and from Ohm to Ohm m^2."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fem_island.errors import Fault, InputError
from fem_island.experiments.impedance.measured import biologic, gamry, table, zview
from fem_island.experiments.impedance.measured.opening import check_file, text_of
from fem_island.experiments.impedance.measured.record import Loop, MeasuredSpectrum, refused
from fem_island.machine.paths import from_home
from fem_island.quantities import AREA, to_si

_READERS: dict[str, Callable[[str], list[Loop]]] = {
    ".csv": table.read_table,
    ".mpt": biologic.read_mpt,
    ".dta": gamry.read_dta,
    ".z": zview.read_z,
}
_BINARY = ".mpr"


def read_spectra(path: Path | str, *, area: float | str) -> list[MeasuredSpectrum]:
    """Read all spectra of a measured file; several loops stay several.

    Args:
        path: A CSV table with units in its header, BioLogic .mpt or .mpr, Gamry .DTA, ZView .z.
        area: Of the cell [m^2], by which the instrument's Ohm are multiplied. A table that is per
            area already is not multiplied, but the area is asked for all the same.

    Raises:
        InputError: The file is not understood, or the area is none; one line says why.
    """
    path = from_home(path)
    square_metres = read_area(area)
    try:
        loops = _loops(path)
    except InputError as error:
        raise error.in_file(str(path)) from None
    return [
        MeasuredSpectrum(
            f"{path.name}, {loop.name}" if loop.name else path.name,
            loop.frequencies,
            loop.impedance if loop.per_area else loop.impedance * square_metres,
        )
        for loop in loops
    ]


def read_area(area: float | str) -> float:
    """The area of a cell [m^2].

    Raises:
        InputError: It is none.
    """
    try:
        found = to_si(area, AREA, unit_required=isinstance(area, str))
        if not found > 0:
            raise ValueError("must be above 0")
    except ValueError as error:
        raise InputError([Fault("area", area, str(error))]) from None
    return found


def _loops(path: Path) -> list[Loop]:
    kind = path.suffix.lower()
    known = ", ".join([*_READERS, _BINARY])
    if kind not in _READERS and kind != _BINARY:
        raise refused(f"is of a kind that is not read; known are {known}")
    if kind == _BINARY:
        check_file(path)
        return biologic.read_mpr(path)
    text = text_of(path, unknown="ignore")
    _refuse_others(kind, text)
    return _READERS[kind](text)


def _refuse_others(kind: str, text: str) -> None:
    """Refuse a file of one instrument that has the ending of another."""
    first = text.lstrip().partition("\n")[0].strip().strip('"')
    looks = next(
        (
            other
            for other, magics in (
                (".mpt", (biologic.MAGIC,)),
                (".dta", (gamry.MAGIC,)),
                (".z", zview.MAGIC),
            )
            if first.upper().startswith(tuple(magic.upper() for magic in magics))
        ),
        kind,
    )
    if looks != kind:
        raise refused(f"looks like a {looks} file, but is called {kind}; rename it")
