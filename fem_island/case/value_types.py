"""The types of what keys hold: each a dimension with the bounds that make sense for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from fem_island.case.readers import QuantityReader, WholeNumberReader
from fem_island.case.shorter_forms import as_pair, as_place
from fem_island.quantities import (
    AREAL_CAPACITY,
    CONDUCTIVITY,
    CURRENT_DENSITY,
    LENGTH,
    MOLAR_ENERGY,
    POTENTIAL,
    PURE_NUMBER,
    TEMPERATURE,
    TEMPERATURE_COEFFICIENT,
)

Length = Annotated[float, QuantityReader(dimension=LENGTH, at_least=1e-9, at_most=1.0)]
Position = Annotated[float, QuantityReader(dimension=LENGTH, at_least=0.0, at_most=1.0)]
Pair = Annotated[tuple[Position, Position], BeforeValidator(as_pair)]
Place = Annotated[
    tuple[Position, ...], BeforeValidator(as_place), Field(min_length=2, max_length=3)
]
Conductivity = Annotated[float, QuantityReader(dimension=CONDUCTIVITY, at_least=1e-9, at_most=1e9)]
CurrentDensity = Annotated[
    float, QuantityReader(dimension=CURRENT_DENSITY, at_least=-1e9, at_most=1e9)
]
ExchangeCurrentDensity = Annotated[
    float, QuantityReader(dimension=CURRENT_DENSITY, at_least=1e-12, at_most=1e12)
]
TransferCoefficient = Annotated[
    float, QuantityReader(dimension=PURE_NUMBER, above=0.0, at_most=2.0)
]
Temperature = Annotated[
    float, QuantityReader(dimension=TEMPERATURE, at_least=100.0, at_most=2000.0)
]
EquilibriumPotential = Annotated[
    float, QuantityReader(dimension=POTENTIAL, at_least=-10.0, at_most=10.0)
]
ArealCapacity = Annotated[float, QuantityReader(dimension=AREAL_CAPACITY, above=0.0, at_most=3.6e7)]
ActivationEnergy = Annotated[
    float, QuantityReader(dimension=MOLAR_ENERGY, at_least=0.0, at_most=1e6)
]
PotentialCoefficient = Annotated[
    float, QuantityReader(dimension=TEMPERATURE_COEFFICIENT, at_least=-0.1, at_most=0.1)
]
PositiveNumber = Annotated[float, QuantityReader(dimension=PURE_NUMBER, above=0.0)]
Share = Annotated[float, QuantityReader(dimension=PURE_NUMBER, at_least=0.0, at_most=1.0)]
Degree = Annotated[int, WholeNumberReader(at_least=1, at_most=6)]
Tolerance = Annotated[float, QuantityReader(dimension=POTENTIAL, at_least=1e-10, at_most=0.1)]
