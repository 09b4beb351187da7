"""The numbers of a solution for people: a table in their units, with what the model assumes."""

from __future__ import annotations

import math

from rich.console import Group, RenderableType
from rich.text import Text

from fem_island import quantities
from fem_island.case.case import Case
from fem_island.case.kinetics import Kinetics
from fem_island.case.origin import origin_of
from fem_island.case.paper import IMPLIED
from fem_island.experiments.point.film_report import film_assumptions, film_remarks
from fem_island.experiments.point.map_report import (
    map_assumption,
    regions_table,
    voxels_assumption,
)
from fem_island.experiments.point.number_table import number_table
from fem_island.experiments.point.regime import map_regime, regime
from fem_island.machine.terminal import WholeTable, report_console, report_line
from fem_island.materials.constants import FARADAY_CONSTANT, GAS_CONSTANT, REFERENCE_TEMPERATURE
from fem_island.materials.library import label_of
from fem_island.quantities import AREA_RESISTANCE, CURRENT_DENSITY, POTENTIAL, Dimension
from fem_island.results.map_result import MapResult
from fem_island.results.result import Result

FOLLOWS_TEMPERATURE = (".activation_energy", ".potential_temperature_coefficient")
"""Ends of the paths of keys that say how temperature changes something."""

_CERTAIN = 1e-4
"""Share of the largest local current density up to which its error is not worth a line."""


def show_result(title: str, case: Case, result: Result) -> None:
    """Print the report on standard output."""
    console = report_console(100)
    console.print(result_report(title, case, result), crop=False)


def result_report(title: str, case: Case, result: Result) -> RenderableType:
    """The report as something that rich can print."""
    parts: list[RenderableType] = [Text(title, style="bold")]
    parts += [report_line(line, "dim") for line in assumptions(case)]
    if result.status == "failed":
        parts.append(report_line(f"failed: {result.reason}", "red"))
        return Group(*parts)
    parts.append(number_table(result))
    if isinstance(result, MapResult):
        parts.append(regions_table(result))
    elif len(result.islands) > 1:
        parts.append(_islands(case, result))
    parts += [report_line(line) for line in remarks(case, result)]
    return Group(*parts)


def assumptions(case: Case) -> list[str]:
    """What the model takes for granted in this case, one line each."""
    cell, operation = case.cell, case.operation
    electrolyte, kinetics = cell.electrolyte, cell.kinetics
    applied = _in(abs(operation.current_density), CURRENT_DENSITY)
    if operation.current_density == 0:
        doing = "no applied current"
    else:
        verb = "stripping" if operation.current_density > 0 else "plating"
        doing = f"{verb} at {applied}, uniform at the top"
    temperature = operation.temperature
    i0 = _in(kinetics.exchange_current_density_at(temperature), CURRENT_DENSITY)
    origin = origin_of(kinetics.exchange_current_density)
    lines = [
        f"electrolyte {_size(case)}, {_in(case.conductivity, quantities.CONDUCTIVITY)}"
        + (f" ({of})" if (of := origin_of(electrolyte.conductivity)) != "given" else "")
        + ", insulated sides",
        f"{doing}, at {operation.temperature:g} K",
        f"{kinetics.law} kinetics of lithium, i0 = {i0} ({origin})",
    ]
    lines += remark_at_temperature(case)
    if any(island.kinetics is not None for island in cell.islands):
        lines.append("some islands have kinetics of their own")
    lines += [] if cell.map is None else [map_assumption(cell.map)]
    voxels = electrolyte.conductivity_image
    lines += [] if voxels is None else [voxels_assumption(voxels)]
    of_islands = [cell.island_kinetics(island) for island in cell.islands]
    of_islands += [] if cell.map is None else [kinetics]
    if any(origin_of(law.exchange_current_density) == IMPLIED for law in of_islands):
        lines.append(_weight_of_i0(kinetics, operation.temperature))
    film = cell.interlayer
    if film is None:
        beside = "the islands" if cell.map is None else "lithium"
        lines.append(f"bare current collector beside {beside}: nothing reacts there")
    else:
        lines += film_assumptions(film, case)
    return lines


def _size(case: Case) -> str:
    """The electrolyte's shape and lengths."""
    electrolyte, contact = case.cell.electrolyte, case.cell.map
    if contact is not None:
        lengths = (contact.width, contact.depth, electrolyte.height)
        return f"{' x '.join(f'{1e6 * length:g}' for length in lengths)} um"
    span, height = electrolyte.span * 1e6, electrolyte.height * 1e6
    if electrolyte.geometry == "planar":
        return f"{span:g} x {height:g} um"
    return f"a cylinder of radius {span:g} um and height {height:g} um"


