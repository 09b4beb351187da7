"""The tails of the paper's Figure 1 c: cells with a layer of lithium, stripped to their end.

The layer is as thick as the plated charge less what the film holds. Half a period of its thickness
lies between mirror planes, under all of the pellet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fem_island.case.case import Case, Operation
from fem_island.case.cell import Cell
from fem_island.case.electrolyte import Electrolyte
from fem_island.case.film import Interlayer
from fem_island.case.kinetics import ButlerVolmer
from fem_island.case.layer import Layer
from fem_island.case.stripping import Stripping
from fem_island.experiments.stripping.record import StrippingRun
from fem_island.experiments.stripping.run import strip_case
from fem_island.machine.arrays import Array
from fem_island.materials.constants import FARADAY_CONSTANT
from fem_island.studies.figure1 import paper
from fem_island.studies.figure1.paper import Collector

_TOLERANCE = 100e-6
"""Of the voltage [V]: a tenth of what can be read off the figure."""

_RISE = 5e-3
"""By which the voltage is above its flat part where it has begun to rise [V]."""

_PERIODS_OF_HEIGHT = 1.5
"""Height of the domain over its width: above that currents are uniform to 1e-4 of what is there."""

Told = Callable[[str], None]
"""Called with a line about every run that begins."""


@dataclass(frozen=True)
class Tail:
    """A computed tail.

    Attributes:
        collector: What the paper says of it.
        exchange_current_density: i0 of lithium and film [A/m^2].
        efficiency: Share of the plated charge that was asked to come back; the rest has no contact.
        run: The run.
    """

    collector: Collector
    exchange_current_density: float
    efficiency: float
    run: StrippingRun

    @property
    def voltage(self) -> Array:
        """Of the cell against lithium [V], with the drop across all of the pellet."""
        run = self.run
        return run.voltage if run.cell_voltage is None else run.cell_voltage

    @property
    def flat(self) -> float:
        """Voltage at the start of stripping [V]."""
        return float(self.voltage[0])

    @property
    def rises_at(self) -> float:
        """When the voltage is 5 mV above that [s since the beginning of plating]."""
        place = int(np.argmax(self.voltage >= self.flat + _RISE))
        near = slice(place - 1, place + 1)
        at = float(np.interp(self.flat + _RISE, self.voltage[near], self.run.times[near]))
        return paper.STRIPPING_STARTS + at

    @property
    def ends_at(self) -> float:
        """When the cell is empty [s since the beginning of plating]."""
        return paper.STRIPPING_STARTS + float(self.run.times[-1])

    @property
    def coulombic_efficiency(self) -> float:
        """Stripped over plated charge."""
        return float(self.run.capacity[-1]) / paper.PLATED

    @property
    def plateaus(self) -> tuple[float, ...]:
        """Voltages in the middle of what every step of the film gives [V]."""
        times = {event.event: event.time for event in self.run.events}
        ends = [times["lithium_gone"]] if "lithium_gone" in times else []
        number = 1
        while f"film_step_{number}_starts" in times and ends:
            last = float(self.run.times[-1])
            ends.append(times.get(f"film_step_{number}_empty_somewhere", last))
            number += 1
        return tuple(
            float(np.interp(0.5 * (start + end), self.run.times, self.voltage))
            for start, end in pairwise(ends)
        )


def case_of(
    collector: Collector, exchange_current_density: float, *, efficiency: float = 1.0
) -> Case:
    """A cell of the paper after plating.

    Args:
        collector: With or without a film.
        exchange_current_density: i0 [A/m^2].
        efficiency: Share of the plated charge that can come back.
    """
    film = None
    held = 0.0
    if collector.film is not None:
        film = Interlayer(material=collector.film, reaction="release")
        held = sum(step.capacity for step in film.steps)
    volume = Stripping().lithium_molar_volume
    mean = (paper.PLATED - held) * volume / FARADAY_CONSTANT
    inactive = (1 - efficiency) * paper.PLATED / (paper.PLATED - held)
    width = paper.WIDTH
    profile = tuple((place * width, share * mean) for place, share in collector.profile)
    return Case(
        cell=Cell(
            electrolyte=Electrolyte(
                width=width, height=min(paper.PELLET, _PERIODS_OF_HEIGHT * width)
            ),
            kinetics=ButlerVolmer(exchange_current_density=exchange_current_density),
            lithium=Layer(profile=profile, inactive_fraction=inactive),
            interlayer=film,
            series={"pellet": paper.PELLET},
        ),
        operation=Operation(current_density=paper.CURRENT_DENSITY),
        stripping=Stripping(tolerance=_TOLERANCE),
    )


def compute(told: Told) -> Iterator[Tail]:
    """All tails: every collector at every i0, and with the paper's inactive lithium at one.

    Args:
        told: Called with a line about every run that begins.

    Yields:
        Every tail when its run is done.
    """
    asked = [
        (collector, density, 1.0)
        for density in paper.EXCHANGE_CURRENT_DENSITIES
        for collector in paper.COLLECTORS
    ]
    middle = paper.EXCHANGE_CURRENT_DENSITIES[1]
    asked += [(collector, middle, collector.efficiency) for collector in paper.COLLECTORS]
    for number, (collector, density, efficiency) in enumerate(asked, start=1):
        told(f"run {number} of {len(asked)}: {collector.name}, i0 = {0.1 * density:g} mA/cm^2")
        run = strip_case(case_of(collector, density, efficiency=efficiency))
        yield Tail(collector, density, efficiency, run)
