"""The current collector where nothing covers it, as alternating current sees it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from fem_island.case.double_layer import DoubleLayer
from fem_island.case.readers import DecidesGrid, QuantityReader
from fem_island.case.records import Record, refuse
from fem_island.case.shorter_forms import as_sequence
from fem_island.case.value_types import Length, Pair
from fem_island.errors import Fault
from fem_island.quantities import PERMITTIVITY

Permittivity = Annotated[float, QuantityReader(dimension=PERMITTIVITY, at_least=1.0, at_most=1e9)]


class Collector(Record):
    """Exposed copper: where it touches the electrolyte, and where a gap is between them."""

    double_layer: DoubleLayer | None = None
    """Where it touches; by default none, so that no current passes there."""
    gap: Length | None = None
    """Distance between copper and electrolyte [m]; by default they touch."""
    gap_permittivity: Permittivity = 1.0
    """Of what is in the gap, relative to vacuum."""
    gap_extent: Annotated[
        Annotated[tuple[Pair, ...], BeforeValidator(as_sequence), Field(min_length=1)] | None,
        DecidesGrid(),
    ] = None
    """Intervals of the bottom where the gap is [m]; by default all exposed copper."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.gap_extent is not None and self.gap is None:
            refuse([Fault("gap", None, "is missing; gap_extent says where it is")])
        return self
