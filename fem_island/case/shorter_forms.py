"""Shorter forms that people may write: one value for a record, a range for a list of values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
from pydantic import GetCoreSchemaHandler, ValidationInfo, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, core_schema

from fem_island.case.readers import QuantityReader
from fem_island.errors import shortened
from fem_island.quantities import PURE_NUMBER


@dataclass(frozen=True)
class ByFirst:
    """Reads a record also from the one value that says most of it, from Python alone.

    Attributes:
        key: What the value is of the record.
        several: Whether the field holds several records: then one such value is one record.
    """

    key: str
    several: bool = False

    def read(self, value: Any, *, from_file: bool) -> Any:
        """A table where such a value was given; anything else as it is.

        Raises:
            ValueError: It is from a case file, where a table must be written.
        """
        if self.several:
            value = as_sequence(value)
        if not _is_plain(value):
            return value
        if from_file:
            table = f"{{ {self.key} = {shortened(value)} }}"
            if self.several:
                raise ValueError(f"must be a list of tables, such as [{table}]")
            raise ValueError(f"must be a table of keys and values, such as {table}")
        return ({self.key: value},) if self.several else {self.key: value}

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """How pydantic reads a field that is annotated with this."""
        return core_schema.with_info_before_validator_function(self._validated, handler(source))

    def _validated(self, value: Any, info: ValidationInfo) -> Any:
        return self.read(value, from_file=bool((info.context or {}).get("unit_required")))


def _is_plain(value: object) -> bool:
    """Whether it is a text, a number or a quantity."""
    number = isinstance(value, str | Real | Decimal) and not isinstance(value, bool)
    return number or (hasattr(value, "m_as") and getattr(value, "shape", ()) == ())


SPACED_KEYS = ("from", "to", "per_decade")
"""Of a range of values that are evenly spaced in their logarithm."""


_MOST_SPACED = 10_000


_PER_DECADE = QuantityReader(dimension=PURE_NUMBER, above=0.0, at_most=1000.0)


@dataclass(frozen=True)
class SpacedReader:
    """Reads several quantities: a list, or a range { from, to, per_decade } that stands for one.

    Both ends of a range are hit, so that the spacing is rounded.

    Attributes:
        each: Reads one of them, all above 0.

    Example:
        >>> reader = SpacedReader(QuantityReader(dimension=PURE_NUMBER, above=0.0))
        >>> len(reader.read({"from": 1.0, "to": 1e-6, "per_decade": 10}))
        61
    """

    each: QuantityReader

    def read(self, value: object, *, unit_required: bool = False) -> object:
        """The values of a range in SI units; anything else as a sequence, if it is one.

        Raises:
            ValueError: It is no such range; the message says what is allowed.
        """
        if not isinstance(value, Mapping):
            return as_sequence(value)
        if set(value) != set(SPACED_KEYS):
            named = ", ".join(SPACED_KEYS)
            raise ValueError(f"must be a list, or a range with the keys {named}")
        first, last = (
            self.each.read(value[k], unit_required=unit_required) for k in ("from", "to")
        )
        decades = abs(np.log10(first / last))
        count = round(float(decades) * _PER_DECADE.read(value["per_decade"])) + 1
        if count > _MOST_SPACED:
            raise ValueError(f"must be at most {_MOST_SPACED} values")
        return tuple(np.geomspace(first, last, count).tolist())

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """How pydantic reads a field that is annotated with this."""
        return core_schema.with_info_wrap_validator_function(self._validated, handler(source))

    def _validated(
        self, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Any:
        needed = bool((info.context or {}).get("unit_required"))
        read = self.read(value, unit_required=needed)
        return read if isinstance(value, Mapping) else handler(read)


def as_sequence(value: object) -> object:
    """A list or an array as a tuple, for fields that hold several values; all else as it is."""
    if getattr(value, "shape", ()) != ():
        value = elements_of(value)
    return tuple(value) if isinstance(value, list) else value


def elements_of(array: Any) -> list[Any]:
    """The elements of an array of NumPy, xarray or pandas; those with units keep them.

    Elements that are masked stay so, since they are no values.
    """
    has_units = hasattr(array, "m_as") or getattr(array, "attrs", {}).get("units")
    if has_units or np.ma.isMaskedArray(array):
        return list(array)
    elements: list[Any] = np.asarray(array).tolist()
    return elements


def as_pair(value: object) -> object:
    """Like ``as_sequence``, but refuse what are not two values.

    Raises:
        ValueError: They are not two.
    """
    value = as_sequence(value)
    if not isinstance(value, tuple) or len(value) != 2:
        raise ValueError('must be a list of two values, such as ["5 um", "10 um"]')
    return value


def as_place(value: object) -> object:
    """Like ``as_sequence``, but refuse what are not two values, or three on a contact map.

    Raises:
        ValueError: They are neither.
    """
    value = as_sequence(value)
    if isinstance(value, tuple) and len(value) == 3:
        return value
    return as_pair(value)
