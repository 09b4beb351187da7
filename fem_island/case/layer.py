"""A layer of lithium whose thickness varies along the bottom: keys of ``[lithium]``."""

from __future__ import annotations

import csv
import math
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from fem_island.case.electrolyte import Electrolyte
from fem_island.case.readers import DecidesGrid, FileName, QuantityReader
from fem_island.case.records import Record, refuse
from fem_island.case.shorter_forms import as_pair, as_sequence
from fem_island.case.value_types import Length, Position
from fem_island.errors import Fault
from fem_island.machine.arrays import Array
from fem_island.quantities import LENGTH, PURE_NUMBER, to_si

Variation = Annotated[float, QuantityReader(dimension=PURE_NUMBER, at_least=0.0, at_most=1e3)]
Thickness = Annotated[float, QuantityReader(dimension=LENGTH, at_least=0.0, at_most=1.0)]
InactiveFraction = Annotated[
    float, QuantityReader(dimension=PURE_NUMBER, at_least=0.0, at_most=0.999)
]

_MOST_PLACES = 10_000
_LARGEST_FILE = 10_000_000


def read_profile(value: object) -> object:
    """A profile from a CSV file where the value names one; all else as it is.

    The file has the header ``x [um],thickness [um]``, with any units of length.

    Raises:
        ValueError: The file cannot be read, or is not such a table.
    """
    if not isinstance(value, str | Path):
        return as_sequence(value)
    try:
        with Path(value).expanduser().open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file.read(_LARGEST_FILE).splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not a text file in UTF-8"
        raise ValueError(f"{Path(value).name} cannot be read: {reason}") from None
    wanted = 'must have the header "x [um],thickness [um]" and two numbers a line'
    header = [each.strip() for each in rows[0]] if rows else []
    if (
        len(header) != 2
        or not header[0].startswith("x [")
        or not header[1].startswith("thickness [")
    ):
        raise ValueError(wanted)
    units = [each.partition("[")[2].rstrip("]") for each in header]
    try:
        return tuple(
            tuple(
                f"{to_si(f'{number.strip()} {unit}', LENGTH)!r} m"
                for number, unit in zip(row, units, strict=True)
            )
            for row in rows[1:]
            if row
        )
    except ValueError as error:
        raise ValueError(f"{wanted}: {error}") from None


class Layer(Record):
    """A layer of lithium, instead of islands."""

    first = "thickness"

    if TYPE_CHECKING:

        def __init__(self, thickness: Any = ..., **fields: Any) -> None:
            """All fields by name; the first one may do without it."""

    thickness: Annotated[Length | None, DecidesGrid()] = None
    """Mean thickness before anything below 0 is cut off [m], around an axis the mean along the
    radius; by default given by the profile."""
    variation: Annotated[Variation, DecidesGrid()] = 0.0
    """Amplitude of its variation over its mean; the crest is in the middle of the cell, or at its
    axis."""
    period: Annotated[Length | None, DecidesGrid()] = None
    """Period of the variation [m]; by default the width of the cell, or twice its radius."""
    profile: (
        Annotated[
            tuple[Annotated[tuple[Position, Thickness], BeforeValidator(as_pair)], ...],
            BeforeValidator(read_profile),
            FileName(),
            Field(min_length=1, max_length=_MOST_PLACES),
        ]
        | None
    ) = None
    """Pairs of a position and a thickness there [m], linear in between and constant beyond the
    ends, or the name of a CSV file with the header "x [um],thickness [um]"; by default the layer is
    what the other keys describe."""
    inactive_fraction: InactiveFraction = 0.0
    """Share of the lithium that has no contact and stays."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.thickness is None) == (self.profile is None):
            refuse([Fault("thickness", self.thickness, "or profile must be given, one of them")])
        if self.profile is not None:
            positions = [position for position, _ in self.profile]
            if any(right <= left for left, right in pairwise(positions)):
                refuse([Fault("profile", None, "must have its positions from left to right")])
            if not any(thickness > 0 for _, thickness in self.profile):
                refuse([Fault("profile", None, "must be above 0 somewhere")])
        return self

    def thickness_at(self, positions: Array, electrolyte: Electrolyte) -> Array:
        """Thickness h [m] at positions along the bottom [m].

        Args:
            positions: Any shape.
            electrolyte: Beneath which it lies.

        Example:
            >>> layer = Layer(thickness="4 um", variation=0.5)
            >>> layer.thickness_at(np.array([0.0, 50e-6]), Electrolyte(width="100 um"))
            array([2.e-06, 6.e-06])
            >>> around = Electrolyte(geometry="axisymmetric", radius="50 um")
            >>> layer.thickness_at(np.array([0.0, 50e-6]), around)
            array([6.e-06, 2.e-06])
        """
        if self.profile is not None:
            known, values = np.array(self.profile).T
            return np.asarray(np.interp(positions, known, values))
        period = self.period or electrolyte.breadth
        phase = 2 * np.pi * (positions - electrolyte.middle) / period
        return np.maximum((self.thickness or 0.0) * (1 + self.variation * np.cos(phase)), 0.0)

    def corners(self, electrolyte: Electrolyte) -> list[float]:
        """Crests, troughs and kinks inside the cell [m], and where it ends."""
        width, middle = electrolyte.span, electrolyte.middle
        if self.profile is not None:
            return [position for position, _ in self.profile if 0 < position < width]
        if self.variation == 0:
            return []
        period = self.period or electrolyte.breadth
        turns = np.arange(-math.ceil(width / period) - 1, math.ceil(width / period) + 2)
        found = list(middle + turns * period / 2)
        if self.variation > 1:
            half = math.acos(-1 / self.variation) / (2 * np.pi) * period
            found += [middle + n * period + side * half for n in turns for side in (-1, 1)]
        return sorted(float(place) for place in found if 1e-9 * width < place < width * (1 - 1e-9))

    def covered(self, electrolyte: Electrolyte) -> list[tuple[float, float]]:
        """Where there is lithium: ends of every stretch [m], from left to right.

        Example:
            >>> Layer(thickness="4 um", variation=0.5).covered(Electrolyte(width="100 um"))
            [(0.0, 0.0001)]
        """
        cuts = [0.0, *self.corners(electrolyte), electrolyte.span]
        found: list[tuple[float, float]] = []
        for left, right in pairwise(cuts):
            places = np.array([left, 0.5 * (left + right)])
            at_left, inside = self.thickness_at(places, electrolyte)
            if inside <= 0:
                continue
            if found and found[-1][1] == left and at_left > 0:
                found[-1] = (found[-1][0], right)
            else:
                found.append((left, right))
        return found
