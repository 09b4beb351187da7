"""What is in series with the modelled part of a cell: rest of the pellet, counter electrode, leads.

Currents are uniform there, so that all of it is exact:

    Z = (L - H) / sigma + R + 1 / (s + Q (j omega)^n) ,   sigma = kappa + j omega eps0 eps

    L, H   thickness of the pellet and height of the domain [m]    R  leads [Ohm m^2]
    s      slope of the counter electrode's law [S/m^2]            Q, n  its double layer
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fem_island.case.case import Case
from fem_island.case.series import CounterElectrode
from fem_island.machine.arrays import Array
from fem_island.surface.admittance import ComplexArray, ConstantPhase, ReactingSurface
from fem_island.surface.bottom import Bottom, Stretch, Tag
from fem_island.surface.kinetics import ButlerVolmer, Reaction
from fem_island.surface.uniform_state import uniform_state


@dataclass(frozen=True)
class InSeries:
    """What is in series with the modelled part, at one operating point.

    Attributes:
        length: L - H [m].
        resistance: R [Ohm m^2].
        counter: The counter electrode, or None.
        slope: s of its law at the operating point [S/m^2].
    """

    length: float = 0.0
    resistance: float = 0.0
    counter: ReactingSurface | None = None
    slope: float = 0.0

    def impedance(self, angular_frequency: Array, bulk: ComplexArray) -> ComplexArray:
        """Impedance of an area [Ohm m^2].

        Args:
            angular_frequency: omega [rad/s], shape (f,).
            bulk: sigma of the electrolyte there [S/m], shape (f,).
        """
        found = self.resistance + self.length / bulk
        if self.counter is not None:
            found = found + 1 / self.counter.admittance(np.array(self.slope), angular_frequency)
        return np.asarray(found)


def in_series(case: Case) -> InSeries:
    """What is in series at the case's current.

    Example:
        >>> from fem_island.case.cell import Cell
        >>> cell = Cell(series={"pellet": "0.75 mm", "resistance": "0.1 ohm cm^2"})
        >>> in_series(Case(cell=cell)).length
        0.000735
    """
    series = case.cell.series
    if series is None:
        return InSeries()
    height = case.cell.electrolyte.height
    length = 0.0 if series.pellet is None else max(0.0, series.pellet - height)
    if series.counter is None:
        return InSeries(length, series.resistance)
    law = counter_law(series.counter, case.operation.temperature)
    layer = series.counter.double_layer
    surface = ReactingSurface(
        double_layer=None
        if layer is None
        else ConstantPhase(capacitance=layer.capacitance, exponent=layer.exponent)
    )
    overpotential = counter_overpotential(law, case.operation.current_density)
    return InSeries(length, series.resistance, surface, float(law.slope(overpotential)))


def in_series_voltage(case: Case) -> float:
    """What a whole cell's voltage has beside that of the modelled part [V], at the case's current.

    Example:
        >>> from fem_island.case.cell import Cell
        >>> cell = Cell(series={"pellet": "0.75 mm", "resistance": "0.1 ohm cm^2"})
        >>> round(in_series_voltage(Case(cell=cell)), 9)
        0.010233333
    """
    series, current = case.cell.series, case.operation.current_density
    if series is None:
        return 0.0
    found = in_series(case)
    voltage = current * (found.length / case.conductivity + found.resistance)
    if series.counter is None:
        return voltage
    law = counter_law(series.counter, case.operation.temperature)
    return voltage - counter_overpotential(law, current)


def counter_law(counter: CounterElectrode, temperature: float) -> Reaction:
    """The reaction of the counter electrode at a temperature [K]."""
    law = ButlerVolmer(
        exchange_current_density=counter.exchange_current_density,
        anodic_transfer_coefficient=counter.anodic_transfer_coefficient,
        cathodic_transfer_coefficient=counter.cathodic_transfer_coefficient,
    )
    return Reaction(law, temperature)


def counter_overpotential(law: Reaction, current_density: float) -> float:
    """Overpotential [V] of the counter electrode: where the bottom is stripped, it is plated.

    Args:
        law: Its reaction.
        current_density: I of the cell [A/m^2]; that of the electrode is -I.

    Example:
        >>> law = Reaction(ButlerVolmer(exchange_current_density=5.0))
        >>> round(counter_overpotential(law, 2.5), 6)
        -0.012716
    """
    whole = Bottom((Stretch(0.0, 1.0, Tag.ISLAND, law=law),))
    return uniform_state(whole, -current_density).overpotentials[0]
