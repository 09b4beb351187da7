"""The materials for people: tables of values with confidence, and the sources below them."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fem_island import materials
from fem_island.materials import Datum


def show() -> None:
    """Print films and electrolytes on standard output."""
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 120
    films = materials.films().values()
    electrolytes = materials.electrolytes().values()
    console.print(Text("Films (potentials against Li/Li+ at 25 C)", style="bold"))
    console.print(
        _table(
            ("", "full film", "delithiates above", "Li per metal", "molar mass", "density"),
            (
                (
                    f"{film.symbol} {film.name}",
                    film.lithiated_phase,
                    _cell(film.delithiation_potential),
                    _cell(film.lithium_per_metal),
                    film.molar_mass.text,
                    film.density.text,
                )
                for film in films
            ),
        )
    )
    console.print(Text("\nElectrolytes (25 C)", style="bold"))
    console.print(
        _table(
            ("", "conductivity", "interface with lithium"),
            (
                (entry.formula, _cell(entry.conductivity), _cell(entry.interface_resistance))
                for entry in electrolytes
            ),
        )
    )
    console.print(Text("\nSources and what is uncertain", style="bold"))
    for film in films:
        _print_source(
            console, f"{film.symbol}, delithiation potential", film.delithiation_potential
        )
        _print_source(console, f"{film.symbol}, lithium per metal", film.lithium_per_metal)
        _print_source(console, f"{film.symbol}, molar mass", film.molar_mass)
        _print_source(console, f"{film.symbol}, density", film.density)
    for entry in electrolytes:
        _print_source(console, f"{entry.formula}, conductivity", entry.conductivity)
        _print_source(console, f"{entry.formula}, interface", entry.interface_resistance)


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    table = Table(box=None, padding=(0, 2))
    for heading in headings:
        table.add_column(heading)
    for row in rows:
        table.add_row(*row)
    return table


def _cell(datum: Datum) -> str:
    return f"{datum.text} ({datum.confidence})"


def _print_source(console: Console, what: str, datum: Datum) -> None:
    note = f" {datum.note}" if datum.note else ""
    console.print(Text(f"  {what}: {datum.source}.{note}"))
