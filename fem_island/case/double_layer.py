"""The double layer of a surface: a capacitor, or a constant phase element."""

from __future__ import annotations

from typing import Annotated

from fem_island.case.readers import QuantityReader
from fem_island.case.records import Record
from fem_island.quantities import AREAL_CAPACITANCE, PURE_NUMBER, WARBURG_COEFFICIENT

ArealCapacitance = Annotated[
    float, QuantityReader(dimension=AREAL_CAPACITANCE, at_least=0.0, at_most=1e9)
]
WarburgCoefficient = Annotated[
    float, QuantityReader(dimension=WARBURG_COEFFICIENT, at_least=0.0, at_most=1e9)
]
Exponent = Annotated[float, QuantityReader(dimension=PURE_NUMBER, above=0.0, at_most=1.0)]


class DoubleLayer(Record):
    """Double layer of a surface; its admittance is Q (j omega)^n.

    Example:
        >>> DoubleLayer(capacitance="10 uF/cm^2").capacitance
        0.1
    """

    capacitance: ArealCapacitance = 0.1
    """Q [F s^(n-1)/m^2]: for n = 1 the capacitance, else the number that has its unit at 1 rad/s;
    by default 10 uF/cm^2, an assumption."""
    exponent: Exponent = 1.0
    """Exponent n; 1 is a capacitor, less a constant phase element."""
