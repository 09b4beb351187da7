"""What the paper shows: its panels, the overpotentials that it quotes, and its films.

The paper is Sandoval et al., "Structural and electrochemical evolution of alloy interfacial layers
in anode-free solid-state batteries", Joule 2023. Panel c is a map of the overpotential over island
size and stripping current density, with the lines on which films start to give up lithium; panels
d and e show the potential above a 20 um and a 5 um island at 0.25 mA/cm^2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fem_island.case.case import Case
from fem_island.machine.arrays import Array
from fem_island.materials import library as materials
from fem_island.studies import onset


@dataclass(frozen=True)
class Panel:
    """A field of the figure.

    Attributes:
        letter: Of the panel.
        island_width: w [m].
        current_density: I [A/m^2].
        paper: Overpotential that the paper quotes for it [V].
    """

    letter: str
    island_width: float
    current_density: float
    paper: float


PANELS = (Panel("d", 20e-6, 2.5, 0.030), Panel("e", 5e-6, 2.5, 0.085))

CASE = Case()
"""The paper's cell, of which the study varies island width, current and kinetics."""

CURRENT_DENSITY = CASE.operation.current_density
"""0.25 mA/cm^2, of which the paper speaks [A/m^2]."""

IMPLIED_EXCHANGE_CURRENT_DENSITY = CASE.cell.kinetics.exchange_current_density
"""0.5 mA/cm^2: not stated in the paper, but both overpotentials that it quotes give it [A/m^2]."""

ISLAND_WIDTHS: Array = np.linspace(1e-6, 50e-6, 50)
"""Columns of the map [m]."""

CURRENT_DENSITIES: Array = np.geomspace(0.5, 50.0, 50)
"""Rows of the map: 0.05 to 5 mA/cm^2 [A/m^2]."""

ELECTROLYTE = "Li6PS5Cl"

FILMS = ("Ag", "Au")


def delithiation_potential(film: str) -> float:
    """U of a film [V]: 50 mV for Li-Ag, 70 mV for Li-Au."""
    return materials.films()[film].delithiation_potential.value


def interface_resistance() -> materials.Datum:
    """Of lithium and the paper's electrolyte [Ohm m^2]."""
    return materials.electrolytes()[ELECTROLYTE].interface_resistance


def exchange_current_density_of_impedance() -> float:
    """The i0 [A/m^2] that goes with the interface resistance of the paper's electrolyte."""
    resistance = interface_resistance().value
    return onset.exchange_current_density_of(resistance, CASE.cell.kinetics, CASE.operation)


def closed_form_widths(exchange_current_density: float) -> tuple[float, ...]:
    """Island size at onset [m] for each film, where the electrolyte's resistance does not matter.

    Args:
        exchange_current_density: i0 [A/m^2].
    """
    return tuple(
        onset.closed_form_width(CASE, delithiation_potential(film), exchange_current_density)
        for film in FILMS
    )
