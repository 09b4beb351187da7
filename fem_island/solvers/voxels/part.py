"""The error of an electrolyte of voxels, from a part of it at half the size of voxels."""

from __future__ import annotations

import logging

from fem_island.case.case import Case
from fem_island.case.contact_map import FILM, LITHIUM, ContactMap
from fem_island.case.electrolyte import Electrolyte
from fem_island.errors import FemIslandError
from fem_island.solvers.voxels.connected import Connected
from fem_island.solvers.voxels.voxel_level import VoxelLevel, solve_voxels

logger = logging.getLogger(__name__)

_PARTS = 4
"""Along each side, of which one is taken."""

_SAFETY = 2.0
"""One part need not be like the others."""

_REST = 0.65 / (1 - 0.65)
"""What is left at half the size, at most, per what it changed, and as much again."""


def errors_of_part(
    case: Case, connected: Connected, level: VoxelLevel, *, tolerance: float
) -> dict[str, float] | None:
    """Errors of the means of a solution at the image's voxels, from two solutions of a part.

    Args:
        case: What was computed.
        connected: What counts of the electrolyte.
        level: The solution.
        tolerance: Error of the discrete equations [V].

    Returns:
        By names of numbers; None where no current passes the part, or it has no solution.
    """
    part = _part(case, connected)
    try:
        own = Connected.of(part)
        coarse = solve_voxels(part, own, tolerance=tolerance)
        fine = solve_voxels(part, own, tolerance=tolerance, coarser=coarse)
    except FemIslandError as error:
        logger.info("no error estimate from a part: %s", error)
        return None
    before, after, whole = (each.columns.numbers for each in (coarse, fine, level))
    top, mean = "potential_top_mean", "overpotential_mean"
    ohmic = abs(float(after[top][0] + after[mean][0]))
    if not ohmic > 0:
        return None
    scale = abs(float(whole[top][0] + whole[mean][0])) / ohmic
    errors = {
        name: _SAFETY * (1 + _REST) * scale * abs(float(after[name][0] - before[name][0]))
        for name in (top, mean)
    }
    share = "interlayer_current_fraction"
    changed = abs(float(after[share][0] - before[share][0]))
    errors[share] = _SAFETY * (1 + _REST) * changed
    return errors


def _part(case: Case, connected: Connected) -> Case:
    """The case of the part with most of the lithium that the electrolyte touches."""
    lithium = connected.contact.covers(LITHIUM, 1)
    lengths = [max(2, length // _PARTS) for length in lithium.shape]
    starts = [
        range(0, n - length + 1, length) for n, length in zip(lithium.shape, lengths, strict=True)
    ]
    best: tuple[slice, slice] = (slice(0), slice(0))
    most = -1
    for row in starts[0]:
        for column in starts[1]:
            window = slice(row, row + lengths[0]), slice(column, column + lengths[1])
            if (found := int(lithium[window].sum())) > most:
                best, most = window, found
    image = connected.contact.image
    contact = ContactMap(
        image=image.classes[best], pixel=image.pixel, lithium=(LITHIUM,), film=(FILM,)
    )
    electrolyte = Electrolyte(
        geometry="map",
        height=case.cell.electrolyte.height,
        conductivity_image=connected.conductivity[:, best[0], best[1]],
    )
    cell = case.cell.with_(map=contact, electrolyte=electrolyte)
    return case.with_(cell=cell, output={"probes": ()})
