"""What is asked of a spectrum."""

from __future__ import annotations

from typing import Annotated, Self

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from fem_island.case.geometry import Geometry
from fem_island.case.readers import QuantityReader
from fem_island.case.records import Record, refuse
from fem_island.case.shorter_forms import SPACED_KEYS, SpacedReader, as_sequence
from fem_island.case.value_types import CurrentDensity
from fem_island.errors import Fault
from fem_island.machine.arrays import Array
from fem_island.quantities import FREQUENCY, RELATIVE_ERROR, TIME

_FREQUENCY = QuantityReader(dimension=FREQUENCY, at_least=1e-9, at_most=1e15)
_SPACED = SpacedReader(_FREQUENCY)

Frequency = Annotated[float, _FREQUENCY]
Frequencies = Annotated[
    tuple[Frequency, ...],
    Field(min_length=1, max_length=10_000),
    _SPACED,
]
Time = Annotated[float, QuantityReader(dimension=TIME, at_least=0.0)]
RelativeTolerance = Annotated[
    float, QuantityReader(dimension=RELATIVE_ERROR, at_least=1e-9, at_most=0.1)
]


_TOLERANCE, _TOLERANCE_OF_MAPS = 1e-6, 1e-4
"""Relative: what is aimed at by default, and of contact maps, what then counts as reached."""


def paper_frequencies() -> Array:
    """Those of the paper's spectra (Sandoval et al., Joule 2023) [Hz], from high to low.

    Example:
        >>> len(paper_frequencies())
        61
    """
    return np.array(_SPACED.read(dict(zip(SPACED_KEYS, (2e6, 2.0, 10.0), strict=True))))


class Impedance(Record):
    """What is asked of a spectrum."""

    frequencies: Frequencies | None = None
    """At which the impedance is reported [Hz]; by default 2 MHz to 2 Hz, 10 a decade, as in the
    paper."""
    current_density: CurrentDensity | None = None
    """Current density I of the operating point [A/m^2]; by default that of the operation."""
    times: Annotated[tuple[Time, ...], BeforeValidator(as_sequence), Field(min_length=1)] | None = (
        None
    )
    """Of a stripping run at which a spectrum is taken [s]."""
    tolerance: RelativeTolerance | None = None
    """Wanted error of the impedance, relative; by default 1e-6, and of contact maps what their
    smallest pixels reach, 1e-4 or better."""

    @property
    def chosen_frequencies(self) -> Array:
        """The frequencies [Hz], shape (f,)."""
        return paper_frequencies() if self.frequencies is None else np.array(self.frequencies)

    @property
    def chosen_tolerance(self) -> float:
        """Wanted error of the impedance, relative."""
        return _TOLERANCE if self.tolerance is None else self.tolerance

    def accepted(self, geometry: Geometry) -> float:
        """Error up to which a spectrum of a geometry is what was asked for, relative."""
        asked_for_less = self.tolerance is None and geometry == "map"
        return _TOLERANCE_OF_MAPS if asked_for_less else self.chosen_tolerance

    @model_validator(mode="after")
    def _different(self) -> Self:
        if self.frequencies is not None and len(set(self.frequencies)) < len(self.frequencies):
            refuse([Fault("frequencies", None, "must each be given once")])
        return self
