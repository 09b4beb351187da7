"""Which regime a solution is in: whether kinetics or the electrolyte's resistance shape it."""

from __future__ import annotations

import math

from fem_island.case.case import Case
from fem_island.results.result import Result
from fem_island.surface.kinetics import Reaction, wagner_number

_KINETIC_BELOW, _OHMIC_ABOVE = 0.05, 0.5
"""Variation of the current, or of the drive over the overpotential, at which a regime ends."""


def regime(case: Case, result: Result) -> str:
    """Whether kinetics or the electrolyte's resistance shape the answer, anywhere in the cell.

    Judged by how much the local current varies along an island, and by the ohmic differences of the
    drive along the bottom, islands and what is beside them alike, over the overpotential.
    """
    temperature, kappa = case.operation.temperature, case.conductivity
    spreads = _spreads(case, result)
    spread = max(spreads)
    number = spreads.index(spread)
    exchange_currents = [
        case.cell.island_kinetics(island).exchange_current_density_at(temperature)
        for island in case.cell.islands
    ]
    i0, electrolyte = exchange_currents[number], case.cell.electrolyte
    wagner = float(wagner_number(kappa, i0, electrolyte.span, temperature=temperature))
    length = "W" if electrolyte.geometry == "planar" else electrolyte.naming.span
    ratio = f"Wagner number kappa R T / (F i0 {length}) = {wagner:.3g}"
    if len(set(exchange_currents)) > 1:
        ratio += f" with the i0 of island {number}"
    if case.operation.current_density == 0:
        return f"regime: no applied current ({ratio})"
    ohmic = _ohmic_difference(case, result)
    kind = _kind(spread, ohmic, result)
    where = "the island" if len(spreads) == 1 else f"island {number}"
    varies = f"the local current varies by {_share(spread)} along {where}"
    drive = f"the drive by {1e3 * ohmic:.3g} mV along the bottom"
    return f"regime: {kind} ({ratio}; {varies}, {drive})"


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
    kind = _kind(spread, drop, result)
    varies = f"the local current varies by {100 * spread:.2g} % of its mean over all lithium"
    return f"regime: {kind} ({ratio}; {varies}, the drive by {1e3 * drop:.3g} mV)"


def _kind(spread: float, drop: float, result: Result) -> str:
    """The regime in words.

    Args:
        spread: Variation of the local current over its mean.
        drop: Ohmic differences of the drive along the bottom [V].
        result: The solution, whose overpotential they are compared with.
    """
    scale = abs(result.overpotential_mean)
    worst = max(spread, drop / scale if scale > 0 else math.inf)
    if worst < _KINETIC_BELOW:
        return "kinetic: the electrolyte's resistance hardly matters"
    if worst > _OHMIC_ABOVE:
        return "ohmic: the electrolyte's resistance shapes the current"
    return "mixed: kinetics and the electrolyte's resistance both matter"


def _ohmic_difference(case: Case, result: Result) -> float:
    """Largest known difference of the drive between two places of the bottom [V]."""
    drives = [
        place
        for island in result.islands
        for place in (
            island.overpotential_mean,
            island.overpotential_center,
            island.overpotential_left,
            island.overpotential_right,
        )
    ]
    drives += [] if result.exposed_drive_max is None else [result.exposed_drive_max]
    # When the cell plates, the drive beside the islands is larger in size than its largest value.
    constriction = (result.constriction_resistance or 0.0) * case.operation.current_density
    return max(max(drives) - min(drives), abs(constriction))


def _share(share: float) -> str:
    if share > 10:
        return f"a factor of {share:.3g}"
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.2g} %"


def _spreads(case: Case, result: Result) -> list[float]:
    """Variation of the local current density along every island over its mean."""
    spreads = []
    for island, values in zip(case.cell.islands, result.islands, strict=True):
        law = Reaction.of(case.cell.island_kinetics(island), case.operation)
        places = (
            values.overpotential_left,
            values.overpotential_center,
            values.overpotential_right,
        )
        currents = [float(law.current_density(overpotential)) for overpotential in places]
        mean = abs(float(law.current_density(values.overpotential_mean)))
        spreads.append((max(currents) - min(currents)) / mean if mean else 0.0)
    return spreads
