"""The materials for people: tables of values with confidence, and the sources below them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from rich.console import Console
from rich.text import Text

from fem_island.machine.terminal import WholeTable, report_console
from fem_island.materials import library as materials
from fem_island.materials.library import REFERENCE_THICKNESS, Datum, FilmMaterial
from fem_island.quantities import AREAL_CAPACITY, LENGTH, in_unit, to_si


def show() -> None:
    """Print films, lithium and electrolytes on standard output."""
    console = report_console(120)
    films = materials.films().values()
    lithium = materials.lithium()
    electrolytes = materials.electrolytes().values()
    thickness = f"{in_unit(REFERENCE_THICKNESS, LENGTH, 'nm'):.0f} nm"
    capacity = f"{AREAL_CAPACITY.shown_in}\nper {thickness}"
    console.print(
        Text(
            "Films, and the plateaus on which they give up lithium (against Li/Li+ at 25 C)",
            style="bold",
        )
    )
    console.print(
        _table(
            ("", "full film", "plateau", "potential", "Li per metal", capacity, "in all"),
            (row for film in films for row in _film_rows(film)),
            right_aligned=(5, 6),
        ),
        crop=False,
    )
    console.print(Text("\nMetals (thicknesses are as deposited)", style="bold"))
    console.print(
        _table(
            ("", "molar mass", "density"),
            (
                (metal, molar_mass.text, density.text)
                for metal, molar_mass, density in (
                    *((film.name, film.molar_mass, film.density) for film in films),
                    ("lithium", lithium.molar_mass, lithium.density),
                )
            ),
        ),
        crop=False,
    )
    one = to_si("1 mAh/cm^2", AREAL_CAPACITY)
    layer = in_unit(materials.lithium_thickness(one), LENGTH)
    console.print(Text(f"\n1 mAh/cm^2 of lithium is {layer:.2f} um."))
    console.print(Text("\nElectrolytes (25 C)", style="bold"))
    console.print(
        _table(
            ("", "conductivity", "interface with lithium"),
            (
                (entry.formula, _cell(entry.conductivity), _cell(entry.interface_resistance))
                for entry in electrolytes
            ),
        ),
        crop=False,
    )
    console.print(Text("\nSources and what is uncertain", style="bold"))
    for film in films:
        for plateau in film.plateaus:
            where = f"{film.symbol}, {plateau.gives}"
            _print_source(console, f"{where}, potential", plateau.potential)
            _print_source(console, f"{where}, lithium per metal", plateau.lithium_per_metal)
        _print_source(console, f"{film.symbol}, molar mass", film.molar_mass)
        _print_source(console, f"{film.symbol}, density", film.density)
    _print_source(console, "Li, molar mass", lithium.molar_mass)
    _print_source(console, "Li, density", lithium.density)
    for entry in electrolytes:
        _print_source(console, f"{entry.formula}, conductivity", entry.conductivity)
        _print_source(console, f"{entry.formula}, interface", entry.interface_resistance)


def _film_rows(film: FilmMaterial) -> Iterator[tuple[str, ...]]:
    """A row per plateau; what concerns the whole film is in the first."""
    whole = (f"{film.symbol} {film.name}", film.lithiated_phase)
    total = _capacity(film.capacity(REFERENCE_THICKNESS))
    charges = film.plateau_capacities(REFERENCE_THICKNESS)
    for plateau, charge in zip(film.plateaus, charges, strict=True):
        yield (
            *whole,
            plateau.gives,
            _cell(plateau.potential),
            _cell(plateau.lithium_per_metal),
            _capacity(charge),
            total,
        )
        whole, total = ("", ""), ""


def _capacity(charge: float) -> str:
    return f"{in_unit(charge, AREAL_CAPACITY):.1f}"


def _table(
    headings: Iterable[str],
    rows: Iterable[Iterable[str]],
    *,
    right_aligned: tuple[int, ...] = (),
) -> WholeTable:
    table = WholeTable(box=None, padding=(0, 1))
    for number, heading in enumerate(headings):
        side: Literal["left", "right"] = "right" if number in right_aligned else "left"
        table.add_column(heading, justify=side)
    for row in rows:
        table.add_row(*row)
    return table


def _cell(datum: Datum) -> str:
    return f"{datum.text} ({datum.confidence})"


def _print_source(console: Console, what: str, datum: Datum) -> None:
    note = f" {datum.note}" if datum.note else ""
    console.print(Text(f"  {what}: {datum.source}.{note}"))
