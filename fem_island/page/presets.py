"""States of the page that can be gone back to."""

from __future__ import annotations

from typing import Any

from fem_island.page.bases import FILM, GIVEN, PAPER
from fem_island.quantities import CURRENT_DENSITY, in_unit
from fem_island.studies.figure6.paper import exchange_current_density_of_impedance


def presets(*, given: str | None) -> list[dict[str, Any]]:
    """What can be gone back to: names, bases and changes.

    Args:
        given: Title of the case that the page was opened with, or None.
    """
    i0 = in_unit(exchange_current_density_of_impedance(), CURRENT_DENSITY, "mA/cm^2")
    film = {FILM: "Ag", "interlayer.reaction": "release"}
    found = [] if given is None else [{"name": given, "base": GIVEN, "changes": {}}]
    return [
        *found,
        {"name": "paper, 5 um", "base": PAPER, "changes": {}},
        {"name": "paper, 20 um", "base": PAPER, "changes": {"islands.width": "20 um"}},
        {"name": "paper, silver acts", "base": PAPER, "changes": film},
        {
            "name": "1 Ohm cm^2",
            "base": PAPER,
            "changes": {"kinetics.exchange_current_density": f"{i0:.6g} mA/cm^2"},
        },
    ]
