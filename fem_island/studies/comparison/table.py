"""Films compared, for people and as JSON."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import xarray
from rich.console import Group, RenderableType
from rich.text import Text

from fem_island import quantities
from fem_island.case.case import Case
from fem_island.case.film import Interlayer
from fem_island.case.parsing import INPUT
from fem_island.case.variants import with_film
from fem_island.experiments.point.film_report import origin_of_film_i0
from fem_island.experiments.point.report import assumptions
from fem_island.machine.json_values import plain
from fem_island.machine.terminal import WholeTable, report_console
from fem_island.materials.library import label_of
from fem_island.quantities import CURRENT_DENSITY, POTENTIAL, TIME, Dimension

_PLAIN_WIDTH = 118
_NOTES = (
    "relief: largest local current density on the lithium without film over that with it",
    "evenness: share of the bottom that effectively carries the current, "
    "the square of its mean current density over the mean of the square",
    "empty, steps up: at the currents of the table, which change as the film gives up lithium; "
    "on a plateau of its own above the drive a film stops",
)


def show(title: str, case: Case, results: xarray.Dataset) -> None:
    """Print the table on standard output."""
    console = report_console(_PLAIN_WIDTH)
    console.print(comparison_report(title, case, results), crop=False)


def comparison_report(title: str, case: Case, results: xarray.Dataset) -> RenderableType:
    """The table as something that rich can print.

    Args:
        title: Name of the case.
        case: What the films were put into.
        results: Of ``comparison.compare``.
    """
    bare = case.model_copy(update={"cell": case.cell.model_copy(update={"interlayer": None})})
    parts: list[RenderableType] = [Text(title, style="bold")]
    # The last line of a case without film says that nothing reacts beside the islands.
    parts += [Text(f"  {line}", style="dim") for line in assumptions(bare)[:-1]]
    parts.append(Text(f"  {_about_films(case)}", style="dim"))
    parts.append(_table(results))
    parts += [Text(f"  {note}", style="dim") for note in _NOTES]
    return Group(*parts)


def _about_films(case: Case) -> str:
    own = case.cell.interlayer
    reaction = "release" if own is None or own.reaction == "none" else own.reaction
    law = (own or Interlayer(material="Ag")).kinetics_beside(case.cell.kinetics)
    i0 = quantities.in_unit(law.exchange_current_density, CURRENT_DENSITY)
    origin = f"i0 of every film: {i0:g} mA/cm^2 ({origin_of_film_i0(own)})"
    return f'films react by "{reaction}"; {origin}'


def _table(results: xarray.Dataset) -> WholeTable:
    table = WholeTable(box=None, pad_edge=True, padding=(0, 0, 0, 2))
    table.add_column("film", no_wrap=True)
    headings = (
        "U\n[mV]",
        "share of\ncurrent [%]",
        "overpot.\nmean [mV]",
        "\nmax [mV]",
        "peak current\n[mA/cm^2]",
        "\nrelief",
        "evenness\n[%]",
        "empty after\n[min]",
        "first place\n[min]",
        "steps up\n[min]",
    )
    for heading in headings:
        table.add_column(heading, justify="right")
    for number, name in enumerate(results["film"].to_numpy().tolist()):
        row = results.isel(film=number)
        if str(row["reason"].item()).strip() and math.isnan(row["overpotential_mean"].item()):
            table.add_row(label_of(name), "", f"failed: {row['reason'].item()}")
            continue
        table.add_row(label_of(name), *_numbers(row))
    return table


def _numbers(row: xarray.Dataset) -> list[str]:
    def shown(name: str, dimension: Dimension, digits: str) -> str:
        value = row[name].item()
        return "" if math.isnan(value) else format(quantities.in_unit(value, dimension), digits)

    peak = max(
        abs(row["local_current_density_min"].item()), abs(row["local_current_density_max"].item())
    )
    share, relief = row["interlayer_current_fraction"].item(), row["relief"].item()
    until = "interlayer_time_until"
    return [
        shown("equilibrium_potential", POTENTIAL, "g"),
        "" if math.isnan(share) else f"{100 * share:.3f}",
        shown("overpotential_mean", POTENTIAL, ".4f"),
        shown("overpotential_max", POTENTIAL, ".4f"),
        f"{quantities.in_unit(peak, CURRENT_DENSITY):.4g}",
        "" if math.isnan(relief) else f"{relief:.3f}",
        f"{100 * row['current_evenness'].item():.2f}",
        shown(f"{until}_empty_mean", TIME, ".3g"),
        shown(f"{until}_empty_local", TIME, ".3g"),
        shown(f"{until}_next_plateau", TIME, ".3g"),
    ]


def records(name: str, results: xarray.Dataset) -> list[dict[Hashable, Any]]:
    """One JSON object per film: its numbers by the names of the dataset, SI, null where none.

    Args:
        name: Of the case.
        results: Of ``comparison.compare``.
    """
    left_out = {"delithiates", "probes_potential"}
    case = Case.from_json(results.attrs["case"])
    found = []
    for number, film in enumerate(results["film"].to_numpy().tolist()):
        row = results.isel(film=number)
        values = {
            key: plain(array.to_numpy().tolist())
            for key, array in row.data_vars.items()
            if key not in left_out
        }
        filmed = with_film(case, film).tables()
        found.append({"case": name, "film": film, **values, "status": _status(row), INPUT: filmed})
    return found


def _status(row: xarray.Dataset) -> str:
    meanings = str(row["status"].attrs["flag_meanings"]).split()
    return meanings[int(row["status"])].replace("_", " ")
