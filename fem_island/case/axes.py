"""What a sweep varies: numeric keys of a case file by their paths, and the values they take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt

from fem_island.case.keys import case_table, key_at, values_in
from fem_island.case.readers import QuantityReader, WholeNumberReader
from fem_island.case.records import key_part
from fem_island.case.shapes import Key, Number
from fem_island.errors import Fault, InputError
from fem_island.machine.arrays import Array
from fem_island.quantities import Dimension, in_unit

CURRENT_DENSITY = "operation.current_density"

TEMPERATURE = "operation.temperature"

FILM_POTENTIAL, FILM_COEFFICIENT = (
    "interlayer.equilibrium_potential",
    "interlayer.potential_temperature_coefficient",
)

ARGUMENTS = {
    "island_width": "islands.width",
    "current_density": CURRENT_DENSITY,
    "exchange_current_density": "kinetics.exchange_current_density",
    "conductivity": "electrolyte.conductivity",
    "temperature": TEMPERATURE,
}
"""Keys that have a name of their own: as arguments of ``sweep`` and in datasets."""

MOST_POINTS = 10_000_000
"""Largest number of points of one sweep."""

_NEAR, _LONGEST_PATH = 3, 200
"""Known keys that are named beside one that is not, and letters of that which are compared."""


@dataclass(frozen=True)
class Axis:
    """One key and the values it takes.

    Attributes:
        path: The key's path in a case file, for example ``islands.width``.
        key: The key.
        reader: What reads its numbers.
        values: In SI units, in the order given, shape (n,).
    """

    path: str
    key: Key
    reader: Number
    values: Array

    @property
    def keys(self) -> list[str]:
        """The parts of the path."""
        return self.path.split(".")

    @property
    def dimension(self) -> Dimension:
        """What the values are."""
        return self.reader.dimension

    @property
    def name(self) -> str:
        """Name in a dataset.

        Example:
            >>> Axis("islands.width", *number_at("islands.width"), np.array([1e-6])).name
            'island_width'
        """
        return axis_name(self.path)

    def taken(self, places: npt.NDArray[np.intp]) -> Axis:
        """Some of the values."""
        return replace(self, values=self.values[places])

    def in_case(self, value: float, *, with_unit: bool = False) -> float | int | str:
        """A value as the contents of a case file take it.

        Args:
            value: In SI units.
            with_unit: Give quantities with their unit instead of as SI numbers.
        """
        if isinstance(self.reader, WholeNumberReader):
            return int(value)
        unit = self.dimension.unit
        return f"{value!r} {unit}" if with_unit and unit else value

    def shown(self, value: float) -> str:
        """A value as people write it, with the key."""
        number = f"{in_unit(value, self.dimension):.6g}"
        return f"{self.path} = {number} {self.dimension.shown_in}".rstrip()


def axis_name(path: str) -> str:
    """The name of a path in a dataset: that of ``ARGUMENTS``, else the path joined by "_"."""
    for name, key in ARGUMENTS.items():
        if key == path:
            return name
    keys = path.split(".")
    return "_".join(["island", *keys[1:]] if keys[0] == "islands" else keys)


def number_at(path: str, *, place: str | None = None) -> tuple[Key, Number]:
    """The numeric key that a path leads to, and what reads its numbers.

    Args:
        path: The path.
        place: The key of the fault where there is none; by default the path. Where it does not
            hold the path, that is its value.

    Raises:
        InputError: There is no such key, or it takes no number.
    """
    key = key_at(path.split("."))
    reader = number_reader(key)
    if key is None or reader is None:
        known = list(numeric_keys())
        near = get_close_matches(path[:_LONGEST_PATH], known, _NEAR) or known[:_NEAR]
        others = f"{len(known) - len(near)} more, which fem-island schema lists"
        reason = f"is not a numeric key; known are {', '.join(near)} and {others}"
        said = place or (path if len(path) <= 60 else key_part(path))
        value = None if place is None or path in place else path
        raise InputError([Fault(said, value, reason)])
    return key, reader


def together(axes: Sequence[Axis]) -> Iterator[Fault]:
    """What is wrong with axes beside one another: a key that more than one of them sets."""
    by_entry: dict[str, str] = {}
    paths = Counter(axis.path for axis in axes)
    for path in (path for path, times in paths.items() if times > 1):
        yield Fault(path, None, "is given more than once")
    for axis in axes:
        keys = axis.keys
        if keys[0] == "islands" and not keys[1].isdecimal():
            by_entry[".".join(keys[1:])] = axis.path
    for axis in axes:
        keys = axis.keys
        if keys[0] == "islands" and keys[1].isdecimal() and ".".join(keys[2:]) in by_entry:
            other = by_entry[".".join(keys[2:])]
            yield Fault(axis.path, None, f'is also set by "{other}", for all islands')


def number_reader(key: Key | None) -> Number | None:
    """What reads the number that a key takes; None where it takes none."""
    shape = None if key is None else key.shape
    return shape if isinstance(shape, QuantityReader | WholeNumberReader) else None


def numeric_keys() -> dict[str, Key]:
    """All keys of a case file that take a number, by their paths in a sweep.

    Example:
        >>> list(numeric_keys())[:3]
        ['electrolyte.width', 'electrolyte.height', 'electrolyte.conductivity']
    """
    keys = (key for key in values_in(case_table()) if number_reader(key) is not None)
    return {key.path.replace("[]", ""): key for key in keys}
