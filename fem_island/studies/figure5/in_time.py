"""R_tot over plating and stripping of copper, silver and gold, with spectra at three times.

While it is plated, lithium covers all of the bottom, and its thickness does not matter to a
spectrum: R_tot is that of an even interface. Stripping is that of Figure 1 c, with the paper's
share of inactive lithium.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fem_island.case.case import Case, Operation
from fem_island.case.cell import Cell
from fem_island.case.collector import Collector as Copper
from fem_island.case.double_layer import DoubleLayer
from fem_island.case.impedance import Impedance
from fem_island.case.island import Island
from fem_island.case.kinetics import ButlerVolmer
from fem_island.experiments.impedance.computing import impedance_of_case
from fem_island.experiments.impedance.in_time import SpectraInTime, impedance_in_time_of_case
from fem_island.experiments.impedance.spectrum import Spectrum
from fem_island.machine.arrays import Array
from fem_island.materials.constants import FARADAY_CONSTANT, GAS_CONSTANT, REFERENCE_TEMPERATURE
from fem_island.studies.figure1 import computing as figure1
from fem_island.studies.figure1 import paper as figure1_paper
from fem_island.studies.figure5 import paper

LEFT = np.array([1.0, 0.8, 0.6, 0.4, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01, 5e-3, 2e-3, 5e-4])
"""Shares of what can come back that are left where a spectrum is taken."""

MARKED = {"t4": 1.0, "t5": 0.1, "t6": 5e-4}
"""The paper's three times of stripping, by what is left then: beginning, near the end, end."""

Told = Callable[[str], None]
"""Called with a line about every cell that begins."""


@dataclass(frozen=True)
class Cycle:
    """Plating and stripping of a cell.

    Attributes:
        name: Of the collector.
        plated: The spectrum while it is plated.
        stripped: Those while it is stripped.
        duration: Of stripping [s].
    """

    name: str
    plated: Spectrum
    stripped: SpectraInTime
    duration: float

    @property
    def times(self) -> Array:
        """Of all resistances since plating began [s]."""
        start = figure1_paper.STRIPPING_STARTS
        return np.concatenate([[0.0, start], start + self.stripped.times])

    @property
    def resistances(self) -> Array:
        """R_tot then [Ohm m^2]."""
        plated = self.plated.total_resistance
        return np.concatenate([[plated, plated], self.stripped.total_resistance])

    def at(self, left: float) -> Spectrum:
        """The spectrum where this share of what can come back is left."""
        wanted = (1 - left) * self.duration
        return min(self.stripped.spectra, key=lambda one: abs((one.time or 0.0) - wanted))


def compute(told: Told) -> list[Cycle]:
    """Copper, silver and gold."""
    cycles = []
    for collector in figure1_paper.COLLECTORS:
        told(f"{collector.name}: spectra while it is stripped")
        found, whole = stripped(collector, LEFT)
        cycles.append(Cycle(collector.name, _plated(found.case), found, whole))
    return cycles


def stripped(collector: figure1_paper.Collector, left: Array) -> tuple[SpectraInTime, float]:
    """Spectra of one of the paper's cells while it is stripped.

    Args:
        collector: With or without a film.
        left: Shares of what can come back that are left at the spectra, falling.

    Returns:
        The spectra, and how long stripping lasts [s].
    """
    thermal = GAS_CONSTANT * REFERENCE_TEMPERATURE / FARADAY_CONSTANT
    density = thermal / paper.TRANSFER_RESISTANCE
    case = _with_double_layers(figure1.case_of(collector, density, efficiency=collector.efficiency))
    whole = collector.efficiency * figure1_paper.PLATED / figure1_paper.CURRENT_DENSITY
    times = tuple(((1 - left) * whole).tolist())
    asked = case.model_copy(update={"impedance": Impedance(times=times)})
    return impedance_in_time_of_case(asked), whole


def _with_double_layers(case: Case) -> Case:
    """The case with the double layers that are assumed: on lithium, film and copper alike."""
    layer = DoubleLayer(capacitance=paper.DOUBLE_LAYER)
    kinetics = case.cell.kinetics.model_copy(update={"double_layer": layer})
    changed = {"kinetics": kinetics, "collector": Copper(double_layer=layer)}
    film = case.cell.interlayer
    if film is not None:
        changed["interlayer"] = film.model_copy(update={"double_layer": layer})
    return case.model_copy(update={"cell": case.cell.model_copy(update=changed)})


def _plated(case: Case) -> Spectrum:
    """The spectrum of a bottom that lithium covers, at the current of plating."""
    electrolyte = case.cell.electrolyte
    kinetics = case.cell.kinetics
    if not isinstance(kinetics, ButlerVolmer):
        raise TypeError("the cell of Figure 1 c has Butler-Volmer kinetics")
    return impedance_of_case(
        Case(
            cell=Cell(
                electrolyte=electrolyte,
                kinetics=kinetics,
                islands=(Island(width=electrolyte.width),),
                series=case.cell.series,
            ),
            operation=Operation(current_density=-case.operation.current_density),
        )
    )
