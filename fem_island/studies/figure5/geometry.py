"""Total resistance and apex over the spacing of contacts and their share of the copper."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fem_island.case.case import Case, Operation
from fem_island.case.cell import Cell
from fem_island.case.collector import Collector
from fem_island.case.double_layer import DoubleLayer
from fem_island.case.electrolyte import Electrolyte
from fem_island.case.island import Island
from fem_island.case.kinetics import ButlerVolmer
from fem_island.case.series import Series
from fem_island.experiments.impedance.computing import impedance_of_case
from fem_island.machine.arrays import Array
from fem_island.materials.constants import FARADAY_CONSTANT, GAS_CONSTANT, REFERENCE_TEMPERATURE
from fem_island.solvers.condensed.spectra import ImpedanceSolver
from fem_island.studies.figure1.paper import PELLET
from fem_island.studies.figure5 import paper

PERIODS = np.geomspace(20e-6, 2e-3, 9)
"""Distances from contact to contact [m]."""

SHARES = np.geomspace(0.02, 0.8, 11)
"""Of the copper that lithium covers."""

_LAYER = DoubleLayer(capacitance=paper.DOUBLE_LAYER)
COLLECTORS = {
    "copper touches": Collector(double_layer=_LAYER),
    "copper behind a gap": Collector(gap=paper.GAP),
}
"""The copper beside the contacts."""

_FLAT = 1.5
"""Height of the domain over its width: above that currents are uniform to 1e-4 of what is there."""


@dataclass(frozen=True)
class Map:
    """Spectra at rest over the spacing and the share of contacts.

    Attributes:
        name: What the copper beside them does.
        resistance: R_tot [Ohm m^2], shape (periods, shares).
        apex: Frequency of the apex at the lowest frequency [Hz]; NaN where there is none.
        error: Largest error estimate, relative.
    """

    name: str
    resistance: Array
    apex: Array
    error: float

    def needed(self, resistance: float) -> tuple[Array, Array]:
        """Share of contacts at which a period has a total resistance, and the apex there.

        Args:
            resistance: R_tot [Ohm m^2].

        Returns:
            Shares and frequencies [Hz], shape (periods,); NaN where no share of the map has it.
        """
        shares, apexes = np.full(len(PERIODS), np.nan), np.full(len(PERIODS), np.nan)
        for place, row in enumerate(self.resistance):
            if row.min() <= resistance <= row.max():
                falling = np.log(row[::-1])
                at = float(np.interp(np.log(resistance), falling, np.log(SHARES)[::-1]))
                shares[place] = np.exp(at)
                apexes[place] = np.exp(np.interp(at, np.log(SHARES), np.log(self.apex[place])))
        return shares, apexes


def case_of(period: float, share: float, collector: Collector) -> Case:
    """Half a period of contacts in the middle of copper, at rest.

    Args:
        period: Distance from contact to contact [m].
        share: Of the copper that they cover.
        collector: The rest of it.
    """
    half = period / 2
    thermal = GAS_CONSTANT * REFERENCE_TEMPERATURE / FARADAY_CONSTANT
    return Case(
        cell=Cell(
            electrolyte=Electrolyte(width=half, height=min(PELLET, _FLAT * half)),
            kinetics=ButlerVolmer(
                exchange_current_density=thermal / paper.TRANSFER_RESISTANCE,
                double_layer=_LAYER,
            ),
            islands=(Island(width=2 * share * half, center=0.0),),
            collector=collector,
            series=Series(pellet=PELLET),
        ),
        operation=Operation(current_density=0.0),
    )


def compute(name: str, collector: Collector) -> Map:
    """All spectra of a map."""
    solver = ImpedanceSolver()
    resistance, apex = np.zeros((2, len(PERIODS), len(SHARES)))
    worst = 0.0
    for row, period in enumerate(PERIODS.tolist()):
        for column, share in enumerate(SHARES.tolist()):
            found = impedance_of_case(case_of(period, share, collector), solver)
            resistance[row, column] = found.total_resistance
            apexes = found.features.apexes
            apex[row, column] = apexes[-1].frequency if apexes else np.nan
            worst = max(worst, found.error_estimate)
    return Map(name, resistance, apex, worst)
