"""A contact map: where lithium and film touch the electrolyte, from an image; table ``[map]``.

Row r of the image covers y from r to r + 1 pixels, column c covers x; row 0 lies at y = 0 and is
drawn at the bottom.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Self

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from fem_island.case.images import Image
from fem_island.case.readers import DecidesGrid, FileName, QuantityReader, WholeNumberReader
from fem_island.case.records import Record, refuse
from fem_island.case.regions import Regions, regions_of
from fem_island.case.shorter_forms import as_sequence
from fem_island.case.value_types import Length
from fem_island.errors import Fault
from fem_island.machine.arrays import Array
from fem_island.quantities import LENGTH, PURE_NUMBER, to_si

BARE, LITHIUM, FILM = range(3)
"""What a pixel is."""

Classes = npt.NDArray[np.uint8]
"""What every pixel is, shape (rows, columns)."""

_Value = Annotated[float, QuantityReader(dimension=PURE_NUMBER, at_least=-1e9, at_most=1e9)]
_Place = Annotated[int, WholeNumberReader(at_least=0, at_most=1_000_000)]


def _as_unit_of_length(value: str) -> str:
    """A unit of length, or a length.

    Raises:
        ValueError: It is neither.
    """
    _metres(value)
    return value


def _metres(unit: str) -> float:
    """A unit of length, or a length, in m."""
    return to_si(unit if unit[:1].isdigit() else f"1 {unit}", LENGTH)


def _as_values(value: object) -> object:
    """One value as a list of one."""
    return as_sequence([value] if isinstance(value, int | float) else value)


def _as_ends(value: object) -> object:
    """Two numbers.

    Raises:
        ValueError: They are not two.
    """
    value = as_sequence(value)
    if not isinstance(value, tuple) or len(value) != 2:
        raise ValueError("must be a list of two numbers, such as [0, 512]")
    return value


_Values = Annotated[
    tuple[_Value, ...], BeforeValidator(_as_values), Field(min_length=1, max_length=256)
]
_Ends = Annotated[tuple[_Place, _Place], BeforeValidator(_as_ends)]

_MOST_SHOWN = 6


@dataclass(frozen=True, eq=False)
class _Sorted:
    """What is worked out of a map once; maps are compared without it."""

    classes: Classes

    @cached_property
    def regions(self) -> Regions:
        """Connected lithium."""
        return regions_of(self.classes == LITHIUM)


class ContactMap(Record):
    """An image of what touches the electrolyte.

    Example:
        >>> ContactMap(image=[[0, 1, 1], [0, 0, 1]], pixel="1 um").coverage
        0.5
    """

    image: Annotated[Image | None, DecidesGrid(), FileName()] = None
    """File of the image: PNG, TIFF or another grey picture, .npy, or "maps.npz:name"; beside the
    case file. Row 0 lies at y = 0. From Python also an array."""
    pixel: Annotated[Length, DecidesGrid()]
    """Edge of a pixel [m]."""
    thickness: Annotated[Image | None, DecidesGrid(), FileName()] = None
    """Image of the thickness of lithium instead of image, for stripping: lithium is where it is
    above 0. Grey pictures run from 0 (black) to 1 (white) times thickness_unit."""
    thickness_unit: Annotated[str, DecidesGrid(), AfterValidator(_as_unit_of_length)] = "um"
    """Unit of the values of thickness; also a length, such as "10 um"."""
    lithium: Annotated[_Values | None, DecidesGrid()] = None
    """Values of pixels that are lithium, one or several; by default 1, or what threshold says."""
    threshold: Annotated[_Value | None, DecidesGrid()] = None
    """Of grey images instead: lithium is what is at or above it. Grey pictures run from 0 (black)
    to 1 (white); arrays are compared as they are."""
    film: Annotated[_Values | None, DecidesGrid()] = None
    """Values of pixels that the film covers; by default all that is not lithium."""
    rows: Annotated[_Ends | None, DecidesGrid()] = None
    """First row and the one after the last, to use a part of the image; by default all."""
    columns: Annotated[_Ends | None, DecidesGrid()] = None
    """First column and the one after the last; by default all."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        faults = []
        if (self.image is None) == (self.thickness is None):
            refuse([Fault("image", None, "or thickness must be given, one of them")])
        if self.thickness is not None:
            reason = "is for image; with thickness lithium is where it is above 0"
            others = ((key, getattr(self, key)) for key in ("lithium", "threshold", "film"))
            refuse(Fault(key, value, reason) for key, value in others if value is not None)
            if float(self.thickness.values.min()) < 0:
                lowest = float(self.thickness.values.min())
                refuse([Fault("thickness", lowest, "must not be below 0 anywhere")])
        if self.lithium is not None and self.threshold is not None:
            reason = "is given along with lithium; give one of them"
            faults.append(Fault("threshold", self.threshold, reason))
        shared = sorted(set(self.lithium or ()) & set(self.film or ()))
        if shared:
            faults.append(Fault("film", shared[0], "is a value of lithium as well"))
        for key, ends, most in zip(
            ("rows", "columns"), (self.rows, self.columns), self.source.values.shape, strict=True
        ):
            if ends is not None and not ends[0] < ends[1] <= most:
                wanted = f"must be two numbers, one after the other, from 0 to {most}"
                faults.append(Fault(key, list(ends), wanted))
        if not faults and self.shape[0] * self.shape[1] < 2:
            faults.append(Fault("rows", None, "and columns must leave at least two pixels"))
        refuse(faults)
        if not (self.classes == LITHIUM).any():
            if self.thickness is not None:
                refuse([Fault("thickness", None, "must be above 0 somewhere")])
            key = "lithium" if self.threshold is None else "threshold"
            given = self.threshold if self.lithium is None else list(self.lithium)
            reason = f"makes no pixel lithium: {self._shown_values()}"
            if self.lithium is None and self.threshold is None and np.ptp(self._cut()) > 0:
                reason += "; give threshold = 0.5, or lithium, the value of its pixels"
            refuse([Fault(key, given, reason)])
        return self

    def _shown_values(self) -> str:
        values = np.unique(self._cut())
        if len(values) <= _MOST_SHOWN:
            shown = ", ".join(f"{value:g}" for value in values.astype(float))
            return f"the image has the value{'s' if len(values) > 1 else ''} {shown}"
        white = (
            "" if self.source.white == 1 else f", of which 1 in thresholds is {self.source.white:g}"
        )
        return f"the image has values from {values[0]:g} to {values[-1]:g}{white}"

    @property
    def source(self) -> Image:
        """The image, of what touches or of the thickness."""
        found = self.image if self.thickness is None else self.thickness
        if found is None:
            raise ValueError("a map has an image")
        return found

    @property
    def thicknesses(self) -> Array:
        """Thickness of lithium of every pixel [m], shape (rows, columns).

        Example:
            >>> float(ContactMap(thickness=[[0, 1.5], [2, 0]], pixel="1 um").thicknesses.max())
            2e-06

        Raises:
            ValueError: The map is one of what touches.
        """
        if self.thickness is None:
            raise ValueError("the map has no thickness")
        scale = _metres(self.thickness_unit) / self.thickness.white
        return np.asarray(scale * self._cut().astype(np.float64))

    def _cut(self) -> npt.NDArray[Any]:
        rows, columns = self.rows or (0, None), self.columns or (0, None)
        return np.asarray(self.source.values[rows[0] : rows[1], columns[0] : columns[1]])

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self._cut().shape
        return rows, columns

    @property
    def classes(self) -> Classes:
        """What every pixel is: ``BARE``, ``LITHIUM`` or ``FILM``, shape (rows, columns).

        Without values of film, all that is not lithium is ``FILM``.
        """
        return self._sorted.classes

    @cached_property
    def _sorted(self) -> _Sorted:
        values = self._cut()
        if self.thickness is not None:
            lithium = np.greater(values, 0)
        elif self.threshold is None:
            lithium = _is_one_of(values, self.lithium or (1.0,))
        else:
            level = self.threshold * self.source.white
            lithium = np.greater_equal(values.astype(np.float64, copy=False), level)
        found = np.full(values.shape, FILM if self.film is None else BARE, dtype=np.uint8)
        if self.film is not None:
            found[_is_one_of(values, self.film)] = FILM
        found[lithium] = LITHIUM
        return _Sorted(found)

    @property
    def regions(self) -> Regions:
        """The connected regions of lithium."""
        return self._sorted.regions

    @property
    def coverage(self) -> float:
        """Share of the pixels that is lithium."""
        return float(np.mean(self.classes == LITHIUM))

    @property
    def width(self) -> float:
        """Length along x [m]."""
        return self.shape[1] * self.pixel

    @property
    def depth(self) -> float:
        """Length along y [m]."""
        return self.shape[0] * self.pixel


def _is_one_of(values: npt.NDArray[Any], wanted: tuple[float, ...]) -> npt.NDArray[np.bool_]:
    found = np.zeros(values.shape, dtype=bool)
    for value in wanted:
        found |= values == value
    return found
