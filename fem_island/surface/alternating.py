"""The bottom of a cell as alternating current sees it: its stretches with their admittances."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from fem_island.case.case import Case
from fem_island.case.collector import Collector
from fem_island.case.double_layer import DoubleLayer
from fem_island.case.placement import cuts
from fem_island.surface.admittance import (
    Admittance,
    ChemicalCapacitance,
    ConstantPhase,
    Gap,
    NoReaction,
    ReactingSurface,
    Warburg,
)
from fem_island.surface.bottom import Bottom, Stretch, Tag, stretches
from fem_island.surface.contact import BARE, FILM, LITHIUM, Contact


def alternating_bottom(case: Case) -> Bottom:
    """The bottom from left to right, every stretch with its admittance.

    What has an admittance and no reaction gets the law ``NoReaction``, so that solvers keep its
    potential among the unknowns. Where copper is behind a gap in part, it is cut there.

    Example:
        >>> [stretch.admittance for stretch in alternating_bottom(Case())]
        [None, ReactingSurface(behind=None, double_layer=None), None]
    """
    return with_admittances(case, stretches(case))


def with_admittances(case: Case, bottom: Bottom) -> Bottom:
    """Any bottom of a case, every stretch with its admittance; see ``alternating_bottom``."""
    found = []
    for stretch in bottom:
        for part in _cut(stretch, case.cell.collector, case.cell.electrolyte.span):
            admittance = _admittance(case, part)
            law = part.law
            if law is None and admittance is not None:
                law = NoReaction()
            found.append(replace(part, law=law, admittance=admittance))
    return bottom.with_parts(found)


def contact_admittances(case: Case, contact: Contact) -> dict[int, Admittance]:
    """What the pixels of a contact map carry of alternating current, by what they are.

    Args:
        case: What is computed.
        contact: What touches the electrolyte.

    Returns:
        By ``LITHIUM``, ``FILM`` and ``BARE``; without what carries none at any frequency.

    Example:
        >>> from fem_island.case.cell import Cell
        >>> from fem_island.case.contact_map import ContactMap
        >>> case = Case(cell=Cell(map=ContactMap(image=[[1, 0], [0, 0]], pixel="10 um")))
        >>> contact_admittances(case, Contact.of(case))
        {1: ReactingSurface(behind=None, double_layer=None)}
    """
    film = Tag.FILM if contact.has_film else Tag.EXPOSED
    kinds = {
        LITHIUM: Stretch(0.0, 1.0, Tag.ISLAND, law=contact.lithium),
        FILM: Stretch(0.0, 1.0, film, law=contact.film),
        BARE: Stretch(0.0, 1.0, Tag.EXPOSED),
    }
    found = {kind: _admittance(case, stretch) for kind, stretch in kinds.items()}
    return {kind: admittance for kind, admittance in found.items() if admittance is not None}


def carries_current(case: Case) -> bool:
    """Whether anything at the bottom carries current at any frequency."""
    if case.cell.map is not None:
        return bool(contact_admittances(case, Contact.of(case)))
    return any(stretch.admittance for stretch in alternating_bottom(case))


def _cut(stretch: Stretch, collector: Collector | None, width: float) -> list[Stretch]:
    """Exposed copper, cut where gaps begin and end."""
    extent = None if collector is None else collector.gap_extent
    if stretch.tag is not Tag.EXPOSED or extent is None:
        return [stretch]
    ends = cuts(stretch.start, stretch.end, (x for ends in extent for x in ends), width=width)
    return [replace(stretch, start=left, end=right) for left, right in pairwise(ends)]


def _admittance(case: Case, stretch: Stretch) -> Admittance | None:
    """The admittance of a stretch; None where no current passes at any frequency."""
    cell = case.cell
    if stretch.tag is Tag.ISLAND:
        number = stretch.island
        # Metal that was plated belongs to no island of the case.
        kinetics = cell.kinetics if number is None else cell.island_kinetics(cell.islands[number])
        sigma = kinetics.warburg_coefficient
        return ReactingSurface(
            behind=Warburg(coefficient=sigma) if sigma > 0 else None,
            double_layer=_double_layer(kinetics.double_layer),
        )
    if stretch.tag is Tag.FILM and cell.interlayer is not None:
        film = cell.interlayer
        own = None if film.kinetics is None else film.kinetics.double_layer
        layer = _double_layer(film.double_layer or own)
        if stretch.law is None:
            return layer
        behind = film.chemical_capacitance
        return ReactingSurface(
            behind=None if behind is None else ChemicalCapacitance(capacitance=behind),
            double_layer=layer,
        )
    collector = cell.collector
    if collector is None:
        return None
    if collector.gap is not None and _inside((stretch.start + stretch.end) / 2, collector):
        return Gap(thickness=collector.gap, permittivity=collector.gap_permittivity)
    return _double_layer(collector.double_layer)


def _inside(position: float, collector: Collector) -> bool:
    """Is there a gap at a position [m]?"""
    extent = collector.gap_extent
    return extent is None or any(left < position < right for left, right in extent)


def _double_layer(layer: DoubleLayer | None) -> ConstantPhase | None:
    if layer is None or layer.capacitance == 0:
        return None
    return ConstantPhase(capacitance=layer.capacitance, exponent=layer.exponent)
