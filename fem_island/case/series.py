"""What is in series with the modelled part of a cell: pellet, leads, counter electrode."""

from __future__ import annotations

from typing import Annotated

from fem_island.case.double_layer import DoubleLayer
from fem_island.case.paper import PAPER_EXCHANGE_CURRENT_DENSITY
from fem_island.case.readers import QuantityReader
from fem_island.case.records import Record
from fem_island.case.value_types import ExchangeCurrentDensity, TransferCoefficient
from fem_island.quantities import AREA_RESISTANCE, THICKNESS

Thickness = Annotated[float, QuantityReader(dimension=THICKNESS, at_least=1e-9, at_most=1.0)]
Resistance = Annotated[float, QuantityReader(dimension=AREA_RESISTANCE, at_least=0.0, at_most=1e9)]


class CounterElectrode(Record):
    """The lithium electrode at the other end of the cell."""

    exchange_current_density: ExchangeCurrentDensity = PAPER_EXCHANGE_CURRENT_DENSITY
    """Exchange current density i0 [A/m^2]; by default the one that the paper's results imply for
    the other electrode."""
    anodic_transfer_coefficient: TransferCoefficient = 0.5
    """Anodic transfer coefficient aa."""
    cathodic_transfer_coefficient: TransferCoefficient = 0.5
    """Cathodic transfer coefficient ac."""
    double_layer: DoubleLayer | None = None
    """Of its whole area; by default none."""


class Series(Record):
    """What is in series with the modelled part, to make it a whole cell."""

    pellet: Thickness | None = None
    """Whole thickness of the electrolyte [m], of which the modelled height is the lowest part; by
    default that height alone."""
    resistance: Resistance = 0.0
    """Of leads and contacts [Ohm m^2]."""
    counter: CounterElectrode | None = None
    """The counter electrode; by default one without resistance."""