def remark_at_temperature(case: Case) -> list[str]:
    """What does not follow the temperature of a case; nothing where that is 298.15 K."""
    return temperature_remark(case, differs=case.operation.temperature != REFERENCE_TEMPERATURE)


def temperature_remark(case: Case, *, differs: bool, besides: tuple[str, ...] = ()) -> list[str]:
    """What does not follow the temperature; nothing where that is 298.15 K.

    Args:
        case: The case.
        differs: Whether its temperature is another one, or is varied.
        besides: What does not follow either, and the case does not hold.
    """
    fixed = (*case.temperature_independent, *besides) if differs else ()
    if not fixed:
        return []
    *others, last = fixed
    said = f"{', '.join(others)} and {last} are" if others else f"{last} is"
    reference = f"{REFERENCE_TEMPERATURE:g} K"
    them = "them" if others else "it"
    return [f"{said} taken as at {reference}: the case does not say how temperature changes {them}"]


def _weight_of_i0(kinetics: Kinetics, temperature: float) -> str:
    """What hangs on the default of i0."""
    coefficients = kinetics.anodic_transfer_coefficient + kinetics.cathodic_transfer_coefficient
    i0 = kinetics.exchange_current_density_at(temperature)
    slope = FARADAY_CONSTANT * i0 * coefficients
    resistance = quantities.in_unit(GAS_CONSTANT * temperature / slope, AREA_RESISTANCE)
    return (
        f"this i0 is a charge-transfer resistance R T / (F i0 (aa + ac)) of {resistance:.2g} "
        "Ohm cm^2; reported Li | Li6PS5Cl resistances near 1 Ohm cm^2 would mean tens of mA/cm^2 "
        "and, in the paper's cell, overpotentials of a few mV: the conclusion hangs on i0"
    )


def _islands(case: Case, result: Result) -> WholeTable:
    table = WholeTable(box=None, pad_edge=True, padding=(0, 2))
    places = case.cell.electrolyte.naming.island_places
    headings = ("island", "mean [mV]", *places, "share of the current [%]")
    for heading in headings:
        table.add_column(heading, justify="right")
    for number, island in enumerate(result.islands):
        share = island.current_fraction
        table.add_row(
            str(number),
            _milli(island.overpotential_mean),
            _milli(island.overpotential_left),
            _milli(island.overpotential_center),
            _milli(island.overpotential_right),
            "" if share is None else f"{100 * share:.3f}",
        )
    return table


def remarks(case: Case, result: Result) -> list[str]:
    """What the numbers mean, one line each; the last one says how they were found."""
    lines = []
    if result.delithiates is not None:
        acting = [label_of(name) for name, acts in result.delithiates.items() if acts]
        quiet = [label_of(name) for name, acts in result.delithiates.items() if not acts]
        lines.append(
            f"films that would give up lithium here, instead of bare copper: "
            f"{', '.join(acting) or 'none'}" + (f"; not: {', '.join(quiet)}" if quiet else "")
        )
    is_map = isinstance(result, MapResult)
    lines.append(map_regime(case, result) if is_map else regime(case, result))
    if result.interlayer is not None:
        lines += film_remarks(result.interlayer, case)
    error = result.error_estimate
    low, high = result.local_current_density_min, result.local_current_density_max
    largest = max(abs(low), abs(high))
    # When the cell plates, the largest is the smallest with its sign.
    side = "max" if abs(high) >= abs(low) else "min"
    peak_error = getattr(error, f"local_current_density_{side}", None)
    if peak_error is not None and peak_error > _CERTAIN * largest:
        share = peak_error / largest if largest > 0 else math.inf
        lines.append(f"the largest local current density is known only to {100 * share:.2g} %")
    lines += [law.remark for law in case.cell.laws if law.remark]
    steps = "Newton step" if result.newton_iterations == 1 else "Newton steps"
    lines.append(
        f"{result.status}"
        + (f": {result.reason}" if result.reason else "")
        + f"; solver {result.solver}, {result.newton_iterations} {steps}, "
        f"{result.degrees_of_freedom} unknowns, charge balanced to {result.charge_imbalance:.0e}"
    )
    return lines


def _milli(value: float) -> str:
    return f"{quantities.in_unit(value, POTENTIAL):.4f}"


def _in(value: float, dimension: Dimension) -> str:
    return f"{quantities.in_unit(value, dimension):.6g} {dimension.shown_in}"
