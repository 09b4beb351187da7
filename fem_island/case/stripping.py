"""How a cell is stripped and plated in time: keys of ``[stripping]`` and ``[[protocol]]``."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from fem_island.case.readers import QuantityReader
from fem_island.case.records import Record, refuse
from fem_island.case.shorter_forms import as_sequence
from fem_island.case.value_types import CurrentDensity, Tolerance
from fem_island.errors import Fault
from fem_island.quantities import CURRENT_DENSITY, MOLAR_VOLUME, POTENTIAL, TIME

Duration = Annotated[float, QuantityReader(dimension=TIME, above=0.0, at_most=1e12)]
CutoffVoltage = Annotated[float, QuantityReader(dimension=POTENTIAL, at_least=-10.0, at_most=10.0)]
CriticalCurrentDensity = Annotated[
    float, QuantityReader(dimension=CURRENT_DENSITY, above=0.0, at_most=1e12)
]
NucleationOverpotential = Annotated[
    float, QuantityReader(dimension=POTENTIAL, above=0.0, at_most=10.0)
]
MolarVolume = Annotated[float, QuantityReader(dimension=MOLAR_VOLUME, at_least=1e-7, at_most=1e-3)]

SAID_BY_STEPS = ("operation.current_density", "stripping.cutoff_voltage", "stripping.duration")
"""Keys that do not count where there is a protocol: each of its steps has its own."""

_MOST_TIMES = 10_000


class Stripping(Record):
    """How lithium is stripped in time."""

    cutoff_voltage: CutoffVoltage | None = None
    """Voltage at which it ends [V]; by default 0.5 V when stripping, and none when plating."""
    duration: Duration | None = None
    """Longest time [s]; by default until the cut-off, or until nothing is left."""
    tolerance: Tolerance = 10e-6
    """Wanted error of the voltage curve [V]."""
    times: Annotated[
        tuple[Annotated[float, QuantityReader(dimension=TIME, at_least=0.0, at_most=1e12)], ...],
        BeforeValidator(as_sequence),
        Field(max_length=_MOST_TIMES),
    ] = ()
    """Instants at which everything is reported as well [s]."""
    critical_current_density: CriticalCurrentDensity | None = None
    """Lithium under a higher local current density loses contact and stays [A/m^2]; by default it
    carries any."""
    nucleation_overpotential: NucleationOverpotential | None = None
    """Overpotential needed to plate on bare copper [V]; by default that is refused."""
    lithium_molar_volume: MolarVolume = 13.0e-6
    """Molar volume of lithium [m^3/mol]."""

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if any(after <= before for before, after in pairwise(self.times)):
            refuse([Fault("times", None, "must rise, each time once")])
        return self


class ProtocolStep(Record):
    """A step of a protocol: plating, rest or stripping."""

    current_density: CurrentDensity
    """Current density I [A/m^2]; above 0 strips, below 0 plates, 0 is rest."""
    duration: Duration | None = None
    """Longest time [s]; by default until the cut-off, or until nothing is left."""
    cutoff_voltage: CutoffVoltage | None = None
    """Voltage at which the step ends [V]; by default none."""

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.duration is None and self.current_density == 0:
            refuse([Fault("duration", None, "is missing; a rest has no other end")])
        if self.duration is None and self.cutoff_voltage is None and self.current_density < 0:
            refuse([Fault("duration", None, "is missing; plating needs it or a cutoff_voltage")])
        return self
