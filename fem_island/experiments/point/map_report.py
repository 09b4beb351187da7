"""What the report on a contact map says of its image and its regions."""

from __future__ import annotations

import math

from fem_island import quantities
from fem_island.case.cell import Case
from fem_island.case.contact_map import FILM, ContactMap
from fem_island.machine.terminal import WholeTable
from fem_island.quantities import POTENTIAL
from fem_island.results.map_result import MapResult
from fem_island.results.result import Result
from fem_island.surface.kinetics import wagner_number

_SHOWN = 10
"""Regions of the table; the numbers of more are in the JSON record."""

_KINETIC_BELOW, _OHMIC_ABOVE = 0.05, 0.5


def map_assumption(contact: ContactMap) -> str:
    """The image in words."""
    rows, columns = contact.shape
    regions = len(contact.regions)
    line = (
        f"contact map {contact.image.name}: {columns} x {rows} pixels of "
        f"{1e6 * contact.pixel:g} um, {100 * contact.coverage:.4g} % of them lithium in "
        f"{regions} region{'' if regions == 1 else 's'}"
    )
    if contact.film is not None:
        line += f", {100 * float((contact.classes == FILM).mean()):.4g} % film"
    return line


def regions_table(result: MapResult) -> WholeTable:
    """The largest regions of lithium."""
    table = WholeTable(box=None, pad_edge=True, padding=(0, 2))
    headings = ("region", "area [um^2]", "x [um]", "y [um]", "mean [mV]", "center [mV]")
    for heading in (*headings, "share of the current [%]"):
        table.add_column(heading, justify="right")
    for number, region in enumerate(result.islands[:_SHOWN]):
        share = region.current_fraction
        table.add_row(
            str(number),
            f"{1e12 * region.area:.5g}",
            *(f"{1e6 * place:.5g}" for place in region.centroid),
            f"{quantities.in_unit(region.overpotential_mean, POTENTIAL):.4f}",
            f"{quantities.in_unit(region.overpotential_center, POTENTIAL):.4f}",
            "" if share is None else f"{100 * share:.3f}",
        )
    if result.regions > _SHOWN:
        table.add_row(f"and {result.regions - _SHOWN} more")
    return table


def map_regime(case: Case, result: Result) -> str:
    """Whether kinetics or the electrolyte's resistance shape the answer."""
    contact = case.cell.map
    width = 0.0 if contact is None else math.sqrt(contact.width * contact.depth)
    temperature = case.operation.temperature
    i0 = case.cell.kinetics.exchange_current_density_at(temperature)
    wagner = float(wagner_number(case.conductivity, i0, width, temperature=temperature))
    ratio = f"Wagner number kappa R T / (F i0 sqrt(area)) = {wagner:.3g}"
    if case.operation.current_density == 0:
        return f"regime: no applied current ({ratio})"
    low, high = result.local_current_density_min, result.local_current_density_max
    mean = abs(result.local_current_density_mean)
    spread = (high - low) / mean if mean > 0 else math.inf
    drop = result.overpotential_max - result.overpotential_min
    if result.exposed_drive_max is not None:
        drop = max(drop, result.exposed_drive_max - result.overpotential_min)
    drop = max(drop, abs((result.constriction_resistance or 0.0) * case.operation.current_density))
    scale = abs(result.overpotential_mean)
    worst = max(spread, drop / scale if scale > 0 else math.inf)
    if worst < _KINETIC_BELOW:
        kind = "kinetic: the electrolyte's resistance hardly matters"
    elif worst > _OHMIC_ABOVE:
        kind = "ohmic: the electrolyte's resistance shapes the current"
    else:
        kind = "mixed: kinetics and the electrolyte's resistance both matter"
    varies = f"the local current varies by {100 * spread:.2g} % of its mean over all lithium"
    return f"regime: {kind} ({ratio}; {varies}, the drive by {1e3 * drop:.3g} mV)"
