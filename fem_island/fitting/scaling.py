"""A fitted key as a coordinate of the search.

What can only be above 0 is fitted in its logarithm, so that a step is a factor; anything else as a
share of a scale. So coordinates are pure numbers of similar weight, and a standard deviation of
0.05 of a logarithm is 5 %.

    u = ln(value)          logarithmic
    u = value / scale      otherwise; the scale is RT/F for potentials, else the value at the start,
                           or at an earlier one if that was larger
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from fem_island.case.assigning import assign
from fem_island.case.case import Case
from fem_island.case.file import case_from_table
from fem_island.case.fit import Parameter
from fem_island.case.readers import QuantityReader
from fem_island.case.tables_beside import FIT
from fem_island.errors import Fault, InputError
from fem_island.machine.arrays import Array
from fem_island.materials.constants import FARADAY_CONSTANT, GAS_CONSTANT, REFERENCE_TEMPERATURE
from fem_island.quantities import POTENTIAL, Dimension

RANGE = float(np.log(1000.0))
"""How far a logarithm is searched for the end of an interval: a factor of 1000 either way. What is
not known better than that counts as not known."""

_SEARCHED = float(np.log(1e4))
"""How far a logarithm is searched for the best fit, where there are no bounds."""

_LINEAR_RANGE = 20.0
"""How far any other coordinate is searched, in its scale."""

_AT_BOUND = 1e-3
"""Of the distance between its bounds, within which a parameter is at one of them."""

_HALVINGS = 40
"""To the edge of what is possible: down to 1e-12 of the range."""


@dataclass(frozen=True)
class Coordinate:
    """A fitted key with its scale.

    Attributes:
        path: The key's path in a case file.
        dimension: What its values are.
        logarithmic: Whether u is the logarithm.
        scale: Of u, where it is not [SI].
        start: u where the search starts.
        low: Smallest u.
        high: Largest u.
    """

    path: str
    dimension: Dimension
    logarithmic: bool
    scale: float
    start: float
    low: float
    high: float

    def value(self, u: float) -> float:
        """The value of the key [SI]."""
        return float(np.exp(u)) if self.logarithmic else float(u) * self.scale

    def place(self, value: float) -> float:
        """The u of a value of the key [SI]."""
        return float(np.log(value)) if self.logarithmic else value / self.scale

    def values(self, u: Array) -> Array:
        """Values of the key [SI], any shape."""
        return np.asarray(np.exp(u) if self.logarithmic else u * self.scale)

    def slope(self, u: float) -> float:
        """D value / d u [SI]."""
        return float(np.exp(u)) if self.logarithmic else self.scale

    def side(self, u: float) -> str:
        """Which of its bounds the parameter is at, "lower" or "upper"; empty if at none."""
        near = _AT_BOUND * (self.high - self.low)
        return "lower" if u - self.low < near else "upper" if self.high - u < near else ""

    @property
    def range(self) -> float:
        """How far from the best fit the end of an interval is looked for."""
        return RANGE if self.logarithmic else _LINEAR_RANGE


def coordinates(case: Case, parameters: Sequence[Parameter]) -> tuple[Coordinate, ...]:
    """The coordinates of a fit, with bounds within which the case is possible.

    Args:
        case: What is fitted.
        parameters: Which of its keys.

    Raises:
        InputError: A parameter has no value to start from, or its bounds hold no possible case.
    """
    table = case.tables()
    found: list[Coordinate] = []
    faults: list[Fault] = []
    for parameter in parameters:
        try:
            found.append(undrawn(table, parameter))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    started = {each.path: each.value(each.start) for each in found}
    try:
        case_with(table, started)
    except InputError as error:
        raise InputError(
            Fault(fault.key, fault.value, f"{fault.message} (where the fit starts)")
            for fault in error.faults
        ) from None
    return tuple(_within(table, each, started) for each in found)


def case_with(table: dict[str, Any], values: dict[str, float]) -> Case:
    """The case with other values of some keys.

    Args:
        table: The case as the contents of a case file, in SI units.
        values: By path [SI].

    Raises:
        InputError: It is impossible.
    """
    changed = deepcopy(table)
    for path, value in values.items():
        assign(changed, path.split("."), value)
    return case_from_table(changed, unit_required=False)


def values_of(coordinates: Sequence[Coordinate], place: Array) -> dict[str, float]:
    """Values of what is fitted, by path [SI].

    Args:
        coordinates: What is fitted.
        place: u, shape (p,).
    """
    return {each.path: each.value(float(u)) for each, u in zip(coordinates, place, strict=True)}


def value_at(table: dict[str, Any], path: str) -> float | None:
    """The value of a key in the contents of a case file [SI]; None where it has none.

    Raises:
        InputError: The path means several values that differ, or leads nowhere.
    """
    places: list[Any] = [table]
    for name in path.split("."):
        inner: list[Any] = []
        for place in places:
            entries = place if isinstance(place, list) and not name.isdecimal() else [place]
            for entry in entries:
                if isinstance(entry, list):
                    inner += entry[int(name) : int(name) + 1]
                elif isinstance(entry, dict) and entry.get(name) is not None:
                    inner.append(entry[name])
        places = inner
    numbers = {float(p["value"]) if isinstance(p, dict) else float(p) for p in places}
    if len(numbers) > 1:
        reason = "has several values in this case; name one of them by its number, from 0"
        raise InputError([Fault(f'{FIT}.parameters."{path}"', None, reason)])
    return numbers.pop() if numbers else None


def is_possible(table: dict[str, Any], values: dict[str, float]) -> bool:
    """Whether there is such a case with these values of keys [SI]."""
    try:
        case_with(table, values)
    except InputError:
        return False
    return True


def undrawn(table: dict[str, Any], parameter: Parameter) -> Coordinate:
    """The coordinate with the bounds that were given, or else those of the key and the search."""
    place = f'{FIT}.parameters."{parameter.path}"'
    try:
        assign(deepcopy(table), parameter.path.split("."), 0)
    except ValueError as error:
        raise InputError([Fault(place, None, str(error))]) from None
    reader, bounds = parameter.reader, parameter.bounds
    start = parameter.start
    if start is None:
        start = value_at(table, parameter.path)
    logarithmic = parameter.logarithmic
    if logarithmic is None:
        logarithmic = _only_positive(reader)
    if start is not None and bounds is not None:
        start = min(max(start, bounds[0]), bounds[1])
    if start is None and bounds is not None:
        positive = logarithmic and bounds[0] > 0
        start = float(np.sqrt(bounds[0] * bounds[1])) if positive else 0.5 * sum(bounds)
    if start is None:
        reason = "has no value in this case to start from; give start, or bounds"
        raise InputError([Fault(place, None, reason)])
    if logarithmic and not start > 0:
        reason = "starts at 0, which has no logarithm; give start, or logarithmic = false"
        raise InputError([Fault(place, None, reason)])
    potential = reader.dimension is POTENTIAL
    if start == 0 and bounds is None and reader.dimension.unit and not potential:
        reason = "starts at 0, which does not say what size it is of; give bounds, or another start"
        raise InputError([Fault(place, None, reason)])
    scale = max(abs(start), parameter.scale) or (max(map(abs, bounds)) if bounds else 1.0)
    if potential:
        scale = GAS_CONSTANT * REFERENCE_TEMPERATURE / FARADAY_CONSTANT
    allowed = _allowed(reader)
    if logarithmic:
        u = float(np.log(start))
        low, high = u - _SEARCHED, u + _SEARCHED
        if bounds is not None:
            low = float(np.log(bounds[0])) if bounds[0] > 0 else low
            high = float(np.log(bounds[1]))
        low = max(low, float(np.log(allowed[0])) if allowed[0] > 0 else low)
        high = min(high, float(np.log(allowed[1])))
        return Coordinate(parameter.path, reader.dimension, True, 1.0, u, low, high)
    u = start / scale
    low, high = u - _LINEAR_RANGE, u + _LINEAR_RANGE
    if bounds is not None:
        low, high = bounds[0] / scale, bounds[1] / scale
    low, high = max(low, allowed[0] / scale), min(high, allowed[1] / scale)
    return Coordinate(parameter.path, reader.dimension, False, scale, u, low, high)


def _only_positive(reader: object) -> bool:
    if not isinstance(reader, QuantityReader):
        return False
    return reader.above == 0 or (reader.at_least is not None and reader.at_least > 0)


def _allowed(reader: object) -> tuple[float, float]:
    """What a reader takes [SI]; what must be above 0 stays a little above it."""
    if not isinstance(reader, QuantityReader):
        return (-np.inf, np.inf)
    low = -np.inf if reader.at_least is None else reader.at_least
    if reader.above is not None:
        low = max(low, reader.above + 1e-12)
    return (low, np.inf if reader.at_most is None else reader.at_most)


def _within(table: dict[str, Any], each: Coordinate, started: dict[str, float]) -> Coordinate:
    """The coordinate with its bounds drawn in to where the case is possible beside the start."""

    def possible(u: float) -> bool:
        return is_possible(table, {**started, each.path: each.value(u)})

    ends = []
    for end in (each.low, each.high):
        inside, outside = each.start, end
        if not possible(outside):
            for _ in range(_HALVINGS):
                middle = 0.5 * (inside + outside)
                inside, outside = (middle, outside) if possible(middle) else (inside, middle)
            end = inside
        ends.append(end)
    low, high = ends
    if not low < high:
        reason = "has no room between its bounds in this case"
        raise InputError([Fault(f'{FIT}.parameters."{each.path}"', None, reason)])
    return Coordinate(
        each.path, each.dimension, each.logarithmic, each.scale, each.start, low, high
    )
